"""The derivatives of a root, whoever has found it.

Let x be a root of F(x, p), and J the Jacobian of F in x there. The chord iteration ``x <- x - solve(J, F(x, p))`` with the
constant matrix J begins at the root itself, so that it moves nothing but derivatives: each step makes those of one order more
exact, for what it leaves of an error is multiplied by the difference of J and the true Jacobian, which is made of derivatives
alone. With n nested levels a product of n + 1 derivatives is zero, and n steps are exact (Taylor series count by their order).
This is the implicit function theorem (dx = -solve(J, dF/dp dp)), at all orders and in any mode: the steps are NumPy functions.
J is never differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import ConvergenceError, InputError, ShapeError
from dualnum.implicit.watching import call_with_room
from dualnum.jacobians import value_and_jacobian
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.taylor_numbers import Taylor

__all__ = ["degree_of", "root_of"]

# Newton's steps from what a solver has found; they double the digits.
_STEPS = 8

# How far it may be from the root, relative to the root or to 1.
_FAR = 1e-3


def degree_of(x: Any) -> int:
    """Greatest number of factors in a product of derivatives that may not be zero: one for each level, of series the order."""
    orders: dict[int, int] = {}
    _collect(x, orders)
    return sum(orders.values())


def _collect(x: Any, orders: dict[int, int]) -> None:
    if x.__class__ in ACTIVE_TYPES:
        orders[x._level] = x._k if isinstance(x, Taylor) else 1
        for part in x._parts():
            _collect(part, orders)


def root_of(residual: Callable[[Any], Any], x: Any, where: str) -> Any:
    """Give a root the derivatives of all that the residual depends on.

    Parameters
    ----------
    residual : callable
        Function of `x` alone, with as many elements; it has captured what it depends on.
    x : array or float
        What a solver has found, plain.
    where : str
        For messages.

    Returns
    -------
    `x` itself where the residual depends on nothing active; else a number of the same value that carries derivatives.

    Raises
    ------
    ConvergenceError
        There is no root near `x`, or only one at which the Jacobian is singular or jumps.
    ShapeError
        The residual has not as many elements as `x`.
    InputError
        `x` or the residual is complex, or not numeric.
    """
    start = np.asarray(x)
    if start.dtype.kind not in "biuf":
        raise InputError(
            f"{where}: the solver must give a number or an array, got {type(x).__name__} of dtype {start.dtype}. Of complex "
            "numbers, take real and imaginary parts; of several arrays, make one by np.concatenate."
        )
    shape = start.shape
    start = start.reshape(-1).astype(np.result_type(start.dtype, np.float16), copy=True)

    def function(point: Any) -> Any:
        r = as_operand(call_with_room(residual, point.reshape(shape) if shape else point[0]))
        if np.size(r) != start.size:
            raise ShapeError(
                f"{where}: the residual has shape {np.shape(r)}, and x has shape {shape}; there must be as many equations as "
                "unknowns."
            )
        if np.result_type(primal_all(r)).kind not in "biuf":
            raise InputError(
                f"{where}: the equations must give real numbers, got dtype {np.result_type(primal_all(r))}; of "
                "complex ones, real and imaginary parts."
            )
        return np.reshape(r, -1)

    depth = degree_of(function(start.copy()))
    if not depth or not start.size:
        return x
    root, jacobian = _polished(function, start, where)
    shift: Any = np.zeros_like(root)
    for _ in range(depth):
        r = function(root + shift)
        shift = shift - np.linalg.solve(jacobian, r - primal_all(r))
    return start.reshape(shape) + shift.reshape(shape) if shape else start[0] + shift[0]


def _polished(function: Callable[[Any], Any], start: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Root near a point, and the Jacobian there: by Newton's steps, until these no longer change the Jacobian.

    Its changes say in one number, which knows no units, whether there is a root near, whether the Jacobian is regular, and how
    well the derivatives are determined.
    """
    linearise = value_and_jacobian(function, mode="forward")
    noise = float(np.finfo(start.dtype).eps)
    root, change = start, np.inf
    r, jacobian = map(primal_all, linearise(root))
    for _ in range(_STEPS):
        root = root - _solved(jacobian, r, where)
        size = np.maximum(np.abs(root), np.sqrt(noise) * np.max(np.abs(root)))
        size[size == 0] = 1.0
        before = jacobian
        r, jacobian = map(primal_all, linearise(root))
        change = np.max(np.abs(_solved(jacobian, before - jacobian, where) * size / size[:, None]))
        if not change > 1e4 * noise:
            break
    _require_regular(jacobian * size, where)
    step = np.max(np.abs(_solved(jacobian, r, where)) / size)
    if not (change <= 64 * np.sqrt(noise) and step <= _FAR):
        raise ConvergenceError(
            f"{where}: near what the solver has found, {_shown(start)}, Newton's iteration does not settle: the solver has not "
            "converged, the root is a multiple one, or the function has a kink there. Its derivatives are not known. Ask the "
            "solver for more accuracy, and look whether the Jacobian is regular at the root."
        )
    distance = np.max(np.abs(root - start))
    if not distance <= _FAR * max(1.0, np.max(np.abs(root))):
        raise ConvergenceError(
            f"{where}: what the solver has found, {_shown(start)}, is {distance:.2g} away from the root {_shown(root)}. Let "
            "the solver converge: give it a smaller tolerance or more iterations, and look at what it says of its success."
        )
    return root, jacobian


def _solved(jacobian: np.ndarray, r: np.ndarray, where: str) -> np.ndarray:
    try:
        return np.linalg.solve(jacobian, r)
    except np.linalg.LinAlgError:
        raise _singular(where) from None


def _require_regular(jacobian: np.ndarray, where: str) -> None:
    """Raise if rows are dependent to round-off, whatever their units."""
    rows = np.max(np.abs(jacobian), axis=1, keepdims=True)
    if not np.all(rows > 0) or not np.all(np.isfinite(rows)):
        raise _singular(where)
    condition = np.linalg.cond(jacobian / rows, 1)
    if not condition * len(jacobian) * 4 * np.finfo(jacobian.dtype).eps < 1:
        raise _singular(where)


def _singular(where: str) -> ConvergenceError:
    return ConvergenceError(
        f"{where}: the Jacobian of the equations is singular at the solution (or not finite), so that its derivatives do not "
        "exist: the root is a multiple one or not isolated, or one of the equations follows from the others."
    )


def _shown(x: np.ndarray) -> str:
    return np.array2string(x, precision=6, threshold=6)
