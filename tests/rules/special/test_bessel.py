"""Bessel functions: the origin, orders where closed forms are known, and what is refused."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError, derivative

X = np.array([0.02, 0.7, 3.0, 19.0, 23.0, 150.0])


def in_order(function, v, x):
    """Derivative in the order."""
    v, x = np.broadcast_arrays(np.asarray(v, float), x)
    with np.errstate(all="ignore"):
        return function(Dual(v, np.ones_like(v)), x).tangent


def test_derivatives_at_the_origin():
    orders = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    at_zero = Dual(np.zeros(5), np.ones(5))
    assert np.array_equal(special.jv(orders, at_zero).tangent, [0, -0.5, 0, 0.5, 0])
    assert np.array_equal(special.iv(orders, at_zero).tangent, [0, 0.5, 0, 0.5, 0])
    with np.errstate(all="ignore"):
        assert special.jv(0.5, at_zero).tangent[0] == np.inf


@pytest.mark.parametrize(("function", "third"), [(special.j1, -3 / 8), (special.i1, 3 / 8)])
def test_higher_derivatives_at_the_origin(function, third):
    assert derivative(derivative(derivative(function)))(0.0) == pytest.approx(third)


def test_scaled_function_has_a_kink_at_the_origin():
    assert special.i0e(Dual(0.0, 1.0)).tangent == 0
    assert special.i1e(Dual(0.0, 1.0)).tangent == 0.5


def test_damped_function_off_the_real_axis_is_linear_over_the_reals():
    z, h = 1.3 + 0.8j, 1e-6
    for direction in (1.0, 1j):
        difference = (special.jve(0.4, z + h * direction) - special.jve(0.4, z - h * direction)) / (2 * h)
        assert special.jve(0.4, Dual(z, direction + 0j)).tangent == pytest.approx(difference, rel=1e-8)


def test_order_one_half():
    """DLMF 10.15.6, 10.15.8, 10.38.6, 10.38.7."""
    si, ci = special.sici(2 * X)
    unit = np.sqrt(2 / (np.pi * X))
    j = unit * (ci * np.sin(X) - si * np.cos(X))
    y = unit * (ci * np.cos(X) + (si - np.pi) * np.sin(X))
    size = np.hypot(j, y)
    assert np.all(np.abs(in_order(special.jv, 0.5, X) - j) < 1e-13 * size)
    assert np.all(np.abs(in_order(special.yv, 0.5, X) - y) < 1e-13 * size)
    kve = np.sqrt(np.pi / (2 * X)) * np.exp(2 * X) * special.exp1(2 * X)
    assert in_order(special.kve, 0.5, X) == pytest.approx(kve, rel=1e-13)
    assert in_order(special.kve, -0.5, X) == pytest.approx(-kve, rel=1e-13)
    iv = -(special.exp1(2 * X) * np.exp(X) + special.expi(2 * X) * np.exp(-X)) / np.sqrt(2 * np.pi * X)
    assert in_order(special.iv, 0.5, X) == pytest.approx(iv, rel=1e-12)


def test_order_zero():
    """DLMF 10.15.3, 10.38.4."""
    assert in_order(special.jv, 0.0, X) == pytest.approx(np.pi / 2 * special.y0(X), rel=1e-12, abs=1e-15)
    assert in_order(special.yv, 0.0, X) == pytest.approx(-np.pi / 2 * special.j0(X), rel=1e-12, abs=1e-15)
    assert in_order(special.iv, 0.0, X) == pytest.approx(-special.k0(X), rel=1e-12)
    assert np.array_equal(in_order(special.kv, 0.0, X), np.zeros(6))


def test_second_derivative_in_the_order_where_the_sign_of_the_order_changes():
    x = 1.3
    t = np.linspace(0.0, 8.0, 4001)
    second = np.trapezoid(t**2 * np.exp(-x * np.cosh(t)), t)
    assert derivative(derivative(lambda v: special.kv(v, x)))(0.0) == pytest.approx(second, rel=1e-10)


def test_order_at_the_ends_of_the_domain():
    assert in_order(special.jv, 1.5, 0.0) == 0
    assert in_order(special.iv, 1.5, 0.0) == 0
    assert np.isnan(in_order(special.jv, 0.0, 0.0))
    assert np.isnan(in_order(special.jv, 1.0, -2.0))
    assert np.isnan(in_order(special.kv, 1.0, -2.0))


def test_order_where_the_function_leaves_the_range():
    assert in_order(special.jv, 400.0, 1.0) == 0
    assert in_order(special.yv, 400.0, 1.0) == -np.inf
    assert in_order(special.jv, -400.0, 1.0) == -np.inf


def test_order_in_blocks():
    rng = np.random.default_rng(2)
    v, x = rng.uniform(-3, 3, (50, 60)), rng.uniform(0.1, 30.0, 60)
    together = in_order(special.yv, v, x)
    assert np.array_equal(together[7:9], in_order(special.yv, v[7:9], x))


@pytest.mark.parametrize("name", ["jv", "yve", "ive", "kve", "hankel1", "hankel2e"])
def test_order_is_refused_for_complex_arguments(name):
    with pytest.raises(NoRuleError, match=rf"special\.{name} .*argument number 1.*complex"):
        getattr(special, name)(Dual(0.5, 1.0), 1.0 + 1j)


def test_integer_order_is_refused():
    with pytest.raises(NoRuleError, match="it is an integer"):
        special.yn(Dual(2.0, 1.0), 1.5)


def test_hankel_functions_left_of_the_origin_have_no_derivative_in_the_order():
    with pytest.raises(NoRuleError, match="complex"):
        special.hankel1(Dual(0.5, 1.0), -1.0)
    assert np.isfinite(special.hankel1(0.5, Dual(1.0, 1.0)).tangent)
