"""Calls of functions made of powers, exponentials and logarithms."""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from tests.samples import Sample

LINE = np.array([0.3, 0.7, 2.6])
UNIT = np.array([[0.1, 0.45], [0.8, 0.99]])
SIGNED = np.array([[-2.6, -0.4, 0.7], [3.2, -1.3, 5.0]])
COLUMN = np.array([[0.6], [2.3]])

SAMPLES = [
    *(Sample(f, (SIGNED,)) for f in (special.cbrt, special.exp2, special.exp10, special.cosm1, special.exprel)),
    Sample(special.expm1, (SIGNED,), complex_ok=True),
    Sample(special.exprel, (0.0,)),
    Sample(special.log1p, (LINE,), complex_ok=True),
    *(Sample(f, (SIGNED,)) for f in (special.expit, special.log_expit)),
    Sample(special.logit, (UNIT,)),
    Sample(special.entr, (LINE,)),
    *(Sample(f, (LINE, COLUMN), active=(0, 1)) for f in (special.powm1, special.rel_entr, special.kl_div)),
    *(Sample(f, (SIGNED, LINE), active=(0, 1), complex_ok=True) for f in (special.xlogy, special.xlog1py)),
    *(Sample(f, (COLUMN, SIGNED), active=(0, 1)) for f in (special.huber, special.pseudo_huber)),
    *(Sample(f, (LINE, SIGNED), active=(0, 1)) for f in (special.boxcox, special.boxcox1p)),
    *(Sample(f, (LINE, COLUMN), active=(0, 1)) for f in (special.inv_boxcox, special.inv_boxcox1p)),
    *(Sample(f, (LINE, np.array([[0.0], [1e-3]])), active=(0, 1)) for f in (special.boxcox, special.inv_boxcox1p)),
    *(Sample(f, (SIGNED,)) for f in (special.sindg, special.cosdg, special.tandg, special.cotdg)),
    Sample(special.radian, (LINE, COLUMN, 3.0), active=(0, 1, 2)),
    Sample(special.agm, (LINE, COLUMN), active=(0, 1)),
    Sample(special.agm, (-LINE, -2.0), active=(0, 1)),
    Sample(special.wrightomega, (SIGNED,), complex_ok=True),
    Sample(_ufuncs._lambertw, (SIGNED + 0.2j, 0, 1e-12)),
    Sample(_ufuncs._lambertw, (LINE + 0.2j, -1, 1e-12)),
    Sample(_ufuncs._log1pmx, (LINE,)),
    *(Sample(_ufuncs._log1mexp, (-LINE,)) for _ in range(hasattr(_ufuncs, "_log1mexp"))),
]
