"""Rows of the ufuncs behind the spherical Bessel functions (DLMF 10.51): values, and derivatives as functions of their own.

Both satisfy ``(2n+1) f_n' = n f_(n-1) + s (n+1) f_(n+1)``, which needs no division by the argument.
"""

from __future__ import annotations

import numpy as np
from scipy.special import _ufuncs

from dualnum.rules.special.families import INTEGER, register


def _slope(function, sign, outer):
    def partial(out, n, z):
        # There is no function of order -1; its coefficient is 0.
        below = np.where(n == 0, 0.0, outer * n * function(np.maximum(n, 1) - 1, z))
        return (below + outer * sign * (n + 1.0) * function(np.add(n, 1, dtype="long"), z)) / (2.0 * n + 1.0)

    return partial


for _function, _derivative, _sign, _outer in (
    (_ufuncs._spherical_jn, _ufuncs._spherical_jn_d, -1.0, 1.0),
    (_ufuncs._spherical_yn, _ufuncs._spherical_yn_d, -1.0, 1.0),
    (_ufuncs._spherical_in, _ufuncs._spherical_in_d, 1.0, 1.0),
    (_ufuncs._spherical_kn, _ufuncs._spherical_kn_d, 1.0, -1.0),
):
    register(_function, INTEGER, _slope(_function, _sign, _outer))
    register(_derivative, INTEGER, _slope(_derivative, _sign, _outer))
