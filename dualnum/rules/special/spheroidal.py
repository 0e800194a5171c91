"""Rows of spheroidal wave functions (DLMF chapter 30).

The second derivatives in x are those of the spheroidal equation (DLMF 30.2.1), with -c^2 for c^2 and, for oblate radial
functions, ix for x. The derivative of a characteristic value in c is that of an eigenvalue of the matrix of the equation in
normalized Legendre functions, whose part in c^2 is multiplication by x^2 (DLMF 30.8, 14.10.3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.characteristic import eigenvalue_slope
from dualnum.rules.special.families import INTEGER, register, register_many
from dualnum.rules.special.wronskian import refuse_wrong
from dualnum.table import unsupported

_C = "there is no formula for its derivative in the parameter c"
_CV = "there is no formula for its derivative in the characteristic value"
_DAMAGING = np.lib.NumpyVersion(scipy.__version__) < "1.15.0"
_POOR = (
    "SciPy's values can have as few as 8 digits, and fewer for c above 10; so has the derivative of the second result towards "
    "x = 1 and x = -1. Functions of the second kind are refused where their Wronskian has fewer."
)


def _characteristic(name: str, sign: float) -> Any:
    def partial(out: Any, m: Any, n: Any, c: Any) -> Any:
        m, n = primal_all(m), primal_all(n)
        first = m + np.remainder(n - m, 2.0)

        def step(degree: Any) -> Any:
            """Square of the factor with which x takes the normalized function of a degree to the one before."""
            return (degree - m) * (degree + m) / ((2.0 * degree - 1.0) * (2.0 * degree + 1.0))

        def diagonal(k: int) -> tuple[Any, Any]:
            degree = first + 2.0 * k
            square = step(degree) + step(degree + 1.0)
            return degree * (degree + 1.0) + sign * c * c * square, sign * 2.0 * c * square

        def beside(k: int) -> tuple[Any, Any]:
            degree = first + 2.0 * k
            square = np.sqrt(step(degree + 1.0) * step(degree + 2.0))
            return sign * c * c * square, sign * 2.0 * c * square

        reach = np.max(np.where(np.isfinite(primal_all(out)), (n - m) / 2.0 + abs(primal_all(c)), 0.0), initial=0.0)
        return eigenvalue_slope(name, out, (n - first) / 2.0, int(reach) + 25, diagonal, beside)

    return partial


register(special.pro_cv, INTEGER, INTEGER, _characteristic("pro_cv", 1.0))
register(special.obl_cv, INTEGER, INTEGER, _characteristic("obl_cv", -1.0))


def _second(y: Any, slope: Any, m: Any, c_squared: Any, cv: Any, x: Any, square: Any) -> Any:
    """From ((1 - x^2) y')' + (cv - c^2 x^2 - m^2 / (1 - x^2)) y = 0, given 1 - x^2."""
    return (2.0 * x * slope - (cv - c_squared * x * x - m * m / square) * y) / square


def _in_x(sign: float, characteristic: Any, imaginary: bool, both: Any) -> Any:
    """Partial in x; with the characteristic value an argument where there is no function for it."""

    def partial(outs: Any, m: Any, n: Any, c: Any, *rest: Any) -> tuple[Any, Any]:
        x = rest[-1]
        if both:
            # DLMF 30.11.7; with x^2 + 1 for oblate functions
            refuse_wrong(
                both[0], both[1], outs, (m, n, c, *rest), lambda *args: 1.0 / (args[2] * (args[-1] ** 2 - sign))
            )
        cv = characteristic(m, n, c) if characteristic is not None else rest[0]
        if not imaginary:
            return outs[1], _second(outs[0], outs[1], m, sign * c * c, cv, x, (1.0 - x) * (1.0 + x))
        # (1 + x^2) y'' + 2 x y' - (cv - c^2 x^2 - m^2 / (1 + x^2)) y = 0
        square = 1.0 + x * x
        return outs[1], ((cv - c * c * x * x - m * m / square) * outs[0] - 2.0 * x * outs[1]) / square

    return partial


for _kind, _sign, _value in (("pro", 1.0, special.pro_cv), ("obl", -1.0, special.obl_cv)):
    for _form in ("ang1", "rad1", "rad2"):
        _imaginary = _kind == "obl" and _form != "ang1"
        for _suffix, _given in (("", ()), ("_cv", (_CV,))):
            _function = getattr(special, f"{_kind}_{_form}{_suffix}")
            if _form != "ang1" and _DAMAGING:
                unsupported("SciPy 1.14 damages memory in it", _function)
                continue
            _both = (_function, getattr(special, f"{_kind}_rad1{_suffix}")) if _form == "rad2" else ()
            _partial = _in_x(_sign, None if _given else _value, _imaginary, _both)
            register_many(_function, INTEGER, INTEGER, _C, *_given, _partial, bound=1e-8, note=_POOR)
