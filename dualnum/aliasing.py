"""Views whose tangents are no views, and the updates that must be refused because of them.

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
TORN: dict[int, list[tuple[weakref.ref, weakref.ref]]] = {}


def _owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def tear(value: np.ndarray, tangent: np.ndarray, source_tangent: np.ndarray) -> None:
    """Close the memory of `value` until one of the tangents, and all views of it, are gone."""
    key = id(_owner(value))

    def mend(_: Any) -> None:
        # One of a pair is gone, but perhaps there are other pairs.
        TORN[key] = [pair for pair in TORN.get(key, ()) if all(part() is not None for part in pair)]
        if not TORN[key]:
            del TORN[key]

    pair = weakref.ref(_owner(tangent), mend), weakref.ref(_owner(source_tangent), mend)
    TORN.setdefault(key, []).append(pair)


def is_torn(value: np.ndarray) -> bool:
    """Whether the memory of `value` is closed to updates."""
    return id(_owner(value)) in TORN
