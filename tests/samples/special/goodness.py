"""Calls of the distributions of Kolmogorov and Smirnov."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from tests.samples import Sample

COUNTS = np.array([[5], [12]])

SAMPLES = [
    *(Sample(special.kolmogorov, args) for args in ((np.array([0.4, 0.9, 1.3, 2.2]),), (0.8,))),
    *(Sample(special.kolmogi, args) for args in ((np.array([0.1, 0.35, 0.9]),), (0.5,))),
    Sample(special.smirnov, (COUNTS, np.array([0.13, 0.36, 0.73])), active=(1,)),
    Sample(special.smirnov, (7, 0.3), active=(1,)),
    Sample(special.smirnovi, (COUNTS, np.array([0.11, 0.3, 0.83])), active=(1,)),
    Sample(_ufuncs._smirnovp, (9, 0.3), active=(1,)),
]
