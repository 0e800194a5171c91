"""Calls of spheroidal wave functions."""

from __future__ import annotations

import numpy as np
import scipy
from scipy import special

from tests.samples import Sample

DAMAGING = np.lib.NumpyVersion(scipy.__version__) < "1.15.0"  # in the radial functions
N = np.array([[1], [2], [4]])
INSIDE, BEYOND = np.array([-0.6, 0.3, 0.8]), np.array([1.4, 2.1, 3.5])
FAR = np.array([3.5, 4.2, 6.0])  # nearer, SciPy's functions of the second kind are often wrong
CV = {"pro": special.pro_cv(1, N, 1.3), "obl": special.obl_cv(1, N, 1.3)}

SAMPLES = [
    *(Sample(f, (1, N, np.array([0.3, 1.3, 4.0])), active=(2,)) for f in (special.pro_cv, special.obl_cv)),
    # np.int64, for SciPy (1.17) never ends in single precision.
    Sample(special.pro_cv, (np.int64(0), np.int64(2), 1.3), active=(2,)),
    *(
        sample
        for kind in ("pro", "obl")
        for form, x in (("ang1", INSIDE), ("rad1", BEYOND), ("rad2", FAR))
        if form == "ang1" or not DAMAGING
        for sample in (
            Sample(getattr(special, f"{kind}_{form}"), (1, N, 1.3, x), active=(3,)),
            Sample(getattr(special, f"{kind}_{form}_cv"), (1, N, 1.3, CV[kind], x), active=(4,)),
        )
    ),
]
