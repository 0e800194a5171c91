"""Rows of the Kelvin functions (DLMF 10.61): ``ber + i bei = J_0(w x)``, ``ker + i kei = K_0(x exp(i pi/4))``.

SciPy's own functions of real arguments have about ten digits between their series and their asymptotic expansions, so
there the derivatives are those of the complex functions, until these overflow.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import register, register_many

_W = complex(-(0.5**0.5), 0.5**0.5)  # exp(3 pi i / 4)
_U = complex(0.5**0.5, 0.5**0.5)  # exp(pi i / 4)
_END = 900.0


def _is_far(x):
    size = np.abs(primal_all(x))
    return (size > 9.0) & (size < _END)


def _slope_first(x):
    """Derivatives of ber and bei."""
    far = _is_far(x)
    near = np.where(far, 0.0, x)
    if not np.any(far):
        return special.berp(near), special.beip(near)
    slope = -_W * special.jv(1.0, _W * np.where(far, x, 1.0))
    return np.where(far, np.real(slope), special.berp(near)), np.where(far, np.imag(slope), special.beip(near))


def _curvature_first(x):
    """Second derivatives of ber and bei: ``i/2 (J_0 - J_2)``, each part with its largest term apart.

    Where J overflows, the differential equation, in which the slope then is the small term.
    """
    beyond = np.abs(primal_all(x)) >= _END
    if np.any(beyond):
        ber, bei = _curvature_first(np.where(beyond, 1.0, x))
        t = np.where(beyond, x, _END)
        return (
            np.where(beyond, -special.bei(t) - special.berp(t) / t, ber),
            np.where(beyond, special.ber(t) - special.beip(t) / t, bei),
        )
    j = special.jv(2.0, _W * x)
    far = _is_far(x)
    near = np.where(far, 0.0, x)
    plain = special.jv(0.0, _W * np.where(far, x, 0.0))
    ber = np.where(far, np.real(plain), special.ber(near))
    bei = np.where(far, np.imag(plain), special.bei(near))
    return 0.5 * (np.imag(j) - bei), 0.5 * (ber - np.real(j))


def _slope_second(x):
    """Derivatives of ker and kei."""
    far = np.greater(primal_all(x), 2.0)
    near = np.where(far, 1.0, x)
    if not np.any(far):
        return special.kerp(near), special.keip(near)
    slope = -_U * special.kv(1.0, _U * np.where(far, x, 1.0))
    return np.where(far, np.real(slope), special.kerp(near)), np.where(far, np.imag(slope), special.keip(near))


def _curvature_second(x):
    """Second derivatives of ker and kei."""
    far = np.greater(primal_all(x), 2.0)
    near = np.where(far, 1.0, x)
    z = _U * np.where(far, x, 1.0)
    curvature = 0.5j * (special.kv(0.0, z) + special.kv(2.0, z))
    return (
        np.where(far, np.real(curvature), -special.kei(near) - special.kerp(near) / near),
        np.where(far, np.imag(curvature), special.ker(near) - special.keip(near) / near),
    )


def _kelvin(outs, x):
    first, second = _slope_first(x), _slope_second(x)
    first_rate, second_rate = _curvature_first(x), _curvature_second(x)
    return (
        first[0] + 1j * first[1],
        second[0] + 1j * second[1],
        first_rate[0] + 1j * first_rate[1],
        second_rate[0] + 1j * second_rate[1],
    )


register(special.ber, lambda out, x: _slope_first(x)[0])
register(special.bei, lambda out, x: _slope_first(x)[1])
register(special.ker, lambda out, x: _slope_second(x)[0])
register(special.kei, lambda out, x: _slope_second(x)[1])
register(special.berp, lambda out, x: _curvature_first(x)[0])
register(special.beip, lambda out, x: _curvature_first(x)[1])
register(special.kerp, lambda out, x: _curvature_second(x)[0])
register(special.keip, lambda out, x: _curvature_second(x)[1])
register_many(special.kelvin, _kelvin)
