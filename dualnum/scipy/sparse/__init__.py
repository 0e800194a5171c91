"""`scipy.sparse`, with matrices whose entries carry derivatives.

Where what goes into them carries derivatives, `csr_array`, `csc_array`, `coo_array`, `dia_array`, `bsr_array`, `lil_array`,
the same with ``_matrix``, `diags_array`, `diags`, `spdiags`, `hstack`, `vstack`, `block_array`, `bmat`, `block_diag`, `tril`,
`triu`, `kron` and `kronsum` give a `SparseMatrix`, which takes part in products, sums and `dualnum.scipy.sparse.linalg`; `find`
takes one; all else is SciPy's own. A number that carries derivatives, written before a matrix of SciPy's, ``k * A``, makes one
too, and a `lil_array` becomes one with the first item that does.

Examples
--------
>>> import numpy as np
>>> from dualnum import grad
>>> from dualnum.scipy import sparse
>>> from dualnum.scipy.sparse.linalg import spsolve
>>> def deflection(stiffness):  # of the end of a chain of springs, by a unit force
...     K = sparse.diags_array([stiffness + np.append(stiffness[1:], 0), -stiffness[1:], -stiffness[1:]], offsets=[0, -1, 1])
...     return spsolve(K.tocsc(), np.array([0.0, 0.0, 1.0]))[-1]
>>> grad(deflection)(np.array([1.0, 2.0, 4.0]))  # -1 / stiffness**2
array([-1.    , -0.25  , -0.0625])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import numpy as np
from scipy import sparse

from dualnum.application import primal_all
from dualnum.matrices import is_matrix_class
from dualnum.packing import as_operand, contains_active
from dualnum.sparse_matrices import SparseMatrix, as_sparse, assembled, gathered, moved
from dualnum.table import TABLE

__all__ = [*sparse.__all__, "SparseMatrix"]

TABLE.load()


def _twin(function: Callable[..., Any], active: Callable[..., Any]) -> Callable[..., Any]:
    """Make a twin that leads what carries derivatives, or matrices that do, to `active`."""

    @wraps(function)
    def dispatcher(*args: Any, **kwargs: Any) -> Any:
        return (active if _carries((*args, *kwargs.values())) else function)(*args, **kwargs)

    dispatcher.__module__ = __name__
    return dispatcher


def _carries(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_carries, x))
    return isinstance(x, SparseMatrix) or contains_active(x)


def _constructor(cls: Any) -> Callable[..., Any]:
    star, name = issubclass(cls, sparse.spmatrix), cls.__name__[:3]

    def make(arg1: Any, shape: Any = None, dtype: Any = None, copy: bool = False, **kwargs: Any) -> SparseMatrix:
        if isinstance(arg1, tuple):
            data = as_operand(arg1[0])
            # SciPy finds out what the other arrays mean, of the positions of the entries; but it may add up those of one place
            place = (
                sparse.coo_array
                if isinstance(arg1[1], (tuple, list)) and len(arg1) == 2 and cls in _COMPRESSED
                else cls
            )
            found = place((np.arange(1.0, data.size + 1).reshape(data.shape), *arg1[1:]), shape=shape, **kwargs).tocoo()
            entries = data.ravel()[found.data.astype(np.intp) - 1]
            made = assembled(found.shape, found.row, found.col, entries, star, name)
        else:
            made = as_sparse(arg1, star)
            made = SparseMatrix(made.entries.copy() if copy else made.entries, made.pattern, star, name)
        return made if dtype is None else made.astype(dtype)

    return _twin(cls, make)


def _diagonals(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the twin of a function that makes a matrix of its diagonals."""

    def make(diagonals: Any, *args: Any, dtype: Any = None, **kwargs: Any) -> SparseMatrix:
        parts = [np.atleast_1d(as_operand(part)) for part in diagonals]
        positions: Any = []
        first = 1.0
        for diagonal, part in zip(diagonals, parts, strict=True):
            numbers = np.arange(first, first + part.size)
            positions.append(numbers if np.ndim(diagonal) else numbers[0])  # numbers are spread, or are one diagonal
            first += part.size
        if function is sparse.spdiags:
            positions = np.array(positions)
        made = gathered(function(positions, *args, **kwargs), np.concatenate(parts))
        return made if dtype is None else made.astype(dtype)

    return _twin(function, make)


def _moving(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the twin of a function that only moves entries, of one matrix or of (nested) lists of them."""

    def make(matrices: Any, *args: Any, dtype: Any = None, **kwargs: Any) -> SparseMatrix:
        found: list[SparseMatrix] = []
        structure = _collected(matrices, found)
        made = moved(lambda positions: function(_replaced(structure, positions), *args, **kwargs), found)
        return made if dtype is None else made.astype(dtype)

    return _twin(function, make)


def _collected(tree: Any, found: list[SparseMatrix]) -> Any:
    """Numbers in place of matrices, which are collected."""
    if tree is None:
        return None
    if isinstance(tree, (list, tuple)) or (isinstance(tree, np.ndarray) and tree.dtype.char == "O"):
        return [_collected(item, found) for item in tree]
    found.append(as_sparse(tree))
    return len(found) - 1


def _replaced(tree: Any, matrices: list[Any]) -> Any:
    if isinstance(tree, list):
        return [_replaced(item, matrices) for item in tree]
    return None if tree is None else matrices[tree]


def _kron(A: Any, B: Any, format: str | None = None) -> SparseMatrix:
    a, b = as_sparse(A), as_sparse(B)
    p, q = a.pattern, b.pattern
    height, width = b.shape
    rows = p.rows[:, None].astype(np.int64) * height + q.rows
    columns = p.columns[:, None].astype(np.int64) * width + q.columns
    return assembled(
        (a.shape[0] * height, a.shape[1] * width),
        rows.ravel(),
        columns.ravel(),
        np.outer(a.entries, b.entries).ravel(),
        a._star and b._star,
        format or "coo",
    )


class _Filled:
    """Twins of classes whose matrices are filled item by item: with the first that carries derivatives, they change class."""

    def __new__(cls, arg1: Any = None, shape: Any = None, dtype: Any = None, copy: bool = False) -> Any:
        if _carries(arg1):
            return _constructor(cls)(arg1, shape, dtype, copy)
        return super().__new__(cls)

    def __setitem__(self, index: Any, value: Any) -> None:
        if not _carries(value):
            super().__setitem__(index, value)  # type: ignore[misc]
            return
        constant = as_sparse(self)
        vars(self).clear()
        self.__class__ = SparseMatrix  # type: ignore[assignment]
        SparseMatrix.__init__(self, constant.entries, constant.pattern, constant._star, constant.format)  # type: ignore[arg-type]
        self[index] = value


def _kronsum(A: Any, B: Any, format: str | None = None) -> Any:
    a, b = as_sparse(A), as_sparse(B)
    eye = sparse.eye if a._star and b._star else sparse.eye_array
    total = _kron(eye(b.shape[0]), a) + _kron(b, eye(a.shape[0]))
    return total.asformat(format)


def _find(A: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    found = as_sparse(A)
    stored = np.flatnonzero(primal_all(found.entries))
    return found.rows[stored], found.columns[stored], found.entries[stored]


# Formats that can be made of (data, (rows, columns)).
_COMPRESSED = (
    sparse.csr_array,
    sparse.csr_matrix,
    sparse.csc_array,
    sparse.csc_matrix,
    sparse.bsr_array,
    sparse.bsr_matrix,
)

_TWINS: dict[str, Callable[..., Any]] = {
    "kron": _twin(sparse.kron, _kron),
    "kronsum": _twin(sparse.kronsum, _kronsum),
    "find": _twin(sparse.find, _find),
}
for _format in ("csr", "csc", "coo", "dia", "bsr"):
    for _kind in ("array", "matrix"):
        _TWINS[f"{_format}_{_kind}"] = _constructor(getattr(sparse, f"{_format}_{_kind}"))
for _name in ("lil_array", "lil_matrix"):
    _TWINS[_name] = type(_name, (_Filled, getattr(sparse, _name)), {"__module__": __name__})
for _name in ("diags", "diags_array", "spdiags"):
    _TWINS[_name] = _diagonals(getattr(sparse, _name))
for _name in ("hstack", "vstack", "block_array", "bmat", "block_diag", "tril", "triu"):
    _TWINS[_name] = _moving(getattr(sparse, _name))


def issparse(x: Any) -> bool:
    """Whether it is a sparse matrix, of SciPy's or with entries that carry derivatives."""
    return isinstance(x, SparseMatrix) or is_matrix_class(x.__class__)


def isspmatrix(x: Any) -> bool:
    """Whether it is a matrix for which ``*`` is the product of matrices, of SciPy's or with entries that carry derivatives."""
    return x._star if isinstance(x, SparseMatrix) else sparse.isspmatrix(x)


def __getattr__(name: str) -> Any:
    if name == "linalg":  # for SciPy's has that name too
        return import_module(f"{__name__}.linalg")
    return _TWINS.get(name) or getattr(sparse, name)


def __dir__() -> list[str]:
    return __all__
