"""Rows of the Struve functions (DLMF 11.4), and of integrals of those of order 0."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.bessel_integrals import through_origin
from dualnum.rules.special.families import register
from dualnum.rules.special.struve_orders import order_modstruve, order_struve


def _slope(function, sign):
    """Partial in the argument: ``f(v-1) - v/x f(v)``; at 0, what needs no division (DLMF 11.4.25 and 11.4.30).

    There, order 0 must not lead to -1, nor -1 to -2; ``f(-1) = 2/pi + sign f(1)``.
    """

    def at_origin(v, x):
        order = np.where(np.equal(v, -1.0), 1.0, v)
        lower = function(np.where(np.equal(v, 0.0), 1.0, order - 1.0), x)
        lower = np.where(np.equal(v, 0.0), 2.0 / math.pi + sign * lower, lower)
        power = np.power(x / 2.0, order) / (math.sqrt(math.pi) * special.gamma(order + 1.5))
        slope = 0.5 * (lower + sign * function(order + 1.0, x) + power)
        return np.where(np.equal(v, -1.0), sign * slope, slope)

    def partial(out, v, x):
        origin = np.equal(primal_all(x), 0.0)
        away = function(v - 1.0, x) - v * (out / np.where(origin, 1.0, x))
        return np.where(origin, at_origin(v, np.where(origin, x, 1.0)), away) if np.any(origin) else away

    return partial


# H_0(x) / x (DLMF 11.2.1)
_H = [(-1.0) ** k / math.gamma(k + 1.5) ** 2 / 2 for k in range(12)]

register(special.struve, order_struve, _slope(special.struve, -1.0))
register(special.modstruve, order_modstruve, _slope(special.modstruve, 1.0))
register(
    special.itstruve0,
    lambda out, x: special.struve(0.0, x),
    note="SciPy's values are wrong for x beyond 30; the derivative is that of the function.",
)
register(special.itmodstruve0, lambda out, x: special.modstruve(0.0, x))
register(special.it2struve0, lambda out, x: -through_origin(lambda t: special.struve(0.0, t) / t, x, _H))
