"""Calls of functions of matrices and of the solvers of matrix equations of `dualnum.scipy.linalg`."""

from __future__ import annotations

import warnings

import numpy as np

from dualnum.scipy import linalg
from tests.samples import Sample
from tests.samples.decompositions import positive
from tests.samples.products import BOTH, makers

real, plane = makers(36)
MAKERS = (real, plane)


def stable(make, n):
    """A matrix whose eigenvalues are in the unit disc, and near -1/2."""
    return make(n, n) / 8 - np.eye(n) / 2


def logm(a):
    """Without the warning of SciPy, which counts the digits of float32 as if it were float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return linalg.logm(a)


def by_symmetric(solver):
    """The solver of a Riccati equation, with matrices that stay symmetric."""

    def solve(a, b, q, r, *more):
        return solver(a, b, q @ np.conj(q).mT, r @ np.conj(r).mT, *more)

    return solve


RICCATI = [by_symmetric(solver) for solver in (linalg.solve_continuous_are, linalg.solve_discrete_are)]
# A system with a mass matrix and a cross term of the costs.
DESCRIPTOR = tuple(
    np.array(x)
    for x in (
        [[0.9, 0.3], [-0.2, 1.1]],
        [[0.2], [1.0]],
        [[1.5, 0.2], [0.1, 1.0]],
        [[1.2]],
        [[1.1, 0.1], [-0.05, 0.9]],
        [[0.1], [0.05]],
    )
)
NEGATIVE = np.array([[-2.0, 1.0, 0.0], [0.5, 1.0, 0.5], [0.0, 0.2, 3.0]])  # with one negative eigenvalue

SAMPLES = [
    Sample(linalg.expm, (real(3, 3),), complex_ok=True),
    Sample(linalg.expm, (plane(2, 2),)),
    Sample(linalg.expm, (real(2, 3, 3),)),
    Sample(linalg.expm, (real(1, 1),)),
    Sample(linalg.expm, (np.diag([1.0, 1.0, -2.0]),)),
    *(
        Sample(
            linalg.solve_sylvester,
            (make(n, n) + 3 * np.eye(n), make(m, m) + 3 * np.eye(m), make(n, m)),
            active=(0, 1, 2),
        )
        for make in MAKERS
        for n, m in ((3, 2), (2, 2), (1, 3))
    ),
    Sample(
        linalg.solve_sylvester, (real(2, 2) + 3 * np.eye(2), plane(2, 2) + 3 * np.eye(2), real(2, 2)), active=(0, 1, 2)
    ),
    *(Sample(linalg.solve_continuous_lyapunov, (stable(make, 3), make(3, 3)), active=BOTH) for make in MAKERS),
    *(
        Sample(linalg.solve_discrete_lyapunov, (stable(make, 3), make(3, 3)), {"method": method}, BOTH)
        for make in MAKERS
        for method in ("direct", "bilinear", None)
    ),
    *(Sample(f, (make(2, 2) / 2 + 2 * np.eye(2),)) for make in MAKERS for f in (linalg.sqrtm, logm)),
    *(Sample(f, (a,)) for a in (NEGATIVE, positive(real, 3, 3), real(1, 1) ** 2) for f in (linalg.sqrtm, logm)),
    *(
        Sample(
            f, (make(3, 3) / 2, make(3, 2), make(3, 3) + 2 * np.eye(3), make(2, 2) + 5 * np.eye(2)), active=(0, 1, 2, 3)
        )
        for make in MAKERS
        for f in RICCATI
    ),
    *(Sample(f, (*DESCRIPTOR, False), active=(0, 1, 2, 3, 4, 5)) for f in RICCATI),
]
