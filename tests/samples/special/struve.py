"""Calls of the Struve functions and their integrals."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])
ORDERS = np.array([[-0.7], [2.3]])

SAMPLES = [
    *(Sample(f, (ORDERS, LINE), active=(1,)) for f in (special.struve, special.modstruve)),
    *(Sample(f, (np.array([[-0.3], [0.2], [3.3]]), LINE), active=(0, 1)) for f in (special.struve, special.modstruve)),
    *(Sample(f, (np.array([-1, 0, 1, 2]), np.array(0.0)), active=(1,)) for f in (special.struve, special.modstruve)),
    Sample(special.struve, (1, -LINE), active=(1,)),
    # SciPy's values of the integrals have about nine digits.
    *(Sample(f, (LINE,), smooth=False) for f in (special.itstruve0, special.it2struve0, special.itmodstruve0)),
]
