"""Gamma functions at their poles and zeros, between close arguments, and where SciPy itself has no formula."""

from math import factorial, pi

import numpy as np
import pytest
from mpmath import mp
from scipy import special
from scipy.special import _ufuncs

from dualnum import Dual, NoRuleError, derivative


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_reciprocal_gamma_at_its_zeros(n):
    assert derivative(special.rgamma)(float(-n)) == pytest.approx((-1) ** n * factorial(n), rel=1e-14)


@pytest.mark.parametrize(("n", "k"), [(5, 6), (5, 9), (0, 1), (12, 40)])
def test_binomial_coefficient_past_the_end(n, k):
    """1 / C(n, k) is k (k - 1) ... over the falling factorial of n, one factor of which is 0 with slope 1."""
    factors = [n - i for i in range(k) if i != n]
    expected = np.prod(np.array(factors, float)) / factorial(k)
    assert derivative(lambda t: special.binom(t, float(k)))(float(n)) == pytest.approx(expected, rel=1e-13)


def test_binomial_coefficient_before_the_start():
    assert derivative(lambda k: special.binom(5.0, k))(-1.0) == pytest.approx(1 / 6, rel=1e-14)


def test_pochhammer_where_a_factor_is_zero():
    assert derivative(lambda z: special.poch(z, 3.0))(-1.0) == pytest.approx(-1.0)
    assert derivative(lambda z: special.poch(z, 2.0))(-5.0) == pytest.approx(-9.0)


def test_beta_at_a_zero():
    """At a + b = -1, beta(a, b) = Gamma(a) Gamma(b) / Gamma(a + b), and 1 / Gamma has the slope -1."""
    expected = -special.gamma(-0.25) * special.gamma(-0.75)
    slope = derivative(lambda a: special.beta(a, -0.75))
    assert slope(-0.25) == pytest.approx(expected, rel=1e-14)
    h = 1e-4
    assert derivative(slope)(-0.25) == pytest.approx((slope(-0.25 + h) - slope(-0.25 - h)) / (2 * h), rel=1e-6)


@pytest.mark.parametrize("b", [1e-3, 1e-9, 1e-200])
def test_close_arguments_keep_their_digits(b):
    expected = -b * special.polygamma(1, 1e5) * (1 - b / 2e5)
    assert derivative(lambda a: special.betaln(a, b))(1e5) == pytest.approx(expected, rel=1e-12)


def test_digamma_left_of_zero_and_at_poles():
    assert derivative(special.digamma)(-0.5) == pytest.approx(pi**2 / 2 + 4, rel=1e-14)
    assert np.isposinf(derivative(special.digamma)(0.0))
    assert derivative(special.digamma)(-1e8 - 0.5) == pytest.approx(pi**2, rel=1e-7)  # and takes no second


def test_log_gamma_at_the_ends_of_the_range():
    assert derivative(special.gammaln)(1e-300) == pytest.approx(-1e300)
    assert derivative(special.gammaln)(1e300) == pytest.approx(np.log(1e300))
    assert derivative(derivative(special.gammaln))(2.0) == pytest.approx(pi**2 / 6 - 1)


def test_the_sign_of_gamma_is_constant():
    assert derivative(special.gammasgn)(-0.5) == 0


def test_zeta_functions_at_known_points():
    assert derivative(special.zetac)(0.0) == pytest.approx(-0.5 * np.log(2 * pi), rel=1e-14)
    assert derivative(special.zetac)(-2.0) == pytest.approx(-special.zeta(3.0) / (4 * pi**2), rel=1e-13)
    # d/ds of zeta(s, 1/2) = (2^s - 1) zeta(s)
    expected = 2**3 * np.log(2) * special.zeta(3.0) + (2**3 - 1) * derivative(special.zetac)(3.0)
    assert derivative(lambda s: _ufuncs._zeta(s, 0.5))(3.0) == pytest.approx(expected, rel=1e-13)


def test_zeta_of_negative_q_has_no_derivative_in_its_order():
    assert np.isnan(derivative(lambda s: _ufuncs._zeta(s, -0.5))(2.0))


@pytest.mark.skipif("D->D" not in _ufuncs._riemann_zeta.types, reason="this SciPy has it for real numbers only")
def test_zeta_is_refused_high_up_the_strip():
    with pytest.raises(NoRuleError, match="imaginary part"):
        _ufuncs._riemann_zeta(Dual(0.5 + 1000j, 1.0))


def test_factorial_of_negative_numbers_is_flat():
    x = Dual(np.array([-1.5, 3.0]), np.ones(2))
    np.testing.assert_allclose(_ufuncs._factorial(x).tangent, [0, 6 * (11 / 6 - np.euler_gamma)])


@pytest.mark.parametrize("function", [special.rgamma, special.zetac, special.digamma])
def test_functions_that_level_off_are_flat_at_infinity(function):
    assert derivative(function)(np.inf) == 0


@pytest.mark.parametrize(("n", "k"), [(-2.5, -3.0), (-2.5, 0.5), (-100.5, 0.5), (-2.5, -50.0)])
def test_binomial_zeros_left_of_minus_one(n, k):
    """C(n, k) with C(n, k) = (n + 1 - k) / k C(n, k - 1), differentiated at the zeros."""
    slope = derivative(lambda k: special.binom(n, k))
    assert np.isfinite(slope(k)) and slope(k) != 0
    assert slope(k + 1.0) * (k + 1.0) == pytest.approx((n - k) * slope(k) - special.binom(n, k), rel=1e-12)
    with mp.workdps(40):
        exact = mp.diff(lambda t: mp.gamma(n + 1) * mp.rgamma(t + 1) * mp.rgamma(n - t + 1), mp.mpf(k), 2)
    assert derivative(slope)(k) == pytest.approx(float(exact), rel=1e-10)


@pytest.mark.parametrize(("z", "m"), [(-3.0, 1.5), (-1.0, 0.9), (-3.0, -2.5), (0.0, -0.7)])
def test_pochhammer_zeros_left_of_the_origin(z, m):
    expected = special.gamma(z + m) * derivative(special.rgamma)(z)
    assert derivative(lambda z: special.poch(z, m))(z) == pytest.approx(expected, rel=1e-13)


def test_beside_huge_arguments():
    assert derivative(lambda a: special.betaln(a, 1e300))(1e-10) == pytest.approx(-1e10, rel=1e-6)
    # the slope of q^(1 - s) / (s - 1)
    found = derivative(lambda s: _ufuncs._zeta(s, 1e300))(2.0)
    assert found == pytest.approx(-(np.log(1e300) + 1.0) * 1e-300, rel=1e-12)
    assert derivative(lambda s: _ufuncs._zeta(s, np.inf))(2.0) == 0.0


def test_pochhammer_beside_a_pole():
    """1 / ((z - 1) ... (z - 50)) has the logarithmic derivative 1 + 1/2 + ... + 1/50 at 0."""
    expected = special.poch(1e-100, -50.0) * sum(1 / k for k in range(1, 51))
    assert derivative(lambda z: special.poch(z, -50.0))(1e-100) == pytest.approx(expected, rel=1e-13)
