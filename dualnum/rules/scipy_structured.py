"""Rows of banded and Toeplitz systems of `scipy.linalg`, by way of `dualnum.scipy.linalg`, and of matrices made of parts.

Banded systems stay banded: their derivatives are solutions of the same kind, in the same memory.
"""

from __future__ import annotations

from functools import wraps

import numpy as np
from scipy import linalg

from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.products import adjoint, conj, fitted
from dualnum.rules.scipy_linalg import keeping_twin, matrices
from dualnum.table import composite, nonlinear
from dualnum.twins import twin

# Banded systems


def _columns_of(l_and_u, n):
    """For each row of a banded matrix the columns of its elements, those outside of the matrix too; and which are inside."""
    lower, upper = l_and_u
    columns = np.arange(n)[:, None] + np.arange(-lower, upper + 1)
    return columns, (columns >= 0) & (columns < n)


def _by_rows(l_and_u, ab):
    """Elements of a banded matrix, row by row, of shape (..., n, l + u + 1).

    The conjugate transpose of that is what LAPACK takes for the conjugate transpose of the matrix.
    """
    lower, upper = l_and_u
    columns, inside = _columns_of(l_and_u, ab.shape[-1])
    elements = ab[..., np.arange(lower + upper, -1, -1), np.where(inside, columns, 0)]
    return np.where(inside, elements, 0)


def _times(l_and_u, ab, x):
    """Product of a banded matrix and the columns of `x`."""
    columns, inside = _columns_of(l_and_u, len(x))
    return np.matmul(_by_rows(l_and_u, ab)[..., None, :], x[np.where(inside, columns, 0)])[..., 0, :]


_solve_banded = keeping_twin(linalg.solve_banded)


def _solve_columns(l_and_u, ab, b):
    """``solve_banded``, where `b` has directions: they become columns, so that the matrix is factorised once."""
    k, n, p = b.shape
    x = _solve_banded(l_and_u, ab, b.transpose(1, 0, 2).reshape(n, k * p), check_finite=False)
    return x.reshape(n, k, p).transpose(1, 0, 2)


def _solve_banded_rule(l_and_u, ab, b, overwrite_ab=False, overwrite_b=False, check_finite=True):
    ab, b = matrices("solve_banded", ab, b)
    out = _solve_banded(l_and_u, ab, b, check_finite=check_finite)
    if len(b) == 1 and l_and_u[1] != 1:
        raise NoRuleError(
            "scipy.linalg.solve_banded of one equation has no derivative rule unless there is one diagonal above the main one: "
            "SciPy divides by what stands in the second row of ab, whatever that is. Divide by the element of the matrix."
        )
    x = out[:, None] if b.ndim == 1 else out

    def push(ab_dot, b_dot):
        directions = ab_dot.ndim > ab.ndim if b_dot is None else b_dot.ndim > b.ndim
        change = b_dot[..., None] if b_dot is not None and b.ndim == 1 else b_dot
        if ab_dot is not None:
            term = _times(l_and_u, ab_dot, x)
            change = -term if change is None else change - term
        if directions:
            x_dot = _solve_columns(l_and_u, ab, change)
        else:
            x_dot = _solve_banded(l_and_u, ab, change, check_finite=False)
        return x_dot[..., 0] if b.ndim == 1 else x_dot

    return out, push


def _solve_banded_pull(out_bar, l_and_u, ab, b, *options, **more):
    lower, upper = l_and_u
    ab, b = as_operand(ab), as_operand(b)
    return fitted(_solve_banded((upper, lower), adjoint(_by_rows(l_and_u, ab)), out_bar, check_finite=False), b)


nonlinear(
    _solve_banded, _solve_banded_rule, positions=(1, 2), batched=True, transposes={2: _solve_banded_pull}
)  # fmt: skip


def _solveh_banded(ab, b, overwrite_ab=False, overwrite_b=False, lower=False, check_finite=True):
    ab, b = matrices("solveh_banded", ab, b)
    width = len(ab) - 1
    main = np.real(ab[:1] if lower else ab[-1:])
    if lower:
        parts = [adjoint(_by_rows((width, 0), ab))[:-1], main, ab[1:]]
    else:
        parts = [ab[:-1], main, adjoint(_by_rows((0, width), ab))[1:]]
    return _solve_banded((width, width), np.concatenate(parts), b)


composite(keeping_twin(linalg.solveh_banded), _solveh_banded)


# Toeplitz matrices


def _toeplitz(c, r=None):
    c = np.atleast_1d(as_operand(c))
    r = conj(c) if r is None else np.atleast_1d(as_operand(r))
    if max(c.ndim, r.ndim) > 1:
        raise NoRuleError("Toeplitz matrices of columns or rows with more than one axis have no derivative rule.")
    diagonals = np.concatenate([r[:0:-1], c])
    return diagonals[np.arange(len(r) - 1, len(r) - 1 + len(c))[:, None] - np.arange(len(r))]


def _solve_toeplitz(c_or_cr, b, check_finite=True):
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    (b,) = matrices("solve_toeplitz", b)
    return np.linalg.solve(_toeplitz(c, r), b)


composite(twin(linalg.toeplitz), _toeplitz)
composite(twin(linalg.solve_toeplitz), _solve_toeplitz)


# Blocks and norms


def _block_diag(*arrs):
    blocks = [np.atleast_2d(block) for block in matrices("block_diag", *arrs)]
    width, rows, start = sum(block.shape[1] for block in blocks), [], 0
    for block in blocks:
        height, stop = len(block), start + block.shape[1]
        rows.append(np.concatenate([np.zeros((height, start)), block, np.zeros((height, width - stop))], axis=1))
        start = stop
    return np.concatenate(rows)


@wraps(linalg.norm)
def _numpys_norm(*args, **kwargs):
    out = linalg.norm(*args, **kwargs)
    return np.float64(out) if out.__class__ is float else out  # which cannot have a derivative


composite(twin(linalg.block_diag), _block_diag)
composite(
    twin(linalg.norm, _numpys_norm),
    lambda a, ord=None, axis=None, keepdims=False, check_finite=True: np.linalg.norm(
        as_operand(a), ord, axis, keepdims
    ),
)
