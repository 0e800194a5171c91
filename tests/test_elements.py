"""Scalars in the object arrays that np.asarray makes: real ones stay exact, and none becomes complex."""

import copy
import pickle

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, jacobian
from tests.core_checks import DIRECTIONS, dual

BECOME_COMPLEX = [
    lambda o, y: o * 1j,
    lambda o, y: 1j * o,
    lambda o, y: 1j - o,
    lambda o, y: (2 * o + 1) / 1j,
    lambda o, y: np.sin(o) + np.array([1j, 2j, 3j]),
    lambda o, y: np.exp(1j * o**2),
    lambda o, y: o * np.complex64(1j),
    lambda o, y: np.sqrt(o) * 1j,
    lambda o, y: (o % 2) * 1j,
    lambda o, y: (o // 0.1) * 1j,
    lambda o, y: np.maximum(o, 0.5) * 1j,
    lambda o, y: o * y * 1j,
    lambda o, y: y * o * 1j,
    lambda o, y: (y - o) * 1j,
    lambda o, y: (y + o) * 1j,
    lambda o, y: (y / o) * 1j,
    lambda o, y: (y**o) * 1j,
    lambda o, y: np.add(o, 1j),
    lambda o, y: abs(o) * 1j,
    lambda o, y: -o * 1j,
    lambda o, y: np.angle(o * 1j),
    lambda o, y: o[0] * 1j,
    lambda o, y: np.add.reduce(o) * 1j,
]


@pytest.mark.parametrize("k", DIRECTIONS)
@pytest.mark.parametrize("of", BECOME_COMPLEX)
def test_imaginary_parts_are_not_lost(of, k):
    """NumPy takes the imaginary part of an object array for zero."""
    for x in (dual(k=k), Dual(dual(k=k), dual(k=k, seed=1)), dual(k=k, dtype=np.float32)):
        listed = np.array([x[0], x[1], x[2]])
        for o in (np.asarray(x), np.array(x)):
            with pytest.raises(DerivativeLostError, match="imaginary part"):
                of(o, listed)


@pytest.mark.parametrize("k", DIRECTIONS)
def test_real_arithmetic_is_that_of_other_scalars(k):
    x = dual(k=k)
    for of in (
        lambda x: np.sin(x) * 2 - x / 3 + 1 / x,
        lambda x: x**2 + 2**x,
        lambda x: abs(-x) % 2,
        lambda x: x[0] * x,
    ):
        expected, found = of(x), of(np.asarray(x))
        for i in range(3):
            np.testing.assert_array_equal(found[i].value, expected[i].value)
            np.testing.assert_allclose(found[i].tangent, expected[i].tangent, rtol=1e-15)


def test_complex_code_between_is_right_without_asarray():
    np.testing.assert_allclose(jacobian(lambda x: (x * 1j).imag)(np.array([2.0, 3.0])), np.eye(2))
    np.testing.assert_allclose(jacobian(lambda x: (x[0] * 1j).imag)(np.array([2.0, 3.0])), [1, 0])


@pytest.mark.parametrize("k", DIRECTIONS)
def test_they_are_copied_and_pickled(k):
    element = np.asarray(dual(k=k))[0]
    for other in (copy.copy(element), copy.deepcopy(element), pickle.loads(pickle.dumps(element))):
        np.testing.assert_array_equal(other.tangent, element.tangent)
        assert other.value == element.value


@pytest.mark.parametrize("k", DIRECTIONS)
def test_nan_is_not_dropped(k):
    x = dual(k=k)
    x[1] = np.nan
    for o in (np.asarray(x), np.array(x)):
        for of in (
            np.max,
            np.min,
            np.sort,
            lambda o: np.maximum(o, 1.0),
            lambda o: np.minimum(1.0, o),
            lambda o: o.max(),
            sorted,
        ):
            with pytest.raises(DerivativeLostError, match="nan"):
                of(o)
        with pytest.raises(DerivativeLostError, match="nan"):
            np.maximum(np.asarray(dual(k=k)), np.nan)
        assert np.sum(o != o) == 1
    np.testing.assert_array_equal(np.asarray(dual(k=k)) > 0, [True] * 3)
