"""Calls of elliptic integrals and Jacobian elliptic functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

M = np.array([-1.7, 0.0, 0.3, 0.85])
PHI = np.array([[0.4], [-1.2], [4.5]])
X, Y, Z, P = np.array([0.3, 1.1, 2.5]), np.array([[1.7], [1.1]]), 0.8, np.array([1.4, 1.1, 0.2])

SAMPLES = [
    *(Sample(f, (M,)) for f in (special.ellipk, special.ellipe)),
    Sample(special.ellipkm1, (np.array([0.2, 1.0, 3.0]),)),
    Sample(special.ellipk, (0.4,)),
    *(Sample(f, (PHI, M), active=(0, 1)) for f in (special.ellipkinc, special.ellipeinc)),
    Sample(special.ellipkinc, (0.7, 0.4), active=(0, 1)),
    Sample(special.ellipj, (np.array([[0.4], [-1.2], [6.5]]), np.array([0.2, 0.5, 0.85])), active=(0, 1)),
    Sample(special.elliprc, (X, Y), active=(0, 1), complex_ok=True),
    Sample(special.elliprc, (np.array([0.3, 1.0]), np.array([-0.7, -2.0])), active=(0, 1)),
    *(
        Sample(f, (X, Y, Z), active=(0, 1, 2), complex_ok=True)
        for f in (special.elliprd, special.elliprf, special.elliprg)
    ),
    Sample(special.elliprj, (X, Y, Z, P), active=(0, 1, 2, 3), complex_ok=True),
    Sample(special.elliprj, (X, 1.2, Z, np.array([-0.4, 0.5, -3.0])), active=(0, 1, 2, 3)),
]
