"""Calls of the methods of ufuncs."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.reductions import CUBE, EMPTY, HOLES, LINE, MASK, PLANE, SCALAR

POSITIVE = np.abs(CUBE)
PAIRWISE = [np.hypot, np.logaddexp, np.logaddexp2, np.fmax, np.fmin]
IN_ORDER = [np.subtract, np.divide, np.power, np.arctan2]
SEGMENTS = np.array([0, 2, 1, 3])
REPEATED = np.array([1, 4, 1, 0, 1])


def updated(ufunc, x, index, *b):
    """Result of ``ufunc.at`` on a copy."""
    x = x.copy()
    ufunc.at(x, index, *b)
    return x


SAMPLES = [
    # those that are functions
    *(
        Sample(f.reduce, (CUBE,), way)
        for f in [np.add, np.multiply, np.maximum, np.minimum]
        for way in [{}, {"axis": -1}, {"axis": None, "keepdims": True}, {"axis": (2, 0)}, {"initial": 1.2}]
    ),
    *(Sample(f.accumulate, (CUBE,), way) for f in [np.add, np.multiply] for way in [{}, {"axis": -1}]),
    Sample(np.maximum.reduce, (LINE,), {"dtype": np.float32}, smooth=False),
    Sample(np.add.reduce, (CUBE,), {"where": MASK, "axis": None}),
    Sample(np.add.reduce, (EMPTY,), {"axis": 1}),
    # the rest
    *(
        Sample(f.reduce, (POSITIVE,), way)
        for f in PAIRWISE
        for way in [{}, {"axis": -1}, {"axis": None, "keepdims": True}, {"axis": (2, 0)}, {"axis": 1, "initial": 1.2}]
    ),
    *(Sample(f.reduce, (POSITIVE,), {"axis": 1, "where": MASK, "initial": 0.3}) for f in [*PAIRWISE, *IN_ORDER]),
    # Not along the last axis: there some builds of NumPy reduce powers and arctan2 to something else.
    *(Sample(f.reduce, (POSITIVE,), {"axis": axis, "keepdims": axis == 1}) for f in IN_ORDER for axis in [0, 1]),
    Sample(np.subtract.reduce, (LINE,)),
    *(Sample(f.reduce, (HOLES,), {"axis": 1}) for f in [np.fmax, np.fmin]),
    *(Sample(f.reduce, (EMPTY,), {"axis": axis}, smooth=False) for f in [np.hypot, np.logaddexp] for axis in [0, 1]),
    Sample(np.hypot.reduce, (LINE,), {"dtype": np.float32}, smooth=False),
    Sample(np.floor_divide.reduce, (POSITIVE,)),
    *(
        Sample(f.accumulate, (POSITIVE,), {"axis": axis})
        for f in [*PAIRWISE, *IN_ORDER, np.maximum, np.minimum, np.remainder]
        for axis in [0, -1]
    ),
    Sample(np.subtract.accumulate, (EMPTY,), {"axis": 0}),
    # segments
    *(Sample(f.reduceat, (POSITIVE, SEGMENTS), {"axis": -1}) for f in [np.add, np.multiply, np.maximum, np.subtract]),
    *(Sample(f.reduceat, (PLANE, [0, 1]), {}, complex_ok=True) for f in [np.add, np.multiply]),
    Sample(np.logaddexp.reduceat, (LINE, SEGMENTS)),
    # pairs
    *(Sample(f.outer, (CUBE, LINE), active=(0, 1), complex_ok=True) for f in [np.add, np.multiply, np.subtract]),
    *(Sample(f.outer, (LINE, POSITIVE + 0.03), active=(0, 1)) for f in [np.arctan2, np.maximum]),
    Sample(np.divmod.outer, (LINE, POSITIVE[0, 0]), active=(0, 1)),
    Sample(np.divide.outer, (SCALAR, LINE), active=(0, 1)),
    Sample(np.power.outer, (POSITIVE[0], SCALAR), active=(0, 1)),
    # in place
    *(
        Sample(updated, (f, LINE, REPEATED, LINE[::-1] + 0.3), active=(1, 3))
        for f in [np.add, np.subtract, np.multiply]
    ),
    *(Sample(updated, (f, POSITIVE, (slice(None), [0, 2, 0]), SCALAR), active=(1, 3)) for f in [np.add, np.divide]),
    *(
        Sample(updated, (f, LINE, REPEATED, LINE), active=active)
        for f in [np.add, np.maximum]
        for active in [(1,), (1, 3)]
    ),
    Sample(updated, (np.power, POSITIVE[0], (REPEATED % 3, 2), LINE), active=(1, 3)),
    Sample(updated, (np.sin, LINE, REPEATED), active=(1,)),
    Sample(updated, (np.add, CUBE, CUBE > 1, SCALAR), active=(1, 3)),
    Sample(updated, (np.add, PLANE, [1, 0, 1], PLANE[0]), active=(1, 3)),
    Sample(updated, (np.add, LINE, [], SCALAR), active=(1, 3)),
]
