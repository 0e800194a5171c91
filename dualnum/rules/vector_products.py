"""Rows of products of vectors and their like: outer, kron, cross."""

from __future__ import annotations

import numpy as np

from dualnum.batching import aligned
from dualnum.rules.products import bilinear, conj, fitted, pull_in_layout, push_in_layout, rows_of, unbroadcast


def _outer_push_first(a, b):
    return a.reshape(*rows_of(a), 1) * b.ravel()


def _outer_push_second(a, b):
    k, n = rows_of(b)
    return a.ravel()[:, None] * b.reshape(k, 1, n)


def _outer_pull_first(out_bar, a, b):
    return fitted(np.matmul(out_bar, conj(b).ravel()), a)


def _outer_pull_second(out_bar, a, b):
    return fitted(np.matmul(conj(a).ravel(), out_bar), b)


_OUTER = (_outer_push_first, _outer_push_second, _outer_pull_first, _outer_pull_second)
bilinear(np.outer, *_OUTER)
bilinear(np.linalg.outer, *_OUTER)


def _kron_shapes(a_shape, b_shape):
    """Shapes of the factors in which axes of one alternate with those of the other, and the shape of the result."""
    ndim = max(len(a_shape), len(b_shape))
    a_shape, b_shape = ((1,) * (ndim - len(shape)) + shape for shape in (a_shape, b_shape))
    return (
        tuple(n for size in a_shape for n in (size, 1)),
        tuple(n for size in b_shape for n in (1, size)),
        tuple(m * n for m, n in zip(a_shape, b_shape, strict=True)),
    )


def _kron_push_first(a, b):
    a_shape, b_shape, shape = _kron_shapes(a.shape[1:], b.shape)
    return (a.reshape(a.shape[:1] + a_shape) * b.reshape(b_shape)).reshape(a.shape[:1] + shape)


def _kron_push_second(a, b):
    a_shape, b_shape, shape = _kron_shapes(a.shape, b.shape[1:])
    return (a.reshape(a_shape) * b.reshape(b.shape[:1] + b_shape)).reshape(b.shape[:1] + shape)


def _kron_pull_first(out_bar, a, b):
    a_shape, b_shape, _ = _kron_shapes(a.shape, b.shape)
    parts = out_bar.reshape([m * n for m, n in zip(a_shape, b_shape, strict=True)])
    return unbroadcast(parts * conj(b).reshape(b_shape), a.reshape(a_shape)).reshape(a.shape)


def _kron_pull_second(out_bar, a, b):
    a_shape, b_shape, _ = _kron_shapes(a.shape, b.shape)
    parts = out_bar.reshape([m * n for m, n in zip(a_shape, b_shape, strict=True)])
    return unbroadcast(parts * conj(a).reshape(a_shape), b.reshape(b_shape)).reshape(b.shape)


bilinear(np.kron, _kron_push_first, _kron_push_second, _kron_pull_first, _kron_pull_second)


# cross: of two vectors with 2 components, NumPy gives the third component of the product alone


def _in_space(x):
    return x if x.shape[-1] == 3 else np.concatenate([x, np.zeros_like(x[..., :1])], axis=-1)


def _cross(a, b):
    if a.shape[-1] == b.shape[-1] == 2:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return np.cross(_in_space(a), _in_space(b))


def _cross_pull(out_bar, a, b):
    """Cotangent of `a`; that of `b` differs in the order of the factors, as the triple product is cyclic."""
    if a.shape[-1] == b.shape[-1] == 2:
        out_bar = np.stack([np.zeros_like(out_bar), np.zeros_like(out_bar), out_bar], axis=-1)
    return unbroadcast(np.cross(_in_space(conj(b)), out_bar)[..., : a.shape[-1]], a)


def _cross_layout(a_shape, b_shape, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    planar = a_shape[axisa] == b_shape[axisb] == 2
    return (axisa,), (axisb,), () if planar else (axisc,)


def _cross_push_first(a, b, *args, **kwargs):
    layout = _cross_layout(a.shape[1:], b.shape, *args, **kwargs)
    return push_in_layout(lambda a, b: _cross(aligned(a, b.ndim), b), 0, layout, a, b)


def _cross_push_second(a, b, *args, **kwargs):
    layout = _cross_layout(a.shape, b.shape[1:], *args, **kwargs)
    return push_in_layout(lambda a, b: _cross(a, aligned(b, a.ndim)), 1, layout, a, b)


def _cross_pull_first(out_bar, a, b, *args, **kwargs):
    layout = _cross_layout(a.shape, b.shape, *args, **kwargs)
    return pull_in_layout(_cross_pull, 0, layout, out_bar, a, b)


def _cross_pull_second(out_bar, a, b, *args, **kwargs):
    layout = _cross_layout(a.shape, b.shape, *args, **kwargs)
    return pull_in_layout(lambda out_bar, a, b: -_cross_pull(out_bar, b, a), 1, layout, out_bar, a, b)


_CROSS = (_cross_push_first, _cross_push_second, _cross_pull_first, _cross_pull_second)
bilinear(np.cross, *_CROSS)
bilinear(np.linalg.cross, *_CROSS)
