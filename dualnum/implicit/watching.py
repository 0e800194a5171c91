"""Functions of the user's as SciPy's solvers are given them: their results are plain, whatever they have captured."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from dualnum.dispatch import primal_all
from dualnum.inputs import copied_one
from dualnum.packing import as_operand, contains_active
from dualnum.trees import tree_leaves, tree_map

__all__ = ["Watched", "holds_active", "plain"]


def plain(tree: Any) -> Any:
    """Take all derivatives off arguments or results; arrays that carried some are copied."""
    return tree_map(_plain_leaf, tree, none_is_leaf=True)


def _plain_leaf(leaf: Any) -> Any:
    return copied_one(primal_all(as_operand(leaf))) if contains_active(leaf) else leaf


def holds_active(tree: Any) -> bool:
    """Whether anything in arguments or results is active."""
    return any(map(contains_active, tree_leaves(tree, none_is_leaf=True)))


class Watched:
    """A function whose results are made plain, and which notes whether one of them was active."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self._f = f
        self.active = False
        update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Value of the function, without derivatives."""
        y = self._f(*args, **kwargs)
        if not holds_active(y):
            return y
        self.active = True
        return plain(y)
