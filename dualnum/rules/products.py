"""Rows of contractions: matmul and its relatives, dot, inner, tensordot, vdot.

All are linear in each operand. Pushes are written for tangents with directions, and arranged so that they are one call
of BLAS where they can be, with the directions as rows of a matrix, and so that the result is contiguous, directions
first.

The transpose of ``a -> a @ b`` is ``g -> g @ b^H``, by <u, v> = Re sum(conj(u) v) (Giles, An extended collection of
matrix derivative results for forward and reverse mode algorithmic differentiation, 2008, section 2).
"""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualnum.batching import aligned
from dualnum.packing import as_operand
from dualnum.table import linear

__all__ = [
    "adjoint",
    "bilinear",
    "conj",
    "fitted",
    "matmul_first",
    "product",
    "pull_in_layout",
    "push_in_layout",
    "rows_of",
    "unbroadcast",
]


def conj(x):
    """Complex conjugate, without a copy of what is real."""
    return np.conj(x) if x.dtype.kind == "c" else x


def adjoint(x):
    """Conjugate transpose of matrices."""
    return conj(x).mT


def product(*factors):
    """Product of matrices, from the left."""
    return reduce(np.matmul, factors)


def fitted(x_bar, x):
    """Give a cotangent the shape of its argument, and of a real argument the real part."""
    if x_bar.dtype.kind == "c" and x.dtype.kind != "c":
        x_bar = np.real(x_bar)
    return x_bar if x_bar.shape == x.shape else x_bar.reshape(x.shape)


def unbroadcast(x_bar, x):
    """Transpose of broadcasting `x`: sum over the axes along which it was stretched."""
    missing = x_bar.ndim - x.ndim
    stretched = tuple(i for i, n in enumerate(x_bar.shape) if i < missing or (n != 1 and x.shape[i - missing] == 1))
    return fitted(np.sum(x_bar, axis=stretched, keepdims=True) if stretched else x_bar, x)


def bilinear(function, push_first, push_second, pull_first, pull_second, free=None):
    """Register a product of two operands; the rules get arrays, where the user may have given lists or numbers."""

    def push_of(rule):
        return lambda a, b, *args, **kwargs: rule(as_operand(a), as_operand(b), *args, **kwargs)

    def pull_of(rule):
        return lambda out_bar, a, b, *args, **kwargs: rule(out_bar, as_operand(a), as_operand(b), *args, **kwargs)

    pushes = {0: push_of(push_first), 1: push_of(push_second)}
    linear(function, pull_of(pull_first), pull_of(pull_second), batched=pushes, free=free)


# Matrices


def matmul_first(a, b):
    """``a @ b``, where `a` is a tangent with directions."""
    if b.ndim > 2:
        if a.ndim == 2:
            return np.moveaxis(np.matmul(a, b), -2, 0).copy()
        return np.matmul(aligned(a, b.ndim), b)
    if b.ndim == 2 and a.ndim > 2 and a.shape[-2] == 1:
        return np.matmul(a[..., 0, :], b)[..., None, :]
    return np.matmul(a, b)


def matmul_second(a, b):
    """``a @ b``, where `b` is a tangent with directions."""
    if b.ndim == 2:
        return np.matmul(b, a.T) if a.ndim <= 2 else np.tensordot(b, a, (-1, -1))
    if a.ndim == 2 and b.shape[-1] == 1:
        return np.matmul(b[..., 0], a.T)[..., None]
    return np.matmul(a, aligned(b, a.ndim))


def _matrices(out_bar, a, b):
    """Make matrices of vectors, as matmul does."""
    if b.ndim == 1:
        b, out_bar = b[:, None], np.expand_dims(out_bar, -1)
    if a.ndim == 1:
        a, out_bar = a[None, :], np.expand_dims(out_bar, -2)
    return out_bar, a, b


def _matmul_pull_first(out_bar, a, b):
    if a.ndim <= 2 and b.ndim == 1:
        return fitted((out_bar[..., None] if a.ndim == 2 else out_bar) * conj(b), a)
    if a.ndim <= 2 and b.ndim == 2:
        return fitted(np.matmul(out_bar, adjoint(b)), a)
    out_bar, matrix, b = _matrices(out_bar, a, b)
    return fitted(unbroadcast(np.matmul(out_bar, adjoint(b)), matrix), a)


def _matmul_pull_second(out_bar, a, b):
    if a.ndim == 1 and b.ndim <= 2:
        return fitted((conj(a)[:, None] if b.ndim == 2 else conj(a)) * out_bar, b)
    if a.ndim == 2 and b.ndim <= 2:
        return fitted(np.matmul(adjoint(a), out_bar), b)
    out_bar, a, matrix = _matrices(out_bar, a, b)
    return fitted(unbroadcast(np.matmul(adjoint(a), out_bar), matrix), b)


# vecdot and vecmat conjugate their first operand, in which they are linear over the reals only.


def _vecdot_push_first(a, b):
    return np.vecdot(aligned(a, b.ndim), b)


def _vecdot_push_second(a, b):
    return np.vecdot(a, aligned(b, a.ndim))


def _vecdot_pull_first(out_bar, a, b):
    return unbroadcast(np.expand_dims(conj(out_bar), -1) * b, a)


def _vecdot_pull_second(out_bar, a, b):
    return unbroadcast(np.expand_dims(out_bar, -1) * a, b)


def _matvec_push_first(a, b):
    return matmul_first(a, b[..., None])[..., 0]


def _matvec_push_second(a, b):
    return matmul_second(a, b[..., None])[..., 0]


def _matvec_pull_first(out_bar, a, b):
    return _matmul_pull_first(out_bar[..., None], a, b[..., None])


def _matvec_pull_second(out_bar, a, b):
    return _matmul_pull_second(out_bar[..., None], a, b[..., None])[..., 0]


def _vecmat_push_first(a, b):
    return matmul_first(conj(a)[..., None, :], b)[..., 0, :]


def _vecmat_push_second(a, b):
    return matmul_second(conj(a)[..., None, :], b)[..., 0, :]


def _vecmat_pull_first(out_bar, a, b):
    return conj(_matmul_pull_first(out_bar[..., None, :], a[..., None, :], b)[..., 0, :])


def _vecmat_pull_second(out_bar, a, b):
    return _matmul_pull_second(out_bar[..., None, :], conj(a)[..., None, :], b)


# Layouts: rules are written for core axes at the end; operands are brought into that layout, the result out of it.


def _to_last(x, axes, has_directions):
    """Move core axes to the end; None means that they are there already."""
    if axes is None:
        return x
    ndim = x.ndim - has_directions
    return np.moveaxis(x, [normalize_axis_index(i, ndim) - ndim for i in axes], range(-len(axes), 0))


def _from_last(x, axes, has_directions):
    """Undo `_to_last`."""
    if axes is None:
        return x
    ndim = x.ndim - has_directions
    return np.moveaxis(x, range(-len(axes), 0), [normalize_axis_index(i, ndim) - ndim for i in axes])


def push_in_layout(rule, position, layout, a, b):
    first, second, last = layout
    return _from_last(rule(_to_last(a, first, position == 0), _to_last(b, second, position == 1)), last, True)


def pull_in_layout(rule, position, layout, out_bar, a, b):
    first, second, last = layout
    x_bar = rule(_to_last(out_bar, last, False), _to_last(a, first, False), _to_last(b, second, False))
    return _from_last(x_bar, layout[position], False)


def _layout(axes, axis, keepdims):
    """Core axes of both operands and of the result, from the keywords of a generalised ufunc."""
    if axis is not None:
        axes = [axis, axis]
    if axes is None:
        return None, None, (-1,) if keepdims else None
    layout = [(entry,) if np.ndim(entry) == 0 else tuple(entry) for entry in axes]
    if len(layout) == 2:
        layout.append(layout[0] if keepdims else ())
    return layout


def _gufunc(ufunc, push_first, push_second, pull_first, pull_second, free=None):
    """Register a generalised ufunc by rules for core axes at the end."""

    def push_of(rule, position):
        def push(a, b, *, axes=None, axis=None, keepdims=False, **kwargs):
            if axes is None and axis is None and not keepdims:
                return rule(a, b)

            def kept(a, b):
                return rule(a, b)[..., None] if keepdims else rule(a, b)

            return push_in_layout(kept, position, _layout(axes, axis, keepdims), a, b)

        return push

    def pull_of(rule, position):
        def pull(out_bar, a, b, *, axes=None, axis=None, keepdims=False, **kwargs):
            def kept(out_bar, a, b):
                return rule(out_bar[..., 0] if keepdims else out_bar, a, b)

            return pull_in_layout(kept, position, _layout(axes, axis, keepdims), out_bar, a, b)

        return pull

    pulls = pull_of(pull_first, 0), pull_of(pull_second, 1)
    bilinear(ufunc, push_of(push_first, 0), push_of(push_second, 1), *pulls, free)


_MATMUL = (matmul_first, matmul_second, _matmul_pull_first, _matmul_pull_second, {0: -2, 1: -1})
_VECDOT = (_vecdot_push_first, _vecdot_push_second, _vecdot_pull_first, _vecdot_pull_second)
_gufunc(np.matmul, *_MATMUL)
_gufunc(np.vecdot, *_VECDOT)
bilinear(np.linalg.matmul, *_MATMUL)
_gufunc(np.linalg.vecdot, *_VECDOT)
if hasattr(np, "matvec"):  # NumPy 2.2
    _gufunc(np.matvec, _matvec_push_first, _matvec_push_second, _matvec_pull_first, _matvec_pull_second)
    _gufunc(np.vecmat, _vecmat_push_first, _vecmat_push_second, _vecmat_pull_first, _vecmat_pull_second)


# tensordot, and dot and inner, which are special cases of it


def _pairs(a_ndim, b_ndim, axes):
    """Axes of tensordot, as two lists counted from the end."""
    if np.ndim(axes) == 0:
        return list(range(-axes, 0)), list(range(-b_ndim, axes - b_ndim))
    first, second = ([pair] if np.ndim(pair) == 0 else pair for pair in axes)
    return (
        [normalize_axis_index(i, a_ndim) - a_ndim for i in first],
        [normalize_axis_index(i, b_ndim) - b_ndim for i in second],
    )


def _free(ndim, contracted):
    return [i for i in range(-ndim, 0) if i not in contracted]


def _tensordot_push_first(a, b, axes=2):
    return np.tensordot(a, b, _pairs(a.ndim - 1, b.ndim, axes))


def _tensordot_push_second(a, b, axes=2):
    first, second = _pairs(a.ndim, b.ndim - 1, axes)
    if b.ndim - 1 == len(second):
        return np.tensordot(b, a, (second, first))
    out = np.tensordot(a, b, (first, second))
    free = a.ndim - len(first)
    return np.moveaxis(out, free, 0).copy() if free else out


def _tensordot_pull_first(out_bar, a, b, axes=2):
    first, second = _pairs(a.ndim, b.ndim, axes)
    free = _free(b.ndim, second)
    a_bar = np.tensordot(out_bar, conj(b), (range(-len(free), 0), free))
    order = _free(a.ndim, first) + [i for _, i in sorted(zip(second, first, strict=True))]
    return fitted(np.transpose(a_bar, np.argsort(order)), a)


def _tensordot_pull_second(out_bar, a, b, axes=2):
    first, second = _pairs(a.ndim, b.ndim, axes)
    free = _free(a.ndim, first)
    b_bar = np.tensordot(conj(a), out_bar, (free, range(len(free))))
    order = [i for _, i in sorted(zip(first, second, strict=True))] + _free(b.ndim, second)
    return fitted(np.transpose(b_bar, np.argsort(order)), b)


_TENSORDOT = (_tensordot_push_first, _tensordot_push_second, _tensordot_pull_first, _tensordot_pull_second)
bilinear(np.tensordot, *_TENSORDOT)
bilinear(np.linalg.tensordot, *_TENSORDOT)


def _dot_push_first(a, b):
    if a.ndim == 1 or b.ndim == 0:
        return a.reshape(a.shape + (1,) * b.ndim) * b
    return matmul_first(a, b) if b.ndim <= 2 else np.tensordot(a, b, (-1, -2))


def _dot_push_second(a, b):
    if a.ndim == 0 or b.ndim == 1:
        return a * b.reshape(b.shape + (1,) * a.ndim)
    if a.ndim <= 2 and b.ndim <= 3:
        return matmul_second(a, b)
    return _tensordot_push_second(a, b, (-1, -1 if b.ndim == 2 else -2))


def _inner_push_first(a, b):
    if a.ndim == 1 or b.ndim == 0:
        return a.reshape(a.shape + (1,) * b.ndim) * b
    return matmul_first(a, b.T) if b.ndim <= 2 else np.tensordot(a, b, (-1, -1))


def _inner_push_second(a, b):
    if a.ndim == 0 or b.ndim == 1:
        return a * b.reshape(b.shape + (1,) * a.ndim)
    return matmul_second(a, b) if b.ndim == 2 else _tensordot_push_second(a, b, (-1, -1))


def _contraction_pulls(second_axis):
    """Pulls of dot and inner, given the axis of the second operand that is summed over."""

    def pull(rule, position):
        def pull_operand(out_bar, a, b):
            if a.ndim and b.ndim and a.ndim + b.ndim > 2:
                return rule(out_bar, a, b, (-1, second_axis(b)))
            factor, x = (b, a) if position == 0 else (a, b)
            return unbroadcast(out_bar * conj(factor), x)

        return pull_operand

    return pull(_tensordot_pull_first, 0), pull(_tensordot_pull_second, 1)


bilinear(np.dot, _dot_push_first, _dot_push_second, *_contraction_pulls(lambda b: -2 if b.ndim > 1 else -1))
bilinear(np.inner, _inner_push_first, _inner_push_second, *_contraction_pulls(lambda b: -1))


# vdot: flattened, with the first operand conjugated


def rows_of(tangent):
    """Shape of a tangent as a matrix with one row per direction."""
    return tangent.shape[0], math.prod(tangent.shape[1:])


def _vdot_push_first(a, b):
    return np.matmul(conj(a).reshape(rows_of(a)), b.ravel())


def _vdot_push_second(a, b):
    return np.matmul(b.reshape(rows_of(b)), conj(a).ravel())


def _vdot_pull_first(out_bar, a, b):
    return fitted(conj(out_bar) * b.ravel(), a)


def _vdot_pull_second(out_bar, a, b):
    return fitted(out_bar * a.ravel(), b)


bilinear(np.vdot, _vdot_push_first, _vdot_push_second, _vdot_pull_first, _vdot_pull_second)
