"""Calls of functions that have a rule of the user's: arrays taken out of the arguments, and all that comes back checked.

The rows of the table work on arrays alone. So the arguments are parted: arrays, and the rest (numbers, strings, options,
the structure), which a `Call` keeps. Results are parted in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.dispatch import level_of, primal_all
from dualnum.errors import InputError, MutationError, NoRuleError, ShapeError
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active, holds_objects, refuse_foreign_array
from dualnum.tape.needs import stand_in
from dualnum.trees import tree_flatten

__all__ = ["Call", "as_result", "guarded", "own_memory", "parted", "unshared", "zeros_for"]

_FLOAT64 = np.dtype(np.float64)
_STATIC: Any = (bool, int, str, bytes, type(None))


def parted(tree: Any) -> tuple[list[Any], Any]:
    """Leaves and structure of arguments or results, with None for a leaf."""
    return tree_flatten(tree, none_is_leaf=True)


def _is_array(x: Any) -> bool:
    """Whether `x` is an array of numbers, or active."""
    return x.__class__ in ACTIVE_TYPES or (isinstance(x, np.ndarray) and x.dtype.kind in "biufc")


def zeros_for(x: Any, lead: tuple[int, ...] = ()) -> Any:
    """Tangent of a constant number or array, None for anything else."""
    if not _is_array(x) and not isinstance(x, (int, float, complex, np.number)):
        return None
    dtype = getattr(x, "dtype", None) or np.result_type(x)
    return np.zeros((*lead, *np.shape(x)), dtype if dtype.kind in "fc" else _FLOAT64)[()]


def guarded(name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function of the user's; raise if it has changed an array that it was given.

    Such an array may belong to other numbers too, which would then be wrong. That it is given for reading only cannot be
    said beforehand: much compiled code refuses that.
    """
    arrays = [leaf for leaf in parted((args, kwargs))[0] if isinstance(primal_all(leaf), np.ndarray)]
    before = [primal_all(array).tobytes() for array in arrays]
    result = function(*args, **kwargs)
    if any(primal_all(array).tobytes() != content for array, content in zip(arrays, before, strict=True)):
        raise MutationError(
            f"{name}: {getattr(function, '__name__', 'a function')} has changed an array that it was given. Other numbers may "
            "share its memory: work on a copy (x = x.copy()) and return that."
        )
    return result


def as_result(name: str, leaf: Any, arguments: Sequence[Any]) -> Any:
    """Make a NumPy number of a Python float, one active array of an object array; refuse what is no number."""
    if holds_objects(leaf):
        leaf = as_operand(leaf)
    if leaf.__class__ is float:
        return np.float64(leaf)
    if leaf.__class__ is complex:
        return np.complex128(leaf)
    refuse_foreign_array(leaf)
    if not isinstance(leaf, (np.ndarray, np.generic, *_STATIC)) and leaf.__class__ not in ACTIVE_TYPES:
        raise InputError(
            f"{name}: it returned {type(leaf).__name__}; expected numbers or NumPy arrays, or tuples, lists or dicts of them."
        )
    if holds_objects(leaf):
        raise InputError(f"{name}: it returned an object array; expected an array of numbers.")
    if isinstance(leaf, np.ndarray) and any(leaf is argument for argument in arguments):
        return leaf.view()  # as NumPy does it: so it is seen that the two share their memory
    return leaf


def unshared(tangents: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """Give the tangents of results memory of their own: a rule may keep it, or have given it to several of them.

    But not where it lies in that of a tangent that the rule was given, for such a result may be a view.
    """
    own: list[Any] = []
    for tangent in tangents:
        plain = tangent.__class__ is np.ndarray
        if _shares(tangent, inputs):
            copies = plain and not tangent.flags.writeable
        else:
            copies = plain or _shares(tangent, own)
        own.append(tangent.copy(order="K") if copies else tangent)
    return own


def _shares(x: Any, others: Sequence[Any]) -> bool:
    """Whether the memory of an array is that of another one too."""
    return any(other is not None and np.may_share_memory(primal_all(x), primal_all(other)) for other in others)


def own_memory(outs: Any, arguments: Sequence[Any]) -> Any:
    """Copy results, one or a tuple, that are no views of arguments."""
    if outs.__class__ is tuple:
        return tuple([own_memory(out, arguments) for out in outs])
    return outs.copy(order="K") if np.ndim(outs) and not _shares(outs, arguments) else outs


def _closed(array: Any) -> Any:
    """View for reading only."""
    if array.__class__ in ACTIVE_TYPES:
        return array._with_parts(*map(_closed, array._parts()))
    if array.__class__ is np.ndarray:
        array = array.view()
        array.flags.writeable = False
    return array


class Call:
    """What was passed beside arrays, where the arrays belong, and of what the result was made.

    Parameters
    ----------
    name : str
        Name of the function, for messages.
    args, kwargs
        Its arguments. Positional ones are differentiable.

    Raises
    ------
    NoRuleError
        A keyword argument is active.
    InputError
        An argument is a container that hides something active.
    """

    __slots__ = ("_leaves", "_places", "_result", "_treedef", "_values", "level", "name")

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name = name
        for key, value in kwargs.items():
            if any(map(contains_active, parted(value)[0])):
                raise NoRuleError(
                    f"{name} has no derivative with respect to its keyword-only argument {key!r}, which is a Dual or a "
                    f"variable. Make it a positional parameter, or pass primal({key}) if its derivative is not wanted."
                )
        leaves, self._treedef = parted((args, kwargs))
        self._places: list[int] = []
        self._values: list[Any] = []
        for i, leaf in enumerate(leaves):
            if contains_active(leaf):
                if leaf.__class__ not in ACTIVE_TYPES and not holds_objects(leaf):
                    raise InputError(
                        f"{name}: an argument is a {type(leaf).__name__} that holds Duals or variables; pass an array, or a "
                        "list, tuple or dict of arrays."
                    )
                leaf = as_operand(leaf)
            if _is_array(leaf):
                self._places.append(i)
                self._values.append(leaf)
                leaves[i] = None  # the row keeps the arrays that it needs, and no others
        self._leaves = leaves
        self._result: Any = None
        self.level = max(map(level_of, self._values), default=0)

    # Arguments

    def release(self) -> list[Any]:
        """Hand the arrays out, once: the tape keeps the call, and of the arrays what it needs."""
        values, self._values = self._values, []
        return values

    def arguments(self, values: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Put arrays where they belong."""
        leaves = self._leaves.copy()
        for i, value in zip(self._places, values, strict=True):
            leaves[i] = value
        return self._treedef.unflatten(leaves)

    def tangents(self, values: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
        """Tangents of the positional arguments: zeros for constants, None for what is no number."""
        leaves = [zeros_for(leaf) for leaf in self._leaves]
        for i, value, tangent in zip(self._places, values, tangents, strict=True):
            leaves[i] = zeros_for(value) if tangent is None else tangent
        return self._treedef.unflatten(leaves)[0]

    def tangents_or_none(self, values: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
        """Tangents of the positional arguments, None for one that is constant."""
        active = {i for i, tangent in zip(self._places, tangents, strict=True) if tangent is not None}
        given = list(self.tangents(values, tangents))
        start = 0
        for j, part in enumerate(self._parts()):
            if active.isdisjoint(range(start, start + part.num_leaves)):
                given[j] = None
            start += part.num_leaves
        return given

    def cotangents(self, bars: Any, values: Sequence[Any]) -> list[Any]:
        """Cotangents of the arrays, of those that a rule gives for the positional arguments."""
        parts = self._parts()
        if not isinstance(bars, (tuple, list)) or len(bars) != len(parts):
            given = f"{len(bars)} of them" if isinstance(bars, (tuple, list)) else type(bars).__name__
            raise ShapeError(
                f"{self.name}: backward must return a tuple of {len(parts)} cotangents, one for each positional argument "
                f"(None for zero); got {given}."
            )
        leaves: list[Any] = []
        for j, (part, bar) in enumerate(zip(parts, bars, strict=True)):
            found, treedef = parted(bar)
            if bar is None:
                found = [None] * part.num_leaves
            elif treedef != part:
                raise ShapeError(
                    f"{self.name}: backward gave a cotangent of the structure {treedef} for argument {j}, which has the "
                    f"structure {part}."
                )
            leaves += found
        leaves += [None] * (len(self._leaves) - len(leaves))
        result = []
        for i, value in zip(self._places, values, strict=True):
            bar = leaves[i]
            if bar is None:
                bar = stand_in(value.shape, value.dtype)
            result.append(self._checked(bar, value, "backward gave a cotangent", "the argument"))
        return result

    def _parts(self) -> list[Any]:
        """Structures of the positional arguments."""
        return self._treedef.child(0).children()

    # Results

    def take(self, result: Any, values: Sequence[Any]) -> Any:
        """Take the arrays of floats out of a result: one, or a tuple of them; the rest is kept for `give`."""
        leaves, treedef = parted(result)
        places, outs = [], []
        for i, leaf in enumerate(leaves):
            leaf = leaves[i] = as_result(self.name, leaf, values)
            if level_of(leaf) >= self.level:
                raise InputError(
                    f"{self.name}: its result depends on a Dual or a variable that is not among its arguments. A rule can "
                    "only know of arguments: pass that value as one."
                )
            if getattr(leaf, "dtype", None) is not None and leaf.dtype.kind in "fc":
                places.append(i)
                outs.append(leaf)
                leaves[i] = None
        # Of a result whose memory is another's as well, no update could be seen there; but views of arguments are known.
        outs = [
            _closed(out) if not _shares(out, values) and _shares(out, [*outs[:i], *outs[i + 1 :]]) else out
            for i, out in enumerate(outs)
        ]
        self._result = leaves, treedef, places, [(out.shape, out.dtype) for out in outs]
        return outs[0] if len(outs) == 1 else tuple(outs)

    def give(self, outs: Any) -> Any:
        """Put arrays into the structure of the result: values, or cotangents."""
        leaves, treedef, places, _ = self._result
        leaves = leaves.copy()
        for i, out in zip(places, self._several(outs), strict=True):
            leaves[i] = out
        return treedef.unflatten(leaves)

    def cotangents_of_result(self, out_bar: Any) -> Any:
        """Put cotangents into the structure of the result, None for what has no derivative there."""
        leaves, treedef, places, _ = self._result
        bars: list[Any] = [None] * len(leaves)
        for i, bar in zip(places, self._several(out_bar), strict=True):
            bars[i] = bar
        return treedef.unflatten(bars)

    def tangents_of_result(self, out_dot: Any, inputs: Sequence[Any]) -> Any:
        """Take the tangents of a result out of what a rule gives for it; `inputs` are those that the rule was given."""
        _, expected, places, likes = self._result
        leaves, treedef = parted(out_dot)
        if treedef != expected:
            raise ShapeError(
                f"{self.name}: the rule gave tangents of the structure {treedef} for a result of the structure {expected}."
            )
        limit = max([self.level - 1, *map(level_of, inputs)])
        tangents = []
        for i, (shape, dtype) in zip(places, likes, strict=True):
            like = stand_in(shape, dtype)
            tangent = zeros_for(like) if leaves[i] is None else leaves[i]
            tangent = self._checked(tangent, like, "the rule gave a tangent", "the result")
            if level_of(tangent) > limit:
                raise InputError(
                    f"{self.name}: its rule uses a Dual or a variable that is not among its arguments; pass it as one."
                )
            if tangent.dtype.kind == "c" and dtype.kind != "c":
                raise InputError(f"{self.name}: the rule gave a complex tangent for a real result; take its real part.")
            tangents.append(tangent)
        tangents = unshared(tangents, inputs)
        return tangents[0] if len(tangents) == 1 else tangents

    def check_primal(self, out: Any) -> None:
        """Raise if the result that a rule gives beside the tangent is not like that of the function."""
        _, expected, places, likes = self._result
        leaves, treedef = parted(out)
        if treedef != expected or any(np.shape(leaves[i]) != like[0] for i, like in zip(places, likes, strict=True)):
            raise ShapeError(
                f"{self.name}: the result that the rule gives has another structure or shape than the function's."
            )

    def _several(self, outs: Any) -> Any:
        return outs if outs.__class__ in (list, tuple) else (outs,)

    def _checked(self, part: Any, like: Any, what: str, whose: str) -> Any:
        """Raise unless a tangent or cotangent has the shape of that to which it belongs."""
        if contains_active(part) or isinstance(part, (list, tuple)):
            part = as_operand(part)
        elif not isinstance(part, (np.ndarray, np.generic)):
            part = np.asarray(part)[()]
        refuse_foreign_array(part)
        if part.dtype.kind not in "biufc":
            raise InputError(f"{self.name}: {what} of dtype {part.dtype}; expected numbers.")
        if part.shape != like.shape:
            raise ShapeError(f"{self.name}: {what} of shape {part.shape}; {whose} has shape {like.shape}.")
        return part
