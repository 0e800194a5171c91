"""Sets: which of equal elements keeps its tangent, and what is plain."""

import numpy as np
import pytest

from dualnum import Dual

A = np.array([3.0, 1.0, 3.0, 2.0])
B = np.array([2.0, 3.0, 5.0])


def active(x, start):
    return Dual(x, np.arange(start, start + x.size))


@pytest.mark.parametrize(
    ("function", "tangents"),
    [
        (np.union1d, [11.0, 13.0, 10.0, 22.0]),  # 1, 2, 3 of the first, and 5
        (np.intersect1d, [13.0, 10.0]),
        (np.setxor1d, [11.0, 22.0]),
        (np.setdiff1d, [11.0]),
    ],
)
def test_the_first_of_equal_elements_counts(function, tangents):
    result = function(active(A, 10), active(B, 20))
    assert np.array_equal(result.value, function(A, B))
    assert np.array_equal(result.tangent, tangents)


def test_indices_are_plain():
    values, index1, index2 = np.intersect1d(active(A, 10), B, return_indices=True)
    assert np.array_equal(values.tangent, [13.0, 10.0])
    assert type(index1) is type(index2) is np.ndarray
    assert np.array_equal(index1, [3, 0])


def test_an_intersection_is_that_of_the_first_array():
    assert np.array_equal(np.intersect1d(A, active(B, 20)).tangent, [0.0, 0.0])


def test_membership_is_plain():
    assert np.array_equal(np.isin(active(A, 1), B), [True, False, True, True])


@pytest.mark.skipif(not hasattr(np, "in1d"), reason="NumPy has removed it")
def test_old_name_of_membership():
    with pytest.warns(DeprecationWarning):
        assert np.array_equal(vars(np)["in1d"](active(A, 1), B), [True, False, True, True])
