"""Rows of the Bessel functions: derivatives in the argument (DLMF 10.6, 10.29); those in the order are in bessel_orders.

The recurrences that give a derivative are ``f'(v) = (f(v-1) + s f(v+1)) / 2`` and ``f'(v) = v/z f(v) + s f(v+1)``, with
s = -1 for J, Y and the Hankel functions, and 1 for I.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.bessel_contours import log_slope_h, log_slope_i, log_slope_k
from dualnum.rules.special.bessel_orders import (
    in_blocks,
    magnitude,
    order_hankel,
    order_iv,
    order_jv,
    order_kv,
    order_yv,
)
from dualnum.rules.special.families import INTEGER, Damped, register, register_many


def _slope(function, sign):
    """Partial in the argument, by the recurrences.

    For orders below 1, ``v - 1`` would be rounded, and the function changes fast beside a negative integer order, so the
    second recurrence is taken; at 0, only the first has no division.
    """

    def partial(out, v, z):
        first = np.greater_equal(primal_all(v), 1.0) | np.equal(primal_all(z), 0.0)
        upper = sign * function(v + 1.0, z)
        lower = function(np.where(first, v - 1.0, 0.0), z)
        return np.where(first, 0.5 * (lower + upper), v * (out / np.where(first, 1.0, z)) + upper)

    return partial


def _slope_k(function):
    """Partial in the argument of K: no term has another sign."""
    return lambda out, v, z: -0.5 * (function(v - 1.0, z) + function(v + 1.0, z))


# The tails of scaled functions


def _tail(turn, v, z):
    """Logarithmic derivative of ``z**-0.5 * sum(turn**k * a_k(v) / z**k)``, for large z (DLMF 10.17.1, 10.40).

    Where the exponential is divided out, the two terms of the derivative agree in ever more digits.
    """
    term, total, slope = 1.0, 1.0, 0.5
    for k in range(1, 16):
        term = term * (turn / (8.0 * k) * (4.0 * v * v - (2.0 * k - 1.0) ** 2) / z)
        total = total + term
        slope = slope + (k + 0.5) * term
    return -slope / (total * z)


#: The same from the integrals, for real arguments and orders of any size.
_MEANS = {
    1: lambda v, z: log_slope_k(v, z, scaled=True),
    -1: lambda v, z: log_slope_i(v, z, scaled=True),
    1j: lambda v, z: log_slope_h(v, z, scaled=True),
    -1j: lambda v, z: np.conjugate(log_slope_h(v, z, scaled=True)),
}


def _scaled(out, turn, v, z, derivative):
    """Derivative of a scaled function: as given, or from the tail or the integrals where its terms would cancel."""
    plain = primal_all(z)
    size, order = np.abs(plain), np.abs(primal_all(v))
    large = size > 1000.0
    if np.imag(turn):
        # Off the real axis, only one of the two exponentials may matter.
        large = large & ((np.real(plain) > 0) | (np.imag(plain) * np.imag(turn) > 0))
    tail = large & (order * order < size)
    if np.any(tail):
        slope = out * _tail(turn, np.where(tail, v, 0.0), np.where(tail, z, 1.0))
        derivative = np.where(tail, slope, derivative)
    rest = large & ~tail & (order < size) & np.isreal(plain)
    if np.any(rest) and not _is_complex(z):
        slope = out * in_blocks(_MEANS[turn])(np.where(rest, magnitude(v), 1.0), np.where(rest, z, 1.0))
        derivative = np.where(rest, slope, derivative)
    return derivative


def _is_complex(z):
    return np.iscomplexobj(primal_all(z))


def _slope_kve(out, v, z):
    return _scaled(out, 1, v, z, out + _slope_k(special.kve)(out, v, z))


def _slope_hankel(function, turn):
    slope = _slope(function, -1.0)
    return lambda out, v, z: _scaled(out, turn, v, z, slope(out, v, z) - turn * out)


def _damped_by_imaginary(function):
    slope = _slope(function, -1.0)

    def partial(outs, v, z):
        p = slope(outs[0], v, z)
        # The exponent is -|Im z|.
        return (Damped(p, 1j * np.sign(np.imag(z))) if _is_complex(z) else p,)

    return partial


def _slope_ive(outs, v, z):
    (out,) = outs
    slope = _slope(special.ive, 1.0)(out, v, z)
    rate = -np.sign(np.real(z))  # the exponent is -|Re z|
    if _is_complex(z):
        return (Damped(slope, rate),)
    side = np.where(np.less(primal_all(z), 0.0), -1.0, 1.0)
    return (side * _scaled(out, -1, v, np.abs(z), side * (slope + rate * out)),)


def _only(partial):
    """Partial of the only result, as a list of them."""
    return lambda outs, *args: (partial(outs[0], *args),)


def _truncated(partial):
    """Partial of a function that cuts its order down to an integer."""
    return lambda out, n, z: partial(out, np.trunc(n), z)


# Orders that are given


register(special.j0, lambda out, z: -special.j1(z))
register(special.j1, lambda out, z: 0.5 * (special.j0(z) - special.jv(2.0, z)))
register(special.y0, lambda out, z: -special.y1(z))
register(special.y1, lambda out, z: special.y0(z) - out / z)
register(special.i0, lambda out, z: special.i1(z))
register(special.i1, lambda out, z: 0.5 * (special.i0(z) + special.iv(2.0, z)))
register(special.k0, lambda out, z: -special.k1(z))
register(special.k1, lambda out, z: -(special.k0(z) + out / z))
register(special.k0e, lambda out, z: _scaled(out, 1, 0.0, z, out - special.k1e(z)))
register(special.k1e, lambda out, z: _scaled(out, 1, 1.0, z, out - special.k0e(z) - out / z))
register(special.i0e, lambda out, z: _slope_ive((out,), 0.0, z)[0])
register(special.i1e, lambda out, z: _slope_ive((out,), 1.0, z)[0])
register(special.yn, INTEGER, _truncated(_slope(special.yn, -1.0)))
register(special.kn, INTEGER, _truncated(_slope_k(special.kn)))

# Orders that are real

_OFF_AXIS = (
    "For complex arguments, the tangent is the sum of that of the holomorphic factor and that of the exponential, which "
    "nearly cancel far from the real axis (ive: from the imaginary one); errors are relative to these."
)
_FAR_OFF = (
    "For complex arguments z with |z| > 1e4 and v**2 > |z|, and for all left of the imaginary axis, errors grow to about "
    "1e-15 |z|, in terms of the value."
)


for _name, _order, _argument in (
    ("jv", order_jv, _slope(special.jv, -1.0)),
    ("yv", order_yv, _slope(special.yv, -1.0)),
    ("iv", order_iv, _slope(special.iv, 1.0)),
    ("kv", order_kv, _slope_k(special.kv)),
    ("kve", order_kv, _slope_kve),
    ("hankel1", order_hankel, _slope(special.hankel1, -1.0)),
    ("hankel2", order_hankel, _slope(special.hankel2, -1.0)),
    ("hankel1e", order_hankel, _slope_hankel(special.hankel1e, 1j)),
    ("hankel2e", order_hankel, _slope_hankel(special.hankel2e, -1j)),
):
    register(getattr(special, _name), _order(_name), _argument, note=_FAR_OFF if _name[-1] == "e" else "")

for _name, _order, _argument in (
    ("jve", order_jv, _damped_by_imaginary(special.jve)),
    ("yve", order_yv, _damped_by_imaginary(special.yve)),
    ("ive", order_iv, _slope_ive),
):
    register_many(getattr(special, _name), _only(_order(_name)), _argument, note=_OFF_AXIS)
