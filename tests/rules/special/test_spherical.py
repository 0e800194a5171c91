"""Spherical Bessel functions: the origin, and that their orders are integers."""

import numpy as np
import pytest
from scipy.special import _ufuncs

from dualnum import Dual, NoRuleError, derivative


def test_derivatives_at_the_origin():
    slope = _ufuncs._spherical_jn(np.array([0, 1, 2]), Dual(np.zeros(3), np.ones(3))).tangent
    assert slope == pytest.approx([0, 1 / 3, 0])
    assert derivative(derivative(lambda z: _ufuncs._spherical_jn(0, z)))(0.0) == pytest.approx(-1 / 3)
    with np.errstate(all="ignore"):
        assert _ufuncs._spherical_yn(0, Dual(0.0, 1.0)).tangent == np.inf


def test_order_is_refused():
    with pytest.raises((NoRuleError, TypeError)):
        _ufuncs._spherical_jn(Dual(1.0, 1.0), 2.0)
