"""Rows of functions that select elements, by position or by condition, and of those that store them in place."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dualnum.batching import aligned, axes_from_end
from dualnum.dispatch import ActiveArray, primal_all
from dualnum.errors import DerivativeLostError
from dualnum.indexing import get_directions, is_basic, trailing
from dualnum.packing import contains_active, holds_objects
from dualnum.primitives import getitem, scatter
from dualnum.rules.products import unbroadcast
from dualnum.rules.shape import as_array, flat_directions, transpose_of_selection
from dualnum.table import composite, linear, nonlinear

# Indexing


def _picks_once(index, shape):
    """Whether an index names no element twice."""
    if is_basic(index):
        return True
    numbers = np.arange(math.prod(shape)).reshape(shape)[index]
    return np.unique(numbers).size == numbers.size


def _scatter_directions(updates_dot, index, shape):
    # No index reaches the directions when they come last.
    last = np.moveaxis(updates_dot, 0, -1)
    return np.moveaxis(scatter(last, trailing(index), (*shape, last.shape[-1])), -1, 0)


linear(
    getitem, lambda out_bar, x, index: scatter(out_bar, index, x.shape), batched=get_directions, view=True, moves=True
)
# A number cannot be indexed, an array without axes can.
linear(
    scatter,
    lambda out_bar, updates, index, shape: (out_bar if shape else np.copy(out_bar))[index],
    batched=_scatter_directions,
    moves=_picks_once,
)


# By position


def _take_directions(a_dot, indices, axis=None, out=None, mode="raise"):
    if axis is None or a_dot.ndim == 1:
        return np.take(flat_directions(a_dot), indices, 1, None, mode)
    return np.take(a_dot, indices, axes_from_end(axis, a_dot), None, mode)


def _take_along_directions(arr_dot, indices, axis=-1):
    indices = np.expand_dims(indices, 0)
    if axis is None:
        return np.take_along_axis(flat_directions(arr_dot), indices, 1)
    return np.take_along_axis(arr_dot, indices, axes_from_end(axis, arr_dot))


linear(np.take, transpose_of_selection(np.take), batched=_take_directions, moves=True)
linear(np.take_along_axis, transpose_of_selection(np.take_along_axis), batched=_take_along_directions, moves=True)


def _ix(*args):
    """Give each argument an axis of its own; indices are plain, but coordinates may be active."""
    plain = np.ix_(*(primal_all(as_array(arg)) for arg in args))
    return tuple(
        arg.reshape(p.shape) if isinstance(arg, ActiveArray) else p for arg, p in zip(args, plain, strict=True)
    )


composite(np.ix_, _ix, exact=True)


# Windows


def _window_directions(x_dot, window_shape, axis=None, *, subok=False, writeable=False):
    return sliding_window_view(x_dot, window_shape, axes_from_end(axis, x_dot), writeable=writeable)


linear(
    sliding_window_view, transpose_of_selection(sliding_window_view), batched=_window_directions, view=True, moves=True
)


# By condition. A condition that is active counts by its value alone.


def _compress(condition, a, axis=None, out=None):
    a = as_array(a)
    numbers = np.arange(a.size if axis is None else a.shape[axis])
    return np.take(a, np.compress(np.not_equal(condition, 0), numbers), axis)


def _extract(condition, arr):
    return np.take(np.ravel(as_array(arr)), np.flatnonzero(primal_all(condition)))


composite(np.compress, _compress, exact=True)
composite(np.extract, _extract, exact=True)


def _where(condition, *branches):
    out = np.where(condition, *branches)

    def push(_, *branches_dot):
        given = next((i for i, b_dot in enumerate(branches_dot) if b_dot is not None), None)
        if given is None:
            return None
        if branches_dot[given].ndim > np.ndim(branches[given]):
            branches_dot = [b_dot if b_dot is None else aligned(b_dot, out.ndim) for b_dot in branches_dot]
        return np.where(condition, *(0.0 if b_dot is None else b_dot for b_dot in branches_dot))

    return out, push


nonlinear(
    np.where,
    _where,
    positions=(0, 1, 2),
    batched=True,
    pointwise=True,
    transposes={
        1: lambda out_bar, condition, x, y: unbroadcast(np.where(condition, out_bar, 0.0), as_array(x)),
        2: lambda out_bar, condition, x, y: unbroadcast(np.where(condition, 0.0, out_bar), as_array(y)),
    },
)


def _choose(a, choices, out=None, mode="raise"):
    chosen = np.choose(a, choices, None, mode)

    def push(choices_dot):
        is_list = isinstance(choices_dot, list)
        sample, sample_dot = (choices[0], choices_dot[0]) if is_list else (choices, choices_dot)
        if sample_dot.ndim > np.ndim(sample):
            parts = choices_dot if is_list else np.swapaxes(choices_dot, 0, 1)
            choices_dot = [aligned(part, chosen.ndim) for part in parts]
        return np.choose(a, list(choices_dot), None, mode)

    return chosen, push


def _choose_transpose(out_bar, a, choices, out=None, mode="raise"):
    chosen = np.take(np.arange(len(choices)), a, mode=mode)
    pieces = [unbroadcast(np.where(chosen == i, out_bar, 0.0), as_array(c)) for i, c in enumerate(choices)]
    return pieces if isinstance(choices, (list, tuple)) else np.stack(pieces)


nonlinear(np.choose, _choose, positions=(1,), batched=True, transposes={1: _choose_transpose}, nesting=1)


def _select(condlist, choicelist, default=0):
    result = as_array(default)
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        result = np.where(condition, as_array(choice), result)
    return result


def _piecewise(x, condlist, funclist, *args, **kw):
    # NumPy distributes the numbers of the elements among functions that only remember them.
    x = as_array(x)
    conditions = [primal_all(c) for c in condlist] if isinstance(condlist, (list, tuple)) else primal_all(condlist)
    places = {}
    remember = [lambda numbers, i=i: places.setdefault(i, numbers) for i in range(len(funclist))]
    np.piecewise(np.arange(x.size).reshape(x.shape), conditions, remember)
    flat = np.ravel(x)
    y = np.zeros_like(flat)
    for i, numbers in sorted(places.items()):
        function = funclist[i]
        y[numbers] = function(flat[numbers], *args, **kw) if callable(function) else function
    out = np.zeros_like(x)  # which has the order in memory that NumPy's result has
    out[...] = y.reshape(x.shape)
    return out


composite(np.select, _select)
composite(np.piecewise, _piecewise, exact=True)


# In place


def _store(name, target, values, apply):
    """Update a target in place; ``apply(target, values)`` is the function with all its other arguments."""
    if isinstance(target, ActiveArray):
        values = as_array(values)
        apply(primal_all(target).copy(), primal_all(values))  # which knows what is wrong with bad arguments
        source = np.full(target.shape, -1)
        apply(source, np.arange(values.size).reshape(values.shape))
        changed = source >= 0
        target[changed] = np.ravel(values)[source[changed]]
    elif not contains_active(values):
        apply(target, values)
    elif holds_objects(target):
        apply(target, np.asarray(values, object))
    else:
        raise DerivativeLostError(
            f"{name} would store a Dual in a plain array and lose its derivative. Allocate that array with "
            "np.zeros_like(x) or np.zeros(shape, like=x), where x is a Dual."
        )


def _copyto(dst, src, casting="same_kind", where=True):
    _store("np.copyto", dst, src, lambda a, v: np.copyto(a, v, casting, primal_all(where)))


def _put(a, ind, v, mode="raise"):
    _store("np.put", a, v, lambda a, v: np.put(a, primal_all(ind), v, mode))


def _put_along_axis(arr, indices, values, axis):
    _store("np.put_along_axis", arr, values, lambda a, v: np.put_along_axis(a, primal_all(indices), v, axis))


def _place(arr, mask, vals):
    _store("np.place", arr, vals, lambda a, v: np.place(a, primal_all(mask), v))


def _putmask(a, mask, values):
    _store("np.putmask", a, values, lambda a, v: np.putmask(a, primal_all(mask), v))


def _fill_diagonal(a, val, wrap=False):
    _store("np.fill_diagonal", a, val, lambda a, v: np.fill_diagonal(a, v, wrap))


composite(np.copyto, _copyto, in_place=True)
composite(np.put, _put, in_place=True)
composite(np.put_along_axis, _put_along_axis, in_place=True)
composite(np.place, _place, in_place=True)
composite(np.putmask, _putmask, in_place=True)
composite(np.fill_diagonal, _fill_diagonal, in_place=True)
