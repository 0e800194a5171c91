"""Object arrays of active scalars, which NumPy makes where it cannot be asked first, and how they are packed again.

``np.array([d0, d1])``, ``np.asarray(d)``, ``np.r_``, ``ndarray.dot(d)`` offer no protocol; they give object arrays of
scalars. These stay exact, for NumPy calls the elements' own methods, and become one active array as soon as they meet
another one, a function that dispatches, or the end of a transformed function.
"""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from dualnum.errors import DerivativeLostError, InputError, ObjectArrayWarning

__all__ = [
    "ACTIVE_TYPES",
    "LEAVES",
    "PLAIN_TYPES",
    "as_operand",
    "contains_active",
    "holds_objects",
    "is_active",
    "is_sequence",
    "refuse_foreign_array",
    "warn_objects",
]

#: The classes of active numbers; each registers itself.
ACTIVE_TYPES: Any = set()  # not set[type]: for a type checker, membership would say nothing about attributes

#: The classes of numbers of which no derivative is taken: whoever owns an array of these may update it in place.
PLAIN_TYPES: Any = {np.ndarray}

_warned = False


def warn_objects() -> None:
    """Warn, once in the life of the process, that the slow path is being taken."""
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            "NumPy has put Duals into an object array (np.array([...]) of Duals, np.asarray(dual), np.r_, ...). The "
            "derivatives stay exact, but this path is slow: np.array([...], like=x), where x carries derivatives, np.stack and "
            "np.concatenate are faster. This warning is shown once.",
            ObjectArrayWarning,
            stacklevel=4,
        )


def is_active(x: Any) -> bool:
    """Whether `x` carries derivatives."""
    return x.__class__ in ACTIVE_TYPES


def holds_objects(x: Any) -> bool:
    """Whether `x` is a plain array of Python objects."""
    return x.__class__ is np.ndarray and x.dtype.char == "O"


def refuse_foreign_array(x: Any) -> None:
    """Raise if `x` is a masked array, a matrix or the like, whose behaviour would be lost in an ndarray."""
    if isinstance(x, np.ndarray) and x.__class__ not in (np.ndarray, np.memmap):
        raise InputError(
            f"dualnum does not know how {type(x).__name__} arrays behave; pass np.asarray(x) (and mind its mask)."
        )


#: Common classes that cannot hold anything active, known without asking.
LEAVES = frozenset({int, float, complex, bool, str, bytes, range, slice, type(None), type, np.float64, np.int64})


def is_sequence(x: Any) -> bool:
    """Whether NumPy takes `x` for a sequence, though it is not just a list or tuple (a namedtuple, a deque, ...)."""
    return x.__class__ not in LEAVES and isinstance(x, Sequence) and not isinstance(x, (str, bytes, range))


def contains_active(x: Any) -> bool:
    """Whether `x` is active, or a (nested) sequence or object array that holds something active."""
    cls = x.__class__
    if cls in ACTIVE_TYPES:
        return True
    if cls is list or cls is tuple:
        return any(map(contains_active, x))
    if cls is np.ndarray:
        return x.dtype.char == "O" and any(item.__class__ in ACTIVE_TYPES for item in x.flat)
    return is_sequence(x) and any(map(contains_active, x))


def _is_flat(x: Any) -> bool:
    """Whether `x` is a list or tuple of scalars."""
    return (x.__class__ is list or x.__class__ is tuple) and not any(
        item.ndim if item.__class__ in ACTIVE_TYPES else isinstance(item, (np.ndarray, Sequence)) for item in x
    )


def _is_matrix(x: Any) -> bool:
    """Whether `x` is a list or tuple of rows of equal lengths."""
    return (
        (x.__class__ is list or x.__class__ is tuple)
        and len(x) > 0
        and all(map(_is_flat, x))
        and len({*map(len, x)}) == 1
    )


def as_operand(x: Any) -> Any:
    """Turn a sequence or an object array into an array, active if anything in it is."""
    if x.__class__ is np.ndarray:
        if x.dtype.char != "O":
            return x
    elif x.__class__ in ACTIVE_TYPES:
        return x
    elif x.__class__ is list and LEAVES.issuperset(map(type, x)):
        x = np.asarray(x)
        if x.dtype.char != "O":
            return x
    elif _is_flat(x) and contains_active(x):
        # Not by way of an array: NumPy would ask complex ones for theirs, which they refuse.
        return _packed(list(x), (len(x),))
    elif _is_matrix(x) and contains_active(x):
        return _packed(list(chain.from_iterable(x)), (len(x), len(x[0])))
    else:
        try:
            x = np.asarray(x, dtype=object if contains_active(x) else None)
        except DerivativeLostError:
            if not isinstance(x, (list, tuple)):
                raise
            return np.stack([as_operand(row) for row in x])  # of complex numbers, as above
        if x.dtype.char != "O":
            return x
    return _packed((x if x.ndim == 1 else x.reshape(-1)).tolist(), x.shape, x)


def _packed(items: list[Any], shape: tuple[int, ...], x: Any = None) -> Any:
    """Make an array of scalars, active if one of them is; of other things `x`, the object array of them."""
    top = None
    for i, item in enumerate(items):
        if item.__class__ in ACTIVE_TYPES:
            if item._is_array():
                items[i] = item = item[()]
            if top is None or item._level > top._level:
                top = item
        elif item.__class__ is np.ndarray and item.ndim == 0:
            items[i] = item[()]
        elif item.__class__ in (list, tuple, np.ndarray):
            raise InputError("an object array of arrays cannot be differentiated; use np.stack or np.concatenate")
    if top is not None:
        return top._pack(items, shape, top._level)
    if all(isinstance(item, (numbers.Complex, np.bool_)) for item in items):
        return x.astype(complex if any(isinstance(item, complex) for item in items) else float)
    return x
