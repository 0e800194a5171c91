"""Kelvin functions, by the Bessel functions of complex arguments that they are parts of."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform, signed


def first(x, order=0):
    """Derivative of J_0(x exp(3 pi i / 4)) of some order."""
    w = mp.expjpi(mp.mpf(3) / 4)
    return w**order * mp.besselj(0, w * x, derivative=order)


def second(x, order=0):
    """Derivative of K_0(x exp(pi i / 4)) of some order."""
    w = mp.expjpi(mp.mpf(1) / 4)
    k = [lambda z: mp.besselk(0, z), lambda z: -mp.besselk(1, z), lambda z: (mp.besselk(0, z) + mp.besselk(2, z)) / 2]
    return w**order * k[order](w * x)


def case(name, function, order, part):
    """Case of one part; relative to the whole where that oscillates."""
    return Case(
        getattr(special, name),
        lambda x: part(function(x, order - 1)),
        (signed(1e-3, 300.0) if function is first else log_uniform(1e-3, 300.0),),
        partials={0: lambda x: part(function(x, order))},
        scale=lambda x: abs(function(x, order)) if abs(x) > 1 else 0,
    )


CASES = [
    case(name, function, order, part)
    for name, function, order, part in (
        ("ber", first, 1, mp.re),
        ("bei", first, 1, mp.im),
        ("ker", second, 1, mp.re),
        ("kei", second, 1, mp.im),
        ("berp", first, 2, mp.re),
        ("beip", first, 2, mp.im),
        ("kerp", second, 2, mp.re),
        ("keip", second, 2, mp.im),
    )
] + [
    Case(
        special.kelvin,
        lambda x: (first(x), second(x), first(x, 1), second(x, 1)),
        (log_uniform(1e-3, 300.0),),
        partials={0: lambda x: (first(x, 1), second(x, 1), first(x, 2), second(x, 2))},
    )
]
