"""Rows of np.emath (np.lib.scimath): functions that become complex where the real ones are not defined."""

from __future__ import annotations

import numpy as np
from numpy import emath

from dualnum.dispatch import primal_all
from dualnum.rules.shape import as_array
from dualnum.table import composite


def _negative(x):
    return x < 0


def _beyond_one(x):
    return np.abs(x) > 1


def _widened(x, needs):
    """Make an array complex, all of it, if any element needs that."""
    x = as_array(x)
    if x.dtype.kind == "c" or not np.any(needs(primal_all(x))):
        return x
    return x.astype(np.complex64 if x.dtype.char in "fbhBH" else np.complex128)


def _extended(ufunc, needs):
    return lambda x: ufunc(_widened(x, needs))


def _power(x, p):
    p = as_array(p)
    return np.power(_widened(x, _negative), p * 1.0 if np.any(primal_all(p) < 0) else p)


_function: np.ufunc
for _function in (np.sqrt, np.log, np.log2, np.log10, np.arccos, np.arcsin, np.arctanh):
    _needs = _beyond_one if _function.__name__.startswith("arc") else _negative
    composite(getattr(emath, _function.__name__), _extended(_function, _needs), exact=True)
composite(emath.power, _power, exact=True)
composite(emath.logn, lambda n, x: emath.log(x) / emath.log(n), exact=True)
