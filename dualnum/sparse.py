"""Dual numbers with all unit directions of an input at once, of which each knows only a few.

An element of the state of a discretised equation depends on its neighbours, and on nothing else. So the tangents are kept as
terms (`dualnum.directions`): pushing some terms forward costs as much as pushing as many directions, however many there are;
and the derivatives come from the same rows. What has no way of its own here takes the tangents as the array that they stand
for, if it is small.

Arrays of these are updated in place only where nobody else sees the memory of the value but views of it that are known, and
then not used again: so for an array that a function makes and fills. Else the value is read-only.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from sys import getrefcount
from typing import Any

import numpy as np

from dualnum.aliasing import OPEN, TORN, is_torn
from dualnum.directions import Directions, Stale, Terms, add_terms, joined, moved
from dualnum.dual_array import DualArray, DualScalar
from dualnum.dual_operands import CLASSES, SCALARS, finish
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.matrices import matrix_product
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.primitives import getitem
from dualnum.sparse_rows import SPARSE, SparseRows
from dualnum.table import TABLE
from dualnum.tangents import FLOATS

__all__ = ["SparseDual", "seed"]

_FLOAT64 = np.dtype(np.float64)
_SUMS = frozenset({np.sum, np.mean})
_INNER = frozenset({np.dot, np.inner, np.matmul, np.vdot, np.vecdot})
_PRODUCTS = frozenset({np.dot, np.matmul, matrix_product})
_DEFAULTS = {"dtype": None, "out": None, "initial": np._NoValue, "where": True}  # type: ignore[attr-defined]
_CONSTANTS: Any = {np.ndarray, *SCALARS} - ACTIVE_TYPES


def seed(x: np.ndarray, level: int) -> SparseDual:
    """Give each element of a copy of an array of float64 a direction of its own."""
    directions = Directions(x.size)
    places = directions.places(np.arange(x.size).reshape(x.shape))
    return _make(x.copy("K"), {places: np.ones(x.shape)}, level, directions)


def _make(value: Any, terms: Terms, level: int, directions: Directions) -> Any:
    """Make a sparse Dual from parts that are known to fit, without copying them; an array becomes read-only."""
    if value.__class__ is np.ndarray:
        value.flags.writeable = False
        dual: Any = object.__new__(_SparseArray)
        dual._origin = None
        if value.base is not None:
            directions.watch(dual, value.base)
    else:
        dual = object.__new__(_SparseScalar)
    dual._value, dual._terms, dual._level, dual._k = value, terms, level, directions.k
    dual._directions, dual._dense = directions, None
    return dual


def _is_same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays see the same memory in the same way."""
    return a.__array_interface__ == b.__array_interface__


class SparseDual(SparseRows):
    """A Dual with the tangents of all directions of an input as terms."""

    __slots__ = ()
    _dense: Any

    @property
    def _tangent(self) -> Any:  # type: ignore[override]
        if self._dense is None:
            self._dense = self._directions.dense(self._terms, self._value)
        return self._dense

    @_tangent.setter
    def _tangent(self, tangent: Any) -> None:
        raise self._directions.refuse()

    @property
    def tangent(self) -> Any:
        """Leave it to blocks of directions: the terms would not see what the user writes into it."""
        raise self._directions.refuse()

    def derivatives(self) -> np.ndarray:
        """Derivatives of each element, in C order, along all directions."""
        return self._directions.rows(self._terms, self._value.shape)

    def triples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Elements by number, directions, and derivatives, which are to be added up."""
        elements = np.arange(self._value.size)
        terms = [(elements, places.array.reshape(-1), np.ravel(numbers)) for places, numbers in self._terms.items()]
        found = terms or [(elements[:0], elements[:0], np.zeros(0))]
        return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))  # type: ignore[return-value]

    def _sparse(self, out: Any, terms: Terms) -> Any:
        return _make(out, terms, self._level, self._directions)

    def _parts(self) -> tuple[Any, ...]:
        return self._value, *self._terms.values()

    def _with_parts(self, value: Any, *numbers: Any) -> Any:
        return _make(value, dict(zip(self._terms, numbers, strict=True)), self._level, self._directions)

    def setflags(self, *args: Any, **kwargs: Any) -> None:
        """Leave it to arrays that can be updated anywhere."""
        raise self._directions.refuse()

    @staticmethod
    def packed(items: list[Any], shape: tuple[int, ...], level: int) -> Any:
        """Make an array of scalars; None if they are not all of this kind, or constant."""
        if not all(item.__class__ in FLOATS or (item.__class__ in SPARSE and item._level == level) for item in items):
            return None
        active = [item for item in items if item.__class__ in SPARSE]
        columns = [item._terms if item.__class__ in SPARSE else {} for item in items]
        value = np.array([item._value if item.__class__ in SPARSE else item for item in items], float).reshape(shape)
        terms: Terms = {}
        for pair in joined(columns, [()] * len(items)):
            places, numbers = (np.array(part).reshape(shape) for part in pair)
            add_terms(terms, {active[0]._directions.places(places): numbers})
        return active[0]._result(value, terms)


class _SparseArray(SparseDual, DualArray):
    """Of the sparse ones, that which holds an array."""

    __slots__ = ("__weakref__", "_dense", "_directions", "_origin", "_terms")
    _origin: tuple[weakref.ref[_SparseArray], Any] | None  # of a view, what it was taken from, and the index

    def __getitem__(self, index: Any) -> Any:
        value = self._value[index]
        made = self._result(value, moved(self._terms, index, self._directions))
        if made.__class__ is _SparseArray and value.base is self._value:
            made._origin = weakref.ref(self), index
        return finish(TABLE[getitem], (self, index), made)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self._value)))

    def __setitem__(self, index: Any, new: Any) -> None:
        new = as_operand(new)
        if self._origin is not None and index is ...:  # as in x[1:] += y
            origin, place = self._origin[0](), self._origin[1]
            if origin is None or not _is_same(origin._value[place], self._value):
                raise self._directions.refuse()
            origin[place] = new
            self._terms, self._dense = moved(origin._terms, place, self._directions), None
            return
        is_view = new.__class__ is _SparseArray and new._value.base is self._value
        if is_view and _is_same(self._value[index], new._value):
            return  # Python stores it once more after x[1:] += y
        views = self._directions.views(self._value)
        # Memory that somebody else sees has another owner, or its owner has more references.
        if self._value.base is not None or getrefcount(self._value) > _ALONE + len(views):
            raise self._directions.refuse()
        if any(getrefcount(view._value) > _ALONE for view in views):
            raise self._directions.refuse()
        if OPEN.get() is not None or (TORN and is_torn(self._value)):
            raise self._directions.refuse()
        if new.__class__ in ACTIVE_TYPES and not self._is_like(new):
            raise self._directions.refuse()
        value, terms = (new._value, new._terms) if new.__class__ in ACTIVE_TYPES else (new, {})
        self._value.flags.writeable = True
        try:
            self._value[index] = value
        finally:
            self._value.flags.writeable = False
        self._terms, self._dense = self._directions.stored(self._terms, self._value.shape, index, terms), None
        for view in views:
            view._terms, view._dense = Stale(self._directions), None


def _references() -> int:
    """References to the value of a number that nobody else holds, as `getrefcount` sees them."""
    probe: Any = object.__new__(_SparseArray)
    probe._value = np.empty(0)
    return getrefcount(probe._value)


_ALONE = _references()


class _SparseScalar(SparseDual, DualScalar):
    """Of the sparse ones, that which holds a number."""

    __slots__ = ("_dense", "_directions", "_terms")

    def _changed_to(self, cls: type) -> Any:
        scalar: Any = object.__new__(cls)
        for name in ("_value", "_level", "_k", "_dense", "_directions", "_terms"):
            setattr(scalar, name, getattr(self, name))
        return scalar


class _Element(ElementMethods, _SparseScalar):
    __slots__ = ()


for _class in (_SparseArray, _SparseScalar, _Element):
    _class.__name__ = _class.__qualname__ = "Dual"  # what error messages of Python and NumPy call them

SPARSE |= {_SparseArray, _SparseScalar, _Element}
ACTIVE_TYPES |= SPARSE
SCALARS |= {_SparseScalar, _Element}
ELEMENT_CLASSES[_SparseScalar] = _Element
CLASSES[_SparseArray], CLASSES[_SparseScalar], CLASSES[_Element] = DualArray, DualScalar, DualScalar
