"""Tables: `interp1d`, `RegularGridInterpolator` and `interpn`, whose points and values may carry derivatives."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand, contains_active
from dualnum.scipy.interpolate.bivariate import RectBivariateSpline
from dualnum.scipy.interpolate.bsplines import ActiveBSpline
from dualnum.scipy.interpolate.fitting import fitted, make_interp_spline, not_a_knot
from dualnum.scipy.interpolate.shared import Active, columns_of, floats, is_given, laid_out, plain, reals, twin_class
from dualnum.splines import exact_value, grid_spline_at, without_nan

__all__ = ["RegularGridInterpolator", "coordinates", "interp1d", "interpn"]

# One axis

_DEGREES = {"zero": 0, "slinear": 1, "quadratic": 2, "cubic": 3}


class _ActiveInterp1d(Active):
    """Counterpart of `interp1d` whose data carry derivatives; `like` is SciPy's, of their values."""

    _of = interpolate.interp1d

    def __init__(self, like: Any, kind: Any, x: Any, y: Any, fill_value: Any, options: Any = None) -> None:
        """`options` are those of SciPy's if it looks at the data again in each call, for they are not copied."""
        self._like, self._kind, self.x, self.y, self.fill_value = like, kind, x, y, fill_value
        self._options, self._data = options, self._read(like)

    def _is_spline(self) -> bool:
        return self._kind in _DEGREES or isinstance(self._kind, int)

    def _read(self, like: Any) -> tuple[Any, Any]:
        """Give the data, or knots and coefficients of the spline through them; `like` is SciPy's."""
        if not self._is_spline():
            return self.x, self.y
        if not contains_active([self.x, self.y]):
            return like._spline.t, like._spline.c
        columns = columns_of(np.moveaxis(self.y, like.axis, 0))
        spline = make_interp_spline(self.x, columns, _DEGREES.get(self._kind, self._kind), check_finite=False)
        return spline.t, spline.c

    def __call__(self, x: Any) -> Any:
        """Evaluate."""
        like, axis, data = self._like, self._like.axis, self._data
        if self._options is not None:
            like = interpolate.interp1d(primal_all(self.x), primal_all(self.y), *self._options)
            data = self._read(like)
        fills = () if isinstance(self.fill_value, str) else self._fills()
        rest = np.moveaxis(np.empty(self.y.shape), axis, 0).shape[1:]
        ends = primal_all(self.x)

        def body(points: Any, first: Any, second: Any, *fills: Any) -> Any:
            at = np.ravel(points)
            out = self._inside(at, first, second)
            at = primal_all(at)
            if fills:
                for fill, outside in zip(fills, (at < ends[0], at > ends[-1]), strict=True):
                    fill = np.reshape(np.broadcast_to(fill, rest or (1,)), (1, -1))
                    out = np.where(outside[:, None], fill, out)
            return laid_out(out, points.shape, rest, axis)

        return exact_value(lambda points, *data: like(points), body, reals(x), *data, *fills)

    def _fills(self) -> tuple[Any, Any]:
        fill = self.fill_value
        pair = fill if isinstance(fill, tuple) and len(fill) == 2 else (fill, fill)
        return floats(pair[0]), floats(pair[1])

    def _inside(self, at: Any, x: Any, y: Any) -> Any:
        """Values (n, r) at points, as if there were no bounds; `x` and `y` are the data, or knots and coefficients."""
        if self._is_spline():
            return ActiveBSpline(x, y, _DEGREES.get(self._kind, self._kind))(at)
        y = columns_of(np.moveaxis(y, self._like.axis, 0))
        n, places = len(x), primal_all(x)
        if self._kind == "linear" and n > 1:
            # At a common end the interval on the right counts, as for np.interp.
            at, missing = without_nan(at, places[0])
            i = np.clip(np.searchsorted(places, primal_all(at), "right"), 1, n - 1)
            share = ((at - x[i - 1]) / (x[i] - x[i - 1]))[:, None]
            out = y[i - 1] + share * (y[i] - y[i - 1])
            return np.where(missing[:, None], 0.0, out) if missing.any() else out
        if self._kind == "linear":
            return y[np.zeros(len(at), int)]
        chosen = interpolate.interp1d(
            places, np.arange(float(n)), self._kind, fill_value="extrapolate", assume_sorted=True
        )
        i = chosen(primal_all(at))  # nan where the value is
        return np.where(np.isnan(i)[:, None], 0.0, y[np.where(np.isnan(i), 0, i).astype(int)])


def _interp1d_of(
    x: Any,
    y: Any,
    kind: Any = "linear",
    axis: int = -1,
    copy: bool = True,
    bounds_error: Any = None,
    fill_value: Any = np.nan,
    assume_sorted: bool = False,
) -> Any:
    options = (kind, axis, True, bounds_error, plain(fill_value), assume_sorted)
    like = interpolate.interp1d(plain(x), plain(y), *options)
    x, y = reals(x), floats(y)
    if not assume_sorted:
        order = np.argsort(primal_all(x), kind="mergesort")
        x, y = x[order], np.take(y, order, axis=axis)
    elif not copy and (isinstance(degree := _DEGREES.get(kind, kind), str) or degree < 2):
        # Of these, SciPy looks at y in each call, and at x for lines alone.
        return _ActiveInterp1d(like, kind, x if kind == "linear" else x.copy(), y, fill_value, options)
    else:
        x, y = x.copy(), y.copy()
    return _ActiveInterp1d(like, kind, x, y, fill_value)


def _said(self: Any, x: Any, y: Any, kind: Any = "linear", *args: Any, **kwargs: Any) -> None:
    super(self._twin, self).__init__(x, y, kind, *args, **kwargs)
    self._said = kind


interp1d = twin_class(
    interpolate.interp1d,
    _interp1d_of,
    lambda table: _ActiveInterp1d(table, table._said, floats(table.x), floats(table.y), table.fill_value),
    __init__=_said,
)


# Grids

_SPLINES = {"slinear": 1, "cubic": 3, "quintic": 5}


def coordinates(xi: Any, d: int) -> Any:
    """Points (..., d), of what SciPy takes for them."""
    if isinstance(xi, tuple) and len(xi) == 1:
        xi = xi[0]
    if isinstance(xi, tuple):
        parts = [reals(part) for part in xi]
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        return np.stack([np.broadcast_to(part, shape) for part in parts], -1)
    xi = reals(xi)
    return np.reshape(xi, (-1, d)) if xi.ndim == 1 else xi


class _ActiveGrid(Active):
    """Counterpart of `RegularGridInterpolator` whose data carry derivatives; `like` is SciPy's, of their values."""

    _of = interpolate.RegularGridInterpolator

    def __init__(self, like: Any, grid: Any, values: Any) -> None:
        """`grid` and `values` are those of SciPy, in ascending order."""
        self._like, self.grid, self.values = like, grid, values
        # SciPy solves for the coefficients of splines at once, and looks at the values of others in each call.
        self._solved = values.copy() if like.method in _SPLINES and contains_active(values) else values

    @property
    def method(self) -> str:
        """How it interpolates, unless a call says otherwise."""
        return self._like.method

    def __call__(self, xi: Any, method: Any = None, *, nu: Any = None) -> Any:
        """Evaluate, with the splines also a derivative of orders `nu`."""
        method = self.method if method is None else method
        like, values, d = self._like, self._solved, len(self.grid)
        if method != like.method or (method not in _SPLINES and contains_active([*self.grid, self.values])):
            values = self.values
            like = interpolate.RegularGridInterpolator(
                tuple(map(primal_all, self.grid)), primal_all(values), method, like.bounds_error, like.fill_value
            )
        points = coordinates(xi, d)
        like(primal_all(points), method, nu=nu)  # which knows what is wrong
        if method not in ("linear", "nearest", *_SPLINES):
            raise NoRuleError(
                f"dualnum.scipy.interpolate.RegularGridInterpolator: the method {method!r} has no derivatives. Take 'cubic' or "
                "another spline; or PchipInterpolator along one axis after the other."
            )
        rest = self.values.shape[d:]
        orders = (0,) * d if nu is None else tuple(int(order) for order in nu)
        if method in _SPLINES and contains_active(self.grid):
            raise NoRuleError(
                "dualnum.scipy.interpolate.RegularGridInterpolator: of splines there are no derivatives with respect to the "
                "grid. Take make_interp_spline along one axis after the other."
            )

        def value(points: Any, *data: Any) -> Any:
            return like(points, method, nu=nu)

        def body(points: Any, values: Any, *grid: Any) -> Any:
            at = np.reshape(points, (-1, d))
            values = np.reshape(values, (*values.shape[:d], math.prod(rest)))
            if method == "linear":
                out = _multilinear(at, grid, values)
            elif method == "nearest":
                out = _nearest(at, grid, values)
            else:
                out = _grid_spline(at, grid, values, _SPLINES[method], like, orders)
            plain_at = primal_all(at)
            constant = np.isnan(plain_at).any(1)
            if not like.bounds_error and like.fill_value is not None:
                constant |= np.any(
                    [(x < g[0]) | (x > g[-1]) for x, g in zip(plain_at.T, map(primal_all, grid), strict=True)], axis=0
                )
            out = np.where(constant[:, None], 0.0, out) if constant.any() else out
            return np.reshape(out, points.shape[:-1] + rest)

        return exact_value(value, body, points, values, *self.grid)


def _places(x: Any, grid: Any) -> tuple[np.ndarray, Any]:
    """Numbers of intervals, that on the right at a common end, and shares of them."""
    i = np.clip(np.searchsorted(primal_all(grid), primal_all(x), "right") - 1, 0, len(grid) - 2)
    return i, (x - grid[i]) / (grid[i + 1] - grid[i])


def _multilinear(at: Any, grid: Any, values: Any) -> Any:
    """Products of linear functions, of the 2^d corners around each point."""
    found = [_places(at[:, i], g) for i, g in enumerate(grid)]
    total: Any = 0.0
    for corner in itertools.product((0, 1), repeat=len(grid)):
        weight: Any = 1.0
        for upper, (_, share) in zip(corner, found, strict=True):
            weight = weight * (share if upper else 1 - share)
        place = tuple(i + upper for upper, (i, _) in zip(corner, found, strict=True))
        total = total + weight[:, None] * values[place]
    return total


def _nearest(at: Any, grid: Any, values: Any) -> Any:
    found = [_places(primal_all(at[:, i]), primal_all(g)) for i, g in enumerate(grid)]
    return values[tuple(np.where(share <= 0.5, i, i + 1) for i, share in found)]


def _grid_spline(at: Any, grid: Any, values: Any, k: int, like: Any, orders: tuple[int, ...]) -> Any:
    """Sum of products of B-splines, whose coefficients are linear in the values."""
    d = len(grid)
    knots = tuple(not_a_knot(np.asarray(g), k) for g in grid)
    known = np.reshape(like._spline.c, values.shape)

    def coefficients(values: Any) -> Any:
        for i, g in enumerate(grid):
            moved = np.moveaxis(values, i, 0)
            values = np.moveaxis(fitted(np.asarray(g), moved, knots[i], k), 0, i)
        return values

    c = exact_value(lambda values: known, coefficients, values)
    return grid_spline_at(at, c, knots, (k,) * d, orders)


def _grid_of(
    points: Any,
    values: Any,
    method: str = "linear",
    bounds_error: bool = True,
    fill_value: Any = np.nan,
    **options: Any,
) -> Any:
    if contains_active(fill_value):
        raise NoRuleError(
            "dualnum.scipy.interpolate.RegularGridInterpolator: fill_value carries derivatives. Take np.where on the result."
        )
    grid, values = [reals(part) for part in points], as_operand(values)
    values = values if values.dtype.kind in "fc" else values.astype(np.float64)
    like = interpolate.RegularGridInterpolator(
        tuple(map(primal_all, grid)), primal_all(values), method, bounds_error, fill_value, **options
    )
    for i, part in enumerate(grid):
        if primal_all(part)[0] > primal_all(part)[-1]:
            grid[i], values = np.flip(part), np.flip(values, i)
    return _ActiveGrid(like, tuple(grid), values)


RegularGridInterpolator = twin_class(
    interpolate.RegularGridInterpolator,
    _grid_of,
    lambda table: _ActiveGrid(table, tuple(table.grid), table.values),
)


def interpn(
    points: Any,
    values: Any,
    xi: Any,
    method: str = "linear",
    bounds_error: bool = True,
    fill_value: Any = np.nan,
) -> Any:
    """Interpolate in a table on a grid; see `scipy.interpolate.interpn`.

    Parameters
    ----------
    points : tuple of d arrays
        The grid.
    values : array_like, shape (n1, ..., nd, ...)
        May carry derivatives.
    xi : array_like, shape (..., d), or tuple of arrays
        Points, which may carry derivatives.
    method, bounds_error, fill_value
        As SciPy has them.

    Returns
    -------
    array
    """
    if not is_given((points, values, xi, fill_value), {}):
        return interpolate.interpn(points, values, xi, method, bounds_error, fill_value)
    if method != "splinef2d":
        values = values if contains_active(values) else np.asarray(values)
        return RegularGridInterpolator(points, values, method, bounds_error, fill_value)(xi)
    interpolate.interpn(plain(points), plain(values), plain(xi), method, bounds_error, plain(fill_value))
    if contains_active(points) or contains_active(fill_value):
        raise NoRuleError(
            "dualnum.scipy.interpolate.interpn: splinef2d has no derivatives with respect to points or fill_value."
        )
    at = coordinates(xi, 2)
    grid = [np.asarray(part, float) for part in points]
    where = np.stack([primal_all(at)[..., i] for i in range(2)], -1)
    inside = np.all([(g[0] <= where[..., i]) & (where[..., i] <= g[-1]) for i, g in enumerate(grid)], axis=0)
    spline = RectBivariateSpline(*grid, values)
    return np.where(inside, spline.ev(at[..., 0], at[..., 1]), fill_value)
