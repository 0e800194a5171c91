"""Rows of linear systems and least squares of `scipy.linalg`, by way of `dualnum.scipy.linalg`."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any

import numpy as np
import scipy
from scipy import linalg

from dualnum.dispatch import primal_all
from dualnum.errors import DualnumError, NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.decompositions import from_triangle
from dualnum.rules.products import adjoint, product
from dualnum.rules.pseudoinverse import lstsq_push, pinv_push
from dualnum.table import composite, nonlinear
from dualnum.twins import twin


def keeping_twin(function):
    """Make the twin of a function that may be told to overwrite its arguments; it does not."""
    signature = inspect.signature(function)

    @wraps(function)
    def without_overwriting(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.arguments.update((name, False) for name in bound.arguments if name.startswith("overwrite_"))
        return function(*bound.args, **bound.kwargs)

    return twin(function, without_overwriting)


def matrices(name, *arrays):
    """Arrays that are no stacks of matrices."""
    arrays = [as_operand(array) for array in arrays]
    if any(array.ndim > 2 for array in arrays):
        raise NoRuleError(
            f"scipy.linalg.{name} of stacks of matrices has no derivative rule; take numpy.linalg's where there is one, or "
            "one matrix after the other."
        )
    return arrays


# Before it took stacks, SciPy had the rows of the right side in its first axis.
_TAKES_STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"


def _stacks(name, *arrays):
    """Arrays that are matrices or, where the version of SciPy has them as NumPy does, stacks of matrices."""
    return [as_operand(array) for array in arrays] if _TAKES_STACKS else matrices(name, *arrays)


# What LAPACK reads of a matrix of which something is assumed.
_READ: Any = {
    **dict.fromkeys((None, "gen", "general"), lambda a, lower: a),
    **dict.fromkeys(("sym", "symmetric"), lambda a, lower: _mirrored(a, lower)),
    **dict.fromkeys(("her", "hermitian", "pos", "positive definite"), from_triangle),
    "upper triangular": lambda a, lower: np.triu(a),
    "lower triangular": lambda a, lower: np.tril(a),
    "diagonal": lambda a, lower: np.tril(np.triu(a)),
    "tridiagonal": lambda a, lower: np.tril(np.triu(a, -1), 1),
}


def _mirrored(a, lower):
    """The symmetric matrix of which one triangle is read."""
    triangle = np.tril(a, -1) if lower else np.triu(a, 1)
    return triangle + triangle.mT + np.tril(np.triu(a))


def _read(name, a, lower, assume_a):
    if assume_a not in _READ:
        raise NoRuleError(
            f"scipy.linalg.{name}(assume_a={assume_a!r}) has no derivative rule. Leave assume_a away, or take one of "
            f"{', '.join(repr(kind) for kind in _READ if kind)}."
        )
    return _READ[assume_a](a, lower)


def _solve(a, b, lower=False, overwrite_a=False, overwrite_b=False, check_finite=True, assume_a=None, transposed=False):
    a, b = _stacks("solve", a, b)
    a = _read("solve", a, lower, assume_a)
    return np.linalg.solve(a.mT if transposed else a, b)


def _solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False, overwrite_b=False, check_finite=True):
    a, b = _stacks("solve_triangular", a, b)
    if unit_diagonal:
        a = (np.tril(a, -1) if lower else np.triu(a, 1)) + np.eye(a.shape[-1])
    else:
        a = np.tril(a) if lower else np.triu(a)
    return np.linalg.solve(a if trans in (0, "N") else a.mT if trans in (1, "T") else adjoint(a), b)


def _inv(a, overwrite_a=False, check_finite=True, *, assume_a=None, lower=False):
    (a,) = _stacks("inv", a)
    return np.linalg.inv(_read("inv", a, lower, assume_a))


def _det(a, overwrite_a=False, check_finite=True):
    return np.linalg.det(a)


def _cholesky(a, lower=False, overwrite_a=False, check_finite=True):
    (a,) = _stacks("cholesky", a)
    return np.linalg.cholesky(a, upper=not lower)


# The other triangle of a factor is left as it was by some versions of SciPy, and cleared by others.
_LEFT = linalg.cho_factor(np.array([[2.0, 1.0], [1.0, 2.0]]), lower=True)[0][0, 1]


def _cho_factor(a, lower=False, overwrite_a=False, check_finite=True):
    (a,) = _stacks("cho_factor", a)
    return np.linalg.cholesky(a, upper=not lower) + _LEFT * (np.triu(a, 1) if lower else np.tril(a, -1)), lower


def _cho_solve(c_and_lower, b, overwrite_b=False, check_finite=True):
    c, lower = c_and_lower
    c, b = _stacks("cho_solve", c, b)
    factor = np.tril(c) if np.all(lower) else adjoint(np.triu(c))  # of a stack, SciPy says it for each matrix
    x = np.linalg.solve(adjoint(factor), np.linalg.solve(factor, b[:, None] if b.ndim == 1 else b))
    return x[..., 0] if b.ndim == 1 else x


# LU factors


def _order(piv):
    """Order of the rows that comes of LAPACK's exchanges."""
    order = np.broadcast_to(np.arange(piv.shape[-1]), piv.shape).copy()
    for i in range(piv.shape[-1]):
        exchanged = np.concatenate([np.full((*piv.shape[:-1], 1), i), piv[..., i : i + 1]], axis=-1)
        np.put_along_axis(order, exchanged, np.take_along_axis(order, exchanged[..., ::-1], -1), -1)
    return order


def _rows(x, order):
    """Rows of matrices, in an order for each matrix of a stack."""
    return np.take_along_axis(x, np.broadcast_to(order[..., None], (*x.shape[:-1], 1)), -2)


def _triangles(lu):
    return np.tril(lu, -1) + np.eye(lu.shape[-1], dtype=lu.dtype), np.triu(lu)


def _check_square(a, name):
    if a.shape[-2] != a.shape[-1]:
        raise NoRuleError(f"scipy.linalg.{name} of an array of shape {a.shape}, not square, has no derivative rule.")


def _lu_push(lower, upper, order, name):
    """Map from tangents of a matrix to those of its factors; its rows in that order are their product."""
    if np.any(np.diagonal(primal_all(upper), axis1=-2, axis2=-1) == 0):
        raise DualnumError(f"scipy.linalg.{name}: the matrix is singular, and its factors have no derivative rule.")

    def push(a_dot):
        change = product(np.linalg.inv(lower), _rows(a_dot, order), np.linalg.inv(upper))
        return np.matmul(lower, np.tril(change, -1)), np.matmul(np.triu(change), upper)

    return push


_lu_factor, _lu = keeping_twin(linalg.lu_factor), keeping_twin(linalg.lu)


def _lu_factor_rule(a, overwrite_a=False, check_finite=True):
    out = lu, piv = _lu_factor(a, check_finite=check_finite)
    _check_square(a, "lu_factor")
    push = _lu_push(*_triangles(lu), _order(piv), "lu_factor")
    return out, lambda a_dot: (sum(push(a_dot)), None)


def _lu_rule(a, permute_l=False, overwrite_a=False, check_finite=True, p_indices=False):
    out = _lu(a, permute_l, check_finite=check_finite, p_indices=p_indices)
    _check_square(a, "lu")
    p, lower, upper = _lu(a, check_finite=False, p_indices=True)
    push_factors = _lu_push(lower, upper, np.argsort(p, axis=-1), "lu")

    def push(a_dot):
        lower_dot, upper_dot = push_factors(a_dot)
        return (_rows(lower_dot, p), upper_dot) if permute_l else (None, lower_dot, upper_dot)

    return out, push


nonlinear(_lu_factor, _lu_factor_rule, batched=True)
nonlinear(_lu, _lu_rule, batched=True)


def _lu_solve(lu_and_piv, b, trans=0, overwrite_b=False, check_finite=True):
    lu, piv = lu_and_piv
    piv = as_operand(piv)
    lu, b = _stacks("lu_solve", lu, b)
    (lower, upper), columns = _triangles(lu), b[:, None] if b.ndim == 1 else b
    shape = *np.broadcast_shapes(lu.shape[:-2], columns.shape[:-2]), columns.shape[-2]
    columns, order = np.broadcast_to(columns, (*shape, columns.shape[-1])), np.broadcast_to(_order(piv), shape)
    if trans == 0:
        x = np.linalg.solve(upper, np.linalg.solve(lower, _rows(columns, order)))
    else:
        lower, upper = (lower.mT, upper.mT) if trans == 1 else (adjoint(lower), adjoint(upper))
        x = _rows(np.linalg.solve(lower, np.linalg.solve(upper, columns)), np.argsort(order, axis=-1))
    return x[..., 0] if b.ndim == 1 else x


# Least squares

_lstsq = keeping_twin(linalg.lstsq)


def _lstsq_rule(a, b, cond=None, overwrite_a=False, overwrite_b=False, check_finite=True, lapack_driver=None):
    a, b = matrices("lstsq", a, b)
    out = _lstsq(a, b, cond, check_finite=check_finite, lapack_driver=lapack_driver)
    tolerance = np.finfo(out[0].dtype).eps if cond is None else cond
    return out, lstsq_push(a, b, out, tolerance, "scipy.linalg.lstsq")


nonlinear(_lstsq, _lstsq_rule, positions=(0, 1), batched=True)

_pinv, _pinvh = twin(linalg.pinv), twin(linalg.pinvh)


def _ranked(out, rank, push, return_rank):
    return ((out, rank), lambda a_dot: (push(a_dot), None)) if return_rank else (out, push)


def _pinv_rule(a, return_rank=False, **options):
    out, rank = _pinv(a, return_rank=True, **options)
    return _ranked(out, rank, pinv_push(a, out, "scipy.linalg.pinv", rank), return_rank)


def _pinvh_rule(a, atol=None, rtol=None, lower=True, return_rank=False, check_finite=True):
    out, rank = _pinvh(a, atol, rtol, lower, True, check_finite)
    push = pinv_push(from_triangle(a, lower), out, "scipy.linalg.pinvh", rank)
    return _ranked(out, rank, lambda a_dot: push(from_triangle(a_dot, lower)), return_rank)


nonlinear(_pinv, _pinv_rule, batched=True)
nonlinear(_pinvh, _pinvh_rule, batched=True)

for _function, _body in (
    (linalg.solve, _solve),
    (linalg.solve_triangular, _solve_triangular),
    (linalg.inv, _inv),
    (linalg.det, _det),
    (linalg.cholesky, _cholesky),
    (linalg.cho_factor, _cho_factor),
    (linalg.cho_solve, _cho_solve),
    (linalg.lu_solve, _lu_solve),
):
    composite(keeping_twin(_function), _body)
