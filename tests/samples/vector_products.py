"""Calls of outer, kron and cross."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(12)

KRON_SHAPES = [
    *(((2,), (3,)), ((), (3,)), ((2, 2), (3,)), ((2, 3), (4, 2)), ((2,), (3, 1, 2)), ((1, 2), (2, 2, 2))),
    ((0, 2), (2,)),
]

SAMPLES = [
    *(Sample(np.outer, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in [((2,), (3,)), ((), (2, 2))]),
    Sample(np.outer, (plane(2), real(3)), active=BOTH),
    Sample(np.outer, (real(2, 2).T, [1, 2, 3])),
    Sample(np.linalg.outer, (real(2), real(3)), active=BOTH, complex_ok=True),
    *(Sample(np.kron, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in KRON_SHAPES),
    Sample(np.kron, (real(2, 2), plane(3)), active=(0,)),
    Sample(np.cross, (real(3), real(3)), active=BOTH, complex_ok=True),
    Sample(np.cross, (real(2, 3), real(3)), active=(1,)),
    Sample(np.cross, (real(3), real(4, 2, 3)), active=BOTH),
    Sample(np.cross, (plane(3), real(2, 3)), active=BOTH),
    Sample(np.cross, (real(3, 2), real(4, 1, 3)), {"axisa": 0, "axisc": 1}, BOTH),
    Sample(np.cross, (real(4, 3), real(3, 4)), {"axisb": 0}, BOTH),
    Sample(np.cross, (real(2, 3, 4), real(2, 3, 4)), {"axis": 1}, BOTH),
    Sample(np.linalg.cross, (real(3, 2), real(3, 2)), {"axis": 0}, BOTH, complex_ok=True),
]
