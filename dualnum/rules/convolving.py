"""Convolutions along the last axes of arrays, of which the filters of SciPy are made, and their rows.

`full` and `valid` are linear in each operand, and transposes of each other: of ``full(a, b)``, the transpose in `a` is
``valid(g, b)`` and that in `b` is ``valid(g, a)``; of ``valid(a, b)`` they are ``full(g, b)`` and ``valid(a, g)``, all with
conjugates. Leading axes broadcast, so that directions are one more of them.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import signal

from dualnum.batching import aligned
from dualnum.packing import as_operand, contains_active
from dualnum.rules.products import bilinear, conj, unbroadcast
from dualnum.table import nonlinear
from dualnum.twins import dispatching

__all__ = ["allpole", "extended", "folded", "full", "is_plain_zero", "kept", "scalar", "taken", "valid"]


def _shapes(a, b, ndim):
    """Shape of the leading axes of a result, and those of the axes that are convolved."""
    lead = np.broadcast_shapes(a.shape[: a.ndim - ndim], b.shape[: b.ndim - ndim])
    return lead, a.shape[a.ndim - ndim :], b.shape[b.ndim - ndim :]


def _windows(start, shape):
    return (..., *(slice(i, i + n) for i, n in zip(start, shape, strict=True)))


def _full(a, b, ndim, fft=False):
    lead, a_core, b_core = _shapes(a, b, ndim)
    if math.prod(b_core) > math.prod(a_core):
        a, b, a_core, b_core = b, a, b_core, a_core
    shape = tuple(max(m + n - 1, 0) for m, n in zip(a_core, b_core, strict=True))
    if fft and a.size and b.size:
        missing = len(lead) + ndim - np.array([a.ndim, b.ndim])
        a, b = (x.reshape((1,) * n + x.shape) for x, n in zip((a, b), missing.tolist(), strict=True))
        return signal.fftconvolve(a, b, axes=tuple(range(-ndim, 0)))
    if a.ndim == b.ndim == 1 and b.size:
        return np.convolve(a, b)
    out = np.zeros(lead + shape, np.result_type(a, b))
    for place in np.ndindex(b_core):
        out[_windows(place, a_core)] += a * b[(..., *place)][(..., *[None] * ndim)]
    return out


def _valid(a, b, ndim, fft=False):
    lead, a_core, b_core = _shapes(a, b, ndim)
    shape = tuple(max(m - n + 1, 0) for m, n in zip(a_core, b_core, strict=True))
    axes = tuple(range(-ndim, 0))
    if fft and a.size and b.size:
        missing = len(lead) + ndim - np.array([a.ndim, b.ndim])
        a, b = (x.reshape((1,) * n + x.shape) for x, n in zip((a, np.flip(b, axes)), missing.tolist(), strict=True))
        return signal.fftconvolve(a, b, "valid", axes)
    if a.ndim == b.ndim == 1 and a.size >= b.size > 0:  # else NumPy would exchange them
        return np.correlate(a, conj(b), "valid")
    out = np.zeros(lead + shape, np.result_type(a, b))
    if math.prod(b_core) <= math.prod(shape):
        for place in np.ndindex(b_core):
            out[...] += a[_windows(place, shape)] * b[(..., *place)][(..., *[None] * ndim)]
    else:
        for place in np.ndindex(shape):
            out[(..., *place)] = np.sum(a[_windows(place, b_core)] * b, axis=axes)
    return out


#: ``full(a, b, ndim, fft=False)``: convolution along the last `ndim` axes, by sums or by Fourier transforms.
full = dispatching(_full)
#: ``valid(a, b, ndim, fft=False)``: correlation without conjugates, of `b` with all parts of `a` that are as large.
valid = dispatching(_valid)

full.__name__, valid.__name__ = "convolving.full", "convolving.valid"  # by which they are counted


def _push_first(function):
    return lambda a, b, ndim, fft=False: function(aligned(a, b.ndim), b, ndim, fft)


def _push_second(function):
    return lambda a, b, ndim, fft=False: function(a, aligned(b, a.ndim), ndim, fft)


def _valid_pull_first(out_bar, a, b, ndim, fft=False):
    if not out_bar.size:
        return np.zeros(a.shape, a.dtype)
    return unbroadcast(full(out_bar, conj(b), ndim, fft), a)


def _valid_pull_second(out_bar, a, b, ndim, fft=False):
    if not out_bar.size:
        return np.zeros(b.shape, b.dtype)
    return unbroadcast(valid(conj(a), out_bar, ndim, fft), b)


bilinear(
    full,
    _push_first(full),
    _push_second(full),
    lambda out_bar, a, b, ndim, fft=False: unbroadcast(valid(out_bar, conj(b), ndim, fft), a),
    lambda out_bar, a, b, ndim, fft=False: unbroadcast(valid(out_bar, conj(a), ndim, fft), b),
)
bilinear(
    valid,
    _push_first(valid),
    _push_second(valid),
    _valid_pull_first,
    _valid_pull_second,
)


# Recursive filters


def _allpole(a, u):
    if not u.size:
        return np.zeros(u.shape, np.result_type(a, u))
    return signal.lfilter(np.ones(1, a.dtype), a, u)


#: ``allpole(a, u)``: the y with ``full(a, y, 1)`` equal to `u` along its last axis, as far as that goes; `a` is one line.
allpole = dispatching(_allpole)
allpole.__name__ = "convolving.allpole"


def _allpole_rule(a, u):
    out = allpole(a, u)

    def push(a_dot, u_dot):
        change = u_dot
        if a_dot is not None:
            lines = np.reshape(a_dot, (*a_dot.shape[:-1], *[1] * (out.ndim - 1), a_dot.shape[-1]))
            term = full(lines, out, 1)[..., : out.shape[-1]]
            change = -term if change is None else change - term
        return allpole(a, change)

    return out, push


def _allpole_pull(out_bar, a, u):
    return unbroadcast(np.flip(allpole(conj(a), np.flip(out_bar, -1)), -1), u)


nonlinear(allpole, _allpole_rule, positions=(0, 1), batched=True, transposes={1: _allpole_pull})


# Edges


def folded(mode, places, n):
    """Which of n elements stand at some places, also beyond the ends."""
    if mode in ("nearest", "edge"):
        return np.clip(places, 0, n - 1)
    if mode in ("wrap", "grid-wrap", "circular"):
        return places % n
    if mode in ("reflect", "grid-mirror", "symmetric", "symm"):
        places = places % (2 * n)
        return np.minimum(places, 2 * n - 1 - places)
    period = max(2 * n - 2, 1)  # mirrored at the elements at the ends
    places = places % period
    return np.minimum(places, period - places)


def extended(x, axis, before, after, mode):
    """Extend an array along an axis as the filters of SciPy do, in their words for it; constants are zeros."""
    n = x.shape[axis]
    if not n:
        return x

    def end(places):
        if mode in ("constant", "grid-constant", "fill", "pad"):
            shape = list(x.shape)
            shape[axis] = len(places)
            return np.zeros_like(x, shape=tuple(shape))
        return np.take(x, folded(mode, places, n), axis)

    parts = [end(np.arange(-before, 0)), x, end(np.arange(n, n + after))]
    return np.concatenate([part for part in parts if part.shape[axis]], axis)


def kept(x, start, stop, axis=-1):
    """Elements from one place to another of an axis."""
    index = [slice(None)] * x.ndim
    index[axis] = slice(start, stop)
    return x[tuple(index)]


def taken(*arrays):
    """Arrays of what was given, which may be lists or numbers."""
    return [as_operand(array) for array in arrays]


def is_plain_zero(x):
    """Whether `x` is a zero without derivatives."""
    return not contains_active(x) and not np.any(x)


def scalar(x):
    """A number, as an array without axes."""
    return np.reshape(as_operand(x), ())
