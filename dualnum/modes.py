"""Forward or reverse: which mode gives a Jacobian for less, by counted operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dualnum.inputs import copied, copied_one, describe_function
from dualnum.reverse import Run, positions_of
from dualnum.tape.nodes import Node

__all__ = ["ModeChoice", "choice_for", "choose_mode", "is_small"]

# Up to so many inputs, to run on a tape costs more than it could save.
_FEW = 16


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
    operations : int
        Multiplications that one direction, or one row, takes: one for each element of each active argument of each
        operation.
    forward, reverse : int
        Multiplications for the whole Jacobian by either mode; in reverse, recording counts as one row more.
    """

    mode: str
    inputs: int
    outputs: int
    operations: int
    forward: int
    reverse: int

    def __str__(self) -> str:
        relation = "no more than" if self.forward <= self.reverse else "more than"
        return (
            f"{self.mode} mode: with {self.inputs} inputs and {self.outputs} outputs, and {self.operations} multiplications "
            f"for one direction, forward mode takes {self.forward} of them, {relation} the {self.reverse} of reverse mode."
        )


def choice_for(run: Run) -> ModeChoice:
    """Compare the modes for a function that was run on a tape."""
    inputs = sum(math.prod(node.shape) for group in run.inputs for node in group)
    outputs = sum(math.prod(shape) for shape in run.shapes)
    operations = sum(map(_multiplications, run.recorder.nodes))
    forward, reverse = inputs * operations, (outputs + 1) * operations
    return ModeChoice("forward" if forward <= reverse else "reverse", inputs, outputs, operations, forward, reverse)


def _multiplications(node: Node) -> int:
    """One for each element of the result and each active argument."""
    if node.plan is None:
        return 0
    size = sum(map(math.prod, node.shape)) if node.shape.__class__ is list else math.prod(node.shape)
    return size * sum(parent is not None for parent in node.parents)


def choose_mode(f: Callable[..., Any], *args: Any, argnums: int | Sequence[int] = 0, **kwargs: Any) -> ModeChoice:
    """Find out which mode ``jacobian(f, mode="auto")`` takes at a point, and why.

    Parameters
    ----------
    f : callable
        The function; it is run once.
    *args, **kwargs
        Its arguments.
    argnums : int or sequence of int
        The arguments with respect to which it is differentiated.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import choose_mode
    >>> print(choose_mode(lambda x: np.sum(x**2), np.ones(100)))
    reverse mode: with 100 inputs and 1 outputs, and 101 multiplications for one direction, forward mode takes 10100 of them, \
more than the 202 of reverse mode.
    """
    where = f"choose_mode({describe_function(f)})"
    positions = positions_of(argnums, len(args), where)
    others = {name: copied_one(value) for name, value in kwargs.items()}
    run = Run(f, copied(args, positions), positions, others, where)
    choice = choice_for(run)
    if is_small(choice.inputs):
        return ModeChoice("forward", *(getattr(choice, name) for name in _COUNTS))
    return choice


_COUNTS = ("inputs", "outputs", "operations", "forward", "reverse")
