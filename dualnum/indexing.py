"""Indexing of arrays that have a leading axis of directions, with indices that do not know of it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all

__all__ = ["get_directions", "is_basic", "set_directions", "settled", "trailing"]

_ALL = slice(None)
_NUMBERS = {int, type(None), *[np.dtype(code).type for code in np.typecodes["AllInteger"]]}
_BASIC = _NUMBERS | {slice, type(Ellipsis)}


def is_basic(index: Any) -> bool:
    """Whether an index has no arrays, lists or booleans in it."""
    if index.__class__ is tuple:
        return all([item.__class__ in _BASIC for item in index])  # a list takes half of the time of a generator
    return index.__class__ in _BASIC


def settled(index: Any) -> Any:
    """Make numbers of what stands for a number in an index, such as a 0-d array, and might stand for another one later."""
    cls = index.__class__
    if cls is tuple:
        for item in index:
            if item.__class__ is slice:  # as below, without a call
                if (
                    item.start.__class__ in _NUMBERS
                    and item.stop.__class__ in _NUMBERS
                    and item.step.__class__ in _NUMBERS
                ):
                    continue
            elif item.__class__ in _BASIC:
                continue
            return tuple([settled(item) for item in index])
        return index
    if cls is slice:
        start, stop, step = index.start, index.stop, index.step
        if start.__class__ in _NUMBERS and stop.__class__ in _NUMBERS and step.__class__ in _NUMBERS:
            return index
        return slice(*[None if end is None else operator.index(end) for end in (start, stop, step)])
    if cls in _BASIC or isinstance(index, (int, np.generic, np.ndarray)) or not hasattr(cls, "__index__"):
        return index
    return operator.index(index)


def trailing(index: Any) -> Any:
    """Extend an index so that it leaves alone one more axis at the end."""
    if index is Ellipsis:
        return (Ellipsis, _ALL)
    if index.__class__ is tuple and any(item is Ellipsis for item in index):
        return (*index, _ALL)
    return index


def get_directions(tangent: Any, index: Any) -> Any:
    """Index all directions at once.

    Basic indices are put behind the axis of directions. NumPy may move the axes of advanced indices to the front, before
    that axis; so for these the directions are kept at the end, where no index reaches.
    """
    if is_basic(index):
        return tangent[(_ALL, *index)] if index.__class__ is tuple else tangent[_ALL, index]
    last = tangent.transpose(*range(1, tangent.ndim), 0)[trailing(index)]
    return last.transpose(-1, *range(last.ndim - 1))


def set_directions(tangent: Any, index: Any, new: Any) -> None:
    """Assign to all directions at once; None stands for zero.

    With the directions at the end, NumPy's own broadcasting aligns what is assigned.
    """
    if new is not None and not is_basic(index) and np.may_share_memory(primal_all(new), primal_all(tangent)):
        # NumPy may read what it has just written, in an order that depends on the axes. The value was treated so too.
        for i, item in enumerate(new):
            tangent[i, ...][index] = item  # of a number, too, an array
        return
    last = tangent.transpose(*range(1, tangent.ndim), 0)
    if new is None:
        last[trailing(index)] = 0
    else:
        last[trailing(index)] = new.transpose(*range(1, new.ndim), 0)
