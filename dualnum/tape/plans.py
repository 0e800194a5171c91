"""How a cotangent is pulled back through each kind of row: derived from the row, which was written for no mode.

A plan depends on the row and on which arguments are active, and is made once. ``plan.pull(node, out_bar, sweep)`` hands
each parent its share.

Elementwise and linear rows give their pulls directly. Of a nonlinear row, the push is traced on a tape of its own, with
directions for variables, and that tape is swept back: the transpose of a linear map.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualnum.batching import along_directions
from dualnum.indexing import get_directions, is_basic, set_directions, trailing
from dualnum.packing import ACTIVE_TYPES, PLAIN_TYPES
from dualnum.primitives import add_at, scatter
from dualnum.table import Linear, Nonlinear, Row
from dualnum.tangents import is_zero
from dualnum.tape.needs import parameters_used, stand_in
from dualnum.tape.nodes import Node, Sweep
from dualnum.tape.recording import arrays_in, replaced

__all__ = [
    "BASIC_GETITEM",
    "GETITEM",
    "PLANS",
    "ComponentPlan",
    "GatherPlan",
    "GetitemPlan",
    "MaskPlan",
    "PackPlan",
    "PartPlan",
    "Plan",
    "RowPlan",
    "UpdatePlan",
    "completed",
    "hand_over",
    "linear_pull",
    "pick",
    "plan_for",
]


class Plan:
    """Base of the plans; ``name`` is what a listing of the tape says.

    ``factor`` is that of a plan which hands the only parent its cotangent times a number, and does nothing else.
    """

    name = ""
    factor: float | None = None

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Hand the parents of a node their shares of its cotangent."""
        raise NotImplementedError

    def arrays(self, saved: Any) -> Iterator[Any]:
        """What a node with this plan holds in memory."""
        return arrays_in(saved)

    def preserved(self, saved: Any, owner: Any) -> Any:
        """What is saved, with copies of what lies in the memory of `owner`."""
        return replaced(saved, owner)


class MaskPlan(Plan):
    """Where an operation was masked out, nothing is handed back; ``saved`` is that mask."""

    name = "where="

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Hand back what was not masked out."""
        node.parents[0].receive(np.where(node.saved, np.zeros((), node.dtype), out_bar), sweep)


class GetitemPlan(Plan):
    """``x[index]``: cotangents are added where the elements came from, without an array of zeros for each."""

    name = "getitem"

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Add the cotangent where the elements came from."""
        pick(node.origin, node.saved, out_bar, sweep)


class _BasicGetitemPlan(GetitemPlan):
    """The same, for an index of integers and slices."""

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Add the cotangent where the elements came from."""
        parent = node.origin
        adjoint = parent.adjoint
        # That of an array without axes may be a scalar, of which an index gives a copy.
        if (
            adjoint.__class__ is not np.ndarray
            or not parent.owned
            or sweep.k is not None
            or out_bar.__class__ in ACTIVE_TYPES
        ):
            pick(parent, node.saved, out_bar, sweep)
            return
        part = adjoint[node.saved]
        if part.__class__ is np.ndarray:
            part += out_bar
        else:
            adjoint[node.saved] = part + out_bar


GETITEM, BASIC_GETITEM = GetitemPlan(), _BasicGetitemPlan()


class PackPlan(Plan):
    """Scalars put into an array; each gets its element of the cotangent."""

    name = "pack"

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Hand each scalar its element."""
        size = len(node.parents)
        flat = np.reshape(out_bar, size if sweep.k is None else (sweep.k, size))
        for i, parent in enumerate(node.parents):
            if parent is not None:
                parent.receive(flat[..., i], sweep)


class GatherPlan(Plan):
    """Elements of an array as a view shows them: ``saved`` are their numbers, and whether it shows imaginary parts."""

    name = "view"

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Add the cotangent where the elements came from."""
        parent = node.parents[0]
        numbers, imaginary = node.saved

        def spread(bar: Any) -> Any:
            size = int(np.prod(parent.shape))
            return np.reshape(scatter(np.ravel(bar), (np.ravel(numbers),), (size,)), parent.shape)

        parent.receive(linear_pull(spread, 1j * out_bar if imaginary else out_bar, sweep.k), sweep)


class ComponentPlan(Plan):
    """``x.real[...] = y`` or ``x.imag[...] = y``; parents are x and all of that view.

    ``saved`` are the places of x that the view shows, as an index, and whether they are imaginary parts.
    """

    name = "x.real[...] = y"

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Part the cotangent into real and imaginary parts."""
        old, new = node.parents
        index, imaginary = node.saved
        real, imag = np.real(out_bar), np.imag(out_bar)
        if new is not None:
            new.receive(linear_pull(lambda bar: _indexable(bar)[index], imag if imaginary else real, sweep.k), sweep)
        if old is not None:
            shown = np.zeros(node.shape, np.bool_)
            shown[index] = True
            old.receive(np.where(shown, real if imaginary else 1j * imag, out_bar), sweep)


class UpdatePlan(Plan):
    """``x[index] = y``: what is overwritten gets nothing, what was written gets the rest.

    Parents are the old array and what was assigned, each None if it is constant. ``saved`` is the index; or, where that may
    name an element twice, for each element of x the number of that which was written last among those of ``x[index]`` (-1
    where x is kept), and the shape of these.
    """

    name = "x[...] = y"

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Part the cotangent among what was there and what was written."""
        old, new = node.parents
        index, last = node.saved
        k = sweep.k
        if not node.shape:
            out_bar = _indexable(out_bar)
        if new is not None:
            if last is not None:
                new_bar = linear_pull(lambda bar: _sum_of_last(bar, last[0], last[1]), out_bar, k)
            else:
                new_bar = out_bar[index] if k is None else get_directions(out_bar, index)
                new_bar = new_bar if old is None else new_bar.copy()
            missing = len(new.shape) - new_bar.ndim + 1
            if k is not None and missing > 0:  # axes of length 1, that NumPy does not mind in front
                new_bar = np.reshape(new_bar, (k, *(1,) * missing, *new_bar.shape[1:]))
            new.receive(new_bar, sweep)
        if old is not None:
            mine = node.owned and node.adjoint is None
            old_bar = out_bar if mine else out_bar.copy()
            if last is not None:
                index = last[0] >= 0
            if k is None:
                old_bar[index] = 0
            else:
                set_directions(old_bar, index, None)
            old.receive(old_bar, sweep, True)


def _indexable(bar: Any) -> Any:
    """An array, for a scalar cannot be indexed."""
    return bar if bar.shape else np.copy(bar)


def _sum_of_last(out_bar: Any, source: Any, shape: tuple[int, ...]) -> Any:
    changed = source >= 0
    return np.reshape(scatter(_indexable(out_bar)[changed], (source[changed],), (math.prod(shape),)), shape)


def linear_pull(function: Callable[[Any], Any], out_bar: Any, k: int | None) -> Any:
    """Apply a linear function to a cotangent, or to K rows of them."""
    return function(out_bar) if k is None else along_directions(function, out_bar)


class PartPlan(Plan):
    """One result of a function that gives several; ``saved`` is its number. The function's node gathers them in a list."""

    name = "part"

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Put the cotangent into the list of the function that gave this part."""
        whole = node.parents[0]
        if whole.adjoint is None:
            whole.adjoint = [None] * len(whole.shape)
        whole.adjoint[node.saved] = out_bar


class RowPlan(Plan):
    """What linear and nonlinear rows have in common: transposes, and which arguments these look at.

    ``saved`` is ``(args, kwargs, push)``; what no rule looks at is left away, and where only shape and dtype are needed, a
    stand-in without memory is kept.
    """

    def __init__(self, row: Linear | Nonlinear, active: tuple[int, ...]) -> None:
        self.row: Any = row
        self.name = row.name
        self.active = active
        self.transposes = {i: row.transposes[i] for i in active if i in row.transposes}
        self.indirect: tuple[int, ...] = ()
        self._free = row.free if row.__class__ is Linear else {}
        self._uses = {i: parameters_used(transpose) for i, transpose in self.transposes.items()}
        self._keeps: dict[int, tuple[bool, ...]] = {}

    def keeps(self, count: int) -> tuple[bool, ...]:
        """Of which of so many arguments the values are needed."""
        keeps = self._keeps.get(count)
        if keeps is None:
            uses = self._uses.items()
            keeps = self._keeps[count] = tuple(
                any(i != position and (used is None or position + 1 in used) for i, used in uses)
                for position in range(count)
            )
        return keeps

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Hand the parents their shares, by transposes."""
        if not self.transposes:
            return
        args, kwargs, _ = node.saved
        if out_bar.__class__ is list:
            out_bar = completed(out_bar, node, sweep.k)
        if sweep.careful and not any(np.any(np.logical_not(is_zero(bar))) for bar in _flat(out_bar)):
            return
        parents = node.parents
        for j, i in enumerate(self.active):
            transpose = self.transposes.get(i)
            if transpose is not None:
                if i in self._free and self._pull_sum(i, parents[j], out_bar, args, kwargs, sweep):
                    continue
                if sweep.k is None:
                    bar = transpose(out_bar, *args, **kwargs)
                else:
                    bar = along_directions(_applied(transpose, args, kwargs), out_bar)
                # A fresh array is the parent's; what is a view, or was handed through, may be somebody else's.
                owned = bar.__class__ is np.ndarray and bar.base is None and bar is not out_bar
                hand_over(parents[j], bar, sweep, owned)

    def _pull_sum(self, i: int, parent: Node, out_bar: Any, args: Any, kwargs: Any, sweep: Sweep) -> bool:
        """Pull the sum of a cotangent past a parent that is a smaller array, broadcast: it would be summed there, later.

        So are differences from a mean that are multiplied by a matrix, (x - mean) @ a, and the mean is wanted. The parent
        itself gets nothing of this; what else depends on it hands on its own share.
        """
        factor = parent.plan and parent.plan.factor
        if factor is None or kwargs or out_bar.__class__ is not np.ndarray:
            return False
        axis, shape, source = self._free[i], parent.shape, parent.origin
        if (
            sweep.k is not None
            or sweep.careful
            or sweep.keep
            or not 2 <= len(shape) <= out_bar.ndim
            or shape[axis] == 1
        ):
            return False
        if len(source.shape) >= -axis and source.shape[axis] != 1:
            return False
        total = np.add.reduce(out_bar, axis, keepdims=True)
        if not np.isfinite(total).all():  # as the later sum might be
            return False
        like = stand_in((*shape[:axis], 1, *shape[axis:][1:]), parent.dtype)
        bar = self.transposes[i](total, *args[:i], like, *args[i + 1 :])
        source.receive(bar if factor == 1 else bar * factor, sweep, owned=True)
        return True


def _applied(transpose: Callable[..., Any], args: Any, kwargs: Any) -> Callable[[Any], Any]:
    return lambda out_bar: transpose(out_bar, *args, **kwargs)


def _flat(tree: Any) -> Iterator[Any]:
    if tree.__class__ is list or tree.__class__ is tuple:
        for item in tree:
            yield from _flat(item)
    elif tree is not None:
        yield tree


def pick(parent: Node, index: Any, out_bar: Any, sweep: Sweep) -> None:
    """Add the cotangent of ``x[index]`` to that of x, without an array of zeros where that can be."""
    k = sweep.k
    cls = out_bar.__class__
    active = cls in ACTIVE_TYPES
    adjoint = parent.adjoint
    if adjoint.__class__ in ACTIVE_TYPES and adjoint._take_in is not None and parent.owned and is_basic(index):
        items = index if index.__class__ is tuple else (index,)
        if k is not None:
            items = (slice(None), *items)
        # With an ellipsis the part is a view, even if it is of one element.
        if adjoint[items if any(item is Ellipsis for item in items) else (*items, ...)]._take_in(out_bar):
            return
    adjoint = parent.own(out_bar, sweep) if not active or cls in PLAIN_TYPES else None
    if adjoint is None or (active and adjoint.__class__ is np.ndarray):  # which cannot hold a number that is counted
        parent.receive(linear_pull(lambda bar: scatter(bar, index, parent.shape), out_bar, k), sweep, True)
    elif is_basic(index):
        if k is not None:
            index = (slice(None), *index) if index.__class__ is tuple else (slice(None), index)
        part = adjoint[index]
        if part.__class__ in PLAIN_TYPES and part.shape:
            part += out_bar
        else:
            adjoint[index] = part + out_bar
    elif k is None:
        add_at(adjoint, index, out_bar)
    else:
        np.add.at(np.moveaxis(adjoint, 0, -1), trailing(index), np.moveaxis(out_bar, 0, -1))


def hand_over(parents: Any, bar: Any, sweep: Sweep, owned: bool = False) -> None:
    """Give a cotangent to a node, or those of a sequence to its nodes; None is a constant, or zero."""
    if parents.__class__ is Node:
        if bar is not None:
            parents.receive(bar, sweep, owned)
    elif parents is not None:
        for parent, part in zip(parents, bar, strict=True):
            hand_over(parent, part, sweep)


def completed(out_bar: list[Any], node: Node, k: int | None) -> list[Any]:
    """Cotangents of several results, with zeros for those on which nothing depends."""
    return [
        np.zeros(shape if k is None else (k, *shape), dtype) if bar is None else bar
        for bar, shape, dtype in zip(out_bar, list(node.shape), list(node.dtype), strict=True)
    ]


#: Class of a row -> class of its plans. Modules that come later fill in those of elementwise and of nonlinear rows.
PLANS: dict[type, Callable[[Any, tuple[int, ...]], Plan]] = {Linear: RowPlan}


def plan_for(row: Row, active: tuple[int, ...]) -> Any:
    """Plan of a row in which the arguments at these positions are active."""
    plan = row.plans.get(active)
    if plan is None:
        plan = row.plans[active] = PLANS[row.__class__](row, active)
    return plan
