"""Calls of functions that copy an array, give it another dtype, or take real and imaginary parts."""

from __future__ import annotations

import warnings

import numpy as np

from dualnum.rules.dtypes import without_imaginary
from tests.samples import Sample
from tests.samples.shape import COMPLEX, CUBE, EMPTY, GRID, POINT, SCALAR, linear


def astype(dtype, **kwargs):
    return lambda x: np.astype(x, dtype, **kwargs)


def real_part(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns that it throws the imaginary part away
        return np.astype(x, float)


SAMPLES = [
    *linear(np.copy, (GRID,), (CUBE.T,), (SCALAR,), (POINT,), (CUBE, "F")),
    *linear(astype(np.complex128), (GRID,), (COMPLEX,)),
    *(Sample(astype(dtype), (x,), smooth=False) for dtype in [np.float32, np.int64] for x in [GRID, SCALAR, EMPTY]),
    Sample(astype(float, copy=False), (GRID,)),
    Sample(np.astype, (GRID, np.float64)),
    Sample(np.astype, (GRID, np.complex128)),
    Sample(real_part, (COMPLEX,)),
    *(Sample(f, (x,)) for f in [np.real, np.imag] for x in [GRID, COMPLEX, SCALAR, np.complex128(1 - 2j), EMPTY]),
    *(Sample(np.real_if_close, (x,)) for x in [GRID, COMPLEX]),
    Sample(lambda x: without_imaginary(x + 0j), (GRID,)),
    *(Sample(lambda x, tol=tol: np.real_if_close(x + 1e-15j, tol), (GRID,)) for tol in [1, 100]),
]
