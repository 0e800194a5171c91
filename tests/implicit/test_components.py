"""Sizes of directions, by which tolerances of tangents are set."""

import numpy as np
import pytest

from dualnum import Dual, derivative, grad
from dualnum.implicit.components import kind_of, relative_sizes
from dualnum.scipy.integrate import solve_ivp


def sizes(*duals):
    return relative_sizes(duals, duals[0]._level, kind_of(duals[0]))


def test_few_elements_have_sizes_of_their_own():
    rates = np.array([0.04, 1e4, 3e7])
    np.testing.assert_allclose(sizes(Dual(rates, np.eye(3))), 1 / rates)
    np.testing.assert_allclose(sizes(Dual(rates, np.ones(3)), Dual(2.0, 1.0)), [25.0])
    np.testing.assert_array_equal(sizes(Dual(np.zeros(3), np.full(3, 2.0)), Dual(1.0, 0.0)), [2.0])
    np.testing.assert_array_equal(sizes(Dual(rates, np.zeros(3))), [1.0])


def test_of_many_one_near_zero_says_nothing():
    weights = np.linspace(0.5, 1.5, 101)
    weights[7] = 1e-12
    assert 0.6 < sizes(Dual(weights, np.ones(101)))[0] < 2
    assert sizes(Dual(weights, np.eye(101)))[7] == pytest.approx(1e12)


def test_tangents_of_many_weights_are_as_exact_as_asked_for():
    frequencies = np.arange(1.0, 41.0)
    weights = 1e-3 * np.cos(frequencies)
    weights[3] = 1e-14
    direction = np.sin(frequencies)

    def last(w):
        return solve_ivp(lambda t, y: np.cos(frequencies * t) @ w - y**3, (0, 3), [0.3], rtol=1e-7, atol=1e-9).y[0, -1]

    exact = derivative(lambda s: solve_ivp(
        lambda t, y: np.cos(frequencies * t) @ (weights + s * direction) - y**3, (0, 3), [0.3], rtol=1e-12, atol=1e-13
    ).y[0, -1])(0.0)  # fmt: skip
    assert derivative(lambda s: last(weights + s * direction))(0.0) == pytest.approx(exact, abs=1e-5)
    assert grad(last)(weights) @ direction == pytest.approx(exact, abs=1e-5)
