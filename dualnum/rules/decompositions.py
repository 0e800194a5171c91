"""Rows of matrix decompositions and of what rests on them.

Sources: Giles, An extended collection of matrix derivative results, 2008 (eigh, svd); Murray, Differentiation of the
Cholesky decomposition, 2016; Walter & Lehmann, Algorithmic differentiation of linear algebra functions, 2010 (qr, eig).

Conventions: of eigenvalues (or singular values) that are equal up to rounding each gets the mean of their tangents,
which is what symmetric functions of them need. Their vectors are not functions of the matrix: a direction that would
turn them raises. The phases of complex vectors are those of LAPACK, which makes one component real.
"""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import ActiveArray, primal_all
from dualnum.errors import DualnumError, NoRuleError
from dualnum.rules.products import adjoint, conj, product
from dualnum.table import nonlinear

__all__ = [
    "averaged",
    "columnwise",
    "eig_push",
    "eigh_push",
    "eigvals_push",
    "from_triangle",
    "qr_push",
    "real_part",
    "rounding_of",
    "singular_values_push",
    "svd_push",
    "turned_back",
]


def _diagonal(x):
    return np.diagonal(x, axis1=-2, axis2=-1).copy()


def real_part(x):
    return np.real(x).copy() if x.dtype.kind == "c" else x


def columnwise(a, b):
    """Scalar product of each column with its counterpart."""
    return np.sum(conj(a) * b, axis=-2)


def rounding_of(*shape, dtype):
    """Relative error that LAPACK may make in singular values."""
    return 4 * max(*shape, 1) * np.finfo(dtype).eps


def from_triangle(x, lower):
    """The Hermitian matrix of which LAPACK reads only one triangle."""
    triangle = np.tril(x, -1) if lower else np.triu(x, 1)
    unit = np.eye(x.shape[-1], dtype=bool)
    return np.where(unit, np.real(x), triangle + adjoint(triangle))


# Cholesky and QR


def _strict_half(n, dtype):
    """Factors that keep the lower triangle of a matrix and half of its diagonal."""
    return np.tril(np.ones((n, n), dtype)) - np.eye(n, dtype=dtype) / 2


def _cholesky(a, /, *, upper=False):
    out = np.linalg.cholesky(a, upper=upper)
    lower = adjoint(out) if upper else out

    def push(a_dot):
        inverse = np.linalg.inv(lower)
        change = product(inverse, from_triangle(a_dot, not upper), adjoint(inverse))
        change = change * _strict_half(a.shape[-1], real_part(a[..., :0, :0]).dtype)
        return np.matmul(adjoint(change), out) if upper else np.matmul(lower, change)

    return out, push


nonlinear(np.linalg.cholesky, _cholesky, batched=True)


def _qr(a, mode="reduced"):
    m, n = a.shape[-2:]
    if mode not in ("reduced", "complete", "r") or (mode == "complete" and m > n):
        raise NoRuleError(
            f"numpy.linalg.qr(a, mode={mode!r}) of an array of shape {a.shape} has no derivative rule: the columns "
            f"beyond the rank are not functions of the array. Use mode='reduced' or 'r'."
        )
    out = np.linalg.qr(a, mode)
    push = qr_push(*(np.linalg.qr(a) if mode == "r" else out), "numpy.linalg.qr")
    return out, (lambda a_dot: push(a_dot)[1]) if mode == "r" else push


def qr_push(q, r, name):
    """Map from tangents of a matrix to those of its factors, of which `q` has no more columns than there are in the matrix."""
    (m, k), n = q.shape[-2:], r.shape[-1]
    sizes = np.abs(_diagonal(primal_all(r)))
    if np.any(sizes <= rounding_of(m, n, dtype=sizes.dtype) * np.max(sizes, axis=-1, keepdims=True, initial=0)):
        raise DualnumError(f"{name}: the columns are linearly dependent, and the derivative does not exist.")

    def push(a_dot):
        inverse = np.linalg.inv(r[..., :k])
        change = np.matmul(adjoint(q), a_dot)
        square = np.matmul(change[..., :k], inverse)
        turn = np.tril(square, -1)
        turn = turn - adjoint(turn)
        if r.dtype.kind == "c":
            turn = turn + 1j * np.imag(square) * np.eye(k)  # LAPACK makes the diagonal of r real
        r_dot = np.triu(change - np.matmul(turn, r))
        return np.matmul(q, turn - square) + np.matmul(a_dot[..., :k], inverse), r_dot

    return push


nonlinear(np.linalg.qr, _qr, batched=True)


# Eigenvalues and eigenvectors


def averaged(values, tangents):
    """Give each of several values that are equal up to rounding the mean of their tangents."""
    values = primal_all(values)
    sizes = np.abs(values)
    gaps = np.abs(values[..., :, None] - values[..., None, :])
    rounding = rounding_of(values.shape[-1], dtype=sizes.dtype)
    equal = gaps <= rounding * np.maximum(sizes[..., :, None], sizes[..., None, :])
    counts = np.sum(equal, axis=-1)
    if np.all(counts == 1):
        return tangents
    return np.matmul(equal / counts[..., None], np.expand_dims(tangents, -1))[..., 0]


def _quotient(numerator, gaps, values, whole, name, advice):
    """``numerator / gaps``, where a numerator that vanishes with its gap gives 0.

    The gaps are those between `values`; what the numerators are parts of is the tangent `whole`.
    """
    plain = np.abs(primal_all(values))
    rounding = rounding_of(plain.shape[-1], dtype=plain.dtype)
    small = np.abs(primal_all(gaps)) <= rounding * np.max(plain, axis=-1, initial=0)[..., None, None]
    if not small.any():
        return numerator / gaps
    parts, whole = np.abs(primal_all(numerator)), np.abs(primal_all(whole))
    bound = rounding * np.max(whole, axis=(-2, -1), keepdims=True, initial=0)
    if isinstance(numerator, ActiveArray) or np.any(small & (parts > bound)):
        raise DualnumError(
            f"{name}: some of the values are equal (up to rounding) or zero, and their vectors are not "
            f"functions of the matrix in this direction, so that they have no derivative. {advice}"
        )
    return np.where(small, 0, numerator) / np.where(small, 1, gaps)


def _off_diagonal(p, gaps):
    """Leave the diagonal out of quotients: its numerators are 0, and its gaps infinite."""
    unit = np.eye(p.shape[-1], dtype=bool)
    return np.where(unit, 0, p), np.where(unit, np.inf, gaps)


def _angles(pinned, pinned_dot):
    """How fast a phase would turn; LAPACK turns each vector back so that its component `pinned` stays real."""
    exists = np.abs(primal_all(pinned)) > np.finfo(pinned.dtype).eps
    return 1j * np.where(exists, np.imag(pinned_dot), 0) / np.where(exists, np.real(pinned), 1)


def turned_back(v, v_dot, pinned, pinned_dot):
    """Tangents of vectors whose phases are such that `pinned`, a row that is linear in them, stays real."""
    return v_dot - v * _angles(pinned, pinned_dot)


def eigh_push(w, v, name, some=slice(None)):
    """Map from Hermitian tangents of a matrix to those of eigenvalues and eigenvectors, whatever the phases of these.

    A second tangent is that of the matrix b of ``a @ v == b @ v * w``, where ``v^H @ b @ v`` is the unit matrix. Of `w` and
    `v`, which are complete, `some` are asked for.
    """

    def push(a_dot, b_dot=None):
        p, whole = product(adjoint(v), a_dot, v), a_dot
        if b_dot is not None:
            stretch = product(adjoint(v), b_dot, v)
            shift = stretch * np.expand_dims(w, -2)
            p, whole = p - shift, np.abs(primal_all(p)) + np.abs(primal_all(shift))
        advice = f"If you need the eigenvalues only, use {name.removesuffix('eigh')}eigvalsh."
        numerator, gaps = _off_diagonal(p, w[..., None, :] - w[..., :, None])
        turn = _quotient(numerator[..., some], gaps[..., some], w, whole, name, advice)
        if b_dot is not None:
            turn = turn - (np.eye(w.shape[-1]) * real_part(stretch) / 2)[..., some]
        return averaged(w, real_part(_diagonal(p)))[..., some], np.matmul(v, turn)

    return push


def _eigh(a, UPLO="L"):
    out = np.linalg.eigh(a, UPLO)
    w, v = out
    lower = UPLO.upper() == "L"
    push_hermitian = eigh_push(w, v, "numpy.linalg.eigh")

    def push(a_dot):
        w_dot, v_dot = push_hermitian(from_triangle(a_dot, lower))
        if v.dtype.kind == "c":
            row = slice(0, 1) if lower else slice(-1, None)
            v_dot = turned_back(v, v_dot, v[..., row, :], v_dot[..., row, :])
        return w_dot, v_dot

    return out, push


nonlinear(np.linalg.eigh, _eigh, batched=True)


def _eigvalsh(a, UPLO="L"):
    def push(a_dot):
        w, v = np.linalg.eigh(a, UPLO)
        changes = columnwise(v, np.matmul(from_triangle(a_dot, UPLO.upper() == "L"), v))
        return averaged(w, real_part(changes))

    return np.linalg.eigvalsh(a, UPLO), push


nonlinear(np.linalg.eigvalsh, _eigvalsh, batched=True)


def _inverse_of_vectors(v, name):
    """Inverse of a matrix of eigenvectors, which exists unless the matrix that they belong to is defective."""
    try:
        inverse = np.linalg.inv(v)
    except np.linalg.LinAlgError:
        inverse = None
    sizes = [np.linalg.norm(primal_all(x), axis=(-2, -1)) for x in (v, inverse) if x is not None]
    if inverse is None or np.any(sizes[0] * sizes[1] * rounding_of(v.shape[-1], dtype=sizes[0].dtype) > 1):
        raise DualnumError(
            f"{name}: the matrix is defective (has too few eigenvectors), or nearly so, and the "
            "derivative of its eigenvalues is infinite."
        )
    return inverse


def eig_push(w, v, name):
    """Map from tangents of a matrix to those of eigenvalues and eigenvectors as LAPACK scales them."""

    def push(a_dot):
        p = product(_inverse_of_vectors(v, name), a_dot, v)
        advice = f"If you need the eigenvalues only, use {name}vals."
        numerator, gaps = _off_diagonal(p, w[..., None, :] - w[..., :, None])
        turn = _quotient(numerator, gaps, w, a_dot, name, advice)
        v_dot = np.matmul(v, turn)
        # LAPACK's vectors have length 1, and their largest component is real.
        v_dot = v_dot - v * np.expand_dims(np.real(columnwise(v, v_dot)), -2)
        if v.dtype.kind == "c" and v.size:
            plain = primal_all(v)
            sizes = np.abs(plain) * (np.imag(plain) == 0)
            largest = np.arange(v.shape[-1])[:, None] == np.argmax(sizes, axis=-2)[..., None, :]
            pinned, pinned_dot = (np.sum(x * largest, axis=-2, keepdims=True) for x in (v, v_dot))
            v_dot = v_dot - v * _angles(pinned, pinned_dot)
        return averaged(w, _diagonal(p)), v_dot

    return push


def _eig(a):
    out = np.linalg.eig(a)
    return out, eig_push(*out, "numpy.linalg.eig")


nonlinear(np.linalg.eig, _eig, batched=True)


def eigvals_push(a, out, name):
    """Map from tangents of a matrix to those of its eigenvalues, in the order of `out`."""

    def push(a_dot):
        w, v = np.linalg.eig(a)
        changes = averaged(w, _diagonal(product(_inverse_of_vectors(v, name), a_dot, v)))
        # Without vectors, LAPACK may find the eigenvalues in another order.
        distances = np.abs(primal_all(out)[..., :, None] - primal_all(w)[..., None, :])
        nearest = distances == np.min(distances, axis=-1, keepdims=True, initial=np.inf)
        weights = nearest / np.sum(nearest, axis=-1, keepdims=True)
        return np.matmul(weights, np.expand_dims(changes, -1))[..., 0]

    return push


def _eigvals(a):
    out = np.linalg.eigvals(a)
    return out, eigvals_push(a, out, "numpy.linalg.eigvals")


nonlinear(np.linalg.eigvals, _eigvals, batched=True)


# Singular values and vectors


def singular_values_push(a):
    """Map from tangents of `a` to those of its singular values."""

    def push(a_dot):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        changes = real_part(columnwise(u, np.matmul(a_dot, adjoint(vh))))
        return averaged(s, np.where(primal_all(s) == 0, 0, changes))

    return push


def _svdvals(x, /):
    return np.linalg.svdvals(x), singular_values_push(x)


nonlinear(np.linalg.svdvals, _svdvals, batched=True)


def _svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    out = np.linalg.svd(a, full_matrices, compute_uv, hermitian)
    if compute_uv:
        push_matrix = svd_push(*out, "numpy.linalg.svd")
    else:
        push_matrix = singular_values_push(from_triangle(a, True) if hermitian else a)
    return out, (lambda a_dot: push_matrix(from_triangle(a_dot, True))) if hermitian else push_matrix


def svd_push(u, s, vh, name):
    """Map from tangents of a matrix to those of its singular vectors and values."""
    m, k, n = u.shape[-2], s.shape[-1], vh.shape[-1]
    full, u_last, v_last = u.shape[-1] + vh.shape[-2] > 2 * k, u[..., k:], adjoint(vh[..., k:, :])
    if full and (abs(m - n) > 1 or u.dtype.kind == "c"):
        raise NoRuleError(
            f"{name} of an array of shape {(*s.shape[:-1], m, n)} has no derivative rule with full_matrices=True: the "
            "singular vectors without a singular value are not functions of the array. Use full_matrices=False."
        )
    u, v = u[..., :k], adjoint(vh[..., :k, :])

    def push(a_dot):
        p = product(adjoint(u), a_dot, v)

        def quotient(numerator, gaps):
            advice = f"If you need the singular values only, use {name}vals."
            return _quotient(numerator, gaps, s, a_dot, name, advice)

        rows, columns = s[..., :, None], s[..., None, :]
        even = quotient(*_off_diagonal(p + adjoint(p), columns - rows))
        odd = quotient(p - adjoint(p), columns + rows)
        u_dot, v_dot = np.matmul(u, even + odd) / 2, np.matmul(v, even - odd) / 2
        if m > n:
            u_dot = u_dot + quotient(np.matmul(a_dot, v) - np.matmul(u, p), columns)
        if m < n:
            v_dot = v_dot + quotient(np.matmul(adjoint(a_dot), u) - np.matmul(v, adjoint(p)), columns)
        if u.dtype.kind == "c":
            x, x_dot = (v, v_dot) if m >= n else (u, u_dot)
            angles = _angles(x[..., :1, :], x_dot[..., :1, :])
            u_dot, v_dot = u_dot - u * angles, v_dot - v * angles
        if full and m > n:
            u_dot = _with_last(u, u_dot, u_last)
        if full and m < n:
            v_dot = _with_last(v, v_dot, v_last)
        s_dot = np.where(primal_all(s) == 0, 0, real_part(_diagonal(p)))
        return u_dot, averaged(s, s_dot), adjoint(v_dot).copy()

    return push


def _with_last(x, x_dot, last):
    """Append the tangent of the one column that is orthogonal to all others."""
    return np.concatenate([x_dot, -product(x, adjoint(x_dot), last)], axis=-1)


nonlinear(np.linalg.svd, _svd, batched=True)
