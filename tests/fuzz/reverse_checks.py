"""What must agree when a program runs on tape variables; each check raises an AssertionError where it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum import DualnumError, grad, hvp, jvp, vjp
from tests.fuzz.checks import (
    Refused,
    Tally,
    assert_close,
    assert_same_value,
    check_parts,
    direction,
    directions,
    is_float,
    lifted,
    run,
    single,
    tangents_of,
    without_products,
)
from tests.fuzz.programs import Program
from tests.reverse_checks import size_of
from tests.row_checks import assert_same_bits, inner_product

__all__ = ["check_reverse"]

#: One program in so many has its second derivatives checked, which takes longer than all the rest.
SECOND = 4


def check_reverse(program: Program, tally: Tally) -> None:
    """Check a program in reverse mode; where dualnum refuses a line, what comes before it."""
    check_parts(program, tally, REVERSE_CHECKS if program.smooth else SPECIAL_REVERSE_CHECKS)


def results(program: Program) -> Callable[..., dict[str, Any]]:
    """The program as a function of its inputs, with those results that can have derivatives, by name."""

    def function(*inputs: Any) -> dict[str, Any]:
        return {name: y for name, y in zip(program.names, run(program, list(inputs)), strict=True) if is_float(y)}

    return function


def run_back(program: Program, inputs: list[Any]) -> Any:
    """Value and pullback of a program."""
    try:
        return vjp(results(program), *inputs)
    except DualnumError as error:
        # A view asks only at the end what has become of its array.
        raise Refused(len(program.lines) - 1, error) from error


def cotangents(ys: dict[str, Any], seed: int, lead: tuple[int, ...] = ()) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: direction(np.asarray(y), rng, lead) for name, y in ys.items()}


def check_pull(program: Program, tally: Tally) -> None:
    """Values are NumPy's bit for bit, <push(u), v> = <u, pull(v)>, and the caller's arrays are left alone."""
    inputs = program.fresh()
    ys, pull = run_back(program, inputs)
    for x, original in zip(inputs, program.inputs, strict=True):
        assert_same_bits(x, original)
    expected = dict(zip(program.names, program(*program.fresh()), strict=True))
    for name, y in ys.items():
        assert_same_value(program, name, y, expected[name])
    us = directions(program, 0)
    pushed = tangents_of(run(program, lifted(program.fresh(), us)))
    bars = cotangents(ys, 1)
    pulled = pull(bars)
    for x_bar, x in zip(pulled, inputs, strict=True):
        assert (x_bar.shape, x_bar.dtype) == (x.shape, x.dtype), "shape or dtype of a cotangent"
    left, right = inner_product(pushed, bars.values()), inner_product(us, pulled)
    bound = (1e-3 if single(program) else 1e-9) * (size_of(pushed, bars.values()) + size_of(us, pulled))
    if np.isfinite(bound):
        assert abs(left - right) <= bound, f"<push(u), v> = {left!r}, <u, pull(v)> = {right!r}"
    else:
        tally["reverse: not finite"] += 1


def check_rows(program: Program, tally: Tally) -> None:
    """K rows of cotangents together give what they give one by one; K is the length of some axis."""
    ys, pull = run_back(program, program.fresh())
    lengths = [n for y in ys.values() for n in np.shape(y) if n] or [1]
    k = lengths[len(program.lines) % len(lengths)]
    bars = cotangents(ys, 2, (k,))
    together = pull(bars)
    for i in range(k):
        alone = pull({name: bar[i] for name, bar in bars.items()})
        for j, (a, b) in enumerate(zip(together, alone, strict=True)):
            assert_close(program, a[i], b, 1e-9, f"row {i} of {k}, cotangent of x{j}")


def check_second_reverse(program: Program, tally: Tally) -> None:
    """Forward over reverse, its product alone, reverse over reverse, reverse over forward, forward over forward agree."""
    if len(str(program)) % SECOND or single(program):
        return
    function, us, vs = results(program), tuple(directions(program, 3)), tuple(directions(program, 4))
    bars = cotangents(function(*program.fresh()), 5)
    numbers = tuple(range(len(program.inputs)))

    def weighted(*xs: Any) -> Any:
        return sum(np.sum(np.real(np.conj(bars[name]) * y)) for name, y in function(*xs).items())

    def along(*xs: Any) -> Any:
        return sum(np.sum(np.real(np.conj(u) * g)) for u, g in zip(us, gradient(*xs), strict=True))

    def slope(*xs: Any) -> Any:
        return jvp(weighted, xs, us)[1]

    def by_number(xs: dict[int, Any]) -> Any:
        return weighted(*xs.values())

    def named(xs: Any) -> dict[int, Any]:  # a sequence of numbers would be an array
        return dict(enumerate(xs))

    gradient = grad(weighted, numbers)
    try:
        twice = jvp(slope, tuple(program.fresh()), vs)[1]
        found = {
            "forward over reverse": jvp(gradient, tuple(program.fresh()), us)[1],
            "reverse over reverse": grad(along, numbers)(*program.fresh()),
            "reverse over forward": grad(slope, numbers)(*program.fresh()),
            "product with the Hessian": list(hvp(by_number, named(program.fresh()), named(us)).values()),
        }
    except Refused as refused:
        tally["reverse second"] += 1
        tally["reverse second: refused"] += 1
        tally[f"reverse second: refused: {program.lines[refused.line]}: {refused.error}"[:100]] += 1
        return
    tally["reverse second"] += 1
    first = found["forward over reverse"]
    for what, others in found.items():
        for j, (a, b) in enumerate(zip(others, first, strict=True)):
            assert_close(program, a, b, 1e-8, f"{what}, x{j}")
    scale = size_of(vs, first)
    if np.isfinite(scale):
        assert abs(inner_product(vs, first) - twice) <= 1e-8 * scale, "forward over reverse, and forward over forward"


# The checks of programs with special values


def check_special_pull(program: Program, tally: Tally) -> None:
    """Values are NumPy's, and a zero cotangent stays zero."""
    ys, pull = run_back(program, program.fresh())
    expected = dict(zip(program.names, program(*program.fresh()), strict=True))
    for name, y in ys.items():
        assert_same_value(program, name, y, expected[name])
    program = without_products(program)
    ys, pull = run_back(program, program.fresh())
    if any(np.any(np.isnan(y)) for y in ys.values()):
        return
    tally["zero cotangents"] += 1
    for j, x_bar in enumerate(pull({name: np.zeros_like(y) for name, y in ys.items()})):
        assert np.all(x_bar == 0), f"zero cotangent, x{j}: {x_bar!r}"


REVERSE_CHECKS = (check_pull, check_rows, check_second_reverse)
SPECIAL_REVERSE_CHECKS = (check_special_pull,)
