"""Rows of associated Legendre functions and spherical harmonics (DLMF chapter 14)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import INTEGER, available, register
from dualnum.rules.special.hypergeometric_series import refused
from dualnum.rules.special.mehler import legendre_slope


def _lpmv_degree(out: Any, m: Any, v: Any, x: Any) -> Any:
    if np.any(primal_all(m) != 0):
        raise refused("lpmv", "for that the order m must be 0")
    # Beyond 1, the values of lpmv have few digits.
    return legendre_slope(np.where(primal_all(x) > 1, special.eval_legendre(v, x), out), v, x)


def _lpmv_x(out: Any, m: Any, v: Any, x: Any) -> Any:
    """DLMF 14.10.2 and 14.10.4 together, where both neighbours of the order appear; apart, where they end or x does."""
    beyond, at_end = abs(primal_all(x)) > 1, abs(primal_all(x)) == 1
    inside = np.where(beyond | at_end, 0.0, x)
    # A factor 0 stands beside an order beyond the degree.
    factor = (v + m) * (v - m + 1.0)
    last = primal_all(factor) == 0
    lower = np.where(last, 0.0, factor * special.lpmv(np.where(last, m, m - 1.0), v, inside))
    slope = (lower - special.lpmv(m + 1.0, v, inside)) / (2.0 * np.sqrt((1.0 - inside) * (1.0 + inside)))
    if np.any(at_end):
        slope = np.where(at_end, _lpmv_end(m, v, np.where(at_end, x, 1.0)), slope)
    if np.any(beyond):  # where SciPy has functions of order 0 alone
        degree = np.where(primal_all(v) < -0.5, -1.0 - v, v)
        outer = special.eval_gegenbauer(degree - 1.0, 1.5, np.where(beyond, x, 1.0))
        slope = np.where(beyond, np.where(primal_all(m) == 0, outer, np.nan), slope)
    return slope


def _lpmv_end(m: Any, v: Any, x: Any) -> Any:
    """At 1 and -1, from the derivatives of P_v (DLMF 14.6.1, 14.9.3), which are Gegenbauer functions (18.9.19)."""
    order = abs(m)
    v = np.where(primal_all(v) < -0.5, -1.0 - v, v)
    none = primal_all(order) > primal_all(v)
    v_safe = np.where(none, order, v)
    double = 2.0**order * special.gamma(order + 0.5) / np.sqrt(np.pi)  # (2m - 1)!!
    this = special.eval_gegenbauer(v_safe - order, order + 0.5, x)
    degree = v_safe - order - 1.0
    ended = primal_all(degree) == -1
    following = (2.0 * order + 1.0) * special.eval_gegenbauer(np.where(ended, 0.0, degree), order + 1.5, x)
    following = np.where(ended, 0.0, following)
    square = (1.0 - x) * (1.0 + x)
    # For order 0 the power would be infinite.
    first = np.where(order == 0, 0.0, -order * x * square ** (np.where(order == 0, 2.0, order) / 2.0 - 1.0) * this)
    parity = 1.0 - 2.0 * np.remainder(order, 2.0)
    turned = np.where(m < 0, parity * special.gamma(v_safe - order + 1.0) / special.gamma(v_safe + order + 1.0), 1.0)
    return np.where(none, 0.0, turned * parity * double * (first + square ** (order / 2.0) * following))


register(
    special.lpmv,
    INTEGER,
    _lpmv_degree,
    _lpmv_x,
    note="In the degree v for the order m = 0 only.",
)


# Spherical harmonics, with SciPy's names for the angles: theta is the azimuth. DLMF 14.30.1, and the two neighbours in m
# together, so that nothing is divided by sin(phi).


def _harmonic_polar(out: Any, m: Any, n: Any, theta: Any, phi: Any) -> Any:
    turn = np.exp(1j * theta)
    return 0.5 * (_harmonic_beside(m, n, 1, theta, phi) / turn - _harmonic_beside(m, n, -1, theta, phi) * turn)


def _harmonic_beside(m: Any, n: Any, step: int, theta: Any, phi: Any) -> Any:
    """The harmonic of the order beside m, times what the ladder operator multiplies; 0 at the end of the ladder."""
    square = (n - step * m) * (n + step * m + 1.0)
    end = square <= 0
    beside = special.sph_harm(np.where(end, m, m + step), n, theta, phi)
    return np.where(end, 0.0, np.sqrt(np.where(end, 0.0, square)) * beside)


if available("sph_harm"):  # before SciPy 1.17
    register(special.sph_harm, INTEGER, INTEGER, lambda out, m, n, theta, phi: 1j * m * out, _harmonic_polar)
