"""Calls of continuous distribution functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

SHAPES = np.array([0.8, 2.5, 12.0])
COLUMN = np.array([[0.7], [6.0]])
SHARES = np.array([0.2, 0.55, 0.9])
POINTS = np.array([0.3, 1.9, 4.0])

SAMPLES = [
    *(
        Sample(f, args, active=tuple(range(len(args))))
        for f, *calls in (
            (special.chdtr, (SHAPES, POINTS), (COLUMN, POINTS), (1.5, 0.7)),
            (special.chdtrc, (SHAPES, POINTS), (COLUMN, 0.7)),
            (special.chdtri, (SHAPES, SHARES), (3.0, 0.25)),
            (special.chdtriv, (SHARES, POINTS), (0.4, 2.0)),
            (special.gdtr, (1.5, COLUMN, POINTS), (0.5, 1.5, 0.7)),
            (
                special.gdtrc,
                (SHAPES, SHAPES[::-1], POINTS),
            ),
            (special.gdtria, (SHARES, COLUMN, POINTS), (0.4, 1.5, 0.7)),
            (special.gdtrib, (SHAPES, SHARES, POINTS), (0.5, 0.4, 0.7)),
            (special.gdtrix, (SHAPES, COLUMN, SHARES), (0.5, 1.5, 0.7)),
            (special.fdtr, (SHAPES, SHAPES[::-1], POINTS), (COLUMN, 5.0, POINTS), (3.0, 5.0, 0.7)),
            (special.fdtrc, (SHAPES, SHAPES[::-1], POINTS), (3.0, 5.0, 0.7)),
            (special.fdtri, (SHAPES, COLUMN, SHARES), (3.0, 5.0, 0.7)),
            (special.fdtridfd, (np.array([3.0, 8.0]), np.array([0.6, 0.8]), np.array([1.2, 1.7])), (3.0, 0.8, 1.7)),
            (special.btdtria, (SHARES, COLUMN, SHARES[::-1]), (0.4, 1.5, 0.7)),
            (special.btdtrib, (SHAPES, SHARES, SHARES[::-1]), (1.5, 0.4, 0.7)),
            (special.stdtr, (SHAPES, POINTS - 2.0), (COLUMN, -POINTS), (5.0, 1.7)),
            (special.stdtrit, (SHAPES + 1.0, SHARES), (5.0, 0.3)),
            (special.stdtridf, (np.array([0.1, 0.92]), np.array([-1.5, 1.6])), (0.1, -1.5)),
        )
        for args in calls
    ),
]
