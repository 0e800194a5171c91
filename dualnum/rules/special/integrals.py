"""Rows of the exponential, sine, cosine and logarithmic integrals (DLMF chapters 6, 8.19 and 25.12)."""

from __future__ import annotations

import math

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import INTEGER, register, register_many
from dualnum.rules.special.series import horner


def _exponential_quotient(x):
    """Compute exp(x) / x; in two halves, for the quotient is in the range for longer than exp."""
    half = np.exp(0.5 * x)
    return half / x * half


register(special.exp1, lambda out, z: -np.exp(-z) / z)
register(special.expi, lambda out, z: _exponential_quotient(z))


def _expn_slope(out, n, x):
    n = np.trunc(n)  # as SciPy does
    # SciPy has no E(-1, x), which is (1 + 1 / x) exp(-x) / x
    first = primal_all(n) == 0
    lower = special.expn(np.where(first, 1.0, n - 1.0), x)
    return np.where(first, -np.exp(-x) * (1.0 + 1.0 / x) / x, -lower)


register(special.expn, INTEGER, _expn_slope)


def _scaled_slope(out, x):
    """Derivative of x exp(x) E1(x); by the asymptotic series (DLMF 6.12.1) where (1 + 1 / x) y - 1 would cancel."""
    far = primal_all(x) > 50
    inverse = 1.0 / np.where(far, x, 50.0)
    return np.where(far, inverse * inverse * horner(_SCALED_TAIL, inverse), (1.0 + 1.0 / x) * out - 1.0)


_SCALED_TAIL = [(-1.0) ** k * (k + 1) * math.factorial(k + 1) for k in range(30)]
register(_ufuncs._scaled_exp1, _scaled_slope)


# sin(x) / x and sinh(x) / x near 0, where the quotient would lose digits when it is differentiated again
_SINC = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(12)]
_SINHC = [1.0 / math.factorial(2 * k + 1) for k in range(12)]


def _quotient(function, series, x):
    small = np.abs(primal_all(x)) < 1
    u = np.where(small, x, 0.0)
    y = np.where(small, 1.0, x)
    return np.where(small, horner(series, u * u), function(y) / y)


register_many(special.sici, lambda outs, x: (_quotient(np.sin, _SINC, x), np.cos(x) / x))
register_many(special.shichi, lambda outs, x: (_quotient(np.sinh, _SINHC, x), np.cosh(x) / x))

_LOG1P = [-((-1.0) ** k) / (k + 1) for k in range(24)]


def _spence_slope(out, z):
    """Compute log(z) / (1 - z), which is -1 at 1."""
    small = np.abs(primal_all(z) - 1.0) < 0.2
    y = np.where(small, 2.0, z)
    return np.where(small, horner(_LOG1P, np.where(small, z - 1.0, 0.0)), np.log(y) / (1.0 - y))


register(special.spence, _spence_slope)
