"""Wright's Bessel function at the ends of its domain, and far out."""

from math import exp

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError, derivative

ARGUMENTS = np.eye(3)


def gradient(function, *args):
    return function(*(Dual(float(a), e) for a, e in zip(args, ARGUMENTS, strict=True))).tangent


def test_at_zero_it_is_one_by_gamma():
    expected = [0, -special.digamma(1.5) / special.gamma(1.5), 1 / special.gamma(2.0)]
    assert gradient(special.wright_bessel, 0.5, 1.5, 0.0) == pytest.approx(expected, rel=1e-13, abs=1e-15)


def test_logarithm_at_zero():
    """There it is -log Gamma(b), and rises with Gamma(b) / Gamma(a + b)."""
    expected = [0, -special.digamma(1.5), special.gamma(1.5) / special.gamma(2.0)]
    assert gradient(special.log_wright_bessel, 0.5, 1.5, 0.0) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    # log(1 + c x + d x² / 2) has the second derivative d - c²; here c = 1 / 2 and d = 1 / 6
    assert derivative(derivative(lambda x: special.log_wright_bessel(1.0, 2.0, x)))(0.0) == pytest.approx(1 / 6 - 1 / 4)


def test_logarithm_is_that_of_the_function():
    value = special.wright_bessel(0.6, 1.2, 1.1)
    expected = gradient(special.wright_bessel, 0.6, 1.2, 1.1) / value
    assert gradient(special.log_wright_bessel, 0.6, 1.2, 1.1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("x", [1.0, 1e3, 1e6, 1e9])
def test_logarithm_without_a_is_a_line(x):
    """It is x - log Gamma(b), and the derivative in a at 0 is that of x Gamma(b) / Gamma(a + b)."""
    slope = -special.digamma(2.5)
    np.testing.assert_allclose(gradient(special.log_wright_bessel, 0.0, 2.5, x), [x * slope, slope, 1], rtol=1e-10)


@pytest.mark.parametrize("x", [1e2, 1e6, 1e12, 1e17])
def test_logarithm_of_a_modified_bessel_function(x):
    root = np.sqrt(x)
    by_x = special.ive(1, 2 * root) / special.ive(0, 2 * root) / root
    by_b = -0.5 * np.log(x)  # leading term for large x
    tangent = gradient(special.log_wright_bessel, 1.0, 1.0, x)
    assert tangent[2] == pytest.approx(by_x, rel=1e-10)
    assert tangent[1] == pytest.approx(by_b, rel=1 / root)


def test_where_gamma_has_a_pole():
    """For a = b = 0 every term is 0, and has the slope 1 in b."""
    assert derivative(lambda b: special.wright_bessel(0.0, b, 2.0))(0.0) == pytest.approx(exp(2))
    curvature = derivative(derivative(lambda b: special.wright_bessel(0.0, b, 2.0)))(0.0)
    assert curvature == pytest.approx(2 * np.euler_gamma * exp(2))


def test_arrays_of_very_different_arguments():
    x = np.array([1e-3, 1.0, 1e4, np.nan])
    together = special.wright_bessel(Dual(np.full(4, 0.9), np.ones(4)), 0.5, x).tangent
    single = [special.wright_bessel(Dual(0.9, 1.0), 0.5, float(v)).tangent for v in x]
    np.testing.assert_allclose(together, single, rtol=1e-13)


def test_too_large_arguments_are_refused():
    with pytest.raises(NoRuleError, match="terms of its series"):
        special.log_wright_bessel(0.1, Dual(1.0, 1.0), 1e30)
