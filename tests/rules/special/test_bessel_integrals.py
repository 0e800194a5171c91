"""Integrals of Bessel functions at 0, and where there is no rule."""

import numpy as np
import pytest
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
