"""The Hessian by hyper-dual numbers: blocks of pairs of unit directions, each pair in one order only."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from dualnum.boundary import Result, aux_at, refuse_left_over, refuse_others
from dualnum.digests import Same
from dualnum.dispatch import level_of, primal_all
from dualnum.errors import InputError
from dualnum.executing import Piece, Plan, check_out, derivative_dtype, evaluate, require_single, reshaped, shared_chunk
from dualnum.explaining import explain
from dualnum.hyperdual import seeded
from dualnum.inputs import as_input, copied, copied_one, flatten, unflatten
from dualnum.levels import enter_two, leave_transform, nothing_outside
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
    plan: Plan | None = None,
) -> tuple[Any, Any]:
    """Second derivatives of a function with respect to pairs of its arguments, and its auxiliary result.

    With a plan, rows of blocks are computed where that says.

    Returns
    -------
    tuple
        For each pair of positions, in the structure of the result, that of the first argument, that of the second:
        ``y.shape + x_i.shape + x_j.shape``.
    """
    pairs = _Pairs(f, args, kwargs, positions, has_aux, chunk, where)
    for leaf in pairs.leaves:
        check_real(leaf, holomorphic, where)
    workers = plan.workers() if plan is not None and chunk is None else 0
    pieces = []
    for group, (p, q) in enumerate(pairs.groups):
        n, size = pairs.leaves[p].size, pairs.size(p, q)
        rows = _ranges(0, n, shared_chunk(n, size, size * n, workers))
        pieces += [Piece(group, i, k) for i, k in rows]
    # Of each pair of leaves, one array for each leaf of the result.
    found: dict[tuple[int, int], list[Any]] = {}
    if plan is not None:
        pairs.evaluate(plan)
        if plan.out is not None:
            found[0, 0] = [pairs.view_of(plan.out)]

    def write(piece: Piece, parts: list[Any]) -> None:
        p, q = pairs.groups[piece.group]
        i, j = piece.start, piece.stop
        if (p, q) not in found:
            n, m = pairs.leaves[p].size, pairs.leaves[q].size
            found[p, q] = [np.empty((n, m, *e12.shape[2:]), e12.dtype, like=e12) for e12 in parts]
        for block, e12 in zip(found[p, q], parts, strict=True):
            block[i:j, i if p == q else 0 :] = e12
            if p == q and j < len(block):
                block[j:, i:j] = np.swapaxes(e12[:, j - i :], 0, 1)

    if plan is None:
        for piece in pieces:
            write(piece, pairs(piece))
    else:
        for _ in plan.pieces(pairs, pieces, "row", write, note=" (from the diagonal on, and their mirror images)"):
            pass
        if plan.out is not None:
            return ((plan.out,),), pairs.aux
    for p, q in pairs.groups:
        if p != q:
            found[q, p] = [np.swapaxes(block, 0, 1) for block in found[p, q]]
    return pairs.in_structure(found), pairs.aux


class _Pairs:
    """A function, and the leaves of those of its arguments with respect to which it is differentiated."""

    def __init__(
        self, f: Callable[..., Any], args: Any, kwargs: Any, positions: Sequence[int], has_aux: bool, chunk: int | None,
        where: str,
    ) -> None:  # fmt: skip
        self._f, self._args, self._kwargs = f, args, kwargs
        self._positions, self._has_aux, self._chunk, self._where = positions, has_aux, chunk, where
        self._treedefs: list[Any] = []
        self._groups: list[list[int]] = []
        self.leaves: list[Any] = []
        self.aux: Any = None
        self._result: Any = None
        self._same = Same(where)
        self._outermost = False
        for position in positions:
            leaves, treedef = flatten(args[position])
            self._treedefs.append(treedef)
            self._groups.append([*range(len(self.leaves), len(self.leaves) + len(leaves))])
            self.leaves += [as_input(leaf, where) for leaf in leaves]
        if not self.leaves:
            raise InputError(f"{where}: the argument to be differentiated has no arrays in it")

        #: Pairs of leaves, each in one order.
        self.groups = [(p, q) for p in range(len(self.leaves)) for q in range(p, len(self.leaves))]

    def evaluate(self, plan: Plan) -> None:
        """Find the structure of the result, which is sent by nobody, before derivatives are taken elsewhere."""
        plan.refuse_active(self.leaves)
        # What is sent later shall be what it is now.
        self._args, self._kwargs = (
            copied(self._args, ()),
            {name: copied_one(self._kwargs[name]) for name in self._kwargs},
        )
        self._result, self.aux = evaluate(
            lambda still: self._call([still(x) for x in self.leaves]), self._has_aux, self._where
        )
        plan.refuse_active(self._result.leaves)
        self._same.check(self._result)
        self._outermost = True

    def view_of(self, out: np.ndarray) -> np.ndarray:
        """See an array for the Hessian of one array with respect to one array as ``(n, n) + y.shape``; raise if it is none."""
        require_single(self._treedefs == [None] and self._result.is_array, self._where)
        y, x = self._result.leaves[0], self.leaves[0]
        check_out(out, (*np.shape(y), *x.shape, *x.shape), derivative_dtype(y), self._where)
        return np.moveaxis(reshaped(out, (*np.shape(y), x.size, x.size), self._where), (-2, -1), (0, 1))

    def size(self, p: int, q: int) -> int:
        """How many directions of either leaf are pushed together."""
        return _chunk_size(max(self.leaves[p].size, self.leaves[q].size), self._chunk)

    def __call__(self, piece: Piece) -> list[Any]:
        """Second derivatives with respect to some elements of a leaf and those of another, or from the diagonal on.

        For each leaf of the result, of shape ``(k, n_q) + y.shape``.
        """
        p, q = self.groups[piece.group]
        ranges = _ranges(piece.start if p == q else 0, self.leaves[q].size, self.size(p, q))
        with nothing_outside() if self._outermost else nullcontext():
            parts = [self._run(p, q, piece.start, piece.stop - piece.start, j, other) for j, other in ranges]
        return parts[0] if len(parts) == 1 else [np.concatenate(blocks, axis=1) for blocks in zip(*parts, strict=True)]

    def _call(self, leaves: list[Any]) -> Any:
        """Call the function with leaves in place of its own."""
        args = copied(self._args, self._positions)
        for position, treedef, group in zip(self._positions, self._treedefs, self._groups, strict=True):
            args[position] = unflatten(treedef, [leaves[number] for number in group])
        return self._f(*args, **{name: copied_one(value) for name, value in self._kwargs.items()})

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
            y = self._call(leaves)
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
        if self._outermost:
            for leaf in result.leaves:
                refuse_others(leaf.value if level_of(leaf) == levels[1] else leaf, 0)
        if self._outermost or len(self.leaves) > 1 or k < self.leaves[p].size or other < self.leaves[q].size:
            self._same.check(result)
        if self._result is None:
            self._result = result
            strip: Any = partial(aux_at, level=levels[1])
            self.aux = tree_map(strip, extra, none_is_leaf=True)
        return [self._second(leaf, levels[1], (k, other)) for leaf in result.leaves]

    def _second(self, y: Any, level: int, lead: tuple[int, int]) -> Any:
        if level_of(y) == level:
            refuse_left_over(y.value, y.e12)
            return y.e12
        if level_of(y) > level:
            raise InputError(f"{self._where}: the function returned a number with derivatives that it made by hand.")
        refuse_left_over(y)
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


def _ranges(start: int, stop: int, size: int) -> list[tuple[int, int]]:
    """Where blocks begin, and how long they are; at least one, for the function shall be run."""
    return [(i, min(size, stop - i)) for i in range(start, max(stop, start + 1), size)]


def _directions(x: Any, start: int | None, k: int) -> Any:
    """Unit directions number `start` to ``start + k`` of a leaf; zeros for a leaf that is not meant."""
    seed = np.zeros((k, *x.shape), primal_all(x).dtype)
    if start is not None:
        seed.reshape(-1)[start :: x.size + 1] = 1
    return lift(seed, x) if x.__class__ in ACTIVE_TYPES else seed
