"""Calls of Mathieu functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

Q = np.array([0.3, 1.7, 4.2])
M = np.array([[1], [2], [5]])
DEGREES = np.array([12.0, 75.0, 200.0])

SAMPLES = [
    Sample(special.mathieu_a, (np.array([[0], [1], [2], [5]]), np.array([-3.0, 0.0, 0.4, 20.0])), active=(1,)),
    Sample(special.mathieu_b, (M, np.array([-3.0, 0.0, 0.4, 20.0])), active=(1,)),
    Sample(special.mathieu_a, (2, 1.5), active=(1,)),
    *(Sample(f, (M, 1.7, DEGREES), active=(2,)) for f in (special.mathieu_cem, special.mathieu_sem)),
    *(
        Sample(f, (M, 1.7, np.array([0.3, 0.8, 1.1])), active=(2,))
        for f in (
            *(special.mathieu_modcem1, special.mathieu_modcem2),
            *(special.mathieu_modsem1, special.mathieu_modsem2),
        )
    ),
]
