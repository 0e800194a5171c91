"""Calls of the measurements of `dualnum.scipy.ndimage`."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import ndimage
from tests.samples import Sample
from tests.samples.products import makers

real, _ = makers(76)

LABELS = np.array([[0, 1, 1, 2], [3, 3, 1, 2], [0, 0, 2, 3]])

FUNCTIONS = (
    *(ndimage.sum_labels, ndimage.sum, ndimage.mean, ndimage.variance, ndimage.standard_deviation),
    *(ndimage.minimum, ndimage.maximum, ndimage.median),
)

SAMPLES = [
    *(
        Sample(f, (real(3, 4), *more))
        for f in FUNCTIONS
        for more in ((), (LABELS,), (LABELS, 2), (LABELS, [3, 1, 1]), (LABELS * 50 - 30, np.array([[20, 70]])))
    ),
    *(Sample(ndimage.center_of_mass, (real(3, 4) + 3, *more)) for more in ((), (LABELS,), (LABELS, [1, 3]))),
]
