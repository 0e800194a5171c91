"""Derivatives of the Struve functions in their order, for orders above -1/2 and positive arguments.

By the power series where the argument is small against the order, else by the difference to a Bessel function, which is an
integral (DLMF 11.2.1, 11.2.2, 11.5.2, 11.5.4).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.bessel_orders import in_blocks, slope_iv, slope_yv
from dualnum.rules.special.quadrature import gauss, integral, tanh_sinh

__all__ = ["order_modstruve", "order_struve"]


def _log_slope_of_series(sign, v, x):
    """Logarithmic derivative of the power series, whose terms do not cancel much where it is used."""
    square = sign * np.square(x / 2.0)
    term, psi = 1.0, special.digamma(v + 1.5)
    total, slope = 1.0, -psi
    for k in range(80):
        psi = psi + 1.0 / (k + v + 1.5)
        term = term * (square / ((k + 1.5) * (k + v + 1.5)))
        total = total + term
        slope = slope - term * psi
    return np.log(x / 2.0) + slope / total


def _difference(kernel, rule, end, v, x):
    """Derivative of the integral of ``2 (x/2)**v / (sqrt(pi) Gamma(v + 1/2)) * kernel(t)**(v - 1/2) * exp(-x t)``.

    ``kernel(t, s)`` is the logarithm of the kernel at t, which is at the distance s from the end of the interval.
    """

    def integrand(u, rest, v, x, end):
        t = end * u
        log = kernel(t, end * rest)
        # One exponential: no factor alone need be representable.
        size = np.exp((v - 0.5) * log - x * t + v * np.log(x / 2.0) - special.gammaln(v + 0.5))
        return 2.0 / math.sqrt(math.pi) * end * size * (np.log(x / 2.0) - special.digamma(v + 0.5) + log)

    return integral(integrand, rule, v, x, end, rest=True)


def _second_kind(v, x):
    """Derivative of H - Y, for x > 1.5 and v < 1.2 x."""
    order, z = primal_all(v), primal_all(x)
    end = 10.0 + 40.0 / z
    for _ in range(40):  # to where the integrand has fallen to exp(-38)
        end = (38.0 + np.maximum(order - 0.5, 0.0) * np.log1p(end * end)) / z
    return _difference(lambda t, s: np.log1p(t * t), gauss(100), end, v, x)


def _modified_second_kind(v, x):
    """Derivative of L - I, for x > 1.5."""
    end = np.minimum(1.0, 40.0 / primal_all(x)) + 0.0 * primal_all(v)
    return -_difference(lambda t, s: np.log1p(t) + np.log(1.0 - end + s), tanh_sinh(0.05, 6.0), end, v, x)


#: Integrals converge for orders above -1/2; for those down to one less there is the recurrence.
_LOWEST = -0.44


def _partial(function, sign, by_series, reach, bessel, difference):
    """Partial of a function in the order, with the regions where its two formulas hold."""

    def slope(out, v, x):
        near = by_series(primal_all(v), primal_all(x))
        series = integrals = 0.0
        if np.any(near):
            series = out * _log_slope_of_series(sign, np.where(near, v, 1.0), np.where(near, x, 1.0))
        if not np.all(near):
            order, z = np.where(near, 1.0, v), np.where(near, 2.0, x)
            integrals = bessel(order, z) + difference(order, z)
        return np.where(near, series, integrals)

    def from_above(v, x):
        # f(v) = 2 (v+1)/x f(v+1) + sign f(v+2) + power (DLMF 11.4.23, 11.4.25)
        first, second = function(v + 1.0, x), function(v + 2.0, x)
        power = np.exp((v + 1.0) * np.log(x / 2.0) - special.gammaln(v + 2.5)) / math.sqrt(math.pi)
        power = power * (np.log(x / 2.0) - special.digamma(v + 2.5))
        return 2.0 / x * (first + (v + 1.0) * slope(first, v + 1.0, x)) + sign * slope(second, v + 2.0, x) + power

    @in_blocks
    def of_all(out, v, x):
        inside = np.greater(primal_all(x), 0.0)
        safe = np.where(inside, x, 1.0)
        below = np.less(primal_all(v), _LOWEST)
        total = slope(np.where(below, 1.0, out), np.where(below, 0.0, v), safe)
        if np.any(below):
            total = np.where(below, from_above(np.where(below, v, -0.5), safe), total)
        # At 0 the function is 0 for all orders above -1.
        origin = np.equal(primal_all(x), 0.0) & np.greater(primal_all(v), -1.0)
        return np.where(origin, 0.0, np.where(inside, total, np.nan))

    def partial(out, v, x):
        order, z = primal_all(v), primal_all(x)
        if np.any(np.less(order, _LOWEST - 1.0)) or np.any(by_series(order, z) & np.logical_not(reach(order, z))):
            raise NoRuleError(
                f"scipy.special.{function.__name__} has no derivative with respect to its argument number 1, the order, "
                f"below {_LOWEST - 1.0}, nor for large orders v and arguments x with 1.2 x < v < x**2 / 36. Pass "
                "primal(v) there if its derivative is not wanted."
            )
        return of_all(out, v, x)

    return partial


# The terms of the series of H cancel by exp(x**2 / (4 v)); Y outgrows H from about v = 1.24 x on.
order_struve = _partial(
    special.struve,
    -1.0,
    lambda v, x: np.less(x, 1.5) | np.greater(v, 1.2 * x),
    lambda v, x: np.less(x, 30.0) | np.less(x * x, 36.0 * v),
    slope_yv,
    _second_kind,
)
# All terms of L have one sign; L - I cancels where x is small against sqrt(v).
order_modstruve = _partial(
    special.modstruve,
    1.0,
    lambda v, x: np.less(x, 1.5) | np.greater(v, x * x),
    lambda v, x: np.equal(x, x),
    slope_iv,
    _modified_second_kind,
)
