"""Rows of integrals of Bessel functions; the derivative in the upper limit is the integrand."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import register_many


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


register_many(special.itj0y0, lambda outs, x: (special.j0(x), special.y0(x)))
register_many(special.iti0k0, lambda outs, x: (special.i0(x), special.k0(x)))
register_many(special.it2j0y0, _it2j0y0)
register_many(special.it2i0k0, _it2i0k0)
