"""How rows of the table are applied to tangents that are terms: each term is pushed, as a direction would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dualnum import floating
from dualnum.directions import Directions, Terms, add_terms, joined, scaled, transposed
from dualnum.dispatch import strip
from dualnum.dual import Dual
from dualnum.dual_array import DualArray
from dualnum.dual_operands import SCALARS, finish, make_dual
from dualnum.matrices import is_matrix_class, matrix_product
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import Elementwise, Linear, Nonlinear
from dualnum.tangents import rebuild

__all__ = ["SPARSE", "SparseRows"]

_FLOAT64 = np.dtype(np.float64)
_SUMS = frozenset({np.sum, np.mean})
_INNER = frozenset({np.dot, np.inner, np.matmul, np.vdot, np.vecdot})
_PRODUCTS = frozenset({np.dot, np.matmul, matrix_product})
_CONVOLUTIONS = frozenset({np.convolve, np.correlate})
_DEFAULTS = {"dtype": None, "out": None, "initial": np._NoValue, "where": True}  # type: ignore[attr-defined]
#: Classes of the numbers with terms, which are added when they are there.
SPARSE: Any = set()
_CONSTANTS: Any = {np.ndarray, *SCALARS} - ACTIVE_TYPES


def _is_plain(out: Any) -> bool:
    return out.__class__ is np.float64 or (out.__class__ is np.ndarray and out.dtype is _FLOAT64 and out.ndim > 0)


class SparseRows(Dual):
    """Base of the Duals with terms: what each kind of row makes of them."""

    __slots__ = ()
    _terms: Terms
    _directions: Directions
    #: Make a number of this kind, of parts that are known to fit.
    _sparse: Callable[[Any, Terms], Any]

    def _result(self, out: Any, terms: Terms) -> Any:
        if len(terms) <= self._directions.most_terms:
            return self._sparse(out, terms)
        return make_dual(out, self._directions.dense(terms, out), self._level, self._k)

    def _is_like(self, x: Any) -> bool:
        return x.__class__ in SPARSE and x._level == self._level

    def _are_like(self, args: Sequence[Any]) -> bool:
        """Whether no argument, or item of the first, is active in another way."""
        items = args[0] if args[0].__class__ in (list, tuple) else ()
        return all(x.__class__ not in ACTIVE_TYPES or self._is_like(x) for x in (*args, *items))

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
            partial is None and arg.__class__ in SPARSE for partial, arg in zip(row.partials, args, strict=True)
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
            if x.__class__ in SPARSE:
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
        if row.function in _CONVOLUTIONS:
            found = self._convolution(row, args, kwargs)
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
        shapes = [item.shape if item.__class__ in SPARSE else np.shape(item) for item in items]
        for pair in joined([item._terms if item.__class__ in SPARSE else {} for item in items], shapes):
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

    def _convolution(self, row: Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Convolution with a few constant weights, as the sum of one for each; None if it is something else."""
        position = 0 if self._is_like(args[0]) else 1
        x, weights = args[position], args[1 - position]
        if weights.__class__ in ACTIVE_TYPES or x.ndim != 1:
            return None
        weights = np.atleast_1d(weights)
        used = np.flatnonzero(weights)
        if used.size * len(x._terms) > self._directions.most_terms or np.result_type(weights, x._value) != _FLOAT64:
            return None
        if not all(np.isfinite(numbers).all() for numbers in (weights, *x._terms.values())):
            return None

        def moved(array: np.ndarray, i: int) -> np.ndarray:
            one = np.zeros(len(weights), array.dtype)
            one[i] = 1
            return row.function(*((array, one) if position == 0 else (one, array)), *args[2:], **kwargs)

        out = row.function(*[strip(arg, self._level) for arg in args], **kwargs)
        terms: Terms = {}
        for i in used.tolist():
            for places, numbers in x._terms.items():
                add_terms(terms, {self._directions.places(moved(places.array, i)): moved(numbers, i) * weights[i]})
        return finish(row, args, self._result(out, terms))

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
        return self._sparse(out.copy(), {}) if _is_plain(out) else super()._constant(out)

    def _wrap(self, out: Any, tangent: Any) -> Any:
        if tangent is None and _is_plain(out):
            own = out.view() if out.ndim else out  # for `out` may be anybody's here, too
            return self._sparse(own, {})
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
