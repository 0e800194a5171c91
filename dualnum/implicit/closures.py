"""What functions have captured, made arguments of theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from dualnum.packing import as_operand, contains_active, is_active
from dualnum.trees import tree_flatten, tree_unflatten

__all__ = ["take_out"]


def take_out(tree: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """Take the active numbers out of a tree of arguments and functions, and out of what these functions have captured.

    Python functions, methods, and `functools.partial` of them, are looked into: their closures and defaults. So are objects
    that keep their attributes in a ``__dict__``; `rebuild` makes shallow copies of those that hold something active. What is
    global, or in slots, is not seen.

    Returns
    -------
    found : list
        The active numbers.
    rebuild : callable
        ``rebuild(others)`` is the tree with others in their place.
    """
    found: list[Any] = []
    return found, _taken(tree, found, ())


def _taken(tree: Any, found: list[Any], around: tuple[Any, ...]) -> Callable[[Sequence[Any]], Any]:
    """Append what is active in a tree to those found, and give what puts others in their place."""
    leaves, treedef = tree_flatten(tree, none_is_leaf=True)
    places = [_place(leaf, found, around) for leaf in leaves]
    if all(place is None for place in places):
        return lambda others: tree
    return lambda others: tree_unflatten(
        treedef, [leaf if place is None else place(others) for leaf, place in zip(leaves, places, strict=True)]
    )


def _place(leaf: Any, found: list[Any], around: tuple[Any, ...]) -> Callable[[Sequence[Any]], Any] | None:
    """What makes a leaf of others; None where nothing active is in it."""
    if contains_active(leaf):
        found.append(as_operand(leaf))
        position = len(found) - 1
        return lambda others: others[position]
    before = len(found)
    made: Any = None
    if isinstance(leaf, partial):
        parts = _taken([leaf.func, leaf.args, leaf.keywords], found, around)

        def made(others: Sequence[Any]) -> Any:
            function, args, keywords = parts(others)
            return partial(function, *args, **keywords)

    elif isinstance(leaf, MethodType):
        parts = _taken([leaf.__func__, leaf.__self__], found, around)

        def made(others: Sequence[Any]) -> Any:
            function, owner = parts(others)
            return getattr(owner, _name_of(leaf)) if is_active(leaf.__self__) else MethodType(function, owner)

    elif any(leaf is outer for outer in around):
        return None
    elif isinstance(leaf, FunctionType):
        cells = leaf.__closure__ or ()
        filled = [cell for cell in cells if _is_filled(cell)]
        contents = [cell.cell_contents for cell in filled]
        parts = _taken([contents, leaf.__defaults__, leaf.__kwdefaults__], found, (*around, leaf))

        def made(others: Sequence[Any]) -> Any:
            contents, defaults, kwdefaults = parts(others)
            fresh = {id(cell): CellType(content) for cell, content in zip(filled, contents, strict=True)}
            closure = tuple(fresh.get(id(cell), cell) for cell in cells)
            twin = FunctionType(leaf.__code__, leaf.__globals__, leaf.__name__, defaults, closure)
            twin.__kwdefaults__ = kwdefaults
            return twin

    elif hasattr(leaf, "__dict__") and not isinstance(leaf, (type, ModuleType)):
        attributes = _taken(dict(vars(leaf)), found, (*around, leaf))

        def made(others: Sequence[Any]) -> Any:
            twin = copy(leaf)
            if twin is not leaf:  # as of functions with a cache, whose results tell what they depend on
                vars(twin).update(attributes(others))
            return twin

    return made if len(found) > before else None


def _name_of(method: MethodType) -> str:
    """Name by which numbers of another kind have a method of their own."""
    cls = type(method.__self__)
    return next((name for name in dir(cls) if getattr(cls, name, None) is method.__func__), method.__name__)


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
