"""Nonlinear rows on the way back: their push is a linear map, which is traced and swept back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import CellType, FunctionType
from typing import Any

import numpy as np

from dualnum.aliasing import owner_of
from dualnum.dispatch import not_differentiable, primal_all
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import Nonlinear
from dualnum.tape.nodes import Node, Sweep, new_node
from dualnum.tape.plans import PLANS, RowPlan, completed, hand_over, pick
from dualnum.tape.recording import Recorder, arrays_in, replaced
from dualnum.tape.rows import make_variable
from dualnum.tape.sweeping import sweep_back

__all__ = ["NonlinearPlan", "captured", "transpose"]


def captured(function: Any) -> Iterator[Any]:
    """Arrays that a function has captured, itself or by other functions."""
    functions = [function]
    for f in functions:  # which grows meanwhile
        if isinstance(f, FunctionType):
            for content in [*(cell.cell_contents for cell in f.__closure__ or ()), *(f.__defaults__ or ())]:
                if isinstance(content, FunctionType):
                    if content not in functions:
                        functions.append(content)
                else:
                    yield from arrays_in(content)


def _with_copies(function: Any, owner: Any) -> Any:
    """Make a function again, with copies of what it has captured of the memory of `owner`."""

    def made(content: Any) -> Any:
        return _with_copies(content, owner) if isinstance(content, FunctionType) else replaced(content, owner)

    if not any(owner_of(primal_all(array)) is owner for array in captured(function)):
        return function
    cells = tuple([CellType(made(cell.cell_contents)) for cell in function.__closure__ or ()])
    defaults = tuple(map(made, function.__defaults__)) if function.__defaults__ else None
    copy = FunctionType(function.__code__, function.__globals__, function.__name__, defaults, cells)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _seed_like(tree: Any) -> Any:
    """Anything in place of a direction: ones, of which no rule thinks that they are nothing, and which take no memory."""
    if tree.__class__ is list or tree.__class__ is tuple:
        return [_seed_like(item) for item in tree]
    if tree is None:
        return None
    return np.broadcast_to(np.ones((), tree.dtype), tree.shape)


def _as_variables(tree: Any, likes: Any, recorder: Recorder) -> Any:
    if tree is None:
        return None
    if tree.__class__ is list:
        found = [_as_variables(item, like, recorder) for item, like in zip(tree, likes, strict=True)]
        if all(item is None for item in found):
            return None
        return [0.0 if item is None else item for item in found]
    return make_variable(tree if tree.ndim else tree[()], recorder, new_node(None, (), None, tree.shape, tree.dtype))


def transpose(push: Callable[..., Any], likes: Sequence[Any], out_bar: Any, sweep: Sweep) -> list[Any]:
    """Apply the transpose of a linear map to a cotangent.

    Parameters
    ----------
    push : callable
        Linear map, in terms of functions of the table.
    likes : sequence
        For each of its arguments something with ``shape`` and ``dtype``, a list of such things, or None for an argument
        that is left away.
    out_bar
        Cotangent of the result, or a list of them; with ``sweep.k`` rows along a leading axis.

    Returns
    -------
    list
        A cotangent (or list of them) for each of `likes`, None where that is zero or the argument is left away.
    """
    recorder = Recorder(copies=False, purges=False)
    recorder.start()
    try:
        directions = [_as_variables(_seed_like(like), like, recorder) for like in likes]
        outs = push(*directions)
        pairs = list(_pairs(outs, out_bar, recorder.level))
        sweep_back(recorder.nodes, pairs, sweep)
        return [_adjoints(direction) for direction in directions]
    finally:
        recorder.stop()
        recorder.clear()


def _pairs(outs: Any, out_bar: Any, level: int) -> Iterator[tuple[Node, Any]]:
    """Nodes of what the push gave, and their cotangents."""
    if outs.__class__ is list or outs.__class__ is tuple:
        for out, bar in zip(outs, out_bar, strict=True):
            yield from _pairs(out, bar, level)
    elif outs.__class__ in ACTIVE_TYPES and outs._level == level:
        node = outs.node
        if node is not None:
            yield node, out_bar


def _adjoints(direction: Any) -> Any:
    if direction.__class__ is list:
        return [_adjoints(item) for item in direction]
    return direction.node.adjoint if direction.__class__ in ACTIVE_TYPES else None


class NonlinearPlan(RowPlan):
    """A row that gives its push: transposed for those arguments that have no transpose, unless the row has its own pull.

    ``saved`` is ``(args, kwargs, push)``, with the pull in place of the push where the row has one.
    """

    def __init__(self, row: Nonlinear, active: tuple[int, ...]) -> None:
        super().__init__(row, active)
        for i in active:
            if i not in row.positions:
                raise not_differentiable(row, i, row.reasons.get(i))
        if row.pull is not None:
            self.transposes, self._uses = {}, {}
        self.indirect = tuple(i for i in active if i not in self.transposes)
        self.rule = row.rule if row.pull is None else row.pull
        if not self.indirect:
            self.pull = super().pull  # type: ignore[method-assign]

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Hand the parents their shares: by transposes where there are any, the others by the push."""
        if self.transposes:
            super().pull(node, out_bar, sweep)
        push = node.saved[2]
        picked = getattr(push, "picked", None)
        if picked is not None:
            pick(node.origin, picked, out_bar, sweep)
            return
        if out_bar.__class__ is list:
            out_bar = completed(out_bar, node, sweep.k)
        parents = dict(zip(self.active, node.parents, strict=True))
        if self.row.pull is None:
            likes = [parents[i] if i in self.indirect else None for i in self.row.positions]
            bars = transpose(push, likes, out_bar, sweep)
        elif sweep.k is None:
            bars = push(out_bar)
        else:
            rows = [push(_row(out_bar, j)) for j in range(sweep.k)]
            bars = [None if each[0] is None else np.stack(each) for each in zip(*rows, strict=True)]
        for i, bar in zip(self.row.positions, bars, strict=True):
            if i in self.indirect:
                hand_over(parents[i], bar, sweep)

    def arrays(self, saved: Any) -> Iterator[Any]:
        """As for other plans, and what the push has captured."""
        yield from arrays_in(saved[:2])
        yield from captured(saved[2])

    def preserved(self, saved: Any, owner: Any) -> Any:
        """As for other plans; the push is made again with copies of what it has captured."""
        args, kwargs, push = saved
        return *replaced((args, kwargs), owner), _with_copies(push, owner)


def _row(tree: Any, j: int) -> Any:
    return [_row(item, j) for item in tree] if tree.__class__ is list else tree[j]


PLANS[Nonlinear] = NonlinearPlan
