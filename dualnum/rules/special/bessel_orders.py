"""Derivatives of Bessel functions in their real order, for positive arguments.

A function is multiplied by its logarithmic derivative where it has no zeros (v >= x); where it oscillates, the Hankel
function is. Negative orders are reflected (DLMF 10.4.6, 10.27.2).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.bessel_contours import log_slope_h, log_slope_i, log_slope_j, log_slope_k, log_slope_y

__all__ = [
    "in_blocks",
    "magnitude",
    "order_hankel",
    "order_iv",
    "order_jv",
    "order_kv",
    "order_yv",
    "slope_jv",
    "slope_yv",
]

#: So many elements are taken at once; each has some 200 nodes.
_BLOCK = 1024


def in_blocks(partial):
    """Apply a function of order and argument to so few elements at a time that memory is bounded."""

    def of_all(v, x, *more):
        shape = np.broadcast_shapes(*(np.shape(a) for a in (v, x, *more)))
        size = int(np.prod(shape))
        if size <= _BLOCK:
            return partial(v, x, *more)
        flat = [np.broadcast_to(a, shape).reshape(-1) for a in (v, x, *more)]
        parts = [partial(*(a[i : i + _BLOCK] for a in flat)) for i in range(0, size, _BLOCK)]
        return np.concatenate(parts).reshape(shape)

    return of_all


def magnitude(v):
    """Size of the order; at 0 with the derivative from the right."""
    return np.where(np.less(primal_all(v), 0.0), -v, v)


def _sine_and_cosine(v):
    """Sine and cosine of ``pi v``, the sine exact for integers."""
    whole = np.rint(primal_all(v))
    sign = np.where(whole % 2 == 0, 1.0, -1.0)
    return sign * np.sin(np.pi * (v - whole)), sign * np.cos(np.pi * (v - whole))


def _times(c, f):
    """Product; 0 also where the other factor has overflowed."""
    lost = np.equal(primal_all(c), 0.0) & np.isinf(primal_all(f))
    return np.where(lost, 0.0, c * np.where(lost, 0.0, f))


def _product(needed, log_slope, f, v, x):
    """Function times its logarithmic derivative; computed only if needed somewhere."""
    if not np.any(needed):
        return 0.0
    slope = log_slope(np.where(needed, v, 2.0), np.where(needed, x, 1.0))
    return np.where(needed, f, 0.0) * slope


def _limits(slope, v, x):
    """Derivative as given for x > 0; at 0 that of the constant 0, for v > 0."""
    v, x = primal_all(v), primal_all(x)
    return np.where(np.greater(x, 0.0), slope, np.where(np.equal(x, 0.0) & np.greater(v, 0.0), 0.0, np.nan))


def _cylinder(v, x):
    """J and Y of an order that is not negative, and their derivatives in it."""
    j, y = special.jv(v, x), special.yv(v, x)
    waves = np.less(primal_all(v), primal_all(x))
    wave = _product(waves, log_slope_h, np.where(waves, j + 1j * y, 0.0), v, x)
    j_slope = np.where(waves, np.real(wave), _product(~waves, log_slope_j, j, v, x))
    y_slope = np.where(waves, np.imag(wave), _product(~waves, log_slope_y, y, v, x))
    return j, y, j_slope, y_slope


def _both(v, x):
    """Derivatives of J and Y in an order of either sign, for x > 0."""
    size = magnitude(v)
    j, y, j_slope, y_slope = _cylinder(size, x)
    negative = np.less(primal_all(v), 0.0)
    if not np.any(negative):
        return j_slope, y_slope
    sine, cosine = _sine_and_cosine(size)
    j_reflected = np.pi * (sine * j + _times(cosine, y)) - cosine * j_slope + _times(sine, y_slope)
    y_reflected = np.pi * (_times(sine, y) - cosine * j) - sine * j_slope - _times(cosine, y_slope)
    return np.where(negative, j_reflected, j_slope), np.where(negative, y_reflected, y_slope)


def _positive(x):
    """Argument where it is positive, else 1."""
    return np.where(np.greater(primal_all(x), 0.0), x, 1.0)


@in_blocks
def slope_jv(v, x):
    """Derivative of J in the order, for arrays of orders and arguments."""
    return _limits(_both(v, _positive(x))[0], v, x)


@in_blocks
def slope_yv(v, x):
    """Derivative of Y in the order, for arrays of orders and arguments."""
    return np.where(np.greater(primal_all(x), 0.0), _both(v, _positive(x))[1], np.nan)


@in_blocks
def _slope_hankel1(v, x):
    j_slope, y_slope = _both(v, _positive(x))
    return np.where(np.greater(primal_all(x), 0.0), j_slope + 1j * y_slope, np.nan)


@in_blocks
def _log_slope_of_even(v, x):
    """Logarithmic derivative of K, for orders of either sign."""
    slope = log_slope_k(magnitude(v), _positive(x))
    return np.where(np.less(primal_all(v), 0.0), -slope, slope) * np.where(np.greater(primal_all(x), 0.0), 1.0, np.nan)


def _iv(scaled):
    first, second = (special.ive, special.kve) if scaled else (special.iv, special.kv)

    @in_blocks
    def slope(v, x):
        size, safe = magnitude(v), _positive(x)
        slope = first(size, safe) * log_slope_i(size, safe)
        if np.any(np.less(primal_all(v), 0.0)):
            sine, cosine = _sine_and_cosine(size)
            k = second(size, safe) * (np.exp(-2.0 * safe) if scaled else 1.0)
            reflected = -slope - 2.0 * cosine * k - _times(2.0 / np.pi * sine, k * log_slope_k(size, safe))
            slope = np.where(np.less(primal_all(v), 0.0), reflected, slope)
        return _limits(slope, v, x)

    return slope


slope_iv, _slope_ive = _iv(False), _iv(True)


def _real(function, z):
    """The argument, if it is real; and positive, for functions that are complex on the left."""
    plain = primal_all(z)
    if np.iscomplexobj(plain) or (function.startswith("hankel") and np.any(np.less(plain, 0.0))):
        raise NoRuleError(
            f"scipy.special.{function} has no derivative with respect to its argument number 1, the order, where "
            "argument number 2 is complex, or the result is. Pass primal(v) there if its derivative is not wanted."
        )
    return z


def order_jv(name):
    """Partial of J in the order, by name of the function."""
    return lambda out, v, z: slope_jv(v, _real(name, z))


def order_yv(name):
    """Partial of Y in the order, by name of the function."""
    return lambda out, v, z: slope_yv(v, _real(name, z))


def order_iv(name):
    """Partial of I in the order, by name of the function."""
    slope = _slope_ive if name == "ive" else slope_iv
    return lambda out, v, z: slope(v, _real(name, z))


def order_kv(name):
    """Partial of K in the order, by name of the function."""
    return lambda out, v, z: out * _log_slope_of_even(v, _real(name, z))


def order_hankel(name):
    """Partial of a Hankel function in the order, by name of the function."""
    first, scaled = "1" in name, name.endswith("e")

    def partial(out, v, z):
        slope = _slope_hankel1(v, _real(name, z))
        slope = slope * np.exp(-1j * z) if scaled else slope
        return slope if first else np.conjugate(slope)

    return partial
