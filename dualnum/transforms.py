"""Derivatives of functions by forward mode: jvp, linearize, derivative, jacobian and its columns."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial, wraps
from typing import Any

import numpy as np
import optree

from dualnum.dispatch import ActiveArray, level_of, primal_all
from dualnum.dual_array import lift, make_dual
from dualnum.errors import InputError, ShapeError
from dualnum.levels import enter_transform, leave_transform
from dualnum.memory import LARGE, settle_allocator
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active, refuse_foreign_array
from dualnum.tangents import match_layout

__all__ = [
    "derivative",
    "jacobian",
    "jacobian_column",
    "jacobian_columns",
    "jvp",
    "linearize",
    "primal",
    "value_and_jacobian",
]

# Numbers in a block of directions: what stays in a core's cache together with a few intermediate results.
_CHUNK_NUMBERS = 3 << 16

# From so many directions on they are the innermost axis in memory.
_MANY = 32

# Up to this size the unit directions are kept.
_SMALL = 16

_CONTAINERS: Any = frozenset({list, tuple, dict})
_FLOAT64 = np.dtype(np.float64)


def primal(x: Any) -> Any:
    """Take one level of derivatives off a value.

    Parameters
    ----------
    x : Dual or anything else
        What is not active is returned as it is.

    Returns
    -------
    The value of `x`, active itself if `x` is nested.

    Examples
    --------
    >>> from dualnum import Dual, primal
    >>> float(primal(Dual(3.0, 1.0)))
    3.0
    """
    return x._value if isinstance(x, ActiveArray) else x


def _as_input(x: Any, where: str) -> Any:
    """Copy an input into an array (or scalar) that can be differentiated; integers become float64."""
    if x.__class__ is np.ndarray and x.dtype is _FLOAT64:
        return x.copy() if x.ndim else x[()]
    if contains_active(x):
        return as_operand(x).copy()
    refuse_foreign_array(x)
    try:
        array = np.array(x)
    except ValueError:
        raise InputError(f"{where}: expected a number or an array; got a ragged {type(x).__name__}.") from None
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    elif array.dtype.kind not in "fc":
        raise InputError(f"{where}: expected a number or an array; got {type(x).__name__} of dtype {array.dtype}.")
    return array if array.ndim else array[()]


def _is_array_like(y: Any) -> bool:
    """Whether `y` counts as one array: an array, a scalar, or a (nested) list or tuple of scalars."""
    if y.__class__ in (list, tuple):
        return len(y) > 0 and all(item.__class__ is not np.ndarray and _is_array_like(item) for item in y) and _flat(y)
    return isinstance(y, (ActiveArray, np.ndarray)) or np.isscalar(y)


def _flat(y: Any) -> bool:
    return all(_flat(item) if item.__class__ in (list, tuple) else np.ndim(item) == 0 for item in y)


def _as_output(y: Any, where: str) -> Any:
    """Pack object arrays and sequences of scalars; refuse what is not numeric."""
    if isinstance(y, ActiveArray):
        return y
    if _is_array_like(y):
        packed = as_operand(y) if y.__class__ in (list, tuple, np.ndarray) else y
        if isinstance(packed, ActiveArray) or np.asarray(packed).dtype.kind in "biufc":
            return packed
    raise InputError(
        f"{where}: the function returned {type(y).__name__}; expected numbers or arrays, or lists, tuples or dicts of them."
    )


class _Result:
    """What a function has returned: a tree whose leaves are arrays."""

    def __init__(self, y: Any, where: str) -> None:
        if y.__class__ is np.ndarray:
            y = as_operand(y)
        if y.__class__ in ACTIVE_TYPES:
            self.leaves, self._treedef = [y], None
        elif _is_array_like(y):
            self.leaves, self._treedef = [_as_output(y, where)], None
        else:
            leaves, self._treedef = optree.tree_flatten(y, is_leaf=_is_array_like, none_is_leaf=True)
            self.leaves = [_as_output(leaf, where) for leaf in leaves]

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        return leaves[0] if self._treedef is None else optree.tree_unflatten(self._treedef, leaves)

    def map(self, function: Callable[[Any], Any]) -> Any:
        return self.rebuild([function(leaf) for leaf in self.leaves])


def _tangent_at(y: Any, level: int, k: int | None) -> Any:
    """Tangent of a result at a level; zero where it does not depend on it."""
    if isinstance(y, ActiveArray):
        if y._level == level:
            return y._tangent
        if y._level > level:
            # The function has returned a number that it made by hand: its parts have tangents of their own.
            inner = _tangent_at(y._tangent, level, k)
            if k is not None and y._k is not None:
                inner = np.swapaxes(inner, 0, 1)
            return make_dual(_tangent_at(y._value, level, k), inner, y._level, y._k)
    value = np.asarray(primal_all(y))
    dtype = value.dtype if value.dtype.kind in "fc" else np.dtype(float)
    return np.zeros(value.shape if k is None else (k, *value.shape), dtype)[()]


def _primal_at(y: Any, level: int) -> Any:
    """Value of a result at a level."""
    if isinstance(y, ActiveArray):
        if y._level == level:
            return y._value
        if y._level > level:
            return make_dual(_primal_at(y._value, level), _primal_at(y._tangent, level), y._level, y._k)
    return y


def _aux_at(leaf: Any, level: int) -> Any:
    """Take a level off what is handed through, which may be anything."""
    return _primal_at(as_operand(leaf) if contains_active(leaf) else leaf, level)


def _function_name(f: Any) -> str:
    return getattr(f, "__name__", type(f).__name__)


def _check_direction(x: Any, x_dot: Any, where: str) -> int | None:
    """Number of directions in a tangent, None for one without a leading axis."""
    if x_dot.shape == x.shape:
        return None
    if x_dot.ndim == x.ndim + 1 and x_dot.shape[1:] == x.shape:
        return x_dot.shape[0]
    raise ShapeError(
        f"{where}: the tangent has shape {x_dot.shape}, the primal {x.shape}; the tangent must have the same shape, or "
        "(K,) + that shape for K directions."
    )


def _flatten(trees: Any) -> tuple[list[Any], Any]:
    """Leaves of several trees; a tuple of scalar arguments is not itself an array, as a tuple in an argument is."""
    return optree.tree_flatten(trees, is_leaf=lambda node: node is not trees and _is_array_like(node))


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, float, ActiveArray))


def _push(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], where: str) -> tuple[Any, Any]:
    """Value and tangent of ``f(*primals)``; all arguments are trees of arrays."""
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
    xs = [_as_input(leaf, where) for leaf in leaves]
    x_dots = [_as_input(leaf, where) for leaf in tangent_leaves]
    ks = {_check_direction(x, x_dot, where) for x, x_dot in zip(xs, x_dots, strict=True)}
    if len(ks) > 1:
        raise ShapeError(f"{where}: all tangents must have the same number of directions; got {ks}.")
    k = ks.pop() if ks else None
    for i, (x, x_dot) in enumerate(zip(xs, x_dots, strict=True)):
        if x_dot.dtype.kind == "c" and x.dtype.kind != "c":
            raise InputError(f"{where}: a complex tangent needs a complex primal; use x + 0j.")
        if x_dot.dtype != x.dtype:
            x_dots[i] = x_dot.astype(x.dtype)
        if x_dot.size > LARGE:
            settle_allocator()
        if x.ndim > 1:
            x_dots[i] = match_layout(x, x_dots[i])
        if level_of(x) > level_of(x_dot):
            x_dots[i] = lift(x_dots[i], x)
    level, token = enter_transform()
    try:
        args = [make_dual(x, x_dot, level, k) for x, x_dot in zip(xs, x_dots, strict=True)]
        if treedef is not None:
            args = list(optree.tree_unflatten(treedef, args))
        result = _Result(f(*args), where)
    finally:
        leave_transform(token)
    return result.map(lambda y: _primal_at(y, level)), result.map(lambda y: _tangent_at(y, level, k))


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
    where = f"jvp({_function_name(f)})"
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
        that are given along a leading axis.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import linearize
    >>> y, push = linearize(np.sin, 0.0)
    >>> float(push(2.0))
    2.0
    """
    where = f"linearize({_function_name(f)})"
    leaves, treedef = _flatten(primals)
    frozen = optree.tree_unflatten(treedef, [_as_input(leaf, where) for leaf in leaves])
    arguments = optree.tree_map(lambda x: x.copy(), frozen)
    # As in `push`, what `f` makes by hand shall not be taken for what is made by hand outside.
    _, token = enter_transform()
    try:
        y = _Result(f(*arguments), where).map(lambda leaf: leaf)
    finally:
        leave_transform(token)

    def push(*tangents: Any) -> Any:
        return _push(f, tuple(frozen), tangents, where)[1]

    return y, push


def derivative(f: Callable[..., Any]) -> Callable[..., Any]:
    """Derivative of a function of one scalar.

    Parameters
    ----------
    f : callable
        ``f(x, *args, **kwargs)`` with a scalar `x`; the result may have any shape.

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
        where = f"derivative({_function_name(f)})"
        x = _as_input(x, where)
        if x.ndim:
            raise ShapeError(
                f"{where}: x must be a scalar, got shape {x.shape}. Use jacobian(f)(x); or, if f acts on each element by "
                "itself, jvp(f, (x,), (np.ones_like(x),))[1]."
            )
        of_one = _with_others(f, (x, *args), 0, kwargs)
        return _push(of_one, (x,), (np.ones((), x.dtype)[()],), where)[1]

    return derivative_of_f


def _chunk_size(n: int, chunk: int | None) -> int:
    if chunk is None:
        return max(1, min(n, _CHUNK_NUMBERS // max(n, 1)))
    size = operator.index(chunk)
    if size < 1:
        raise ValueError(f"chunk must be at least 1, got {chunk}")
    return min(size, max(n, 1))


@cache
def _identity(n: int) -> np.ndarray:
    return np.eye(n)


def _seeds(x: Any, start: int, k: int) -> Any:
    """Unit directions number `start` to ``start + k`` of an input."""
    dtype = primal_all(x).dtype
    if k == x.size <= _SMALL and x.ndim == 1 and dtype is _FLOAT64:
        return _identity(k).copy()
    if k < _MANY:
        seed = np.zeros((k, *x.shape), dtype)
        seed.reshape(-1)[start :: x.size + 1] = 1
        return seed
    # Many directions lie side by side in memory, and the operations keep it so: then inner loops are long, and slices of the
    # array are contiguous.
    seed = np.zeros((*x.shape, k), dtype)
    seed.reshape(-1)[start * k : (start + k) * k : k + 1] = 1
    return seed.T if x.ndim == 1 else np.moveaxis(seed, -1, 0)


def _blocks(x: Any, chunk: int | None) -> Iterable[tuple[int, int | None]]:
    """Where the blocks of unit directions begin, and how many each has; None for the only direction of a scalar."""
    n = x.size
    if x.ndim == 0:
        return ((0, None),)
    if chunk is None and n * n <= _CHUNK_NUMBERS:
        return ((0, n),)
    size = _chunk_size(n, chunk)
    if size >= n:
        return ((0, n),)
    return ((start, min(size, n - start)) for start in range(0, n, size))


def _run_block(f: Callable[[Any], Any], x: Any, start: int, k: int | None) -> tuple[Any, int]:
    """Run `f` for a block of unit directions; give its result, and their level."""
    seed = primal_all(x).dtype.type(1) if k is None else _seeds(x, start, k)
    if seed.size > LARGE:
        settle_allocator()
    if x.ndim > 1:
        seed = match_layout(x, seed)
    if x.__class__ in ACTIVE_TYPES:
        seed = lift(seed, x)
    level, token = enter_transform()
    try:
        # The last block may use up the input, which is a copy already.
        return f(make_dual(x if k is None or start + k == x.size else x.copy(), seed, level, k)), level
    finally:
        leave_transform(token)


def _copied(arg: Any) -> Any:
    """Copy the arrays in a constant argument, which a function that works in place would change at every run."""
    if arg.__class__ in _CONTAINERS:
        return optree.tree_map(_copied, arg, none_is_leaf=True)
    return arg.copy() if isinstance(arg, (np.ndarray, ActiveArray)) else arg


def _with_others(
    f: Callable[..., Any], args: Sequence[Any], position: int, kwargs: dict[str, Any]
) -> Callable[[Any], Any]:
    """Make `f` a function of one argument."""

    def of_one(x: Any) -> Any:
        copies = [_copied(arg) for arg in args]
        copies[position] = x
        return f(*copies, **{name: _copied(value) for name, value in kwargs.items()})

    return of_one


def _check_real(x: Any, holomorphic: bool, where: str) -> None:
    if x.dtype.kind == "c" and not holomorphic:
        raise InputError(
            f"{where}: the input is complex, and a complex Jacobian only exists for holomorphic functions. Say "
            "holomorphic=True if yours is one; else differentiate with respect to the real and imaginary parts, or use jvp."
        )


def _from_rows(rows: Any, x: Any) -> Any:
    """Move the axis of directions to the end, and give it the shape of the input."""
    if x.ndim == 0:
        return rows
    if rows.ndim <= 2 and x.ndim == 1:
        return rows.T
    return np.moveaxis(rows, 0, -1).reshape(rows.shape[1:] + x.shape)


class _Rows:
    """The transpose of a Jacobian, filled block of directions by block."""

    def __init__(self, x: Any) -> None:
        self._x = x
        self._rows: Any = None

    def add(self, start: int, k: int | None, tangent: Any) -> None:
        n = self._x.size
        if k is None or k == n:
            self._rows = tangent
        elif tangent.__class__ is np.ndarray:
            # One array from the start, and not a list of blocks: so their memory can be used again for the next block.
            if self._rows is None:
                self._rows = np.moveaxis(np.empty((*tangent.shape[1:], n), tangent.dtype), -1, 0)
            self._rows[start : start + k] = tangent
        else:
            self._rows = tangent if self._rows is None else np.concatenate([self._rows, tangent])

    def jacobian(self) -> Any:
        return _from_rows(self._rows, self._x)


def _jacobian_of(f: Callable[[Any], Any], x: Any, chunk: int | None, has_aux: bool, where: str) -> tuple[Any, Any, Any]:
    """Value, Jacobian and auxiliary result of a function of one array."""
    value = aux = result = None
    all_rows: list[_Rows] = []
    for start, k in _blocks(x, chunk):
        y, level = _run_block(f, x, start, k)
        if has_aux:
            if not isinstance(y, tuple) or len(y) != 2:
                raise InputError(f"{where}: with has_aux=True the function must return a pair (result, aux).")
            y, extra = y
        elif k == x.size:
            if y.__class__ is np.ndarray:
                y = as_operand(y)
            if y.__class__ in ACTIVE_TYPES and y._level == level:
                return y._value, _from_rows(y._tangent, x), None  # the usual case, in short
        result = _Result(y, where)
        if not start:
            value = result.map(partial(_primal_at, level=level))
            if has_aux:
                aux = optree.tree_map(partial(_aux_at, level=level), extra, none_is_leaf=True)
            all_rows = [_Rows(x) for _ in result.leaves]
        for rows, leaf in zip(all_rows, result.leaves, strict=True):
            rows.add(start, k, _tangent_at(leaf, level, k))
    assert result is not None
    return value, result.rebuild([rows.jacobian() for rows in all_rows]), aux


def value_and_jacobian(
    f: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk: int | None = None,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Value and Jacobian of a function, in one go.

    Parameters
    ----------
    f, argnums, has_aux, chunk, holomorphic
        As in `jacobian`.

    Returns
    -------
    callable
        ``value_and_jacobian(f)(*args, **kwargs)`` is ``(y, J)``, with `has_aux` ``((y, aux), J)``.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import value_and_jacobian
    >>> y, J = value_and_jacobian(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(y), J
    (5.0, array([2., 4.]))
    """
    single = not isinstance(argnums, (tuple, list))
    positions: Any = (argnums,) if single else tuple(argnums)  # type: ignore[arg-type]
    where = f"jacobian({_function_name(f)})"
    if not positions:
        raise InputError(f"{where}: argnums is empty; name at least one argument.")

    @wraps(f, updated=())
    def value_and_jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        jacobians = []
        for position in positions:
            if not -len(args) <= position < len(args):
                raise InputError(
                    f"{where}: argnums={position}, but the function was called with {len(args)} positional arguments."
                )
            x = _as_input(args[position], where)
            _check_real(x, holomorphic, where)
            of_one = f if len(args) == 1 and not kwargs else _with_others(f, args, position, kwargs)
            value, jacobian, aux = _jacobian_of(of_one, x, chunk, has_aux, where)
            jacobians.append(jacobian)
        return ((value, aux) if has_aux else value), (jacobians[0] if single else tuple(jacobians))

    return value_and_jacobian_of_f


def jacobian(
    f: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    has_aux: bool = False,
    chunk: int | None = None,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Jacobian of a function, by forward mode with directions pushed together.

    Parameters
    ----------
    f : callable
        Function of arrays (or numbers, or lists of numbers); it returns a number, an array of any shape, a list or tuple of
        numbers (which counts as an array), or a list, tuple or dict of arrays.
    argnums : int or tuple of int
        Which positional argument to differentiate with respect to; with a tuple, a tuple of Jacobians is given.
    has_aux : bool
        `f` returns a pair ``(result, aux)``; `aux` is handed through without being differentiated.
    chunk : int, optional
        How many directions are pushed together; by default as many as fit a core's cache.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex argument.

    Returns
    -------
    callable
        ``jacobian(f)(*args, **kwargs)``, an array of shape ``y.shape + x.shape`` (for each array of the result); with
        `has_aux` the pair ``(J, aux)``.

    Raises
    ------
    InputError
        The argument is not numeric, or complex without `holomorphic`; or the result is not numeric.

    Notes
    -----
    The argument and other arrays are copied before each run of `f`: the caller's are not modified, whatever `f` does.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import jacobian
    >>> jacobian(lambda x: [x[0] * x[1], np.sin(x[0])])([0.0, 3.0])
    array([[3., 0.],
           [1., 0.]])
    """
    both = value_and_jacobian(f, argnums, has_aux=has_aux, chunk=chunk, holomorphic=holomorphic)

    @wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return jacobian_of_f


def jacobian_columns(
    f: Callable[[Any], Any], x: Any, *, chunk: int | None = None, holomorphic: bool = False
) -> Iterator[Any]:
    """Iterate over the columns of a Jacobian, without ever holding more than one chunk of them.

    Parameters
    ----------
    f : callable
        Function of one array.
    x : array_like
        The point. It is copied at once: later changes have no effect.
    chunk : int, optional
        How many directions are pushed together.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex argument.

    Returns
    -------
    iterator
        For each element of `x`, in C order, the derivative of `f` with respect to it, of the shape of ``f(x)``.

    Examples
    --------
    >>> from dualnum import jacobian_columns
    >>> [float(column) for column in jacobian_columns(lambda x: x[0] ** 2 * x[1], [3.0, 1.0])]
    [6.0, 9.0]
    """
    where = f"jacobian_columns({_function_name(f)})"
    x = _as_input(x, where)
    _check_real(x, holomorphic, where)
    if chunk is not None:
        _chunk_size(x.size, chunk)
    return _columns(f, x, chunk, where)


def _columns(f: Callable[[Any], Any], x: Any, chunk: int | None, where: str) -> Iterator[Any]:
    if not x.size:
        return
    for start, k in _blocks(x, chunk):
        y, level = _run_block(f, x, start, k)
        result = _Result(y, where)
        tangents = [_tangent_at(leaf, level, k) for leaf in result.leaves]
        if k is None:
            yield result.rebuild(tangents)
        else:
            for j in range(k):
                yield result.rebuild([tangent[j].copy() for tangent in tangents])


def jacobian_column(f: Callable[[Any], Any], x: Any, j: int | tuple[int, ...], *, holomorphic: bool = False) -> Any:
    """One column of a Jacobian: the derivative of `f` with respect to element `j` of its argument.

    Parameters
    ----------
    f : callable
        Function of one array.
    x : array_like
        The point.
    j : int or tuple of int
        Index of the element, as in ``x[j]``; an int counts in C order.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex argument.

    Returns
    -------
    The derivative, of the shape of ``f(x)``.

    Raises
    ------
    IndexError
        There is no such element.

    Examples
    --------
    >>> from dualnum import jacobian_column
    >>> float(jacobian_column(lambda x: x[0] ** 2 * x[1], [3.0, 1.0], 0))
    6.0
    """
    where = f"jacobian_column({_function_name(f)})"
    x = _as_input(x, where)
    _check_real(x, holomorphic, where)
    x_dot = np.zeros(x.shape, primal_all(x).dtype)
    if isinstance(j, tuple):
        x_dot[j] = 1
    else:
        x_dot.reshape(-1)[operator.index(j)] = 1
    if np.count_nonzero(x_dot) != 1:
        raise IndexError(f"{where}: {j} is not the index of one element of an array of shape {x.shape}.")
    return _push(f, (x,), (x_dot,), where)[1]
