"""Calls of matrix decompositions, where the factors are functions of the matrix."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import plane, real


def positive(make, *shape):
    a = make(*shape)
    return a @ np.conj(a).mT + np.eye(shape[-1])


MAKERS = (real, plane)
SQUARE_SHAPES = [(1, 1), (3, 3), (2, 4, 4), (0, 0)]
SHAPES = [(3, 3), (5, 3), (3, 5), (2, 4, 3), (1, 4), (4, 1), (2, 2, 3)]
SQUARE = [make(*s) for make in MAKERS for s in SQUARE_SHAPES]
ALL = [make(*s) for make in MAKERS for s in SHAPES]

SAMPLES = [
    *(Sample(np.linalg.cholesky, (positive(make, *s),)) for make in MAKERS for s in SQUARE_SHAPES),
    *(Sample(np.linalg.cholesky, (positive(make, *s),), {"upper": True}) for make in MAKERS for s in SQUARE_SHAPES),
    *(Sample(f, (a,), {"UPLO": uplo}) for f in (np.linalg.eigh, np.linalg.eigvalsh) for a in SQUARE for uplo in "LU"),
    *(Sample(f, (a,)) for f in (np.linalg.eig, np.linalg.eigvals) for a in SQUARE),
    *(Sample(f, (positive(real, 3, 3),)) for f in (np.linalg.eig, np.linalg.eigvals)),
    *(Sample(np.linalg.svd, (a,), {"full_matrices": False}) for a in ALL),
    *(Sample(np.linalg.svd, (real(*s),)) for s in [(3, 3), (4, 3), (2, 3, 4)]),
    *(Sample(np.linalg.svd, (a,), {"compute_uv": False}) for a in ALL[:2]),
    *(Sample(np.linalg.svd, (a,), {"hermitian": True}) for a in (real(3, 3), plane(3, 3))),
    Sample(np.linalg.svd, (plane(3, 3),), {"hermitian": True, "compute_uv": False}),
    *(Sample(np.linalg.svdvals, (a,)) for a in ALL),
    *(Sample(np.linalg.qr, (a,)) for a in ALL),
    *(Sample(np.linalg.qr, (a, "r")) for a in ALL),
    *(Sample(np.linalg.qr, (make(3, 4), "complete")) for make in MAKERS),
]
