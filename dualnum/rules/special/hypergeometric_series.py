"""Derivatives of hypergeometric functions in their parameters, by their power series.

Each series is differentiated term by term. It serves where its terms show, together with the rounding error that the sum
of their sizes allows, that the result has 10 digits; elsewhere the derivative is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError

__all__ = ["hyp0f1_slope", "hyp1f1_slope", "hyp2f1_slope", "refused"]

_MOST_TERMS = 3000
#: The largest argument whose powers become small in so many terms.
_FARTHEST = 0.985
#: The relative error that is allowed.
_ALLOWED = 3e-11
_EPS = float(np.finfo(float).eps)


def refused(name: str, why: str) -> NoRuleError:
    """Make the error for parameters with which a derivative is not known to 10 digits."""
    return NoRuleError(
        f"scipy.special.{name} has no derivative with respect to its parameters here, and one of them is a Dual: {why}. "
        "Pass primal(x) there if its derivative is not wanted."
    )


def _wide(*xs: Any) -> list[Any]:
    """Numbers in double precision, in which the errors are estimated."""
    return [x * np.float64(1.0) for x in xs]


def _sums(tops: list[Any], bottoms: list[Any], z: Any, directions: list[Any]) -> tuple[Any, Any]:
    """The derivative of the series along a direction of all its parameters, and a bound on the sizes of the terms.

    The terms are those of DLMF 16.2.1, each the one before times the product of (top + k) / (bottom + k) and z / (k + 1).
    """
    parameters = [*tops, *bottoms]
    term: Any = 1.0 + 0.0 * sum(parameters, z)
    slope = total = 0.0 * term
    value, size = abs(primal_all(term)), abs(primal_all(slope))
    # While a factor may still be small or change its sign, small terms are not the end.
    settled = 2.0 + max(float(np.max(np.nan_to_num(-np.real(primal_all(p))), initial=0.0)) for p in parameters)
    going_on: Any = True
    for k in range(_MOST_TERMS):
        step = z / (k + 1.0)
        for bottom in bottoms:
            step = step / (bottom + k)
        change: Any = 0.0  # of the product of (top + k)
        product: Any = 1.0
        for top, direction in zip(tops, directions, strict=False):
            change = change * (top + k) + product * direction
            product = product * (top + k)
        slope = slope * (step * product) + term * (step * change)
        term = term * (step * product)
        for bottom, direction in zip(bottoms, directions[len(tops) :], strict=True):
            slope = slope - direction * term / (bottom + k)
        total = total + slope
        size, value = size + abs(primal_all(slope)), value + abs(primal_all(term))
        if not k <= settled and k % 4 == 0:  # nor is there anything to wait for if a parameter is nan
            # Even summed with the slowest decay that is waited for, what is left out is nothing.
            tail = 0.1 * _EPS / (1.0 + k) * (size + value)
            going_on = np.maximum(abs(primal_all(term)), abs(primal_all(slope))) > tail
            if not np.any(going_on):
                break
    else:
        size = np.where(going_on, np.inf, size)
    # Rounding errors of the terms grow with their number, though not all in one direction.
    return total, (size + value) * (2.0 + np.sqrt(k))


def _proven(name: str, out: Any, slope: Any, size: Any) -> Any:
    """The derivative, if its error is small beside it or beside the function's value."""
    found, value = abs(primal_all(slope)), abs(primal_all(out))
    bad = ~(_EPS * size <= _ALLOWED * np.maximum(found, value)) & np.isfinite(value)
    if np.any(bad):
        raise refused(name, "its power series does not give 10 digits of the derivative")
    return slope


def hyp0f1_slope(out: Any, b: Any, z: Any) -> Any:
    """Derivative of 0F1(; b; z) in b."""
    b, z = _wide(b, z)
    slope, size = _sums([], [b], z, [1.0])
    return _proven("hyp0f1", out, slope, size)


def hyp1f1_slope(out: Any, a: Any, b: Any, z: Any, a_dot: Any, b_dot: Any, name: str = "hyp1f1") -> Any:
    """Derivative of 1F1(a; b; z) along (a_dot, b_dot); for negative z after Kummer's transformation, DLMF 13.2.39."""
    a, b, z = _wide(a, b, z)
    turned = np.real(primal_all(z)) < 0
    scale = np.exp(np.where(turned, z, 0.0))
    directions = [np.where(turned, b_dot - a_dot, a_dot), b_dot]
    slope, size = _sums([np.where(turned, b - a, a)], [b], np.where(turned, -z, z), directions)
    return _proven(name, out, scale * slope, abs(primal_all(scale)) * size)


def hyp2f1_slope(
    out: Any, a: Any, b: Any, c: Any, z: Any, a_dot: Any, b_dot: Any, c_dot: Any, name: str = "hyp2f1"
) -> Any:
    """Derivative of 2F1(a, b; c; z) along a direction; after DLMF 15.8.1 where that takes z nearer to 0."""
    a, b, c, z = _wide(a, b, c, z)
    turned = abs(primal_all(z) - 1.0) > 1.0
    # 15.8.1 keeps one of a and b, and takes the other from c: the one with which terms keep their sign, if there is one.
    swapped = turned & (np.real(primal_all(c - b)) < 0)
    a, b = np.where(swapped, b, a), np.where(swapped, a, b)
    a_dot, b_dot = np.where(swapped, b_dot, a_dot), np.where(swapped, a_dot, b_dot)
    base = np.where(turned, 1.0 - z, 1.0)
    w = np.where(turned, -z / base, z)
    if np.any(abs(primal_all(w)) > _FARTHEST):
        raise refused(name, f"z or z / (z - 1) must be at most {_FARTHEST} in size for that")
    scale = np.where(turned, base ** (-a), 1.0)
    by_scale = np.where(turned, a_dot * np.log(base), 0.0) * out
    directions = [a_dot, np.where(turned, c_dot - b_dot, b_dot), c_dot]
    slope, size = _sums([a, np.where(turned, c - b, b)], [c], w, directions)
    size = abs(primal_all(scale)) * size + abs(primal_all(by_scale))
    return _proven(name, out, scale * slope - by_scale, size)
