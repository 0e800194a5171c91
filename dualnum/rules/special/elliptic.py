"""Rows of the elliptic integrals and Jacobian elliptic functions (DLMF chapters 19 and 22).

All derivatives are written with Carlson's symmetric integrals (DLMF 19.18, 19.25), in which nothing is 0/0 where
arguments are equal, at m = 0 or at m = 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import register, register_many

# Complete integrals: DLMF 19.25.1, so that E - (1 - m) K is not a difference.


def _k_slope(m: Any) -> Any:
    return special.elliprd(0.0, 1.0, 1.0 - m) / 6.0


def _e_slope(m: Any) -> Any:
    return special.elliprd(0.0, 1.0 - m, 1.0) / -6.0


register(special.ellipk, lambda out, m: _k_slope(m))
register(special.ellipkm1, lambda out, p: special.elliprd(0.0, 1.0, p) / -6.0)
register(special.ellipe, lambda out, m: _e_slope(m))


# Incomplete integrals: DLMF 19.25.5 and 19.25.9, for the part of the amplitude beyond the nearest multiple of pi.


def _delta_squared(phi: Any, m: Any) -> Any:
    """1 - m sin(phi)^2 as a sum of positive terms."""
    return np.cos(phi) ** 2 + (1.0 - m) * np.sin(phi) ** 2


def _half_turns(phi: Any) -> Any:
    return np.rint(primal_all(phi) / np.pi)


def _whole(turns: Any, f: Any, m: Any) -> Any:
    """2 n f(m), and 0 for n = 0 even where f is infinite."""
    return np.where(turns == 0, 0.0, 2.0 * turns * f(np.where(turns == 0, 0.0, m)))


def _kinc_m(out: Any, phi: Any, m: Any) -> Any:
    n = _half_turns(phi)
    return _whole(n, _k_slope, m) + _kinc_m_part(np.sin(phi) * _parity(n), np.cos(phi), _delta_squared(phi, m))


def _einc_m(out: Any, phi: Any, m: Any) -> Any:
    n, s, c = _half_turns(phi), np.sin(phi), np.cos(phi)
    part = s**3 * _parity(n) * special.elliprd(c * c, _delta_squared(phi, m), 1.0)
    return _whole(n, _e_slope, m) - part / 6.0


def _kinc_m_part(s: Any, c: Any, delta_squared: Any) -> Any:
    return s**3 / 6.0 * special.elliprd(c * c, 1.0, delta_squared)


def _parity(n: Any) -> Any:
    """(-1)^n."""
    return 1.0 - 2.0 * np.remainder(n, 2.0)


register(special.ellipkinc, lambda out, phi, m: 1.0 / np.sqrt(_delta_squared(phi, m)), _kinc_m)
register(special.ellipeinc, lambda out, phi, m: np.sqrt(_delta_squared(phi, m)), _einc_m)


# Jacobian elliptic functions: DLMF 22.13(i) and 22.16.4 in u. In m, from F(am(u, m), m) = u.


def _jacobi_u(outs: Any, u: Any, m: Any) -> tuple[Any, ...]:
    sn, cn, dn, _ = outs
    return cn * dn, -sn * dn, -m * sn * cn, dn


def _jacobi_m(outs: Any, u: Any, m: Any) -> tuple[Any, ...]:
    sn, cn, dn, phi = outs
    n = _half_turns(phi)
    phi_m = -dn * (_whole(n, _k_slope, m) + _kinc_m_part(sn * _parity(n), cn, dn * dn))
    return cn * phi_m, -sn * phi_m, -(sn * sn + 2.0 * m * sn * cn * phi_m) / (2.0 * dn), phi_m


register_many(
    special.ellipj,
    _jacobi_u,
    _jacobi_m,
    note="Where m is within 1e-8 of 1 and u beyond 10, SciPy's values lose digits, and the derivatives with them.",
)


# Carlson's integrals: DLMF 19.18.1 and 19.18.2; the derivatives of R_D and R_J by duplication.


def _rc_x(out: Any, x: Any, y: Any) -> Any:
    negative = _negative(y)
    if not negative.any():
        return special.elliprd(y, y, x) / -6.0
    safe = np.where(negative, 1.0, y)
    return np.where(negative, (out - 1.0 / np.sqrt(x)) / (2.0 * (y - x)), special.elliprd(safe, safe, x) / -6.0)


def _rc_y(out: Any, x: Any, y: Any) -> Any:
    negative = _negative(y)
    if not negative.any():
        return special.elliprd(x, y, y) / -3.0
    safe = np.where(negative, 1.0, y)
    return np.where(negative, (np.sqrt(x) / y - out) / (2.0 * (y - x)), special.elliprd(x, safe, safe) / -3.0)


def _negative(y: Any) -> Any:
    """Where an integral is a Cauchy principal value: at real negative y. There y differs from the other arguments."""
    y = np.asarray(primal_all(y))
    return (y.real < 0) & (y.imag == 0)


def _rg_slope(out: Any, x: Any, y: Any, z: Any) -> Any:
    at_zero = primal_all(x) == 0  # x R_D(y, z, x) goes to 0 with x
    alone = (primal_all(y) == 0) & (primal_all(z) == 0) & ~at_zero  # where R_G is half a square root
    safe_x, safe_y = np.where(at_zero, 1.0, x), np.where(alone, 1.0, y)
    other = np.where(at_zero, 0.0, x * special.elliprd(safe_y, z, safe_x))
    return np.where(alone, out / (2.0 * safe_x), (special.elliprf(x, safe_y, z) - other / 3.0) / 4.0)


register(special.elliprc, _rc_x, _rc_y)
register(
    special.elliprf,
    lambda out, x, y, z: special.elliprd(y, z, x) / -6.0,
    lambda out, x, y, z: special.elliprd(x, z, y) / -6.0,
    lambda out, x, y, z: special.elliprd(x, y, z) / -6.0,
)
register(
    special.elliprg,
    lambda out, x, y, z: _rg_slope(out, x, y, z),
    lambda out, x, y, z: _rg_slope(out, y, x, z),
    lambda out, x, y, z: _rg_slope(out, z, x, y),
)


# R_D and R_J: the duplication theorem (DLMF 19.26(i), 19.36(i)), differentiated. For positive arguments all terms of the
# derivative have one sign, so that nothing cancels, wherever arguments are equal, 0 or far apart.

_LEAST_STEPS, _MOST_STEPS = 10, 100


def _root_slope(root: Any, slope: Any) -> Any:
    """Derivative of a square root; 0 for a constant, also at 0."""
    return 0.0 if slope.__class__ is float and slope == 0.0 else slope / (2.0 * root)


def _lambda(roots: list[Any], slopes: list[Any]) -> tuple[Any, Any]:
    """The sum of products of two of the first three roots, and its derivative."""
    (x, y, z), (dx, dy, dz) = roots[:3], slopes[:3]
    return x * (y + z) + y * z, dx * (y + z) + dy * (x + z) + dz * (x + y)


def _agree(args: list[Any]) -> bool:
    """Whether the expansion of the last integral about equal arguments needs its first term alone.

    Those left out are of second order in the differences, beside a sum that is 4 times as large after each step.
    """
    first, *others = (primal_all(x) for x in args)
    return all(not np.any(abs(x - first) > 1e-5 * abs(first)) for x in others)


def _by_duplication(args: list[Any], position: int, term_slope: Any, weights: tuple[int, ...]) -> Any:
    """Derivative of R_D or R_J in one argument: the terms' derivatives, and that of the last integral."""
    slopes: list[Any] = [1.0 if i == position else 0.0 for i in range(len(args))]
    total: Any = 0.0
    factor = 1.0
    for step in range(_MOST_STEPS):
        roots = [np.sqrt(x) for x in args]
        root_slopes = [_root_slope(r, d) for r, d in zip(roots, slopes, strict=True)]
        lam, lam_slope = _lambda(roots, root_slopes)
        total = total + factor * term_slope(args, slopes, roots, root_slopes, lam, lam_slope)
        args, slopes = [(x + lam) / 4.0 for x in args], [(d + lam_slope) / 4.0 for d in slopes]
        factor /= 4.0
        if step >= _LEAST_STEPS and _agree(args):
            break
    mean = sum(w * x for w, x in zip(weights, args, strict=True)) / 5.0
    mean_slope = sum(w * d for w, d in zip(weights, slopes, strict=True)) / 5.0
    return total - 1.5 * factor * (mean_slope / mean) / (mean * np.sqrt(mean))


def _rd_term_slope(args: Any, slopes: Any, roots: Any, root_slopes: Any, lam: Any, lam_slope: Any) -> Any:
    z, dz = args[2] + lam, slopes[2] + lam_slope
    return -3.0 / (roots[2] * z) * (root_slopes[2] / roots[2] + dz / z)


def _rj_term_slope(args: Any, slopes: Any, roots: Any, root_slopes: Any, lam: Any, lam_slope: Any) -> Any:
    """Derivative of 6 R_C(d^2, e d^2), with d of Carlson (1995) and e, one more than his, without a difference."""
    root, slope = roots[3], root_slopes[3]
    d, d_log = 1.0, 0.0
    for r, dr in zip(roots[:3], root_slopes[:3], strict=True):
        d, d_log = d * (root + r), d_log + (slope + dr) / (root + r)
    p, dp = args[3] + lam, slopes[3] + lam_slope
    e = 2.0 * root * p / d
    in_first = special.elliprd(e, e, 1.0) * d_log
    in_second = special.elliprd(1.0, e, e) * e * (d_log + slope / root + dp / p)
    return -2.0 / d * (in_first + in_second)


def _rd_slope(args: list[Any], position: int) -> Any:
    return _by_duplication(args, position, _rd_term_slope, (1, 1, 3))


def _rj_slope(out: Any, args: list[Any], position: int) -> Any:
    negative = _negative(args[3])
    if not negative.any():
        return _by_duplication(args, position, _rj_term_slope, (1, 1, 1, 2))
    x, y, z, p = args
    regular = _by_duplication([x, y, z, np.where(negative, 1.0, p)], position, _rj_term_slope, (1, 1, 1, 2))
    principal = _rj_principal_p(out, x, y, z, p) if position == 3 else _rj_principal(out, args, position)
    return np.where(negative, principal, regular)


def _rj_principal(out: Any, args: list[Any], position: int) -> Any:
    """Partial fractions of the integrand, which need p to differ from the other argument."""
    x = args[position]
    y, z = (args[i] for i in range(3) if i != position)
    return (out - special.elliprd(y, z, x)) / (2.0 * (args[3] - x))


def _rj_principal_p(out: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    """Integration by parts, with DLMF 19.21.10."""
    a, b, c = x - p, y - p, z - p
    rest = 2.0 * special.elliprg(x, y, z) - p * special.elliprf(x, y, z) - np.sqrt(x * y * z) / p
    return 1.5 * ((a * b + a * c + b * c) / 3.0 * out + rest) / (a * b * c)


register(
    special.elliprd,
    lambda out, x, y, z: _rd_slope([x, y, z], 0),
    lambda out, x, y, z: _rd_slope([x, y, z], 1),
    lambda out, x, y, z: _rd_slope([x, y, z], 2),
)
register(
    special.elliprj,
    lambda out, x, y, z, p: _rj_slope(out, [x, y, z, p], 0),
    lambda out, x, y, z, p: _rj_slope(out, [x, y, z, p], 1),
    lambda out, x, y, z, p: _rj_slope(out, [x, y, z, p], 2),
    lambda out, x, y, z, p: _rj_slope(out, [x, y, z, p], 3),
)
