"""Calls of associated Legendre functions and spherical harmonics."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import special

from tests.samples import Sample

X = np.array([-0.7, 0.2, 0.9])

SAMPLES = [
    Sample(special.lpmv, (np.array([[0], [1], [2], [-2]]), 3, X), active=(2,)),
    Sample(special.lpmv, (1, 2.5, X), active=(2,)),
    Sample(special.lpmv, (0, np.array([[0.7], [2.3]]), np.array([-0.5, 0.6, 1.3])), active=(1,)),
    Sample(special.lpmv, (0, 2, np.array([-0.5, 0.6, 1.3])), active=(2,)),
    Sample(special.lpmv, (1, 3, 0.4), active=(2,)),
]

if hasattr(special, "sph_harm"):

    def harmonic(*args):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return special.sph_harm(*args)

    ANGLES = np.array([0.3, 1.7]), np.array([[0.5], [0.8], [2.9]])
    SAMPLES += [Sample(harmonic, (m, 3, *ANGLES), active=(2, 3)) for m in (0, 1, -3)]
