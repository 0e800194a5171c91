"""What must agree when a program runs on Duals; each check raises an AssertionError where it does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dualnum import Dual, DualnumError, MutationError, jvp
from dualnum.dual_operands import make_dual
from dualnum.packing import as_operand
from tests.fuzz.programs import Program
from tests.row_checks import assert_same_bits, differentiated, tangent_at

__all__ = [
    "Refused",
    "Tally",
    "assert_close",
    "assert_same_value",
    "check",
    "check_parts",
    "direction",
    "directions",
    "floats",
    "is_float",
    "lifted",
    "run",
    "single",
    "tangents_of",
    "value_of",
    "without_products",
]


_FUNCTION = re.compile(r"(?:np|special)\.[\w.]+|\.\w+\(|\*\*=|[-+*/]=|\] = ")


class Tally(Counter):
    """What has been seen: programs, lines, outputs, refusals, outputs on which differences say nothing."""

    def refuse(self, line: str, error: Exception) -> None:
        self["refused"] += 1
        function = _FUNCTION.search(
            line.split(" = ")[-1] if line[0] == "x" and "[" not in line.split(" = ")[0] else line
        )
        self[f"refused: {function[0] if function else line}: {type(error).__name__}: {str(error)[:60]}"] += 1

    def share(self, part: str, whole: str) -> float:
        return self[part] / max(self[whole], 1)

    def __str__(self) -> str:
        return "\n".join(f"{count:8} {what}" for what, count in sorted(self.items()))


Check = Callable[[Program, Tally], None]


class Refused(Exception):
    """A line that dualnum refuses with an error of its own."""

    def __init__(self, line: int, error: Exception) -> None:
        super().__init__(line, error)
        self.line, self.error = line, error


def check(program: Program, tally: Tally) -> None:
    """Check a program on Duals; where dualnum refuses a line, what comes before it."""
    check_parts(program, tally, CHECKS if program.smooth else SPECIAL_CHECKS)


def check_parts(program: Program, tally: Tally, parts: Iterable[Check]) -> None:
    """Check a program, or where dualnum refuses a line, what comes before it."""
    tally["programs"] += 1
    while True:
        try:
            for part in parts:
                part(program, tally)
        except Refused as refused:
            tally.refuse(program.lines[refused.line], refused.error)
            program = program.without(refused.line)
        else:
            break
    tally["lines"] += len(program.lines)


# Running


def run(program: Program, inputs: list[Any]) -> list[Any]:
    try:
        outs = program(*inputs)
    except (DualnumError, np.linalg.LinAlgError) as error:
        line = program.line_of(error)
        if line is None:
            raise
        raise Refused(line, error) from error
    return [as_operand(y) if isinstance(y, np.ndarray) and y.dtype.char == "O" else y for y in outs]


def directions(program: Program, seed: int, lead: tuple[int, ...] = ()) -> list[Any]:
    """Random directions of the inputs."""
    rng = np.random.default_rng(seed)
    return [direction(x, rng, lead) for x in program.inputs]


def direction(x: Any, rng: np.random.Generator, lead: tuple[int, ...]) -> Any:
    shape = (*lead, *np.shape(x))
    numbers = rng.uniform(-1, 1, shape)
    if x.dtype.kind == "c":
        numbers = numbers + 1j * rng.uniform(-1, 1, shape)
    return np.asarray(numbers, x.dtype)


def lifted(inputs: list[Any], *tangents: list[Any]) -> list[Any]:
    for tangent in tangents:
        inputs = [Dual(x, t) for x, t in zip(inputs, tangent, strict=True)]
    return inputs


def moved(program: Program, tangents: list[Any], h: float) -> list[Any]:
    """Inputs a little further in a direction, with the same order in memory."""
    inputs = program.fresh()
    for x, t in zip(inputs, tangents, strict=True):
        if isinstance(x, np.ndarray):
            x += (h * t).astype(x.dtype)
    return [x if isinstance(x, np.ndarray) else x.dtype.type(x + h * t) for x, t in zip(inputs, tangents, strict=True)]


def is_float(y: Any) -> bool:
    return isinstance(y, (float, complex)) or y.dtype.kind in "fc" if not isinstance(y, int) else False


def value_of(y: Any) -> Any:
    return y.value if isinstance(y, Dual) else y


def tangent_of(y: Any, k: int | None = None) -> Any:
    if isinstance(y, Dual):
        return y.tangent
    return np.zeros(np.shape(y) if k is None else (k, *np.shape(y)), np.asarray(y).dtype)


def tangents_of(outs: list[Any], k: int | None = None) -> list[Any]:
    return [tangent_of(y, k) for y in outs if is_float(y)]


def floats(outs: list[Any]) -> list[Any]:
    return [y for y in outs if is_float(y)]


def single(program: Program) -> bool:
    """Whether float32 occurs, so that only some digits can agree."""
    return "32" in str(program) or "complex64" in str(program)


def assert_close(program: Program, x: Any, y: Any, tolerance: float, what: str) -> None:
    """Agreement relative to the size of the array; where one is not finite, the other isn't either."""
    x, y = np.asarray(x), np.asarray(y)
    assert x.shape == y.shape, f"{what}: shapes {x.shape}, {y.shape}"
    finite = np.isfinite(y)
    scale = 1 + np.max(np.abs(y), initial=0, where=finite)
    if single(program):
        tolerance = max(tolerance, 1e-4)
    with np.errstate(all="ignore"):
        off = np.abs(np.subtract(x, y))
    good = np.where(finite, off <= tolerance * scale, ~np.isfinite(x))
    assert np.all(good), f"{what}:\n{x!r}\n{y!r}"


def assert_same_value(program: Program, name: str, value: Any, expected: Any) -> None:
    """Equal bit for bit; of a Python number dualnum makes a scalar."""
    if program.differentiates and is_float(expected):
        assert np.asarray(value).dtype == np.asarray(expected).dtype, f"dtype of {name}"
        assert_close(program, value, expected, 1e-12, f"value of {name}")
        return
    try:
        if isinstance(value, np.generic) and isinstance(expected, (int, float, complex, bool)):
            assert value.item() == expected or (value != value and expected != expected)
        else:
            assert_same_bits(value, expected)
    except AssertionError as error:
        raise AssertionError(f"value of {name}: {error}") from error


# The checks of smooth programs


def check_value(program: Program, tally: Tally) -> None:
    """Values are NumPy's bit for bit; tangents have the dtype and shape of their values."""
    expected = program(*program.fresh())
    for lead in ((), (2,)):
        outs = run(program, lifted(program.fresh(), directions(program, 0, lead)))
        assert len(outs) == len(expected)
        for name, y, e in zip(program.names, outs, expected, strict=True):
            assert_same_value(program, name, value_of(y), e)
            if isinstance(y, Dual):
                assert y.tangent.dtype == y.dtype, f"dtype of the tangent of {name}"
                assert y.tangent.shape == (*lead, *y.shape), f"shape of the tangent of {name}"


def check_inputs(program: Program, tally: Tally) -> None:
    """A transform leaves the caller's arrays alone, and gives what a Dual gives."""
    inputs, tangents = program.fresh(), directions(program, 0)
    expected = run(program, lifted(program.fresh(), tangents))
    try:
        # A dict: a list of scalars would count as an array.
        _, pushed = jvp(lambda *xs: dict(zip(program.names, program(*xs), strict=True)), tuple(inputs), tuple(tangents))
    except DualnumError as error:
        line = program.line_of(error)
        if line is None:
            raise
        raise Refused(line, error) from error
    for x, original in zip(inputs, program.inputs, strict=True):
        assert_same_bits(x, original)
    for t, original in zip(tangents, directions(program, 0), strict=True):
        assert_same_bits(t, original)
    for name, y in zip(program.names, expected, strict=True):
        if is_float(y):
            assert_close(program, pushed[name], tangent_of(y), 0.0, f"jvp of {name}")


def check_directions(program: Program, tally: Tally) -> None:
    """K directions together give what they give one by one; K is the length of some axis."""
    lengths = [n for x in program.inputs for n in np.shape(x) if n] or [1]
    k = lengths[len(program.lines) % len(lengths)]
    tangents = directions(program, 1, (k,))
    together = tangents_of(run(program, lifted(program.fresh(), tangents)), k)
    for i in range(k):
        alone = tangents_of(run(program, lifted(program.fresh(), [t[i] for t in tangents])))
        for j, (t, expected) in enumerate(zip(together, alone, strict=True)):
            assert_close(program, t[i], expected, 1e-9, f"direction {i} of {k}, float output {j}")


def check_differences(program: Program, tally: Tally) -> None:
    """Tangents agree with differences within the error of these."""
    if single(program):
        check_precision(program, tally)
        return
    tangents = directions(program, 2)
    outs = run(program, lifted(program.fresh(), tangents))
    compare(program, tally, "first", tangents_of(outs), lambda h: floats(program(*moved(program, tangents, h))))


def check_nested(program: Program, tally: Tally) -> None:
    """Second directional derivatives do not depend on the order, and are those of the first by differences."""
    try:
        check_second(program, tally, nested)
    except Refused as refused:
        if not isinstance(refused.error, MutationError):
            raise
        # A view of a tangent that is constant cannot become active; tangents that are active from the beginning can.
        tally["nested with constant tangents: refused"] += 1
        check_second(program, tally, nested_throughout)


def nested(program: Program, inner: list[Any], outer: list[Any]) -> list[Any]:
    return lifted(program.fresh(), inner, outer)


def nested_throughout(program: Program, inner: list[Any], outer: list[Any]) -> list[Any]:
    """Nested Duals whose tangents hold derivatives too, which are zero."""
    return [
        Dual(Dual(x, u), Dual(v, np.zeros(u.shape[: u.ndim - np.ndim(x)] + v.shape, x.dtype)))
        for x, u, v in zip(program.fresh(), inner, outer, strict=True)
    ]


def check_second(program: Program, tally: Tally, lift: Any) -> None:
    u, v = directions(program, 3), directions(program, 4)
    outs = run(program, lift(program, u, v))
    seconds = [tangent_of(t) for t in tangents_of(outs)]
    swapped = [tangent_of(t) for t in tangents_of(run(program, lift(program, v, u)))]
    for j, (a, b) in enumerate(zip(seconds, swapped, strict=True)):
        assert_close(program, a, b, 1e-8, f"second derivative in both orders, float output {j}")
    firsts = [tangent_of(value_of(y)) for y in floats(outs)]
    alone = tangents_of(run(program, lifted(program.fresh(), u)))
    for j, (a, b) in enumerate(zip(firsts, alone, strict=True)):
        assert_close(program, a, b, 1e-10, f"first derivative inside the second, float output {j}")
    uu, vv = directions(program, 5, (3,)), directions(program, 6, (2,))
    together = [tangent_of(t, 3) for t in tangents_of(run(program, lift(program, uu, vv)), 2)]
    one = run(program, lift(program, [t[2] for t in uu], [t[1] for t in vv]))
    for j, (a, t) in enumerate(zip(together, tangents_of(one), strict=True)):
        assert_close(program, a[2, 1], tangent_of(t), 1e-8, f"second derivatives together, float output {j}")
    if not single(program):
        compare(
            program, tally, "second", seconds,
            lambda h: tangents_of(run(program, lifted(moved(program, u, h), v))),
        )  # fmt: skip


def check_levels(program: Program, tally: Tally) -> None:
    """Inputs that are active at different levels keep their derivatives apart."""
    if len(program.inputs) < 2:
        return
    tangents = directions(program, 7)
    mixed = [
        make_dual(x, t if np.ndim(x) else t[()] if not isinstance(x, np.ndarray) else t, 5 + i % 2, None)
        for i, (x, t) in enumerate(zip(program.fresh(), lay(program, tangents), strict=True))
    ]
    try:
        outs = run(program, mixed)
    except Refused:
        tally["levels: refused"] += 1
        return
    except ValueError as error:
        # What NumPy says of `initial=` if only that is active, and an array.
        if "setting an array element with a sequence" not in str(error):
            raise
        tally["levels: refused"] += 1
        return
    for level in (5, 6):
        only = [t if 5 + i % 2 == level else np.zeros_like(t) for i, t in enumerate(tangents)]
        expected = tangents_of(run(program, lifted(program.fresh(), only)))
        for j, (y, e) in enumerate(zip(floats(outs), expected, strict=True)):
            assert_close(program, tangent_at(y, level), e, 1e-9, f"level {level}, float output {j}")


def lay(program: Program, tangents: list[Any]) -> list[Any]:
    """Tangents in the memory order of their values."""
    laid = []
    for x, t in zip(program.inputs, tangents, strict=True):
        like = np.empty_like(x) if isinstance(x, np.ndarray) else None
        if like is not None:
            like[...] = t
        laid.append(t if like is None else like)
    return laid


def check_precision(program: Program, tally: Tally) -> None:
    """A program with float32 gives about what the same program gives in float64."""
    wide = Program(
        tuple(x.astype({"f": np.float64, "c": np.complex128}[x.dtype.kind]) for x in program.inputs),
        tuple(line.replace("float32", "float64").replace("complex64", "complex128") for line in program.lines),
    )
    tangents = directions(program, 2)
    narrow = run(program, lifted(program.fresh(), tangents))
    try:
        exact = run(wide, lifted(wide.fresh(), tangents))
    except Exception:
        tally["no wide twin"] += 1
        return
    for j, (a, b) in enumerate(zip(floats(narrow), floats(exact), strict=True)):
        tally["narrow outputs"] += 1
        if np.shape(a) != np.shape(b):
            continue
        noise = np.max(np.abs(value_of(a) - value_of(b)), initial=0) / (1 + np.max(np.abs(value_of(b)), initial=0))
        if noise > 1e-5:
            tally["narrow outputs too noisy"] += 1
            continue
        assert_close(program, tangent_of(a), tangent_of(b), 1e-2, f"float32 beside float64, float output {j}")


def compare(program: Program, tally: Tally, order: str, tangents: list[Any], function: Any) -> None:
    """Compare with extrapolated differences, wherever these can tell."""
    try:
        differences = differentiated(function)
        # At a kink the second difference goes down with the step like the step itself, elsewhere like its square.
        steps = (1e-3, 5e-4)
        here = function(0.0)
        bends = [
            [np.subtract(np.add(a, c), 2 * b) / h for a, b, c in zip(function(h), here, function(-h), strict=True)]
            for h in steps
        ]
    except (ValueError, IndexError, TypeError, ArithmeticError, Warning, np.linalg.LinAlgError):
        tally[f"{order} outputs"] += len(tangents)
        tally[f"{order} outputs: no differences"] += len(tangents)
        return
    for j, (t, (best, error), value, wide, narrow) in enumerate(zip(tangents, differences, here, *bends, strict=True)):
        tally[f"{order} outputs"] += 1
        if np.shape(t) != np.shape(best):  # a mask lets through more elements a little further
            tally[f"{order} outputs: no differences"] += 1
            continue
        if np.size(best) == 0:
            continue
        scale = 1 + np.abs(best)
        largest = np.max(np.abs(value), initial=1.0)
        kink = np.abs(2 * narrow - wide) > 1e-6 * scale + 1e-10 * largest
        useless = (error > 1e-5 * scale) | kink | ~np.isfinite(best)
        if np.any(useless):
            tally[f"{order} outputs: useless"] += 1
        off = np.abs(np.asarray(t) - best)
        good = useless | (off <= 10 * error + 1e-8 * scale + 1e-11 * largest)
        assert np.all(good), (
            f"{order} derivative, float output {j}:\n{np.asarray(t)!r}\ndifferences\n{best!r}\nerror\n{error!r}"
        )


# The checks of programs with special values


#: Functions that sum products: of infinite factors and zeros they make nan, as NumPy does, and cancel huge ones at random.
_PRODUCTS = re.compile(
    r"@|dot|inner|outer|kron|einsum|matvec|vecmat|matmul|cross|convolve|correlate|linalg|fft|cov|corrcoef|polyval|interp"
    r"|var|std|average|gradient|trapezoid|space|cum|prod|sum"
)


def without_products(program: Program) -> Program:
    """What comes before the first sum of products."""
    return program.without(
        next((i for i, line in enumerate(program.lines) if _PRODUCTS.search(line)), len(program.lines))
    )


def check_special_directions(program: Program, tally: Tally) -> None:
    """Together as alone, also where derivatives are not finite; and a zero direction stays zero."""
    program = without_products(program)
    tangents = directions(program, 1, (3,))
    for t in tangents:
        t[1] = 0
    together = run(program, lifted(program.fresh(), tangents))
    for i in range(3):
        alone = run(program, lifted(program.fresh(), [t[i] for t in tangents]))
        for j, (a, b) in enumerate(zip(floats(together), floats(alone), strict=True)):
            defined = ~np.isnan(value_of(b))  # where the value is nan, the derivative has no meaning
            ta, tb = (np.where(defined, t, 0) for t in (tangent_of(a, 3)[i], tangent_of(b)))
            assert_close(program, ta, tb, 1e-9, f"direction {i}, float output {j}")


def check_zero_direction(program: Program, tally: Tally) -> None:
    """A zero direction stays zero."""
    program = without_products(program)
    if any(np.any(np.isnan(y)) for y in floats(program(*program.fresh()))):
        return  # the tangent of nan means nothing, nor does what is computed with it
    tally["zero directions"] += 1
    outs = run(program, lifted(program.fresh(), [np.zeros_like(x) for x in program.inputs]))
    for j, y in enumerate(floats(outs)):
        assert np.all(tangent_of(y) == 0), f"zero direction, float output {j}: {y!r}"


CHECKS = (check_value, check_inputs, check_directions, check_differences, check_nested, check_levels)
SPECIAL_CHECKS = (check_value, check_special_directions, check_zero_direction)
