"""Rows of functions of matrices and of matrix equations of `scipy.linalg`, by way of `dualnum.scipy.linalg`.

A matrix equation is linearised by an equation of the same kind for the tangent; that of the square root is Sylvester's.

Sources: Najfeld & Havel, Derivatives of the matrix exponential and their computation, 1995 (the derivative of the exponential
stands in the upper right block of that of [[a, e], [0, a]]); Higham, Functions of Matrices, 2008, sections 6.1 and 11.5 (square
root, logarithm); Kao & Hennequin, Automatic differentiation of Sylvester, Lyapunov, and algebraic Riccati equations, 2020.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from dualnum.dispatch import apply_function, primal_all
from dualnum.errors import ConvergenceError, DualnumError, NoRuleError
from dualnum.packing import as_operand, contains_active
from dualnum.rules.decompositions import rounding_of
from dualnum.rules.products import adjoint, fitted, product
from dualnum.rules.scipy_linalg import matrices
from dualnum.table import composite, nonlinear
from dualnum.twins import twin

# The exponential

_expm = twin(linalg.expm)


def _blocks(a, e):
    """Matrices [[a, e], [0, a]]."""
    return np.concatenate([np.concatenate([a, e], -1), np.concatenate([np.zeros_like(a), a], -1)], -2)


def _frechet(a, e):
    """Derivative of the exponential at `a` in the direction `e`, in which it is linear; they have one shape."""
    if contains_active((a, e)):
        return apply_function(_frechet, (a, e), {})
    n = a.shape[-1]
    size = np.max(np.abs(e), axis=(-2, -1), keepdims=True, initial=0)
    size[~(np.isfinite(size) & (size > 0))] = 1  # for a large direction would cost digits
    return linalg.expm(_blocks(a, e / size))[..., :n, n:] * size


def _along(a, e):
    """The same, where `e` may have directions."""
    return _frechet(np.broadcast_to(a, e.shape), e)


def _frechet_rule(a, e):
    n = a.shape[-1]

    def push(a_dot, e_dot):
        if a_dot is None:
            return _along(a, e_dot)
        return _along(_blocks(a, e), _blocks(a_dot, np.zeros_like(a_dot) if e_dot is None else e_dot))[..., :n, n:]

    return _frechet(a, e), push


def _frechet_pull(out_bar, a, e):
    return fitted(_frechet(adjoint(a), out_bar), e)


nonlinear(_frechet, _frechet_rule, positions=(0, 1), batched=True, transposes={1: _frechet_pull})
nonlinear(_expm, lambda A: (_expm(A), lambda a_dot: _along(A, a_dot)), batched=True)


# Linear matrix equations

_solve_sylvester = twin(linalg.solve_sylvester)
_solve_discrete_lyapunov = twin(linalg.solve_discrete_lyapunov)


def _sum(*terms):
    """Sum of the terms that are not None, of which there is one."""
    return sum(term for term in terms if term is not None)


def _solved(a, b, q):
    """Solution of Sylvester's equation; where there is none, or more than one, LAPACK gives that of an equation nearby."""
    x = _solve_sylvester(a, b, q)
    sizes = [np.max(np.abs(primal_all(part)), initial=0) for part in (a, b, q, x)]
    if rounding_of(*q.shape, dtype=sizes[2].dtype) * (sizes[0] + sizes[1]) * sizes[3] > sizes[2]:
        raise DualnumError(
            "scipy.linalg.solve_sylvester: an eigenvalue of a and one of -b are equal (up to rounding), so that the solution "
            "is not determined, and has no derivative."
        )
    return x


def _solve_sylvester_rule(a, b, q):
    a, b, q = matrices("solve_sylvester", a, b, q)
    out = _solve_sylvester(a, b, q)

    def push(a_dot, b_dot, q_dot):
        from_a = None if a_dot is None else -np.matmul(a_dot, out)
        from_b = None if b_dot is None else -np.matmul(out, b_dot)
        return _solved(a, b, _sum(from_a, from_b, q_dot))

    return out, push


def _solve_sylvester_pull(out_bar, a, b, q):
    a, b, q = matrices("solve_sylvester", a, b, q)
    return fitted(_solved(adjoint(a), adjoint(b), out_bar), q)


def _solve_continuous_lyapunov(a, q):
    a, q = matrices("solve_continuous_lyapunov", a, q)
    return _solve_sylvester(a, adjoint(a), q)


def _solve_discrete_lyapunov_rule(a, q, method=None):
    a, q = matrices("solve_discrete_lyapunov", a, q)
    out = _solve_discrete_lyapunov(a, q, method)

    def push(a_dot, q_dot):
        if a_dot is None:
            return _solve_discrete_lyapunov(a, q_dot, method)
        change = product(a_dot, out, adjoint(a)) + product(a, out, adjoint(a_dot))
        return _solve_discrete_lyapunov(a, _sum(change, q_dot), method)

    return out, push


def _solve_discrete_lyapunov_pull(out_bar, a, q, method=None):
    a, q = matrices("solve_discrete_lyapunov", a, q)
    return fitted(_solve_discrete_lyapunov(adjoint(a), out_bar, method), q)


nonlinear(_solve_sylvester, _solve_sylvester_rule, positions=(0, 1, 2), transposes={2: _solve_sylvester_pull})
composite(twin(linalg.solve_continuous_lyapunov), _solve_continuous_lyapunov)
nonlinear(
    _solve_discrete_lyapunov,
    _solve_discrete_lyapunov_rule,
    positions=(0, 1),
    transposes={1: _solve_discrete_lyapunov_pull},
)


# Square root and logarithm

_sqrtm = twin(linalg.sqrtm)


def _check_eigenvalues(a, name):
    """Raise where a principal value has no derivative: at singular matrices, and where eigenvalues may leave the real axis."""
    w = np.linalg.eigvals(primal_all(a))
    sizes = np.abs(w)
    bound = rounding_of(len(w), dtype=sizes.dtype) * np.max(sizes, initial=0)
    if np.any(sizes <= bound):
        raise DualnumError(f"scipy.linalg.{name}: the matrix is singular (up to rounding), and there is no derivative.")
    on_cut = w[(w.real < 0) & (np.abs(w.imag) <= bound)]
    equal = np.abs(on_cut[:, None] - on_cut) <= bound
    if np.sum(equal) > len(on_cut) or (len(on_cut) and a.dtype.kind == "c"):
        raise DualnumError(
            f"scipy.linalg.{name}: there are equal negative eigenvalues, or negative ones of a complex matrix. There the "
            "principal value jumps, and has no derivative."
        )


def _one_matrix(name, a, options):
    if options:
        raise NoRuleError(f"scipy.linalg.{name} with options has no derivative rule: leave disp and blocksize away.")
    (a,) = matrices(name, a)
    if a.ndim != 2:
        raise NoRuleError(f"scipy.linalg.{name} of an array of shape {a.shape}, no matrix, has no derivative rule.")
    return a


def _sqrtm_rule(A, *options, **more):
    A = _one_matrix("sqrtm", A, options or more)
    out = _sqrtm(A)

    def push(a_dot):
        _check_eigenvalues(A, "sqrtm")
        return _solve_sylvester(out, out, a_dot)

    return out, push


# Of the integral of r / (1 + t r) over t, which is the logarithm of 1 + r; exact to rounding where r is below 1/4.
_QUADRATURE = [((1 + x) / 2, weight / 2) for x, weight in np.transpose(np.polynomial.legendre.leggauss(12)).tolist()]


def _logm(A, *options, **more):
    """Logarithm by square roots, until the matrix is near the unit matrix, and by Gauss's quadrature there."""
    root, doublings = _one_matrix("logm", A, options or more), 0
    _check_eigenvalues(root, "logm")
    unit = np.eye(len(root))
    while np.linalg.norm(primal_all(root) - unit, 1) > 0.25:
        root, doublings = _sqrtm(root), doublings + 1
        if root.dtype.char == "G":  # of old versions of SciPy; LAPACK does not take it
            root = root.astype(complex)
    r = root - unit
    return 2**doublings * sum(weight * np.linalg.solve(unit + t * r, r) for t, weight in _QUADRATURE)


nonlinear(_sqrtm, _sqrtm_rule)
composite(twin(linalg.logm), _logm)


# Riccati equations


def _check_solved(name, terms, given):
    """Raise unless the terms of an equation sum up to zero, as far as can be expected of what is given."""
    terms = [primal_all(term) for term in terms]
    sizes = [np.max(np.abs(term), initial=0) for term in terms]
    precision = max(np.finfo(x.dtype).eps for x in given if x is not None)
    if not np.max(np.abs(sum(terms)), initial=0) <= precision**0.5 * max(sizes):
        raise ConvergenceError(
            f"scipy.linalg.{name}: what SciPy has found is no solution of the equation, and has no derivative. Where e is "
            "given, it may be one with balanced=False."
        )


def _as_one_kind(*given):
    """Matrices of one dtype of floats; SciPy takes the negative of unsigned integers."""
    given = [x if x is None else np.atleast_2d(as_operand(x)) for x in given]
    dtypes = [x.dtype if x.dtype.kind in "fc" else np.dtype(float) for x in given if x is not None]
    dtype = np.result_type(*dtypes)
    return [x if x is None or x.dtype == dtype else x.astype(dtype) for x in given]


def _riccati(function, is_discrete):
    """Register a solver of Riccati equations: the tangent solves a linear equation with the matrix of the closed loop.

    The terms of the equation come in pairs, each the adjoint of the other; one of each pair is computed.
    """
    solver = twin(function)

    def rule(a, b, q, r, e=None, s=None, balanced=True):
        given = a, b, q, r, e, s = _as_one_kind(a, b, q, r, e, s)
        x = solver(*given, balanced)
        has_e, e = e is not None, np.eye(len(a)) if e is None else e
        cross = product(adjoint(b), x, a if is_discrete else e)
        weight = r + product(adjoint(b), x, b) if is_discrete else r
        gain = np.linalg.solve(weight, cross if s is None else cross + adjoint(s))
        if is_discrete:
            terms = [product(adjoint(a), x, a), -product(adjoint(e), x, e)]
        else:
            terms = [product(adjoint(a), x, e), product(adjoint(e), x, a)]
        _check_solved(solver.__name__, [*terms, q, -product(adjoint(gain), weight, gain)], given)
        closed = a - np.matmul(b, gain)
        side, other = (closed, -e) if is_discrete else (e, closed)

        def push(*tangents):
            pairs = zip(given, tangents, strict=True)
            a_dot, b_dot, q_dot, r_dot, e_dot, s_dot = (t if t is None else t.reshape(x.shape) for x, t in pairs)
            half = _sum(
                None if a_dot is None else product(adjoint(a_dot), x, side),
                None if b_dot is None else -product(adjoint(side), x, b_dot, gain),
                None if q_dot is None else q_dot / 2,
                None if r_dot is None else product(adjoint(gain), r_dot, gain) / 2,
                None if e_dot is None else product(adjoint(e_dot), x, other),
                None if s_dot is None else -np.matmul(s_dot, gain),
            )
            change, loop = half + adjoint(half), closed
            if has_e:
                inverse = np.linalg.inv(e)
                change, loop = product(adjoint(inverse), change, inverse), np.matmul(closed, inverse)
            if is_discrete:
                return _solve_discrete_lyapunov(adjoint(loop), change)
            return _solve_sylvester(adjoint(loop), loop, -change)

        return x, push

    nonlinear(solver, rule, positions=(0, 1, 2, 3, 4, 5))


_riccati(linalg.solve_continuous_are, is_discrete=False)
_riccati(linalg.solve_discrete_are, is_discrete=True)
