"""einsum: what the generic checks cannot say."""

import string

import numpy as np
import pytest

from dualnum import Dual, jacobian

RNG = np.random.default_rng(4)
A = RNG.normal(size=(3, 3))


@pytest.mark.parametrize("directions", [None, 2])
def test_a_diagonal_is_a_view(directions):
    a = Dual(A, np.zeros(A.shape if directions is None else (directions, 3, 3)))
    diagonal = np.einsum("ii->i", a)
    diagonal[...] = Dual(np.ones(3), np.full(3 if directions is None else (directions, 3), 7.0))
    np.testing.assert_array_equal(np.diagonal(a.value), 1)
    np.testing.assert_array_equal(np.diagonal(a.tangent, axis1=-2, axis2=-1), 7)
    assert np.count_nonzero(a.tangent) == 3 * (directions or 1)


def test_large_tangents_are_contracted_as_exactly_as_small_ones():
    b = RNG.normal(size=(40, 30))
    x = RNG.normal(size=30)
    np.testing.assert_allclose(jacobian(lambda x: np.einsum("ij,j->i", b, x))(x), b, rtol=1e-14)


def test_one_label_is_left_for_the_directions():
    labels = string.ascii_letters[1:11]
    x = Dual(np.ones((1,) * 10), np.ones((2,) + (1,) * 10))
    assert np.einsum(f"{labels}->", x).tangent.tolist() == [1, 1]


def test_the_directions_do_not_take_a_label_of_the_user():
    x = Dual(A, RNG.normal(size=(3, 3, 3)))
    out = np.einsum("ab,bc->ac", x, A)
    np.testing.assert_allclose(out.tangent, x.tangent @ A, rtol=1e-14)
    assert out.tangent.flags.c_contiguous


def test_an_operand_given_twice():
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(jacobian(lambda x: np.einsum("i,i,i", x, x, x))(x), 3 * x**2)


def test_bad_subscripts_give_numpys_own_error():
    with pytest.raises(ValueError) as plain:
        np.einsum("ij,k->i", A)
    with pytest.raises(ValueError) as active:
        np.einsum("ij,k->i", Dual(A, A))
    assert str(active.value) == str(plain.value)


def test_second_derivatives():
    hessian = jacobian(jacobian(lambda x: np.einsum("i,ij,j", x, A, x)))(np.ones(3))
    np.testing.assert_allclose(hessian, A + A.T, rtol=1e-14)


def test_the_path_is_plain():
    assert np.einsum_path("ij,jk->ik", Dual(A, A), A) == np.einsum_path("ij,jk->ik", A, A)
