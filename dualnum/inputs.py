"""What goes into a transformed function: copies that can be differentiated, and trees of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dualnum.dispatch import ActiveArray
from dualnum.errors import InputError, ShapeError
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active, refuse_foreign_array
from dualnum.trees import tree_flatten, tree_map, tree_unflatten

__all__ = [
    "as_input",
    "copied",
    "copied_one",
    "count_directions",
    "describe_function",
    "flatten",
    "is_array_like",
    "unflatten",
]

_FLOAT64 = np.dtype(np.float64)
_CONTAINERS: Any = frozenset({list, tuple, dict})


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
        raise InputError(
            f"{where}: expected a number or an array; got {type(x).__name__} of dtype {array.dtype}. Lists, tuples, dicts and "
            "classes registered with optree may hold numbers and arrays; whatever else the function needs goes into another "
            "argument."
        )
    return array if array.ndim or isinstance(x, np.ndarray) else array[()]


def is_array_like(y: Any) -> bool:
    """Whether `y` counts as one array: an array, a scalar, or a (nested) list or tuple of scalars that is not ragged."""
    if y.__class__ in (list, tuple):
        return len(y) > 0 and _shape(y) is not None
    return isinstance(y, (ActiveArray, np.ndarray)) or np.isscalar(y)


def _shape(y: Any) -> tuple[int, ...] | None:
    """Shape of a nested list or tuple of scalars; None if it is something else."""
    if y.__class__ not in (list, tuple):
        return () if y.__class__ is not np.ndarray and is_array_like(y) and np.ndim(y) == 0 else None
    shapes = {_shape(item) for item in y}
    shape = shapes.pop() if len(shapes) == 1 else None
    return None if shape is None else (len(y), *shape)


def copied_one(arg: Any) -> Any:
    """Copy the arrays in a constant argument, which a function that works in place would change at every run."""
    if arg.__class__ in _CONTAINERS:
        return tree_map(copied_one, arg, none_is_leaf=True)
    return arg.copy(order="K") if isinstance(arg, (np.ndarray, ActiveArray)) else arg


def copied(args: Sequence[Any], but: Sequence[int]) -> list[Any]:
    """Copy the arrays in arguments, but for some that are copied anyway."""
    return [arg if i in but else copied_one(arg) for i, arg in enumerate(args)]


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """Leaves and structure (None for a single array) of an argument; lists of numbers count as arrays."""
    if tree.__class__ is np.ndarray or tree.__class__ in ACTIVE_TYPES:
        return [tree], None
    return tree_flatten(tree, is_leaf=is_array_like)


def unflatten(treedef: Any, leaves: Sequence[Any]) -> Any:
    """Put leaves into a structure that `flatten` has given."""
    return leaves[0] if treedef is None else tree_unflatten(treedef, leaves)


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
