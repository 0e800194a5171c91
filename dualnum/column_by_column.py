"""Jacobians column by column, for those that are larger than memory, or of which one column is wanted."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np

from dualnum.columns import block_tangents, blocks, chunk_size
from dualnum.digests import Same
from dualnum.dispatch import primal_all
from dualnum.executing import Blocks, Piece, Plan, column_pieces, evaluate
from dualnum.inputs import as_input, describe_function
from dualnum.levels import nothing_outside
from dualnum.transforms import check_real, push_list

__all__ = ["jacobian_column", "jacobian_columns"]


def jacobian_columns(
    f: Callable[[Any], Any], x: Any, *, chunk: int | None = None, holomorphic: bool = False,
    executor: Executor | None = None, progress: bool = False, out: np.ndarray | None = None,
) -> Iterator[Any]:  # fmt: skip
    """Iterate over the columns of a Jacobian, without ever holding more than one chunk of them.

    Parameters
    ----------
    f : callable
        Function of one array.
    x : array_like
        The point. It is copied at once: later changes have no effect.
    chunk : int, optional
        How many directions are pushed together.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex argument.
    executor, progress
        As in `jacobian`. Chunks are computed ahead of what is taken from the iterator, three for each worker.
    out : ndarray or numpy.memmap, optional
        Of the shape of the Jacobian, ``f(x).shape + x.shape``: each column is written there, and given as a view of it.

    Returns
    -------
    iterator
        For each element of `x`, in C order, the derivative of `f` with respect to it, of the shape of ``f(x)``.

    Raises
    ------
    InputError, ShapeError, ExecutionError, MissingExtraError
        As `jacobian` does.

    Examples
    --------
    >>> from dualnum import jacobian_columns
    >>> [float(column) for column in jacobian_columns(lambda x: x[0] ** 2 * x[1], [3.0, 1.0])]
    [6.0, 9.0]
    """
    where = f"jacobian_columns({describe_function(f)})"
    x = as_input(x, where)
    check_real(x, holomorphic, where)
    if chunk is not None:
        chunk_size(x.size, chunk)
    if executor is None and not progress and out is None:
        return _columns(f, x, chunk, where)
    return _columns_in_pieces(f, x, chunk, Plan(where, executor, progress, out))


def _columns(f: Callable[[Any], Any], x: Any, chunk: int | None, where: str) -> Iterator[Any]:
    if not x.size:
        return
    same = Same(where)
    for start, k in blocks(x, chunk):
        result, tangents = block_tangents(f, x, start, k, where)
        same.check(result)
        if k is None:
            yield result.rebuild(tangents)
        else:
            for j in range(k):
                yield result.rebuild([tangent[j].copy() for tangent in tangents])


def _columns_in_pieces(f: Callable[[Any], Any], x: Any, chunk: int | None, plan: Plan) -> Iterator[Any]:
    plan.refuse_active([x])
    result, _ = evaluate(lambda still: f(still(x)), False, plan.where)
    plan.refuse_active(result.leaves)
    found = Blocks(result.leaves, [x], by_columns=True)
    if plan.out is not None:
        found.write_to(plan.out, result.is_array, plan.where)
    write = found.write if plan.out is not None else None
    pieces = column_pieces(x, result.leaves, chunk, plan.workers())
    same = Same(plan.where)
    same.check(result)
    done = plan.pieces(partial(_tangents, f, x, same, plan.where), pieces, "column", write, ordered=True)

    def columns() -> Iterator[Any]:
        with closing(done):  # what is under way is cancelled if nobody takes the rest
            for piece, tangents in done:
                if plan.out is not None:
                    view = np.reshape(plan.out, found.flat(0, 0))
                    yield from (view[..., j] for j in range(piece.start, piece.stop))
                elif piece.k is None:
                    yield result.rebuild(tangents)
                else:
                    yield from (result.rebuild([tangent[j].copy() for tangent in tangents]) for j in range(piece.k))

    return columns()


@nothing_outside()
def _tangents(f: Callable[[Any], Any], x: Any, same: Same, where: str, piece: Piece) -> list[Any]:
    """Columns of a piece, as a function that is sent to other processes."""
    result, tangents = block_tangents(f, x.copy(), piece.start, piece.k, where, outermost=True)
    same.check(result)
    return tangents


def jacobian_column(f: Callable[[Any], Any], x: Any, j: int | tuple[int, ...], *, holomorphic: bool = False) -> Any:
    """One column of a Jacobian: the derivative of `f` with respect to element `j` of its argument.

    Parameters
    ----------
    f : callable
        Function of one array.
    x : array_like
        The point.
    j : int or tuple of int
        Index of the element, as in ``x[j]``; an int counts in C order.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex argument.

    Returns
    -------
    The derivative, of the shape of ``f(x)``.

    Raises
    ------
    IndexError
        There is no such element.

    Examples
    --------
    >>> from dualnum import jacobian_column
    >>> float(jacobian_column(lambda x: x[0] ** 2 * x[1], [3.0, 1.0], 0))
    6.0
    """
    where = f"jacobian_column({describe_function(f)})"
    x = as_input(x, where)
    check_real(x, holomorphic, where)
    x_dot = np.zeros(x.shape, primal_all(x).dtype)
    if isinstance(j, tuple):
        x_dot[j] = 1
    else:
        x_dot.reshape(-1)[operator.index(j)] = 1
    if np.count_nonzero(x_dot) != 1:
        raise IndexError(f"{where}: {j} is not the index of one element of an array of shape {x.shape}.")
    return push_list(lambda args: f(*args), [x], [x_dot], where)[1]
