"""Piecewise cubic interpolators: coefficients as functions of the data and of their places.

Values are SciPy's own. Derivatives are those of the same coefficients said with NumPy's functions: of cubic splines by the
tridiagonal system of their slopes (de Boor, A Practical Guide to Splines, 2001, chapter IV), which is solved once for all
directions; of the slopes of PCHIP and Akima by the formulas of Fritsch and Butland (1984) and Akima (1970).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.scipy.interpolate.pieces import ActivePPoly, lifted
from dualnum.scipy.interpolate.shared import floats, is_given, plain, reals, solved, twin_class
from dualnum.splines import exact_value

__all__ = [
    "Akima1DInterpolator",
    "CubicHermiteSpline",
    "CubicSpline",
    "PchipInterpolator",
    "pchip_interpolate",
]


class _ActiveCubic(ActivePPoly):
    """Counterpart of the classes of cubic interpolators."""

    @classmethod
    def of_data(cls, slopes: Any, like: Any, x: Any, y: Any, *others: Any) -> Any:
        """Make one of its slopes at the ends of intervals, a function of `x`, `y` (along the first axis) and others."""
        x = reals(x)
        axis = like.axis
        y = np.moveaxis(floats(y), axis, 0)
        c = exact_value(lambda *args: like.c, lambda x, y, *more: _hermite(x, y, slopes(x, y, *more)), x, y, *others)
        return cls(c, x, like.extrapolate, axis)


def _hermite(x: Any, y: Any, s: Any) -> Any:
    """Coefficients of the cubic polynomials with values `y` and slopes `s` at `x`."""
    h = _steps(x, y)
    m = np.diff(y, axis=0) / h
    bend = (s[:-1] + s[1:] - 2 * m) / h
    return np.stack([bend / h, (m - s[:-1]) / h - bend, s[:-1] + 0 * m, y[:-1] + 0 * m])


def _steps(x: Any, y: Any) -> Any:
    return np.reshape(np.diff(x), (-1,) + (1,) * (y.ndim - 1))


# Hermite


class _Hermite(_ActiveCubic):
    _of = interpolate.CubicHermiteSpline


def _hermite_of(x: Any, y: Any, dydx: Any, axis: int = 0, extrapolate: Any = None) -> Any:
    like = interpolate.CubicHermiteSpline(plain(x), plain(y), plain(dydx), axis, extrapolate)
    return _Hermite.of_data(lambda x, y, s: s, like, x, y, np.moveaxis(floats(dydx), like.axis, 0))


# PCHIP


class _Pchip(_ActiveCubic):
    _of = interpolate.PchipInterpolator


def _pchip_slopes(x: Any, y: Any) -> Any:
    h = _steps(x, y)
    m = np.diff(y, axis=0) / h
    if len(m) == 1:
        return np.concatenate([m, m])
    sign = np.sign(primal_all(m))
    flat = sign[1:] * sign[:-1] <= 0
    before, after = (np.where(flat, 1.0, part) for part in (m[:-1], m[1:]))
    w, v = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    # The weighted harmonic mean, as a multiple of the smaller slope: so it neither overflows nor do its derivatives.
    first = np.abs(primal_all(before)) <= np.abs(primal_all(after))
    low, high = np.where(first, before, after), np.where(first, after, before)
    weight, other = np.where(first, w, v), np.where(first, v, w)
    inner = np.where(flat, 0.0, low * ((w + v) / (weight + other * (low / high))))
    ends = [_pchip_end(h[i], h[j], m[i], m[j])[None] for i, j in ((0, 1), (-1, -2))]
    return np.concatenate([ends[0], inner, ends[1]])


def _pchip_end(h: Any, next_h: Any, m: Any, next_m: Any) -> Any:
    """Slope at an end: of the parabola through three points, unless that is not monotonic."""
    s = ((2 * h + next_h) * m - h * next_m) / (h + next_h)
    plain_s, plain_m, plain_next = map(primal_all, (s, m, next_m))
    steep = (np.sign(plain_m) != np.sign(plain_next)) & (np.abs(plain_s) > 3 * np.abs(plain_m))
    return np.where(np.sign(plain_s) != np.sign(plain_m), 0.0, np.where(steep, 3 * m, s))


def _pchip_of(x: Any, y: Any, axis: int = 0, extrapolate: Any = None) -> Any:
    like = interpolate.PchipInterpolator(plain(x), plain(y), axis, extrapolate)
    return _Pchip.of_data(_pchip_slopes, like, x, y)


# Akima

# SciPy takes weights below this part of the greatest for zero.
_CUT = 1e-9


class _Akima(_ActiveCubic):
    _of = interpolate.Akima1DInterpolator


def _akima_slopes(x: Any, y: Any, method: str) -> Any:
    m = np.diff(y, axis=0) / _steps(x, y)
    if len(m) == 1:
        return np.concatenate([m, m])
    first, last = 2 * m[:1] - m[1:2], 2 * m[-1:] - m[-2:-1]
    m = np.concatenate([2 * first - m[:1], first, m, last, 2 * last - m[-1:]])
    weights = np.abs(np.diff(m, axis=0))
    if method == "makima":
        weights = weights + 0.5 * np.abs(m[1:] + m[:-1])
    after, before = weights[2:], weights[:-2]
    total = after + before
    size = primal_all(total)
    defined = size > _CUT * np.max(size, initial=-np.inf)
    share = before / np.where(defined, total, 1.0)
    return np.where(defined, m[1:-2] + share * (m[2:-1] - m[1:-2]), 0.5 * (m[3:] + m[:-3]))


def _akima_of(x: Any, y: Any, axis: int = 0, *, method: str = "akima", extrapolate: Any = None) -> Any:
    like = interpolate.Akima1DInterpolator(plain(x), plain(y), axis, method=method, extrapolate=extrapolate)
    return _Akima.of_data(lambda x, y: _akima_slopes(x, y, method), like, x, y)


# Splines


class _Cubic(_ActiveCubic):
    _of = interpolate.CubicSpline


def _cubic_of(x: Any, y: Any, axis: int = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None) -> Any:
    like = interpolate.CubicSpline(plain(x), plain(y), axis, plain(bc_type), extrapolate)
    ends = (bc_type, bc_type) if isinstance(bc_type, str) else bc_type
    kinds, values = [], []
    for end in ends:
        named = {"clamped": (1, 0.0), "natural": (2, 0.0)}.get(end, end) if isinstance(end, str) else end
        kinds.append(named if isinstance(named, str) else int(named[0]))
        values.append(0.0 if isinstance(named, str) else floats(named[1]))
    return _Cubic.of_data(
        lambda x, y, first, last: _spline_slopes(x, y, kinds, (first, last)), like, x, y, *map(as_operand, values)
    )


def _spline_slopes(x: Any, y: Any, kinds: list[Any], values: tuple[Any, Any]) -> Any:
    """Slopes of the cubic spline, where its second derivatives agree, and of its ends what is asked for."""
    if not y.size:
        return y
    n, h, steps = len(x), np.diff(x), _steps(x, y)
    m = np.diff(y, axis=0) / steps
    if kinds[0] == "periodic":
        return _periodic_slopes(n, h, steps, m)
    if n == 2:
        values = tuple(m[0] if kind == "not-a-knot" else value for kind, value in zip(kinds, values, strict=True))
        kinds = [1 if kind == "not-a-knot" else kind for kind in kinds]
    inner = np.arange(1, n - 1)
    rows, columns = [np.repeat(inner, 3)], [(inner[:, None] + [-1, 0, 1]).ravel()]
    elements = [np.ravel(np.stack([h[1:], 2 * (h[:-1] + h[1:]), h[:-1]], 1))]
    right = [3 * (steps[1:] * m[:-1] + steps[:-1] * m[1:])]
    both = n == 3 and kinds[0] == kinds[1] == "not-a-knot"
    for end, kind, value in zip((0, -1), kinds, values, strict=True):
        # From this end inwards: a point and its neighbour, the first step and slope, and the next ones.
        at, beside = (0, 1) if end == 0 else (n - 1, n - 2)
        step, slope = h[end], m[end]
        sign = 1 if end == 0 else -1
        if both:  # a parabola
            pair, b = [1.0, 1.0], 2 * slope
        elif kind == "not-a-knot":
            following, next_slope = (h[1], m[1]) if end == 0 else (h[-2], m[-2])
            pair = [following, step + following]
            b = ((3 * step + 2 * following) * following * slope + step**2 * next_slope) / (step + following)
        elif kind == 1:
            pair, b = [1.0, 0.0], value + 0 * slope
        else:
            pair, b = [2.0, 1.0], 3 * slope - sign * 0.5 * step * value
        rows.append(np.array([at, at]))
        columns.append(np.array([at, beside]))
        elements.append(np.stack([as_operand(e) + 0.0 for e in pair]))
        right.insert(0 if end == 0 else len(right), np.reshape(b, (1, *y.shape[1:])))
    places = np.concatenate(rows), np.concatenate(columns)
    return solved(n, *places, np.concatenate(elements), np.concatenate(right))


def _periodic_slopes(n: int, h: Any, steps: Any, m: Any) -> Any:
    if n == 2:
        return np.concatenate([m, m])
    points = np.arange(n - 1)
    before, steps_before, m_before = (np.roll(part, 1, axis=0) for part in (h, steps, m))
    elements = np.ravel(np.stack([h, 2 * (before + h), before], 1))
    columns = ((points[:, None] + [-1, 0, 1]) % (n - 1)).ravel()
    s = solved(n - 1, np.repeat(points, 3), columns, elements, 3 * (steps * m_before + steps_before * m))
    return np.concatenate([s, s[:1]])


_METHODS = ("integrate", "solve")
CubicHermiteSpline = twin_class(interpolate.CubicHermiteSpline, _hermite_of, lifted, *_METHODS)
PchipInterpolator = twin_class(interpolate.PchipInterpolator, _pchip_of, lifted, *_METHODS)
Akima1DInterpolator = twin_class(interpolate.Akima1DInterpolator, _akima_of, lifted, *_METHODS)
CubicSpline = twin_class(interpolate.CubicSpline, _cubic_of, lifted, *_METHODS)


def pchip_interpolate(xi: Any, yi: Any, x: Any, der: Any = 0, axis: int = 0) -> Any:
    """Interpolate by monotonic cubic polynomials; see `scipy.interpolate.pchip_interpolate`."""
    if not is_given((xi, yi, x), {}):
        return interpolate.pchip_interpolate(xi, yi, x, der, axis)
    spline = PchipInterpolator(xi, yi, axis)
    if np.ndim(der):
        return [spline.derivative(nu)(x) for nu in der]
    return spline.derivative(der)(x) if der else spline(x)
