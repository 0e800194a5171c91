"""Functions between arrays of all shapes, and their Jacobians."""

import itertools

import numpy as np
import pytest

__all__ = ["CHUNKS", "INPUTS", "OUTPUTS", "SHAPES", "between", "numbers_of"]

INPUTS = [(), (1,), (3,), (0,), (2, 3), (1, 1), (2, 0), (2, 1, 3), (17,), (4, 5)]
OUTPUTS = [(), (1,), (4,), (0,), (2, 3), (1, 1), (0, 2), (2, 1, 2)]
CHUNKS = [None, 1, 2, 3, 5, 100]


def numbers_of(shape, seed=0, dtype=float):
    values = np.random.default_rng(seed).normal(size=shape)
    return values.astype(dtype) if shape else np.dtype(dtype).type(values)


def between(x_shape, y_shape):
    """A function from arrays of one shape to arrays of another, and its Jacobian."""
    rng = np.random.default_rng(1)
    n, m = int(np.prod(x_shape)), int(np.prod(y_shape))
    a = rng.normal(size=(m, n))

    def f(x):
        return np.reshape(a @ np.sin(np.reshape(x, n)), y_shape)

    def f_jacobian(x):
        return np.reshape(a * np.cos(np.reshape(x, n)), y_shape + x_shape)

    return f, f_jacobian


SHAPES = pytest.mark.parametrize(("x_shape", "y_shape"), list(itertools.product(INPUTS, OUTPUTS)), ids=str)
