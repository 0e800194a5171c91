"""Rows of NumPy's ufuncs: functions of scalars, applied element by element.

Partials are written for accuracy first: no term cancels, and nothing overflows or underflows on the way to a result
that does not. Where that took thought, a comment says what the textbook formula would have done. The derivatives are
those of DLMF chapter 4; at kinks they follow docs/conventions.md.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy._core import umath
from numpy.lib.introspect import opt_func_info

from dualnum import floating
from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.table import composite, elementwise, first, linear, nonlinear, second
from dualnum.tangents import is_zero

# From so many elements on, fresh memory takes longer than to say where the result goes.
_MANY = 1 << 16


def _over(number, x):
    """Divide a number by what nobody else holds; by many doubles, in their memory."""
    if x.size < _MANY or x.__class__ is not np.ndarray or x.dtype.char != "d":
        return number / x
    return np.divide(number, x, x)


def _one_over(divisor):
    """Partial 1 / divisor(out, x). Forward mode divides by the divisor itself, which takes an operation less."""

    def partial(out, x):
        y = divisor(out, x)
        return 1 / y if y is x else _over(1, y)

    partial.checks = partial.divisor = divisor
    return partial


def _usually_over(divisor):
    """Name what a partial is one over as long as that does not overflow."""

    def named(partial):
        partial.divisor = divisor
        return partial

    return named


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
elementwise(np.cbrt, _one_over(lambda out, x: 3 * out * out))
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
elementwise(np.log, _one_over(lambda out, x: x))
elementwise(np.log2, lambda out, x: math.log2(math.e) / x)
elementwise(np.log10, lambda out, x: math.log10(math.e) / x)
elementwise(np.log1p, _one_over(lambda out, x: 1 + x))


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


# Trigonometric and hyperbolic functions. Where this machine has the vector instructions that NumPy knows for tan and cosh,
# these take a fifth of the time of sin, cos and the tan of the C library.


def _is_vectorised(name):
    """Whether NumPy computes a function of float64 by vector instructions beyond those that it requires.

    These come from a library, SVML, that NumPy has on Linux alone; elsewhere it takes the C library's, whatever it says here.
    """
    if sys.platform != "linux":
        return False
    targets = opt_func_info(func_name=f"^{name}$", signature="float64").get(name, {}).values()
    return any(not target["current"].startswith("baseline") for target in targets)


_FAST_TAN, _FAST_COSH = _is_vectorised("tan"), _is_vectorised("cosh")


def _is_complex(x):
    return x.dtype.kind == "c"


# On fewer elements, the time goes into the number of operations.
_FEW, _SOME = 64, 256


def _has_tan(out, x):
    """Whether these are arrays of the kind for which tan has vector instructions."""
    return x.__class__ is np.ndarray and x.dtype.char == "d" and out.dtype is x.dtype


def _on_few(partial):
    """Name what a partial computes of fewer than `_SOME` elements, where that looks at less: the tape then keeps less."""

    def named(general):
        general.on_few = _SOME, partial
        return general

    return named


@_on_few(lambda out, x: np.cos(x))
def _cosine(out, x):
    """Compute cos(x) of x and out = sin(x), to the last digits too: both sine and tangent are exact to half a unit."""
    if x.size < _SOME or not _has_tan(out, x):
        return np.cos(x)
    tan = np.tan(x)
    token = floating.use(floating.STRICT)
    try:
        return np.divide(out, tan, tan)
    except FloatingPointError:  # 0 / 0
        at_zero = x == 0
    finally:
        floating.restore(token)
    tan = np.tan(x)
    tan[at_zero] = 1
    slope = np.divide(out, tan, tan)
    slope[at_zero] = 1
    return slope


@_on_few(lambda out, x: -np.sin(x))
def _minus_sine(out, x):
    """Compute -sin(x) of x and out = cos(x)."""
    if x.size < _SOME or not _has_tan(out, x):
        return -np.sin(x)
    slope = np.tan(x)
    slope *= out
    return np.negative(slope, slope)


def _sech_squared(x):
    """Compute 1 / cosh(x)²; 1 - tanh(x)² would be 0 from x = 19 on.

    A function with a row of its own: where cosh overflows, the derivative of the formula is 0 * inf. For many real numbers
    the form in exp(-2|x|) takes a quarter of the time of cosh, unless that has vector instructions.
    """
    if isinstance(x, ActiveArray):
        return apply_function(_sech_squared, (x,), {})
    if _is_complex(x) or x.size < _FEW or (_FAST_COSH and x.dtype.char == "d"):
        cosh = np.cosh(x)
        if not cosh.ndim or cosh.dtype.char != "d":
            return np.square(1 / cosh)
        root = np.reciprocal(cosh, cosh) if x.size < _SOME else np.divide(1, cosh, cosh)
        root *= root
        return root
    decay = np.exp(-2 * np.absolute(x))
    root = 1 + decay
    root *= root
    decay *= 4
    decay /= root
    return decay


def _cosh_squared(out, x):
    cosh = np.cosh(x)
    cosh *= cosh
    return cosh


def _tanh(out, x):
    return _sech_squared(x)


if _FAST_COSH:
    _tanh = _usually_over(_cosh_squared)(_tanh)


def _tan(out, x):
    # 1 + tan² cancels off the real axis
    return _sech_squared(1j * x) if _is_complex(out) else 1 + out * out


# For 1 / (1 + x²) = c² / (c² + (c x)²), by dtype: with c = 1, the square overflows where the result is still above 0.
_SHRINK = {"e": 2.0**-5, "f": 2.0**-12, "d": 2.0**-26, "g": 2.0**-32}


def _one_plus_square(out, x):
    square = x * x
    square += 1
    return square


@_usually_over(_one_plus_square)
def _arctan(out, x):
    c = _SHRINK.get(out.dtype.char)
    if c is None:
        return 1 / ((1 + 1j * x) * (1 - 1j * x))  # 1 + x² cancels near i and -i
    square = c * x
    square *= square
    square += c * c
    return _over(c * c, square)


@_one_over
def _arcsin(out, x):
    if not _is_complex(out):
        return np.sqrt((1 - x) * (1 + x))  # 1 - x² cancels near 1
    # On the cuts the sign of a zero imaginary part says on which side x lies: that of x - 1 is the same, that of 1 + x
    # would be lost.
    return np.sqrt(-(x - 1)) * np.sqrt(x - (-1))


def _arcsinh(out, x):
    if not _is_complex(out):
        return 1 / np.hypot(1, x)
    root = np.sqrt(1 + 1j * x) * np.sqrt(1 - 1j * x)
    # The product with i can lose the sign of a zero that says on which side of a cut x lies; the result knows it.
    other_side = np.real(primal_all(root) * np.conjugate(np.cosh(primal_all(out)))) < 0
    return np.where(other_side, -1, 1) / root


def _arctan2_first(out, y, x):
    radius = np.hypot(x, y)
    return x / radius / radius


def _arctan2_second(out, y, x):
    radius = np.hypot(x, y)
    radius = radius + (radius == 0)  # 0 at the origin, as on the whole axis
    return -(y / radius / radius)  # not -y, which unsigned integers do not have


if _FAST_TAN:
    elementwise(np.sin, _cosine)
    elementwise(np.cos, _minus_sine)
else:
    elementwise(np.sin, lambda out, x: np.cos(x))
    elementwise(np.cos, lambda out, x: -np.sin(x))
elementwise(np.tan, _tan)
elementwise(np.arcsin, _arcsin)
elementwise(np.arccos, lambda out, x: -_arcsin(out, x))
elementwise(np.arctan, _arctan)
elementwise(np.arctan2, _arctan2_first, _arctan2_second)
elementwise(np.sinh, lambda out, x: np.cosh(x))
elementwise(np.cosh, lambda out, x: np.sinh(x))
elementwise(np.tanh, _tanh)
elementwise(_sech_squared, lambda out, x: -2 * out * np.tanh(x))
elementwise(np.arcsinh, _arcsinh)
elementwise(np.arccosh, _one_over(lambda out, x: np.sqrt(x - 1) * np.sqrt(x - (-1))))  # x² - 1 cancels, and overflows
elementwise(np.arctanh, _one_over(lambda out, x: (1 - x) * (1 + x)))
elementwise(np.deg2rad, math.pi / 180)
elementwise(np.radians, math.pi / 180)
elementwise(np.rad2deg, 180 / math.pi)
elementwise(np.degrees, 180 / math.pi)


def _hypot(out, x):
    return x / (out + (out == 0))  # 0 at the origin, the minimum


elementwise(np.hypot, lambda out, x, y: _hypot(out, x), lambda out, x, y: _hypot(out, y))


# Absolute value, sign, conjugate


def _absolute(x):
    unit = np.sign(x)  # x / |x|, and 0 at 0
    if _is_complex(unit):
        return np.absolute(x), lambda x_dot: np.real(np.where(is_zero(x_dot), 0, np.conjugate(unit)) * x_dot)
    return np.absolute(x), lambda x_dot: unit * x_dot


def _turned(out, x, x_dot):
    """Tangent of x / |x|, which turns with x: the part of x_dot across x; 0 at 0 and for a direction that is zero."""
    still = np.logical_or(x == 0, is_zero(x_dot))
    across = x_dot - out * np.real(np.conjugate(out) * x_dot)
    return np.where(still, 0, across / np.where(still, 1, np.absolute(x)))


def _sign(x):
    out = np.sign(x)
    if _is_complex(out):
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
