"""Rows of NumPy's ufuncs: functions of scalars, applied element by element.

Partials are written for accuracy first: no term cancels, and nothing overflows or underflows on the way to a result
that does not. Where that took thought, a comment says what the textbook formula would have done. The derivatives are
those of DLMF chapter 4; at kinks they follow docs/conventions.md.
"""

from __future__ import annotations

import math

import numpy as np
from numpy._core import umath

from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.rules.partials import is_complex, one_over
from dualnum.table import composite, elementwise, first, linear, nonlinear, second
from dualnum.tangents import is_zero

# Arithmetic

elementwise(np.add, 1, 1)
elementwise(np.subtract, 1, -1)
elementwise(np.multiply, second, first)


def _divide_numerator(out, x, y):
    if not isinstance(y, (int, float, complex)) and y.dtype != out.dtype:
        return out.dtype.type(1) / y  # in the precision of the quotient, not in that of y
    try:
        return 1 / y
    except ZeroDivisionError:  # y is a number of Python's; NumPy's give infinity, as the quotient has
        return out.dtype.type(1) / y


elementwise(
    np.divide,
    _divide_numerator,
    lambda out, x, y: -out / y,  # not -x / y²: the square would leave the range long before the result
    note="Where x is so small that x / y is subnormal, it has lost digits that the partial in y inherits.",
)
elementwise(np.negative, -1)
elementwise(np.positive, 1)
elementwise(np.reciprocal, lambda out, x: -out * out)
elementwise(np.square, lambda out, x: x + x)  # for NumPy, 2 is an array first
elementwise(np.sqrt, lambda out, x: 0.5 / out)
elementwise(np.cbrt, one_over(lambda out, x: 3 * out * out))
elementwise(np.nextafter, 1, 0)


def _whole_part(out, x, y):
    # x - out is a multiple of y up to rounding; the plain quotient x / y can round up to the next integer
    return -np.rint((x - out) / y)


elementwise(np.fmod, 1, _whole_part)
elementwise(np.remainder, 1, _whole_part)
composite(np.divmod, lambda x, y: (np.floor_divide(x, y), np.remainder(x, y)))
composite(np.modf, lambda x: (x - np.trunc(x), np.trunc(x)))


def _mantissa_and_exponent(x):
    exponent = np.frexp(primal_all(x))[1]
    return np.ldexp(x, -exponent), exponent


composite(np.frexp, _mantissa_and_exponent)
elementwise(np.ldexp, lambda out, x, n: np.ldexp(np.ones_like(x), n), None)


# Powers


def power_base(out, x, y):
    """Partial y x^(y-1).

    From y = 1/2 to 1024, y - 1 is exact. Elsewhere its rounding error would be amplified by log(x), so x^y / x serves;
    not in between, where x^y can underflow long before x^(y-1) does.
    """
    if isinstance(y, (int, float)):
        if y == 2:
            return x + x
        if y == 0.5:
            return 0.5 / out
        if 0.5 < y < 1024:
            return y * x ** (y - 1)
        if 0 < y < 0.5:
            return y * np.where(x == 0, np.inf, out / x)
        return y * (out / x) if y else 0
    if isinstance(y, complex):
        y = out.dtype.type(y)  # Python's own would raise where x is 0
    elif y.dtype.kind in "biu":
        y = y.astype(out.dtype)  # small integers have no y - 1 at the end of their range
    at_origin = (x == 0) & (y == 0)
    direct = y * x ** np.where(at_origin, 1, y - 1)
    return np.where((np.less(y, 0.5) | np.greater(y, 1024)) & (x != 0), y / x * out, direct)


def power_exponent(out, x, y):
    # 0^y is 0 for all y > 0, where log(0) would make it nan
    flat = (x == 0) & (y > 0)
    return out * np.log(x + flat.astype(out.dtype))


def _in_double(partial):
    """Partial of float_power, which computes in double precision whatever it is given."""
    one = np.float64(1)
    return lambda out, x, y: partial(out, x * one, y * one)


_SUBNORMAL_POWER = "Where x^y is subnormal, it has lost digits that the partials inherit."
elementwise(np.power, power_base, power_exponent, note=_SUBNORMAL_POWER)
elementwise(np.float_power, _in_double(power_base), _in_double(power_exponent), note=_SUBNORMAL_POWER)


# Exponentials and logarithms

elementwise(np.exp, lambda out, x: out)
elementwise(np.exp2, lambda out, x: out * math.log(2))
elementwise(np.expm1, lambda out, x: np.exp(x))  # out + 1 would be rounded to multiples of 1e-16 where exp is small
elementwise(np.log, one_over(lambda out, x: x))
elementwise(np.log2, lambda out, x: math.log2(math.e) / x)
elementwise(np.log10, lambda out, x: math.log10(math.e) / x)
elementwise(np.log1p, one_over(lambda out, x: 1 + x))


def _logaddexp(function, exp, rate):
    """Register a function log(exp(x) + exp(y)); the derivative of exp is rate * exp."""

    def weight(x, y):
        # exp(x) / (exp(x) + exp(y)), and 1/2 where both are the same infinity. A function with a row of its own, so
        # that the parts of its formula need not be differentiable.
        if isinstance(x, ActiveArray) or isinstance(y, ActiveArray):
            return apply_function(weight, (x, y), {})
        difference = np.where(x == y, 0, x - y)
        # What rounding has taken from x - y (Knuth's two-sum); exp would multiply that error by up to 1000.
        taken = difference - x
        lost = (x - (difference - taken)) - (y + taken)
        lost = np.where(np.isfinite(lost), lost, 0)
        a, b = exp(np.minimum(difference, 0)), exp(-np.maximum(difference, 0))
        total = a + b
        share = a / total
        return share + share * (b / total) * (rate * lost)

    elementwise(weight, lambda out, x, y: rate * out * weight(y, x), lambda out, x, y: -rate * out * weight(y, x))
    elementwise(function, lambda out, x, y: weight(x, y), lambda out, x, y: weight(y, x))


_logaddexp(np.logaddexp, np.exp, 1)
_logaddexp(np.logaddexp2, np.exp2, math.log(2))


def _hypot(out, x):
    return x / (out + (out == 0))  # 0 at the origin, the minimum


elementwise(np.hypot, lambda out, x, y: _hypot(out, x), lambda out, x, y: _hypot(out, y))


# Absolute value, sign, conjugate


def _absolute(x):
    unit = np.sign(x)  # x / |x|, and 0 at 0
    if is_complex(unit):
        return np.absolute(x), lambda x_dot: np.real(np.where(is_zero(x_dot), 0, np.conjugate(unit)) * x_dot)
    return np.absolute(x), lambda x_dot: unit * x_dot


def _turned(out, x, x_dot):
    """Tangent of x / |x|, which turns with x: the part of x_dot across x; 0 at 0 and for a direction that is zero."""
    still = np.logical_or(x == 0, is_zero(x_dot))
    across = x_dot - out * np.real(np.conjugate(out) * x_dot)
    return np.where(still, 0, across / np.where(still, 1, np.absolute(x)))


def _sign(x):
    out = np.sign(x)
    if is_complex(out):
        return out, lambda x_dot: _turned(out, x, x_dot)
    return out, lambda x_dot: np.zeros_like(x_dot)


nonlinear(np.absolute, _absolute, batched=True, pointwise=True)
nonlinear(np.sign, _sign, batched=True, pointwise=True)
elementwise(np.fabs, lambda out, x: np.sign(x))
elementwise(np.copysign, lambda out, x, y: np.sign(x) * np.copysign(1, out), 0)
elementwise(np.heaviside, 0, lambda out, x, y: np.equal(x, 0))
linear(np.conjugate, lambda out_bar, x, **kwargs: np.conjugate(out_bar), batched=np.conjugate)


# Selection


def _selection(wins):
    """Partials of a function that selects one argument: 1 for it and 0 for the other; 1/2 for each of equal ones."""

    def partial(out, mine, other):
        return np.where(mine == other, out.dtype.type(0.5), wins(mine, other))

    return partial, lambda out, x, y: partial(out, y, x)


elementwise(np.maximum, *_selection(lambda x, y: (x > y) | (x != x)))
elementwise(np.minimum, *_selection(lambda x, y: (x < y) | (x != x)))
elementwise(np.fmax, *_selection(lambda x, y: (x > y) | (y != y)))
elementwise(np.fmin, *_selection(lambda x, y: (x < y) | (y != y)))

# The ufunc behind np.clip. The order matters: where the bounds cross, the upper one wins.
composite(
    umath.clip,  # type: ignore[attr-defined]
    lambda x, lower, upper: np.minimum(np.maximum(x, lower), upper),
)
