"""Memory that must not be updated, because not all who share it would see that.

``np.asarray(x)`` of a Dual gives an object array, where NumPy would have given x itself.

Whether ``reshape`` copies depends on strides, and those of a tangent can differ from those of its value. Where the
value of the result is a view but its tangent is a copy, no update could be seen rightly by both arrays, nor by their
other views. So as long as both tangents are in use, the memory of the values is closed to updates; reading is always
right.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

__all__ = ["TORN", "is_torn", "tear"]

#: For the owner of memory in which values are shared though their tangents are not (by id): what it waits for.
TORN: dict[int, list[tuple[weakref.ref, ...]]] = {}


def _owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def tear(value: np.ndarray, tangent: np.ndarray, source_tangent: np.ndarray) -> None:
    """Close the memory of `value` until one of the tangents, and all views of it, are gone."""
    key = id(_owner(value))

    def mend(_: Any) -> None:
        # One of these is gone, but perhaps there are others.
        TORN[key] = [parts for parts in TORN.get(key, ()) if all(part() is not None for part in parts)]
        if not TORN[key]:
            del TORN[key]

    # The owner of the value too, for when it is gone, its id may be given to another array.
    parts = tuple(weakref.ref(_owner(part), mend) for part in (value, tangent, source_tangent))
    TORN.setdefault(key, []).append(parts)


def is_torn(value: np.ndarray) -> bool:
    """Whether the memory of `value` is closed to updates."""
    return id(_owner(value)) in TORN
