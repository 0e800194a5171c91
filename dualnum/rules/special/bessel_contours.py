"""Logarithmic derivatives of Bessel functions in the order, by contour integrals (DLMF 10.9.17, 10.9.18, 10.32.12).

Every Bessel function is an integral of ``exp(x * s(t) - v * t)``, s = sinh or cosh, along a contour; its derivative in v is
that of the same with the factor -t. The contours here go over saddle points, so that nothing cancels: the quotient of
the two integrals has all digits for orders and arguments of any size, and is the same for the scaled functions.

The nodes depend on the values of v and x alone, and the integrand is differentiable: so are the quotients.
"""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import ActiveArray, primal_all
from dualnum.rules.special.quadrature import gauss

__all__ = ["log_slope_h", "log_slope_i", "log_slope_j", "log_slope_k", "log_slope_y"]

#: exp(-38) is below the rounding error: there a contour ends.
_END = 38.0

#: Orders and arguments below this have contours by straight lines along the axes, with few oscillations.
_LOW = 20.0

#: Nodes of each part of a contour.
_NODES = 64


def _nodes(like):
    """Nodes and weights of [0, 1], along a new first axis."""
    rule = gauss(_NODES)
    return tuple(part.reshape((-1,) + (1,) * np.ndim(like)) for part in (rule.nodes, rule.weights))


def _segment(start, end):
    """Nodes and weights of a straight line."""
    u, w = _nodes(start)
    return start + (end - start) * u, (end - start) * w


def _graded(start, end):
    """Nodes and weights of an interval of the real axis at whose end the integrand falls off, maybe after a plateau.

    The fall takes a few units, the plateau may take hundreds.
    """
    u, w = _nodes(start)
    rate = np.log1p((end - start) / 5.0)
    grown = 5.0 * np.expm1(rate * u)
    return end - grown, w * rate * (5.0 + grown)


def _exponent(tau, gap, m, v):
    """``w (cosh(tau) - 1) + m sinh(tau) - v tau`` for w = m + gap, without the cancellation of large terms."""
    return 2.0 * gap * np.square(np.sinh(tau / 2.0)) + m * np.expm1(tau) - v * tau


def _quotient(t, weights, s, v, x, part, factor=np.negative):
    """Quotient of the integral with a factor, which is -t for the derivative in the order, and that without."""
    if isinstance(v, ActiveArray) or isinstance(x, ActiveArray):
        weights = weights * np.exp((x - primal_all(x)) * s(t) - (v - primal_all(v)) * t)
    return part(np.sum(factor(t) * weights, axis=0)) / part(np.sum(weights, axis=0))


def _cosh_minus_one(t):
    return 2.0 * np.square(np.sinh(t / 2.0))


def _sinh_minus_i(t):
    return 1j * _cosh_minus_one(t - 0.5j * np.pi)


def _plain(v, x):
    """Values of order and argument, in double precision and of one shape; the argument not where overflow threatens."""
    v, x = np.broadcast_arrays(np.asarray(primal_all(v), float), np.asarray(primal_all(x), float))
    return v, np.maximum(x, 1e-300)


def _reach(w):
    """Distance from a saddle at which ``w * (cosh - 1)`` has grown to the end."""
    return 2.0 * np.arcsinh(np.sqrt(_END / 2.0 / w))


def _leg(c, a):
    """Leg of a right triangle with hypotenuse c, or 0 where c < a."""
    return np.sqrt(np.maximum(c - a, 0.0)) * np.sqrt(c + a)


def _steep(m):
    """Distance at which ``m * (sinh(s) - s)`` has grown to the end, or a little more."""
    q = _END / np.maximum(m, 1e-300)
    return np.arcsinh(q + 1.0 + np.log1p(q))


def _fall(w, m):
    """Nodes and weights of the half axis for ``exp(-w cosh(s) - m sinh(s))``."""
    return _graded(np.zeros_like(w), np.minimum(_reach(w), _steep(m)))


def log_slope_k(v, x, scaled=False):
    """Logarithmic derivative of K in the order v >= 0 (DLMF 10.32.9); or of ``exp(x) K`` in x, with ``scaled``."""
    order, z = _plain(v, x)
    peak, w = np.arcsinh(order / z), np.hypot(order, z)
    q = _END / w
    t, weights = _graded(np.maximum(peak - q - np.sqrt(2.0 * q), 0.0), peak + _reach(w))
    weights = weights * np.exp(-_exponent(t - peak, z * (z / (w + order)), order, order))
    if isinstance(v, ActiveArray) or isinstance(x, ActiveArray):
        weights = weights * np.exp((v - order) * t - (x - primal_all(x)) * np.cosh(t))
    odd = -np.expm1(-2.0 * v * t)
    even = weights * (2.0 - odd)
    return np.sum(-_cosh_minus_one(t) * even if scaled else t * weights * odd, axis=0) / np.sum(even, axis=0)


def log_slope_i(v, x, scaled=False):
    """Logarithmic derivative of I in the order v >= 0; or of ``exp(-x) I`` in x, with ``scaled``.

    From the saddle point up to i pi, and to the right.
    """
    order, z = _plain(v, x)
    corner, w = np.arcsinh(order / z), np.hypot(order, z)
    rise, rise_weights = _segment(np.zeros_like(w), 2j * np.arcsin(np.sqrt(np.minimum(1.0, _END / 2.0 / w))))
    ray, ray_weights = _fall(w, order)
    tau = np.concatenate([rise, ray + 1j * np.pi])
    weights = np.concatenate([rise_weights, ray_weights]) * np.exp(_exponent(tau, z * (z / (w + order)), order, order))
    return _quotient(corner + tau, weights, np.cosh, v, x, np.imag, _cosh_minus_one if scaled else np.negative)


def log_slope_j(v, x):
    """Logarithmic derivative of J in the order v >= x, where J has no zeros: up from the right saddle point."""
    order, z = _plain(v, x)
    z = np.minimum(z, order)
    w = _leg(order, z)
    corner = np.arcsinh(w / z)
    gap = -z * (z / (w + order))
    # For small orders up to i pi and to the right; for large ones where the integrand falls off, also at the saddle point
    # of third order, until it ends.
    low = order <= _LOW
    length = np.minimum(np.sqrt(4.0 * _END / np.maximum(w, 1e-300)), np.cbrt(6.0 * _END / order))
    end = np.where(low, 1j * np.pi, length * np.exp(1j * np.pi / 3.0))
    rise, rise_weights = _segment(np.zeros_like(end), end)
    ray, ray_weights = _fall(np.maximum(w, 1e-300), order)
    tau = np.concatenate([rise, ray + 1j * np.pi])
    weights = np.concatenate([rise_weights, np.where(low, ray_weights, 0.0)]) * np.exp(
        _exponent(tau, gap, order, order)
    )
    return _quotient(corner + tau, weights, np.sinh, v, x, np.imag)


def _from_left(order, z):
    """Nodes, weights and exponents from minus infinity to 0, relative to the largest, and that one."""
    m, w = np.maximum(order, z), _leg(order, z)
    peak, q = np.arcsinh(w / z), _END / np.maximum(w, 1e-300)
    right = np.minimum(np.minimum(_reach(np.maximum(w, 1e-300)), np.cbrt(6.0 * _END / m)), _steep(m))
    right = np.minimum(right, _END / np.maximum(m - order, 1e-300))
    s, weights = _graded(np.maximum(peak - 1.25 * (q + np.sqrt(2.0 * q)), 0.0), peak + right)
    return s, weights, -_exponent(s - peak, -z * (z / (w + m)), m, order), order * peak - w


def log_slope_h(v, x, part=lambda z: z, scaled=False):
    """Logarithmic derivative of the first Hankel function in the order v >= 0; of Y, for v >= x, with ``part=np.real``.

    With ``scaled``, that of ``exp(-i x)`` times the function in x.

    From the left to 0; up to the saddle point at i beta; from there in its valley to the right. For small v and x, from 0
    straight up to i pi, and then to the right; where the saddle point is high above 0, from the left in its valley.
    """
    order, z = _plain(v, x)
    m = np.maximum(order, z)
    low = m <= _LOW
    w = _leg(z, order)
    beta = np.arctan2(w, np.minimum(order, z))
    apart = ~low & (w - order * beta > 15.0)
    s, s_weights, left_exponent, top = _from_left(order, z)
    zero = np.zeros_like(z)

    # Along the real axis, or in the valley on the left of the saddle point.
    steps, slant = _segment(zero, np.minimum(1.5 * np.sqrt(2.0 * _END / np.maximum(w, 1e-300)), 2.83 * w / m))
    turn = np.exp(0.25j * np.pi)
    foot, base = np.minimum(order, z), 1j * w - np.minimum(order, z)
    left = np.where(apart, 1j * beta - turn * steps, -s)
    left_weights = np.where(
        apart, turn * slant * np.exp(_exponent(-turn * steps, base, foot, order)), s_weights * np.exp(left_exponent)
    )
    # Along the imaginary axis; nowhere, where the valley has led to the saddle point.
    rise, rise_weights = _segment(zero, np.where(low, np.pi, np.where(apart, 0.0, beta)))
    rise_weights = 1j * rise_weights * np.exp(1j * (z * np.sin(rise) - order * rise) - top)
    # Far above the axis, or in the valley on the right of the saddle point, which is one of third order at v = x.
    length = np.minimum(np.sqrt(2.1 * _END / np.maximum(w, 1e-300)), np.cbrt(6.6 * _END / np.maximum(foot, 1e-300)))
    length = np.minimum(length, 1.7 * _END / np.maximum(order - z, 1e-300))
    steps, slant = _segment(zero, length)
    turn = np.exp(1j * np.pi / 3.43)
    start = np.where(apart, 0.0, 1j * (w - order * beta) - top)
    valley = turn * slant * np.exp(_exponent(turn * steps, base, foot, order) + start)
    sky = s_weights * np.exp(-z * np.sinh(s) - order * (s + 1j * np.pi) - top)

    t = np.concatenate([left, 1j * rise, np.where(low, s + 1j * np.pi, 1j * beta + turn * steps)])
    weights = np.concatenate([left_weights, rise_weights, np.where(low, sky, valley)])
    return _quotient(t, weights, np.sinh, v, x, part, _sinh_minus_i if scaled else np.negative)


def log_slope_y(v, x):
    """Logarithmic derivative of Y in the order v >= x, where Y has no zeros."""
    return log_slope_h(v, x, np.real)
