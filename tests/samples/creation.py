"""Calls of functions that make arrays."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample, since

GRID = np.arange(1.0, 7.0).reshape(2, 3) ** 2
LINE = np.array([0.5, 1.5, 2.0])
SCALAR = np.float64(1.5)
MINUS = np.float64(-2.5)


def like(function, *args, **kwargs):
    """Call with the active array as ``like``."""
    return lambda x: function(*args, like=x, **kwargs)


def of(function, *args, **kwargs):
    """Call with the active array as first argument and as ``like``."""
    return lambda x: function(x, *args, like=x, **kwargs)


SAMPLES = [
    *(Sample(f, (x,)) for f in [np.zeros_like, np.ones_like] for x in [GRID, SCALAR, LINE[:0], GRID + 1j]),
    Sample(np.zeros_like, (GRID,), {"shape": (4,)}),
    Sample(np.ones_like, (GRID,), {"dtype": np.float32}),
    Sample(np.zeros_like, (GRID,), {"dtype": int}),
    *(Sample(like(f, 3), (GRID,)) for f in [np.zeros, np.ones, np.eye, np.identity, np.tri, np.arange]),
    *(
        Sample(like(f, *args), (GRID,))
        for f, args in [(np.zeros, ((2, 0),)), (np.arange, (0.5, 3)), (np.full, (2, 1.5))]
    ),
    *(Sample(like(f, [1.0, 2.0]), (GRID,)) for f in [np.array, np.asarray, np.asanyarray, np.ascontiguousarray]),
    Sample(like(np.fromfunction, lambda i, j: i + 2.0 * j, (2, 3)), (GRID,)),
    *(Sample(of(f), (GRID,)) for f in [np.array, np.asarray, np.asanyarray, np.asfortranarray, np.require]),
    Sample(lambda x: np.fromiter([x[0], 2.0, x[2] * x[1]], float, like=x), (LINE,)),
    Sample(lambda x: np.fromiter(list(x), np.complex128, 2, like=x), (LINE,)),
    Sample(like(np.frombuffer, LINE.tobytes(), dtype=float, count=2, offset=8), (GRID,)),
    Sample(of(np.asarray, np.complex128), (GRID,)),
    Sample(of(np.asarray, copy=True), (GRID,)),
    Sample(of(np.array, ndmin=3), (LINE,)),
    Sample(of(np.array, copy=False), (LINE,)),
    Sample(of(np.array, np.complex128, order="F"), (GRID,)),
    *(Sample(of(np.array, ndmax=2), (GRID,)) for _ in range(since("2.4.0"))),
    *(Sample(of(f, np.complex128, order="F", copy=True), (GRID,)) for f in [np.asarray, np.asanyarray]),
    *(Sample(of(f, np.complex128), (GRID,)) for f in [np.ascontiguousarray, np.asfortranarray, np.require]),
    Sample(lambda x: np.array([x[0], 2.0, x[1]], like=x), (LINE,)),
    Sample(lambda x: np.array([[x[0], 2.0], list(x[:2])], like=x), (LINE,)),
    # filled
    *(Sample(lambda x, y: np.full_like(x * y, y), (GRID, fill), active=(0, 1)) for fill in [SCALAR, LINE, GRID[:, :1]]),
    *(Sample(np.full_like, (GRID, fill)) for fill in [2, 2.5, [1.0, 2.0, 3.0], -0.0]),
    Sample(lambda x: np.full_like(x, x[0], shape=(4, 3)), (GRID,)),
    *(Sample(lambda x, order=order: np.full_like(x, x[0], order=order), (GRID,)) for order in "CFAK"),
    *(Sample(lambda x, dtype=dtype: np.full_like(x, x[1, 1], dtype), (GRID,)) for dtype in [float, complex]),
    Sample(lambda x: np.full_like(x, x[1, 1], int), (GRID,), smooth=False),
    Sample(lambda x: np.full((2, 3), x, like=x), (LINE,)),
    Sample(lambda x: np.full(4, x[0], np.float32, like=x), (LINE,), smooth=False),
    # spaced
    *(Sample(np.linspace, (SCALAR, MINUS, n), active=(0, 1), complex_ok=True) for n in [5, 2, 1, 0]),
    *(Sample(np.linspace, (LINE, MINUS, 3), {"axis": axis}, active=(0, 1), complex_ok=True) for axis in [0, -1, 1]),
    Sample(np.linspace, (LINE, GRID, 3), active=(0, 1), complex_ok=True),
    Sample(np.linspace, (LINE, GRID, 3), {"axis": 1}, active=(0, 1)),
    Sample(np.linspace, (0, SCALAR, 4), {"endpoint": False}, active=(1,)),
    Sample(np.linspace, (SCALAR, 10, 4), {"retstep": True}),
    Sample(np.linspace, (SCALAR, 10, 4), {"dtype": int}, smooth=False),
    Sample(np.linspace, (LINE, LINE, 4), active=(0, 1)),
    Sample(np.logspace, (SCALAR, MINUS, 5), active=(0, 1)),
    Sample(np.logspace, (LINE, 2.0, 4), {"base": 2.0}),
    Sample(lambda a, b, base: np.logspace(a, b, 3, base=base), (SCALAR, 2.0, LINE), active=(0, 2)),
    Sample(lambda a, b, base: np.logspace(a, b, 3, base=base, axis=-1), (LINE, 2.0, np.float64(3.0)), active=(0, 2)),
    Sample(np.logspace, (SCALAR, MINUS, 5, False, 2.0, complex), active=(0, 1)),
    Sample(np.geomspace, (SCALAR, np.float64(20.0), 5), active=(0, 1)),
    Sample(np.geomspace, (SCALAR, np.float64(20.0), 5), {"dtype": complex}, active=(0, 1)),
    Sample(np.geomspace, (MINUS, np.float64(-0.5), 4), {"endpoint": False}, active=(0, 1)),
    Sample(np.geomspace, (LINE, GRID, 4), {"axis": -1}, active=(0, 1)),
    Sample(np.geomspace, (np.complex128(1j), np.complex128(16j - 3), 4), active=(0, 1)),
]
