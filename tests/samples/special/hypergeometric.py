"""Calls of hypergeometric functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

A, B, C = 0.8, np.array([[1.3], [2.7]]), 3.4
Z = np.array([-1.2, 0.4, 0.7])

SAMPLES = [
    Sample(special.hyp0f1, (B, Z), active=(0, 1)),
    Sample(special.hyp0f1, (1.3, Z + 0.2j), active=(0, 1)),
    Sample(special.hyp1f1, (A, B, Z), active=(0, 1, 2)),
    Sample(special.hyp1f1, (A, 2.2, Z + 0.2j), active=(0, 1, 2)),
    Sample(special.hyp2f1, (A, B, C, Z), active=(0, 1, 2, 3)),
    Sample(special.hyp2f1, (A, 0.3, C, Z + 0.2j), active=(0, 1, 2, 3)),
    Sample(special.hyperu, (np.array([0.8, 1.7]), B, 1.4), active=(0, 1, 2)),
    Sample(special.hyp1f1, (0.5, 1.5, 0.3), active=(0, 1, 2)),
]
