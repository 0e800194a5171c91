"""Rows of distributions on the whole line, and of parts of the normal one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats
from scipy.special import _ufuncs

from dualnum.dispatch import primal_all
from dualnum.distributions import KERNELS
from dualnum.rules.special.distributions import t_density, t_shift
from dualnum.rules.special.error import log_ndtr_slope
from dualnum.rules.special.gamma import digamma_difference
from dualnum.rules.stats.families import continuous, zero_or_product

_LOG_2_PI = math.log(2 * math.pi)
_PI = math.pi


def _normal_stretch(z: Any, *shapes: Any) -> Any:
    return (1.0 - z) * (1.0 + z)


def _normal_hazard(z: Any) -> Any:
    """Density by distribution function."""
    return log_ndtr_slope(None, z)


continuous(
    stats.norm,
    lambda z: -z,
    _normal_stretch,
    log_cdf=_normal_hazard,
    log_sf=lambda z: _normal_hazard(-z),
    mean=lambda: 0.0,
    var=lambda: 1.0,
    entropy=lambda: 0.5 * (_LOG_2_PI + 1.0),
)
continuous(
    stats.halfnorm,
    lambda z: -z,
    _normal_stretch,
    log_sf=lambda z: _normal_hazard(-z),
    mean=lambda: math.sqrt(2 / _PI),
    var=lambda: 1.0 - 2 / _PI,
    entropy=lambda: 0.5 * math.log(_PI / 2) + 0.5,
)


# The normal distribution between two points: their densities are what moves.


def _between(method: str, z: Any, a: Any, b: Any) -> Any:
    return KERNELS["truncnorm", method](z, a, b, 0.0, 1.0)


def _rise(z: Any, a: Any) -> Any:
    """The density at a over that at z."""
    return np.exp(0.5 * (z - a) * (z + a))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_NODES = 0.5 * (1.0 + _NODES)
_FAR = -1.0


def _truncated_moments(a: Any, b: Any) -> tuple[Any, Any]:
    """Mean and variance.

    From the density at both ends where these are far out, and nothing cancels; else by a quadrature from the end that is
    nearer to the bulk of the distribution, as in a tail, or in a short interval, the distance of the mean from there is small.
    """
    flip = primal_all(a) < -primal_all(b)
    start, length = np.where(flip, -b, a), b - a
    wide = ~(primal_all(start) >= _FAR)
    low, high = _between("pdf", a, a, b), _between("pdf", b, a, b)
    mean = low - high
    var = 1.0 + zero_or_product(a, low) - zero_or_product(b, high) - np.square(mean)
    if np.all(wide):
        return mean, var
    start = np.where(wide, 0.0, start)
    away, spread = _moments_from(start, np.where(wide, 1.0, length))
    near = start + away
    return np.where(wide, mean, np.where(flip, -near, near)), np.where(wide, var, spread)


def _moments_from(start: Any, length: Any) -> tuple[Any, Any]:
    """Mean distance from the lower end, and variance."""
    v = primal_all(start)
    reach = 90.0 / (v + np.sqrt(v * v + 90.0))  # beyond it there is less than a rounding: exp(-45)
    width = np.where(primal_all(length) < reach, length, reach)
    t = np.expand_dims(width, -1) * _NODES
    w = _WEIGHTS * np.exp(-t * (np.expand_dims(start, -1) + 0.5 * t))
    w = w / np.sum(w, axis=-1, keepdims=True)
    mean = np.sum(w * t, axis=-1, keepdims=True)
    away, var = np.squeeze(mean, -1), np.sum(w * np.square(t - mean), axis=-1)
    cut = (reach < primal_all(length)) & (primal_all(length) < np.inf)
    if not np.any(cut):
        return away, var
    # Less the share beyond the upper end, which is tiny; but without it nothing would move with that end.
    end = start + np.where(cut, length, 0.0)
    share = np.where(cut, _between("sf", end, start, np.inf), 0.0)
    further, rest = _moments_from(end, np.inf + 0.0 * primal_all(end))
    gap = np.where(cut, length, 0.0) + further - away
    return away - share * gap, var + share * (var - rest - gap * gap)


continuous(
    stats.truncnorm,
    lambda z, a, b: -z,
    _normal_stretch,
    shapes=(lambda z, a, b: _between("pdf", a, a, b), lambda z, a, b: -_between("pdf", b, a, b)),
    shifts=(
        lambda z, a, b: zero_or_product(_rise(z, a), _between("sf", z, a, b)),
        lambda z, a, b: zero_or_product(_rise(z, b), _between("cdf", z, a, b)),
    ),
    mean=lambda a, b: _truncated_moments(a, b)[0],
    var=lambda a, b: _truncated_moments(a, b)[1],
)


# Student's t


def _t_ratio(z: Any, v: Any) -> tuple[Any, Any]:
    """Compute ``z / (1 + z² / v)`` and ``1 / (1 + z² / v)``."""
    r = z / np.sqrt(v)
    far = np.abs(primal_all(r)) > 1.0
    near, tail = np.where(far, 0.0, r), 1.0 / np.where(far, r, 1.0)
    inner, outer = 1.0 / (1.0 + near * near), 1.0 / (1.0 + tail * tail)
    return np.where(far, np.sqrt(v) * tail * outer, z * inner), np.where(far, tail * tail * outer, inner)


def _t_score(z: Any, v: Any) -> Any:
    return -(1.0 + 1.0 / v) * _t_ratio(z, v)[0]


def _t_stretch(z: Any, v: Any) -> Any:
    ratio, rest = _t_ratio(z, v)
    return rest - z * ratio


def _half_step(v: Any) -> Any:
    """``digamma((v + 1) / 2) - digamma(v / 2) - 1 / v``; for large v from DLMF 5.11.2 at both, term by term."""
    large = primal_all(v) >= 50.0
    q = np.square(1.0 / np.where(large, v, 50.0))
    series = q * (1 / 2 - q * (1 / 4 - q * (1 / 2 - q * (17 / 8 - q * (31 / 2 - q * 691 / 4)))))
    small = np.where(large, 1.0, v)
    return np.where(large, series, digamma_difference(0.5 * small, 0.5 + 0.0 * small) - 1.0 / small)


def _t_freedom(z: Any, v: Any) -> Any:
    """In v; for large v it is of the order of 1 / v²."""
    finite = primal_all(v) < 1e150
    u = np.where(finite, v, 1.0)
    ratio, rest = _t_ratio(z, u)
    share = z / u * ratio  # z² / (v + z²)
    few = primal_all(share) < 0.9
    log = np.where(few, -_ufuncs._log1pmx(-np.where(few, share, 0.5)), -np.log(np.where(few, 0.5, rest)) - share)
    return np.where(finite, 0.5 * (_half_step(u) + share / u - log), 0.0)


def _t_entropy(v: Any) -> Any:
    h = 0.5 * v
    return (h + 0.5) * digamma_difference(h, 0.5 + 0.0 * h) + 0.5 * np.log(v) + special.betaln(h, 0.5 + 0.0 * h)


continuous(
    stats.t,
    _t_score,
    _t_stretch,
    shapes=(_t_freedom,),
    shifts=(lambda z, v: t_shift(v, z),),
    density=lambda z, v: t_density(v, z),
    mean=lambda v: 0.0 * v,
    var=lambda v: 1.0 + 2.0 / (v - 2.0),
    entropy=_t_entropy,
)


# Cauchy, logistic, Laplace, uniform


def _cauchy_score(z: Any) -> Any:
    return -2.0 * _t_ratio(z, 1.0)[0]


def _cauchy_stretch(z: Any) -> Any:
    ratio, rest = _t_ratio(z, 1.0)
    return rest - z * ratio


def _cauchy_hazard(z: Any) -> Any:
    return _t_ratio(z, 1.0)[1] / np.arctan2(1.0, -z)


continuous(
    stats.cauchy,
    _cauchy_score,
    _cauchy_stretch,
    log_cdf=_cauchy_hazard,
    log_sf=lambda z: _cauchy_hazard(-z),
    entropy=lambda: math.log(4 * _PI),
)
continuous(
    stats.logistic,
    lambda z: -np.tanh(0.5 * z),
    lambda z: 1.0 - z * np.tanh(0.5 * z),
    log_cdf=lambda z: special.expit(-z),
    log_sf=special.expit,
    mean=lambda: 0.0,
    var=lambda: _PI * _PI / 3,
    entropy=lambda: 2.0,
)
continuous(
    stats.laplace,
    lambda z: -np.sign(z),
    lambda z: 1.0 - np.abs(z),
    mean=lambda: 0.0,
    var=lambda: 2.0,
    entropy=lambda: math.log(2.0) + 1.0,
)
continuous(
    stats.uniform,
    lambda z: 0.0 * z,
    lambda z: 1.0 + 0.0 * z,
    mean=lambda: 0.5,
    var=lambda: 1 / 12,
    entropy=lambda: 0.0,
)


# Von Mises


def _concentration(kappa: Any) -> Any:
    """``1 - I1(kappa) / I0(kappa)``; for large kappa by its asymptotic series (DLMF 10.40.1)."""
    large = primal_all(kappa) >= 30.0
    r = 1.0 / np.where(large, kappa, 30.0)
    whole: Any = 1.0
    difference: Any = 0.0
    zero: Any = 1.0
    one: Any = 1.0
    for k in range(1, 21):
        zero, one = zero * r * ((2 * k - 1) ** 2 / (8.0 * k)), one * r * (((2 * k - 1) ** 2 - 4) / (8.0 * k))
        whole, difference = whole + zero, difference + (zero - one)  # term by term: without the ones, which cancel
    small = np.where(large, 1.0, kappa)
    return np.where(large, difference / whole, (special.i0e(small) - special.i1e(small)) / special.i0e(small))


def _von_mises_concentration(z: Any, kappa: Any) -> Any:
    half = np.sin(0.5 * z)
    return _concentration(kappa) - 2.0 * half * half


_NO_SHIFT = "the distribution function has no derivative in kappa here"
continuous(
    stats.vonmises,
    lambda z, kappa: -kappa * np.sin(z),
    lambda z, kappa: 1.0 - kappa * z * np.sin(z),
    shapes=(_von_mises_concentration,),
    shifts=(_NO_SHIFT,),
    methods=("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf"),
)
