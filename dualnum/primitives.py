"""The few functions that NumPy has no name for: indexing, and the methods of ufuncs.

Each has a row in the table like any other function (`dualnum.rules`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import UFUNC_METHODS, ActiveArray, apply_function
from dualnum.errors import DerivativeLostError
from dualnum.indexing import is_basic

__all__ = ["accumulate", "add_at", "at", "getitem", "outer", "reduce", "reduceat", "scatter", "sum_segments"]


def getitem(x: Any, index: Any) -> Any:
    """``x[index]``."""
    return x[index]


def scatter(updates: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of the given shape, with updates added at an index: the transpose of `getitem`."""
    if isinstance(updates, ActiveArray):
        return apply_function(scatter, (updates, index, shape), {})
    out = np.zeros(shape, updates.dtype)
    if is_basic(index):
        out[index] = updates
    else:
        add_at(out, index, updates)
    return out


def add_at(out: np.ndarray, index: Any, updates: np.ndarray) -> None:
    """``np.add.at(out, index, updates)``; where much is added to several axes, by the numbers of elements, which is faster."""
    plain = out.__class__ is np.ndarray and out.flags.c_contiguous
    if plain and out.ndim > 1 and updates.size > max(2000, out.size // 4):
        numbers = np.arange(out.size).reshape(out.shape)[index]
        np.add.at(np.reshape(out, -1), np.ravel(numbers), np.ravel(np.broadcast_to(updates, numbers.shape)))
    else:
        np.add.at(out, index, updates)


def reduce(ufunc: np.ufunc, array: Any, **kwargs: Any) -> Any:
    """``ufunc.reduce(array, ...)``."""
    return ufunc.reduce(array, **kwargs)


def accumulate(ufunc: np.ufunc, array: Any, **kwargs: Any) -> Any:
    """``ufunc.accumulate(array, ...)``."""
    return ufunc.accumulate(array, **kwargs)


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, **kwargs: Any) -> Any:
    """``ufunc.reduceat(array, indices, ...)``."""
    return ufunc.reduceat(array, indices, **kwargs)


def sum_segments(array: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Any:
    """``np.add.reduceat(array, indices, ...)``, which is linear."""
    return np.add.reduceat(array, indices, axis, dtype)


def outer(ufunc: np.ufunc, a: Any, b: Any, **kwargs: Any) -> Any:
    """``ufunc.outer(a, b)``."""
    return ufunc.outer(a, b, **kwargs)


def at(ufunc: np.ufunc, a: Any, indices: Any, *b: Any) -> None:
    """``ufunc.at(a, indices, b)``: in place, without buffering."""
    ufunc.at(a, indices, *b)


#: Methods of ufuncs that are functions of their own, with the same arguments.
_NAMED: dict[tuple[Any, np.ufunc], Any] = {
    (reduce, np.add): np.sum,
    (reduce, np.multiply): np.prod,
    (reduce, np.maximum): np.max,
    (reduce, np.minimum): np.min,
    (accumulate, np.add): np.cumsum,
    (accumulate, np.multiply): np.cumprod,
    (reduceat, np.add): sum_segments,
}


def _method(primitive: Any) -> Any:
    """What `ActiveArray.__array_ufunc__` calls for a method of a ufunc."""

    def call(ufunc: np.ufunc, *args: Any, **kwargs: Any) -> Any:
        # None stands for the default, which extrema do not take.
        if kwargs and kwargs.get("dtype", 0) is None:
            del kwargs["dtype"]
        named = _NAMED.get((primitive, ufunc))
        if named is None or (named in (np.max, np.min) and "dtype" in kwargs):
            return apply_function(primitive, (ufunc, *args), kwargs)
        return apply_function(named, args, {"axis": 0} | kwargs)

    return call


def _at(ufunc: np.ufunc, a: Any, indices: Any, *b: Any) -> None:
    if not isinstance(a, ActiveArray):
        raise DerivativeLostError(
            f"numpy.{ufunc.__name__}.at(a, ...) would write a Dual into a plain array and lose its derivative. "
            "Allocate a with np.zeros_like(x) or np.zeros(shape, like=x), where x is a Dual."
        )
    apply_function(at, (ufunc, a, indices, *b), {})


UFUNC_METHODS |= {primitive.__name__: _method(primitive) for primitive in (reduce, accumulate, reduceat, outer)}
UFUNC_METHODS["at"] = _at
