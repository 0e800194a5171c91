"""Rows of the pseudo-inverse and of least squares.

Source: Golub & Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
separate, 1973. The formulas hold where small changes leave the rank as it is. NumPy sees to that, for it takes singular
values below a bound as zero; if they are zero, that is, or else the bound has changed the matrix.
"""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import DualnumError
from dualnum.packing import as_operand
from dualnum.rules.decompositions import columnwise, from_triangle, rounding_of, singular_values_push
from dualnum.rules.products import adjoint, product
from dualnum.table import constant, nonlinear

__all__ = ["lstsq_push", "pinv_push"]

constant(np.linalg.matrix_rank)


def _check_rank(a, pinv, name, rank=None):
    """Raise if singular values have been cut off that are not zero up to rounding, or if `rank` counts them otherwise."""
    a, pinv = primal_all(a), primal_all(pinv)
    s = np.linalg.svdvals(a)
    found = np.rint(np.real(np.trace(np.matmul(pinv, a), axis1=-2, axis2=-1)))
    dropped = np.arange(s.shape[-1]) >= found[..., None]
    bound = rounding_of(*a.shape[-2:], dtype=s.dtype) * s[..., :1]
    if np.any(dropped & (s > bound)) or (rank is not None and np.any(found != rank)):
        raise DualnumError(
            f"{name}: the tolerance cuts off singular values that are not zero (or is too near to one to tell), and there is "
            "no rule for that. Use a smaller tolerance, or remove these singular values from the matrix first."
        )


def pinv_push(a, pinv, name, rank=None):
    """Map from tangents of a matrix to those of its pseudo-inverse."""

    def push(a_dot):
        _check_rank(a, pinv, name, rank)
        a_dot_h, pinv_h = adjoint(a_dot), adjoint(pinv)
        beyond_rows = product(pinv, pinv_h, a_dot_h - product(a_dot_h, a, pinv))
        beyond_columns = product(a_dot_h - product(pinv, a, a_dot_h), pinv_h, pinv)
        return beyond_rows + beyond_columns - product(pinv, a_dot, pinv)

    return push


def _pinv(a, rcond=None, hermitian=False, **kwargs):
    out = np.linalg.pinv(a, rcond, hermitian, **kwargs)
    push = pinv_push(from_triangle(a, True) if hermitian else a, out, "numpy.linalg.pinv")
    return out, (lambda a_dot: push(from_triangle(a_dot, True))) if hermitian else push


nonlinear(np.linalg.pinv, _pinv, batched=True)


def lstsq_push(a, b, out, tolerance, name):
    """Map from tangents to those of what lstsq gives; singular values below a `tolerance` count as zero."""
    if a.dtype != b.dtype:
        a, b = a.astype(out[0].dtype), b.astype(out[0].dtype)  # one may be less precise than the solution
    is_vector = b.ndim == 1
    x, b = (out[0][:, None], b[:, None]) if is_vector else (out[0], b)

    def push(a_dot, b_dot):
        eps = np.finfo(x.dtype).eps
        pinv = np.linalg.pinv(a, eps if tolerance < 0 else tolerance)
        _check_rank(a, pinv, name, out[2])
        residual = b - np.matmul(a, x)
        change = 0 if b_dot is None else b_dot[..., None] if is_vector else b_dot
        if a_dot is not None:
            change = change - np.matmul(a_dot, x)
        x_dot = np.matmul(pinv, change)
        if a_dot is not None:
            a_dot_h, pinv_h = adjoint(a_dot), adjoint(pinv)
            x_dot = x_dot + product(pinv, pinv_h, a_dot_h, residual)
            x_dot = x_dot + np.matmul(a_dot_h - product(pinv, a, a_dot_h), np.matmul(pinv_h, x))
        residuals_dot = s_dot = None
        if out[1].size:
            residuals_dot = 2 * np.real(columnwise(residual, change))
            residuals_dot = residuals_dot if out[1].ndim else residuals_dot[..., 0]
        if a_dot is not None and out[3] is not None:
            s_dot = singular_values_push(a)(a_dot)
        return x_dot[..., 0] if is_vector else x_dot, residuals_dot, None, s_dot

    return push


def _lstsq(a, b, rcond=None):
    out = np.linalg.lstsq(a, b, rcond)
    a, b = as_operand(a), as_operand(b)
    tolerance = np.finfo(out[0].dtype).eps * max(a.shape) if rcond is None else rcond
    return out, lstsq_push(a, b, out, tolerance, "numpy.linalg.lstsq")


nonlinear(np.linalg.lstsq, _lstsq, positions=(0, 1), batched=True)
