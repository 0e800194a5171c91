"""`scipy.optimize`, with solvers whose results can be differentiated.

Called with plain numbers, all functions are SciPy's own. Where `args`, or what the function has captured, carry
derivatives, these solvers give what they find the derivatives of the exact solution, by the implicit function theorem
(`dualnum.implicit_root`): `root`, `fsolve`, `root_scalar`, `brentq`, `brenth`, `ridder`, `bisect`, `toms748`, `newton`,
`fixed_point`, `minimize`, `minimize_scalar`. The value is SciPy's, and so are messages and counts. Starting points,
brackets and tolerances have no derivatives; bounds of `minimize` at which the minimum lies do.

Errors are those of `dualnum.implicit_root`. A result whose ``success`` is False has derivatives only if the exact solution is
near.

Examples
--------
>>> from dualnum import grad
>>> from dualnum.scipy.optimize import brentq
>>> float(grad(lambda a: brentq(lambda x: x**3 - a, 0.0, 10.0))(8.0))  # of the cube root
0.0833333333...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
from scipy import optimize

from dualnum.dispatch import primal_all
from dualnum.errors import InputError, NoRuleError
from dualnum.implicit.roots import root_of
from dualnum.implicit.watching import Watched, holds_active, plain
from dualnum.packing import as_operand
from dualnum.reverse import grad

__all__ = list(optimize.__all__)  # type: ignore[attr-defined]

# What makes a function of x, which is zero at the solution, of the user's function of x and the other arguments of a solver.
Equations = Callable[[Callable[[Any], Any], dict[str, Any], np.ndarray], Callable[[Any], Any]]


def _twin(solver: Callable[..., Any], equations: Equations) -> Callable[..., Any]:
    """Make the twin of a solver."""
    signature = inspect.signature(solver)
    of_function = next(iter(signature.parameters))
    where = f"dualnum.scipy.optimize.{solver.__name__}"

    @wraps(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        watched = {
            name: Watched(value)
            for name, value in given.items()
            if callable(value) and name in (of_function, "jac", "hess", "hessp", "fprime", "fprime2")
        }
        result = solver(**(plain(given) | watched))
        active = holds_active([value for name, value in given.items() if name not in watched])
        if not active and not any(function.active for function in watched.values()):
            return result
        others = given.get("args", ())
        others = others if isinstance(others, tuple) else (others,)
        # With jac=True or fprime=True, the function returns its derivative as well.
        pairs = any(given.get(name) is True for name in ("jac", "fprime"))

        def function(x: Any) -> Any:
            y = given[of_function](x, *others)
            return y[0] if pairs else y

        x = _found(result)
        return _replaced(result, root_of(equations(function, given, np.asarray(x)), x, where), function)

    return solve


def _found(result: Any) -> Any:
    """Solution in what a solver has returned."""
    if isinstance(result, tuple):
        return result[0]
    return getattr(result, "x", getattr(result, "root", result))


def _replaced(result: Any, x: Any, function: Callable[[Any], Any]) -> Any:
    """Put a solution that carries derivatives into what a solver has returned."""
    if isinstance(result, tuple):
        return (x, *result[1:])
    if hasattr(result, "root"):
        result.root = x
    elif hasattr(result, "x"):
        result.x = x
        if np.ndim(result.get("fun")) == 0:
            result.fun = as_operand(function(x)).reshape(())
    else:
        return x
    return result


def _zero(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    return function


def _unchanged(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    return lambda x: x - as_operand(function(x))


def _stationary(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    """The gradient; where a bound is what stops the minimum, that bound in its place."""
    if given.get("constraints"):
        raise NoRuleError(
            "dualnum.scipy.optimize.minimize: minima under constraints have no derivatives here. Solve for what is free, or "
            "write the conditions of Karush, Kuhn and Tucker, and give them to implicit_root."
        )
    gradient = grad(lambda x: as_operand(function(x)).reshape(()))
    if x.ndim == 0 or given.get("bounds") is None:
        return gradient
    slope = primal_all(gradient(x.copy()))
    places, limits = [], []
    for i, pair in enumerate(_pairs(given["bounds"], x.size)):
        for limit, uphill in zip(pair, (slope[i] > 0, slope[i] < 0), strict=True):
            if limit is not None and x[i] == primal_all(limit) and uphill:
                places.append(i)
                limits.append(limit)
    if not places:
        return gradient
    at_bound = np.isin(np.arange(x.size), places)
    target = np.zeros(x.size, like=as_operand(limits)) if holds_active(limits) else np.zeros(x.size)
    target[places] = as_operand(limits)
    return lambda x: np.where(at_bound, x - target, gradient(x))


def _pairs(bounds: Any, n: int) -> Sequence[Sequence[Any]]:
    if isinstance(bounds, optimize.Bounds):
        return list(zip(*(np.broadcast_to(limit, n) for limit in (bounds.lb, bounds.ub)), strict=True))
    pairs = list(bounds)
    if len(pairs) != n:
        raise InputError(f"dualnum.scipy.optimize.minimize: there are {len(pairs)} pairs of bounds for {n} unknowns.")
    return pairs


_TWINS = {
    name: _twin(getattr(optimize, name), equations)
    for names, equations in {
        ("root", "fsolve", "root_scalar", "brentq", "brenth", "ridder", "bisect", "toms748", "newton"): _zero,
        ("fixed_point",): _unchanged,
        ("minimize", "minimize_scalar"): _stationary,
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    return _TWINS.get(name) or getattr(optimize, name)


def __dir__() -> list[str]:
    return __all__
