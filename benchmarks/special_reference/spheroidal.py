"""Characteristic values of spheroidal wave functions."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf
from scipy import special

from benchmarks.special_reference.case import Case, integers, log_uniform, uniform
from benchmarks.special_reference.tridiagonal import eigenpair

_SIZE = 40


def _slope(function: Any, sign: int) -> Any:
    def slope(m: Any, n: Any, c: Any) -> Any:
        degrees = [m + (n - m) % 2 + 2 * k for k in range(_SIZE)]
        step = {d: (d * d - m * m) / (4 * mpf(d) ** 2 - 1) for x in degrees for d in (x, x + 1, x + 2)}
        squares = [step[d] + step[d + 1] for d in degrees]
        products = [mp.sqrt(step[d + 1] * step[d + 2]) for d in degrees[:-1]]
        diagonal = [d * (d + 1) + sign * c * c * s for d, s in zip(degrees, squares, strict=True)]
        beside = [sign * c * c * s for s in products]
        _, vector = eigenpair(diagonal, beside, function(int(m), int(n), float(c)))
        mean = sum(s * v * v for s, v in zip(squares, vector, strict=True))
        mean += 2 * sum(s * v * w for s, v, w in zip(products, vector, vector[1:], strict=False))
        return sign * 2 * c * mean

    return slope


CASES = [
    Case(f, None, (integers(0, 3), integers(3, 9), c), (2,), {2: _slope(f, sign)})
    for f, sign in ((special.pro_cv, 1), (special.obl_cv, -1))
    for c in (uniform(0.1, 15.0), log_uniform(1e-6, 1.0))
]
