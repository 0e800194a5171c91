"""Memory that must not be updated, because not all who share it would see that.

``np.asarray(x)`` of a Dual gives an object array, where NumPy would have given x itself.

Whether ``reshape`` copies depends on strides, and those of a tangent can differ from those of its value. Where the
value of the result is a view but its tangent is a copy, no update could be seen rightly by both arrays, nor by their
other views. So as long as both tangents are in use, the memory of the values is closed to updates; reading is always
right.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.packing import ACTIVE_TYPES

__all__ = ["OPEN", "TORN", "is_torn", "keep_aliasing", "owner_of", "owns", "preserve", "tear"]

#: For the owner of memory in which values are shared though their tangents are not (by id): what it waits for.
TORN: dict[int, list[tuple[weakref.ref, ...]]] = {}


def owner_of(array: Any) -> Any:
    """Array to which the memory of an array belongs; a scalar is its own."""
    base = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        base = getattr(base, "base", None)  # of as_strided, an object that is no array stands between view and array
    return array


#: The innermost recorder that is at work; its attribute ``outer`` leads to the one around it.
OPEN: ContextVar[Any] = ContextVar("dualnum_open_recorder", default=None)


def preserve(value: Any, own: Any = None) -> None:
    """Tell the recorders at work, and one's own, that the memory of a value is about to be updated."""
    owner = owner_of(primal_all(value))
    recorder = OPEN.get()
    while recorder is not None:
        recorder.preserve(owner)
        if recorder is own:
            own = None
        recorder = recorder.outer
    if own is not None:
        own.preserve(owner)


def tear(value: np.ndarray, tangent: np.ndarray, source_tangent: np.ndarray) -> None:
    """Close the memory of `value` until one of the tangents, and all views of it, are gone."""
    key = id(owner_of(value))

    def mend(_: Any) -> None:
        # One of these is gone, but perhaps there are others.
        TORN[key] = [parts for parts in TORN.get(key, ()) if all(part() is not None for part in parts)]
        if not TORN[key]:
            del TORN[key]

    # The owner of the value too, for when it is gone, its id may be given to another array.
    parts = tuple(weakref.ref(owner_of(part), mend) for part in (value, tangent, source_tangent))
    TORN.setdefault(key, []).append(parts)


def is_torn(value: np.ndarray) -> bool:
    """Whether the memory of `value` is closed to updates."""
    return id(owner_of(value)) in TORN


def owns(tangent: Any, args: Sequence[Any]) -> bool:
    """Whether a tangent is certainly nobody else's."""
    if tangent.__class__ is not np.ndarray or tangent.base is not None:
        return False
    return all(arg.__class__ not in ACTIVE_TYPES or getattr(arg, "_tangent", None) is not tangent for arg in args)


def keep_aliasing(source: Any, result: Any) -> None:
    """Make value and tangent agree on whether the result is a view.

    Where the value is a view and the tangent cannot be one, updates of both arrays are refused.
    """
    if source.__class__ in ACTIVE_TYPES and not source._is_array() and isinstance(source._tangent, np.generic):
        return  # nothing is a view of two numbers; but the tangent may be an array without axes, the caller's even
    for part in result if isinstance(result, (tuple, list)) else (result,):
        if not (part.__class__ in ACTIVE_TYPES and source.__class__ in ACTIVE_TYPES and part.size):
            continue
        if not part._is_array():
            part._tangent = part._tangent.copy()  # a scalar is no view: later updates must not reach it
            continue
        value_shared = np.may_share_memory(primal_all(part), primal_all(source))
        tangent, source_tangent = primal_all(part._tangent), primal_all(source._tangent)
        if value_shared != np.may_share_memory(tangent, source_tangent):
            if not value_shared:
                part._tangent = part._tangent.copy()
            elif tangent.size and isinstance(tangent, np.ndarray) and isinstance(source_tangent, np.ndarray):
                tear(primal_all(part), tangent, source_tangent)
