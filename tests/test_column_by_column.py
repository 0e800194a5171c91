"""Columns of Jacobians: one by one, and one alone."""

import numpy as np
import pytest

from dualnum import jacobian_column, jacobian_columns
from tests.shapes import CHUNKS, SHAPES, between, numbers_of


@SHAPES
def test_columns(x_shape, y_shape):
    f, f_jacobian = between(x_shape, y_shape)
    x = numbers_of(x_shape)
    expected = np.moveaxis(f_jacobian(x).reshape(y_shape + (x.size,)), -1, 0)
    for chunk in CHUNKS:
        columns = list(jacobian_columns(f, x, chunk=chunk))
        assert len(columns) == x.size
        for column, theirs in zip(columns, expected, strict=True):
            assert np.shape(column) == y_shape
            np.testing.assert_allclose(column, theirs, rtol=1e-14)
    for j, index in enumerate(np.ndindex(x_shape)):
        for named in (j, j - x.size, index, np.int64(j), tuple(i - n for i, n in zip(index, x_shape, strict=True))):
            column = jacobian_column(f, x, named)
            assert np.shape(column) == y_shape
            np.testing.assert_allclose(column, expected[j], rtol=1e-14)
    for beyond in (x.size, -x.size - 1, x_shape, (0,) * (len(x_shape) + 1)):
        if beyond != ():
            with pytest.raises(IndexError):
                jacobian_column(f, x, beyond)


def test_a_column_is_that_of_one_element():
    x = np.ones((2, 3))
    for j in ((0,), (slice(None), 1), (0, slice(2)), ([0, 1], [0, 1]), (x > 0,), (Ellipsis,), ()):
        with pytest.raises(IndexError, match="one element"):
            jacobian_column(np.sum, x, j)
    for j in (1.5, "0", None, [0]):
        with pytest.raises(TypeError):
            jacobian_column(np.sum, x, j)


def test_columns_are_computed_when_they_are_wanted():
    runs = []
    columns = jacobian_columns(lambda x: runs.append(1) or x * 2, np.ones(6), chunk=2)
    assert runs == []
    next(columns)
    next(columns)
    assert runs == [1]
    next(columns)
    assert runs == [1, 1]
    x = np.ones(3)
    columns = jacobian_columns(lambda v: v * v, x, chunk=1)
    x[:] = 7  # later changes have no effect
    np.testing.assert_array_equal(list(columns), 2 * np.eye(3))


def test_columns_are_the_callers():
    columns = jacobian_columns(lambda x: x * 1, np.ones(3))
    first = next(columns)
    first[:] = 99
    np.testing.assert_array_equal(list(columns), np.eye(3)[1:])
