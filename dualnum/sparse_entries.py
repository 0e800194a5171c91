"""What sparse matrices, whose entries carry derivatives, do with the entries where they are."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partialmethod
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import matrix_power

from dualnum.application import primal_all
from dualnum.errors import NoRuleError, ShapeError
from dualnum.matrices import matrix_product
from dualnum.patterns import Pattern

__all__ = ["SparseEntries"]


_ATTRIBUTES = frozenset({"_entries", "_pattern", "_star", "_updates", "entries", "format"})
_NO_ATTRIBUTE = (
    "A sparse matrix whose entries carry derivatives has no {!r}. Its entries, in the order of rows, are A.entries, their "
    "places A.rows and A.columns."
)


class SparseEntries:
    """Base of sparse matrices: entries that carry derivatives, and where they are."""

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # operators of arrays leave it to the matrix
    ndim = 2
    has_sorted_indices = has_canonical_format = True

    _settle: Callable[[], None]

    def __init__(self, entries: Any, pattern: Pattern, star: bool, format: str = "csr") -> None:
        self._updates: Any = None
        self._entries = entries
        self._pattern = pattern
        self._star = star
        self.format = format

    def __reduce__(self) -> Any:
        return type(self), (self.entries, self.pattern, self._star, self.format)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(_NO_ATTRIBUTE.format(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _ATTRIBUTES:
            raise AttributeError(_NO_ATTRIBUTE.format(name))
        object.__setattr__(self, name, value)

    @property
    def entries(self) -> Any:
        """What carries derivatives, (nnz,)."""
        self._settle()
        return self._entries

    @entries.setter
    def entries(self, entries: Any) -> None:
        self._settle()
        self._entries = entries

    @property
    def pattern(self) -> Pattern:
        """Where the entries are."""
        self._settle()
        return self._pattern

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self._pattern.shape

    @property
    def dtype(self) -> np.dtype:
        """Of the entries."""
        return self._entries.dtype

    @property
    def nnz(self) -> int:
        """Number of places, some of which may hold zeros."""
        return len(self.pattern)

    size = nnz

    @property
    def rows(self) -> np.ndarray:
        """Row of each entry."""
        return self.pattern.rows

    @property
    def columns(self) -> np.ndarray:
        """Column of each entry."""
        return self.pattern.columns

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<SparseMatrix of {type(self.entries).__name__}, {self.nnz} entries, shape ({rows}, {columns})>"

    def _with(self, entries: Any) -> Any:
        return type(self)(entries, self.pattern, self._star, self.format)

    def _plain(self) -> Any:
        """SciPy's matrix of the values."""
        return (sparse.csr_matrix if self._star else sparse.csr_array)(
            self.pattern.matrix(np.array(primal_all(self.entries)))
        )

    def copy(self) -> Any:
        """Give a copy."""
        return self._with(self.entries.copy())

    def astype(self, dtype: Any) -> Any:
        """Convert the entries."""
        return self._with(self.entries.astype(dtype))

    # Entry by entry

    def _each(self, function: Callable[[Any], Any]) -> Any:
        return self._with(function(self.entries))

    def __neg__(self) -> Any:
        return self._with(-self.entries)

    def __pos__(self) -> Any:
        return self.copy()

    def __abs__(self) -> Any:
        return self._with(np.abs(self.entries))

    def conj(self, copy: bool = True) -> Any:
        """Complex conjugate."""
        return self._with(np.conj(self.entries))

    conjugate = conj

    @property
    def real(self) -> Any:
        """Real parts."""
        return self._with(np.real(self.entries))

    @property
    def imag(self) -> Any:
        """Imaginary parts."""
        return self._with(np.imag(self.entries))

    def power(self, n: Any, dtype: Any = None) -> Any:
        """Powers of the entries, with an exponent above 0."""
        if np.ndim(n) or not n > 0:
            raise NoRuleError("A.power(n) of a sparse matrix: n must be a number above 0. Take A.toarray() ** n.")
        powers = self._with(self.entries**n)
        return powers if dtype is None else powers.astype(dtype)

    def __pow__(self, n: Any) -> Any:
        return matrix_power(self, n) if self._star else self.power(n)

    def eliminate_zeros(self) -> None:
        """Leave all as it is: entries whose value is zero may have derivatives. No other update of this kind is needed."""

    sort_indices = sum_duplicates = prune = eliminate_zeros

    # Reductions

    def sum(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
        """Sum of all entries, of each column (`axis` 0) or row (1)."""
        if out is not None:
            raise NoRuleError("SparseMatrix.sum: there is no out=; assign the result.")
        entries = self.entries if dtype is None else self.entries.astype(dtype)
        if axis is None:
            return np.sum(entries)
        if axis not in (0, 1, -1, -2):
            raise ShapeError(f"SparseMatrix.sum: axis must be None, 0 or 1, got {axis!r}")
        along_rows = axis % 2 == 1
        total = matrix_product(self.pattern.row_sums if along_rows else self.pattern.column_sums, entries)
        return np.expand_dims(total, axis) if self._star else total

    def mean(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
        """Mean of all elements, zeros among them, or of each column (`axis` 0) or row (1)."""
        rows, columns = self.shape
        return self.sum(axis, dtype, out) / (rows * columns if axis is None else self.shape[axis])

    def _extremum(self, function: Callable[[Any], Any], axis: None = None) -> Any:
        if axis is not None:
            raise NoRuleError("Extrema of a sparse matrix along an axis: take those of A.toarray().")
        rows, columns = self.shape
        zero = np.zeros(int(self.nnz < rows * columns), self.dtype)
        return function(np.concatenate([self.entries, zero]))

    max = partialmethod(_extremum, np.max)
    min = partialmethod(_extremum, np.min)

    # What looks at values only

    def _compared(self, comparison: Callable[[Any, Any], Any], other: Any) -> Any:
        other = other._plain() if isinstance(other, SparseEntries) else primal_all(other)
        return comparison(self._plain(), other)

    __eq__ = partialmethod(_compared, operator.eq)  # type: ignore[assignment]
    __ne__ = partialmethod(_compared, operator.ne)  # type: ignore[assignment]
    __lt__ = partialmethod(_compared, operator.lt)
    __le__ = partialmethod(_compared, operator.le)
    __gt__ = partialmethod(_compared, operator.gt)
    __ge__ = partialmethod(_compared, operator.ge)

    def __bool__(self) -> bool:
        raise ShapeError("The truth value of a sparse matrix is ambiguous; ask for A.nnz, or take A.toarray().any().")

    def nonzero(self) -> Any:
        """Rows and columns of the entries that are not zero."""
        return self._plain().nonzero()

    def count_nonzero(self, *axis: int) -> Any:
        """Number of entries that are not zero."""
        return self._plain().count_nonzero(*axis)

    def argmax(self, axis: int | None = None) -> Any:
        """Where the largest element is."""
        return self._plain().argmax(axis)

    def argmin(self, axis: int | None = None) -> Any:
        """Where the smallest element is."""
        return self._plain().argmin(axis)

    def getnnz(self, axis: int | None = None) -> Any:
        """Number of places, of each column (`axis` 0) or row (1)."""
        return self._plain().getnnz(axis) if self._star else self._plain().nnz


# The functions, with 0 for 0, for which SciPy has methods.
for _name in (
    "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "deg2rad", "expm1", "floor", "log1p", "rad2deg", "rint", "sign", "sin",
    "sinh", "sqrt", "tan", "tanh", "trunc",
):  # fmt: skip
    setattr(SparseEntries, _name, partialmethod(SparseEntries._each, getattr(np, _name)))
