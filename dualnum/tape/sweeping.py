"""The traversal back: each node, after all that were computed from it, hands its cotangent to its parents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dualnum.tape.nodes import Node, Sweep

__all__ = ["sweep_back"]


def sweep_back(nodes: Sequence[Node], outputs: Iterable[tuple[Node, Any]], sweep: Sweep) -> None:
    """Gather the adjoints of nodes.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of their computation.
    outputs : iterable of (Node, cotangent)
        Where the traversal begins.
    sweep : Sweep
        Rows and care, and which adjoints are kept.

    Notes
    -----
    The caller has silenced floating-point warnings: it was not the user's function that divided by zero.
    """
    keep = sweep.keep
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
