"""How cotangents are pulled back through elementwise rows.

That is most of what programs do, and on small arrays the time goes into Python's own steps. So for each row, and each choice
of active arguments, the usual case of float64 is written out by a template, without loops over the arguments; whatever is
unusual goes the general way. The derivatives come from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from sys import getrefcount
from typing import Any

import numpy as np

from dualnum.dispatch import not_differentiable
from dualnum.floating import BOUNDED, restore, use
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import TABLE, Elementwise, first, second
from dualnum.tangents import MANY, NUMBERS, without_zeros
from dualnum.tape.needs import parameters_used
from dualnum.tape.nodes import Node, Sweep, fit
from dualnum.tape.plans import PLANS, Plan

__all__ = ["BINARY", "FLOAT64", "UNARY", "ElementwisePlan", "squares"]

FLOAT64 = np.dtype(np.float64)


# Stands for the partial 1 / y of x / y: to divide by y takes one operation less, and does not need the quotient.
_RECIPROCAL = object()


class ElementwisePlan(Plan):
    """Cotangent times partial, for each active argument.

    ``keeps`` says what of ``(out, *args)`` the partials look at, and nodes save that alone: nothing, what it is, or a tuple.
    Of fewer elements than ``few``, the plan ``on_few`` of a function of one argument keeps less.
    """

    few = 0
    on_few: ElementwisePlan

    def __init__(self, row: Elementwise, active: tuple[int, ...]) -> None:
        self.row = row
        self.name = row.name
        self.partials = [row.partials[i] for i in active]
        on_few = getattr(self.partials[0], "on_few", None)
        if on_few is not None and len(row.partials) == 1:
            self.few, partial = on_few
            self.on_few = ElementwisePlan(replace(row, partials=(partial,)), active)
            self.on_few.row = row  # for those who count operations
        if row.function is np.divide and active[0] == 0:
            self.partials[0] = _RECIPROCAL
        for i, partial in zip(active, self.partials, strict=True):
            if partial is None or partial.__class__ is str:
                raise not_differentiable(row, i, partial)
        count = 1 + len(row.partials)
        used: set[int] = set()
        for partial in self.partials:
            if partial is _RECIPROCAL:
                used.add(2)
            elif partial.__class__ not in NUMBERS:
                found = parameters_used(partial)
                used.update(range(count) if found is None else found)
        if len(active) == 1 and self.partials[0].__class__ in NUMBERS:
            self.factor = self.partials[0]
        self.keeps = tuple(i in used for i in range(count))
        self._kept = sorted(used)
        self.pull = _written_out(row, active, self.keeps, self._pull)  # type: ignore[method-assign]

    def saved(self, values: Sequence[Any]) -> Any:
        """What a node saves of ``(out, *args)``."""
        kept = [values[i] for i in self._kept]
        return tuple(kept) if len(kept) > 1 else kept[0] if kept else None

    def _values(self, saved: Any) -> list[Any]:
        """``(out, *args)`` as they were saved, with None for what was not."""
        values: list[Any] = [None] * len(self.keeps)
        for i, value in zip(self._kept, saved if len(self._kept) > 1 else [saved], strict=False):
            values[i] = value
        return values

    def _pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Hand each parent cotangent times partial, the general way."""
        values = self._values(node.saved)
        for parent, partial in zip(node.parents, self.partials, strict=True):
            if partial.__class__ in NUMBERS:
                parent.receive(out_bar if partial == 1 else out_bar * partial, sweep)
                continue
            if partial is _RECIPROCAL:
                bar = out_bar / np.conj(values[2])
            else:
                factor = partial(*values)
                bar = _product(out_bar, factor, parent, sweep)
            if sweep.careful:
                bar = without_zeros(out_bar, bar)
            parent.receive(bar, sweep, True)


def _references(x: Any) -> int:
    return getrefcount(x)


def _references_of_a_local() -> int:
    x = np.empty(0)
    return _references(x)


# References to an argument that nobody holds but a local variable of the caller.
_LOCAL = _references_of_a_local()


def _product(bar: Any, p: Any, parent: Node, sweep: Sweep) -> Any:
    """Multiply by a partial, a local variable of the caller.

    A large one that nobody else holds is overwritten, for fresh memory costs as much again.
    """
    if parent in sweep.valueless and bar.__class__ is p.__class__ and bar.__class__ in ACTIVE_TYPES:
        return bar._times_for_tangent(np.conj(p) if p.dtype.kind == "c" else p)
    if p.__class__ in NUMBERS or p.__class__ is bool:
        return bar * p
    if p.__class__ is complex:
        return bar * p.conjugate()
    if p.dtype.kind == "c":
        return bar * np.conj(p)
    if (
        p.__class__ is np.ndarray
        and p.size >= MANY
        and p.base is None
        and bar.__class__ is np.ndarray
        and bar.shape == p.shape
        and bar.dtype is p.dtype
        and getrefcount(p) <= _LOCAL
    ):
        return np.multiply(bar, p, out=p)
    return bar * p


_PULL = """
def pull(node, out_bar, sweep):
    if sweep.careful or node.dtype is not FLOAT64:
        return general(node, out_bar, sweep)
    {saved}
    {parents}
    shape = node.shape
    mine = node.owned
"""

# Of one row of cotangents, where no more is rounded and an operation less is done than by the partial.
_DIVIDE = """
    divided = None
    if sweep.k is None and out_bar.__class__ is ndarray and {argument}.__class__ is ndarray:
        token = use(BOUNDED)
        try:
            divided = divisor({arguments})
        except FloatingPointError:
            pass
        finally:
            restore(token)
"""

# The usual cases of Node.receive, without a call. Nodes of one shape share the tuple, mostly.
_TERM = """
    bar = {bar}
    adjoint = {parent}.adjoint
    if {parent}.dtype is not FLOAT64 or ({parent}.shape is not shape and bar.shape != {parent}.shape):
        {parent}.receive(bar, sweep, {owned})
    elif adjoint is None:
        {parent}.adjoint = bar
        {parent}.owned = {owned}
    elif {parent}.owned and bar.__class__ is adjoint.__class__ is ndarray:
        adjoint += bar
    else:
        {parent}.receive(bar, sweep, {owned})
"""

# What was handed through to one parent alone is that parent's own.
_KEEP = """
    if mine and {0}.adjoint is not {1}.adjoint:
        if {0}.adjoint is out_bar:
            {0}.owned = True
        elif {1}.adjoint is out_bar:
            {1}.owned = True
"""


def _divides(row: Elementwise, keeps: Sequence[bool]) -> bool:
    """Whether what is kept for the partial is all that the divisor looks at."""
    if row.divisor is None:
        return False
    used = parameters_used(row.divisor)
    return used is not None and all(keeps[i] for i in used)


def _arguments(names: Sequence[str], keeps: Sequence[bool]) -> str:
    return ", ".join(name if keep else "None" for name, keep in zip(names, keeps, strict=True))


def _written_out(
    row: Elementwise, active: tuple[int, ...], keeps: Sequence[bool], general: Callable[..., None]
) -> Callable[..., None]:
    """Write out the pull of a row for the active arguments."""
    names = ["out", *(f"x{i}" for i in range(len(row.partials)))]
    kept = [name for name, keep in zip(names, keeps, strict=True) if keep]
    parents = [f"parent{i}" for i in active]
    scope: dict[str, Any] = {
        "BOUNDED": BOUNDED,
        "FLOAT64": FLOAT64,
        "divide": np.divide,
        "fit": fit,
        "float64": np.float64,
        "MANY": MANY,
        "general": general,
        "multiply": np.multiply,
        "ndarray": np.ndarray,
        "product": _product,
        "restore": restore,
        "use": use,
    }
    source = _PULL.format(
        saved=f"{', '.join(kept)} = node.saved" if kept else "",
        parents=f"{', '.join(parents)} = node.origin{', node.second' if len(parents) == 2 else ''}",
    )
    handed_through = False
    divides = _divides(row, keeps)
    for i, parent in zip(active, parents, strict=True):
        partial = row.partials[i]
        owned = "True"  # for it is the result of an operation
        if partial.__class__ in NUMBERS:
            if partial == 1:
                bar, owned, handed_through = "out_bar", "mine" if len(parents) == 1 else "False", True
            else:  # where the argument was broadcast, first the sum, which leaves less to multiply
                bar = f"out_bar if out_bar.shape == {parent}.shape else fit(out_bar, {parent}.shape, {parent}.dtype, sweep.k)"
                bar = f"-({bar})" if partial == -1 else f"({bar}) * {partial!r}"
        elif row.function is np.divide and i == 0:
            bar = "out_bar / x1"
        else:
            if partial is first or partial is second:
                factor = f"x{0 if partial is first else 1}"
            else:
                scope[f"partial{i}"] = partial
                factor = f"partial{i}({_arguments(names, keeps)})"
            if divides:
                scope["divisor"] = row.divisor
                source += _DIVIDE.format(argument=kept[0], arguments=_arguments(names, keeps))
                factor += " if divided is None else None"
            # A scalar of NumPy's would ask the ufunc first, and that the other side.
            bar = (
                "factor * out_bar if out_bar.__class__ is float64 else out_bar * factor if out_bar.size < MANY "
                f"else product(out_bar, factor, {parent}, sweep)"
            )
            source += f"    factor = {factor}\n"
            if parent == parents[-1] and not handed_through:  # where nobody else holds the cotangent
                usual = f"mine and factor.__class__ is out_bar.__class__ is ndarray and {parent}.dtype is FLOAT64"
                bar = f"multiply(out_bar, factor, out_bar) if {usual} else {bar}"
            if divides:
                overwritten = f"divide(out_bar, divided, out_bar) if mine and {parent}.dtype is FLOAT64"
                bar = f"({bar}) if divided is None else {overwritten} else out_bar / divided"
        source += _TERM.format(parent=parent, bar=bar, owned=owned)
    if handed_through and len(parents) == 2:
        source += _KEEP.format(*parents)
    exec(source, scope)
    return scope["pull"]


class _BinaryPlans(dict[Elementwise, list[Any]]):
    """Plans by row: by one look-up, for the arguments that can be active."""

    _choices = ((0,), (1,), (0, 1))

    def __missing__(self, row: Elementwise) -> list[Any]:
        plans = self[row] = [None] * len(self._choices)
        return plans

    def plan(self, row: Elementwise, choice: int) -> ElementwisePlan:
        """Plan for a choice of active arguments, which is made if there is none."""
        plans = self[row]
        if plans[choice] is None:
            plans[choice] = ElementwisePlan(row, self._choices[choice])
        return plans[choice]


class _UnaryPlans(dict[np.ufunc, ElementwisePlan]):
    """Plans by ufunc; None, which is not kept, for one whose row is of another kind, or which might change a dtype."""

    def __missing__(self, ufunc: np.ufunc) -> ElementwisePlan | None:
        row = TABLE[ufunc]
        if row.__class__ is not Elementwise or "d->d" not in ufunc.types:
            return None
        plan = self[ufunc] = ElementwisePlan(row, (0,))
        return plan


@cache
def squares() -> ElementwisePlan:
    """Plan of ``x**2``, by the row of `numpy.square`: that of `numpy.power` is general, and would keep the result too."""
    slope: Any = TABLE[np.square].partials[0]
    power = Elementwise(function=np.power, partials=(lambda out, x, y: slope(None, x), None))
    return ElementwisePlan(power, (0,))


#: Plans of functions of one argument.
UNARY = _UnaryPlans()
#: Plans of functions of two arguments: the first active, the second, both.
BINARY = _BinaryPlans()
PLANS[Elementwise] = ElementwisePlan
