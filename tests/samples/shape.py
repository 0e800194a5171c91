"""Calls of functions that give an array another shape or order."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample

LINE = np.array([0.5, -1.5, 2.0, 3.5, -0.25])
GRID = np.arange(1.0, 7.0).reshape(2, 3) ** 2
SQUARE = np.sin(np.arange(9.0)).reshape(3, 3)
CUBE = np.cos(np.arange(24.0)).reshape(2, 3, 4)
ONES = np.array([[[2.0], [3.0]]])
EMPTY = np.zeros((0, 3))
SCALAR = np.float64(1.5)
POINT = np.array(-2.5)
COMPLEX = CUBE + 1j * CUBE[::-1]


def linear(function, *calls):
    """Samples of a linear function; each call is the tuple of its arguments, of which the first is active."""
    return [Sample(function, args, complex_ok=True) for args in calls]


def with_options(function, *calls):
    return [Sample(function, args, kwargs, complex_ok=True) for args, kwargs in calls]


def reshape(a, shape, order):
    """Reshape by ``order`` as a keyword: there is a NumPy 2.1 that takes no other."""
    return np.reshape(a, shape, order=order)


SAMPLES = [
    # reshaping
    *linear(
        np.reshape, (CUBE, (4, 6)), (CUBE, -1), (CUBE, (2, -1)), (LINE, 5), (SCALAR, (1, 1)), (POINT, ()), (POINT, 1)
    ),
    *linear(
        np.reshape, (EMPTY, (3, 0, 2)), (EMPTY, (-1, 3)), (CUBE.T, (6, 4)), (CUBE[:, ::2], (4, -1)), (CUBE[:, 1], 8)
    ),
    *linear(reshape, (CUBE, (4, 6), "F"), (CUBE, -1, "F"), (np.asfortranarray(CUBE), (4, 6), "A"), (CUBE.T, -1, "F")),
    *with_options(
        np.reshape,
        ((GRID, (3, 2)), {"copy": True}),
        ((GRID,), {"shape": (6, 1)}),
        ((GRID, 6), {"order": "F"}),
        ((GRID, 6), {"copy": False}),
    ),
    *linear(
        np.ravel,
        (CUBE,),
        (LINE,),
        (SCALAR,),
        (EMPTY,),
        (CUBE.T,),
        (LINE[::2],),
        (CUBE, "F"),
        (CUBE.T, "A"),
        (CUBE, "A"),
    ),
    *linear(np.ravel, (CUBE, "K"), (CUBE.T, "K"), (np.swapaxes(CUBE, 0, 1), "K"), (np.swapaxes(CUBE, 1, 2), "K")),
    *linear(
        np.squeeze, (ONES,), (CUBE,), (ONES, 0), (ONES, (-1, 0)), (np.array([1.5]),), (SCALAR,), (EMPTY[np.newaxis],)
    ),
    *linear(np.expand_dims, (GRID, 0), (GRID, -1), (GRID, (0, 2)), (GRID, [-2, 1]), (SCALAR, 0), (EMPTY, 1)),
    *(
        Sample(f, (x,))
        for f in [np.atleast_1d, np.atleast_2d, np.atleast_3d]
        for x in [SCALAR, POINT, LINE, GRID, CUBE]
    ),
    Sample(np.atleast_1d, (SCALAR, LINE), active=(0, 1)),
    Sample(np.atleast_2d, (LINE, [1.0, 2.0], GRID), active=(0, 2)),
    Sample(np.atleast_3d, (LINE, GRID, 1), active=(0, 1)),
    # broadcasting
    *linear(
        np.broadcast_to,
        (LINE, (2, 5)),
        (GRID, (4, 2, 3)),
        (SCALAR, (2, 2)),
        (ONES, (3, 2, 4)),
        (POINT, 3),
        (EMPTY, (2, 0, 3)),
    ),
    Sample(np.broadcast_arrays, (GRID, GRID[:, :1], SCALAR), active=(0, 1, 2)),
    Sample(np.broadcast_arrays, (GRID[0], [1.0, 2.0, 3.0])),
    Sample(np.broadcast_arrays, (GRID, np.arange(3)), active=(0,)),
    Sample(np.broadcast_arrays, (SCALAR, SCALAR), active=(0, 1)),
    # order of the axes
    *linear(
        np.transpose, (CUBE,), (CUBE, (1, 2, 0)), (CUBE, [-1, 0, 1]), (LINE,), (SCALAR,), (EMPTY,), (COMPLEX, (2, 0, 1))
    ),
    *linear(np.matrix_transpose, (GRID,), (CUBE,), (SQUARE,)),
    *linear(np.linalg.matrix_transpose, (GRID,), (CUBE,)),
    *linear(np.swapaxes, (CUBE, 0, 2), (CUBE, -1, 1), (SQUARE, 0, 1)),
    *linear(np.moveaxis, (CUBE, 0, -1), (CUBE, -1, 0), (CUBE, (0, 1), (2, 0)), (CUBE, [2], [1])),
    *linear(np.rollaxis, (CUBE, 2), (CUBE, 0, 3), (CUBE, 1, -1), (CUBE, -1, 1)),
    # order of the elements
    *linear(np.flip, (CUBE,), (CUBE, 0), (CUBE, (0, -1)), (LINE,), (SCALAR,), (EMPTY, 1)),
    *linear(np.fliplr, (GRID,), (CUBE,)),
    *linear(np.flipud, (LINE,), (GRID,)),
    *linear(np.rot90, (GRID,), (GRID, 2), (GRID, -1), (GRID, 4), (CUBE, 1, (1, 2)), (CUBE, 3, (-1, 0))),
    *linear(
        np.roll, (LINE, 2), (GRID, 1), (CUBE, -1, 1), (CUBE, (1, 2), (0, -1)), (CUBE, 2, (1, 2)), (GRID, (1, 1), (0, 0))
    ),
    *linear(np.roll, (SCALAR, 1), (EMPTY, 1), (EMPTY, 1, 1)),
    # repetition
    *linear(
        np.tile,
        (LINE, 2),
        (GRID, (2, 3)),
        (GRID, (2, 1, 2)),
        (CUBE, 2),
        (SCALAR, 3),
        (SCALAR, ()),
        (GRID, 0),
        (GRID, 1),
    ),
    *linear(
        np.repeat, (GRID, 2), (GRID, 2, 1), (GRID, [1, 0, 2], -1), (LINE, [0, 1, 2, 0, 3]), (SCALAR, 3), (CUBE, [2], 1)
    ),
    *linear(np.resize, (LINE, (2, 4)), (GRID, 3), (GRID, (2, 0)), (SCALAR, (2, 2)), (EMPTY, (2, 2)), (LINE, ())),
]
