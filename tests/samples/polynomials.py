"""Calls of functions of polynomials."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.interpolation import KERNEL, RISING
from tests.samples.reductions import CUBE, LINE, PLANE, SCALAR

MATRIX = CUBE[0, :, :3]
DEFECTIVE = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 2.0]])
CUBIC = np.array([2.0, -3.0, -11.0, 6.0])
PAIR = np.array([1.0, 0.4, 2.0, 0.3, 1.7])
FIT = (RISING, LINE)
TABLE = np.stack([LINE, LINE[::-1] ** 2], 1)
WEIGHTS = np.array([0.5, 1.0, 2.0, 1.5, 0.7])

SAMPLES = [
    # values
    *(
        Sample(np.polyval, (KERNEL, x), active=active, complex_ok=True)
        for x in [LINE, CUBE]
        for active in [(0,), (1,), (0, 1)]
    ),
    Sample(np.polyval, (KERNEL, SCALAR), active=(0, 1), complex_ok=True),
    *(Sample(np.vander, (x,), complex_ok=True) for x in [LINE, PLANE[0], LINE[:0]]),
    *(Sample(np.vander, (LINE, n, increasing)) for n in [0, 1, 2, 7] for increasing in [False, True]),
    # arithmetic
    *(
        Sample(f, args, active=(0, 1), complex_ok=True)
        for f in [np.polyadd, np.polysub, np.polymul, np.polydiv]
        for args in [(LINE, KERNEL), (KERNEL, LINE), (LINE, LINE[::-1]), (SCALAR, KERNEL), (PLANE[0], KERNEL[:2])]
    ),
    Sample(np.polydiv, (np.convolve(KERNEL, LINE), LINE), smooth=False),
    *(Sample(np.polyder, (LINE,), {"m": m}, complex_ok=True) for m in [0, 1, 2, 7]),
    *(Sample(np.polyint, (LINE,), {"m": m}, complex_ok=True) for m in [0, 1, 3]),
    # (NumPy does not ask us when only the constants are active.)
    Sample(lambda p, k: np.polyint(p * k[0], 2, k), (LINE, np.array([0.3, -0.7])), active=(0, 1), complex_ok=True),
    Sample(lambda p, k: np.polyint(p * k, 3, k), (LINE, SCALAR), active=(0, 1)),
    # least squares
    *(Sample(np.polyfit, (*FIT, deg), active=(0, 1), complex_ok=False) for deg in [0, 1, 3, 4]),
    Sample(np.polyfit, (RISING, TABLE, 2), active=(0, 1)),
    Sample(np.polyfit, (*FIT, 2, None, False, WEIGHTS), active=(0, 1, 5)),
    Sample(np.polyfit, (RISING, TABLE, 2, None, False, WEIGHTS), active=(0, 1, 5)),
    Sample(np.polyfit, (*FIT, 2, 1e-12, True), active=(0, 1)),
    Sample(np.polyfit, (*FIT, 2, None, False, WEIGHTS, True), active=(0, 1, 5)),
    Sample(np.polyfit, (*FIT, 2, None, False, WEIGHTS, "unscaled"), active=(0, 1, 5)),
    Sample(np.polyfit, (RISING, TABLE, 2), {"cov": True}, active=(0, 1)),
    # roots
    *(Sample(np.roots, (p,)) for p in [CUBIC, PAIR, KERNEL, PLANE[0]]),
    Sample(np.roots, (np.concatenate([[0.0, 0.0], CUBIC]),), smooth=False),
    Sample(np.roots, (np.append(CUBIC, 0.0),), smooth=False),
    *(Sample(np.roots, (np.array(p),), smooth=p[0] != 0) for p in [[0.0, 0.0], [2.0], [2.0, 3.0]]),
    *(Sample(np.poly, (z,)) for z in [LINE, np.array([0.5, 0.5, 2.0]), LINE[:1], PLANE[0], LINE[:0]]),
    *(Sample(np.poly, (a,)) for a in [MATRIX, PLANE[:, :2], CUBE[0, :1, :1]]),
    Sample(np.poly, (DEFECTIVE,), smooth=False),
]
