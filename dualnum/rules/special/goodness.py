"""Rows of the distributions of Kolmogorov and Smirnov, and of their inverses.

Kolmogorov's is a theta function, with two series of which one converges fast everywhere (DLMF 20.2, 20.7.32). Smirnov's is a
sum of n terms (Birnbaum & Tingey 1951), a polynomial in d between any two of the points j / n.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.densities import register
from dualnum.rules.special.families import INTEGER
from dualnum.rules.special.quadrature import Rule, integral

#: So many terms are summed up.
_LONGEST = 20_000
#: Where both series for the density of Kolmogorov's distribution converge after few terms.
_MIDDLE = 1.0


def _kolmogorov_density(x: Any) -> Any:
    """Minus the derivative of the share above x."""
    v = primal_all(x)
    above = v > _MIDDLE
    t = np.where(above, x, _MIDDLE)
    high: Any = 0.0
    for k in range(1, 8):
        high = high - (-1.0) ** k * k * k * np.exp(-2.0 * k * k * (t * t))
    inside = (v > 0.02) & ~above  # below, the density is under 1e-1000
    t = np.where(inside, x, _MIDDLE)
    low: Any = 0.0
    for k in (1, 3, 5, 7, 9):
        c = k * k * np.pi**2 / 8
        low = low + (2.0 * c / (t * t) - 1.0) * np.exp(-c / (t * t))
    low = np.sqrt(2 * np.pi) / (t * t) * low
    return np.where(above, 8.0 * np.where(above, x, 0.0) * high, np.where(inside, low, 0.0))


register(special.kolmogorov, lambda out, y: -_kolmogorov_density(y))
register(special.kolmogi, lambda out, p: -1.0 / _kolmogorov_density(out))


def _smirnov_curvature(n: Any, d: Any) -> Any:
    """Second derivative of the share above d: that of the sum, term by term."""

    def term(j: Any, d: Any, n: Any, log_choices: Any) -> Any:
        lower, upper = d + j / n, 1.0 - d - j / n
        used = primal_all(upper) > 0
        lower, upper = np.where(used, lower, 0.5), np.where(used, upper, 0.5)
        weight = np.exp(log_choices(j) + (j - 2.0) * np.log(lower) + (n - j - 1.0) * np.log(upper))
        slope = (j - 2.0) / lower - (n - j - 1.0) / upper
        return np.where(used, weight * (slope * (j * upper / n - n * d * d) - 2.0 * n * d - j / n), 0.0)

    count = np.floor(primal_all(n)) + 0.0
    if np.any(count > _LONGEST):
        raise NoRuleError(
            f"The derivatives of scipy.special.smirnov and smirnovi have derivatives up to n = {_LONGEST} only, for they are "
            "sums of n terms. Pass primal(d) if the derivative is not wanted."
        )

    def log_choices(j: Any) -> Any:
        k = np.minimum(j, count)
        return special.gammaln(count + 1.0) - special.gammaln(k + 1.0) - special.gammaln(count - k + 1.0)

    steps = np.arange(int(np.max(count, initial=1.0)) + 1, dtype=float)
    inside = (primal_all(d) > 0) & (primal_all(d) < 1)
    rule = Rule(steps, np.ones(steps.size), steps)
    total = integral(lambda j, d, n: term(j, d, n, log_choices), rule, np.where(inside, d, 0.5), count)
    return np.where(inside, total, np.nan)


_CANCELS = "its sum has terms of both signs"

register(_ufuncs._smirnovp, INTEGER, lambda out, n, d: _smirnov_curvature(n, d), bound=1e-6, note=_CANCELS)
register(special.smirnov, INTEGER, lambda out, n, d: _ufuncs._smirnovp(n, d))
register(special.smirnovi, INTEGER, lambda out, n, p: 1.0 / _ufuncs._smirnovp(n, out))
