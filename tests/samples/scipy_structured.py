"""Calls of the banded and Toeplitz systems of `dualnum.scipy.linalg`, and of matrices made of parts."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import linalg
from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(34)
MAKERS = (real, plane)


def banded(make, lower, upper, n):
    """A banded matrix with a large diagonal."""
    ab = make(lower + upper + 1, n)
    ab[upper] += 4 + lower + upper
    return ab


SAMPLES = [
    *(
        Sample(linalg.solve_banded, ((lower, upper), banded(make, lower, upper, n), make(*shape)), active=(1, 2))
        for make in MAKERS
        for lower, upper, n, shape in [
            *(
                (1, 1, 4, (4,)),
                (2, 1, 4, (4, 2)),
                (0, 2, 4, (4,)),
                (1, 0, 4, (4, 1)),
                (3, 2, 3, (3,)),
                (1, 1, 1, (1, 2)),
            ),
        ]
    ),
    Sample(linalg.solve_banded, ((1, 1), banded(real, 1, 1, 3), plane(3)), active=(1, 2)),
    *(
        Sample(
            linalg.solveh_banded,
            (banded(make, 0, width, 4)[:: -1 if lower else 1], make(*shape)),
            {"lower": lower},
            BOTH,
        )
        for make in MAKERS
        for lower in (True, False)
        for width, shape in ((1, (4,)), (2, (4, 2)))
    ),
    *(Sample(linalg.toeplitz, (make(3),)) for make in MAKERS),
    Sample(linalg.toeplitz, (real(2), real(4)), active=BOTH, complex_ok=True),
    *(Sample(linalg.toeplitz, (real(2), plane(3)), active=(i,)) for i in BOTH),
    *(
        Sample(linalg.solve_toeplitz, ((make(4) + [5, 0, 0, 0], make(4)), make(*shape)), active=BOTH)
        for make in MAKERS
        for shape in ((4,), (4, 2))
    ),
    Sample(linalg.solve_toeplitz, (plane(3) + [5, 0, 0], plane(3)), active=BOTH),
    Sample(linalg.block_diag, (real(2, 3), real(2), 1.5, real(0, 1)), active=(0, 1, 2, 3)),
    Sample(linalg.block_diag, (real(2, 2), plane(1, 2)), active=BOTH),
    *(Sample(linalg.norm, (make(3),), {"ord": kind}) for make in MAKERS for kind in (None, 2, 1, np.inf, 3)),
    *(Sample(linalg.norm, (make(3, 2),), {"ord": kind}) for make in MAKERS for kind in (None, "fro", 1, 2, "nuc")),
    Sample(linalg.norm, (real(2, 3, 2),), {"axis": (0, 2), "keepdims": True}),
]
