"""The derivative of Legendre functions in their degree, by the integral of Mehler and Dirichlet (DLMF 14.12.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.rules.special.hypergeometric_series import hyp2f1_slope, refused
from dualnum.rules.special.quadrature import blocks

__all__ = ["legendre_slope"]

_MOST_NODES = 4000


def legendre_slope(out: Any, n: Any, x: Any) -> Any:
    """Derivative of the Legendre function P_n(x) in n, for x > -1."""
    if np.asarray(primal_all(x)).dtype.kind == "c":
        return hyp2f1_slope(out, -n, n + 1.0, 1.0, (1.0 - x) / 2.0, -1.0, 1.0, 0.0, "eval_legendre")
    n, x, out = n * np.float64(1.0), x * np.float64(1.0), out * np.float64(1.0)
    finite = np.isfinite(primal_all(n)) & np.isfinite(primal_all(x))
    if not np.all(finite):
        slope = legendre_slope(*(np.where(finite, v, 1.0) for v in (out, n, x)))
        return np.where(finite, slope, np.nan)
    # Near 1 the power series is good, and differentiable at 1 itself.
    near = abs(primal_all(1.0 - x) * primal_all(n + 0.5) ** 2) < 2.0
    series = 0.0
    if np.any(near):
        degree, z, value = np.where(near, n, 0.5), np.where(near, (1.0 - x) / 2.0, 0.0), np.where(near, out, 1.0)
        series = hyp2f1_slope(value, -degree, degree + 1.0, 1.0, z, -1.0, 1.0, 0.0, "eval_legendre")
    if np.all(near):
        return series
    return np.where(near, series, _by_integral(np.where(near, 0.5, n), np.where(near, 0.0, x)))


def _by_integral(n: Any, x: Any) -> Any:
    """With sin(t/2) = k sin(phi), P_n is the mean of cos((n + 1/2) t) / cos(t/2) over a quarter of the period in phi.

    The midpoint rule converges as exp(-4 N d), where the singularities lie d away from the real axis.
    """
    plain_n, plain_x = primal_all(n), primal_all(x)
    k = np.sqrt(np.clip((1.0 - plain_x) / 2.0, 0.0, 1.0 - 1e-7))
    sinh = np.sqrt(np.maximum((plain_x - 1.0) / 2.0, 1e-300))
    distance = np.where(plain_x < 1, np.arccosh(1.0 / k), np.arcsinh(1.0 / sinh))
    count = int(np.max(10.0 / np.minimum(distance, 1.0) + abs(plain_n), initial=0.0)) + 8
    if count > _MOST_NODES or np.any(plain_x < -1.0 + 1e-6):
        raise refused("eval_legendre", "x is too near to -1, or the degree too large")
    beyond = plain_x > 1
    root = np.sqrt(np.where(beyond, (x - 1.0) / 2.0, (1.0 - x) / 2.0))
    total: Any = 0.0
    phi = np.pi / 2.0 * (np.arange(count) + 0.5) / count
    for block in blocks(count, np.shape(root * n)):
        s = root * np.sin(phi[block]).reshape(-1, *(1 for _ in np.shape(root * n)))
        t = 2.0 * np.arcsin(np.where(beyond, 0.0, s))
        term = -t * np.sin((n + 0.5) * t) / np.cos(t / 2.0)
        if np.any(beyond):
            t = 2.0 * np.arcsinh(np.where(beyond, s, 0.0))
            term = np.where(beyond, t * np.sinh((n + 0.5) * t) / np.cosh(t / 2.0), term)
        total = total + np.sum(term, axis=0)
    return total / count
