"""Rows of the non-central distribution functions of chi-square, F and Student's t, and of their inverses.

The first two are averages of central ones, with Poisson's distribution of the number of additional pairs of degrees of
freedom (Johnson, Kotz & Balakrishnan 1995, chapters 29 and 30); every term of the sum is differentiated. That of t is the
average of a normal one over the distribution of the estimated deviation (chapter 31).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.densities import (
    beta_density,
    gamma_density,
    gamma_slope,
    log_beta_peak,
    log_gamma_peak,
    register,
    register_solved,
    two_sided,
)
from dualnum.rules.special.incomplete import betainc_in_a, gammainc_in_a
from dualnum.rules.special.quadrature import Rule, integral

#: Why some derivatives take longer than 200 times the function.
_SLOW = "In the degrees of freedom, a sum or integral of integrals: some 0.3 ms for each element."
_LONGEST = 20_000
#: Why the derivative of some solutions is less precise.
_ROUGH = "SciPy's solution has only four to seven digits; a step of Newton's method doubles them"


def _average(term: Callable[..., Any], peak: Any, variance: Any, rate: Any, *values: Any) -> Any:
    """Sum of ``term(j, *values)`` times Poisson's probability of j, as far as it matters.

    The terms are those of a density in j with this peak and variance there, both plain.
    """
    width = 9.0 * np.sqrt(variance) + 15.0
    start = np.maximum(np.floor(peak - width), 0.0)
    count = int(np.max(np.nan_to_num(peak + width - start), initial=1.0)) + 2
    if count > _LONGEST:
        raise NoRuleError(
            f"A non-central distribution function needs {count} terms for its derivative here, which is more than "
            f"{_LONGEST}: non-centrality or argument are too large. Pass primal(x) if the derivative is not wanted."
        )
    steps = np.arange(count, dtype=float)

    def weighted(k: Any, start: Any, rate: Any, *values: Any) -> Any:
        return gamma_density(start + k + 1.0, rate) * term(start + k, *values)

    return integral(weighted, Rule(steps, np.ones(count), steps), start, rate, *values)


# Chi-square, with x / 2, half the degrees of freedom a, and half the non-centrality as the rate.


def _chi_square(i: int, x: Any, df: Any, nc: Any) -> Any:
    """Derivative in argument i."""
    terms = (
        lambda j, z, a: gamma_density(a + j, z),
        lambda j, z, a: gammainc_in_a(a + j, z),
        lambda j, z, a: -gamma_density(a + j + 1.0, z),
    )
    z, a, rate = 0.5 * x, 0.5 * df, 0.5 * nc
    v, p, r = primal_all(z), primal_all(a), primal_all(rate)
    peak = 0.5 * (np.sqrt(p * p + 4.0 * r * np.maximum(v, 0.0)) - p)
    variance = 1.0 / (1.0 / (peak + 1.0) + 1.0 / (peak + p))
    return 0.5 * _average(terms[i], peak, variance, rate, z, a)


def _slopes(slope: Callable[..., Any], count: int) -> list[Callable[..., Any]]:
    """Partials of a distribution function from its derivatives."""
    return [partial(lambda i, out, *args: slope(i, *args), i) for i in range(count)]


register(special.chndtr, *_slopes(_chi_square, 3))
register_solved(special.chndtrix, _chi_square, "p", 1, 2, forward=special.chndtr)
register_solved(special.chndtridf, _chi_square, 0, "p", 2, forward=special.chndtr)
register_solved(special.chndtrinc, _chi_square, 0, 1, "p", forward=special.chndtr)

# F: with w / (1 - w) = m f / n.


def _f(i: int, m: Any, n: Any, nc: Any, f: Any) -> Any:
    """Derivative in argument i."""

    def power(j: Any, a: Any, b: Any, w: Any, y: Any) -> Any:
        return np.exp(log_beta_peak(a + j, b, w, y))

    terms = (
        lambda j, a, b, w, y: betainc_in_a(a + j, b, w, y) + power(j, a, b, w, y) / a,
        lambda j, a, b, w, y: -betainc_in_a(b, a + j, y, w) - power(j, a, b, w, y) / b,
        lambda j, a, b, w, y: -power(j, a, b, w, y) / (a + j),
        lambda j, a, b, w, y: beta_density(a + j, b, w, y),
    )
    inside = (primal_all(f) > 0) | (i == 3)
    ratio = np.where(inside, f, 1.0) * m / n
    y = 1.0 / (1.0 + ratio)
    a, b, w, rate = 0.5 * m, 0.5 * n, ratio * y, 0.5 * nc
    p, q, c = primal_all(a), primal_all(b), primal_all(rate) * primal_all(w)
    peak = 0.5 * (c - p + np.sqrt((p - c) ** 2 + 4.0 * c * (p + q)))
    variance = 1.0 / (1.0 / (peak + 1.0) + 1.0 / (peak + p) - 1.0 / (peak + p + q))
    total = _average(terms[i], peak, np.abs(variance), rate, a, b, w, y)
    return total * y * y * (m / n) if i == 3 else np.where(inside, 0.5 * total, 0.0)


register(special.ncfdtr, *_slopes(_f, 4), note=_SLOW)
register_solved(special.ncfdtri, _f, 0, 1, 2, "p", forward=special.ncfdtr)
register_solved(special.ncfdtridfd, _f, 0, "p", 2, 3, forward=special.ncfdtr, bound=1e-6, note=_ROUGH)
register_solved(special.ncfdtridfn, _f, "p", 1, 2, 3, forward=special.ncfdtr, bound=1e-6, note=_ROUGH)
register_solved(special.ncfdtrinc, _f, 0, 1, "p", 3, forward=special.ncfdtr, bound=1e-6, note=_ROUGH)

# Student's t: the average of Phi(t s - d) over s, whose square is chi-square over its degrees of freedom v.


def _t(i: int, v: Any, d: Any, t: Any) -> Any:
    """Derivative in argument i."""

    def integrand(u: Any, v: Any, d: Any, t: Any) -> Any:
        s = np.exp(u)
        a = 0.5 * v
        off = t * s - d
        log = log_gamma_peak(a, a * s * s) - 0.5 * off * off - 0.5 * np.log(2.0 * np.pi)
        if i == 1:
            return log, -2.0
        return log + u, 2.0 if i == 2 else -0.5 * t * (gamma_slope(a, a * s * s) + 1.0 / a)

    n, shift, at = (primal_all(z) for z in (v, d, t))
    squares, product, power = n + at * at, at * shift, n + (i != 1)
    root = np.sqrt(product * product + 4.0 * squares * power)
    # The peak of s**power exp(-squares s**2 / 2 + product s), without cancellation where the product is negative.
    s = np.where(product > 0, (product + root) / (2.0 * squares), 2.0 * power / (root - np.minimum(product, 0.0)))
    return two_sided(integrand, np.log(s), v, d, t)


register(special.nctdtr, *_slopes(_t, 3), note=_SLOW)
register_solved(special.nctdtrit, _t, 0, 1, "p", forward=special.nctdtr)
register_solved(special.nctdtridf, _t, "p", 1, 2, forward=special.nctdtr, bound=1e-6, note=_ROUGH)
register_solved(special.nctdtrinc, _t, 0, "p", 2, forward=special.nctdtr, bound=1e-6, note=_ROUGH)
