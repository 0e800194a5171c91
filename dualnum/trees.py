"""Trees of arrays: optree's functions, for the classes that are registered for all and those registered for dualnum."""

from functools import partial

import optree

__all__ = ["tree_flatten", "tree_leaves", "tree_map", "tree_structure", "tree_unflatten"]

# `@optree.dataclasses.dataclass(namespace="dualnum")` makes a class a tree here, without a say in what others do with it.
_NAMESPACE = "dualnum"

tree_flatten = partial(optree.tree_flatten, namespace=_NAMESPACE)
tree_leaves = partial(optree.tree_leaves, namespace=_NAMESPACE)
tree_map = partial(optree.tree_map, namespace=_NAMESPACE)
tree_structure = partial(optree.tree_structure, namespace=_NAMESPACE)
tree_unflatten = optree.tree_unflatten
