"""Rows of scipy.special, one module per family of functions; loaded when the table is first asked for one of them."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from scipy import special

from dualnum.errors import NoRuleError

if not isinstance(special.j0, np.ufunc):
    raise NoRuleError(
        "This function has no derivative rule in dualnum, or is one of scipy.special, whose ufuncs the environment variable "
        "SCIPY_ARRAY_API replaces by others: unset it before SciPy is imported."
    )

for _family in (
    "airy",
    "bessel",
    "bessel_integrals",
    "discrete",
    "distributions",
    "elementary",
    "elliptic",
    "error",
    "functions",
    "gamma",
    "goodness",
    "hypergeometric",
    "incomplete",
    "integrals",
    "kelvin",
    "legendre",
    "mathieu",
    "noncentral",
    "orthogonal",
    "parabolic",
    "spherical",
    "spheroidal",
    "struve",
    "tukey",
    "wright",
):
    import_module(f"{__name__}.{_family}")
