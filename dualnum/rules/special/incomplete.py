"""Rows of the incomplete gamma and beta functions and of their inverses (DLMF 8.2, 8.17).

The inverse functions follow the implicit rule. In the shape parameters, numerator and denominator of it share the density,
which is left out, so that it may underflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.densities import (
    beta_density,
    beta_slope,
    gamma_density,
    gamma_slope,
    log_beta_peak,
    log_gamma_peak,
    not_too_small,
    nothing,
    register,
)
from dualnum.rules.special.families import available

__all__ = ["betainc_in_a", "betainc_shift", "gammainc_in_a", "gammainc_shift", "inverse_gamma_density"]


_TAILS = "For a beyond 1e6, SciPy's solutions in the far tails have few digits."


def gammainc_in_a(a: Any, x: Any) -> Any:
    """Derivative of P(a, x) in a."""
    inside = (primal_all(x) > 0) & (primal_all(x) < 1e100) & (primal_all(a) < np.inf)
    outside = nothing(x, (primal_all(x) == 0) & (primal_all(a) <= 1))
    t, a = np.where(inside, x, 1.0), np.where(inside, not_too_small(a), 1.0)
    return np.where(inside, np.exp(log_gamma_peak(a, t)) * gamma_slope(a, t), outside)


def gammainc_shift(a: Any, x: Any) -> Any:
    """How fast x must move with a for P(a, x) to stay as it is."""
    inside = (primal_all(x) > 0) & (primal_all(x) < np.inf)
    t = np.where(inside, x, 1.0)
    outside = np.where(primal_all(x) == np.inf, np.inf, nothing(x, primal_all(x) == 0))
    return np.where(inside, -t * gamma_slope(a, t), outside)


def _between(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Where x and y = 1 - x are inside the interval, and what stands for them elsewhere."""
    inside = (primal_all(x) > 0) & (primal_all(y) > 0)
    return inside, np.where(inside, x, 0.5), np.where(inside, y, 0.5)


def betainc_in_a(a: Any, b: Any, x: Any, y: Any) -> Any:
    """Derivative of I_x(a, b) in a, where y = 1 - x; that in b is ``-betainc_in_a(b, a, y, x)``."""
    inside, t, u = _between(x, y)
    p, q = primal_all(a), primal_all(b)
    # For b = 0 there is nothing left of the upper limit, for any a.
    outside = nothing(b, q == 0) + nothing(x, ~inside & np.where(primal_all(y) == 0, q <= 1, p <= 1))
    inside = inside & (p < np.inf) & (q < np.inf) & (q != 0)
    a, b = np.where(inside, not_too_small(a, q), 1.0), np.where(inside, b, 1.0)
    return np.where(inside, np.exp(log_beta_peak(a, b, t, u)) * beta_slope(a, b, t, u), outside)


def betainc_shift(a: Any, b: Any, x: Any, y: Any) -> Any:
    """How fast x must move with a for I_x(a, b) to stay as it is; with b, it is ``-betainc_shift(b, a, y, x)``."""
    inside, t, u = _between(x, y)
    return np.where(inside, -t * u * beta_slope(a, b, t, u), nothing(x, ~inside))


def _inverse_density(a: Any, b: Any, x: Any, y: Any, p: Any) -> Any:
    """Derivative in p of x, for which ``I_x(a, b)`` is p or 1 - p; at an end with an infinite density, 0."""
    return _reciprocal(beta_density(a, b, x, y), np.where(primal_all(x) == 0, primal_all(a), primal_all(b)), p)


def inverse_gamma_density(a: Any, x: Any, p: Any) -> Any:
    """Derivative in p of x, for which P(a, x) is p or 1 - p; at 0 with an infinite density, 0."""
    return _reciprocal(gamma_density(a, x), primal_all(a), p)


def _reciprocal(density: Any, exponent: Any, p: Any) -> Any:
    """Where the density is infinite, x grows like a power of p with the exponent 1 / `exponent`."""
    end = primal_all(density) == np.inf
    return np.where(end, nothing(p, end & (exponent >= 0.5)), 1.0 / density)


def _rest(inverse: Any, out: Any, a: Any, b: Any, y: Any) -> Any:
    """Compute ``1 - out``; near 1, where `out` has lost its digits, by the inverse function of the other tail."""
    near = primal_all(out) > 0.9
    if not np.any(near):
        return 1.0 - out
    return np.where(near, inverse(np.where(near, b, 1.0), np.where(near, a, 1.0), np.where(near, y, 0.5)), 1.0 - out)


register(special.gammainc, lambda out, a, x: gammainc_in_a(a, x), lambda out, a, x: gamma_density(a, x))
register(special.gammaincc, lambda out, a, x: -gammainc_in_a(a, x), lambda out, a, x: -gamma_density(a, x))
register(
    special.gammaincinv,
    lambda out, a, y: gammainc_shift(a, out),
    lambda out, a, y: inverse_gamma_density(a, out, y),
    note=_TAILS,
)
register(
    special.gammainccinv,
    lambda out, a, y: gammainc_shift(a, out),
    lambda out, a, y: -inverse_gamma_density(a, out, y),
    note=_TAILS,
)
register(
    special.betainc,
    lambda out, a, b, x: betainc_in_a(a, b, x, 1.0 - x),
    lambda out, a, b, x: -betainc_in_a(b, a, 1.0 - x, x),
    lambda out, a, b, x: beta_density(a, b, x, 1.0 - x),
)
register(
    special.betaincinv,
    lambda out, a, b, y: betainc_shift(a, b, out, _rest(special.betainccinv, out, a, b, y)),
    lambda out, a, b, y: -betainc_shift(b, a, _rest(special.betainccinv, out, a, b, y), out),
    lambda out, a, b, y: _inverse_density(a, b, out, _rest(special.betainccinv, out, a, b, y), y),
)
if available("betaincc", "betainccinv"):
    register(
        special.betaincc,
        lambda out, a, b, x: -betainc_in_a(a, b, x, 1.0 - x),
        lambda out, a, b, x: betainc_in_a(b, a, 1.0 - x, x),
        lambda out, a, b, x: -beta_density(a, b, x, 1.0 - x),
    )
    register(
        special.betainccinv,
        lambda out, a, b, y: betainc_shift(a, b, out, _rest(special.betaincinv, out, a, b, y)),
        lambda out, a, b, y: -betainc_shift(b, a, _rest(special.betaincinv, out, a, b, y), out),
        lambda out, a, b, y: -_inverse_density(a, b, out, _rest(special.betaincinv, out, a, b, y), y),
    )
