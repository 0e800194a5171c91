"""Rows of functions that give an array another shape, order or dtype.

The batched form of a function whose result is a view is a view as well, so that value and tangent alias alike.
"""

from __future__ import annotations

import math

import numpy as np

from dualnum.batching import aligned, axes_from_end, from_end
from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.errors import DerivativeLostError
from dualnum.packing import as_operand
from dualnum.primitives import scatter
from dualnum.rules.products import unbroadcast
from dualnum.table import composite, linear, nonlinear

__all__ = ["as_array", "as_shape", "flat_directions", "transpose_of_selection", "without_imaginary"]


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


# Copies and dtypes


def _as_dtype_of(out_bar, x):
    return (out_bar if x.dtype.kind == "c" else np.real(out_bar)).astype(x.dtype)


def _astype(x, dtype, /, *, copy=True, device=None):
    kind = np.dtype(dtype).kind
    if kind not in "biufc":
        raise DerivativeLostError(
            f"np.astype(x, {dtype!r}) would lose the derivative of x. Use np.astype(primal(x), {dtype!r})."
        )

    def push(x_dot):
        if kind in "biu":
            return None
        return (np.real(x_dot) if kind == "f" else x_dot).astype(dtype, copy=copy)

    return x.astype(dtype, copy=copy), push


def without_imaginary(x):
    """Real part of the tangent of something that is real, as NumPy has found out by looking at its values.

    A function with a row of its own, so that tangents of tangents are looked at too.
    """
    if isinstance(x, ActiveArray):
        return apply_function(without_imaginary, (x,), {})
    parts = np.abs(x.imag)
    if np.any(parts > math.sqrt(np.finfo(parts.dtype).eps) * np.max(np.abs(x), initial=0)):
        raise DerivativeLostError(
            "A result is real, and NumPy has made it so, but in this direction it would become complex: the imaginary part "
            "of its derivative would get lost. Keep it complex (np.real_if_close and np.poly look at the values alone)."
        )
    return x.real.copy()


def _real_if_close(a, tol=100):
    out = np.real_if_close(a, tol)
    return out, lambda a_dot: a_dot if out.dtype.kind == a.dtype.kind else without_imaginary(a_dot)


linear(
    np.copy,
    lambda out_bar, a, order="K", subok=False: out_bar,
    batched=lambda a_dot, order="K", subok=False: np.copy(a_dot),
    moves=True,
)
nonlinear(
    np.astype,
    _astype,
    batched=True,
    pointwise=True,
    transposes={0: lambda out_bar, x, *_, **kwargs: _as_dtype_of(out_bar, x)},
)
nonlinear(np.real_if_close, _real_if_close, batched=True)
linear(without_imaginary, lambda out_bar, x: _as_dtype_of(out_bar, x), batched=without_imaginary)
linear(np.real, lambda out_bar, val: _as_dtype_of(out_bar, val), batched=np.real, view=True, moves=True)  # if real
linear(np.imag, lambda out_bar, val: _as_dtype_of(np.multiply(1j, out_bar), val), batched=np.imag, view=True)


# Diagonals and triangles


def _diagonal_directions(a_dot, offset=0, axis1=0, axis2=1):
    return np.diagonal(a_dot, offset, axes_from_end(axis1, a_dot), axes_from_end(axis2, a_dot))


def _diag_directions(v_dot, k=0):
    if v_dot.ndim == 3:
        return np.diagonal(v_dot, k, 1, 2)
    directions, n = v_dot.shape
    size = n + abs(k)
    out = np.zeros_like(v_dot, shape=(directions, size, size))
    out[:, np.arange(n) + max(-k, 0), np.arange(n) + max(k, 0)] = v_dot
    return out


def _diag_transpose(out_bar, v, k=0):
    return np.diagonal(out_bar, k) if np.ndim(v) == 1 else transpose_of_selection(np.diag)(out_bar, v, k)


def _diagflat_transpose(out_bar, v, k=0):
    return np.reshape(np.diagonal(out_bar, k), np.shape(v))


def _triangle(function):
    """Register ``tril`` or ``triu``, which make a matrix of a vector by repeating it as a row."""

    def of_directions(m_dot, k=0):
        if m_dot.ndim > 2:
            return function(m_dot, k)
        directions, n = m_dot.shape
        return function(np.broadcast_to(np.expand_dims(m_dot, 1), (directions, n, n)), k)

    linear(function, lambda out_bar, m, k=0: unbroadcast(function(out_bar, k), m), batched=of_directions, moves=True)


def _trace_directions(a_dot, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    return np.trace(a_dot, offset, axes_from_end(axis1, a_dot), axes_from_end(axis2, a_dot), dtype)


def _trace_transpose(out_bar, a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    diagonal = np.diagonal(np.broadcast_to(0, np.shape(a)), offset, axis1, axis2)
    spread = np.broadcast_to(np.expand_dims(out_bar, -1), diagonal.shape)
    return transpose_of_selection(np.diagonal)(spread, a, offset, axis1, axis2)


linear(np.diagonal, transpose_of_selection(np.diagonal), batched=_diagonal_directions, view=True, moves=True)
linear(
    np.linalg.diagonal, transpose_of_selection(np.linalg.diagonal), batched=np.linalg.diagonal, view=True, moves=True
)
linear(np.diag, _diag_transpose, batched=_diag_directions, view=True, moves=True)
linear(
    np.diagflat, _diagflat_transpose, batched=lambda v_dot, k=0: _diag_directions(flat_directions(v_dot), k), moves=True
)
_triangle(np.tril)
_triangle(np.triu)
linear(np.trace, _trace_transpose, batched=_trace_directions)
linear(
    np.linalg.trace,
    lambda out_bar, x, /, *, offset=0, dtype=None: _trace_transpose(out_bar, x, offset, -2, -1),
    batched=np.linalg.trace,
)
