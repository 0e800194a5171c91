"""Calls of the Kelvin functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([[0.3, 1.7], [4.2, 30.0]])  # not near 10, where SciPy's values have about ten digits
SAFE = np.array([0.3, 1.7, 30.0])

SAMPLES = [
    *(Sample(getattr(special, name), (LINE,)) for name in ("ber", "bei", "berp", "beip")),
    *(Sample(getattr(special, name), (SAFE,)) for name in ("ker", "kei", "kerp", "keip", "kelvin")),
    Sample(special.bei, (np.array(-1.3),)),
]
