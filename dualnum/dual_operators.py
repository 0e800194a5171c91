"""Operators of arrays of Duals, in short: where the other operand is of the most common kinds, with fewer steps."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.dispatch import OBSERVER
from dualnum.dual import Dual
from dualnum.dual_operands import CLASSES, LONELY, along_one, finish, make_dual
from dualnum.floating import SILENT, STRICT, restore, use
from dualnum.table import TABLE
from dualnum.tangents import MANY, combine, conform, match_layout, times

__all__ = ["operators_in_short"]

_LARGEST = float(np.finfo(float).max)
_EXACT = 1 << 53
_FLOAT64 = np.dtype(np.float64)
_new = object.__new__
_times = np.multiply
_observer = OBSERVER.get


def _multiplying(reflect: bool) -> Callable[..., Any]:
    """Build the product, of arrays or with a number: these are about the most common operations on arrays."""
    general = Dual.__rmul__ if reflect else Dual.__mul__

    def multiplied(self: Any, other: Any) -> Any:
        cls = other.__class__
        if cls is self.__class__ is CLASSES.array:
            x, k, level = self._value, self._k, self._level
            ta, tb = self._tangent, other._tangent
            if (
                x.__class__ is not np.ndarray
                or ta.size >= MANY
                or other._level != level
                or other._k != k
                or (k is not None and ta.ndim != tb.ndim)
            ):
                return general(self, other)
            y = other._value
            out = _times(x, y)
            token = use(STRICT)
            try:
                tangent = _times(ta, y) + _times(tb, x)
            except FloatingPointError:
                tangent = combine(TABLE[np.multiply], out, (x, y), (ta, tb), k)
            finally:
                restore(token)
            if tangent.dtype is not out.dtype:
                tangent = conform(tangent, out, k)
            if out.ndim > 1:
                tangent = match_layout(out, tangent)
            result: Any = _new(CLASSES[out.__class__])
            result._value, result._tangent, result._level, result._k = out, tangent, level, k
            observer = _observer()
            if observer is not None:
                observer(TABLE[np.multiply], (self, other), result)
            return result
        if cls is not float and cls is not int:
            if cls in LONELY and self.__class__ is CLASSES.array:
                found = along_one(
                    TABLE[np.multiply], operator.mul, *((other, self, 0) if reflect else (self, other, 1))
                )
                if found is not None:
                    return found
            return general(self, other)
        if self.__class__ is not CLASSES.array or not -_LARGEST <= other <= _LARGEST:
            return general(self, other)
        if cls is int and -_EXACT <= other <= _EXACT and self._value.dtype is _FLOAT64:
            other = float(other)  # as NumPy does, twice, and slower
        out = other * self._value if reflect else self._value * other
        token = use(SILENT)
        try:
            tangent = self._tangent * other
        finally:
            restore(token)
        result = _new(CLASSES[out.__class__])
        result._value, result._tangent, result._level, result._k = out, tangent, self._level, self._k
        observer = _observer()
        if observer is not None:
            observer(TABLE[np.multiply], (other, self) if reflect else (self, other), result)
        return result

    return multiplied


def _summing(ufunc: np.ufunc, op: Callable[[Any, Any], Any], general: Callable[..., Any]) -> Callable[..., Any]:
    """Build the sum or difference of two arrays of Duals."""

    def summed(self: Any, other: Any) -> Any:
        cls = CLASSES.array
        if self.__class__ is not cls or other.__class__ is not cls:
            return general(self, other)
        k, level = self._k, self._level
        ta, tb = self._tangent, other._tangent
        if other._level != level or other._k != k or (k is not None and ta.ndim != tb.ndim):
            return general(self, other)
        out = op(self._value, other._value)
        token = use(SILENT)
        try:
            tangent = op(ta, tb)
        finally:
            restore(token)
        if tangent.dtype is not out.dtype:
            tangent = conform(tangent, out, k)
        if out.ndim > 1:
            tangent = match_layout(out, tangent)
        result: Any = _new(CLASSES[out.__class__])
        result._value, result._tangent, result._level, result._k = out, tangent, level, k
        observer = _observer()
        if observer is not None:
            observer(TABLE[ufunc], (self, other), result)
        return result

    return summed


def _power(self: Any, other: Any) -> Any:
    """Square by the row of np.square: that of np.power is general, and takes twice as long."""
    if other.__class__ is not int or other != 2 or self.__class__ is not CLASSES.array:
        return Dual.__pow__(self, other)
    value, tangent, k = self._value, self._tangent, self._k
    out = value**2
    token = use(STRICT)
    try:
        if tangent.size < MANY:
            tangent = tangent * (value + value)
        else:
            tangent = times(tangent, value + value, out, value)
    except FloatingPointError:
        tangent = combine(TABLE[np.square], out, (value,), (tangent,), k)
    finally:
        restore(token)
    if out.ndim > 1:
        tangent = match_layout(out, tangent)
    return finish(TABLE[np.power], (self, other), make_dual(out, tangent, self._level, k))


def operators_in_short() -> dict[str, Callable[..., Any]]:
    """Make the methods of arrays, by their names; all that is uncommon they leave to the general ones."""
    return {
        "__add__": _summing(np.add, operator.add, Dual.__add__),
        "__sub__": _summing(np.subtract, operator.sub, Dual.__sub__),
        "__mul__": _multiplying(False),
        "__rmul__": _multiplying(True),
        "__pow__": _power,
    }
