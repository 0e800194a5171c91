"""Rows of padding, and of trimming zeros."""

from __future__ import annotations

import sys

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import DualnumError, NoRuleError
from dualnum.rules.shape import as_array
from dualnum.table import composite
from dualnum.tangents import is_zero


def _pairs(option, ndim):
    """Give an option of ``pad`` for the two ends of each axis, with shape ``(ndim, 2)``."""
    if isinstance(option, dict):
        given = {axis % ndim: np.broadcast_to(pair, 2) for axis, pair in option.items()}
        return np.array([given.get(axis, (0, 0)) for axis in range(ndim)])
    return np.broadcast_to(as_array(option), (ndim, 2))


def _extended(x, axis, width, mode, reflect_type="even"):
    """Pad with elements of the array itself."""
    n = x.shape[axis]
    if reflect_type == "even":
        return np.take(x, np.pad(np.arange(n), width, mode), axis)
    # Odd reflections continue beyond the edges with combinations of elements.
    lines = np.pad(np.eye(n, dtype=x.dtype), (width, (0, 0)), mode, reflect_type=reflect_type)
    return np.moveaxis(np.tensordot(lines, x, (1, axis)), 0, axis)


def _constants(x, axis, width, constant_values=0):
    return list(_pairs(constant_values, x.ndim)[axis])


def _ramps(x, axis, width, end_values=0):
    before, after = (
        np.linspace(value, np.take(x, edge, axis), n, endpoint=False, axis=axis)
        for value, edge, n in zip(_pairs(end_values, x.ndim)[axis], (0, -1), width, strict=True)
    )
    return [before, np.flip(after, axis)]


def _statistics(function):
    def ends(x, axis, width, stat_length=None):
        n = x.shape[axis]
        lengths = (n, n) if stat_length is None else np.minimum(_pairs(stat_length, x.ndim)[axis], n).tolist()
        chunks = np.take(x, range(lengths[0]), axis), np.take(x, range(n - lengths[1], n), axis)
        return [function(chunk, axis, keepdims=True) for chunk in chunks]

    return ends


_ENDS = {
    "constant": _constants,
    "empty": _constants,
    "linear_ramp": _ramps,
    "maximum": _statistics(np.max),
    "minimum": _statistics(np.min),
    "mean": _statistics(np.mean),
    "median": _statistics(np.median),
}


def _pad(array, pad_width, mode="constant", **options):
    if callable(mode):
        raise NoRuleError(
            "np.pad with a function as its mode has no derivative rule, for it works on plain arrays. Make the "
            "padding yourself, and join it with np.concatenate."
        )
    x = as_array(array)
    # One axis after the other, as NumPy does it: what is padded last has the corners.
    for axis, width in enumerate(_pairs(pad_width, x.ndim).tolist()):
        if mode not in _ENDS:
            x = _extended(x, axis, width, mode, **options)
            continue
        shapes = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in width]
        before, after = (
            np.broadcast_to(end, shape)
            for end, shape in zip(_ENDS[mode](x, axis, width, **options), shapes, strict=True)
        )
        x = np.concatenate([before, x, after], axis)
    return x if x is not array else np.copy(x)


def _trim_zeros(filt, trim="fb", axis=None):
    plain = primal_all(filt)
    left = np.trim_zeros(plain, trim, *(() if axis is None else (axis,)))
    if left.size < plain.size and _is_for_poly1d():
        _refuse_to_lose(filt[: plain.size - left.size])
    found = np.argwhere(plain)
    if not left.size:
        return np.zeros_like(filt, shape=left.shape)
    # What is left starts at the first element that is not zero, unless that end stays as it is.
    starts = [
        start if "f" in trim.lower() and n < whole else 0
        for start, n, whole in zip(found.min(0).tolist(), left.shape, plain.shape, strict=True)
    ]
    return filt[tuple(slice(start, start + n) for start, n in zip(starts, left.shape, strict=True))]


def _is_for_poly1d():
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("dualnum."):
        frame = frame.f_back
    return frame is not None and frame.f_code is np.poly1d.__init__.__code__


def _refuse_to_lose(coefficients):
    """Raise if a polynomial, a smooth function of its coefficients, would lose derivatives with its leading zeros."""
    if not np.all(is_zero(coefficients)):
        raise DualnumError(
            "numpy.poly1d, and numpy.polymul by it, leave leading coefficients away that are zero, and here they carry "
            "derivatives. Keep the coefficients as an array c: np.polyval(c, x) for p(x), np.convolve(c, d) for products."
        )


composite(np.pad, _pad)
composite(np.trim_zeros, _trim_zeros)
