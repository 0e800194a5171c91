"""Calls of the decompositions of `dualnum.scipy.linalg`, as those of NumPy's in `tests.samples.decompositions`."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import linalg
from tests.samples import Sample
from tests.samples.decompositions import positive, squares
from tests.samples.products import BOTH, makers
from tests.samples.scipy_linalg import STACKS

real, plane = makers(31)
MAKERS = (real, plane)


def eigenprojections(a, b=None, **options):
    w, v = linalg.eigh(a, b, **options)
    return w, squares(v)


def general_eigenprojections(a):
    w, v = linalg.eig(a)
    return w, squares(v)


def singular_products(a, **options):
    u, s, vh = linalg.svd(a, **options)
    k = s.shape[-1]
    return s, np.einsum("...ij,...jk->...ijk", u[..., :k], vh[..., :k, :])


SQUARE = [make(*s) for make in MAKERS for s in [(1, 1), (3, 3)]]
ALL = [make(*s) for make in MAKERS for s in [(3, 3), (5, 3), (3, 5), (1, 4), (4, 1)]]

SAMPLES = [
    *(Sample(eigenprojections, (a,), {"lower": lower}) for a in SQUARE for lower in (True, False)),
    *(Sample(linalg.eigh, (a,), smooth=False) for a in SQUARE),
    *(
        Sample(eigenprojections, (make(3, 3), positive(make, 3, 3)), {"type": kind, "lower": lower}, BOTH)
        for make in MAKERS
        for kind in (1, 2, 3)
        for lower in (True, False)
    ),
    *(Sample(linalg.eigh, (make(3, 3), positive(make, 3, 3)), active=BOTH, smooth=False) for make in MAKERS),
    Sample(eigenprojections, (real(4, 4),), {"subset_by_index": [1, 2]}),
    Sample(eigenprojections, (plane(4, 4), positive(plane, 4, 4)), {"subset_by_index": [0, 1], "driver": "gvx"}, BOTH),
    *(Sample(linalg.eigvalsh, (a,), {"lower": lower}) for a in SQUARE for lower in (True, False)),
    *(Sample(linalg.eigvalsh, (make(3, 3), positive(make, 3, 3)), active=BOTH) for make in MAKERS),
    Sample(linalg.eigvalsh, (real(4, 4),), {"subset_by_index": [2, 3]}),
    *(Sample(general_eigenprojections, (a,)) for a in [*SQUARE, positive(real, 3, 3)]),
    *(Sample(linalg.eig, (a,), smooth=False) for a in [*SQUARE, positive(real, 3, 3)]),
    *(Sample(linalg.eigvals, (a,)) for a in [*SQUARE, positive(real, 3, 3)]),
    Sample(linalg.eig, (real(3, 3),), {"right": False}),
    *(Sample(singular_products, (a,), {"full_matrices": False}) for a in ALL),
    Sample(singular_products, (real(4, 3),), {"lapack_driver": "gesvd"}),
    *(Sample(linalg.svd, (a, False), smooth=False) for a in ALL),
    Sample(linalg.svd, (real(3, 4),), {"compute_uv": False}),
    *(Sample(linalg.svdvals, (a,)) for a in ALL),
    *(Sample(linalg.qr, (a,), {"mode": "economic"}) for a in ALL),
    *(Sample(linalg.qr, (a,), {"mode": "r"}) for a in ALL),
    *(Sample(linalg.qr, (make(3, 4),)) for make in MAKERS),
    *(
        Sample(linalg.qr, (make(4, 3),), {"mode": mode, "pivoting": True})
        for make in MAKERS
        for mode in ("economic", "r")
    ),
]

if STACKS:
    SAMPLES += [
        Sample(eigenprojections, (real(2, 3, 3), positive(real, 2, 3, 3)), active=BOTH),
        Sample(linalg.eigvalsh, (plane(2, 3, 3),), {"subset_by_index": [1, 2]}),
        Sample(general_eigenprojections, (real(2, 3, 3),)),
        Sample(linalg.eigvals, (plane(2, 3, 3),)),
        Sample(singular_products, (real(2, 4, 3),), {"full_matrices": False}),
        Sample(linalg.qr, (plane(2, 3, 3),)),
        Sample(linalg.qr, (real(2, 4, 3),), {"mode": "r", "pivoting": True}),
    ]
