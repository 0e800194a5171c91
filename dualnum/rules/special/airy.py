"""Rows of the Airy functions (DLMF chapter 9): ``w'' = z w``; the scaled ones carry ``exp(±zeta)``, zeta = 2/3 z**1.5."""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import Damped, register_many


def _airy(outs, z):
    ai, aip, bi, bip = outs
    return aip, z * ai, bip, z * bi


def _coefficients(n):
    """Coefficients u_k and v_k of the expansions for large z (DLMF 9.7.2)."""
    u = [1.0]
    for k in range(1, n):
        u.append(u[-1] * (6 * k - 5) * (6 * k - 3) * (6 * k - 1) / ((2 * k - 1) * 216 * k))
    return u, [(6 * k + 1) / (1 - 6 * k) * c for k, c in enumerate(u)]


_U, _V = _coefficients(10)


def _tail(sign, coefficients, power, z):
    """Logarithmic derivative of ``z**power * sum(c_k * (sign / zeta)**k)`` (DLMF 9.7)."""
    step = sign * 1.5 * z**-1.5
    total, slope, term = 1.0, power, 1.0
    for k, c in enumerate(coefficients[1:], 1):
        term = term * step
        total = total + c * term
        slope = slope + (power - 1.5 * k) * c * term
    return slope / (total * z)


def _airye(outs, z):
    ai, aip, bi, bip = outs
    plain = primal_all(z)
    is_complex = np.iscomplexobj(plain)
    root = np.sqrt(z if is_complex else np.where(np.less(plain, 0.0), 0.0, z))  # below 0, Bi is not scaled
    grow = aip + root * ai, z * ai + root * aip
    fall = bip, z * bi
    if is_complex:
        # The exponent of the factor of Bi is -|Re zeta|.
        rate = -np.sign(np.real(z * root)) * root
        fall = Damped(bip, rate), Damped(z * bi, rate)
    else:
        fall = bip - root * bi, z * bi - root * bip
    # There the two terms of a derivative agree in ever more digits.
    far = (np.abs(plain) > 100.0) & (np.real(plain) >= -0.5 * np.abs(plain))
    if np.any(far):
        safe = np.where(far, z, 1.0)
        grow = (
            np.where(far, ai * _tail(-1.0, _U, -0.25, safe), grow[0]),
            np.where(far, aip * _tail(-1.0, _V, 0.25, safe), grow[1]),
        )
        if not is_complex:
            fall = (
                np.where(far, bi * _tail(1.0, _U, -0.25, safe), fall[0]),
                np.where(far, bip * _tail(1.0, _V, 0.25, safe), fall[1]),
            )
    return *grow, *fall


def _itairy(outs, x):
    return special.airy(x)[0], special.airy(x)[2], special.airy(-x)[0], special.airy(-x)[2]


register_many(special.airy, _airy)
register_many(
    special.airye,
    _airye,
    note="Off the real axis, the tangent of Bi is the sum of two terms that nearly cancel; errors are relative to these.",
)
register_many(special.itairy, _itairy)
