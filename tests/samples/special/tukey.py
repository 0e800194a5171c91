"""Calls of the distribution function of Tukey's lambda distribution."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

SAMPLES = [
    Sample(special.tklmbda, (np.array([-0.8, 0.3, 1.2]), np.array([[-0.7], [0.0], [0.6]])), active=(0, 1)),
    Sample(special.tklmbda, (0.2, 1.7), active=(0, 1)),
]
