"""The few functions that NumPy has no name for: indexing, and the methods of ufuncs.

Each has a row in the table like any other function (`dualnum.rules`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import UFUNC_METHODS, ActiveArray, apply_function
from dualnum.indexing import is_basic

__all__ = ["accumulate", "at", "getitem", "outer", "reduce", "reduceat", "scatter"]


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
        np.add.at(out, index, updates)
    return out


def reduce(ufunc: np.ufunc, array: Any, **kwargs: Any) -> Any:
    """``ufunc.reduce(array, ...)``."""
    return ufunc.reduce(array, **kwargs)


def accumulate(ufunc: np.ufunc, array: Any, **kwargs: Any) -> Any:
    """``ufunc.accumulate(array, ...)``."""
    return ufunc.accumulate(array, **kwargs)


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, **kwargs: Any) -> Any:
    """``ufunc.reduceat(array, indices, ...)``."""
    return ufunc.reduceat(array, indices, **kwargs)


def outer(ufunc: np.ufunc, a: Any, b: Any, **kwargs: Any) -> Any:
    """``ufunc.outer(a, b)``."""
    return ufunc.outer(a, b, **kwargs)


def at(ufunc: np.ufunc, a: Any, indices: Any, *b: Any) -> None:
    """``ufunc.at(a, indices, b)``: in place, without buffering."""
    ufunc.at(a, indices, *b)


for _primitive in (reduce, accumulate, reduceat, outer, at):
    UFUNC_METHODS[_primitive.__name__] = lambda ufunc, *args, _primitive=_primitive, **kwargs: apply_function(
        _primitive, (ufunc, *args), kwargs
    )
