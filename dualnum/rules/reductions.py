"""Rows of reductions: sums, products and moments, and their relatives that skip nan.

``axes`` are always the reduced axes counted from the end: so they mean the same in tangents with a leading axis of
directions. Tangents are summed by ``np.add.reduce``, which is what ``np.sum`` does after twice as long.
"""

from __future__ import annotations

import math

import numpy as np

from dualnum.application import apply_row
from dualnum.batching import aligned_to, from_end, spread_number
from dualnum.dispatch import apply_function, primal_all
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.table import TABLE, composite, nonlinear

#: What NumPy's signatures have for an argument that may be left away.
NOT_GIVEN = np._NoValue


# Elements that are filled faster than an array is broadcast.
_FEW = 4096


def flags(keepdims, where=True):
    """Give two arguments the defaults that ufuncs have."""
    return (False if keepdims is NOT_GIVEN else keepdims), (True if where is NOT_GIVEN else where)


def _axes(a, axis):
    axes = from_end(axis, np.ndim(a))
    return axes if isinstance(axes, tuple) else (axes,)


def _kept(reduced, axes, keepdims):
    """Result of a reduction as it is with ``keepdims``; scalars broadcast anyway."""
    return reduced if keepdims or reduced.ndim == 0 else np.expand_dims(reduced, axes)


def _count(a, axes, keepdims, where):
    """Number of elements that each result is made of."""
    if where is True:
        return math.prod([a.shape[axis] for axis in axes])
    return np.add.reduce(np.broadcast_to(where, a.shape), axes, np.intp, None, keepdims)


def _accumulator(a, dtype):
    """Dtype in which NumPy adds up for means."""
    return np.float32 if dtype is None and a.dtype.char == "e" else dtype


def with_initial(total, initial_dot, factor, ndim):
    """Add the part of a tangent that comes from the argument ``initial``."""
    if initial_dot is None:
        return total
    term = aligned_to(initial_dot, 0.0, ndim) * factor
    return term if total is None else total + term


def _spread(out_bar, a, axis, keepdims, where):
    """Transpose of a sum: each summand gets the cotangent of its sum."""
    shape = a.shape
    if where is True and shape:
        if isinstance(out_bar, np.floating):
            if a.size >= _FEW:
                return spread_number(out_bar, shape)
            spread = np.empty(shape, out_bar.dtype)  # filled in a fraction of the time
            spread.fill(out_bar)
            return spread
        if out_bar.__class__ in ACTIVE_TYPES and out_bar._spread is not None and not out_bar.shape:
            spread = out_bar._spread(shape)
            if spread is not None:
                return spread
    spread = np.broadcast_to(_kept(out_bar, _axes(a, axis), keepdims), shape)
    return spread if where is True else np.where(where, spread, 0)


# Sums


def _add(a, axis, dtype, keepdims, where):
    """Sum of what may be active: then by the row of `numpy.sum`, without the detour by the methods of ufuncs."""
    if a.__class__ not in ACTIVE_TYPES:
        return np.add.reduce(a, axis, dtype, None, keepdims, NOT_GIVEN, where)
    if a._added is not None and dtype is None and where is True:
        total = a._added(axis, keepdims)
        if total is not None:
            return total
    return apply_row(TABLE[np.sum], (a, axis), {"dtype": dtype, "keepdims": keepdims, "where": where}, a)


def _sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
    keepdims, where = flags(keepdims, where)
    if initial is NOT_GIVEN and a.__class__ in ACTIVE_TYPES:
        value = _add(a, axis, dtype, keepdims, where)
    else:
        value = np.add.reduce(a, axis, dtype, None, keepdims, initial, where)

    def push(a_dot, initial_dot):
        axes = from_end(axis, a.ndim)
        total = None if a_dot is None else _add(a_dot, axes, dtype, keepdims, where)
        return with_initial(total, initial_dot, 1, value.ndim)

    return value, push


def _sum_transpose(out_bar, a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
    return _spread(out_bar, a, axis, *flags(keepdims, where))


nonlinear(np.sum, _sum, positions=(0, 5), batched=True, transposes={0: _sum_transpose})


def _mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    keepdims, where = flags(keepdims, where)
    value = np.mean(a, axis, dtype, None, keepdims, where=where)
    axes = from_end(axis, a.ndim)
    count = a.size if axis is None and where is True else _count(a, _axes(a, axis), keepdims, where)

    def push(a_dot):
        return np.add.reduce(a_dot, axes, _accumulator(a, dtype), None, keepdims, NOT_GIVEN, where) / count

    return value, push


def _mean_transpose(out_bar, a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    keepdims, where = flags(keepdims, where)
    return _spread(out_bar / _count(a, _axes(a, axis), keepdims, where), a, axis, keepdims, where)


nonlinear(np.mean, _mean, batched=True, transposes={0: _mean_transpose})


# Products


def is_regular(product):
    """Whether products may be divided by their factors: none is zero or infinite, or has lost digits near zero."""
    size = np.absolute(primal_all(product))
    return size.dtype.kind != "f" or bool(((size >= np.finfo(size.dtype).tiny) & (size < np.inf)).all())


def times(partial, tangent):
    """Product in which a direction that is zero stays zero, even where the partial is infinite."""
    return np.where(np.isfinite(partial) | (tangent != 0), partial, np.zeros((), partial.dtype)) * tangent


def _exclusive_products(x, axes):
    """Product, for each element, of all others that are reduced together with it."""
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    lines = np.reshape(moved, (*moved.shape[: moved.ndim - len(axes)], _count(x, axes, False, True)))
    one = np.ones_like(lines[..., :1])
    before = np.cumprod(np.concatenate([one, lines[..., :-1]], -1), -1)
    after = np.flip(np.cumprod(np.concatenate([one, np.flip(lines[..., 1:], -1)], -1), -1), -1)
    return np.moveaxis(np.reshape(before * after, moved.shape), last, axes)


def cast(x, dtype):
    """Array in another dtype, if one is given; of complex numbers for a real one, the real part."""
    if dtype is None or x.dtype == dtype:
        return x
    return (np.real(x) if np.dtype(dtype).kind != "c" else x).astype(dtype)


def _prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
    keepdims, where = flags(keepdims, where)
    value = np.multiply.reduce(a, axis, dtype, None, keepdims, initial, where)
    axes = _axes(a, axis)

    def push(a_dot, initial_dot):
        total = None
        if a_dot is not None:
            x, a_dot = cast(a, dtype), cast(a_dot, dtype)
            if where is not True:
                x = np.where(where, x, np.ones((), x.dtype))
            if is_regular(value):
                terms = _kept(value, axes, keepdims) / x * a_dot
            else:
                others = _exclusive_products(x, axes)
                terms = times(others if initial is NOT_GIVEN else initial * others, a_dot)
            total = np.add.reduce(terms, axes, dtype, None, keepdims, NOT_GIVEN, where)
        others = 1 if initial_dot is None else np.multiply.reduce(a, axis, dtype, None, keepdims, NOT_GIVEN, where)
        return with_initial(total, initial_dot, others, value.ndim)

    return value, push


nonlinear(np.prod, _prod, positions=(0, 5), batched=True)


# Moments


def _numbers(a, where):
    """Which elements count: those that are neither nan nor masked out."""
    numbers = ~np.isnan(primal_all(a))
    return numbers if where is True or where is NOT_GIVEN else numbers & where


def _moment(function, is_root, skip_nan):
    """Register a variance, or its root."""

    def positional(a, mean, axis, dtype, ddof, keepdims, where, correction):
        return function(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction)

    def rule(a, mean, axis, dtype, ddof, keepdims, where, correction):
        value = positional(a, mean, axis, dtype, ddof, keepdims, where, correction)
        keepdims, where = flags(keepdims, _numbers(a, where) if skip_nan else where)
        axes = _axes(a, axis)
        accumulator = _accumulator(a, dtype)
        count = _count(a, axes, True, where)

        def deviations(x, centre):
            if centre is NOT_GIVEN:
                centre = np.add.reduce(x, axes, accumulator, None, True, NOT_GIVEN, where) / count
            difference = x - centre
            return difference if where is True else np.where(where, difference, np.zeros((), difference.dtype))

        def push(a_dot, mean_dot):
            x = deviations(a, mean)
            if mean_dot is not None:
                mean_dot = aligned_to(mean_dot, mean, a.ndim)
            if a_dot is None:
                x_dot = -mean_dot if where is True else np.where(where, -mean_dot, 0)
            else:
                x_dot = deviations(a_dot, NOT_GIVEN if mean is NOT_GIVEN else 0 if mean_dot is None else mean_dot)
            divisor = np.maximum(count - (ddof if correction is NOT_GIVEN else correction), 0)
            if not is_root:
                divisor = divisor / 2
            elif is_regular(value):
                divisor = divisor * _kept(value, axes, keepdims)
            else:
                # The derivative of a norm: so it is 0 at constant input, and the squares cannot overflow.
                x, divisor = _unit(x, axes), np.sqrt(divisor)
            terms = x * x_dot if x.dtype.kind != "c" else np.real(np.conjugate(x) * x_dot)
            total = np.add.reduce(terms, axes, accumulator, None, True) / divisor
            return total if keepdims else np.reshape(total, total.shape[: total.ndim - a.ndim] + value.shape)

        return value, push

    def body(
        a,
        axis=None,
        dtype=None,
        out=None,
        ddof=0,
        keepdims=False,
        *,
        where=True,
        mean=NOT_GIVEN,
        correction=NOT_GIVEN,
    ):
        args = as_operand(a), mean, axis, dtype, ddof, keepdims, where, correction
        return apply_function(positional, args, {})

    positional.__name__ = function.__name__  # what error messages and counts call it
    # `mean` can be active, but it is an argument without a position, which only composites may have.
    nonlinear(positional, rule, positions=(0, 1), batched=True)
    composite(function, body, exact=True)


def _unit(x, axes):
    """Vectors along some axes divided by their lengths; zero where they are zero."""
    size = np.maximum.reduce(np.absolute(primal_all(x)), axes, None, None, True, 0)
    x = x / np.where(size == 0, 1, size)
    squares = np.square(x) if x.dtype.kind != "c" else np.real(np.conjugate(x) * x)
    return x / np.sqrt(np.add.reduce(squares, axes, None, None, True) + (size == 0))


for _function, _is_root, _skip_nan in (
    (np.var, False, False),
    (np.std, True, False),
    (np.nanvar, False, True),
    (np.nanstd, True, True),
):
    _moment(_function, _is_root, _skip_nan)


def _average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    keepdims, _ = flags(keepdims)
    a = as_operand(a)
    axes = _axes(a, axis)
    if weights is None:
        average, total = np.mean(a, axis=axes, keepdims=keepdims), _count(a, axes, keepdims, True)
    else:
        weights = as_operand(weights)
        if weights.shape != a.shape:
            # One weight for each position along the axes, in the order in which these were given.
            weights = np.transpose(weights, np.argsort(axes))
            weights = np.reshape(weights, [n if i - a.ndim in axes else 1 for i, n in enumerate(a.shape)])
        dtype = np.result_type(a.dtype, weights.dtype)
        if weights.dtype != dtype and dtype.kind in "fc":
            weights = weights.astype(dtype)  # their sum in the precision of the average
        total = np.sum(weights, axis=axes, keepdims=keepdims)
        average = np.sum(a * weights, axis=axes, keepdims=keepdims) / total
    return (average, np.broadcast_to(total, average.shape).copy()) if returned else average


composite(np.average, _average)


# The same without nan


def _without_nan(function):
    """Body of a reduction of the elements that are not nan."""

    def body(a, axis=None, dtype=None, out=None, *args, where=True, **kwargs):
        if len(args) == 3:  # where in its position
            *args, where = args
        return function(a, axis, dtype, None, *args, where=_numbers(a, where), **kwargs)

    return body


def _mean_of_some(a, axis, dtype, out, keepdims=False, *, where):
    """Mean with a mask, without the warning that np.nanmean has already given of empty slices."""
    keepdims, _ = flags(keepdims)
    return np.sum(a, axis, dtype, None, keepdims, where=where) / _count(a, _axes(a, axis), keepdims, where)


composite(np.nansum, _without_nan(np.sum))
composite(np.nanprod, _without_nan(np.prod))
composite(np.nanmean, _without_nan(_mean_of_some))
