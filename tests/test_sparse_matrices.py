"""Sparse matrices whose entries carry derivatives, against the same done with arrays."""

import itertools
import warnings

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from scipy import linalg as dense_linalg

from dualnum import Dual, grad, hessian, hvp, jacobian, jvp, taylor
from dualnum.application import primal_all
from dualnum.errors import DerivativeLostError, NoRuleError, ShapeError
from dualnum.scipy import sparse
from dualnum.scipy.linalg import expm
from dualnum.scipy.sparse import linalg
from dualnum.scipy.sparse.linalg import factorized, norm, splu, spsolve

RNG = np.random.default_rng(5)
N = 5
CONSTANT = scipy.sparse.csr_array(RNG.uniform(1, 2, (N, N)) * (RNG.random((N, N)) < 0.4))
ROWS, COLUMNS = np.nonzero((RNG.random((N, N)) < 0.4) + np.eye(N))
# Some places are named twice, and none in order.
ORDER = RNG.permutation(len(ROWS) + 3)
ROWS, COLUMNS = np.append(ROWS, ROWS[:3])[ORDER], np.append(COLUMNS, COLUMNS[:3])[ORDER]
X = RNG.uniform(0.5, 1, len(ROWS)) + 3 * (ROWS == COLUMNS)
V, W, BOTH = RNG.standard_normal(N), RNG.standard_normal((N, 2)), RNG.standard_normal(2 * N)
C = CONSTANT.toarray()
Z = np.zeros((N, N))
REGULAR = (CONSTANT + 5 * scipy.sparse.eye_array(N)).tocsc()


def dense(x):
    a = np.zeros((N, N), x.dtype, like=x)
    np.add.at(a, (ROWS, COLUMNS), x)
    return a


CASES = {
    "matrix @ vector": (lambda a: a @ V, lambda a: a @ V),
    "matrix @ array": (lambda a: a @ W, lambda a: a @ W),
    "vector @ matrix": (lambda a: V @ a, lambda a: V @ a),
    "array @ matrix": (lambda a: W.T @ a, lambda a: W.T @ a),
    "dot": (lambda a: a.dot(V) + a.dot(2.0) @ V, lambda a: 3 * (a @ V)),
    "transpose": (lambda a: a.T @ V + a.transpose() @ V, lambda a: 2 * (a.T @ V)),
    "sums": (lambda a: (CONSTANT + a - CONSTANT * 2 - a * 3 + a) @ V, lambda a: (-C - a) @ V),
    "differences": (lambda a: (CONSTANT - a) @ V - (a - CONSTANT) @ V, lambda a: 2 * ((C - a) @ V)),
    "builtin sum": (lambda a: sum([a, CONSTANT, a]) @ V, lambda a: (2 * a + C) @ V),
    "with an array": (lambda a: (a + C) @ V + (C - a) @ V, lambda a: (a + C) @ V + (C - a) @ V),
    "numbers": (lambda a: (2 * a * 3 / 4) @ V, lambda a: 1.5 * (a @ V)),
    "signs": (lambda a: abs(-a) @ V + (+a) @ V, lambda a: 2 * (a @ V)),
    "products": (lambda a: a @ CONSTANT @ a.T @ V + CONSTANT @ a @ V, lambda a: a @ C @ a.T @ V + C @ a @ V),
    "multiply": (lambda a: a.multiply(a).multiply(CONSTANT) @ V, lambda a: (a * a * C) @ V),
    "rows and columns": (lambda a: a.multiply(V).multiply(V[:, None]) @ V, lambda a: (a * V * V[:, None]) @ V),
    "quotient": (lambda a: (a / V) @ V, lambda a: (a / V) @ V),
    "blocks": (lambda a: sparse.bmat([[a, None], [CONSTANT, a.T]]) @ BOTH, lambda a: np.block([[a, Z], [C, a.T]]) @ BOTH),
    "hstack": (lambda a: sparse.hstack([a, C]) @ BOTH, lambda a: np.hstack([a, C]) @ BOTH),
    "vstack": (lambda a: sparse.vstack([a, CONSTANT, a]) @ V, lambda a: np.vstack([a, C, a]) @ V),
    "block_diag": (
        lambda a: sparse.block_diag((CONSTANT, a)) @ BOTH,
        lambda a: np.concatenate([C @ BOTH[:N], a @ BOTH[N:]]),
    ),
    "triangles": (
        lambda a: sparse.tril(a, -1) @ V + sparse.triu(a, k=1) @ V,
        lambda a: np.tril(a, -1) @ V + np.triu(a, 1) @ V,
    ),
    "kron": (
        lambda a: sparse.kron(np.eye(2), a) @ BOTH + sparse.kron(a, [[1.0, 2.0], [0.0, 1.0]]) @ BOTH,
        lambda a: np.kron(np.eye(2), a) @ BOTH + np.kron(a, np.array([[1.0, 2.0], [0.0, 1.0]])) @ BOTH,
    ),
    "slices": (lambda a: a[1:][:, [0, 2, 0]] @ V[:3], lambda a: a[1:][:, [0, 2, 0]] @ V[:3]),
    "a grid of indices": (lambda a: a[np.ix_([3, 1], [0, 4])] @ V[:2], lambda a: a[np.ix_([3, 1], [0, 4])] @ V[:2]),
    "elements": (lambda a: a[0, 0] * a[1, 1] + a[[0, 1], [1, 2]], lambda a: a[0, 0] * a[1, 1] + a[[0, 1], [1, 2]]),
    "diagonals": (lambda a: a.diagonal()[1:] * a.diagonal(1) + a.trace(), lambda a: np.diag(a)[1:] * np.diag(a, 1) + np.trace(a)),
    "sum": (lambda a: a.sum() * a.sum(axis=0) * a.sum(axis=-1), lambda a: a.sum() * a.sum(axis=0) * a.sum(axis=1)),
    "toarray": (lambda a: np.linalg.inv(a.toarray()), np.linalg.inv),
    "solve": (lambda a: spsolve(a.tocsc(), V), lambda a: np.linalg.solve(a, V)),
    "solve for columns": (lambda a: spsolve(a, W), lambda a: np.linalg.solve(a, W)),
    "solve for what depends on it": (lambda a: spsolve(a, a @ V * V), lambda a: np.linalg.solve(a, a @ V * V)),
    "solve a part": (lambda a: spsolve(a[:3][:, :3], V[:3]), lambda a: np.linalg.solve(a[:3, :3], V[:3])),
    "factors": (lambda a: splu(a).solve(splu(a).solve(V, "T"), "H"), lambda a: np.linalg.solve(a.T, np.linalg.solve(a.T, V))),
    "factorized": (lambda a: factorized(a)(V), lambda a: np.linalg.solve(a, V)),
    "factors of triangles": (
        lambda a: linalg.spsolve_triangular(sparse.tril(a), V) + linalg.spsolve_triangular(sparse.triu(a), V, lower=False, unit_diagonal=True),
        lambda a: np.linalg.solve(np.tril(a), V) + np.linalg.solve(np.triu(a, 1) + np.eye(N), V),
    ),
    "sparse right sides": (
        lambda a: spsolve(a, a.T) @ V + spsolve(a, CONSTANT[:, [0]]) + linalg.inv(a) @ V + spsolve(REGULAR, a) @ V,
        lambda a: np.linalg.solve(a, a.T @ V + C[:, 0] + V) + np.linalg.solve(REGULAR.toarray(), a @ V),
    ),
    "exponential": (lambda a: linalg.expm_multiply(-2 * a, W) + linalg.expm_multiply(sparse.csr_matrix(-a), W), lambda a: (expm(-2 * a) + expm(-a)) @ W),
    "kronsum": (lambda a: (sparse.kronsum(a[:2, :2], a) @ BOTH)[1], lambda a: (np.kron(np.eye(N), a[:2, :2]) + np.kron(a, np.eye(2)))[1] @ BOTH),
    "find": (lambda a: sparse.find(a)[2] * sparse.find(a)[0], lambda a: a[np.nonzero(primal_all(a))] * np.nonzero(primal_all(a))[0]),
    "norms": (
        lambda a: norm(a - CONSTANT, 1) * norm(a, np.inf) * norm(a, axis=0) * norm(a - CONSTANT, 1, axis=1),
        lambda a: np.linalg.norm(a - C, 1) * np.linalg.norm(a, np.inf) * np.linalg.norm(a, axis=0) * np.linalg.norm(a - C, 1, axis=1),
    ),
    "norm": (lambda a: norm(a) * norm(a, "fro"), lambda a: np.linalg.norm(a) ** 2),
}  # fmt: skip


def made(x, kind=sparse.csr_array):
    return kind((x, (ROWS, COLUMNS)), shape=(N, N))


@pytest.mark.parametrize("name", CASES)
def test_derivatives_are_those_of_arrays(name):
    compare(*CASES[name])


def compare(with_sparse, with_arrays):
    """Values and derivatives of a function of a sparse matrix and of the same of an array, in all modes."""

    def sparsely(x):
        return with_sparse(made(x))

    def densely(x):
        return with_arrays(dense(x))

    value, _ = jvp(sparsely, (X,), (X,))
    np.testing.assert_allclose(value, densely(X), rtol=1e-12, atol=1e-13)
    expected = jacobian(densely, mode="forward")(X)
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(jacobian(sparsely, mode=mode)(X), expected, rtol=1e-11, atol=1e-12)

    def total(function):
        return lambda x: np.sum(np.sin(function(x)))

    expected = hessian(total(densely))(X)
    for mode in ("hyperdual", "forward-over-reverse", "reverse-over-reverse"):
        np.testing.assert_allclose(hessian(total(sparsely), mode=mode)(X), expected, rtol=1e-9, atol=1e-10)


KINDS = [getattr(sparse, f"{name}_{kind}") for name in ("csr", "csc", "coo", "bsr") for kind in ("array", "matrix")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_values_are_those_of_scipy(kind):
    theirs = made(X, kind)
    assert scipy.sparse.issparse(theirs)
    ours = made(Dual(X, X), kind)
    for found, expected in (
        (ours @ V, theirs @ V),
        (ours.toarray(), theirs.toarray()),
        (ours.sum(axis=1), theirs.sum(axis=1)),
        (spsolve(ours, V), scipy.sparse.linalg.spsolve(theirs.tocsc(), V)),
    ):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found.value, expected, rtol=1e-13)
    starred = (
        (ours * V, theirs * V) if kind.__name__.endswith("matrix") else ((ours * V).toarray(), (theirs * V).toarray())
    )
    np.testing.assert_allclose(starred[0].value, starred[1], rtol=1e-13)


def test_all_ways_to_make_one():
    x = Dual([1.0, 2.0, 3.0], np.eye(3))
    places = scipy.sparse.csr_array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    expected = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 3.0]])
    for found in (
        sparse.csr_array((x, places.indices, places.indptr)),
        sparse.csc_array((x[[1, 0, 2]], places.indices, places.indptr), shape=(3, 3)),
        sparse.coo_matrix((list(x), ([0, 1, 2], [1, 0, 2])), dtype=float),
        sparse.csr_matrix(sparse.coo_array((x, ([0, 1, 2], [1, 0, 2]))), copy=True),
        sparse.csr_array(expected * x[:, None] / x.value[:, None]),
    ):
        assert isinstance(found, sparse.SparseMatrix) and sparse.issparse(found)
        assert (found.nnz, found.shape) in ((3, (3, 3)), (9, (3, 3)))
        np.testing.assert_array_equal(found.toarray().value, expected)
        np.testing.assert_array_equal(found.toarray().tangent.sum(axis=(1, 2)), [1, 1, 1])


@pytest.mark.parametrize(
    "arguments",
    [
        (lambda x: ([x[:2], x, 4.0], [-1, 0, 2]), {"shape": (3, 3)}),
        (lambda x: ([x[0], 4.0, x[2]], [-1, 0, 2]), {"shape": (4, 3)}),
        (lambda x: ([x],), {"offsets": [0]}),
        (lambda x: (x,), {}),
    ],
)
@pytest.mark.parametrize("name", ["diags", "diags_array"])
def test_diagonals(name, arguments):
    make, kwargs = arguments
    kwargs = {"offsets": 0, **kwargs} if name == "diags_array" and len(make(V[:3])) == 1 else kwargs
    args = make(V[:3])
    if name == "diags_array" and len(args) == 2:
        kwargs, args = {**kwargs, "offsets": args[1]}, args[:1]
    expected = getattr(scipy.sparse, name)(*args, **kwargs).toarray()
    args = make(Dual(V[:3], 2 * V[:3]))[: len(args)]
    found = getattr(sparse, name)(*args, **kwargs).toarray()
    np.testing.assert_array_equal(found.value, expected)
    np.testing.assert_array_equal(found.tangent, np.where(expected == 4.0, 0, 2 * expected))


def test_spdiags_and_dia():
    data = V[:4].reshape(2, 2)
    for function in (
        lambda d: sparse.spdiags(d, [0, 1], 2, 2),
        lambda d: sparse.dia_array((d, [0, 1]), shape=(2, 2)),
    ):
        found = jacobian(lambda d, function=function: function(d).toarray())(data)
        expected = np.zeros((2, 2, 2, 2))
        expected[0, 0, 0, 0] = expected[1, 1, 0, 1] = expected[0, 1, 1, 1] = 1
        np.testing.assert_array_equal(found, expected)


def test_a_number_before_a_matrix_of_scipy():
    for function in (
        lambda k: (scipy.sparse.eye_array(N) - k * CONSTANT) @ V,
        lambda k: (scipy.sparse.eye(N) - k * scipy.sparse.csr_matrix(CONSTANT)) * V,
    ):
        np.testing.assert_allclose(jvp(function, (2.0,), (1.0,)), (V - 2 * (C @ V), -(C @ V)), rtol=1e-14)
        np.testing.assert_allclose(jacobian(function, mode="reverse")(2.0), -(C @ V), rtol=1e-15)


def test_updates():
    def system(x):
        a = made(x).tolil()
        a[0, :] = 0
        a[0, 0] = 1
        a[1, 2] = x[0] ** 2
        a[2:4, [0, 1]] = np.outer(x[:2], x[:2])
        return a.tocsc()

    def reference(x):
        a = dense(x)
        a[0, :] = 0
        a[0, 0] = 1
        a[1, 2] = x[0] ** 2
        a[2:4, [0, 1]] = np.outer(x[:2], x[:2])
        return a

    assert system(Dual(X, X)).nnz <= len(ROWS) + 5  # zeros are taken out, and not kept
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(
            jacobian(lambda x: spsolve(system(x), V), mode=mode)(X),
            jacobian(lambda x: np.linalg.solve(reference(x), V))(X),
            rtol=1e-11,
            atol=1e-13,
        )


def test_a_copy_does_not_see_updates():
    a = made(Dual(X, X))
    b = a.copy()
    before = b.toarray()
    a[0, 0] = 7.0
    np.testing.assert_array_equal(b.toarray().value, before.value)
    assert a[0, 0].value == 7.0
    assert a[0, 0].tangent == 0


def test_who_sees_updates_is_as_with_scipy():
    for kind in (sparse.csr_array, sparse.csc_matrix):
        seen = []
        for x in (X, Dual(X, X)):
            a = made(x, kind)
            same, other, lil, scaled = a.asformat(a.format), a.tocsr() if a.format == "csc" else a.tocsc(), a.tolil(), a
            lil[0, 0] = 7.0
            scaled *= 2
            scaled /= 4
            numbers = [b.toarray() for b in (a, same, other, lil, scaled)]
            seen.append([b if x is X else b.value for b in numbers])
        np.testing.assert_allclose(*seen, rtol=1e-15)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_updates_of_the_array_that_a_matrix_is_made_of_are_not_seen(mode):
    def product(x):
        a = np.outer(x, x)
        matrix = sparse.csr_array(a)
        a *= 2
        return matrix @ V

    np.testing.assert_allclose(jacobian(product, mode=mode)(V), jacobian(lambda x: np.outer(x, x) @ V)(V), rtol=1e-13)


@pytest.mark.parametrize("format", ["bsr", "coo", "csc", "csr", "dia"])
def test_factors_do_not_see_updates_of_a_plain_matrix(format):
    matrix = scipy.sparse.csr_array(dense(X)).asformat(format)
    factors, solve = splu(matrix), factorized(matrix)
    matrix.data[:] = 1.0
    for found in (
        factors.solve(V),
        solve(V),
        jvp(factors.solve, (V,), (V,))[1],
        grad(lambda b: V @ factors.solve(b, "T"))(V),
    ):
        np.testing.assert_allclose(found, np.linalg.solve(dense(X), V), rtol=1e-12)


def test_the_class_of_blocks_says_what_a_star_means():
    for kind, other in itertools.product((scipy.sparse.csr_array, scipy.sparse.csr_matrix), repeat=2):
        constant = kind(CONSTANT)
        for function, x in (
            (lambda m, a, b: m.vstack([a, b]), V),
            (lambda m, a, b: m.hstack([a, b]), BOTH),
            (lambda m, a, b: m.bmat([[a, b]]), BOTH),
            (lambda m, a, b: m.block_diag([b, a]), BOTH),
            (lambda m, a, b: m.kron(np.eye(2), b), BOTH),
            (lambda m, a, b: m.tril(b), V),
        ):
            plain = function(scipy.sparse, constant, made(X, other)) * x
            plain = plain.toarray() if scipy.sparse.issparse(plain) else plain
            found = function(sparse, constant, 1.0 * made(Dual(X, X), getattr(sparse, other.__name__))) * x
            found = found.toarray() if sparse.issparse(found) else found
            np.testing.assert_allclose(found.value, plain, rtol=1e-13)


def test_a_jacobian_by_terms():
    n = 300

    def flow(u):
        conductivity = np.exp(0.1 * (u[1:] + u[:-1]))
        diagonal = -np.pad(conductivity, (0, 1)) - np.pad(conductivity, (1, 0))
        return sparse.diags_array([diagonal, conductivity, conductivity], offsets=[0, 1, -1]) @ u

    u = np.sin(np.arange(n))
    found = jacobian(flow, sparse=True)(u)
    assert found.nnz == 3 * n - 2
    np.testing.assert_allclose(found.toarray(), jacobian(flow, mode="reverse")(u), rtol=1e-12, atol=1e-14)


def test_complex_entries():
    z = X * np.exp(1j * np.arange(len(X)))

    def sparsely(z):
        a = made(z)
        return spsolve(a.H, V) + splu(a.conj()).solve(V * 1j) + a.conjugate() @ V

    def densely(z):
        a = dense(z)
        return np.linalg.solve(np.conj(a.T), V) + np.linalg.solve(np.conj(a), V * 1j) + np.conj(a) @ V

    direction = np.exp(1j * np.arange(len(X)) ** 2)
    np.testing.assert_allclose(jvp(sparsely, (z,), (direction,)), jvp(densely, (z,), (direction,)), rtol=1e-11)
    np.testing.assert_allclose(
        grad(lambda z: np.sum(np.abs(sparsely(z)) ** 2))(z),
        grad(lambda z: np.sum(np.abs(densely(z)) ** 2))(z),
        rtol=1e-10,
    )


def test_precision_stays():
    x = X.astype(np.float32)
    value, tangent = jvp(lambda x: spsolve(made(x), made(x) @ V.astype(np.float32)), (x,), (x,))
    assert (value.dtype, tangent.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(value, V, rtol=1e-4)
    np.testing.assert_allclose(tangent, 0, atol=1e-4)


def test_series_and_products_with_the_hessian():
    np.testing.assert_allclose(
        taylor(lambda x: spsolve(made(x), V), X, X, 3),
        taylor(lambda x: np.linalg.solve(dense(x), V), X, X, 3),
        rtol=1e-10,
        atol=1e-12,
    )

    def energy(x):
        return V @ spsolve(made(x), V)

    expected = hessian(lambda x: V @ np.linalg.solve(dense(x), V))(X) @ X
    np.testing.assert_allclose(hvp(energy, X, X), expected, rtol=1e-10)


def test_the_matrix_is_factorised_once(monkeypatch):
    count = []

    def counted(*args, **kwargs):
        count.append(args)
        return scipy.sparse.linalg.splu(*args, **kwargs)

    monkeypatch.setattr("dualnum.patterns.splu", counted)
    for transform in (
        lambda f: jacobian(f, mode="forward"),
        lambda f: jacobian(f, mode="reverse"),
        lambda f: hessian(lambda x: np.sum(f(x)), mode="hyperdual"),
    ):
        count.clear()
        transform(lambda x: spsolve(made(x), V))(X)
        assert len(count) == 1
    count.clear()
    constant = scipy.sparse.csc_array(dense(X))
    solve = factorized(constant)
    np.testing.assert_allclose(jacobian(lambda b: solve(solve(b)))(V) @ dense(X) @ dense(X), np.eye(N), atol=1e-12)
    assert len(count) == 1


def test_plain_arguments_go_to_scipy():
    a = made(X)
    np.testing.assert_array_equal(spsolve(a.tocsc(), V), scipy.sparse.linalg.spsolve(a.tocsc(), V))
    assert isinstance(splu(a.tocsc(), diag_pivot_thresh=0.5), scipy.sparse.linalg.SuperLU)
    np.testing.assert_array_equal(splu(a.tocsc()).perm_c, scipy.sparse.linalg.splu(a.tocsc()).perm_c)
    old = scipy.sparse.csr_matrix(a)
    assert norm(old, 1) == scipy.sparse.linalg.norm(old, 1)
    assert sparse.random is scipy.sparse.random
    assert sparse.linalg.eigsh.__wrapped__ is scipy.sparse.linalg.eigsh
    assert set(scipy.sparse.__all__) < set(dir(sparse))
    b = V.copy()
    jacobian(lambda b: spsolve(a.tocsc(), b))(b)
    np.testing.assert_array_equal(b, V)
    np.testing.assert_array_equal(jacobian(lambda b: spsolve(a.tocsc(), b[:, None]))(V).shape, (N, N))


@pytest.mark.parametrize(
    ("action", "error", "says"),
    [
        (lambda a: scipy.sparse.linalg.spsolve(a, V), ValueError, "dualnum.scipy.sparse"),
        (lambda a: np.asarray(a), DerivativeLostError, "toarray"),
        (lambda a: np.linalg.det(a), TypeError, "toarray"),
        (lambda a: scipy.sparse.csr_matrix(a.entries), ValueError, "dualnum.scipy.sparse"),
        (lambda a: CONSTANT * a.entries[0], DerivativeLostError, "Write a [*] A"),
        (
            lambda a: scipy.sparse.linalg.spsolve(CONSTANT.tocsc(), a.entries[:N]),
            DerivativeLostError,
            "dualnum.scipy.sparse",
        ),
        (lambda a: scipy.sparse.linalg.cg(CONSTANT, a.entries[:N]), DerivativeLostError, "dualnum.scipy.sparse"),
        (lambda a: a.data, AttributeError, "A.entries"),
        (lambda a: sparse.csr_matrix(a).todense(), NoRuleError, "toarray"),
        (lambda a: a.maximum(1), NoRuleError, "full"),
        (lambda a: a.max(axis=0), NoRuleError, "axis"),
        (lambda a: a.power(0), NoRuleError, "above 0"),
        (lambda a: a.setdiag(V, 9), ShapeError, "diagonal 9"),
        (lambda a: a.sum(out=V), NoRuleError, "out"),
        (lambda a: setattr(a, "data", V), AttributeError, "data"),
        (lambda a: bool(a), ValueError, "ambiguous"),
        (lambda a: a.entries[0] * scipy.sparse.coo_array([1.0, 2.0]), NoRuleError, "two axes"),
        (lambda a: a @ V[:2], ShapeError, r"\(5, 5\) with an array of shape \(2,\)"),
        (lambda a: a @ np.zeros((N, N, N)), ShapeError, "shape"),
        (lambda a: a + CONSTANT[:2], ShapeError, "add"),
        (lambda a: a @ CONSTANT[:2], ShapeError, "matmul"),
        (lambda a: a.multiply(CONSTANT[:2]), ShapeError, "multiply"),
        (lambda a: a.multiply(V[:2]), ShapeError, "meets"),
        (lambda a: a + 1, NoRuleError, "toarray"),
        (lambda a: a / CONSTANT, NoRuleError, "zeros by zeros"),
        (lambda a: a.sum(axis=2), ShapeError, "axis"),
        (lambda a: linalg.spsolve_triangular(a, V), ShapeError, "other triangle"),
        (lambda a: linalg.expm_multiply(a, V, 0, 1, 3), NoRuleError, "for each time"),
        (lambda a: linalg.eigsh(a), NoRuleError, "eigsh takes no sparse matrix"),
        (lambda a: linalg.cg(a, V), NoRuleError, "Solve systems with spsolve"),
        (lambda a: CONSTANT.multiply(a), DerivativeLostError, r"A.multiply\(B\)"),
        (lambda a: spsolve(a[:2], V), ShapeError, "square"),
        (lambda a: spsolve(a, V[:2]), ShapeError, "right side"),
        (lambda a: splu(a).solve(V, "X"), ShapeError, "trans"),
        (lambda a: splu(a).L, AttributeError, "solve"),
        (lambda a: splu(a, relax=1), NoRuleError, "permc_spec"),
        (lambda a: norm(a, 2), NoRuleError, "toarray"),
        (lambda a: spsolve(a * 0, V), RuntimeError, "singular"),
        (lambda a: jacobian(lambda x: made(x))(X), TypeError, "SparseMatrix"),
    ],
)
def test_errors_say_what_to_do(action, error, says):
    with pytest.raises(error, match=says), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what SciPy says of formats
        jvp(lambda x: action(made(x)), (X,), (X,))


def test_it_says_what_it_is():
    assert (
        repr(made(Dual(X, X)))
        == f"<SparseMatrix of Dual, {len(set(zip(ROWS, COLUMNS, strict=True)))} entries, shape (5, 5)>"
    )


def test_the_springs_of_the_documentation_against_the_banded_solver():
    def compliance(stiffness):
        diagonal = stiffness + np.append(stiffness[1:], 0)
        matrix = sparse.diags_array([diagonal, -stiffness[1:], -stiffness[1:]], offsets=[0, 1, -1])
        return spsolve(matrix.tocsc(), np.ones(len(diagonal)))

    stiffness = np.linspace(1, 2, 50)

    def changed(stiffness):
        diagonal = stiffness + np.append(stiffness[1:], 0)
        return dense_linalg.solveh_banded(np.array([np.append(0, -stiffness[1:]), diagonal]), np.ones(50))

    step = 1e-6 * np.cos(np.arange(50.0))
    difference = (changed(stiffness + step) - changed(stiffness - step)) / 2e-6
    np.testing.assert_allclose(jvp(compliance, (stiffness,), (1e6 * step,))[1], difference, rtol=1e-6, atol=1e-5)
