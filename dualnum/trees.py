"""Trees of arrays: optree's functions, for the classes that are registered for all and those registered for dualnum.

optree is imported with the first tree: to import it takes a fifth of the time of all of dualnum.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

__all__ = ["tree_flatten", "tree_leaves", "tree_map", "tree_structure", "tree_unflatten"]

# `@optree.dataclasses.dataclass(namespace="dualnum")` makes a class a tree here, without a say in what others do with it.
_NAMESPACE = "dualnum"


def _of_optree(name: str, **options: Any) -> Callable[..., Any]:
    found: Callable[..., Any] | None = None

    def function(*args: Any, **kwargs: Any) -> Any:
        nonlocal found
        if found is None:
            found = partial(getattr(import_module("optree"), name), **options)
        return found(*args, **kwargs)

    function.__name__ = name
    return function


tree_flatten = _of_optree("tree_flatten", namespace=_NAMESPACE)
tree_leaves = _of_optree("tree_leaves", namespace=_NAMESPACE)
tree_map = _of_optree("tree_map", namespace=_NAMESPACE)
tree_structure = _of_optree("tree_structure", namespace=_NAMESPACE)
tree_unflatten = _of_optree("tree_unflatten")
