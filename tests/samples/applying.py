"""Calls of functions that apply a function along axes."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample

GRID = np.sin(np.arange(6.0) + 0.5).reshape(2, 3)
CUBE = np.cos(np.arange(24.0)).reshape(2, 3, 4)


def scaled(line, factor):
    return factor * line**2


def square(line):
    return np.outer(line, line)


SAMPLES = [
    *(Sample(lambda x, axis=axis: np.apply_along_axis(np.sum, axis, x), (CUBE,)) for axis in [0, 1, -1]),
    *(Sample(lambda x, axis=axis: np.apply_along_axis(scaled, axis, x, 2.0), (CUBE,)) for axis in [0, 1, 2]),
    *(Sample(lambda x, axis=axis: np.apply_along_axis(square, axis, x), (GRID,)) for axis in [0, 1]),
    Sample(lambda x: np.apply_along_axis(np.prod, 0, x), (GRID[0],)),
    Sample(lambda x: np.apply_along_axis(np.argmax, 0, x), (GRID,)),
    *(Sample(lambda x, axes=axes: np.apply_over_axes(np.sum, x, axes), (CUBE,)) for axes in [0, [0, 2], (1, -1)]),
    Sample(lambda x: np.apply_over_axes(lambda a, axis: np.flip(a, axis), x, [0, 1]), (GRID,)),
]
