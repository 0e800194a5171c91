"""Applying a function of the table to arguments of which some are active.

The values in the arguments say which level is meant; the number of that level applies the row.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

import numpy as np

from dualnum import floating
from dualnum.errors import DerivativeLostError, NoRuleError
from dualnum.packing import ACTIVE_TYPES, LEAVES, as_operand, contains_active, holds_objects, is_sequence
from dualnum.table import (
    TABLE,
    Composite,
    Constant,
    Elementwise,
    Function,
    Linear,
    Nonlinear,
    Row,
    Unsupported,
    function_name,
)

__all__ = [
    "OBSERVER",
    "apply_function",
    "level_of",
    "not_differentiable",
    "primal_all",
    "store",
    "strip",
    "top_of",
]

#: The counting hook: called as ``observer(row, args, out)`` after every primitive that was applied to active values.
OBSERVER: ContextVar[Callable[[Row, Sequence[Any], Any], None] | None] = ContextVar("dualnum_observer", default=None)


def level_of(x: Any) -> int:
    """Level of an active value; 0 for anything else."""
    return x._level if x.__class__ in ACTIVE_TYPES else 0


def primal_all(x: Any) -> Any:
    """Value of `x` without any of its levels."""
    while x.__class__ in ACTIVE_TYPES:
        x = x._value
    return x


def strip(x: Any, level: int) -> Any:
    """Value of `x` at the given level; lists and tuples are searched."""
    cls = x.__class__
    if cls in ACTIVE_TYPES:
        return x._value if x._level == level else x
    if cls is list or cls is tuple:
        return cls(
            [
                item._value if item.__class__ in ACTIVE_TYPES and item._level == level else strip(item, level)
                for item in x
            ]
        )
    return x


def top_of(args: Any, top: Any = None) -> Any:
    """Find the active value of the highest level in (nested) arguments."""
    for arg in args:
        cls = arg.__class__
        if cls in ACTIVE_TYPES:
            if top is None or arg._level > top._level:
                top = arg
        elif cls is list or cls is tuple:
            top = top_of(arg, top)
    return top


# Before 2.4, NumPy does not tell the signatures of the functions that it writes in C.
_EMPTY = inspect.Parameter.empty


_SIGNATURES: dict[Function, dict[str, Any]] = {
    np.concatenate: {"arrays": _EMPTY, "axis": 0, "out": None},
    np.dot: {"a": _EMPTY, "b": _EMPTY, "out": None},
    np.inner: {"a": _EMPTY, "b": _EMPTY},
    np.vdot: {"a": _EMPTY, "b": _EMPTY},
}


@cache
def _parameters(function: Function) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        known = _SIGNATURES.get(function, {})
        return tuple(inspect.Parameter(name, kind, default=default) for name, default in known.items())


@cache
def _out_position(function: Function) -> int | None:
    names = [p.name for p in _parameters(function) if p.kind <= p.POSITIONAL_OR_KEYWORD]
    return names.index("out") if "out" in names else None


def _positional(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Move active keyword arguments to their positions, so that rows find them there; `kwargs` is changed."""
    args_list = list(args)
    parameters = [p for p in _parameters(function) if p.kind <= p.POSITIONAL_OR_KEYWORD]
    last = max(
        (i for i, p in enumerate(parameters) if p.name in kwargs and contains_active(kwargs[p.name])), default=-1
    )
    for parameter in parameters[len(args_list) : last + 1]:
        args_list.append(kwargs.pop(parameter.name) if parameter.name in kwargs else parameter.default)
    return tuple(args_list)


def _refuse_active_keywords(row: Row, kwargs: dict[str, Any]) -> None:
    for name, value in kwargs.items():
        if contains_active(value):
            raise NoRuleError(
                f"{row.name} has no derivative with respect to its argument {name!r}, which is a Dual. Pass "
                f"primal({name}) if its derivative is not wanted."
            )


# Items of sequences that are not made arrays: beside a float32, NumPy treats Python's numbers otherwise.
_NUMBERS = frozenset({int, float, complex})


def _prepare(arg: Any, nesting: float) -> Any:
    """Pack what is in object arrays, and in sequences that are nested deeper than the function knows."""
    cls = arg.__class__
    if cls in ACTIVE_TYPES:
        return arg
    if cls is np.ndarray:
        return as_operand(arg) if arg.dtype.char == "O" else arg
    if cls is list or cls is tuple:
        if nesting == 1:
            items = [item if item.__class__ in _NUMBERS else as_operand(item) for item in arg]
            return cls(items) if top_of(items) is not None else arg
        if contains_active(arg):
            return cls([_prepare(item, nesting - 1) for item in arg]) if nesting else as_operand(arg)
    elif is_sequence(arg) and contains_active(arg):
        return _prepare((tuple if isinstance(arg, tuple) else list)(arg), nesting)
    return arg


def apply_row(row: Row, args: Sequence[Any], kwargs: dict[str, Any], top: Any) -> Any:
    """Apply a row to prepared arguments; `top` is the active argument of the highest level."""
    kind = row.__class__
    if kind is Elementwise:
        return top._elementwise(row, args, kwargs)
    if kind is Linear:
        if row.settle is not None:  # type: ignore[attr-defined]
            args, kwargs = row.settle(*args, **kwargs)  # type: ignore[attr-defined]
        return top._linear(row, args, kwargs)
    if kind is Nonlinear:
        return top._nonlinear(row, args, kwargs)
    if isinstance(row, Composite):
        return _composite(row, args, kwargs, top)
    if kind is Constant:
        return top._flat(row, args, kwargs)
    assert isinstance(row, Unsupported)
    raise NoRuleError(f"{row.name} has no derivative rule: {row.reason}.")


def not_differentiable(row: Row, position: int, reason: str | None = None) -> NoRuleError:
    """Make the error for an active argument in which a function has no derivative."""
    because = f": {reason}" if reason else ""
    return NoRuleError(
        f"{row.name} has no derivative with respect to its argument number {position + 1} (counted from 1), which is a "
        f"Dual{because}. Pass primal(x) there if its derivative is not wanted."
    )


def _composite(row: Composite, args: Sequence[Any], kwargs: dict[str, Any], top: Any) -> Any:
    for i, reason in row.reasons.items():
        if i < len(args) and contains_active(args[i]):
            raise not_differentiable(row, i, reason)
    if row.exact:
        return row.body(*args, **kwargs)
    level = top._level
    plain = {name: strip(value, level) for name, value in kwargs.items()}
    # The function first: it knows what is wrong with bad arguments.
    value = row.function(*(strip(arg, level) for arg in args), **plain)
    token = floating.use(floating.SILENT)
    try:
        traced = row.body(*args, **kwargs)
    finally:
        floating.restore(token)
    return top._with_value(traced, value, args)


def _direct_top(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], nesting: float) -> Any:
    """Active argument of the highest level, if no argument is to be packed, moved or written to; else None."""
    top = None
    # Of a function of a sequence of arrays, what is in the sequence is looked at as an argument is.
    for arg in (*args[0], *args[1:]) if nesting == 1 and args and args[0].__class__ is list else args:
        cls = arg.__class__
        if cls in ACTIVE_TYPES:
            if top is None or arg._level > top._level:
                top = arg
        elif cls is np.ndarray:
            if arg.dtype.char == "O":
                return None
        elif cls not in LEAVES and not (cls is tuple and LEAVES.issuperset(map(type, arg))):
            return None
    for value in kwargs.values():
        if value.__class__ not in LEAVES and not (value.__class__ is tuple and LEAVES.issuperset(map(type, value))):
            return None
    if len(args) > 1 and top is not None:
        position = _out_position(function)
        if position is not None and len(args) > position:
            return None
    return top


def apply_function(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], like: Any = None) -> Any:
    """Apply an array function to arguments of which some are active.

    Parameters
    ----------
    function : callable
        A key of the table.
    args, kwargs
        Its arguments.
    like : Any, optional
        Stands for the level and the directions when no argument is active (``np.zeros(3, like=x)``).

    Raises
    ------
    NoRuleError
        The function has no row, or none for an argument that is active.
    DerivativeLostError
        ``out`` is a plain array.
    """
    row = TABLE[function]
    if row is None:
        raise NoRuleError(
            f"{function_name(function)} has no derivative rule in dualnum. Write it with NumPy functions that have "
            "one, give it one with dualnum.register, or apply it to primal(x) if its derivative is not wanted."
        )
    if kwargs and "out" in kwargs and kwargs["out"] is None and not isinstance(function, np.ufunc):
        kwargs = {name: value for name, value in kwargs.items() if name != "out"}  # not all rules know of it
    in_place = row.__class__ is Composite and row.in_place
    if not in_place:
        direct = args
        if row.nesting == 1 and args and args[0].__class__ is list and list in map(type, args[0]):
            direct = ([as_operand(item) if item.__class__ is list else item for item in args[0]], *args[1:])
        top = _direct_top(function, direct, kwargs, row.nesting)
        if top is not None and (like is None or like._level <= top._level):
            return apply_row(row, direct, kwargs, top)
    out = None
    position = _out_position(function)
    if position is not None and len(args) > position:
        out, rest = args[position], args[position + 1 :]
        args = args[:position] + ((None, *rest) if rest else ())
    elif kwargs:
        out = kwargs.get("out")
        if out is not None:
            kwargs = {name: value for name, value in kwargs.items() if name != "out"}
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    if in_place:
        return row.body(*args, **kwargs)
    args = tuple([_prepare(arg, row.nesting) for arg in args])
    if kwargs:
        kwargs = {name: _prepare(value, row.nesting) for name, value in kwargs.items()}
        if top_of(kwargs.values()) is not None:
            args = _positional(function, args, kwargs)
            if not isinstance(row, (Composite, Constant, Unsupported)):
                _refuse_active_keywords(row, kwargs)
    top = top_of(kwargs.values(), top_of(args))
    if top is None:
        if like is not None and like._value.__class__ in ACTIVE_TYPES:
            result = apply_function(function, args, kwargs, like._value)
        else:
            result = function(*args, **kwargs)
        if holds_objects(result):
            result = as_operand(result)
        if like is not None and out is None and level_of(result) < like._level:
            return like._constant(result)
    else:
        result = apply_row(row, args, kwargs, top)
        if like is not None and like._level > top._level and out is None:
            return like._constant(result)
    return result if out is None else store(result, out, row.name)


def store(result: Any, out: Any, name: str) -> Any:
    """Write a result into the ``out`` argument(s) and return them."""
    if isinstance(out, tuple):
        return tuple(store(r, o, name) if o is not None else r for r, o in zip(result, out, strict=True))
    if out.__class__ not in ACTIVE_TYPES:
        if result.__class__ not in ACTIVE_TYPES:
            out[...] = result
            return out
        raise DerivativeLostError(
            f"{name}(..., out=...), or an update such as plain += x, would write a Dual into a plain array and lose its "
            f"derivative. Leave out= away (plain = plain + x), or allocate the array with np.zeros_like(x) or "
            f"np.zeros(shape, like=x), where x is a Dual."
        )
    if np.shape(result) != out.shape:
        raise ValueError(f"{name}: out has shape {out.shape}, but the result has shape {np.shape(result)}")
    if not np.can_cast(np.result_type(primal_all(result)), out.dtype, "same_kind"):
        raise TypeError(f"{name}: cannot cast the result to the dtype {out.dtype} of out with casting rule 'same_kind'")
    out[...] = result
    return out
