"""Coefficients of Taylor series but the first: by recurrences, Cauchy products and linear maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.dispatch import level_of, primal_all
from dualnum.dual_operands import make_dual
from dualnum.levels import enter_transform, leave_transform
from dualnum.packing import as_operand
from dualnum.table import Elementwise, Linear
from dualnum.tangents import NUMBERS, is_zero, one_by_one
from dualnum.taylor_series import (
    RECURRENCES,
    product,
    quotient,
    real_power,
    reciprocal,
    series_of,
    solution,
    variable_power,
    whole_power,
)

__all__ = ["by_recurrence", "cauchy", "complete", "looks_at_result", "map_parts", "moved_by", "probe", "solution_of"]


def probe(x: Any, level: int) -> Any:
    """Make a dual number of a value, to see what depends on it."""
    return make_dual(x, np.ones_like(x), level, None)


def looks_at_result(row: Elementwise, out: Any, values: Sequence[Any], higher: Sequence[Any]) -> bool:
    """Whether a partial depends on the result of the function, here and not only by its dtype."""
    level, token = enter_transform()
    try:
        probed = probe(out, level)
        return any(
            level_of(partial(probed, *values)) == level
            for partial, h in zip(row.partials, higher, strict=True)
            if h is not None and partial.__class__ not in NUMBERS
        )
    finally:
        leave_transform(token)


def by_recurrence(row: Elementwise, out: Any, values: Sequence[Any], higher: Sequence[Any]) -> Any:
    """By the recurrence of a ufunc; None where there is none."""
    function, ndim = row.function, out.ndim
    if len(values) == 1:
        recurrence = RECURRENCES.get(function)
        return None if recurrence is None else recurrence(out, series_of(values[0], higher[0], ndim))[1:]
    if function not in (np.multiply, np.divide, np.power):
        return None
    a, b = (v if h is None else series_of(v, h, ndim) for v, h in zip(values, higher, strict=True))
    if function is np.multiply:
        if higher[0] is None or higher[1] is None:
            series, constant = (b, a) if higher[0] is None else (a, b)
            return series[1:] * constant
        return product(a, b)[1:]
    if function is np.divide:
        if higher[1] is None:
            return a[1:] / b
        return (reciprocal(out, b) if higher[0] is None else quotient(a, b))[1:]
    if higher[1] is not None:
        if out.dtype.kind == "c" or not np.all(primal_all(values[0]) > 0):
            return None
        log = np.log(values[0])
        return variable_power(out, log if higher[0] is None else RECURRENCES[np.log](log, a), b)[1:]
    if np.ndim(b) == 0 and level_of(b) == 0 and 0 < b.real <= 1024 and b == int(b.real):
        return whole_power(a, int(b.real))[1:]
    return real_power(out, a, b)[1:]


def solution_of(values: Sequence[Any], higher: Sequence[Any], out: Any) -> Any:
    """Coefficients but the first of the solution of a linear system, of which the rule would take two at each order."""
    a, b = (as_operand(value) for value in values)
    is_vector = b.ndim == 1
    ndim = out.ndim + is_vector
    series: list[Any] = []
    for x, h in zip((a, b), higher, strict=True):
        x = series_of(x, np.zeros((0, *x.shape), x.dtype) if h is None else h, x.ndim)
        x = x[..., None] if is_vector and len(series) else x
        series.append(x.reshape(len(x), *(1,) * (ndim + 1 - x.ndim), *x.shape[1:]))
    x = solution(series[0], series[1], max(map(len, series)))[1:]
    return x[..., 0] if is_vector else x


def map_parts(function: Callable[..., Any], *trees: Any) -> Any:
    """Apply a function to the arrays of results, or to a single one."""
    if isinstance(trees[0], (tuple, list)):
        return [map_parts(function, *parts) for parts in zip(*trees, strict=True)]
    return function(*trees)


def complete(value: Any, higher: Any) -> Any:
    """All coefficients of results."""
    return map_parts(lambda v, h: series_of(v, h, np.ndim(v)), value, higher)


def moved_by(row: Linear, values: Sequence[Any], i: int, series: Any, n: int, out: Any, kwargs: dict[str, Any]) -> Any:
    """Apply a linear function to n coefficients of argument `i`."""
    moved = list(values)
    if i in row.batched:
        moved[i] = series
        return row.batched[i](*moved, **kwargs)
    return one_by_one(row.function, moved, i, series, out, n, kwargs)


def cauchy(row: Linear, values: list[Any], series: dict[int, Any], n: int, out: Any, kwargs: dict[str, Any]) -> Any:
    """Apply a function that is linear in each of several arguments to n coefficients of each."""
    (i, first), *others = series.items()
    if not others:
        return moved_by(row, values, i, first, n, out, kwargs)
    total: Any = None
    for j in range(n):
        fixed = values.copy()
        fixed[i] = map_parts(lambda s, j=j: s[j], first)
        if total is not None and _vanishes(fixed[i]):
            continue
        rest = {p: map_parts(lambda s, j=j: s[: n - j], s) for p, s in others}
        term = cauchy(row, fixed, rest, n - j, out, kwargs)
        total = map_parts(np.copy, term) if total is None else map_parts(lambda t, u, j=j: _added(t, u, j), total, term)
    return total


def _vanishes(x: Any) -> bool:
    return all(map(_vanishes, x)) if isinstance(x, (tuple, list)) else bool(np.all(is_zero(x)))


def _added(total: Any, term: Any, j: int) -> Any:
    return np.concatenate([total[:j], total[j:] + term])
