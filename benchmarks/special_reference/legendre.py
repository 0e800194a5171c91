"""Associated Legendre functions."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, integers, uniform


def _size(m: Any, v: Any, x: Any) -> Any:
    """How large the derivative is around, where the function oscillates."""
    return (v + abs(m) + 1) * max(abs(mp.legenp(v, m, x)), abs(mp.legenp(v + 1, m, x)))


CASES = [
    Case(
        *(special.lpmv, lambda m, v, x: mp.legenp(v, m, x)),
        (integers(-5, 5), integers(5, 20), uniform(-0.999, 0.999)),
        (2,),
        scale=_size,
        digits=25,
    ),
    Case(
        *(special.lpmv, lambda m, v, x: mp.legenp(v, m, x), (integers(0, 4), uniform(0.0, 15.0), uniform(-0.9, 0.999))),
        (2,),
        scale=_size,
        digits=25,
    ),
    Case(
        *(special.lpmv, lambda m, v, x: mp.legendre(v, x), (integers(0, 0), uniform(0.0, 30.0), uniform(-0.99, 0.999))),
        (1,),
        scale=lambda m, v, x: 0.1 + 0 * x,
    ),
]
