"""A tape as the list of its instructions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from dualnum.aliasing import owner_of
from dualnum.packing import ACTIVE_TYPES
from dualnum.tape.nodes import Node

__all__ = ["Instruction", "instructions_of", "listing", "shape_text", "totals"]

_HEADER = ("name", "operation", "inputs", "shape", "dtype", "bytes held")
# What is longer is cut in its middle: lines of a listing, and inputs in a line.
_MAX_LINES = 1000
_MAX_INPUTS = 6


@dataclass(frozen=True)
class Instruction:
    """One instruction of a tape.

    Attributes
    ----------
    name : str
        Name of the result: that given to `Tape.variable`; the others are x1, x2, ... in the order of computation.
    operation : str
        What was done: a function of NumPy without ``numpy.``, or another one with its module; ``variable`` for an independent
        variable. A function with several results is followed by a ``part`` for each of them.
    inputs : tuple of str
        Names of the arguments that depend on variables; constants are left out.
    shape : tuple of int, or tuple of such tuples
        Shape of the result, or of each of several.
    dtype : numpy.dtype, or tuple of them
        Its dtype.
    nbytes : int
        Bytes of the arrays that are held for the backward pass. Memory that several instructions hold counts at the first.
    """

    name: str
    operation: str
    inputs: tuple[str, ...]
    shape: tuple[Any, ...]
    dtype: Any
    nbytes: int


def instructions_of(nodes: Sequence[Node], numbers: Mapping[str, int]) -> tuple[Instruction, ...]:
    """Describe all nodes of a tape, given the numbers of those that the user has named."""
    given = {number: name for name, number in numbers.items()}
    fresh = (name for i in count(1) if (name := f"x{i}") not in numbers)
    names: dict[Node, str] = {}
    parts: dict[Node, Iterator[int]] = {}
    counted: set[int] = set()
    found = []
    for i, node in enumerate(nodes):
        names[node] = given[i] if i in given else next(fresh)
        inputs = tuple(names[parent] for parent in _flat(node.parents))
        operation = "variable" if node.plan is None else node.plan.name.removeprefix("numpy.")
        if operation == "part":
            # Its number was saved for the backward pass alone; only floating-point results have nodes.
            whole = node.parents[0]
            candidates = (j for j, dtype in enumerate(whole.dtype) if dtype.kind in "fc")
            operation = f"part {next(parts.setdefault(whole, candidates))}"
        shape, dtype = (tuple(x) if isinstance(x, list) else x for x in (node.shape, node.dtype))
        found.append(Instruction(names[node], operation, inputs, shape, dtype, _held(node, counted)))
    return tuple(found)


def _flat(parents: Iterable[Any]) -> Iterator[Node]:
    for parent in parents:
        if isinstance(parent, (list, tuple)):
            yield from _flat(parent)
        elif parent is not None:
            yield parent


def _held(node: Node, counted: set[int]) -> int:
    """Bytes that a node holds and that are not counted yet."""
    total = 0
    if node.plan is not None and node.saved is not None:
        for array in node.plan.arrays(node.saved):
            for owner in _owners(array):
                if id(owner) not in counted:
                    counted.add(id(owner))
                    total += owner.nbytes
    return total


def _owners(array: Any) -> Iterator[np.ndarray]:
    """The memory behind an array, or behind the parts of an active one."""
    if isinstance(array, np.ndarray):
        # A view keeps all of its memory; but there is none behind a stand-in, whose strides are zero.
        if array.ndim == 0 or any(array.strides):
            yield owner_of(array)
    elif array.__class__ in ACTIVE_TYPES:
        for part in array._parts():
            yield from _owners(part)


def shape_text(shape: tuple[Any, ...]) -> str:
    """Write a shape, or those of several results."""
    return ", ".join(map(str, shape)) if shape and isinstance(shape[0], tuple) else str(shape)


def totals(instructions: Sequence[Instruction]) -> str:
    """How many instructions there are, and what they hold."""
    n = len(instructions)
    held = sum(instruction.nbytes for instruction in instructions)
    return f"{n:,} instruction{'s' * (n != 1)}, {held:,} bytes of arrays held for the backward pass"


def listing(instructions: Sequence[Instruction]) -> str:
    """Write the instructions, one in a line, and the totals."""
    half = _MAX_LINES // 2
    cut = len(instructions) - 2 * half
    shown = [*instructions[:half], *instructions[-half:]] if cut > 0 else instructions
    rows = [_HEADER, *map(_row, shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [*(f"{text:{width}}" for text, width in zip(row[:-1], widths, strict=False)), f"{row[-1]:>{widths[-1]}}"]
        )
        for row in rows
    ]
    if cut > 0:
        lines.insert(1 + half, f"... {cut:,} more, see tape.instructions ...")
    return "\n".join([*lines, totals(instructions)])


def _row(instruction: Instruction) -> tuple[str, ...]:
    inputs = list(instruction.inputs)
    if len(inputs) > _MAX_INPUTS:
        inputs[_MAX_INPUTS // 2 : -1] = ["..."]
    dtype = instruction.dtype
    dtypes = dict.fromkeys(dtype if isinstance(dtype, tuple) else (dtype,))
    return (
        instruction.name,
        instruction.operation,
        ", ".join(inputs),
        shape_text(instruction.shape),
        ", ".join(map(str, dtypes)),
        f"{instruction.nbytes:,}",
    )
