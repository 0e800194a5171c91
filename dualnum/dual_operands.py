"""Elementwise rows of two arguments, where one is constant, or a scalar that has one direction alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.dispatch import OBSERVER
from dualnum.floating import SILENT, STRICT, restore, use
from dualnum.methods import Forms
from dualnum.table import Elementwise, Row, first, second
from dualnum.tangents import FEW_DIRECTIONS, FLOATS, NUMBERS, align, combine, conform, match_layout, side_by_side

__all__ = ["CLASSES", "LONELY", "SCALARS", "SIMPLE", "along_one", "finish", "make_dual", "one_active"]

_observer = OBSERVER.get
_new = object.__new__

_ONE = 1
_FLOAT64 = np.dtype(np.float64)
_LARGEST = float(np.finfo(float).max)

#: Partials of the operations that are so cheap that it takes longer to convert a scalar.
SIMPLE: Any = frozenset({1, -1, first, second})

#: Classes that never have axes.
SCALARS: Any = {int, float, complex, bool} | {np.dtype(c).type for c in "?bBhHiIlLqQefdgFDG"}

#: Classes of scalars that often have one direction alone: ``_lone()`` gives its number and the tangent there, or None.
LONELY: Any = set()

#: Class of a value -> class of the Dual that holds it; told where the classes are defined.
CLASSES = Forms()


def make_dual(value: Any, tangent: Any, level: int, k: int | None) -> Any:
    """Make a Dual from parts that are known to fit, without copying them."""
    dual: Any = _new(CLASSES[value.__class__])
    dual._value = value
    dual._tangent = tangent
    dual._level = level
    dual._k = k
    return dual


def one_active(row: Elementwise, op: Callable[[Any, Any], Any], x: Any, y: Any, i: int, dual: Any) -> Any:
    """Apply an elementwise row to a Dual, whose value is argument `i`, and a constant."""
    k, tangent = dual._k, dual._tangent
    p = row.partials[i]
    constant = x if i else y
    if constant.__class__ not in NUMBERS and x.__class__ is not y.__class__ and p in SIMPLE:
        x, y = side_by_side(x, y)
    out = op(x, y)
    if out.__class__ is complex:
        out = np.complex128(out)  # Python's complex took a float64 for a float
    if k is not None and out.ndim >= tangent.ndim:
        tangent = align(tangent, out.ndim)
    if p is _ONE and constant.__class__ in FLOATS and dual._is_array():
        tangent = tangent.astype(out.dtype)  # what `conform` would find out
    elif p is _ONE:
        tangent = conform(tangent, out, k)
    elif constant.__class__ in FLOATS and (p is second or p is first) and -_LARGEST <= constant <= _LARGEST:
        token = use(SILENT)
        try:
            tangent = tangent * (x if i else y)
        finally:
            restore(token)
        return finish(row, (constant, dual) if i else (dual, constant), make_dual(out, tangent, dual._level, k))
    else:
        if p == -1:
            tangent = -tangent
        else:
            token = use(STRICT)
            try:
                if row.function is np.divide and not i and (k or 1) <= FEW_DIRECTIONS:
                    tangent = tangent / y  # an operation less than by the partial, and less is rounded
                else:
                    tangent = tangent * (p if p.__class__ in NUMBERS else p(out, x, y))
            except (FloatingPointError, TypeError):
                tangent = combine(row, out, (x, y), (None, tangent) if i else (tangent, None), k)
            finally:
                restore(token)
        if tangent.dtype is not out.dtype or tangent.shape != (out.shape if k is None else (k, *out.shape)):
            tangent = conform(tangent, out, k)
    if out.ndim > 1:
        tangent = match_layout(out, tangent)
    result = make_dual(out, tangent, dual._level, k)
    observer = _observer()
    if observer is not None:
        observer(row, (constant, dual) if i else (dual, constant), result)
    return result


def along_one(row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any, i: int) -> Any:
    """Apply an elementwise row to a scalar, argument `i`, that has one direction alone, and an array, active or not.

    There, and only there, its tangent is added to those of the array. None for what is not of that kind.
    """
    scalar, other = (b, a) if i else (a, b)
    k = scalar._k
    tangent = None
    if other.__class__ is CLASSES.array:
        tangent = other._tangent
        if tangent.__class__ is not np.ndarray or other._level != scalar._level or other._k != k:
            return None
        other = other._value
    if other.__class__ is not np.ndarray or other.dtype is not _FLOAT64 or not other.ndim:
        return None
    lone = scalar._lone()
    if lone is None:
        return None
    place, factor = lone
    p, q = row.partials
    number = scalar._value
    if p in SIMPLE:
        number = np.asarray(number)  # NumPy takes longer to do that itself, each time
    x, y = (other, number) if i else (number, other)
    out = op(x, y)
    if i:
        p, q = q, p
    token = use(STRICT)
    try:
        term = p if p.__class__ in NUMBERS else p(out, x, y)
        if factor != 1:
            term = factor * term
        if tangent is None:
            result = np.zeros((k, *out.shape))
            result[place] = term
        else:
            if q is _ONE:
                result = tangent.copy(order="K")
            elif q == -1:
                result = -tangent
            elif i and row.function is np.divide:
                result = tangent / y
            else:
                result = tangent * (q if q.__class__ in NUMBERS else q(out, x, y))
            direction = result[place]
            direction += term
    except (FloatingPointError, TypeError):
        tangents = (tangent, scalar._tangent) if i else (scalar._tangent, tangent)
        result = combine(row, out, (x, y), tangents, k)
    finally:
        restore(token)
    if result.dtype is not out.dtype:
        result = conform(result, out, k)
    if out.ndim > 1:
        result = match_layout(out, result)
    return finish(row, (a, b), make_dual(out, result, scalar._level, k))


def finish(row: Row, args: Sequence[Any], result: Any) -> Any:
    """Tell the counting hook, if there is one."""
    observer = _observer()
    if observer is not None:
        observer(row, args, result)
    return result
