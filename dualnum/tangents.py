"""Arithmetic on tangents: alignment of directions, sums of partial times tangent, errors that both need."""

from __future__ import annotations

from collections.abc import Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from dualnum import floating
from dualnum.dispatch import not_differentiable, primal_all
from dualnum.errors import InputError, ShapeError
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import Elementwise, Row

__all__ = [
    "FEW_DIRECTIONS",
    "FLOATS",
    "MANY",
    "NUMBERS",
    "add_tangents",
    "align",
    "combine",
    "conform",
    "directions_differ",
    "divided",
    "is_zero",
    "match_kind",
    "match_layout",
    "one_by_one",
    "quotient",
    "rebuild",
    "scaled_sum",
    "side_by_side",
    "stack_directions",
    "sum_in_place",
    "sum_of_products",
    "times",
    "without_zeros",
]

#: The classes of partials that are constant.
NUMBERS: Any = frozenset({int, float})

#: The classes of scalars that are float64 beside a float64.
FLOATS: Any = frozenset({int, float, np.float64})


def _references(x: Any) -> int:
    return getrefcount(x)


#: References to an argument that nobody but the call holds, as the function that is called counts them.
TEMPORARY = _references(np.empty(0))

#: From so many elements on, fresh memory costs more than the arithmetic.
MANY = 2048

#: To divide takes longer than to multiply: of more directions than these, a partial is computed, once for all.
FEW_DIRECTIONS = 3


def side_by_side(x: Any, y: Any) -> tuple[Any, Any]:
    """Make a NumPy scalar that is to be combined with an array a 0-d array: NumPy takes longer to do that itself, each time."""
    if x.__class__ is np.ndarray:
        return x, np.asarray(y) if isinstance(y, np.generic) else y
    if y.__class__ is np.ndarray and isinstance(x, np.generic):
        return np.asarray(x), y
    return x, y


def align(tangent: Any, ndim: int) -> Any:
    """Put axes of length 1 behind the axis of directions, where the result has more axes than the argument."""
    missing = ndim + 1 - tangent.ndim
    if missing == 1:
        return tangent[:, None]
    shape = tangent.shape
    return tangent.reshape(shape[:1] + (1,) * missing + shape[1:]) if missing > 0 else tangent


def conform(tangent: Any, out: Any, k: int | None) -> Any:
    """Give a tangent the dtype and the shape of the result, and memory of its own."""
    dtype = out.dtype
    if dtype.char == "O":
        raise hidden_numbers()
    shape = out.shape if k is None else (k, *out.shape)
    if tangent.shape != shape:
        if k is not None:
            tangent = align(tangent, out.ndim)
        if tangent.__class__ is np.ndarray and tangent.dtype is dtype and len(shape) <= 2:
            full = np.empty(shape, dtype)  # np.broadcast_to takes longer than to fill a few numbers
            full[...] = tangent
            return full
        tangent = np.broadcast_to(tangent, shape)
    elif not out.ndim and tangent.dtype == dtype:
        return tangent  # a scalar is never updated in place, so it may share
    if tangent.dtype.kind == "c" and dtype.kind != "c":
        tangent = tangent.real
    return tangent.astype(dtype)


def match_kind(value: Any, tangent: Any) -> Any:
    """Make the only direction of a 0-d array an array too, which can be updated in place, and that of a scalar a scalar."""
    is_array = isinstance(primal_all(value), np.ndarray)
    if tangent.ndim or isinstance(primal_all(tangent), np.ndarray) is is_array:
        return tangent
    if not is_array:
        return tangent[()]
    if tangent.__class__ not in ACTIVE_TYPES:
        return np.asarray(tangent)
    array = np.zeros((), tangent.dtype, like=tangent)
    array[...] = tangent
    return array


def match_layout(value: Any, tangent: Any) -> Any:
    """Give a fresh tangent the order of axes in memory that its value has.

    Only then are the same views of both possible, and the same ``reshape`` is a view of both or of neither. One array
    operation can give the two different orders, when its operands have.
    """
    if value.__class__ is tangent.__class__ is np.ndarray and value.flags.c_contiguous and tangent.flags.c_contiguous:
        return tangent
    strides = primal_all(value).strides
    reference: tuple[int, int] | None = None
    for n, s, t in zip(value.shape, strides, primal_all(tangent).strides[tangent.ndim - value.ndim :], strict=True):
        if n > 1:
            if s and reference is None:
                reference = s, t
            if (t * reference[0] != s * reference[1]) if reference else t:
                break
    else:
        return tangent
    lead = tangent.ndim - value.ndim
    order = sorted(range(value.ndim), key=lambda axis: -abs(strides[axis]))
    there = [*range(lead), *(lead + axis for axis in order)]
    back = sorted(range(tangent.ndim), key=there.__getitem__)
    return tangent.transpose(there).copy().transpose(back)


def is_zero(tangent: Any) -> Any:
    """Where a tangent or cotangent is zero together with its own derivatives."""
    return tangent._is_zero() if tangent.__class__ in ACTIVE_TYPES else tangent == 0


def without_zeros(factor: Any, product: Any) -> Any:
    """Set a product to zero where a tangent or cotangent is that was multiplied: nothing depends on zero times infinity.

    Of a variable of a tape only the value is set. It may depend on something where it is zero, so its node stays.
    """
    zero = _is_zero_now(factor)
    return _with_zeros(zero, product) if np.any(zero) else product


def _is_zero_now(x: Any) -> Any:
    """Where all numbers are zero."""
    if x.__class__ not in ACTIVE_TYPES:
        return x == 0
    zero = True
    for part in x._parts():
        here = _is_zero_now(part)
        zero = np.logical_and(zero, here.all(axis=0) if here.ndim > x.ndim else here)
    return zero


def _with_zeros(zero: Any, x: Any) -> Any:
    if x.__class__ in ACTIVE_TYPES:
        return x._with_parts(*[_with_zeros(zero, part) for part in x._parts()])
    if not x.ndim:
        return x.dtype.type(0)
    x = x.copy(order="K")
    np.copyto(x, 0, where=zero)
    return x


def combine(row: Elementwise, out: Any, values: Sequence[Any], tangents: Sequence[Any], k: int | None) -> Any:
    """Sum partial times tangent with all care: a direction that is zero stays zero whatever the partial is."""
    total: Any = None
    token = floating.use(floating.SILENT)
    try:
        for i, (partial, tangent) in enumerate(zip(row.partials, tangents, strict=True)):
            if tangent is None:
                continue
            if partial is None or partial.__class__ is str:
                raise not_differentiable(row, i, partial)
            if k is not None:
                tangent = align(tangent, out.ndim)
            term = tangent * (partial if partial.__class__ in NUMBERS else partial(out, *values))
            term = without_zeros(tangent, term)
            total = term if total is None else total + term
    finally:
        floating.restore(token)
    return total


def sum_in_place(a: Any, b: Any) -> Any:
    """Add two arrays that nobody else holds; large ones in place, for fresh memory costs more than the addition.

    But not where their axes lie in another order: NumPy chooses a better one for the sum.
    """
    if (
        a.size >= MANY
        and a.__class__ is b.__class__ is np.ndarray
        and a.shape == b.shape
        and a.strides == b.strides
        and a.dtype is b.dtype
    ):
        a += b
        return a
    return a + b


def sum_of_products(a: Any, x: Any, b: Any, y: Any) -> Any:
    """Compute ``a x + b y``; None where zero meets infinity."""
    token = floating.use(floating.STRICT)
    try:
        return sum_in_place(a * x, b * y)
    except FloatingPointError:
        return None
    finally:
        floating.restore(token)


def scaled_sum(a: Any, x: Any, b: Any, y: Any) -> Any:
    """Compute the same of two numbers `a` and `b`, in the memory of the result alone, where nothing leaves the range."""
    token = floating.use(floating.IN_RANGE)
    try:
        total = x * (a / b)
        total += y
        total *= b
        return total
    except FloatingPointError:
        pass
    finally:
        floating.restore(token)
    return sum_of_products(a, x, b, y)


def times(tangent: Any, partial: Any, out: Any, value: Any, by: np.ufunc = np.multiply) -> Any:
    """Multiply a tangent by a partial, or divide it by a divisor.

    A large one of one direction is computed in the memory of the partial, if nobody else holds that.
    """
    if (
        partial.__class__ is np.ndarray
        and partial.size >= MANY
        and partial.base is None
        and partial is not out
        and partial is not value
        and tangent.__class__ is np.ndarray
        and tangent.shape == partial.shape
        and tangent.dtype is partial.dtype
        and getrefcount(partial) <= TEMPORARY
    ):
        return by(tangent, partial, out=partial)
    return by(tangent, partial)


def divided(row: Elementwise, out: Any, value: Any, tangent: Any, k: int | None) -> Any:
    """Divide the tangent of an argument by what the partial is one over."""
    divisor: Any = row.divisor
    token = floating.use(floating.BOUNDED)
    try:
        if tangent.size < MANY:
            return tangent / divisor(out, value)
        return times(tangent, divisor(out, value), out, value, np.divide)
    except FloatingPointError:
        return combine(row, out, (value,), (tangent,), k)
    finally:
        floating.restore(token)


def quotient(row: Elementwise, out: Any, args: tuple[Any, Any], ta: Any, tb: Any) -> Any:
    """Tangent of a quotient, in half as many passes as by the partials."""
    token = floating.use(floating.IN_RANGE)
    try:
        tangent = out * tb
        if tangent.__class__ is np.ndarray and tangent.shape == ta.shape and tangent.dtype is ta.dtype:
            np.subtract(ta, tangent, out=tangent)
        else:
            tangent = ta - tangent
        tangent /= args[1]
        return tangent
    except FloatingPointError:
        pass
    finally:
        floating.restore(token)
    p, q = row.partials
    return sum_in_place(ta * p(out, *args), tb * q(out, *args))


def add_tangents(a: Any, b: Any) -> Any:
    """Add two tangents, or two lists of them."""
    if isinstance(a, (tuple, list)):
        return [add_tangents(x, y) for x, y in zip(a, b, strict=True)]
    return a + b


def rebuild(like: Any, items: list[Any]) -> Any:
    """Make a list, tuple or named tuple of the same kind."""
    if hasattr(like, "_fields"):
        return like.__class__(*items)
    return items if isinstance(like, list) else tuple(items)


def stack_directions(rows: list[Any], out: Any) -> Any:
    """Stack what was computed direction by direction."""
    if isinstance(out, (tuple, list)):
        return [stack_directions([row[i] for row in rows], o) for i, o in enumerate(out)]
    if not rows:
        return np.zeros((0, *np.shape(out)), np.asarray(primal_all(out)).dtype)
    return None if rows[0] is None else np.stack(rows)


def one_by_one(function: Any, args: list[Any], i: int, tangent: Any, out: Any, k: int, kwargs: dict[str, Any]) -> Any:
    """Apply a function to one direction after the other."""
    rows = []
    for j in range(k):
        args[i] = _direction(tangent, j)
        rows.append(function(*args, **kwargs))
    return stack_directions(rows, out)


def _direction(tangent: Any, j: int) -> Any:
    return [_direction(t, j) for t in tangent] if isinstance(tangent, list) else tangent[j]


def hidden_numbers() -> InputError:
    """Make the error for Duals in a container that NumPy opens after us."""
    return InputError(
        "An argument is a container of another library that holds Duals, which NumPy has opened after us: their derivatives "
        "would be counted twice or not at all. Pass np.stack(list(container))."
    )


def directions_differ(row: Row | None, a: int | None, b: int | None) -> ShapeError:
    """Make the error for Duals that have different numbers of directions."""
    where = "x[...] = y" if row is None else row.name
    one, other = ("one direction" if k is None else f"{k} directions with a leading axis" for k in (a, b))
    return ShapeError(f"{where}: one Dual has {one}, the other {other}; give all Duals of one computation the same.")
