"""Calls of integrals of Bessel functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])

# SciPy's values have about nine digits.
SAMPLES = [
    *(Sample(getattr(special, name), (LINE,), smooth=False) for name in ("itj0y0", "it2j0y0", "iti0k0", "it2i0k0")),
]
