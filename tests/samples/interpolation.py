"""Calls of functions on sampled data."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.reductions import CUBE, EMPTY, LINE, PLANE, SCALAR, STRIDED

RISING = np.array([-2.0, -0.7, 0.1, 0.8, 2.5])
INSIDE = np.array([[-1.1, 0.5], [2.2, -0.3]])
AROUND = np.array([-3.0, 0.45, 3.1])
TURNS = np.array([0.2, 2.9, -2.8, 0.3, 6.0, 7.0])
KERNEL = np.array([0.5, -1.5, 0.25, 1.1])
MODES = ["full", "same", "valid"]
GRID = np.array([0.0, 0.4, 1.1, 1.3])
NUMBERS = np.array([np.nan, 1.0, np.inf, -2.0, -np.inf])

SAMPLES = [
    # clipping, replacing
    *(Sample(np.clip, (LINE, -0.5, 1.0), active=active) for active in [(0,), (1,), (0, 1, 2)]),
    Sample(np.clip, (CUBE, CUBE[0] - 0.3, np.float64(1.2)), active=(0, 1, 2)),
    Sample(np.clip, (LINE, None, 1.0), active=(0, 2)),
    Sample(np.clip, (LINE, -0.5, None), active=(0, 1)),
    Sample(np.clip, (EMPTY, 0.0, 1.0)),
    Sample(np.clip, (LINE,), {"min": -0.5, "max": 0.6}),
    Sample(np.nan_to_num, (LINE,)),
    Sample(np.nan_to_num, (PLANE,)),
    Sample(np.nan_to_num, (SCALAR,)),
    Sample(np.nan_to_num, (SCALAR, None)),
    Sample(np.nan_to_num, (NUMBERS,), {"nan": 3.0, "posinf": 9.0, "neginf": -7.0}, smooth=False),
    Sample(np.nan_to_num, (NUMBERS + LINE * 1j,), smooth=False),
    # special functions, angles
    *(Sample(f, (x,)) for f in [np.sinc, np.i0] for x in [LINE, CUBE, SCALAR]),
    Sample(np.sinc, (np.array([1e-9, -0.003, 0.2, 0.44, 0.46, 5.1]),)),
    Sample(np.sinc, (PLANE,), complex_ok=True),
    Sample(np.i0, (np.array([0.0, 1e-9, -7.5, 12.0]),)),
    Sample(np.angle, (LINE,)),
    Sample(np.angle, (PLANE,), {"deg": True}),
    Sample(np.unwrap, (TURNS,)),
    Sample(np.unwrap, (TURNS,), {"period": 5.0, "discont": 3.0}),
    Sample(np.unwrap, (TURNS.reshape(3, 2) * 2,), {"axis": 0}),
    # differences and quadrature
    *(Sample(np.diff, (x,), {"n": n}, complex_ok=True) for x in [LINE, CUBE, STRIDED] for n in [0, 1, 2]),
    *(Sample(np.diff, (CUBE, 1, axis), complex_ok=True) for axis in [0, 1, -2]),
    Sample(np.diff, (CUBE, 5)),
    Sample(np.diff, (CUBE, 0, 1, CUBE[:, :2], 1.5)),
    Sample(np.diff, (CUBE, 2, 1, CUBE[:, :2], 1.5), active=(0, 3, 4), complex_ok=True),
    Sample(np.diff, (LINE, 1, -1, SCALAR), active=(3,)),
    Sample(np.ediff1d, (CUBE,), complex_ok=True),
    Sample(np.ediff1d, (LINE, np.array([1.0, 2.0]), 0.5), active=(0, 1, 2), complex_ok=True),
    Sample(np.gradient, (LINE,), complex_ok=True),
    Sample(np.gradient, (LINE[:2],)),
    Sample(np.gradient, (LINE, 0.3), {"edge_order": 2}, active=(0, 1), complex_ok=True),
    *(Sample(np.gradient, (LINE, RISING), {"edge_order": e}, active=(0, 1), complex_ok=True) for e in [1, 2]),
    Sample(np.gradient, (CUBE,)),
    Sample(np.gradient, (CUBE, 0.5), {"axis": (-1, 1)}, active=(0, 1)),
    Sample(np.gradient, (CUBE, 0.5, GRID), {"axis": (1, 2), "edge_order": 2}, active=(0, 1, 2)),
    Sample(np.gradient, (CUBE,), {"axis": 2}),
    Sample(np.gradient, (CUBE,), {"axis": ()}),
    *(Sample(np.trapezoid, (CUBE,), {"axis": axis, "dx": 0.3}, complex_ok=True) for axis in [0, 1, -1]),
    Sample(np.trapezoid, (LINE, RISING), active=(0, 1), complex_ok=True),
    Sample(np.trapezoid, (CUBE, GRID), active=(0, 1), complex_ok=True),
    Sample(np.trapezoid, (CUBE, GRID[:3], 1.0, 1), active=(0, 1)),
    Sample(np.trapezoid, (CUBE, CUBE**2, 1.0, 1), active=(0, 1)),
    Sample(np.trapezoid, (LINE, None, 0.7), active=(0, 2)),
    # interpolation
    *(Sample(np.interp, (x, RISING, LINE), active=(0, 1, 2)) for x in [INSIDE, AROUND, SCALAR]),
    *(Sample(np.interp, (AROUND, RISING, LINE, -4.0, 5.0), active=active) for active in [(0,), (1, 2), (0, 3, 4)]),
    Sample(np.interp, (AROUND, RISING, LINE, None, None, 4.7), active=(0, 1, 2, 5)),
    Sample(np.interp, (INSIDE, RISING, LINE * (1 + 2j)), active=(0, 1, 2)),
    Sample(np.interp, (AROUND, RISING[:1], LINE[:1]), active=(0, 2)),
    # convolution
    *(Sample(np.convolve, (LINE, KERNEL, mode), active=(0, 1), complex_ok=True) for mode in MODES),
    *(Sample(np.convolve, (KERNEL[:2], PLANE[0], mode), active=(0, 1)) for mode in MODES),
    *(Sample(np.correlate, (LINE, KERNEL, mode), active=(0, 1)) for mode in MODES),
    *(Sample(np.correlate, (PLANE[0][:n], PLANE[1], mode), active=(0, 1)) for n in [1, 2, 3] for mode in MODES),
    *(Sample(np.correlate, (KERNEL, LINE, mode), active=(0, 1)) for mode in MODES),
]
