"""Calls of histograms and statistics of pairs."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.interpolation import GRID, RISING
from tests.samples.reductions import CUBE, LINE, PLANE, WEIGHTS

BINS = np.array([0, 3, 1, 1, 0])
SLOW = np.array([0.3, 0.9, 1.35, 2.2, 1.9])
EDGES = np.array([-0.3, 0.5, 1.1, 3.1])

SAMPLES = [
    # histograms
    Sample(np.bincount, (BINS, LINE), active=(1,)),
    Sample(np.bincount, (BINS, LINE), {"minlength": 6}, active=(1,)),
    Sample(np.histogram, (LINE, 3)),
    Sample(np.histogram, (LINE, 3, None, True, LINE**2), active=(0, 4)),
    Sample(np.histogram, (CUBE, GRID, None, True), active=(1,)),
    Sample(np.histogram, (CUBE, "sturges"), {"density": True}),
    Sample(np.histogram, (LINE, 3, (-1.0, 2.0), False, LINE**2), active=(0, 4)),
    Sample(np.histogram_bin_edges, (LINE, 4)),
    Sample(np.histogram_bin_edges, (CUBE, "auto")),
    Sample(np.histogram_bin_edges, (np.full(3, 1.5), 2), smooth=False),
    Sample(np.histogram2d, (LINE, SLOW, 3, None, True, LINE**2), active=(0, 1, 5)),
    Sample(np.histogram2d, (LINE, SLOW, [3, 4]), active=(0, 1)),
    Sample(np.histogram2d, (LINE, SLOW, EDGES, None, True), active=(2,)),
    Sample(np.histogram2d, (LINE, SLOW, [EDGES, 2], [[0.0, 1.0], [-1.0, 3.0]]), active=(0, 1)),
    Sample(np.histogram2d, (LINE, SLOW, 3, None, None, LINE**2), active=(5,)),
    *(Sample(np.histogramdd, (CUBE[0], 2), {"density": density}) for density in [False, True]),
    Sample(np.histogramdd, ([LINE, SLOW], [3, 2], None, False, LINE**2), active=(0, 4)),
    Sample(np.histogramdd, ([LINE, SLOW, LINE], [EDGES, 3, 3], None, True, LINE**2), active=(0, 4)),
    Sample(np.histogramdd, (LINE, 3)),
    # statistics of pairs
    *(Sample(f, (x,)) for f in [np.cov, np.corrcoef] for x in [CUBE[0], LINE, PLANE]),
    Sample(np.cov, (CUBE[0], CUBE[1]), active=(0, 1)),
    Sample(np.cov, (CUBE[0],), {"rowvar": False, "bias": True}),
    Sample(np.cov, (CUBE[0], None, True, False, 2)),
    *(
        Sample(np.cov, (CUBE[0], None, True, False, ddof, fweights, WEIGHTS), active=(0, 6))
        for ddof in [0, 1]
        for fweights in [None, np.array([1, 2, 1, 3])]
    ),
    Sample(np.cov, (CUBE[0],), {"fweights": np.array([1, 2, 1, 3])}),
    *(Sample(f, (PLANE,), {"dtype": complex}) for f in [np.cov, np.corrcoef]),
    # (NumPy warns that it leaves out imaginary parts.)
    *(Sample(f, (LINE, RISING), {"dtype": np.float32}, active=(0, 1), smooth=False) for f in [np.cov, np.corrcoef]),
    Sample(np.corrcoef, (LINE, RISING), active=(0, 1)),
    Sample(np.corrcoef, (CUBE[0],), {"rowvar": False}),
]
