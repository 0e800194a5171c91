"""Products with sparse matrices: what the generic checks cannot say."""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import expm
from scipy.sparse.linalg import expm_multiply

from dualnum import Dual, Tape, grad, hessian, jacobian, jvp, taylor, vjp
from dualnum.complexity import count_operations
from dualnum.errors import DerivativeLostError, NoRuleError

N = 400
LAPLACE = sparse.diags_array([np.ones(N - 1), np.full(N, -2.0), np.ones(N - 1)], offsets=[-1, 0, 1]).tocsr()
U = np.sin(np.arange(N))
FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")


def reaction(u):
    return LAPLACE @ u - u**3


@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("name", FORMATS)
def test_values_are_those_of_scipy(name, make):
    matrix = make(LAPLACE[:5, :4] * np.pi).asformat(name)
    for function, x in (
        (matrix.dot, U[:4]),
        (lambda x: x @ matrix, U[:5]),
        (lambda x: matrix @ x, U[:12].reshape(4, 3)),
    ):
        value, tangent = jvp(function, (x,), (2 * x,))
        np.testing.assert_array_equal(value, function(x))
        np.testing.assert_array_equal(tangent, function(2 * x))
        assert value.__class__ is np.ndarray


def test_the_class_of_the_matrix_says_what_a_star_means():
    matrix = sparse.csr_matrix(LAPLACE[:4, :4])
    np.testing.assert_array_equal(jacobian(lambda u: matrix * u)(U[:4]), matrix.toarray())
    np.testing.assert_array_equal(jacobian(lambda u: u * matrix, mode="reverse")(U[:4]), matrix.toarray().T)


@pytest.mark.parametrize(
    "array", [sparse.coo_array(LAPLACE.toarray()[0, :3]), sparse.coo_array(LAPLACE.toarray()[:1, :3])]
)
def test_what_scipy_makes_a_number_is_one(array):
    assert jvp(lambda u: array @ u, (U[:3],), (U[:3],))[0].shape == (array @ U[:3]).shape == ()
    np.testing.assert_array_equal(grad(lambda u: array @ u)(U[:3]), [-2.0, 1.0, 0.0])


def test_a_jacobian_by_terms_is_the_matrix():
    found = jacobian(reaction, sparse=True)(U)
    assert found.nnz == LAPLACE.nnz
    expected = LAPLACE.toarray() - np.diag(3 * U**2)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-15)
    for mode in ("auto", "forward", "reverse"):
        np.testing.assert_allclose(jacobian(reaction, mode=mode)(U), expected, rtol=1e-15)
    found = jacobian(lambda u: (LAPLACE @ u.reshape(N // 2, 2, order="C").ravel()[:, None])[:, 0], sparse=True)(U)
    np.testing.assert_array_equal(found.toarray(), LAPLACE.toarray())


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32, np.float64])
def test_entries_that_are_named_twice_are_added_up(dtype):
    places = (np.arange(N) // 2, np.arange(N) // 2)
    twice = sparse.coo_array((np.full(N, 100, dtype), places), shape=(N, N))
    for mode in ("auto", "forward", "reverse"):
        found = jacobian(lambda u: twice @ u, mode=mode)(U)
        np.testing.assert_array_equal(found @ U, twice @ U)
        np.testing.assert_array_equal(np.diag(found)[: N // 2], 2 * float(dtype(100)))


def test_full_rows_go_by_blocks_of_directions():
    full = sparse.csr_array(np.outer(U[:5], U))
    np.testing.assert_array_equal(jacobian(lambda u: full @ u, sparse=True)(U).toarray(), full.toarray())


def test_second_order_and_series():
    matrix = LAPLACE[:6, :6]

    def energy(u):
        return np.sum((matrix @ u) ** 2 * u)

    x = U[:6]
    dense = matrix.toarray()
    rows = [
        np.outer(dense[i], dense[i]) * 2 * x[i] + 2 * (dense @ x)[i] * (np.outer(np.eye(6)[i], dense[i]) + np.outer(dense[i], np.eye(6)[i]))
        for i in range(6)
    ]  # fmt: skip
    for mode in ("hyperdual", "forward-over-reverse", "reverse-over-reverse", "forward-over-forward"):
        np.testing.assert_allclose(hessian(energy, mode=mode)(x), sum(rows), rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(taylor(lambda u: matrix @ u, x, 3 * x, 2), [matrix @ x, matrix @ (3 * x), 0 * x])


def test_a_matrix_that_is_changed_before_the_way_back():
    matrix = LAPLACE.copy()
    _, pullback = vjp(lambda u: matrix @ u, U)
    matrix.data[:] = 0
    np.testing.assert_array_equal(pullback(U)[0], LAPLACE.T @ U)

    def twice(u):
        matrix = LAPLACE.copy()
        v = matrix @ u
        matrix.data *= 3
        return np.sum(matrix @ v)

    ones = LAPLACE.T @ np.ones(N)
    np.testing.assert_allclose(grad(twice)(U), 3 * (LAPLACE.T @ ones), rtol=1e-14, atol=1e-14)


def test_a_matrix_is_kept_once_however_often_it_is_used():
    matrix = LAPLACE.copy()
    with Tape() as tape:
        u = tape.variable(U)
        for _ in range(20):
            u = 0.1 * (matrix @ u) + matrix.T @ u
    arrays = [array for node in tape.nodes[1:] for array in node.plan.arrays(node.saved) if any(array.strides)]
    size = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
    assert sum({id(array): array.nbytes for array in arrays}.values()) == 2 * size
    assert all(array is not part for array in arrays for part in (matrix.data, matrix.indices, matrix.indptr))


def test_operations_are_two_for_each_entry():
    count = count_operations(lambda u: LAPLACE @ u, U)
    assert count.operations == 2 * LAPLACE.nnz


def test_what_has_no_product():
    x = Dual(U[:4], U[:4])
    matrix = LAPLACE[:4, :4]
    with pytest.raises(ValueError, match="dimension mismatch"):
        matrix @ Dual(U[:3], U[:3])
    with pytest.raises(NoRuleError, match="two axes"):
        matrix @ x.reshape(2, 2, 1)
    with pytest.raises(ValueError, match="Scalar operands"):
        matrix @ x[0]
    for sum_of in (lambda: matrix + x, lambda: x + matrix, lambda: matrix - x, lambda: x - matrix):
        with pytest.raises(NoRuleError, match=r"A\.toarray\(\)"):
            sum_of()
    for misuse in (
        lambda: matrix * x[0], lambda: matrix / x[1], lambda: sparse.diags_array([x], offsets=[0]),
        lambda: sparse.coo_array((x, (range(4), range(4)))), lambda: matrix.multiply(x),
    ):  # fmt: skip
        with pytest.raises(DerivativeLostError, match="A matrix of scipy.sparse holds plain numbers"):
            misuse()


@pytest.mark.parametrize("name", FORMATS)
def test_zero_that_carries_a_derivative_is_not_left_out(name):
    matrix = sparse.csr_array(LAPLACE[:4, :4]).asformat(name)
    np.testing.assert_array_equal(jvp(lambda x: (x * matrix) @ U[:4], (0.0,), (1.0,))[1], matrix @ U[:4])
    for misuse in (lambda x: matrix * x, lambda x: matrix + x, lambda x: matrix - x):
        with pytest.raises((DerivativeLostError, NotImplementedError)):  # SciPy raises this for other numbers
            jvp(lambda x, misuse=misuse: misuse(x) @ U[:4], (0.0,), (1.0,))
    zero = Dual(0.0, 0.0)
    np.testing.assert_array_equal((matrix - zero).toarray(), LAPLACE[:4, :4].toarray())


def test_exponential_of_a_matrix_times_a_vector():
    dense = 0.1 * LAPLACE[:6, :6].toarray()
    found = jacobian(lambda u: expm_multiply(0.1 * LAPLACE[:6, :6], u))(U[:6])
    np.testing.assert_allclose(found, expm(dense), rtol=1e-12)
