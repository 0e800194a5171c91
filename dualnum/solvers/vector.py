"""Residuals, equations, models and right-hand sides, with their Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import EllipsisType
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, lgmres

from dualnum.errors import InputError
from dualnum.hessians import hessian
from dualnum.packing import as_operand
from dualnum.reverse import positions_of, vjp
from dualnum.solvers.shared import Shared
from dualnum.transforms import with_others

__all__ = ["Residuals", "residuals"]


def _of_vector(f: Callable[..., Any], positions: Callable[[int], tuple[int, ...]]) -> Callable[..., Any]:
    """Make a function of several numbers one of the vector of them, followed by all arguments."""

    @wraps(f, updated=())
    def f_of_vector(vector: Any, *args: Any, **kwargs: Any) -> Any:
        everything = list(args)
        for position, x in zip(positions(len(args)), vector, strict=True):
            everything[position] = x
        return f(*everything, **kwargs)

    return f_of_vector


class Residuals(Shared):
    """A function that returns an array, and its Jacobian; made by `residuals`."""

    def __init__(self, f: Callable[..., Any], argnums: Any, hess: bool, options: dict[str, Any]) -> None:
        self._options = f, argnums, hess, options
        self._argnums = argnums
        self._gathers = isinstance(argnums, (tuple, list))
        function, position = (_of_vector(f, self._positions), 0) if self._gathers else (f, argnums)
        super().__init__(f, function, position, ("fun", "jac", *["hess"] * hess), **options)

    def __reduce__(self) -> Any:
        return type(self), self._options

    def _positions(self, count: int) -> tuple[int, ...]:
        """Positions of the numbers that are the elements of the vector."""
        argnums = tuple(self._argnums)
        if argnums[-1:] == (...,):
            first = argnums[-2] + 1 if len(argnums) > 1 else 0
            argnums = (*argnums[:-1], *range(first, count))
        return positions_of(argnums, count, self._where)

    def _arguments(self, args: tuple[Any, ...]) -> list[Any]:
        if self._gathers:
            args = [args[position] for position in self._positions(len(args))], *args
        return super()._arguments(args)

    def hess(self, x: Any, v: Any, *args: Any, **kwargs: Any) -> Any:
        """Hessian of the sum of ``v * f(x)``, of shape ``x.shape + x.shape``, as `NonlinearConstraint` wants it."""
        if self._argnums != 0:
            raise InputError(
                f"{self._where}: a Hessian is with respect to the first argument; reorder them: residuals(lambda x, ...: ...)."
            )

        def weighted(x: Any, v: Any, *args: Any, **kwargs: Any) -> Any:
            return np.sum(np.multiply(as_operand(self._f(x, *args, **kwargs)), v))

        return hessian(weighted)(x, np.asarray(v), *args, **kwargs)

    def krylov(self, A: Any, b: Any, *, rtol: float = 1e-5, maxiter: int = 20, M: Any = None) -> tuple[Any, int]:
        """Solve for a Newton step with exact products, as `newton_krylov` does with ``method=residuals(f).krylov``.

        Parameters
        ----------
        A
            Not used: SciPy's operator, which takes differences.
        b : ndarray, shape (n,)
            The residuals where the function was last called.
        rtol, maxiter, M
            As for `scipy.sparse.linalg.lgmres`, with one cycle of at least 30 iterations.

        Returns
        -------
        step : ndarray, shape (n,)
        info : int
            That of `lgmres`, which `newton_krylov` does not look at.

        Raises
        ------
        InputError
            `b` is not the value of the function where it was last called.
        """
        y = None
        if self._memo.call:
            _, arguments, others = self._point(*self._memo.call)
            x = arguments[self._position]
            y, pullback = vjp(with_others(self._function, arguments, self._position, others), x)
        if y is None or not np.array_equal(np.ravel(y), b, equal_nan=True):
            raise InputError(
                f"{self._where}: krylov needs the value of the function where it was last called. Give the solver the same "
                "object for both: r = residuals(f); newton_krylov(r, x0, method=r.krylov)."
            )
        # The pullback is linear, and its own pullback is the pushforward: the function need not run for each product.
        push = vjp(lambda y_bar: pullback(y_bar)[0], np.ones_like(y))[1]
        jacobian = LinearOperator(
            (b.size, b.size), dtype=b.dtype, matvec=lambda v: np.ravel(push(np.reshape(v, x.shape))[0])
        )
        return lgmres(jacobian, b, rtol=rtol, atol=0.0, maxiter=1, inner_m=max(30, maxiter), M=M)


def residuals(
    f: Callable[..., Any],
    argnums: int | tuple[int | EllipsisType, ...] = 0,
    *,
    hess: bool = False,
    mode: str = "auto",
    chunk: int | None = None,
    holomorphic: bool = False,
    sparse: bool = False,
) -> Residuals:
    """Give residuals, equations, constraints, models or right-hand sides the Jacobian that SciPy's solvers ask for.

    Parameters
    ----------
    f : callable
        ``f(*args, **kwargs)`` returns an array of shape (m,), or a list of numbers.
    argnums : int or tuple
        Which argument is the vector: 0 for `least_squares`, `root` and constraints, 1 for ``f(t, y)`` of `solve_ivp`. With a
        tuple, the arguments are numbers and each has a column of the Jacobian; ``(1, ...)`` are all from number 1 on, which is
        what `curve_fit` calls for.
    hess : bool
        Whether ``**`` hands over ``hess`` beside ``fun`` and ``jac``.
    mode, chunk, holomorphic, sparse
        As in `jacobian`. Radau, BDF, `least_squares` (but for "lm") and constraints take sparse Jacobians.

    Returns
    -------
    Residuals
        A function that is called like `f`, with

        - ``fun``: itself, or with ``argnums=1`` and the like `f`, which is faster where few Jacobians are wanted;
        - ``jac(*args, **kwargs)``: the Jacobian, of shape (m, n);
        - ``hess(x, v, *args, **kwargs)``: the Hessian of the sum of ``v * f(x)``, of shape (n, n), for `NonlinearConstraint`;
        - ``krylov``: a ``method`` for `newton_krylov`.

        ``**residuals(f)`` stands for ``fun=..., jac=...``.

    Raises
    ------
    InputError
        `f` does not return one array.

    Notes
    -----
    Runs of `f` are shared as those of `objective` are.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.integrate import solve_ivp
    >>> from scipy.optimize import curve_fit, least_squares
    >>> from dualnum import residuals
    >>> least_squares(**residuals(lambda x: [10 * (x[1] - x[0] ** 2), 1 - x[0]]), x0=[-1.2, 1.0]).x.round(9)
    array([1., 1.])
    >>> t = np.linspace(0.0, 4.0, 9)
    >>> def decay(t, height, rate):
    ...     return height * np.exp(-rate * t)
    >>> curve_fit(decay, t, decay(t, 2.0, 0.5), jac=residuals(decay, (1, ...)).jac)[0].round(6)
    array([2. , 0.5])
    >>> stiff = residuals(lambda t, y: -1e4 * (y - np.cos(t)), argnums=1)
    >>> solve_ivp(**stiff, t_span=(0, 1), y0=[0.0], method="Radau", rtol=1e-6).y[:, -1].round(4)
    array([0.5404])
    """
    return Residuals(f, argnums, hess, {"mode": mode, "chunk": chunk, "holomorphic": holomorphic, "sparse": sparse})
