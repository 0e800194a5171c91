"""Struve functions at 0, and orders."""

import math

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError, derivative


@pytest.mark.parametrize(("function", "sign"), [(special.struve, -1), (special.modstruve, 1)])
def test_derivatives_at_the_origin(function, sign):
    of_zero = [lambda x: function(0.0, x)]
    for _ in range(3):
        of_zero.append(derivative(of_zero[-1]))
    # 2/pi (x + sign x**3 / 9)
    assert [f(0.0) for f in of_zero] == pytest.approx([0, 2 / math.pi, 0, sign * 4 / 3 / math.pi], abs=1e-15)
    assert function(-1.0, Dual(0.0, 1.0)).tangent == 0


def test_quotient_at_the_origin():
    f = special.it2struve0
    assert derivative(f)(0.0) == pytest.approx(-2 / math.pi)
    assert derivative(derivative(derivative(f)))(0.0) == pytest.approx(4 / 9 / math.pi)


def test_order_satisfies_the_recurrence():
    """DLMF 11.4.23, differentiated; each term by a formula of its own."""
    v, x = 1.3, np.array([0.4, 2.0, 17.0])

    def both_sides(v):
        sides = special.struve(v - 1.0, x) + special.struve(v + 1.0, x)
        return sides - 2.0 * v / x * special.struve(v, x) - (x / 2) ** v / (math.sqrt(math.pi) * special.gamma(v + 1.5))

    assert derivative(both_sides)(v) == pytest.approx(0, abs=1e-11)


@pytest.mark.parametrize(("v", "x"), [(-2.0, 1.0), (70.0, 55.0)])
def test_order_is_refused_without_a_formula(v, x):
    with pytest.raises(NoRuleError, match=r"special\.struve .*argument number 1"):
        special.struve(Dual(v, 1.0), x)


def test_order_at_the_ends_of_the_domain():
    assert special.struve(Dual(0.5, 1.0), 0.0).tangent == 0
    assert np.isnan(special.struve(Dual(1.0, 1.0), -2.0).tangent)
