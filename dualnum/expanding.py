"""Taylor series of functions along a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.boundary import Result
from dualnum.dispatch import ActiveArray, level_of
from dualnum.errors import InputError, ShapeError
from dualnum.explaining import explain
from dualnum.inputs import as_input
from dualnum.levels import enter_transform, leave_transform
from dualnum.lifting import lift
from dualnum.taylor_numbers import make_taylor
from dualnum.taylor_series import series_of

__all__ = ["taylor"]


def taylor(f: Callable[[Any], Any], x: Any, v: Any, order: int) -> Any:
    """Taylor coefficients of ``f(x + t v)`` in t, at t = 0.

    Coefficient k is the k-th derivative in the direction v, divided by k!. For a function that computes with the functions
    of `dualnum.taylor_series`, the cost grows with the square of the order; by nested derivatives it would double with each.

    Parameters
    ----------
    f : callable
        Function of one array, or one number.
    x : array_like
        The point.
    v : array_like
        The direction, of the shape of `x`.
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
        `x` and `v` have different shapes.
    NoRuleError
        A function has no derivative, or its rule does not take series.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import taylor
    >>> taylor(np.exp, 0.0, 2.0, 3)
    array([1.        , 2.        , 2.        , 1.33333333])
    """
    if isinstance(order, (bool, np.bool_)) or not isinstance(order, (int, np.integer)) or order < 1:
        raise InputError(f"taylor: the order must be an integer of at least 1; got {order!r}.")
    order = int(order)
    x, v = as_input(x, "taylor"), as_input(v, "taylor")
    if x.shape != v.shape:
        raise ShapeError(f"taylor: the direction has shape {v.shape}, the point {x.shape}; they must be the same.")
    if v.dtype.kind == "c" and x.dtype.kind != "c":
        raise InputError("taylor: a complex direction needs a complex point; use x + 0j.")
    v = v.astype(x.dtype)
    higher = np.zeros((order, *x.shape), x.dtype)
    for outer in (x, v):
        if level_of(outer) > level_of(higher):
            higher = lift(higher, outer)
    higher[0] = v
    level, token = enter_transform()
    try:
        result = Result(f(make_taylor(x, higher, level, order)), "taylor")
    except Exception as error:
        explain(error)
        raise
    finally:
        leave_transform(token)
    return result.map(lambda y: _coefficients(y, level, order))


def _coefficients(y: Any, level: int, order: int) -> Any:
    """All coefficients of a result; of what does not depend on t, zeros but for the first."""
    if isinstance(y, ActiveArray) and y._level > level:
        raise InputError(
            "taylor: the function returned a number of a derivative that is taken inside it; return its parts."
        )
    if level_of(y) == level:
        return series_of(y._value, y._tangent, y.ndim)
    y = y if isinstance(y, ActiveArray) else np.asarray(y)
    if y.dtype.kind not in "fc":
        y = y.astype(float)
    return series_of(y, np.zeros((order, *y.shape), y.dtype), y.ndim)
