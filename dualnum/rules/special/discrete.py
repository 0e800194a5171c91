"""Rows of the distribution functions of the binomial, negative binomial and Poisson distributions, and of their inverses.

They are incomplete beta and gamma functions (DLMF 8.17.5, 8.4.10). Counts are rounded down to integers, but those that are
solved for are real, and so are the numbers that go with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.densities import beta_density, gamma_density, register, register_solved
from dualnum.rules.special.families import INTEGER
from dualnum.rules.special.incomplete import betainc_in_a, gammainc_in_a, gammainc_shift

_ROUNDED = "it is rounded down to an integer"

# Binomial: I_{1 - p}(n - k, k + 1).


def _binomial_density(k: Any, n: Any, p: Any) -> Any:
    k, n = np.floor(k), np.trunc(n)
    return beta_density(k + 1.0, np.maximum(n - k, 0.0), p, 1.0 - p)


register(special.bdtr, _ROUNDED, INTEGER, lambda out, k, n, p: -_binomial_density(k, n, p))
register(special.bdtrc, _ROUNDED, INTEGER, lambda out, k, n, p: _binomial_density(k, n, p))
register(special.bdtri, _ROUNDED, INTEGER, lambda out, k, n, y: -1.0 / _binomial_density(k, n, out))


def _binomial(i: int, k: Any, n: Any, p: Any) -> Any:
    """Derivative in argument i."""
    a, b, q = n - k, k + 1.0, 1.0 - p
    if i == 2:
        return -beta_density(b, a, p, q)
    return betainc_in_a(a, b, q, p) if i == 1 else -betainc_in_a(a, b, q, p) - betainc_in_a(b, a, p, q)


register_solved(special.bdtrik, _binomial, "p", 1, 2, bounded=True)
register_solved(special.bdtrin, _binomial, 0, "p", 2)

# Negative binomial: I_p(n, k + 1).


def _pascal_density(k: Any, n: Any, p: Any) -> Any:
    return beta_density(np.trunc(n), np.trunc(k) + 1.0, p, 1.0 - p)


register(special.nbdtr, _ROUNDED, _ROUNDED, lambda out, k, n, p: _pascal_density(k, n, p))
register(special.nbdtrc, _ROUNDED, _ROUNDED, lambda out, k, n, p: -_pascal_density(k, n, p))
register(special.nbdtri, _ROUNDED, _ROUNDED, lambda out, k, n, y: 1.0 / _pascal_density(k, n, out))


def _pascal(i: int, k: Any, n: Any, p: Any) -> Any:
    """Derivative in argument i."""
    a, b, q = n, k + 1.0, 1.0 - p
    if i == 2:
        return beta_density(a, b, p, q)
    return betainc_in_a(a, b, p, q) if i == 1 else -betainc_in_a(b, a, q, p)


register_solved(special.nbdtrik, _pascal, "p", 1, 2, bounded=True)
register_solved(special.nbdtrin, _pascal, 0, "p", 2)

# Poisson: Q(k + 1, m).

register(special.pdtr, _ROUNDED, lambda out, k, m: -gamma_density(np.floor(k) + 1.0, m))
register(special.pdtrc, _ROUNDED, lambda out, k, m: gamma_density(np.floor(k) + 1.0, m))
register(special.pdtri, _ROUNDED, lambda out, k, y: -1.0 / gamma_density(np.trunc(k) + 1.0, out))
register(
    special.pdtrik,
    lambda out, p, m: np.where(primal_all(out) <= 0, 0.0, -1.0 / gammainc_in_a(out + 1.0, m)),
    lambda out, p, m: np.where(primal_all(out) <= 0, 0.0, 1.0 / gammainc_shift(out + 1.0, m)),
)
