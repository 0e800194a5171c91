"""Scattered data and splines in several variables: `RBFInterpolator`, `LinearNDInterpolator`, `griddata`, `NdBSpline`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import contains_active
from dualnum.scipy.interpolate.shared import Active, columns_of, floats, is_given, plain, reals, twin_class
from dualnum.scipy.interpolate.tables import coordinates, interp1d
from dualnum.splines import exact_value, grid_spline_at, without_nan

__all__ = ["LinearNDInterpolator", "NdBSpline", "RBFInterpolator", "griddata"]

# Radial functions of the distance

_KERNELS: dict[str, Any] = {
    "linear": lambda r: -r,
    "thin_plate_spline": lambda r: r * r * np.log(np.where(primal_all(r) > 0, r, 1.0)),
    "cubic": lambda r: r**3,
    "quintic": lambda r: -(r**5),
    "multiquadric": lambda r: -np.sqrt(1 + r * r),
    "inverse_multiquadric": lambda r: 1 / np.sqrt(1 + r * r),
    "inverse_quadratic": lambda r: 1 / (1 + r * r),
    "gaussian": lambda r: np.exp(-r * r),
}


class _ActiveRBF(Active):
    """Counterpart of `RBFInterpolator` whose data carry derivatives; `like` is SciPy's, of their values."""

    _of = interpolate.RBFInterpolator

    def __init__(self, like: Any, y: Any, d: Any, epsilon: Any) -> None:
        if like.neighbors is not None:
            raise NoRuleError(
                "dualnum.scipy.interpolate.RBFInterpolator: with neighbors= there are no derivatives, for the function jumps "
                "where the neighbours change."
            )
        self._like, self.y, self.d, self.epsilon = like, y, d, epsilon
        # Solved for once, as SciPy does, and not for each call.
        known = np.ascontiguousarray(like._coeffs).view(d.dtype)
        self._coefficients = exact_value(lambda *data: known, self._solved, y, columns_of(d), epsilon)

    def _terms(self, x: Any, y: Any, epsilon: Any) -> tuple[Any, Any]:
        """Radial functions and polynomials at points, one column for each."""
        like = self._like
        scaled = (x - like._shift) / like._scale
        radii = np.linalg.norm(epsilon * (x[:, None] - y), axis=-1)
        terms = [math.prod([scaled[:, i] ** int(p) for i, p in enumerate(row)], start=1.0) for row in like.powers]
        columns = [np.broadcast_to(term, (len(x),)) for term in terms]
        return _KERNELS[like.kernel](radii), np.stack(columns, 1) if columns else np.zeros((len(x), 0))

    def _solved(self, y: Any, d: Any, epsilon: Any) -> Any:
        square, sides = self._terms(y, y, epsilon)
        square = square + np.diag(self._like.smoothing)
        extra = sides.shape[1]
        matrix = np.concatenate(
            [np.concatenate([square, sides], 1), np.concatenate([sides.T, np.zeros((extra, extra))], 1)]
        )
        return np.linalg.solve(matrix, np.concatenate([d, np.zeros((extra, d.shape[1]))]))

    def __call__(self, x: Any) -> Any:
        """Evaluate at points (n, k)."""

        def body(x: Any, y: Any, coefficients: Any, epsilon: Any) -> Any:
            x, missing = without_nan(x, 0.0)
            out = np.concatenate(self._terms(x, y, epsilon), 1) @ coefficients
            out = np.where(missing.any(1, keepdims=True), 0.0, out) if missing.any() else out
            return np.reshape(out, (len(x), *self.d.shape[1:]))

        return exact_value(lambda x, *data: self._like(x), body, reals(x), self.y, self._coefficients, self.epsilon)


def _rbf_of(y: Any, d: Any, neighbors: Any = None, smoothing: Any = 0.0, *args: Any, **kwargs: Any) -> Any:
    if contains_active(smoothing):
        raise NoRuleError(
            "dualnum.scipy.interpolate.RBFInterpolator: smoothing carries derivatives, for which there is no rule."
        )
    options = dict(zip(("kernel", "epsilon", "degree"), args, strict=False)) | kwargs
    epsilon = options.get("epsilon")
    y, d = reals(y).copy(), floats(d).copy()
    like = interpolate.RBFInterpolator(
        plain(y), plain(d), neighbors, smoothing, **{name: plain(value) for name, value in options.items()}
    )
    return _ActiveRBF(like, y, d, floats(like.epsilon if epsilon is None else epsilon))


def _rbf_lifted(like: Any) -> _ActiveRBF:
    d = np.reshape(like.d.view(complex) if np.dtype(like.d_dtype).kind == "c" else like.d, (len(like.y), *like.d_shape))
    return _ActiveRBF(like, like.y, d, floats(like.epsilon))


RBFInterpolator = twin_class(interpolate.RBFInterpolator, _rbf_of, _rbf_lifted)


# Triangles


class _ActiveLinear(Active):
    """Counterpart of `LinearNDInterpolator` whose values carry derivatives; `like` is SciPy's, of their values."""

    _of = interpolate.LinearNDInterpolator

    def __init__(self, like: Any, values: Any) -> None:
        self._like, self.values = like, values

    def __call__(self, *args: Any) -> Any:
        """Evaluate."""
        like, tri = self._like, self._like.tri
        d, rest = tri.ndim, self.values.shape[1:]
        points = coordinates(args[0] if len(args) == 1 else args, d)

        def body(points: Any, values: Any) -> Any:
            at = np.reshape(points, (-1, d))
            if like.scale is not None:
                at = (at - like.offset) / like.scale
            simplex = tri.find_simplex(primal_all(at))
            transform = tri.transform[simplex]
            inner = np.sum(transform[:, :d] * (at - transform[:, d])[:, None], -1)
            shares = np.concatenate([inner, 1 - np.sum(inner, -1, keepdims=True)], 1)
            corners = columns_of(values)[tri.simplices[simplex]]
            out = np.where((simplex < 0)[:, None], 0.0, np.sum(shares[:, :, None] * corners, 1))
            return np.reshape(out, points.shape[:-1] + rest)

        return exact_value(lambda points, values: like(points), body, points, self.values)


def _linear_of(points: Any, values: Any, fill_value: Any = np.nan, rescale: bool = False, **options: Any) -> Any:
    if contains_active([points, fill_value]):
        raise NoRuleError(
            "dualnum.scipy.interpolate.LinearNDInterpolator: of the data, values alone may carry derivatives. RBFInterpolator "
            "takes places of the data that do."
        )
    values = floats(values).copy()
    like = interpolate.LinearNDInterpolator(points, plain(values), fill_value, rescale, **options)
    return _ActiveLinear(like, values)


LinearNDInterpolator = twin_class(
    interpolate.LinearNDInterpolator,
    _linear_of,
    lambda like: _ActiveLinear(like, np.reshape(like.values, (len(like.values), *like.values_shape))),
)


def griddata(
    points: Any,
    values: Any,
    xi: Any,
    method: str = "linear",
    fill_value: Any = np.nan,
    rescale: bool = False,
    **options: Any,
) -> Any:
    """Interpolate scattered data; see `scipy.interpolate.griddata`.

    Raises
    ------
    NoRuleError
        Something carries derivatives, and the data have several variables and the method is not ``"linear"``.
    """
    if not is_given((points, values, xi, fill_value), {}):
        return interpolate.griddata(points, values, xi, method, fill_value, rescale, **options)
    interpolate.griddata(plain(points), plain(values), plain(xi), method, plain(fill_value), rescale, **options)
    places = reals(points) if not isinstance(points, tuple) else coordinates(points, len(points))
    if places.ndim == 1 or places.shape[-1] == 1:
        xi = xi[0] if isinstance(xi, tuple) else xi
        kind = {"nearest": "nearest", "linear": "linear", "cubic": "cubic"}[method]
        fill = "extrapolate" if method == "nearest" else fill_value
        return interp1d(np.ravel(places), values, kind, axis=0, bounds_error=False, fill_value=fill)(xi)
    if method != "linear":
        raise NoRuleError(
            f"dualnum.scipy.interpolate.griddata: the method {method!r} has no derivatives in several variables. Take "
            "'linear', or RBFInterpolator."
        )
    if contains_active([places, fill_value]):
        return _linear_of(places, values, fill_value, rescale)
    return _ActiveLinear(
        interpolate.LinearNDInterpolator(places, plain(values), fill_value, rescale, **options), floats(values)
    )(xi)


# B-splines


class _ActiveNdBSpline(Active):
    """Counterpart of `NdBSpline` whose coefficients carry derivatives."""

    _of = interpolate.NdBSpline

    def __init__(self, t: Any, c: Any, k: Any, extrapolate: bool) -> None:
        self.t, self.c, self.k, self.extrapolate = t, c, k, extrapolate

    def __reduce__(self) -> Any:
        return type(self), (self.t, self.c, self.k, self.extrapolate)

    def __call__(self, xi: Any, *, nu: Any = None, extrapolate: Any = None) -> Any:
        """Evaluate, or a derivative of orders `nu`."""
        extrapolate = self.extrapolate if extrapolate is None else bool(extrapolate)
        xi, d = reals(xi), len(self.t)
        if xi.shape[-1] != d:
            raise ValueError(f"Shapes: xi.shape={xi.shape} and ndim={d}")
        orders = (0,) * d if nu is None else tuple(int(order) for order in nu)
        if len(orders) != d or min(orders) < 0:
            raise ValueError(f"invalid number of derivative orders nu = {nu!r} for ndim = {d}.")
        c = np.reshape(self.c, (*self.c.shape[:d], math.prod(self.c.shape[d:])))
        out = grid_spline_at(np.reshape(xi, (-1, d)), c, self.t, self.k, orders, extrapolate)
        return np.reshape(out, xi.shape[:-1] + self.c.shape[d:])


def _nd_of(t: Any, c: Any, k: Any, *, extrapolate: Any = None) -> Any:
    if contains_active(t):
        raise NoRuleError(
            "dualnum.scipy.interpolate.NdBSpline: the knots carry derivatives, for which there is no rule."
        )
    like = interpolate.NdBSpline(t, plain(c), k, extrapolate=extrapolate)
    return _ActiveNdBSpline(*_parts(like, floats(c)), like.extrapolate)


def _parts(like: Any, c: Any) -> tuple[Any, Any, tuple[int, ...]]:
    return tuple(like.t), c, tuple(int(k) for k in like.k)


NdBSpline = twin_class(
    interpolate.NdBSpline, _nd_of, lambda like: _ActiveNdBSpline(*_parts(like, like.c), like.extrapolate)
)
