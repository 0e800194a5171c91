"""Error functions far out, where the plain formulas cancel or overflow, and at the ends of their domains."""

from math import erfc, exp, inf, pi, sqrt

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, derivative, jacobian


@pytest.mark.parametrize("x", [10.0, 1e3, 1e8, 1e75])
def test_scaled_functions_far_out(x):
    """Leading terms and the first correction of the asymptotic series."""
    assert derivative(special.erfcx)(x) == pytest.approx(
        -(1 - 1.5 / x / x) / x / x / sqrt(pi), rel=5 / x**2 / x**2 + 1e-13
    )
    assert derivative(special.dawsn)(x) == pytest.approx(-(1 + 1.5 / x / x) / x / x / 2, rel=5 / x**2 / x**2 + 1e-13)
    assert derivative(derivative(special.erfcx))(x) == pytest.approx(2 / x / x / x / sqrt(pi), rel=4 / x**2 + 1e-13)


def test_faddeeva_function_on_the_real_axis_keeps_its_small_real_part():
    """Where the imaginary part is 1e20 times as large."""
    slope = special.wofz(Dual(9.0 + 0j, 1.0 + 0j)).tangent
    assert slope.real == pytest.approx(-18 * exp(-81), rel=1e-12)
    below = special.wofz(Dual(9.0 - 10j, 1.0 + 0j)).tangent
    assert below == pytest.approx(-4 * (9 - 10j) * np.exp(-((9 - 10j) ** 2)), rel=1e-8)


def test_dawson_across_the_axis():
    above, below = (special.dawsn(Dual(2.0 + y, 1.0 + 0j)).tangent for y in (9j, -9j))
    assert above == pytest.approx(np.conj(below))


@pytest.mark.parametrize("x", [-1e100, -1e8, -40.0])
def test_log_of_the_normal_distribution_on_the_left(x):
    assert derivative(special.log_ndtr)(x) == pytest.approx(-x - 1 / x, rel=1e-5)
    assert derivative(derivative(special.log_ndtr))(x) == pytest.approx(-1, rel=2e-3)


def test_log_of_the_normal_distribution_on_the_right_does_not_vanish_early():
    assert derivative(special.log_ndtr)(37.0) == pytest.approx(exp(-(37**2) / 2) / sqrt(2 * pi), rel=1e-12)


def test_quantiles_at_the_ends():
    np.testing.assert_array_equal(jacobian(special.ndtri)(np.array([0.0, 1.0])).diagonal(), inf)
    np.testing.assert_array_equal(jacobian(special.erfinv)(np.array([-1.0, 1.0])).diagonal(), inf)
    assert derivative(special.erfcinv)(2.0) == -inf
    assert derivative(special.ndtri_exp)(-1e8) == pytest.approx(1 / sqrt(2e8), rel=1e-6)
    assert derivative(special.ndtri_exp)(-1e-300) > 1e298


def test_owens_t_at_infinite_slant():
    at_infinity = derivative(lambda h: special.owens_t(h, inf))
    assert at_infinity(1.0) == pytest.approx(-0.5 * exp(-0.5) / sqrt(2 * pi))
    assert at_infinity(0.0) == 0  # a quarter of erfc(|h| / sqrt(2)): a kink
    assert derivative(lambda a: special.owens_t(0.0, a))(inf) == 0
    assert derivative(lambda a: special.owens_t(0.0, a))(1e200) == 0
    assert special.owens_t(1.0, inf) == pytest.approx(0.25 * erfc(sqrt(0.5)))


def test_fresnel_integrals_at_a_large_integer():
    """The square has more digits than a float, and the phase is that of its remainder modulo 4."""
    sine, cosine = special.fresnel(Dual(2.0**30 + 1, 1.0))
    assert (sine.tangent, cosine.tangent) == pytest.approx((1, 0), abs=1e-15)
    x = np.float32(2.0**12 + 1)
    sine, cosine = special.fresnel(Dual(x, np.float32(1)))
    assert (sine.tangent, cosine.tangent) == pytest.approx((1, 0), abs=1e-6)


def test_modified_fresnel_integrals_left_of_zero():
    """Where SciPy's own first value is wrong in its imaginary part."""
    first, second = special.modfresnelp(Dual(-1.5, 1.0))
    assert first.tangent == pytest.approx(-np.exp(2.25j), rel=1e-14)
    h = 1e-5
    change = special.modfresnelp(-1.5 + h)[1] - special.modfresnelp(-1.5 - h)[1]
    assert second.tangent == pytest.approx(change / (2 * h), rel=1e-8)


def test_voigt_profile_without_one_of_its_widths():
    gradient = [
        derivative(lambda t, i=i: special.voigt_profile(*(t if i == j else v for j, v in enumerate((2.0, 0.0, 0.5)))))
        for i in range(3)
    ]
    lorentz = 2.0**2 + 0.5**2
    expected = [-2 * 2 * 0.5 / pi / lorentz**2, 0, (2**2 - 0.5**2) / pi / lorentz**2]
    assert [g(v) for g, v in zip(gradient, (2.0, 0.0, 0.5), strict=True)] == pytest.approx(expected, rel=1e-14)
    normal = exp(-2) / sqrt(2 * pi)
    assert derivative(lambda x: special.voigt_profile(x, 1.0, 0.0))(2.0) == pytest.approx(-2 * normal)
    assert derivative(lambda x: special.voigt_profile(x, 1.0, 0.0))(20.0) == pytest.approx(
        -20 * exp(-200) / sqrt(2 * pi)
    )
    assert derivative(lambda s: special.voigt_profile(20.0, s, 0.0))(1.0) == pytest.approx(
        399 * exp(-200) / sqrt(2 * pi)
    )


def test_voigt_profile_without_any_width():
    for i in (0, 1):
        args = [0.3, 0.0, 0.0]
        args[i] = Dual(args[i], 1.0)
        assert special.voigt_profile(*args).tangent == 0.0
