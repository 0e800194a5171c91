"""Rows of the classical orthogonal polynomials (DLMF chapter 18), which for real degrees are hypergeometric functions.

Derivatives in x are polynomials of the next lower degree (DLMF 18.9(iii)), so that nothing is divided by 1 - x^2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import ActiveArray, primal_all
from dualnum.rules.special.degrees import (
    gegenbauer_slope,
    jacobi_slope,
    laguerre_slope,
    shifted_jacobi_scale,
)
from dualnum.rules.special.families import INTEGER
from dualnum.rules.special.families import register as elementwise_row
from dualnum.rules.special.mehler import legendre_slope

_SCIPY = "SciPy's values for real degrees can be worse than 1e-10, and the derivatives with them."


def _degree(n: Any) -> Any:
    """Integers as such, for which SciPy has recurrences: they are more accurate than the hypergeometric functions."""
    if isinstance(n, ActiveArray) or not _is_whole(n):
        return n
    return np.asarray(n).astype(np.int64)[()]


def _whole(n: Any) -> Any:
    n = np.asarray(primal_all(n))
    return (np.rint(n) == n) & (abs(n) < 2.0**53)


def _is_whole(n: Any) -> bool:
    return bool(np.all(_whole(n)))


def _by_degree(partial: Any) -> Any:
    """Give a partial the integer degrees and the others apart, so that none depends on what is beside it."""

    def apart(out: Any, n: Any, *args: Any) -> Any:
        whole = _whole(n)
        if whole.all() or not whole.any():
            return partial(out, n, *args)
        shape = out.shape
        flat = [np.broadcast_to(x, shape).reshape(-1) for x in (out, n, *args)]
        whole = np.broadcast_to(whole, shape).reshape(-1)
        places = np.flatnonzero(whole), np.flatnonzero(~whole)
        parts = [np.broadcast_to(partial(*(x[place] for x in flat)), place.shape) for place in places]
        return np.concatenate(parts)[np.argsort(np.concatenate(places))].reshape(shape)

    return apart


def register(function: Any, *partials: Any, note: str = "") -> None:
    """Register a function of a degree and more by its partials, or the reasons why there are none."""
    elementwise_row(function, *(_by_degree(p) if callable(p) else p for p in partials), note=note)


def _lowered(n: Any) -> tuple[Any, Any]:
    """A degree n from 0 on, and n - 1 in a type that has it."""
    n = _degree(n)
    return n, n - 1


# Chebyshev polynomials: T_n(cos t) = cos(n t), U_n(cos t) = sin((n + 1) t) / sin(t), and so with cosh and sinh beyond 1.
# For integer degrees, the derivatives in x are polynomials (DLMF 18.9.19 with 18.7.3 and 18.7.4). For the others SciPy's
# hypergeometric functions lose all digits towards -1.


def _is_complex(x: Any) -> bool:
    return bool(np.asarray(primal_all(x)).dtype.kind == "c")


def _unfolded(sign: int) -> Any:
    """Make a function right near -1 for integer degrees n and complex x too: f(-x) is f(x) times (-1)^n and a sign.

    For such x SciPy has hypergeometric functions alone, which lose digits as n grows.
    """

    def decorate(function: Any) -> Any:
        def folded(n: Any, x: Any) -> Any:
            behind = np.real(primal_all(x)) < 0
            if not (_is_complex(x) and _is_whole(n) and np.any(behind)):
                return function(n, x)
            parity = sign * (1.0 - 2.0 * np.remainder(primal_all(n), 2))
            return np.where(behind, parity, 1.0) * function(n, np.where(behind, -x, x))

        return folded

    return decorate


def _angle(x: Any) -> tuple[Any, Any, Any]:
    """The angle t, the absolute value of its sine, and where it is imaginary (for real x; then without the i)."""
    plain = primal_all(x)
    if _is_complex(x):
        # On the real axis the imaginary part is made -0: beyond -1 SciPy's functions have the values from below.
        x = np.conjugate(np.conjugate(x) + 0.0)
        return np.arccos(x), np.sqrt(-(x - 1.0)) * np.sqrt(-(-x - 1.0)), np.False_
    beyond = plain > 1
    near, far = np.where(beyond, 0.0, x), np.where(beyond, x, 2.0)
    sine = np.where(beyond, np.sqrt(far - 1.0) * np.sqrt(far + 1.0), np.sqrt((1.0 - near) * (1.0 + near)))
    return np.where(beyond, np.arccosh(far), np.arccos(near)), sine, beyond


def _of_angle(round_one: Any, hyperbolic: Any, angle: Any, beyond: Any) -> Any:
    if not np.any(beyond):
        return round_one(angle)
    return np.where(beyond, hyperbolic(np.where(beyond, angle, 0.0)), round_one(np.where(beyond, 0.0, angle)))


def _near_one(n: Any, x: Any) -> tuple[Any, Any]:
    """Where the series in 1 - x serves, and the angle has no derivatives or its formulas cancel; and x elsewhere."""
    near = abs(primal_all(n + 1.0) ** 2 * primal_all(x - 1.0)) < 0.1
    return near, np.where(near, 0.0, x)


@_unfolded(1)
def _t_value(n: Any, x: Any) -> Any:
    if _is_whole(n) and not _is_complex(x):
        return special.eval_chebyt(_degree(n), x)
    near, away = _near_one(n, x)
    angle, _, beyond = _angle(away)
    value = _of_angle(np.cos, np.cosh, n * angle, beyond)
    return np.where(near, special.eval_chebyt(n, np.where(near, x, 1.0)), value)


@_unfolded(1)
def _u_value(n: Any, x: Any) -> Any:
    if _is_whole(n) and not _is_complex(x):
        return special.eval_chebyu(_degree(n), x)
    near, away = _near_one(n, x)
    angle, sine, beyond = _angle(away)
    value = _of_angle(np.sin, np.sinh, (n + 1.0) * angle, beyond) / sine
    return np.where(near, special.eval_chebyu(n, np.where(near, x, 1.0)), value)


def _t_slope(n: Any, x: Any) -> Any:
    return n * _u_value(n - 1.0, x)


@_unfolded(-1)
def _u_slope(n: Any, x: Any) -> Any:
    if _is_whole(n) and not _is_complex(x):
        mirrored = primal_all(n) < -1  # U_(-n-2) = -U_n
        _, lower = _lowered(np.where(mirrored, -2 - n, n))
        return np.where(mirrored, -2.0, 2.0) * special.eval_gegenbauer(lower, 2.0, x)
    mirrored = primal_all(n) < -1
    n = np.where(mirrored, -2.0 - n, n)
    # Near 1 the difference would cancel.
    near, away = _near_one(n, x)
    slope = ((n + 1.0) * _t_value(n + 1.0, away) - away * _u_value(n, away)) / ((away - 1.0) * (away + 1.0))
    degree = np.where(primal_all(n) == -1, 0.0, n - 1.0)  # U_(-1) is 0
    series = np.where(primal_all(n) == -1, 0.0, 2.0) * special.eval_gegenbauer(degree, 2.0, np.where(near, x, 1.0))
    return np.where(mirrored, -1.0, 1.0) * np.where(near, series, slope)


def _angle_ratio(x: Any) -> Any:
    """The quotient t / sin(t)."""
    if _is_complex(x):
        at_one = primal_all(x) == 1
        angle, sine, _ = _angle(np.where(at_one, 0.0, x))
        return np.where(at_one, 1.0, angle / sine)
    near = abs(primal_all(x) - 1.0) < 0.5
    angle, sine, _ = _angle(np.where(near, 0.0, x))
    ahead = np.where(near, x, 1.0)
    return np.where(near, special.elliprc(ahead * ahead, 1.0), angle / sine)


def _t_degree(n: Any, x: Any) -> Any:
    at_end = primal_all(x) == -1
    inside = np.where(at_end, 0.0, x)
    slope = (1.0 - inside) * (1.0 + inside) * _angle_ratio(inside) * _u_value(n - 1.0, inside)
    return -np.where(at_end, np.pi * np.sin(np.pi * n), slope)


def _u_degree(n: Any, x: Any) -> Any:
    return _angle_ratio(x) * _t_value(n + 1.0, x)


register(special.eval_chebyt, lambda out, n, x: _t_degree(n, x), lambda out, n, x: _t_slope(n, x))
register(special.eval_chebyu, lambda out, n, x: _u_degree(n, x), lambda out, n, x: _u_slope(n, x))
register(special.eval_chebyc, lambda out, n, x: 2.0 * _t_degree(n, x / 2.0), lambda out, n, x: _t_slope(n, x / 2.0))
register(special.eval_chebys, lambda out, n, x: _u_degree(n, x / 2.0), lambda out, n, x: _u_slope(n, x / 2.0) / 2.0)
register(
    special.eval_sh_chebyt,
    lambda out, n, x: _t_degree(n, 2.0 * x - 1.0),
    lambda out, n, x: 2.0 * _t_slope(n, 2.0 * x - 1.0),
)
register(
    special.eval_sh_chebyu,
    lambda out, n, x: _u_degree(n, 2.0 * x - 1.0),
    lambda out, n, x: 2.0 * _u_slope(n, 2.0 * x - 1.0),
)


# Legendre polynomials: P_n = C_n^(1/2), and P_(-n-1) = P_n.


def _p_slope(n: Any, x: Any) -> Any:
    _, lower = _lowered(np.where(primal_all(n) < -0.5, -1 - n, n))
    plain = primal_all(x)
    left, right = np.real(plain) + 1.0, np.real(1.0 - plain)
    within = (left > 0) & (right > 0) & ((left < 1) | (right * primal_all(n + 0.5) ** 2 > 2))
    if _is_whole(n) or _is_complex(x) or not np.any(within):
        return special.eval_gegenbauer(lower, 1.5, x)
    # There SciPy's hypergeometric functions lose digits, but not lpmv. DLMF 14.10.5.
    inside = np.where(within, x, 0.0)
    both = inside * special.lpmv(0.0, n, inside) - special.lpmv(0.0, n - 1.0, inside)
    slope = n * both / ((inside - 1.0) * (inside + 1.0))
    return np.where(within, slope, special.eval_gegenbauer(lower, 1.5, np.where(within, 1.0, x)))


register(special.eval_legendre, legendre_slope, lambda out, n, x: _p_slope(n, x))
register(
    special.eval_sh_legendre,
    lambda out, n, x: legendre_slope(out, n, 2.0 * x - 1.0),
    lambda out, n, x: 2.0 * _p_slope(n, 2.0 * x - 1.0),
)


# Laguerre polynomials: DLMF 18.9.23. Hermite polynomials: 18.9.25 and 18.9.27.


def _laguerre_slope(n: Any, alpha: Any, x: Any) -> Any:
    _, lower = _lowered(n)
    return -special.eval_genlaguerre(lower, alpha + 1.0, x)


def _hermite_slope(function: Any, factor: Any, n: Any, x: Any) -> Any:
    _, lower = _lowered(np.maximum(n, 1))
    return factor * function(lower, x)


register(
    special.eval_laguerre,
    lambda out, n, x: laguerre_slope(out, n, 0.0, x, 0),
    lambda out, n, x: _laguerre_slope(n, 0.0, x),
    note=_SCIPY,
)
register(
    special.eval_genlaguerre,
    lambda out, n, alpha, x: laguerre_slope(out, n, alpha, x, 0),
    lambda out, n, alpha, x: laguerre_slope(out, n, alpha, x, 1),
    lambda out, n, alpha, x: _laguerre_slope(n, alpha, x),
    note=_SCIPY,
)
register(special.eval_hermite, INTEGER, lambda out, n, x: _hermite_slope(special.eval_hermite, 2.0 * n, n, x))
register(special.eval_hermitenorm, INTEGER, lambda out, n, x: _hermite_slope(special.eval_hermitenorm, n, n, x))


# Gegenbauer and Jacobi polynomials: DLMF 18.9.19 and 18.9.15.


def _gegenbauer_x(out: Any, n: Any, alpha: Any, x: Any) -> Any:
    _, lower = _lowered(n)
    return 2.0 * alpha * special.eval_gegenbauer(lower, alpha + 1.0, x)


def _jacobi_x(out: Any, n: Any, alpha: Any, beta: Any, x: Any) -> Any:
    n, lower = _lowered(n)
    none = primal_all(n) == 0
    raised = special.eval_jacobi(np.where(none, n, lower), alpha + 1.0, beta + 1.0, x)
    return np.where(none, 0.0, 0.5 * (n + alpha + beta + 1.0) * raised)


def _sh_jacobi_x(out: Any, n: Any, p: Any, q: Any, x: Any) -> Any:
    n, lower = _lowered(n)
    none = primal_all(n) == 0
    return n * special.eval_sh_jacobi(np.where(none, n, lower), p + 2.0, q + 1.0, x)


def _sh_jacobi(position: int) -> Any:
    """Partial in an argument: the polynomial is P_n^(p-q, q-1)(2x - 1) / binom(2n + p - 1, n), DLMF 18.1.2."""

    def partial(out: Any, n: Any, p: Any, q: Any, x: Any) -> Any:
        scale, *scale_logs = shifted_jacobi_scale(n, p)
        args = out / scale, n, p - q, q - 1.0, 2.0 * x - 1.0
        if position < 2:
            return scale * jacobi_slope(*args, position) + scale_logs[position] * out
        return scale * (jacobi_slope(*args, 2) - jacobi_slope(*args, 1))

    return partial


register(
    special.eval_gegenbauer,
    lambda out, n, alpha, x: gegenbauer_slope(out, n, alpha, x, 0),
    lambda out, n, alpha, x: gegenbauer_slope(out, n, alpha, x, 1),
    _gegenbauer_x,
    note=_SCIPY,
)
register(
    special.eval_jacobi,
    lambda out, n, alpha, beta, x: jacobi_slope(out, n, alpha, beta, x, 0),
    lambda out, n, alpha, beta, x: jacobi_slope(out, n, alpha, beta, x, 1),
    lambda out, n, alpha, beta, x: jacobi_slope(out, n, alpha, beta, x, 2),
    _jacobi_x,
    note=_SCIPY,
)
register(special.eval_sh_jacobi, *map(_sh_jacobi, range(3)), _sh_jacobi_x, note=_SCIPY)
