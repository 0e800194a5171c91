"""Rows of parabolic cylinder functions (DLMF chapter 12): their equation gives the second derivative in x.

Many of SciPy's values for large orders and arguments are no solutions of it, so that it is checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.errors import NoRuleError
from dualnum.rules.special.families import register_many
from dualnum.rules.special.wronskian import in_double

_ORDER = "there is no formula for the derivative in the order"
_POOR = "Refused where SciPy's values have fewer than 8 digits, as for large orders and arguments."
_ALLOWED = 1e-8
_TERMS = 24


def _partial(function: Any, curvature: float, in_order: float, constant: float) -> Any:
    """Partial in x of a solution of y'' = (curvature x^2 + in_order v + constant) y, and of its derivative."""

    def partial(outs: Any, v: Any, x: Any) -> tuple[Any, Any]:
        (y, slope), (order, place) = in_double(function, outs, (v, x))
        _check(function, y, slope, order, place, curvature, in_order * order + constant)
        return outs[1], (curvature * x * x + in_order * v + constant) * outs[0]

    return partial


def _check(function: Any, y: Any, slope: Any, v: Any, x: Any, curvature: float, constant: Any) -> None:
    """Raise where SciPy's value a little further on is not the one to which the equation leads (by Taylor's series)."""
    rate = 1.0 + np.sqrt(abs(constant) + abs(curvature) * x * x)
    step = 0.5 / rate
    terms = [y, slope * step]
    for n in range(2, _TERMS):
        # The coefficients of the powers of step in (curvature (x + step)^2 + constant) y
        force = (curvature * x * x + constant) * terms[n - 2] * step**2
        force = force + (2.0 * curvature * x * terms[n - 3] * step**3 if n > 2 else 0.0)
        force = force + (curvature * terms[n - 4] * step**4 if n > 3 else 0.0)
        terms.append(force / (n * (n - 1.0)))
    expected = sum(terms), sum(n * term for n, term in enumerate(terms)) / step
    found = function(v, x + step)
    size = abs(y) + abs(slope) / rate
    off = np.maximum(abs(found[0] - expected[0]), abs(found[1] - expected[1]) / rate)
    if np.any(np.isfinite(y) & ~(off <= _ALLOWED * size)):
        raise NoRuleError(
            f"scipy.special.{function.__name__} has no derivative here: SciPy's values have fewer than 8 digits, for they are "
            "no solution of the equation. Pass primal(x) if no derivative is wanted."
        )


# DLMF 12.2.2 with a = -v - 1/2, for D_v and V_v; 12.2.3 for W(a, x).
register_many(special.pbdv, _ORDER, _partial(special.pbdv, 0.25, -1.0, -0.5), bound=_ALLOWED, note=_POOR)
register_many(special.pbvv, _ORDER, _partial(special.pbvv, 0.25, -1.0, -0.5), bound=_ALLOWED, note=_POOR)
register_many(special.pbwa, _ORDER, _partial(special.pbwa, -0.25, 1.0, 0.0), bound=_ALLOWED, note=_POOR)
