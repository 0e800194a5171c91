"""Functions that are to be minimised, with their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from dualnum.errors import InputError, ShapeError
from dualnum.hessians import hessian
from dualnum.inputs import describe_function
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.reverse import grad, vjp
from dualnum.solvers.shared import Shared
from dualnum.transforms import with_others

__all__ = ["Objective", "objective"]


def _of_one_number(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function whose number may come in an array, as SciPy takes it, one that returns the number."""

    @wraps(f, updated=())
    def number_of_f(*args: Any, **kwargs: Any) -> Any:
        y = f(*args, **kwargs)
        if y.__class__ is list or y.__class__ is tuple:
            y = as_operand(y)
        if y.__class__ not in ACTIVE_TYPES and not isinstance(y, (np.ndarray, np.generic)):
            return y
        if y.size != 1:
            raise ShapeError(
                f"objective({describe_function(f)}): the function must return one number, but returned shape {y.shape}. For "
                "least_squares, equations and constraints use residuals."
            )
        if y.dtype.kind == "c":
            raise InputError(
                f"objective({describe_function(f)}): the function returned a complex number, which has no minimum."
            )
        return y.reshape(()) if y.ndim else y

    return number_of_f


class Objective(Shared):
    """A function of one vector that returns one number, its gradient and its Hessian; made by `objective`."""

    def __init__(self, f: Callable[..., Any], hess: bool, hessp: bool) -> None:
        self._options = f, hess, hessp
        super().__init__(f, _of_one_number(f), 0, ("fun", "jac", *["hess"] * hess, *["hessp"] * hessp))

    def __reduce__(self) -> Any:
        return type(self), self._options

    def hess(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Hessian, of shape ``x.shape + x.shape``."""
        return hessian(self._function)(*self._arguments((x, *args)), **kwargs)

    def hessp(self, x: Any, p: Any, *args: Any, **kwargs: Any) -> Any:
        """Product of the Hessian with a vector `p`; at one `x`, the function runs once for all of them."""
        key, arguments, _ = self._point((x, *args), kwargs)

        def pullback_of_gradient() -> Callable[..., Any]:
            gradient = with_others(grad(self._function), arguments, 0, kwargs)
            return vjp(gradient, arguments[0])[1]

        # The Hessian is symmetric, so that pulling back is multiplying by it.
        return self._once("hessp", key, pullback_of_gradient)(p)[0]


def objective(f: Callable[..., Any], *, hess: bool = False, hessp: bool = False) -> Objective:
    """Give a function that is to be minimised the derivatives that SciPy's solvers ask for.

    Parameters
    ----------
    f : callable
        ``f(x, *args, **kwargs)`` returns one number for a vector `x` of shape (n,).
    hess, hessp : bool
        What ``**`` hands over beside ``fun`` and ``jac``, for the methods of `minimize` that take it.

    Returns
    -------
    Objective
        A function that is called like `f`, with

        - ``fun``: itself;
        - ``jac(x, *args, **kwargs)``: the gradient, of shape (n,);
        - ``hess(x, *args, **kwargs)``: the Hessian, of shape (n, n);
        - ``hessp(x, p, *args, **kwargs)``: its product with a vector `p`, of shape (n,).

        ``**objective(f)`` stands for ``fun=..., jac=...``.

    Raises
    ------
    ShapeError
        `f` returned more than one number.
    InputError
        `f` returned a complex number.

    Notes
    -----
    ``fun`` and ``jac`` at the same point take one run of `f`. While a solver mostly calls ``fun`` alone, as for steps that it
    rejects, ``jac`` is left for when it is asked for. All products ``hessp`` at a point share one run. The point and further
    arguments are compared by value; what is no number, array, string or function, or a list, tuple or dict of them, counts as
    changed. Each thread remembers a point of its own. The results belong to the caller.

    Errors that `f` raises reach the caller of the solver, as with `f` itself, and nan is handed on.

    Examples
    --------
    >>> from scipy.optimize import minimize
    >>> from dualnum import objective
    >>> def valley(x):
    ...     return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> minimize(**objective(valley), x0=[-1.2, 1.0], method="BFGS").x.round(6)
    array([1., 1.])
    >>> minimize(**objective(valley, hess=True), x0=[-1.2, 1.0], method="trust-exact").x.round(6)
    array([1., 1.])
    """
    return Objective(f, hess, hessp)
