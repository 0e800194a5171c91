"""Recording: the list of nodes, and what keeps saved values from being overwritten.

A saved value shares its memory with the user's arrays, for copies of everything would double the memory. When such memory
is about to be updated in place, the nodes that have saved it get copies first: most programs never do that, so nothing is
noted beforehand; the nodes are looked through then, and each of them once.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from contextvars import Token
from itertools import zip_longest
from sys import getrefcount
from typing import Any

import numpy as np

from dualnum.aliasing import OPEN, owner_of
from dualnum.dispatch import primal_all
from dualnum.errors import InputError, MutationError
from dualnum.indexing import settled
from dualnum.levels import enter_transform, leave_transform
from dualnum.matrices import arrays_of, is_matrix_class
from dualnum.packing import ACTIVE_TYPES
from dualnum.tape.nodes import Node

__all__ = ["Recorder", "Unseen", "arrays_in", "frozen", "replaced"]

# Branches that nobody needs any more are looked for when there are so many nodes, and then at so many times what was left;
# later, if there were hardly any.
_FIRST_PURGE = 1 << 13
_GROWTH = 3
_GROWTH_WITHOUT_BRANCHES = 10


def _references_of_unused() -> int:
    items = [object()]
    return getrefcount(items[0])


# What is counted where nothing but the list refers to an item: it depends on the version of Python.
_UNUSED = _references_of_unused()


def frozen(x: Any) -> Any:
    """Copy of a constant that is saved: nobody can see whether the caller changes a plain array later.

    Nor whether one that is active at an outer level is changed after this tape has ended.
    """
    if x.__class__ is np.ndarray:
        return x.copy("K") if x.base is not None or x.flags.writeable else x
    if x.__class__ in ACTIVE_TYPES:
        return x.copy(order="K") if x._is_array() else x
    if x.__class__ is list or x.__class__ is tuple:
        return x.__class__([frozen(item) for item in x])
    if isinstance(x, np.memmap):
        return np.array(x, order="K")
    return x.copy() if is_matrix_class(x.__class__) else settled(x)


# Elements of a constant from which on it is asked whether the last copy would do: fewer are copied sooner.
_MANY = 1 << 12

_BITS = {"e": np.int16, "f": np.int32, "d": np.int64}


def _owner(x: np.ndarray) -> int:
    return id(x if x.base is None else x.base)


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays of one shape and dtype hold the same bits, the signs of zeros too."""
    kind = a.dtype.kind
    if kind == "c":
        return _same(a.real, b.real) and _same(a.imag, b.imag)
    if kind == "f":
        bits = _BITS.get(a.dtype.char)
        if bits is None:
            return False
        a, b = a.view(bits), b.view(bits)
    first = (0,) * a.ndim  # memory that is filled anew differs there already, mostly
    return not a.size or bool(a[first] == b[first] and (a == b).all())


def _same_matrix(a: Any, b: Any) -> bool:
    """Whether two sparse matrices of one class and shape consist of the same numbers."""
    return all(
        x.shape == y.shape and x.dtype == y.dtype and _same(x, y)
        for x, y in zip_longest(arrays_of(a), arrays_of(b), fillvalue=np.empty((), np.void))
    )


class Unseen:
    """Arrays that an object holds into which a tape cannot look: it can neither find nor replace them."""

    __slots__ = ("arrays", "where")

    def __init__(self, arrays: Sequence[Any], where: str) -> None:
        self.arrays = arrays
        self.where = where


def arrays_in(tree: Any) -> Iterator[Any]:
    """Arrays and active arrays in what a node has saved."""
    cls = tree.__class__
    if cls is np.ndarray or cls in ACTIVE_TYPES:
        yield tree
    elif cls is Unseen:
        yield from tree.arrays
    elif is_matrix_class(cls):
        yield from arrays_of(tree)
    elif cls is tuple or cls is list:
        for item in tree:
            yield from arrays_in(item)
    elif cls is dict:
        for item in tree.values():
            yield from arrays_in(item)


def replaced(tree: Any, owner: Any) -> Any:
    """Copy what lies in the memory of `owner`."""
    cls = tree.__class__
    if cls is Unseen and any(owner_of(primal_all(array)) is owner for array in tree.arrays):
        raise MutationError(
            f"{tree.where}: an array that it was given is updated in place, and an object that it keeps for the way back holds "
            "that array. Return the residuals as arrays in lists, tuples and dicts, or update a copy."
        )
    if cls is np.ndarray or cls in ACTIVE_TYPES:
        return tree.copy(order="K") if owner_of(primal_all(tree)) is owner else tree
    if cls is tuple or cls is list:
        return cls([replaced(item, owner) for item in tree])
    if cls is dict:
        return {name: replaced(item, owner) for name, item in tree.items()}
    return tree


class Recorder:
    """A list of nodes of one level, in the order in which they were computed.

    Parameters
    ----------
    copies : bool
        Whether constants that are saved are copied; needless where nobody can change them meanwhile.
    purges : bool
        Whether nodes that nothing refers to any more are dropped now and then.
    """

    def __init__(self, *, copies: bool = True, purges: bool = True) -> None:
        self.nodes: list[Node] = []
        self._copies: dict[Any, weakref.ref[Any]] | None = {} if copies else None
        self.level = 0
        self.outer: Recorder | None = None
        self._purges = purges
        # With more nodes than that, something is to be done: `overflow`. One comparison serves for all there may be.
        self.limit: float = -1
        self.shapes: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._seen = 0
        self._savers: dict[int, list[Node]] = {}
        self._tokens: tuple[Token[int], Token[Any]] | None = None

    def start(self) -> None:
        """Begin to record, at a fresh level."""
        self.level, token = enter_transform()
        self.outer = OPEN.get()
        self._tokens = token, OPEN.set(self)
        self.limit = _FIRST_PURGE if self._purges else math.inf

    def stop(self) -> None:
        """End recording: variables of this tape that are used later raise."""
        if self._tokens is not None:
            level_token, open_token = self._tokens
            self._tokens = None
            OPEN.reset(open_token)
            leave_transform(level_token)
        self.limit = -1
        self.outer = None
        self._savers.clear()
        if self._copies is not None:
            self._copies.clear()

    def clear(self) -> None:
        """Let go of everything that was recorded."""
        self.nodes.clear()

    def record(self, node: Node) -> None:
        """Add an instruction."""
        self.nodes.append(node)
        if len(self.nodes) > self.limit:
            self.overflow()

    def form(self, out: Any) -> tuple[tuple[int, ...], np.dtype]:
        """Shape and dtype of a result; of equal shapes the same tuple, by which they are told to be equal."""
        while out.__class__ in ACTIVE_TYPES:  # whose own properties take longer
            out = out._value
        shape = out.shape
        return self.shapes.setdefault(shape, shape), out.dtype

    def freeze(self, x: Any) -> Any:
        """Copy a constant that is saved; once, if it is saved again and again and does not change, as in a long iteration."""
        if self._copies is None:
            return x
        # Where it lies: if that is wrong, its content tells.
        if x.__class__ is np.ndarray and x.size >= _MANY and x.dtype.kind in "biufc":
            key, same = (_owner(x), x.shape, x.strides, x.dtype), _same
        elif is_matrix_class(x.__class__):
            key, same = (x.__class__, x.shape, *map(_owner, arrays_of(x))), _same_matrix
        else:
            return frozen(x)
        known = self._copies.get(key)
        copy = None if known is None else known()
        if copy is None or not same(copy, x):
            copy = frozen(x)
            if copy is not x:
                self._copies[key] = weakref.ref(copy)
        return copy

    def overflow(self) -> None:
        """Drop nodes whose results are gone and were never used; refuse any that come after the end."""
        if self._tokens is None:
            self.nodes.pop()
            raise InputError(
                "A variable of a tape was used after its tape had ended. Compute inside of the `with Tape()` block or of the "
                "function that is differentiated, and take primal(x) of what leaves it."
            )
        self._savers.clear()
        self._seen = 0
        nodes: list[Any] = self.nodes
        # From the end, for a node that goes may have been the last to refer to an earlier one. The last of all is being made:
        # its variable is not there yet.
        count = len(nodes)
        for i in range(count - 2, -1, -1):
            if getrefcount(nodes[i]) <= _UNUSED and nodes[i].plan is not None:
                nodes[i] = None
        nodes[:] = [node for node in nodes if node is not None]
        growth = _GROWTH if len(nodes) < 0.9 * count else _GROWTH_WITHOUT_BRANCHES
        self.limit = max(growth * len(nodes), _FIRST_PURGE)

    def preserve(self, owner: Any) -> None:
        """Copy what nodes have saved of memory that is about to be updated."""
        for node in self.nodes[self._seen :]:
            if node.plan is not None:
                for array in node.plan.arrays(node.saved):
                    self._savers.setdefault(id(owner_of(primal_all(array))), []).append(node)
        self._seen = len(self.nodes)
        for node in self._savers.get(id(owner), ()):
            node.saved = node.plan.preserved(node.saved, owner)  # or an error, and then the others are still to be done
        self._savers.pop(id(owner), None)
