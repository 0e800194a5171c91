"""Calls of the filters of `dualnum.scipy.ndimage`."""

from __future__ import annotations

import inspect

import numpy as np
from scipy import ndimage as scipys

from dualnum.scipy import ndimage
from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(74)

MODES = ("reflect", "constant", "nearest", "mirror", "wrap")
# Before SciPy 1.16, only some filters could be told the axes.
HAS_AXES = "axes" in inspect.signature(scipys.correlate).parameters

SAMPLES = [
    *(
        Sample(f, (real(5), real(n), -1, None, mode, 0.4, origin), {}, (0, 1, 5))
        for f in (ndimage.correlate1d, ndimage.convolve1d)
        for mode in MODES
        for n, origin in ((3, 1), (4, -1))
    ),
    *(Sample(f, (plane(4, 3), plane(2), 0), {}, BOTH) for f in (ndimage.correlate1d, ndimage.convolve1d)),
    *(
        Sample(f, (real(3, 4), real(*shape)), {"mode": mode, "cval": 0.3, "origin": origin}, BOTH)
        for f in (ndimage.correlate, ndimage.convolve)
        for mode in MODES
        for shape, origin in (((3, 2), (1, 0)), ((2, 7), (0, 2)))
    ),
    *(Sample(f, (plane(3, 2), plane(2, 2)), {}, BOTH) for f in (ndimage.correlate, ndimage.convolve)),
    *(
        Sample(ndimage.gaussian_filter1d, (real(6), 1.1, -1, order, None, mode, 0.3), {}, (0, 1, 6))
        for order, mode in ((0, "reflect"), (1, "constant"), (2, "nearest"), (3, "wrap"))
    ),
    Sample(ndimage.gaussian_filter1d, (real(6, 2), 0.9, 0), {"radius": 2}, BOTH),
    Sample(
        ndimage.gaussian_filter,
        (real(4, 3), [1.1, 0.8], (0, 1)),
        {"mode": ("mirror", "nearest"), "truncate": 2.0},
        BOTH,
    ),
    Sample(ndimage.gaussian_filter, (real(4, 3), 0.0)),
    Sample(ndimage.gaussian_filter, (real(4, 3, 2), 0.8), {"axes": (0, 2)}, BOTH),
    *(
        Sample(f, (real(4, 3), 0, None, mode, 0.2))
        for f in (ndimage.sobel, ndimage.prewitt)
        for mode in ("reflect", "constant")
    ),
    Sample(ndimage.laplace, (real(4, 3),), {"mode": "mirror"}),
    Sample(ndimage.gaussian_laplace, (real(4, 3), 0.9), {"mode": "nearest", "truncate": 3.0}, BOTH),
    Sample(ndimage.gaussian_gradient_magnitude, (real(4, 3), np.array([0.9, 0.7])), {"mode": "wrap"}, BOTH),
    *(Sample(ndimage.uniform_filter1d, (make(5), 3, -1, None, "constant", 0.3, 1)) for make in (real, plane)),
    Sample(ndimage.uniform_filter, (real(4, 3), (3, 2)), {"mode": "mirror", "origin": (1, -1)}),
    *(
        Sample(f, (real(4, 5), 3), {"mode": mode, "cval": 0.1})
        for f in (ndimage.minimum_filter, ndimage.maximum_filter, ndimage.median_filter)
        for mode in ("constant", "wrap")
    ),
    *(
        Sample(f, (real(4, 5),), {"footprint": np.array([[1, 0, 1], [1, 1, 0]]), "origin": (0, 1)})
        for f in (ndimage.minimum_filter, ndimage.maximum_filter, ndimage.median_filter)
    ),
    *(Sample(f, (real(6, 2), 3, 0)) for f in (ndimage.minimum_filter1d, ndimage.maximum_filter1d)),
    Sample(ndimage.rank_filter, (real(4, 5), -2, (2, 3))),
    *(Sample(ndimage.percentile_filter, (real(4, 5), percentile, 3)) for percentile in (30, -20, 100)),
]
if HAS_AXES:
    SAMPLES += [
        Sample(ndimage.correlate, (real(3, 4, 2), real(3)), {"axes": (1,)}, BOTH),
        Sample(ndimage.convolve, (real(3, 4, 2), real(2, 3)), {"axes": (2, 0), "origin": (0, -1)}, BOTH),
        Sample(ndimage.laplace, (real(4, 3),), {"axes": 1}),
        Sample(ndimage.gaussian_laplace, (real(3, 2, 4), 0.8), {"axes": (0, 2)}, BOTH),
    ]
