"""Running a part of a program twice: on plain values first, and on a tape of its own on the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from dualnum.aliasing import owner_of
from dualnum.dispatch import level_of, primal_all, strip
from dualnum.errors import InputError
from dualnum.explaining import explain
from dualnum.inputs import copied_one
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active, holds_objects, refuse_foreign_array
from dualnum.tape.nodes import Node, Sweep, new_node
from dualnum.tape.plans import Plan
from dualnum.tape.recording import Recorder
from dualnum.tape.tape import adjoints, new_leaf
from dualnum.tape.variable import Variable

__all__ = [
    "GENERATORS",
    "apart",
    "as_number",
    "copies",
    "generator_copied",
    "hand_over_adjoint",
    "highest",
    "kept",
    "packed",
    "pull_again",
    "recorded",
    "refuse_captured",
    "same_errors",
]

#: What gives other numbers when it is used again.
GENERATORS = (np.random.Generator, np.random.RandomState)


def highest(leaves: Sequence[Any]) -> tuple[Any, int]:
    """The highest level of leaves, with one that has it if that level is a tape's, else None."""
    top = max(leaves, key=level_of, default=None)
    return top if isinstance(top, Variable) else None, level_of(top)


def packed(leaves: Sequence[Any]) -> list[Any]:
    """Make arrays of active numbers active arrays."""
    return [as_operand(leaf) if holds_objects(leaf) and contains_active(leaf) else leaf for leaf in leaves]


def copies(leaves: Sequence[Any]) -> list[Any]:
    """Copy the arrays among leaves."""
    return [copied_one(leaf) for leaf in leaves]


def apart(leaves: Sequence[Any]) -> list[Any]:
    """Copy arrays that share memory with others, or cannot be written to: an update of one shall not change another.

    What is computed again knows nothing of such a bond.
    """
    owners = set()
    parted = []
    for leaf in leaves:
        value = primal_all(leaf)
        if isinstance(value, np.ndarray):
            owner = id(owner_of(value))
            if owner in owners or not value.flags.writeable:
                leaf = leaf.copy()
            owners.add(owner)
        parted.append(leaf)
    return parted


def as_number(leaf: Any, where: str) -> Any:
    """Give a number or an array of numbers; those that may depend on something must be NumPy's."""
    cls = leaf.__class__
    if cls in ACTIVE_TYPES:
        return leaf
    if cls is float or cls is complex:
        return np.asarray(leaf)[()]
    if isinstance(leaf, (np.ndarray, np.generic, int)):
        refuse_foreign_array(leaf)
        number = as_operand(leaf) if holds_objects(leaf) else leaf
        if number.__class__ in ACTIVE_TYPES or np.result_type(number).kind in "biufc":
            return number
    raise InputError(
        f"{where}: expected numbers, arrays, or lists, tuples or dicts of them, and got {cls.__name__}. What else it may "
        "hold is not seen, and would be lost on the way back."
    )


def refuse_captured(outs: Sequence[Any], level: float, kind: type, where: str) -> None:
    """Raise if results depend on something of a level that the arguments, as they were given, do not have."""
    if any(isinstance(out, kind) and level_of(out) >= level for out in outs):
        raise InputError(
            f"{where}: the function uses a variable that is not among its arguments, but was captured from outside or is "
            "held by an object that optree does not know. What is computed again only depends on the arguments: pass the "
            "variable as one."
        )


def pull_again(
    call: Callable[[list[Any]], Sequence[Any]], values: list[Any], active: Sequence[int], bars: Sequence[Any], k: int | None
) -> list[Node]:  # fmt: skip
    """Run a function on a tape of its own, and sweep back.

    Parameters
    ----------
    call : callable
        From a list of arguments to a list of results.
    values : list
        The arguments, which are the function's from now on.
    active : sequence of int
        With respect to which of them.
    bars : sequence
        Cotangent of each result, None for zero.
    k : int or None
        Number of rows of the cotangents.

    Returns
    -------
    list of Node
        For each of `active`, with the adjoint; None there is zero.
    """
    recorder = Recorder()
    recorder.start()
    try:
        leaves = [new_leaf(values[i], recorder) for i in active]
        for i, leaf in zip(active, leaves, strict=True):
            values[i] = leaf
        inputs = [leaf._node for leaf in leaves]  # an update of the leaf gives it another
        del leaves
        pairs = []
        for out, bar in zip(call(values), bars, strict=True):
            if bar is not None and level_of(out) == recorder.level and out.node is not None:
                pairs.append((out.node, bar))
        values.clear()
    except Exception as error:
        recorder.clear()
        explain(error)
        raise
    finally:
        recorder.stop()
    adjoints(recorder.nodes, pairs, inputs, k, keep=False)
    recorder.clear()
    return inputs


def hand_over_adjoint(node: Node, parent: Any, sweep: Sweep) -> None:
    """Give a parent the adjoint that was gathered on a node of another tape."""
    if parent is not None and node.adjoint is not None:
        parent.receive(node.adjoint, sweep, node.owned)


def same_errors() -> dict[str, Any]:
    """Floating-point error state for the second run: no more warnings, but errors that the function may have caught."""
    return {kind: "raise" if how == "raise" else "ignore" for kind, how in np.geterr().items()}


def generator_copied(leaf: Any) -> Any:
    """Copy a random number generator, which will give the same numbers again."""
    return deepcopy(leaf) if isinstance(leaf, GENERATORS) else leaf


def kept(leaf: Any, top: Any) -> Any:
    """What is kept of an argument: its value at the level of a variable, or a copy of a constant."""
    value = strip(leaf, top._level)
    if value is not leaf:
        return value
    value = top._tape.freeze(generator_copied(leaf))
    if value.__class__ is np.ndarray and value is not leaf:
        value.flags.writeable = False  # so that nothing that is computed from it copies it once more
    return value


def recorded(top: Any, plan: Plan, parents: Sequence[Any], saved: Sequence[Any], outs: list[Any]) -> list[Any]:
    """Make variables of results, that were computed by one instruction."""
    node = None
    if any(parent is not None for parent in parents):
        node = new_node(plan, tuple(parents), tuple(saved), None, None)
        top._tape.record(node)
    return top._wrap(outs, node)
