"""Calls of Bessel functions."""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.samples import Sample

LINE = np.array([0.3, 1.7, 4.2])
PLANE = np.array([0.3 + 0.4j, 1.7 - 0.2j, -4.2 + 1j])
ORDERS = np.array([[-1.4], [0.4], [2.3]])

SAMPLES = [
    *(
        Sample(getattr(special, name), (LINE,))
        for name in ("j0", "j1", "y0", "y1", "i0", "i0e", "i1", "i1e", "k0", "k0e", "k1", "k1e")
    ),
    Sample(special.j0, (np.array(0.0),)),
    Sample(special.i1e, (-LINE,)),
    Sample(special.yn, (np.array([[0], [3]]), LINE), active=(1,)),
    Sample(special.kn, (np.array([[0], [3]], np.uint8), LINE), active=(1,)),
    *(
        Sample(getattr(special, name), (ORDERS, z), active=active)
        for z, active in ((LINE, (0, 1)), (PLANE, (1,)))
        for name in ("jv", "jve", "yv", "yve", "iv", "ive", "kv", "kve", "hankel1", "hankel1e", "hankel2", "hankel2e")
    ),
    Sample(special.jv, (np.array([-2, -1, 0, 1, 2]), np.array(0.0)), active=(1,)),
    Sample(special.iv, (3, -LINE), active=(1,)),
    Sample(special.kve, (np.array([0.5, 2.0, 5.0]), np.array([1500.0, 2e3, 20.0])), active=(1,)),
    Sample(special.hankel1e, (1.5, LINE + 2j), active=(1,)),
]
