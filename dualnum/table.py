"""TABLE, the one table of derivatives: function -> Row.

A row says how a function is linearised. Forward mode, reverse mode, nested and hyper-dual numbers all read the same
row, so no derivative is written twice. There are six kinds, one class each, and one function each that registers
them: `elementwise`, `linear`, `nonlinear`, `composite`, `constant`, `unsupported`.

Rule bodies use NumPy functions and operators alone, so that they also work when the values are active themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from math import inf
from types import MappingProxyType
from typing import Any

__all__ = [
    "TABLE",
    "Composite",
    "Constant",
    "Elementwise",
    "Linear",
    "Nonlinear",
    "Row",
    "Unsupported",
    "composite",
    "constant",
    "elementwise",
    "first",
    "function_name",
    "linear",
    "nonlinear",
    "second",
    "unsupported",
]

Function = Callable[..., Any]
Partial = Any  # a function, a number, None, or a string


def function_name(function: Function) -> str:
    """Dotted name of a function, as a user would type it; ufuncs do not know their module."""
    name = getattr(function, "__name__", repr(function))
    module = getattr(function, "__module__", None)
    if module is None:
        homes = (home for home in ("numpy", "scipy.special") if getattr(sys.modules.get(home), name, None) is function)
        module = next(homes, None)
    return name if module in (None, "dualnum.primitives") else f"{module}.{name}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """What every row has: the function itself.

    ``nesting`` says how deeply nested sequences of arrays an argument may be; what is nested deeper is packed beforehand.
    ``ulps`` is the row's own bound on the error of its derivatives, with the reason in ``note``, where the usual bound of
    8 units in the last place cannot hold. ``plans`` is where reverse mode keeps what it finds out about the row, by the
    positions of active arguments.
    """

    function: Function
    nesting: float = inf
    ulps: float = 8.0
    note: str = ""
    plans: dict[tuple[int, ...], Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The dotted name, as a user would type it."""
        return function_name(self.function)


@dataclass(frozen=True, eq=False, kw_only=True)
class Elementwise(Row):
    """One partial derivative per argument, as a function of ``(out, *args)``.

    A number stands for a constant partial (so that ``1`` costs no multiplication). None stands for an argument in which
    the function has no derivative (an integer exponent), a string for one in which it has none here, and says why: an
    active value there raises. ``divisor`` of a function of one argument, if there is one, is what the partial is one over:
    as long as nothing overflows in it, to divide a tangent by it takes fewer operations.
    """

    partials: tuple[Partial, ...]
    divisor: Function | None = None
    nesting: float = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Linear(Row):
    """Linear in each of the arguments whose positions are keys of ``transposes``.

    ``transposes[i](out_bar, *args, **kwargs)`` takes the cotangent of the result to that of argument i; of argument i
    itself it may look at shape and dtype only. ``batched[i]`` has the signature of the function, but its argument i is a
    tangent with K directions along a new leading axis, and so is its result; where it is missing, directions are taken
    one by one. ``view`` says that the result may share memory with argument 0. ``settle(*args, **kwargs)`` gives other
    arguments of the same meaning, ``(args, kwargs)``, where that depends on how a value lies in memory, for its tangent
    may lie otherwise. ``moves`` says that each element of the result is one of argument 0 (or of its items), or zero, and
    which one does not depend on the values; or it is a function of the other arguments that says whether. ``free[i]`` is
    the axis, counted from the end, that the result has from argument i where it has no fewer axes than that: the transpose
    commutes with sums over it.
    """

    transposes: Mapping[int, Function]
    batched: Mapping[int, Function] = field(default_factory=lambda: MappingProxyType({}))
    view: bool = False
    settle: Function | None = None
    moves: bool | Function = False
    free: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    nesting: float = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Nonlinear(Row):
    """``rule(*args, **kwargs) -> (out, push)``, and ``push(*tangents)`` gives the tangent of ``out``.

    ``positions`` are the differentiable arguments; ``push`` gets one tangent for each of them, in that order, or None for
    one that is constant. ``batched`` says that ``push`` also takes tangents with one leading axis of directions.
    ``transposes`` are those of the arguments in which the function is linear. ``pull(*args, **kwargs) -> (out, pull)`` takes
    the place of the rule in reverse mode, where ``pull(out_bar)`` gives a sequence of cotangents, one for each of
    ``positions``, or None for zero; it needs a benchmark that justifies it. ``pointwise`` says that an element of the result
    depends on the elements of the arguments at its place alone. ``reasons`` says of arguments that are not among
    ``positions`` why they are not.
    """

    rule: Function
    positions: tuple[int, ...] = (0,)
    batched: bool = False
    transposes: Mapping[int, Function] = field(default_factory=lambda: MappingProxyType({}))
    pull: Function | None = None
    pointwise: bool = False
    reasons: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    nesting: float = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Composite(Row):
    """``body(*args, **kwargs)`` computes the function from other functions of the table.

    With ``exact`` the body's value is NumPy's own, bit for bit; else the value is taken from the function itself and only
    the tangent from the body. With ``in_place`` the function updates its first argument, and the body gets all
    arguments as they are, object arrays and lists among them. ``reasons`` says of some arguments why they cannot be active.
    """

    body: Function
    exact: bool = False
    in_place: bool = False
    reasons: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, eq=False, kw_only=True)
class Constant(Row):
    """Zero derivative: floating-point results stay active with a zero tangent; booleans and integers are plain."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Unsupported(Row):
    """No rule, and why."""

    reason: str


class Table(dict[Function, Row | None]):
    """The rows by function; None for a function without one.

    ``late`` names modules of rows that are loaded, one after the other, when a function is looked up that has no row yet;
    ``on_demand`` those of functions that nobody can have before he asks for them, by the module that has their twins.
    """

    def __init__(self) -> None:
        super().__init__()
        self.late: list[str] = []
        self.on_demand: dict[str, tuple[str, ...]] = {}

    def __missing__(self, function: Function) -> Row | None:
        while function not in self and self.late:
            # Only then taken off the list: a thread that comes here meanwhile waits until the module is complete.
            import_module(name := self.late[0])
            with suppress(ValueError):
                self.late.remove(name)
        return self.get(function)

    def load(self, name: str | None = None) -> None:
        """Load all rows but those on demand; or those for the twins of a module, by its name."""
        if name is None:
            self.__missing__(self.load)
        else:
            for module in self.on_demand[name]:
                import_module(module)


TABLE: Any = Table()  # not Table: for a type checker, every look-up could be None


def first(out: Any, a: Any, b: Any) -> Any:
    """Partial that is the first argument; by this name it is known to need no arithmetic."""
    return a


def second(out: Any, a: Any, b: Any) -> Any:
    """Partial that is the second argument; by this name it is known to need no arithmetic."""
    return b


def _register(row: Row) -> None:
    if row.function in TABLE:
        raise ValueError(f"{row.name} already has a row in the table; every function has exactly one")
    TABLE[row.function] = row


def elementwise(function: Function, *partials: Partial, ulps: float = 8.0, note: str = "") -> None:
    """Register a function of scalars, applied element by element, by its partial derivatives.

    That of a function of one argument may have an attribute ``divisor``.
    """
    divisor = getattr(partials[0], "divisor", None)
    _register(Elementwise(function=function, partials=partials, divisor=divisor, ulps=ulps, note=note))


def linear(
    function: Function,
    *transposes: Function | None,
    batched: Function | Mapping[int, Function] | None = None,
    view: bool = False,
    settle: Function | None = None,
    moves: bool | Function = False,
    free: Mapping[int, int] | None = None,
    nesting: float = 0,
) -> None:
    """Register a function by one transpose per leading argument (None where it is not linear).

    ``batched`` alone, not in a mapping, is that of argument 0.
    """
    maps = batched if isinstance(batched, Mapping) else {} if batched is None else {0: batched}
    by_position = {i: t for i, t in enumerate(transposes) if t is not None}
    _register(
        Linear(
            function=function,
            transposes=by_position,
            batched=maps,
            view=view,
            settle=settle,
            moves=moves,
            free=free or {},
            nesting=nesting,
        )
    )


def nonlinear(
    function: Function,
    rule: Function,
    *,
    positions: tuple[int, ...] = (0,),
    batched: bool = False,
    transposes: Mapping[int, Function] | None = None,
    pull: Function | None = None,
    pointwise: bool = False,
    reasons: Mapping[int, str] | None = None,
    ulps: float = 8.0,
    note: str = "",
    nesting: float = 0,
) -> None:
    """Register a function by a rule that gives the result and the map of tangents."""
    _register(
        Nonlinear(
            function=function,
            rule=rule,
            positions=positions,
            batched=batched,
            transposes=transposes or {},
            pull=pull,
            pointwise=pointwise,
            reasons=reasons or {},
            ulps=ulps,
            note=note,
            nesting=nesting,
        )
    )


def composite(
    function: Function,
    body: Function,
    *,
    exact: bool = False,
    in_place: bool = False,
    reasons: Mapping[int, str] | None = None,
    nesting: float = inf,
) -> None:
    """Register a function by a body made of other functions of the table."""
    row = Composite(
        function=function,
        body=body,
        exact=exact or in_place,
        in_place=in_place,
        reasons=reasons or {},
        nesting=nesting,
    )
    _register(row)


def constant(*functions: Function) -> None:
    """Register functions whose derivative is zero wherever it exists."""
    for function in functions:
        _register(Constant(function=function))


def unsupported(reason: str, *functions: Function) -> None:
    """Register functions that have no rule, with the reason."""
    for function in functions:
        _register(Unsupported(function=function, reason=reason))
