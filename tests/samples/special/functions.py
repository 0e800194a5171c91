"""Calls of functions of scipy.special that are no ufuncs."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import special
from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])
INSIDE = np.array([-0.9, -0.2, 0.3, 0.8])
GRID = np.array([[-1.5, 0.4, 2.2], [0.9, -0.3, 1.6]])
WEIGHTS = np.array([0.5, 2.0, 0.0])

DERIVATIVES = [special.jvp, special.yvp, special.ivp, special.kvp, special.h1vp, special.h2vp]

LEGENDRE = (
    [
        Sample(special.legendre_p, (3, INSIDE), active=(1,)),
        Sample(special.legendre_p, (np.array([[0], [1], [4]]), INSIDE), active=(1,)),
        Sample(special.legendre_p, (2, np.float64(0.3)), active=(1,)),
        *(Sample(special.assoc_legendre_p, (3, m, INSIDE), active=(2,)) for m in (0, 1, -2, 3)),
        *(Sample(special.sph_legendre_p, (3, m, LINE), active=(2,)) for m in (0, 1, -2, 3)),
        *(Sample(special.sph_harm_y, (3, m, LINE, LINE[::-1]), active=(2, 3)) for m in (0, 1, -2)),
    ]
    if hasattr(special, "sph_harm_y")
    else []
)

SAMPLES = [
    *LEGENDRE,
    *(Sample(special.diric, (x, n)) for x in (LINE, np.float64(0.4)) for n in (1, 4, 5)),
    Sample(special.logsumexp, (GRID,), complex_ok=True),
    Sample(special.logsumexp, (GRID, 1)),
    Sample(special.logsumexp, (GRID, -2), {"keepdims": True}),
    Sample(special.logsumexp, (GRID, (0, 1), np.abs(GRID)), active=(0, 2)),
    Sample(special.logsumexp, (GRID, 1, WEIGHTS), active=(0,)),
    Sample(special.logsumexp, (GRID, 0), {"b": np.array([[1.0], [-3.0]]), "return_sign": True}),
    Sample(special.logsumexp, (np.float64(0.7),)),
    Sample(special.softmax, (GRID,)),
    Sample(special.softmax, (GRID, 1)),
    Sample(special.softmax, (GRID, (0, 1))),
    Sample(special.log_softmax, (GRID,)),
    Sample(special.log_softmax, (GRID, 0)),
    *(Sample(special.softplus, (x,)) for x in (GRID, LINE) if hasattr(special, "softplus")),
    Sample(special.polygamma, (0, LINE), active=(1,)),
    Sample(special.polygamma, (np.array([[0], [1], [4]]), LINE), active=(1,)),
    Sample(special.multigammaln, (LINE + 2, 3)),
    Sample(special.comb, (LINE + 3, np.array([2.0, 0.5, 3.2])), active=(0, 1)),
    Sample(special.comb, (LINE + 3, 2), {"repetition": True}),
    Sample(special.perm, (LINE + 3, np.array([2.0, 0.5, 3.2])), active=(0, 1)),
    Sample(special.factorial, (LINE,)),
    *(Sample(f, (1.5, LINE, n), active=(1,)) for f in DERIVATIVES for n in (0, 1, 3)),
]
