"""Calls of `dualnum.scipy.linalg`."""

from __future__ import annotations

import numpy as np
import scipy

from dualnum.scipy import linalg
from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(29)

SQUARE = real(3, 3) + 3 * np.eye(3)
COMPLEX = plane(3, 3) + 3 * np.eye(3)
POSITIVE = SQUARE @ SQUARE.T
HERMITIAN = COMPLEX @ COMPLEX.conj().T
KINDS = ["gen", "sym", "pos"]

LEAST_SQUARES_SHAPES = [((3, 3), (3,)), ((5, 3), (5,)), ((5, 3), (5, 2)), ((3, 5), (3,)), ((3, 5), (3, 2))]
#: Whether this SciPy takes stacks of matrices.
STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"
STACK = real(2, 3, 3) + 3 * np.eye(3)

SAMPLES = [
    *(Sample(linalg.solve, (POSITIVE, real(3, 2)), {"assume_a": kind}, BOTH) for kind in KINDS),
    *(Sample(linalg.solve, (POSITIVE, real(3), True), {"assume_a": kind}, BOTH) for kind in KINDS),
    Sample(linalg.solve, (COMPLEX, plane(3)), active=BOTH),
    Sample(linalg.solve, (SQUARE, real(3)), {"transposed": True, "overwrite_a": True, "overwrite_b": True}, BOTH),
    Sample(linalg.solve, (HERMITIAN, plane(3)), {"assume_a": "pos"}, BOTH),
    *(
        Sample(linalg.solve_triangular, (SQUARE, real(*shape)), {"lower": lower, "trans": trans}, BOTH)
        for shape, lower, trans in (((3,), True, 0), ((3, 2), False, "T"), ((3,), True, 2))
    ),
    Sample(linalg.solve_triangular, (COMPLEX, plane(3, 1)), {"trans": "C"}, BOTH),
    Sample(linalg.solve_triangular, (SQUARE, real(3)), {"unit_diagonal": True, "lower": True}, BOTH),
    Sample(linalg.inv, (SQUARE,), complex_ok=True),
    Sample(linalg.det, (SQUARE,), complex_ok=True),
    Sample(linalg.cholesky, (POSITIVE,)),
    Sample(linalg.cholesky, (POSITIVE, True)),
    Sample(linalg.cholesky, (HERMITIAN,)),
    *(Sample(lambda a, low=low: linalg.cho_factor(a, low)[0], (POSITIVE,)) for low in (True, False)),
    *(
        Sample(lambda a, b, low=low: linalg.cho_solve(linalg.cho_factor(a, low), b), (matrix, b), active=BOTH)
        for low in (True, False)
        for matrix, b in ((POSITIVE, real(3)), (POSITIVE, real(3, 2)), (HERMITIAN, plane(3)))
    ),
    Sample(linalg.lu_factor, (SQUARE[::-1],), complex_ok=True),
    *(
        Sample(linalg.lu, (SQUARE[[2, 0, 1]],), {"permute_l": permute, "p_indices": indices}, complex_ok=True)
        for permute in (True, False)
        for indices in (True, False)
    ),
    *(
        Sample(lambda a, b, t=trans: linalg.lu_solve(linalg.lu_factor(a), b, t), (a[::-1], b), active=BOTH)
        for trans in (0, 1, 2)
        for a, b in ((SQUARE, real(3)), (COMPLEX, plane(3, 2)))
    ),
    *(
        Sample(linalg.lstsq, (make(*a), make(*b)), active=BOTH)
        for make in (real, plane)
        for a, b in LEAST_SQUARES_SHAPES
    ),
    Sample(linalg.lstsq, (real(4, 2), plane(4)), {"cond": 1e-8}, BOTH),
    Sample(linalg.lstsq, (real(4, 2), real(4)), {"lapack_driver": "gelsy"}, BOTH),
    *(Sample(linalg.pinv, (make(*s),)) for make in (real, plane) for s in [(3, 3), (5, 3), (3, 5)]),
    Sample(linalg.pinv, (real(3, 2),), {"return_rank": True, "rtol": 1e-9}),
    *(Sample(linalg.pinvh, (make(3, 3),), {"lower": low}) for make in (real, plane) for low in (True, False)),
    Sample(linalg.pinvh, (real(2, 2),), {"return_rank": True}),
]

if STACKS:
    SAMPLES += [
        *(
            Sample(linalg.solve, (a, b), {"assume_a": kind}, BOTH)
            for a, b in (
                (STACK @ STACK.mT, real(3)),
                (STACK @ STACK.mT, real(2, 3, 1)),
                (POSITIVE, real(4, 3, 2)),
                (STACK @ STACK.mT, real(4, 1, 3, 2)),
            )
            for kind in ("gen", "pos")
        ),
        Sample(linalg.solve_triangular, (STACK, real(3)), {"lower": True, "trans": 1, "unit_diagonal": True}, BOTH),
        Sample(linalg.solve_triangular, (SQUARE, real(2, 3, 2)), active=BOTH),
        Sample(linalg.inv, (STACK,)),
        Sample(linalg.cholesky, (STACK @ STACK.mT, True)),
        *(
            Sample(lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), (STACK @ STACK.mT, b), active=BOTH)
            for b in (real(3), real(4, 1, 3, 2))
        ),
        # As many matrices as rows, so that a stack of vectors could be taken for a matrix.
        *(
            Sample(f, (real(3, 3, 3) + 3 * np.eye(3), real(3)), active=BOTH)
            for f in (
                linalg.solve,
                linalg.solve_triangular,
                lambda a, b: linalg.cho_solve((a, True), b),
                lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b),
            )
        ),
        *(
            Sample(lambda a, b, t=t: linalg.lu_solve(linalg.lu_factor(a), b, t), (STACK[:, ::-1], b), active=BOTH)
            for b in (real(3), real(4, 1, 3, 2))
            for t in (0, 1)
        ),
        Sample(linalg.lu_factor, (real(2, 3, 3),)),
        Sample(linalg.lu, (real(2, 3, 3),)),
        Sample(linalg.pinv, (plane(2, 4, 3),)),
    ]
