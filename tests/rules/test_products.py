"""Contractions: what the generic checks cannot say."""

import numpy as np
import pytest

from dualnum import Dual, jacobian, jvp
from dualnum.errors import ShapeError

RNG = np.random.default_rng(3)
A = RNG.normal(size=(3, 3))
X = RNG.normal(size=3)


@pytest.mark.parametrize("product", [np.matmul, np.dot, np.linalg.matmul, lambda a, b: a @ b])
def test_the_jacobian_of_a_matrix_times_a_vector_is_the_matrix(product):
    np.testing.assert_array_equal(jacobian(lambda x: product(A, x))(X), A)
    np.testing.assert_array_equal(jacobian(lambda x: product(x, A))(X), A.T)
    expected = np.einsum("ik,j->ijk", np.eye(3), X)
    np.testing.assert_array_equal(jacobian(lambda a: product(a, X))(A), expected.transpose(0, 2, 1).reshape(3, 3, 3))


@pytest.mark.parametrize("function", [np.dot, np.inner, np.vdot, np.matmul, np.vecdot])
def test_a_vector_times_itself(function):
    np.testing.assert_allclose(jacobian(lambda x: function(x, x))(X), 2 * X, rtol=1e-15)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_as_many_directions_as_rows_are_not_taken_for_a_matrix(count):
    x_dot = RNG.normal(size=(count, 3))
    b_dot = RNG.normal(size=(count, 3, 3))
    np.testing.assert_allclose((A @ Dual(X, x_dot)).tangent, x_dot @ A.T, rtol=1e-14)
    np.testing.assert_allclose((Dual(X, x_dot) @ A).tangent, x_dot @ A, rtol=1e-14)
    np.testing.assert_allclose(np.dot(X, Dual(A, b_dot)).tangent, [X @ t for t in b_dot], rtol=1e-13)
    np.testing.assert_allclose(np.inner(A, Dual(A, b_dot)).tangent, [A @ t.T for t in b_dot], rtol=1e-13)
    stack = RNG.normal(size=(2, 3, 4))
    np.testing.assert_allclose((Dual(X, x_dot) @ stack).tangent, [t @ stack for t in x_dot], rtol=1e-13)
    np.testing.assert_allclose(np.dot(stack.mT, Dual(A, b_dot)).tangent, [stack.mT @ t for t in b_dot], rtol=1e-13)


def test_tangents_are_contiguous_where_values_are():
    x = Dual(X, RNG.normal(size=(4, 3)))
    a = Dual(A, RNG.normal(size=(4, 3, 3)))
    stack = RNG.normal(size=(2, 5, 3))
    for out in (A @ x, x @ A, a @ X, np.dot(stack, x), np.dot(stack, a), x @ stack.mT, np.tensordot(A, a, 1)):
        assert out.value.flags.c_contiguous
        assert out.tangent.flags.c_contiguous


def test_no_directions_at_all():
    x = Dual(X, np.zeros((0, 3)))
    assert (A @ x).tangent.shape == (0, 3)
    assert np.vdot(x, x).tangent.shape == (0,)
    assert np.tensordot(x, x, 0).tangent.shape == (0, 3, 3)


def test_lists_as_operands():
    x = Dual(X, np.eye(3))
    np.testing.assert_array_equal(np.dot([[1, 2, 3]], x).tangent, [[1], [2], [3]])
    np.testing.assert_array_equal(np.dot([x[1], x[0], 1.0], x).tangent, [X[1] + X[1], X[0] + X[0], 1.0])
    np.testing.assert_array_equal(np.matmul(x, [1, 2, 3]).tangent, [1, 2, 3])


def test_an_active_out_receives_value_and_tangent():
    x = Dual(X, np.eye(3))
    out = np.zeros_like(x)
    assert np.matmul(A, x, out=out) is out
    np.testing.assert_array_equal(out.tangent, A.T)
    np.dot(2 * A, x, out)
    np.testing.assert_array_equal(out.tangent, 2 * A.T)


@pytest.mark.parametrize("function", [np.vdot, np.vecdot, np.vecmat if hasattr(np, "vecmat") else np.vdot])
def test_the_first_operand_is_conjugated(function):
    a, b, a_dot = np.array([1 + 2j, 3 - 1j]), np.array([[2 - 1j], [1j]]), np.array([1j, 2.0])
    b = b if function is not np.vdot and function is not np.vecdot else b[:, 0]
    out, out_dot = jvp(lambda a: function(a, b), (a,), (a_dot,))
    np.testing.assert_allclose(out_dot, np.conj(a_dot) @ b)
    np.testing.assert_allclose(out, np.conj(a) @ b)


def test_an_integer_or_real_operand_keeps_the_tangent_real():
    out = np.dot(np.array([1, 2, 3]), Dual(X.astype(np.float32), np.ones(3, np.float32)))
    assert out.tangent.dtype == out.value.dtype == np.dot(np.array([1, 2, 3]), X.astype(np.float32)).dtype
    assert out.tangent == 6


@pytest.mark.parametrize("function", [np.matmul, np.dot, np.inner, np.vecdot, np.linalg.matmul])
def test_shapes_that_do_not_fit_give_numpys_own_error(function):
    with pytest.raises(ValueError) as plain:
        function(X, np.ones(4))
    with pytest.raises(ValueError) as active:
        function(Dual(X, X), np.ones(4))
    assert str(active.value) == str(plain.value)


def test_different_numbers_of_directions_are_refused():
    with pytest.raises(ShapeError, match="directions"):
        np.dot(Dual(X, np.ones((2, 3))), Dual(X, np.ones((4, 3))))


def test_second_derivatives_of_a_quadratic_form():
    hessian = jacobian(jacobian(lambda x: x @ A @ x))(X)
    np.testing.assert_allclose(hessian, A + A.T, rtol=1e-14)
