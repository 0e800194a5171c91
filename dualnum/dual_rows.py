"""How rows of the table are applied to Duals: the value is computed, and the tangents are pushed forward beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.aliasing import keep_aliasing, owns
from dualnum.dispatch import OBSERVER, level_of, not_differentiable, primal_all, strip
from dualnum.dual_operands import CLASSES, LONELY, SIMPLE, along_one, finish, make_dual, one_active
from dualnum.floating import SILENT, STRICT, restore, use
from dualnum.levels import refuse_stray_mixture
from dualnum.methods import CommonMethods
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import Elementwise, Linear, Nonlinear, Row, first, second
from dualnum.tangents import (
    FEW_DIRECTIONS,
    MANY,
    NUMBERS,
    add_tangents,
    align,
    combine,
    conform,
    directions_differ,
    divided,
    hidden_numbers,
    match_kind,
    match_layout,
    one_by_one,
    quotient,
    rebuild,
    side_by_side,
    stack_directions,
    sum_in_place,
    times,
)

__all__ = ["DualRows"]

_observer = OBSERVER.get
_MINUS_ONE, _ONE = -1, 1
_FLOAT64 = np.dtype(np.float64)
_SEQUENCES: Any = frozenset({list, tuple})
_new = object.__new__


class DualRows(CommonMethods):
    """Base of Duals: what each kind of row makes of them."""

    __slots__ = ()
    _k: Any
    _level: int
    _tangent: Any
    _value: Any

    def _unary(self, row: Elementwise, x: Any) -> Any:
        value, tangent = x._value, x._tangent
        out = row.function(value)
        partial = row.partials[0]
        if partial is _MINUS_ONE:
            tangent = -tangent
        elif (
            row.divisor is not None
            and value.__class__ is np.ndarray
            and out.dtype is _FLOAT64
            and (x._k or 1) <= FEW_DIRECTIONS
        ):
            tangent = divided(row, out, value, tangent, x._k)
        else:
            token = use(STRICT)
            try:
                if tangent.size < MANY:
                    tangent = tangent * (partial if partial.__class__ in NUMBERS else partial(out, value))
                else:
                    tangent = times(
                        tangent, partial if partial.__class__ in NUMBERS else partial(out, value), out, value
                    )
            except FloatingPointError:
                tangent = combine(row, out, (value,), (tangent,), x._k)
            finally:
                restore(token)
        if tangent.dtype is not out.dtype:
            tangent = conform(tangent, out, x._k)
        if out.ndim > 1:
            tangent = match_layout(out, tangent)
        result: Any = _new(CLASSES[out.__class__])  # as `make_dual` does
        result._value = out
        result._tangent = tangent
        result._level = x._level
        result._k = x._k
        observer = _observer()
        if observer is not None:
            observer(row, (x,), result)
        return result

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        alike = a.__class__ is b.__class__ or (a.__class__ in ACTIVE_TYPES and b.__class__ in ACTIVE_TYPES)
        if not alike or a._level != b._level:
            a_active = a.__class__ in ACTIVE_TYPES and a._level == self._level
            other = b if a_active else a
            if other.__class__ in ACTIVE_TYPES:
                refuse_stray_mixture(self._level, other._level)
            if a_active:
                return one_active(row, op, a._value, b, 0, a)
            return one_active(row, op, a, b._value, 1, b)
        k, x, y = a._k, a._value, b._value
        if b._k != k:
            raise directions_differ(row, k, b._k)
        if x.__class__ is not y.__class__ and (a.__class__ in LONELY or b.__class__ in LONELY):
            found = along_one(row, op, a, b, 0 if a.__class__ in LONELY else 1)
            if found is not None:
                return found
        ta, tb = a._tangent, b._tangent
        p, q = row.partials
        if x.__class__ is not y.__class__ and p in SIMPLE:
            x, y = side_by_side(x, y)
        out = op(x, y)
        if k is not None and ta.ndim != tb.ndim:
            if ta.ndim < tb.ndim:
                ta = align(ta, out.ndim)
            else:
                tb = align(tb, out.ndim)
        token = use(STRICT)
        try:
            if p is _ONE and (q == 1 or q == -1):
                tangent = ta + tb if q == 1 else ta - tb
            elif p is second and q is first:
                tangent = ta * y + tb * x if ta.size < MANY else sum_in_place(ta * y, tb * x)
            elif row.function is np.divide:
                tangent = quotient(row, out, (x, y), ta, tb)
            else:
                tangent = sum_in_place(
                    ta * (p if p.__class__ in NUMBERS else p(out, x, y)),
                    tb * (q if q.__class__ in NUMBERS else q(out, x, y)),
                )
        except (FloatingPointError, TypeError):
            tangent = combine(row, out, (x, y), (ta, tb), k)
        finally:
            restore(token)
        if tangent.dtype is not out.dtype:
            tangent = conform(tangent, out, k)
        if out.ndim > 1:
            tangent = match_layout(out, tangent)
        result: Any = _new(CLASSES[out.__class__])  # as `make_dual` does
        result._value = out
        result._tangent = tangent
        result._level = a._level
        result._k = k
        observer = _observer()
        if observer is not None:
            observer(row, (a, b), result)
        return result

    def _elementwise(self, row: Elementwise, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values = [strip(arg, self._level) for arg in args]
        tangents = [self._tangent_of(arg, value, row) for arg, value in zip(args, values, strict=True)]
        out = row.function(*values, **{name: strip(value, self._level) for name, value in kwargs.items()})
        tangent = conform(combine(row, out, values, tangents, self._k), out, self._k)
        if out.ndim > 1:
            tangent = match_layout(out, tangent)
        elif not out.ndim and self._k is None:
            tangent = match_kind(out, tangent)
        return finish(row, args, make_dual(out, tangent, self._level, self._k))

    def _linear(self, row: Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        level, k = self._level, self._k
        values = list(args)
        active = []
        for i, arg in enumerate(args):
            # Only where the function takes sequences of arrays can there still be one that holds something active.
            if arg.__class__ in ACTIVE_TYPES or (row.nesting and arg.__class__ in (list, tuple)):
                values[i] = strip(arg, level)
                active.append(i)
        out = row.function(*values, **kwargs)
        total = None
        token = use(SILENT)
        try:
            for i in active:
                tangent = self._tangent_of(args[i], values[i], row)
                if tangent is None:
                    continue
                if i not in row.transposes:
                    raise not_differentiable(row, i)
                moved = values.copy()
                if k is None or i in row.batched:
                    moved[i] = tangent
                    term = (row.function if k is None else row.batched[i])(*moved, **kwargs)
                else:
                    term = one_by_one(row.function, moved, i, tangent, out, k, kwargs)
                total = term if total is None else add_tangents(total, term)
        finally:
            restore(token)
        result = self._wrap(out, total)
        if row.view:
            keep_aliasing(args[0], result)
        return finish(row, args, result)

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values = [strip(arg, self._level) for arg in args]
        tangents = []
        for i, (arg, value) in enumerate(zip(args, values, strict=True)):
            tangent = self._tangent_of(arg, value, row)
            if i in row.positions:
                tangents.append(tangent)
            elif tangent is not None:
                raise not_differentiable(row, i, row.reasons.get(i))
        tangents += [None] * (len(row.positions) - len(tangents))
        out, push = row.rule(*values, **kwargs)
        token = use(SILENT)
        try:
            if self._k is None or row.batched:
                tangent = push(*tangents)
            else:
                rows = [push(*(t if t is None else t[i] for t in tangents)) for i in range(self._k)]
                tangent = stack_directions(rows, out)
        finally:
            restore(token)
        result = self._wrap(out, tangent)
        self._own_memory(args, result)
        return finish(row, args, result)

    def _constant(self, out: Any) -> Any:
        """Give a result the tangent zero, if it is of a kind that can have one."""
        return self._wrap(out, None)

    def _with_value(self, traced: Any, value: Any, args: Sequence[Any]) -> Any:
        """Replace the value of what a composite body has computed from `args`, by NumPy's own."""
        if isinstance(value, (tuple, list)):
            return rebuild(value, [self._with_value(t, v, args) for t, v in zip(traced, value, strict=True)])
        if level_of(traced) != self._level:
            return self._wrap(value, None)
        result = self._wrap(value, traced._tangent)
        self._own_memory(args, result)
        return result

    def _own_memory(self, args: Sequence[Any], result: Any) -> None:
        """Make sure that a rule has not handed through the memory of a tangent where NumPy does not that of the value."""
        for part in result if isinstance(result, (tuple, list)) else (result,):
            if part.__class__ in ACTIVE_TYPES and part._is_array() and not owns(part._tangent, args):
                for arg in args:
                    if arg.__class__ in ACTIVE_TYPES and arg._level == self._level:
                        keep_aliasing(arg, part)

    def _wrap(self, out: Any, tangent: Any) -> Any:
        """Join results to their tangents; None stands for zero."""
        if isinstance(out, (tuple, list)):
            tangents = [None] * len(out) if tangent is None else tangent
            return rebuild(out, [self._wrap(o, t) for o, t in zip(out, tangents, strict=True)])
        dtype = getattr(out, "dtype", None)
        if dtype is None or dtype.kind not in "fc":
            if (dtype is None and tangent is not None) or (dtype is not None and dtype.kind == "O"):
                raise hidden_numbers()
            return out
        if out.__class__ in ACTIVE_TYPES and out._level >= self._level:
            raise hidden_numbers()
        k = self._k
        if tangent is None:
            shape = out.shape if k is None else (k, *out.shape)
            if out.__class__ in ACTIVE_TYPES:
                tangent = np.zeros(shape, dtype, like=out)  # so that it can hold the tangents of outer levels later
            else:
                tangent = np.zeros(shape, dtype) if shape or out.__class__ is np.ndarray else dtype.type(0)
        elif not out.ndim and k is None and tangent.__class__ is not out.__class__:
            tangent = match_kind(out, conform(tangent, out, k))
        elif tangent.dtype is not dtype or tangent.shape != (out.shape if k is None else (k, *out.shape)):
            tangent = conform(tangent, out, k)
        if out.ndim > 1:
            tangent = match_layout(out, tangent)
        return make_dual(out, tangent, self._level, k)

    def _tangent_of(self, arg: Any, value: Any, row: Row) -> Any:
        """Tangent of an argument at this level, or None; of a sequence, the list of its tangents."""
        if arg.__class__ in ACTIVE_TYPES:
            if arg._level != self._level:
                refuse_stray_mixture(self._level, arg._level)
                return None
            if arg._k != self._k:
                raise directions_differ(row, arg._k, self._k)
            return arg._tangent
        if arg.__class__ not in _SEQUENCES:
            return None
        tangents = []
        found = missing = False
        level, k = self._level, self._k
        for item, v in zip(arg, value, strict=True):
            if item.__class__ in ACTIVE_TYPES and item._level == level and item._k == k:
                tangent = item._tangent
            else:
                tangent = None if item.__class__ is np.ndarray else self._tangent_of(item, v, row)
            if tangent is None:
                missing = True
            else:
                found = True
            tangents.append(tangent)
        if found and missing:
            return [self._zeros(v) if t is None else t for t, v in zip(tangents, value, strict=True)]
        return tangents if found else None

    def _zeros(self, value: Any) -> Any:
        """Tangent of a constant, where one is needed beside others."""
        if value.__class__ is not np.ndarray:
            value = np.asarray(primal_all(value))
        return np.zeros(value.shape if self._k is None else (self._k, *value.shape), value.dtype)
