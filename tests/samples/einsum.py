"""Calls of einsum."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(13)

TWO = [
    *(("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)), ("i,i", (3,), (3,))),
    *(("i,j", (3,), (2,)), ("ba,b", (3, 2), (3,)), (" ij , k -> k ", (3, 2), (4,)), (",i->i", (), (3,))),
    *(("...ij,...jk->...ik", (4, 2, 3), (3, 2)), ("...ij,...jk", (4, 2, 3), (4, 3, 2))),
    *(("i...,i...->...", (3, 1, 2), (3, 4, 2)), ("i...,i...->...", (3, 2), (3, 4, 2))),
    *(("ii,i->i", (3, 3), (3,)), ("iij,j->i", (3, 3, 2), (2,)), ("ij,jk->ik", (1, 1), (3, 4))),
]
ONE = [
    *(("ii->i", (3, 3)), ("ii", (3, 3)), ("ij->ji", (3, 2)), ("ji", (3, 2)), ("ij->", (3, 2)), ("ij->j", (3, 2))),
    *(("...i->...", (2, 4, 3)), ("...ii->...i", (2, 3, 3)), ("iii->i", (2, 2, 2)), ("->", ()), ("ij->ij", (0, 3))),
]
CHAIN = (real(2, 3), real(3, 4), real(4, 2))

SAMPLES = [
    *(Sample(np.einsum, (s, real(*a), real(*b)), active=(1, 2), complex_ok=True) for s, a, b in TWO),
    *(Sample(np.einsum, (s, real(*a)), active=(1,), complex_ok=True) for s, a in ONE),
    Sample(np.einsum, ("ij,jk->ik", plane(2, 3), real(3, 4)), active=(1, 2)),
    Sample(np.einsum, ("ij,jk->ik", real(60, 40), real(40, 3)), active=(1,)),
    Sample(np.einsum, ("ij,jk->ik", real(2, 3), [[1, 2], [3, 4], [5, 6]]), active=(1,)),
    Sample(np.einsum, ("ij,j->i", real(2, 3), real(3)), {"order": "F", "dtype": complex}, (1, 2)),
    *(Sample(np.einsum, ("ij,jk,ki", *CHAIN), {"optimize": way}, (1, 2, 3)) for way in [False, True, "optimal"]),
    Sample(np.einsum, (real(2, 3), [0, 1], real(3, 4), [1, 2]), active=(0, 2)),
    Sample(np.einsum, (real(5, 2, 3), [..., 27, 1], real(3, 4), [1, 2], [..., 2, 27]), active=(0, 2)),
    Sample(np.einsum, (real(3, 3), [0, 0], [0]), active=(0,)),
]
