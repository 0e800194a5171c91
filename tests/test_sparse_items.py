"""Sparse matrices that are filled or changed item by item."""

import copy

import numpy as np
import pytest
import scipy.sparse

from dualnum import Dual, grad, jacobian, value_and_grad
from dualnum.errors import DerivativeLostError
from dualnum.scipy import sparse
from dualnum.scipy.sparse.linalg import spsolve

N = 5
K = np.linspace(1.0, 2.0, N)


def stiffness(k, matrix):
    """Of a chain of springs between a wall and a weight, assembled as in the first chapter of textbooks."""
    for element in range(N):
        for i in (0, 1):
            for j in (0, 1):
                matrix[element + i, element + j] += k[element] * (1.0 if i == j else -1.0)
    matrix[0, :] = 0
    matrix[0, 0] = 1
    return matrix


@pytest.mark.parametrize("kind", ["lil_matrix", "lil_array"])
def test_a_matrix_that_is_filled_by_items(kind):
    make = getattr(sparse, kind)
    plain = stiffness(K, make((N + 1, N + 1)))
    assert isinstance(plain, getattr(scipy.sparse, kind))
    expected = stiffness(K, getattr(scipy.sparse, kind)((N + 1, N + 1)))
    assert (plain != expected).nnz == 0

    def end(k):
        a = stiffness(k, make((N + 1, N + 1)))
        return spsolve(a.tocsc(), np.append(np.zeros(N), 1.0))[-1]

    value, gradient = value_and_grad(end)(K)
    np.testing.assert_allclose(value, np.sum(1 / K), rtol=1e-14)
    np.testing.assert_allclose(gradient, -1 / K**2, rtol=1e-14)
    np.testing.assert_allclose(jacobian(end, mode="forward")(K), gradient, rtol=1e-14)
    np.testing.assert_allclose(jacobian(grad(end))(K), np.diag(2 / K**3), rtol=1e-12, atol=1e-14)


def test_other_names_see_what_a_matrix_has_become():
    a = sparse.lil_matrix(np.eye(2))
    b = a
    a[0, 1] = Dual(3.0, 1.0)
    assert isinstance(b, sparse.SparseMatrix) and b is a
    np.testing.assert_array_equal((b * np.ones(2)).value, [4, 1])
    np.testing.assert_array_equal((b * np.ones(2)).tangent, [1, 0])
    assert isinstance(sparse.lil_array(b), sparse.SparseMatrix)
    assert sparse.lil_array(Dual(np.eye(2), np.eye(2))).format == "lil"


def test_items_that_are_read_between_updates():
    def changed(x, a):
        a[0, 0] = x[0]
        a[1, 1:3] = x[:2]
        a[0, 0] += a[1, 2] * a[0, 1]
        a[2, 2] *= 2
        a[1, 1] = 0
        a[1, 1] -= x[2]
        a[0, 1] = 4.0
        a[0, 1] += 1
        return a

    base = np.array([[0.0, 5.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 7.0]])
    x = np.array([1.0, 2.0, 3.0])
    expected = jacobian(lambda x: changed(x, base * (1 + 0 * x[0])))(x)
    for mode in ("forward", "reverse"):
        found = jacobian(lambda x: changed(x, x[0] / x[0] * sparse.csr_array(base)).toarray(), mode=mode)(x)
        np.testing.assert_allclose(found, expected, rtol=1e-14)
    a = changed(Dual(x, x), Dual(1.0, 0.0) * scipy.sparse.csr_array(base))
    assert (a.shape, a.dtype, a.nnz) == ((3, 3), float, 5)


def test_what_has_been_set_does_not_change_with_the_array():
    row = Dual(K.copy(), K)
    a = row[0] * scipy.sparse.eye_array(N)
    a[1, :] = row
    row[:] = 0.0
    np.testing.assert_array_equal(a.toarray()[1].value, K)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda a: a.copy(), lambda a: a.tocsr()])
def test_copies_between_updates(again):
    a = Dual(1.0, 1.0) * scipy.sparse.eye(3, format="csc")
    a[0, 1] = 2.0
    b = again(a)
    a[0, 2], b[0, 2] = 3.0, 4.0
    np.testing.assert_array_equal(a.toarray().value[0], [1, 2, 3])
    np.testing.assert_array_equal(b.toarray().value[0], [1, 2, 4])


def test_a_matrix_set_to_itself():
    a = Dual(1.0, 1.0) * scipy.sparse.csr_array(np.diag(K))
    a[0, 1] = 9.0
    a[:2, :2] = a[:2, :2].T
    a[2:, 2:] = a[:3, :3]
    np.testing.assert_array_equal(a.toarray().value[2:, 2:], [[1, 0, 0], [9, 1.25, 0], [0, 0, 1.5]])


INDICES = {
    "an item": (-1, -2),
    "a row": (1, np.s_[:]),
    "a column": (np.s_[:], 1),
    "part of a column": (np.s_[1:3], 0),
    "backwards": (np.s_[::-1], 0),
    "pairs": ([1, 2], [0, 3]),
    "rows": [1, 2],
    "a block": np.s_[:2, 1:3],
    "a grid": np.ix_([0, 2], [1, 3]),
    "a mask": np.eye(4) > 0,
    "a mask of rows": np.array([True, False, True, False]),
}


@pytest.mark.parametrize("kind", ["csr_array", "csc_matrix", "lil_array", "lil_matrix"])
@pytest.mark.parametrize("name", INDICES)
def test_values_are_broadcast_as_by_scipy(name, kind):
    values = [2.0, 0.0, np.arange(4.0), np.arange(4.0)[None], np.arange(4.0)[:, None], np.arange(2.0), np.ones((2, 2))]
    for value in values:
        theirs = getattr(scipy.sparse, kind)(np.full((4, 4), 7.0))
        ours = [getattr(sparse, kind)(Dual(np.full((4, 4), 7.0), np.zeros((4, 4)))) for _ in range(2)]
        settings = [(ours[0], value), (ours[1], Dual(value, value))]
        try:
            theirs[INDICES[name]] = value
        except (ValueError, IndexError):
            for matrix, given in settings:
                with pytest.raises((ValueError, IndexError)):
                    matrix[INDICES[name]] = given
            continue
        for matrix, given in settings:
            matrix[INDICES[name]] = given
            np.testing.assert_array_equal(matrix.toarray().value, theirs.toarray())
        expected = np.where(theirs.toarray() == 7, 0, theirs.toarray())
        np.testing.assert_array_equal(ours[1].toarray().tangent, expected)


@pytest.mark.parametrize("kind", ["dok_matrix", "csr_array", "lil_array"])
def test_scipys_own_say_which_class_to_take(kind):
    matrix = getattr(scipy.sparse, kind)((2, 2))
    with pytest.raises(DerivativeLostError, match="lil_array"):
        matrix[0, 1] = Dual(1.0, 1.0)


def test_a_matrix_of_integers_takes_nothing_that_carries_derivatives():
    matrix = sparse.lil_matrix((2, 2), dtype=int)
    with pytest.raises(DerivativeLostError, match="floats"):
        matrix[0, 1] = Dual(2.5, 1.0)
