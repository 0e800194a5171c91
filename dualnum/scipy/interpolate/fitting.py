"""B-splines made of data: by interpolation, and by least squares with given knots.

The coefficients solve a sparse system whose rows hold the B-splines that are not zero at a point.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.scipy.interpolate.bsplines import ActiveBSpline, BSpline, basis_at
from dualnum.scipy.interpolate.shared import floats, is_given, no_rule, placed, plain, reals, solved
from dualnum.splines import exact_value

__all__ = [
    "fitted",
    "make_interp_spline",
    "make_lsq_spline",
    "make_smoothing_spline",
    "make_splprep",
    "make_splrep",
    "not_a_knot",
]


def _as_twin(spline: Any) -> Any:
    return BSpline.construct_fast(spline.t, spline.c, spline.k, spline.extrapolate, spline.axis)


def not_a_knot(x: Any, k: int) -> Any:
    """Knots of a spline of degree k that interpolates at `x`: without those next to the ends."""
    inner = x if k % 2 else (x[1:] + x[:-1]) / 2
    cut = (k + 1) // 2
    return np.concatenate([x[:1]] * (k + 1) + [inner[cut : len(inner) - cut]] + [x[-1:]] * (k + 1))


def _around(x: Any, k: int) -> Any:
    """Knots of a periodic spline."""
    if k % 2 == 0:
        x = np.concatenate([x[:1], (x[:-2] + x[1:-1]) / 2, x[-1:]])
    steps = np.diff(x)
    turn = np.arange(k) % len(steps)
    return np.concatenate([(x[0] - np.cumsum(steps[-1 - turn]))[::-1], x, x[-1] + np.cumsum(steps[turn])])


def _end_conditions(condition: Any, rest: tuple[int, ...]) -> list[tuple[int, Any]]:
    """Orders and values of the derivatives at an end."""
    if condition is None:
        return []
    if isinstance(condition, str):
        return [({"clamped": 1, "natural": 2}[condition], np.zeros(rest))]
    return [(int(order), floats(value)) for order, value in condition]


def make_interp_spline(
    x: Any, y: Any, k: int = 3, t: Any = None, bc_type: Any = None, axis: int = 0, check_finite: bool = True
) -> Any:
    """Interpolating B-spline; see `scipy.interpolate.make_interp_spline`.

    Parameters
    ----------
    x : array_like, shape (n,)
    y : array_like, shape (n, ...)
    k : int
    t : array_like, optional
        Knots.
    bc_type
        Conditions at the ends, whose values may carry derivatives too.
    axis : int
    check_finite : bool

    Returns
    -------
    BSpline
        One that takes points that carry derivatives; its coefficients and knots have those of `x`, `y` and `t`.
    """
    like = interpolate.make_interp_spline(plain(x), plain(y), k, plain(t), plain(bc_type), axis, check_finite)
    if not is_given((x, y, t, bc_type), {}):
        return _as_twin(like)
    x, y = reals(x), np.moveaxis(floats(y), like.axis, 0)
    rest = y.shape[1:]
    periodic = isinstance(bc_type, str) and bc_type == "periodic"
    free = bc_type is None or (isinstance(bc_type, str) and bc_type in ("not-a-knot", "periodic"))
    ends = (None, None) if free else (bc_type, bc_type) if isinstance(bc_type, str) else bc_type
    first, last = (_end_conditions(end, rest) for end in ends)

    def knots(x: Any) -> Any:
        if k < 2:
            return np.concatenate([x[:1]] * k + [x, x[-1:]])
        if periodic:
            return _around(x, k)
        return np.concatenate([x[:1]] * k + [x] + [x[-1:]] * k) if first or last else not_a_knot(x, k)

    direct = k == 0 or (k == 1 and t is None)  # the coefficients are the data
    t = exact_value(lambda x: like.t, knots, x) if t is None else reals(t)

    def body(x: Any, y: Any, t: Any, *values: Any) -> Any:
        if direct:
            return y
        orders = [order for order, _ in (*first, *last)]
        before, after = values[: len(first)], values[len(first) :]
        rows: list[Any] = []
        if periodic:
            for nu in range(1, k):
                rows.append([(x[:1], nu, 1.0), (x[-1:], nu, -1.0)])
        rows += [[(x[:1], nu, 1.0)] for nu in orders[: len(first)]]
        rows.append([(x, 0, 1.0)])
        rows += [[(x[-1:], nu, 1.0)] for nu in orders[len(first) :]]
        count = len(t) - k - 1
        if periodic:
            right = np.concatenate([np.zeros((k - 1, *rest)), y])
        else:
            right = np.concatenate([*(np.reshape(v, (1, *rest)) for v in before), y])
            right = np.concatenate([right, *(np.reshape(v, (1, *rest)) for v in after)]) if after else right
        return solved(count, *_matrix(rows, t, k), right)

    values = [value for _, value in (*first, *last)]
    c = exact_value(lambda *data: like.c, body, x, y, t, *values)
    return ActiveBSpline(t, c, like.k, like.extrapolate, like.axis)


def _matrix(rows: list[Any], t: Any, k: int) -> tuple[Any, Any, Any]:
    """Places and elements of a matrix with sums of B-splines, or of their derivatives, at points in its rows."""
    places, columns, elements, start = [], [], [], 0
    for terms in rows:
        for points, nu, factor in terms:
            values, first = basis_at(points, t, k, nu)
            row, column, element = placed(factor * values, first)
            places.append(row + start)
            columns.append(column)
            elements.append(element)
        start += len(terms[0][0])
    return np.concatenate(places), np.concatenate(columns), np.concatenate(elements)


def fitted(x: Any, y: Any, t: Any, k: int, w: Any = None) -> Any:
    """Coefficients of the spline with given knots that interpolates, or is next to the data by least squares.

    For the latter, residuals and coefficients are solved for together, which squares no condition number (Björck, Numerical
    Methods for Least Squares Problems, 1996, section 1.1.4).
    """
    n, count = len(x), len(t) - k - 1
    rows, columns, elements = _matrix([[(x, 0, 1.0)]], t, k)
    if n == count:
        return solved(n, rows, columns, elements, y)
    if w is not None:
        elements = elements * w[rows]
        y = y * np.reshape(w, (-1,) + (1,) * (y.ndim - 1))
    diagonal = np.arange(n)
    places = np.concatenate([diagonal, rows, columns + n]), np.concatenate([diagonal, columns + n, rows])
    right = np.concatenate([y, np.zeros((count, *y.shape[1:]))])
    return solved(n + count, *places, np.concatenate([np.ones(n), elements, elements]), right)[n:]


def make_lsq_spline(
    x: Any,
    y: Any,
    t: Any,
    k: int = 3,
    w: Any = None,
    axis: int = 0,
    check_finite: bool = True,
    **options: Any,
) -> Any:
    """B-spline of least squares; see `scipy.interpolate.make_lsq_spline`.

    Parameters
    ----------
    x : array_like, shape (m,)
    y : array_like, shape (m, ...)
    t : array_like, shape (n + k + 1,)
        Knots.
    k : int
    w : array_like, shape (m,), optional
        Weights.
    axis : int
    check_finite : bool
    **options
        As SciPy has them.

    Returns
    -------
    BSpline
        One that takes points that carry derivatives; its coefficients have those of `x`, `y`, `t` and `w`.
    """
    like = interpolate.make_lsq_spline(plain(x), plain(y), plain(t), k, plain(w), axis, check_finite, **options)
    if not is_given((x, y, t, w), {}):
        return _as_twin(like)
    x, y, t = reals(x), np.moveaxis(floats(y), like.axis, 0), reals(t)
    w = np.ones(len(x)) if w is None else reals(w)
    c = exact_value(lambda *data: like.c, lambda x, y, t, w: fitted(x, y, t, like.k, w), x, y, t, w)
    return ActiveBSpline(t, c, like.k, like.extrapolate, like.axis)


def _smoothing(name: str) -> Any:
    """Make the counterpart of a function that chooses knots or parameters: its data are plain, the points need not be."""
    own: Any = getattr(interpolate, name)
    refuse = no_rule(name, "Take make_lsq_spline with knots of yours.")

    @wraps(own)
    def make(*args: Any, **kwargs: Any) -> Any:
        if is_given(args, kwargs):
            return refuse()
        found = own(*args, **kwargs)
        return (_as_twin(found[0]), *found[1:]) if isinstance(found, tuple) else _as_twin(found)

    make.__module__ = "dualnum.scipy.interpolate"
    return make


make_smoothing_spline = _smoothing("make_smoothing_spline")
if hasattr(interpolate, "make_splrep"):  # SciPy 1.15
    make_splrep, make_splprep = map(_smoothing, ("make_splrep", "make_splprep"))
