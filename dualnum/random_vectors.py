"""Distributions of vectors in `scipy.stats` whose methods lead active arguments to rows of the table.

As in `dualnum.distributions`, a twin is of a subclass of SciPy's class. SciPy's frozen ones compute what they need at once;
so the twin of a frozen one keeps its parameters where some of them are active, and calls the methods of the twin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any

from dualnum.dispatch import primal_all
from dualnum.distributions import KERNELS, asked_with_active, kernel, of_real_numbers, refuse, restored, subclass
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand, contains_active, is_active
from dualnum.table import Function, composite
from dualnum.twins import TWINS

__all__ = ["random_vector"]

_FROZEN: dict[tuple[str, type], type] = {}

#: Twins by the class of SciPy's frozen ones.
_TWINS: dict[type, Any] = {}


def _argument(name: str, x: Any) -> Any:
    """An array or an active number; other arguments (None, flags, covariances of SciPy's) stay as they are."""
    return of_real_numbers(name, x) if is_active(x) or contains_active(x) else x


def _plain(x: Any) -> Any:
    """Values without derivatives."""
    return primal_all(as_operand(x)) if is_active(x) or contains_active(x) else x


class _Leading:
    """Base of the twins, in front of SciPy's class."""

    _twin_name: str
    __getstate__: Callable[..., Any]

    def __reduce__(self) -> Any:
        return restored, (self._twin_name,), self.__getstate__()


class _Frozen:
    """Base of the twins of frozen ones: `_given` are the parameters if some are active, and None else."""

    _attributes: Mapping[str, str]
    _given: dict[str, Any] | None
    _twin: Any

    def __reduce__(self) -> Any:
        return _empty, (self._twin, type(self).__mro__[2]), self.__dict__.copy()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__dict__.get("_given") is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise NoRuleError(
            f"A frozen distribution of scipy.stats whose parameters are Duals has no attribute {name!r}; use the parameters "
            "themselves."
        )

    def _parameters(self) -> dict[str, Any]:
        if self._given is not None:
            return self._given
        # Older versions of SciPy keep fewer of them.
        held = {name: attribute for name, attribute in self._attributes.items() if hasattr(self, attribute)}
        return {name: getattr(self, attribute) for name, attribute in held.items()}


def _empty(twin: Any, cls: type) -> Any:
    """Make an empty frozen twin, for pickle."""
    return object.__new__(_frozen_class(twin, cls))


def _frozen_class(twin: Any, cls: type) -> type:
    """Class of the twins of frozen ones of a class."""
    name = twin._twin_name
    if (name, cls) not in _FROZEN:
        methods: dict[str, Any] = {
            "__doc__": cls.__doc__,
            "__module__": cls.__module__,
            "_attributes": twin._attributes,
        }
        for method, original in _public(cls).items():
            methods[method] = _frozen_method(name, method, original)
        _FROZEN[name, cls] = type(cls.__name__, (_Frozen, cls), methods)
    return _FROZEN[name, cls]


def _public(cls: type) -> dict[str, Function]:
    """Methods of a class of SciPy's that users call."""
    found = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}
    return {name: value for name, value in found.items() if callable(value)}


def _frozen_method(name: str, method: str, original: Function) -> Function:
    known = (name, method) in KERNELS

    @wraps(original)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self._given is None and not asked_with_active(args, kwargs):
            return original(self, *args, **kwargs)
        if not known:
            raise refuse(name, method)
        wanted = signature(getattr(type(self._twin), method)).parameters
        more = {key: value for key, value in self._parameters().items() if key in wanted}
        return getattr(self._twin, method)(*args, **kwargs, **more)

    return called


def _freezing(original: Function) -> Function:
    """``__call__``, which freezes."""

    @wraps(original)
    def freeze(self: Any, *args: Any, **kwargs: Any) -> Any:
        if asked_with_active(args, kwargs):
            given = signature(original).bind(self, *args, **kwargs).arguments
            parameters = {name: value for name, value in given.items() if name not in ("self", "seed")}
            made = original(self, **{name: _plain(value) for name, value in parameters.items()})  # it checks them, too
            if type(made) is not self._frozen:
                raise NoRuleError(
                    f"scipy.stats.{self._twin_name} with these parameters is another distribution: take that one itself."
                )
            twin = self
            frozen, state = _empty(self, type(made)), {"_given": parameters}
        else:
            made = original(self, *args, **kwargs)
            twin = _TWINS[type(made)]
            frozen, state = _empty(twin, type(made)), made.__dict__ | {"_given": None}
        frozen.__dict__.update(state, _twin=twin)
        return frozen

    return freeze


def _guarded(name: str, method: str, original: Function) -> Function:
    @wraps(original)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not asked_with_active(args, kwargs):
            return original(self, *args, **kwargs)
        if (name, method) not in KERNELS:
            raise refuse(name, method)
        bound = signature(original).bind(self, *args, **kwargs)
        bound.apply_defaults()
        _, *values = bound.args
        return KERNELS[name, method](*(_argument(name, value) for value in values))

    return called


def random_vector(
    name: str, original: Any, frozen: type, bodies: Mapping[str, Function], attributes: Mapping[str, str]
) -> None:
    """Register a distribution of vectors, and make its twin.

    Parameters
    ----------
    name : str
        Of the distribution in `scipy.stats`.
    original : object
        SciPy's object.
    frozen : type
        Class of its frozen ones.
    bodies : mapping of str to callable
        For each method that has derivatives, a function of the same parameters, made of functions of the table.
    attributes : mapping of str to str
        For each parameter, the attribute that holds it in a frozen one.
    """
    for method, body in bodies.items():
        parameters = list(signature(body).parameters)
        composite(kernel(name, method, parameters, getattr(original, method)), body)
    cls = type(original)
    methods: dict[str, Any] = {m: _guarded(name, m, f) for m, f in _public(cls).items()}
    methods |= {"__call__": _freezing(cls.__call__), "_attributes": attributes, "_frozen": frozen}
    subclass(original, name, _Leading, methods)
    twin = restored(name)
    twin.__dict__.update(original.__dict__)
    TWINS[original] = _TWINS[frozen] = twin
