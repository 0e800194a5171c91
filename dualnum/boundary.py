"""What comes out of a transformed function: trees, values and tangents at a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.dispatch import ActiveArray, primal_all
from dualnum.dual import Dual
from dualnum.dual_operands import make_dual
from dualnum.errors import InputError, ShapeError
from dualnum.inputs import is_array_like
from dualnum.levels import has_ended
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active
from dualnum.trees import tree_flatten, tree_unflatten

__all__ = ["Result", "aux_at", "primal_at", "refuse_left_over", "refuse_others", "tangent_at"]


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
            leaves, self._treedef = tree_flatten(y, is_leaf=is_array_like, none_is_leaf=True)
            self.leaves = [_as_output(leaf, where) for leaf in leaves]

    @property
    def is_array(self) -> bool:
        """Whether it is one array, and no tree."""
        return self._treedef is None

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """Put leaves into the structure of the result."""
        return leaves[0] if self._treedef is None else tree_unflatten(self._treedef, leaves)

    def flatten_like(self, tree: Any, where: str) -> list[Any]:
        """Leaves of a tree of the same structure."""
        if self._treedef is None:
            return [tree]
        leaves, treedef = tree_flatten(tree, is_leaf=is_array_like, none_is_leaf=True)
        if treedef != self._treedef:
            raise ShapeError(f"{where}: the result has the structure {self._treedef}, what was given for it {treedef}.")
        return leaves

    def map(self, function: Callable[[Any], Any]) -> Any:
        """Apply a function to each leaf."""
        return self.rebuild([function(leaf) for leaf in self.leaves])


def _ended(x: Any) -> set[int]:
    """Levels of a number that belong to transforms which have ended."""
    if x.__class__ not in ACTIVE_TYPES:
        return set()
    inside = set().union(*map(_ended, x._parts()))
    return inside | {x._level} if has_ended(x._level) else inside


def refuse_left_over(value: Any, derivative: Any = None) -> None:
    """Raise where a result carries derivatives of an earlier run, of which its own derivative knows nothing.

    A function that finds in a cache what it has computed for the same point may have done so for other directions, or in
    another mode: what it returns is a constant as far as this run can tell.
    """
    if not _ended(value) <= _ended(derivative):
        raise _left_over()


def refuse_others(y: Any, level: int) -> None:
    """Raise where a result carries other derivatives than those of one level, as the outermost derivative never does.

    They may be those of a run in another thread, or another process, which has begun with the same function.
    """
    if y.__class__ in ACTIVE_TYPES and (y._level != level or any(map(contains_active, y._parts()))):
        raise _left_over()


def _left_over() -> InputError:
    return InputError(
        "The function returned a number of an earlier run, or one computed with such a number, whose derivative is that of "
        "the earlier run. Perhaps it keeps what it has computed for a point: let it look for that only where "
        "isinstance(x, np.ndarray), or keep primal(x), or give each run an object of its own."
    )


def tangent_at(y: Any, level: int, k: int | None) -> Any:
    """Tangent of a result at a level; zero where it does not depend on it."""
    if isinstance(y, ActiveArray):
        if y._level == level:
            if y._value.__class__ in ACTIVE_TYPES:
                refuse_left_over(y._value, y._tangent)
            return y._tangent
        if y._level > level:
            # The function has returned a number that it made by hand: its parts have tangents of their own.
            if not isinstance(y, Dual):
                return _inside(y, lambda part: tangent_at(part, level, k))
            inner = tangent_at(y._tangent, level, k)
            if k is not None and y._k is not None:
                inner = np.swapaxes(inner, 0, 1)
            return make_dual(tangent_at(y._value, level, k), inner, y._level, y._k)
        refuse_left_over(y)
    value = np.asarray(primal_all(y))
    dtype = value.dtype if value.dtype.kind in "fc" else np.dtype(float)
    return np.zeros(value.shape if k is None else (k, *value.shape), dtype)[()]


def _inside(y: Any, function: Callable[[Any], Any]) -> Any:
    """Apply a function to the value of a variable, or to the core of a hyper-dual number."""
    part, *others = y._parts()
    if others:
        raise InputError("the function returned a Taylor series, of a derivative that is taken inside it")
    inner = function(part)
    return inner if part is y._value else y._with_parts(inner)


def primal_at(y: Any, level: int) -> Any:
    """Value of a result at a level."""
    if y.__class__ in ACTIVE_TYPES:
        if y._level == level:
            return y._value
        if y._level > level:
            if not isinstance(y, Dual):
                return _inside(y, lambda part: primal_at(part, level))
            return make_dual(primal_at(y._value, level), primal_at(y._tangent, level), y._level, y._k)
    return y


def aux_at(leaf: Any, level: int) -> Any:
    """Take a level off what is handed through, which may be anything."""
    return primal_at(as_operand(leaf) if contains_active(leaf) else leaf, level)
