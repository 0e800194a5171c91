"""Rows of the methods of ufuncs: reduce, accumulate, reduceat, outer, at.

Those that NumPy has as functions (``np.add.reduce`` is ``np.sum``) never come here. For the rest the ufunc itself is
applied again and again, along the axis; only where the order does not matter, to pairs, to pairs of pairs, and so on.
"""

from __future__ import annotations

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import apply_function, level_of, primal_all
from dualnum.errors import MutationError, NoRuleError
from dualnum.packing import as_operand
from dualnum.primitives import accumulate, at, outer, reduce, reduceat, scatter, sum_segments
from dualnum.rules.reductions import NOT_GIVEN
from dualnum.table import TABLE, Constant, composite, linear, nonlinear

# The functions for which order does not matter, and what has no effect in them.
_NEUTRAL = {
    np.hypot: 0.0,
    np.logaddexp: -np.inf,
    np.logaddexp2: -np.inf,
    np.maximum: -np.inf,
    np.minimum: np.inf,
    np.fmax: -np.inf,
    np.fmin: np.inf,
}
_EXTREMA = {np.maximum: np.max, np.minimum: np.min, np.fmax: np.max, np.fmin: np.min}


def _is_constant(ufunc):
    return isinstance(TABLE.get(ufunc), Constant)


def _axis_first(x, axes):
    """Put axes in front and join them."""
    x = np.moveaxis(x, axes, range(len(axes)))
    return np.reshape(x, (-1, *x.shape[len(axes) :])) if len(axes) != 1 else x


def _reduce(ufunc, array, axis=0, dtype=None, keepdims=False, initial=NOT_GIVEN, where=True):
    if _is_constant(ufunc) or not np.size(array):
        return None
    x = as_operand(array)
    x = x if dtype is None else x.astype(dtype)
    axes = from_end(axis, x.ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    if initial is None:
        initial = NOT_GIVEN
    if ufunc in _NEUTRAL:
        skipped = np.logical_not(where) | (np.isnan(x) if ufunc in (np.fmax, np.fmin) else False)
        x = np.where(skipped, _NEUTRAL[ufunc], x) if np.any(skipped) else x
    if ufunc in _EXTREMA:
        return _EXTREMA[ufunc](x, axis=axes, keepdims=keepdims, initial=initial)
    x = _axis_first(x, axes)
    if ufunc in _NEUTRAL:
        result = _fold_pairs(ufunc, x)
        result = result if initial is NOT_GIVEN else ufunc(initial, result)
    else:
        where = True if where is True else _axis_first(np.broadcast_to(where, array.shape), axes)
        result = _fold(ufunc, x, initial, where)
    return np.expand_dims(result, axes) if keepdims else result


def _fold_pairs(ufunc, x):
    while len(x) > 1:
        half = len(x) // 2
        pairs, rest = ufunc(x[:half], x[half : 2 * half]), x[2 * half :]
        x = np.concatenate([pairs, rest]) if len(rest) else pairs
    return x[0].copy()


def _fold(ufunc, x, initial, where):
    start = 1 if initial is NOT_GIVEN else 0
    result = x[0].copy() if start else initial
    for i in range(start, len(x)):
        following = ufunc(result, x[i])
        result = following if where is True else np.where(where[i], following, result)
    return result


def _accumulate(ufunc, array, axis=0, dtype=None):
    if _is_constant(ufunc) or not np.size(array):
        return None
    x = array if dtype is None else array.astype(dtype)
    x = np.moveaxis(x, axis, 0)
    latest = _latest_record(ufunc, primal_all(x)) if ufunc in _EXTREMA else None
    if latest is not None:
        x = np.take_along_axis(x, latest, 0)
    elif ufunc in _NEUTRAL:
        x, step = x.copy(), 1
        while step < len(x):
            x = np.concatenate([x[:step], ufunc(x[:-step], x[step:])])
            step *= 2
    else:
        results = [x[0]]
        for i in range(1, len(x)):
            results.append(ufunc(results[-1], x[i]))
        x = np.stack(results)
    return np.moveaxis(x, 0, axis)


def _latest_record(ufunc, x):
    """Where the extremum so far has been found, or None if that is not unique."""
    best = ufunc.accumulate(x)
    is_record = x == best
    if (is_record[1:] & (best[1:] == best[:-1])).any():
        return None
    places = np.reshape(np.arange(len(x)), (-1,) + (1,) * (x.ndim - 1))
    return np.maximum.accumulate(np.where(is_record, places, 0))


def _reduceat(ufunc, array, indices, axis=0, dtype=None):
    if _is_constant(ufunc):
        return None
    x = np.moveaxis(array if dtype is None else array.astype(dtype), axis, 0)
    ends = [*indices[1:], len(x)]
    segments = [ufunc.reduce(x[i:j]) if i < j else x[i] for i, j in zip(indices, ends, strict=True)]
    return np.moveaxis(np.stack(segments), 0, axis) if segments else None


composite(reduce, _reduce)
composite(accumulate, _accumulate)
composite(reduceat, _reduceat)


def _sum_segments_transpose(out_bar, array, indices, axis=0, dtype=None):
    n = np.shape(array)[axis]
    indices = np.asarray(indices)
    # A segment that ends before it begins is the one element at its beginning.
    lengths = np.maximum(np.append(indices[1:], n) - indices, 1)
    segments = np.repeat(np.arange(indices.size), lengths)
    places = np.arange(segments.size) + np.repeat(indices - np.cumsum(lengths) + lengths, lengths)
    bar = np.moveaxis(out_bar, axis, 0)[segments]
    return np.moveaxis(scatter(bar, (places,), (n, *bar.shape[1:])), 0, axis)


linear(
    sum_segments,
    _sum_segments_transpose,
    batched=lambda array_dot, indices, axis=0, dtype=None: np.add.reduceat(
        array_dot, indices, from_end(axis, array_dot.ndim - 1), dtype
    ),
)


def _outer(ufunc, a, b, where=True, **kwargs):
    if where is not True:
        raise NoRuleError(
            f"numpy.{ufunc.__name__}.outer(..., where=...) has no derivative rule in dualnum; use np.where on its "
            "result."
        )
    a, b = as_operand(a), as_operand(b)
    return ufunc(np.reshape(a, a.shape + (1,) * b.ndim), b, **kwargs)


composite(outer, _outer, exact=True)


# In place


def _added(x, slots, b):
    """Copy of `x` with `b` added at some indices, in order."""
    if level_of(b) > level_of(x):
        x = x + np.zeros(x.shape, x.dtype, like=b)
    x = x.copy()
    np.add.at(x, slots, b)
    return x


def _added_rule(x, slots, b):
    def push(x_dot, b_dot):
        if b_dot is None:
            return x_dot.copy()
        sums = scatter(b_dot, (..., slots), (*b_dot.shape[: b_dot.ndim - b.ndim], *x.shape))
        return sums if x_dot is None else x_dot + sums

    return _added(x, slots, b), push


nonlinear(_added, _added_rule, positions=(0, 2), batched=True)


def _at(ufunc, a, indices, *b):
    positions = np.arange(a.size).reshape(a.shape)[indices]
    is_touched = np.zeros(a.size, bool)
    is_touched[positions] = True
    touched, slots = np.flatnonzero(is_touched), np.ravel((np.cumsum(is_touched) - 1)[positions])
    places = np.unravel_index(touched, a.shape) if a.ndim else ()
    x = (a[places] if a.ndim else np.reshape(a, -1)).copy()
    operands = [np.ravel(np.broadcast_to(as_operand(operand), np.shape(positions))) for operand in b]
    with np.errstate(all="ignore"):  # a trial, for NumPy to say what is wrong with bad arguments
        ufunc.at(primal_all(x).copy(), slots, *map(primal_all, operands))
    if ufunc is np.add:
        x = apply_function(_added, (x, slots, operands[0]), {})
    elif ufunc is np.subtract:
        wide = operands[0].astype(np.result_type(x.dtype, operands[0].dtype))  # unsigned integers have no negative
        x = apply_function(_added, (x, slots, -wide), {})
    else:
        for items in _rounds(slots):
            x[slots[items]] = ufunc(x[slots[items]], *(operand[items] for operand in operands))
    try:
        a[places] = x if a.ndim else x[0]
    except ValueError as error:
        if isinstance(error, MutationError) or primal_all(a).flags.writeable:
            raise
        raise MutationError(
            f"numpy.{ufunc.__name__}.at(a, ...): a is read-only, as what np.broadcast_to gives is. NumPy would write into its "
            "memory all the same; update a copy, a.copy()."
        ) from error


def _rounds(slots):
    """Positions of the first occurrence of each number, of the second, and so on."""
    order = np.argsort(slots, kind="stable")
    ordered = slots[order]
    occurrence = np.arange(slots.size) - np.searchsorted(ordered, ordered)
    by_occurrence = np.argsort(occurrence, kind="stable")
    ends = np.cumsum(np.bincount(occurrence))[:-1]
    return np.split(order[by_occurrence], ends) if slots.size else []


composite(at, _at, exact=True)
