"""Calls of functions that take or make diagonals and triangles of matrices."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.shape import CUBE, EMPTY, GRID, LINE, SCALAR, SQUARE, linear, with_options

SAMPLES = [
    *linear(np.diagonal, (GRID,), (SQUARE, 1), (CUBE, -1), (CUBE, 0, 1, 2), (CUBE, 1, -1, 0), (EMPTY,)),
    *with_options(np.linalg.diagonal, ((CUBE,), {}), ((CUBE,), {"offset": -1}), ((SQUARE,), {"offset": 1})),
    *linear(
        np.diag,
        (LINE,),
        (LINE, 2),
        (LINE, -1),
        (SQUARE,),
        (GRID, 1),
        (GRID, -1),
        (np.array([-0.0, 1.0]),),
        (EMPTY[:, 0],),
    ),
    *linear(np.diagflat, (LINE,), (GRID,), (GRID, -2), (SCALAR, 1)),
    *(
        Sample(f, args, complex_ok=True)
        for f in [np.tril, np.triu]
        for args in [(GRID,), (CUBE, 1), (CUBE, -1), (LINE,), (LINE, 1)]
    ),
    *linear(np.trace, (SQUARE,), (GRID, 1), (CUBE,), (CUBE, -1, 1, 2), (CUBE, 0, -1, 0)),
    *with_options(np.trace, ((GRID,), {"dtype": np.complex128, "offset": 1})),
    Sample(np.trace, (GRID,), {"dtype": np.float32}, smooth=False),
    *with_options(
        np.linalg.trace,
        ((CUBE,), {"dtype": complex}),
        ((CUBE,), {}),
        ((CUBE,), {"offset": 1}),
        ((SQUARE,), {"offset": -1}),
    ),
]
