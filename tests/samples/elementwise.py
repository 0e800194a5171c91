"""Calls of ufuncs."""

from __future__ import annotations

import numpy as np
from numpy._core import umath

from tests.samples import Sample

LINE = np.array([-2.3, -0.6, 0.4, 1.7])
OTHER = np.array([1.2, -0.7, 2.6, -1.9])
POSITIVE = np.array([0.2, 0.9, 1.4, 3.1])
INSIDE = np.array([-0.9, -0.2, 0.3, 0.8])
OUTSIDE = np.array([1.1, 1.5, 2.0, 7.0])
GRID = np.array([[-1.5, 0.4, 2.2], [0.9, -0.3, 1.6]])
COLUMN = np.array([[0.7], [-1.1]])
PLANE = np.array([0.4 + 0.3j, -1.2 + 0.8j, 0.7 - 1.9j])

HOLOMORPHIC = {
    **dict.fromkeys([np.negative, np.positive, np.square, np.reciprocal, np.exp, np.exp2, np.expm1], LINE),
    **dict.fromkeys([np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh, np.arctan, np.arcsinh], LINE),
    **dict.fromkeys([np.sqrt, np.log, np.log2, np.log10, np.log1p], POSITIVE),
    **dict.fromkeys([np.arcsin, np.arccos, np.arctanh], INSIDE),
    np.arccosh: OUTSIDE,
}
REAL = [np.cbrt, np.fabs, np.deg2rad, np.radians, np.rad2deg, np.degrees, np.modf, np.frexp]
STEPS = [np.floor, np.ceil, np.trunc, np.rint]
HOLOMORPHIC_PAIRS = [np.add, np.subtract, np.multiply, np.divide]
REAL_PAIRS = [
    *(np.maximum, np.minimum, np.fmax, np.fmin, np.copysign, np.hypot, np.arctan2, np.logaddexp, np.logaddexp2),
    *(np.fmod, np.remainder, np.divmod, np.nextafter, np.heaviside),
]
CLIP = umath.clip

SAMPLES = [
    *(Sample(f, (x,), complex_ok=True) for f, x in HOLOMORPHIC.items()),
    *(Sample(f, (PLANE,), complex_ok=True) for f in HOLOMORPHIC),
    *(Sample(f, (LINE,)) for f in [*REAL, *STEPS, np.absolute, np.sign, np.conjugate]),
    *(Sample(f, (PLANE,)) for f in [np.absolute, np.sign, np.conjugate]),
    Sample(np.heaviside, (1.25, INSIDE.astype(np.float32)), active=(1,), smooth=False),
    Sample(np.conjugate, (LINE,), {"dtype": np.complex128}),
    Sample(np.spacing, (LINE,), smooth=False),
    *(Sample(f, (LINE, OTHER), active=(0, 1), complex_ok=True) for f in HOLOMORPHIC_PAIRS),
    *(Sample(f, (PLANE, PLANE[::-1]), active=(0, 1), complex_ok=True) for f in HOLOMORPHIC_PAIRS),
    *(Sample(f, (LINE, OTHER), active=(0, 1)) for f in REAL_PAIRS),
    Sample(np.floor_divide, (LINE, OTHER), active=(0, 1)),
    Sample(np.ldexp, (LINE, np.array([-3, 0, 2, 9]))),
    # powers
    *(Sample(f, (POSITIVE, OTHER), active=(0, 1), complex_ok=True) for f in [np.power, np.float_power]),
    Sample(np.power, (PLANE, PLANE[::-1]), active=(0, 1), complex_ok=True),
    *(Sample(np.power, (LINE, n), complex_ok=True) for n in [-2, -1, 0, 1, 2, 3, 5, 3.0]),
    *(Sample(np.power, (POSITIVE, y), complex_ok=True) for y in [-0.5, 1 / 3, 0.5, 1.5]),
    Sample(np.power, (LINE, np.array([-1, 0, 2, 3])), complex_ok=True),
    Sample(np.power, (2, LINE), active=(1,), complex_ok=True),
    # clip, within the bounds and beyond, and with bounds that cross
    Sample(CLIP, (LINE, np.array([-1.0, -1.0, 0.5, 0.5]), np.array([1.0, 0.0, 1.0, 2.0])), active=(0, 1, 2)),
    Sample(CLIP, (LINE, 1.0, -1.0)),
    # one array, and a plain number
    Sample(np.add, (LINE, 2.5), complex_ok=True),
    Sample(np.subtract, (2, LINE), active=(1,), complex_ok=True),
    Sample(np.multiply, (LINE, 3), complex_ok=True),
    Sample(np.divide, (1, LINE), active=(1,), complex_ok=True),
    Sample(np.maximum, (LINE, 0)),
    Sample(np.logaddexp, (0, LINE), active=(1,)),
    # broadcasting
    *(Sample(f, (GRID, COLUMN), active=(0, 1), complex_ok=True) for f in HOLOMORPHIC_PAIRS),
    *(Sample(f, (COLUMN, LINE[:3]), active=(0, 1)) for f in [np.multiply, np.arctan2, np.hypot, np.maximum]),
    Sample(np.add, (LINE[:3], GRID), active=(0,), complex_ok=True),
    Sample(np.power, (POSITIVE[:, np.newaxis], np.arange(4)), complex_ok=True),
    Sample(CLIP, (GRID, COLUMN, np.array([0.5, 1.0, 1.5])), active=(0, 1, 2)),
    # no axes
    *(Sample(f, (np.float64(0.7),), complex_ok=True) for f in [np.exp, np.tanh, np.arctan, np.sqrt]),
    *(Sample(f, (np.float64(-0.7),)) for f in [np.absolute, np.sign, np.modf, np.frexp]),
    *(Sample(f, (np.float64(0.7), GRID), active=(0, 1)) for f in [np.multiply, np.divide, np.arctan2, np.maximum]),
    *(Sample(f, (np.float64(0.7), np.float64(1.9)), active=(0, 1)) for f in [np.power, np.logaddexp, np.divmod]),
    # no elements
    *(Sample(f, (np.zeros((0, 3)),)) for f in [np.exp, np.absolute, np.sign, np.frexp, np.tanh]),
    *(Sample(f, (np.zeros((0, 3)), LINE[:3]), active=(0, 1)) for f in [np.add, np.power, np.arctan2, np.maximum]),
]
