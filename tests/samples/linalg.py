"""Calls of solve, inv, det and of what is made of them."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(14)

SOLVE_SHAPES = [
    *(((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3,)), ((2, 3, 3), (2, 3, 2)), ((3, 3), (4, 3, 2))),
    *(((4, 1, 3, 3), (2, 3, 1)), ((3, 3), (3, 3)), ((2, 2), (2, 2, 2)), ((3, 3), (3, 0)), ((0, 2, 2), (0, 2, 1))),
]
SQUARE_SHAPES = [(1, 1), (3, 3), (2, 3, 3), (0, 2, 2), (0, 0)]
LOW_RANK = real(4, 2) @ real(2, 4)
RANK_3 = real(4, 3) @ real(3, 4)

SAMPLES = [
    *(Sample(np.linalg.solve, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in SOLVE_SHAPES),
    *(Sample(np.linalg.solve, (real(3, 3), plane(3)), active=(i,)) for i in BOTH),
    Sample(np.linalg.solve, (real(3, 3), [1, 2, 3])),
    *(Sample(np.linalg.inv, (real(*s),), complex_ok=True) for s in SQUARE_SHAPES),
    *(Sample(np.linalg.det, (real(*s),), complex_ok=True) for s in SQUARE_SHAPES),
    *(Sample(np.linalg.det, (a,), complex_ok=True) for a in (LOW_RANK, RANK_3, np.zeros((3, 3)), np.ones((2, 2)))),
    Sample(np.linalg.det, (np.stack([RANK_3, real(4, 4)]),)),
    Sample(np.linalg.det, (np.diag([1.0, 1e-9, 1e-9]),)),
    *(Sample(np.linalg.slogdet, (make(*s),)) for s in SQUARE_SHAPES for make in (real, plane)),
    *(Sample(np.linalg.matrix_power, (real(3, 3), n), complex_ok=True) for n in (-3, -1, 0, 1, 2, 5)),
    Sample(np.linalg.matrix_power, (real(2, 3, 3), 3)),
    Sample(np.linalg.tensorinv, (real(2, 3, 6),), complex_ok=True),
    Sample(np.linalg.tensorinv, (real(4, 2, 2),), {"ind": 1}),
    Sample(np.linalg.tensorsolve, (real(2, 3, 3, 2), real(2, 3)), active=BOTH, complex_ok=True),
    Sample(np.linalg.tensorsolve, (real(2, 3, 6), real(6)), {"axes": (1, 0)}, BOTH),
    Sample(np.linalg.multi_dot, ([real(3), real(3, 4), real(4)],)),
    Sample(np.linalg.multi_dot, ([real(5, 3), real(3, 4), real(4, 2), real(2, 6)],)),
]
