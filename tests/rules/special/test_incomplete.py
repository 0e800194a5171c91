"""Incomplete gamma and beta functions at the ends of their domains, in their tails, and where parameters are 0 or infinite."""

import numpy as np
import pytest
from mpmath import mp
from scipy import special

from dualnum import derivative


@pytest.mark.parametrize(("a", "slope"), [(0.5, np.inf), (1.0, 1.0), (2.0, 0.0), (20.0, 0.0)])
def test_gammainc_at_zero(a, slope):
    assert derivative(lambda x: special.gammainc(a, x))(0.0) == slope
    assert derivative(lambda t: special.gammainc(t, 0.0))(a) == 0.0


@pytest.mark.parametrize("x", [0.5, 2.5])
def test_shape_zero_has_the_one_sided_limit(x):
    assert derivative(lambda a: special.gammainc(a, x))(0.0) == pytest.approx(-special.exp1(x), rel=1e-12)
    expected = float(mp.diff(lambda a: mp.betainc(a, 3, 0, x / 4, regularized=True), 1e-12))
    assert derivative(lambda a: special.betainc(a, 3.0, x / 4))(0.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("a", "slope"), [(0.5, np.inf), (1.0, 3.0), (2.0, 0.0)])
def test_betainc_at_its_ends(a, slope):
    assert derivative(lambda x: special.betainc(a, 3.0, x))(0.0) == slope
    assert derivative(lambda x: special.betainc(3.0, a, x))(1.0) == slope
    assert derivative(lambda t: special.betainc(t, 3.0, 1.0))(a) == 0.0


@pytest.mark.parametrize(("a", "slope"), [(0.5, 0.0), (1.0, 1.0), (2.0, np.inf)])
def test_inverses_at_zero(a, slope):
    assert derivative(lambda p: special.gammaincinv(a, p))(0.0) == slope
    assert derivative(lambda p: special.betaincinv(a, 1.0, p))(0.0) == slope


def test_infinite_arguments():
    assert derivative(lambda x: special.gammainc(2.0, x))(np.inf) == 0.0
    assert derivative(lambda a: special.gammainc(a, np.inf))(2.0) == 0.0
    assert derivative(lambda x: special.gammainc(np.inf, x))(2.0) == 0.0
    assert derivative(lambda x: special.betainc(np.inf, 2.0, x))(0.5) == 0.0


@pytest.mark.parametrize(("a", "x"), [(2.0, 600.0), (1e-3, 650.0), (0.5, 700.0)])
def test_upper_tail_keeps_its_precision(a, x):
    with mp.workdps(30):
        exact = mp.diff(lambda t: mp.gammainc(t, x, mp.inf, regularized=True), a)
    assert derivative(lambda t: special.gammaincc(t, x))(a) == pytest.approx(float(exact), rel=1e-11, abs=0)


def test_density_beyond_the_smallest_product():
    """x**a alone would underflow."""
    assert derivative(lambda x: special.gammainc(2.0, x))(1e-200) == pytest.approx(1e-200, rel=1e-12, abs=0)
    assert derivative(lambda x: special.betainc(2.0, 2.0, x))(1e-200) == pytest.approx(6e-200, rel=1e-12, abs=0)


@pytest.mark.parametrize("a", [0.5, 3.0, 200.0])
@pytest.mark.parametrize("x", [1e-3, 0.9999999, 1.0, 1.5, 40.0])
def test_second_derivatives_in_the_shape(a, x):
    """The series and the two integrals are differentiated in turn, on both sides of where they meet."""
    with mp.workdps(40):
        exact = mp.diff(lambda t: mp.gammainc(t, 0, x, regularized=True), a, 2)
    second = derivative(derivative(lambda t: special.gammainc(t, x)))(a)
    assert second == pytest.approx(float(exact), rel=1e-10, abs=0)


def test_second_derivatives_at_the_ends():
    """Of 1 - exp(-x), of P(2, x), and of 1 - (1 - x)^3."""
    assert derivative(derivative(lambda x: special.gammainc(1.0, x)))(0.0) == pytest.approx(-1.0, rel=1e-14)
    assert derivative(derivative(lambda x: special.gammainc(2.0, x)))(0.0) == pytest.approx(1.0, rel=1e-14)
    assert derivative(derivative(lambda x: special.betainc(1.0, 3.0, x)))(0.0) == pytest.approx(-6.0, rel=1e-14)
    assert derivative(derivative(lambda x: special.betainc(3.0, 1.0, x)))(1.0) == pytest.approx(6.0, rel=1e-14)


def test_no_second_derivative_where_only_the_first_is_known():
    for f, at in (
        (lambda a: special.gammainc(a, 2.0), 0.0),
        (lambda a: special.betainc(a, 3.0, 0.2), 0.0),
        (lambda y: special.betaincinv(0.5, 1.5, y), 0.0),
        (lambda y: special.gammaincinv(0.5, y), 0.0),
    ):
        assert np.isfinite(derivative(f)(at))
        assert np.isnan(derivative(derivative(f))(at))


@pytest.mark.parametrize(("a", "x"), [(10.0, 0.001), (200.0, 0.5), (2.5, 1e-100)])
def test_second_parameter_zero_in_the_tails(a, x):
    """The derivative there is the integral of t^(a-1) / (1 - t)."""
    expected = float(mp.betainc(a, 0, 0, x))
    assert derivative(lambda b: special.betainc(a, b, x))(0.0) == pytest.approx(expected, rel=1e-10)


def test_tiny_parameters():
    found = derivative(lambda b: special.betainc(1e-100, b, 0.3))(0.3)
    expected = float(mp.diff(lambda b: -(mp.beta(b, 1e-30) ** -1) * mp.betainc(b, 1e-30, 0, mp.mpf("0.7")), 0.3))
    assert found * 1e70 == pytest.approx(-expected, rel=1e-8)
    assert derivative(lambda a: special.betainc(a, 1e-100, 0.5))(0.0) == pytest.approx(-1e100, rel=1e-10)


@pytest.mark.parametrize("a", [1e10, 1e13, 1e16, 1e100])
def test_quantile_of_a_huge_shape(a):
    z = special.ndtri(0.25)
    with np.errstate(all="ignore"):
        found = derivative(lambda a: special.gammaincinv(a, 0.25))(a)
    assert found == pytest.approx(1.0 + z / (2.0 * np.sqrt(a)), rel=1e-10)


def test_quantile_beside_1_keeps_the_digits_of_the_distance():
    """I_y(a, b) is 1 - I_(1-y)(b, a)."""
    a, b, y = 7.3, 0.1, 0.9
    found = derivative(lambda a: special.betaincinv(a, b, y))(a)
    assert found == pytest.approx(-derivative(lambda a: special.betainccinv(b, a, y))(a), rel=1e-12)
    assert found == pytest.approx(1.2908819803469356e-12, rel=1e-10)
