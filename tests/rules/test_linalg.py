"""solve, inv, det and what is made of them: singular matrices, shapes that NumPy can misread, errors."""

import mpmath
import numpy as np
import pytest

from dualnum import Dual, jacobian, jvp

RNG = np.random.default_rng(6)
A = RNG.normal(size=(3, 3))
B = RNG.normal(size=3)


def cofactors(a):
    """Derivative of the determinant, from its definition."""
    n = range(len(a))
    minors = [[np.delete(np.delete(a, i, 0), j, 1) for j in n] for i in n]
    return np.array([[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in n] for i in n])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_as_many_directions_as_rows_are_not_taken_for_a_matrix(count):
    b_dot = RNG.normal(size=(count, 3))
    x_dot = np.linalg.solve(A, Dual(B, b_dot)).tangent
    np.testing.assert_allclose(x_dot, [np.linalg.solve(A, t) for t in b_dot], rtol=1e-12)
    assert x_dot.flags.c_contiguous
    a_dot = RNG.normal(size=(count, 3, 3))
    x = np.linalg.solve(A, B)
    expected = [-np.linalg.solve(A, t @ x) for t in a_dot]
    np.testing.assert_allclose(np.linalg.solve(Dual(A, a_dot), B).tangent, expected, rtol=1e-12)


def test_the_jacobian_of_solve_is_the_inverse():
    np.testing.assert_allclose(jacobian(lambda b: np.linalg.solve(A, b))(B), np.linalg.inv(A), rtol=1e-12)


def test_no_directions_at_all():
    assert np.linalg.solve(A, Dual(B, np.zeros((0, 3)))).tangent.shape == (0, 3)
    for function in (np.linalg.inv, np.linalg.det):
        assert function(Dual(A, np.zeros((0, 3, 3)))).tangent.shape[0] == 0


@pytest.mark.parametrize("function", [np.linalg.inv, lambda a: np.linalg.solve(a, np.ones(2))])
def test_singular_matrices_give_numpys_own_error(function):
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        function(Dual(np.ones((2, 2)), np.ones((2, 2))))


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_the_determinant_of_singular_matrices(rank):
    a = RNG.normal(size=(4, rank)) @ RNG.normal(size=(rank, 4))
    np.testing.assert_allclose(jacobian(np.linalg.det)(a), cofactors(a), rtol=1e-10, atol=1e-13)


def test_the_determinant_of_a_stack_with_a_singular_matrix():
    a = np.stack([A, np.ones((3, 3)), np.diag([1.0, 2.0, 0.0])])
    a_dot = RNG.normal(size=(2, 3, 3, 3))
    expected = np.sum(np.stack([cofactors(m) for m in a]) * a_dot, axis=(-2, -1))
    np.testing.assert_allclose(np.linalg.det(Dual(a, a_dot)).tangent, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("a", [np.diag([2.0, 0.0, 0.0]), np.ones((3, 3)), np.zeros((3, 3)), A])
def test_second_and_third_derivatives_of_the_determinant(a):
    def det(a):
        return (
            a[0, 0] * (a[1, 1] * a[2, 2] - a[1, 2] * a[2, 1])
            - a[0, 1] * (a[1, 0] * a[2, 2] - a[1, 2] * a[2, 0])
            + a[0, 2] * (a[1, 0] * a[2, 1] - a[1, 1] * a[2, 0])
        )

    ours, expected = np.linalg.det, det
    for _ in range(3):
        ours, expected = jacobian(ours), jacobian(expected)
        np.testing.assert_allclose(ours(a), expected(a), rtol=1e-11, atol=1e-13)


def test_determinants_of_ill_conditioned_matrices():
    n = 10
    a = 1 / (np.arange(n)[:, None] + np.arange(n) + 1.0)
    a_dot = RNG.normal(size=(n, n))
    with mpmath.workdps(60):
        exact = mpmath.matrix(a.tolist())
        adjugate = mpmath.det(exact) * exact**-1
        expected = float(mpmath.fsum(adjugate[i, j] * a_dot[j, i] for i in range(n) for j in range(n)))
    got = np.linalg.det(Dual(a, a_dot)).tangent
    assert abs(got - expected) <= 1e-4 * abs(expected)  # the condition number is 1e13


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_the_determinant_may_leave_the_range_and_its_derivative_stay(size):
    with np.errstate(all="ignore"):
        got = jacobian(np.linalg.det)(np.eye(2) * size)
    np.testing.assert_allclose(got, np.eye(2) * size)


def test_determinants_of_graded_matrices():
    got = jacobian(np.linalg.det)(np.diag([1.0, 1e-200, 1e-200]))
    np.testing.assert_allclose(np.diagonal(got), [0, 1e-200, 1e-200])


def test_nan_stays_nan():
    a = np.array([[np.nan, 1.0], [1.0, 2.0]])
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.linalg.det(Dual(a, np.eye(2))).tangent)


def test_slogdet_is_the_logarithm_of_det():
    sign, logarithm = np.linalg.slogdet(Dual(A, np.eye(3)))
    assert type(np.linalg.slogdet(Dual(A, A))).__name__ == "SlogdetResult"
    np.testing.assert_allclose(logarithm.tangent, np.trace(np.linalg.inv(A)))
    assert sign.tangent == 0


def test_slogdet_of_singular_matrices():
    directions = np.stack([np.zeros((2, 2)), np.diag([0.0, 1.0]), np.diag([1.0, 0.0])])
    logarithm = np.linalg.slogdet(Dual(np.diag([1.0, 0.0]), directions))[1]
    np.testing.assert_array_equal(logarithm.tangent, [0, np.inf, 0])


def test_the_phase_of_a_complex_determinant():
    a = np.array([[1j]])
    sign, logarithm = np.linalg.slogdet(Dual(a, np.array([[[1 + 0j]], [[1j]]])))
    np.testing.assert_allclose(sign.tangent, [1, 0])
    np.testing.assert_allclose(logarithm.tangent, [0, 1])


def test_the_zeroth_power_has_no_derivative():
    out, out_dot = jvp(lambda a: np.linalg.matrix_power(a, 0), (A,), (A,))
    np.testing.assert_array_equal(out, np.eye(3))
    np.testing.assert_array_equal(out_dot, 0)


def test_multi_dot_takes_the_cheap_order():
    column, row = RNG.normal(size=(200, 1)), RNG.normal(size=(1, 200))
    x = Dual(RNG.normal(size=(200, 1)), RNG.normal(size=(3, 200, 1)))
    out = np.linalg.multi_dot([column, row, x])
    np.testing.assert_allclose(out.tangent, column @ (row @ x.tangent), rtol=1e-10)


def test_multi_dot_with_an_active_matrix_in_the_middle():
    c = RNG.normal(size=(3, 2))
    got = jacobian(lambda a: np.linalg.multi_dot([B, a, c]))(A)
    np.testing.assert_allclose(got, np.einsum("i,jk->kij", B, c), rtol=1e-13)
