"""Rows of integrals of Bessel functions; the derivative in the upper limit is the integrand."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.bessel_orders import slope_jv
from dualnum.rules.special.families import register, register_many
from dualnum.rules.special.gamma import rgamma_slope
from dualnum.rules.special.quadrature import integral, tanh_sinh


def through_origin(function, x, coefficients):
    """Even function of x: as given, but for ``abs(x) < 1`` by its series in ``(x/2)**2``, where it would be 0/0."""
    near = np.less(np.abs(primal_all(x)), 1.0)
    square = np.square(np.where(near, x, 0.0) / 2.0)
    series = 0.0
    for c in reversed(coefficients):
        series = series * square + c
    return np.where(near, series, function(np.where(near, 1.0, x)))


# (J_0(x) - 1) / x**2 and (I_0(x) - 1) / x**2 (DLMF 10.2.2, 10.25.2)
_J = [(-1.0) ** k / math.factorial(k) ** 2 / 4 for k in range(1, 10)]
_I = [1.0 / math.factorial(k) ** 2 / 4 for k in range(1, 10)]


def _it2j0y0(outs, x):
    return -x * through_origin(lambda t: (special.j0(t) - 1.0) / (t * t), x, _J), -special.y0(x) / x


def _it2i0k0(outs, x):
    return x * through_origin(lambda t: (special.i0(t) - 1.0) / (t * t), x, _I), -special.k0(x) / x


_ROUGH = "SciPy's values are wrong for x beyond about 12; the derivative is that of the function."

register_many(special.itj0y0, lambda outs, x: (special.j0(x), special.y0(x)))
register_many(special.iti0k0, lambda outs, x: (special.i0(x), special.k0(x)))
register_many(special.it2j0y0, _it2j0y0)
register_many(special.it2i0k0, _it2i0k0, note=_ROUGH)


# The integral of x**lmb * J_nu(2 a x) from 0 to 1. SciPy's series loses its digits as a grows; its derivatives need not.
_RULE = tanh_sinh(0.04, 5.0)


def _weighted(integrand, *, whole):
    """Partial that is the integral of ``x**lmb`` times ``integrand(log(x), x, a, nu)``.

    With ``whole``, the integrand is as small at 0 for the negative integer orders as for their absolute values.
    """

    def weighted(y, rest, a, lmb, nu):
        # In terms of y = x**(lmb + 1), a large power is no peak at 1.
        steep = primal_all(lmb) > 0
        late = y > 0.5
        log_y = np.where(late, np.log1p(-np.where(late, rest, 0.5)), np.log(y))
        scale = 1.0 / np.where(steep, lmb + 1.0, 1.0)
        log = scale * log_y
        return scale * np.exp(np.where(steep, 0.0, lmb) * log_y) * integrand(log, np.exp(log), a, nu)

    def partial(out, a, lmb, nu):
        order = primal_all(nu)
        power = primal_all(lmb) + np.where(whole & (order == np.rint(order)), np.abs(order), order)
        usable = (power >= -0.8) & (primal_all(a) <= 30.0)
        inner = (np.where(usable, x, 1.0) for x in (a, lmb, nu))
        slope = np.where(usable, integral(weighted, _RULE, *inner, rest=True), np.nan)
        # Where a factor of the integrand overflows at 0, for orders and lmb below about -2, the sum is infinite or nan.
        if np.any(~np.isfinite(primal_all(slope)) & np.isfinite(primal_all(out))):
            raise NoRuleError(
                "scipy.special.besselpoly(a, lmb, nu) has no derivatives for a > 30, where its value is wrong, and for "
                "lmb + nu < -0.8, where the integrand is too large at 0, nor for so low orders that it overflows. "
                "Pass primal values there."
            )
        return slope

    return partial


_by_integral = _weighted(lambda log, x, a, nu: slope_jv(nu, 2.0 * a * x), whole=False)
#: Up to this a, the terms of the power series are no larger than a thousand times the function.
_SMALL = 3.0


def _by_series(a, lmb, nu):
    """Derivative in the order of the sum of ``(-1)**k a**(2k+nu) / (k! Gamma(nu+k+1) (lmb+nu+2k+1))``."""
    total, log = 0.0, np.log(a)
    size = np.power(a, nu)
    for k in range(30):
        gap, turned = 1.0 / (lmb + nu + 2.0 * k + 1.0), special.rgamma(nu + k + 1.0)
        total = total + size * gap * ((log - gap) * turned + rgamma_slope(turned, nu + k + 1.0))
        size = size * (-a * a / (k + 1.0))
    return total


def _in_order(out, a, lmb, nu):
    """By the series where that does, for each of the many Bessel functions of the integral is one itself."""
    small = (primal_all(a) > 0) & (primal_all(a) <= _SMALL) & (primal_all(lmb + nu) > -1)
    slope = 0.0
    if np.any(small):
        slope = _by_series(*(np.where(small, x, 1.0) for x in (a, lmb, nu)))
    if np.all(small):
        return slope
    inner = (np.where(small, 1.0, x) for x in (a, lmb, nu))
    return np.where(small, slope, _by_integral(np.where(small, 0.5, out), *inner))


register(
    special.besselpoly,
    _weighted(
        lambda log, x, a, nu: x * (special.jv(nu - 1.0, 2.0 * a * x) - special.jv(nu + 1.0, 2.0 * a * x)), whole=True
    ),
    _weighted(lambda log, x, a, nu: log * special.jv(nu, 2.0 * a * x), whole=True),
    _in_order,
    note=f"In the order nu, for a > {_SMALL}, an integral of functions that are integrals: some 30 ms for each element.",
)
