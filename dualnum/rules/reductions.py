"""Rows of reductions: sums, products, extrema and moments, and their relatives that skip nan.

``axes`` are always the reduced axes counted from the end: so they mean the same in tangents with a leading axis of
directions. Tangents are summed by ``np.add.reduce``, which is what ``np.sum`` does after twice as long.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dualnum.batching import aligned_to, from_end, spread_number
from dualnum.dispatch import apply_function, primal_all
from dualnum.packing import ACTIVE_TYPES, PLAIN_TYPES, as_operand
from dualnum.table import composite, nonlinear

#: What NumPy's signatures have for an argument that may be left away.
NOT_GIVEN = np._NoValue


# Classes of the numbers of an axis.
_AXIS: Any = frozenset({int, type(None)})

# Elements that are filled faster than an array is broadcast.
_FEW = 4096


def _flags(keepdims, where=True):
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


def _with_initial(total, initial_dot, factor, ndim):
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
    return apply_function(np.sum, (a, axis), {"dtype": dtype, "keepdims": keepdims, "where": where})


def _sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
    keepdims, where = _flags(keepdims, where)
    if initial is NOT_GIVEN and a.__class__ in ACTIVE_TYPES:
        value = _add(a, axis, dtype, keepdims, where)
    else:
        value = np.add.reduce(a, axis, dtype, None, keepdims, initial, where)

    def push(a_dot, initial_dot):
        axes = from_end(axis, a.ndim)
        total = None if a_dot is None else _add(a_dot, axes, dtype, keepdims, where)
        return _with_initial(total, initial_dot, 1, value.ndim)

    return value, push


def _sum_transpose(out_bar, a, axis=None, dtype=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
    return _spread(out_bar, a, axis, *_flags(keepdims, where))


nonlinear(np.sum, _sum, positions=(0, 5), batched=True, transposes={0: _sum_transpose})


def _mean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    keepdims, where = _flags(keepdims, where)
    value = np.mean(a, axis, dtype, None, keepdims, where=where)
    axes = from_end(axis, a.ndim)
    count = a.size if axis is None and where is True else _count(a, _axes(a, axis), keepdims, where)

    def push(a_dot):
        return np.add.reduce(a_dot, axes, _accumulator(a, dtype), None, keepdims, NOT_GIVEN, where) / count

    return value, push


def _mean_transpose(out_bar, a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    keepdims, where = _flags(keepdims, where)
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
    keepdims, where = _flags(keepdims, where)
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
        return _with_initial(total, initial_dot, others, value.ndim)

    return value, push


nonlinear(np.prod, _prod, positions=(0, 5), batched=True)


# Extrema


class Picking:
    """Push of a function that picks one element of an axis; ``picked`` tells reverse mode which."""

    def __init__(self, picked):
        self.picked = picked

    def __call__(self, a_dot, initial_dot):
        """Give the tangent of the element."""
        return a_dot.take(self.picked, -1)


def _without_levels(x):
    """Value of `x` without any of its levels, in whose operations only those who count them are interested."""
    while x.__class__ in ACTIVE_TYPES and x.__class__ not in PLAIN_TYPES:
        x = x._value
    return x


def _only(x, axis, function, first):
    """Number of the element of an axis of floats that is largest or smallest, if it is the only one; else None.

    The first such element is beyond all that come before, so only those behind it are looked at again.
    """
    if x.__class__ is not np.ndarray or x.dtype.kind != "f" or not x.size or axis.__class__ not in _AXIS:
        return None
    picked = first(x, axis)
    best, rest = x[picked], x[picked + 1 :]
    return picked if best == best and not (rest.size and function(rest, None) == best) else None


def _extremum(function, first=None):
    """Rule of the largest or smallest element: the average over the elements that are equal to it.

    ``first`` gives the number of the first of these.
    """

    def rule(a, axis=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
        keepdims, where = _flags(keepdims, where)
        one_of_line = a.ndim == 1 and where is True and initial is NOT_GIVEN and not keepdims
        # Mostly one element is picked: then that is the value, with all its derivatives, and numbers alone are compared.
        plain = _without_levels(a) if one_of_line else a
        if one_of_line and first is not None:
            picked = _only(plain, axis, function, first)
            if picked is not None:
                return a[picked], Picking(picked)
        value = function(plain, axis, None, keepdims, initial, where)
        x, best = primal_all(a), primal_all(value)
        if one_of_line:
            chosen = x == best
            if np.count_nonzero(chosen) == 1:
                picked = chosen.argmax()
                return (value if plain is a else a[picked]), Picking(picked)
            if plain is not a:
                value = function(a, axis, None, keepdims, initial, where)
        axes = from_end(axis, a.ndim)
        compared = best if keepdims or best.ndim == 0 else np.expand_dims(best, axes)
        chosen = x == compared
        if where is not True:
            chosen &= where
        # Counted in the dtype of the result: an integer would turn float32 into float64.
        count = np.add.reduce(chosen, axes, best.dtype, None, keepdims)
        # Of the dtype in which it was compared, or it would not be found again.
        from_initial = 0 if initial is NOT_GIVEN else best == np.asarray(primal_all(initial)).astype(best.dtype)
        count = count + from_initial
        if not count.all():  # nan is equal to nothing, but it was chosen
            chosen |= np.isnan(x) & np.isnan(compared) & where
            count = np.maximum(np.add.reduce(chosen, axes, best.dtype, None, keepdims), 1)

        def push(a_dot, initial_dot):
            total = None
            if a_dot is not None:
                total = np.add.reduce(a_dot, axes, None, None, keepdims, NOT_GIVEN, chosen) / count
            return _with_initial(total, initial_dot, from_initial / count, best.ndim)

        return value, push

    return rule


_max = _extremum(lambda a, axis, *others: np.maximum.reduce(a, axis, None, *others), np.ndarray.argmax)
_min = _extremum(lambda a, axis, *others: np.minimum.reduce(a, axis, None, *others), np.ndarray.argmin)
_function: Any
for _function, _rule in (
    (np.max, _max),
    (np.amax, _max),
    (np.min, _min),
    (np.amin, _min),
    (np.nanmax, _extremum(np.nanmax)),
    (np.nanmin, _extremum(np.nanmin)),
):
    nonlinear(_function, _rule, positions=(0, 4), batched=True)


def _ptp(a, axis=None, out=None, keepdims=False):
    return np.max(a, axis, None, keepdims) - np.min(a, axis, None, keepdims)


composite(np.ptp, _ptp, exact=True)


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
        keepdims, where = _flags(keepdims, _numbers(a, where) if skip_nan else where)
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
    keepdims, _ = _flags(keepdims)
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
    keepdims, _ = _flags(keepdims)
    return np.sum(a, axis, dtype, None, keepdims, where=where) / _count(a, _axes(a, axis), keepdims, where)


composite(np.nansum, _without_nan(np.sum))
composite(np.nanprod, _without_nan(np.prod))
composite(np.nanmean, _without_nan(_mean_of_some))
