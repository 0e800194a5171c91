"""Uncertainty of a function's result, from that of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import InputError, ShapeError
from dualnum.executing import Plan, check_out, derivative_dtype, evaluate, require_single, reshaped
from dualnum.inputs import as_input, describe_function, flatten, is_array_like, unflatten
from dualnum.jacobians import jacfwd, jacobian_at, value_and_jacobian
from dualnum.packing import ACTIVE_TYPES

__all__ = ["Propagated", "propagate"]


# Of correlations.
_ROUNDING = 1e-8


class Propagated(NamedTuple):
    """What `propagate` gives: a pair.

    Attributes
    ----------
    value : array or number
        The value, of the shape of ``f(x)``; to second order the mean.
    covariance : array or number
        Of shape ``value.shape + value.shape``; of one number the variance.
    """

    value: Any
    covariance: Any

    @property
    def std(self) -> Any:
        """Standard deviations, of the shape of the value."""
        n = np.size(self.value)
        return np.sqrt(np.reshape(np.diagonal(np.reshape(self.covariance, (n, n))), np.shape(self.value)))


def propagate(
    f: Callable[[Any], Any], x: Any, covariance: Any, *, order: int = 1, mode: str = "auto",
    executor: Executor | None = None, progress: bool = False, out: np.ndarray | None = None,
) -> Propagated:  # fmt: skip
    """Propagate the covariance of an argument through a function.

    Parameters
    ----------
    f : callable
        Function of one array, or of a tree (dict, tuple, ...) of arrays; it returns a number, an array, or a list of numbers.
    x : array_like, or a tree of them
        The mean of the argument.
    covariance : array_like, or a tree of them
        Its covariance, of shape ``x.shape + x.shape``; or the variances of independent elements, of the shape or the
        structure of `x`. For a tree of n elements in all, the covariance is a matrix of shape (n, n), in the order of the
        leaves (keys of a dict are sorted).
    order : {1, 2}
        With 1, J C J^T: exact for linear functions. With 2 the terms of the second derivatives are added, to mean and
        covariance: exact for quadratic functions of Gaussian arguments.
    mode : {"auto", "forward", "reverse"}
        As in `jacobian`.
    executor, progress
        As in `jacobian`, for the Jacobian and the second derivatives.
    out : ndarray or numpy.memmap, optional
        Where the covariance is written, all of it at the end.

    Returns
    -------
    Propagated
        The pair ``(value, covariance)``, of shapes ``y.shape`` and ``y.shape + y.shape``; ``std`` are standard deviations.

    Raises
    ------
    ShapeError
        The covariance does not fit `x`, or `out` does not fit the result.
    ExecutionError, MissingExtraError
        As `jacobian` does.
    InputError
        The covariance is not symmetric, not finite, or not positive semidefinite; or something is not real.

    Notes
    -----
    With J and H_i the first and second derivatives of f_i at the mean, and C the covariance,

    - mean_i = f_i + tr(H_i C) / 2,
    - covariance_ij = J_i C J_j + tr(H_i C H_j C) / 2

    where the terms with H are those of ``order=2``, for Gaussian arguments, whose fourth moments are known from the second
    (JCGM 100:2008, "Guide to the expression of uncertainty in measurement", 5.1.2 and 5.2.2). Both orders agree where J hardly
    changes within the uncertainty; if they do not, take a Monte Carlo method.

    The result can itself be differentiated, with respect to what `f` has captured, `x` or the covariance.

    Examples
    --------
    The resistance of a current of 2 A at 6 V, each known to 1 %, and independent:

    >>> import numpy as np
    >>> from dualnum import propagate
    >>> resistance, variance = propagate(lambda x: x[1] / x[0], [2.0, 6.0], np.square([0.02, 0.06]))
    >>> print(f"{resistance:.3f} +- {np.sqrt(variance):.3f}")
    3.000 +- 0.042

    The same by name:

    >>> resistance = propagate(lambda q: q["U"] / q["I"], {"U": 6.0, "I": 2.0}, {"U": 0.06**2, "I": 0.02**2})
    >>> print(f"{resistance.value:.3f} +- {resistance.std:.3f}")
    3.000 +- 0.042
    """
    where = f"propagate({describe_function(f)})"
    if order not in (1, 2):
        raise InputError(f"{where}: order={order!r}; it must be 1 or 2.")
    if not is_array_like(x):
        f, x, covariance = _of_vector(f, x, covariance, where)
    x = as_input(x, where)
    covariance = as_input(covariance, where)
    times_covariance = _product(covariance, x, where)
    target: Any = _target(f, x, covariance, Plan(where, None, False, out)) if out is not None else None
    value, J = value_and_jacobian(f, mode=mode, executor=executor, progress=progress)(x)
    if not isinstance(J, (np.ndarray, np.generic)) and J.__class__ not in ACTIVE_TYPES:
        raise InputError(f"{where}: the function must return one array; join several by np.concatenate or np.stack.")
    if np.result_type(primal_all(J)).kind != "f":
        raise InputError(
            f"{where}: the function must return real numbers; take real and imaginary parts as two of them."
        )
    shape, m, n = np.shape(value), np.size(value), x.size
    rows = np.reshape(J, (m, n))
    second: Any = None
    if order == 2:
        jacobian_of_f = partial(jacobian_at, f, 0, {"mode": mode})
        hessians = np.reshape(jacfwd(jacobian_of_f, executor=executor, progress=progress)(x), (m, n, n))
        hessians = times_covariance(hessians)
        value = value + np.reshape(np.trace(hessians, axis1=1, axis2=2), shape) / 2
        second = np.einsum("iab,jba->ij", hessians, hessians) / 2
    if target is not None:
        np.matmul(times_covariance(rows), rows.T, out=target, casting="same_kind")
        if order == 2:
            np.add(target, second, out=target, casting="same_kind")
        return Propagated(value, out)
    found = times_covariance(rows) @ rows.T
    if order == 2:
        found = found + second
    return Propagated(value, np.reshape(found, shape + shape) if shape else found[0, 0])


def _target(f: Callable[[Any], Any], x: Any, covariance: Any, plan: Plan) -> np.ndarray:
    """See `out` as a matrix, if it can take the covariance of the result."""
    plan.refuse_active([x, covariance])
    y = evaluate(lambda still: f(still(x)), False, plan.where)[0]
    plan.refuse_active(y.leaves)
    require_single(y.is_array, plan.where)
    dtype = np.result_type(derivative_dtype(y.leaves[0]), covariance.dtype)
    check_out(plan.out, 2 * np.shape(y.leaves[0]), dtype, plan.where)
    return reshaped(plan.out, 2 * (np.size(y.leaves[0]),), plan.where)


def _of_vector(f: Callable[..., Any], x: Any, covariance: Any, where: str) -> tuple[Callable[..., Any], Any, Any]:
    """Function of all elements of a tree as one vector, that vector, and its covariance."""
    leaves, treedef = flatten(x)
    leaves = [as_input(leaf, where) for leaf in leaves]
    ends = np.cumsum([np.size(leaf) for leaf in leaves])

    # Not a closure, for it may be sent to other processes.
    of_vector = partial(_at_vector, f, treedef, [np.shape(leaf) for leaf in leaves], ends[:-1])
    vector = np.concatenate([np.reshape(leaf, -1) for leaf in leaves])
    if is_array_like(covariance):
        return of_vector, vector, covariance
    variances, structure = flatten(covariance)
    variances = [as_input(variance, where) for variance in variances]
    if structure != treedef or [*map(np.shape, variances)] != [*map(np.shape, leaves)]:
        raise ShapeError(
            f"{where}: variances must have the structure and the shapes of x, or the covariance must be a matrix of shape "
            f"{(len(vector), len(vector))}."
        )
    return of_vector, vector, np.concatenate([np.reshape(variance, -1) for variance in variances])


def _at_vector(f: Callable[[Any], Any], treedef: Any, shapes: list[tuple[int, ...]], ends: Any, vector: Any) -> Any:
    """Call the function of a tree with the elements of a vector."""
    parts = np.split(vector, ends)
    return f(unflatten(treedef, [np.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]))


def _product(covariance: Any, x: Any, where: str) -> Callable[[Any], Any]:
    """Make the product of matrices, along their last axis, with the covariance of a vector."""
    n = x.size
    if covariance.shape not in (x.shape + x.shape, x.shape):
        raise ShapeError(
            f"{where}: the covariance has shape {covariance.shape}; of x of shape {x.shape} it must have shape "
            f"{x.shape + x.shape}, or {x.shape} for the variances of independent elements."
        )
    plain = primal_all(covariance)
    if plain.dtype.kind != "f" or primal_all(x).dtype.kind != "f":
        raise InputError(f"{where}: the argument and its covariance must be real.")
    if not np.all(np.isfinite(plain)):
        raise InputError(f"{where}: the covariance is not finite.")
    if covariance.shape == x.shape:
        if np.any(plain < 0):
            raise InputError(f"{where}: this is no covariance: a variance is negative.")
        return lambda rows: rows * np.reshape(covariance, -1)
    plain = plain.reshape(n, n)
    sizes = np.sqrt(np.abs(np.diagonal(plain)))
    correlations = plain / np.outer(*[np.where(sizes == 0, 1.0, sizes)] * 2)
    rounding = max(_ROUNDING, 16 * float(np.finfo(plain.dtype).eps))
    if not np.all(np.abs(correlations - correlations.T) <= rounding):
        raise InputError(f"{where}: the covariance is not symmetric.")
    least = np.min(np.linalg.eigvalsh(correlations), initial=0.0)
    if least < -rounding * n or np.any(correlations[sizes == 0]):
        raise InputError(
            f"{where}: this is no covariance: the matrix of correlations has the eigenvalue {least:.2g}, so there would be "
            "combinations with a negative variance."
        )
    return lambda rows: rows @ np.reshape(covariance, (n, n))
