"""Rows of the gamma and beta distributions and their relatives, and of others on the positive numbers.

Where a distribution function is an incomplete gamma or beta function (DLMF 8.2, 8.17), so are the shifts of its quantiles.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from dualnum.dispatch import primal_all
from dualnum.rules.special.densities import digamma_step
from dualnum.rules.special.distributions import f_shift
from dualnum.rules.special.error import log_ndtr_slope
from dualnum.rules.special.incomplete import betainc_shift, gammainc_shift
from dualnum.rules.stats.families import continuous, less_digamma, over, power_score

_LOG_2_PI = math.log(2 * math.pi)


# The gamma distribution, its inverse, and chi-square


def _log_less_digamma(z: Any, a: Any) -> Any:
    """``log(z) - digamma(a)``; near z = a for large a, where the two are large and nearly equal, by their ratio."""
    large = primal_all(a) >= 10.0
    ratio = np.where(large, z, 1.0) / np.where(large, a, 1.0)
    small = np.where(large, 1.0, a)
    return np.where(large, np.log(ratio) + less_digamma(a), np.log(z) - special.digamma(small))


def _gamma_entropy(a: Any) -> Any:
    return a + special.gammaln(a) + (1.0 - a) * special.digamma(a)


continuous(
    stats.gamma,
    lambda z, a: power_score(a - 1.0, z, -z) - np.where(primal_all(z) == 0, 1.0, 0.0),
    lambda z, a: a - z,
    shapes=(_log_less_digamma,),
    shifts=(lambda z, a: gammainc_shift(a, z),),
    mean=lambda a: a,
    var=lambda a: a,
    entropy=_gamma_entropy,
)
continuous(
    stats.chi2,
    lambda z, v: power_score(0.5 * v - 1.0, z, -0.5 * z) - np.where(primal_all(z) == 0, 0.5, 0.0),
    lambda z, v: 0.5 * (v - z),
    shapes=(lambda z, v: 0.5 * _log_less_digamma(0.5 * z, 0.5 * v),),
    shifts=(lambda z, v: gammainc_shift(0.5 * v, 0.5 * z),),
    mean=lambda v: v,
    var=lambda v: 2.0 * v,
    entropy=lambda v: _gamma_entropy(0.5 * v) + math.log(2.0),
)


def _inverse_gamma_shift(z: Any, a: Any) -> Any:
    v = primal_all(z)
    inside = (v > 0) & (v < np.inf)
    t = np.where(inside, z, 1.0)
    return np.where(inside, -t * t * gammainc_shift(a, 1.0 / t), np.where(v == np.inf, -np.inf, 0.0 * v))


continuous(
    stats.invgamma,
    lambda z, a: (1.0 / z - (a + 1.0)) / z,
    lambda z, a: 1.0 / z - a,
    shapes=(lambda z, a: _log_less_digamma(1.0 / z, a),),
    shifts=(_inverse_gamma_shift,),
    mean=lambda a: 1.0 / (a - 1.0),
    var=lambda a: 1.0 / (np.square(a - 1.0) * (a - 2.0)),
    entropy=lambda a: a + special.gammaln(a) - (1.0 + a) * special.digamma(a),
)
continuous(
    stats.expon,
    lambda z: 0.0 * z - 1.0,
    lambda z: 1.0 - z,
    log_sf=lambda z: 1.0 + 0.0 * z,
    mean=lambda: 1.0,
    var=lambda: 1.0,
    entropy=lambda: 1.0,
)


# Beta and F


continuous(
    stats.beta,
    lambda z, a, b: over(a - 1.0, z) - over(b - 1.0, 1.0 - z),
    lambda z, a, b: a - over(b - 1.0, 1.0 - z) * z,
    shapes=(
        lambda z, a, b: np.log(z) + digamma_step(a, b),
        lambda z, a, b: np.log1p(-z) + digamma_step(b, a),
    ),
    shifts=(
        lambda z, a, b: betainc_shift(a, b, z, 1.0 - z),
        lambda z, a, b: -betainc_shift(b, a, 1.0 - z, z),
    ),
    mean=lambda a, b: a / (a + b),
    var=lambda a, b: a / (a + b) * (b / (a + b)) / (a + b + 1.0),
    entropy=lambda a, b: special.betaln(a, b) + (a - 1.0) * digamma_step(a, b) + (b - 1.0) * digamma_step(b, a),
)


def _f_rest(z: Any, m: Any, n: Any) -> Any:
    """``1 / (1 + m z / n)``."""
    return 1.0 / (1.0 + m / n * z)


def _f_in_m(z: Any, m: Any, n: Any) -> Any:
    y = _f_rest(z, m, n)
    return 0.5 * (-np.log1p(n / m / z) + y * (1.0 - z) + digamma_step(0.5 * m, 0.5 * n))


def _f_in_n(z: Any, m: Any, n: Any) -> Any:
    y = _f_rest(z, m, n)
    return 0.5 * (-np.log1p(m / n * z) + m / n * y * (z - 1.0) + digamma_step(0.5 * n, 0.5 * m))


def _f_stretch(z: Any, m: Any, n: Any) -> Any:
    return 0.5 * m * _f_rest(z, m, n) * (1.0 - z)


def _f_score(z: Any, m: Any, n: Any) -> Any:
    origin = primal_all(z) == 0
    end = over(0.5 * m - 1.0, z) - 0.5 * (m + n) * m / n * _f_rest(z, m, n)
    return np.where(origin, end, (_f_stretch(z, m, n) - 1.0) / np.where(origin, 1.0, z))


continuous(
    stats.f,
    _f_score,
    _f_stretch,
    shapes=(_f_in_m, _f_in_n),
    shifts=(lambda z, m, n: f_shift(m, n, z, 0), lambda z, m, n: f_shift(m, n, z, 1)),
    mean=lambda m, n: n / (n - 2.0) + 0.0 * m,
    var=lambda m, n: 2.0 * np.square(n / (n - 2.0)) * ((m + n - 2.0) / (m * (n - 4.0))),
)


# Lognormal, Rayleigh, Pareto, powers


def _log_over(z: Any, s: Any) -> Any:
    return np.log(z) / s


def _log_normal_hazard(z: Any, s: Any) -> Any:
    origin = primal_all(z) == 0
    t = np.where(origin, 1.0, z)
    return np.where(origin, 0.0, log_ndtr_slope(None, -_log_over(t, s)) / (s * t))


def _log_normal_variance(s: Any) -> Any:
    return np.exp(s * s) * np.expm1(s * s)


continuous(
    stats.lognorm,
    lambda z, s: -(1.0 + _log_over(z, s) / s) / z,
    lambda z, s: -_log_over(z, s) / s,
    shapes=(lambda z, s: (_log_over(z, s) - 1.0) * (_log_over(z, s) + 1.0) / s,),
    shifts=(lambda z, s: special.xlogy(z, z) / s,),
    log_cdf=lambda z, s: log_ndtr_slope(None, _log_over(z, s)) / (s * z),
    log_sf=_log_normal_hazard,
    mean=lambda s: np.exp(0.5 * s * s),
    var=_log_normal_variance,
    entropy=lambda s: 0.5 * (1.0 + _LOG_2_PI) + np.log(s),
)
continuous(
    stats.rayleigh,
    lambda z: (1.0 - z) * (1.0 + z) / z,
    lambda z: 2.0 - z * z,
    log_sf=lambda z: z,
    mean=lambda: math.sqrt(math.pi / 2),
    var=lambda: 2.0 - math.pi / 2,
    entropy=lambda: 1.0 + 0.5 * float(np.euler_gamma) - 0.5 * math.log(2.0),
)
continuous(
    stats.pareto,
    lambda z, b: -(b + 1.0) / z,
    lambda z, b: -b + 0.0 * z,
    shapes=(lambda z, b: 1.0 / b - np.log(z),),
    shifts=(lambda z, b: -special.xlogy(z, z) / b,),
    log_sf=lambda z, b: b / z,
    mean=lambda b: b / (b - 1.0),
    var=lambda b: b / np.square(b - 1.0) / (b - 2.0),
    entropy=lambda b: 1.0 + 1.0 / b - np.log(b),
)
