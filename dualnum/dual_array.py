"""The two general forms of a Dual: one that holds an array, one that holds a NumPy scalar."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualnum import floating, indexing
from dualnum.aliasing import OPEN, TORN, is_torn, preserve
from dualnum.batching import ALONG_DIRECTIONS, spread_number
from dualnum.dispatch import OBSERVER, level_of, primal_all
from dualnum.dual import SEED, Dual
from dualnum.dual_operands import CLASSES, LONELY, SCALARS, along_one, finish, make_dual
from dualnum.dual_operators import operators_in_short
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.errors import InputError, MutationError
from dualnum.levels import enter_transform, leave_transform, refuse_stray_mixture
from dualnum.lifting import lift, require_sole_owner
from dualnum.methods import ArrayMethods, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES, LEAVES, as_operand
from dualnum.primitives import getitem
from dualnum.small import MOST_DIRECTIONS, UPDATES, SmallDual, iterate_small, make_small
from dualnum.table import TABLE, Elementwise, Linear
from dualnum.tangents import FLOATS, MANY, directions_differ, match_layout, scaled_sum, sum_of_products

__all__ = ["DualArray", "DualScalar", "make_dual"]


class DualArray(ArrayMethods, Dual):
    """The Duals that hold an ndarray."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        k = self._k
        value = self._value[index]
        if self._tangent is SEED[0] and index.__class__ is int:
            return self._unit(value, index)
        if k is None:
            tangent = self._tangent[index]
        elif index.__class__ in _ALONG_FIRST:
            tangent = self._tangent[:, index]  # what `get_directions` would find out
        else:
            tangent = indexing.get_directions(self._tangent, index)
        result: Dual
        if value.__class__ is not np.float64:
            if k is not None and value.ndim > 1 and not indexing.is_basic(index):  # what is a view must stay one
                tangent = match_layout(value, tangent)
            result = make_dual(value, tangent, self._level, k)
            if k is not None and not result._is_array():
                result._tangent = tangent.copy()  # a scalar is no view: later updates must not reach it
        elif tangent.__class__ in _PLAIN and (k is None or 0 < k <= MOST_DIRECTIONS):
            few = (float(tangent),) if k is None else tuple(tangent.tolist())
            result = make_small(value, few, self._level, k)
        else:
            result = make_dual(value, tangent if k is None else tangent.copy(), self._level, k)
        observer = OBSERVER.get()
        if observer is not None:
            observer(TABLE[getitem], (self, index), result)
        return result

    def _unit(self, value: Any, index: int) -> Any:
        """Take an element whose tangent is the unit direction of that number."""
        unit: Any = _new(_UnitScalar)
        unit._value, unit._place, unit._full, unit._level, unit._k = value, index, None, self._level, self._k
        return finish(TABLE[getitem], (self, index), unit)

    def __iter__(self) -> Iterator[Any]:
        value, tangent, k = self._value, self._tangent, self._k
        if value.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        if (
            k is None
            or not 0 < k <= MOST_DIRECTIONS
            or value.dtype is not _FLOAT64
            or value.ndim > 1
            or value.__class__ is not np.ndarray
            or tangent.__class__ is not np.ndarray
            or OBSERVER.get() is not None
        ):
            return (self[i] for i in range(len(value)))
        return iterate_small(value, tangent, self._level, k)

    def __setitem__(self, index: Any, new: Any) -> None:
        new = as_operand(new)
        value, tangent = new, None
        if new.__class__ in ACTIVE_TYPES:
            if new._level > self._level:
                raise MutationError(
                    "x[...] = y: y belongs to a derivative that is taken inside the one x belongs to, and x cannot hold its "
                    "tangent. Allocate the array inside the inner function, with np.zeros_like(y), or build it with np.stack."
                )
            if new._level == self._level:
                if new._k != self._k:
                    raise directions_differ(None, self._k, new._k)
                value, tangent = new._value, new._tangent
            else:
                refuse_stray_mixture(self._level, new._level)
        if (self._tangent.__class__ is np.ndarray and not self._tangent.flags.writeable) or (
            TORN and is_torn(primal_all(self))
        ):
            raise MutationError(
                "x[...] = y: x is read-only, a view whose tangent is no view, or np.asarray(x) has made an object array of it "
                "that is still in use; update a copy, x.copy(), or leave np.asarray away."
            )
        if OPEN.get() is not None:
            preserve(self._value)
        SEED[0] = None
        if level_of(value) > level_of(self._value):
            references = sys.getrefcount(self._value)
            require_sole_owner(self._value, references)
            self._value = lift(self._value, value)
        if level_of(tangent) > level_of(self._tangent):
            references = sys.getrefcount(self._tangent)
            require_sole_owner(self._tangent, references)
            self._tangent = lift(self._tangent, tangent)
        UPDATES[0] += 1
        if self._tangent.__class__ is np.ndarray:
            self._value[index] = value  # if the index or the shape is wrong, NumPy says so before anything has changed
            self._set_tangent(index, tangent)
        else:
            self._set_tangent(index, tangent)  # nested, it can refuse what the value would take
            self._value[index] = value

    def _set_tangent(self, index: Any, tangent: Any) -> None:
        if tangent is not None and tangent.dtype is not self._tangent.dtype:
            token = floating.use(floating.SILENT)  # a cast can overflow, or worse
            try:
                tangent = tangent.astype(self._tangent.dtype)
            finally:
                floating.restore(token)
        if self._k is None:
            self._tangent[index] = 0 if tangent is None else tangent
        else:
            indexing.set_directions(self._tangent, index, tangent)

    def _take_in(self, other: Any) -> bool:
        if self.__class__ is not DualArray:  # but one whose tangent is kept otherwise
            return False
        value, tangent, more = self._value, self._tangent, None
        if other.__class__ in ACTIVE_TYPES:
            if other._level != self._level or other._k != self._k:
                return False
            other, more = other._value, other._tangent
        if not value.__class__ is tangent.__class__ is np.ndarray or {other.__class__, more.__class__} & ACTIVE_TYPES:
            return False
        if np.shape(other) != value.shape:  # directions would not be aligned
            return False
        if value.base is not _UNKNOWN:
            value += other
        if more is not None:
            tangent += more
        return True

    def _join(self, row: Linear, parts: Any) -> Any:  # type: ignore[override]
        level, k = self._level, self._k
        values: list[Any] = []
        tangents: list[Any] = []
        constants = False
        if parts.__class__ is not list and parts.__class__ is not tuple:
            return None
        for part in parts:
            if part.__class__ is DualArray and part._level == level and part._k == k:
                values.append(part._value)
                tangents.append(part._tangent)
                continue
            if part.__class__ is list and LEAVES.issuperset(map(type, part)):
                part = np.asarray(part)
            if part.__class__ is not np.ndarray or part.dtype.char == "O":
                return None
            values.append(part)
            tangents.append(None)
            constants = True
        out = row.function(values)
        if constants:
            tangents = [self._zeros(v) if t is None else t for t, v in zip(tangents, values, strict=True)]
        return finish(row, (parts,), self._wrap(out, (row.function if k is None else row.batched[0])(tangents)))

    def _times_for_tangent(self, other: Any) -> Any:
        if (
            self.__class__ is not DualArray
            or other._level != self._level
            or self._k is not None
            or other._k is not None
        ):
            return self * other
        x, x_dot, y, y_dot = self._value, self._tangent, other._value, other._tangent
        shape = x.shape
        if x.size < MANY or not (
            x.__class__ is x_dot.__class__ is y.__class__ is y_dot.__class__ is np.ndarray
            and x.dtype is x_dot.dtype is y.dtype is y_dot.dtype is _FLOAT64
            and shape == x_dot.shape == y.shape == y_dot.shape
        ):
            return self * other
        if not any(x.strides) and not any(x_dot.strides):  # one number, as a sum hands it back to what was added
            tangent = scaled_sum(x_dot.flat[0], y, x.flat[0], y_dot)
        else:
            tangent = sum_of_products(x_dot, y, x, y_dot)
        return (
            self * other if tangent is None else make_dual(spread_number(_UNKNOWN, shape), tangent, self._level, None)
        )

    def _added(self, axis: Any, keepdims: bool) -> Any:
        if self.__class__ is not DualArray or self._k is not None or OBSERVER.get() is not None:
            return None
        value, tangent = self._value, self._tangent
        if not value.__class__ is tangent.__class__ is np.ndarray or value.dtype is not _FLOAT64:
            return None
        total = _reduce(value, axis, None, None, keepdims)
        token = floating.use(floating.SILENT)
        try:
            tangent = _reduce(tangent, axis, None, None, keepdims)
        finally:
            floating.restore(token)
        if total.__class__ is np.float64:
            return make_small(total, (float(tangent),), self._level, None)
        return make_dual(total, match_layout(total, tangent), self._level, None)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of_elements(self, dtype, copy)


class DualScalar(ScalarMethods, Dual):
    """The Duals that hold a NumPy scalar."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return scalar_in_array(self, dtype)

    def _changed_to(self, cls: type) -> Any:
        scalar: Any = object.__new__(cls)
        scalar._value, scalar._tangent, scalar._level, scalar._k = self._value, self._tangent, self._level, self._k
        return scalar


class _Element(ElementMethods, DualScalar):
    __slots__ = ()


class _UnitScalar(DualScalar):
    """An element of the array that is differentiated: its tangent is a unit direction, made where it is asked for."""

    __slots__ = ("_full", "_place")
    _full: Any
    _place: int

    @property
    def _tangent(self) -> Any:  # type: ignore[override]
        if self._full is None:
            full = np.zeros(self._k)
            full[self._place] = 1
            self._full = full
        return self._full

    def _lone(self) -> tuple[int, float]:
        return self._place, 1.0

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        result = along_one(row, op, a, b, 1 if b is self else 0)
        return super()._binary(row, op, a, b) if result is None else result


for _class in (DualArray, DualScalar, _Element, _UnitScalar):
    _class.__name__ = _class.__qualname__ = "Dual"  # what error messages of Python and NumPy call them

_reduce: Any = np.add.reduce

numbers.Number.register(DualScalar)
ACTIVE_TYPES |= {DualArray, DualScalar, _Element, _UnitScalar}
SCALARS |= {DualScalar, _Element, _UnitScalar}
LONELY.add(_UnitScalar)
ELEMENT_CLASSES[DualScalar] = ELEMENT_CLASSES[_UnitScalar] = _Element
CLASSES.array, CLASSES.scalar = DualArray, DualScalar
for _name, _method in operators_in_short().items():
    setattr(DualArray, _name, _method)


_PLAIN: Any = frozenset({np.ndarray, np.float64})
_ALONG_FIRST: Any = frozenset({int, slice})
_FLOAT64 = np.dtype(np.float64)
# Stands for each number of a value that nobody asks for.
_UNKNOWN = np.zeros(())
_new = object.__new__


def _pack(items: list[Any], shape: tuple[int, ...], level: int) -> Any:
    """Pack scalars whose highest level is that of Duals."""
    classes = set(map(type, items)) - FLOATS
    cls = classes.pop()
    if not classes and issubclass(cls, SmallDual):
        k = cls._k
        value, tangent = _small_parts(items, level, k)
    else:
        packed = cls.packed(items, shape, level) if hasattr(cls, "packed") else None
        if packed is not None:
            return packed
        ks = {item._k for item in items if level_of(item) == level}
        k = ks.pop()
        if ks:
            raise directions_differ(None, k, ks.pop())
        value, tangent = _parts(items, level, k)
    if len(shape) != 1:
        value = value.reshape(shape)
        tangent = tangent.reshape(shape if k is None else (k, *shape))
    return make_dual(value, tangent, level, k)


def _parts(items: list[Any], level: int, k: int | None) -> tuple[Any, Any]:
    """Value and tangent of an axis of scalars."""
    active = [level_of(item) == level for item in items]
    tangents = [item._tangent if is_active else None for item, is_active in zip(items, active, strict=True)]
    zero = np.zeros_like(next(t for t in tangents if t is not None))
    value = as_operand([item._value if is_active else item for item, is_active in zip(items, active, strict=True)])
    found = [zero if t is None else t for t in tangents]
    tangent = as_operand(found) if k is None else np.stack(found, axis=-1)  # directions may be active arrays
    if value.dtype.kind not in "fc":
        raise InputError(
            f"an object array of Duals and {value.dtype} cannot be differentiated; it must hold numbers alone"
        )
    return value, tangent if tangent.dtype is value.dtype else tangent.astype(value.dtype)


def _small_parts(items: list[Any], level: int, k: int | None) -> tuple[Any, Any]:
    """Value and tangent of an axis of small scalars and Python floats, by way of one list."""
    width = 1 if k is None else k
    zeros = (0.0,) * width
    flat: list[float] = []
    for item in items:
        if item.__class__ in FLOATS:
            flat.append(item)
            flat += zeros
        elif item._level == level:
            flat.append(item._value)
            flat += item._few
        else:
            return _parts(items, level, k)
    table = np.fromiter(flat, float, len(flat)).reshape(-1, 1 + width).T
    return table[0], table[1] if k is None else table[1:]


Dual._pack = staticmethod(_pack)


def _along_directions(function: Callable[[Any], Any], directions: Any) -> Any:
    """Push directions through a linear function together."""
    level, token = enter_transform()
    try:
        k = len(directions[0] if isinstance(directions, list) else directions)
        return _tangents(function(_at_zero(directions, level)), level, k)
    finally:
        leave_transform(token)


def _at_zero(directions: Any, level: int) -> Any:
    if isinstance(directions, list):
        return [_at_zero(part, level) for part in directions]
    value = np.zeros(directions.shape[1:], directions.dtype)
    return make_dual(value if value.ndim else value[()], match_layout(value, directions), level, directions.shape[0])


def _tangents(result: Any, level: int, k: int) -> Any:
    if result is None:
        return None
    if isinstance(result, (tuple, list)):
        return [_tangents(part, level, k) for part in result]
    return result._tangent if level_of(result) == level else np.zeros((k, *np.shape(result)), result.dtype)


ALONG_DIRECTIONS.append(_along_directions)
