"""The Jacobian of a function of one array: blocks of unit directions, and where their tangents go."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

import numpy as np

from dualnum.boundary import Result, aux_at, primal_at, refuse_others, tangent_at
from dualnum.digests import Same
from dualnum.dispatch import OBSERVER, primal_all
from dualnum.dual import SEED
from dualnum.dual_array import make_dual
from dualnum.errors import InputError
from dualnum.explaining import explain
from dualnum.levels import current_level, enter_transform, leave_transform
from dualnum.lifting import lift
from dualnum.memory import LARGE, settle_allocator
from dualnum.packing import ACTIVE_TYPES, PLAIN_TYPES, as_operand
from dualnum.small import MOST_DIRECTIONS
from dualnum.sparse import SparseDual, seed
from dualnum.tangents import match_kind, match_layout
from dualnum.trees import tree_map

__all__ = ["block_tangents", "blocks", "chunk_size", "goes_by_terms", "jacobian_by_terms", "jacobian_of", "run_block"]

# Numbers in a block of directions: what stays in a core's cache together with a few intermediate results.
_CHUNK_NUMBERS = 3 << 16

# From so many directions on they are the innermost axis in memory.
_MANY = 32

# Up to this size the unit directions are kept.
_SMALL = 16

_FLOAT64 = np.dtype(np.float64)

#: From so many inputs on, only what is not zero is pushed, where the function allows.
FEWEST = 192


def chunk_size(n: int, chunk: int | None) -> int:
    """How many of n directions are pushed together."""
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


def blocks(x: Any, chunk: int | None) -> Iterable[tuple[int, int | None]]:
    """Where the blocks of unit directions begin, and how many each has; None for the only direction of a scalar."""
    n = x.size
    if x.ndim == 0:
        return ((0, None),)
    if chunk is None and n * n <= _CHUNK_NUMBERS:
        return ((0, n),)
    size = chunk_size(n, chunk)
    if size >= n:
        return ((0, n),)
    return ((start, min(size, n - start)) for start in range(0, n, size))


def run_block(f: Callable[[Any], Any], x: Any, start: int, k: int | None) -> tuple[Any, int]:
    """Run `f` for a block of unit directions; give its result, and their level."""
    seed = match_kind(x, primal_all(x).dtype.type(1)) if k is None else _seeds(x, start, k)
    if seed.size > LARGE:
        settle_allocator()
    if x.ndim > 1:
        seed = match_layout(x, seed)
    if x.__class__ in ACTIVE_TYPES:
        seed = lift(seed, x)
    level, token = enter_transform()
    try:
        # The last block may use up the input, which is a copy already.
        value = x if k is None or start + k == x.size else x.copy(order="K")
        if k == x.size > MOST_DIRECTIONS and x.ndim == 1 and x.__class__ is np.ndarray and x.dtype is _FLOAT64:
            SEED[0] = seed
        return f(make_dual(value, seed, level, k)), level
    except Exception as error:
        explain(error)
        raise
    finally:
        SEED[0] = None
        leave_transform(token)


def block_tangents(
    f: Callable[[Any], Any],
    x: Any,
    start: int,
    k: int | None,
    where: str,
    has_aux: bool = False,
    outermost: bool = False,
) -> tuple[Result, list[Any]]:
    """Result of a function for a block of unit directions, and the tangents of its leaves; others are around it or not."""
    y, level = run_block(f, x, start, k)
    result = Result(y[0] if has_aux else y, where)
    if outermost:
        for leaf in result.leaves:
            refuse_others(leaf, level)
    return result, [tangent_at(leaf, level, k) for leaf in result.leaves]


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
        elif tangent.__class__ in PLAIN_TYPES:
            # One array from the start, and not a list of blocks: so their memory can be used again for the next block.
            if self._rows is None:
                self._rows = np.moveaxis(np.empty((*tangent.shape[1:], n), tangent.dtype, like=tangent), -1, 0)
            self._rows[start : start + k] = tangent
        else:
            self._rows = tangent if self._rows is None else np.concatenate([self._rows, tangent])

    def jacobian(self) -> Any:
        return _from_rows(self._rows, self._x)


def jacobian_by_terms(
    f: Callable[[Any], Any], x: Any, has_aux: bool, where: str, block: Callable[[Any, Any, int], Any] | None = None
) -> tuple[Any, Any, Any] | None:
    """Value, Jacobian and auxiliary result, by pushing only what is not zero; None where that is not possible or no gain.

    Parameters
    ----------
    f, x, has_aux, where
        As in `jacobian_of`.
    block : callable, optional
        ``block(leaf, x, level)`` gives the block of the Jacobian of a leaf of the result; by default an array.
    """
    if x.__class__ is not np.ndarray or x.dtype is not _FLOAT64 or not x.ndim or (block is None and x.size < FEWEST):
        return None
    if current_level() or OBSERVER.get() is not None:  # what is counted are directions
        return None
    level, token = enter_transform()
    seeded = seed(x, level)
    directions = seeded._directions
    try:
        y = f(seeded)
        y, extra = y if has_aux else (y, None)
        result = Result(y, where)
        found = [(block or _block)(leaf, x, level) for leaf in result.leaves]
    except Exception:
        return None  # whatever it was, blocks of directions know what to do, or to say
    finally:
        leave_transform(token)
    if directions.refused:
        return None
    value = result.map(lambda leaf: _writable(primal_at(leaf, level)))
    aux = tree_map(lambda leaf: _writable(aux_at(leaf, level)), extra, none_is_leaf=True) if has_aux else None
    return value, result.rebuild(found), aux


def goes_by_terms(f: Callable[[Any], Any], x: Any, where: str) -> bool:
    """Whether a Jacobian is found by pushing only what is not zero; the function is run once."""
    return x.size >= FEWEST and jacobian_by_terms(f, x, False, where, lambda *_: None) is not None


def _block(leaf: Any, x: Any, level: int) -> Any:
    if isinstance(leaf, SparseDual) and leaf._level == level:
        return leaf.derivatives().reshape(leaf.shape + x.shape)
    return _from_rows(tangent_at(leaf, level, x.size), x)


def _writable(x: Any) -> Any:
    return x.copy("K") if x.__class__ is np.ndarray and not x.flags.writeable else x


def jacobian_of(f: Callable[[Any], Any], x: Any, chunk: int | None, has_aux: bool, where: str) -> tuple[Any, Any, Any]:
    """Value, Jacobian and auxiliary result of a function of one array."""
    if chunk is None and x.size >= FEWEST:
        found = jacobian_by_terms(f, x, has_aux, where)
        if found is not None:
            return found
    value = aux = result = None
    all_rows: list[_Rows] = []
    same: Any = None
    for start, k in blocks(x, chunk):
        y, level = run_block(f, x, start, k)
        if has_aux:
            if not isinstance(y, tuple) or len(y) != 2:
                raise InputError(f"{where}: with has_aux=True the function must return a pair (result, aux).")
            y, extra = y
        elif k == x.size:
            if y.__class__ is np.ndarray:
                y = as_operand(y)
            if y.__class__ in ACTIVE_TYPES and y._level == level:  # the usual case, in short
                tangent = y._tangent if y._value.__class__ not in ACTIVE_TYPES else tangent_at(y, level, k)
                return y._value, _from_rows(tangent, x), None
        result = Result(y, where)
        if not start:
            value = result.map(partial(primal_at, level=level))
            if has_aux:
                aux = tree_map(partial(aux_at, level=level), extra, none_is_leaf=True)
            all_rows = [_Rows(x) for _ in result.leaves]
        if k is not None and k < x.size:
            same = same or Same(where)
            same.check(result)
        for rows, leaf in zip(all_rows, result.leaves, strict=True):
            rows.add(start, k, tangent_at(leaf, level, k))
    assert result is not None
    return value, result.rebuild([rows.jacobian() for rows in all_rows]), aux
