"""Values of piecewise polynomials and of splines, and of whatever SciPy computes that can be said with NumPy's functions.

These are the functions that the classes of `dualnum.scipy.interpolate` are made of; their values are SciPy's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy  # scipy.interpolate is loaded when it is first used

from dualnum.application import apply_function, primal_all
from dualnum.packing import contains_active

__all__ = [
    "exact_value",
    "grid_spline_at",
    "in_period",
    "intervals",
    "pieces_at",
    "polynomial_at",
    "spline_at",
    "spline_intervals",
    "without_nan",
]


def exact_value(function: Callable[..., Any], body: Callable[..., Any], *args: Any) -> Any:
    """Give ``function(*args)`` the derivatives of ``body(*args)``.

    Parameters
    ----------
    function : callable
        Computes the value, of plain arguments.
    body : callable
        Computes the same, up to rounding, from functions of the table.
    *args
        What it is differentiated in, among others.
    """
    if contains_active(args):
        return apply_function(exact_value, (function, body, *args), {})
    return function(*args)


def _double(x: np.ndarray) -> np.ndarray:
    """In the precision in which SciPy evaluates."""
    return np.asarray(x, np.complex128 if x.dtype.kind == "c" else np.float64)


def pieces_at(t: Any, c: Any, x: Any, nu: int = 0, extrapolate: bool = True) -> Any:
    """Evaluate a piecewise polynomial, or its derivative of order `nu`.

    Parameters
    ----------
    t : array, shape (n,)
    c : array, shape (k, m, r)
        Coefficients of the powers of the distance to the left end of an interval, the highest power first.
    x : array, shape (m + 1,)
        Ends of the intervals.
    nu : int
    extrapolate : bool
        Whether values outside of the intervals are those of the outermost ones, or nan.

    Returns
    -------
    array, shape (n, r)
    """
    if contains_active((t, c, x)):
        return apply_function(pieces_at, (t, c, x, nu, extrapolate), {})
    return scipy.interpolate.PPoly.construct_fast(_double(c), _double(x), extrapolate)(t, nu)


def intervals(t: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Which of the intervals between the elements of `x` SciPy takes for each of `t`: at a common end, the one on the right."""
    numbers = np.arange(x.size - 1, dtype=float)
    found = scipy.interpolate.PPoly.construct_fast(numbers[None, :], _double(x), True)(t)
    return np.where(np.isnan(found), 0, found).astype(np.intp)


def without_nan(x: Any, instead: Any) -> tuple[Any, np.ndarray]:
    """Points with a constant in place of nan, at which nothing has a derivative, and which those were."""
    missing = np.isnan(primal_all(x))
    return np.where(missing, instead, x) if missing.any() else x, missing


def in_period(x: Any, first: Any, last: Any) -> Any:
    """Points of the period between `first` and `last` that stand for `x`, computed as SciPy does."""
    x, missing = without_nan(x, primal_all(first))
    found = first + (x - first) % (last - first)
    return np.where(missing, np.nan, found) if missing.any() else found


def spline_at(x: Any, c: Any, t: np.ndarray, k: int, nu: int = 0, extrapolate: bool = True) -> Any:
    """Evaluate a sum of B-splines, or its derivative of order `nu`.

    Parameters
    ----------
    x : array, shape (n,)
    c : array, shape (m, r)
        Coefficients.
    t : ndarray, shape (m + k + 1,) or fewer
        Knots.
    k : int
        Degree.
    nu : int
    extrapolate : bool

    Returns
    -------
    array, shape (n, r)
    """
    if contains_active((x, c)):
        return apply_function(spline_at, (x, c, t, k, nu, extrapolate), {})
    if nu > k:  # which older versions of SciPy look for outside of their memory
        inside = extrapolate | ((x >= t[k]) & (x <= t[t.size - k - 1])) & ~np.isnan(x)
        return np.where(inside[:, None], np.zeros(c.shape[1], _double(c[:0]).dtype), np.nan)
    return scipy.interpolate.BSpline.construct_fast(_double(t), _double(c), k, extrapolate)(x, nu)


def spline_intervals(x: np.ndarray, t: np.ndarray, k: int) -> np.ndarray:
    """Which interval between knots SciPy takes for each of `x`."""
    return np.clip(np.searchsorted(t, x, "right") - 1, k, t.size - k - 2)


def grid_spline_at(
    x: Any, c: Any, t: tuple[np.ndarray, ...], k: tuple[int, ...], nu: tuple[int, ...], extrapolate: bool = True
) -> Any:
    """Evaluate a sum of products of B-splines in d variables, or a derivative of it.

    Parameters
    ----------
    x : array, shape (n, d)
    c : array, shape (m1, ..., md, r)
        Coefficients.
    t : tuple of d arrays
        Knots.
    k, nu : tuple of d integers
        Degrees, and orders of derivatives.
    extrapolate : bool

    Returns
    -------
    array, shape (n, r)
    """
    if contains_active((x, c)):
        return apply_function(grid_spline_at, (x, c, t, k, nu, extrapolate), {})
    if any(order > degree for order, degree in zip(nu, k, strict=True)):
        return np.zeros((len(x), c.shape[-1]), _double(c[:0]).dtype)
    return scipy.interpolate.NdBSpline(t, c, k, extrapolate=extrapolate)(x, nu=nu)


def polynomial_at(x: Any, y: Any, nodes: np.ndarray, weights: np.ndarray) -> Any:
    """Evaluate the polynomial with given values at nodes, by the barycentric formula.

    Parameters
    ----------
    x : array, shape (n,)
    y : array, shape (m, r)
    nodes, weights : ndarray, shape (m,)

    Returns
    -------
    array, shape (n, r)
    """
    if contains_active((x, y)):
        return apply_function(polynomial_at, (x, y, nodes, weights), {})
    distance = np.asarray(x, np.float64)[:, None] - nodes
    at_node = distance == 0
    shares = weights / np.where(at_node, 1.0, distance)
    shares = np.where(at_node.any(1, keepdims=True), at_node, shares)
    return shares @ _double(y) / shares.sum(1, keepdims=True)
