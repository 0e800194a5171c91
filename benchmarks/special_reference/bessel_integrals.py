"""Integrals of Bessel functions, by their integrands."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform


def integrals(name, first, second):
    """Case of a function with two results; the integrals themselves are not needed."""
    return Case(
        getattr(special, name),
        lambda x: (first(x), second(x)),
        (log_uniform(1e-5, 100.0),),
        partials={0: lambda x: (first(x), second(x))},
        scale=lambda x: min(1, 1 / mp.sqrt(x)) if name == "itj0y0" else 1 / x / mp.sqrt(x) if x > 1 else 0,
    )


CASES = [
    integrals("itj0y0", lambda x: mp.besselj(0, x), lambda x: mp.bessely(0, x)),
    integrals("iti0k0", lambda x: mp.besseli(0, x), lambda x: mp.besselk(0, x)),
    integrals("it2j0y0", lambda x: (1 - mp.besselj(0, x)) / x, lambda x: -mp.bessely(0, x) / x),
    integrals("it2i0k0", lambda x: (mp.besseli(0, x) - 1) / x, lambda x: -mp.besselk(0, x) / x),
]
