"""Random programs: straight NumPy source over a growing stack of arrays, written by hypothesis as it runs them."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import special

from dualnum import Tape, grad, jvp, vjp

__all__ = ["NAMES", "Program", "Rejected", "Writer", "literal"]

#: What the source of a program may name.
NAMES = {
    "np": np,
    "special": special,
    "sliding_window_view": sliding_window_view,
    "Tape": Tape,
    "grad": grad,
    "jvp": jvp,
    "vjp": vjp,
    "nan": np.nan,
    "inf": np.inf,
}

_ASSIGNED = re.compile(r"(x\d+(?:, x\d+)*),? = ")
_NAME = re.compile(r"\bx\d+\b")

#: What inputs are made of where special values are wanted: zeros of both signs and ties; besides the ends of the
#: floating-point range; besides what lies beyond.
SPECIAL = (0.0, -0.0, 1.0, 1.0, -1.0, 2.0, 0.5, 1e300, -1e300, 1e-300, 5e-324, np.inf, -np.inf, np.nan)


class Rejected(Exception):
    """A step that plain NumPy does not take, or that leads where differences say nothing."""


def literal(x: Any) -> str:
    """Source of a value."""
    if isinstance(x, np.ndarray):
        if x.size == 0:
            return f"np.zeros({x.shape}, np.{x.dtype})"
        order = ', order="F"' if x.ndim > 1 and x.flags.f_contiguous and not x.flags.c_contiguous else ""
        dtype = "" if x.dtype in (np.float64, np.int64, np.bool_, np.complex128) else f", np.{x.dtype}"
        return f"np.array({x.tolist()!r}{dtype}{order})"
    if isinstance(x, np.generic):
        return f"np.{x.dtype}({x.item()!r})"
    if isinstance(x, (list, tuple)):
        items = "".join(f"{literal(item)}, " for item in x)
        return f"[{items}]" if isinstance(x, list) else f"({items})"
    if isinstance(x, type):
        return f"np.{x.__name__}" if issubclass(x, np.generic) else x.__name__
    return repr(x)


def twin(x: Any) -> Any:
    """An array that shares nothing, with the same order in memory."""
    return x.copy(order="K") if isinstance(x, np.ndarray) else x


@dataclass(frozen=True, repr=False)
class Program:
    """Inputs, and lines of source that use and update them; the result is every variable there is at the end."""

    inputs: tuple[Any, ...]
    lines: tuple[str, ...]
    #: Whether values keep clear of kinks and of the edges of domains.
    smooth: bool = True

    def __repr__(self) -> str:
        inputs = [f"x{i} = {literal(x)}" for i, x in enumerate(self.inputs)]
        return "\n".join([*inputs, *self.lines])

    @cached_property
    def names(self) -> list[str]:
        """The variables, inputs first."""
        names = [f"x{i}" for i in range(len(self.inputs))]
        for line in self.lines:
            if match := _ASSIGNED.match(line):
                names += [name for name in match[1].split(", ") if name not in names]
        return names

    @cached_property
    def _function(self) -> Any:
        parameters = ", ".join(self.names[: len(self.inputs)])
        body = "".join(f"    {line}\n" for line in self.lines)
        source = f"def program({parameters}):\n{body}    return [{', '.join(self.names)}]\n"
        scope = dict(NAMES)
        exec(compile(source, "<program>", "exec"), scope)
        return scope["program"]

    def __call__(self, *inputs: Any) -> list[Any]:
        """Run the program; inputs are updated where it updates them."""
        with warnings.catch_warnings(), np.errstate(all="warn" if self.smooth else "ignore"):
            warnings.simplefilter("error" if self.smooth else "ignore")
            return self._function(*inputs)

    @cached_property
    def differentiates(self) -> bool:
        """Whether derivatives are taken inside: of these, the last bits may depend on the mode around them."""
        return any(name in str(self) for name in ("grad(", "vjp(", "jvp(", "Tape("))

    def fresh(self) -> list[Any]:
        """Copies of the inputs."""
        return [twin(x) for x in self.inputs]

    def without(self, line: int) -> Program:
        """What comes before a line."""
        return Program(self.inputs, self.lines[:line], self.smooth)

    def line_of(self, error: BaseException) -> int | None:
        """Which line raised an error."""
        found = None
        traceback = error.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == "<program>" and found is None:
                found = traceback.tb_lineno - 2
            traceback = traceback.tb_next
        return found


class Writer:
    """A program in the making: what has been written so far, run on plain arrays."""

    LARGEST = 100.0
    MOST = 48

    def __init__(self, tape: bytes, smooth: bool) -> None:
        self._tape = iter(tape)
        self.smooth = smooth
        self.inputs: list[Any] = []
        self.lines: list[str] = []
        self.scope: dict[str, Any] = dict(NAMES)
        self.active: set[str] = set()
        self.count = 0
        self.special = len(SPECIAL)

    # Choices

    def integer(self, low: int, high: int) -> int:
        # Two bytes each; at the end of the tape always the first option.
        return low + (next(self._tape, 0) + 256 * next(self._tape, 0)) % (high - low + 1)

    def pick(self, options: Any) -> Any:
        if len(options) == 0:
            raise Rejected
        return options[self.integer(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.integer(1, 100) > 100 - percent

    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.integer(0, 9999))

    def numbers(self, shape: tuple[int, ...], dtype: str = "float64", low: float = -2.0, high: float = 2.0) -> Any:
        """Random numbers, or special ones."""
        rng = self.rng()
        if not self.smooth and self.chance(70):
            x = rng.choice(SPECIAL[: self.special], shape)
            if dtype.startswith("complex"):
                x = x.astype(complex)
                x.imag = rng.choice(SPECIAL[: self.special], shape)
        else:
            x = rng.uniform(low, high, shape).round(3)
            if dtype.startswith("complex"):
                x = x + 1j * rng.uniform(low, high, shape).round(3)
        with np.errstate(all="ignore"):
            return np.asarray(x, dtype)

    def shape(self) -> tuple[int, ...]:
        """A shape; empty ones are rare."""
        ndim = self.pick([0, 1, 1, 1, 2, 2, 2, 3])
        return tuple(0 if self.chance(3) else self.pick([1, 2, 2, 3, 3, 4]) for _ in range(ndim))

    # Variables

    def value(self, expression: str) -> Any:
        """Value of an expression that updates nothing."""
        try:
            with warnings.catch_warnings(), np.errstate(all="warn" if self.smooth else "ignore"):
                warnings.simplefilter("error" if self.smooth else "ignore")
                return eval(expression, self.scope)
        except Exception as error:
            raise Rejected from error

    def variables(self, kinds: str = "fc", active: bool = True) -> list[str]:
        return [
            name
            for name, x in self.scope.items()
            if _NAME.fullmatch(name) and (name in self.active or not active) and np.asarray(x).dtype.kind in kinds
        ]

    def operand(self, kinds: str = "fc", least: int = 0, active: bool = True) -> str:
        """An expression that is active, real if the kinds say so; with at least that many axes."""
        names = [n for n in self.variables(kinds, active) if np.ndim(self.scope[n]) >= least]
        if names and self.chance(90):
            return self.pick(names[-4:] if self.chance(60) else names)
        names = [n for n in self.variables() if np.ndim(self.scope[n]) >= least]
        if not names:
            name = self.pick(self.variables())
            shape = tuple(self.pick([1, 2, 3]) for _ in range(max(least, 1)))
            return self.real(self.shaped(name, shape), kinds)
        return self.real(self.pick(names), kinds)

    def real(self, expression: str, kinds: str = "f") -> str:
        """The real part of an expression, or so, if it must be real."""
        if "c" in kinds or np.asarray(self.value(expression)).dtype.kind != "c":
            return expression
        return self.pick(["np.real({})", "np.imag({})", "{}.real", "{}.imag"]).format(expression)

    def shaped(self, expression: str, shape: tuple[int, ...]) -> str:
        """An expression in another shape, as views where they suffice."""
        x = self.value(expression)
        if np.shape(x) == shape:
            return expression
        if np.size(x) == 0:
            raise Rejected
        if np.size(x) == np.prod(shape) and self.chance(70):
            return f"np.reshape({expression}, {shape})"
        if not shape:
            return f"{expression}.ravel()[{self.integer(0, np.size(x) - 1)}]"
        return f"np.resize({expression}, {shape})"

    def operand_of(self, shape: tuple[int, ...], kinds: str = "fc", active: bool = True) -> str:
        """An expression of a given shape."""
        names = [n for n in self.variables(kinds, active) if np.shape(self.scope[n]) == shape]
        if names and self.chance(80):
            return self.pick(names)
        return self.shaped(self.operand(kinds), shape)

    def constant(self, shape: tuple[int, ...], kinds: str = "fiF", low: float = -2.0, high: float = 2.0) -> str:
        """Source of an array without a derivative: floats, integers of several sizes, float32 (F), complex (c)."""
        kind = self.pick(kinds)
        if kind == "i":
            dtype = self.pick(["int64", "int64", "uint8", "int16", "bool"])
            least = 1 if low >= 0 else 0 if dtype in ("uint8", "bool") else int(low)
            return literal(np.asarray(self.rng().integers(least, int(high) + 1, shape)).astype(dtype)[()])
        dtype = {"f": "float64", "F": "float32", "c": "complex128"}[kind]
        return literal(self.numbers(shape, dtype, low, high)[()])

    def number(self) -> str:
        """Source of a Python number."""
        return self.pick(["2", "0.5", "-1.5", "3", "0.25", "-1", "1.25"])

    def broadcasting(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts against another."""
        cut = self.integer(0, len(shape)) if self.chance(50) else 0
        return tuple(1 if self.chance(25) else n for n in shape[cut:])

    def inside(self, expression: str, low: float, high: float) -> str:
        """The expression, moved into an interval unless it lies well inside."""
        x = np.asarray(self.value(expression))
        if not self.smooth or x.size == 0:
            return expression
        middle, half = round((low + high) / 2, 3), round(0.45 * (high - low), 3)
        if x.dtype.kind == "c":
            return f"({middle} + {half} * ({expression}) / (1 + np.abs({expression})))"
        margin = 0.05 * (high - low)
        if x.dtype.kind == "f" and x.min() >= low + margin and x.max() <= high - margin:
            return expression
        return f"({middle} + {half} * np.tanh({expression}))"

    def threshold(self, x: Any) -> float:
        """A number that no element is close to."""
        levels = np.unique(np.ravel(x))
        if not self.smooth:
            return float(self.pick([0.0, 1.0, *levels[:3]]))
        ends = np.concatenate([[levels[0] - 1], levels, [levels[-1] + 1]]) if levels.size else np.array([0.0, 1.0])
        gaps = np.flatnonzero(np.diff(ends) > 0.1)
        i = self.pick(gaps)
        return round(float(ends[i] + ends[i + 1]) / 2, 4)

    def spread(self, expression: str) -> str:
        """The expression with its elements made different, where order decides."""
        x = np.asarray(self.value(expression))
        if not self.smooth or x.size < 2:
            return expression
        if np.min(np.diff(np.sort(x, axis=None))) > 0.02:
            return expression
        steps = self.rng().permutation(x.size).reshape(x.shape) * 0.9
        return f"(np.tanh({expression}) / 4 + {literal(steps.round(1))})"

    def mask(self, shape: tuple[int, ...]) -> str:
        """Source of a boolean array."""
        if self.chance(40):
            names = [n for n in self.variables("f") if np.shape(self.scope[n]) == shape]
            if names:
                name = self.pick(names)
                return f"({name} {self.pick(['>', '<=', '<'])} {self.threshold(self.scope[name])})"
        return literal(self.rng().random(shape) < 0.6)

    def axis(self, x: Any) -> str:
        """Source of one axis."""
        if np.ndim(x) == 0:
            raise Rejected
        return str(self.integer(-np.ndim(x), np.ndim(x) - 1))

    # Lines

    def start(self) -> None:
        """Write the inputs."""
        self.special = self.pick([7, 11, 13, 14])
        first = self.shape()
        for i in range(self.integer(1, 3)):
            shape = first if i == 0 else self.broadcasting(first) if self.chance(60) else self.shape()
            dtype = self.pick(["float64"] * 8 + ["float32", "complex128"])
            x = self.numbers(shape, dtype)
            if x.ndim > 1 and self.chance(25):
                x = np.asfortranarray(x)
            if x.ndim == 0 and self.chance(50):
                x = x[()]
            self.inputs.append(x)
            self.scope[f"x{i}"] = twin(x)
            self.active.add(f"x{i}")
        self.count = len(self.inputs)

    def assign(self, expression: str) -> list[str]:
        """Write an assignment to as many new variables as the expression has values."""
        result = self.value(expression)
        several = isinstance(result, (tuple, list))
        names = [f"x{self.count + i}" for i in range(len(result) if several else 1)]
        if not names or len(names) > 6:
            raise Rejected
        self.count += len(names)
        self.statement(f"{', '.join(names)}{',' if several and len(names) == 1 else ''} = {expression}")
        used = {name for name in _NAME.findall(expression) if name in self.active}
        self.active |= {n for n in names if used and np.asarray(self.scope[n]).dtype.kind in "fc"}
        return names

    def statement(self, line: str) -> None:
        """Write a line, if plain arrays take it and stay within bounds."""
        try:
            with warnings.catch_warnings(), np.errstate(all="warn" if self.smooth else "ignore"):
                warnings.simplefilter("error" if self.smooth else "ignore")
                exec(line, self.scope)
            for name, x in self.scope.items():
                if _NAME.fullmatch(name):
                    self._require_usable(x)
        except Exception as error:
            self._restore()
            raise Rejected from error
        self.lines.append(line)

    def _require_usable(self, x: Any) -> None:
        array = np.asarray(x)
        if (
            isinstance(x, (list, tuple))
            or array.dtype.kind not in "biufc"
            or array.size > self.MOST
            or array.dtype.char in "gGe"
        ):
            raise Rejected
        if self.smooth and array.dtype.kind in "fc" and not np.all(np.abs(array) < self.LARGEST):
            raise Rejected

    def _restore(self) -> None:
        """Go back to before a line that was rejected half-way."""
        program = self.program()
        with np.errstate(all="ignore"):
            self.scope = dict(NAMES) | dict(zip(program.names, program(*program.fresh()), strict=True))

    def program(self) -> Program:
        return Program(tuple(self.inputs), tuple(self.lines), self.smooth)
