"""Spherical Bessel functions: the origin, and that their orders are integers."""

import numpy as np
import pytest
from scipy.special import _ufuncs

from dualnum import Dual, NoRuleError, derivative
from dualnum.scipy.special import spherical_in, spherical_jn, spherical_kn, spherical_yn


def test_derivatives_at_the_origin():
    slope = _ufuncs._spherical_jn(np.array([0, 1, 2]), Dual(np.zeros(3), np.ones(3))).tangent
    assert slope == pytest.approx([0, 1 / 3, 0])
    assert derivative(derivative(lambda z: _ufuncs._spherical_jn(0, z)))(0.0) == pytest.approx(-1 / 3)
    with np.errstate(all="ignore"):
        assert _ufuncs._spherical_yn(0, Dual(0.0, 1.0)).tangent == np.inf


def test_order_is_refused():
    with pytest.raises(NoRuleError, match="it is an integer"):
        spherical_jn(Dual(1.0, 1.0), 2.0)


@pytest.mark.parametrize("function", [spherical_jn, spherical_yn, spherical_in, spherical_kn])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_negative_arguments(function, n):
    z = np.array([-1.3, 0.8])
    expected = function(n, z, derivative=True)
    if np.isnan(expected + function(n, z)).any():
        pytest.skip("this SciPy has no values there")
    assert function(n, Dual(z, np.ones(2))).tangent == pytest.approx(expected, rel=1e-13)
    slope = function(n, Dual(z, np.ones(2)), derivative=True).tangent
    difference = (function(n, z + 1e-6, derivative=True) - function(n, z - 1e-6, derivative=True)) / 2e-6
    assert slope == pytest.approx(difference, rel=1e-6)
