"""Piecewise polynomials: `PPoly` and `BPoly` whose coefficients or ends of intervals carry derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import interpolate

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.implicit.roots import degree_of
from dualnum.packing import contains_active
from dualnum.scipy.interpolate.bsplines import ActiveBSpline, values_at
from dualnum.scipy.interpolate.shared import Active, columns_of, floats, laid_out, plain, reals, twin_class
from dualnum.splines import exact_value, in_period, intervals, pieces_at, without_nan

__all__ = ["ActiveBPoly", "ActivePPoly", "BPoly", "PPoly", "lifted", "moved_roots"]


def _beside(x: Any, ndim: int) -> Any:
    """Numbers of intervals beside coefficients of `ndim` axes."""
    return np.reshape(x, (-1,) + (1,) * (ndim - 2))


class _ActivePieces(Active):
    """Base of both: coefficients (k, m, ...) and ends of intervals (m + 1,)."""

    #: SciPy's class of all those that are evaluated alike.
    _form: Any
    #: Values (n, r) at points; coefficients of a derivative, and of an antiderivative.
    _evaluated: Any
    _differentiated: Any
    _integrated: Any

    def __init__(self, c: Any, x: Any, extrapolate: Any = True, axis: int = 0) -> None:
        self.c, self.x, self.extrapolate, self.axis = c, x, extrapolate, axis

    def __reduce__(self) -> Any:
        return type(self), (self.c, self.x, self.extrapolate, self.axis)

    @classmethod
    def made(cls, c: Any, x: Any, extrapolate: Any = None, axis: int = 0) -> Any:
        """Make one of what SciPy's class is made of."""
        c, x = floats(c), reals(x)
        like = cls._of(plain(c), plain(x), extrapolate, axis)  # which knows what is wrong
        if axis:
            c = np.moveaxis(np.moveaxis(c, axis + 1, 0), axis + 1, 0)
        return cls(c, x, like.extrapolate, like.axis)

    def _plain(self) -> Any:
        # Not by construct_fast, which takes the wrong class for BPoly in SciPy 1.18.
        found = self._form(primal_all(self.c), primal_all(self.x), self.extrapolate)
        found.axis = self.axis
        return found

    def _with(self, c: Any, **changes: Any) -> Any:
        return type(self)(c, self.x, changes.get("extrapolate", self.extrapolate), self.axis)

    def __call__(self, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
        """Evaluate, or a derivative of order `nu`, as SciPy's class does."""
        if nu < 0:
            raise ValueError("Order of derivative cannot be negative")
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        t = reals(x)
        points = np.ravel(t)
        if extrapolate == "periodic":
            points, extrapolate = in_period(points, self.x[0], self.x[-1]), False
        out = self._evaluated(points, nu, bool(extrapolate))
        return laid_out(out, t.shape, self.c.shape[2:], self.axis)

    def derivative(self, nu: int = 1) -> Any:
        """Piecewise polynomial that is the derivative."""
        if nu < 0:
            return self.antiderivative(-nu)
        like = self._plain()
        return self._with(exact_value(lambda *args: like.derivative(nu).c, self._differentiated, self.c, self.x, nu))

    def antiderivative(self, nu: int = 1) -> Any:
        """Piecewise polynomial that is a continuous antiderivative, and zero at the first of `x`."""
        if nu <= 0:
            return self.derivative(-nu)
        like = self._plain().antiderivative(nu)
        c = exact_value(lambda *args: like.c, self._integrated, self.c, self.x, nu)
        return self._with(c, extrapolate=like.extrapolate)

    def integrate(self, a: Any, b: Any, extrapolate: Any = None) -> Any:
        """Integral from `a` to `b`, two numbers that may carry derivatives."""
        extrapolate = self.extrapolate if extrapolate is None else extrapolate
        like = self._plain()

        def value(a: Any, b: Any, *data: Any) -> Any:
            return np.asarray(like.integrate(a, b, extrapolate))

        def body(a: Any, b: Any, c: Any, x: Any) -> Any:
            whole = type(self)(c, x, True if extrapolate == "periodic" else extrapolate, self.axis).antiderivative()

            def upto(end: Any) -> Any:
                if extrapolate != "periodic":
                    return columns_of(whole(np.reshape(end, (1,)))[None])[0]
                period = x[-1] - x[0]
                turns = np.floor(primal_all((end - x[0]) / period))
                rest = whole(np.reshape(end - turns * period, (1,)))
                return columns_of((turns * (whole(x[-1:]) - whole(x[:1])) + rest)[None])[0]

            return np.reshape(upto(b) - upto(a), c.shape[2:])

        if np.ndim(a) or np.ndim(b):
            raise NoRuleError(
                f"{self._of.__name__}.integrate takes two numbers for limits where there are derivatives."
            )
        return exact_value(value, body, reals(a), reals(b), self.c, self.x)


class ActivePPoly(_ActivePieces):
    """Counterpart of `scipy.interpolate.PPoly` whose coefficients, or ends of intervals, carry derivatives."""

    _of = _form = interpolate.PPoly

    def _evaluated(self, t: Any, nu: int, extrapolate: bool) -> Any:
        c = self.c
        c = np.reshape(c, (*c.shape[:2], math.prod(c.shape[2:])))
        return pieces_at(t, c, self.x, nu, extrapolate)

    def _differentiated(self, c: Any, x: Any, nu: int) -> Any:
        powers = range(c.shape[0] - 1, nu - 1, -1)
        if not powers:
            return 0 * c[:1]
        factors = np.array([float(math.perm(p, nu)) for p in powers])
        return c[: len(powers)] * factors.reshape((-1,) + (1,) * (c.ndim - 1))

    def _integrated(self, c: Any, x: Any, nu: int) -> Any:
        width = _beside(np.diff(x), c.ndim)
        for _ in range(nu):
            c = c / np.arange(c.shape[0], 0, -1.0).reshape((-1,) + (1,) * (c.ndim - 1))
            total: Any = 0.0
            for row in c:
                total = (total + row) * width
            before = np.cumsum(total, axis=0)[:-1]
            c = np.concatenate([c, np.concatenate([0 * total[:1], before])[None]])
        return c

    def solve(self, y: Any = 0.0, discontinuity: bool = True, extrapolate: Any = None) -> Any:
        """Points where the piecewise polynomial is equal to the number `y`, by the implicit function theorem.

        Raises
        ------
        NoRuleError
            A point is one where it jumps, or a multiple root; a whole interval is equal to `y`; or there are several
            polynomials.
        """
        if self.c.ndim > 2:
            raise NoRuleError(
                f"{self._of.__name__}.solve: of several polynomials at once there are no derivatives; take them one by one."
            )
        y = reals(y)
        roots = self._plain().solve(float(primal_all(y)), discontinuity, extrapolate)
        where = f"dualnum.scipy.interpolate.{self._of.__name__}.solve"
        if not np.all(np.isfinite(roots)):
            raise NoRuleError(
                f"{where}: the polynomial is constant on a whole interval, whose points have no derivatives."
            )
        c, x = map(primal_all, (self.c, self.x))
        left = intervals(roots, x)
        distance = np.abs(roots - x[left])
        size = abs(primal_all(y)) + sum(
            np.abs(row[left]) * distance**p for p, row in zip(range(len(c) - 1, -1, -1), c, strict=True)
        )
        return moved_roots(type(self)(self.c, self.x), y, roots, size, np.diff(x)[left], where)

    def roots(self, discontinuity: bool = True, extrapolate: Any = None) -> Any:
        """Zeros; see `solve`."""
        return self.solve(0.0, discontinuity, extrapolate)


class ActiveBPoly(_ActivePieces):
    """Counterpart of `scipy.interpolate.BPoly` whose coefficients, or ends of intervals, carry derivatives."""

    _of = _form = interpolate.BPoly

    def _evaluated(self, t: Any, nu: int, extrapolate: bool) -> Any:
        like = self._plain()

        def value(t: Any, *data: Any) -> Any:
            out = like(t, nu, extrapolate)
            return columns_of(np.moveaxis(out, self.axis, 0) if self.axis else out)

        return exact_value(value, lambda t, c, x: _bernstein_at(t, c, x, nu, extrapolate), t, self.c, self.x)

    def _differentiated(self, c: Any, x: Any, nu: int) -> Any:
        for _ in range(nu):
            degree = c.shape[0] - 1
            c = degree * np.diff(c, axis=0) / _beside(np.diff(x), c.ndim) if degree else 0 * c
        return c

    def _integrated(self, c: Any, x: Any, nu: int) -> Any:
        for _ in range(nu):
            sums = np.cumsum(c, axis=0) * _beside(np.diff(x) / c.shape[0], c.ndim)
            c = np.concatenate([0 * sums[:1], sums])
            c = c + np.concatenate([0 * c[-1, :1], np.cumsum(c[-1], axis=0)[:-1]])
        return c


def _bernstein_at(t: Any, c: Any, x: Any, nu: int, extrapolate: bool) -> Any:
    """Evaluate polynomials in Bernstein's form by de Casteljau's algorithm (Farouki, 2012, section 3)."""
    ends = primal_all(x)
    t, constant = without_nan(t, ends[0])
    points = primal_all(t)
    left = intervals(points, ends)
    width = (x[left + 1] - x[left])[:, None]
    u = (t - x[left])[:, None] / width
    c = np.reshape(c, (*c.shape[:2], math.prod(c.shape[2:])))[:, left]
    for _ in range(nu):
        degree = c.shape[0] - 1
        c = degree * (c[1:] - c[:-1]) / width if degree else 0 * c
    while c.shape[0] > 1:
        c = c[:-1] + u * (c[1:] - c[:-1])
    out = c[0] + 0 * u
    low, high = sorted((ends[0], ends[-1]))
    constant |= (not extrapolate) & ((points < low) | (points > high))
    return np.where(constant[:, None], 0.0, out) if constant.any() else out


def moved_roots(curve: Any, y: Any, roots: np.ndarray, size: Any, length: Any, where: str) -> Any:
    """Give points where a curve is equal to `y` their derivatives, by the implicit function theorem.

    Parameters
    ----------
    curve : callable
        Of points, and the order of the derivative.
    y : number
    roots : ndarray, shape (n,)
    size, length : float or ndarray, shape (n,)
        How large the values are around, and the distances on which they change.
    where : str
        For messages.
    """
    found, slope = primal_all(curve(roots)), primal_all(curve(roots, 1))
    if np.any(np.abs(found - primal_all(y)) > 1e-6 * size):
        raise NoRuleError(f"{where}: the polynomial jumps at a point. Pass discontinuity=False.")
    if np.any(np.abs(slope) * length <= 1e-7 * size):
        raise NoRuleError(f"{where}: a root is multiple, so that its derivative is infinite.")
    shift = np.zeros_like(roots)
    for _ in range(degree_of(curve(roots) - y)):
        residual = curve(roots + shift) - y
        shift = shift - (residual - primal_all(residual)) / slope
    return roots + shift


def lifted(spline: Any) -> ActivePPoly:
    """Make of one of SciPy's one that takes points that carry derivatives."""
    return ActivePPoly(spline.c, spline.x, spline.extrapolate, spline.axis)


def _from_spline(cls: Any, tck: Any, extrapolate: Any = None) -> Any:
    """Make one of a B-spline, or of its knots, coefficients and degree; these may carry derivatives."""
    if not isinstance(tck, ActiveBSpline) and (isinstance(tck, interpolate.BSpline) or not contains_active([*tck[:2]])):
        return super(PPoly, cls).from_spline(tck, extrapolate)
    like = interpolate.PPoly.from_spline(tck._plain() if isinstance(tck, ActiveBSpline) else plain(tck), extrapolate)
    t, c, k = tck.tck if isinstance(tck, ActiveBSpline) else tck
    t, c = reals(t), reals(c)

    def body(t: Any, c: Any) -> Any:
        rows = [values_at(t[:-1], t, c[:, None], k, m, True)[:, 0] / math.factorial(m) for m in range(k, -1, -1)]
        return np.stack(rows)

    return ActivePPoly(exact_value(lambda *data: like.c, body, t, c), t, like.extrapolate)


PPoly = twin_class(
    interpolate.PPoly, ActivePPoly.made, lifted, "integrate", "solve", from_spline=classmethod(_from_spline)
)
BPoly = twin_class(
    interpolate.BPoly,
    ActiveBPoly.made,
    lambda spline: ActiveBPoly(spline.c, spline.x, spline.extrapolate, spline.axis),
    "integrate",
)
