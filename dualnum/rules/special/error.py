"""Rows of the error function, the normal distribution and their relatives (DLMF chapter 7).

The scaled functions satisfy y' = 2 x y - c, which cancels for large x: there the derivative of the asymptotic series
serves (DLMF 7.12.1), which has no term that cancels.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import register, register_many
from dualnum.rules.special.series import horner

_ROOT_PI = math.sqrt(math.pi)
_ROOT_2 = math.sqrt(2.0)
_ROOT_2_PI = math.sqrt(2.0 * math.pi)


def _is_complex(x):
    return np.iscomplexobj(primal_all(x))


# The Faddeeva function w(z) = exp(-z²) erfc(-i z), of which the others are forms

#: Coefficients of w(z) = i / (sqrt(pi) z) sum c(k) / z^(2 k), (2 k - 1)!! / 2^k; beyond 8 they are good to the last digit.
_TAIL = [math.prod(j - 0.5 for j in range(1, k + 1)) for k in range(25)]
_FAR = 8.0
_TAIL_SLOPE = [(2 * k + 1) * c for k, c in enumerate(_TAIL)]


def _tail_slope(z, far):
    """Sum of (2 k + 1) c(k) / z^(2 k + 2): minus the derivative of the sum of c(k) / z^(2 k + 1)."""
    inverse = 1.0 / np.where(far, z, _FAR)
    square = inverse * inverse
    return square * horner(_TAIL_SLOPE, square)


def _gaussian(z, where):
    """Compute z exp(-z²), or 0 where it is not needed and may overflow."""
    z = np.where(where, z, 0.0)
    return z * np.exp(-z * z)


def _faddeeva_slope(out, z):
    far = np.abs(primal_all(z)) >= _FAR
    height = np.imag(primal_all(z))
    # Below the real axis the exponential is there twice (DLMF 7.4.3); on the axis, which is a Stokes line, once.
    weight = np.where(height < 0, 4.0, np.where(height == 0, 2.0, 0.0))
    tail = (-1j / _ROOT_PI) * _tail_slope(z, far) - weight * _gaussian(z, far & (weight > 0))
    return np.where(far, tail, -2.0 * z * out + 2j / _ROOT_PI)


def _erfcx_slope(out, z):
    if _is_complex(z):
        return 1j * _faddeeva_slope(out, 1j * z)
    far = primal_all(z) >= _FAR
    inverse = 1.0 / np.where(far, z, _FAR)
    square = inverse * inverse
    return np.where(far, -square * horner(_TAIL_SLOPE, -square) / _ROOT_PI, 2.0 * z * out - 2.0 / _ROOT_PI)


def _dawson_slope(out, z):
    far = np.abs(primal_all(z)) >= _FAR
    tail = -0.5 * _tail_slope(z, far)
    if _is_complex(z):
        side = np.sign(np.imag(primal_all(z)))
        tail = tail - 1j * _ROOT_PI * side * _gaussian(z, far & (side != 0))
    return np.where(far, tail, 1.0 - 2.0 * z * out)


register(special.wofz, _faddeeva_slope)
register(special.erfcx, _erfcx_slope)
register(special.dawsn, _dawson_slope)
register(special.erf, lambda out, z: 2.0 / _ROOT_PI * np.exp(-z * z))
register(special.erfc, lambda out, z: -2.0 / _ROOT_PI * np.exp(-z * z))
register(special.erfi, lambda out, z: 2.0 / _ROOT_PI * np.exp(z * z))
register(special.erfinv, lambda out, y: _ROOT_PI / 2.0 * np.exp(out * out))
register(special.erfcinv, lambda out, y: -_ROOT_PI / 2.0 * np.exp(out * out))


# The normal distribution


def _density(x):
    return np.exp(-0.5 * x * x) / _ROOT_2_PI


def log_ndtr_slope(out, x):
    """Density by distribution; on the left, where both underflow, by the scaled function."""
    left = np.real(primal_all(x)) < 0
    scaled = special.erfcx(np.where(left, -x, 1.0) / _ROOT_2)
    right = np.where(left, 1.0, x)
    return np.where(left, 2.0 / _ROOT_2_PI / scaled, _density(right) / special.ndtr(right))


def _ndtri_exp_slope(out, y):
    """By the implicit rule, 1 by the derivative of log_ndtr."""
    left = primal_all(out) < 0
    scaled = special.erfcx(np.where(left, -out, 1.0) / _ROOT_2)
    right = np.where(left, 1.0, out)
    return np.where(left, 0.5 * _ROOT_2_PI * scaled, special.ndtr(right) / _density(right))


def _ndtri_slope(x):
    return _ROOT_2_PI * np.exp(0.5 * x * x)


register(special.ndtr, lambda out, x: _density(x))
register(special.log_ndtr, log_ndtr_slope)
register(special.ndtri, lambda out, p: _ndtri_slope(out))
register(special.ndtri_exp, _ndtri_exp_slope)


def _nrdtrisd_probability(out, mean, p, x):
    quantile = special.ndtri(p)
    return -out / quantile * _ndtri_slope(quantile)


register(
    special.nrdtrimn,
    lambda out, p, std, x: -std * _ndtri_slope(special.ndtri(p)),
    lambda out, p, std, x: -special.ndtri(p),
    1,
)
register(
    special.nrdtrisd,
    lambda out, mean, p, x: -1.0 / special.ndtri(p),
    _nrdtrisd_probability,
    lambda out, mean, p, x: 1.0 / special.ndtri(p),
)


def _slanted(h, a):
    """Compute a h, but 0 for h = 0 whatever a is."""
    return np.where((primal_all(h) == 0) & np.isinf(primal_all(a)), 0.0, a) * h


# Owen (1956), and its derivative in h by that of the integrand
register(
    special.owens_t,
    lambda out, h, a: -0.5 * _density(h) * special.erf(_slanted(h, a) / _ROOT_2),
    lambda out, h, a: np.exp(-0.5 * (h * h + np.square(_slanted(h, a)))) / (2.0 * math.pi * (1.0 + a * a)),
)


# Fresnel integrals (DLMF 7.2(iii)), in several forms: the phase is that of a square, which may be large


def _square(x):
    """Square, and what rounding has taken from it, which is a constant."""
    value = primal_all(x)
    product = value * value
    halves = 134217729.0 if product.dtype.char == "d" else 4097.0  # Dekker (1971)
    usable = np.abs(value) < 1e15
    shifted = halves * np.where(usable, value, 0.0)
    high = shifted - (shifted - value)
    low = value - high
    lost = ((high * high - product) + 2.0 * high * low) + low * low
    return x * x, np.where(usable, lost, 0.0)


def _fresnel_slopes(outs, z):
    sin, cos = special._ufuncs._sinpi, special._ufuncs._cospi
    if _is_complex(z):
        return sin(0.5 * z * z), cos(0.5 * z * z)
    square, rest = (0.5 * part for part in _square(z))
    return sin(square) * cos(rest) + cos(square) * sin(rest), cos(square) * cos(rest) - sin(square) * sin(rest)


def _modified_fresnel(sign):
    """Slopes of the integral from x to infinity of exp(+-i t²), and of it scaled: erfcx(exp(-+i pi/4) x) / 2."""
    turn = complex(1.0, -sign) / _ROOT_2

    def slopes(outs, x):
        square, rest = _square(x)
        turned = turn * x
        return -np.exp(sign * 1j * square) * np.exp(sign * 1j * rest), turn * 0.5 * _erfcx_slope(2.0 * outs[1], turned)

    return slopes


register_many(special.fresnel, _fresnel_slopes)
_WRONG_VALUE = (
    "At negative x, SciPy gives a wrong imaginary part of the first result; the derivative is that of the function."
)
register_many(special.modfresnelp, _modified_fresnel(1), note=_WRONG_VALUE)
register_many(special.modfresnelm, _modified_fresnel(-1), note=_WRONG_VALUE)


# Voigt's profile: the real part of w((x + i gamma) / (sigma sqrt(2))) / (sigma sqrt(2 pi))

_TAIL_EXCESS = [(k + 1) * c for k, c in enumerate(_TAIL[1:])]


def _voigt_slopes(x, sigma, gamma):
    """All three derivatives; far from the core by the asymptotic series, which holds also for sigma = 0 (Lorentz)."""
    size = np.hypot(primal_all(x), primal_all(gamma))
    far = (
        (primal_all(sigma) >= 0) & (primal_all(gamma) >= 0) & (size >= _FAR * _ROOT_2 * primal_all(sigma)) & (size > 0)
    )
    near = _voigt_core(np.where(far, 0.0, x), np.where(far, 1.0, sigma), np.where(far, 1.0, gamma))
    tail = _voigt_tail(np.where(far, x, 1.0), np.where(far, sigma, 0.0), np.where(far, gamma, 0.0))
    return tuple(np.where(far, t, n) for t, n in zip(tail, near, strict=True))


def _voigt_core(x, sigma, gamma):
    z = (x + 1j * gamma) / (_ROOT_2 * sigma)
    w = special.wofz(z)
    slope = _faddeeva_slope(w, z)
    unit = 2.0 * _ROOT_PI * sigma * sigma
    return np.real(slope) / unit, -_ROOT_2 * np.real(w + z * slope) / unit, -np.imag(slope) / unit


def _voigt_tail(x, sigma, gamma):
    inverse = 1.0 / (x + 1j * gamma)
    scaled = 2.0 * np.square(sigma * inverse)
    slope = inverse * inverse * horner(_TAIL_SLOPE, scaled) / math.pi
    excess = 4.0 * sigma * inverse * inverse * inverse * horner(_TAIL_EXCESS, scaled) / math.pi
    # Without damping, the exponential is all there is.
    bare = (primal_all(gamma) <= 1e-5 * primal_all(sigma)) & (primal_all(sigma) > 0)
    width = np.where(bare, sigma, 1.0)
    u = np.where(bare, x, np.inf) / width
    u = np.where(np.abs(primal_all(u)) < 40, u, 40.0)
    normal = np.where(np.abs(primal_all(u)) < 40, _density(u), 0.0) / width / width
    return np.imag(slope) - u * normal, (u * u - 1.0) * normal - np.imag(excess), np.real(slope)


register(
    special.voigt_profile,
    lambda out, x, sigma, gamma: _voigt_slopes(x, sigma, gamma)[0],
    lambda out, x, sigma, gamma: _voigt_slopes(x, sigma, gamma)[1],
    lambda out, x, sigma, gamma: _voigt_slopes(x, sigma, gamma)[2],
)
