"""Calls of parabolic cylinder functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

X = np.array([-1.4, 0.3, 2.1])
ORDERS = np.array([[0.5], [2.5]])

SAMPLES = [
    *(Sample(f, (ORDERS, X), active=(1,)) for f in (special.pbdv, special.pbvv, special.pbwa)),
    Sample(special.pbdv, (1.5, 0.4), active=(1,)),
]
