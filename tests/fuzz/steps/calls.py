"""Calls of what has no step of its own: from the samples of the generic checks, and derivatives inside a program."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dualnum.table import function_name
from tests.fuzz.programs import NAMES, Rejected, Writer, literal
from tests.fuzz.steps.registry import step
from tests.samples import Sample, samples_by_module


@step(1)
def inner_derivative(w: Writer) -> None:
    """A derivative inside the program, whose function closes over outer variables."""
    if not w.smooth:
        raise Rejected  # the sign of a zero that is a derivative means nothing
    x = w.operand("f")
    y = w.operand_of(np.shape(w.value(x)), "f")
    z = w.operand("f")
    body = w.pick(
        [f"np.sin(v) * {y}", f"v * v * np.sum({z})", f"np.exp(-v ** 2) + {y}", f"np.tanh(v * {y})", "np.sort(v) * 2"]
    )
    if "sort" in body:
        x = w.spread(x)
    w.assign(f"jvp(lambda v: {body}, ({x},), ({y},))[{w.pick([0, 1, 1])}]")


# Calls from the samples of the generic checks: special functions, and all that has no step of its own


def public_name(function: Any) -> str | None:
    """How a program names a function, if it can."""
    name = function_name(function).replace("numpy.", "np.", 1).replace("scipy.special.", "special.", 1)
    try:
        return name if eval(name, dict(NAMES)) is function else None
    except (SyntaxError, NameError, AttributeError):
        return None


@cache
def calls(smooth: bool) -> list[list[tuple[str, Sample]]]:
    """Samples whose function has a public name, by function."""
    by_name: dict[str, list[tuple[str, Sample]]] = {}
    for samples in samples_by_module().values():
        for sample in samples:
            name = public_name(sample.function) if sample.smooth or not smooth else None
            if name is not None:
                by_name.setdefault(name, []).append((name, sample))
    return [by_name[name] for name in sorted(by_name)]


def varied(w: Writer, argument: Any) -> str:
    """Source of an argument that varies a little with an active variable, around that of a sample."""
    if isinstance(argument, (list, tuple)):
        items = "".join(f"{varied(w, item)}, " for item in argument)
        return f"[{items}]" if isinstance(argument, list) else f"({items})"
    argument = argument if isinstance(argument, np.ndarray) else np.asarray(argument)[()]
    if argument.dtype.kind not in "fc":
        argument = argument.astype(float)
    if not argument.size or w.chance(20):
        return literal(argument)
    return f"({literal(argument)} * (1 + 0.02 * np.tanh({w.operand_of(argument.shape, 'f')})))"


def finite(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return all(map(finite, x))
    return not isinstance(x, (np.ndarray, np.generic)) or bool(np.all(np.isfinite(x)))


@step(8)
def sampled(w: Writer) -> None:
    choices = calls(w.smooth)
    kinds = [c for c in choices if c[0][0].startswith("special.")]
    name, sample = w.pick(w.pick(kinds if kinds and w.chance(40) else choices))
    arguments = [varied(w, a) if i in sample.active else literal(a) for i, a in enumerate(sample.args)]
    if "linalg" in name and not all(map(finite, map(w.value, arguments))):
        raise Rejected  # LAPACK may never come back from these
    options = [f"{key}={literal(value)}" for key, value in sample.kwargs.items()]
    w.assign(f"{name}({', '.join([*arguments, *options])})")
