"""Truncated Taylor series as numbers: a value, and its higher coefficients along a leading axis."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualnum import floating, indexing
from dualnum.aliasing import keep_aliasing
from dualnum.dispatch import level_of, not_differentiable, strip
from dualnum.dual import Dual, as_inexact, finish
from dualnum.dual_array import DualArray, _parts
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.errors import DualnumError, NoRuleError, ShapeError
from dualnum.levels import enter_transform, leave_transform, series_level_by_hand
from dualnum.methods import ArrayMethods, CommonMethods, Forms, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import Elementwise, Linear, Nonlinear
from dualnum.tangents import NUMBERS, align, conform, match_layout, stack_directions, without_zeros
from dualnum.taylor_coefficients import (
    by_recurrence,
    cauchy,
    complete,
    looks_at_result,
    map_parts,
    moved_by,
    probe,
    solution_of,
)
from dualnum.taylor_memory import remembered
from dualnum.taylor_series import (
    integrated,
    rates,
    series_of,
)

__all__ = ["Taylor", "make_taylor"]

_SEQUENCES: Any = frozenset({list, tuple})


class Taylor(CommonMethods):
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
    _k: Any
    _level: int
    _tangent: Any
    _value: Any
    _pack: Any
    _plural = "Taylor series"

    _zeros: Any = Dual._zeros
    _constant: Any = Dual._constant
    _with_value: Any = Dual._with_value
    _own_memory: Any = Dual._own_memory
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

    # The kinds of row

    def _unary(self, row: Elementwise, x: Taylor) -> Any:
        return self._apply(row, row.function, (x,), {})

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        return self._apply(row, op, (a, b), {})

    def _elementwise(self, row: Elementwise, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return self._apply(row, row.function, args, {name: strip(value, self._level) for name, value in kwargs.items()})

    def _apply(self, row: Elementwise, function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values = [strip(arg, self._level) for arg in args]
        higher = [self._tangent_of(arg, value, row) for arg, value in zip(args, values, strict=True)]
        for i, (partial, h) in enumerate(zip(row.partials, higher, strict=True)):
            if h is not None and (partial is None or partial.__class__ is str):
                raise not_differentiable(row, i, partial)
        out = function(*values, **kwargs)
        if out.__class__ is complex:
            out = np.complex128(out)  # Python's complex took a float64 for a float
        token = floating.use(floating.SILENT)
        try:
            tangent = self._sum(row, out, higher)
            if tangent is None:
                tangent = by_recurrence(row, out, values, higher)
            if tangent is None or not np.all(np.isfinite(tangent)):
                # Where a recurrence divides by zero, the partials may still be finite.
                tangent = self._composed(row, out, values, higher)
            tangent = conform(tangent, out, self._k)
        finally:
            floating.restore(token)
        return finish(row, args, self._wrap(out, tangent))

    def _sum(self, row: Elementwise, out: Any, higher: Sequence[Any]) -> Any:
        """Coefficients but the first, where all partials are numbers."""
        total = None
        for partial, h in zip(row.partials, higher, strict=True):
            if h is not None:
                if partial.__class__ not in NUMBERS:
                    return None
                term = align(h, out.ndim) * partial
                total = term if total is None else total + term
        return total

    def _composed(self, row: Elementwise, out: Any, values: Sequence[Any], higher: Sequence[Any]) -> Any:
        """Coefficients but the first, of the sum of the partials times the derivatives of the arguments."""
        with remembered(row, (out, *values), {}, higher) as (known, keep):
            found = np.zeros((0, *out.shape), out.dtype) if known.coefficients is None else known.coefficients
            for more in self._compositions(row, out, values, higher, found):
                keep(len(more), found := more)
            return found[: self._k]

    def _compositions(
        self, row: Elementwise, out: Any, values: Sequence[Any], higher: Sequence[Any], found: Any
    ) -> Iterator[Any]:
        """More and more coefficients, from those that are known."""
        order = self._k
        if len(found) >= order:
            return
        moving = [rates(align(h, out.ndim)) if h is not None else None for h in higher]
        # With the result in a partial, each pass gives one more coefficient; without it, one pass gives all.
        steps = range(len(found), order) if looks_at_result(row, out, values, higher) else range(order - 1, order)
        for m in steps:
            lower = [self._cut(v, h, m) for v, h in zip(values, higher, strict=True)]
            # Where the partials do not look at it, a constant stands for the result.
            result = self._cut(out, found, m) if len(found) >= m else out
            total: Any = None
            for partial, rate in zip(row.partials, moving, strict=True):
                if rate is not None:
                    x_dot = self._cut(rate[0], rate[1:], m)
                    p = partial if partial.__class__ in NUMBERS else partial(result, *lower)
                    term = without_zeros(x_dot, x_dot * p)
                    total = term if total is None else total + term
            found = integrated(self._all_of(total, m, out))
            yield found

    def _cut(self, value: Any, higher: Any, m: int) -> Any:
        """Series with the first m higher coefficients; lists of them are searched."""
        if value.__class__ in _SEQUENCES and higher is not None:
            return value.__class__([self._cut(v, h, m) for v, h in zip(value, higher, strict=True)])
        if higher is None or not m:
            return value
        return make_taylor(value, higher[:m], self._level, m)

    def _all_of(self, x: Any, m: int, like: Any) -> Any:
        """All m + 1 coefficients of what was computed from series with m higher ones."""
        if level_of(x) == self._level:
            series = series_of(x._value, x._tangent, like.ndim)
        else:
            series = series_of(x, np.zeros((m, *np.shape(x)), x.dtype), like.ndim)
        return conform(series, like, m + 1)

    def _linear(self, row: Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values, series = list(args), {}
        for i, arg in enumerate(args):
            if arg.__class__ in ACTIVE_TYPES or (row.nesting and arg.__class__ in _SEQUENCES):
                values[i] = strip(arg, self._level)
                higher = self._tangent_of(arg, values[i], row)
                if higher is not None:
                    if i not in row.transposes:
                        raise not_differentiable(row, i)
                    series[i] = higher
        out = row.function(*values, **kwargs)
        token = floating.use(floating.SILENT)
        try:
            if len(series) == 1:
                ((i, higher),) = series.items()
                tangent = moved_by(row, values, i, higher, self._k, out, kwargs)
            else:
                whole = {i: complete(values[i], h) for i, h in series.items()}
                tangent = map_parts(lambda t: t[1:], cauchy(row, values, whole, self._k + 1, out, kwargs))
        finally:
            floating.restore(token)
        result = self._wrap(out, tangent)
        if row.view:
            keep_aliasing(args[0], result)
        return finish(row, args, result)

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values = [strip(arg, self._level) for arg in args]
        higher = [self._tangent_of(arg, value, row) for arg, value in zip(args, values, strict=True)]
        for i, h in enumerate(higher):
            if h is not None and i not in row.positions:
                raise not_differentiable(row, i, row.reasons.get(i))
        out, _ = row.rule(*values, **kwargs)
        token = floating.use(floating.SILENT)
        try:
            if row.function is np.linalg.solve:
                tangent = solution_of(values, higher, out)
            elif self._is_piecewise_linear(row, values, higher, kwargs):
                tangent = self._pushed(row, values, higher, out, kwargs)
            else:
                with remembered(row, values, kwargs, higher) as (known, keep):
                    if known.order < self._k:
                        keep(self._k, self._integrated_push(row, values, higher, out, kwargs))
                    # In memory of their own: what is known may be asked for again.
                    tangent = map_parts(lambda h: None if h is None else h[: self._k].copy(), known.coefficients)
        except NoRuleError:
            raise
        except (DualnumError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise NoRuleError(
                f"{row.name} has no Taylor series in dualnum: its rule does not take series. Take its derivatives by nesting "
                "jvp, or write it with functions that have one."
            ) from error
        finally:
            floating.restore(token)
        result = self._wrap(out, tangent)
        self._own_memory(args, result)
        return finish(row, args, result)

    def _integrated_push(self, row: Nonlinear, values: Any, higher: Any, out: Any, kwargs: dict[str, Any]) -> Any:
        """Coefficients but the first, by the map of tangents, of which the series has one coefficient less."""
        m = self._k - 1
        _, push = row.rule(*[self._cut(v, h, m) for v, h in zip(values, higher, strict=True)], **kwargs)
        x_dots = [self._rate(higher[i]) if i < len(higher) else None for i in row.positions]
        return self._integral(push(*x_dots), m, out)

    def _is_piecewise_linear(self, row: Nonlinear, values: Any, higher: Any, kwargs: dict[str, Any]) -> bool:
        """Whether the map of tangents is the same all around the point, as that of ``np.where`` or ``np.sort``."""
        level, token = enter_transform()
        try:
            probes = [
                v if h is None else map_parts(lambda x: probe(x, level), v) for v, h in zip(values, higher, strict=True)
            ]
            _, push = row.rule(*probes, **kwargs)
            first = [None if i >= len(higher) or higher[i] is None else higher[i] for i in row.positions]
            x_dot = push(*[None if h is None else map_parts(lambda x: x[0], h) for h in first])
        except DualnumError:
            return False  # the probe needs one derivative more, which the rule need not have
        finally:
            leave_transform(token)
        parts = x_dot if isinstance(x_dot, (tuple, list)) else (x_dot,)
        return all(level_of(part) != level for part in parts)

    def _pushed(self, row: Nonlinear, values: Any, higher: Any, out: Any, kwargs: dict[str, Any]) -> Any:
        """Coefficients but the first, by a map of tangents that is the same all around the point."""
        _, push = row.rule(*values, **kwargs)
        given = [higher[i] if i < len(higher) else None for i in row.positions]
        if row.batched:
            return push(*given)
        rows = [
            push(*[None if h is None else map_parts(lambda x, j=j: x[j], h) for h in given]) for j in range(self._k)
        ]
        return stack_directions(rows, out)

    def _rate(self, higher: Any) -> Any:
        """Derivative in t of an argument; None stands for zero."""
        if higher.__class__ in _SEQUENCES:
            return [self._rate(h) for h in higher]
        if higher is None:
            return None
        rate = rates(higher)
        return self._cut(rate[0], rate[1:], self._k - 1)

    def _integral(self, rate: Any, m: int, out: Any) -> Any:
        """Coefficients but the first, of results whose derivative in t is given."""
        if rate is None:
            return None
        if isinstance(out, (tuple, list)):
            return [self._integral(r, m, o) for r, o in zip(rate, out, strict=True)]
        if getattr(out, "dtype", None) is None or out.dtype.kind not in "fc":
            return None
        return integrated(self._all_of(rate, m, out))

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
