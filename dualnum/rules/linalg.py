"""Rows of linear algebra: solving, inverses, determinants, and what is made of them.

Formulas: Giles, An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation, 2008, section 2.2; for the adjugate, see `_adjugate`.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from dualnum.batching import aligned
from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.rules.products import adjoint, conj, fitted, matmul_first, product, unbroadcast
from dualnum.table import composite, nonlinear

# Linear systems


def _solve_directions(a, b):
    """``solve(a, b)``, where `b` has directions: they become columns, so that `a` is factorised once."""
    k, p = len(b), b.shape[-1]
    columns = b.transpose(*range(1, b.ndim - 1), 0, -1)
    x = np.linalg.solve(a, columns.reshape(*columns.shape[:-2], k * p))
    x = x.reshape(*x.shape[:-1], k, p)
    return x.transpose(-2, *range(x.ndim - 2), -1).copy()


def _solve(a, b):
    out = np.linalg.solve(a, b)
    a, b = as_operand(a), as_operand(b)
    is_vector = b.ndim == 1
    x = out[..., None] if is_vector else out

    def push(a_dot, b_dot):
        directions = a_dot.ndim > a.ndim if b_dot is None else b_dot.ndim > b.ndim
        change = b_dot[..., None] if b_dot is not None and is_vector else b_dot
        if a_dot is not None:
            term = matmul_first(a_dot, x) if directions else np.matmul(a_dot, x)
            if change is None:
                change = -term
            else:
                change = (aligned(change, term.ndim - 1) if directions else change) - term
        x_dot = _solve_directions(a, change) if directions else np.linalg.solve(a, change)
        return x_dot[..., 0] if is_vector else x_dot

    return out, push


def _solve_pull_second(out_bar, a, b):
    a, b = as_operand(a), as_operand(b)
    if b.ndim > 1:
        return unbroadcast(np.linalg.solve(adjoint(a), out_bar), b)
    return fitted(unbroadcast(np.linalg.solve(adjoint(a), out_bar[..., None]), b[:, None]), b)


nonlinear(np.linalg.solve, _solve, positions=(0, 1), batched=True, transposes={1: _solve_pull_second})


def _tensorsolve(a, b, axes=None):
    a, b = as_operand(a), as_operand(b)
    if axes is not None:
        axes = [axis % a.ndim for axis in axes]
        a = np.transpose(a, [axis for axis in range(a.ndim) if axis not in axes] + axes)
    shape = a.shape[b.ndim :]
    return np.linalg.solve(a.reshape(b.size, math.prod(shape)), b.ravel()).reshape(shape)


composite(np.linalg.tensorsolve, _tensorsolve)


# Inverses and powers


def _inv(a):
    out = np.linalg.inv(a)
    return out, lambda a_dot: np.matmul(-out, np.matmul(a_dot, out))


nonlinear(np.linalg.inv, _inv, batched=True)


def _tensorinv(a, ind=2):
    rows, columns = a.shape[:ind], a.shape[ind:]
    return np.linalg.inv(a.reshape(math.prod(rows), math.prod(columns))).reshape(columns + rows)


composite(np.linalg.tensorinv, _tensorinv)


def _matrix_power(a, n):
    if n == 0:
        return np.eye(a.shape[-1])
    if n < 0:
        a, n = np.linalg.inv(a), -n
    out = None
    while n:
        if n % 2:
            out = a if out is None else np.matmul(out, a)
        n //= 2
        if n:
            a = np.matmul(a, a)
    return out


composite(np.linalg.matrix_power, _matrix_power)


def _multi_dot(arrays):
    """Product in the order of least work (Cormen et al., Introduction to Algorithms, 3rd edition, section 15.2)."""
    arrays = [as_operand(a) for a in arrays]
    sizes = [a.shape[0] if a.ndim == 2 else 1 for a in arrays[:1]] + [a.shape[-1] for a in arrays[:-1]]
    sizes.append(arrays[-1].shape[1] if arrays[-1].ndim == 2 else 1)

    @cache
    def best(i, j):
        """Cost of the product of arrays i to j, and where to split it."""
        costs = ((best(i, k)[0] + best(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j))
        return min(costs, default=(0, i))

    def chain(i, j):
        if i == j:
            return arrays[i]
        split = best(i, j)[1]
        return np.matmul(chain(i, split), chain(split + 1, j))

    return chain(0, len(arrays) - 1)


composite(np.linalg.multi_dot, _multi_dot)


# Determinants


def _trace_of_product(m, a_dot):
    """``trace(m @ a_dot)``, with or without directions."""
    size = math.prod(m.shape[-2:])
    rows = conj(m.mT.reshape(*m.shape[:-2], size))
    return np.vecdot(rows, a_dot.reshape(*a_dot.shape[:-2], size))


def _det(a):
    out = np.linalg.det(a)
    return out, lambda a_dot: _trace_of_product(_adjugate(a, out), a_dot)


nonlinear(np.linalg.det, _det, batched=True)


def _slogdet(a):
    out = np.linalg.slogdet(a)
    sign = out[0]

    def push(a_dot):
        try:
            change = _trace_of_product(np.linalg.inv(a), a_dot)
        except np.linalg.LinAlgError:
            det = np.linalg.det(a)
            adjugate = _adjugate(a, det)
            # On the way back, what is infinite would meet the zeros of the adjugate.
            a_dot = np.where(primal_all(np.swapaxes(adjugate, -2, -1)) == 0, 0, a_dot)
            slope = _trace_of_product(adjugate, a_dot)
            change = np.where(primal_all(slope) == 0, 0, slope / det)
        if a.dtype.kind != "c":
            return None, change
        return sign * 1j * np.imag(change), np.real(change).copy()

    return out, push


nonlinear(np.linalg.slogdet, _slogdet, batched=True)


def _is_regular(a, inverse, det):
    """Whether inverse and determinant can be trusted to half of the digits, for all matrices of a stack."""
    info = np.finfo(a.dtype)
    condition = len(a.T) * np.max(np.abs(a), axis=(-2, -1)) * np.max(np.abs(inverse), axis=(-2, -1))
    size = np.abs(det)
    return ((condition < info.eps**-0.5) & (size > info.tiny / info.eps) & (size < info.max)).all()


def _adjugate(a, det):
    """Derivative of the determinant: ``det * inv``, which also exists where the inverse does not."""
    if not a.size:
        return a
    try:
        inverse = np.linalg.inv(a)
        if _is_regular(primal_all(a), primal_all(inverse), primal_all(det)) or not np.all(np.isfinite(primal_all(a))):
            return det.reshape(*det.shape, 1, 1) * inverse
    except np.linalg.LinAlgError:
        pass
    matrices = a.reshape(-1, *a.shape[-2:])
    return np.stack([_adjugate_of_one(matrix) for matrix in matrices]).reshape(a.shape)


def _adjugate_of_one(a):
    """Adjugate of one matrix that may be singular, as a function with derivatives of every order.

    With singular vectors u, v of the plain matrix, which count as constants, b = u^H a v is block diagonal but for what
    its derivatives add: b11 holds the large singular values and can be inverted, b22 the small ones. The adjugate of b
    follows from det b = det b11 det c, where c = b22 - b21 b11^-1 b12 is the Schur complement; that of the small matrix
    c is a polynomial in its elements. (For matrices of rank n - 1 this is Stewart, On the adjugate matrix, 1998.)
    """
    n = len(a)
    scale = np.max(np.abs(primal_all(a))) or 1.0
    a = a / scale
    u, s, vh = np.linalg.svd(primal_all(a))
    uh, v = np.conj(u.T), np.conj(vh.T)
    b = product(uh, a, v)
    r = int(np.count_nonzero(s > s[0] * np.finfo(s.dtype).eps ** 0.5))
    inverse, det = np.linalg.inv(b[:r, :r]), np.linalg.det(b[:r, :r])
    left = np.concatenate([np.matmul(inverse, b[:r, r:]), -np.eye(n - r, dtype=u.dtype)])
    right = np.concatenate([np.matmul(b[r:, :r], inverse), -np.eye(n - r, dtype=u.dtype)], axis=1)
    c = b[r:, r:] - np.matmul(b[r:, :r], left[:r])
    c_adjugate = _polynomial_adjugate(c)
    c_det = np.sum(c[0] * c_adjugate[:, 0]) if r < n else 1
    embed = np.eye(n, r, dtype=u.dtype)
    large = c_det * product(embed, inverse, embed.T)
    adjugate = det * (large + product(left, c_adjugate, right))
    signs = np.linalg.det(u) * np.linalg.det(vh)
    return signs * scale ** (n - 1) * product(v, adjugate, uh)


def _polynomial_adjugate(c):
    """Adjugate without division by elements (Faddeev & LeVerrier; Gantmacher, The Theory of Matrices I, IV.5)."""
    unit = np.eye(len(c), dtype=c.dtype)
    m = unit
    for k in range(1, len(c)):
        cm = np.matmul(c, m)
        m = cm - np.trace(cm) / k * unit
    return m if len(c) % 2 else -m
