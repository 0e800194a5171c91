"""Norms: kinks, ties and the limits of the range of numbers."""

from math import inf, sqrt

import numpy as np
import pytest

from dualnum import Dual, jacobian

norm = np.linalg.norm
UNIT = np.eye(2)


@pytest.mark.parametrize("order", [None, 0, 1, 2, 3, 0.5, inf, -inf])
@pytest.mark.parametrize("dtype", [float, complex])
def test_at_zero_every_direction_gives_zero(order, dtype):
    zero = np.zeros(3, dtype)
    np.testing.assert_array_equal(norm(Dual(zero, np.eye(3, dtype=dtype)), order).tangent, 0)


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, inf, -inf])
def test_at_the_zero_matrix_every_direction_gives_zero(order):
    x = Dual(np.zeros((2, 2)), np.eye(4).reshape(4, 2, 2))
    np.testing.assert_array_equal(norm(x, order).tangent, 0)


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, inf, -inf])
@pytest.mark.parametrize("shape", [(0, 0), (0, 2), (2, 0), (3, 0, 0)])
def test_without_elements_there_is_a_derivative_where_there_is_a_norm(order, shape):
    x = np.zeros(shape)
    try:
        plain = norm(x, order, (-2, -1))
    except ValueError:
        pytest.skip("no norm in this version of NumPy")
    found = norm(Dual(x, np.zeros((5, *shape))), order, (-2, -1))
    assert np.array_equal(found.value, plain)
    assert np.array_equal(found.tangent, np.zeros((5, *plain.shape)))


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("order", [-1, -2, -inf])
def test_with_a_zero_element_negative_orders_are_at_their_minimum(order):
    np.testing.assert_array_equal(jacobian(lambda x: norm(x, order))(np.array([3.0, 0.0])), 0)


@pytest.mark.parametrize("order", [None, 1, 3, 1.5, inf])
def test_a_zero_element_beside_others_adds_nothing(order):
    np.testing.assert_array_equal(jacobian(lambda x: norm(x, order))(np.array([3.0, 0.0])), [1, 0])


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:underflow:RuntimeWarning")
@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e-160, 1.0, 1e160, 1e200, 1e308])
@pytest.mark.parametrize("order", [None, 3, 0.5, -2, "axes"])
def test_neither_tiny_nor_huge_elements_are_lost(order, size):
    small = jacobian(lambda x: norm(x, None if order == "axes" else order, axis=0))(np.array([3.0, 4.0]))
    with np.errstate(all="ignore"):
        got = jacobian(lambda x: norm(x, None if order == "axes" else order, axis=0))(np.array([0.75, 1.0]) * size)
    np.testing.assert_allclose(got, small, rtol=1e-3 if size == 1e-320 else 1e-14)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_large_numbers_in_single_precision():
    got = jacobian(norm)(np.array([3e30, 4e30], np.float32))
    np.testing.assert_allclose(got, [0.6, 0.8], rtol=1e-6)
    assert got.dtype == np.float32


def test_ties_share():
    assert jacobian(lambda x: norm(x, inf))(np.array([2.0, -2.0, 1.0])).tolist() == [0.5, -0.5, 0]
    assert jacobian(lambda x: norm(x, -inf))(np.array([2.0, -2.0, 3.0])).tolist() == [0.5, -0.5, 0]
    np.testing.assert_allclose(jacobian(lambda x: norm(x, 2))(UNIT), UNIT / 2)
    np.testing.assert_allclose(jacobian(lambda x: norm(x, -2))(UNIT), UNIT / 2)
    np.testing.assert_allclose(jacobian(lambda x: norm(x, 1))(UNIT), UNIT / 2)
    np.testing.assert_allclose(jacobian(lambda x: norm(x, inf))(UNIT), UNIT / 2)
    np.testing.assert_allclose(jacobian(lambda x: norm(x, "nuc"))(UNIT), UNIT)


def test_singular_values_that_are_zero_add_nothing():
    np.testing.assert_allclose(jacobian(lambda x: norm(x, "nuc"))(np.diag([2.0, 0.0])), np.diag([1.0, 0.0]))
    np.testing.assert_allclose(jacobian(lambda x: norm(x, -2))(np.diag([2.0, 0.0])), 0)


def test_second_derivatives():
    x = np.array([3.0, 4.0])
    expected = np.eye(2) / 5 - np.outer(x, x) / 125
    np.testing.assert_allclose(jacobian(jacobian(norm))(x), expected, rtol=1e-14)
    np.testing.assert_array_equal(jacobian(jacobian(norm))(np.zeros(2)), 0)
    np.testing.assert_allclose(jacobian(jacobian(norm))(x * 1e-200), expected * 1e200 * 5 / 5, rtol=1e-13)


def test_complex_numbers_are_taken_as_two_real_ones():
    x = Dual(np.array([3 + 4j]), np.array([[1.0 + 0j], [1j]]))
    np.testing.assert_allclose(norm(x).tangent, [0.6, 0.8], rtol=1e-15)
    assert norm(x).tangent.dtype == float


def test_a_zero_direction_stays_zero_beside_others():
    x = Dual(np.array([1.0, 0.0]), np.array([[0.0, 0.0], [0.0, 1.0]]))
    for order in (None, 0.5, 1, 3, inf):
        assert norm(x, order).tangent.tolist() == [0.0, 0.0]


def test_bad_orders_give_numpys_own_error():
    with pytest.raises(ValueError, match="Invalid norm order"):
        norm(Dual(np.ones(2), np.ones(2)), "fro")


def test_condition_number_of_a_diagonal_matrix():
    a = np.diag([4.0, 2.0])
    np.testing.assert_allclose(jacobian(np.linalg.cond)(a), np.diag([0.5, -1.0]), atol=1e-15)
    assert np.linalg.cond(a) == 2 and sqrt(4) == 2
