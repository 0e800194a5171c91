"""Rows of norms, and of the condition number, which is made of them.

A norm is linearised by its gradient g: the tangent is Re sum(conj(g) x_dot). At kinks g is the subgradient of least
norm: 0 at 0, and the average over ties (equal columns in a 1-norm, equal singular values in a 2-norm).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import primal_all
from dualnum.table import composite, nonlinear

_FROBENIUS = (None, "f", "fro")


def _phases(x):
    """``x / abs(x)``, and 0 at 0."""
    if x.dtype.kind != "c":
        return np.sign(x)
    zero = primal_all(x) == 0
    return np.where(zero, 0, x) / np.where(zero, 1, np.abs(x))


def _shares(ties):
    """Divide 1 among those that are extreme."""
    return ties / np.maximum(np.sum(ties, axis=-1, keepdims=True), 1)


# Norms of vectors along the last axis


@cache
def _safe_range(dtype):
    """Norms in this range have been computed without loss: their squares are normal numbers."""
    info = np.finfo(dtype)
    return math.sqrt(info.tiny) / info.eps, math.sqrt(info.max)


def _euclidean_gradient(x, norms):
    low, high = _safe_range(norms.dtype)
    if ((norms > low) & (norms < high)).all():
        return x / norms
    scale = np.max(np.abs(primal_all(x)), axis=-1, keepdims=True, initial=0)
    zero = scale == 0
    scaled = np.where(zero, 1, x) / np.where(zero, 1, scale)
    lengths = np.sqrt(np.sum(np.square(np.abs(scaled)), axis=-1, keepdims=True))
    return np.where(zero, 0, scaled / lengths)


def _power_gradient(x, p):
    sizes = np.abs(x)
    plain = primal_all(sizes)
    # Scaled by the element that dominates, the powers do not overflow and their sum is at least 1.
    scale = (np.max if p > 0 else np.min)(plain, axis=-1, keepdims=True)
    kink = scale == 0
    ratios = np.where(kink, 1, sizes) / np.where(kink, 1, scale)
    weights = np.where(kink | (plain == 0), 0, ratios ** (p - 1))
    return _phases(x) * weights * np.sum(ratios**p, axis=-1, keepdims=True) ** (1 / p - 1)


def _vector_gradient(x, norms, p):
    """Gradient of the p-norm; `norms` are its values, with an axis of length 1 for that of the vectors."""
    if p == 2 or not x.size:
        return _euclidean_gradient(x, norms)
    if p == 0:
        return np.zeros_like(x)
    if p == 1:
        return _phases(x)
    if abs(p) == math.inf:
        return _phases(x) * _shares(primal_all(np.abs(x)) == primal_all(norms))
    return _power_gradient(x, p)


# Norms of matrices along the last two axes


def _matrix_gradient(x, kind):
    if kind in (2, -2, "nuc"):
        u, s, vh = np.linalg.svd(x, full_matrices=False)
        plain = primal_all(s)
        rounding = max(x.shape[-2:]) * np.finfo(s.dtype).eps
        if kind == 2:
            weights = _shares(plain >= plain[..., :1] * (1 - rounding))
        elif kind == -2:
            weights = _shares(plain <= plain[..., -1:] * (1 + rounding))
        else:
            weights = 1
        return np.matmul(u * np.expand_dims(weights * (plain > 0), -2), vh)
    across = -2 if abs(kind) == 1 else -1
    sums = np.sum(np.abs(primal_all(x)), axis=across)
    if kind > 0:
        extreme = np.max(sums, axis=-1, keepdims=True, initial=0)  # NumPy's norm of no elements is 0
    else:
        extreme = np.min(sums, axis=-1, keepdims=True)
    return _phases(x) * np.expand_dims(_shares(sums == extreme), across)


# The rows


def _at_end(x, axes):
    """Move axes, counted from the end, to the end."""
    last = tuple(range(-len(axes), 0))
    return x if axes == last else np.moveaxis(x, axes, last)


def _joined(x, count):
    """Make one axis of the last few."""
    rest = x.ndim - count
    return x if count == 1 else x.reshape(*x.shape[:rest], math.prod(x.shape[rest:]))


def _push(x, out, ord, axis, is_matrix):
    """Map from tangents of `x` to those of its norm over one axis, several axes, or all (None)."""
    axes = from_end((axis,) if axis is not None and np.ndim(axis) == 0 else axis, x.ndim)
    count = len(axes)
    if isinstance(ord, np.generic):
        ord = ord.item()  # not to compute in its precision

    def push(x_dot):
        ends = _at_end(x, axes)
        if is_matrix:
            gradient = _joined(_matrix_gradient(ends, ord), count)
        else:
            vectors = _joined(ends, count)
            gradient = _vector_gradient(vectors, out.reshape(*vectors.shape[:-1], 1), ord)
        x_dot = _joined(_at_end(x_dot, axes), count)
        out_dot = np.vecdot(gradient, x_dot)
        if out_dot.dtype.kind == "c":
            out_dot = np.real(out_dot).copy()  # contiguous, as the value is
        return out_dot.reshape(x_dot.shape[: x_dot.ndim - gradient.ndim] + out.shape)

    return push


def _norm(x, ord=None, axis=None, keepdims=False):
    out = np.linalg.norm(x, ord, axis, keepdims)
    if ord in _FROBENIUS:
        return out, _push(x, out, 2, axis, False)
    return out, _push(x, out, ord, axis, (x.ndim if axis is None else np.size(axis)) == 2)


def _vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    out = np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    return out, _push(x, out, 2 if ord is None else ord, axis, False)


def _matrix_norm(x, /, *, keepdims=False, ord="fro"):
    out = np.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)
    return out, _push(x, out, 2 if ord in _FROBENIUS else ord, (-2, -1), ord not in _FROBENIUS)


nonlinear(np.linalg.norm, _norm, batched=True)
nonlinear(np.linalg.vector_norm, _vector_norm, batched=True)
nonlinear(np.linalg.matrix_norm, _matrix_norm, batched=True)


def _cond(x, p=None):
    if p in (None, 2, -2):
        s = np.linalg.svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, axis=(-2, -1))


composite(np.linalg.cond, _cond)
