"""Second derivatives: Hessians in several modes, parts of them, and products with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial, wraps
from typing import Any

import numpy as np

from dualnum.boundary import Result
from dualnum.columns import blocks, jacobian_of
from dualnum.digests import Same
from dualnum.dispatch import primal_all
from dualnum.errors import InputError, ShapeError
from dualnum.executing import Plan
from dualnum.inputs import as_input, copied, copied_one, describe_function, flatten
from dualnum.jacobians import jacfwd, jacobian, jacobian_at, jacrev
from dualnum.pairs import hessian_by_pairs
from dualnum.pieces import Argument, in_pieces
from dualnum.reverse import check_argnums, grad, hvp, positions_of, vjp
from dualnum.rows import jacobians
from dualnum.runs import Run
from dualnum.transforms import check_real, jvp

__all__ = [
    "HESSIAN_MODES",
    "gauss_newton_product",
    "hessian",
    "hessian_diagonal",
    "laplacian",
    "partial_derivative",
    "second_derivative",
    "vhp",
]

_NESTED = {
    "forward-over-reverse": (jacfwd, jacrev),
    "reverse-over-reverse": (jacrev, jacrev),
    "forward-over-forward": (jacfwd, jacfwd),
}
HESSIAN_MODES = ("hyperdual", *_NESTED)
_MODES = ("auto", *HESSIAN_MODES)

# Up to so many inputs, a tape costs more than what the square of their number in nested directions takes.
_FEW = 12

_FLOAT64 = np.dtype(np.float64)


def hessian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    mode: str = "auto",
    has_aux: bool = False,
    chunk: int | None = None,
    holomorphic: bool = False,
    sparse: bool = False,
    executor: Executor | None = None,
    progress: bool = False,
    out: np.ndarray | None = None,
) -> Callable[..., Any]:
    """Hessian of a function: all its second derivatives.

    Parameters
    ----------
    f : callable
        Function of arrays, numbers, or trees (lists, tuples, dicts, ...) of them. It returns a number, or an array or tree.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to.
    mode : {"auto", "hyperdual", "forward-over-reverse", "reverse-over-reverse", "forward-over-forward"}
        "hyperdual" pushes pairs of directions, of each pair in one order only: about ``n * (n + chunk) / 2`` of them.
        "forward-over-forward" pushes all ``n * n`` of them, in fewer and larger steps, which "auto" takes up to 12 inputs.
        "forward-over-reverse" pushes n directions through the gradient, which is less for more inputs.
    has_aux : bool
        `f` returns a pair ``(result, aux)``; `aux` is handed through.
    chunk : int, optional
        How many directions are pushed together; by default as many as fit a core's cache. It bounds the memory that
        the intermediate results take.
    holomorphic : bool
        Promise that `f` is holomorphic, for complex arguments.
    sparse : bool
        Give the Hessian of a function that returns one number as a `scipy.sparse.csr_array` of shape ``(x.size, x.size)``,
        without zeros: ``jacobian(grad(f), sparse=True)``.
    executor, progress, out
        As in `jacobian`: columns or rows of the Hessian are sent, and of "hyperdual" rows from the diagonal on. `out` is of
        the Hessian of one array with respect to one array.

    Returns
    -------
    callable
        ``hessian(f)(*args, **kwargs)`` has the shape ``y.shape + x.shape + x.shape``. Of a tree it is a tree of trees, and of
        several `argnums` a tuple of tuples: ``H[i][j]`` is the derivative with respect to argument i and then j. With `has_aux`
        the pair ``(H, aux)``.

    Raises
    ------
    InputError
        `mode` is unknown, or an argument is not numeric, or complex without `holomorphic`; or `out` cannot take the Hessian; or
        `sparse` goes with another mode, or with what `jacobian` does not take with it.
    ExecutionError, MissingExtraError, ShapeError
        As `jacobian` does.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    >>> hessian(lambda x: np.sum(np.cos(x[1:] - x[:-1])), sparse=True)(np.zeros(10_000)).nnz
    29998
    """
    where = f"hessian({describe_function(f)})"
    check_argnums(argnums, where)
    if mode not in _MODES:
        raise InputError(f"{where}: mode={mode!r}; it must be one of {', '.join(map(repr, _MODES))}.")
    if sparse:
        if mode not in ("auto", "forward-over-reverse"):
            raise InputError(f"{where}: sparse=True is for mode='forward-over-reverse'; got {mode!r}.")
        return jacobian(
            grad(f, argnums, has_aux=has_aux), argnums, has_aux=has_aux, chunk=chunk, holomorphic=holomorphic, sparse=True,
            executor=executor, progress=progress, out=out,
        )  # fmt: skip
    options: dict[str, Any] = {"has_aux": has_aux, "chunk": chunk, "holomorphic": holomorphic}
    nested: dict[str, Any] = {
        name: outer(inner(f, argnums, **options), argnums, **options) for name, (outer, inner) in _NESTED.items()
    }

    single = not isinstance(argnums, (tuple, list))
    plan = Plan(where, executor, progress, out) if executor is not None or progress or out is not None else None

    @wraps(f, updated=())
    def hessian_of_f(*args: Any, **kwargs: Any) -> Any:
        positions = positions_of(argnums, len(args), where)
        chosen = mode
        if mode == "auto":
            size = sum(np.size(primal_all(leaf)) for position in positions for leaf in flatten(args[position])[0])
            chosen = "forward-over-forward" if size <= _FEW else "forward-over-reverse"
        if chosen == "hyperdual":
            found, aux = hessian_by_pairs(f, args, kwargs, positions, has_aux, chunk, holomorphic, where, plan)
            result = found[0][0] if single else found
        else:
            if plan is not None:
                outer, _, inner = chosen.partition("-over-")
                trees = [Argument(args[position], holomorphic, where) for position in positions]
                # Not a closure, for it is sent to other processes.
                first = partial(jacobian_at, f, argnums, options | {"mode": inner})
                _, aux, found = in_pieces(first, args, kwargs, positions, trees, outer, has_aux, chunk, plan)
                result = found[0] if single else found
            elif chosen == "forward-over-reverse" and single and _is_usual(args[positions[0]]):
                # In short: the other arguments are copied once for each run, and the input is looked at once.
                rows = partial(_rows, f, args, kwargs, positions[0], has_aux, chunk, where)
                _, result, aux = jacobian_of(rows, args[positions[0]].copy("K"), chunk, has_aux, where)
            else:
                result, aux = nested[chosen](*args, **kwargs) if has_aux else (nested[chosen](*args, **kwargs), None)
            if not single:  # the outer Jacobian is a tuple by the argument that comes last
                result = tuple(tuple(result[j][i] for j in range(len(positions))) for i in range(len(positions)))
        return (result, aux) if has_aux else result

    return hessian_of_f


def _is_usual(x: Any) -> bool:
    return x.__class__ is np.ndarray and x.dtype is _FLOAT64


def _rows(
    f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], position: int, has_aux: bool, chunk: int | None,
    where: str, x: Any,
) -> Any:  # fmt: skip
    """Jacobian by reverse mode with respect to one argument, in place of which `x` is given."""
    copies = copied(args, [position])
    copies[position] = x
    others = {name: copied_one(value) for name, value in kwargs.items()}
    run = Run(f, copies, [position], others, where, has_aux)
    (found,) = jacobians(run, chunk)
    return (found, run.aux) if has_aux else found


def second_derivative(f: Callable[..., Any], *, holomorphic: bool = False) -> Callable[..., Any]:
    """Second derivative of a function of one scalar, by hyper-dual numbers.

    Parameters
    ----------
    f : callable
        ``f(x, *args, **kwargs)`` with a scalar `x`; the result may have any shape.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex `x`.

    Returns
    -------
    callable
        ``second_derivative(f)(x, ...)`` has the shape of ``f(x, ...)``.

    Raises
    ------
    ShapeError
        `x` is not a scalar.

    Examples
    --------
    >>> from dualnum import second_derivative
    >>> float(second_derivative(lambda x: x**3)(2.0))
    12.0
    """
    of_pair = hessian(f, mode="hyperdual", holomorphic=holomorphic)

    @wraps(f, updated=())
    def second_derivative_of_f(x: Any, *args: Any, **kwargs: Any) -> Any:
        where = f"second_derivative({describe_function(f)})"
        x = as_input(x, where)
        if x.ndim:
            raise ShapeError(
                f"{where}: x must be a scalar, got shape {x.shape}. Use hessian(f)(x) or hessian_diagonal(f)(x)."
            )
        return of_pair(x, *args, **kwargs)

    return second_derivative_of_f


def hessian_diagonal(f: Callable[[Any], Any], *, chunk: int | None = None) -> Callable[[Any], Any]:
    """Diagonal of the Hessian of a function that returns one real number, without ever holding more than one chunk of it.

    Parameters
    ----------
    f : callable
        Function of one array that returns one real number.
    chunk : int, optional
        How many directions are pushed together through the gradient.

    Returns
    -------
    callable
        ``hessian_diagonal(f)(x)`` has the shape of `x`: the second derivative with respect to each element.

    Raises
    ------
    ShapeError
        The result of `f` is not one number.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import hessian_diagonal
    >>> hessian_diagonal(lambda x: np.sum(x**3))([1.0, 2.0])
    array([ 6., 12.])
    """
    gradient = grad(f)

    @wraps(f, updated=())
    def hessian_diagonal_of_f(x: Any) -> Any:
        where = f"hessian_diagonal({describe_function(f)})"
        x = as_input(x, where)
        check_real(x, False, where)
        if not x.size:
            return gradient(x)
        parts = []
        same = Same(where)
        for start, k in blocks(x, chunk):
            directions = np.zeros((k or 1, x.size), primal_all(x).dtype)
            directions[:, start:][:, : len(directions)] = np.eye(len(directions))
            slope, products = jvp(gradient, (x,), (directions.reshape(-1, *x.shape),))
            if k is not None and k < x.size:
                same.check(Result(slope, where))
            parts.append(products.reshape(len(directions), -1)[:, start:].diagonal())
        return np.concatenate(parts).reshape(x.shape)[()]

    return hessian_diagonal_of_f


def laplacian(f: Callable[[Any], Any], *, chunk: int | None = None) -> Callable[[Any], Any]:
    """Laplacian of a function that returns one real number: the sum of its second derivatives.

    Parameters
    ----------
    f, chunk
        As in `hessian_diagonal`.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import laplacian
    >>> float(laplacian(lambda x: np.sum(x**3))(np.array([1.0, 2.0])))
    18.0
    """
    diagonal = hessian_diagonal(f, chunk=chunk)

    @wraps(f, updated=())
    def laplacian_of_f(x: Any) -> Any:
        return np.sum(diagonal(x))

    return laplacian_of_f


def vhp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """Product of a vector with the Hessian of a function, by reverse mode over reverse mode.

    Parameters
    ----------
    f : callable
        Function of one argument that returns one real number.
    x : array_like or tree
        The point.
    v : array_like or tree
        The vector, of the structure and shapes of `x`; or K vectors along a leading axis.

    Returns
    -------
    The product, of the structure and shapes of `v`. That of `hvp` is the same, for a Hessian is symmetric; `hvp` takes less
    time and memory.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import vhp
    >>> vhp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]), np.array([1.0, 0.0]))
    array([6., 2.])
    """
    return vjp(grad(f), x)[1](v)[0]


def partial_derivative(f: Callable[[Any], Any], x: Any, orders: Any, *, holomorphic: bool = False) -> Any:
    """Mixed partial derivative of given order, by nested dual numbers.

    Parameters
    ----------
    f : callable
        Function of one array, or of a scalar.
    x : array_like
        The point.
    orders : int or array_like of int
        How often to differentiate with respect to each element of `x`, of the shape of `x`.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex `x`.

    Returns
    -------
    The derivative, of the shape of ``f(x)``. The cost doubles with each order.

    Raises
    ------
    ShapeError
        `orders` has another shape than `x`.
    InputError
        An order is not a non-negative integer.

    Examples
    --------
    >>> from dualnum import partial_derivative
    >>> float(partial_derivative(lambda x: x[0] ** 3 * x[2] ** 2, [1.0, 5.0, 2.0], (2, 0, 1)))
    24.0
    """
    where = f"partial_derivative({describe_function(f)})"
    x = as_input(x, where)
    check_real(x, holomorphic, where)
    counts = np.asarray(orders)
    if counts.shape != x.shape:
        raise ShapeError(f"{where}: orders has shape {counts.shape}; it must be {x.shape}, the shape of x.")
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise InputError(f"{where}: orders must be integers, zero or more; got {orders!r}.")
    derivative = f
    for element in np.repeat(np.arange(x.size), counts.reshape(-1)):
        direction = np.zeros(x.shape, primal_all(x).dtype)
        direction.reshape(-1)[element] = 1
        derivative = _along(derivative, direction)
    return Result(derivative(x.copy()), where).map(lambda leaf: leaf)


def _along(f: Callable[[Any], Any], direction: Any) -> Callable[[Any], Any]:
    """Derivative of a function in a direction, as a function."""
    return lambda x: jvp(f, (x,), (direction,))[1]


def gauss_newton_product(f: Callable[..., Any], x: Any, v: Any, *, loss: Callable[[Any], Any] | None = None) -> Any:
    """Product of the Gauss-Newton matrix of a function with a vector, without the matrix.

    Parameters
    ----------
    f : callable
        Function of one array that returns an array, the residuals.
    x : array_like
        The point.
    v : array_like
        The vector, of the shape of `x`; or K vectors along a leading axis.
    loss : callable, optional
        Function of ``f(x)`` that returns one real number; by default half the sum of squares.

    Returns
    -------
    ``J^T H J v``, of the shape of `v`, with the Jacobian J of `f` and the Hessian H of the loss (by default 1). For a convex
    loss the matrix is positive semidefinite; it is the part of the Hessian of ``loss(f(x))`` without second derivatives of `f`.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import gauss_newton_product
    >>> gauss_newton_product(lambda x: np.array([[1.0, 2.0], [0.0, 1.0]]) @ x, np.zeros(2), np.array([1.0, 0.0]))
    array([1., 2.])
    """
    y, y_dot = jvp(f, (x,), (v,))
    curved = y_dot if loss is None else hvp(loss, y, y_dot)
    return vjp(f, x)[1](curved)[0]
