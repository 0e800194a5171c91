"""Rows of discrete distributions, in their real parameters: counts are plain numbers.

Distribution functions are incomplete gamma and beta functions (DLMF 8.4.10, 8.17.5), whose derivatives are densities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import stats

from dualnum.dispatch import primal_all
from dualnum.distributions import KERNELS, distribution, kernel
from dualnum.rules.special.densities import beta_density, gamma_density
from dualnum.rules.special.gamma import digamma_difference
from dualnum.rules.special.incomplete import betainc_in_a
from dualnum.rules.stats.families import ULPS, double, less_digamma, over, where_finite
from dualnum.table import composite, elementwise

_COUNT = "k is a count, at which the probability jumps"
_LOC = "loc is a number of places by which the counts are shifted"
_WHOLE = "n is a number of trials"

Slope = Callable[..., Any]


def _in_support(original: Any, value: Any, out: Any, k: Any, parameters: Sequence[Any], whole: bool) -> Any:
    """0 where there is no count, or all of them are below; nan where the value is."""
    low, high = original._get_support(*map(primal_all, parameters))
    inside = (low <= k) & (k < np.inf)
    inside = inside & (k <= high) & (k == np.floor(k)) if whole else inside & (k < high)
    broken = np.isnan(primal_all(out))
    return np.where(inside & ~broken, value, np.where(broken, np.nan, 0.0))


def _of_mass(original: Any, slope: Slope, edge: Slope, as_log: bool) -> Slope:
    """Partial of pmf or logpmf; at the end of the range of a parameter, pmf has one where its logarithm has none.

    There it is made of the masses of smaller counts, of which higher derivatives follow.
    """

    def partial(out: Any, *args: Any) -> Any:
        k, *parameters, loc = map(double, args)
        k = k - loc
        value = slope(k, *parameters)
        if not as_log:
            at_edge, there = edge(k, *parameters)
            value = np.where(at_edge, there, out * value) if np.any(at_edge) else out * value
        return _in_support(original, value, out, k, parameters, True)

    return partial


def _of_sum(original: Any, method: str, slope: Slope) -> Slope:
    """Partial of cdf, sf, logcdf or logsf."""
    sign = -1.0 if method.endswith("sf") else 1.0

    def partial(out: Any, *args: Any) -> Any:
        k, *parameters, loc = map(double, args)
        k = np.floor(k - loc)
        value = sign * slope(k, *parameters)
        if method.startswith("log"):
            whole = KERNELS[original.name, method.removeprefix("log")](*map(double, args))
            # Where both are below what a double can be, SciPy's logarithm is infinite, and has no derivative.
            gone = (primal_all(whole) == 0) & (primal_all(value) == 0)
            value = np.where(gone, np.nan, value / whole)
        return _in_support(original, value, out, k, parameters, False)

    return partial


def _flat(out: Any, *args: Any) -> Any:
    """Partial where counts jump, or are what is given; there is none of invalid arguments."""
    return np.where(np.isnan(primal_all(out)), np.nan, 0.0)


def _no_edge(k: Any, *parameters: Any) -> tuple[Any, Any]:
    return np.False_, 0.0


def discrete(
    original: Any,
    names: Sequence[str],
    masses: Sequence[Slope | str],
    sums: Sequence[Slope | str],
    *,
    edges: Sequence[Slope] = (_no_edge, _no_edge),
    **moments: Slope,
) -> None:
    """Register a discrete distribution, and make its twin.

    Parameters
    ----------
    original : scipy.stats.rv_discrete
        SciPy's object.
    names : sequence of str
        Names of the parameters.
    masses : sequence of callable or str
        ``masses[i](k, *parameters)`` is the derivative of logpmf in parameter i; a string says why there is none.
    sums : sequence of callable or str
        The same of cdf.
    edges : sequence of callable
        ``edges[i](k, *parameters)`` says where the parameter is at the end of its range, and what the derivative of pmf is
        there.
    **moments : callable
        ``mean`` and ``var`` as functions of the parameters.
    """
    name = original.name

    def register(method: str, *partials: Any) -> None:
        point = "q" if method in ("ppf", "isf") else "k"
        row = kernel(name, method, [point, *names, "loc"], getattr(original, method))
        elementwise(row, *partials, ulps=ULPS)

    for method in ("pmf", "logpmf"):
        slopes = [
            s if isinstance(s, str) else _of_mass(original, s, e, method == "logpmf")
            for s, e in zip(masses, edges, strict=False)
        ]
        register(method, _COUNT, *slopes, _LOC)
    for method in ("cdf", "sf", "logcdf", "logsf"):
        register(method, _flat, *(s if isinstance(s, str) else _of_sum(original, method, s) for s in sums), _LOC)
    for method in ("ppf", "isf"):
        register(method, _flat, *(_flat for _ in names), lambda out, *args: _flat(out) + 1.0)

    def of(formula: Slope, located: bool) -> Slope:
        def body(*args: Any) -> Any:
            *parameters, loc = args
            return formula(*parameters) + (loc if located else 0.0 * loc)

        return body

    bodies = {method: of(formula, method == "mean") for method, formula in moments.items()}
    bodies["std"] = of(lambda *parameters: np.sqrt(moments["var"](*parameters)), False)
    for method, body in bodies.items():
        row = kernel(name, method, [*names, "loc"], getattr(original, method))
        composite(row, where_finite(original, method, body))
    distribution(original)


# Poisson


def _poisson_edge(k: Any, mu: Any) -> tuple[Any, Any]:
    mass = KERNELS["poisson", "pmf"]
    return primal_all(mu) == 0, mass(k - 1.0, mu, 0.0) - mass(k, mu, 0.0)


def _poisson(k: Any, mu: Any) -> Any:
    none = k == 0
    return np.where(none, -1.0, (k - mu) / np.where(none, 1.0, mu))


discrete(
    stats.poisson,
    ["mu"],
    [_poisson],
    [lambda k, mu: -gamma_density(np.maximum(k, 0.0) + 1.0, mu)],
    edges=[_poisson_edge],
    mean=lambda mu: mu,
    var=lambda mu: mu,
)


# Trials: one, or n


def _trial(k: Any, n: Any, p: Any) -> Any:
    """In p of ``k log(p) + (n - k) log(1 - p)``."""
    q = 1.0 - p
    inner = (primal_all(p) > 0) & (primal_all(q) > 0)
    s = np.where(inner, p, 0.5)
    return np.where(inner, (k - n * s) / (s * (1.0 - s)), over(k, p) - over(n - k, q))


def _trial_edge(k: Any, n: Any, p: Any) -> tuple[Any, Any]:
    mass, rest = KERNELS["binom", "pmf"], np.maximum(n - 1.0, 0.0)
    at_edge = (primal_all(p) == 0) | (primal_all(p) == 1)
    return at_edge, n * (mass(k - 1.0, rest, p, 0.0) - mass(k, rest, p, 0.0))


def _binomial_sum(k: Any, n: Any, p: Any) -> Any:
    k = np.maximum(k, 0.0)
    return np.where(k >= n, 0.0, -beta_density(k + 1.0, np.maximum(n - k, 1.0), p, 1.0 - p))


discrete(
    stats.binom,
    ["n", "p"],
    [_WHOLE, _trial],
    [_WHOLE, _binomial_sum],
    edges=[_no_edge, _trial_edge],
    mean=lambda n, p: n * p,
    var=lambda n, p: n * p * (1.0 - p),
)
discrete(
    stats.bernoulli,
    ["p"],
    [lambda k, p: _trial(k, 1.0, p)],
    [lambda k, p: _binomial_sum(k, 1.0, p)],
    edges=[lambda k, p: _trial_edge(k, 1.0, p)],
    mean=lambda p: p,
    var=lambda p: p * (1.0 - p),
)


# Waiting for the first success, and for the n-th


def _geometric_edge(k: Any, p: Any) -> tuple[Any, Any]:
    q = 1.0 - p
    return primal_all(p) == 1, np.power(q, k - 1.0) - (k - 1.0) * np.power(q, np.maximum(k - 2.0, 0.0)) * p


def _geometric(k: Any, p: Any) -> Any:
    one = primal_all(p) == 1
    s = np.where(one, 0.5, p)
    return np.where(one, 1.0 / p - over(k - 1.0, 1.0 - p), (1.0 - k * s) / (s * (1.0 - s)))


discrete(
    stats.geom,
    ["p"],
    [_geometric],
    [lambda k, p: k * np.power(1.0 - p, np.maximum(k, 1.0) - 1.0)],
    edges=[_geometric_edge],
    mean=lambda p: 1.0 / p,
    var=lambda p: (1.0 - p) / (p * p),
)


def _pascal_edge(k: Any, n: Any, p: Any) -> tuple[Any, Any]:
    mass = KERNELS["nbinom", "pmf"]
    return primal_all(p) == 1, n / p * (mass(k, n, p, 0.0) - mass(k - 1.0, n + 1.0, p, 0.0))


def _pascal(k: Any, n: Any, p: Any) -> Any:
    q = 1.0 - p
    inner = primal_all(q) > 0
    s = np.where(inner, p, 0.5)
    return np.where(inner, (n - (n + k) * s) / (s * (1.0 - s)), n / p - over(k, q))


def _pascal_in_n(k: Any, n: Any, p: Any) -> Any:
    """``digamma(n + k) - digamma(n) + log(p)``; for large n by the logarithm of ``(n + k) p / n``, as that may be near 1."""
    large = primal_all(n) >= 10.0
    m = np.where(large, n, 10.0)
    ratio = np.log((m + k) / m * p) + less_digamma(m) - less_digamma(m + k)
    small = np.where(large, 1.0, n)
    return np.where(large, ratio, digamma_difference(small, k + 0.0 * small) + np.log(p))


discrete(
    stats.nbinom,
    ["n", "p"],
    [_pascal_in_n, _pascal],
    [
        lambda k, n, p: betainc_in_a(n, np.maximum(k, 0.0) + 1.0, p, 1.0 - p),
        lambda k, n, p: beta_density(n, np.maximum(k, 0.0) + 1.0, p, 1.0 - p),
    ],
    edges=[_no_edge, _pascal_edge],
    mean=lambda n, p: n * (1.0 - p) / p,
    var=lambda n, p: n * (1.0 - p) / (p * p),
)
