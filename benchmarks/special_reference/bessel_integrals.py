"""Integrals of Bessel functions, by their integrands."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform, uniform


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


def polynomial(a, lmb, nu):
    """Integral of ``x**lmb * J_nu(2 a x)`` from 0 to 1, term by term."""
    return mp.fsum(
        (-1) ** k * a ** (2 * k + nu) * mp.rgamma(nu + k + 1) / mp.factorial(k) / (lmb + nu + 2 * k + 1)
        for k in range(120)
    )


CASES += [
    Case(
        special.besselpoly,
        polynomial,
        (log_uniform(1e-3, 30.0), uniform(0.0, 3.0), uniform(-0.7, 4.0)),
        positions=(0, 1, 2),
        scale=lambda a, lmb, nu: 0.01 / (1 + a) if a > 1 else 0,
        digits=40,
    ),
]
