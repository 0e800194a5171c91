"""Samples of linear systems with sparse matrices."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from dualnum.patterns import Pattern, solve_entries
from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(31)

PLACES = sparse.csr_array(np.array([[1, 0, 1], [1, 1, 0], [0, 1, 1]]))
PATTERN = Pattern((3, 3), PLACES.indices, PLACES.indptr)
# A diagonal large enough for all that the checks add.
ENTRIES = np.array([5.0, 1.0, -0.5, 6.0, 0.7, -7.0])
COMPLEX = ENTRIES + 1j * np.array([0.5, -0.2, 0.3, 1.0, 0.1, -0.4])

SAMPLES = [
    *(
        Sample(solve_entries, (entries, b, PATTERN, trans, None), active=(0, 1), complex_ok=trans != "H")
        for entries in (ENTRIES, COMPLEX)
        for b in (real(3), plane(3), plane(3, 2))
        for trans in ("N", "T", "H")
    ),
    Sample(solve_entries, (ENTRIES, real(3, 0), PATTERN, "N", "NATURAL"), active=(0, 1)),
]
