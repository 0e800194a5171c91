"""Rows of functions that make arrays: like another one, filled, or spaced between two ends.

``np.zeros(shape, like=x)`` and its relatives arrive here too: what they make is active, with the tangent zero, so that
it can be filled with Duals later.
"""

from __future__ import annotations

from itertools import islice

import numpy as np

from dualnum.batching import aligned, from_end
from dualnum.rules.products import unbroadcast
from dualnum.rules.shape import as_array, as_shape
from dualnum.table import composite, constant, nonlinear, unsupported

constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri)
constant(np.fromfile, np.fromstring, np.loadtxt, np.genfromtxt)


# Arrays of what is there already


def _as_dtype(x, dtype):
    return x if dtype is None or np.dtype(dtype) == x.dtype else x.astype(dtype)


def _asarray(a, dtype=None, order=None, *, device=None, copy=None):
    a = as_array(a)
    converted = _as_dtype(a, dtype)
    laid_out = {"C": a.flags.c_contiguous, "F": a.flags.f_contiguous}.get(order, True)
    return np.copy(a, order or "K") if converted is a and (copy or not laid_out) else converted


def _array(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0, ndmax=0):
    a = _asarray(object, dtype, order, copy=copy)
    return a if a.ndim >= ndmin else a.reshape((1,) * (ndmin - a.ndim) + a.shape)


def _fromiter(iter, dtype, count=-1):
    items = list(iter if count < 0 else islice(iter, count))
    if len(items) < count:
        raise ValueError(f"iterator too short: expected {count}, but there were only {len(items)} items")
    return as_array(items).astype(dtype)


composite(np.asarray, _asarray, exact=True)
composite(np.fromiter, _fromiter, exact=True)
composite(np.asanyarray, _asarray, exact=True)
composite(np.array, _array, exact=True)
composite(np.ascontiguousarray, lambda a, dtype=None: np.atleast_1d(_asarray(a, dtype, "C")), exact=True)
composite(np.asfortranarray, lambda a, dtype=None: np.atleast_1d(_asarray(a, dtype, "F")), exact=True)
composite(np.require, lambda a, dtype=None, requirements=None: _asarray(a, dtype), exact=True)
composite(np.fromfunction, np.fromfunction, exact=True)


# Filled arrays


def _full(shape, fill_value, dtype=None, order="C", *, device=None):
    return np.broadcast_to(_as_dtype(as_array(fill_value), dtype), as_shape(shape)).copy()


def _full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    # The zeros carry the level of `a`, so that the result can be filled with what is made of `a`.
    zeros = np.zeros_like(a, dtype, shape=shape)
    return np.where(True, _as_dtype(as_array(fill_value), zeros.dtype), zeros)


composite(np.full, _full, exact=True)
composite(np.full_like, _full_like, exact=True)
unsupported(
    "the number of its elements depends on its arguments; write start + step * np.arange(n)",
    np.arange,
)
unsupported("it reads bytes; use x.ravel()", np.frombuffer)


# Spaced arrays


def _linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    out = np.linspace(start, stop, num, endpoint, retstep, dtype, axis)
    ends = start, stop
    ndim = max(np.ndim(end) for end in ends)

    def push(*ends_dot):
        position = axis
        if any(e_dot is not None and e_dot.ndim > np.ndim(e) for e, e_dot in zip(ends, ends_dot, strict=True)):
            ends_dot = [e_dot if e_dot is None else aligned(e_dot, ndim) for e_dot in ends_dot]
            position = from_end(axis, ndim + 1)
        zeroed = (np.zeros(np.shape(e)) if e_dot is None else e_dot for e, e_dot in zip(ends, ends_dot, strict=True))
        return np.linspace(*zeroed, num, endpoint, retstep, None, position)

    return out, push


def _linspace_transpose(end):
    """Transpose in the start (0) or in the stop (1)."""

    def transpose(out_bar, start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
        weights = np.linspace(1 - end, end, num, endpoint)
        bar = np.moveaxis(out_bar[0] if retstep else out_bar, axis, -1) @ weights
        if retstep and num > endpoint:
            bar = bar + (2 * end - 1) * out_bar[1] / (num - endpoint)
        return unbroadcast(bar, as_array(stop if end else start))

    return transpose


def _logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    ends = [as_array(start), as_array(stop)]
    base = as_array(base)
    if base.ndim:
        # A base with axes of its own broadcasts against the ends.
        ndim = max(base.ndim, *(end.ndim for end in ends))
        *ends, base = ((a.reshape((1,) * (ndim - a.ndim) + a.shape)) for a in (*ends, base))
        base = np.expand_dims(base, axis)
    return np.power(base, np.linspace(*ends, num, endpoint, axis=axis))


def _geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    start, stop = as_array(start), as_array(stop)
    dtype = np.result_type(start.dtype, stop.dtype)
    if dtype.kind in "fc":
        start, stop = start.astype(dtype), stop.astype(dtype)
    weights = np.linspace(0, 1, num, endpoint).reshape(-1, *(1,) * max(start.ndim, stop.ndim))
    return np.moveaxis(start * (stop / start) ** weights, 0, axis)


nonlinear(
    np.linspace,
    _linspace,
    positions=(0, 1),
    batched=True,
    transposes={0: _linspace_transpose(0), 1: _linspace_transpose(1)},
)
composite(np.logspace, _logspace)
composite(np.geomspace, _geomspace)
