"""Rows of polynomials, given by their coefficients from the highest power to the lowest, and of their roots.

As NumPy's functions do, these give a ``poly1d`` where they get one.
"""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import ActiveArray, primal_all
from dualnum.errors import DualnumError
from dualnum.packing import as_operand
from dualnum.rules.dtypes import without_imaginary
from dualnum.rules.shape import as_array
from dualnum.table import composite, nonlinear


def _coefficients(p):
    return as_operand(p.coeffs if isinstance(p, np.poly1d) else p)


# Values


def _polyval(p, x):
    if isinstance(x, np.poly1d):
        y = 0
    else:
        x = as_operand(x)
        y = np.zeros_like(primal_all(x))
    for coefficient in _coefficients(p):
        # As of NumPy's 0-d arrays, by the ufunc: complex scalars would be rounded otherwise.
        y = (y * x if isinstance(x, np.poly1d) else np.multiply(y, x)) + coefficient
    return y


def _vander(x, N=None, increasing=False):
    out = np.vander(x, N, increasing)

    def push(x_dot):
        # x^k has the derivative k x^(k-1), which stands in the column beside it.
        n = out.shape[-1]
        powers = out if increasing else np.flip(out, -1)
        slopes = np.arange(1, n) * powers[:, : n - 1]
        slopes = np.concatenate([np.zeros_like(powers[:, :1]), slopes], -1)
        return (slopes if increasing else np.flip(slopes, -1)) * np.expand_dims(x_dot, -1)

    return out, push


composite(np.polyval, _polyval, exact=True)
nonlinear(np.vander, _vander, batched=True)


# Arithmetic


def _line(p):
    """Coefficients as an array, active if anything in them is."""
    return np.atleast_1d(as_array(_coefficients(p)))


def _as_given(result, *operands):
    """Make a ``poly1d`` of coefficients if an operand was one."""
    return np.poly1d(result) if any(isinstance(operand, np.poly1d) for operand in operands) else result


def _aligned(a1, a2):
    """Coefficients of two polynomials, with leading zeros where one is shorter."""
    lines = _line(a1), _line(a2)
    n = max(map(len, lines))
    return [p if len(p) == n else np.concatenate([np.zeros(n - len(p), p.dtype), p]) for p in lines]


def _polymul(a1, a2):
    # Without leading zeros, as NumPy does it.
    return _as_given(np.convolve(*(np.poly1d(_line(a)).coeffs for a in (a1, a2))), a1, a2)


def _polydiv(u, v):
    dividend, divisor = _line(u) + 0.0, _line(v) + 0.0
    dtype, scale, n = (dividend[0] + divisor[0]).dtype, 1.0 / divisor[0], len(divisor)
    quotient, remainder = [], dividend.astype(dtype)
    for k in range(len(dividend) - n + 1):
        # Not with a plain scalar in front: NumPy's complex ones would call the ufunc, which rounds otherwise.
        factors = (scale, remainder[k]) if isinstance(scale, ActiveArray) else (remainder[k], scale)
        quotient.append(factors[0] * factors[1])
        left = remainder[k : k + n] - quotient[-1] * divisor
        remainder = np.concatenate([remainder[:k], left, remainder[k + n :]])
    while len(remainder) > 1 and np.allclose(primal_all(remainder[0]), 0, rtol=1e-14):
        remainder = remainder[1:]
    quotient = np.stack(quotient).astype(dtype) if quotient else np.zeros_like(remainder, shape=1)
    return _as_given(quotient, u, v), _as_given(remainder, u, v)


composite(np.polyadd, lambda a1, a2: _as_given(np.add(*_aligned(a1, a2)), a1, a2), exact=True)
composite(np.polysub, lambda a1, a2: _as_given(np.subtract(*_aligned(a1, a2)), a1, a2), exact=True)
composite(np.polymul, _polymul, exact=True)
composite(np.polydiv, _polydiv, exact=True)


def _polyder(p, m=1):
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    y = _coefficients(p)
    for _ in range(int(m)):
        y = y[:-1] * np.arange(len(y) - 1, 0, -1)
    return _as_given(y, p)


def _polyint(p, m=1, k=None):
    m = int(m)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    k = np.zeros(m) if k is None else _line(k)
    if len(k) == 1 and m > 1:
        k = k * np.ones(m)
    if len(k) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    y = _coefficients(p)
    for i in range(m):
        y = np.concatenate([y / np.arange(len(y), 0, -1), k[i : i + 1]])
    return _as_given(y, p)


composite(np.polyder, _polyder, exact=True)
composite(np.polyint, _polyint, exact=True)


# Least squares


def _polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    x, y, order = as_operand(x) + 0.0, as_operand(y) + 0.0, int(deg) + 1
    if rcond is None:
        rcond = len(x) * np.finfo(x.dtype).eps
    matrix = np.vander(x, order)
    if w is not None:
        w = as_operand(w) + 0.0
        matrix, y = matrix * np.expand_dims(w, 1), np.transpose(np.transpose(y) * w)
    scale = np.sqrt(np.sum(matrix * matrix, 0))
    matrix = matrix / scale
    c, residuals, rank, s = np.linalg.lstsq(matrix, y, rcond)
    c = np.transpose(np.transpose(c) / scale)
    if full:
        return c, residuals, rank, s, rcond
    if not cov:
        return c
    base = np.linalg.inv(np.dot(np.transpose(matrix), matrix)) / np.outer(scale, scale)
    factor = 1 if isinstance(cov, str) and cov == "unscaled" else residuals / (len(x) - order)
    return c, (base if y.ndim == 1 else np.expand_dims(base, 2)) * factor


composite(np.polyfit, _polyfit)


# Roots


def _multiple(p, roots, powers, slopes):
    """Which roots are multiple, up to rounding.

    A rounding error of the polynomial moves a root by about itself over the slope; where that comes near the distance to
    another root, the two can be one. (For a double root, both are the square root of the rounding error.) Of roots at 0
    NumPy knows exactly how many there are.
    """
    gaps = np.abs(roots[:, None] - roots) + np.where(np.eye(len(roots), dtype=bool), np.inf, 0)
    rounding = 1000 * len(p) * np.finfo(powers.dtype).eps * np.matmul(np.abs(powers), np.abs(p))
    return np.min(gaps, -1, initial=np.inf) * np.abs(slopes) <= np.where(roots == 0, 0, rounding)


def _refuse_multiple(p, p_dot, roots, multiple):
    """Raise if a direction could move multiple roots: roots at 0 stay if it leaves the last coefficients as they are."""
    first = 0 if np.any(multiple & (roots != 0)) else len(p) - np.count_nonzero(roots == 0)
    if isinstance(p_dot, ActiveArray) or np.any(p_dot[..., first:] != 0):
        raise DualnumError(
            "numpy.roots: some roots are multiple (or so close that rounding cannot tell), and have no derivative with "
            "respect to the coefficients."
        )


def _roots(p):
    out = np.roots(p)

    def push(p_dot):
        # p(z) = 0 stays true: p'(z) z_dot = -p_dot(z). Both sides are divided by a power of |z|, so as not to overflow.
        n = p.size
        sizes = np.maximum(np.abs(primal_all(out)), 1)
        powers = np.vander(out / sizes, n) / sizes[:, None] ** np.arange(n)
        slopes = np.matmul(powers[:, 1:], p[:-1] * np.arange(n - 1, 0, -1))
        numerators = np.matmul(p_dot, np.transpose(powers))
        multiple = _multiple(*map(primal_all, (p, out, powers, slopes)))
        if not multiple.any():
            return -numerators / slopes
        _refuse_multiple(p, p_dot, primal_all(out), multiple)
        return -np.where(multiple, 0, numerators) / np.where(multiple, 1, slopes)

    return out, push


nonlinear(np.roots, _roots, batched=True)


def _poly(seq_of_zeros):
    out = np.poly(seq_of_zeros)
    zeros = np.atleast_1d(as_array(seq_of_zeros))
    push_complex = _poly_of_matrix(zeros, out) if zeros.ndim == 2 else _poly_of_zeros(zeros)

    def push(zeros_dot):
        lead = zeros_dot.shape[: zeros_dot.ndim - np.ndim(seq_of_zeros)]
        out_dot = push_complex(np.reshape(zeros_dot, lead + zeros.shape))
        is_real = zeros.size and out.dtype.kind != "c"
        return without_imaginary(out_dot) if is_real and out_dot.dtype.kind == "c" else out_dot

    return out, push


def _poly_of_zeros(zeros):
    def push(zeros_dot):
        # One factor x - z after the other: (x - z) p has the tangent (x - z) p_dot - z_dot p.
        p, p_dot = np.ones_like(zeros, shape=1), np.zeros_like(zeros_dot, shape=(*zeros_dot.shape[:-1], 1))
        end, end_dot = np.zeros_like(p), np.zeros_like(p_dot)
        for i in range(len(zeros)):
            change = np.concatenate([end_dot, zeros[i] * p_dot + zeros_dot[..., i : i + 1] * p], -1)
            p_dot = np.concatenate([p_dot, end_dot], -1) - change
            p = np.concatenate([p, end]) - np.concatenate([end, zeros[i] * p])
        return p_dot

    return push


def _poly_of_matrix(a, out):
    """Characteristic polynomial, through the adjugate, which also exists where eigenvalues are equal.

    With adj(xI - a) = sum of b_k x^(n-k), the tangent of coefficient k is -trace(b_k a_dot), and b_(k+1) = a b_k + c_k I
    (Faddeev & LeVerrier; Gantmacher, The Theory of Matrices I, IV.4).
    """
    n = len(a)

    def push(a_dot):
        unit = np.eye(n, dtype=a.dtype)
        rows = [unit]
        for k in range(1, n):
            rows.append(np.matmul(a, rows[-1]) + out[k] * unit)
        rows = np.reshape(np.stack([np.transpose(b) for b in rows]), (n, n * n))
        lead = a_dot.shape[:-2]
        changes = np.matmul(np.reshape(a_dot, (*lead, n * n)), np.transpose(rows))
        return np.concatenate([np.zeros_like(changes[..., :1]), -changes], -1)

    return push


nonlinear(np.poly, _poly, batched=True)
