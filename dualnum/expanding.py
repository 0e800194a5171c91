"""Taylor series of functions along lines and curves."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import mul
from typing import Any

import numpy as np

from dualnum.boundary import Result, refuse_left_over
from dualnum.dispatch import ActiveArray, level_of
from dualnum.errors import InputError, ShapeError
from dualnum.explaining import explain
from dualnum.inputs import as_input, describe_function, is_array_like
from dualnum.levels import enter_transform, leave_transform
from dualnum.lifting import lift
from dualnum.taylor_numbers import make_taylor
from dualnum.taylor_series import series_of
from dualnum.trees import tree_flatten, tree_map, tree_unflatten

__all__ = ["nth_derivative", "taylor"]

#: The largest integer whose factorial is a float.
_LARGEST = 170


def taylor(f: Callable[[Any], Any], x: Any, v: Any, order: int) -> Any:
    """Taylor coefficients of ``f(x + t v)`` in t, at t = 0.

    Coefficient k is the k-th derivative in the direction v, divided by k!. All of them come from one run of the function, whose
    cost grows with the square of the order where the functions in it have a recurrence (Griewank & Walther 2008, section
    13.2); by nested derivatives it would double with each order.

    Parameters
    ----------
    f : callable
        Function of one argument: a number, an array or a tree (list, tuple, dict) of arrays.
    x : array_like, or a tree of them
        The point.
    v : array_like, or a tree of them
        The direction, of the shape of `x`. Or, along a leading axis, up to `order` coefficients v1, v2, ... of a curve, for
        the coefficients of ``f(x + t v1 + t**2 v2 + ...)``.
    order : int
        Number of the last coefficient, at least 1.

    Returns
    -------
    ndarray, or a tree of them
        The coefficients, of shape ``(order + 1,) + f(x).shape``, in the structure of the result.

    Raises
    ------
    InputError
        `x`, `v` or the result is not numeric, or the order is not a positive integer.
    ShapeError
        `x` and `v` have different shapes or structures.
    NoRuleError
        A function has no derivative, or its rule does not take series.

    See Also
    --------
    nth_derivative : one derivative, not divided by k!.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import taylor
    >>> taylor(np.exp, 0.0, 2.0, 3)
    array([1.        , 2.        , 2.        , 1.33333333])
    """
    return _expanded(f, x, v, order, f"taylor({describe_function(f)})")


def nth_derivative(f: Callable[[Any], Any], x: Any, n: int, v: Any = None) -> Any:
    """Derivative of order n of a function of one scalar, or of ``f(x + t v)`` in t, at t = 0.

    Parameters
    ----------
    f : callable
        Function of one argument: a number, an array or a tree (list, tuple, dict) of arrays.
    x : array_like, or a tree of them
        The point.
    n : int
        The order, from 1 to 170: beyond, n! is no float, and coefficients may have underflowed.
    v : array_like, or a tree of them, optional
        The direction, of the shape of `x`; 1 by default, for a scalar `x`.

    Returns
    -------
    ndarray, or a tree of them
        The derivative, of the shape of ``f(x)``.

    Raises
    ------
    ShapeError
        `x` is no scalar, and there is no direction; or the two have different shapes or structures.
    InputError, NoRuleError
        As in `taylor`, whose coefficient n this is, times n!.

    Examples
    --------
    >>> from dualnum import nth_derivative
    >>> float(nth_derivative(lambda x: x**5, 2.0, 3))
    240.0

    The third derivative of a log-likelihood in a direction:

    >>> import numpy as np
    >>> float(nth_derivative(lambda p: np.sum(np.log(p)), np.array([1.0, 2.0]), 3, v=np.array([1.0, 2.0])))
    4.0
    """
    where = f"nth_derivative({describe_function(f)})"
    if v is None:
        if not is_array_like(x) or np.ndim(x):
            raise ShapeError(f"{where}: x must be a scalar unless a direction v of its shape is given.")
        v = 1.0
    if n > _LARGEST:
        raise InputError(
            f"{where}: the order is {n}, and n! is a float up to {_LARGEST}. Take the coefficient, taylor(f, x, v, n)[n]."
        )
    coefficients = _expanded(f, x, v, n, where)
    # Factor by factor, for n! leaves the range of float32 long before the derivative does.
    return tree_map(lambda c: reduce(mul, range(2, n + 1), c[n]), coefficients, is_leaf=is_array_like)


def _expanded(f: Callable[[Any], Any], x: Any, v: Any, order: int, where: str) -> Any:
    if isinstance(order, (bool, np.bool_)) or not isinstance(order, (int, np.integer)) or order < 1:
        raise InputError(f"{where}: the order must be an integer of at least 1; got {order!r}.")
    order = int(order)
    points, treedef = tree_flatten(x, is_leaf=is_array_like)
    directions, tree_of_directions = tree_flatten(v, is_leaf=is_array_like)
    if treedef != tree_of_directions:
        raise ShapeError(f"{where}: x has the structure {treedef}, the direction {tree_of_directions}.")
    parts = [
        _curve(as_input(p, where), as_input(d, where), order, where) for p, d in zip(points, directions, strict=True)
    ]
    level, token = enter_transform()
    try:
        moving = [make_taylor(value, higher, level, order) for value, higher in parts]
        result = Result(f(tree_unflatten(treedef, moving)), where)
    except Exception as error:
        explain(error)
        raise
    finally:
        leave_transform(token)
    return result.map(lambda y: _coefficients(y, level, order, where))


def _curve(x: Any, v: Any, order: int, where: str) -> tuple[Any, Any]:
    """A point, and the coefficients but the first of a curve through it."""
    if v.shape == x.shape:
        v = v[None] if v.ndim else np.reshape(v, 1)
    if v.shape[1:] != x.shape or not 1 <= len(v) <= order:
        raise ShapeError(
            f"{where}: the direction has shape {v.shape}, the point {x.shape}; they must be the same, or the direction has up "
            f"to {order} coefficients along a leading axis."
        )
    if v.dtype.kind == "c" and x.dtype.kind != "c":
        raise InputError(f"{where}: a complex direction needs a complex point; use x + 0j.")
    v = v.astype(x.dtype)
    higher = np.zeros((order, *x.shape), x.dtype)
    for outer in (x, v):
        if level_of(outer) > level_of(higher):
            higher = lift(higher, outer)
    higher[: len(v)] = v
    return x, higher


def _coefficients(y: Any, level: int, order: int, where: str) -> Any:
    """All coefficients of a result; of what does not depend on t, zeros but for the first."""
    if isinstance(y, ActiveArray) and y._level > level:
        raise InputError(
            f"{where}: the function returned a number of a derivative that is taken inside it; return its parts."
        )
    if level_of(y) == level:
        refuse_left_over(y._value, y._tangent)
        return series_of(y._value, y._tangent, y.ndim)
    refuse_left_over(y)
    y = y if isinstance(y, ActiveArray) else np.asarray(y)
    if y.dtype.kind not in "fc":
        y = y.astype(float)
    return series_of(y, np.zeros((order, *y.shape), y.dtype), y.ndim)
