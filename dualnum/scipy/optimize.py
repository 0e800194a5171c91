"""`scipy.optimize`, with solvers whose results can be differentiated.

Called with plain numbers, all functions are SciPy's own. Where `args`, or what the function has captured, carry
derivatives, these solvers give what they find the derivatives of the exact solution, by the implicit function theorem
(`dualnum.implicit_root`):

- `root`, `fsolve`, `root_scalar`, `brentq`, `brenth`, `ridder`, `bisect`, `toms748`, `newton`, `newton_krylov`, `broyden1`,
  `broyden2`, `anderson`, `diagbroyden`, `linearmixing`, `excitingmixing`, `fixed_point`;
- `minimize`, `minimize_scalar`, `brent`, `fminbound`, `golden`, `fmin`, `fmin_powell`, `fmin_cg`, `fmin_bfgs`, `fmin_ncg`,
  `differential_evolution`, `dual_annealing`, `shgo`, `direct`, without constraints;
- `least_squares` with any loss, `leastsq`, and `curve_fit`, whose covariance has derivatives too.

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
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy import optimize

from dualnum.errors import NoRuleError
from dualnum.implicit.bounds import pairs_of, within
from dualnum.implicit.fitting import curve_fit
from dualnum.implicit.losses import cost
from dualnum.implicit.refusing import refusing
from dualnum.implicit.results import carrying, found_in, with_solution
from dualnum.implicit.roots import root_of
from dualnum.implicit.watching import Watched, holds_active, plain
from dualnum.packing import as_operand

__all__ = list(optimize.__all__)  # type: ignore[attr-defined]

_OPTIMIZE = "dualnum.scipy.optimize"

# What makes a function of x, which is zero at the solution, of the user's function of x and the other arguments of a solver.
Equations = Callable[[Callable[[Any], Any], dict[str, Any], np.ndarray], Callable[[Any], Any]]

# Functions that a solver may be given, beside the one that is solved for.
_HELPERS = ("jac", "hess", "hessp", "fprime", "fprime2", "fhess", "fhess_p", "Dfun", "loss")

# Options that change what a function is given, or with which more of the result depends on the parameters.
_REFUSED_OPTIONS = {"retall", "vectorized", "integrality"}
_FULL_WITH_ARRAYS = ("leastsq", "fmin_bfgs", "fmin_powell")

# Solvers that unpack args whatever it is; for the others, what is no tuple is one argument.
_UNPACKING = ("newton", "fixed_point")


def _twin(solver: Callable[..., Any], equations: Equations) -> Callable[..., Any]:
    """Make the twin of a solver."""
    signature = inspect.signature(solver)
    of_function = next(iter(signature.parameters))
    where = f"{_OPTIMIZE}.{solver.__name__}"
    refused = _REFUSED_OPTIONS | ({"full_output"} if solver.__name__ in _FULL_WITH_ARRAYS else set())

    @wraps(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        given = dict(bound.arguments)
        limits = given.get("bounds")
        watched = {
            name: Watched(value)
            for name, value in given.items()
            if callable(value) and name in (of_function, *_HELPERS)
        }
        bound.arguments.update(plain(given) | watched)
        active = holds_active([value for name, value in given.items() if name not in watched])
        if isinstance(limits, optimize.Bounds):
            active = active or holds_active([limits.lb, limits.ub])
            bound.arguments["bounds"] = optimize.Bounds(plain(limits.lb), plain(limits.ub), limits.keep_feasible)
        result = solver(*bound.args, **bound.kwargs)
        if not active and not any(function.active for function in watched.values()):
            return result
        for option in sorted(refused):
            if np.any(given.get(option)):
                raise NoRuleError(
                    f"{where}: with {option} there are no derivatives. Leave it out, or call it with plain arguments."
                )
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
        return with_solution(result, x, _values(equations, function, given, result, x))

    return solve


def _values(
    equations: Equations, function: Callable[[Any], Any], given: dict[str, Any], result: Any, x: Any
) -> dict[str, Any]:
    """What has derivatives of a result, beside the solution."""
    if equations is _stationary:
        return {"fun": function(x).reshape(())}
    if equations is _least and not isinstance(result, tuple):
        r = function(x)
        return {"fun": np.atleast_1d(r), "cost": carrying(result.cost, cost(r, given))}
    return {}


def _zero(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    return function


def _unchanged(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    return lambda x: x - function(x)


def _stationary(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    if given.get("constraints"):
        raise NoRuleError(
            f"{_OPTIMIZE}: minima under constraints have no derivatives here. Solve for what is free, or "
            "write the conditions of Karush, Kuhn and Tucker, and give them to implicit_root."
        )
    limits = given.get("bounds")
    if "x1" in given:  # of fminbound
        limits = (given["x1"], given["x2"])
    limits = [limits] if limits is not None and not x.ndim else limits
    return within(lambda x: function(x).reshape(()), limits, x, _OPTIMIZE)


def _least(function: Callable[[Any], Any], given: dict[str, Any], x: np.ndarray) -> Callable[[Any], Any]:
    limits = given.get("bounds")
    if limits is not None and not isinstance(limits, optimize.Bounds):
        low, high = limits
        limits = pairs_of(low, high, x.size)
    return within(lambda x: cost(function(x), given), limits, x, _OPTIMIZE)


_ROOTS = """
root fsolve root_scalar brentq brenth ridder bisect toms748 newton
newton_krylov broyden1 broyden2 anderson diagbroyden linearmixing excitingmixing
""".split()
_MINIMISERS = """
minimize minimize_scalar brent fminbound golden fmin fmin_powell fmin_cg fmin_bfgs fmin_ncg
differential_evolution dual_annealing shgo direct
""".split()
_REFUSED = """
fmin_l_bfgs_b fmin_tnc fmin_cobyla fmin_slsqp brute basinhopping linprog milp lsq_linear nnls
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
        _stationary: _MINIMISERS,
        _least: ["least_squares", "leastsq"],
    }.items()
    for name in names
}
_TWINS["curve_fit"] = curve_fit


def __getattr__(name: str) -> Any:
    return _TWINS.get(name) or getattr(optimize, name)


def __dir__() -> list[str]:
    return __all__
