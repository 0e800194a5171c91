"""`scipy.sparse.linalg`, with solutions of linear systems that can be differentiated.

`spsolve`, `spsolve_triangular`, `splu`, `factorized`, `inv`, `expm_multiply`, `matrix_power` and `norm` take matrices of
`dualnum.scipy.sparse` whose entries carry derivatives, and right sides that do; the factors of a matrix serve for all
derivatives of the solution. All else is SciPy's own, and takes no such matrices.

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
from functools import cache, wraps
from inspect import isfunction
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
        self._matrix = matrix.copy()  # that sees no later updates
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
    array, shape (n,) or (n, m), or a sparse matrix where `b` is one with several columns

    Raises
    ------
    ShapeError
        The shapes do not fit.
    RuntimeError
        The matrix is singular, and something carries derivatives.
    """
    if not (isinstance(A, SparseMatrix) or isinstance(b, SparseMatrix) or contains_active(b)):
        return linalg.spsolve(A, b, permc_spec, use_umfpack)
    factors = Factors(as_sparse(A), permc_spec, "spsolve")
    if isinstance(b, SparseMatrix) or is_matrix_class(b.__class__):
        right = as_sparse(b).toarray()
        return factors.solve(right[:, 0]) if right.shape[1] == 1 else _sparse(factors.solve(right), A)
    b = as_operand(b)
    return factors.solve(b[:, 0] if b.ndim == 2 and b.shape[1] == 1 else b)  # a vector, as SciPy does


def _sparse(x: Any, like: Any) -> SparseMatrix:
    found, like = as_sparse(x), as_sparse(like)
    return SparseMatrix(found.entries, found.pattern, like._star, like.format)


def inv(A: Any) -> Any:
    """Inverse of a sparse matrix, which has an entry at all places; see `scipy.sparse.linalg.inv`."""
    if not isinstance(A, SparseMatrix):
        return linalg.inv(A)
    return _sparse(Factors(A, None, "inv").solve(np.eye(A.shape[0], dtype=A.dtype)), A)


def spsolve_triangular(
    A: Any, b: Any, lower: bool = True, *args: Any, unit_diagonal: bool = False, **kwargs: Any
) -> Any:
    """Solve a linear system with a triangular sparse matrix; see `scipy.sparse.linalg.spsolve_triangular`.

    Raises
    ------
    ShapeError
        The matrix is not triangular, or the shapes do not fit.
    RuntimeError
        The matrix is singular, and something carries derivatives.
    """
    if not (isinstance(A, SparseMatrix) or contains_active(b)):
        return linalg.spsolve_triangular(A, b, lower, *args, unit_diagonal=unit_diagonal, **kwargs)
    A = as_sparse(A)
    if np.any(A.rows < A.columns if lower else A.rows > A.columns):
        raise ShapeError("spsolve_triangular: there are entries in the other triangle; take tril(A) or triu(A).")
    if unit_diagonal:
        A = A.copy()
        A.setdiag(1.0)
    return Factors(A, "NATURAL", "spsolve_triangular").solve(b)


# Terms of the series of exp(A) for a matrix of norm 1, after which neither it nor its first derivatives notice the next.
_TERMS = 26


def expm_multiply(A: Any, B: Any, *args: Any, **kwargs: Any) -> Any:
    """Product of the exponential of a sparse matrix with an array; see `scipy.sparse.linalg.expm_multiply`.

    For a matrix whose entries carry derivatives, it is a product of Taylor polynomials of the matrix, divided by its norm.

    Raises
    ------
    NoRuleError
        Several points in time are asked for, of such a matrix.
    """
    if not isinstance(A, SparseMatrix):
        return linalg.expm_multiply(A, B, *args, **kwargs)
    if args or any(value is not None for name, value in kwargs.items() if name != "traceA"):
        raise NoRuleError(
            "expm_multiply: take expm_multiply(t * A, B) for each time, if entries of A carry derivatives."
        )
    x = as_operand(B)
    steps = int(np.ceil(np.max(np.asarray(abs(A._plain()).sum(axis=0)), initial=1.0)))
    A = A / steps
    for _ in range(steps):
        term = x
        for i in range(1, _TERMS):
            term = A @ term / i
            x = x + term
    return x


def norm(x: Any, ord: Any = None, axis: Any = None) -> Any:
    """Norm of a sparse matrix, or of its columns (`axis` 0) or rows (1); see `scipy.sparse.linalg.norm`.

    Raises
    ------
    NoRuleError
        For a matrix whose entries carry derivatives, others are asked for than the Frobenius norm (None, "fro"), 1 and infinity
        of the matrix, and 1 and 2 (None) of columns or rows.
    """
    if not isinstance(x, SparseMatrix):
        return linalg.norm(x, ord, axis)
    if axis is None and ord in (None, "fro", "f"):
        return np.linalg.norm(x.entries)
    if axis is None and ord in (1, np.inf):
        return np.max(abs(x).sum(axis=0 if ord == 1 else 1))
    if axis in (0, 1, -1, -2) and ord in (None, 1, 2):
        total = abs(x).sum(axis) if ord == 1 else np.sqrt((abs(x) if x.dtype.kind == "c" else x).power(2).sum(axis))
        return np.ravel(total)
    raise NoRuleError(
        f"norm: ord={ord!r}, axis={axis!r} of a sparse matrix has no derivative rule; take that of A.toarray()."
    )


@cache
def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """SciPy's function, which says so if it cannot take a matrix."""

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, SparseMatrix) for arg in (*args, *kwargs.values())):
            raise NoRuleError(
                f"{function.__name__} takes no sparse matrix whose entries carry derivatives. Solve systems with spsolve or "
                "splu, which can be differentiated, or take NumPy's function of A.toarray()."
            )
        return function(*args, **kwargs)

    return checked


def __getattr__(name: str) -> Any:
    found = getattr(linalg, name)
    return _refusing(found) if isfunction(found) and name != "matrix_power" else found


def __dir__() -> list[str]:
    return __all__
