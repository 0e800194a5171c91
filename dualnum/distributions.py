"""Distributions of `scipy.stats` whose methods lead active arguments to rows of the table.

A distribution is an object with methods. Its twin is an object of a subclass of its class, so that it is still what SciPy's
functions ask for; a frozen one calls the methods of the object that it has frozen, and takes active parameters too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from inspect import Parameter, Signature
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand, contains_active, is_active
from dualnum.table import Function
from dualnum.twins import TWINS, dispatching

__all__ = [
    "KERNELS",
    "asked_with_active",
    "distribution",
    "kernel",
    "of_real_numbers",
    "refuse",
    "restored",
    "subclass",
]

#: (name of a distribution, name of a method) -> the key of its row, with all arguments in their positions.
KERNELS: dict[tuple[str, str], Function] = {}

#: Classes of the twins, by the name of the distribution.
_CLASSES: dict[str, type] = {}

#: Methods of a point, and what it is called.
_POINTS = {
    **dict.fromkeys(("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"), "x"),
    **dict.fromkeys(("ppf", "isf"), "q"),
}
_COUNTS = {name.replace("pdf", "pmf"): point.replace("x", "k") for name, point in _POINTS.items()}
_MOMENTS = ("mean", "var", "std", "entropy")
_ADVICE = {
    "rvs": "Draw from the standard distribution with primal(x), and write loc + scale * z, or dist.ppf(u, ...) of uniform u.",
    "fit": "Minimize -np.sum(dist.logpdf(data, ...)) with dualnum.scipy.optimize.minimize, which has derivatives in the data.",
    "expect": "Write the integral with dualnum.scipy.integrate.quad, or the sum.",
    "stats": "There are the mean and the variance (moments='mv').",
    "moment": "There are the mean and the variance.",
    "nnlf": "Write -np.sum(dist.logpdf(data, ...)).",
}
_OTHERS = ("rvs", "fit", "fit_loc_scale", "expect", "stats", "moment", "nnlf", "support", "median", "interval")


def asked_with_active(args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Whether something active is among the arguments."""
    return contains_active(args) or (bool(kwargs) and contains_active(list(kwargs.values())))


def refuse(name: str, method: str) -> NoRuleError:
    """Make the error for a method that has no derivative."""
    known = [m for n, m in KERNELS if n == name]
    if known:
        advice = _ADVICE.get(method, f"Write it with those that have one ({', '.join(known)}).")
    else:
        advice = "Write its density with NumPy and scipy.special, whose functions take Duals."
    return NoRuleError(
        f"scipy.stats.{name}.{method} has no derivative with respect to its arguments, of which one is a Dual. {advice} Pass "
        "primal(x) if its derivative is not wanted."
    )


def of_real_numbers(name: str, x: Any) -> Any:
    """Make an argument an array, or an active number; complex ones have no distribution."""
    x = as_operand(x) if is_active(x) or contains_active(x) else np.asarray(x)[()]
    if is_active(x) and x.dtype.kind == "c":
        raise NoRuleError(f"scipy.stats.{name} is of real numbers: it has no derivative with respect to complex ones.")
    return x


def kernel(name: str, method: str, parameters: Sequence[str], plain: Function) -> Function:
    """Make the key of the row of a method.

    Parameters
    ----------
    name, method : str
        Of the distribution and of its method.
    parameters : sequence of str
        Names of all arguments, all of which are given by position.
    plain : callable
        Computes the value.

    Returns
    -------
    callable
        Leads active arguments to the row that is to be registered for it.
    """

    def computed(*args: Any) -> Any:
        return np.asarray(plain(*args))[()]

    made: Any = dispatching(computed)
    made.__module__, made.__name__, made.__qualname__ = "scipy.stats", f"{name}.{method}", f"{name}.{method}"
    made.__signature__ = Signature([Parameter(p, Parameter.POSITIONAL_ONLY) for p in parameters])
    KERNELS[name, method] = made
    return made


class _Leading:
    """Base of the twins, in front of SciPy's class: how active arguments come to the rows."""

    _twin_name: str
    _parse_args: Callable[..., Any]
    ppf: Callable[..., Any]
    __getstate__: Callable[..., Any]

    def __reduce__(self) -> Any:
        return restored, (self._twin_name,), self.__getstate__()

    def _parameters(self, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Shapes, location and scale (which discrete distributions do not have)."""
        shapes, loc, scale = self._parse_args(*args, **kwargs)
        found = [*shapes, loc] if (self._twin_name, "pmf") in KERNELS else [*shapes, loc, scale]
        return [of_real_numbers(self._twin_name, x) for x in found]

    def _lead_point(self, method: str, point: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if (self._twin_name, method) not in KERNELS:
            raise refuse(self._twin_name, method)
        rest = dict(kwargs)
        if not args and point not in rest:
            raise TypeError(f"{method}() missing 1 required positional argument: {point!r}")
        x, args = (args[0], args[1:]) if args else (rest.pop(point), args)
        row = KERNELS[self._twin_name, method]
        return row(of_real_numbers(self._twin_name, x), *self._parameters(args, rest))

    def _lead_moment(self, method: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if (self._twin_name, method) not in KERNELS:
            raise refuse(self._twin_name, method)
        return KERNELS[self._twin_name, method](*self._parameters(args, kwargs))

    def _lead_other(self, method: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if method == "median":
            return self.ppf(0.5, *args, **kwargs)
        if method == "interval" and (args or "confidence" in kwargs):
            return self._interval(*args, **kwargs)
        if method == "stats" and set(wanted := kwargs.get("moments", "mv")) <= {"m", "v"}:
            rest = {key: value for key, value in kwargs.items() if key != "moments"}
            found = [self._lead_moment(name, args, rest) for name in ("mean", "var") if name[0] in wanted]
            return found[0] if len(found) == 1 else tuple(found)
        raise refuse(self._twin_name, method)

    def _interval(self, confidence: Any, *args: Any, **kwargs: Any) -> Any:
        level = primal_all(confidence)
        if np.any((np.asarray(level) > 1) | (np.asarray(level) < 0)):
            raise ValueError("the confidence must be between 0 and 1")
        confidence = of_real_numbers(self._twin_name, confidence)
        low, high = (1.0 - confidence) / 2, (1.0 + confidence) / 2
        return self.ppf(low, *args, **kwargs), self.ppf(high, *args, **kwargs)


def _guarded(original: Function, lead: Callable[[Any, Sequence[Any], dict[str, Any]], Any]) -> Function:
    """SciPy's method for plain arguments; for others where they are led to."""

    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if asked_with_active(args, kwargs):
            return lead(self, args, kwargs)
        return original(self, *args, **kwargs)

    return method


def subclass(original: Any, name: str, base: type, methods: dict[str, Any]) -> type:
    """Make the class of a twin, a subclass of that of SciPy's object."""
    cls = type(original)
    body = {"__doc__": cls.__doc__, "__module__": cls.__module__, "_twin_name": name, **methods}
    made = type(cls.__name__, (base, cls), body)
    _CLASSES[name] = made
    return made


def restored(name: str) -> Any:
    """Make an empty twin, for pickle."""
    if name not in _CLASSES:
        import_module("dualnum.scipy.stats")  # which fills the list
    return object.__new__(_CLASSES[name])


def distribution(original: Any) -> None:
    """Make the twin of a distribution, whose methods lead to the kernels that there are.

    Parameters
    ----------
    original : scipy.stats.rv_continuous or scipy.stats.rv_discrete
        SciPy's object.
    """
    name, cls = original.name, type(original)
    methods: dict[str, Any] = {}

    def add(method: str, lead: Callable[[Any, Sequence[Any], dict[str, Any]], Any]) -> None:
        if hasattr(cls, method):
            methods[method] = _guarded(getattr(cls, method), lead)

    for method, point in (_COUNTS if hasattr(cls, "pmf") else _POINTS).items():
        add(method, lambda self, args, kwargs, m=method, p=point: self._lead_point(m, p, args, kwargs))  # type: ignore[misc]
    for method in _MOMENTS:
        add(method, lambda self, args, kwargs, m=method: self._lead_moment(m, args, kwargs))  # type: ignore[misc]
    for method in _OTHERS:
        add(method, lambda self, args, kwargs, m=method: self._lead_other(m, args, kwargs))  # type: ignore[misc]
    subclass(original, name, _Leading, methods)
    twin = restored(name)
    twin.__setstate__(original.__getstate__())
    TWINS[original] = twin
