"""Where sparse matrices have entries, and the solution of linear systems with them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from dualnum.application import apply_function
from dualnum.packing import contains_active

__all__ = ["Pattern", "arranged", "solve_entries"]


# SuperLU's, by whether they are single.
_PRECISIONS = ((np.float64, np.complex128), (np.float32, np.complex64))


class Pattern:
    """Places of the entries of a sparse matrix, by rows and in these by columns, each once.

    Parameters
    ----------
    shape : (int, int)
    columns, starts : ndarray of int
        Columns of the entries, and where in them each row begins; as ``indices`` and ``indptr`` of `scipy.sparse.csr_array`.
    """

    def __init__(self, shape: tuple[int, int], columns: np.ndarray, starts: np.ndarray) -> None:
        self.shape = shape
        self.columns = columns
        self.starts = starts
        self.rows = np.repeat(np.arange(shape[0], dtype=columns.dtype), np.diff(starts))
        for array in (self.columns, self.starts, self.rows):
            array.flags.writeable = False
        self._last: tuple[Any, ...] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_last": None}  # factors are neither copied nor pickled

    def __len__(self) -> int:
        return len(self.columns)

    def matrix(self, entries: np.ndarray) -> sparse.csr_array:
        """Matrix of plain entries; of positions, for instance, from 1 on."""
        return sparse.csr_array((entries, self.columns.copy(), self.starts.copy()), shape=self.shape)

    @cached_property
    def row_sums(self) -> sparse.csr_array:
        """Matrix of ones that adds up what belongs to each row."""
        return _adding(self.rows, self.shape[0])

    @cached_property
    def column_sums(self) -> sparse.csr_array:
        """Matrix of ones that adds up what belongs to each column."""
        return _adding(self.columns, self.shape[1])

    def factors(self, entries: np.ndarray, order: str | None, single: bool = False) -> Any:
        """LU factors of a square matrix; those of the last entries are kept, for its derivatives want them again."""
        is_complex = entries.dtype.kind == "c"
        entries = entries.astype(_PRECISIONS[single][is_complex])
        last = self._last
        if last is None or last[0] != order or last[1].dtype != entries.dtype or not np.array_equal(last[1], entries):
            last = self._last = (order, entries, splu(self.matrix(entries).tocsc(), permc_spec=order))
        return last[2]


def _adding(places: np.ndarray, count: int) -> sparse.csr_array:
    # of the smallest integers, which leave the precision of what they are multiplied by as it is
    size = len(places)
    return sparse.csr_array((np.ones(size, np.int8), (places, np.arange(size))), shape=(count, size))


def arranged(shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray) -> tuple[Pattern, Any]:
    """Make a pattern of places in any order; with their order, or the matrix that adds up what is given for one place.

    Instead of these, None where the places are in order.
    """
    change: Any = None
    small = max(*shape, len(rows)) < np.iinfo(np.int32).max
    integer = np.int32 if small else np.int64
    rows, columns = np.asarray(rows, integer), np.array(columns, integer)  # a copy, for patterns are read-only
    if np.any(_steps(rows, columns) <= 0):
        change = _order(columns, shape[1])
        change = change[_order(rows[change], shape[0])]
        rows, columns = rows[change], columns[change]
        first = np.append(True, _steps(rows, columns) > 0)
        if not np.all(first):
            size, starts = len(rows), np.append(np.flatnonzero(first), len(rows))
            change = sparse.csr_array((np.ones(size, np.int8), change, starts), shape=(len(starts) - 1, size))
            rows, columns = rows[first], columns[first]
    starts = np.zeros(shape[0] + 1, integer)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=starts[1:])
    return Pattern(shape, columns, starts), change


def _steps(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Positive where a place is behind the one before it, 0 where it is the same."""
    down = np.diff(rows)
    return np.where(down == 0, np.diff(columns), down)


def _order(keys: np.ndarray, count: int) -> np.ndarray:
    """Stable order of keys below `count`, in linear time: SciPy's, when it stores columns instead of rows."""
    size = len(keys)
    return sparse.csr_array((np.ones(size, np.int8), keys, np.arange(size + 1)), shape=(size, count)).tocsc().indices


def solve_entries(entries: Any, b: Any, pattern: Pattern, trans: str = "N", order: str | None = None) -> Any:
    """Solve ``A x = b`` with the matrix of these entries; with `trans` "T" or "H", its (conjugate) transpose.

    Parameters
    ----------
    entries : array_like, shape (len(pattern),)
    b : array_like, shape (n,) or (n, m)
    pattern : Pattern
        Of an n x n matrix.
    trans : {"N", "T", "H"}
    order : str, optional
        In which order columns are eliminated, as `permc_spec` of `scipy.sparse.linalg.splu`.

    Raises
    ------
    RuntimeError
        The matrix is singular.
    """
    if contains_active((entries, b)):
        return apply_function(solve_entries, (entries, b, pattern, trans, order), {})
    single = np.result_type(entries, b).char in "fF"
    real, complex_ = _PRECISIONS[single]
    factors = pattern.factors(entries, order, single)
    if not b.size:
        return np.zeros(b.shape, np.result_type(entries, b, real))
    if entries.dtype.kind == "c":
        return factors.solve(b.astype(complex_), trans)
    if b.dtype.kind == "c":
        return factors.solve(b.real.astype(real), trans) + 1j * factors.solve(b.imag.astype(real), trans)
    return factors.solve(b.astype(real), trans)
