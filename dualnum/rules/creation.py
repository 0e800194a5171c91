"""Rows of functions that make arrays: like another one, filled, or spaced between two ends.

``np.zeros(shape, like=x)`` and its relatives arrive here too: what they make is active, with the tangent zero, so that
it can be filled with Duals later.
"""

from __future__ import annotations

import numpy as np

from dualnum.batching import aligned, from_end
from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.rules.shape import as_array, as_shape
from dualnum.table import composite, constant, nonlinear

constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri)
constant(np.frombuffer, np.fromfile, np.fromiter, np.fromstring, np.loadtxt, np.genfromtxt)


# Arrays of what is there already


def _as_dtype(x, dtype):
    return x if dtype is None or np.dtype(dtype) == x.dtype else x.astype(dtype)


def _asarray(a, dtype=None, order=None, *, device=None, copy=None):
    a = as_array(a)
    converted = _as_dtype(a, dtype)
    return converted.copy() if copy and converted is a else converted


def _array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0, ndmax=0):  # noqa: A002
    a = _asarray(object, dtype, copy=copy)
    return a if a.ndim >= ndmin else a.reshape((1,) * (ndmin - a.ndim) + a.shape)


def _require(a, dtype=None, requirements=None):
    return _asarray(a, dtype)


composite(np.asarray, _asarray, exact=True)
composite(np.asanyarray, _asarray, exact=True)
composite(np.array, _array, exact=True)
composite(np.ascontiguousarray, lambda a, dtype=None: np.atleast_1d(_asarray(a, dtype)), exact=True)
composite(np.asfortranarray, lambda a, dtype=None: np.atleast_1d(_asarray(a, dtype)), exact=True)
composite(np.require, _require, exact=True)
composite(np.fromfunction, np.fromfunction, exact=True)
