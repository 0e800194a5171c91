"""Calls of functions that join arrays or split them."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample

LINE = np.array([0.5, -1.5, 2.0])
OTHER = np.array([1.0, 4.0, -3.0])
GRID = np.arange(1.0, 7.0).reshape(2, 3) ** 2
CUBE = np.cos(np.arange(24.0)).reshape(2, 3, 4)
WHOLE = np.arange(3)
SCALAR = np.float64(1.5)
EMPTY = np.zeros((0, 3))
STACKS = [np.vstack, np.hstack, np.dstack, np.column_stack]


def linear(function, *calls, **kwargs):
    """Samples of a linear function; each call is the tuple of its arguments, of which the first is active."""
    return [Sample(function, args, kwargs, complex_ok=True) for args in calls]


def with_constant(function, constant, *options):
    """Join an active array and a constant."""
    return lambda x, **kwargs: function([x, constant, x], *options, **kwargs)


def append(arr, values, axis=None):
    return np.append(arr, values, axis)


SAMPLES = [
    # joining
    *linear(np.concatenate, ([LINE, OTHER],), ([GRID, GRID[:1]],), ([GRID, GRID[:, :1]], 1), ([GRID, GRID], -1)),
    *linear(np.concatenate, ([GRID, LINE], None), ([EMPTY, GRID],), ([GRID, EMPTY],), ([GRID],), ((LINE, OTHER), 0)),
    *linear(np.concatenate, (CUBE,), (CUBE, 1), (CUBE, None)),
    *linear(np.concatenate, ([CUBE, CUBE, CUBE[:, :1]], -2)),
    *linear(np.concatenate, ([LINE, LINE],), dtype=np.complex128),
    *linear(
        np.stack, ([LINE, OTHER],), ([LINE, OTHER], 1), ([GRID, GRID], -1), ([GRID, GRID], -2), ([SCALAR, SCALAR],)
    ),
    *linear(np.stack, (GRID,), (GRID, -1), ([EMPTY, EMPTY], 1)),
    *(
        s
        for f in STACKS
        for s in linear(f, ([LINE, OTHER],), ([GRID, GRID],), ([CUBE, CUBE],), ([EMPTY, EMPTY],), (CUBE,))
    ),
    *(s for f in STACKS for s in linear(f, ([SCALAR, SCALAR],))),
    *linear(np.vstack, ([LINE, GRID],), (GRID,)),
    *linear(np.hstack, ([SCALAR, LINE],), ([LINE, SCALAR],)),
    *linear(np.dstack, ([GRID, CUBE[:, :, :3][:, :3].mean(1)[..., np.newaxis]],)),
    *linear(np.column_stack, ([LINE, GRID.T],), ([GRID.T, LINE],)),
    *(Sample(f, ([LINE, OTHER],), {"dtype": complex, "casting": "same_kind"}) for f in [np.stack, *STACKS[:2]]),
    *(Sample(with_constant(f, OTHER), (LINE,), complex_ok=True) for f in [np.concatenate, np.stack, *STACKS]),
    *(Sample(with_constant(f, WHOLE), (LINE,), complex_ok=True) for f in [np.concatenate, np.stack, *STACKS]),
    *(Sample(with_constant(f, [1, 2.5, 3]), (LINE,), complex_ok=True) for f in [np.concatenate, np.stack, *STACKS]),
    Sample(with_constant(np.concatenate, GRID, 1), (GRID[:, :1],)),
    *(Sample(append, (GRID, x, axis), active=(0, 1)) for x, axis in [(LINE, None), (GRID, 0), (GRID[:, :2], -1)]),
    Sample(append, (SCALAR, LINE), active=(0, 1)),
    Sample(append, (WHOLE, LINE), active=(1,)),
    Sample(np.block, ([[GRID, GRID[:, :1]], [LINE, SCALAR]],)),
    Sample(np.block, ([LINE, 2.0, OTHER],)),
    Sample(np.block, ([[CUBE, CUBE], [CUBE, CUBE]],)),
    Sample(np.block, (GRID,)),
    Sample(lambda x: np.block([[np.eye(2), x], [1.0, 2.0, LINE]]), (GRID,)),
    # splitting
    *linear(np.split, (LINE, 3), (CUBE, 2), (CUBE, [1], 1), (CUBE, [1, 3], -1), (CUBE, [2, 1], 2), (GRID, [5, 9])),
    *linear(np.array_split, (LINE, 2), (CUBE, 5, 2), (CUBE, [1, 2], -2)),
    *linear(np.hsplit, (LINE, 3), (GRID, [1]), (CUBE, 3)),
    *linear(np.vsplit, (GRID, 2), (CUBE, [1])),
    *linear(np.dsplit, (CUBE, 2), (CUBE, [1, 3])),
    *linear(np.unstack, (LINE,), (GRID,), (CUBE,)),
    *linear(np.unstack, (CUBE,), (GRID,), axis=-1),
    # grids
    *(
        Sample(np.meshgrid, (LINE, OTHER[:2]), options, active=(0, 1))
        for options in [{}, {"indexing": "ij"}, {"sparse": True}]
    ),
    Sample(np.meshgrid, (LINE, WHOLE, SCALAR), active=(0, 2)),
    Sample(np.meshgrid, (LINE,)),
    Sample(np.meshgrid, (LINE, OTHER), {"sparse": True, "copy": False}, active=(0, 1)),
    # inserting and deleting
    Sample(np.insert, (LINE, 1, SCALAR), active=(0, 2)),
    Sample(np.insert, (LINE, [0, 3], OTHER[:2]), active=(0, 2)),
    Sample(np.insert, (LINE, slice(None, None, 2), 5.0)),
    Sample(np.insert, (GRID, 1, LINE, 0), active=(0, 2)),
    Sample(np.insert, (GRID, 1, LINE[:2], 1), active=(0, 2)),
    Sample(np.insert, (GRID, [1], LINE[:2, np.newaxis], -1), active=(0, 2)),
    Sample(np.insert, (GRID, -1, LINE), active=(0, 2)),
    Sample(np.insert, (WHOLE, 1, LINE), active=(2,), smooth=False),
    Sample(np.insert, (WHOLE * 1.0, 1, LINE), active=(2,)),
    *linear(np.delete, (LINE, 1), (GRID, 1, 1), (GRID, [0, 1], 0), (CUBE, slice(1, 3), -1), (GRID, [2, 4]), (LINE, [])),
    *linear(np.delete, (LINE, np.array([True, False, False]))),
]
