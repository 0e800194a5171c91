"""np.emath: real as long as that goes, and the right side of the cuts."""

import numpy as np
import pytest
from numpy import emath

from dualnum import Dual

REAL = [emath.sqrt, emath.log, emath.log2, emath.log10, emath.arcsin, emath.arccos, emath.arctanh]


@pytest.mark.parametrize("function", REAL)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("x", [0.25, -2.0])
def test_dtype_is_that_of_numpy(function, dtype, x):
    x = np.array([x, 0.5], dtype)
    y = function(Dual(x, np.ones_like(x)))
    assert y.tangent.dtype == y.dtype == function(x).dtype


def test_one_element_makes_all_complex():
    y = emath.sqrt(Dual([4.0, -4.0], [1.0, 1.0]))
    assert np.array_equal(y.tangent, [0.25, -0.25j])


def test_numbers_beyond_one_lie_above_the_cut():
    # arcsin(x + i0) goes on as pi/2 + i arcosh(x)
    assert np.allclose(emath.arcsin(Dual(2.0, 1.0)).tangent, 1j / np.sqrt(3), rtol=1e-15)
