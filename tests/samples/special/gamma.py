"""Calls of the gamma function and its relatives."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])

SAMPLES = [
    *(Sample(f, (LINE,), complex_ok=f is special.gamma) for f in (special.gamma, special.digamma)),
    Sample(_ufuncs._zeta, (2.5, LINE), active=(1,)),
]
