"""The attributes and methods of ndarray, in terms of NumPy's functions."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from sys import _getframe as _caller
from typing import Any

import numpy as np

from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.errors import DerivativeLostError, DualnumError, MutationError

__all__ = ["ArrayMethods", "Forms", "ScalarMethods"]

_OBJECT = np.dtype(object)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Build the method whose arguments are those of the function without the first."""

    def method(self: ActiveArray, *args: Any, **kwargs: Any) -> Any:
        return apply_function(function, (self, *args), kwargs, self)

    method.__name__ = function.__name__
    method.__doc__ = f"As `numpy.{function.__name__}`."
    return method


def _ufunc_method(ufunc: np.ufunc) -> Callable[..., Any]:
    """Build the method by which NumPy applies a ufunc to the elements of an object array."""

    def method(self: ActiveArray, *others: Any) -> Any:
        if primal_all(self).dtype.kind == "c":
            raise DerivativeLostError(
                f"np.{ufunc.__name__} of an object array of complex Duals: NumPy gets real and imaginary parts of object "
                "arrays wrong. Make the array with np.stack([...]) or np.concatenate([...]) instead of np.array or np.asarray."
            )
        return self.__array_ufunc__(ufunc, "__call__", self, *others)

    method.__name__ = ufunc.__name__
    return method


class CommonMethods(ActiveArray):
    """What NumPy's arrays and scalars have in common."""

    __slots__ = ()
    __getitem__: Callable[..., Any]
    __iter__: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return self._value.shape

    @shape.setter
    def shape(self, shape: Any) -> None:
        raise MutationError("x.shape = ... is not possible on an active array; use x = x.reshape(shape).")

    @property
    def ndim(self) -> int:
        """Number of axes of the value."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """Number of elements of the value."""
        return self._value.size

    @property
    def dtype(self) -> np.dtype:
        """Dtype of the value."""
        return self._value.dtype

    @property
    def itemsize(self) -> int:
        """Bytes of one element of the value."""
        return self._value.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of the value."""
        return self._value.nbytes

    @property
    def strides(self) -> tuple[int, ...]:
        """Refused: ``as_strided`` would apply them to a copy, ``np.asarray(x)``, and read beyond its memory."""
        raise DerivativeLostError(
            "x.strides or np.lib.stride_tricks.as_strided(x, ...) would lose the derivative: value and tangent do not lie in "
            "one block of memory. Use np.lib.stride_tricks.sliding_window_view, indexing, or x.value.strides."
        )

    @property
    def unit(self) -> Any:
        """Refused: quantities of astropy look for a unit first, and then compute with ``x.value``."""
        raise DualnumError(  # astropy takes every TypeError, ValueError or AttributeError for a different answer
            "An astropy quantity beside a Dual would lose the derivative: it takes x.value for the number. Take the number out "
            "of the quantity, q.to_value(unit), before it meets the Dual."
        )

    @property
    def flags(self) -> Any:
        """Flags of the value; read-only for practical purposes."""
        return self._value.flags

    @property
    def device(self) -> str:
        """Always the CPU."""
        return "cpu"

    @property
    def T(self) -> Any:
        """The transpose."""
        return apply_function(np.transpose, (self,), {}, self)

    @property
    def mT(self) -> Any:
        """The transpose of the last two axes."""
        return apply_function(np.matrix_transpose, (self,), {}, self)

    @property
    def real(self) -> Any:
        """The real part."""
        return apply_function(np.real, (self,), {}, self) if self.dtype.kind == "c" else self

    @real.setter
    def real(self, new: Any) -> None:
        self[...] = new + 1j * self.imag if self.dtype.kind == "c" else new

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return apply_function(np.imag, (self,), {}, self)

    @imag.setter
    def imag(self, new: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError("array does not have imaginary part to set")
        self[...] = self.real + 1j * new

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        """As `numpy.ndarray.reshape`."""
        kwargs: dict[str, Any] = {} if order == "C" else {"order": order}
        if copy is not None:
            kwargs["copy"] = copy
        return apply_function(np.reshape, (self, shape[0] if len(shape) == 1 else shape), kwargs, self)

    def transpose(self, *axes: Any) -> Any:
        """As `numpy.ndarray.transpose`."""
        order = axes or None
        if len(axes) == 1 and not isinstance(axes[0], int):
            order = axes[0]
        return apply_function(np.transpose, (self, order), {}, self)

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        """As `numpy.compress`."""
        return apply_function(np.compress, (condition, self), {"axis": axis, "out": out}, self)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Any:
        """As `numpy.ndarray.clip`, which takes one bound alone, where `numpy.clip` wants both by place."""
        return apply_function(np.clip, (self, min, max), {"out": out, **kwargs}, self)

    def flatten(self, order: str = "C") -> Any:
        """As `numpy.ndarray.flatten`: always a copy."""
        return apply_function(np.ravel, (self,), {"order": order}, self).copy()

    def copy(self, order: str = "C") -> Any:
        """As `numpy.copy`."""
        return apply_function(np.copy, (self,), {"order": order}, self)

    def astype(
        self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """As `numpy.ndarray.astype`; to integers and booleans the derivative is zero, and the result is plain."""
        kind = np.dtype(dtype).kind
        if kind in "OSUV":
            raise DerivativeLostError(
                f"x.astype({dtype!r}) would lose the derivative. Use primal(x).astype({dtype!r})."
            )
        if not np.can_cast(self.dtype, dtype, casting):  # type: ignore[arg-type]
            raise TypeError(f"cannot cast from {self.dtype} to {np.dtype(dtype)} according to the rule {casting!r}")
        if kind in "biu":
            return primal_all(self).astype(dtype)
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        return apply_function(np.astype, (self, np.dtype(dtype)), {}, self)

    def item(self, *index: Any) -> Any:
        """One element, as a scalar that stays active."""
        if not index and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a scalar")
        flat = self.reshape(-1)
        if not index:
            return flat[0]
        if len(index) == 1:
            return self[index[0]] if isinstance(index[0], tuple) else flat[index[0]]
        return self[index]

    def view(self, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ndarray.view`, without a change of dtype or class."""
        if args or kwargs:
            raise DerivativeLostError(
                "x.view(dtype) would reinterpret bytes and lose the derivative. Use x.astype(dtype)."
            )
        return self[...]

    def to_device(self, device: str, /, *, stream: None = None) -> Any:
        """Stay where it is, on the CPU."""
        if device != "cpu":
            raise ValueError(f"unsupported device {device!r}; there is only 'cpu'")
        return self

    def conjugate(self) -> Any:
        """As `numpy.ndarray.conjugate`: a real array itself, and not a copy."""
        return apply_function(np.conjugate, (self,), {}, self) if self.dtype.kind == "c" else self

    conj = conjugate

    def setflags(self, write: bool | None = None, align: bool | None = None, uic: bool | None = None) -> None:
        """As `numpy.ndarray.setflags`, for the value and the tangent together."""
        if write is not None:
            for part in self._parts():
                part.setflags(write=write)

    def resize(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: the memory of value and tangent cannot be resized in place."""
        raise MutationError("x.resize(...) in place is not possible on an active array; use np.resize(x, shape).")

    def _parts(self) -> tuple[Any, ...]:
        """The arrays that make up the number."""
        raise NotImplementedError

    def _with_parts(self, *parts: Any) -> Any:
        """The same with other numbers."""
        raise NotImplementedError


for _name in (
    "all any argmax argmin argpartition argsort choose cumprod cumsum diagonal dot max mean min nonzero "
    "prod put ravel repeat round searchsorted squeeze std sum swapaxes take trace var"
).split():
    setattr(CommonMethods, _name, _method(getattr(np, _name)))


class Flat:
    """What ``x.flat`` gives: the elements in C order, for reading, iterating and assigning."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[Any]:
        return iter(self._array.reshape(-1))

    def __getitem__(self, index: Any) -> Any:
        return self._array.reshape(-1)[index].copy()

    def __setitem__(self, index: Any, new: Any) -> None:
        positions = np.arange(self._array.size)[index]
        self._array[np.unravel_index(positions, self._array.shape)] = new


class ArrayMethods(CommonMethods):
    """What only arrays have: length, iteration, assignment, sorting in place."""

    __slots__ = ()

    def _is_array(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self._value)

    def __contains__(self, x: Any) -> bool:
        return primal_all(x) in primal_all(self)

    def __index__(self) -> int:
        raise TypeError("only integer scalar arrays can be converted to a scalar index")

    @property
    def flat(self) -> Flat:
        """The elements in C order."""
        return Flat(self)

    @flat.setter
    def flat(self, new: Any) -> None:
        self[...] = np.resize(new, self.shape)

    def fill(self, new: Any) -> None:
        """As `numpy.ndarray.fill`."""
        self[...] = new

    def sort(
        self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None, **options: Any
    ) -> None:
        """As `numpy.ndarray.sort`: in place."""
        self[...] = np.sort(self, axis=axis, kind=kind, order=order, stable=stable, **options)

    def partition(self, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
        """As `numpy.ndarray.partition`: in place."""
        self[...] = apply_function(np.partition, (self, kth), {"axis": axis, "kind": kind, "order": order}, self)

    def tolist(self) -> Any:
        """Nested lists of scalars that stay active."""
        return self[()] if self.ndim == 0 else [row.tolist() for row in self]


del ArrayMethods.__index__


class ScalarMethods(CommonMethods):
    """What only scalars have: formatting, rounding to an integer, the methods that object arrays call.

    No ``__getitem__``, though NumPy's scalars take ``()``: NumPy would then take the scalar for a sequence where it is stored
    into a plain array, and replace our error by one of its own.
    """

    __slots__ = ()
    __iter__ = None

    def _is_array(self) -> bool:
        return False

    @property
    def dtype(self) -> np.dtype:
        """Dtype of the value; for NumPy's `mean`, `var` and `std` of an object array, that of its elements."""
        # They cast the last sum with ``s.dtype.type(s / n)``, if it has a dtype: to a plain number, if that were a float's.
        return _OBJECT if _caller(1).f_globals.get("__name__") == "numpy._core._methods" else self._value.dtype

    def tolist(self) -> Any:
        """The scalar itself, still active."""
        return self

    def copy(self, order: str = "C") -> Any:
        """The scalar itself: it is never updated in place."""
        return self

    def __format__(self, spec: str) -> str:
        return format(primal_all(self), spec) if spec else str(self)

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(primal_all(self)) if ndigits is None else apply_function(np.round, (self, ndigits), {}, self)

    def is_integer(self) -> bool:
        """As `numpy.floating.is_integer`, of the value."""
        return primal_all(self).is_integer()

    # The integer parts have the derivative zero wherever they have one.
    def __floor__(self) -> int:
        return math.floor(primal_all(self))

    def __ceil__(self) -> int:
        return math.ceil(primal_all(self))

    def __trunc__(self) -> int:
        return operator.index(math.trunc(primal_all(self)))


for _name in (
    "arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt ceil copysign cos cosh deg2rad degrees exp exp2 expm1 fabs "
    "float_power floor fmax fmin fmod heaviside hypot ldexp log log10 log1p log2 logaddexp logaddexp2 maximum minimum rad2deg "
    "radians reciprocal rint sign sin sinh sqrt square tan tanh trunc isfinite isinf isnan signbit logical_not"
).split():
    setattr(ScalarMethods, _name, _ufunc_method(getattr(np, _name)))


class Forms(dict[type, type]):
    """Class of a value -> class of the number that holds it: there is a form for arrays and one for scalars."""

    array: Any  # a class; as a type, what is asked whether it is one would count as nothing else
    scalar: Any

    def __missing__(self, cls: type) -> type:
        form = self[cls] = self.array if issubclass(cls, (np.ndarray, ArrayMethods)) else self.scalar
        return form
