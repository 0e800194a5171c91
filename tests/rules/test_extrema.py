"""Largest and smallest elements: ties, nan and masks."""

import numpy as np
import pytest

from dualnum import Dual, grad, jacobian, jvp


def gradient(f, x):
    return jacobian(f)(np.asarray(x, float))


@pytest.mark.parametrize("function", [np.max, np.amax, np.nanmax, np.min, np.amin, np.nanmin])
def test_ties_share_equally(function):
    assert np.array_equal(gradient(function, [2.0, 2.0, 2.0]), np.full(3, 1 / 3))


def test_ties_along_an_axis():
    x = np.array([[3.0, 1.0], [3.0, 4.0], [0.0, 4.0]])
    expected = np.zeros((2, 3, 2))
    expected[0, :2, 0] = expected[1, 1:, 1] = 0.5
    assert np.array_equal(jacobian(lambda x: np.max(x, axis=0))(x), expected)


@pytest.mark.parametrize("derivative", [jacobian, grad])
@pytest.mark.parametrize("places", [(0,), (2,), (4,), (0, 4), (1, 2), (3, 4)])
def test_wherever_it_stands(derivative, places):
    x, share = np.zeros(5), np.zeros(5)
    x[[*places]], share[[*places]] = -np.inf, 1 / len(places)
    assert np.array_equal(derivative(np.min)(x), share)
    assert np.array_equal(derivative(np.max)(-x), share)
    assert np.array_equal(derivative(lambda x: np.max(x, axis=-1))(-x.astype(np.float32)), share)


def test_zeros_of_both_signs_are_a_tie():
    assert np.array_equal(gradient(np.max, [-0.0, 0.0, -1.0]), [0.5, 0.5, 0.0])


def test_initial_takes_part_in_ties():
    value, slope = jvp(lambda x, i: np.max(x, initial=i), (np.array([1.0, 2.0]), 2.0), (np.array([0.0, 1.0]), 5.0))
    assert (value, slope) == (2.0, 3.0)


def test_masked_elements_do_not():
    x = np.array([5.0, 5.0, 7.0])
    mask = np.array([True, True, False])
    assert np.array_equal(gradient(lambda x: np.max(x, where=mask, initial=-1.0), x), [0.5, 0.5, 0.0])


def test_nan_keeps_its_own_tangent():
    assert np.array_equal(gradient(np.max, [1.0, np.nan, 3.0]), [0.0, 1.0, 0.0])
    assert np.array_equal(gradient(np.nanmax, [1.0, np.nan, 3.0]), [0.0, 0.0, 1.0])


def test_complex_numbers_are_ordered_lexicographically():
    z, z_dot = np.array([1.0 + 5j, 2.0 - 1j, 2.0 - 3j]), np.array([1j, 2j, 3j])
    assert jvp(np.max, (z,), (z_dot,)) == (2 - 1j, 2j)


def test_range_of_constant_input_is_flat():
    assert np.array_equal(gradient(np.ptp, [3.0, 3.0]), [0.0, 0.0])


def test_all_nan_warns_as_numpy_does():
    with pytest.warns(RuntimeWarning, match="All-NaN") as caught:
        y = np.nanmax(Dual([np.nan, np.nan], [1.0, 2.0]))
    assert len(caught) == 1
    assert np.isnan(y.value)


def test_initial_value_of_higher_precision():
    """It is compared in the precision of the array, and so it must be found again."""
    x = np.array([0.1, 0.2], np.float32)
    y = np.max(Dual(x, np.ones(2)), initial=Dual(0.3, 5.0))
    assert (y.dtype, y.tangent) == (np.float32, 5.0)
