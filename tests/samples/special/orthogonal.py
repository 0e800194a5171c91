"""Calls of orthogonal polynomials."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

X = np.array([-0.7, 0.2, 0.6, 1.3])
DEGREES = np.array([[0], [1], [4]])
REAL = np.array([[0.7], [2.3]])
INSIDE = np.array([0.3, 0.6, 0.9])
CHEBYSHEV = (
    *(special.eval_chebyt, special.eval_chebyu, special.eval_chebyc),
    *(special.eval_chebys, special.eval_sh_chebyt, special.eval_sh_chebyu),
)
OF_ONE_PARAMETER = (*CHEBYSHEV, special.eval_legendre, special.eval_sh_legendre, special.eval_laguerre)

SAMPLES = [
    *(Sample(f, (DEGREES, X), active=(1,), complex_ok=True) for f in OF_ONE_PARAMETER),
    *(Sample(f, (2.5, INSIDE), active=(1,)) for f in OF_ONE_PARAMETER),
    *(Sample(f, (REAL, np.array([0.15, 0.6, 1.3])), active=(0, 1)) for f in CHEBYSHEV),
    *(Sample(f, (DEGREES, X), active=(1,)) for f in (special.eval_hermite, special.eval_hermitenorm)),
    Sample(special.eval_hermite, (3, 0.4), active=(1,)),
    *(Sample(f, (DEGREES, 0.7, X), active=(1, 2)) for f in (special.eval_genlaguerre, special.eval_gegenbauer)),
    *(
        Sample(f, (DEGREES, 0.7, X), active=(2,), complex_ok=True)
        for f in (special.eval_genlaguerre, special.eval_gegenbauer)
    ),
    Sample(special.eval_jacobi, (DEGREES, 0.7, np.array([1.2, 0.3, 2.0, -0.4]), X), active=(1, 2, 3)),
    Sample(special.eval_jacobi, (DEGREES, 0.7, 1.2, X), active=(3,), complex_ok=True),
    Sample(special.eval_sh_jacobi, (DEGREES, 2.7, np.array([1.2, 0.3, 2.0, 0.6]), X), active=(1, 2, 3)),
    *(Sample(f, (REAL, INSIDE), active=(0, 1)) for f in (special.eval_legendre, special.eval_sh_legendre)),
    Sample(special.eval_laguerre, (REAL, INSIDE), active=(0, 1)),
    *(Sample(f, (REAL, 0.7, INSIDE), active=(0, 1, 2)) for f in (special.eval_genlaguerre, special.eval_gegenbauer)),
    Sample(special.eval_jacobi, (REAL, 0.7, 1.2, INSIDE), active=(0, 1, 2, 3)),
    Sample(special.eval_sh_jacobi, (REAL, 2.7, 1.2, INSIDE), active=(0, 1, 2, 3)),
]
