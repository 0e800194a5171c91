"""The front door: NumPy's protocols and Python's operators lead from here to the rows of the table.

`ActiveArray` is the base of every number that carries derivatives. It knows how to find the row, which arguments are
active, and at which level; what to do with a row is the business of the subclasses (`Dual`, later the tape's
variables).
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar

import numpy as np

from dualnum import floating
from dualnum.errors import DerivativeLostError, InputError, NoRuleError
from dualnum.namespace import NAMESPACE
from dualnum.packing import (
    ACTIVE_TYPES,
    as_operand,
    contains_active,
    holds_objects,
    is_sequence,
    refuse_foreign_array,
)
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
    "UFUNC_METHODS",
    "ActiveArray",
    "apply_function",
    "level_of",
    "not_differentiable",
    "primal_all",
    "strip",
]

#: The counting hook: called as ``observer(row, args, out)`` after every primitive that was applied to active values.
OBSERVER: ContextVar[Callable[[Row, Sequence[Any], Any], None] | None] = ContextVar("dualnum_observer", default=None)

#: ``reduce``, ``accumulate``, ...: filled in by `dualnum.primitives`, which come later in the order of imports.
UFUNC_METHODS: dict[str, Callable[..., Any]] = {}

# What an operand's class means for an operator.
_CONSTANT, _ARRAY, _ACTIVE, _CONVERT, _STRANGER = range(1, 6)
_ROLES: dict[type, int] = {np.ndarray: _ARRAY}


def _role(cls: type) -> int:
    """Find out, once per class, how operands of this class are treated."""
    if issubclass(cls, ActiveArray):
        role = _ACTIVE
    elif issubclass(cls, (np.generic, int, float, complex)):
        role = _CONSTANT
    elif issubclass(cls, np.ndarray):
        role = _ARRAY if issubclass(cls, np.memmap) else _STRANGER
    elif issubclass(cls, Sequence) and not issubclass(cls, (str, bytes)):
        role = _CONVERT
    elif hasattr(cls, "__array_ufunc__") or not hasattr(cls, "__array__"):
        role = _STRANGER
    else:
        role = _CONVERT
    _ROLES[cls] = role
    return role


# Methods of ufuncs whose second input is an index.
_INDEXED = frozenset({"at", "reduceat"})


def level_of(x: Any) -> int:
    """Level of an active value; 0 for anything else."""
    return x._level if isinstance(x, ActiveArray) else 0


def primal_all(x: Any) -> Any:
    """Value of `x` without any of its levels."""
    while isinstance(x, ActiveArray):
        x = x._value
    return x


def strip(x: Any, level: int) -> Any:
    """Value of `x` at the given level; lists and tuples are searched."""
    cls = x.__class__
    if cls in ACTIVE_TYPES:
        return x._value if x._level == level else x
    if cls is list or cls is tuple:
        return cls([strip(item, level) for item in x])
    return x


def _top(args: Any, top: ActiveArray | None = None) -> ActiveArray | None:
    """Find the active value of the highest level in (nested) arguments."""
    for arg in args:
        cls = arg.__class__
        if cls in ACTIVE_TYPES:
            if top is None or arg._level > top._level:
                top = arg
        elif cls is list or cls is tuple:
            top = _top(arg, top)
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
            return cls(items) if _top(items) is not None else arg
        if contains_active(arg):
            return cls([_prepare(item, nesting - 1) for item in arg]) if nesting else as_operand(arg)
    elif is_sequence(arg) and contains_active(arg):
        return _prepare((tuple if isinstance(arg, tuple) else list)(arg), nesting)
    return arg


def apply_row(row: Row, args: Sequence[Any], kwargs: dict[str, Any], top: ActiveArray) -> Any:
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
        level = top._level
        plain = {name: strip(value, level) for name, value in kwargs.items()}
        return top._constant(row.function(*(strip(arg, level) for arg in args), **plain))
    assert isinstance(row, Unsupported)
    raise NoRuleError(f"{row.name} has no derivative rule: {row.reason}.")


def not_differentiable(row: Row, position: int, reason: str | None = None) -> NoRuleError:
    """Make the error for an active argument in which a function has no derivative."""
    because = f": {reason}" if reason else ""
    return NoRuleError(
        f"{row.name} has no derivative with respect to its argument number {position + 1} (counted from 1), which is a "
        f"Dual{because}. Pass primal(x) there if its derivative is not wanted."
    )


def _composite(row: Composite, args: Sequence[Any], kwargs: dict[str, Any], top: ActiveArray) -> Any:
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


def apply_function(
    function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], like: ActiveArray | None = None
) -> Any:
    """Apply an array function to arguments of which some are active.

    Parameters
    ----------
    function : callable
        A key of the table.
    args, kwargs
        Its arguments.
    like : ActiveArray, optional
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
            "one, or apply it to primal(x) if its derivative is not wanted."
        )
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
    if row.__class__ is Composite and row.in_place:  # type: ignore[attr-defined]
        return row.body(*args, **kwargs)  # type: ignore[attr-defined]
    args = tuple([_prepare(arg, row.nesting) for arg in args])
    if kwargs:
        kwargs = {name: _prepare(value, row.nesting) for name, value in kwargs.items()}
        if _top(kwargs.values()) is not None:
            args = _positional(function, args, kwargs)
            if not isinstance(row, (Composite, Constant, Unsupported)):
                _refuse_active_keywords(row, kwargs)
    top = _top(kwargs.values(), _top(args))
    if top is None:
        if like is not None and isinstance(like._value, ActiveArray):
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
    if not isinstance(out, ActiveArray):
        if not isinstance(result, ActiveArray):
            out[...] = result
            return out
        raise DerivativeLostError(
            f"{name}(..., out=...) would write a Dual into a plain array and lose its derivative. Leave out= away, or "
            f"allocate it with np.zeros_like(x) or np.empty(shape, like=x), where x is a Dual."
        )
    if np.shape(result) != out.shape:
        raise ValueError(f"{name}: out has shape {out.shape}, but the result has shape {np.shape(result)}")
    if not np.can_cast(np.result_type(primal_all(result)), out.dtype, "same_kind"):
        raise TypeError(f"{name}: cannot cast the result to the dtype {out.dtype} of out with casting rule 'same_kind'")
    out[...] = result
    return out


def _as_numbers(x: Any) -> Any:
    x = as_operand(x)
    if holds_objects(x):
        raise InputError("an object array of other things than numbers has no arithmetic with Duals")
    return x


def _as_loop_dtype(x: Any, dtype: np.dtype, casting: str) -> Any:
    """Cast an active argument of a ufunc as ``dtype=`` says, but for complex arguments of functions to the reals."""
    return (
        x.astype(dtype, casting=casting)
        if isinstance(x, ActiveArray) and (x.dtype.kind, dtype.kind) != ("c", "f")
        else x
    )


def _binary_methods(ufunc: np.ufunc, op: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Operator and reflected operator of a ufunc of two arguments, with the direct path to its row."""
    row: Any = None

    def forward(self: ActiveArray, other: Any) -> Any:
        nonlocal row
        if row is None:
            row = TABLE[ufunc]
        role = _ROLES.get(other.__class__) or _role(other.__class__)
        if role == _ACTIVE:
            return (self if self._level >= other._level else other)._binary(row, op, self, other)
        if role == _CONSTANT or (role == _ARRAY and other.dtype.char != "O"):
            return self._binary(row, op, self, other)
        if role == _STRANGER:
            return self._refuse_stranger(other)
        return op(self, _as_numbers(other))

    def reflected(self: ActiveArray, other: Any) -> Any:
        nonlocal row
        if row is None:
            row = TABLE[ufunc]
        role = _ROLES.get(other.__class__) or _role(other.__class__)
        if role == _CONSTANT or (role == _ARRAY and other.dtype.char != "O"):
            return self._binary(row, op, other, self)
        if role == _ACTIVE:  # Python asks the class first that is derived from the other
            return (self if self._level >= other._level else other)._binary(row, op, other, self)
        if role == _STRANGER:
            return self._refuse_stranger(other)
        return op(_as_numbers(other), self)

    return forward, reflected


def _function_methods(ufunc: np.ufunc) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Operator and reflected operator of a ufunc whose row is not elementwise."""

    def forward(self: ActiveArray, other: Any) -> Any:
        role = _ROLES.get(other.__class__) or _role(other.__class__)
        if role == _STRANGER:
            return self._refuse_stranger(other)
        return apply_function(ufunc, (self, other if role == _CONSTANT else as_operand(other)), {}, self)

    def reflected(self: ActiveArray, other: Any) -> Any:
        role = _ROLES.get(other.__class__) or _role(other.__class__)
        if role == _STRANGER:
            return self._refuse_stranger(other)
        return apply_function(ufunc, (other if role == _CONSTANT else as_operand(other), self), {}, self)

    return forward, reflected


def _comparison(op: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Comparison of values: the result is plain."""

    def compare(self: ActiveArray, other: Any) -> Any:
        role = _ROLES.get(other.__class__) or _role(other.__class__)
        if role == _ARRAY and other.dtype.char == "O":
            role = _CONVERT
        if role == _STRANGER and hasattr(other, "__array_ufunc__"):
            return NotImplemented
        if role == _CONVERT:
            other = as_operand(other)
        return op(primal_all(self), primal_all(other))

    return compare


def _in_place(ufunc: np.ufunc, op: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """In-place operator: scalars are rebound, as NumPy's are; arrays are updated where they lie."""

    def update(self: ActiveArray, other: Any) -> Any:
        result = op(self, other)
        if not self._is_array() or result is NotImplemented:
            return result
        return store(result, self, ufunc.__name__)

    return update


def _lost(what: str, advice: str) -> Callable[..., Any]:
    def refuse(self: ActiveArray, *args: Any, **kwargs: Any) -> Any:
        raise DerivativeLostError(f"{what} would lose the derivative of {self._describe()}. {advice}")

    return refuse


_MATH_ADVICE = (
    "Use NumPy's functions instead of math's or Python's (np.sin(x) for math.sin(x)); allocate arrays that are to hold Duals "
    "with np.zeros_like(x) or np.empty(shape, like=x) instead of np.zeros(shape); or take primal(x) where no derivative is "
    "wanted."
)


class ActiveArray:
    """Base of the numbers that carry derivatives; answers NumPy's protocols and Python's operators.

    Subclasses provide ``_value``, ``_level`` and the methods that apply a row: ``_unary``, ``_binary``, ``_elementwise``,
    ``_linear``, ``_nonlinear``, ``_constant``, ``_with_value``.
    """

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment]
    __array_priority__ = 1000.0

    _value: Any
    _level: int
    _k: Any
    _tangent: Any
    _zero_where: Callable[..., Any]
    copy: Callable[..., Any]
    shape: Any
    dtype: Any
    astype: Callable[..., Any]
    __setitem__: Callable[..., None]
    _elementwise: Callable[..., Any]
    _linear: Callable[..., Any]
    _nonlinear: Callable[..., Any]
    _constant: Callable[..., Any]
    _with_value: Callable[..., Any]
    _unary: Callable[..., Any]
    _binary: Callable[..., Any]
    _is_array: Callable[..., bool]
    _describe: Callable[..., str]

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if len(inputs) == 1 and not kwargs and method == "__call__":
            row = TABLE[ufunc]
            return (
                self._unary(row, self) if row.__class__ is Elementwise else apply_function(ufunc, inputs, kwargs, self)
            )
        for x in inputs if method not in _INDEXED else inputs[:1] + inputs[2:]:
            if (_ROLES.get(x.__class__) or _role(x.__class__)) == _STRANGER:
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
                    [as_operand(x) if holds_objects(x) or _ROLES.get(x.__class__) == _CONVERT else x for x in inputs]
                )
                top = _top(inputs)
                assert top is not None
                if len(inputs) == 2:
                    return top._binary(row, ufunc, *inputs)
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
        for cls in types:
            if not issubclass(cls, ActiveArray) and cls is not np.ndarray and _role(cls) == _STRANGER:
                return NotImplemented
        return apply_function(function, args, kwargs, self)

    def _refuse_stranger(self, x: Any) -> Any:
        """Leave the operation to a type that knows how to deal with us."""
        if getattr(type(x), "__array_ufunc__", None) is np.ndarray.__array_ufunc__:
            refuse_foreign_array(x)
        return NotImplemented

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return NAMESPACE

    # Operators

    __add__, __radd__ = _binary_methods(np.add, operator.add)
    __sub__, __rsub__ = _binary_methods(np.subtract, operator.sub)
    __mul__, __rmul__ = _binary_methods(np.multiply, operator.mul)
    __truediv__, __rtruediv__ = _binary_methods(np.divide, operator.truediv)
    __pow__, __rpow__ = _binary_methods(np.power, operator.pow)
    __mod__, __rmod__ = _binary_methods(np.remainder, operator.mod)
    __floordiv__, __rfloordiv__ = _function_methods(np.floor_divide)
    __divmod__, __rdivmod__ = _function_methods(np.divmod)
    __matmul__, __rmatmul__ = _function_methods(np.matmul)
    __iadd__ = _in_place(np.add, operator.add)
    __isub__ = _in_place(np.subtract, operator.sub)
    __imul__ = _in_place(np.multiply, operator.mul)
    __itruediv__ = _in_place(np.divide, operator.truediv)
    __ipow__ = _in_place(np.power, operator.pow)
    __imod__ = _in_place(np.remainder, operator.mod)
    __ifloordiv__ = _in_place(np.floor_divide, operator.floordiv)
    __imatmul__ = _in_place(np.matmul, operator.matmul)

    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)

    def __neg__(self) -> Any:
        return self._unary(TABLE[np.negative], self)

    def __pos__(self) -> Any:
        return self._unary(TABLE[np.positive], self)

    def __abs__(self) -> Any:
        return apply_function(np.absolute, (self,), {})

    # Where the derivative would get lost

    __float__ = _lost("float(x), a math function or a store into a plain array", _MATH_ADVICE)
    __int__ = _lost(
        "int(x)", "Use int(primal(x)) if the integer itself is wanted, or np.floor(x) to stay differentiable."
    )
    __complex__ = _lost("complex(x)", "Use x + 0j.")
    __buffer__ = _lost("memoryview(x) or another access to raw memory", "Use x.value, x.tangent.")
    tobytes = _lost("x.tobytes()", "Use x.value.tobytes().")
    tofile = _lost("x.tofile()", "Use x.value.tofile().")
    dump = _lost("x.dump()", "Pickle x instead.")
    dumps = _lost("x.dumps()", "Pickle x instead.")
    as_integer_ratio = _lost("x.as_integer_ratio()", "Use primal(x).as_integer_ratio().")
    byteswap = _lost("x.byteswap()", "Use x.value.byteswap().")
    getfield = _lost("x.getfield()", "Use x.value.getfield().")
    setfield = _lost("x.setfield()", "Use x[...] = y.")
    __dlpack__ = _lost("Handing x to another library (DLPack)", "Use x.value.")
    __dlpack_device__ = _lost("Handing x to another library (DLPack)", "Use x.value.")

    def __bool__(self) -> bool:
        return bool(primal_all(self))
