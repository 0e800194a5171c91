"""Calls of the gamma function and its relatives."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])
SIGNED = np.array([[-2.6, -0.4, 0.7], [3.2, -1.3, 12.0]])
COLUMN = np.array([[0.6], [2.3]])

SAMPLES = [
    *(Sample(f, (SIGNED,), complex_ok=True) for f in (special.gamma, special.rgamma, special.digamma)),
    *(Sample(f, (SIGNED,)) for f in (special.gammaln, special.zetac, _ufuncs._riemann_zeta)),
    *(Sample(f, (SIGNED,), complex_ok=True) for f in (_ufuncs._sinpi, _ufuncs._cospi)),
    Sample(special.loggamma, (LINE,), complex_ok=True),
    Sample(special.gamma, (2.5,)),
    Sample(_ufuncs._lgam1p, (LINE,)),
    Sample(_ufuncs._factorial, (LINE,)),
    Sample(_ufuncs._zeta, (LINE + 1.2, COLUMN), active=(0, 1)),
    Sample(_ufuncs._zeta, (3.0, LINE), active=(0, 1)),
    *(Sample(f, (LINE, COLUMN), active=(0, 1)) for f in (special.beta, special.betaln)),
    Sample(special.beta, (SIGNED, -0.3), active=(0, 1)),
    Sample(special.binom, (np.array([3.4, 5.0, 2.5]), np.array([[1.2], [5.3], [-1.4]])), active=(0, 1)),
    Sample(special.binom, (np.array([-2.5, 7.0]), np.array([3.0, 7.0])), active=(0, 1)),
    Sample(special.poch, (SIGNED, np.array([1.3, -0.4, 2.6])), active=(0, 1)),
]
