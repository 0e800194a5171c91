"""`scipy.sparse.linalg`, with solutions of linear systems that can be differentiated.

`spsolve`, `splu`, `factorized` and `norm` take matrices of `dualnum.scipy.sparse` whose entries carry derivatives, and right
sides that do; the factors of a matrix serve for all derivatives of the solution. All else is SciPy's own.

>>> import numpy as np
>>> from scipy.sparse import diags_array
>>> from dualnum import jacobian
>>> from dualnum.scipy.sparse.linalg import spsolve
>>> A = diags_array([2.0, 4.0]).tocsc()
>>> jacobian(lambda b: spsolve(A, b))(np.ones(2))
array([[0.5 , 0.  ],
       [0.  , 0.25]])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import linalg

from dualnum.application import primal_all
from dualnum.errors import NoRuleError, ShapeError
from dualnum.matrices import is_matrix_class
from dualnum.packing import as_operand, contains_active
from dualnum.patterns import solve_entries
from dualnum.sparse_matrices import SparseMatrix, as_sparse
from dualnum.table import TABLE

__all__ = list(linalg.__all__)

TABLE.load()


class Factors:
    """LU factors of a sparse matrix, as `scipy.sparse.linalg.splu` gives them, for right sides that may carry derivatives."""

    def __init__(self, matrix: SparseMatrix, order: str | None, where: str) -> None:
        if matrix.shape[0] != matrix.shape[1]:
            raise ShapeError(f"{where}: the matrix must be square, got {matrix.shape}")
        self._matrix = matrix
        self._order = order
        self.shape = matrix.shape
        self._of_values = matrix.pattern.factors(primal_all(matrix.entries), order)

    def __getattr__(self, name: str) -> Any:
        if contains_active(self._matrix.entries):
            raise AttributeError(f"splu: {name} of a matrix whose entries carry derivatives; solve(...) alone is there")
        return getattr(self._of_values, name)

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """Solve the system, or with `trans` "T" or "H" that of the (conjugate) transpose.

        Parameters
        ----------
        rhs : array_like, shape (n,) or (n, m)
        trans : {"N", "T", "H"}

        Returns
        -------
        array, of the shape of `rhs`

        Raises
        ------
        ShapeError
            The right side does not fit.
        RuntimeError
            The matrix is singular.
        """
        b = as_operand(rhs)
        if b.ndim not in (1, 2) or b.shape[0] != self.shape[0]:
            raise ShapeError(f"solve: a sparse matrix of shape {self.shape} and a right side of shape {b.shape}")
        if trans not in ("N", "T", "H"):
            raise ShapeError(f'solve: trans must be "N", "T" or "H", got {trans!r}')
        return solve_entries(self._matrix.entries, b, self._matrix.pattern, trans, self._order)


def splu(A: Any, permc_spec: str | None = None, **kwargs: Any) -> Any:
    """Factorise a sparse matrix; see `scipy.sparse.linalg.splu`.

    Returns
    -------
    Factors, or scipy.sparse.linalg.SuperLU
        SciPy's own where other options are given; its `solve` takes plain arrays alone.

    Raises
    ------
    NoRuleError
        Other options are given for a matrix whose entries carry derivatives.
    """
    if any(value is not None for value in kwargs.values()):
        if isinstance(A, SparseMatrix):
            raise NoRuleError("splu: of the options, a matrix whose entries carry derivatives takes permc_spec alone.")
        return linalg.splu(A, permc_spec, **kwargs)
    return Factors(as_sparse(A), permc_spec, "splu")


def factorized(A: Any) -> Callable[[Any], Any]:
    """Give the function that solves systems with a sparse matrix; see `scipy.sparse.linalg.factorized`."""
    return Factors(as_sparse(A), None, "factorized").solve


def spsolve(A: Any, b: Any, permc_spec: str | None = None, use_umfpack: bool = True) -> Any:
    """Solve a linear system with a sparse matrix; see `scipy.sparse.linalg.spsolve`.

    Parameters
    ----------
    A : sparse matrix, shape (n, n)
        Its entries may carry derivatives.
    b : array_like, shape (n,), (n, 1) or (n, m)
    permc_spec : str, optional
        In which order columns are eliminated.
    use_umfpack : bool
        Of interest for plain arguments alone; derivatives are computed with SuperLU.

    Returns
    -------
    array, shape (n,) or (n, m)

    Raises
    ------
    ShapeError
        The shapes do not fit.
    NoRuleError
        The right side is sparse.
    RuntimeError
        The matrix is singular, and something carries derivatives.
    """
    if not (isinstance(A, SparseMatrix) or contains_active(b)):
        return linalg.spsolve(A, b, permc_spec, use_umfpack)
    if isinstance(b, SparseMatrix) or is_matrix_class(b.__class__):
        raise NoRuleError("spsolve: a sparse right side has no derivative rule; take b.toarray().")
    b = as_operand(b)
    if b.ndim == 2 and b.shape[1] == 1:
        b = b[:, 0]  # as SciPy does
    return Factors(as_sparse(A), permc_spec, "spsolve").solve(b)


def norm(x: Any, ord: Any = None, axis: Any = None) -> Any:
    """Frobenius norm of a sparse matrix whose entries carry derivatives; see `scipy.sparse.linalg.norm`.

    Raises
    ------
    NoRuleError
        Another norm of such a matrix is asked for.
    """
    if not isinstance(x, SparseMatrix):
        return linalg.norm(x, ord, axis)
    if ord not in (None, "fro") or axis is not None:
        raise NoRuleError(
            "norm: of a sparse matrix whose entries carry derivatives, there is the Frobenius norm alone."
        )
    return np.linalg.norm(x.entries)


def __getattr__(name: str) -> Any:
    return getattr(linalg, name)


def __dir__() -> list[str]:
    return __all__
