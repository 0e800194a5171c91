"""Truncated Taylor series as numbers: a value, and its higher coefficients along a leading axis."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np

from dualnum import indexing
from dualnum.dispatch import level_of
from dualnum.dual import Dual, as_inexact
from dualnum.dual_array import DualArray, _parts
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.errors import ShapeError
from dualnum.levels import series_level_by_hand
from dualnum.methods import ArrayMethods, Forms, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES
from dualnum.tangents import match_layout
from dualnum.taylor_rows import SEQUENCES, SeriesRows
from dualnum.taylor_series import series_of

__all__ = ["Taylor", "make_taylor"]


class Taylor(SeriesRows):
    """Truncated Taylor series, or array of them: the coefficients of something that moves with a parameter t.

    Parameters
    ----------
    coefficients : array_like
        The value, the coefficient of t, that of t**2, and so on along a leading axis: shape ``(order + 1,) + shape``, with an
        order of at least 1. A copy is made; integers become float64. May itself hold Duals.

    Raises
    ------
    ShapeError
        There is no leading axis, or not two coefficients along it.
    InputError
        The coefficients are not numeric.

    See Also
    --------
    taylor : makes series of a function's arguments, and gives the coefficients of its result.

    Notes
    -----
    All series that meet must have the same order. The layout is that of a `Dual` with as many directions as there are
    coefficients but the first, so what is linear, moves or stores elements treats both in the same way.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import Taylor
    >>> t = Taylor([0.0, 1.0, 0.0, 0.0])
    >>> np.exp(2 * t).coefficients
    array([1.        , 2.        , 2.        , 1.33333333])
    """

    __slots__ = ("_k", "_level", "_tangent", "_value")
    _tangent: Any
    _value: Any
    _pack: Any
    _plural = "Taylor series"

    _zeros: Any = Dual._zeros
    _constant: Any = Dual._constant
    _with_value: Any = Dual._with_value
    _is_zero: Any = Dual._is_zero
    _parts: Any = Dual._parts
    __copy__: Any = Dual.__copy__
    __deepcopy__: Any = Dual.__deepcopy__

    def __new__(cls, coefficients: Any) -> Taylor:
        """Make a series of its coefficients, as the class describes."""
        c = as_inexact(coefficients, "Taylor", "coefficients")
        if c.ndim == 0 or len(c) < 2:
            raise ShapeError(
                f"Taylor(coefficients): got shape {c.shape}; the value and one coefficient at least must follow each other "
                "along a leading axis."
            )
        return make_taylor(c[0], c[1:], series_level_by_hand(level_of(c)), len(c) - 1)

    @property
    def value(self) -> Any:
        """The first coefficient."""
        return self._value

    @property
    def coefficients(self) -> Any:
        """All coefficients, along a leading axis."""
        return series_of(self._value, self._tangent, self.ndim)

    def _tangent_of(self, arg: Any, value: Any, row: Any) -> Any:
        """Coefficients but the first of an argument, or None."""
        if arg.__class__ in ACTIVE_TYPES and arg._level == self._level and arg._k != self._k:
            raise ShapeError(
                f"{row.name}: one Taylor series has the order {arg._k}, another {self._k}; give all that meet the same "
                "order, with zeros for what is not known."
            )
        return Dual._tangent_of(self, arg, value, row)  # type: ignore[arg-type]

    def _cut(self, value: Any, higher: Any, m: int) -> Any:
        """Series with the first m higher coefficients; lists of them are searched."""
        if value.__class__ in SEQUENCES and higher is not None:
            return value.__class__([self._cut(v, h, m) for v, h in zip(value, higher, strict=True)])
        if higher is None or not m:
            return value
        return make_taylor(value, higher[:m], self._level, m)

    def _wrap(self, out: Any, tangent: Any) -> Any:
        """Join results to their higher coefficients; None stands for zero."""
        result = Dual._wrap(self, out, tangent)  # type: ignore[arg-type]
        return _of_dual(result) if isinstance(result, Dual) and result._level == self._level else result

    def _zero_where(self, mask: Any) -> Taylor:
        """Set the higher coefficients to zero where an operation was masked out."""
        return _of_dual(Dual._zero_where(self, mask))  # type: ignore[arg-type]

    # What NumPy and Python ask of a value

    def _describe(self) -> str:
        return f"a Taylor series of shape {self.shape}"

    def _with_parts(self, value: Any, tangent: Any) -> Any:
        return make_taylor(value, tangent, self._level, self._k)

    def __repr__(self) -> str:
        return f"Taylor({self.coefficients!r})"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        return make_taylor, (self._value, self._tangent, self._level, self._k)


class TaylorArray(ArrayMethods, Taylor):
    """The series of arrays."""

    __slots__ = ()

    __setitem__: Any = DualArray.__setitem__
    _set_tangent: Any = DualArray._set_tangent

    def __getitem__(self, index: Any) -> Any:
        value = self._value[index]
        tangent = indexing.get_directions(self._tangent, index)
        if value.ndim > 1 and not indexing.is_basic(index):
            tangent = match_layout(value, tangent)
        result = make_taylor(value, tangent, self._level, self._k)
        if not result._is_array():
            result._tangent = tangent.copy()  # a scalar is no view: later updates must not reach it
        return result

    def __iter__(self) -> Iterator[Any]:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of_elements(self, dtype, copy)


class TaylorScalar(ScalarMethods, Taylor):
    """The series of scalars."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return scalar_in_array(self, dtype)

    def _changed_to(self, cls: type) -> Any:
        scalar: Any = object.__new__(cls)
        scalar._value, scalar._tangent, scalar._level, scalar._k = self._value, self._tangent, self._level, self._k
        return scalar


class _Element(ElementMethods, TaylorScalar):
    __slots__ = ()


for _class in (TaylorArray, TaylorScalar, _Element):
    _class.__name__ = _class.__qualname__ = "Taylor"  # what error messages of Python and NumPy call them

numbers.Number.register(TaylorScalar)
ACTIVE_TYPES |= {TaylorArray, TaylorScalar, _Element}
ELEMENT_CLASSES[TaylorScalar] = _Element
_forms = Forms()
_forms.array, _forms.scalar = TaylorArray, TaylorScalar


def make_taylor(value: Any, higher: Any, level: int, order: int) -> Any:
    """Make a series of parts that are known to fit, without copying them."""
    series: Any = object.__new__(_forms[value.__class__])
    series._value, series._tangent, series._level, series._k = value, higher, level, order
    return series


def _of_dual(dual: Dual) -> Any:
    return make_taylor(dual._value, dual._tangent, dual._level, dual._k)


def _pack(items: list[Any], shape: tuple[int, ...], level: int) -> Any:
    """Pack scalars whose highest level is that of series."""
    order = next(item._k for item in items if level_of(item) == level)
    value, higher = _parts(items, level, order)
    return make_taylor(value.reshape(shape), higher.reshape(order, *shape), level, order)


Taylor._pack = staticmethod(_pack)
