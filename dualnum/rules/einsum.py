"""Rows of einsum, which is linear in each of its operands, and of einsum_path."""

from __future__ import annotations

from functools import partial
from string import ascii_letters, ascii_lowercase, ascii_uppercase

import numpy as np

from dualnum.packing import as_operand
from dualnum.rules.products import conj, fitted
from dualnum.table import constant, linear

# Arguments of which some can be operands: NumPy takes at most 64 arrays in one operation.
_POSITIONS = range(128)

# Numbers in a tangent from which finding an order of contraction, and BLAS, pays.
_LARGE = 2000

# Labels given as integers sort like these letters.
_LABELS = ascii_uppercase + ascii_lowercase


def _parse(args):
    """Labels of each operand, labels of the result, and the operands, from either form of the arguments."""
    if isinstance(args[0], str):
        operands = [as_operand(x) for x in args[1:]]
        left, arrow, output = args[0].replace(" ", "").partition("->")
        inputs = left.split(",")
        is_explicit = arrow != ""
    else:
        is_explicit = len(args) % 2 == 1
        operands = [as_operand(x) for x in args[: len(args) // 2 * 2 : 2]]
        inputs = [_letters(labels) for labels in args[1::2]]
        output = _letters(args[-1]) if is_explicit else ""
    if not is_explicit:
        joined = "".join(inputs).replace(".", "")
        output = "..." * any("." in labels for labels in inputs)
        output += "".join(sorted(label for label in joined if joined.count(label) == 1))
    return inputs, output, operands


def _letters(labels):
    return "".join("..." if label is Ellipsis else _LABELS[label] for label in labels)


def _unused(labels):
    return (letter for letter in ascii_letters if letter not in labels)


def _operand(args, position):
    """Which operand an argument is."""
    return position - 1 if isinstance(args[0], str) else position // 2


def _push(position, *args, **kwargs):
    """Give the directions a label of their own."""
    inputs, output, operands = _parse(args)
    i = _operand(args, position)
    new = next(_unused("".join(inputs) + output))
    inputs[i] = new + inputs[i]
    if len(operands) > 1:  # a single operand may give a view, and the value too
        kwargs = {"optimize": operands[i].size >= _LARGE} | kwargs | {"order": "C"}
    return np.einsum(f"{','.join(inputs)}->{new}{output}", *operands, **kwargs)


def _spell_out(inputs, output, operands):
    """Replace the ellipsis by letters, the same ones, counted from the right, for all operands."""
    named = "".join(inputs) + output
    free = _unused(named)
    counts = [x.ndim - len(labels.replace(".", "")) for labels, x in zip(inputs, operands, strict=True)]
    extra = "".join(next(free) for _ in range(max(counts)))
    inputs = [labels.replace("...", extra[len(extra) - n :]) for labels, n in zip(inputs, counts, strict=True)]
    return inputs, output.replace("...", extra), free


def _pull(position, out_bar, *args, **kwargs):
    """Contract the cotangent with the other operands.

    A label that the operand has twice is a diagonal, whose transpose needs a unit matrix; one that it has alone is a
    sum, whose transpose needs ones; an axis that was stretched is summed over.
    """
    inputs, output, operands = _parse(args)
    i = _operand(args, position)
    inputs, output, free = _spell_out(inputs, output, operands)
    x = operands[i]
    factors = [(output, out_bar)] + [(inputs[j], conj(y)) for j, y in enumerate(operands) if j != i]
    sizes: dict[str, int] = {}
    for labels, y in factors:
        for label, n in zip(labels, y.shape, strict=True):
            sizes[label] = n if sizes.get(label, 1) == 1 else sizes[label]
    target = ""
    for label, n in zip(inputs[i], x.shape, strict=True):
        if n == 1 != sizes.get(label, 1):
            continue
        if label in target:
            twin = next(free)
            factors.append((label + twin, np.eye(n, dtype=x.dtype)))
            label = twin
        elif sizes.get(label) != n:
            factors.append((label, np.ones(n, x.dtype)))
        target += label
    subscripts = ",".join(labels for labels, _ in factors)
    return fitted(np.einsum(f"{subscripts}->{target}", *(y for _, y in factors), optimize=True), x)


linear(
    np.einsum,
    *(partial(_pull, position) for position in _POSITIONS),
    batched={position: partial(_push, position) for position in _POSITIONS},
    view=True,
)

constant(np.einsum_path)
