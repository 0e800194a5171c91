"""Making a part of a number able to hold derivatives of an outer level, when such a value is assigned to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.errors import MutationError

__all__ = ["lift", "require_sole_owner"]


def lift(part: Any, new: Any) -> Any:
    """Make a part of a number able to hold the outer derivatives of what may be assigned to it."""
    return np.array(part, like=new)


def require_sole_owner(part: Any, references: int) -> None:
    """Make sure that no view sees a part that is about to be replaced (two references: the number and the call)."""
    if not (part.__class__ is np.ndarray and part.base is None and references <= 2):
        raise MutationError(
            "x[...] = y: y carries a derivative of an outer level that x was not made with, and x is a view or has views. "
            "Allocate x with np.zeros_like(y), or build it with np.stack or np.concatenate."
        )
