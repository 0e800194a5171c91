"""Calls of the incomplete gamma and beta functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.rules.special.families import available
from tests.samples import Sample

SHAPES = np.array([0.3, 2.5, 40.0])
COLUMN = np.array([[0.7], [6.0]])
SHARES = np.array([0.2, 0.55, 0.9])

SAMPLES = [
    *(
        Sample(f, args, active=(0, 1))
        for f in (special.gammainc, special.gammaincc)
        for args in ((SHAPES, np.array([0.4, 1.9, 52.0])), (COLUMN, SHAPES), (1.5, 2.5))
    ),
    *(
        Sample(f, args, active=(0, 1))
        for f in (special.gammaincinv, special.gammainccinv)
        for args in ((SHAPES + 0.5, SHARES), (1.5, 0.25))
    ),
    *(
        Sample(getattr(special, name), args, active=(0, 1, 2))
        for name in ("betainc", "betaincc", "betaincinv", "betainccinv")
        if available(name)
        for args in ((SHAPES, SHAPES[::-1] + 0.25, np.array([0.02, 0.5, 0.97])), (COLUMN, 2.5, SHARES), (1.5, 0.5, 0.3))
    ),
]
