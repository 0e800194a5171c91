"""Derivatives of orthogonal polynomials in their degree and their parameters.

For integer degrees those in the parameters come from the recurrences in the degree (DLMF 18.9(i)), differentiated, which go
up, the direction in which they are stable. All others come from the hypergeometric series.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.hypergeometric_series import hyp1f1_slope, hyp2f1_slope, refused

__all__ = ["gegenbauer_slope", "jacobi_slope", "laguerre_slope", "shifted_jacobi_scale"]

_HIGHEST = 20000


def _whole(n: Any) -> Any:
    """The degrees as integers, if they are; None if a recurrence does not lead to all of them."""
    n = np.asarray(primal_all(n))
    return n if np.all((n == np.rint(n)) & (n <= _HIGHEST)) else None


def _ascend(n: Any, first: Any, first_slope: Any, step: Callable[[int], tuple[Any, ...]]) -> Any:
    """Derivative of the polynomial of degree n, from those of degrees 0 (which is 1) and 1.

    ``step(k)`` gives a, b and their derivatives, where p[k+1] = a p[k] - b p[k-1].
    """
    p_last, slope_last, p, slope = 1.0, 0.0, first, first_slope
    found = np.where(n == 1, slope, 0.0)
    for k in range(1, int(np.max(n, initial=0))):
        a, a_slope, b, b_slope = step(k)
        slope, slope_last = a * slope - b * slope_last + a_slope * p - b_slope * p_last, slope
        p, p_last = a * p - b * p_last, p
        if np.any(n == k + 1):
            found = np.where(n == k + 1, slope, found)
    return found


# For real degrees the polynomials are hypergeometric functions (DLMF 18.5(iii)), up to a quotient of gamma functions, which
# is the value at the end of the interval.


def laguerre_slope(out: Any, n: Any, alpha: Any, x: Any, position: int) -> Any:
    """Derivative of the Laguerre function in its degree (position 0) or in alpha (position 1)."""
    degrees = _whole(n)
    if position == 1 and degrees is not None:

        def step(k: int) -> tuple[Any, ...]:
            return (2.0 * k + 1.0 + alpha - x) / (k + 1), 1.0 / (k + 1), (k + alpha) / (k + 1), 1.0 / (k + 1)

        return _ascend(degrees, 1.0 + alpha - x, 1.0 + 0.0 * (alpha - x), step)
    scale = special.eval_genlaguerre(n, alpha, 0.0)
    scale_log = special.digamma(n + alpha + 1.0) - special.digamma((n, alpha)[position] + 1.0)
    a_dot, b_dot = ((-1.0, 0.0), (0.0, 1.0))[position]
    slope = hyp1f1_slope(out / scale, -n, alpha + 1.0, x, a_dot, b_dot, "eval_genlaguerre")
    return _finite("eval_genlaguerre", out, out * scale_log + scale * slope)


def gegenbauer_slope(out: Any, n: Any, alpha: Any, x: Any, position: int) -> Any:
    """Derivative of the Gegenbauer function in its degree (position 0) or in alpha (position 1)."""
    degrees = _whole(n)
    if position == 1 and degrees is not None:

        def step(k: int) -> tuple[Any, ...]:
            two_x = 2.0 * x / (k + 1)
            return two_x * (k + alpha), two_x, (k + 2.0 * alpha - 1.0) / (k + 1), 2.0 / (k + 1)

        return _ascend(degrees, 2.0 * alpha * x, 2.0 * x + 0.0 * alpha, step)
    scale = special.eval_gegenbauer(n, alpha, 1.0)
    scale_log = special.digamma(n + 2.0 * alpha) - special.digamma((n + 1.0, 2.0 * alpha)[position])
    directions = ((-1.0, 1.0, 0.0), (0.0, 2.0, 1.0))[position]
    z = (1.0 - x) / 2.0
    slope = hyp2f1_slope(out / scale, -n, n + 2.0 * alpha, alpha + 0.5, z, *directions, "eval_gegenbauer")
    return _finite("eval_gegenbauer", out, (1.0, 2.0)[position] * out * scale_log + scale * slope)


def jacobi_slope(out: Any, n: Any, alpha: Any, beta: Any, x: Any, position: int) -> Any:
    """Derivative of the Jacobi function in its degree (position 0), alpha (1) or beta (2)."""
    degrees = _whole(n)
    if position and degrees is not None and np.all(primal_all(alpha) > -1) and np.all(primal_all(beta) > -1):
        if position == 1:
            return _jacobi_alpha(degrees, alpha, beta, x)
        return (1.0 - 2.0 * np.remainder(degrees, 2)) * _jacobi_alpha(degrees, beta, alpha, -x)  # DLMF table 18.6.1
    scale = special.eval_jacobi(n, alpha, beta, 1.0)
    b_dot = n + alpha + beta + 1.0
    directions = ((-1.0, 1.0, 0.0), (0.0, 1.0, 1.0), (0.0, 1.0, 0.0))[position]
    slope = hyp2f1_slope(out / scale, -n, b_dot, alpha + 1.0, (1.0 - x) / 2.0, *directions, "eval_jacobi")
    if position < 2:
        slope = slope + out / scale * (special.digamma(n + alpha + 1.0) - special.digamma((n, alpha)[position] + 1.0))
    return _finite("eval_jacobi", out, scale * slope)


def _finite(name: str, out: Any, slope: Any) -> Any:
    """The derivative, if the quotients of gamma functions did not leave the range."""
    if np.any(np.isfinite(primal_all(out)) & ~np.isfinite(primal_all(slope))):
        raise refused(name, "it is a pole of a gamma function in the formula")
    return slope


def _jacobi_alpha(n: Any, alpha: Any, beta: Any, x: Any) -> Any:
    s = alpha + beta

    def step(k: int) -> tuple[Any, ...]:
        t, u = 2.0 * k + s, k + s + 1.0
        scale = (t + 1.0) / (2.0 * (k + 1.0) * u * t)
        scale_log = 1.0 / (t + 1.0) - 1.0 / u - 1.0 / t
        linear = t * (t + 2.0) * x + (alpha - beta) * s
        b = (k + alpha) * (k + beta) * (t + 2.0) / ((k + 1.0) * u * t)
        b_log = 1.0 / (k + alpha) + 1.0 / (t + 2.0) - 1.0 / u - 1.0 / t
        a_slope = scale * (scale_log * linear + (2.0 * t + 2.0) * x + 2.0 * alpha)
        return scale * linear, a_slope, b, b * b_log

    return _ascend(n, (alpha - beta + (s + 2.0) * x) / 2.0, (1.0 + x) / 2.0 + 0.0 * s, step)


def shifted_jacobi_scale(n: Any, p: Any) -> tuple[Any, Any, Any]:
    """1 / binom(2 n + p - 1, n), by which the shifted Jacobi polynomial differs, and its logarithm's derivatives.

    Those are in n and in p.
    """
    if not np.all((primal_all(n) > -0.5) & (primal_all(n + p) > 0) & (primal_all(2.0 * n + p) > 0)):
        raise refused("eval_sh_jacobi", "n and n + p must be positive")  # for the signs of the gamma functions
    scale = np.exp(special.gammaln(n + 1.0) + special.gammaln(n + p) - special.gammaln(2.0 * n + p))
    in_p = special.digamma(n + p) - special.digamma(2.0 * n + p)
    return scale, in_p + special.digamma(n + 1.0) - special.digamma(2.0 * n + p), in_p
