"""Rows of the distributions of extremes: Gumbel, Weibull, and the generalised one that joins them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from dualnum.dispatch import primal_all
from dualnum.rules.special.series import horner
from dualnum.rules.stats.families import continuous, over

_EULER = float(np.euler_gamma)

continuous(
    stats.gumbel_r,
    lambda z: np.expm1(-z),
    lambda z: 1.0 + z * np.expm1(-z),
    log_cdf=lambda z: np.exp(-z),
    mean=lambda: _EULER,
    var=lambda: math.pi * math.pi / 6,
    entropy=lambda: 1.0 + _EULER,
)
continuous(
    stats.gumbel_l,
    lambda z: -np.expm1(z),
    lambda z: 1.0 - z * np.expm1(z),
    log_sf=lambda z: np.exp(z),
    mean=lambda: -_EULER,
    var=lambda: math.pi * math.pi / 6,
    entropy=lambda: 1.0 + _EULER,
)


# Weibull: z^c is exponential


def _weibull_score(z: Any, c: Any) -> Any:
    origin = primal_all(z) == 0
    t = np.where(origin, 1.0, z)
    end = over(c - 1.0, z) - c * np.power(z, c - 1.0)
    return np.where(origin, end, ((c - 1.0) - c * np.power(t, c)) / t) if np.any(origin) else (c - 1.0 - c * z**c) / z


def _excess(z: Any, c: Any) -> Any:
    """``z**c - 1``."""
    return np.expm1(c * np.log(z))


continuous(
    stats.weibull_min,
    _weibull_score,
    lambda z, c: -c * _excess(z, c),
    shapes=(lambda z, c: 1.0 / c - np.log(z) * _excess(z, c),),
    shifts=(lambda z, c: -special.xlogy(z, z) / c,),
    log_sf=lambda z, c: c * np.power(z, c - 1.0),
    mean=lambda c: special.gamma(1.0 + 1.0 / c),
    var=lambda c: special.gamma(1.0 + 2.0 / c) - np.square(special.gamma(1.0 + 1.0 / c)),
    entropy=lambda c: _EULER - _EULER / c - np.log(c) + 1.0,
)


# The generalised distribution: y = -log(1 - c z) / c has Gumbel's


_RATIO = [1 / (k + 1) for k in range(24)]
_BEND = [(k + 1) / (k + 2) for k in range(24)]


def _reduced(z: Any, c: Any) -> tuple[Any, Any, Any]:
    """y, its derivative in z, and that in c over the former."""
    u = c * z
    near = np.abs(primal_all(u)) < 0.1
    s, far = np.where(near, u, 0.0), np.where(near, 0.5, u)
    log = np.log1p(-far)
    y = z * np.where(near, horner(_RATIO, s), -log / far)
    rest = np.where(primal_all(far) == 1, 0.0, (1.0 - far) * log)  # at the end of the support
    bend = np.where(near, (1.0 - s) * horner(_BEND, s), (rest + far) / (far * far))
    return y, 1.0 / (1.0 - u), z * z * bend


def _gev_score(z: Any, c: Any) -> Any:
    y, rate, _ = _reduced(z, c)
    return (np.expm1(-y) + c) * rate


def _gev_shape(z: Any, c: Any) -> Any:
    y, rate, turn = _reduced(z, c)
    return y + (np.expm1(-y) + c) * rate * turn


def _gev_hazard(z: Any, c: Any) -> Any:
    end = primal_all(c) * primal_all(z) == 1
    y, rate, _ = _reduced(np.where(end, 0.0, z), c)
    return np.where(end, np.power(1.0 - c * z, 1.0 / np.where(end, c, 1.0) - 1.0), np.exp(-y) * rate)


continuous(
    stats.genextreme,
    _gev_score,
    lambda z, c: 1.0 + z * _gev_score(z, c),
    shapes=(_gev_shape,),
    shifts=(lambda z, c: -_reduced(z, c)[2],),
    log_cdf=_gev_hazard,
)
