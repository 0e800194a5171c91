"""Calls of non-central distribution functions."""

from __future__ import annotations

import numpy as np
import scipy
from scipy import special

from tests.samples import Sample

SHAPES = np.array([3.0, 12.0])
COLUMN = np.array([[0.7], [6.0]])
SHARES = np.array([0.2, 0.7])
POINTS = np.array([1.9, 4.0])
#: SciPy's solutions of these have ten digits or less, too few for finite differences.
SEARCHED = {special.ncfdtridfn, special.ncfdtridfd, special.ncfdtrinc, special.nctdtridf, special.nctdtrinc}
if np.lib.NumpyVersion(scipy.__version__) < "1.17.0":
    # Nor have the values of these.
    SEARCHED |= {special.ncfdtr, special.ncfdtri, special.nctdtr, special.nctdtrit}

SAMPLES = [
    Sample(f, args, active=tuple(range(len(args))), smooth=f not in SEARCHED)
    for f, *calls in (
        (special.chndtr, (POINTS, SHAPES, COLUMN), (2.5, 1.5, 0.7)),
        (special.chndtrix, (SHARES, SHAPES, 2.0), (0.4, 3.0, 2.0)),
        (special.chndtridf, (POINTS, np.array([0.4, 0.3]), 2.0), (3.0, 0.3, 1.0)),
        (special.chndtrinc, (10.0 * POINTS, SHAPES, SHARES), (9.0, 3.0, 0.3)),
        (special.ncfdtr, (SHAPES, 5.0, COLUMN, POINTS), (3.0, 5.0, 1.0, 1.5)),
        (special.ncfdtri, (SHAPES, 5.0, 2.0, SHARES), (3.0, 5.0, 1.0, 0.4)),
        (special.ncfdtridfn, (np.array([0.25, 0.3]), 5.0, 2.0, 0.5), (0.3, 5.0, 2.0, 0.5)),
        (special.ncfdtridfd, (SHAPES, np.array([0.4, 0.3]), 2.0, 1.2), (3.0, 0.4, 2.0, 1.2)),
        (special.ncfdtrinc, (SHAPES, 5.0, np.array([0.3, 0.1]), 1.5), (3.0, 5.0, 0.3, 1.2)),
        (special.nctdtr, (SHAPES, np.array([[0.7], [-2.0]]), POINTS - 2.5), (3.0, 0.7, 0.5)),
        (special.nctdtrit, (SHAPES, np.array([[0.7], [-1.0]]), SHARES), (3.0, 0.7, 0.4)),
        (special.nctdtridf, (np.array([0.3, 0.25]), 0.7, 0.4), (0.3, 0.7, 0.4)),
        (special.nctdtrinc, (SHAPES, SHARES, POINTS), (3.0, 0.4, 0.7)),
    )
    for args in calls
]
