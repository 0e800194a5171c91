"""The floating-point error state in which tangents are computed.

Derivative arithmetic must not warn (the user's function did not divide by zero, its derivative did), and it must notice
0 * inf: a direction that is zero stays zero where a partial is infinite. NumPy watches the hardware's invalid flag
anyway, so `STRICT` makes it raise there, which costs nothing when all is well, and the caller then takes the slow path
under `SILENT`. `BOUNDED` raises also where something overflows on the way, `IN_RANGE` where something overflows or
underflows: for short formulas that are as good as the careful ones wherever nothing does.

`numpy.errstate` takes about a microsecond to enter and leave, more than some operations; setting NumPy's own context
variable takes a tenth of that. Where NumPy does not have it, `numpy.errstate` serves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["BOUNDED", "IN_RANGE", "SILENT", "STRICT", "restore", "use"]

try:
    from numpy._core.umath import _extobj_contextvar, _make_extobj  # type: ignore[attr-defined]

    STRICT: Any = _make_extobj(all="ignore", invalid="raise")
    SILENT: Any = _make_extobj(all="ignore")
    BOUNDED: Any = _make_extobj(all="ignore", invalid="raise", over="raise")
    IN_RANGE: Any = _make_extobj(all="raise", divide="ignore")
    use = _extobj_contextvar.set
    restore = _extobj_contextvar.reset
except (ImportError, TypeError):  # pragma: no cover - a NumPy that arranges its internals otherwise
    STRICT = {"all": "ignore", "invalid": "raise"}
    SILENT = {"all": "ignore"}
    BOUNDED = {"all": "ignore", "invalid": "raise", "over": "raise"}
    IN_RANGE = {"all": "raise", "divide": "ignore"}

    def use(state: Any) -> Any:
        """Enter a state; the token goes back to `restore`."""
        context = np.errstate(**state)
        context.__enter__()
        return context

    def restore(token: Any) -> None:
        """Go back to the state before."""
        token.__exit__(None, None, None)
