"""Calls of padding and trimming."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample, since

LINE = np.array([0.5, -1.5, 2.0, 3.5])
GRID = np.sin(np.arange(6.0)).reshape(2, 3)
LINEAR = ["constant", "edge", "linear_ramp", "mean", "reflect", "symmetric", "wrap"]
NONLINEAR = ["maximum", "minimum", "median"]
EDGED = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 1.5, 0.0, -2.0], [0.0, 0.0, 0.7, 0.0]])

SAMPLES = [
    *(Sample(np.pad, (x, w, mode)) for mode in LINEAR + NONLINEAR for x, w in [(LINE, 2), (GRID, ((1, 2), (3, 0)))]),
    *(Sample(np.pad, (GRID, (7, 5), mode)) for mode in LINEAR),
    *(Sample(np.pad, (LINE, (2, 9), mode), {"reflect_type": "odd"}) for mode in ["reflect", "symmetric"]),
    *(Sample(np.pad, (LINE, (2, 1), mode), {"stat_length": (2, 3)}) for mode in ["mean", *NONLINEAR]),
    Sample(np.pad, (GRID, ((0, 0), (0, 0)))),
    Sample(np.pad, (GRID, (1, 2)), {"constant_values": ((1.0, 2.0), (3.0, 4.0))}),
    Sample(np.pad, (GRID, 2, "linear_ramp"), {"end_values": (1.0, -1.0)}),
    Sample(lambda x, c: np.pad(x * c, ((1, 0), (2, 3)), constant_values=c), (GRID, np.float64(1.5)), active=(0, 1)),
    Sample(lambda x: np.pad(x, 1, constant_values=((x[0, 0], 0.0), (1.0, x[1, 1]))), (GRID,)),
    Sample(lambda x: np.pad(x, 2, "linear_ramp", end_values=x[0, 0]), (GRID,)),
    Sample(np.pad, (np.zeros((0, 2)), 1)),
    *(
        Sample(np.trim_zeros, (np.array([0.0, 0.0, 1.5, 0.0, -2.0, 0.0]), trim), smooth=False)
        for trim in ["fb", "f", "b", "B"]
    ),
    Sample(np.trim_zeros, (np.zeros(3),), smooth=False),
    Sample(np.trim_zeros, (LINE,)),
    *(
        Sample(np.trim_zeros, (EDGED,), {"axis": axis}, smooth=False)
        for axis in [None, 0, -1, (0, 1)]
        if since("2.2.0")
    ),
]
