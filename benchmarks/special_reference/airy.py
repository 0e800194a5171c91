"""Airy functions; their integrals."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.bessel import plane
from benchmarks.special_reference.case import Case, log_uniform, signed


def airy(z):
    """Ai, Ai', Bi, Bi'."""
    return mp.airyai(z), mp.airyai(z, derivative=1), mp.airybi(z), mp.airybi(z, derivative=1)


def derivative(z):
    """Derivatives of these."""
    ai, aip, bi, bip = airy(z)
    return aip, z * ai, bip, z * bi


def scaled(z):
    """Derivatives of the scaled functions, for positive arguments."""
    root = mp.sqrt(z)
    up, down = mp.exp(2 * z * root / 3), mp.exp(-2 * z * root / 3)
    ai, aip, bi, bip = airy(z)
    return (
        up * (aip + root * ai),
        up * (z * ai + root * aip),
        down * (bip - root * bi),
        down * (z * bi - root * bip),
    )


def oscillation(z):
    """Size of the derivatives without their zeros, left of 0."""
    return mp.hypot(mp.airyai(z, derivative=1), mp.airybi(z, derivative=1)) if z < 0 else 0


def integrals(x):
    """Derivatives of the integrals."""
    return mp.airyai(x), mp.airybi(x), mp.airyai(-x), mp.airybi(-x)


CASES = [
    Case(special.airy, airy, (signed(1e-4, 60.0),), partials={0: derivative}, scale=oscillation),
    Case(special.airye, airy, (log_uniform(1e-3, 1e6),), partials={0: scaled}, digits=40),
    Case(special.airy, airy, (plane(1e-3, 60.0),), partials={0: derivative}),
    Case(
        special.itairy,
        airy,
        (signed(1e-3, 20.0),),
        partials={0: integrals},
        scale=lambda x: mp.hypot(mp.airyai(-abs(x)), mp.airybi(-abs(x))),
    ),
]
