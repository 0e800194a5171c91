"""Fits of curves, whose parameters and covariance have derivatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy import optimize

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.implicit.bounds import pairs_of, within
from dualnum.implicit.losses import cost, costs
from dualnum.implicit.results import carrying
from dualnum.implicit.roots import root_of
from dualnum.implicit.watching import Watched, holds_active, plain
from dualnum.jacobians import value_and_jacobian
from dualnum.packing import as_operand
from dualnum.transforms import jvp

__all__ = ["curve_fit"]

_WHERE = "dualnum.scipy.optimize.curve_fit"
_EPS = float(np.finfo(float).eps)
_SIGNATURE = inspect.signature(optimize.curve_fit)


@wraps(optimize.curve_fit)
def curve_fit(*args: Any, **kwargs: Any) -> Any:
    """Fit a curve as SciPy does; the parameters are those of the exact minimum as far as derivatives are concerned.

    Parameters, returns and raises
        As `scipy.optimize.curve_fit`. `xdata`, `ydata`, `sigma`, `bounds`, and what `f` has captured may be active; then with
        `full_output`, or with nan that are left out, it raises `NoRuleError`.

    Notes
    -----
    The parameters have the derivatives of the place where the sum of squares of the weighted residuals r is smallest, by the
    implicit function theorem; the covariance those of inv(J^T J) there, with J = dr/dp exact, times r^T r / (m - n) unless
    `absolute_sigma`. With a robust `loss`, its cost takes the place of the sum of squares, and J^T W J that of J^T J, where
    W holds the second derivatives of the cost in the residuals.
    """
    bound = _SIGNATURE.bind(*args, **kwargs)
    given = dict(bound.arguments)
    watched = {name: Watched(given[name]) for name in ("f", "jac") if callable(given.get(name))}
    limits = given.get("bounds")
    bound.arguments.update(plain({name: value for name, value in given.items() if name not in watched}) | watched)
    active = holds_active([value for name, value in given.items() if name not in watched])
    if isinstance(limits, optimize.Bounds):
        active = active or holds_active([limits.lb, limits.ub])
        bound.arguments["bounds"] = optimize.Bounds(plain(limits.lb), plain(limits.ub), limits.keep_feasible)
    result = optimize.curve_fit(*bound.args, **bound.kwargs)
    if not active and not any(function.active for function in watched.values()):
        return result
    if given.get("full_output"):
        raise NoRuleError(
            f"{_WHERE}: of full_output=True there are no derivatives. Leave it out; or call it with plain data."
        )
    if given.get("nan_policy") == "omit":
        raise NoRuleError(
            f"{_WHERE}: nan_policy='omit' has no derivatives. Leave the points out of the data beforehand."
        )
    popt, pcov = result
    residuals = _residuals(given)
    if limits is not None and not isinstance(limits, optimize.Bounds):
        low, high = limits
        limits = pairs_of(low, high, popt.size)
    options = given.get("kwargs", {})
    parameters = root_of(within(lambda p: cost(residuals(p), options), limits, popt, _WHERE), popt, _WHERE)
    return parameters, _covariance(residuals, parameters, pcov, bool(given.get("absolute_sigma")), options)


def _residuals(given: dict[str, Any]) -> Callable[[Any], Any]:
    """Weighted residuals as a function of the parameters."""
    f, x, y = given["f"], given["xdata"], as_operand(given["ydata"])
    x = as_operand(x) if isinstance(x, (list, tuple, np.ndarray)) else x
    sigma = given.get("sigma")
    if sigma is None:
        return lambda p: as_operand(f(x, *p)) - y
    sigma = as_operand(sigma)
    if np.size(sigma) == 1 or np.shape(sigma) == (np.size(y),):
        return lambda p: (as_operand(f(x, *p)) - y) / sigma
    lower = np.linalg.cholesky(sigma)
    return lambda p: np.linalg.solve(lower, as_operand(f(x, *p)) - y)


def _covariance(
    residuals: Callable[[Any], Any], parameters: Any, pcov: np.ndarray, absolute: bool, options: dict[str, Any]
) -> Any:
    """SciPy's covariance with the derivatives of the exact one."""
    if not np.all(np.isfinite(pcov)):  # there are as many parameters as data
        return pcov
    r, J = value_and_jacobian(residuals, mode="forward")(parameters)
    J = np.reshape(J, (-1, pcov.shape[0]))
    weighted = J if options.get("loss", "linear") == "linear" else _curvatures(r, options)[:, None] * J
    exact = np.linalg.inv(J.T @ weighted)
    if not absolute:
        exact = exact * (2 * cost(r, options) / (np.size(r) - pcov.shape[0]))
    return carrying(pcov, exact)


def _curvatures(r: Any, options: dict[str, Any]) -> Any:
    """Second derivatives of the cost in each residual; as SciPy does, none is taken to be smaller than a rounding."""
    ones = np.ones(np.shape(r))

    def slopes(r: Any) -> Any:
        return jvp(lambda r: costs(r, options) / 2, (r,), (ones,))[1]

    bend = jvp(slopes, (r,), (ones,))[1]
    return np.where(primal_all(bend) < _EPS, _EPS, bend)
