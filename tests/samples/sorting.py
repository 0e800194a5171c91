"""Calls of functions that sort."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample, since
from tests.samples.reductions import CUBE, EMPTY, HOLES, LINE, PLANE, SCALAR, STRIDED

AXES = [None, 0, -1]
METHODS = (
    "linear hazen weibull median_unbiased normal_unbiased interpolated_inverted_cdf inverted_cdf averaged_inverted_cdf "
    "closest_observation lower higher midpoint nearest"
).split()
CONTINUOUS = METHODS[:6]
Q = np.array([[0.13, 0.46, 0.77], [0.02, 0.91, 1.0]])
QUANTILES = [(np.quantile, 1), (np.percentile, 100), (np.nanquantile, 1), (np.nanpercentile, 100)]

# NumPy 2.5 can sort in falling order.
DOWN = {"descending": True} if since("2.5.0") else {}

SAMPLES = [
    *(Sample(np.sort, (x,), {"axis": axis}) for x in [CUBE, PLANE, STRIDED] for axis in AXES),
    *(Sample(np.sort, (x,)) for x in [LINE, EMPTY]),
    Sample(np.sort, (HOLES,), smooth=False),
    *(Sample(np.sort, (x,), {"axis": axis, **DOWN}, smooth=False) for x in [CUBE, HOLES] for axis in AXES),
    *(Sample(np.partition, (x, 1), {"axis": axis}) for x in [CUBE, PLANE, STRIDED] for axis in AXES),
    Sample(np.sort, (CUBE, 1, "mergesort", None)),
    Sample(np.sort, (CUBE,), {"stable": True}),
    Sample(np.partition, (CUBE, 1, 0, "introselect", None)),
    Sample(np.partition, (np.tile(1.01 * LINE, 20) + np.arange(100), [10, 50, -3])),
    Sample(np.sort_complex, (CUBE,)),
    Sample(np.sort_complex, (PLANE,)),
    # order statistics
    *(Sample(f, (CUBE,), {"axis": axis}) for f in [np.median, np.nanmedian] for axis in [*AXES, (0, 2), (-1, 0)]),
    *(Sample(f, (x,)) for f in [np.median, np.nanmedian] for x in [LINE, LINE[:4], LINE[:1], SCALAR, STRIDED]),
    *(Sample(f, (CUBE,), {"axis": 1, "keepdims": True}) for f in [np.median, np.nanmedian]),
    Sample(np.median, (PLANE,), {"axis": 1}),
    Sample(np.nanmedian, (HOLES,)),
    Sample(np.nanmedian, (HOLES,), {"axis": 2}),
    # (The plain function overwrites its argument, so that it can be called only once.)
    *(Sample(lambda x, f=f: f(x + 0, 1, overwrite_input=True), (CUBE,)) for f in [np.median, np.nanmedian]),
    *(Sample(lambda x, f=f, q=0.4 * scale: f(x + 0, q, overwrite_input=True), (CUBE,)) for f, scale in QUANTILES),
    *(Sample(f, (CUBE, Q * scale, axis)) for f, scale in QUANTILES for axis in AXES),
    *(Sample(f, (CUBE, Q[0] * scale, (0, 2))) for f, scale in QUANTILES),
    *(Sample(f, (CUBE, Q * scale, 1), {"keepdims": True, "method": "hazen"}) for f, scale in QUANTILES),
    *(Sample(f, (LINE, 0.4 * scale), active=(0, 1)) for f, scale in QUANTILES),
    *(Sample(np.quantile, (LINE, 0.43), {"method": m}, active=(0, 1)) for m in METHODS),
    *(Sample(np.quantile, (CUBE, Q[0], 2), {"method": m}, active=(0, 1)) for m in METHODS),
    *(Sample(np.nanquantile, (HOLES, Q[0], 2), {"method": m}, active=(0, 1)) for m in METHODS),
    *(Sample(np.quantile, (LINE, Q[:, :2], None, None, False, m, True), active=(1,)) for m in CONTINUOUS),
    Sample(np.quantile, (CUBE, Q, 2), {"method": "inverted_cdf", "weights": np.array([1.0, 2.0, 0.5, 1.0])}),
    Sample(np.quantile, (LINE, 0.4), {"method": "inverted_cdf", "weights": LINE**2}, active=(0, 1)),
    *(
        Sample(f, (HOLES, 0.3 * scale), {"method": "inverted_cdf", "weights": np.abs(CUBE), "axis": axis})
        for f, scale in QUANTILES[2:]
        for axis in [None, 2, (0, 1)][: 3 if since("2.4.0") else 2]  # NumPy 2.1 fails with the last
    ),
    Sample(np.percentile, (CUBE, 30.0), {"method": "inverted_cdf", "weights": CUBE**2, "keepdims": True}),
]
