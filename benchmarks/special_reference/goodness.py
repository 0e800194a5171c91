"""The distributions of Kolmogorov and Smirnov."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, integers, uniform
from benchmarks.special_reference.incomplete import implicit

__all__ = ["CASES"]


def _kolmogorov(x: Any) -> Any:
    return 1 - mp.jtheta(4, 0, mp.exp(-2 * x * x))


def _smirnov(n: Any, d: Any) -> Any:
    terms = range(int(mp.floor(n * (1 - d))) + 1)
    return d * mp.fsum(mp.binomial(n, j) * (d + j / n) ** (j - 1) * (1 - d - j / n) ** (n - j) for j in terms)


CASES = [
    Case(special.kolmogorov, _kolmogorov, (uniform(0.15, 6.0),)),
    Case(
        special.kolmogi,
        special.kolmogi,
        (uniform(0.0, 1.0),),
        partials=implicit(special.kolmogi, _kolmogorov, 0, ("p",)),
    ),
    Case(special.smirnov, _smirnov, (integers(1, 60), uniform(0.0, 1.0)), positions=(1,)),
    Case(
        special.smirnovi,
        special.smirnovi,
        (integers(1, 60), uniform(0.0, 1.0)),
        positions=(1,),
        partials=implicit(special.smirnovi, _smirnov, 1, (0, "p")),
    ),
]
