"""Calls of np.emath: within the domains of the real functions, outside, and both."""

from __future__ import annotations

import numpy as np
from numpy import emath

from tests.samples import Sample
from tests.samples.reductions import CUBE, EMPTY, LINE, PLANE, SCALAR

INSIDE = np.array([0.7, -0.3, 0.2])
UNARY = [emath.sqrt, emath.log, emath.log2, emath.log10, emath.arccos, emath.arcsin, emath.arctanh]

SAMPLES = [
    *(Sample(f, (x,)) for f in UNARY for x in [LINE, CUBE, SCALAR, INSIDE, -SCALAR, EMPTY]),
    *(Sample(f, (PLANE,), complex_ok=True) for f in UNARY),
    *(Sample(emath.logn, args, active=(0, 1)) for args in [(SCALAR, LINE), (LINE**2 + 1, LINE), (-SCALAR, PLANE[0])]),
    *(Sample(emath.power, args, active=(0, 1)) for args in [(SCALAR, LINE), (LINE, LINE[::-1]), (PLANE[0], PLANE[1])]),
    Sample(emath.power, (LINE, np.array([2, -3, 1, 0, -1]))),
    Sample(emath.power, (np.array([2, -3]), LINE[:2]), active=(1,)),
]
