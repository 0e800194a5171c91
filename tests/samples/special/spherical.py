"""Calls of the ufuncs behind the spherical Bessel functions."""

from __future__ import annotations

import numpy as np
from scipy.special import _ufuncs

from dualnum.scipy import special
from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])
ORDERS = np.array([[0], [1], [4]])

PUBLIC = (special.spherical_jn, special.spherical_yn, special.spherical_in, special.spherical_kn)

SAMPLES = [
    *(
        Sample(f, (ORDERS, LINE), {"derivative": derivative}, active=(1,))
        for f in PUBLIC
        for derivative in (False, True)
    ),
    *(Sample(f, (2, LINE - 0.3j), active=(1,)) for f in PUBLIC),
    *(Sample(f, (3, np.float64(1.2)), active=(1,)) for f in PUBLIC),
    *(
        Sample(getattr(_ufuncs, f"_spherical_{letter}n{suffix}"), (ORDERS, z), active=(1,))
        for letter in "jyik"
        for suffix in ("", "_d")
        for z in (LINE, LINE + 0.4j)
    ),
    Sample(_ufuncs._spherical_jn, (np.array([0, 1, 2], np.uint8), np.array(0.0)), active=(1,)),
    Sample(_ufuncs._spherical_in_d, (1, np.array(2.5)), active=(1,)),
]
