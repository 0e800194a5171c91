"""Rows of the hypergeometric functions (DLMF chapters 13, 15, 16): closed forms in the argument z.

The derivatives in the parameters are in `hypergeometric_series` and `kummer`.
"""

from __future__ import annotations

from scipy import special

from dualnum.rules.special.families import register
from dualnum.rules.special.hypergeometric_series import hyp0f1_slope, hyp1f1_slope, hyp2f1_slope
from dualnum.rules.special.kummer import hyperu_slope, hyperu_slopes

_SCIPY = "SciPy's own values are worse than 1e-10 for some parameters, and the derivatives in z with them."
_SERIES = "In the parameters refused where the series do not give 10 digits. "

register(
    special.hyp0f1,
    hyp0f1_slope,
    lambda out, b, z: special.hyp0f1(b + 1.0, z) / b,  # DLMF 16.3.1
    note=_SERIES,
)
register(
    special.hyp1f1,
    lambda out, a, b, z: hyp1f1_slope(out, a, b, z, 1.0, 0.0),
    lambda out, a, b, z: hyp1f1_slope(out, a, b, z, 0.0, 1.0),
    lambda out, a, b, z: a / b * special.hyp1f1(a + 1.0, b + 1.0, z),  # DLMF 13.3.15
    note=_SERIES + _SCIPY,
)
register(
    special.hyp2f1,
    lambda out, a, b, c, z: hyp2f1_slope(out, a, b, c, z, 1.0, 0.0, 0.0),
    lambda out, a, b, c, z: hyp2f1_slope(out, a, b, c, z, 0.0, 1.0, 0.0),
    lambda out, a, b, c, z: hyp2f1_slope(out, a, b, c, z, 0.0, 0.0, 1.0),
    lambda out, a, b, c, z: a * b / c * special.hyp2f1(a + 1.0, b + 1.0, c + 1.0, z),  # DLMF 15.5.1
    note=_SERIES + _SCIPY,
)
register(
    special.hyperu,
    lambda out, a, b, x: hyperu_slopes(out, a, b, x)[0],
    lambda out, a, b, x: hyperu_slopes(out, a, b, x)[1],
    hyperu_slope,
)
