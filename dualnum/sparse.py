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
from collections.abc import Callable, Iterator, Sequence
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualnum import floating
from dualnum.aliasing import OPEN, TORN, is_torn
from dualnum.directions import Directions, Stale, Terms, add_terms, joined, moved, scaled, transposed
from dualnum.dispatch import strip
from dualnum.dual import CLASSES, SCALARS, Dual, finish, make_dual
from dualnum.dual_array import DualArray, DualScalar
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.matrices import is_matrix_class, matrix_product
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.primitives import getitem
from dualnum.small import UPDATES
from dualnum.table import TABLE, Elementwise, Linear, Nonlinear
from dualnum.tangents import FLOATS, rebuild

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


def _is_plain(out: Any) -> bool:
    return out.__class__ is np.float64 or (out.__class__ is np.ndarray and out.dtype is _FLOAT64 and out.ndim > 0)


class SparseDual(Dual):
    """A Dual with the tangents of all directions of an input as terms."""

    __slots__ = ()
    _terms: Terms
    _directions: Directions
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

    def _result(self, out: Any, terms: Terms) -> Any:
        if len(terms) <= self._directions.most_terms:
            return _make(out, terms, self._level, self._directions)
        return make_dual(out, self._directions.dense(terms, out), self._level, self._k)

    def _is_like(self, x: Any) -> bool:
        return x.__class__ in _CLASSES and x._level == self._level

    def _are_like(self, args: Sequence[Any]) -> bool:
        """Whether no argument, or item of the first, is active in another way."""
        items = args[0] if args[0].__class__ in (list, tuple) else ()
        return all(x.__class__ not in ACTIVE_TYPES or self._is_like(x) for x in (*args, *items))

    # The kinds of row

    def _unary(self, row: Elementwise, x: Any) -> Any:
        out = row.function(self._value)
        if not _is_plain(out):
            return super()._unary(row, x)
        return finish(row, (x,), self._result(out, scaled(self._terms, row, 0, out, (self._value,))))

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        a_sparse, b_sparse = self._is_like(a), self._is_like(b)
        if not ((a_sparse or a.__class__ in _CONSTANTS) and (b_sparse or b.__class__ in _CONSTANTS)):
            return super()._binary(row, op, a, b)
        values = a._value if a_sparse else a, b._value if b_sparse else b
        out = op(*values)
        if not _is_plain(out):
            return super()._binary(row, op, a, b)
        if row.function is np.divide and a_sparse and b_sparse:
            terms = self._of_quotient(out, a, b)
            if terms is not None:
                return finish(row, (a, b), self._result(out, terms))
        terms = self._of_arguments(row, out, values, (a, b))
        return finish(row, (a, b), self._result(out, terms))

    def _elementwise(self, row: Elementwise, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if kwargs or not all(self._is_like(arg) or arg.__class__ in _CONSTANTS for arg in args):
            return super()._elementwise(row, args, kwargs)
        values = tuple([strip(arg, self._level) for arg in args])
        out = row.function(*values)
        if not _is_plain(out) or any(
            partial is None and arg.__class__ in _CLASSES for partial, arg in zip(row.partials, args, strict=True)
        ):
            return super()._elementwise(row, args, kwargs)
        terms = self._of_arguments(row, out, values, args)
        return finish(row, args, self._result(out, terms))

    def _of_quotient(self, out: Any, a: Any, b: Any) -> Terms | None:
        """Terms of a quotient, as `dualnum.tangents.quotient` has them; None where it has them by the partials."""
        above, below = (
            x._terms.copy() if x._value.shape == out.shape else self._directions.spread(x._terms, out.shape)
            for x in (a, b)
        )
        token = floating.use(floating.IN_RANGE)
        try:
            add_terms(above, {places: -(out * numbers) for places, numbers in below.items()})
            return {places: numbers / b._value for places, numbers in above.items()}
        except FloatingPointError:
            return None
        finally:
            floating.restore(token)

    def _of_arguments(self, row: Elementwise, out: Any, values: tuple[Any, ...], args: Sequence[Any]) -> Terms:
        """Terms of all arguments that have any, times their partials."""
        total: Terms = {}
        for i, x in enumerate(args):
            if x.__class__ in _CLASSES:
                terms = scaled(x._terms, row, i, out, values)
                if x._value.shape != out.shape:
                    terms = self._directions.spread(terms, out.shape)
                if total:
                    token = floating.use(floating.SILENT)
                    try:
                        add_terms(total, terms)
                    finally:
                        floating.restore(token)
                else:
                    total = terms
        return total

    def _linear(self, row: Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if row.function in _INNER and not kwargs and [np.ndim(arg) for arg in args] == [1, 1]:
            out = row.function(*[strip(arg, self._level) for arg in args])
            return self._with_value(np.sum(np.multiply(*args)), out, args)
        if row.function in _PRODUCTS and not kwargs:
            found = self._product(row, *args)
            if found is not None:
                return found
        x, *others = args
        moves = row.moves if row.moves.__class__ is bool else row.moves(*others, **kwargs)  # type: ignore[operator]
        if not moves or "dtype" in kwargs or not self._are_like(args):
            return self._unless_view(super()._linear(row, args, kwargs))
        out = row.function(strip(x, self._level), *others, **kwargs)
        one = out.__class__ not in (list, tuple)
        outs = [out] if one else out
        if not all(map(_is_plain, outs)):
            return self._unless_view(super()._linear(row, args, kwargs))
        terms: list[Terms] = [{} for _ in outs]
        items = x if x.__class__ in (list, tuple) else [x]
        shapes = [item.shape if item.__class__ in _CLASSES else np.shape(item) for item in items]
        for pair in joined([item._terms if item.__class__ in _CLASSES else {} for item in items], shapes):
            found = [row.function(part if items is x else part[0], *others, **kwargs) for part in pair]
            for total, places, numbers in zip(terms, *([part] if one else part for part in found), strict=True):
                add_terms(total, {self._directions.places(places): numbers})
        made = [self._result(*pair) for pair in zip(outs, terms, strict=True)]
        return finish(row, args, made[0] if one else rebuild(out, made))

    def _product(self, row: Linear, a: Any, b: Any) -> Any:
        """Product with a constant matrix, of which most is zero; None if it is something else."""
        matrix, x = (a, b) if self._is_like(b) else (b, a)
        if not (matrix.__class__ is np.ndarray or is_matrix_class(matrix.__class__)):
            return None
        if matrix.ndim != 2 or x.ndim not in (1, 2) or np.result_type(matrix.dtype, x._value) != _FLOAT64:
            return None
        left = matrix is a
        terms = x._terms if left else transposed(x._terms, self._directions)
        token = floating.use(floating.SILENT)
        try:
            found = self._directions.combined(matrix if left else matrix.T, terms, x._value.shape)
        finally:
            floating.restore(token)
        if found is None:
            return None
        out = row.function(strip(a, self._level), strip(b, self._level))
        return finish(row, (a, b), self._result(out, found if left else transposed(found, self._directions)))

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if row.function in _SUMS and len(args) < 3:
            said = {name: value for name, value in kwargs.items() if value is not _DEFAULTS.get(name, _DEFAULTS)}
            if not said.keys() - {"axis", "keepdims"}:
                return finish(row, args, self._sum(row, *args, **said))
        active = [i for i, arg in enumerate(args) if arg.__class__ in ACTIVE_TYPES]
        if not row.pointwise or not self._are_like(args) or not {*active} <= {*row.positions}:
            return self._unless_view(super()._nonlinear(row, args, kwargs))
        out, push = row.rule(*[strip(arg, self._level) for arg in args], **kwargs)
        if not _is_plain(out):
            return self._unless_view(super()._nonlinear(row, args, kwargs))
        terms: Terms = {}
        token = floating.use(floating.SILENT)
        try:
            for i in active:
                for places, numbers in args[i]._terms.items():
                    tangent = push(*[numbers if position == i else None for position in row.positions])
                    if tangent is not None:
                        add_terms(terms, self._directions.spread({places: tangent}, out.shape))
        finally:
            floating.restore(token)
        return finish(row, args, self._result(out, terms))

    def _sum(self, row: Nonlinear, x: Any, axis: Any = None, **kwargs: Any) -> Any:
        """Sum or mean along some axes."""
        shape, directions = x._value.shape, self._directions
        out = row.function(x._value, axis, **kwargs)
        axes = tuple(range(len(shape))) if axis is None else normalize_axis_tuple(axis, len(shape))
        factor = 1.0 if row.function is np.sum else out.size / x._value.size if out.size else 0.0
        token = floating.use(floating.SILENT)
        try:
            found = directions.summed(x._terms, shape, axes, factor, out)
        finally:
            floating.restore(token)
        if isinstance(found, dict):
            return self._result(
                out, {directions.places(p.array.reshape(out.shape)): n.reshape(out.shape) for p, n in found.items()}
            )
        return make_dual(out, directions.as_tangent(found, out), self._level, self._k)

    def _constant(self, out: Any) -> Any:
        # A copy, for it may be filled, and `out` may be anybody's.
        return _make(out.copy(), {}, self._level, self._directions) if _is_plain(out) else super()._constant(out)

    def _wrap(self, out: Any, tangent: Any) -> Any:
        if tangent is None and _is_plain(out):
            own = out.view() if out.ndim else out  # for `out` may be anybody's here, too
            return _make(own, {}, self._level, self._directions)
        return super()._wrap(out, tangent)

    def _with_value(self, traced: Any, value: Any, args: Sequence[Any]) -> Any:
        if self._is_like(traced) and _is_plain(value) and value.shape == traced.shape:
            return self._result(value, traced._terms)
        return self._unless_view(super()._with_value(traced, value, args))

    def _unless_view(self, result: Any) -> Any:
        """Give a result that has no terms any more; refuse a view: an update of one would not be seen by the other."""
        for part in result if result.__class__ in (list, tuple) else (result,):
            if part.__class__ is DualArray and part._value.__class__ is np.ndarray and not part._value.flags.writeable:
                raise self._directions.refuse()
        return result

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
        if not all(item.__class__ in FLOATS or (item.__class__ in _CLASSES and item._level == level) for item in items):
            return None
        active = [item for item in items if item.__class__ in _CLASSES]
        columns = [item._terms if item.__class__ in _CLASSES else {} for item in items]
        value = np.array([item._value if item.__class__ in _CLASSES else item for item in items], float).reshape(shape)
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
        UPDATES[0] += 1


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

_CLASSES = frozenset({_SparseArray, _SparseScalar, _Element})
ACTIVE_TYPES |= _CLASSES
SCALARS |= {_SparseScalar, _Element}
ELEMENT_CLASSES[_SparseScalar] = _Element
CLASSES[_SparseArray], CLASSES[_SparseScalar], CLASSES[_Element] = DualArray, DualScalar, DualScalar
