"""Derivatives in pieces, on the workers of an executor: sending them out, gathering them, and saying what has failed."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from itertools import islice
from pickle import PicklingError
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np

from dualnum.boundary import Result, aux_at, primal_at
from dualnum.columns import blocks, chunk_size
from dualnum.dual_operands import make_dual
from dualnum.errors import ExecutionError, InputError, MissingExtraError, ShapeError
from dualnum.explaining import explain
from dualnum.levels import current_level, enter_transform, leave_transform
from dualnum.packing import contains_active
from dualnum.trees import tree_map

__all__ = [
    "Blocks",
    "Piece",
    "Plan",
    "check_out",
    "column_pieces",
    "derivative_dtype",
    "evaluate",
    "require_single",
    "reshaped",
    "shared_chunk",
]

# Pieces per worker, at most: with fewer, workers wait for the last; with more, what each computes anew weighs more.
_PIECES = 4

# Numbers in an operation on a piece, below which the call takes longer than the arithmetic: then smaller pieces take no less
# time, and each worker gets one.
_LEAST = 1 << 15

# Pieces per worker that are under way: the next lies ready where one is done, and results cannot pile up in memory while
# `out` is written more slowly than they come.
_AHEAD = 3


class Piece(NamedTuple):
    """Some directions (or rows, or pairs) that are taken together.

    Attributes
    ----------
    group : int
        Of which array they are, where there are several.
    start : int
        Number of the first.
    k : int or None
        How many; None for the only direction of a scalar.
    """

    group: int
    start: int
    k: int | None

    @property
    def stop(self) -> int:
        """Number after the last."""
        return self.start + (1 if self.k is None else self.k)


class _Work:
    """What is sent with each piece; NumPy's handling of floating-point errors belongs to a thread, and goes along."""

    def __init__(self, function: Callable[[Piece], Any], where: str) -> None:
        self._function = function
        self.__name__ = where  # what dask calls it
        # Those that call something have it in this thread alone.
        self._errors: Any = {kind: how for kind, how in np.geterr().items() if how not in ("call", "log")}
        self._id = uuid4().hex

    def __call__(self, piece: Piece) -> Any:
        with np.errstate(**self._errors):
            return self._function(piece)

    def __dask_tokenize__(self) -> str:
        # Else dask would take the result of an earlier call for that of this one, where both look the same to it.
        return self._id


class Plan:
    """How a derivative is taken in pieces.

    Parameters
    ----------
    where : str
        What is being computed, for messages.
    executor : concurrent.futures.Executor, optional
        Where the pieces are computed; by default here.
    progress : bool
        Whether to show a bar.
    out : ndarray, optional
        Where results are written.
    """

    def __init__(self, where: str, executor: Any, progress: bool, out: Any) -> None:
        self.where, self.executor, self.out = where, executor, out
        self._progress: Any = None
        if executor is not None and not isinstance(executor, Executor):
            raise InputError(
                f"{where}: executor= takes an executor of concurrent.futures or one made like them; got "
                f"{type(executor).__name__}. Of a dask Client take client.get_executor()."
            )
        if out is not None and out.__class__ not in (np.ndarray, np.memmap):
            raise InputError(f"{where}: out= takes an array or a numpy.memmap; got {type(out).__name__}.")
        if progress:
            try:
                from tqdm import tqdm
            except ImportError as error:
                raise MissingExtraError(
                    f"{where}: progress=True needs tqdm: install dualnum with the extra 'progress'"
                ) from error
            self._progress = tqdm

    def workers(self) -> int:
        """How many workers there are, as far as the executor says: the interface has no name for that. Here, none."""
        if self.executor is None:
            return 0
        count: Any = getattr(self.executor, "_max_workers", None) or getattr(self.executor, "num_workers", None)
        client: Any = getattr(self.executor, "_client", None)
        if count is None and hasattr(client, "nthreads"):  # dask
            count = sum(client.nthreads().values())
        return count or os.cpu_count() or 1

    def refuse_active(self, values: Any) -> None:
        """Raise where the derivative is taken inside of another."""
        if current_level() or any(map(contains_active, values)):
            raise InputError(
                f"{self.where}: executor=, progress= and out= are for the outermost derivative, and this one is taken inside "
                "of another, or of numbers that are active already. Leave them away here, and give them to the outermost."
            )

    def pieces(
        self, function: Callable[[Piece], Any], pieces: Sequence[Piece], unit: str,
        write: Callable[[Piece, Any], None] | None = None, *, ordered: bool = False, note: str = "",
    ) -> Generator[tuple[Piece, Any]]:  # fmt: skip
        """Compute all pieces, and give each with its result when that has been written.

        Parameters
        ----------
        function : callable
            Function of a piece; it is sent to the workers.
        pieces : sequence of Piece
            In the order in which they are begun.
        unit : str
            What their numbers count: "column" or "row".
        write : callable, optional
            ``write(piece, result)`` puts a result where it belongs.
        ordered : bool
            Give them in that order, and not as they are done.
        note : str
            More about what numbers that are written stand for.
        """
        total = sum(piece.stop - piece.start for piece in pieces)
        bar = self._progress(total=total, desc=self.where, unit=unit) if self._progress is not None else None
        report = _Report(self, pieces, unit, note)
        pending: list[tuple[Piece, Future[Any]]] = []
        work = _Work(function, self.where)
        upcoming = iter(pieces)
        ahead = _AHEAD * self.workers()
        try:
            for _ in pieces:
                if self.executor is None:
                    report.current = next(upcoming)
                    result = function(report.current)
                else:
                    for piece in islice(upcoming, ahead - len(pending)):
                        report.current = piece
                        pending.append((piece, self.executor.submit(work, piece)))
                    if not ordered:
                        wait([future for _, future in pending], return_when=FIRST_COMPLETED)
                    first = 0 if ordered else next(i for i, (_, future) in enumerate(pending) if future.done())
                    report.current, future = pending.pop(first)
                    result = future.result()
                    del future  # it holds the result
                if write is not None:
                    report.writing = True
                    write(report.current, result)
                    report.writing = False
                report.written.append(report.current)
                if bar is not None:
                    bar.update(report.current.stop - report.current.start)
                yield report.current, result
                del result
        except GeneratorExit:
            raise
        except BaseException as error:
            if self.executor is not None and isinstance(error, Exception):
                raise report.error(error) from error
            if self.out is not None:
                error.add_note(f"dualnum: {self.where}: {report.state()}")
            raise
        finally:
            for _, future in pending:
                future.cancel()
            if bar is not None:
                bar.close()


class _Report:
    """What is known of the pieces when one has failed."""

    def __init__(self, plan: Plan, pieces: Sequence[Piece], unit: str, note: str) -> None:
        self._plan, self._pieces, self._unit, self._note = plan, pieces, unit, note
        self.written: list[Piece] = []
        self.current: Any = None
        self.writing = False

    def _name(self, piece: Any) -> str:
        """Name what is in a piece or a range."""
        if piece.stop - piece.start == 1:
            return f"{self._unit} {piece.start}"
        return f"{self._unit}s {piece.start} to {piece.stop - 1}"

    def ranges(self) -> list[range]:
        """Columns or rows that are written, adjoining ones joined."""
        found: list[range] = []
        for piece in sorted(self.written):
            if found and found[-1].stop == piece.start:
                found[-1] = range(found[-1].start, piece.stop)
            else:
                found.append(range(piece.start, piece.stop))
        return found

    def state(self) -> str:
        """Say which part of `out` is written."""
        parts = [f"Written into out: {', '.join(map(self._name, self.ranges())) or 'nothing'}{self._note}."]
        if self.writing:
            parts.append(f"Perhaps in part: {self._name(self.current)}.")
        return " ".join([*parts, "The rest of out is as it was."])

    def error(self, cause: Exception) -> ExecutionError:
        """Make an error that says what has failed, why, and what to do."""
        plan, piece = self._plan, self.current
        groups = 1 + max(each.group for each in self._pieces)
        of = f", of array {piece.group} of {groups}" if groups > 1 else ""
        parts = [
            f"{plan.where}: failed on {type(plan.executor).__name__} at {self._name(piece)}{of}. "
            f"{type(cause).__name__}: {cause}".rstrip(". :")
            + ".",
            _advice(cause),
        ]
        if plan.out is None:
            return ExecutionError(" ".join(filter(None, parts)))
        return ExecutionError(" ".join(filter(None, [*parts, self.state()])), tuple(self.ranges()))


def _advice(cause: Exception) -> str:
    if isinstance(cause, BrokenExecutor) or type(cause).__name__ == "KilledWorker":
        return (
            "A worker process has ended: killed, out of memory (a smaller chunk= takes less), or unable to load the function "
            "(it must be in a module that the worker can import; a script that starts processes needs "
            "`if __name__ == '__main__':`). Make a new executor if this one is broken."
        )
    if isinstance(cause, (PicklingError, AttributeError, TypeError)) and re.search(
        "pickl|local object|seriali", str(cause)
    ):
        return (
            "The function and its arguments are pickled to be sent. Define the function at the top level of a module, without "
            "lambda, and give it data by functools.partial; or take threads, or loky or dask, which send the code of functions."
        )
    return ""


def shared_chunk(n: int, size: int, width: int, workers: int) -> int:
    """How many of n directions are taken together for all workers to have some: at most `size`.

    The arrays of one direction are as wide as argument or result, as far as anybody knows.
    """
    if not workers:
        return size
    enough = max(-(-n // (_PIECES * workers)), _LEAST // max(width, 1))
    return max(1, min(size, enough, -(-n // workers)))


def evaluate(f: Callable[[Callable[[Any], Any]], Any], has_aux: bool, where: str) -> tuple[Result, Any]:
    """Run a function for the structure, the shapes and the values of its result.

    ``f(still)`` runs it on ``still(x)`` in place of each array x: a Dual whose tangent is zero. For what it keeps of a run on
    plain arrays, and finds again for the same point, would be a constant in the pieces.
    """
    level, token = enter_transform()
    try:
        y = f(lambda x: make_dual(x.copy(), np.zeros_like(x), level, None))
        aux: Any = None
        if has_aux:
            if not isinstance(y, tuple) or len(y) != 2:
                raise InputError(f"{where}: with has_aux=True the function must return a pair (result, aux).")
            y, aux = y
        result = Result(y, where)
    except Exception as error:
        explain(error)
        raise
    finally:
        leave_transform(token)
    result.leaves = [np.asarray(leaf) if leaf.__class__ in (list, tuple) else leaf for leaf in result.leaves]
    result.leaves = [primal_at(leaf, level) for leaf in result.leaves]
    return result, tree_map(lambda leaf: aux_at(leaf, level), aux, none_is_leaf=True)


def column_pieces(x: Any, results: Sequence[Any], chunk: int | None, workers: int, group: int = 0) -> list[Piece]:
    """Pieces of the unit directions of an array: those of `chunk_size`, or for several workers smaller ones."""
    if chunk is None and workers:
        width = max([x.size, *map(np.size, results)])
        chunk = shared_chunk(x.size, chunk_size(x.size, None), width, workers)
    return [Piece(group, start, k) for start, k in blocks(x, chunk) if k != 0]


def derivative_dtype(y: Any) -> Any:
    """What derivatives of a value have: its own dtype, or if they cannot that of Python's floats."""
    dtype = np.asarray(y).dtype
    return dtype if dtype.kind in "fc" else np.dtype(float)


def require_single(is_single: bool, where: str) -> None:
    """Raise unless there is but one array to be written."""
    if not is_single:
        raise InputError(f"{where}: out= takes the derivative of one array with respect to one array.")


def check_out(out: np.ndarray, shape: tuple[int, ...], dtype: Any, where: str) -> None:
    """Raise unless an array can take a derivative of that shape and dtype."""
    if out.shape != shape:
        raise ShapeError(f"{where}: out has shape {out.shape}; the derivative has shape {shape}.")
    if out.dtype.kind not in "fc" or not np.can_cast(dtype, out.dtype, "same_kind"):
        raise InputError(f"{where}: out has dtype {out.dtype}, which cannot take the derivative, of dtype {dtype}.")
    if not out.flags.writeable:
        raise InputError(f"{where}: out is read-only; open a numpy.memmap with mode='r+' or 'w+'.")


def reshaped(out: np.ndarray, shape: tuple[int, ...], where: str) -> np.ndarray:
    """See the memory of an array in another shape."""
    try:
        return np.reshape(out, shape, copy=False)
    except ValueError:
        raise InputError(
            f"{where}: out must be contiguous in the axes of x and of the result; got strides {out.strides}."
        ) from None


class Blocks:
    """Jacobians of each leaf of the result with respect to each leaf of the arguments, filled piece by piece."""

    def __init__(self, results: list[Any], leaves: list[Any], by_columns: bool) -> None:
        self._by_columns = by_columns
        self._ends = [leaf.shape for leaf in leaves]
        self._fronts = [np.shape(y) for y in results]
        self._kinds = [derivative_dtype(leaf) for leaf in (results if by_columns else leaves)]
        self._complex = [np.iscomplexobj(y) for y in results]
        self.found: dict[tuple[int, int], Any] = {}

    def dtype(self, i: int, j: int) -> Any:
        """What the derivative will have: columns that of the result, rows that of the argument, if that is not complex."""
        kind = self._kinds[i if self._by_columns else j]
        return np.result_type(kind, np.complex64) if self._complex[i] else kind

    def write_to(self, out: np.ndarray, is_single: bool, where: str) -> None:
        """Write into an array that is given; raise where it cannot take these Jacobians."""
        require_single(is_single, where)
        check_out(out, (*self._fronts[0], *self._ends[0]), self.dtype(0, 0), where)
        reshaped(out, self.flat(0, 0), where)
        self.found[0, 0] = out

    def flat(self, i: int, j: int) -> tuple[int, ...]:
        """Shape in which pieces are slices: columns are counted along the last axis, rows along the first."""
        if self._by_columns:
            return *self._fronts[i], math.prod(self._ends[j])
        return math.prod(self._fronts[i]), *self._ends[j]

    def write(self, piece: Piece, parts: list[Any]) -> None:
        """Put the results of a piece where they belong."""
        for number, part in enumerate(parts):
            i, j = (number, piece.group) if self._by_columns else (piece.group, number)
            if (i, j) not in self.found:
                self.found[i, j] = np.empty((*self._fronts[i], *self._ends[j]), part.dtype)
            view = np.reshape(self.found[i, j], self.flat(i, j))
            if self._by_columns:
                view = view[..., piece.start : piece.stop]
                part = np.moveaxis(part if piece.k is not None else np.asarray(part)[None], 0, -1)
            else:
                view = view[piece.start : piece.stop]
            np.copyto(view, part, casting="same_kind")

    def __getitem__(self, key: tuple[int, int]) -> Any:
        """Jacobian of leaf i of the result with respect to leaf j of the arguments."""
        i, j = key
        if key not in self.found:  # there were no pieces of it
            return np.zeros((*self._fronts[i], *self._ends[j]), self.dtype(i, j))
        found = self.found[key]
        return found if found.ndim else found[()]
