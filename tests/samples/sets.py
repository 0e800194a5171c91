"""Calls of functions of sets."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample, since
from tests.samples.reductions import CUBE, EMPTY, LINE, PLANE, SCALAR

TWICE = np.array([[2.0, 1.0, 2.0], [0.5, 1.0, 3.0]])
SOME = np.array([2.1, 5.0, 0.4, 0.7, 5.0])  # some of LINE
SETS = [np.intersect1d, np.setxor1d, np.setdiff1d, np.union1d]

SAMPLES = [
    # unique elements
    *(Sample(f, (x,)) for f in [np.unique, np.unique_values] for x in [LINE, CUBE, SCALAR, EMPTY]),
    Sample(np.unique, (PLANE,)),  # the order of unique_values is arbitrary
    *(Sample(f, (LINE,)) for f in [np.unique_all, np.unique_counts, np.unique_inverse]),
    Sample(np.unique, (TWICE,), {"return_index": True, "return_inverse": True, "return_counts": True}, smooth=False),
    Sample(np.unique, (np.tile(CUBE, (1, 2, 1)),), {"axis": 1}, smooth=False),
    Sample(np.unique, (CUBE, True, False, True, -1)),
    Sample(np.unique, (np.append(LINE, [np.nan, np.nan]),), {"equal_nan": False}),
    *(Sample(np.unique, (LINE,), {"sorted": True}) for _ in range(since("2.3.0"))),
    # sets
    *(Sample(f, (LINE, CUBE + 0.03), active=(0, 1)) for f in SETS),
    *(Sample(f, (LINE, SOME), active=(0, 1), smooth=False) for f in SETS),
    *(Sample(f, (SOME, TWICE), {"assume_unique": True}, active=(0, 1), smooth=False) for f in SETS[1:3]),
    *(Sample(f, (TWICE, EMPTY), active=(0, 1), smooth=False) for f in SETS),
    Sample(np.intersect1d, (LINE, SOME), {"return_indices": True}, active=(0, 1), smooth=False),
    Sample(np.intersect1d, (LINE, SOME[:4], True, True), active=(0, 1), smooth=False),
    Sample(np.intersect1d, (LINE, SOME[:4], True), active=(0, 1), smooth=False),
]
