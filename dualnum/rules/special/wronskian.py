"""A check of SciPy's solutions of differential equations, some of which are wrong for many arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError

__all__ = ["in_double", "refuse_wrong"]

#: How far the Wronskian may be off.
_ALLOWED = 1e-8


def in_double(function: Any, outs: Any, args: Any) -> tuple[Any, Any]:
    """Values and arguments without derivatives, in double precision."""
    outs, args = [primal_all(out) for out in outs], [primal_all(arg) for arg in args]
    if outs[0].dtype != np.float64:
        args = [arg * np.float64(1.0) for arg in args]
        outs = function(*args)
    return outs, args


def refuse_wrong(function: Any, other: Any, outs: Any, args: Any, expected: Any) -> None:
    """Raise where a solution and its derivative are wrong, for so is their Wronskian with another solution.

    Parameters
    ----------
    function, other : callable
        The solution, and another one; both give the derivative too.
    outs, args : sequence
        The results and arguments of the first.
    expected : callable
        Of the arguments: the Wronskian, up to its sign.
    """
    (y, slope), args = in_double(function, outs, args)
    z, z_slope = other(*args)
    one, two = z * slope, z_slope * y
    off = abs(one - two) - abs(expected(*args))
    if np.any(np.isfinite(y) & ~(abs(off) <= _ALLOWED * (abs(one) + abs(two)))):
        raise NoRuleError(
            f"scipy.special.{function.__name__} has no derivative here: SciPy's value and derivative, or those of the other "
            "solution of the same equation, have fewer than 8 digits, for their Wronskian has. Pass primal(x) if no derivative "
            "is wanted."
        )
