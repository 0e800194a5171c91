"""The Jacobian by rows: one run on a tape, and unit cotangents pulled back in blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualnum.columns import chunk_size
from dualnum.runs import Run

__all__ = ["jacobians", "row_blocks", "rows_of"]


def jacobians(run: Run, chunk: int | None, prepare: Callable[[Any], Any] | None = None) -> list[Any]:
    """Jacobians of a run with respect to each of its arguments.

    Parameters
    ----------
    run : Run
        What was recorded.
    chunk : int, optional
        How many rows are taken together.
    prepare : callable, optional
        What each block of unit cotangents goes through first.

    Returns
    -------
    list
        For each argument, in the structure of the result, in the structure of the argument: ``y.shape + x.shape``.
    """
    by_output = [_of_output(run, i, chunk, prepare) for i in range(len(run.shapes))]
    return [run.result.rebuild([blocks[j] for blocks in by_output]) for j in range(len(run.groups))]


def _of_output(run: Run, i: int, chunk: int | None, prepare: Callable[[Any], Any] | None) -> list[Any]:
    """Derivatives of one leaf of the result with respect to each argument."""
    shape, leaves = run.shapes[i], run.inputs
    blocks: list[list[Any]] = [[] for _ in leaves]
    size = math.prod(shape)
    for start, k in row_blocks(size, max(math.prod(leaf.shape) for leaf in leaves), chunk):
        for block, bar in zip(blocks, rows_of(run, i, start, k, prepare), strict=True):
            block.append(bar)
    return run.regrouped([_joined(block, (*shape, *leaf.shape)) for block, leaf in zip(blocks, leaves, strict=True)])


def row_blocks(size: int, width: int, chunk: int | None) -> Iterator[tuple[int, int | None]]:
    """Where the blocks of rows of a result begin, and how many each has; None for the only one, which needs no axis for rows.

    There is at least one, if it is empty.
    """
    if size == 1:
        yield 0, None
        return
    block = chunk_size(max(size, width), chunk)
    for start in range(0, max(size, 1), block):
        yield start, min(block, size - start)


def rows_of(run: Run, i: int, start: int, k: int | None, prepare: Callable[[Any], Any] | None = None) -> Iterator[Any]:
    """Rows number `start` to ``start + k`` of the Jacobians of leaf `i` of the result, by each leaf of the arguments."""
    shape, dtype = run.shapes[i], run.dtypes[i]
    kind = dtype if dtype.kind in "fc" else np.dtype(float)
    if k is None:
        seeds: Any = np.ones(shape, kind)[()]
    else:
        seeds = np.zeros((k, math.prod(shape)), kind)
        seeds[np.arange(k), start + np.arange(k)] = 1
        seeds = seeds.reshape(k, *shape)
    if prepare is not None:
        seeds = prepare(seeds)
    leaves = run.inputs
    bars = imaginary = run.pull_leaves([(i, seeds)], k)
    if dtype.kind == "c" and any(x.dtype.kind == "f" for x in leaves):
        # <i e, J x> = Im(J) x: of real inputs, the imaginary part takes a traversal of its own.
        imaginary = run.pull_leaves([(i, 1j * seeds)], k)
    for leaf, bar, bar_i in zip(leaves, bars, imaginary, strict=True):
        if leaf.dtype.kind == "c":
            bar = np.conj(bar)  # the pull of a holomorphic function is the conjugate transpose
        elif dtype.kind == "c":
            bar = bar + 1j * bar_i
        yield bar


def _joined(blocks: list[Any], shape: tuple[int, ...]) -> Any:
    rows = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    return rows if rows.shape == shape else np.reshape(rows, shape)
