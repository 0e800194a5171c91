"""Integrals of Bessel functions at 0, and where there is no rule."""

import numpy as np
import pytest
from mpmath import mp
from scipy import special

from dualnum import Dual, NoRuleError, derivative


@pytest.mark.parametrize("function", [special.it2j0y0, special.it2i0k0])
def test_integral_of_a_quotient_at_the_origin(function):
    first = lambda x: function(x)[0]  # noqa: E731
    with np.errstate(all="ignore"):
        assert derivative(first)(0.0) == 0
        assert derivative(derivative(first))(0.0) == 0.25


def test_besselpoly_at_zero():
    assert special.besselpoly(Dual(0.0, 1.0), 1.0, 1.0).tangent == pytest.approx(1 / 3)
    assert special.besselpoly(0.0, Dual(1.0, 1.0), 0.0).tangent == pytest.approx(-1 / 4)


@pytest.mark.parametrize("args", [(Dual(40.0, 1.0), 1.0, 0.5), (1.0, Dual(-0.5, 1.0), -0.45)])
def test_besselpoly_is_refused_where_the_quadrature_fails(args):
    with pytest.raises(NoRuleError, match="a > 30"):
        special.besselpoly(*args)


@pytest.mark.parametrize(("a", "lmb", "nu"), [(0.5, 3.0, -2.0), (2.0, 5.0, -3.0), (2.9, 0.3, 0.5), (3.5, 0.3, 0.5)])
def test_besselpoly_in_the_order(a, lmb, nu):
    """For a beyond 3 by another formula."""

    def value(nu):
        return sum(
            (-1) ** k * mp.mpf(a) ** (2 * k + nu) * mp.rgamma(k + 1) * mp.rgamma(nu + k + 1) / (lmb + nu + 2 * k + 1)
            for k in range(40)
        )

    with mp.workdps(40):
        expected = float(mp.diff(value, nu))
    assert special.besselpoly(a, lmb, Dual(nu, 1.0)).tangent == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("lmb", [1e6, 1e10])
def test_besselpoly_with_a_large_power(lmb):
    """Nearly all of the integral is at 1."""
    assert special.besselpoly(0.3, Dual(lmb, 1.0), 0.5).tangent == pytest.approx(
        -special.jv(0.5, 0.6) / lmb**2, rel=10 / lmb + 1e-10
    )


@pytest.mark.parametrize("args", [(Dual(0.5, 1.0), -10.0, -10.0), (10.0, 2.0, Dual(-10.0, 1.0))])
def test_besselpoly_is_refused_where_the_integrand_overflows(args):
    with pytest.raises(NoRuleError, match="overflows"):
        special.besselpoly(*args)
