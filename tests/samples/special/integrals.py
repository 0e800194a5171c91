"""Calls of the exponential, sine, cosine and logarithmic integrals."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from tests.samples import Sample

LINE = np.array([0.3, 1.1, 2.6])
SIGNED = np.array([[-2.6, -0.4, 0.7], [1.2, -1.3, 5.0]])

SAMPLES = [
    *(Sample(f, (LINE,), complex_ok=True) for f in (special.exp1, special.expi, special.shichi, special.spence)),
    *(Sample(f, (LINE,), complex_ok=True) for f in (special.sici,)),
    Sample(special.expi, (SIGNED,)),
    Sample(special.exp1, (0.5,)),
    Sample(special.expn, (np.array([[0], [1], [4]]), LINE), active=(1,)),
    Sample(_ufuncs._scaled_exp1, (np.array([0.3, 7.0, 60.0]),)),
]
