"""The row of products with sparse matrices, which are constant."""

from __future__ import annotations

import numpy as np

from dualnum.matrices import matrix_product
from dualnum.rules.products import fitted
from dualnum.table import linear


def push_product(matrix, x):
    """``matrix @ x``, where `x` is a tangent with directions: they are further columns."""
    if x.ndim == 2:
        return matrix_product(matrix, x.T).T
    k, n, m = x.shape
    out = matrix_product(matrix, np.moveaxis(x, 0, -1).reshape(n, m * k))
    return np.moveaxis(out.reshape(matrix.shape[0], m, k), -1, 0)


def _pull(out_bar, matrix, x):
    adjoint = matrix.conj().T if matrix.dtype.kind == "c" else matrix.T
    return fitted(matrix_product(adjoint, out_bar), x)


linear(matrix_product, None, _pull, batched={1: push_product})
