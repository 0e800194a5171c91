"""`scipy.linalg`, with functions that take Duals.

Of these functions there are twins, which give plain arguments to SciPy; all other names are SciPy's own:

- linear systems: `solve`, `solve_triangular`, `inv`, `det`, `cholesky`, `cho_factor`, `cho_solve`, `lu`, `lu_factor`,
  `lu_solve`;
- systems with a structure: `solve_banded`, `solveh_banded` (whose derivatives stay banded), `solve_toeplitz` (whose derivatives
  are those of the dense system);
- least squares: `lstsq`, `pinv`, `pinvh`;
- decompositions: `eigh` and `eigvalsh` (of pairs of matrices too), `eig` and `eigvals` (of one matrix), `svd`, `svdvals`, `qr`;
- functions of matrices: `expm`, `sqrtm`, `logm` (without `disp` and `blocksize`), `norm`;
- matrix equations: `solve_sylvester`, `solve_continuous_lyapunov`, `solve_discrete_lyapunov`, `solve_continuous_are`,
  `solve_discrete_are`;
- matrices made of parts: `toeplitz`, `block_diag`.

Arguments are never overwritten. Stacks of matrices are taken by linear systems (from SciPy 1.17 on), decompositions,
pseudo-inverses and `expm`; the others refuse them. What is not a function of the matrix (vectors of equal eigenvalues, columns
beyond the rank) raises a `DualnumError` that says what to take instead.

Examples
--------
>>> import numpy as np
>>> from dualnum import jacobian
>>> from dualnum.scipy.linalg import expm
>>> jacobian(lambda t: expm(t * np.array([[0.0, 1.0], [0.0, 0.0]])))(2.0)
array([[0., 1.],
       [0., 0.]])
"""

from __future__ import annotations

from scipy import linalg

from dualnum.table import TABLE
from dualnum.twins import twins_in

__all__ = list(linalg.__all__)  # type: ignore[attr-defined]

TABLE.load()

__getattr__ = twins_in(linalg)


def __dir__() -> list[str]:
    return __all__
