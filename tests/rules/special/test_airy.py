"""Airy functions: the scaled ones on both sides of 0."""

import numpy as np
from scipy import special

from dualnum import Dual


def test_scaled_functions_left_of_zero():
    """There SciPy does not scale Bi, and has no Ai."""
    with np.errstate(all="ignore"):
        parts = special.airye(Dual(-1.3, 1.0))
    _, _, bi, bip = special.airy(-1.3)
    assert np.isnan([parts[0].tangent, parts[1].tangent]).all()
    assert np.allclose([parts[2].tangent, parts[3].tangent], [bip, -1.3 * bi], rtol=1e-14, atol=0)


def test_scaled_functions_agree_on_the_axis_and_beside_it():
    for x in (0.7, 90.0, 110.0):
        on = [part.tangent for part in special.airye(Dual(x, 1.0))]
        beside = [part.tangent for part in special.airye(Dual(x + 0j, 1.0 + 0j))]
        # Off the axis, the two terms of the tangent of the scaled Bi cancel.
        assert np.allclose(on, beside, rtol=1e-10, atol=0)
