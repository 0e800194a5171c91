"""Calls of integrals of Bessel functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])

# SciPy's values have about nine digits.
SAMPLES = [
    *(Sample(getattr(special, name), (LINE,), smooth=False) for name in ("itj0y0", "it2j0y0", "iti0k0", "it2i0k0")),
    Sample(special.besselpoly, (np.array([0.4, 1.7]), np.array([[0.7], [-0.2]]), 1.3), active=(0, 1, 2)),
    Sample(special.besselpoly, (np.array(0.6), 1.0, np.array([0, 1, 2])), active=(0,)),
]
