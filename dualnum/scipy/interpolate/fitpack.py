"""Splines of FITPACK in one variable: `splev` and its like, and the classes of univariate splines.

A spline that interpolates, or one of least squares with given knots, is linear in the data. Of a smoothing spline, number and
places of the knots depend on the data, by decisions; it has derivatives in its points alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import contains_active
from dualnum.scipy.interpolate.bsplines import (
    ActiveBSpline,
    antiderivative_of,
    changed,
    derivative_of,
    values_at,
)
from dualnum.scipy.interpolate.fitting import fitted
from dualnum.scipy.interpolate.pieces import moved_roots
from dualnum.scipy.interpolate.shared import Active, is_given, no_rule, plain, reals, twin_class
from dualnum.splines import exact_value

__all__ = [
    "InterpolatedUnivariateSpline",
    "LSQUnivariateSpline",
    "UnivariateSpline",
    "spalde",
    "splantider",
    "splder",
    "splev",
    "splint",
    "splrep",
    "sproot",
]

# How FITPACK goes on outside of the knots: zero, or the value at the end.
_ZERO, _CONSTANT = 1, 3
_NAMES = {"extrapolate": 0, "zeros": _ZERO, "raise": 2, "const": _CONSTANT}
_SMOOTHING = (
    "The knots of a smoothing spline are chosen by decisions that depend on the data. Take make_lsq_spline with knots of "
    "yours, or s=0."
)
_KNOTS = (
    "Only ordinates may carry derivatives, not abscissae, weights or knots: take make_interp_spline or make_lsq_spline."
)


def _as_active(spline: Any) -> ActiveBSpline:
    if isinstance(spline, ActiveBSpline):
        return spline
    return ActiveBSpline(spline.t, spline.c, spline.k, spline.extrapolate, spline.axis)


def _is_bspline(tck: Any) -> bool:
    return isinstance(tck, (ActiveBSpline, interpolate.BSpline))


def _is_parametric(c: Any) -> bool:
    return np.ndim(c[0]) > 0 if isinstance(c, (list, tuple)) else np.ndim(c) > 1


def splev(x: Any, tck: Any, der: int = 0, ext: int = 0) -> Any:
    """Evaluate a spline or a derivative of it; see `scipy.interpolate.splev`.

    Parameters
    ----------
    x : array_like
    tck : tuple or BSpline
        Knots, coefficients and degree; of these, too, knots and coefficients may carry derivatives.
    der : int
    ext : {0, 1, 2, 3}
        Outside of the knots: extrapolate, zero, raise, or the value at the end.

    Returns
    -------
    array, of the shape of `x`; a list of them for a curve
    """
    if _is_bspline(tck):
        if not (contains_active(x) or isinstance(tck, ActiveBSpline)):
            return interpolate.splev(x, tck, der, ext)
        spline = _as_active(tck)
        interpolate.splev(plain(x), spline._plain(), der, ext)  # which knows what is wrong
        return spline(x, der, True)
    t, c, k = tck
    if not contains_active([x, t, c]):
        return interpolate.splev(x, tck, der, ext)
    if _is_parametric(c):
        return [splev(x, (t, part, k), der, ext) for part in c]

    def value(x: Any, t: Any, c: Any) -> Any:
        return interpolate.splev(x, (t, c, k), der, ext)

    def body(x: Any, t: Any, c: Any) -> Any:
        points, knots = map(primal_all, (x, t))
        low, high = knots[k], knots[len(knots) - k - 1]
        outside = (points < low) | (points > high)
        where = np.reshape(x, (-1,))
        if ext == _CONSTANT and der == 0:  # FITPACK extrapolates derivatives
            where = np.where(np.ravel(points < low), t[k], np.where(np.ravel(points > high), t[len(t) - k - 1], where))
        out = np.reshape(values_at(where, t, c[:, None], k, der, True)[:, 0], points.shape)
        return np.where(outside, 0.0, out) if ext == _ZERO else out

    return exact_value(value, body, reals(x), reals(t), reals(c))


def splint(a: Any, b: Any, tck: Any, full_output: int = 0) -> Any:
    """Integrate a spline that is zero outside of its knots; see `scipy.interpolate.splint`."""
    if not (contains_active([a, b]) or isinstance(tck, ActiveBSpline)) and (
        _is_bspline(tck) or not contains_active([tck[0], tck[1]])
    ):
        return interpolate.splint(a, b, tck, full_output)
    if full_output:
        raise NoRuleError("splint: with full_output there are no derivatives.")
    if _is_bspline(tck):
        return _as_active(tck).integrate(a, b, extrapolate=False)
    t, c, k = tck
    if _is_parametric(c):
        return [splint(a, b, (t, part, k)) for part in c]

    def value(a: Any, b: Any, t: Any, c: Any) -> Any:
        return np.float64(interpolate.splint(a, b, (t, c, k)))

    def body(a: Any, b: Any, t: Any, c: Any) -> Any:
        return ActiveBSpline(t, c, k).integrate(a, b, extrapolate=False)[()]

    return exact_value(value, body, *map(reals, (a, b, t, c)))


def splder(tck: Any, n: int = 1) -> Any:
    """Spline that is the derivative; see `scipy.interpolate.splder`."""
    if _is_bspline(tck):
        return tck.derivative(n)
    if not contains_active([tck[0], tck[1]]):
        return interpolate.splder(tck, n)
    if n < 0:
        return splantider(tck, -n)
    return changed(_floated(tck), interpolate.splder(plain(tck), n), derivative_of, n, False)


def splantider(tck: Any, n: int = 1) -> Any:
    """Spline that is an antiderivative; see `scipy.interpolate.splantider`."""
    if _is_bspline(tck):
        return tck.antiderivative(n)
    if not contains_active([tck[0], tck[1]]):
        return interpolate.splantider(tck, n)
    if n < 0:
        return splder(tck, -n)
    return changed(_floated(tck), interpolate.splantider(plain(tck), n), antiderivative_of, n, True)


def sproot(tck: Any, mest: int = 10) -> Any:
    """Zeros of a cubic spline; see `scipy.interpolate.sproot`."""
    if _is_bspline(tck) or not contains_active([tck[0], tck[1]]):
        return interpolate.sproot(tck, mest)
    return _ActiveUnivariate.made(_floated(tck), 0).roots()


def spalde(x: Any, tck: Any) -> Any:
    """All derivatives of a spline at a point; see `scipy.interpolate.spalde`."""
    if _is_bspline(tck) or np.ndim(x) or not contains_active([x, tck[0], tck[1]]):
        return interpolate.spalde(x, tck)
    return _ActiveUnivariate.made(_floated(tck), 0).derivatives(x)


def _floated(tck: Any) -> tuple[Any, Any, int]:
    return reals(tck[0]), reals(tck[1]), tck[2]


def _coefficients(like: Any, x: Any, y: Any, w: Any) -> Any:
    """Coefficients of a spline with the knots of another, and as many of them."""
    t, c, k = like

    def body(y: Any) -> Any:
        found = fitted(reals(x), y, t, k, None if w is None else reals(w))
        return np.concatenate([found, np.zeros(len(c) - found.shape[0])]) if len(c) > found.shape[0] else found

    return exact_value(lambda y: c, body, reals(y))


def splrep(
    x: Any,
    y: Any,
    w: Any = None,
    xb: Any = None,
    xe: Any = None,
    k: int = 3,
    task: int = 0,
    s: Any = None,
    t: Any = None,
    full_output: int = 0,
    per: int = 0,
    quiet: int = 1,
) -> Any:
    """Spline that represents data; see `scipy.interpolate.splrep`.

    Returns
    -------
    tuple
        Knots, coefficients and degree; the coefficients have the derivatives of `y`.

    Raises
    ------
    NoRuleError
        Other arguments than `y` carry derivatives; or the spline neither interpolates nor has given knots; or it is periodic.
    """
    given = (plain(x), plain(y), plain(w), plain(xb), plain(xe), k, task, plain(s), plain(t), full_output, per, quiet)
    if not is_given((x, y, w, xb, xe, s, t), {}):
        return interpolate.splrep(*given)
    where = "dualnum.scipy.interpolate.splrep: "
    if contains_active([x, w, xb, xe, s, t]):
        raise NoRuleError(f"{where}{_KNOTS}")
    if per or full_output:
        raise NoRuleError(
            f"{where}with per= or full_output= there are no derivatives. Take make_interp_spline(..., bc_type='periodic')."
        )
    if t is None and (task != 0 or not (s == 0 or (s is None and w is None))):
        raise NoRuleError(f"{where}{_SMOOTHING}")
    like = interpolate.splrep(*given)
    return like[0], _coefficients(like, x, y, w), like[2]


class _ActiveUnivariate(Active):
    """Counterpart of the univariate splines whose coefficients carry derivatives."""

    _of = interpolate.UnivariateSpline

    def __init__(self, t: Any, c: Any, k: int, ext: int) -> None:
        self._tck = t, c, k
        self.ext = ext

    @classmethod
    def made(cls, tck: Any, ext: int) -> Any:
        """Make one of knots, coefficients and degree together."""
        t, c, k = tck
        return cls(t, c, k, ext)

    def __reduce__(self) -> Any:
        return type(self), (*self._tck, self.ext)

    def __call__(self, x: Any, nu: int = 0, ext: Any = None) -> Any:
        """Evaluate, or a derivative of order `nu`."""
        ext = self.ext if ext is None else _NAMES.get(ext, ext)
        if ext not in range(4):
            raise ValueError(f"Unknown extrapolation mode {ext}.")
        return np.array([]) if np.size(plain(x)) == 0 else splev(x, self._tck, nu, ext)

    def derivative(self, n: int = 1) -> Any:
        """Spline that is the derivative."""
        return _ActiveUnivariate.made(splder(self._tck, n), 1 if self.ext == _CONSTANT else self.ext)

    def antiderivative(self, n: int = 1) -> Any:
        """Spline that is an antiderivative."""
        return _ActiveUnivariate.made(splantider(self._tck, n), self.ext)

    def integral(self, a: Any, b: Any) -> Any:
        """Integral between two numbers."""
        return splint(a, b, self._tck)

    def get_coeffs(self) -> Any:
        """Coefficients."""
        t, c, k = self._tck
        return c[: len(t) - k - 1]

    def get_knots(self) -> Any:
        """Knots, without those beyond the ends."""
        t, _, k = self._tck
        return t[k : len(t) - k]

    def derivatives(self, x: Any) -> Any:
        """All derivatives at a point, the value first."""
        t, c, k = self._tck

        def value(x: Any, t: Any, c: Any) -> Any:
            return interpolate.spalde(x, (t, c, k))

        def body(x: Any, t: Any, c: Any) -> Any:
            return np.stack([values_at(np.reshape(x, (1,)), t, c[:, None], k, nu, True)[0, 0] for nu in range(k + 1)])

        return exact_value(value, body, reals(x), reals(t), reals(c))

    def roots(self) -> Any:
        """Zeros of a cubic spline."""
        t, c, k = self._tck
        if k != 3:
            raise NotImplementedError("finding roots unsupported for non-cubic splines")
        places, values = map(primal_all, (t, c))
        roots = interpolate.sproot((places, values, k), mest=3 * (len(t) - 7))
        size, length = np.max(np.abs(values)), places[-1] - places[0]
        return moved_roots(self, 0.0, roots, size, length, "dualnum.scipy.interpolate.sproot")


def _checked(name: str, others: Any) -> None:
    if contains_active(others):
        raise NoRuleError(f"dualnum.scipy.interpolate.{name}: {_KNOTS}")


def _made(like: Any, x: Any, y: Any, w: Any) -> _ActiveUnivariate:
    t, _, k = like._eval_args
    return _ActiveUnivariate(t, _coefficients(like._eval_args, x, y, w), k, like.ext)


def _smoothing(
    x: Any, y: Any, w: Any = None, bbox: Any = (None, None), k: int = 3, s: Any = None, *more: Any, **options: Any
) -> Any:
    _checked("UnivariateSpline", [x, w, bbox, s])
    if s != 0:
        return no_rule("UnivariateSpline", _SMOOTHING)()
    return _made(interpolate.UnivariateSpline(x, plain(y), w, bbox, k, s, *more, **options), x, y, w)


def _interpolating(x: Any, y: Any, w: Any = None, bbox: Any = (None, None), *more: Any, **options: Any) -> Any:
    _checked("InterpolatedUnivariateSpline", [x, w, bbox])
    return _made(interpolate.InterpolatedUnivariateSpline(x, plain(y), w, bbox, *more, **options), x, y, w)


def _least_squares(x: Any, y: Any, t: Any, w: Any = None, bbox: Any = (None, None), *more: Any, **options: Any) -> Any:
    _checked("LSQUnivariateSpline", [x, t, w, bbox])
    return _made(interpolate.LSQUnivariateSpline(x, plain(y), t, w, bbox, *more, **options), x, y, w)


def _lifted(spline: Any) -> _ActiveUnivariate:
    return _ActiveUnivariate.made(spline._eval_args, spline.ext)


def _derivative(self: Any, n: int = 1) -> Any:
    """Spline that is the derivative."""
    return _taken_over(super(self._twin, self).derivative(n))


def _antiderivative(self: Any, n: int = 1) -> Any:
    """Spline that is an antiderivative."""
    return _taken_over(super(self._twin, self).antiderivative(n))


def _taken_over(spline: Any) -> Any:
    spline.__class__ = UnivariateSpline
    return spline


UnivariateSpline, InterpolatedUnivariateSpline, LSQUnivariateSpline = (
    twin_class(of, active, _lifted, "integral", "derivatives", derivative=_derivative, antiderivative=_antiderivative)
    for of, active in (
        (interpolate.UnivariateSpline, _smoothing),
        (interpolate.InterpolatedUnivariateSpline, _interpolating),
        (interpolate.LSQUnivariateSpline, _least_squares),
    )
)
