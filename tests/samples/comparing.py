"""Calls of functions that give positions, truth values, dtypes or text."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample

LINE = np.array([0.5, -1.5, 2.0, 0.5])
GRID = np.sin(np.arange(12.0)).reshape(3, 4)
HOLES = np.array([[0.0, np.nan, 1.5], [2.5, -0.0, np.nan]])

SAMPLES = [
    *(Sample(f, (x,), smooth=False) for f in [np.argmax, np.argmin, np.argsort] for x in [LINE, GRID, np.float64(1.5)]),
    *(Sample(f, (HOLES,), {"axis": axis}, smooth=False) for f in [np.nanargmax, np.nanargmin] for axis in [None, 0, 1]),
    *(Sample(f, (x,), smooth=False) for f in [np.nonzero, np.argwhere, np.flatnonzero] for x in [LINE, HOLES]),
    Sample(np.argpartition, (GRID, 2), {"axis": 0}, smooth=False),
    Sample(np.searchsorted, (np.sort(LINE), 0.7), smooth=False),
    Sample(np.searchsorted, (np.sort(LINE), LINE), {"side": "right"}, active=(0, 1), smooth=False),
    Sample(np.digitize, (LINE, np.array([-1.0, 0.5, 1.0])), active=(0, 1), smooth=False),
    Sample(np.isin, (LINE, np.array([0.5, 3.0])), active=(0, 1), smooth=False),
    *(Sample(f, (GRID[:, :3],)) for f in [np.diag_indices_from, np.tril_indices_from]),
    Sample(np.triu_indices_from, (GRID, 1)),
    *(Sample(f, (GRID,)) for f in [np.result_type, np.common_type, np.min_scalar_type, np.shape, np.ndim, np.size]),
    *(Sample(f, (GRID,), smooth=False) for f in [np.array_repr, np.array_str, np.array2string]),
    *(Sample(f, (GRID, GRID), active=(0, 1)) for f in [np.may_share_memory, np.shares_memory]),
]
