"""Associated Legendre functions: the ends of the interval, orders beyond the degree."""

import warnings

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError


def in_x(m, v, x):
    return special.lpmv(m, v, Dual(x, np.ones_like(x))).tangent


@pytest.mark.parametrize("x", [-1.0, 1.0])
def test_ends_of_the_interval(x):
    # P_3 = (5 x^3 - 3 x) / 2, and P_3^m = (-1)^m (1 - x^2)^(m/2) d^m P_3 / dx^m; P_3^(-m) = (-1)^m (3-m)!/(3+m)! P_3^m
    assert in_x(0, 3, x) == 6.0
    assert in_x(1, 3, x) == x * np.inf
    assert in_x(-1, 3, x) == -x * np.inf
    assert np.isclose(in_x(2, 3, x), -30.0, rtol=1e-14)
    assert np.isclose(in_x(-2, 3, x), -0.25, rtol=1e-14)
    assert in_x(3, 3, x) == 0
    assert in_x(4, 3, x) == 0
    assert in_x(0, 0, x) == 0


def test_second_derivative_at_an_end():
    x = Dual(Dual(1.0, 1.0), 1.0)  # P_3^2 = 15 x (1 - x^2)
    assert np.isclose(special.lpmv(2, 3, x).tangent.tangent, -90.0, rtol=1e-13)


def test_orders_beyond_the_degree_and_the_lowest():
    assert in_x(4, 3, 0.3) == 0
    # P_3^(-3) = (1 - x^2)^(3/2) / 48
    assert np.isclose(in_x(-3, 3, 0.3), -0.3 * np.sqrt(0.91) / 16, rtol=1e-14)


def test_negative_degrees():
    assert np.isclose(in_x(1, -4, 0.3), in_x(1, 3, 0.3), rtol=1e-14)
    assert np.isclose(in_x(0, -4, 1.0), in_x(0, 3, 1.0), rtol=1e-14)


def test_what_is_refused():
    with pytest.raises(NoRuleError, match="integer"):
        special.lpmv(Dual(1.0, 1.0), 3, 0.3)
    with pytest.raises(NoRuleError, match="order m must be 0"):
        special.lpmv(1, Dual(3.0, 1.0), 0.3)


@pytest.mark.skipif(not hasattr(special, "sph_harm"), reason="SciPy 1.17 has removed it")
def test_spherical_harmonic_at_the_pole():
    # Y_1^1 = -sqrt(3 / (8 pi)) sin(phi) exp(i theta)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        slope = special.sph_harm(1, 1, 0.4, Dual(0.0, 1.0)).tangent
    assert np.isclose(slope, -np.sqrt(3 / (8 * np.pi)) * np.exp(0.4j), rtol=1e-14)
