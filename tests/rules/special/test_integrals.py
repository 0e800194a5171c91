"""Exponential and other integrals at 0, at 1, and at the end of the range."""

from math import cosh, exp, inf

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError, derivative


def test_sine_integrals_at_zero():
    assert special.sici(Dual(0.0, 1.0))[0].tangent == 1
    assert special.shichi(Dual(0.0, 1.0))[0].tangent == 1
    assert special.sici(Dual(0.0, 1.0))[1].tangent == inf


@pytest.mark.parametrize("x", [0.0, 1e-9, 1e-3])
def test_second_derivatives_near_zero_keep_their_digits(x):
    assert derivative(derivative(lambda t: special.sici(t)[0]))(x) == pytest.approx(-x / 3, rel=1e-6)
    assert derivative(derivative(lambda t: special.shichi(t)[0]))(x) == pytest.approx(x / 3, rel=1e-6)


def test_exponential_integrals_of_integer_order():
    assert derivative(lambda x: special.expn(2, x))(0.0) == -inf
    assert derivative(lambda x: special.expn(3, x))(0.0) == -1
    assert derivative(lambda x: special.expn(0, x))(2.0) == pytest.approx(-exp(-2) * 0.75)
    with pytest.raises(NoRuleError, match="integer"):
        special.expn(Dual(2.0, 1.0), 1.0)


def test_exponential_integral_where_exp_itself_overflows():
    assert derivative(special.expi)(712.0) == pytest.approx(exp(700) / 712 * exp(12), rel=1e-12)


def test_dilogarithm_at_one_and_at_zero():
    assert derivative(special.spence)(1.0) == -1
    assert derivative(derivative(special.spence))(1.0) == 0.5
    assert derivative(special.spence)(0.0) == -inf


def test_hyperbolic_integrals_left_of_zero():
    slope = special.shichi(Dual(np.array([-2.0]), np.ones(1)))[1].tangent
    assert slope == pytest.approx(-cosh(2) / 2)


@pytest.mark.filterwarnings("ignore:floating point number truncated")
@pytest.mark.parametrize("function", [special.expn, special.yn, special.kn])
@pytest.mark.parametrize("n", [0.5, 1.5, 2.9])
def test_orders_are_cut_down_to_integers(function, n):
    assert derivative(lambda x: function(n, x))(0.7) == derivative(lambda x: function(int(n), x))(0.7)
