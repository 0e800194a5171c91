"""Derivatives of functions by forward mode: jvp, linearize, derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from dualnum.boundary import Result, primal_at, tangent_at
from dualnum.digests import digest, refuse_changed
from dualnum.dispatch import ActiveArray, level_of, primal_all
from dualnum.dual_array import make_dual
from dualnum.errors import InputError, ShapeError
from dualnum.explaining import explain
from dualnum.inputs import as_input, copied, copied_one, count_directions, describe_function, is_array_like
from dualnum.levels import enter_transform, leave_transform
from dualnum.lifting import lift
from dualnum.memory import LARGE, settle_allocator
from dualnum.packing import ACTIVE_TYPES
from dualnum.tangents import match_kind, match_layout
from dualnum.trees import tree_flatten, tree_unflatten

__all__ = [
    "check_real",
    "derivative",
    "jvp",
    "linearize",
    "primal",
    "push_list",
    "with_others",
]


_FLOAT64 = np.dtype(np.float64)


def primal(x: Any) -> Any:
    """Take one level of derivatives off a value.

    Parameters
    ----------
    x : Dual, Variable or anything else
        What is not active is returned as it is.

    Returns
    -------
    The value of `x`, active itself if `x` is nested; that of a `Variable` is for reading only.

    Examples
    --------
    >>> from dualnum import Dual, primal
    >>> float(primal(Dual(3.0, 1.0)))
    3.0
    """
    return x.value if isinstance(x, ActiveArray) else x


def _flatten(trees: Any) -> tuple[list[Any], Any]:
    """Leaves of several trees; a tuple of scalar arguments is not itself an array, as a tuple in an argument is."""
    return tree_flatten(trees, is_leaf=lambda node: node is not trees and is_array_like(node))


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, float, ActiveArray))


def _push(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], where: str) -> tuple[Any, Any]:
    """Value and tangent of ``f(*primals)``; all arguments are trees of arrays."""
    return push_list(lambda args: f(*args), primals, tangents, where)


def _is_usual(x: Any, x_dot: Any) -> bool:
    """Whether an argument and its tangent are plain arrays of float64 of one shape."""
    return (
        x.__class__ is x_dot.__class__ is np.ndarray and x.dtype is x_dot.dtype is _FLOAT64 and x.shape == x_dot.shape
    )


def _arguments(
    primals: Sequence[Any], tangents: Sequence[Any], where: str
) -> tuple[list[Any], list[Any], int | None, Any]:
    """Copies of the leaves of arguments and of their tangents; number of directions; structure, None for plain arrays."""
    leaves, tangent_leaves = list(primals), list(tangents)
    treedef: Any = None
    tangent_treedef: Any = None
    if not all(map(_is_array, leaves)) or not all(map(_is_array, tangent_leaves)):
        leaves, treedef = _flatten(tuple(primals))
        tangent_leaves, tangent_treedef = _flatten(tuple(tangents))
    if len(leaves) != len(tangent_leaves) or treedef != tangent_treedef:
        raise ShapeError(
            f"{where}: primals and tangents must have the same structure; got {treedef} and {tangent_treedef}."
            if treedef
            else f"{where}: got {len(leaves)} primals and {len(tangent_leaves)} tangents; there must be as many."
        )
    xs = [as_input(leaf, where) for leaf in leaves]
    x_dots = [as_input(leaf, where) for leaf in tangent_leaves]
    ks = {count_directions(x, x_dot, where) for x, x_dot in zip(xs, x_dots, strict=True)}
    if len(ks) > 1:
        raise ShapeError(f"{where}: all tangents must have the same number of directions; got {ks}.")
    for i, (x, x_dot) in enumerate(zip(xs, x_dots, strict=True)):
        if x_dot.dtype.kind == "c" and x.dtype.kind != "c":
            raise InputError(f"{where}: a complex tangent needs a complex primal; use x + 0j.")
        if x_dot.dtype != x.dtype:
            x_dots[i] = x_dot.astype(x.dtype)
        if x.ndim > 1:
            x_dots[i] = match_layout(x, x_dots[i])
        elif not x.ndim:
            x_dots[i] = match_kind(x, x_dots[i])
        if level_of(x) > level_of(x_dot):
            x_dots[i] = lift(x_dots[i], x)
    return xs, x_dots, ks.pop() if ks else None, treedef


def push_list(
    f: Callable[[list[Any]], Any], primals: Sequence[Any], tangents: Sequence[Any], where: str
) -> tuple[Any, Any]:
    """Value and tangent of a function of the list of its arguments, which nobody else holds: it may take them out."""
    k = treedef = None
    if len(primals) == len(tangents) and all(map(_is_usual, primals, tangents)):
        xs, x_dots = [x.copy("K") for x in primals], [x_dot.copy("K") for x_dot in tangents]  # in short
        if any([x.ndim > 1 for x in xs]):
            x_dots = [match_layout(x, x_dot) for x, x_dot in zip(xs, x_dots, strict=True)]
    else:
        xs, x_dots, k, treedef = _arguments(primals, tangents, where)
    for x_dot in x_dots:
        if x_dot.size > LARGE:
            settle_allocator()
    level, token = enter_transform()
    try:
        args = [make_dual(x, x_dot, level, k) for x, x_dot in zip(xs, x_dots, strict=True)]
        # What is the Dual's alone can be exchanged for an array that holds outer derivatives.
        del xs, x_dots
        x_dot = None
        if treedef is not None:
            args = list(tree_unflatten(treedef, args))
        y = f(args)
        if y.__class__ in ACTIVE_TYPES and y._level == level:
            return y._value, tangent_at(y, level, k)  # the usual case, in short
        result = Result(y, where)
    except Exception as error:
        explain(error)
        raise
    finally:
        leave_transform(token)
    return result.map(lambda y: primal_at(y, level)), result.map(lambda y: tangent_at(y, level, k))


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Value and Jacobian-vector product: push tangents forward through a function.

    Parameters
    ----------
    f : callable
        Function of ``len(primals)`` arguments.
    primals : tuple or list
        The arguments: numbers, arrays of any shape, or trees (lists, tuples, dicts) of arrays.
    tangents : tuple or list
        One direction for each, of the same structure and shapes; or K directions along a new leading axis.

    Returns
    -------
    y
        ``f(*primals)``.
    y_dot
        The Jacobian times the direction, of the shape of `y`; with K directions ``(K,) + y.shape``.

    Raises
    ------
    ShapeError
        Structure or shapes of primals and tangents differ.
    InputError
        An argument or result is not numeric.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import jvp
    >>> y, y_dot = jvp(lambda x: x**2, (np.array([1.0, 2.0]),), (np.array([1.0, 0.5]),))
    >>> y_dot
    array([2., 2.])
    """
    where = f"jvp({describe_function(f)})"
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise InputError(
            f"{where}: primals and tangents must be tuples or lists, one entry per argument of the function."
        )
    return _push(f, primals, tangents, where)


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """Value of a function and the linear map of tangents at that point.

    Parameters
    ----------
    f : callable
        Function of ``len(primals)`` arguments.
    *primals
        The arguments, as in `jvp`. They are copied: later changes of the caller's arrays have no effect.

    Returns
    -------
    y
        ``f(*primals)``.
    push : callable
        ``push(*tangents)`` is the Jacobian at `primals` times the tangents. Each call runs `f` once, for all directions
        that are given along a leading axis, and raises `InputError` if that gives another value than before: a loop variable
        or an array that `f` has captured has changed.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import linearize
    >>> y, push = linearize(np.sin, 0.0)
    >>> float(push(2.0))
    2.0
    """
    where = f"linearize({describe_function(f)})"
    leaves, treedef = _flatten(primals)
    leaves = [as_input(leaf, where) for leaf in leaves]
    frozen = tree_unflatten(treedef, leaves)
    # No plain run: what `f` keeps of one, and finds again for the same point, would be a constant in `push`.
    still = tree_unflatten(treedef, [np.zeros_like(primal_all(leaf)) for leaf in leaves])
    result = Result(_push(f, tuple(frozen), tuple(still), where)[0], where)
    before = digest(result.leaves)

    def push(*tangents: Any) -> Any:
        again, y_dot = _push(f, tuple(frozen), tangents, where)
        refuse_changed(before, result.flatten_like(again, where), where)
        return y_dot

    return result.map(lambda leaf: leaf), push


def derivative(f: Callable[..., Any], *, holomorphic: bool = False) -> Callable[..., Any]:
    """Derivative of a function of one scalar.

    Parameters
    ----------
    f : callable
        ``f(x, *args, **kwargs)`` with a scalar `x`; the result may have any shape.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex `x`.

    Returns
    -------
    callable
        ``derivative(f)(x, ...)`` has the shape of ``f(x, ...)``.

    Raises
    ------
    ShapeError
        `x` is not a scalar.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import derivative
    >>> float(derivative(derivative(np.exp))(0.0))
    1.0
    """

    @wraps(f, updated=())
    def derivative_of_f(x: Any, *args: Any, **kwargs: Any) -> Any:
        where = f"derivative({describe_function(f)})"
        x = as_input(x, where)
        if x.ndim:
            raise ShapeError(
                f"{where}: x must be a scalar, got shape {x.shape}. Use jacobian(f)(x); or, if f acts on each element by "
                "itself, jvp(f, (x,), (np.ones_like(x),))[1]."
            )
        check_real(x, holomorphic, where)
        of_one = with_others(f, (x, *args), 0, kwargs)
        return _push(of_one, (x,), (np.ones((), x.dtype)[()],), where)[1]

    return derivative_of_f


def with_others(
    f: Callable[..., Any], args: Sequence[Any], position: int, kwargs: dict[str, Any]
) -> Callable[[Any], Any]:
    """Make `f` a function of one argument."""

    def of_one(x: Any) -> Any:
        copies = copied(args, [position])
        copies[position] = x
        return f(*copies, **{name: copied_one(value) for name, value in kwargs.items()})

    return of_one


def check_real(x: Any, holomorphic: bool, where: str) -> None:
    """Raise if `x` is complex, unless the function is promised to be holomorphic."""
    if x.dtype.kind == "c" and not holomorphic:
        raise InputError(
            f"{where}: the input is complex, and a complex Jacobian only exists for holomorphic functions. Say "
            "holomorphic=True if yours is one; else differentiate with respect to the real and imaginary parts, or use jvp."
        )
