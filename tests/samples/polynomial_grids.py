"""Calls of functions of numpy.polynomial, where NumPy dispatches them."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import polynomial

from tests.samples import Sample
from tests.samples.reductions import CUBE, LINE, SCALAR


def dispatched(name, *samples):
    function = getattr(polynomial, name, None)
    if not hasattr(function, "_implementation"):
        return []
    return [Sample(function, args, active=active, complex_ok=True) for args, active in samples]


SAMPLES = [
    *dispatched(
        "polyval2d",
        ((LINE, LINE[::-1], CUBE[0]), (0, 1, 2)),
        ((SCALAR, SCALAR, CUBE), (0, 1, 2)),
        ((CUBE[0], CUBE[1], CUBE), (2,)),
    ),
    *dispatched(
        "polygrid2d",
        ((LINE, LINE[:3], CUBE[0]), (0, 1, 2)),
        ((SCALAR, LINE, CUBE), (0, 1)),
        ((LINE, LINE[:2], np.arange(6).reshape(2, 3)), (0, 1)),
    ),
    *dispatched("polyvalnd", (([LINE, LINE[::-1], LINE**2], CUBE), (0, 1))),
]
