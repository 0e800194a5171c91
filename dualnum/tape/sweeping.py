"""The traversal back: each node, after all that were computed from it, hands its cotangent to its parents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dualnum.tape.nodes import Node, Sweep

__all__ = ["sweep_back"]


def sweep_back(nodes: Sequence[Node], outputs: Iterable[tuple[Node, Any]], sweep: Sweep, keep: bool = False) -> None:
    """Gather the adjoints of nodes.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of their computation.
    outputs : iterable of (Node, cotangent)
        Where the traversal begins.
    sweep : Sweep
        Rows and care.
    keep : bool
        Keep all adjoints; else only those of variables, which have no parents, are there afterwards.

    Notes
    -----
    The caller has silenced floating-point warnings: it was not the user's function that divided by zero.
    """
    for node, bar in outputs:
        node.receive(bar, sweep)
    for node in reversed(nodes):
        bar = node.adjoint
        if bar is None:
            continue
        plan = node.plan
        if plan is None:
            continue
        if keep:
            node.owned = False
        else:
            node.adjoint = None
        plan.pull(node, bar, sweep)
