"""Calls of the error function, the normal distribution and their relatives."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 0.7, 2.6])
UNIT = np.array([[0.1, 0.45], [0.8, 0.97]])
SIGNED = np.array([[-2.6, -0.4, 0.7], [1.2, -1.3, 2.0]])
FAR = np.array([0.4, 9.5, 40.0])
COLUMN = np.array([[0.6], [2.3]])

HOLOMORPHIC = (special.erf, special.erfc, special.erfcx, special.erfi, special.dawsn, special.ndtr, special.log_ndtr)

SAMPLES = [
    *(Sample(f, (SIGNED,), complex_ok=True) for f in HOLOMORPHIC),
    *(Sample(f, (FAR,), complex_ok=True) for f in (special.erfcx, special.dawsn)),
    Sample(special.log_ndtr, (-FAR,)),
    Sample(special.erf, (0.5,)),
    Sample(special.wofz, (SIGNED + 0.3j,)),
    Sample(special.wofz, (FAR + 0.3j,)),
    Sample(special.wofz, (SIGNED,)),
    *(Sample(f, (UNIT,)) for f in (special.erfinv, special.erfcinv, special.ndtri)),
    Sample(special.ndtri_exp, (np.log(UNIT),)),
    Sample(special.ndtri_exp, (-FAR,)),
    Sample(special.nrdtrimn, (UNIT, COLUMN, 0.5), active=(0, 1, 2)),
    Sample(special.nrdtrisd, (SIGNED[:, :2], np.array([0.2, 0.4]), 0.5), active=(0, 1, 2)),
    Sample(special.owens_t, (SIGNED, COLUMN), active=(0, 1)),
    Sample(special.fresnel, (SIGNED,), complex_ok=True),
    *(Sample(f, (LINE / 2,)) for f in (special.modfresnelp, special.modfresnelm)),
    *(Sample(f, (FAR,)) for f in (special.modfresnelp, special.modfresnelm)),
    Sample(special.voigt_profile, (SIGNED, 0.4, COLUMN), active=(0, 1, 2)),
    Sample(special.voigt_profile, (FAR, 0.2, 0.1), active=(0, 1, 2)),
]
