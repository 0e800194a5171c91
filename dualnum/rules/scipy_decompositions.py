"""Rows of the decompositions of `scipy.linalg`, by way of `dualnum.scipy.linalg`.

SciPy takes other drivers of LAPACK than NumPy, which may give vectors other signs. So the tangents are those of the vectors
that SciPy has found, by the formulas of `dualnum.rules.decompositions`, whose conventions hold here too.

Source for pairs of matrices: Stewart & Sun, Matrix Perturbation Theory, 1990, chapter VI.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.decompositions import (
    averaged,
    columnwise,
    eig_push,
    eigh_push,
    eigvals_push,
    from_triangle,
    qr_push,
    real_part,
    singular_values_push,
    svd_push,
    turned_back,
)
from dualnum.rules.products import product
from dualnum.rules.scipy_linalg import keeping_twin
from dualnum.table import composite, nonlinear

# Eigenvalues and eigenvectors of Hermitian matrices, and of pairs of them

_eigh = keeping_twin(linalg.eigh)


def _hermitian_pair(a, b, lower, kind):
    """What has the eigenvectors of SciPy's type of problem as its first type, and the map of tangents to its tangents."""
    if b is None:
        return None, lambda a_dot, b_dot: (from_triangle(a_dot, lower), None)
    if a.shape[:-2] != b.shape[:-2]:
        raise NoRuleError(
            f"scipy.linalg.eigh of stacks of different shapes, {a.shape} and {b.shape}, has no derivative rule. Use "
            "numpy.broadcast_to, so that there is one b for each a."
        )
    a, b = from_triangle(a, lower), from_triangle(b, lower)
    metric = np.linalg.inv(b) if kind == 3 else b

    def push(a_dot, b_dot):
        a_dot = np.zeros_like(b_dot) if a_dot is None else from_triangle(a_dot, lower)
        if kind == 2:
            a_dot = product(b, a_dot, b)
        if b_dot is None:
            return a_dot, None
        b_dot = from_triangle(b_dot, lower)
        if kind == 2:
            a_dot = a_dot + product(b_dot, a, b) + product(b, a, b_dot)
        return a_dot, -product(metric, b_dot, metric) if kind == 3 else b_dot

    return metric, push


def _eigh_rule(a, b=None, *, lower=True, eigvals_only=False, type=1, subset_by_index=None, **options):
    if options.get("subset_by_value") is not None:
        raise NoRuleError(
            "scipy.linalg.eigh(subset_by_value=...) has no derivative rule: how many eigenvalues there are may change. Use "
            "subset_by_index, or take some of all eigenvalues."
        )
    a, b = as_operand(a), None if b is None else as_operand(b)
    options.update(lower=lower, type=type)
    out = _eigh(a, b, eigvals_only=eigvals_only, subset_by_index=subset_by_index, **options)
    some = slice(None) if subset_by_index is None else slice(subset_by_index[0], subset_by_index[1] + 1)
    metric, push_pair = _hermitian_pair(a, b, lower, type)

    def push(a_dot, b_dot):
        a_dot, b_dot = push_pair(a_dot, b_dot)
        w, v = out if not eigvals_only and subset_by_index is None else _eigh(a, b, **options)
        if eigvals_only:
            changes = columnwise(v, np.matmul(a_dot, v))
            if b_dot is not None:
                changes = changes - w * columnwise(v, np.matmul(b_dot, v))
            return averaged(w, real_part(changes))[..., some]
        if subset_by_index is not None:
            v = np.concatenate([v[..., : some.start], out[1], v[..., some.stop :]], axis=-1)
        w_dot, v_dot = eigh_push(w, v, "scipy.linalg.eigh", some)(a_dot, b_dot)
        if v.dtype.kind != "c":
            return w_dot, v_dot
        row, v = slice(0, 1) if lower else slice(-1, None), v[..., some]
        if metric is None or lower == (type == 3):
            return w_dot, turned_back(v, v_dot, v[..., row, :], v_dot[..., row, :])
        # By the Cholesky factor of b, LAPACK makes an ordinary problem of the pair, whose vectors have a real component.
        pinned_dot = np.matmul(metric[..., row, :], v_dot)
        if b_dot is not None:
            pinned_dot = pinned_dot + np.matmul(b_dot[..., row, :], v)
        return w_dot, turned_back(v, v_dot, np.matmul(metric[..., row, :], v), pinned_dot)

    return out, push


nonlinear(_eigh, _eigh_rule, positions=(0, 1), batched=True)
composite(
    keeping_twin(linalg.eigvalsh),
    lambda a, b=None, *, lower=True, **options: _eigh(a, b, lower=lower, eigvals_only=True, **options),
)


# Eigenvalues and eigenvectors of other matrices

_eig, _eigvals = keeping_twin(linalg.eig), keeping_twin(linalg.eigvals)


def _refuse_others(name, is_plain):
    if not is_plain:
        raise NoRuleError(
            f"scipy.linalg.{name} of pairs of matrices, with left eigenvectors or homogeneous eigenvalues has no derivative "
            "rule. Take numpy.linalg.solve(b, a) for the pair, and the eigenvectors of a.conj().T for the left ones of a."
        )


def _eig_rule(
    a,
    b=None,
    left=False,
    right=True,
    overwrite_a=False,
    overwrite_b=False,
    check_finite=True,
    homogeneous_eigvals=False,
):
    _refuse_others("eig", b is None and not left and not homogeneous_eigvals)
    if not right:
        return _eigvals_rule(a, check_finite=check_finite)
    out = w, v = _eig(a, check_finite=check_finite)
    return out, eig_push(w if v.dtype.kind == "c" else np.real(w), v, "scipy.linalg.eig")


def _eigvals_rule(a, b=None, *options, **more):
    out = _eigvals(a, b, *options, **more)
    _refuse_others("eigvals", b is None and out.ndim < a.ndim)
    return out, eigvals_push(a, out, "scipy.linalg.eigvals")


_PAIRS = {1: "there is a rule for one matrix alone; take the eigenvalues of numpy.linalg.solve(b, a)"}
nonlinear(_eig, _eig_rule, batched=True, reasons=_PAIRS)
nonlinear(_eigvals, _eigvals_rule, batched=True, reasons=_PAIRS)


# Singular values and vectors

_svd = keeping_twin(linalg.svd)


def _svd_rule(a, full_matrices=True, compute_uv=True, overwrite_a=False, check_finite=True, lapack_driver="gesdd"):
    out = _svd(a, full_matrices, compute_uv, check_finite=check_finite, lapack_driver=lapack_driver)
    return out, svd_push(*out, "scipy.linalg.svd") if compute_uv else singular_values_push(a)


nonlinear(_svd, _svd_rule, batched=True)
composite(keeping_twin(linalg.svdvals), lambda a, *options, **more: np.linalg.svdvals(a))


# QR

_qr = keeping_twin(linalg.qr)


def _qr_rule(a, overwrite_a=False, lwork=None, mode="full", pivoting=False, check_finite=True):
    m, n = a.shape[-2:]
    if mode == "raw" or (mode == "full" and m > n):
        raise NoRuleError(
            f"scipy.linalg.qr(a, mode={mode!r}) of an array of shape {a.shape} has no derivative rule: the columns "
            "beyond the rank are not functions of the array. Use mode='economic' or 'r'."
        )
    options = {"pivoting": pivoting, "check_finite": check_finite}
    out = _qr(a, mode=mode, **options)
    q, r = (_qr(a, mode="economic", **options) if mode == "r" else out)[:2]
    push_factors = qr_push(q, r, "scipy.linalg.qr")

    def push(a_dot):
        if pivoting:
            columns = np.expand_dims(out[-1], -2)
            a_dot = np.take_along_axis(a_dot, np.broadcast_to(columns, a_dot.shape), -1)
        q_dot, r_dot = push_factors(a_dot)
        if mode == "r" and m > n:
            below = np.zeros_like(r_dot[..., :1, :])
            r_dot = np.concatenate([r_dot, *[below] * (m - n)], axis=-2)
        factors = (r_dot,) if mode == "r" else (q_dot, r_dot)
        return (*factors, None) if pivoting else factors

    return out, push


nonlinear(_qr, _qr_rule, batched=True)
