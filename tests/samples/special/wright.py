"""Calls of Wright's generalised Bessel function."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 0.8, 5.0])  # SciPy 1.14 has the logarithm wrong between 1 and 2
COLUMN = np.array([[0.6], [2.3]])

SAMPLES = [Sample(f, (COLUMN, 1.2, LINE), active=(0, 1, 2)) for f in (special.wright_bessel, special.log_wright_bessel)]
