"""Calls of norms and of the condition number."""

from __future__ import annotations

import math
from math import inf

import numpy as np

from tests.samples import Sample
from tests.samples.products import makers

RNG = np.random.default_rng(18)
_, plane = makers(19)


def real(*shape):
    """Numbers that keep clear of the kinks at 0 and where two are of one size."""
    sizes = RNG.permutation(np.geomspace(0.4, 3, math.prod(shape))).reshape(shape)
    return sizes * RNG.choice([-1, 1], shape)


VECTOR_ORDERS = [None, 0, 1, 2, 3, 2.5, 0.5, -1, -2, inf, -inf]
MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, inf, -inf]

SAMPLES = [
    *(Sample(np.linalg.norm, (make(4), order)) for order in VECTOR_ORDERS for make in (real, plane)),
    *(Sample(np.linalg.norm, (real(2, 4, 3), p), {"axis": -2, "keepdims": True}) for p in VECTOR_ORDERS),
    *(Sample(np.linalg.norm, (real(4, 3),), {"ord": p, "axis": 0}) for p in VECTOR_ORDERS),
    *(Sample(np.linalg.norm, (make(4, 3), order)) for order in MATRIX_ORDERS for make in (real, plane)),
    *(Sample(np.linalg.norm, (real(2, 3, 4), order), {"axis": (2, 0)}) for order in MATRIX_ORDERS),
    Sample(np.linalg.norm, (real(),)),
    Sample(np.linalg.norm, (real(0),), smooth=False),
    Sample(np.linalg.norm, (real(2, 3, 4).T,)),
    Sample(np.linalg.norm, (real(8)[::2],)),
    Sample(np.linalg.norm, (1e-250 * real(3),), smooth=False),
    *(Sample(np.linalg.vector_norm, (real(2, 4, 3),), {"axis": (0, 2), "ord": p}) for p in VECTOR_ORDERS[1:]),
    Sample(np.linalg.vector_norm, (plane(2, 3),), {"keepdims": True}),
    *(Sample(np.linalg.matrix_norm, (real(2, 3, 4),), {"ord": order}) for order in MATRIX_ORDERS[1:]),
    Sample(np.linalg.matrix_norm, (plane(3, 4),), {"keepdims": True, "ord": 2}),
    *(Sample(np.linalg.cond, (make(3, 3) + 4 * np.eye(3), p)) for p in MATRIX_ORDERS for make in (real, plane)),
    Sample(np.linalg.cond, (real(2, 4, 3),)),
]
