"""Rows of the distribution functions of the binomial, negative binomial and Poisson distributions, and of their inverses.

They are incomplete beta and gamma functions (DLMF 8.17.5, 8.4.10). Counts are rounded down to integers, but those that are
solved for are real, and so are the numbers that go with them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.densities import SEARCHED, beta_density, gamma_density, register
from dualnum.rules.special.families import INTEGER
from dualnum.rules.special.incomplete import betainc_in_a, gammainc_in_a, gammainc_shift

_ROUNDED = "it is rounded down to an integer"

# Binomial: I_{1 - p}(n - k, k + 1).


def _binomial_density(k: Any, n: Any, p: Any) -> Any:
    k = np.floor(k)
    return beta_density(k + 1.0, np.maximum(n - k, 0.0), p, 1.0 - p)


register(special.bdtr, _ROUNDED, INTEGER, lambda out, k, n, p: -_binomial_density(k, n, p))
register(special.bdtrc, _ROUNDED, INTEGER, lambda out, k, n, p: _binomial_density(k, n, p))
register(special.bdtri, _ROUNDED, INTEGER, lambda out, k, n, y: -1.0 / _binomial_density(k, n, out))


def _binomial_in(k: Any, n: Any, p: Any) -> tuple[Callable[[], Any], ...]:
    a, b, q = n - k, k + 1.0, 1.0 - p
    return (
        lambda: -betainc_in_a(a, b, q, p) - betainc_in_a(b, a, p, q),
        lambda: betainc_in_a(a, b, q, p),
        lambda: -beta_density(b, a, p, q),
    )


# Negative binomial: I_p(n, k + 1).


def _pascal_density(k: Any, n: Any, p: Any) -> Any:
    return beta_density(np.floor(n), np.floor(k) + 1.0, p, 1.0 - p)


register(special.nbdtr, _ROUNDED, _ROUNDED, lambda out, k, n, p: _pascal_density(k, n, p))
register(special.nbdtrc, _ROUNDED, _ROUNDED, lambda out, k, n, p: -_pascal_density(k, n, p))
register(special.nbdtri, _ROUNDED, _ROUNDED, lambda out, k, n, y: 1.0 / _pascal_density(k, n, out))


def _pascal_in(k: Any, n: Any, p: Any) -> tuple[Callable[[], Any], ...]:
    return (
        lambda: -betainc_in_a(k + 1.0, n, 1.0 - p, p),
        lambda: betainc_in_a(n, k + 1.0, p, 1.0 - p),
        lambda: beta_density(n, k + 1.0, p, 1.0 - p),
    )


def _solved(function: Any, forward: Callable[..., tuple[Callable[[], Any], ...]], position: int) -> None:
    """Register the inverse of a distribution function of (k, n, p) in the argument at `position`.

    ``forward`` gives the derivatives of the distribution function. In its arguments, the share stands in the place of the
    solution for n and in front of the others for k. A count that would be negative is 0, without a derivative.
    """
    share = 0 if position == 0 else 1

    def partial(i: int) -> Callable[..., Any]:
        role = {0: (-1, 1, 2), 1: (0, -1, 2)}[position][i]

        def computed(out: Any, *args: Any) -> Any:
            clamped = primal_all(out) <= 0
            point = [args[j] for j in range(3) if j != share]
            point.insert(position, np.where(clamped, 1.0, out))
            slopes = forward(*point)
            change = 1.0 if role < 0 else -slopes[role]()
            return np.where(clamped, 0.0, change / slopes[position]())

        return computed

    register(function, *(partial(i) for i in range(3)), bound=1e-8, note=SEARCHED)


_solved(special.bdtrik, _binomial_in, 0)
_solved(special.bdtrin, _binomial_in, 1)
_solved(special.nbdtrik, _pascal_in, 0)
_solved(special.nbdtrin, _pascal_in, 1)

# Poisson: Q(k + 1, m).

register(special.pdtr, _ROUNDED, lambda out, k, m: -gamma_density(np.floor(k) + 1.0, m))
register(special.pdtrc, _ROUNDED, lambda out, k, m: gamma_density(np.floor(k) + 1.0, m))
register(special.pdtri, _ROUNDED, lambda out, k, y: -1.0 / gamma_density(np.floor(k) + 1.0, out))
register(
    special.pdtrik,
    lambda out, p, m: np.where(primal_all(out) <= 0, 0.0, -1.0 / gammainc_in_a(out + 1.0, m)),
    lambda out, p, m: np.where(primal_all(out) <= 0, 0.0, 1.0 / gammainc_shift(out + 1.0, m)),
)
