"""What goes into a transformed function and what comes out of it: copies, trees, values and tangents at a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import optree

from dualnum.dispatch import ActiveArray, primal_all
from dualnum.dual_array import make_dual
from dualnum.errors import InputError, ShapeError
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active, refuse_foreign_array

__all__ = [
    "Result",
    "as_input",
    "aux_at",
    "count_directions",
    "describe_function",
    "is_array_like",
    "primal_at",
    "tangent_at",
]

_FLOAT64 = np.dtype(np.float64)


def as_input(x: Any, where: str) -> Any:
    """Copy an input into an array (or scalar) that can be differentiated; integers become float64."""
    if x.__class__ is np.ndarray and x.dtype is _FLOAT64:
        return x.copy(order="K")
    if contains_active(x):
        return as_operand(x).copy(order="K")
    refuse_foreign_array(x)
    try:
        array = np.array(x)
    except ValueError:
        raise InputError(f"{where}: expected a number or an array; got a ragged {type(x).__name__}.") from None
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    elif array.dtype.kind not in "fc":
        raise InputError(f"{where}: expected a number or an array; got {type(x).__name__} of dtype {array.dtype}.")
    return array if array.ndim or isinstance(x, np.ndarray) else array[()]


def is_array_like(y: Any) -> bool:
    """Whether `y` counts as one array: an array, a scalar, or a (nested) list or tuple of scalars."""
    if y.__class__ in (list, tuple):
        return len(y) > 0 and all(item.__class__ is not np.ndarray and is_array_like(item) for item in y) and _flat(y)
    return isinstance(y, (ActiveArray, np.ndarray)) or np.isscalar(y)


def _flat(y: Any) -> bool:
    return all(_flat(item) if item.__class__ in (list, tuple) else np.ndim(item) == 0 for item in y)


def _as_output(y: Any, where: str) -> Any:
    """Pack object arrays and sequences of scalars; refuse what is not numeric."""
    if isinstance(y, ActiveArray):
        return y
    if is_array_like(y):
        packed = as_operand(y) if y.__class__ in (list, tuple, np.ndarray) else y
        if isinstance(packed, ActiveArray) or np.asarray(packed).dtype.kind in "biufc":
            return packed
    raise InputError(
        f"{where}: the function returned {type(y).__name__}; expected numbers or arrays, or lists, tuples or dicts of them."
    )


class Result:
    """What a function has returned: a tree whose leaves are arrays."""

    def __init__(self, y: Any, where: str) -> None:
        if y.__class__ is np.ndarray:
            y = as_operand(y)
        if y.__class__ in ACTIVE_TYPES:
            self.leaves, self._treedef = [y], None
        elif is_array_like(y):
            self.leaves, self._treedef = [_as_output(y, where)], None
        else:
            leaves, self._treedef = optree.tree_flatten(y, is_leaf=is_array_like, none_is_leaf=True)
            self.leaves = [_as_output(leaf, where) for leaf in leaves]

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """Put leaves into the structure of the result."""
        return leaves[0] if self._treedef is None else optree.tree_unflatten(self._treedef, leaves)

    def map(self, function: Callable[[Any], Any]) -> Any:
        """Apply a function to each leaf."""
        return self.rebuild([function(leaf) for leaf in self.leaves])


def tangent_at(y: Any, level: int, k: int | None) -> Any:
    """Tangent of a result at a level; zero where it does not depend on it."""
    if isinstance(y, ActiveArray):
        if y._level == level:
            return y._tangent
        if y._level > level:
            # The function has returned a number that it made by hand: its parts have tangents of their own.
            inner = tangent_at(y._tangent, level, k)
            if k is not None and y._k is not None:
                inner = np.swapaxes(inner, 0, 1)
            return make_dual(tangent_at(y._value, level, k), inner, y._level, y._k)
    value = np.asarray(primal_all(y))
    dtype = value.dtype if value.dtype.kind in "fc" else np.dtype(float)
    return np.zeros(value.shape if k is None else (k, *value.shape), dtype)[()]


def primal_at(y: Any, level: int) -> Any:
    """Value of a result at a level."""
    if isinstance(y, ActiveArray):
        if y._level == level:
            return y._value
        if y._level > level:
            return make_dual(primal_at(y._value, level), primal_at(y._tangent, level), y._level, y._k)
    return y


def aux_at(leaf: Any, level: int) -> Any:
    """Take a level off what is handed through, which may be anything."""
    return primal_at(as_operand(leaf) if contains_active(leaf) else leaf, level)


def describe_function(f: Any) -> str:
    """Name of a function for an error message."""
    return getattr(f, "__name__", type(f).__name__)


def count_directions(x: Any, x_dot: Any, where: str) -> int | None:
    """Number of directions in a tangent, None for one without a leading axis."""
    if x_dot.shape == x.shape:
        return None
    if x_dot.ndim == x.ndim + 1 and x_dot.shape[1:] == x.shape:
        return x_dot.shape[0]
    raise ShapeError(
        f"{where}: the tangent has shape {x_dot.shape}, the primal {x.shape}; the tangent must have the same shape, or "
        "(K,) + that shape for K directions."
    )
