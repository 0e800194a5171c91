"""`scipy.optimize`, with solvers whose results can be differentiated.

Called with plain numbers, all functions are SciPy's own. Where `args`, or what the function has captured, carry
derivatives, these solvers give what they find the derivatives of the exact solution, by the implicit function theorem
(`dualnum.implicit_root`):

- `root`, `fsolve`, `root_scalar`, `brentq`, `brenth`, `ridder`, `bisect`, `toms748`, `newton`, `newton_krylov`, `broyden1`,
  `broyden2`, `anderson`, `diagbroyden`, `linearmixing`, `excitingmixing`, `fixed_point`;
- `minimize`, `minimize_scalar`, `brent`, `fminbound`, `golden`, without constraints;
- `least_squares`, with ``loss="linear"``.

The value is SciPy's, and so are messages and counts. Of a result, the solution and the function there have derivatives (`x` or
`root`, `fun`, `cost`); to ask for something else that depends on the parameters, such as ``hess_inv``, is an error. Starting
points, brackets and tolerances have no derivatives; bounds at which a minimum lies do.

Errors are those of `dualnum.implicit_root`. A result whose ``success`` is False has derivatives only if the exact solution is
near. A minimum that is at a bound, but would be there without it as well, has none (`ConvergenceError`). The other solvers
raise `NoRuleError` when something active reaches them.

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

from dualnum.errors import InputError, NoRuleError
from dualnum.implicit.bounds import bounded
from dualnum.implicit.refusing import refusing
from dualnum.implicit.results import found_in, with_solution
from dualnum.implicit.roots import root_of
from dualnum.implicit.watching import Watched, holds_active, plain
from dualnum.packing import as_operand
from dualnum.reverse import grad

__all__ = list(optimize.__all__)  # type: ignore[attr-defined]

_OPTIMIZE = "dualnum.scipy.optimize"

# What makes a function of x, which is zero at the solution, of the user's function of x and the other arguments of a solver.
Equations = Callable[[Callable[[Any], Any], dict[str, Any], np.ndarray], Callable[[Any], Any]]

# Solvers that unpack args whatever it is; for the others, what is no tuple is one argument.
_UNPACKING = ("newton", "fixed_point")


def _twin(solver: Callable[..., Any], equations: Equations) -> Callable[..., Any]:
    """Make the twin of a solver."""
    signature = inspect.signature(solver)
    of_function = next(iter(signature.parameters))
    where = f"{_OPTIMIZE}.{solver.__name__}"

    @wraps(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        given = dict(bound.arguments)
        limits = given.get("bounds")
        watched = {
            name: Watched(value)
            for name, value in given.items()
            if callable(value) and name in (of_function, "jac", "hess", "hessp", "fprime", "fprime2")
        }
        bound.arguments.update(plain(given) | watched)
        active = holds_active([value for name, value in given.items() if name not in watched])
        if isinstance(limits, optimize.Bounds):
            active = active or holds_active([limits.lb, limits.ub])
            bound.arguments["bounds"] = optimize.Bounds(plain(limits.lb), plain(limits.ub), limits.keep_feasible)
        result = solver(*bound.args, **bound.kwargs)
        if not active and not any(function.active for function in watched.values()):
            return result
        others = given.get("args", ())
        unpacked = isinstance(others, tuple) or solver.__name__ in _UNPACKING
        others = tuple(others) if unpacked else (others,)
        # With jac=True or fprime=True, the function returns its derivative as well.
        pairs = any(given.get(name) is True for name in ("jac", "fprime"))

        def function(x: Any) -> Any:
            y = given[of_function](x, *others, **(given.get("kwargs") or {}))
            return as_operand(y[0] if pairs else y)

        found = np.asarray(found_in(result))
        x = root_of(equations(function, given, found), found_in(result), where)
        return with_solution(result, x, _values(equations, function, x))

    return solve


def _values(equations: Equations, function: Callable[[Any], Any], x: Any) -> dict[str, Any]:
    """What has derivatives of a result, beside the solution."""
    if equations is _stationary:
        return {"fun": function(x).reshape(())}
    if equations is _least:
        r = np.atleast_1d(function(x))
        return {"fun": r, "cost": 0.5 * np.dot(r, r)}  # as SciPy rounds it
    return {}


def _zero(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    return function


def _unchanged(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    return lambda x: x - function(x)


def _stationary(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    if given.get("constraints"):
        raise NoRuleError(
            f"{_OPTIMIZE}.minimize: minima under constraints have no derivatives here. Solve for what is free, or "
            "write the conditions of Karush, Kuhn and Tucker, and give them to implicit_root."
        )
    limits = given.get("bounds")
    if "x1" in given:  # of fminbound
        limits = (given["x1"], given["x2"])
    limits = [limits] if limits is not None and not x.ndim else limits
    return _within(lambda x: function(x).reshape(()), limits, x)


def _least(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    if given.get("loss", "linear") != "linear":
        raise NoRuleError(
            f"{_OPTIMIZE}.least_squares: there are derivatives with loss='linear' alone. Write the loss as a function, "
            "and give it to minimize or implicit_minimum."
        )
    limits = given.get("bounds")
    if isinstance(limits, Sequence):
        low, high = limits
        limits = _pairs(low, high, x.size)
    return _within(lambda x: np.sum(np.square(function(x))) / 2, limits, x)


def _within(objective: Callable[[Any], Any], limits: Any, x: np.ndarray) -> Callable[[Any], Any]:
    """The gradient, or what takes its place at bounds."""
    gradient = grad(objective)
    if limits is None:
        return gradient
    pairs = _pairs(limits.lb, limits.ub, x.size) if isinstance(limits, optimize.Bounds) else list(limits)
    if len(pairs) != x.size:
        raise InputError(f"{_OPTIMIZE}: there are {len(pairs)} pairs of bounds for {x.size} unknowns.")
    return bounded(gradient, pairs, x, _OPTIMIZE)


def _pairs(low: Any, high: Any, n: int) -> list[tuple[Any, Any]]:
    return list(zip(*(np.broadcast_to(as_operand(limit), n) for limit in (low, high)), strict=True))


_ROOTS = """
root fsolve root_scalar brentq brenth ridder bisect toms748 newton
newton_krylov broyden1 broyden2 anderson diagbroyden linearmixing excitingmixing
""".split()
_REFUSED = """
leastsq curve_fit fmin fmin_powell fmin_cg fmin_bfgs fmin_ncg fmin_l_bfgs_b fmin_tnc fmin_cobyla fmin_slsqp brute basinhopping
differential_evolution dual_annealing shgo direct linprog milp lsq_linear nnls
""".split()
_ADVICE = (
    "Use minimize, least_squares or root of dualnum.scipy.optimize; or give the solver, and the function that is zero or "
    "smallest where it ends, to implicit_root or implicit_minimum."
)

_TWINS = {name: refusing(getattr(optimize, name), _ADVICE) for name in _REFUSED} | {
    name: _twin(getattr(optimize, name), equations)
    for equations, names in {
        _zero: _ROOTS,
        _unchanged: ["fixed_point"],
        _stationary: ["minimize", "minimize_scalar", "brent", "fminbound", "golden"],
        _least: ["least_squares"],
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    return _TWINS.get(name) or getattr(optimize, name)


def __dir__() -> list[str]:
    return __all__
