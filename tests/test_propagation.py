"""Uncertainty propagation, side by side with the package `uncertainties` and with Monte Carlo."""

import numpy as np
import pytest

from dualnum import InputError, ShapeError, derivative, grad, jacobian, propagate
from dualnum.scipy.optimize import brentq

X = np.array([1.2, 0.7, 2.0])
L = np.array([[0.02, 0, 0], [0.01, 0.03, 0], [-0.02, 0.01, 0.04]])
C = L @ L.T


def formulas(x, m=np):
    return [x[0] * m.exp(-x[1] * x[2]), m.sin(x[0]) / x[2] ** x[1], m.sqrt(x[0] ** 2 + m.log(x[2]))]


def test_same_as_uncertainties():
    uncertainties = pytest.importorskip("uncertainties")
    from uncertainties import umath

    y = formulas(uncertainties.correlated_values(X, C), umath)
    value, covariance = propagate(formulas, X, C)
    np.testing.assert_allclose(value, [each.nominal_value for each in y], rtol=1e-15)
    np.testing.assert_allclose(covariance, uncertainties.covariance_matrix(y), rtol=1e-12)
    np.testing.assert_allclose(propagate(formulas, X, C).std, [each.std_dev for each in y], rtol=1e-12)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_both_orders_are_exact_where_they_should_be(mode):
    A = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
    value, covariance = propagate(lambda x: A @ x, X, C, mode=mode)
    np.testing.assert_allclose(covariance, A @ C @ A.T, rtol=1e-14)

    # A chi-squared number with 3 degrees of freedom has the mean 3 and the variance 6.
    mean, variance = propagate(lambda x: np.sum(np.linalg.solve(L, x - X) ** 2), X, C, order=2, mode=mode)
    np.testing.assert_allclose([mean, variance], [3.0, 6.0], rtol=1e-12)
    assert propagate(lambda x: np.sum((x - X) ** 2), X, C).covariance == 0


def test_quadratic_functions_by_hand():
    # Of u and v with correlation r: mean of u v is cov, its variance (1 + r^2) s^2 t^2; cov(u^2, u v) is 2 s^3 t r.
    s, t, r = 0.5, 2.0, 0.3
    mean, covariance = propagate(
        lambda x: np.stack([x[0] ** 2, x[0] * x[1]]), [0, 0], [[s * s, r * s * t], [r * s * t, t * t]], order=2
    )
    np.testing.assert_allclose(mean, [s * s, r * s * t], rtol=1e-14)
    cross = 2 * s**3 * t * r
    np.testing.assert_allclose(covariance, [[2 * s**4, cross], [cross, (1 + r * r) * (s * t) ** 2]], rtol=1e-14)


def test_second_order_is_exact_for_quadratic_functions():
    # So is a rule of Gauss and Hermite with three nodes in each direction, for polynomials of degree 5.
    rng = np.random.default_rng(2)
    A, B, c = rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)

    def quadratic(x):
        return c + B @ x + x @ A @ x

    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    points = np.stack(np.meshgrid(nodes, nodes, nodes)).reshape(3, -1).T @ L.T + X
    weights = np.multiply.outer(np.multiply.outer(weights, weights), weights).reshape(-1) / np.sum(weights) ** 3
    y = np.stack([quadratic(x) for x in points])
    mean = weights @ y
    found = propagate(quadratic, X, C, order=2)
    np.testing.assert_allclose(found.value, mean, rtol=1e-14)
    np.testing.assert_allclose(found.covariance, (y - mean).T @ (weights[:, None] * (y - mean)), rtol=1e-11)


def test_second_order_is_nearer_to_monte_carlo():
    wide = 25 * C
    samples = np.random.default_rng(3).multivariate_normal(X, wide, 400_000)
    y = np.exp(samples[:, 0])
    errors = {}
    for order in (1, 2):
        mean, variance = propagate(lambda x: np.exp(x[0]), X, wide, order=order)
        errors[order] = abs(mean / np.mean(y) - 1), abs(variance / np.var(y) - 1)
    assert errors[2][0] < errors[1][0] / 10
    assert errors[2][1] < errors[1][1]


def test_shapes():
    assert np.shape(propagate(np.sin, 0.5, 0.01)) == (2,)
    y, covariance = propagate(lambda x: x.T @ x, np.ones((2, 3)), np.eye(6).reshape(2, 3, 2, 3))
    assert (y.shape, covariance.shape) == ((3, 3), (3, 3, 3, 3))
    independent = propagate(lambda x: x.T @ x, np.ones((2, 3)), np.ones((2, 3)))
    np.testing.assert_array_equal(independent.covariance, covariance)
    assert independent.std.shape == (3, 3)


def test_trees():
    def power(q):
        return np.stack([q["U"] * q["I"][0], q["U"] ** 2 * q["I"][1]])

    def of_vector(x):  # keys are sorted
        return power({"I": x[:2], "U": x[2]})

    q = {"U": 6.0, "I": np.array([2.0, 1.5])}
    expected = propagate(of_vector, [2.0, 1.5, 6.0], C, order=2)
    found = propagate(power, q, C, order=2)
    np.testing.assert_array_equal(found.value, expected.value)
    np.testing.assert_array_equal(found.covariance, expected.covariance)
    variances = {"U": 0.04, "I": [0.01, 0.02]}
    found, expected = propagate(power, q, variances), propagate(of_vector, [2.0, 1.5, 6.0], [0.01, 0.02, 0.04])
    np.testing.assert_array_equal(found.covariance, expected.covariance)
    for bad in ({"U": 0.04}, {"U": 0.04, "I": 0.01}, [variances], np.eye(2)):
        with pytest.raises(ShapeError, match="covariance"):
            propagate(power, q, bad)


def test_many_independent_elements_take_no_matrix():
    x = np.linspace(1, 2, 100_000)
    mean, variance = propagate(lambda x: np.mean(x**2), x, 0.01 * x)
    np.testing.assert_allclose(variance, np.sum(4 * x**2 * 0.01 * x) / 1e10, rtol=1e-12)
    assert propagate(np.sum, np.zeros(0), np.zeros(0)) == (0.0, 0.0)


def test_through_a_solver_and_differentiated():
    def root(x):
        return brentq(lambda z: z**3 + x[0] * z - x[1], 0, 5, xtol=1e-14)

    z = root(np.array([1.0, 2.0]))  # which is 1
    _, variance = propagate(root, [1.0, 2.0], [0.04, 0.09])
    np.testing.assert_allclose(variance, (z**2 * 0.04 + 0.09) / (3 * z**2 + 1) ** 2, rtol=1e-12)

    def variance_of(a):
        return propagate(lambda x: a * x**2, 3.0, 0.01, order=2).covariance

    np.testing.assert_allclose(derivative(variance_of)(2.0), 4 * (36 * 0.01 + 2e-4), rtol=1e-12)
    np.testing.assert_allclose(grad(lambda c: propagate(np.exp, 0.5, c, order=2).value)(0.1), np.exp(0.5) / 2)
    assert jacobian(lambda x: propagate(np.sin, x, 0.1).std)(0.3) < 0


def test_refusals():
    with pytest.raises(ShapeError, match="variances of independent"):
        propagate(np.sin, X, np.eye(2))
    with pytest.raises(InputError, match="not symmetric"):
        propagate(np.sin, [1.0, 2.0], [[1, 0.1], [0, 1]])
    for bad in ([[1, np.nan], [np.nan, 1]], [1, np.inf]):
        with pytest.raises(InputError, match="not finite"):
            propagate(np.sin, [1.0, 2.0], bad)
    for bad in ([[1, 2], [2, 1]], [1, -1], [[-1, 0], [0, 1]], [[0, 1], [1, 1]]):
        with pytest.raises(InputError, match="no covariance"):
            propagate(np.sin, [1.0, 2.0], bad)
    with pytest.raises(InputError, match="eigenvalue -0.8"):  # though no correlation is greater than 1
        propagate(np.sin, X, [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    assert np.all(propagate(np.copy, X, np.full((3, 3), 0.3)).covariance == 0.3)  # singular, but a covariance
    with pytest.raises(InputError, match="order"):
        propagate(np.sin, 1.0, 1.0, order=3)
    with pytest.raises(InputError, match="real"):
        propagate(lambda x: x * 1j, 1.0, 1.0)
    with pytest.raises(InputError, match="one array"):
        propagate(lambda x: {"a": x}, 1.0, 1.0)
