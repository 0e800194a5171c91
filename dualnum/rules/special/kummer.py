"""Derivatives of Kummer's function U(a, b, z) in its parameters a and b, for z > 0.

For a > 0 they are integrals (DLMF 13.4.4), differentiated under the integral sign; for the other a they follow by the
recurrence 13.3.7, downwards in a, the direction in which it is stable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.hypergeometric_series import refused

__all__ = ["hyperu_slope", "hyperu_slopes"]

_STEP, _END = 0.04, 7.6
_NODES = _STEP * np.arange(-round(_END / _STEP), round(_END / _STEP) + 1)
_BLOCK = 1 << 16  # numbers at once
_LEAST = 0.5  # the smallest a that is integrated with
_LARGEST_LOSS = 1e4  # of digits by the recurrence, beside the 1e-14 that the integral has
_LOWEST, _MOST = -200.0, 300.0  # between which a and b were tried


def _by_integral(a: Any, b: Any, z: Any) -> tuple[Any, Any, Any]:
    """U and its derivatives in a and b, for a from about 1/2 on.

    With t = e^u the integrand is exp(f(u)) with f = a u - z e^u + (b - a - 1) log(1 + e^u), concave about its largest
    value. Trapezoidal sum in s with u - u_0 = sinh(s) times the width of the hump, which reaches where exp(f) is nothing.
    """
    u0, width, top = _hump(*(primal_all(x) for x in (a, b, z)))  # how it is summed up does not change the integral
    sums: list[Any] = [0.0, 0.0, 0.0]
    block = max(1, _BLOCK // max(1, np.size(primal_all(top))))
    for i in range(0, len(_NODES), block):
        s = _NODES[i : i + block].reshape((-1,) + (1,) * np.ndim(top))
        v = width * np.sinh(s)
        u = u0 + v
        t = np.exp(np.minimum(u, 700.0))
        above = np.logaddexp(0.0, u)
        weight = np.exp(a * u - z * t + (b - a - 1.0) * above - top) * np.cosh(s)
        for n, part in enumerate((weight, weight * (u - above), weight * above)):
            sums[n] = sums[n] + np.sum(part, axis=0)
    scale = np.exp(top - special.gammaln(a)) * width * _STEP
    value, in_a, in_b = (scale * total for total in sums)
    return value, in_a - special.digamma(a) * value, in_b


def _hump(a: Any, b: Any, z: Any) -> tuple[Any, Any, Any]:
    """Where f is largest, the width of exp(f) there, and f itself."""
    shift = b - 1.0 - z
    root = np.sqrt(shift * shift + 4.0 * a * z)
    # The positive root of z t^2 - shift t - a, without a difference.
    t = np.where(shift > 0, shift + root, 2.0 * a) / np.where(shift > 0, 2.0 * z, root - shift)
    rest = b - a - 1.0
    width = 1.0 / np.sqrt(np.maximum(z * t - rest * t / (1.0 + t) ** 2, 1.0))
    return np.log(t), width, a * np.log(t) - z * t + rest * np.log1p(t)


def _inside(*args: Any) -> Any:
    """Where the integral and the recurrence serve."""
    a, b, z = (primal_all(x) for x in args)
    return (a >= _LOWEST) & (a <= _MOST) & (abs(b) <= _MOST) & (z > 0) & (z < np.inf)


def _by_recurrence(a: Any, b: Any, z: Any) -> tuple[list[Any], list[Any]]:
    """U and its derivatives in a and b, for all a; and how large the numbers were of which they are differences."""
    steps = np.maximum(np.ceil(_LEAST - primal_all(a)), 0.0)
    most = int(np.max(steps, initial=0.0))
    raised = a + steps
    low = list(_by_integral(raised, b, z))
    high = list(_by_integral(raised + 1.0, b, z)) if most else low
    low_size, high_size = _sizes(low), _sizes(high)
    for k in range(most):
        here = raised - k  # of `low`; `high` is one above
        active = k < steps
        factors = [2.0 * here - b + z, -here * (here - b + 1.0)], [2.0, b - 1.0 - 2.0 * here], [-1.0, here]
        below = _combined(factors[0], factors[1], factors[2], low, high)
        in_value, in_a, in_b = (_sizes(pair) for pair in factors)
        below_size = _combined(in_value, in_a, in_b, low_size, high_size)
        low, high = _chosen(active, below, low), _chosen(active, low, high)
        low_size, high_size = _chosen(active, below_size, low_size), _chosen(active, low_size, high_size)
    return low, low_size


def _combined(factors: Any, in_a: Any, in_b: Any, low: list[Any], high: list[Any]) -> list[Any]:
    """A step of the recurrence U(a - 1) = f U(a) + g U(a + 1), and its derivatives, given those of f and g."""
    (f, g), (u, u_a, u_b), (v, v_a, v_b) = factors, low, high
    return [
        f * u + g * v,
        f * u_a + g * v_a + in_a[0] * u + in_a[1] * v,
        f * u_b + g * v_b + in_b[0] * u + in_b[1] * v,
    ]


def _sizes(values: list[Any]) -> list[Any]:
    return [abs(primal_all(v)) for v in values]


def _chosen(condition: Any, news: list[Any], olds: list[Any]) -> list[Any]:
    return [np.where(condition, new, old) for new, old in zip(news, olds, strict=True)]


def hyperu_slopes(out: Any, a: Any, b: Any, z: Any) -> tuple[Any, ...]:
    """Derivatives of U(a, b, z) in a and b."""
    if np.any(~_inside(a, b, z) & np.isfinite(primal_all(out))):
        why = f"a must be from {_LOWEST:.0f} to {_MOST:.0f}, b at most {_MOST:.0f} in size, and x positive"
        raise refused("hyperu", why)
    (value, *slopes), (_, *sizes) = _by_recurrence(*_usable(a, b, z))
    usable = _inside(a, b, z)
    return tuple(
        np.where(usable, _proven(value, slope, size), np.nan) for slope, size in zip(slopes, sizes, strict=True)
    )


def _proven(value: Any, found: Any, size: Any) -> Any:
    """What was found, if the recurrence did not take it from the difference of much larger numbers."""
    if np.any(size > _LARGEST_LOSS * np.maximum(abs(primal_all(found)), abs(primal_all(value)))):
        raise refused("hyperu", "it is a difference of much larger numbers")
    return found


def hyperu_slope(out: Any, a: Any, b: Any, z: Any) -> Any:
    """Derivative of U(a, b, z) in z, by DLMF 13.3.22; from the integral, for SciPy's values can have few digits."""
    inside = _inside(a, b, z)
    (value, *_), (size, *_) = _by_recurrence(*_usable(a + 1.0, b + 1.0, z))
    inside = inside & (size <= _LARGEST_LOSS * abs(primal_all(value)))
    return -a * np.where(inside, value, special.hyperu(a + 1.0, b + 1.0, z))


def _usable(a: Any, b: Any, z: Any) -> tuple[Any, ...]:
    """Arguments in double precision, replaced where they cannot be used."""
    inside = _inside(a, b, z)
    return tuple(np.where(inside, x, 1.0) * np.float64(1.0) for x in (a, b, z))
