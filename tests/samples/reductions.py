"""Calls of reductions."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample

LINE = np.array([0.7, -1.3, 2.1, 0.4, -0.6])
# Its elements keep clear of each other, so that finite differences do not change their order.
CUBE = np.random.default_rng(31).permutation(np.linspace(0.5, 2.1, 24)).reshape(2, 3, 4) * np.array([1, -1, 1, 1])
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
PLANE = np.array([[0.4 + 0.3j, -1.2 + 0.8j, 0.7 - 1.9j], [1.1 - 0.2j, 0.5j, -0.9 + 1.4j]])
SCALAR = np.float64(1.7)
EMPTY = np.zeros((0, 3))
STRIDED = np.arange(24.0).reshape(4, 6)[::-2, ::3].T + 0.5
HOLES = np.where(MASK, CUBE, np.nan)
WEIGHTS = np.array([0.3, 1.2, 0.8, 0.1])

WAYS = [
    {},
    {"axis": 0},
    {"axis": -1},
    {"axis": (0, -1)},
    {"axis": 1, "keepdims": True},
    {"axis": None, "keepdims": True},
    {"axis": ()},
]
SUMS = [np.sum, np.prod, np.nansum, np.nanprod]
EXTREMA = [np.max, np.min, np.amax, np.amin, np.nanmax, np.nanmin]
MEANS = [np.mean, np.nanmean]
SPREADS = [np.var, np.std, np.nanvar, np.nanstd]

SAMPLES = [
    *(Sample(f, (CUBE,), way, complex_ok=f in (np.sum, np.prod, np.mean)) for f in [*SUMS, *MEANS] for way in WAYS),
    *(Sample(f, (CUBE,), way) for f in EXTREMA for way in WAYS),
    *(Sample(f, (CUBE,), way) for f in SPREADS for way in WAYS[:-1]),
    *(Sample(f, (CUBE,), {"axis": ()}, smooth=False) for f in SPREADS),
    *(Sample(f, (x,)) for f in [*SUMS, *MEANS, *EXTREMA] for x in [LINE, SCALAR, STRIDED]),
    *(Sample(f, (SCALAR,), {"axis": axis}) for f in [*SUMS, *EXTREMA, np.nanmean] for axis in [0, -1, ()]),
    *(Sample(f, (x,)) for f in SPREADS for x in [LINE, STRIDED]),
    *(Sample(f, (PLANE,), {"axis": axis}) for f in [*SUMS, *MEANS, *SPREADS] for axis in [None, 1]),
    *(Sample(f, (EMPTY,), {"axis": axis}) for f in SUMS for axis in [None, 0, 1]),
    *(Sample(f, (EMPTY,), {"axis": 1}) for f in [*MEANS, *SPREADS, *EXTREMA] if f not in (np.nanmax, np.nanmin)),
    # where=
    *(Sample(f, (CUBE,), {"axis": 1, "where": MASK}) for f in [*SUMS, *MEANS, *SPREADS]),
    *(Sample(f, (CUBE,), {"where": MASK, "keepdims": True}) for f in [*SUMS, *MEANS, *SPREADS]),
    *(Sample(f, (CUBE,), {"axis": 1, "where": MASK, "initial": -9.0}) for f in [np.max, np.nanmax]),
    *(Sample(f, (CUBE,), {"axis": (1, 2), "where": MASK, "initial": 9.0}) for f in [np.min, np.nanmin]),
    Sample(np.max, (CUBE,), {"axis": 2, "where": MASK[0], "initial": 1.1}),
    # initial=, active too
    *(Sample(f, (CUBE, 1, None, None, True, 1.6), active=(0, 5), complex_ok=f is not np.nansum) for f in SUMS[:2]),
    *(Sample(f, (LINE, None, None, None, False, 1.6), active=(0, 5)) for f in SUMS),
    *(Sample(f, (CUBE, 1, None, False, 1.3), active=(0, 4)) for f in EXTREMA),
    *(Sample(f, (np.zeros(0), None, None, True, 1.3), active=(0, 4)) for f in [np.max, np.min]),
    # dtype=
    *(Sample(f, (LINE,), {"dtype": np.float32}, smooth=False) for f in [*SUMS, *MEANS, *SPREADS]),
    *(Sample(f, (LINE,), {"dtype": complex}) for f in [np.sum, np.prod, np.mean]),
    # zeros in products
    *(Sample(np.prod, (np.array(x),)) for x in [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0, 4.0], [0.0, 0.0, 0.0], [0.0]]),
    Sample(np.prod, (CUBE * MASK,), {"axis": (0, 2)}),
    Sample(np.prod, (CUBE * MASK, (0, 2), None, None, False, 0.0), active=(0, 5)),
    Sample(np.prod, (np.array([[2.0, 0.0], [3.0, 1.5]]),), {"axis": 0, "initial": 2.0}),
    # moments
    *(Sample(f, (CUBE,), {"axis": 2, "ddof": 1}) for f in SPREADS),
    *(Sample(f, (CUBE,), {"axis": (0, 2), "correction": 1.5}) for f in SPREADS),
    *(Sample(f, (CUBE,), {"axis": 1, "mean": np.full((2, 1, 4), 0.4)}) for f in SPREADS),
    *(Sample(f, (LINE + 1e6,), smooth=False) for f in SPREADS),
    Sample(np.ptp, (CUBE,)),
    *(Sample(np.ptp, (CUBE,), way) for way in WAYS[1:6]),
    # weighted averages
    Sample(np.average, (CUBE,)),
    Sample(np.average, (CUBE, (0, 1)), {"keepdims": True, "returned": True}),
    *(Sample(np.average, (CUBE, -1, WEIGHTS), active=active) for active in [(0,), (2,), (0, 2)]),
    Sample(np.average, (CUBE, (2, 0), WEIGHTS[:, np.newaxis] * [1.0, 0.4]), {"returned": True}, active=(0, 2)),
    Sample(np.average, (CUBE, None, CUBE**2), {"returned": True}, active=(0, 2)),
    Sample(np.average, (PLANE, 0, PLANE[::-1] + 3), active=(0, 2), complex_ok=True),
    # nan
    *(
        Sample(f, (HOLES,), {"axis": axis})
        for f in [*SUMS[2:], np.nanmean, *SPREADS[2:], *EXTREMA[4:]]
        for axis in [None, 2]
    ),
]
