"""The Jacobian by rows: one run on a tape, and unit cotangents pulled back in blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualnum.columns import chunk_size
from dualnum.inputs import unflatten
from dualnum.reverse import Run

__all__ = ["jacobians"]


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
    count = len(run.inputs)
    return [run.result.rebuild([blocks[j] for blocks in by_output]) for j in range(count)]


def _of_output(run: Run, i: int, chunk: int | None, prepare: Callable[[Any], Any] | None) -> list[Any]:
    """Derivatives of one leaf of the result with respect to each argument."""
    shape = run.shapes[i]
    leaves = [leaf for group in run.inputs for leaf in group]
    complex_output = run.dtypes[i].kind == "c"
    blocks: list[list[Any]] = [[] for _ in leaves]
    width = max(math.prod(leaf.shape) for leaf in leaves)
    for seeds, k in _unit_cotangents(shape, run.dtypes[i], chunk, width):
        if prepare is not None:
            seeds = prepare(seeds)
        bars = run.pull_leaves([(i, seeds)], k)
        imaginary = bars
        if complex_output and any(x.dtype.kind == "f" for x in leaves):
            # <i e, J x> = Im(J) x: of real inputs, the imaginary part takes a traversal of its own.
            imaginary = run.pull_leaves([(i, 1j * seeds)], k)
        for block, leaf, bar, bar_i in zip(blocks, leaves, bars, imaginary, strict=True):
            if leaf.dtype.kind == "c":
                bar = np.conj(bar)  # the pull of a holomorphic function is the conjugate transpose
            elif complex_output:
                bar = bar + 1j * bar_i
            block.append(bar)
    found = iter(_joined(block, (*shape, *leaf.shape)) for block, leaf in zip(blocks, leaves, strict=True))
    return [
        unflatten(treedef, [next(found) for _ in group])
        for treedef, group in zip(run.treedefs, run.inputs, strict=True)
    ]


def _joined(blocks: list[Any], shape: tuple[int, ...]) -> Any:
    rows = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    return rows if rows.shape == shape else np.reshape(rows, shape)


def _unit_cotangents(shape: tuple[int, ...], dtype: Any, chunk: int | None, width: int) -> Iterator[tuple[Any, Any]]:
    """Give blocks of rows, each with their number; of one element, the one cotangent, which needs no axis for rows."""
    size = math.prod(shape)
    kind = dtype if dtype.kind in "fc" else np.dtype(float)
    if size == 1:
        yield np.ones(shape, kind)[()], None
        return
    if not size:
        yield np.zeros((0, *shape), kind), 0
        return
    block = chunk_size(max(size, width), chunk)
    for start in range(0, size, block):
        k = min(block, size - start)
        seeds = np.zeros((k, size), kind)
        seeds[np.arange(k), start + np.arange(k)] = 1
        yield seeds.reshape(k, *shape), k
