"""Decompositions: what is not a function of the matrix, equal eigenvalues, phases."""

import numpy as np
import pytest

from dualnum import Dual, jacobian, jvp
from dualnum.errors import DualnumError, NoRuleError
from tests.samples.products import makers

linalg = np.linalg
RNG = np.random.default_rng(8)
UNIT = np.eye(2)
SWAP = np.array([[0.0, 1.0], [1.0, 0.0]])
JORDAN = np.array([[1.0, 1.0], [0.0, 1.0]])
TURN = linalg.qr(RNG.normal(size=(3, 3)))[0]
REPEATED = TURN @ np.diag([1.0, 1.0, 3.0]) @ TURN.T


def test_results_have_numpys_types():
    x = Dual(REPEATED + np.diag([0.0, 1.0, 2.0]), np.zeros((3, 3)))
    assert type(linalg.eigh(x)).__name__ == "EighResult"
    assert type(linalg.eig(x)).__name__ == "EigResult"
    assert type(linalg.svd(x)).__name__ == "SVDResult"
    assert type(linalg.qr(x)).__name__ == "QRResult"


@pytest.mark.parametrize("function", [linalg.eigvalsh, linalg.eigvals, linalg.svdvals])
def test_equal_values_share_their_tangents(function):
    np.testing.assert_allclose(function(Dual(UNIT, np.diag([1.0, 2.0]))).tangent, 1.5)
    np.testing.assert_allclose(function(Dual(UNIT, SWAP)).tangent, 0, atol=1e-15)


@pytest.mark.parametrize("function", [linalg.eigvalsh, linalg.eigvals, linalg.svdvals])
def test_symmetric_functions_of_equal_values_are_exact(function):
    got = jacobian(lambda a: np.sum(function(a + a.T) ** 3))(REPEATED / 2)
    np.testing.assert_allclose(got, 6 * REPEATED @ REPEATED, rtol=1e-12, atol=1e-12)


def test_graded_eigenvalues_are_not_taken_for_equal():
    a = np.diag([1e-20, 2e-20, 1.0])
    np.testing.assert_allclose(linalg.eigvalsh(Dual(a, np.diag([3.0, 4.0, 5.0]))).tangent, [3, 4, 5])
    np.testing.assert_allclose(linalg.svdvals(Dual(a, np.diag([3.0, 4.0, 5.0]))).tangent, [5, 4, 3])


@pytest.mark.parametrize("function", [linalg.eigh, linalg.eig, linalg.svd])
def test_vectors_of_equal_values_raise_in_directions_that_turn_them(function):
    with pytest.raises(DualnumError, match="are equal"):
        function(Dual(UNIT, SWAP))
    with pytest.raises(DualnumError, match="are equal"):
        function(Dual(REPEATED, np.stack([np.zeros((3, 3)), RNG.normal(size=(3, 3))])))


@pytest.mark.parametrize("function", [linalg.eigh, linalg.eig, linalg.svd])
def test_vectors_of_equal_values_stay_in_other_directions(function):
    parts = function(Dual(UNIT, np.stack([np.zeros((2, 2)), np.diag([1.0, 2.0])])))
    vectors = [part for part in parts if part.ndim == 2]
    for part in vectors:
        np.testing.assert_array_equal(part.tangent, 0)


@pytest.mark.parametrize("function", [linalg.eigh, linalg.svd])
def test_second_derivatives_at_equal_values_raise(function):
    with pytest.raises(DualnumError, match="are equal"):
        jvp(lambda a: jvp(function, (a,), (np.diag([1.0, 2.0]),))[1][0], (UNIT,), (UNIT,))


@pytest.mark.parametrize("function", [linalg.eig, linalg.eigvals])
@pytest.mark.parametrize("a", [JORDAN, JORDAN - UNIT, 1e300 * (JORDAN - UNIT)])
def test_defective_matrices_raise(function, a):
    with pytest.raises(DualnumError, match="defective"):
        function(Dual(a, UNIT))


@pytest.mark.parametrize("function", [linalg.eigh, linalg.eigvalsh, linalg.cholesky])
def test_only_one_triangle_counts(function):
    a = REPEATED + np.diag([0.0, 1.0, 2.0])
    upper = Dual(a, np.triu(np.ones((3, 3)), 1))
    for part in [function(upper)] if function is not linalg.eigh else function(upper):
        np.testing.assert_array_equal(part.tangent, 0)
    other = {"upper": True} if function is linalg.cholesky else {"UPLO": "U"}
    lower = Dual(a, np.tril(np.ones((3, 3)), -1))
    for part in [function(lower, **other)] if function is not linalg.eigh else function(lower, **other):
        np.testing.assert_array_equal(part.tangent, 0)


def test_singular_values_at_zero_are_at_their_minimum():
    np.testing.assert_array_equal(linalg.svdvals(Dual(np.diag([2.0, 0.0]), UNIT)).tangent, [1, 0])
    np.testing.assert_array_equal(linalg.svd(Dual(np.diag([2.0, 0.0]), UNIT))[1].tangent, [1, 0])


@pytest.mark.parametrize("shape", [(4, 2), (2, 5)])
def test_vectors_without_a_singular_value_have_no_rule(shape):
    x = Dual(RNG.normal(size=shape), np.ones(shape))
    with pytest.raises(NoRuleError, match="full_matrices=False"):
        linalg.svd(x)
    assert linalg.svd(x, full_matrices=False)[0].tangent.shape == (shape[0], 2)


def test_one_vector_without_a_singular_value_is_determined_by_the_others():
    u = linalg.svd(Dual(RNG.normal(size=(3, 2)), RNG.normal(size=(3, 2))))[0]
    np.testing.assert_allclose(u.value.T @ u.tangent + u.tangent.T @ u.value, 0, atol=1e-14)
    with pytest.raises(NoRuleError):
        linalg.svd(Dual(RNG.normal(size=(3, 2)) + 0j, np.ones((3, 2)) + 0j))


def test_singular_vectors_of_a_matrix_without_full_rank_raise():
    with pytest.raises(DualnumError, match="zero"):
        linalg.svd(Dual(np.ones((3, 2)), RNG.normal(size=(3, 2))), full_matrices=False)


@pytest.mark.parametrize("mode", ["complete", "raw"])
def test_qr_modes_without_a_rule(mode):
    with pytest.raises(NoRuleError, match="mode='reduced'"):
        linalg.qr(Dual(RNG.normal(size=(4, 2)), np.ones((4, 2))), mode)


def test_qr_of_dependent_columns_raises():
    with pytest.raises(DualnumError, match="dependent"):
        linalg.qr(Dual(np.ones((3, 2)), np.ones((3, 2))))


def test_orthogonal_factors_stay_orthogonal():
    a = Dual(np.diag([1.0, 2.0, 4.0]) + REPEATED, RNG.normal(size=(3, 3)))
    for q in (linalg.qr(a)[0], linalg.eigh(a)[1], linalg.svd(a)[0]):
        change = q.value.T @ q.tangent
        np.testing.assert_allclose(change + change.T, 0, atol=1e-13)


def test_eigenvectors_of_a_diagonal_complex_matrix_keep_their_phases():
    a = np.diag([1.0, 2.0, 4.0]) + 0j
    w, v = linalg.eigh(Dual(a, np.eye(3) + 0j))
    np.testing.assert_allclose(w.tangent, 1)
    np.testing.assert_allclose(v.tangent, 0)


def turned_like(v, reference):
    """Undo LAPACK's choice of signs."""
    return v * np.sign(np.sum(np.conj(v) * reference, axis=-2, keepdims=True).real)


@pytest.mark.parametrize("make", makers(30))
@pytest.mark.parametrize(
    "vectors",
    [
        lambda a: linalg.eigh(a, "L")[1],
        lambda a: linalg.eigh(a, "U")[1],
        lambda a: linalg.eig(a)[1],
        lambda a: linalg.svd(a)[0],
        lambda a: linalg.svd(a)[2].mT,
        lambda a: linalg.svd(a[:, :2], full_matrices=False)[0],
        lambda a: linalg.svd(a[:2], full_matrices=False)[2].mT,
    ],
)
def test_phases_are_those_of_lapack(make, vectors):
    a, a_dot = make(3, 3), make(3, 3)
    v, v_dot = jvp(vectors, (a,), (a_dot,))

    def difference(h):
        return (turned_like(vectors(a + h * a_dot), v) - turned_like(vectors(a - h * a_dot), v)) / (2 * h)

    np.testing.assert_allclose(v_dot, (4 * difference(5e-5) - difference(1e-4)) / 3, atol=1e-7 * np.max(np.abs(v_dot)))
