"""In-place updates of variables, and views.

The memory of a value is updated where it lies, as NumPy does it, so that views share it. The graph has no memory: an update
makes a new node. A variable that is a view of another knows that one, and the variable at the root of all views of the same
memory; when the root's node is no longer the one it has seen, its own is made again from that. An update through a view
makes new nodes for all that it is a view of, up to the root.
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np

from dualnum.aliasing import TORN, is_torn, owner_of, preserve
from dualnum.dispatch import level_of, primal_all
from dualnum.errors import InputError, MutationError
from dualnum.indexing import is_basic
from dualnum.levels import refuse_stray_mixture
from dualnum.lifting import lift, require_sole_owner
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.tape.nodes import new_node
from dualnum.tape.plans import BASIC_GETITEM, ComponentPlan, GatherPlan, Plan, UpdatePlan

__all__ = ["View", "assign", "fresh_node", "view_of"]

_gather_plan = GatherPlan()
_update_plan = UpdatePlan()
_component_plan = ComponentPlan()


class View:
    """Of which variable another is a view, by which index (None if it was no index), and the root's node it has seen."""

    __slots__ = ("index", "root", "seen", "source")

    def __init__(self, source: Any, index: Any) -> None:
        above = source._view
        root = source if above is None else above.root
        self.source = source
        self.index = index
        self.root = root
        self.seen = root._node


def view_of(part: Any, source: Any, index: Any = None) -> None:
    """Note that a new variable is a view of another one, if it is."""
    if part._view is None and owner_of(primal_all(part)) is owner_of(primal_all(source)):
        part._view = View(source, index)


def fresh_node(x: Any) -> Any:
    """Node of a variable that may be a view, made again if what it views has been updated."""
    stale = []
    while x._view is not None and x._view.root._node is not x._view.seen:
        stale.append(x)
        x = x._view.source
    for part in reversed(stale):
        view = part._view
        source = view.source
        node = source._node
        if node is not None:
            if view.index is None:
                node = new_node(_gather_plan, (node,), _places(part, source), part.shape, part.dtype)
            else:
                node = new_node(BASIC_GETITEM, (node,), view.index, part.shape, part.dtype)
            # No operation of the user's: it may also come after the tape has ended, when a view is asked for its adjoint.
            part._tape.nodes.append(node)
        part._node = node
        view.seen = view.root._node
        x = part
    return x._node


def _places(part: Any, source: Any) -> tuple[Any, bool]:
    """Numbers, in C order, of the elements of a variable that a view of it shows, and whether it shows imaginary parts.

    Both are told by addresses.
    """
    places, wanted = _addresses(source), _addresses(part)
    order = np.argsort(places, axis=None)
    half = source.dtype.itemsize // 2
    is_component = source.dtype.kind == "c" and part.dtype.kind == "f" and part.dtype.itemsize == half
    for shift in (0,) if part.dtype == source.dtype else (0, half) if is_component else ():
        found = np.searchsorted(places.reshape(-1), wanted - shift, sorter=order)
        found = order[np.minimum(found, order.size - 1)]
        if np.array_equal(places.reshape(-1)[found], wanted - shift):
            return found, shift > 0
    raise MutationError(
        "An array was updated in place of which a view is in use that shows more than that array, or with another dtype; "
        "update a copy."
    )


def _addresses(x: Any) -> Any:
    value = primal_all(x)
    address = np.asarray(value.__array_interface__["data"][0])
    for axis, (n, stride) in enumerate(zip(value.shape, value.strides, strict=True)):
        address = address + (stride * np.arange(n)).reshape((-1,) + (1,) * (value.ndim - 1 - axis))
    return np.broadcast_to(address, value.shape)


def assign(x: Any, index: Any, new: Any) -> None:
    """``x[index] = new``."""
    new = as_operand(new)
    value, node = new, None
    if new.__class__ in ACTIVE_TYPES:
        if new._level > x._level:
            raise MutationError(
                "x[...] = y: y belongs to a derivative that is taken inside the one x belongs to, and x cannot hold it. "
                "Allocate the array inside the inner function, with np.zeros_like(y), or build it with np.stack."
            )
        if new._level == x._level:
            if new._tape is not x._tape:
                raise InputError("x[...] = y: the two belong to different tapes.")
            value, node = new._value, new.node
            if _is_same(x, index, new):
                return  # x[i] += 1 ends so: the view has been updated already
        else:
            refuse_stray_mixture(x._level, new._level)
    if TORN and is_torn(primal_all(x)):
        raise MutationError(
            "x[...] = y: np.asarray(x) has made an object array of x that is still in use; update a copy, x.copy(), or leave "
            "np.asarray away."
        )
    _refuse_overlap(x)
    old = x.node
    saved = _index_and_last(x, index) if old is not None or node is not None else None
    overlaps = not is_basic(index) and np.ndim(value) and np.may_share_memory(primal_all(value), primal_all(x))
    if overlaps:
        raise MutationError(
            "x[index] = y with an array for an index, where y is a view of x: NumPy may read what it has just written. "
            "Assign a copy, y.copy()."
        )
    preserve(x._value, x._tape)
    if level_of(value) > level_of(x._value):
        references = getrefcount(x._value)
        require_sole_owner(x._value, references)
        x._value = lift(x._value, value)
    x._value[index] = value
    if saved is not None:
        covers = index is Ellipsis or (index.__class__ is slice and index == slice(None))
        _replace(x, None if covers else old, node, saved)


def _refuse_overlap(x: Any) -> None:
    """Refuse updates through a view that shows an element more than once: they would have to be seen in that view, too."""
    while x._view is not None:
        if x._view.index is None and x.size:  # strides of an empty array mean nothing
            value = primal_all(x)
            reach = value.itemsize
            for stride, n in sorted((abs(stride), n) for n, stride in zip(value.shape, value.strides, strict=True)):
                if n > 1 and stride < reach:
                    raise MutationError(
                        "An update through a view that shows elements more than once, as sliding windows do: update the array "
                        "itself, or a copy."
                    )
                reach += stride * (n - 1)
        x = x._view.source


def _is_same(x: Any, index: Any, new: Any) -> bool:
    """Whether what is assigned is the view of that place, and shows it already."""
    view = new._view
    return (
        view is not None
        and view.source is x
        and view.index is not None
        and is_basic(index)
        and view.index == index
        and view.seen is view.root._node
    )


def _index_and_last(x: Any, index: Any) -> tuple[Any, Any]:
    """What `UpdatePlan` wants to know of an index."""
    index = x._tape.freeze(index)
    if is_basic(index) or (index.__class__ is np.ndarray and index.dtype.kind == "b"):
        return index, None
    shape = np.empty(x.shape, np.bool_)[index].shape
    last = np.full(x.shape, -1)
    last[index] = np.arange(int(np.prod(shape))).reshape(shape)
    return None, (last, shape)


def _replace(x: Any, old: Any, new: Any, saved: tuple[Any, Any]) -> None:
    """Give `x`, and all that it is a view of, the nodes they have after an update."""
    if old is None and saved[1] is None and new is not None and (new.shape, new.dtype) == (x.shape, x.dtype):
        x._node = new if saved[0] is Ellipsis else _updated(x, None, new, saved)
    else:
        x._node = _updated(x, old, new, saved)
    chain = []
    part = x
    while part._view is not None:
        chain.append(part._view)
        source = part._view.source
        index = part._view.index
        if index is None:
            # A view of a number shows all of it; NumPy has no places in it.
            numbers, imaginary = _places(part, source)
            places: Any = np.unravel_index(numbers, source.shape) if source.shape else ...
            if part.dtype != source.dtype:
                source._node = _updated(source, source._node, part._node, (places, imaginary), _component_plan)
                part = source
                continue
            saved = _index_and_last(source, places)
        else:
            saved = index, None
        source._node = _updated(source, source._node, part._node, saved)
        part = source
    for view in chain:
        view.seen = part._node


def _updated(x: Any, old: Any, new: Any, saved: tuple[Any, Any], plan: Plan = _update_plan) -> Any:
    if old is None and new is None:
        return None
    node = new_node(plan, (old, new), saved, x.shape, x.dtype)
    x._tape.record(node)
    return node
