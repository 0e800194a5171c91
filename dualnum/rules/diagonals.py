"""Rows of functions that take or make diagonals and triangles of matrices."""

from __future__ import annotations

import numpy as np

from dualnum.batching import axes_from_end
from dualnum.rules.products import unbroadcast
from dualnum.rules.shape import flat_directions, transpose_of_selection
from dualnum.table import linear


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
