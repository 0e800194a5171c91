"""Calls of the interpolation of `dualnum.scipy.ndimage`."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import ndimage
from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(75)

MODES = ("reflect", "constant", "nearest", "mirror", "wrap", "grid-mirror", "grid-constant", "grid-wrap")

# None is near the ends, where it would jump, nor near whole or half numbers.
PLACES = np.array([[0.3, 1.7, 2.2, -1.3, 4.65], [1.2, 3.3, 0.35, 2.6, -2.2]])

SAMPLES = [
    *(
        Sample(ndimage.map_coordinates, (real(4, 5), PLACES, None, order, mode, 0.4), {}, (0, 1, 5))
        for mode in MODES
        for order in ((1, 3) if mode in ("constant", "nearest") else (3,))
    ),
    *(Sample(ndimage.map_coordinates, (real(4, 5), PLACES), {"order": order}, BOTH) for order in (0, 2, 4, 5)),
    Sample(ndimage.map_coordinates, (real(4, 5), PLACES), {"prefilter": False, "mode": "mirror"}, BOTH),
    Sample(ndimage.map_coordinates, (plane(7), PLACES[:1]), {"order": 2}),
    Sample(ndimage.map_coordinates, (real(7), PLACES[:1].reshape(1, 5, 1)), {}, BOTH),
    *(
        Sample(ndimage.shift, (real(4, 3), np.array([0.4, -1.3]), None, order, mode, 0.2), {}, (0, 1, 5))
        for order, mode in ((1, "constant"), (3, "wrap"), (3, "grid-constant"), (2, "nearest"))
    ),
    Sample(ndimage.shift, (real(4, 3), 0.3), {}, BOTH),
    *(Sample(ndimage.zoom, (real(4, 3), (1.6, 0.7)), {"order": order, "mode": "nearest"}) for order in (1, 3)),
    Sample(ndimage.zoom, (real(4), 2.0), {"grid_mode": True, "mode": "grid-constant", "cval": 0.2}),
    Sample(ndimage.zoom, (real(4), 1.0)),
    Sample(
        ndimage.affine_transform,
        (real(4, 3), np.array([[0.9, 0.2], [-0.1, 0.7]]), np.array([0.13, 0.21])),
        {"mode": "mirror"},
        (0, 1, 2),
    ),
    Sample(
        ndimage.affine_transform,
        (real(4, 3), np.array([[0.9, 0.2, 0.26], [-0.1, 0.7, 0.32]])),
        {"mode": "reflect", "output_shape": (3, 3)},
        BOTH,
    ),
    *(
        Sample(ndimage.rotate, (real(4, 3), 21.0), {"mode": mode, "order": order}, BOTH)
        for mode, order in (("mirror", 3), ("constant", 1))
    ),
    Sample(ndimage.rotate, (real(3, 2, 4), -35.0, (2, 0), False), {"mode": "nearest"}, BOTH),
    *(
        Sample(ndimage.spline_filter1d, (real(5, 4), 3, axis), {"mode": mode})
        for axis, mode in ((0, "mirror"), (-1, "reflect"))
    ),
    Sample(ndimage.spline_filter1d, (plane(5), 5), {"mode": "grid-wrap", "output": np.complex128}),
    Sample(ndimage.spline_filter1d, (real(40), 2), {"mode": "reflect"}),
    Sample(ndimage.spline_filter1d, (real(4), 1)),
    Sample(ndimage.spline_filter, (real(3, 4), 4)),
]
