"""Rows of Mathieu functions (DLMF chapter 28).

The second derivatives in x are those of Mathieu's equation (DLMF 28.2.1, 28.20.1). The derivative of a characteristic value
in q is that of an eigenvalue of the matrix of the recurrence for the Fourier coefficients (DLMF 28.4.5 - 28.4.8).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.characteristic import eigenvalue_slope
from dualnum.rules.special.families import INTEGER, register, register_many
from dualnum.rules.special.wronskian import refuse_wrong

_Q = "there is no formula for its derivative in the parameter q"
_POOR = "For large orders and q, SciPy's values have few digits or belong to another order."

_REFUSED = "Refused where SciPy's values have fewer than 8 digits."


def _even(out: Any, m: Any, q: Any) -> Any:
    """For a_m: cosines of the even or odd multiples of x, the first even one a constant."""
    m = primal_all(m)
    odd = np.remainder(m, 2.0)

    def beside(k: int) -> tuple[Any, Any]:
        slope = np.where(odd == 1, 1.0, np.sqrt(2.0)) if k == 0 else 1.0
        return slope * q, slope

    return _slope("mathieu_a", out, (m - odd) / 2.0, m, q, lambda k: (2.0 * k + odd, odd if k == 0 else 0.0), beside)


def _odd(out: Any, m: Any, q: Any) -> Any:
    """For b_m: sines of the odd multiples of x, or of the even ones from 2 on."""
    m = primal_all(m)
    odd = np.remainder(m, 2.0)
    index = np.where(odd == 1, m - 1.0, m - 2.0) / 2.0
    first = 2.0 - odd
    return _slope(
        *("mathieu_b", out, index, m, q),
        lambda k: (2.0 * k + first, -odd if k == 0 else 0.0),
        lambda k: (q, 1.0),
    )


def _slope(name: str, out: Any, index: Any, m: Any, q: Any, entry: Any, beside: Any) -> Any:
    def diagonal(k: int) -> tuple[Any, Any]:
        multiple, slope = entry(k)
        return multiple * multiple + slope * q, slope

    usable = np.where(np.isfinite(primal_all(out)), abs(primal_all(q)), 0.0)
    reach = np.max(0.5 * m + np.sqrt(usable) + 4.0 * usable**0.25, initial=0.0)
    return eigenvalue_slope(name, out, index, int(reach) + 20, diagonal, beside)


register(special.mathieu_a, INTEGER, _even, note=_POOR)
register(special.mathieu_b, INTEGER, _odd, note=_POOR)


def _angular(characteristic: Any) -> Any:
    """Partial in x, which is in degrees, while the second result is the derivative by radians."""

    def partial(outs: Any, m: Any, q: Any, x: Any) -> tuple[Any, Any]:
        y, slope = outs
        unit = np.pi / 180.0
        return unit * slope, -unit * (characteristic(m, q) - 2.0 * q * np.cos(2.0 * unit * x)) * y

    return partial


def _radial(function: Any, other: Any, characteristic: Any) -> Any:
    def partial(outs: Any, m: Any, q: Any, x: Any) -> tuple[Any, Any]:
        y, slope = outs
        refuse_wrong(function, other, outs, (m, q, x), lambda *args: 2.0 / np.pi)  # DLMF 28.20.21
        return slope, (characteristic(m, q) - 2.0 * q * np.cosh(2.0 * x)) * y

    return partial


register_many(special.mathieu_cem, INTEGER, _Q, _angular(special.mathieu_a), note=_POOR)
register_many(special.mathieu_sem, INTEGER, _Q, _angular(special.mathieu_b), note=_POOR)
for _kind, _characteristic in (("ce", special.mathieu_a), ("se", special.mathieu_b)):
    _both = [getattr(special, f"mathieu_mod{_kind}m{_number}") for _number in (1, 2)]
    for _function, _other in (_both, _both[::-1]):
        _partial = _radial(_function, _other, _characteristic)
        register_many(_function, INTEGER, _Q, _partial, bound=1e-8, note=_REFUSED)
