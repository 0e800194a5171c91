"""Functions of the user's as SciPy's solvers are given them: their results are plain, whatever they have captured."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from dualnum.dispatch import level_of, primal_all, top_of
from dualnum.errors import DerivativeLostError, MutationError
from dualnum.implicit.closures import take_out
from dualnum.inputs import copied_one
from dualnum.packing import as_operand, contains_active
from dualnum.trees import tree_leaves, tree_map

__all__ = ["Watched", "call_with_room", "holds_active", "plain"]


def plain(tree: Any) -> Any:
    """Take all derivatives off arguments or results; arrays that carried some are copied."""
    return tree_map(_plain_leaf, tree, none_is_leaf=True)


def _plain_leaf(leaf: Any) -> Any:
    return copied_one(primal_all(as_operand(leaf))) if contains_active(leaf) else leaf


def holds_active(tree: Any) -> bool:
    """Whether anything in arguments or results is active."""
    return any(map(contains_active, tree_leaves(tree, none_is_leaf=True)))


def call_with_room(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function that may put active numbers, which it has captured, into an array made like one of its arguments.

    Where that argument is plain, ``np.zeros_like(x)`` cannot hold derivatives; then the function is called once more, with
    arrays that can.
    """
    try:
        return f(*args, **kwargs)
    except (DerivativeLostError, MutationError):
        top = top_of(take_out([f, args, kwargs])[0])
        if top is None:
            raise
        return f(*(_with_room(arg, top) for arg in args), **kwargs)


def _with_room(arg: Any, like: Any) -> Any:
    if np.ndim(arg) == 0 or level_of(arg) == like._level or np.result_type(primal_all(arg)).kind != "f":
        return arg
    active = np.zeros(np.shape(arg), primal_all(arg).dtype, like=like)
    active[...] = arg
    return active


class Watched:
    """A function whose results are made plain, and which notes whether one of them was active."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self._f = f
        self.active = False
        update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Value of the function, without derivatives."""
        y = call_with_room(self._f, *args, **kwargs)
        if not holds_active(y):
            return y
        self.active = True
        return plain(y)
