"""How rows of the table are applied to truncated Taylor series: by recurrences, by compositions, by maps of tangents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualnum import floating
from dualnum.aliasing import keep_aliasing
from dualnum.dispatch import level_of, not_differentiable, strip
from dualnum.dual import Dual
from dualnum.dual_operands import finish
from dualnum.errors import DualnumError, NoRuleError
from dualnum.levels import enter_transform, leave_transform
from dualnum.methods import CommonMethods
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import Elementwise, Linear, Nonlinear
from dualnum.tangents import NUMBERS, align, conform, stack_directions, without_zeros
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
from dualnum.taylor_series import integrated, rates, series_of

__all__ = ["SEQUENCES", "SeriesRows"]

SEQUENCES: Any = frozenset({list, tuple})


class SeriesRows(CommonMethods):
    """Base of truncated Taylor series: what each kind of row makes of them."""

    __slots__ = ()
    _k: Any
    _level: int
    _cut: Any
    _tangent_of: Any
    _wrap: Any
    _own_memory: Any = Dual._own_memory

    def _unary(self, row: Elementwise, x: Any) -> Any:
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
            if arg.__class__ in ACTIVE_TYPES or (row.nesting and arg.__class__ in SEQUENCES):
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
        if higher.__class__ in SEQUENCES:
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
