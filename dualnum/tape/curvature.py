"""The traversal back of a product with a Hessian, of which only tangents are wanted.

The tape is that of a function of Duals, so its cotangents are Duals: the gradient, and its derivative in one direction.
Where what was done is linear in what depends on the inputs (differences, sums, elements, products with constants), the
tangent that is handed back does not depend on the value of the cotangent. As soon as everything is of that kind, from there
back to the inputs, values are left away: the tangents are handed back alone, as plain cotangents are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dualnum.dispatch import level_of
from dualnum.packing import ACTIVE_TYPES
from dualnum.tape.elementwise import ElementwisePlan
from dualnum.tape.nodes import Node, Sweep
from dualnum.tape.plans import BASIC_GETITEM, GetitemPlan, RowPlan
from dualnum.tape.sweeping import sweep_back
from dualnum.tape.transposing import NonlinearPlan

__all__ = ["tangents_back"]

_PLANS: Any = frozenset({ElementwisePlan, GetitemPlan, BASIC_GETITEM.__class__, RowPlan, NonlinearPlan})


def tangents_back(level: int) -> Callable[[Sequence[Node], Iterable[tuple[Node, Any]], Sweep], None]:
    """Make the traversal by which the adjoints of the inputs are tangents, of Duals of a level with one direction."""

    def sweep(nodes: Sequence[Node], outputs: Iterable[tuple[Node, Any]], sweep: Sweep) -> None:
        linear: set[Node] = set()
        for node in nodes:
            plan, origin, second = node.plan, node.origin, node.second
            if plan is None or (
                origin.__class__ is Node
                and origin in linear
                and (second is None or (second.__class__ is Node and second in linear))
                and _is_linear(node, level)
            ):
                linear.add(node)
        first = Sweep(sweep.k, sweep.careful, sweep.keep, linear)
        sweep_back([node for node in nodes if node not in linear], outputs, first)
        rest = [node for node in nodes if node in linear]
        for node in rest:
            bar = node.adjoint
            if bar is not None:
                node.adjoint = bar._tangent if level_of(bar) == level else None
        sweep_back(rest, (), sweep)

    return sweep


def _is_linear(node: Node, level: int) -> bool:
    """Whether the way back through a node does not depend on the inputs."""
    plan, saved = node.plan, node.saved
    cls = plan.__class__
    if cls not in _PLANS or node.shape.__class__ is not tuple:
        return False
    if saved is None:
        return True
    if saved.__class__ in ACTIVE_TYPES:
        return bool(saved._level < level)
    if cls is NonlinearPlan and plan.indirect:
        # What picks elements knows which, and the rest does not matter.
        return hasattr(saved[2], "picked")
    return all(level_of(array) < level for array in plan.arrays(saved))
