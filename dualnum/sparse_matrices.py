"""Sparse matrices whose entries carry derivatives, which those of `scipy.sparse` cannot.

Where the entries are is known and constant; the entries are an active vector. So all that is done with them is done with
NumPy's functions of that vector, in any mode. What only moves entries (slices, blocks, triangles) SciPy does itself, with a
matrix of their positions.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import cache, partialmethod
from typing import Any

import numpy as np
from scipy import sparse

from dualnum.application import primal_all
from dualnum.errors import DerivativeLostError, NoRuleError, ShapeError
from dualnum.matrices import answer_to, is_matrix_class, matrix_product, times_is_product
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.patterns import Pattern, arranged
from dualnum.sparse_entries import SparseEntries
from dualnum.sparse_items import Updates

__all__ = ["SparseMatrix", "as_sparse", "assembled", "gathered", "moved", "scaled"]


class SparseMatrix(SparseEntries):
    """A sparse matrix whose entries carry derivatives; `dualnum.scipy.sparse` makes them.

    Products with arrays are arrays, all else gives sparse matrices, as with `scipy.sparse`. Whatever the format that is asked
    for, entries are kept by rows, each place once; they are copies of what the matrix is made of.

    Parameters
    ----------
    entries : Dual, Variable, ..., shape (nnz,)
    pattern : Pattern
        Where they are.
    star : bool
        Whether ``*`` is the product of matrices, as for SciPy's older classes (``csr_matrix``), or that of entries.
    format : str
        Of SciPy's matrix in its place: whoever converts that to another format, gets a copy.
    """

    def asformat(self, format: str | None, copy: bool = False) -> SparseMatrix:
        """Give this matrix, or a copy that is said to be of another format; it is kept as it is."""
        if not copy and format in (None, self.format):
            return self
        return SparseMatrix(self.entries.copy(), self.pattern, self._star, format or self.format)

    tocsr = partialmethod(asformat, "csr")
    tocsc = partialmethod(asformat, "csc")
    tocoo = partialmethod(asformat, "coo")
    tolil = partialmethod(asformat, "lil")
    todok = partialmethod(asformat, "dok")
    todia = partialmethod(asformat, "dia")

    def tobsr(self, blocksize: Any = None, copy: bool = False) -> SparseMatrix:
        """Call ``asformat("bsr")``."""
        return self.asformat("bsr", copy)

    def toarray(self) -> Any:
        """Give an array."""
        dense = np.zeros(self.shape, self.dtype, like=self.entries)
        dense[self.pattern.rows, self.pattern.columns] = self.entries
        return dense

    def todense(self) -> Any:
        """Give an array, where SciPy gives none of the class `numpy.matrix`."""
        if self._star:
            raise NoRuleError(
                "A.todense() of the older classes (csr_matrix, ...) is a numpy.matrix, which cannot carry derivatives. Take "
                "A.toarray(), and @ for products of that."
            )
        return self.toarray()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        answer = answer_to(sys._getframe(1))
        if answer is not None:
            return answer
        raise DerivativeLostError(
            "np.asarray(A), or a function of SciPy, would lose the derivative of the entries of a sparse matrix. Take "
            "A.toarray(), or what dualnum.scipy.sparse and dualnum.scipy.sparse.linalg have; and A.multiply(B), A * B for "
            "B.multiply(A), B * A of a matrix B of SciPy's."
        )

    # What moves entries

    def _positions(self, first: int = 1) -> Any:
        """SciPy's matrix of the positions of the entries, by which these are moved."""
        positions = self.pattern.matrix(np.arange(first, first + self.nnz, dtype=float))
        return sparse.csr_matrix(positions) if self._star else positions

    def __getitem__(self, index: Any) -> Any:
        if self._updates is not None and _names_item(index):
            return self._updates[index]
        return self._taken(self._positions()[index])

    def _taken(self, found: Any) -> Any:
        """Entries at positions that SciPy has moved: a matrix, or an array or number where it has no matrices of that shape."""
        if sparse.issparse(found) and found.ndim == 2:
            return gathered(found, self.entries, self.format)
        places = np.asarray(found.toarray() if sparse.issparse(found) else found).astype(np.intp)
        return np.concatenate([np.zeros(1, self.dtype), self.entries])[places]

    def getrow(self, i: int) -> SparseMatrix:
        """Row, as a matrix."""
        return self[[i], :]

    def getcol(self, j: int) -> SparseMatrix:
        """Column, as a matrix."""
        return self[:, [j]]

    def reshape(self, *args: Any, **kwargs: Any) -> Any:
        """Give a matrix of another shape; an array if that has one axis."""
        return self._taken(self._positions().reshape(*args, **kwargs))

    def resize(self, *shape: Any) -> None:
        """Change the shape: what is outside is left out."""
        positions = self._positions()
        positions.resize(*shape)
        self._become(gathered(positions, self.entries))

    def setdiag(self, values: Any, k: int = 0) -> None:
        """Set a diagonal, as far as there are values."""
        values = as_operand(values)
        rows, columns = self.shape
        length = min(rows + min(k, 0), columns - max(k, 0), *values.shape)
        if length < 0:
            raise ShapeError(f"setdiag: a matrix of shape {self.shape} has no diagonal {k}")
        places = np.arange(length)
        self[places - min(k, 0), places + max(k, 0)] = values[:length] if values.ndim else values

    def _become(self, other: SparseMatrix) -> None:
        self._entries, self._pattern = other.entries, other.pattern
        self._updates = None  # last, for another thread may be reading

    def _settle(self) -> None:
        updates = self._updates
        if updates is not None:
            self._become(gathered(updates.positions, updates.entries()))

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, SparseMatrix) or is_matrix_class(value.__class__):
            value = as_sparse(value)  # before the updates begin, for it may be this matrix
            positions, entries = value._positions(), value.entries
        if self._updates is None:
            self._updates = Updates(self._positions(), self._entries)
        if isinstance(value, SparseMatrix):
            self._updates.set_matrix(index, positions, entries)
        else:
            self._updates.set(index, as_operand(value))

    @property
    def T(self) -> SparseMatrix:
        """Transpose."""
        return gathered(self._positions().T, self.entries, {"csr": "csc", "csc": "csr"}.get(self.format, self.format))

    @property
    def H(self) -> SparseMatrix:
        """Conjugate transpose."""
        return self.conj().T

    def transpose(self, axes: Any = None, copy: bool = False) -> SparseMatrix:
        """Transpose."""
        return self.T

    def diagonal(self, k: int = 0) -> Any:
        """Entries of a diagonal."""
        places = self._positions().diagonal(k).astype(np.intp)
        return np.concatenate([np.zeros(1, self.dtype), self.entries])[places]

    def trace(self, offset: int = 0) -> Any:
        """Sum of a diagonal."""
        return np.sum(self.diagonal(offset))

    # Sums and products

    def __matmul__(self, other: Any) -> Any:
        if isinstance(other, SparseMatrix) or is_matrix_class(other.__class__):
            return _product_of_sparse(self, as_sparse(other))
        x = as_operand(other)
        if x.ndim not in (1, 2) or x.shape[0] != self.shape[1]:
            raise ShapeError(f"matmul: a sparse matrix of shape {self.shape} with an array of shape {x.shape}")
        entries = self.entries if x.ndim == 1 else self.entries[:, None]
        return matrix_product(self.pattern.row_sums, entries * x[self.pattern.columns])

    def __rmatmul__(self, other: Any) -> Any:
        if is_matrix_class(other.__class__):
            return as_sparse(other) @ self
        return (self.T @ as_operand(other).T).T

    def dot(self, other: Any) -> Any:
        """Product of matrices, or with a number."""
        return self._with(self.entries * other) if np.ndim(other) == 0 else self @ other

    def multiply(self, other: Any) -> SparseMatrix:
        """Product entry by entry, with a number, an array that is broadcast, or another sparse matrix."""
        if isinstance(other, SparseMatrix) or is_matrix_class(other.__class__):
            return self._common(as_sparse(other))
        return self._with(self.entries * self._at_places(other))

    def __mul__(self, other: Any) -> Any:
        is_product = self._star and (isinstance(other, SparseMatrix) or np.ndim(other) > 0)
        return self @ other if is_product else self.multiply(other)

    def __rmul__(self, other: Any) -> Any:
        if self._star and np.ndim(other) > 0:
            return other @ self
        return self.multiply(other)

    def __truediv__(self, other: Any) -> SparseMatrix:
        if isinstance(other, SparseMatrix) or is_matrix_class(other.__class__):
            raise NoRuleError(
                "A / B of sparse matrices divides zeros by zeros. Divide A.entries, or take A.multiply(1 / b)."
            )
        # As SciPy does it, which rounds twice.
        entries = self.entries.astype(float) if self.dtype.kind == "f" and not np.ndim(other) else self.entries
        return self._with(entries * (1 / self._at_places(other)))

    def __imul__(self, other: Any) -> Any:
        if np.ndim(other):
            return self * other
        return self._scale(other)

    def __itruediv__(self, other: Any) -> Any:
        if np.ndim(other):
            return self / other
        return self._scale(1.0 / other)

    def _scale(self, factor: Any) -> Any:
        """Multiply by a number in place: others that hold this matrix see it, as they would see SciPy's."""
        entries = self.entries * factor
        self.entries = entries.astype(self.dtype) if entries.dtype.kind == self.dtype.kind else entries
        return self

    def _larger(self, function: Callable[[Any, Any], Any], other: Any) -> Any:
        """Larger or smaller elements of two matrices, or of one and a number that leaves zeros as they are."""
        if isinstance(other, SparseMatrix) or is_matrix_class(other.__class__):
            b = as_sparse(other)
            a = self + b._with(np.zeros(b.nnz, b.dtype))
            b = b + self._with(np.zeros(self.nnz, self.dtype))
            return a._with(function(a.entries, b.entries))
        if np.ndim(other):
            return function(self.toarray(), other)
        if function(0.0, primal_all(other)) != 0:
            raise NoRuleError("The result is a full matrix: take A.toarray().")
        return self._with(function(self.entries, other))

    maximum = partialmethod(_larger, np.maximum)
    minimum = partialmethod(_larger, np.minimum)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, SparseMatrix) or is_matrix_class(other.__class__):
            return _sum_of(self, as_sparse(other), operator.add)
        if np.ndim(other) == 0:
            if other.__class__ not in ACTIVE_TYPES and other == 0:  # as sum() begins
                return self.copy()
            raise NoRuleError("A number cannot be added to a sparse matrix: the result is full. Take A.toarray().")
        return self.toarray() + other

    def __radd__(self, other: Any) -> Any:
        return as_sparse(other) + self if is_matrix_class(other.__class__) else self + other

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, SparseMatrix) or is_matrix_class(other.__class__):
            return _sum_of(self, -as_sparse(other), operator.sub)
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return as_sparse(other) - self if is_matrix_class(other.__class__) else -self + other

    def _at_places(self, other: Any) -> Any:
        """What meets the entries, of an array that is broadcast."""
        x = as_operand(other) if np.ndim(other) else other
        if np.ndim(x) == 0:
            return x
        fits = x.ndim <= 2 and all(n in (1, m) for n, m in zip(x.shape[::-1], self.shape[::-1], strict=False))
        if not fits:
            raise ShapeError(f"A sparse matrix of shape {self.shape} meets an array of shape {x.shape}.")
        places = (self.pattern.rows, self.pattern.columns)[-x.ndim :]
        return x[tuple(0 if n == 1 else place for n, place in zip(x.shape, places, strict=True))]

    def _common(self, other: SparseMatrix) -> SparseMatrix:
        """Product entry by entry with another sparse matrix."""
        if self.shape != other.shape:
            raise ShapeError(f"multiply: sparse matrices of shapes {self.shape} and {other.shape}")
        places, mine, theirs = np.intersect1d(
            _keys(self.pattern), _keys(other.pattern), assume_unique=True, return_indices=True
        )
        rows, columns = np.divmod(places, max(1, self.shape[1]))
        entries = self.entries[mine] * other.entries[theirs]
        return assembled(self.shape, rows, columns, entries, *_kind(_multiply, self, other))


def _multiply(a: Any, b: Any) -> Any:
    return a.multiply(b)


def _names_item(index: Any) -> bool:
    return index.__class__ is tuple and len(index) == 2 and all(isinstance(i, (int, np.integer)) for i in index)


def _keys(pattern: Pattern) -> np.ndarray:
    return pattern.rows.astype(np.int64) * pattern.shape[1] + pattern.columns


def assembled(
    shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray, entries: Any, star: bool, format: str = "csr"
) -> SparseMatrix:
    """Make a matrix of entries at places; what is given for one place is added up."""
    pattern, change = arranged(shape, rows, columns)
    if sparse.issparse(change):
        entries = matrix_product(change, entries)
    elif change is not None:
        entries = entries[change]
    return SparseMatrix(entries, pattern, star, format)


def gathered(positions: Any, entries: Any, format: str | None = None) -> SparseMatrix:
    """Make a matrix of entries, of SciPy's matrix of their positions; in the format of that, unless another is said."""
    coo = positions.tocoo()
    stored = coo.data != 0
    picked = entries[coo.data[stored].astype(np.intp) - 1]
    star, format = times_is_product(positions), format or positions.format
    return assembled(coo.shape, coo.row[stored], coo.col[stored], picked, star, format)


def as_sparse(x: Any, star: bool = True) -> SparseMatrix:
    """Make such a matrix of one of SciPy's, whose entries are constant, or of an array (with `star` as that says)."""
    if isinstance(x, SparseMatrix):
        return x
    if is_matrix_class(x.__class__):
        if x.ndim != 2:
            raise NoRuleError("Of sparse arrays, those with two axes alone can have entries that carry derivatives.")
        coo = x.tocoo(copy=True)  # which shares the entries else, and `x` may be updated
        return assembled(coo.shape, coo.row, coo.col, coo.data, times_is_product(x), x.format)
    dense = np.atleast_2d(as_operand(x))
    if dense.ndim > 2:
        raise ShapeError(f"A sparse matrix has two axes; got an array of shape {dense.shape}.")
    rows, columns = np.indices(dense.shape)
    return assembled(dense.shape, rows.ravel(), columns.ravel(), dense.flatten(), star)


def moved(function: Callable[[list[Any]], Any], matrices: list[SparseMatrix]) -> SparseMatrix:
    """Apply a function of SciPy's that only moves entries, to the positions of those of all matrices."""
    positions, first = [], 1
    for matrix in matrices:
        positions.append(matrix._positions(first).asformat(matrix.format if matrix.format == "csc" else "csr"))
        first += matrix.nnz
    return gathered(function(positions), np.concatenate([matrix.entries for matrix in matrices]))


def scaled(matrix: Any, number: Any) -> SparseMatrix:
    """Product of a matrix of SciPy's and a number that carries derivatives."""
    constant = as_sparse(matrix)
    return constant._with(constant.entries * number)


@cache
def _kind_of_result(operation: Callable[[Any, Any], Any], *kinds: tuple[str, bool]) -> tuple[bool, str]:
    """Whether ``*`` of the result is the product of matrices, and its format: as SciPy's, which differ by version."""
    a, b = (getattr(sparse, f"{name}_{'matrix' if star else 'array'}")(np.eye(2)) for name, star in kinds)
    result = operation(a, b)
    return times_is_product(result), result.format


def _kind(operation: Callable[[Any, Any], Any], a: SparseMatrix, b: SparseMatrix) -> tuple[bool, str]:
    return _kind_of_result(operation, (a.format, a._star), (b.format, b._star))


def _sum_of(a: SparseMatrix, b: SparseMatrix, operation: Callable[[Any, Any], Any]) -> SparseMatrix:
    if a.shape != b.shape:
        raise ShapeError(f"add: sparse matrices of shapes {a.shape} and {b.shape}")
    if a.pattern is b.pattern:
        return SparseMatrix(a.entries + b.entries, a.pattern, *_kind(operation, a, b))
    p, q = a.pattern, b.pattern
    rows, columns = np.concatenate([p.rows, q.rows]), np.concatenate([p.columns, q.columns])
    return assembled(a.shape, rows, columns, np.concatenate([a.entries, b.entries]), *_kind(operation, a, b))


def _product_of_sparse(a: SparseMatrix, b: SparseMatrix) -> SparseMatrix:
    if a.shape[1] != b.shape[0]:
        raise ShapeError(f"matmul: sparse matrices of shapes {a.shape} and {b.shape}")
    starts = b.pattern.starts.astype(np.intp)
    counts = np.diff(starts)[a.pattern.columns]  # entries of the row of b that an entry of a meets
    left = np.repeat(np.arange(a.nnz), counts)
    right = np.arange(len(left)) + np.repeat(starts[a.pattern.columns] - (np.cumsum(counts) - counts), counts)
    entries = a.entries[left] * b.entries[right]
    shape = (a.shape[0], b.shape[1])
    places = a.pattern.rows[left], b.pattern.columns[right]
    return assembled(shape, *places, entries, *_kind(operator.matmul, a, b))
