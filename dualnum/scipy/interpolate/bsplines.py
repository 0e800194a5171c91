"""Sums of B-splines: `BSpline` whose coefficients or knots carry derivatives.

Where knots do, it is evaluated by the recurrence of Cox and de Boor (de Boor, A Practical Guide to Splines, 2001, chapters IX
to XI) with NumPy's functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import contains_active
from dualnum.scipy.interpolate.shared import (
    Active,
    columns_of,
    floats,
    laid_out,
    plain,
    reals,
    twin_class,
)
from dualnum.splines import exact_value, in_period, spline_at, spline_intervals, without_nan

__all__ = [
    "ActiveBSpline",
    "BSpline",
    "antiderivative_of",
    "basis_at",
    "changed",
    "derivative_of",
    "values_at",
]


def _summed(x: Any, t: Any, last: np.ndarray, parts: list[Any], k: int, nu: int) -> Any:
    """Evaluate by de Boor's algorithm; `parts` (k + 1 arrays) hold the coefficients that count in the interval `last`."""
    if nu > k:
        return 0.0 * (x[:, None] + parts[0])
    for p in range(k, k - nu, -1):
        parts = [p * (parts[j] - parts[j - 1]) / (t[last + j] - t[last + j - p])[:, None] for j in range(1, len(parts))]
    p = k - nu
    for r in range(1, p + 1):
        for j in range(p, r - 1, -1):
            low = t[last + j - p]
            share = ((x - low) / (t[last + j + 1 - r] - low))[:, None]
            parts[j] = (1 - share) * parts[j - 1] + share * parts[j]
    return parts[p] + 0.0 * x[:, None]


def values_at(x: Any, t: Any, c: Any, k: int, nu: int, extrapolate: bool) -> Any:
    """Values (n, r) of a sum of B-splines with coefficients (m, r) and knots that may carry derivatives."""
    if not contains_active(t):
        return spline_at(x, c, t, k, nu, extrapolate)

    def value(x: Any, c: Any, t: Any) -> Any:
        return spline_at(x, c, t, k, nu, extrapolate)

    def body(x: Any, c: Any, t: Any) -> Any:
        knots = primal_all(t)
        x, constant = without_nan(x, knots[k])
        points = primal_all(x)
        last = spline_intervals(points, knots, k)
        out = _summed(x, t, last, [c[last - k + j] for j in range(k + 1)], k, nu)
        constant |= (not extrapolate) & ((points < knots[k]) | (points > knots[len(knots) - k - 1]))
        return np.where(constant[:, None], 0.0, out) if constant.any() else out

    return exact_value(value, body, x, c, t)


def basis_at(x: Any, t: Any, k: int, nu: int = 0) -> tuple[Any, np.ndarray]:
    """B-splines (n, k + 1) that are not zero at points, and the number of the first of them."""
    last = spline_intervals(primal_all(x), primal_all(t), k)
    rows = list(np.eye(k + 1)[:, None, :])
    return _summed(x, t, last, rows, k, nu), last - k


def derivative_of(t: Any, c: Any, k: int, nu: int) -> Any:
    """Coefficients of the derivative."""
    for _ in range(nu):
        n = len(t) - k - 1
        width = np.reshape(t[k + 1 : k + n] - t[1:n], (-1,) + (1,) * (c.ndim - 1))
        c = k * (c[1:n] - c[: n - 1]) / width
        t, k = t[1:-1], k - 1
    return c


def antiderivative_of(t: Any, c: Any, k: int, nu: int) -> Any:
    """Coefficients of the antiderivative that is zero at the first knot."""
    for _ in range(nu):
        n = len(t) - k - 1
        width = np.reshape((t[k + 1 :] - t[:n]) / (k + 1), (-1,) + (1,) * (c.ndim - 1))
        sums = np.cumsum(c[:n] * width, axis=0)
        c = np.concatenate([0 * sums[:1], sums])
        t, k = np.concatenate([t[:1], t, t[-1:]]), k + 1
    return c


def _padded(c: Any, length: int, with_last: bool) -> Any:
    """Coefficients followed by what SciPy has behind those that count."""
    fill = c[-1:] if with_last else 0 * c[:1]
    return np.concatenate([c] + [fill] * (length - c.shape[0]))


def changed(tck: Any, like: Any, body: Any, nu: int, with_last: bool) -> Any:
    """Knots, coefficients and degree of a derivative or an antiderivative, of which SciPy knows the values."""
    t, c, k = tck
    new_t, new_c, new_k = like
    wider = new_k - k
    return (
        exact_value(lambda t: new_t, lambda t: _extended(t, wider), t),
        exact_value(lambda *data: new_c, lambda t, c: _padded(body(t, c, k, nu), len(new_c), with_last), t, c),
        new_k,
    )


class ActiveBSpline(Active):
    """Counterpart of `scipy.interpolate.BSpline` whose coefficients or knots carry derivatives."""

    _of = interpolate.BSpline

    def __init__(self, t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0) -> None:
        self.t, self.c, self.k, self.extrapolate, self.axis = t, c, k, extrapolate, axis

    def __reduce__(self) -> Any:
        return type(self), (self.t, self.c, self.k, self.extrapolate, self.axis)

    @classmethod
    def made(cls, t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0) -> Any:
        """Make one of what SciPy's class is made of."""
        t, c = reals(t), floats(c)
        like = interpolate.BSpline(plain(t), plain(c), k, extrapolate, axis)
        return cls(t, np.moveaxis(c, like.axis, 0), like.k, like.extrapolate, like.axis)

    @property
    def tck(self) -> tuple[Any, Any, int]:
        """Knots, coefficients and degree."""
        return self.t, self.c, self.k

    def _plain(self) -> Any:
        t, c = (np.ascontiguousarray(primal_all(part)) for part in (self.t, self.c))
        return interpolate.BSpline.construct_fast(t, c, self.k, self.extrapolate, self.axis)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Evaluate, or a derivative of order `nu`, as SciPy's class does."""
        if nu < 0:
            raise ValueError("Order of derivative cannot be negative")
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        points = reals(x)
        shape, points = points.shape, np.ravel(points)
        if extrapolate == "periodic":
            points, extrapolate = in_period(points, *self._ends()), False
        out = values_at(points, self.t, columns_of(self.c), self.k, nu, bool(extrapolate))
        return laid_out(out, shape, self.c.shape[1:], self.axis)

    def _ends(self) -> tuple[Any, Any]:
        return self.t[self.k], self.t[len(self.t) - self.k - 1]

    def _changed(self, like: Any, body: Any, nu: int, with_last: bool) -> Any:
        """Make another one, of which SciPy knows the values."""
        t, c, k = changed(self.tck, like.tck, body, nu, with_last)
        return ActiveBSpline(t, c, k, like.extrapolate, like.axis)

    def derivative(self, nu: int = 1) -> Any:
        """Spline that is the derivative."""
        return (
            self._changed(self._plain().derivative(nu), derivative_of, nu, False)
            if nu >= 0
            else self.antiderivative(-nu)
        )

    def antiderivative(self, nu: int = 1) -> Any:
        """Spline that is an antiderivative, and zero at the first knot."""
        return (
            self._changed(self._plain().antiderivative(nu), antiderivative_of, nu, True)
            if nu >= 0
            else self.derivative(-nu)
        )

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """Integral from `a` to `b`, two numbers that may carry derivatives."""
        if np.ndim(a) or np.ndim(b):
            raise NoRuleError("BSpline.integrate takes two numbers for limits where there are derivatives.")
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        like = self._plain()
        rest = self.c.shape[1:]

        def value(a: Any, b: Any, *data: Any) -> Any:
            return np.reshape(np.asarray(like.integrate(a, b, extrapolate)), rest)

        def body(a: Any, b: Any, t: Any, c: Any) -> Any:
            k = self.k
            whole = np.concatenate([t[:1], t, t[-1:]]), antiderivative_of(t, columns_of(c), k, 1), k + 1
            first, last = t[k], t[len(t) - k - 1]

            def at(point: Any) -> Any:
                return values_at(np.reshape(point, (1,)), *whole, 0, True)[0]

            def upto(end: Any) -> Any:
                if extrapolate == "periodic":
                    turns = np.floor(primal_all((end - first) / (last - first)))
                    return turns * (at(last) - at(first)) + at(end - turns * (last - first))
                if not extrapolate:
                    end = first if primal_all(end) < primal_all(first) else end
                    end = last if primal_all(end) > primal_all(last) else end
                return at(end)

            return np.reshape(upto(b) - upto(a), rest)

        return exact_value(value, body, reals(a), reals(b), self.t, self.c)


def _extended(t: Any, times: int) -> Any:
    """Knots of an antiderivative, or (negative) of a derivative."""
    if times <= 0:
        return t[-times : len(t) + times]
    return np.concatenate([t[:1]] * times + [t] + [t[-1:]] * times)


BSpline = twin_class(
    interpolate.BSpline,
    ActiveBSpline.made,
    lambda spline: ActiveBSpline(spline.t, spline.c, spline.k, spline.extrapolate, spline.axis),
    "integrate",
)
