"""Calls of functions that select elements or store them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dualnum.dispatch import ActiveArray, apply_function
from dualnum.primitives import getitem, scatter
from tests.samples import Sample

LINE = np.array([0.5, -1.5, 2.0, 3.5])
OTHER = np.array([1.0, 4.0, -3.0, 0.25])
GRID = np.sin(np.arange(12.0) + 0.5).reshape(3, 4)
CUBE = np.cos(np.arange(24.0)).reshape(2, 3, 4)
SCALAR = np.float64(1.5)
EMPTY = np.zeros((0, 3))
MASK = GRID > 0.1
ROWS = np.array([2, 0, 2])

INDICES = [
    *(1, -1, slice(None, None, 2), slice(None, None, -1), None, Ellipsis, (), np.int64(1), [0, 1], True),
    *((0, 1), (slice(1), 2), (Ellipsis, 0), (None, 1, Ellipsis), (slice(None), None, -1), (Ellipsis,)),
    *((0, 1, 2), (0, 1, 2, Ellipsis), (0, 1, 2, None)),
    *(np.array([1, 0, 1]), (slice(None), ROWS), (0, ROWS), (Ellipsis, ROWS), (1, slice(None), ROWS)),
    *((ROWS % 2, slice(None), ROWS), np.array([True, False]), (slice(None), MASK), CUBE > 0, (0, MASK)),
    (Ellipsis, np.array([True, False, True, True])),
    *((ROWS[:, np.newaxis] % 2, ROWS), (0, None, ROWS), np.array([[1, 0]]), np.zeros(0, int), np.array(1)),
]


def item(index):
    """Index as ``x[index]`` does."""
    return lambda x: x[index]


def primitive(x, index):
    """Index through the row of the primitive, which tapes use."""
    return apply_function(getitem, (x, index), {}) if isinstance(x, ActiveArray) else x[index]


def assigned(index):
    """Assign to an index of an array that can hold both."""

    def function(x, new):
        y = x + 0 * np.sum(new)
        y[index] = new
        return y

    return function


def stored(function, *args):
    """Apply a function that works in place to an array that can hold both; the values are the argument None."""

    def call(x, values):
        y = x + 0 * np.sum(values)
        function(y, *(values if arg is None else arg for arg in args))
        return y

    return call


SAMPLES = [
    *(Sample(item(index), (CUBE,), complex_ok=True) for index in INDICES),
    *(Sample(primitive, (CUBE, index), complex_ok=True) for index in INDICES),
    *(Sample(getitem, (CUBE, index), complex_ok=True) for index in INDICES),
    *(Sample(item(index), (LINE,)) for index in [2, LINE > 0, [1, 1], (2, Ellipsis), (2, None)]),
    Sample(item((slice(None), 1)), (EMPTY,)),
    *(Sample(scatter, (CUBE[index], index, CUBE.shape), complex_ok=True) for index in INDICES if index is not True),
    *(
        Sample(assigned(index), (GRID, SCALAR), active=(0, 1))
        for index in [1, (0, 2), ROWS, MASK, Ellipsis, (Ellipsis, 1)]
    ),
    *(Sample(assigned(index), (GRID, LINE), active=(0, 1)) for index in [1, ROWS[:2], (slice(None), None), Ellipsis]),
    *(
        Sample(assigned(index), (GRID, LINE[:3]), active=(0, 1))
        for index in [(slice(None), 1), (ROWS, [1, 2, 3]), (1, ROWS)]
    ),
    Sample(assigned(slice(1)), (GRID, 2.0)),
    # by position
    *(
        Sample(np.take, args, complex_ok=True)
        for args in [(LINE, 2), (LINE, [1, 1, 0]), (GRID, [[5, 2]]), (GRID, ROWS, 0)]
    ),
    *(
        Sample(np.take, args, complex_ok=True)
        for args in [(GRID, 1, -1), (CUBE, [[0, 2]], 1), (SCALAR, [0, 0]), (GRID, [], 1)]
    ),
    *(Sample(np.take, (GRID, [7, -5], 1), {"mode": mode}) for mode in ["wrap", "clip"]),
    *(Sample(np.take_along_axis, (GRID, np.argsort(GRID, axis), axis), complex_ok=True) for axis in [0, 1, -1]),
    Sample(np.take_along_axis, (GRID, np.array([[1]]), 0)),
    Sample(np.take_along_axis, (GRID, np.array([3, 3, 11]), None)),
    Sample(np.take_along_axis, (CUBE, np.argsort(CUBE, 1)[:, :2], 1)),
    Sample(np.ix_, (LINE, OTHER[:2]), active=(0, 1)),
    Sample(np.ix_, (LINE, [True, False, True])),
    Sample(sliding_window_view, (LINE, 2), complex_ok=True),
    Sample(sliding_window_view, (LINE, 2), {"writeable": True}),
    *(
        Sample(sliding_window_view, (CUBE, *args), complex_ok=True)
        for args in [((2, 2, 3),), (2, 1), ((2, 2), (0, -1))]
    ),
    # by condition
    *(Sample(np.compress, ([1, 0, 1], *args), active=(1,)) for args in [(GRID, 0), (GRID,), (LINE,), (CUBE, -2)]),
    Sample(np.compress, (LINE, GRID, -1), active=(0, 1), smooth=False),
    Sample(np.extract, (MASK, GRID), active=(1,)),
    Sample(np.extract, (GRID, GRID), active=(0, 1)),
    Sample(np.where, (MASK, GRID, LINE), active=(1, 2), complex_ok=True),
    Sample(np.where, (MASK, SCALAR, GRID), active=(1, 2), complex_ok=True),
    Sample(np.where, (True, LINE, GRID), active=(1, 2)),
    Sample(np.where, (np.array([[True], [False]]), LINE, OTHER), active=(1, 2)),
    Sample(np.where, (MASK, GRID, 0), active=(1,)),
    Sample(np.where, (MASK, [1.0, 2.0, 3.0, 4.0], SCALAR), active=(2,)),
    Sample(np.where, (GRID, GRID, LINE), active=(0, 1, 2)),
    Sample(np.where, (GRID,)),
    Sample(np.where, (True, SCALAR, SCALAR), active=(1, 2)),
    *(Sample(np.choose, (np.array(a), [LINE, OTHER, SCALAR]), active=(1,)) for a in [[0, 1, 2, 0], 1, [[0], [2]]]),
    Sample(np.choose, (ROWS, GRID[:, :3]), active=(1,)),
    Sample(np.choose, ([7, -1, 0, 1], [LINE, OTHER]), {"mode": "wrap"}, active=(1,)),
    Sample(np.choose, (1, [SCALAR, SCALAR]), active=(1,)),
    Sample(np.select, ([MASK, ~MASK], [GRID, LINE]), active=(1,)),
    Sample(lambda x, y: np.select([MASK, LINE > 0], [x, LINE + 0 * y], y), (GRID, SCALAR), active=(0, 1)),
    Sample(np.select, ([MASK], [GRID]), {"default": 3.5}, active=(1,)),
    Sample(np.piecewise, (GRID, [MASK, ~MASK], [np.sin, np.exp])),
    Sample(np.piecewise, (LINE, [LINE < 0], [lambda x, c: c * x, lambda x, c: x**2 - c], 3.0)),
    Sample(lambda x: np.piecewise(x, [LINE < 0, LINE > 1], [-1.0, lambda x: x**3]), (LINE,)),
    Sample(lambda x: np.piecewise(x, [LINE < 3, LINE < 1], [np.exp, np.sin, 0.0]), (LINE,)),
    Sample(lambda x: np.piecewise(x, x > 0, [np.sqrt, np.square]), (SCALAR,)),
    # in place
    Sample(stored(np.copyto, None), (GRID, LINE), active=(0, 1)),
    Sample(stored(lambda a, v: np.copyto(a, v, where=MASK), None), (GRID, SCALAR), active=(0, 1)),
    Sample(stored(np.copyto, None), (GRID, 2)),
    *(Sample(stored(np.put, ind, None), (GRID, LINE), active=(0, 1)) for ind in [3, [5, -1], [0, 0, 1, 2, 3, 4]]),
    Sample(stored(np.put, [99, -99], None, "clip"), (GRID, LINE), active=(0, 1)),
    Sample(stored(np.put_along_axis, np.array([[1], [0], [3]]), None, 1), (GRID, SCALAR), active=(0, 1)),
    Sample(stored(np.put_along_axis, np.array([[1, 0, 2, 1]]), None, 0), (GRID, LINE), active=(0, 1)),
    Sample(stored(np.place, MASK, None), (GRID, LINE), active=(0, 1)),
    Sample(stored(np.place, MASK, None), (GRID, LINE[:2]), active=(0, 1)),
    Sample(stored(np.putmask, MASK, None), (GRID, OTHER), active=(0, 1)),
    Sample(stored(np.fill_diagonal, None), (GRID, SCALAR), active=(0, 1)),
    Sample(stored(np.fill_diagonal, None, True), (np.vstack([GRID.T, GRID.T]), LINE[:3]), active=(0, 1)),
]
