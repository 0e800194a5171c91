"""Forward or reverse: which mode gives a Jacobian for less, by counted operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dualnum.columns import chunk_size, goes_by_terms
from dualnum.costs import PRODUCTS, directional, operations
from dualnum.inputs import as_input, copied, copied_one, describe_function, is_array_like
from dualnum.reverse import positions_of
from dualnum.runs import Run
from dualnum.table import Linear, first, second
from dualnum.tangents import NUMBERS
from dualnum.tape.elementwise import ElementwisePlan
from dualnum.tape.needs import stand_in
from dualnum.tape.nodes import Node
from dualnum.tape.plans import GetitemPlan, RowPlan
from dualnum.transforms import with_others

__all__ = ["MANY_OUTPUTS", "ModeChoice", "choice_for", "choose_mode", "is_small"]

# Up to so many inputs, to run on a tape costs more than it could save.
_FEW = 16

#: From so many rows on, it may pay to push only what is not zero, before that.
MANY_OUTPUTS = 32

# Orders of magnitude of what is not arithmetic, in the time of one elementwise operation: the overhead of a primitive in
# forward mode; in reverse mode, where it is recorded and pulled back; where that takes a detour through the push of its row;
# and that of the tape. Matrix products run that many times faster than elementwise operations.
_CALL = 10_000
_RECORDED_CALL = 20_000
_TRACED_CALL = 60_000
_TAPE = 150_000
_PRODUCT_SPEED = 16


def is_small(n: int) -> bool:
    """Whether there are so few inputs that forward mode is taken unasked."""
    return n <= _FEW


@dataclass(frozen=True)
class ModeChoice:
    """Which mode was chosen for a Jacobian, and why; printed, it is a sentence.

    Attributes
    ----------
    mode : str
        ``"forward"`` or ``"reverse"``.
    inputs, outputs : int
        Numbers of elements.
    calls : int
        Primitives that the function calls.
    forward, reverse : int
        Operations for the whole Jacobian by either mode, by the model of ``dualnum.costs``.
    forward_cost, reverse_cost : int
        The same with the overhead of calls, and with matrix products taken for faster, in the time of elementwise
        operations: what the choice is made by.
    by_terms : bool
        Only the derivatives that are not zero are pushed, in forward mode, whatever all directions or rows would take.
    """

    mode: str
    inputs: int
    outputs: int
    calls: int
    forward: int
    reverse: int
    forward_cost: int
    reverse_cost: int
    by_terms: bool = False

    def __str__(self) -> str:
        terms = ", of the derivatives that are not zero alone; else" if self.by_terms else ":"
        return (
            f"{self.mode} mode{terms} n = {self.inputs} directions take {self.forward:,} operations, m = {self.outputs} rows "
            f"{self.reverse:,}; with the overhead of {self.calls} calls, forward mode takes as long as "
            f"{self.forward_cost:.2g} operations, reverse mode as {self.reverse_cost:.2g}."
        )


def choice_for(run: Run) -> ModeChoice:
    """Compare the modes for a function that was run on a tape."""
    inputs = sum(math.prod(node.shape) for node in run.inputs)
    outputs = sum(math.prod(shape) for shape in run.shapes)
    value = partials = calls = overhead = 0
    push = pull = products = 0  # for a direction, for a row, and what of either are matrix products
    indexed: set[int] = set()
    for node in run.recorder.nodes:
        plan = node.plan
        size = _size(node.shape)
        pull -= size  # the first cotangent of a node is not added to anything
        if plan is None:
            continue
        calls += 1
        if plan.__class__ is ElementwisePlan:
            factors, functions = _FACTORS.get(plan) or _factors(plan)
            value += size
            partials += functions * size
            push += (factors - 1) * size
            pull += factors * size
            overhead += _RECORDED_CALL
            for parent in node.parents:
                push += size
                # Where an argument was broadcast, its cotangent is summed.
                own = size if parent.shape == node.shape else _size(parent.shape) + size
                pull += own
        elif isinstance(plan, RowPlan):
            args, kwargs, _ = node.saved
            out = _stand_ins(node)
            one = directional(plan.row, args, kwargs, out)
            value += one if isinstance(plan.row, Linear) else operations(plan.row, args, kwargs, out)
            for parent in _flat(node.parents):
                pull += _size(parent.shape)
            count = len(plan.active)
            push += (count - 1) * size
            if plan.row.function in PRODUCTS:
                products += count * one
            else:
                push += count * one
                pull += 0 if plan.row.function in _SUMS else count * one
            overhead += _TRACED_CALL
        elif isinstance(plan, GetitemPlan):
            parent = node.origin
            if id(parent) not in indexed:  # cotangents of elements are all added, to zeros
                indexed.add(id(parent))
                pull += _size(parent.shape)
            pull += size
            overhead += _RECORDED_CALL
        else:
            for parent in _flat(node.parents):
                pull += _size(parent.shape)
            overhead += _RECORDED_CALL
    chunks = -(-inputs // chunk_size(inputs, None))
    sweeps = -(-outputs // chunk_size(max(outputs, inputs), None))
    pull = max(pull + outputs, 0)
    once = value + partials
    forward = chunks * once + inputs * (push + products)
    reverse = value + sweeps * partials + outputs * (pull + products)
    forward_cost = chunks * (once + calls * _CALL) + inputs * (push + products // _PRODUCT_SPEED)
    reverse_cost = _TAPE + value + sweeps * (partials + overhead) + outputs * (pull + products // _PRODUCT_SPEED)
    mode = "forward" if forward_cost <= reverse_cost else "reverse"
    return ModeChoice(mode, inputs, outputs, calls, forward, reverse, forward_cost, reverse_cost)


# The way back through these is a broadcast.
_SUMS = (np.sum, np.mean)

#: Plan of an elementwise function -> how many products it takes with a direction or row, and how many partials to compute.
_FACTORS: dict[ElementwisePlan, tuple[int, int]] = {}


def _factors(plan: ElementwisePlan) -> tuple[int, int]:
    factors = sum(partial.__class__ not in NUMBERS or abs(partial) != 1 for partial in plan.partials)
    arguments = sum(partial.__class__ in NUMBERS or partial in (first, second) for partial in plan.partials)
    _FACTORS[plan] = found = factors, len(plan.partials) - arguments
    return found


def _flat(parents: Any) -> Iterator[Node]:
    """Nodes among the parents, without the constants."""
    for parent in parents:
        if parent.__class__ is list:
            yield from _flat(parent)
        elif parent is not None:
            yield parent


def _size(shape: Any) -> int:
    if shape.__class__ is list:  # of a function with several results
        return sum(map(math.prod, shape))
    return math.prod(shape) if shape else 1


def _stand_ins(node: Node) -> Any:
    """Something with the shapes of the results."""
    if node.shape.__class__ is list:
        return [stand_in(shape, dtype) for shape, dtype in zip(node.shape, node.dtype, strict=True)]
    return stand_in(node.shape, node.dtype)


def choose_mode(f: Callable[..., Any], *args: Any, argnums: int | Sequence[int] = 0, **kwargs: Any) -> ModeChoice:
    """Find out which mode ``jacobian(f, mode="auto")`` takes at a point, and why.

    Parameters
    ----------
    f : callable
        The function; it is run once or twice.
    *args, **kwargs
        Its arguments.
    argnums : int or sequence of int
        The arguments with respect to which it is differentiated.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import choose_mode
    >>> print(choose_mode(lambda x: np.sum(x**2), np.ones(1000)))
    reverse mode: n = 1000 directions take 2,018,000 operations, m = 1 rows 4,000; with the overhead of 2 calls,
    forward mode takes as long as 2.1e+06 operations, reverse mode as 2.3e+05.
    """
    where = f"choose_mode({describe_function(f)})"
    positions = positions_of(argnums, len(args), where)
    others = {name: copied_one(value) for name, value in kwargs.items()}
    run = Run(f, copied(args, positions), positions, others, where)
    choice = choice_for(run)
    if is_small(choice.inputs):
        return replace(choice, mode="forward")
    x = args[positions[0]]
    may_pay = choice.mode == "forward" or choice.outputs >= MANY_OUTPUTS
    if may_pay and len(positions) == 1 and is_array_like(x):
        of_one = with_others(f, args, positions[0], kwargs)
        choice = replace(choice, by_terms=goes_by_terms(of_one, as_input(x, where), where))
    return replace(choice, mode="forward") if choice.by_terms else choice
