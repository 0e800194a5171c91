"""The front door: NumPy's protocols and Python's operators lead from here to the rows of the table.

`ActiveArray` is the base of every number that carries derivatives. It knows how to find the row, which arguments are
active, and at which level; what to do with a row is the business of the subclasses (`Dual`, later the tape's
variables).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.application import (
    OBSERVER,
    apply_function,
    level_of,
    not_differentiable,
    primal_all,
    store,
    strip,
    top_of,
)
from dualnum.asking import refuse_asking
from dualnum.errors import NoRuleError
from dualnum.namespace import NAMESPACE
from dualnum.operators import CONVERT, ROLES, STRANGER, Operators, role_of
from dualnum.packing import LEAVES, as_operand, holds_objects, refuse_foreign_array
from dualnum.table import TABLE, Composite, Constant, Elementwise, Function, Linear, Nonlinear

__all__ = [
    "OBSERVER",
    "UFUNC_METHODS",
    "ActiveArray",
    "apply_function",
    "level_of",
    "not_differentiable",
    "primal_all",
    "strip",
]

#: ``reduce``, ``accumulate``, ...: filled in by `dualnum.primitives`, which come later in the order of imports.
UFUNC_METHODS: dict[str, Callable[..., Any]] = {}

# Methods of ufuncs whose second input is an index.
_INDEXED = frozenset({"at", "reduceat"})


def _as_loop_dtype(x: Any, dtype: np.dtype, casting: str) -> Any:
    """Cast an active argument of a ufunc as ``dtype=`` says, but for complex arguments of functions to the reals."""
    return (
        x.astype(dtype, casting=casting)
        if isinstance(x, ActiveArray) and (x.dtype.kind, dtype.kind) != ("c", "f")
        else x
    )


class ActiveArray(Operators):
    """Base of the numbers that carry derivatives; answers NumPy's protocols and Python's operators.

    Subclasses provide ``_value``, ``_level`` and the methods that apply a row: ``_unary``, ``_binary``, ``_elementwise``,
    ``_linear``, ``_nonlinear``, ``_constant``, ``_with_value``.
    """

    __slots__ = ()
    __array_priority__ = 1000.0

    _k: Any
    _tangent: Any
    _zero_where: Callable[..., Any]
    copy: Callable[..., Any]
    shape: Any
    dtype: Any
    value: Any
    astype: Callable[..., Any]
    __setitem__: Callable[..., None]
    _elementwise: Callable[..., Any]
    _linear: Callable[..., Any]
    _nonlinear: Callable[..., Any]
    _constant: Callable[..., Any]
    _with_value: Callable[..., Any]

    #: Adds another number in place where that is but to add arrays, and says whether it did; None if that can't be.
    _take_in: Callable[[Any], bool] | None = None

    #: Joins a sequence of arrays, in the usual case; None where it is another, or for numbers that leave it to `_linear`.
    _join: Callable[[Linear, Sequence[Any]], Any] | None = None

    #: Gives what `numpy.broadcast_to` would of a number, sooner; or None, as if that can't be.
    _spread: Callable[[tuple[int, ...]], Any] | None = None

    #: Gives what `numpy.sum` does along axes, in the usual case; None where it is another.
    _added: Callable[[Any, bool], Any] | None = None

    def _times_for_tangent(self, other: Any) -> Any:
        """Multiply by a number of the same class, where of the product only the tangent is wanted."""
        return self * other

    def _flat(self, row: Constant, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Apply a row whose derivative is zero."""
        level = self._level
        plain = {name: strip(value, level) for name, value in kwargs.items()}
        return self._constant(row.function(*(strip(arg, level) for arg in args), **plain))

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if len(inputs) == 1 and not kwargs and method == "__call__":
            row = TABLE[ufunc]
            return (
                self._unary(row, self) if row.__class__ is Elementwise else apply_function(ufunc, inputs, kwargs, self)
            )
        if len(inputs) == 2 and not kwargs and method == "__call__" and inputs[1] is self:
            # An array, of which NumPy has tried its own operator first, and a number that is active: in short.
            other = inputs[0]
            if other.__class__ is np.ndarray:
                refuse_asking()
                row = TABLE[ufunc]
                if other.dtype.char != "O" and row.__class__ is Elementwise:
                    return self._binary(row, row.function, other, self)
        for x in inputs if method not in _INDEXED else inputs[:1] + inputs[2:]:
            if (ROLES.get(x.__class__) or role_of(x.__class__)) == STRANGER:
                return self._refuse_stranger(x)
        if method == "__call__":
            return self._call_ufunc(ufunc, inputs, kwargs)
        try:
            function = UFUNC_METHODS[method]
        except KeyError:
            raise NoRuleError(f"numpy.{ufunc.__name__}.{method} has no derivative rule in dualnum.") from None
        return function(ufunc, *inputs, **kwargs)

    def _call_ufunc(self, ufunc: np.ufunc, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not kwargs:
            row = TABLE[ufunc]
            if row.__class__ is Elementwise:
                inputs = tuple(
                    [as_operand(x) if holds_objects(x) or ROLES.get(x.__class__) == CONVERT else x for x in inputs]
                )
                top = top_of(inputs)
                assert top is not None
                if len(inputs) == 2:
                    return top._binary(row, row.function, *inputs)
                return top._elementwise(row, inputs, kwargs)
            return apply_function(ufunc, inputs, kwargs, self)
        kwargs = {name: value for name, value in kwargs.items() if name != "subok"}
        row = TABLE[ufunc]
        dtype = kwargs.get("dtype")
        if dtype is not None and not isinstance(row, Constant):
            # Beforehand, so that partials are computed with that precision too.
            casting = kwargs.get("casting", "same_kind")
            inputs = tuple([_as_loop_dtype(x, np.dtype(dtype), casting) for x in inputs])
        where = kwargs.pop("where", True)
        if isinstance(row, (Nonlinear, Composite)):
            kwargs = {name: value for name, value in kwargs.items() if name not in ("dtype", "casting", "order")}
        elif where is not True:
            where = kwargs["where"] = primal_all(where)
        if where is True:
            return apply_function(ufunc, inputs, kwargs, self)
        out = kwargs.pop("out", None)
        if "where" in kwargs and ufunc.nout == 1:
            kwargs["out"] = None  # which tells NumPy that we know what `where` without `out` means
        result = apply_function(ufunc, inputs, kwargs, self)
        results = result if isinstance(result, tuple) else (result,)
        if out is None:
            masked = tuple(r._zero_where(np.logical_not(where)) if isinstance(r, ActiveArray) else r for r in results)
        else:
            masked = tuple(
                store(np.where(where, r, o), o, ufunc.__name__) if o is not None else r
                for r, o in zip(results, out, strict=True)
            )
        return masked if isinstance(result, tuple) else masked[0]

    def __array_function__(self, function: Function, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if len(args) == 1 and (not kwargs or (LEAVES.issuperset(map(type, kwargs.values())) and "out" not in kwargs)):
            row = TABLE[function]
            if kwargs and function is np.prod:
                refuse_asking()
            if args[0] is self:
                if row.__class__ is Nonlinear:  # np.sum(x), at the end of most functions
                    return self._nonlinear(row, args, kwargs)
            elif not kwargs and row.__class__ is Linear and row.nesting == 1 and self._join is not None:
                result = self._join(row, args[0])
                if result is not None:
                    return result
        if function is np.prod:
            refuse_asking()
        for cls in types:
            if not issubclass(cls, ActiveArray) and cls is not np.ndarray and role_of(cls) == STRANGER:
                return NotImplemented
        return apply_function(function, args, kwargs, self)

    def _refuse_stranger(self, x: Any) -> Any:
        """Leave the operation to a type that knows how to deal with us."""
        if getattr(type(x), "__array_ufunc__", None) is np.ndarray.__array_ufunc__:
            refuse_foreign_array(x)
        return NotImplemented

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return NAMESPACE
