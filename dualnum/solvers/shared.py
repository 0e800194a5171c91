"""A function whose value and derivative share their work, at one point after the other, as solvers ask for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from threading import local
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from dualnum.columns import jacobian_of
from dualnum.errors import InputError
from dualnum.inputs import as_input, copied_one, describe_function
from dualnum.jacobians import value_and_jacobian
from dualnum.modes import is_small
from dualnum.packing import contains_active
from dualnum.reverse import positions_of
from dualnum.transforms import with_others

__all__ = ["Shared"]

# What does not change, or no more than what the function itself refers to.
_CONSTANTS = frozenset({int, bool, str, bytes, type(None), FunctionType, BuiltinFunctionType, np.ufunc})

# From so many points in a row on where the derivative was wanted too, it is computed with the value. It often costs ten times
# as much, so that it must be wanted nearly always.
_IN_A_ROW = 16


def _snapshot(arg: Any) -> Any:
    """Something that equals the snapshot of another argument only if a function cannot tell the two apart."""
    cls = arg.__class__
    if cls is np.ndarray and arg.dtype.char != "O":
        return arg.tobytes(), arg.shape, arg.dtype
    if isinstance(arg, float):
        return cls, arg.hex()  # which tells -0.0 from 0.0, and knows a nan again
    if isinstance(arg, np.generic):
        return arg.dtype, arg.tobytes()  # times have units
    if cls in _CONSTANTS:
        return cls, arg
    if cls is tuple or cls is list:
        return cls, *map(_snapshot, arg)
    if cls is dict:
        return cls, *map(_snapshot, arg.items())
    return object()  # equal to nothing else, for who knows whether it has changed


# A snapshot of all arguments; the arguments of the function that is differentiated, and its keyword arguments.
Point = tuple[Any, list[Any], dict[str, Any]]


class _Memo(local):
    """What a thread remembers."""

    call: Any = None  # what the function was last called with
    awaited = False  # whether the derivative there has not been asked for yet
    wanted = _IN_A_ROW  # at how many points in a row it has been
    key: Any = None  # of the point where value and derivative are known
    value: Any = None  # None when it has been handed out
    derivative: Any = None  # the same

    def __init__(self) -> None:
        self.second: dict[
            str, tuple[Any, Any]
        ] = {}  # by its name a second derivative or linear map, and the key of its point


class Shared:
    """A function whose value and derivative come from one run.

    Parameters
    ----------
    f : callable
        The user's function.
    function : callable
        The function that is differentiated, of the arguments that `_arguments` gives.
    position : int
        The argument of it with respect to which.
    names : tuple of str
        The arguments that a solver is given by ``**``.
    options
        As in `value_and_jacobian`.
    """

    def __init__(
        self, f: Callable[..., Any], function: Callable[..., Any], position: int, names: tuple[str, ...], **options: Any
    ) -> None:
        self._f = f
        self._function = function
        self._position = position
        self._names = names
        self._where = f"{type(self).__name__.lower()}({describe_function(f)})"
        if not callable(f):
            raise InputError(f"{self._where}: expected a function, got {f!r}.")
        self._both = value_and_jacobian(function, position, **options)
        usual = {"chunk", "sparse"}.isdisjoint(name for name, value in options.items() if value)
        self._forward = usual and options.get("mode") != "reverse"
        self._memo = _Memo()
        update_wrapper(self, f, updated=())  # curve_fit counts the parameters of the signature

    def keys(self) -> tuple[str, ...]:
        """Names of the arguments that a solver is given by ``**``."""
        return self._names

    def __getitem__(self, name: str) -> Callable[..., Any]:
        if name not in self._names:
            raise KeyError(name)
        return getattr(self, name)

    @property
    def fun(self) -> Callable[..., Any]:
        """The function for a solver: the object itself; or, of right-hand sides ``f(t, y)``, what it was made of.

        Solvers of differential equations want so few Jacobians that to be asked each time would cost more than is shared.
        """
        return self if self._position == 0 else self._f

    def _arguments(self, args: tuple[Any, ...]) -> list[Any]:
        """Arguments of the function that is differentiated, the one with respect to which copied."""
        found = list(args)
        position = self._position
        if not -len(found) <= position < len(found):
            positions_of(position, len(found), self._where)  # which raises, with advice
        found[position] = as_input(found[position], self._where)
        return found

    def _point(self, args: tuple[Any, ...], others: dict[str, Any]) -> Point:
        arguments = self._arguments(args)
        return (*map(_snapshot, arguments), _snapshot(others) if others else None), arguments, others

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Value of the function; where derivatives have been wanted too, they are computed with it."""
        memo = self._memo
        memo.call = args, kwargs
        point = None
        if memo.key is not None:
            point = self._point(args, kwargs)
            if point[0] == memo.key and memo.value is not None:
                value, memo.value = memo.value, None
                return copied_one(value)
            memo.key = None
        if memo.awaited:
            memo.wanted = 0
        memo.awaited = True
        if memo.wanted < _IN_A_ROW:
            return self._f(*args, **kwargs)
        value, _ = self._linearize(*(point or self._point(args, kwargs)))
        memo.value = None
        return copied_one(value)

    def jac(self, *args: Any, **kwargs: Any) -> Any:
        """Derivative of the function; where the function has just been called, mostly for no further run of it."""
        if self._position:
            return self._differentiated(self._arguments(args), kwargs)[1]  # nothing is shared with `fun`
        memo = self._memo
        point = self._point(args, kwargs)
        key = point[0]
        if memo.awaited:
            # Variables may be gone with their tape.
            plain = memo.key or not contains_active([*memo.call[0], *memo.call[1].values()])
            wanted = plain and key == (memo.key or self._point(*memo.call)[0])
            memo.wanted = memo.wanted + 1 if wanted else 0
            memo.awaited = False
        derivative = memo.derivative if key == memo.key else None
        if derivative is None:
            _, derivative = self._linearize(*point)
        memo.derivative = None
        return derivative.copy()

    def _linearize(self, key: Any, arguments: list[Any], others: dict[str, Any]) -> tuple[Any, Any]:
        """Value and derivative, each of which is remembered until it is asked for.

        Who asks for it again may have changed what the function reads elsewhere: a solve may start where the last one ended.
        """
        memo = self._memo
        memo.key = None
        if memo.second:
            memo.second = {name: known for name, known in memo.second.items() if known[0] != key}
        value, derivative = self._differentiated(arguments, others)
        # What depends on somebody else's Duals or variables is for him alone.
        if not contains_active(value):
            memo.key, memo.value, memo.derivative = key, value, derivative
        return value, derivative

    def _differentiated(self, arguments: list[Any], others: dict[str, Any]) -> tuple[Any, Any]:
        """Value and derivative."""
        x = arguments[self._position]
        if self._forward and x.dtype.kind == "f" and is_small(x.size):
            # What value_and_jacobian comes to, in short: most problems are so small that the way there would show.
            alone = len(arguments) == 1 and not others
            function = self._function if alone else with_others(self._function, arguments, self._position, others)
            value, derivative, _ = jacobian_of(function, x, None, False, self._where)
        else:
            value, derivative = self._both(*arguments, **others)
        if isinstance(derivative, (list, tuple, dict)):
            raise InputError(
                f"{self._where}: the function returned a {type(value).__name__} of arrays, but solvers take one array; join "
                "them by np.concatenate or np.stack."
            )
        return value, derivative

    def _once(self, name: str, key: Any, compute: Callable[[], Any]) -> Any:
        """What is known by a name, computed unless this was done last for the same key."""
        second = self._memo.second
        if name not in second or second[name][0] != key:
            second[name] = key, compute()
        return second[name][1]
