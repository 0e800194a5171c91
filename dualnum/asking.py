"""Functions of `numpy.polynomial` that ask whether `x` is an ndarray, and compute something else if it is not.

They spread coefficients of several axes, and roots, over an array of points. One that carries derivatives they take for one
number, and nothing of that can be seen from outside but what they do next.
"""

from __future__ import annotations

import sys
from typing import Any

from dualnum.errors import NoRuleError
from dualnum.packing import ACTIVE_TYPES

__all__ = ["refuse_asking"]

_NAMES = frozenset({"chebval", "hermeval", "hermval", "lagval", "legval", "polyval", "polyvalfromroots"})
_OURS = frozenset({"__array_ufunc__", "first_time"})
_WATCHED = _NAMES | _OURS


def refuse_asking() -> None:
    """Raise if the caller of the method that calls this is such a function, and has not spread anything over an active `x`."""
    frame: Any = sys._getframe(2)
    if frame.f_code.co_name not in _WATCHED:
        return
    while frame.f_code.co_name in _OURS:
        frame = frame.f_back
    module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
    if name in _NAMES and module.startswith("numpy.polynomial."):
        x, tensor = (frame.f_locals[name] for name in ("x", "tensor"))
        if x.__class__ in ACTIVE_TYPES and x.ndim and tensor:
            c = "r" if name == "polyvalfromroots" else "c"
            raise NoRuleError(
                f"{module}.{name}(x, {c}) asks whether x is an ndarray, and takes {x._describe()} for one number. Spread {c} "
                f"over x before: {name}(x, {c}.reshape({c}.shape + (1,) * x.ndim), tensor=False). Functions on a grid "
                "call it for one axis after the other: write that out."
            )
