"""A Jacobian in pieces, each of which can be computed anywhere: columns or rows of it, and where they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualnum.boundary import Result, refuse_others
from dualnum.columns import block_tangents, chunk_size
from dualnum.digests import Same
from dualnum.errors import InputError
from dualnum.executing import Blocks, Piece, Plan, column_pieces, evaluate, shared_chunk
from dualnum.inputs import as_input, copied, copied_one, flatten, is_array_like
from dualnum.levels import nothing_outside
from dualnum.modes import choice_for, is_small
from dualnum.rows import row_blocks, rows_of
from dualnum.runs import Run
from dualnum.transforms import check_real, with_others
from dualnum.trees import tree_leaves, tree_structure, tree_unflatten

__all__ = ["Argument", "in_pieces"]


class Argument:
    """An argument with respect to which a function is differentiated: one array, or a tree of them."""

    def __init__(self, argument: Any, holomorphic: bool, where: str) -> None:
        self._treedef: Any = None
        if isinstance(argument, np.ndarray) or is_array_like(argument):
            raw = [argument]
        else:
            raw, self._treedef = flatten(argument)
        self.leaves = [as_input(leaf, where) for leaf in raw]
        for leaf in self.leaves:
            check_real(leaf, holomorphic, where)

    @property
    def is_array(self) -> bool:
        """Whether it is one array."""
        return self._treedef is None

    @property
    def size(self) -> int:
        """Number of elements."""
        return sum(leaf.size for leaf in self.leaves)

    def copy(self) -> Any:
        """Copy the argument, as it is differentiated."""
        return self.mapped(copied_one)

    def mapped(self, function: Callable[[Any], Any]) -> Any:
        """Apply a function to each leaf."""
        leaves = [function(leaf) for leaf in self.leaves]
        return leaves[0] if self._treedef is None else tree_unflatten(self._treedef, leaves)

    def function_of(self, of_one: Callable[[Any], Any], i: int) -> Callable[[Any], Any]:
        """Make a function of a tree one of its leaf number `i`."""
        if self._treedef is None:
            return of_one

        def of_leaf(x: Any) -> Any:
            leaves = [x if j == i else copied_one(leaf) for j, leaf in enumerate(self.leaves)]
            return of_one(tree_unflatten(self._treedef, leaves))

        return of_leaf

    def join(self, blocks: list[Any], value: Any) -> Any:
        """Put the Jacobians of the leaves into the structure of the argument, inside that of the result."""
        if self._treedef is None:
            return blocks[0]
        if not blocks:
            raise InputError("the argument to be differentiated has no arrays in it")
        outer = tree_structure(value, none_is_leaf=True)
        by_leaf = [tree_leaves(block, none_is_leaf=True) for block in blocks]
        inner = [tree_unflatten(self._treedef, list(parts)) for parts in zip(*by_leaf, strict=True)]
        return tree_unflatten(outer, inner)


@dataclass(frozen=True)
class _Columns:
    """Columns of Jacobians, as a function of a piece; it is sent to other processes."""

    f: Callable[..., Any]
    args: list[Any]
    kwargs: dict[str, Any]
    positions: Sequence[int]
    has_aux: bool
    where: str
    same: Same

    def value(self, still: Callable[[Any], Any]) -> Any:
        """Call the function, with what `still` makes of each array with respect to which it is differentiated."""
        args = copied(self.args, self.positions)
        for position in self.positions:
            args[position] = Argument(args[position], True, self.where).mapped(still)
        return self.f(*args, **{name: copied_one(value) for name, value in self.kwargs.items()})

    def cheaper_mode(self) -> str:
        """Find the mode that takes less; forward mode where a tape refuses the function."""
        others = {name: copied_one(value) for name, value in self.kwargs.items()}
        args = copied(self.args, self.positions)
        try:
            return choice_for(Run(self.f, args, self.positions, others, self.where, self.has_aux)).mode
        except Exception:
            return "forward"

    @nothing_outside()
    def __call__(self, piece: Piece) -> list[Any]:
        """Columns for all leaves of the result, with respect to one leaf of the arguments."""
        trees = [(position, Argument(self.args[position], True, self.where)) for position in self.positions]
        position, tree, i = [(position, tree, i) for position, tree in trees for i in range(len(tree.leaves))][
            piece.group
        ]
        of_leaf = tree.function_of(with_others(self.f, self.args, position, self.kwargs), i)
        result, tangents = block_tangents(of_leaf, tree.leaves[i], piece.start, piece.k, self.where, self.has_aux, True)
        self.same.check(result)
        return tangents


class _Rows(_Columns):
    """Rows, likewise. A tape cannot be sent, so each piece records its own."""

    @nothing_outside()
    def __call__(self, piece: Piece) -> list[Any]:
        """Rows of one leaf of the result, with respect to all leaves of the arguments."""
        others = {name: copied_one(value) for name, value in self.kwargs.items()}
        run = Run(self.f, copied(self.args, self.positions), self.positions, others, self.where, self.has_aux)
        result = Result(run.value, self.where)
        for leaf in result.leaves:
            refuse_others(leaf, 0)
        self.same.check(result)
        rows = list(rows_of(run, piece.group, piece.start, piece.k))
        run.recorder.clear()
        return rows


def in_pieces(
    f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], positions: Sequence[int], trees: list[Argument],
    mode: str, has_aux: bool, chunk: int | None, plan: Plan,
) -> tuple[Any, Any, list[Any]]:  # fmt: skip
    """Value, auxiliary result and, for each position, Jacobian of a function, piece by piece.

    Parameters
    ----------
    f, args, kwargs, positions, has_aux, chunk
        As in `jacobian`.
    trees : list of Argument
        The arguments at `positions`.
    mode : {"auto", "forward", "reverse"}
        Forward mode sends columns, reverse mode rows.
    plan : Plan
        Where the pieces are computed, and where they go.
    """
    where, workers = plan.where, plan.workers()
    leaves = [leaf for tree in trees for leaf in tree.leaves]
    plan.refuse_active(leaves)
    # What is sent later shall be what it is now.
    kwargs = {name: copied_one(value) for name, value in kwargs.items()}
    args = copied(args, positions)
    for position, tree in zip(positions, trees, strict=True):
        args[position] = tree.copy()
    same = Same(where)
    whole = _Columns(f, args, kwargs, positions, has_aux, where, same)
    result, aux = evaluate(whole.value, has_aux, where)
    same.check(result)
    plan.refuse_active(result.leaves)
    if mode == "auto":
        mode = "forward" if is_small(sum(leaf.size for leaf in leaves)) else whole.cheaper_mode()
    by_columns = mode == "forward"
    found = Blocks(result.leaves, leaves, by_columns)
    if plan.out is not None:
        found.write_to(plan.out, len(trees) == 1 and trees[0].is_array and result.is_array, where)
    if by_columns:
        function, unit = whole, "column"
        pieces = [
            piece for group, x in enumerate(leaves) for piece in column_pieces(x, result.leaves, chunk, workers, group)
        ]
    else:
        function, unit, pieces = _Rows(f, args, kwargs, positions, has_aux, where, same), "row", []
        width = max([leaf.size for leaf in leaves], default=0)
        for group, m in enumerate(map(np.size, result.leaves)):
            size = chunk
            if chunk is None:
                size = shared_chunk(m, chunk_size(max(m, width), None), max(m, width), workers)
            pieces += [Piece(group, start, k) for start, k in row_blocks(m, width, size) if k != 0]
    for _ in plan.pieces(function, pieces, unit, found.write):
        pass
    value = result.map(lambda leaf: leaf)
    columns = iter([result.rebuild([found[i, j] for i in range(len(result.leaves))]) for j in range(len(leaves))])
    return value, aux, [tree.join([next(columns) for _ in tree.leaves], value) for tree in trees]
