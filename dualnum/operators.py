"""Python's operators for numbers that carry derivatives: each with a direct path to its row."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from dualnum.application import apply_function, primal_all, store
from dualnum.errors import DerivativeLostError, InputError, NoRuleError
from dualnum.matrices import is_inside, is_matrix_class, lost, product, times_is_product
from dualnum.packing import ACTIVE_TYPES, as_operand, holds_objects
from dualnum.table import TABLE

__all__ = ["CONVERT", "ROLES", "STRANGER", "Operators", "role_of"]

# What an operand's class means for an operator.
_CONSTANT, _ARRAY, _ACTIVE, CONVERT, STRANGER = range(1, 6)
ROLES: dict[type, int] = {np.ndarray: _ARRAY}


def role_of(cls: type) -> int:
    """Find out, once per class, how operands of this class are treated."""
    if cls in ACTIVE_TYPES:
        role = _ACTIVE
    elif issubclass(cls, (np.generic, int, float, complex)):
        role = _CONSTANT
    elif issubclass(cls, np.ndarray):
        role = _ARRAY if issubclass(cls, np.memmap) else STRANGER
    elif issubclass(cls, Sequence) and not issubclass(cls, (str, bytes)):
        role = CONVERT
    elif hasattr(cls, "__array_ufunc__") or not hasattr(cls, "__array__"):
        role = STRANGER
    else:
        role = CONVERT
    ROLES[cls] = role
    return role


def _as_numbers(x: Any) -> Any:
    x = as_operand(x)
    if holds_objects(x):
        raise InputError("an object array of other things than numbers has no arithmetic with Duals")
    return x


def _with_stranger(ufunc: np.ufunc, a: Any, b: Any) -> Any:
    """Product with a sparse matrix; all else is left to a type that knows how to deal with us."""
    number, x = (a, b) if a.__class__ in ACTIVE_TYPES else (b, a)
    if is_matrix_class(x.__class__):
        if ufunc is np.multiply and not number.ndim:
            from dualnum.sparse_matrices import scaled  # which imports SciPy

            return scaled(x, number)
        if ufunc is np.matmul or (ufunc is np.multiply and times_is_product(x)):
            return product(a, b)
        if number.ndim and ufunc in (np.add, np.subtract):
            raise NoRuleError(
                "The sum of a sparse matrix A and an array is not sparse, and has no derivative rule: write A.toarray() for A."
            )
    return number._refuse_stranger(x)


def _binary_methods(ufunc: np.ufunc, op: Callable[[Any, Any], Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Operator and reflected operator of a ufunc of two arguments, with the direct path to its row."""
    row: Any = None

    def forward(self: Any, other: Any) -> Any:
        nonlocal row
        if row is None:
            row = TABLE[ufunc]
        if other.__class__ is self.__class__ and other._level == self._level:
            return self._binary(row, op, self, other)  # the usual case, in short
        role = ROLES.get(other.__class__) or role_of(other.__class__)
        if role == _ACTIVE:
            return (self if self._level >= other._level else other)._binary(row, op, self, other)
        if role == _CONSTANT or (role == _ARRAY and other.dtype.char != "O"):
            return self._binary(row, op, self, other)
        if role == STRANGER:
            return _with_stranger(ufunc, self, other)
        return op(self, _as_numbers(other))

    def reflected(self: Any, other: Any) -> Any:
        nonlocal row
        if row is None:
            row = TABLE[ufunc]
        role = ROLES.get(other.__class__) or role_of(other.__class__)
        if role == _CONSTANT or (role == _ARRAY and other.dtype.char != "O"):
            return self._binary(row, op, other, self)
        if role == _ACTIVE:  # Python asks the class first that is derived from the other
            return (self if self._level >= other._level else other)._binary(row, op, other, self)
        if role == STRANGER:
            return _with_stranger(ufunc, other, self)
        return op(_as_numbers(other), self)

    return forward, reflected


def _function_methods(ufunc: np.ufunc) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Operator and reflected operator of a ufunc whose row is not elementwise."""

    def forward(self: Any, other: Any) -> Any:
        role = ROLES.get(other.__class__) or role_of(other.__class__)
        if role == STRANGER:
            return _with_stranger(ufunc, self, other)
        return apply_function(ufunc, (self, other if role == _CONSTANT else as_operand(other)), {}, self)

    def reflected(self: Any, other: Any) -> Any:
        role = ROLES.get(other.__class__) or role_of(other.__class__)
        if role == STRANGER:
            return _with_stranger(ufunc, other, self)
        return apply_function(ufunc, (other if role == _CONSTANT else as_operand(other), self), {}, self)

    return forward, reflected


def _comparison(op: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Comparison of values: the result is plain."""

    def compare(self: Any, other: Any) -> Any:
        role = ROLES.get(other.__class__) or role_of(other.__class__)
        if role == _ARRAY and other.dtype.char == "O":
            role = CONVERT
        if role == STRANGER and hasattr(other, "__array_ufunc__"):
            return NotImplemented
        if role == CONVERT:
            other = as_operand(other)
        return op(primal_all(self), primal_all(other))

    return compare


_equal, _differ = _comparison(operator.eq), _comparison(operator.ne)


def _counts_as_zero(x: Any, caller: Any) -> bool:
    """Whether a number that is zero is so for its caller: not for numpy.polynomial and sparse matrices, if it has derivatives.

    These leave out the highest coefficients if they are zero, and what is multiplied by zero or added to it. But polynomials,
    products and sums are smooth functions of these too.
    """
    module, name = caller.f_globals.get("__name__", ""), caller.f_code.co_name
    leaves_out = (module.startswith("numpy.polynomial.") and "div" not in name) or is_inside(caller)
    return not leaves_out or bool(x._is_zero())


def _in_place(ufunc: np.ufunc, op: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """In-place operator: scalars are rebound, as NumPy's are; arrays are updated where they lie."""

    def update(self: Any, other: Any) -> Any:
        result = op(self, other)
        if not self._is_array() or result is NotImplemented:
            return result
        return store(result, self, ufunc.__name__)

    return update


def _lost(what: str, advice: str) -> Callable[..., Any]:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        if is_inside(sys._getframe(1)):
            raise lost(self)
        raise DerivativeLostError(f"{what} would lose the derivative of {self._describe()}. {advice}")

    return refuse


_MATH_ADVICE = (
    "Use NumPy's functions instead of math's or Python's (np.sin(x) for math.sin(x)); allocate arrays that are to hold Duals "
    "with np.zeros_like(x) or np.zeros(shape, like=x) instead of np.zeros(shape); or take primal(x) where no derivative is "
    "wanted."
)


class Operators:
    """Base of the numbers that carry derivatives: operators, comparisons, and what would lose the derivative."""

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    _value: Any
    _level: int
    _unary: Callable[..., Any]
    _binary: Callable[..., Any]
    _is_array: Callable[..., bool]
    _is_zero: Callable[[], Any]
    _describe: Callable[..., str]
    _refuse_stranger: Callable[..., Any]

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

    def __eq__(self, other: Any) -> Any:
        equal = _equal(self, other)
        if other.__class__ is int and equal.__class__ is np.bool_ and equal:
            return np.bool_(other != 0 or _counts_as_zero(self, sys._getframe(1)))
        return equal

    def __ne__(self, other: Any) -> Any:
        different = _differ(self, other)
        if other.__class__ is int and different.__class__ is np.bool_ and not different:
            return np.bool_(other == 0 and not _counts_as_zero(self, sys._getframe(1)))
        return different

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
    __complex__ = _lost(
        "complex(x) or a function of cmath", "Use x + 0j, a + 1j * b, and NumPy's functions instead of cmath's."
    )
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
