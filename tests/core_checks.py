"""Duals to try the core on, and what must hold of the results."""

import numpy as np

from dualnum import Dual

__all__ = ["DIRECTIONS", "assert_same", "dual"]

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
