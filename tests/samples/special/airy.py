"""Calls of the Airy functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])
BOTH = np.array([[-3.1, -0.4], [0.6, 2.5]])

SAMPLES = [
    Sample(special.airy, (BOTH,), complex_ok=True),
    Sample(special.airy, (np.array(0.0),)),
    Sample(special.airye, (LINE,)),
    Sample(special.airye, (np.array([150.0, 2e3]),)),
    Sample(special.airye, (np.array([1.1 + 0.4j, -2.0 + 1j, 0.3 - 2j, 150 + 20j]),)),
    Sample(special.itairy, (LINE,), smooth=False),  # SciPy's values have about nine digits
]
