"""Sparse matrices whose entries carry derivatives behave as those of SciPy: classes, formats, copies, cost."""

import copy
import itertools
import operator
import pickle
import tracemalloc

import numpy as np
import pytest
import scipy.sparse

from dualnum import Dual, grad, jacobian
from dualnum.scipy import sparse
from dualnum.scipy.sparse.linalg import factorized, splu, spsolve

RNG = np.random.default_rng(9)
N = 4
M = np.triu(RNG.uniform(1, 2, (N, N))) * (RNG.random((N, N)) < 0.7) + 3 * np.eye(N)
V = RNG.standard_normal(N)
FORMATS = [f"{name}_{kind}" for name in ("csr", "csc", "coo", "dia", "bsr") for kind in ("array", "matrix")]


def active(format):
    return getattr(sparse, format)(Dual(M, M))


def numbers(a):
    a = a.toarray() if sparse.issparse(a) else a
    return getattr(a, "value", a)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.matmul, lambda a, b: a.multiply(b)])
def test_class_and_format_of_results(operation):
    for left, right in itertools.product(FORMATS, repeat=2):
        constant, other = getattr(scipy.sparse, left)(M), getattr(scipy.sparse, right)(M)
        expected = operation(constant, other)
        found = [operation(active(left), other), operation(active(left), active(right))]
        if operation in (operator.add, operator.sub, operator.matmul):
            found.append(operation(constant, active(right)))
        for result in found:
            assert result.format == expected.format
            np.testing.assert_allclose(numbers(result * V), numbers(expected * V), rtol=1e-14)


@pytest.mark.parametrize("format", FORMATS[:6])
def test_format_of_what_is_moved(format):
    constant, ours = getattr(scipy.sparse, format)(M), active(format)
    for function in (
        lambda m, a: a.T,
        lambda m, a: 2 * a / 3,
        lambda m, a: m.kron(a, a),
        lambda m, a: m.kron(a, a, format="csc"),
        lambda m, a: m.tril(a),
        lambda m, a: a[1:, ::2] if a.format in ("csr", "csc") else a,
    ):
        assert function(sparse, ours).format == function(scipy.sparse, constant).format


def test_broadcasting_makes_no_full_matrix():
    n = 10_000

    def function(x):
        a = sparse.diags_array([x, x[:-1]], offsets=[0, 1])
        return np.sum((a.multiply(x) + a.multiply(x[:, None]) - a / x) @ x)

    tracemalloc.start()
    grad(function)(np.ones(n))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 8 * n


def test_a_sparse_block_that_is_set_stays_sparse():
    def changed(x):
        a = sparse.csr_array(np.outer(x, x))
        a[1:, :-1] = sparse.diags_array([x[1:] ** 2, x[2:]], offsets=[0, 1])
        a[0] = scipy.sparse.csr_array([[0, 0, 5.0, 0]])
        return a

    def reference(x):
        a = np.outer(x, x)
        a[1:, :-1] = np.diag(x[1:] ** 2) + np.diag(x[2:], 1)
        a[0] = [0, 0, 5, 0]
        return a

    assert changed(Dual(V, V)).nnz == 1 + 3 + 2 + 3
    np.testing.assert_allclose(
        jacobian(lambda x: changed(x).toarray(), mode="reverse")(V), jacobian(reference)(V), rtol=1e-14
    )


def test_precision_stays_when_items_are_set():
    a = sparse.csr_matrix(Dual(M, M).astype(np.float32))
    a[0] = 0
    a[1, 2] = 1.5
    a[2, [0, 1]] = V[:2]
    assert a.dtype == np.float32


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))])
def test_copies_of_what_has_been_solved(again):
    a = active("csc_array")
    x = spsolve(a, V)
    b = again(a)
    b[0, 0] = 100.0
    np.testing.assert_array_equal(spsolve(again(a), V).tangent, x.tangent)
    assert a[0, 0].value == M[0, 0]


def test_factors_do_not_see_updates():
    def solved(x):
        a = sparse.csc_matrix(x)
        factors, solve = splu(a), factorized(a)
        a[0, 0] = 50.0
        a *= 2
        a.entries[1] = 9.0
        return factors.solve(V) + solve(V)

    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(
            jacobian(solved, mode=mode)(M), jacobian(lambda x: 2 * np.linalg.solve(x, V))(M), rtol=1e-13, atol=1e-14
        )


def test_arrays_of_the_caller_stay_as_they_are():
    constant = scipy.sparse.csr_array(M)
    sparse.csr_array((Dual(constant.data, constant.data), constant.indices, constant.indptr))
    assert all(array.flags.writeable for array in (constant.data, constant.indices, constant.indptr))


@pytest.mark.parametrize("format", ["csr_array", "csr_matrix"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, complex])
@pytest.mark.parametrize("divisor", [3, 7.3, np.float64(7.3), np.float32(0.3), np.full((N, N), 7.3), np.full(N, 7.3)])
def test_quotients_are_the_same_bits(format, dtype, divisor):
    def in_place(A):
        A /= divisor
        return A

    entries = RNG.standard_normal(N).astype(dtype)
    for divide in (lambda A: A / divisor, in_place):
        expected, found = (
            numbers(divide(getattr(sparse, format)((x, (range(N), range(N))), shape=(N, N))))
            for x in (entries, Dual(entries, entries))
        )
        np.testing.assert_array_equal(found, expected, strict=True)
