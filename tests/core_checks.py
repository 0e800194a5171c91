"""Duals to try the core on, and what must hold of the results."""

import numpy as np
from numpy.testing.overrides import get_overridable_numpy_ufuncs

from dualnum import Dual
from dualnum.table import TABLE, Unsupported

__all__ = ["DIRECTIONS", "UFUNCS", "assert_same", "dual"]

#: NumPy's ufuncs of numbers, without the generalised ones.
UFUNCS = [
    f
    for f, row in TABLE.items()
    if f in get_overridable_numpy_ufuncs() and f.signature is None and not isinstance(row, Unsupported)
]

#: One direction, and numbers of directions for each form of the scalars.
DIRECTIONS = [None, 1, 3, 20]


def dual(shape=(3,), k=None, dtype=float, seed=0):
    rng = np.random.default_rng(seed)
    lead = () if k is None else (k,)
    return Dual((rng.normal(size=shape) + 3).astype(dtype), rng.normal(size=lead + shape).astype(dtype))


def assert_same(x, value, tangent):
    assert isinstance(x, Dual)
    np.testing.assert_array_equal(x.value, value, strict=True)
    np.testing.assert_array_equal(x.tangent, tangent)
    assert x.tangent.dtype == x.value.dtype
