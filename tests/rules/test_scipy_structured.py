"""Banded and Toeplitz systems of dualnum.scipy.linalg against dense ones, and matrices made of parts."""

import numpy as np
import pytest
import scipy.linalg

from dualnum import Dual, NoRuleError, grad, jacobian, jvp
from dualnum.scipy import linalg
from tests.rules.test_scipy_linalg import along
from tests.samples.products import makers
from tests.samples.scipy_structured import banded

real, plane = makers(35)


def dense(l_and_u, ab):
    """The matrix itself, as SciPy's documentation says: ``ab[u + i - j, j] == a[i, j]``."""
    lower, upper = l_and_u
    return sum(np.diag(ab[upper - k, max(k, 0) : ab.shape[1] + min(k, 0)], k) for k in range(-lower, upper + 1))


@pytest.mark.parametrize("make", [real, plane])
@pytest.mark.parametrize("l_and_u", [(1, 1), (2, 0), (1, 2)])
def test_banded_systems_stay_solved_to_second_order(make, l_and_u):
    ab, b = banded(make, *l_and_u, 5), make(5, 2)

    def residual(ab):
        x = linalg.solve_banded(l_and_u, ab, b * ab[0, 1])
        y = linalg.solve_banded(l_and_u, ab, x[:, 0])
        return np.concatenate(
            [dense(l_and_u, ab) @ x - b * ab[0, 1], (dense(l_and_u, ab) @ y - x[:, 0])[:, None]], axis=1
        )

    found = along(residual, ab, make(*ab.shape)) if make is real else jvp(residual, (ab,), (make(*ab.shape),))
    for derivative in found:
        np.testing.assert_allclose(derivative, 0, atol=1e-12)


def test_corners_that_are_not_read_have_no_derivative_and_may_hold_anything():
    ab = banded(real, 1, 2, 4)
    ab[0, :2] = ab[1, 0] = ab[3, 3] = np.nan

    def f(ab):
        return np.sum(linalg.solve_banded((1, 2), ab, np.ones(4), check_finite=False) ** 2)

    found = grad(f)(ab)
    np.testing.assert_array_equal(found == 0, np.isnan(ab))
    np.testing.assert_array_equal(jacobian(f, mode="forward")(ab) == 0, np.isnan(ab))
    np.testing.assert_allclose(jacobian(f, mode="forward")(ab), found, rtol=1e-12)


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("width", [1, 2])
def test_hermitian_banded_systems_stay_solved(lower, width):
    ab, b, ab_dot = banded(plane, 0, width, 4)[:: -1 if lower else 1], plane(4), plane(width + 1, 4)

    def residual(ab):
        whole = dense((width, 0), ab) if lower else dense((0, width), ab)
        triangle = np.tril(whole, -1) if lower else np.triu(whole, 1)
        matrix = triangle + triangle.conj().T + np.diag(np.diag(whole).real)
        return matrix @ linalg.solveh_banded(ab, b, lower=lower) - b

    for derivative in jvp(residual, (ab,), (ab_dot,)):
        np.testing.assert_allclose(derivative, 0, atol=1e-13)
    second = jvp(lambda ab: jvp(residual, (ab,), (ab_dot,))[1], (ab,), (ab_dot,))[1]
    np.testing.assert_allclose(second, 0, atol=1e-12)


def test_a_long_banded_system_needs_no_matrix():
    """The heat flow through a wall of 100,000 layers in series: with unit ends it is 1 over the sum of resistances."""
    n = 100_000
    resistances = 1 + 0.5 * np.sin(np.arange(n))

    def flow(r):
        conductances = 1 / r
        main = conductances[:-1] + conductances[1:]
        ab = np.stack([np.append(0, -conductances[1:-1]), main, np.append(-conductances[1:-1], 0)])
        temperatures = linalg.solve_banded((1, 1), ab, conductances[0] * (np.arange(n - 1) == 0))
        return temperatures[-1] * conductances[-1]

    total = np.sum(resistances)
    np.testing.assert_allclose(flow(resistances), 1 / total, rtol=1e-6)
    np.testing.assert_allclose(grad(flow)(resistances), -1 / total**2, rtol=1e-5)


def test_toeplitz_systems_stay_solved_to_second_order():
    c, r, b = real(4) + [6, 0, 0, 0], real(4), real(4)

    def residual(p):
        c, r = p
        return linalg.toeplitz(c, r) @ linalg.solve_toeplitz((c, r), b) - b

    for derivative in along(residual, np.stack([c, r]), real(2, 4)):
        np.testing.assert_allclose(derivative, 0, atol=1e-12)


def test_matrices_made_of_parts():
    x = Dual(np.array([2.0, 3.0]), np.array([0.5, -1.0]))
    np.testing.assert_array_equal(linalg.toeplitz(x).tangent, [[0.5, -1], [-1, 0.5]])
    np.testing.assert_array_equal(linalg.toeplitz([1.0, 2.0], x).tangent, [[0, -1], [0, 0]])
    np.testing.assert_array_equal(linalg.toeplitz(x * 1j, None).tangent, [[0.5j, 1j], [-1j, 0.5j]])
    np.testing.assert_array_equal(linalg.block_diag(x, 7, x[1]).tangent, [[0.5, -1, 0, 0], [0] * 4, [0, 0, 0, -1]])
    np.testing.assert_allclose(linalg.norm(x).tangent, -2 / 13**0.5)
    np.testing.assert_array_equal(grad(linalg.norm)(np.zeros(2)), 0)


def test_what_has_no_rule():
    with pytest.raises(NoRuleError, match="Divide by the element"):
        linalg.solve_banded((2, 0), Dual(np.ones((3, 1)), np.ones((3, 1))), np.ones(1))
    stack = Dual(np.ones((2, 3, 3)) + np.eye(3), np.ones((2, 3, 3)))
    for f in (
        lambda: linalg.solve_banded((1, 1), stack, np.ones(3)),
        lambda: linalg.solveh_banded(stack, np.ones(3)),
        lambda: linalg.block_diag(stack),
        lambda: linalg.solve_toeplitz(np.array([2.0, 1.0]), stack[:, :2]),
    ):
        with pytest.raises((NoRuleError, ValueError)):
            f()


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of SciPy, for arrays that will be stacks
def test_toeplitz_matrices_of_matrices_have_no_rule():
    square = np.eye(2)
    with pytest.raises(NoRuleError, match="more than one axis"):
        linalg.toeplitz(Dual(square, square))
    assert linalg.toeplitz(square).shape == scipy.linalg.toeplitz(square).shape
