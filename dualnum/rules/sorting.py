"""Rows of sorting and of what rests on it: order statistics, quantiles.

Elements that are equal share their tangents: each gets the average. So ``np.sort(x)[-1]`` has the derivative of
``np.max(x)``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.reductions import NOT_GIVEN
from dualnum.table import composite, nonlinear
from dualnum.tangents import is_zero


def _lines(x, ndim, axis):
    """Put the given axes, of the last `ndim` ones, at the end and join them; None stands for all."""
    axes = from_end(axis, ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    if len(axes) != 1:
        x = np.moveaxis(x, axes, range(-len(axes), 0))
        rest = x.ndim - len(axes)
        return np.reshape(x, (*x.shape[:rest], math.prod(x.shape[rest:])))
    return x if axes == (-1,) else np.moveaxis(x, axes, -1)


def _unlined(lines, ndim, axis):
    """Put the last axis back to where it was, after a function that keeps the shape but flattens for None."""
    return lines if axis is None or axis in (-1, ndim - 1) else np.moveaxis(lines, -1, from_end(axis, ndim))


# Sorting


def _gather(x, places):
    """Elements at some places along the last axis; `x` may have directions in front."""
    if places.ndim == 1:
        return x.take(places, -1)
    return np.take_along_axis(x, np.broadcast_to(places, (*x.shape[:-1], places.shape[-1])), -1)


def _sort_tangents(x, **options):
    """Map from tangents, along the last axis of `x`, to those of the sorted elements."""
    order = np.argsort(x, -1, stable=True, **options)
    y = _gather(x, order)
    ties = y[..., 1:] == y[..., :-1]
    if not ties.any():
        return lambda x_dot: _gather(x_dot, order)
    starts = np.flatnonzero(~np.concatenate([np.zeros((*y.shape[:-1], 1), bool), ties], -1))
    lengths = np.diff(starts, append=y.size)

    def push(x_dot):
        flat = np.reshape(_gather(x_dot, order), (*x_dot.shape[: x_dot.ndim - x.ndim], x.size))
        means = np.add.reduceat(flat, starts, -1) / lengths
        return np.reshape(np.repeat(means, lengths, -1), x_dot.shape)

    return push


def _sort(a, axis=-1, kind=None, order=None, *, stable=None, **options):  # NumPy 2.5 has the option to go down
    out = np.sort(a, axis, kind, order, stable=stable, **options)
    to_sorted = _sort_tangents(_lines(primal_all(a), a.ndim, axis), **options)
    return out, lambda a_dot: _unlined(to_sorted(_lines(a_dot, a.ndim, axis)), a.ndim, axis)


def _partition(a, kth, axis=-1, kind="introselect", order=None):
    out = np.partition(a, kth, axis, kind, order)
    to_sorted = _sort_tangents(_lines(primal_all(a), a.ndim, axis))
    # Not by argpartition: it may arrange elements otherwise than partition does.
    ranks = np.argsort(np.argsort(_lines(primal_all(out), out.ndim, -1 if axis is None else axis), -1), -1)
    return out, lambda a_dot: _unlined(_gather(to_sorted(_lines(a_dot, a.ndim, axis)), ranks), a.ndim, axis)


nonlinear(np.sort, _sort, batched=True)
nonlinear(np.partition, _partition, batched=True)
composite(np.sort_complex, lambda a: np.sort(a) + 0j)


# Quantiles

# Hyndman & Fan (1996): of n elements, the quantile q lies at n q + alpha + q (1 - alpha - beta) - 1, counted from 0.
_ALPHA_BETA = {
    "linear": (1, 1),
    "hazen": (0.5, 0.5),
    "weibull": (0, 0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
    "interpolated_inverted_cdf": (0, 1),
}


def _positions(q, n, method):
    """Where quantiles lie among `n` sorted elements, and how that changes with q; `n` may be an array."""
    if method in _ALPHA_BETA:
        alpha, beta = _ALPHA_BETA[method]
        slope = n + 1 - alpha - beta
        position = q * slope + (alpha - 1)
        before, behind = position < 0, position > n - 1
        return np.where(before, 0, np.where(behind, n - 1, position)), np.where(before | behind, 0, slope)
    # The other methods go in steps. NumPy knows best where it takes them.
    plain, n = np.broadcast_arrays(primal_all(q), n)
    position = np.zeros(n.shape)
    for size in np.unique(n[n > 0]):
        position[n == size] = np.quantile(np.arange(size), plain[n == size], method=method)
    return position, 0


def _of_ranks(x, ranks):
    """Map from arrays in the order of the rows of `x` to their elements of certain ranks, with little sorting."""
    ranks = np.unique(ranks)
    neighbours = np.concatenate([ranks - 1, ranks, ranks + 1])
    kth = neighbours[(neighbours >= 0) & (neighbours < x.shape[-1])]
    order = np.argpartition(x, kth, -1)
    y = np.take_along_axis(x, order, -1)
    inner = ranks[ranks > 0], ranks[ranks < x.shape[-1] - 1]
    rows = np.arange(x.shape[0])
    if (y[:, inner[0]] == y[:, inner[0] - 1]).any() or (y[:, inner[1]] == y[:, inner[1] + 1]).any():
        to_sorted = _sort_tangents(x)
        return lambda z, rank: to_sorted(z)[..., rows, rank]
    return lambda z, rank: z[..., rows, order[rows, rank]]


def _push_quantile(value, a, q, axis, method, skip_nan=False):
    """Map from the tangents of `a` and `q` to that of the quantiles `value`."""
    x = _lines(a, a.ndim, axis)
    n = x.shape[-1]
    if not x.size:
        return lambda a_dot, q_dot=None: None
    x = np.reshape(x, (-1, n))
    sizes = np.maximum(n - np.isnan(primal_all(x)).sum(-1), 1) if skip_nan else n
    position, slope = _positions(np.reshape(q, (-1, 1)), sizes, method)
    # The last interval holds its right end, so that the derivative in q is one-sided there and not lost.
    low = np.maximum(np.minimum(np.floor(primal_all(position)).astype(np.intp), sizes - 2), 0)
    high = np.minimum(low + 1, sizes - 1)
    weight = position - low
    of_rank = _of_ranks(primal_all(x), np.concatenate([low, high], None))

    def push(a_dot, q_dot=None):
        total = None
        if a_dot is not None:
            lead = a_dot.shape[: a_dot.ndim - a.ndim]
            lines = np.reshape(_lines(a_dot, a.ndim, axis), (*lead, *x.shape))
            total = (1 - weight) * of_rank(lines, low) + weight * of_rank(lines, high)
        if q_dot is not None:
            lead = q_dot.shape[: q_dot.ndim - q.ndim]
            q_dot = np.reshape(q_dot, (*lead, q.size, 1))
            zero = is_zero(q_dot)  # and the term with it, even where the neighbours are infinite
            term = np.where(zero, 0, (of_rank(x, high) - of_rank(x, low)) * slope) * q_dot
            total = term if total is None else total + term
        return np.reshape(total, lead + value.shape)

    return push


def _push_selected(value, a, q, axis):
    """Map from tangents of `a` to those of quantiles of which each is one of the elements."""
    axes = from_end(axis, a.ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    best = np.expand_dims(primal_all(value), axes) if value.ndim - q.ndim < a.ndim else primal_all(value)
    chosen = primal_all(a) == best
    count = np.maximum(np.add.reduce(chosen, axes, None, None, True), 1)

    def push(a_dot, q_dot=None):
        if a_dot is None:
            return None
        # The axes of q stand before those that are left of a.
        lead = a_dot.shape[: a_dot.ndim - a.ndim]
        a_dot = np.reshape(a_dot, (*lead, *(1,) * q.ndim, *a.shape))
        total = np.add.reduce(np.where(chosen, a_dot, np.zeros((), a_dot.dtype)), axes, None, None, True)
        return np.reshape(total / count, lead + value.shape)

    return push


def _quantile(function, scale, skip_nan):
    """Rule of a function of the kind of np.quantile, whose q = 1 is here q = `scale`."""

    def rule(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=NOT_GIVEN, *, weights=None):
        a, given, q = as_operand(a), q, as_operand(q)
        if skip_nan and q.ndim > 1 and np.ndim(axis) and 1 != len(axis) < a.ndim:
            raise NoRuleError(
                f"numpy.{function.__name__} itself mixes up the axes of its result where q has several axes and "
                "axis is a tuple; pass q.ravel()."
            )
        keepdims = keepdims is not NOT_GIVEN and keepdims
        weights = primal_all(weights)
        # Never overwriting: the tangent is still needed in the order in which it is. And `q` as it was given, for a number of
        # Python's leaves float32 what it is.
        value = function(a, given, axis, None, False, method, keepdims, weights=weights)
        if weights is not None:
            return value, _push_selected(value, a, q, axis)
        push = _push_quantile(value, a, q / scale, axis, method, skip_nan)
        return value, lambda a_dot, q_dot: push(a_dot, None if q_dot is None else q_dot / scale)

    return rule


def _median(function, skip_nan):
    def rule(a, axis=None, out=None, overwrite_input=False, keepdims=NOT_GIVEN):
        value = function(a, axis, None, False, keepdims is not NOT_GIVEN and keepdims)
        return value, _push_quantile(value, a, np.float64(0.5), axis, "linear", skip_nan)

    return rule


_function: Any
for _function, _scale, _skip_nan in (
    (np.quantile, 1, False),
    (np.percentile, 100, False),
    (np.nanquantile, 1, True),
    (np.nanpercentile, 100, True),
):
    nonlinear(_function, _quantile(_function, _scale, _skip_nan), positions=(0, 1), batched=True)
nonlinear(np.median, _median(np.median, False), batched=True)
nonlinear(np.nanmedian, _median(np.nanmedian, True), batched=True)
