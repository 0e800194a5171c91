"""Sparse matrices, entry by entry, against the same done with arrays; and what looks at values only, against SciPy."""

import numpy as np
import pytest
import scipy.sparse

from dualnum import Dual
from dualnum.scipy import sparse
from tests.test_sparse_matrices import CONSTANT, C, N, V, X, compare, made


def updated(a, *changes):
    a = a.copy()
    for change in changes:
        change(a)
    return a


def with_diagonals(a):
    a = a.copy()
    a[np.arange(N), np.arange(N)] = a[0, 0] * V
    a[np.arange(N - 2) + 1, np.arange(N - 2)] = V[: N - 2]
    a[np.arange(N - 2), np.arange(N - 2) + 2] = 3.0
    return a


CASES = {
    "powers": (lambda a: a.power(2) @ V + (a**1.5) @ V, lambda a: (a**2 + a**1.5) @ V),
    "powers of matrices": (lambda a: (sparse.csr_matrix(a) ** 3) * V, lambda a: a @ (a @ (a @ V))),
    "functions": (lambda a: a.tanh().sqrt() @ V + a.expm1().sin() @ V, lambda a: (np.sqrt(np.tanh(a)) + np.sin(np.expm1(a))) @ V),
    "means": (lambda a: a.mean() * a.mean(axis=0) * a.mean(1), lambda a: a.mean() * a.mean(axis=0) * a.mean(axis=1)),
    "sums by name": (lambda a: np.sum(a) * np.sum(a, axis=1), lambda a: np.sum(a) * np.sum(a, axis=1)),
    "extrema": (lambda a: a.max() * a.min() * (-a).min(), lambda a: -a.max() ** 2 * a.min()),
    "of full matrices": (lambda a: sparse.csr_array(a.toarray() + 1).min() + (-sparse.csr_array(a.toarray() + 1)).max(), lambda a: 0 * a.min()),
    "larger": (lambda a: (a - CONSTANT).maximum(CONSTANT / 2 - a) @ V, lambda a: np.maximum(a - C, C / 2 - a) @ V),
    "smaller": (lambda a: a.minimum(CONSTANT) @ V + (-a).maximum(-0.7) @ V, lambda a: (np.minimum(a, C) + np.maximum(-a, -0.7)) @ V),
    "parts": (lambda a: (a * (1 + 2j)).real @ V + (a * (1 + 2j)).imag @ V, lambda a: 3 * a @ V),
    "rows and columns": (lambda a: a.getrow(-1) @ V + a.getcol(1).T @ V, lambda a: a[-1:] @ V + a[:, 1][None] @ V),
    "other shapes": (lambda a: a[1:].reshape(2, -1) @ np.arange(10.0), lambda a: a[1:].reshape(2, -1) @ np.arange(10.0)),
    "resized": (lambda a: updated(a, lambda b: b.resize((3, 7))) @ np.arange(7.0), lambda a: a[:3] @ np.arange(5.0)),
    "diagonals": (
        lambda a: updated(a, lambda b: b.setdiag(b[0, 0] * V), lambda b: b.setdiag(V[: N - 2], k=-1), lambda b: b.setdiag(3.0, 2)) @ V,
        lambda a: with_diagonals(a) @ V,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_derivatives_are_those_of_arrays(name):
    compare(*CASES[name])


@pytest.mark.parametrize("kind", ["csr_array", "csr_matrix"])
def test_what_looks_at_values_only_is_as_with_scipy(kind):
    theirs = made(X, getattr(scipy.sparse, kind))
    ours = made(Dual(X, X), getattr(sparse, kind))
    other = getattr(scipy.sparse, kind)(CONSTANT)
    for function in (
        lambda a: a > 0.8,
        lambda a: a != other,
        lambda a: a < a.T,
        lambda a: abs(a - a.T) >= 1e-10,
        lambda a: a.nonzero(),
        lambda a: a.count_nonzero(),
        lambda a: a.argmax(),
        lambda a: a.argmin(axis=1),
        lambda a: (a.has_sorted_indices, a.has_canonical_format, a.size, a.ndim),
        lambda a: a.getnnz(axis=0) if kind == "csr_matrix" else a.nnz,
    ):
        found, expected = function(ours), function(theirs)
        assert isinstance(found, type(expected))
        same = (found != expected).nnz == 0 if scipy.sparse.issparse(found) else np.array_equal(found, expected)
        assert same, (found, expected)
    assert (ours != ours.copy()).nnz == 0
    np.testing.assert_array_equal(ours[ours > 0.8].value, np.asarray(theirs[theirs > 0.8]))


def test_an_entry_that_is_zero_keeps_its_derivative():
    a = sparse.csr_array((Dual([0.0, 1.0], [5.0, 6.0]), ([0, 1], [0, 1])))
    for tidy in (a.eliminate_zeros, a.sort_indices, a.sum_duplicates, a.prune):
        tidy()
    np.testing.assert_array_equal((a @ np.ones(2)).tangent, [5, 6])
