"""Rows of NumPy's trigonometric and hyperbolic functions, and their inverses.

Partials are written for accuracy first, as in `dualnum.rules.elementwise`. Where this machine has the vector instructions that
NumPy knows for tan and cosh, these take a fifth of the time of sin, cos and the tan of the C library.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.lib.introspect import opt_func_info

from dualnum import floating
from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.rules.partials import is_complex, one_over, over, usually_over
from dualnum.table import elementwise


def _is_vectorised(name):
    """Whether NumPy computes a function of float64 by vector instructions beyond those that it requires.

    These come from a library, SVML, that NumPy has on Linux alone; elsewhere it takes the C library's, whatever it says here.
    """
    if sys.platform != "linux":
        return False
    targets = opt_func_info(func_name=f"^{name}$", signature="float64").get(name, {}).values()
    return any(not target["current"].startswith("baseline") for target in targets)


_FAST_TAN, _FAST_COSH = _is_vectorised("tan"), _is_vectorised("cosh")


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
    if is_complex(x) or x.size < _FEW or (_FAST_COSH and x.dtype.char == "d"):
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
    _tanh = usually_over(_cosh_squared)(_tanh)


def _tan(out, x):
    # 1 + tan² cancels off the real axis
    return _sech_squared(1j * x) if is_complex(out) else 1 + out * out


# For 1 / (1 + x²) = c² / (c² + (c x)²), by dtype: with c = 1, the square overflows where the result is still above 0.
_SHRINK = {"e": 2.0**-5, "f": 2.0**-12, "d": 2.0**-26, "g": 2.0**-32}


def _one_plus_square(out, x):
    square = x * x
    square += 1
    return square


@usually_over(_one_plus_square)
def _arctan(out, x):
    c = _SHRINK.get(out.dtype.char)
    if c is None:
        return 1 / ((1 + 1j * x) * (1 - 1j * x))  # 1 + x² cancels near i and -i
    square = c * x
    square *= square
    square += c * c
    return over(c * c, square)


@one_over
def _arcsin(out, x):
    if not is_complex(out):
        return np.sqrt((1 - x) * (1 + x))  # 1 - x² cancels near 1
    # On the cuts the sign of a zero imaginary part says on which side x lies: that of x - 1 is the same, that of 1 + x
    # would be lost.
    return np.sqrt(-(x - 1)) * np.sqrt(x - (-1))


def _arcsinh(out, x):
    if not is_complex(out):
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
elementwise(np.arccosh, one_over(lambda out, x: np.sqrt(x - 1) * np.sqrt(x - (-1))))  # x² - 1 cancels, and overflows
elementwise(np.arctanh, one_over(lambda out, x: (1 - x) * (1 + x)))
elementwise(np.deg2rad, math.pi / 180)
elementwise(np.radians, math.pi / 180)
elementwise(np.rad2deg, 180 / math.pi)
elementwise(np.degrees, 180 / math.pi)
