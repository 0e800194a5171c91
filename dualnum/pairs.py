"""The Hessian by hyper-dual numbers: blocks of pairs of unit directions, each pair in one order only."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from dualnum.boundary import Result, aux_at
from dualnum.dispatch import level_of, primal_all
from dualnum.errors import InputError
from dualnum.explaining import explain
from dualnum.hyperdual import seeded
from dualnum.inputs import as_input, copied, copied_one, flatten, unflatten
from dualnum.levels import enter_two, leave_transform
from dualnum.lifting import lift
from dualnum.packing import ACTIVE_TYPES
from dualnum.transforms import check_real
from dualnum.trees import tree_map

__all__ = ["hessian_by_pairs"]

# Numbers in a block of pairs of directions: what stays in a core's cache together with a few intermediate results.
_BLOCK_NUMBERS = 3 << 16


def hessian_by_pairs(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    positions: Sequence[int],
    has_aux: bool,
    chunk: int | None,
    holomorphic: bool,
    where: str,
) -> tuple[Any, Any]:
    """Second derivatives of a function with respect to pairs of its arguments, and its auxiliary result.

    Returns
    -------
    tuple
        For each pair of positions, in the structure of the result, that of the first argument, that of the second:
        ``y.shape + x_i.shape + x_j.shape``.
    """
    pairs = _Pairs(f, args, kwargs, positions, has_aux, where)
    for leaf in pairs.leaves:
        check_real(leaf, holomorphic, where)
    count = len(pairs.leaves)
    # Of each pair of leaves, one array for each leaf of the result.
    found: dict[tuple[int, int], list[Any]] = {}
    for p in range(count):
        for q in range(p, count):
            found[p, q] = pairs.block(p, q, chunk)
            found[q, p] = [np.swapaxes(block, 0, 1) for block in found[p, q]] if p != q else found[p, p]
    return pairs.in_structure(found), pairs.aux


class _Pairs:
    """A function, and the leaves of those of its arguments with respect to which it is differentiated."""

    def __init__(
        self, f: Callable[..., Any], args: Any, kwargs: Any, positions: Sequence[int], has_aux: bool, where: str
    ) -> None:
        self._f, self._args, self._kwargs = f, args, kwargs
        self._positions, self._has_aux, self._where = positions, has_aux, where
        self._treedefs: list[Any] = []
        self._groups: list[list[int]] = []
        self.leaves: list[Any] = []
        self.aux: Any = None
        self._result: Any = None
        for position in positions:
            leaves, treedef = flatten(args[position])
            self._treedefs.append(treedef)
            self._groups.append([*range(len(self.leaves), len(self.leaves) + len(leaves))])
            self.leaves += [as_input(leaf, where) for leaf in leaves]
        if not self.leaves:
            raise InputError(f"{where}: the argument to be differentiated has no arrays in it")

    def block(self, p: int, q: int, chunk: int | None) -> list[Any]:
        """Second derivatives with respect to two leaves, for each leaf of the result ``(n_p, n_q) + y.shape``."""
        n, m = self.leaves[p].size, self.leaves[q].size
        size = _chunk_size(max(n, m), chunk)
        blocks: list[Any] = []
        for i, k in _ranges(n, size):
            for j, other in _ranges(m, size):
                if p == q and j < i:
                    continue
                parts = self._run(p, q, i, k, j, other)
                if not blocks:
                    blocks = [np.empty((n, m, *e12.shape[2:]), e12.dtype, like=e12) for e12 in parts]
                for block, e12 in zip(blocks, parts, strict=True):
                    block[i : i + k, j : j + other] = e12
                    if p == q and i != j:
                        block[j : j + other, i : i + k] = np.swapaxes(e12, 0, 1)
        return blocks

    def _run(self, p: int, q: int, i: int, k: int, j: int, other: int) -> list[Any]:
        """Run the function for a block of pairs of unit directions of two leaves."""
        levels, token = enter_two()
        try:
            leaves = []
            for number, x in enumerate(self.leaves):
                if number in (p, q):
                    e1, e2 = (
                        _directions(x, i if number == p else None, k),
                        _directions(x, j if number == q else None, other),
                    )
                    leaves.append(seeded(x.copy(), e1, e2, levels))
                else:
                    leaves.append(x.copy())
            args = copied(self._args, self._positions)
            for position, treedef, group in zip(self._positions, self._treedefs, self._groups, strict=True):
                args[position] = unflatten(treedef, [leaves[number] for number in group])
            y = self._f(*args, **{name: copied_one(value) for name, value in self._kwargs.items()})
            extra: Any = None
            if self._has_aux:
                if not isinstance(y, tuple) or len(y) != 2:
                    raise InputError(f"{self._where}: with has_aux=True the function must return a pair (result, aux).")
                y, extra = y
            result = Result(y, self._where)
        except Exception as error:
            explain(error)
            raise
        finally:
            leave_transform(token)
        if self._result is None:
            self._result = result
            strip: Any = partial(aux_at, level=levels[1])
            self.aux = tree_map(strip, extra, none_is_leaf=True)
        return [self._second(leaf, levels[1], (k, other)) for leaf in result.leaves]

    def _second(self, y: Any, level: int, lead: tuple[int, int]) -> Any:
        if level_of(y) == level:
            return y.e12
        if level_of(y) > level:
            raise InputError(f"{self._where}: the function returned a number with derivatives that it made by hand.")
        value = np.asarray(primal_all(y))
        return np.zeros((*lead, *value.shape), value.dtype if value.dtype.kind in "fc" else np.float64)

    def in_structure(self, found: dict[tuple[int, int], list[Any]]) -> Any:
        """Blocks of pairs of leaves in the structures of results and arguments."""
        groups = list(zip(self._treedefs, self._groups, strict=True))
        return tuple(
            tuple(
                self._result.rebuild(
                    [
                        unflatten(
                            first, [unflatten(second, [self._shaped(found, p, q, y) for q in after]) for p in before]
                        )
                        for y in range(len(self._result.leaves))
                    ]
                )
                for second, after in groups
            )
            for first, before in groups
        )

    def _shaped(self, found: dict[tuple[int, int], list[Any]], p: int, q: int, y: int) -> Any:
        block = np.moveaxis(found[p, q][y], (0, 1), (-2, -1))
        return block.reshape((*block.shape[:-2], *self.leaves[p].shape, *self.leaves[q].shape))[()]


def _chunk_size(n: int, chunk: int | None) -> int:
    if chunk is None:
        return max(1, min(n, math.isqrt(_BLOCK_NUMBERS // max(n, 1))))
    size = operator.index(chunk)
    if size < 1:
        raise ValueError(f"chunk must be at least 1, got {chunk}")
    return min(size, max(n, 1))


def _ranges(n: int, size: int) -> Iterator[tuple[int, int]]:
    """Where blocks begin, and how long they are; at least one, for the function shall be run."""
    return ((start, min(size, n - start)) for start in range(0, max(n, 1), size))


def _directions(x: Any, start: int | None, k: int) -> Any:
    """Unit directions number `start` to ``start + k`` of a leaf; zeros for a leaf that is not meant."""
    seed = np.zeros((k, *x.shape), primal_all(x).dtype)
    if start is not None:
        seed.reshape(-1)[start :: x.size + 1] = 1
    return lift(seed, x) if x.__class__ in ACTIVE_TYPES else seed
