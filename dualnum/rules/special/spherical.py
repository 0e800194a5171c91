"""Rows of the ufuncs behind the spherical Bessel functions (DLMF 10.51): values, and derivatives as functions of their own.

Both satisfy ``(2n+1) f_n' = n f_(n-1) + s (n+1) f_(n+1)``, which needs no division by the argument.
"""

from __future__ import annotations

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import INTEGER, register
from dualnum.table import composite
from dualnum.twins import twin


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


# The functions that people call: for negative z by parity (DLMF 10.47.14 to 10.47.16), but k by way of the complex plane


def _body(letter, even):
    """Compute a function from the two ufuncs behind it; ``even`` is its sign at -z for n = 0, or None."""
    function = getattr(_ufuncs, f"_spherical_{letter}n")
    slope = getattr(_ufuncs, f"_spherical_{letter}n_d")

    def body(n, z, derivative=False):
        n = np.asarray(n, dtype="long")
        f = slope if derivative else function
        plain = primal_all(z)
        negative = np.zeros(np.shape(plain), bool) if np.iscomplexobj(plain) else np.less(plain, 0.0)
        if not np.any(negative):
            return f(n, z)
        if even is None:
            return np.where(negative, np.real(f(n, z + 0j)), f(n, np.where(negative, 1.0, z)))
        sign = np.where(negative & ((n % 2 != 0) ^ (even < 0) ^ bool(derivative)), -1.0, 1.0)
        return sign * f(n, np.where(negative, -z, z))

    return body


for _letter, _even in (("j", 1), ("y", -1), ("i", 1), ("k", None)):
    composite(twin(getattr(special, f"spherical_{_letter}n")), _body(_letter, _even), reasons={0: INTEGER}, nesting=0)
