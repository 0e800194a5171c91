"""Calls of pinv and lstsq."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(16)

MAKERS = (real, plane)
SHAPES = [(3, 3), (5, 3), (3, 5), (2, 4, 3), (1, 4), (0, 2)]
LEAST_SQUARES_SHAPES = [((3, 3), (3,)), ((5, 3), (5,)), ((5, 3), (5, 2)), ((3, 5), (3,)), ((3, 5), (3, 2))]

SAMPLES = [
    *(
        Sample(np.linalg.pinv, (make(*s),))
        for make in MAKERS
        for s in [(3, 3), (5, 3), (3, 5), (2, 4, 3), (1, 4), (0, 2)]
    ),
    Sample(np.linalg.pinv, (real(5, 3), 1e-10)),
    Sample(np.linalg.pinv, (real(5, 3),), {"rtol": 1e-10}),
    *(Sample(np.linalg.pinv, (make(3, 3),), {"hermitian": True}) for make in MAKERS),
    *(Sample(np.linalg.lstsq, (make(*a), make(*b)), active=BOTH) for make in MAKERS for a, b in LEAST_SQUARES_SHAPES),
    Sample(np.linalg.lstsq, (real(4, 2), plane(4)), active=BOTH),
    *(Sample(np.linalg.lstsq, (real(4, 2), real(4)), {"rcond": rcond}, (i,)) for rcond in (1e-8, -1) for i in BOTH),
    Sample(np.linalg.matrix_rank, (real(3, 2),), smooth=False),
]
