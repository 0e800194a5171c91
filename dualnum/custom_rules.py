"""The forms in which a user can write a rule, made rows of the table."""

from __future__ import annotations

import inspect
from functools import wraps
from math import inf, isnan, nan
from sys import getrefcount
from typing import Any

import numpy as np

from dualnum.aliasing import keep_aliasing, owner_of
from dualnum.application import apply_row
from dualnum.calls import Call, guarded, own_memory, parted, unshared, zeros_for
from dualnum.dispatch import level_of, primal_all, top_of
from dualnum.dual import Dual
from dualnum.errors import InputError, NoRuleError
from dualnum.packing import ACTIVE_TYPES, contains_active
from dualnum.table import Function, Nonlinear, function_name
from dualnum.tape.needs import stand_in
from dualnum.tape.nodes import Sweep
from dualnum.tape.recording import Unseen, arrays_in
from dualnum.tape.transposing import transpose

__all__ = [
    "JVP",
    "VJP",
    "Linearised",
    "check_count",
    "positional",
    "ruled",
    "signature_of",
    "with_defaults",
]


def signature_of(function: Any) -> inspect.Signature | None:
    """Signature of a function, None if it does not tell; of a ufunc, the inputs are all that matters."""
    try:
        return None if isinstance(function, np.ufunc) else inspect.signature(function)
    except (TypeError, ValueError):
        return None


def positional(function: Any) -> tuple[int, float]:
    """How many positional arguments a function takes, at least and at most; nan if it does not tell."""
    if isinstance(function, np.ufunc):
        return function.nin, function.nin
    signature = signature_of(function)
    if signature is None:
        return 0, nan
    parameters = signature.parameters.values()
    by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in by_position)
    return least, inf if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(by_position)


def check_count(function: Any, count: float, name: str, what: str) -> None:
    """Raise unless a function can be called with so many positional arguments: inf for any number, nan where it is unknown."""
    if not callable(function):
        raise InputError(f"{name}: {what} must be a function; got {type(function).__name__}.")
    least, most = positional(function)
    if not (isnan(count) or isnan(most) or (most == inf if count == inf else least <= count <= most)):
        wanted = "any number of arguments" if count == inf else f"{count} argument{'s' * (count != 1)}"
        raise InputError(f"{name}: {what} must take {wanted}, but its parameters are {signature_of(function)}.")


def with_defaults(signature: inspect.Signature | None, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Positional arguments, however they were given, with defaults filled in; and the keyword-only ones that were given."""
    if signature is None:
        return args, kwargs
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args, {key: value for key, value in bound.kwargs.items() if key in kwargs}


def _pair(result: Any, name: str, what: str) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise InputError(f"{name}: {what}; got {type(result).__name__}.")
    return result


def _references(objects: list[Any]) -> list[int]:
    return [getrefcount(each) for each in objects]


def _is_opaque(leaf: Any) -> bool:
    """Whether a residual may hold arrays where they are not seen."""
    if leaf.__class__ is np.ndarray:
        return leaf.dtype.char == "O"
    return leaf.__class__ not in ACTIVE_TYPES and not isinstance(leaf, _TRANSPARENT)


_TRANSPARENT = (np.generic, complex, float, int, str, bytes, type(None), type, np.dtype, slice, range)


class Rules:
    """How a function of the user's is linearised; the base of the forms in which that can be written.

    ``rule`` and ``pull`` are those of the rows (`dualnum.table.Nonlinear`), with the `Call` beside the arrays.
    """

    batched = False

    def __init__(self, function: Function) -> None:
        self.function = function
        self.name = function_name(function)
        self.signature = signature_of(function)
        self.dispatching: Function = function
        self._rows: dict[int, Nonlinear] = {}

    def rule_missing(self) -> str:
        """Tell how to give the rule, if it is missing."""
        return ""

    def rule(self, *values: Any, call: Call) -> tuple[Any, Function]:
        """Result, and the map of tangents."""
        raise NotImplementedError

    #: Result, and the map of cotangents; None where it is derived from the other.
    pull: Function | None = None

    def row(self, count: int) -> Nonlinear:
        """Row of the function where it is called with so many arrays."""
        row = self._rows.get(count)
        if row is None:
            row = self._rows[count] = Nonlinear(
                function=self.dispatching,
                rule=self.rule,
                pull=self.pull,
                positions=tuple(range(count)),
                batched=self.batched,
            )
        return row

    def evaluate(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Value, of which outer levels may still carry derivatives."""
        if any(map(contains_active, parted(args)[0])):
            return self.dispatching(*args, **options)
        return guarded(self.name, self.function, *args, **options)

    def apply(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Apply the rule to arguments of which some are active."""
        missing = self.rule_missing()
        if missing:
            raise NoRuleError(f"{self.name} has no derivative yet: give it a rule with {missing}.")
        call = Call(self.name, *with_defaults(self.signature, args, kwargs))
        values = call.release()
        outs = apply_row(self.row(len(values)), values, {"call": call}, top_of(values))
        for out in outs if isinstance(outs, (list, tuple)) else (outs,):
            # The tangent of a view is none, unless the rule has made it so.
            if isinstance(out, Dual) and getattr(primal_all(out), "base", None) is not None:
                for value in values:
                    if level_of(value) == out._level:
                        keep_aliasing(value, out)
        return call.give(outs)


class JVP(Rules):
    """By a function of primals and tangents."""

    jvp: Any = None

    def take(self, jvp: Function) -> None:
        """Take the rule."""
        check_count(jvp, 2, self.name, "the rule")
        self.jvp = jvp

    def rule_missing(self) -> str:
        """Tell how to give the rule, if it is missing."""
        return "" if self.jvp else "@f.defjvp"

    def rule(self, *values: Any, call: Call) -> tuple[Any, Function]:
        """Result, and the map of tangents."""
        args, options = call.arguments(values)
        outs = call.take(self.evaluate(args, options), values)

        def push(*tangents: Any) -> Any:
            primals, options = call.arguments(values)
            result = guarded(self.name, self.jvp, primals, call.tangents(values, tangents), **options)
            out, out_dot = _pair(result, self.name, "the rule must return a pair (out, out_dot)")
            call.check_primal(out)
            return call.tangents_of_result(out_dot, tangents)

        return outs, push


class Linearised(Rules):
    """By a function that gives the result and the map of tangents, as the rows of the table have it."""

    linearise: Any = None

    def take(self, linearise: Function) -> None:
        """Take the rule."""
        check_count(linearise, positional(self.function)[1], self.name, "the rule")
        self.linearise = linearise

    def rule(self, *values: Any, call: Call) -> tuple[Any, Function]:
        """Result, and the map of tangents."""
        args, options = call.arguments(values)
        result = guarded(self.name, self.linearise, *args, **options)
        out, linear = _pair(result, self.name, "the rule must return a pair (out, push)")
        outs = call.take(out, values)

        def push(*tangents: Any) -> Any:
            out_dot = guarded(self.name, linear, *call.tangents_or_none(values, tangents))
            return call.tangents_of_result(out_dot, tangents)

        return outs, push


class VJP(Rules):
    """By a forward pass that keeps residuals, and a backward pass from these; the push is the transpose of the latter."""

    batched = True
    forward: Any = None
    backward: Any = None

    def take(self, forward: Function, backward: Function) -> None:
        """Take both passes."""
        check_count(forward, positional(self.function)[1], self.name, "forward")
        check_count(backward, 2, self.name, "backward")
        self.forward, self.backward = forward, backward

    def rule_missing(self) -> str:
        """Tell how to give the rule, if it is missing."""
        return "" if self.forward else "f.defvjp(forward, backward)"

    def pull(self, *values: Any, call: Call) -> tuple[Any, Function]:  # type: ignore[override]
        """Result, and the map of cotangents."""
        args, options = call.arguments(values)
        owners = [owner_of(primal_all(value)) for value in values]
        before = _references(owners)
        result = guarded(self.name, self.forward, *args, **options)
        out, residuals = _pair(result, self.name, "forward must return a pair (out, residuals)")
        outs = call.take(out, values)
        # In a list, where the tape sees the arrays and takes copies of those that are about to be overwritten.
        kept, treedef = parted(residuals)
        unseen = None
        if any(map(_is_opaque, kept)):
            del result, out, residuals
            outs = own_memory(outs, values)
            held = [n - m for n, m in zip(_references(owners), before, strict=True)]
            for array in [*arrays_in(kept), *(outs if outs.__class__ is tuple else (outs,))]:
                held = [n - (owner_of(primal_all(array)) is owner) for n, owner in zip(held, owners, strict=True)]
            unseen = Unseen([value for value, n in zip(values, held, strict=True) if n > 0], self.name)
        likes = [stand_in(value.shape, value.dtype) for value in values]

        def pull(out_bar: Any, unseen: Any = unseen) -> list[Any]:
            residuals = treedef.unflatten(kept)
            bars = guarded(self.name, self.backward, residuals, call.cotangents_of_result(out_bar))
            return call.cotangents(bars, likes)

        return outs, pull

    def rule(self, *values: Any, call: Call) -> tuple[Any, Function]:
        """Result, and the map of tangents."""
        outs, pull = self.pull(*values, call=call)
        single = outs.__class__ is not tuple
        likes = (outs,) if single else outs

        def push(*tangents: Any) -> Any:
            active = [i for i, tangent in enumerate(tangents) if tangent is not None]
            k = next((len(tangents[i]) for i in active if np.ndim(tangents[i]) > np.ndim(values[i])), None)

            def transposed(*out_bars: Any) -> list[Any]:
                bars = pull(out_bars[0] if single else list(out_bars))
                return [bars[i] for i in active]

            found = transpose(transposed, likes, [tangents[i] for i in active], Sweep(k, careful=True))
            lead = () if k is None else (k,)
            out_dots = [
                zeros_for(like, lead) if out_dot is None else out_dot
                for out_dot, like in zip(found, likes, strict=True)
            ]
            out_dots = unshared(out_dots, tangents)
            return out_dots[0] if single else out_dots

        return outs, push


def ruled(rules: Rules) -> Any:
    """Make the function that users call: plain arguments lead to the function itself, active ones to its rule."""
    function = rules.function

    @wraps(function)
    def custom(*args: Any, **kwargs: Any) -> Any:
        if any(map(contains_active, parted((args, kwargs))[0])):
            return rules.apply(args, kwargs)
        return function(*args, **kwargs)

    rules.dispatching = custom
    return custom
