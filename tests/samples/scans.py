"""Calls of scans."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.reductions import CUBE, EMPTY, HOLES, LINE, MASK, PLANE, SCALAR, STRIDED

SUMS = [np.cumsum, np.nancumsum]
PRODUCTS = [np.cumprod, np.nancumprod]
ARRAY_API = [np.cumulative_sum, np.cumulative_prod]
ZEROS = [[2.0, 0.0, 3.0, -1.0], [0.0, 0.0, 3.0, 4.0], [0.0], [1.5, 2.0, 0.0, 4.0, 0.0, 6.0, 7.0]]

SAMPLES = [
    *(
        Sample(f, (x,), {"axis": axis}, complex_ok=f in (np.cumsum, np.cumprod))
        for f in [*SUMS, *PRODUCTS]
        for x in [CUBE, STRIDED, PLANE]
        for axis in [None, 0, -1]
    ),
    *(Sample(f, (CUBE,), {"axis": 1}) for f in [*SUMS, *PRODUCTS]),
    *(Sample(f, (x,)) for f in [*SUMS, *PRODUCTS] for x in [SCALAR, LINE, LINE[:1]]),
    *(Sample(f, (EMPTY,), {"axis": axis}) for f in [*SUMS, *PRODUCTS] for axis in [None, 0, 1]),
    *(Sample(f, (LINE,), {"dtype": np.float32}, smooth=False) for f in [*SUMS, *PRODUCTS]),
    *(Sample(f, (HOLES,), {"axis": axis}) for f in [np.nancumsum, np.nancumprod] for axis in [None, 1]),
    *(Sample(f, (np.array(x),)) for f in PRODUCTS for x in ZEROS),
    *(Sample(f, (CUBE * MASK,), {"axis": axis}) for f in PRODUCTS for axis in [None, 0, 1, -1]),
    *(Sample(f, (LINE,), {"include_initial": start}) for f in ARRAY_API for start in [False, True]),
    *(Sample(f, (CUBE,), {"axis": axis, "include_initial": True}) for f in ARRAY_API for axis in [0, -2]),
    *(Sample(f, (CUBE,), {"axis": 1}) for f in ARRAY_API),
    *(Sample(f, (LINE,), {"dtype": complex}) for f in ARRAY_API),
]
