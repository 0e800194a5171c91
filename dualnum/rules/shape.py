"""Rows of functions that give an array another shape or order.

The batched form of a function whose result is a view is a view as well, so that value and tangent alias alike.
"""

from __future__ import annotations

import math

import numpy as np

from dualnum.batching import aligned, axes_from_end, from_end
from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.primitives import scatter
from dualnum.rules.products import unbroadcast
from dualnum.table import composite, linear

__all__ = ["as_array", "as_shape", "flat_directions", "transpose_of_selection"]


def as_array(x):
    """Array or active array of an argument that may be a list or a number."""
    x = as_operand(x)
    return np.asarray(x) if isinstance(x, (np.generic, int, float, complex)) else x


def flat_directions(tangent):
    """Flatten each direction."""
    return tangent.reshape(tangent.shape[0], math.prod(tangent.shape[1:]))


def transpose_of_selection(function, position=0):
    """Make the transpose of a function that only picks elements: it adds up cotangents where the elements came from."""

    def transpose(out_bar, *args, **kwargs):
        shape = np.shape(args[position])
        size = math.prod(shape)
        numbers = np.arange(size).reshape(shape)
        source = function(*args[:position], numbers, *args[position + 1 :], **kwargs)
        if isinstance(out_bar, (tuple, list)):
            source = np.concatenate([np.ravel(part) for part in source])
            out_bar = np.concatenate([np.ravel(part) for part in out_bar])
        return np.reshape(scatter(np.ravel(out_bar), (np.ravel(source),), (size,)), shape)

    return transpose


def _same_shape_as_argument(out_bar, a, *args, **kwargs):
    return np.reshape(out_bar, np.shape(a))


# Reshaping


def as_shape(shape):
    """Give a shape argument, which may be one number, as a tuple."""
    return tuple(shape) if np.iterable(shape) else (shape,)


def _settled(a, order):
    """Array and order ("C" or "F") that mean the same as an order that depends on how the value lies in memory."""
    order = order.upper()
    if order == "A":
        return a, "F" if a.flags.fnc else "C"
    if order == "K":
        # Elements are read in the order in which they lie in memory, but never backwards.
        strides = primal_all(a).strides
        axes = sorted(range(a.ndim), key=lambda axis: -abs(strides[axis]))
        return np.transpose(a, axes), "C"
    return a, order


def _settle_reshape(a, *args, **kwargs):
    order = args[1] if len(args) > 1 else kwargs.get("order", "C")
    if order in ("C", "F"):
        return (a, *args), kwargs
    a, order = _settled(a, order)
    return (a, *args[:1]), {**kwargs, "order": order}


def _settle_ravel(a, order="C"):
    return ((a,) if order == "C" else _settled(a, order)), {}


def _reshape_directions(a_dot, shape=None, order="C", *, newshape=None, copy=None):
    k, shape = a_dot.shape[0], as_shape(newshape if shape is None else shape)  # until NumPy 2.3 it had both names
    if -1 in shape:
        known = -math.prod(shape)
        missing = math.prod(a_dot.shape[1:]) // known if known else 0
        shape = tuple(missing if n == -1 else n for n in shape)
    if order == "F":
        # The first axis would vary fastest; at the end, directions are what varies slowest.
        return np.moveaxis(np.reshape(np.moveaxis(a_dot, 0, -1), (*shape, k), order="F"), -1, 0)
    return a_dot.reshape(k, *shape)


def _reshape_transpose(out_bar, a, shape=None, order="C", **kwargs):
    return np.reshape(out_bar, np.shape(a), order=order)


def _ravel_directions(a_dot, order="C"):
    return flat_directions(a_dot) if order == "C" else _reshape_directions(a_dot, -1, order)


linear(np.reshape, _reshape_transpose, batched=_reshape_directions, view=True, settle=_settle_reshape, moves=True)
linear(
    np.ravel,
    lambda out_bar, a, order="C": np.reshape(out_bar, np.shape(a), order=order),
    batched=_ravel_directions,
    view=True,
    settle=_settle_ravel,
    moves=True,
)


def _squeeze_directions(a_dot, axis=None):
    if axis is None:
        return np.squeeze(a_dot, tuple(i for i, n in enumerate(a_dot.shape) if i and n == 1))
    return np.squeeze(a_dot, axes_from_end(axis, a_dot))


def _expand_directions(a_dot, axis):
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return np.expand_dims(a_dot, from_end(axes, a_dot.ndim - 1 + len(axes)))


linear(np.squeeze, _same_shape_as_argument, batched=_squeeze_directions, view=True, moves=True)
linear(np.expand_dims, _same_shape_as_argument, batched=_expand_directions, view=True, moves=True)


def _at_least(ndim, promoted):
    """Body of ``atleast_1d`` and its like: what has enough axes is returned itself."""

    def body(*arys):
        results = tuple(a if np.ndim(a) >= ndim else promoted(a) for a in map(as_array, arys))
        return results[0] if len(results) == 1 else results

    return body


composite(np.atleast_1d, _at_least(1, lambda a: a.reshape(1)), exact=True)
composite(np.atleast_2d, _at_least(2, lambda a: a.reshape(1, a.size)), exact=True)
composite(
    np.atleast_3d, _at_least(3, lambda a: a.reshape((*a.shape, 1) if a.ndim == 2 else (1, a.size, 1))), exact=True
)


# Broadcasting


def _broadcast_directions(array_dot, shape, subok=False):
    shape = as_shape(shape)
    return np.broadcast_to(aligned(array_dot, len(shape)), (array_dot.shape[0], *shape))


linear(
    np.broadcast_to,
    lambda out_bar, array, shape, subok=False: unbroadcast(out_bar, array),
    batched=_broadcast_directions,
    view=True,
    moves=True,
)


def _broadcast_arrays(*args, subok=False):
    arrays = [as_array(arg) for arg in args]
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return tuple(a if a.shape == shape and shape else np.broadcast_to(a, shape) for a in arrays)


composite(np.broadcast_arrays, _broadcast_arrays, exact=True)


# Order of the axes


def _transpose_directions(a_dot, axes=None):
    if axes is None:
        return a_dot.transpose(0, *range(a_dot.ndim - 1, 0, -1))
    return a_dot.transpose(0, *axes_from_end(as_shape(axes), a_dot))


def _transpose_transpose(out_bar, a, axes=None):
    return np.transpose(out_bar, None if axes is None else np.argsort(from_end(as_shape(axes), out_bar.ndim)))


def _swapaxes_directions(a_dot, axis1, axis2):
    return np.swapaxes(a_dot, axes_from_end(axis1, a_dot), axes_from_end(axis2, a_dot))


def _moveaxis_directions(a_dot, source, destination):
    return np.moveaxis(a_dot, axes_from_end(source, a_dot), axes_from_end(destination, a_dot))


def _rollaxis_directions(a_dot, axis, start=0):
    start = start + a_dot.ndim - 1 if start < 0 else start
    return np.rollaxis(a_dot, axes_from_end(axis, a_dot), start + 1)


linear(np.transpose, _transpose_transpose, batched=_transpose_directions, view=True, moves=True)
linear(
    np.swapaxes,
    lambda out_bar, a, axis1, axis2: np.swapaxes(out_bar, axis1, axis2),
    batched=_swapaxes_directions,
    view=True,
    moves=True,
)
linear(
    np.moveaxis,
    lambda out_bar, a, source, destination: np.moveaxis(out_bar, destination, source),
    batched=_moveaxis_directions,
    view=True,
    moves=True,
)
linear(np.rollaxis, transpose_of_selection(np.rollaxis), batched=_rollaxis_directions, view=True, moves=True)
for _function in (np.matrix_transpose, np.linalg.matrix_transpose):
    linear(
        _function, lambda out_bar, x: np.matrix_transpose(out_bar), batched=np.matrix_transpose, view=True, moves=True
    )


# Order of the elements


def _flip_directions(m_dot, axis=None):
    return np.flip(m_dot, axes_from_end(axis, m_dot))


def _rot90_directions(m_dot, k=1, axes=(0, 1)):
    return np.rot90(m_dot, k, axes_from_end(tuple(axes), m_dot))


def _roll_directions(a_dot, shift, axis=None):
    if axis is None:
        return np.roll(flat_directions(a_dot), shift, 1).reshape(a_dot.shape)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return np.roll(a_dot, shift, tuple(axes_from_end(i, a_dot) for i in axes))


linear(np.flip, lambda out_bar, m, axis=None: np.flip(out_bar, axis), batched=_flip_directions, view=True, moves=True)
linear(
    np.flipud, lambda out_bar, m: np.flip(out_bar, 0), batched=lambda m_dot: np.flip(m_dot, 1), view=True, moves=True
)
linear(
    np.fliplr, lambda out_bar, m: np.flip(out_bar, 1), batched=lambda m_dot: np.flip(m_dot, 2), view=True, moves=True
)
linear(
    np.rot90,
    lambda out_bar, m, k=1, axes=(0, 1): np.rot90(out_bar, -k, axes),
    batched=_rot90_directions,
    view=True,
    moves=True,
)
linear(
    np.roll,
    lambda out_bar, a, shift, axis=None: np.roll(out_bar, np.negative(shift), axis),
    batched=_roll_directions,
    moves=True,
)


# Repetition


def _tile_plan(shape, reps):
    """Shape and repetitions, both with as many axes as the result of ``tile``."""
    reps = as_shape(reps)
    ndim = max(len(shape), len(reps))
    return (1,) * (ndim - len(shape)) + shape, (1,) * (ndim - len(reps)) + reps


def _tile_directions(A_dot, reps):
    shape, reps = _tile_plan(A_dot.shape[1:], reps)
    return np.tile(A_dot.reshape(A_dot.shape[0], *shape), (1, *reps))


def _tile_transpose(out_bar, A, reps):
    shape, reps = _tile_plan(np.shape(A), reps)
    blocks = [n for pair in zip(reps, shape, strict=True) for n in pair]
    return np.reshape(np.sum(np.reshape(out_bar, blocks), tuple(range(0, len(blocks), 2))), np.shape(A))


def _repeat_directions(a_dot, repeats, axis=None):
    if axis is None or a_dot.ndim == 1:
        return np.repeat(flat_directions(a_dot), repeats, 1)
    return np.repeat(a_dot, repeats, axes_from_end(axis, a_dot))


def _resize_directions(a_dot, new_shape):
    new_shape = as_shape(new_shape)
    flat = flat_directions(a_dot)
    k, size = flat.shape
    if not size:
        return np.zeros_like(a_dot, shape=(k, *new_shape))
    return np.take(flat, np.arange(math.prod(new_shape)) % size, 1).reshape(k, *new_shape)


def _resize_transpose(out_bar, a, new_shape):
    return transpose_of_selection(np.resize)(out_bar, a, new_shape) if np.size(a) else np.zeros_like(a)


linear(np.tile, _tile_transpose, batched=_tile_directions, moves=True)
linear(np.repeat, transpose_of_selection(np.repeat), batched=_repeat_directions, moves=True)
linear(np.resize, _resize_transpose, batched=_resize_directions, moves=True)
