"""Roots, minima and fixed points as functions of their parameters."""

import math

import numpy as np
import pytest
from scipy import optimize

from dualnum import (
    ConvergenceError,
    Dual,
    InputError,
    ShapeError,
    derivative,
    grad,
    implicit_fixed_point,
    implicit_minimum,
    implicit_root,
    jacfwd,
    jacobian,
    jacrev,
)
from tests.implicit.extrapolated import check_all


def curves(x, p):
    return [x[0] ** 2 + p[1] * x[1] - p[0], np.exp(x[0]) - p[1] * x[1] ** 3]


def newton(f, x, p):
    """Newton's iteration on plain numbers, to round-off."""
    for _ in range(9):
        x = x - np.linalg.solve(jacfwd(f)(x, p), f(x, p))
    return x


meeting = implicit_root(curves, lambda p: newton(curves, np.ones(2), p))


def valley(x, p):
    return (p[0] - x[0]) ** 2 + p[1] * (x[1] - x[0] ** 2) ** 2 + 0.1 * np.sum(x**4)


lowest = implicit_minimum(valley, lambda p: newton(grad(valley), np.array([0.8, 0.6]), p))


def swing(x, p):
    return np.cos(p[0] * x) * p[1] + 0.1 * np.roll(x, 1)


def swung(p):
    x = np.array([0.5, 0.2])
    for _ in range(200):
        x = swing(x, p)
    return x


resting = implicit_fixed_point(swing, swung)


@pytest.mark.parametrize(
    "f, p",
    [(meeting, [3.0, 2.0]), (lowest, [1.0, 10.0]), (resting, [0.7, 0.8])],
    ids=["root", "minimum", "fixed point"],
)
def test_first_and_second_derivatives(f, p):
    check_all(f, p)


def test_third_derivatives_in_every_nesting():
    def cube_root(a):
        return implicit_root(lambda x, a: x**3 - a, math.cbrt)(a)

    for outer in (derivative, grad):
        for middle in (derivative, grad):
            for inner in (derivative, grad):
                assert math.isclose(outer(middle(inner(cube_root)))(8.0), 10 / 27 * 8 ** (-8 / 3), rel_tol=1e-12)


def test_loose_tolerances_do_not_reach_the_derivatives():
    loose = implicit_minimum(valley, lambda p: optimize.minimize(valley, [0.5, 0.5], args=(p,), tol=1e-3).x)
    p = np.array([1.0, 10.0])
    assert np.max(np.abs(loose(p) - lowest(p))) > 1e-6
    np.testing.assert_allclose(jacfwd(loose)(p), jacfwd(lowest)(p), rtol=1e-11)
    np.testing.assert_allclose(jacrev(jacfwd(loose))(p), jacrev(jacfwd(lowest))(p), rtol=1e-10)


def test_value_is_that_of_the_solver():
    def solver(a):
        return a + 1e-9  # not quite the root

    solve = implicit_root(lambda x, a: x - a, solver)
    assert solve(2.0) == solver(2.0)
    assert solve(Dual(2.0, 1.0)).value == solver(2.0)


def test_trees_keywords_and_what_is_captured():
    shift = np.array([0.3, -0.2])

    def total(parameters, scale):
        def residual(x, tree, power=1):
            return x**power - tree["a"] * scale - tree["b"][0]

        def solver(tree, power):
            assert not isinstance(tree["a"], Dual)
            return (tree["a"] * 2.0 + tree["b"][0]) ** (1 / power)

        return np.sum(implicit_root(residual, solver)(parameters, power=3) ** 3)

    parameters = {"a": np.array([1.0, 2.0]), "b": [1.5, shift]}
    bars = grad(total, argnums=(0, 1))(parameters, 2.0)
    np.testing.assert_allclose(bars[0]["a"], [2.0, 2.0], rtol=1e-13)
    np.testing.assert_allclose(bars[0]["b"][0], 2.0, rtol=1e-13)
    assert not np.any(bars[0]["b"][1])
    np.testing.assert_allclose(bars[1], 3.0, rtol=1e-13)


def test_arrays_of_any_shape_and_single_precision():
    a = np.arange(1.0, 7.0, dtype=np.float32).reshape(2, 3)
    root = implicit_root(lambda x, a: x**2 - a, np.sqrt)
    J = jacobian(root)(a)
    assert J.dtype == np.float32
    assert J.shape == (2, 3, 2, 3)
    np.testing.assert_allclose(J.reshape(6, 6), np.diag(0.5 / np.sqrt(a).ravel()), rtol=1e-5)


def test_units_do_not_matter():
    units = np.array([1e-12, 1.0, 1e9])

    def residual(x, p):
        u = x / units
        return np.stack([u[0] * u[1] - p, u[1] ** 2 + u[2] - 2 * p, u[0] - u[2] ** 3]) * np.array([1e20, 1.0, 1e-20])

    def solver(p):
        return (
            optimize.fsolve(lambda u: residual(u * units, p) / np.array([1e20, 1, 1e-20]), np.ones(3), xtol=1e-13)
            * units
        )

    scaled = jacfwd(implicit_root(residual, solver))(1.0) / units
    # u1 = u2 = u3 = 1: the inverse of the Jacobian times (1, 2, 0)
    np.testing.assert_allclose(scaled, np.linalg.solve([[1, 1, 0], [0, 2, 1], [1, 0, -3]], [1, 2, 0]), rtol=1e-9)


def flat(x, a):
    return (x - a) ** 3


@pytest.mark.parametrize(
    "residual, solver",
    [
        pytest.param(lambda x, a: x**2 - a, lambda a: 1.0, id="no root"),
        pytest.param(lambda x, a: x**2 - a, lambda a: np.nan, id="nan"),
        pytest.param(lambda x, a: np.exp(-x) + 0 * a, lambda a: 5.0, id="no root at all"),
        pytest.param(lambda x, a: (x - a) ** 2, lambda a: a, id="double root"),
        pytest.param(lambda x, a: (x - a) ** 2, lambda a: a + 1e-9, id="double root, nearly"),
        pytest.param(flat, lambda a: optimize.bisect(flat, 0, 7.1, (a,)), id="triple root"),
        pytest.param(
            lambda x, a: np.stack([x[0] + x[1], 3 * (x[0] + x[1])]) - a, lambda a: np.array([a, 0]), id="dependent"
        ),
        pytest.param(
            lambda x, a: np.stack([x[0] + x[1] / 3, x[0] * 3 + x[1]]) - a, lambda a: np.array([a, 0]), id="nearly"
        ),
        pytest.param(lambda x, a: np.abs(x) * 1e-3 + np.sign(x) - a, lambda a: 1e-9, id="jump"),
        pytest.param(lambda x, a: x - a, lambda a: optimize.root(flat, 9.0, (a,), options={"maxfev": 5}), id="says so"),
    ],
)
@pytest.mark.parametrize("jac", [jacfwd, jacrev])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_failures_are_errors(residual, solver, jac):
    with pytest.raises(ConvergenceError):
        jac(implicit_root(residual, solver))(3.3)


def test_refusals():
    with pytest.raises(ShapeError, match="as many equations"):
        derivative(implicit_root(lambda x, a: np.stack([x - a, x]), lambda a: a))(1.0)
    with pytest.raises(InputError, match="complex"):
        derivative(implicit_root(lambda x, a: x - a, lambda a: a + 1j))(1.0)
    with pytest.raises(InputError, match="complex"):
        derivative(implicit_root(lambda x, a: x - a * 1j, lambda a: a))(1.0)
    with pytest.raises(InputError, match="dtype <U1"):
        implicit_root(lambda x, a: x - a, lambda a: "x")(1.0)
    with pytest.raises(InputError, match="must be a function"):
        implicit_root(lambda x, a: x - a, 1.0)


def test_second_derivatives_do_not_differentiate_the_jacobian():
    calls = []

    def residual(x, a):
        calls.append(1)
        return x @ x * x - a

    def solver(a):
        return a / np.cbrt(a @ a)

    a = np.linspace(1.0, 2.0, 8)
    jacrev(implicit_root(residual, solver))(a)
    first = len(calls)
    calls.clear()
    jacfwd(jacrev(implicit_root(residual, solver)))(a)
    assert len(calls) == first + 1
