"""Functions that are defined by equations, with a solver of the user's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from dualnum.errors import ConvergenceError, InputError
from dualnum.implicit.roots import root_of
from dualnum.implicit.watching import plain
from dualnum.inputs import describe_function
from dualnum.packing import as_operand
from dualnum.reverse import grad

__all__ = ["implicit_fixed_point", "implicit_minimum", "implicit_root"]


def _solution(found: Any, where: str) -> Any:
    """What a solver has found, which may stand in one of SciPy's results."""
    success = getattr(found, "success", getattr(found, "converged", None))
    if success is not None:
        if not np.all(success):
            message = getattr(found, "message", getattr(found, "flag", ""))
            raise ConvergenceError(
                f"{where}: the solver has not converged ({message}). Help it, or return only x if that is good enough; it is "
                "then looked at by itself."
            )
        found = found.x if hasattr(found, "x") else found.root
    found = plain(found)
    try:
        return np.asarray(found, float) if isinstance(found, (list, tuple)) else found
    except (TypeError, ValueError):
        raise InputError(
            f"{where}: the solver returned {type(found).__name__}; expected an array or a number."
        ) from None


def _implicit(solver: Callable[..., Any], equations: Callable[..., Any], where: str) -> Callable[..., Any]:
    """Make a function that calls a solver with plain parameters, and gives its result the derivatives."""
    if not callable(solver):
        raise InputError(f"{where}: the solver must be a function of the parameters; got {type(solver).__name__}.")

    @wraps(solver, updated=())
    def solve(*params: Any, **options: Any) -> Any:
        x = _solution(solver(*plain(params), **plain(options)), where)
        return root_of(lambda x: equations(x, *params, **options), x, where)

    return solve


def implicit_root(residual: Callable[..., Any], solver: Callable[..., Any]) -> Callable[..., Any]:
    """Make the root of equations a function of their parameters that can be differentiated.

    Parameters
    ----------
    residual : callable
        ``residual(x, *params)`` has as many elements as `x`, and is zero at the root. NumPy code, as anywhere.
    solver : callable
        ``solver(*params)`` finds the root: a number or an array, or a result of `scipy.optimize.root` or `root_scalar`. It
        is called with plain numbers, and may be anything; its steps are not differentiated.

    Returns
    -------
    callable
        ``solve(*params)``, whose value is that of `solver`. Derivatives, of any order and in any mode, are those of the root:
        with respect to parameters, which may be trees of arrays, and to whatever else `residual` has captured.

    Raises
    ------
    ConvergenceError
        When it is differentiated: the solver has not found a root, or one at which the Jacobian is singular.
    ShapeError
        The residual has not as many elements as `x`.
    InputError
        `x` or the residual is complex or not numeric.

    Notes
    -----
    Where J is the Jacobian of the residual in x, dx = -solve(J, dF/dp dp) by the implicit function theorem. J takes as many
    directions as `x` has elements, and is stored as a dense matrix. It is taken at the root to which a few Newton's steps lead
    from what the solver has found, so that derivatives are exact even if its tolerance was loose.

    See Also
    --------
    implicit_minimum, implicit_fixed_point : the same for minima and fixed points.
    custom_jvp : a rule of one's own, for other functions.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import brentq
    >>> from dualnum import grad, implicit_root
    >>> def kepler(E, mean, e):
    ...     return E - e * np.sin(E) - mean
    >>> anomaly = implicit_root(kepler, lambda mean, e: brentq(kepler, mean - 1, mean + 1, args=(mean, e)))
    >>> grad(anomaly, argnums=(0, 1))(1.0, 0.3)
    (np.float64(1.091329...), np.float64(1.048008...))
    """
    return _implicit(solver, residual, f"implicit_root({describe_function(residual)})")


def implicit_minimum(objective: Callable[..., Any], solver: Callable[..., Any]) -> Callable[..., Any]:
    """Make the place of a minimum a function of the parameters that can be differentiated.

    Parameters
    ----------
    objective : callable
        ``objective(x, *params)`` returns one number; smooth at the minimum, which must be in the interior: without constraints
        that are active.
    solver : callable
        ``solver(*params)`` finds the minimum: a number or an array, or a result of `scipy.optimize.minimize`.

    Returns
    -------
    callable
        As that of `implicit_root`.

    Raises
    ------
    ConvergenceError
        When it is differentiated: the gradient does not vanish near what the solver has found, or the Hessian is singular.
    ShapeError, InputError
        `objective` does not return one real number.

    Notes
    -----
    As for `implicit_root`, of the gradient, which is taken by reverse mode; J is the Hessian.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.optimize import minimize
    >>> from dualnum import implicit_minimum, jacobian
    >>> def energy(x, force):
    ...     return np.sum(x**4) / 4 + np.sum(x**2) / 2 - force @ x
    >>> position = implicit_minimum(energy, lambda force: minimize(energy, np.zeros(2), args=(force,)))
    >>> np.diag(jacobian(position)(np.array([2.0, 10.0]))).round(9)  # x is 1 and 2, and this 1 / (3 x^2 + 1)
    array([0.25      , 0.07692308])
    """
    return _implicit(solver, grad(objective), f"implicit_minimum({describe_function(objective)})")


def implicit_fixed_point(function: Callable[..., Any], solver: Callable[..., Any]) -> Callable[..., Any]:
    """Make the fixed point of an iteration a function of the parameters that can be differentiated.

    Parameters
    ----------
    function : callable
        ``function(x, *params)`` gives the next `x`, of the same shape; at the fixed point, `x` itself.
    solver : callable
        ``solver(*params)`` finds the fixed point, by the iteration or in any other way.

    Returns
    -------
    callable
        As that of `implicit_root`; only the fixed point is differentiated, not the way to it.

    Raises
    ------
    ConvergenceError
        When it is differentiated: the solver has not found a fixed point, or not an isolated one.
    ShapeError, InputError
        As for `implicit_root`.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import derivative, implicit_fixed_point
    >>> def step(x, a):
    ...     return (x + a / x) / 2
    >>> def iterate(a):
    ...     x = a
    ...     for _ in range(60):
    ...         x = step(x, a)
    ...     return x
    >>> float(derivative(implicit_fixed_point(step, iterate))(4.0))  # of the square root
    0.25
    """

    def equations(x: Any, *params: Any, **options: Any) -> Any:
        return x - as_operand(function(x, *params, **options))

    return _implicit(solver, equations, f"implicit_fixed_point({describe_function(function)})")
