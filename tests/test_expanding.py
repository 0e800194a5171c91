"""taylor along curves and of trees, and nth_derivative."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from dualnum import InputError, ShapeError, derivative, grad, nth_derivative, taylor

X, V = np.array([0.3, -0.8, 1.1]), np.array([1.0, 0.5, -0.2])


def f(p):
    return {"a": p["x"] * np.exp(p["s"]), "b": (np.sum(p["x"]) / p["s"], -p["x"])}


def test_trees_go_in_and_come_out():
    p, v = {"x": X, "s": 0.7}, {"x": V, "s": -2.0}
    found = taylor(f, p, v, 4)
    joined = taylor(lambda z: f({"x": z[:3], "s": z[3]})["a"], np.append(X, 0.7), np.append(V, -2.0), 4)
    assert np.array_equal(found["a"], joined)
    quotient, last = found["b"]
    assert np.allclose(quotient, taylor(lambda t: np.sum(X + t * V) / (0.7 - 2 * t), 0.0, 1.0, 4), rtol=1e-14)
    assert np.array_equal(last, [-X, -V, 0 * X, 0 * X, 0 * X])


def test_a_direction_may_be_a_curve():
    curve = np.stack([V, X, V * X])  # of t, t², t³
    found = taylor(np.sin, X, curve, 6)
    expected = taylor(lambda t: np.sin(X + t * V + t**2 * X + t**3 * (V * X)), 0.0, 1.0, 6)
    assert np.allclose(found, expected, rtol=1e-13, atol=1e-15)
    assert np.array_equal(taylor(np.exp, 1.0, [2.0], 3), taylor(np.exp, 1.0, 2.0, 3))


@pytest.mark.parametrize("n", [1, 2, 5, 10, 25])
def test_nth_derivative(n):
    assert math.isclose(nth_derivative(lambda x: np.exp(2 * x), 0.3, n), 2**n * math.exp(0.6), rel_tol=1e-13)
    along = nth_derivative(lambda x: np.sum(np.exp(x)), X, n, v=V)
    assert math.isclose(along, np.sum(V**n * np.exp(X)), rel_tol=1e-13)


def test_nth_derivative_of_trees_is_differentiable():
    found = nth_derivative(lambda x: (np.sin(x), {"log": special.gammaln(x)}), 1.5, 3)
    assert math.isclose(found[0], -math.cos(1.5), rel_tol=1e-14)
    assert math.isclose(found[1]["log"], special.polygamma(2, 1.5), rel_tol=1e-13)
    for outer in (derivative, grad):
        fourth = outer(lambda x: nth_derivative(np.cos, x, 3))
        assert math.isclose(fourth(1.5), math.cos(1.5), rel_tol=1e-14)


@pytest.mark.parametrize(
    ("x", "v", "error"),
    [
        (X, V[:2], ShapeError),
        (X, np.ones((4, 3)), ShapeError),  # more coefficients than the order
        (X, np.ones((0, 3)), ShapeError),
        ({"x": X}, {"y": V}, ShapeError),
        ({"x": X}, V, ShapeError),
        ("x", 1.0, InputError),
        (0.5, 1j, InputError),
    ],
)
def test_what_does_not_fit_is_refused(x, v, error):
    with pytest.raises(error, match="taylor"):
        taylor(np.sin, x, v, 3)


def test_nth_derivative_refuses_arrays_without_a_direction():
    for x in (X, {"x": 1.0}, [1.0, 2.0]):
        with pytest.raises(ShapeError, match="nth_derivative.*scalar"):
            nth_derivative(np.sin, x, 2)
    for n in (0, -1, 2.0, True, 171):  # 171! is beyond the largest float
        with pytest.raises(InputError, match="order"):
            nth_derivative(np.sin, 0.5, n)
