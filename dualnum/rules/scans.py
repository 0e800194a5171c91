"""Rows of scans: cumulative sums and products."""

from __future__ import annotations

import math

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.rules.reductions import cast, is_regular, times
from dualnum.table import composite, linear, nonlinear


def _as_lines(x, ndim, axis):
    """Put the scanned axis last; without one, flatten all but what is before the last `ndim` axes."""
    if axis is None or ndim == 0:
        return np.reshape(x, (*x.shape[: x.ndim - ndim], math.prod(x.shape[x.ndim - ndim :])))
    return np.moveaxis(x, from_end(axis, ndim), -1)


def _from_lines(lines, ndim, axis):
    return lines if axis is None or ndim == 0 else np.moveaxis(lines, -1, from_end(axis, ndim))


def _cumsum_of_directions(a_dot, axis=None, dtype=None, out=None):
    ndim = a_dot.ndim - 1
    return _from_lines(np.cumsum(_as_lines(a_dot, ndim, axis), -1, dtype), ndim, axis)


def _cumsum_transpose(out_bar, a, axis=None, dtype=None, out=None):
    axis = 0 if axis is None else axis
    return np.reshape(np.flip(np.cumsum(np.flip(out_bar, axis), axis), axis), a.shape)


linear(np.cumsum, _cumsum_transpose, batched=_cumsum_of_directions)


def _cumprod(a, axis=None, dtype=None, out=None):
    value = np.cumprod(a, axis, dtype)

    def push(a_dot):
        x, x_dot = _as_lines(a, a.ndim, axis), _as_lines(a_dot, a.ndim, axis)
        x, x_dot = cast(x, dtype), cast(x_dot, dtype)
        if is_regular(value):
            lines = _as_lines(value, value.ndim, axis) * np.cumsum(x_dot / x, -1)
        else:
            lines = _product_tangents(x, x_dot)
        return _from_lines(lines, a.ndim, axis)

    return value, push


def _product_tangents(x, x_dot):
    """Tangents of cumulative products along the last axis, without division.

    Products of neighbours, then of pairs, then of fours: after each step, the element at k stands for the product of
    the last 1, 2, 4, ... elements up to k (Hillis & Steele 1986).
    """
    x_dot, step = x_dot.copy(), 1
    while step < x.shape[-1]:
        before, after = x[..., :-step], x[..., step:]
        x_dot_next = times(after, x_dot[..., :-step]) + times(before, x_dot[..., step:])
        x_dot = np.concatenate([x_dot[..., :step], x_dot_next], -1)
        x = np.concatenate([x[..., :step], before * after], -1)
        step *= 2
    return x_dot


nonlinear(np.cumprod, _cumprod, batched=True)


def _cumulative(function, start):
    """Body of the array-API form of a scan."""

    def body(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        x = as_operand(x)
        axis = -1 if axis is None else axis
        scan = function(x, axis, dtype)
        if not include_initial:
            return scan
        shape = list(scan.shape)
        shape[axis] = 1
        return np.concatenate([np.full(shape, start, scan.dtype), scan], axis)

    return body


def _without_nan(function, neutral):
    """Body of a scan in which nan has no effect."""
    return lambda a, axis=None, dtype=None, out=None: function(
        np.where(np.isnan(primal_all(a)), neutral, a), axis, dtype
    )


composite(np.cumulative_sum, _cumulative(np.cumsum, 0))
composite(np.cumulative_prod, _cumulative(np.cumprod, 1))
composite(np.nancumsum, _without_nan(np.cumsum, 0))
composite(np.nancumprod, _without_nan(np.cumprod, 1))
