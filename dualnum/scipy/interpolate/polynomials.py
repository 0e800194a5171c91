"""Interpolating polynomials: `BarycentricInterpolator` and `KroghInterpolator`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.errors import NoRuleError
from dualnum.packing import contains_active
from dualnum.scipy.interpolate.shared import Active, columns_of, floats, is_given, laid_out, plain, reals, twin_class
from dualnum.splines import exact_value, polynomial_at

__all__ = ["BarycentricInterpolator", "KroghInterpolator", "barycentric_interpolate", "krogh_interpolate"]


class _ActivePolynomial(Active):
    """Counterpart of both, whose ordinates carry derivatives; `like` is SciPy's, of their values."""

    _of = interpolate.BarycentricInterpolator

    def __init__(self, like: Any, y: Any, axis: int) -> None:
        self._like, self._axis = like, axis % y.ndim
        self._y = np.moveaxis(y, self._axis, 0)
        self.xi = np.asarray(like.xi, float)
        if len(set(self.xi.tolist())) < len(self.xi):
            raise NoRuleError(
                "dualnum.scipy.interpolate.KroghInterpolator: with repeated nodes there are no derivatives. Take "
                "CubicHermiteSpline, or BPoly.from_derivatives for plain data."
            )

    def _derivatives(self, value: Any, x: Any, orders: Any, count: int | None) -> Any:
        """Derivatives of some orders; several if there is a count of them."""
        nodes, rest = self.xi, self._y.shape[1:]
        span = np.ptp(nodes) / 4 or 1.0
        distance = (nodes[:, None] - nodes) / span + np.eye(len(nodes))
        weights = 1 / np.prod(distance, axis=1)
        matrix = weights / (weights[:, None] * distance * span) * (1 - np.eye(len(nodes)))
        matrix = matrix - np.diag(matrix.sum(1))

        def body(x: Any, y: Any) -> Any:
            y, found = columns_of(y), []
            for order in range(max(orders, default=-1) + 1):
                if order in orders:
                    out = polynomial_at(np.ravel(x), y, nodes, weights)
                    found.append(laid_out(out, x.shape, rest, self._axis if x.shape else 0))
                y = np.matmul(matrix, y) if order + 1 < len(nodes) else 0 * y
            return found[0] if count is None else np.stack(found)

        return exact_value(lambda x, y: value(x), body, reals(x), self._y)

    def __call__(self, x: Any) -> Any:
        """Evaluate."""
        return self._derivatives(self._like, x, [0], None)

    def derivative(self, x: Any, der: int = 1) -> Any:
        """Derivative of order `der`."""
        return self._derivatives(lambda x: self._like.derivative(x, der), x, [der], None)

    def derivatives(self, x: Any, der: int | None = None) -> Any:
        """All derivatives below an order, along the first axis."""
        count = len(self.xi) if der is None else der
        return self._derivatives(lambda x: self._like.derivatives(x, der), x, range(count), count)


def _places_are_plain(name: str, *others: Any) -> None:
    if contains_active(list(others)):
        raise NoRuleError(
            f"dualnum.scipy.interpolate.{name}: the nodes carry derivatives, for which there is no rule; ordinates and "
            "points may."
        )


def _barycentric_of(xi: Any, yi: Any = None, axis: int = 0, **options: Any) -> Any:
    _places_are_plain("BarycentricInterpolator", xi, *options.values())
    yi = floats(yi).copy()
    return _ActivePolynomial(interpolate.BarycentricInterpolator(xi, plain(yi), axis, **options), yi, axis)


def _krogh_of(xi: Any, yi: Any, axis: int = 0) -> Any:
    _places_are_plain("KroghInterpolator", xi)
    yi = floats(yi).copy()
    return _ActivePolynomial(interpolate.KroghInterpolator(xi, plain(yi), axis), yi, axis)


def _lifted(polynomial: Any) -> _ActivePolynomial:
    if polynomial.yi is None:
        raise NoRuleError(
            "dualnum.scipy.interpolate.BarycentricInterpolator: ordinates that carry derivatives are given when it is made: "
            "BarycentricInterpolator(xi, yi), not by set_yi."
        )
    axis = polynomial._y_axis
    rest = polynomial._y_extra_shape
    y = np.moveaxis(np.reshape(polynomial.yi, (len(polynomial.yi), *rest)), 0, axis)
    return _ActivePolynomial(polynomial, floats(y), axis)


BarycentricInterpolator, KroghInterpolator = (
    twin_class(of, active, _lifted, "derivative", "derivatives", *more)
    for of, active, *more in (
        (interpolate.BarycentricInterpolator, _barycentric_of, "set_yi", "add_xi"),
        (interpolate.KroghInterpolator, _krogh_of),
    )
)


def _interpolated(polynomial: Any, x: Any, der: Any) -> Any:
    if np.ndim(der):
        return polynomial.derivatives(x, np.max(der) + 1)[np.asarray(der)]
    return polynomial.derivative(x, der) if der else polynomial(x)


def barycentric_interpolate(xi: Any, yi: Any, x: Any, axis: int = 0, *, der: Any = 0, **options: Any) -> Any:
    """Interpolate by a polynomial; see `scipy.interpolate.barycentric_interpolate`."""
    if not is_given((xi, yi, x), {}):
        return interpolate.barycentric_interpolate(xi, yi, x, axis, der=der, **options)
    return _interpolated(BarycentricInterpolator(xi, yi, axis, **options), x, der)


def krogh_interpolate(xi: Any, yi: Any, x: Any, der: Any = 0, axis: int = 0) -> Any:
    """Interpolate by a polynomial; see `scipy.interpolate.krogh_interpolate`."""
    if not is_given((xi, yi, x), {}):
        return interpolate.krogh_interpolate(xi, yi, x, der, axis)
    return _interpolated(KroghInterpolator(xi, yi, axis), x, der)
