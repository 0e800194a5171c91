"""Products with matrices of `scipy.sparse`.

A sparse matrix holds plain numbers, so it is a constant factor. A product with what it takes for no array it hands back to
Python, which then asks the operators of that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from dualnum.application import apply_function
from dualnum.errors import DerivativeLostError, NoRuleError
from dualnum.packing import ACTIVE_TYPES

__all__ = [
    "answer_to",
    "arrays_of",
    "is_inside",
    "is_matrix_class",
    "lost",
    "matrix_product",
    "product",
    "times_is_product",
]

# Formats that hold Python's own objects, of which SciPy makes the usual one for every product.
_HOLDING_OBJECTS = ("lil", "dok")

# Where arrays are converted that are to go into a sparse matrix, or into compiled code.
_INSIDE = ("scipy.sparse._", "scipy.sparse.linalg._dsolve", "scipy.sparse.linalg._isolve")


@cache
def is_matrix_class(cls: type) -> bool:
    """Whether it is one of the classes of `scipy.sparse`; who has a matrix has imported that."""
    module = sys.modules.get("scipy.sparse")
    return module is not None and issubclass(cls, (module.sparray, module.spmatrix))


def times_is_product(matrix: Any) -> bool:
    """Whether ``*`` with this sparse matrix is a product of matrices, as it is for the classes that are named so."""
    return isinstance(matrix, sys.modules["scipy.sparse"].spmatrix)


def is_inside(frame: Any) -> bool:
    """Whether it is the code of sparse matrices, or of a solver for them."""
    return frame.f_globals.get("__name__", "").startswith(_INSIDE)


def lost(x: Any) -> DerivativeLostError:
    """Make the error for a sparse matrix that is to be made of, or multiplied by, what carries derivatives."""
    return DerivativeLostError(
        f"A matrix of scipy.sparse holds plain numbers and would lose the derivative of {x._describe()}. Take csr_array, "
        "diags_array, hstack, ..., and lil_array to fill item by item, from dualnum.scipy.sparse, and solvers from "
        "dualnum.scipy.sparse.linalg, which know matrices whose entries carry derivatives. Write a * A for A * a, (1 / a) * A "
        "for A / a, and d * (A @ x) for A.multiply(d) @ x with a column d."
    )


def answer_to(frame: Any) -> np.ndarray | None:
    """What SciPy gets in place of an array when it is to multiply a sparse matrix; None where it asks for something else."""
    if not is_inside(frame):
        return None
    name = frame.f_code.co_name
    if name == "_matmul_dispatch":  # which leaves what has no axes to the other's operator
        return np.empty((), object)
    return np.empty(1, object) if name == "dot" else None  # and this asks for the axes alone


def arrays_of(matrix: Any) -> Iterator[np.ndarray]:
    """Arrays that a sparse matrix consists of."""
    for part in vars(matrix).values():
        for array in part if part.__class__ is tuple else (part,):
            if array.__class__ is np.ndarray:
                yield array


def matrix_product(matrix: Any, x: Any) -> Any:
    """``matrix @ x`` of a sparse matrix and an array of one or two axes."""
    if x.__class__ in ACTIVE_TYPES:
        return apply_function(matrix_product, (matrix, x), {})
    return matrix @ x


def product(a: Any, b: Any) -> Any:
    """``a @ b``, where one is a sparse matrix and the other carries derivatives."""
    matrix, x, left = (b, a, False) if a.__class__ in ACTIVE_TYPES else (a, b, True)
    if not x.ndim:
        raise lost(x)
    if max(matrix.ndim, x.ndim) > 2:
        raise NoRuleError(
            f"A product of a sparse array with {matrix.ndim} axes and an array with {x.ndim} axes has no derivative rule. "
            "Write it as products of arrays with two axes: reshape them, or take one after the other."
        )
    if matrix.format in _HOLDING_OBJECTS:
        matrix = matrix.tocsr()
    return _times(matrix, x) if left else _times(matrix.T, x.T).T


def _times(matrix: Any, x: Any) -> Any:
    row = matrix.ndim == 1
    # For both of these, SciPy gives a number.
    if x.ndim == 1 and (row or (matrix.format == "coo" and matrix.shape[0] == 1 and not times_is_product(matrix))):
        return matrix_product(matrix.reshape(1, -1), x[:, None])[0, 0]
    return matrix_product(matrix.reshape(1, -1), x)[0] if row else matrix_product(matrix, x)
