"""Calls of the distribution functions of counts."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

COUNTS = np.array([0, 3, 7])
COLUMN = np.array([[10], [12]])
SHARES = np.array([0.2, 0.55, 0.9])

SAMPLES = [
    *(
        Sample(f, args, active=(2,))
        for f in (special.bdtr, special.bdtrc, special.bdtri, special.nbdtr, special.nbdtrc, special.nbdtri)
        for args in ((COUNTS, COLUMN, SHARES), (3, np.int64(8), 0.3))
    ),
    *(
        Sample(f, args, active=(0, 1, 2))
        for f, *calls in (
            (special.bdtrik, (SHARES, np.array([[10.5], [14.0]]), 0.45), (0.6, 9.0, 0.3)),
            (special.bdtrin, (np.array([2.5, 4.0]), np.array([0.3, 0.8]), 0.4), (3.0, 0.6, 0.3)),
            (special.nbdtrik, (SHARES, np.array([[5.5], [8.0]]), 0.4), (0.6, 9.0, 0.3)),
            (special.nbdtrin, (np.array([2.5, 4.0]), np.array([0.3, 0.8]), 0.4), (3.0, 0.6, 0.3)),
        )
        for args in calls
    ),
    *(
        Sample(f, args, active=(1,))
        for f in (special.pdtr, special.pdtrc)
        for args in ((COUNTS, 10.0 * SHARES), (3.7, 2.5))
    ),
    *(Sample(special.pdtri, args, active=(1,)) for args in ((COUNTS, SHARES), (3, 0.4))),
    *(Sample(special.pdtrik, args, active=(0, 1)) for args in ((SHARES, 3.3), (0.6, 20.0))),
]
