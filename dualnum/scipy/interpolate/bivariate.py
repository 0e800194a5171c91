"""Splines of FITPACK in two variables, whose points may carry derivatives; on a rectangle, the values too."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import contains_active
from dualnum.scipy.interpolate.bsplines import antiderivative_of
from dualnum.scipy.interpolate.fitting import fitted
from dualnum.scipy.interpolate.shared import Active, no_rule, plain, reals, twin_class
from dualnum.splines import exact_value, grid_spline_at, spline_at

__all__ = [
    "BivariateSpline",
    "LSQBivariateSpline",
    "RectBivariateSpline",
    "SmoothBivariateSpline",
    "bisplev",
]


class _ActiveBivariate(Active):
    """Counterpart of the bivariate splines whose coefficients (m, n) carry derivatives."""

    _of = interpolate.BivariateSpline

    def __init__(self, tx: Any, ty: Any, c: Any, kx: int, ky: int) -> None:
        self._knots, self._c, self.degrees = (tx, ty), c, (kx, ky)

    def __reduce__(self) -> Any:
        return type(self), (*self._knots, self._c, *self.degrees)

    def _plain(self) -> Any:
        return interpolate.BivariateSpline._from_tck((*self._knots, np.ravel(primal_all(self._c)), *self.degrees))

    def get_coeffs(self) -> Any:
        """Coefficients, one row after the other."""
        return np.ravel(self._c)

    def get_knots(self) -> tuple[Any, Any]:
        """Knots."""
        return self._knots

    def __call__(self, x: Any, y: Any, dx: int = 0, dy: int = 0, grid: bool = True) -> Any:
        """Evaluate, or a derivative of orders `dx` and `dy`, on the grid of `x` and `y` or at pairs of them."""
        like, knots, degrees = self._plain(), self._knots, self.degrees

        def value(x: Any, y: Any, c: Any) -> Any:
            return like(x, y, dx=dx, dy=dy, grid=grid)

        def body(x: Any, y: Any, c: Any) -> Any:
            if not grid:
                shape = np.broadcast_shapes(x.shape, y.shape)
                points = [np.ravel(np.broadcast_to(part, shape)) for part in (x, y)]
                at = np.stack([_kept(*part) for part in zip(points, knots, degrees, strict=True)], -1)
                return np.reshape(grid_spline_at(at, c[..., None], knots, degrees, (dx, dy))[:, 0], shape)
            x, y = (_kept(np.ravel(part), t, k) for part, t, k in zip((x, y), knots, degrees, strict=True))
            along = spline_at(x, c, knots[0], degrees[0], dx)
            return spline_at(y, along.T, knots[1], degrees[1], dy).T

        return exact_value(value, body, reals(x), reals(y), self._c)

    def ev(self, xi: Any, yi: Any, dx: int = 0, dy: int = 0) -> Any:
        """Evaluate at pairs."""
        return self(xi, yi, dx, dy, grid=False)

    def integral(self, xa: Any, xb: Any, ya: Any, yb: Any) -> Any:
        """Integral over a rectangle, whose sides may carry derivatives."""
        like, knots, degrees = self._plain(), self._knots, self.degrees

        def value(xa: Any, xb: Any, ya: Any, yb: Any, c: Any) -> Any:
            return np.float64(like.integral(xa, xb, ya, yb))

        def body(xa: Any, xb: Any, ya: Any, yb: Any, c: Any) -> Any:
            for (a, b), t, k in zip(((xa, xb), (ya, yb)), knots, degrees, strict=True):
                whole = antiderivative_of(t, c, k, 1)
                ends = _kept(np.stack([a, b]), t, k)
                found = spline_at(ends, whole, np.concatenate([t[:1], t, t[-1:]]), k + 1)
                c = (found[1] - found[0])[:, None]
            return c[0, 0]

        return exact_value(value, body, *map(reals, (xa, xb, ya, yb)), self._c)


def _kept(x: Any, t: np.ndarray, k: int) -> Any:
    """Points, and what is outside as constant at the end, as FITPACK has it."""
    low, high = t[k], t[len(t) - k - 1]
    at = primal_all(x)
    inside = (at >= low) & (at <= high) | np.isnan(at)
    return x if inside.all() else np.where(inside, x, np.clip(at, low, high))


def _rectangle_of(
    x: Any, y: Any, z: Any, bbox: Any = (None,) * 4, kx: int = 3, ky: int = 3, s: Any = 0, **options: Any
) -> Any:
    if contains_active([x, y, bbox, s]) or s != 0:
        raise NoRuleError(
            "dualnum.scipy.interpolate.RectBivariateSpline: of the data, z alone may carry derivatives, and with s=0 alone. "
            "Take make_interp_spline along one axis after the other for other places."
        )
    like = interpolate.RectBivariateSpline(x, y, plain(z), list(bbox), kx, ky, s, **options)
    tx, ty, known = like.tck[:3]
    known = np.reshape(known, (len(tx) - kx - 1, len(ty) - ky - 1))

    def coefficients(z: Any) -> Any:
        along = fitted(reals(x), z, tx, kx)
        return fitted(reals(y), along.T, ty, ky).T

    return _ActiveBivariate(tx, ty, exact_value(lambda z: known, coefficients, reals(z)), kx, ky)


def _lifted(spline: Any) -> _ActiveBivariate:
    tx, ty, c = spline.tck[:3]
    kx, ky = spline.degrees
    return _ActiveBivariate(tx, ty, np.reshape(c, (len(tx) - kx - 1, len(ty) - ky - 1)), kx, ky)


_SCATTERED = (
    "Its knots and weights are not differentiated. Take RectBivariateSpline, or RBFInterpolator for scattered points."
)


def _partial_derivative(self: Any, dx: int, dy: int) -> Any:
    """Spline that is a partial derivative."""
    found = super(self._twin, self).partial_derivative(dx, dy)
    return found if found is self else BivariateSpline._from_tck((*found.tck, *found.degrees))


BivariateSpline, RectBivariateSpline, SmoothBivariateSpline, LSQBivariateSpline = (
    twin_class(of, active, _lifted, "ev", "integral", partial_derivative=_partial_derivative)
    for of, active in (
        (interpolate.BivariateSpline, no_rule("BivariateSpline", _SCATTERED)),
        (interpolate.RectBivariateSpline, _rectangle_of),
        (interpolate.SmoothBivariateSpline, no_rule("SmoothBivariateSpline", _SCATTERED)),
        (interpolate.LSQBivariateSpline, no_rule("LSQBivariateSpline", _SCATTERED)),
    )
)


def bisplev(x: Any, y: Any, tck: Any, dx: int = 0, dy: int = 0) -> Any:
    """Evaluate a bivariate spline on a grid; see `scipy.interpolate.bisplev`. Its points and coefficients may be active."""
    tx, ty, c, kx, ky = tck
    if not contains_active([x, y, c]):
        return interpolate.bisplev(x, y, tck, dx, dy)
    like = interpolate.bisplev(plain(x), plain(y), [tx, ty, plain(c), kx, ky], dx, dy)  # which knows what is wrong
    c = np.reshape(reals(c), (len(tx) - kx - 1, len(ty) - ky - 1))
    x, y = np.atleast_1d(reals(x)), np.atleast_1d(reals(y))
    out = _ActiveBivariate(tx, ty, c, kx, ky)(x, y, dx, dy)
    return np.reshape(out, np.shape(like))
