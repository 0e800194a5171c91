"""Calls of matrix decompositions, where the factors are functions of the matrix.

LAPACK may change the signs of vectors from one matrix to the next. So finite differences are taken of functions of the
factors in which the signs cancel (phases are looked at in `tests.rules.test_decompositions`).
"""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(15)


def positive(make, *shape):
    a = make(*shape)
    return a @ np.conj(a).mT + np.eye(shape[-1])


def squares(v):
    """Products of each column with its conjugate."""
    return np.einsum("...ij,...kj->...ikj", v, np.conj(v))


def eigenprojections(a, uplo):
    w, v = np.linalg.eigh(a, uplo)
    return w, squares(v)


def general_eigenprojections(a):
    w, v = np.linalg.eig(a)
    return w, squares(v)


def singular_products(a, full_matrices=False, hermitian=False):
    u, s, vh = np.linalg.svd(a, full_matrices, hermitian=hermitian)
    k = s.shape[-1]
    pairs = np.einsum("...ij,...jk->...ijk", u[..., :k], vh[..., :k, :])
    return s, pairs, squares(u), squares(np.conj(vh).mT)


MAKERS = (real, plane)
SQUARE_SHAPES = [(1, 1), (3, 3), (2, 4, 4), (0, 0)]
SHAPES = [(3, 3), (5, 3), (3, 5), (2, 4, 3), (1, 4), (4, 1), (2, 2, 3)]
SQUARE = [make(*s) for make in MAKERS for s in SQUARE_SHAPES]
ALL = [make(*s) for make in MAKERS for s in SHAPES]

SAMPLES = [
    *(Sample(np.linalg.cholesky, (positive(make, *s),)) for make in MAKERS for s in SQUARE_SHAPES),
    *(Sample(np.linalg.cholesky, (positive(make, *s),), {"upper": True}) for make in MAKERS for s in SQUARE_SHAPES),
    *(Sample(eigenprojections, (a, uplo)) for a in SQUARE for uplo in "LU"),
    *(Sample(np.linalg.eigh, (a,), smooth=False) for a in SQUARE),
    *(Sample(np.linalg.eigvalsh, (a,), {"UPLO": uplo}) for a in SQUARE for uplo in "LU"),
    *(Sample(general_eigenprojections, (a,)) for a in [*SQUARE, positive(real, 3, 3)]),
    *(Sample(np.linalg.eig, (a,), smooth=False) for a in SQUARE),
    *(Sample(np.linalg.eigvals, (a,)) for a in [*SQUARE, positive(real, 3, 3)]),
    *(Sample(singular_products, (a,)) for a in ALL),
    *(Sample(singular_products, (real(*s), True)) for s in [(3, 3), (4, 3), (2, 3, 4)]),
    *(Sample(singular_products, (make(3, 3), False, True)) for make in MAKERS),
    *(Sample(np.linalg.svd, (a, False), smooth=False) for a in ALL),
    *(Sample(np.linalg.svd, (a,), {"compute_uv": False}) for a in ALL[:2]),
    Sample(np.linalg.svd, (plane(3, 3),), {"hermitian": True, "compute_uv": False}),
    *(Sample(np.linalg.svdvals, (a,)) for a in ALL),
    *(Sample(np.linalg.qr, (a,)) for a in ALL),
    *(Sample(np.linalg.qr, (a, "r")) for a in ALL),
    *(Sample(np.linalg.qr, (make(3, 4), "complete")) for make in MAKERS),
]
