"""Spherical Bessel functions, and their derivatives."""

from __future__ import annotations

from mpmath import mp
from scipy.special import _ufuncs

from benchmarks.special_reference.case import Case, log_uniform


def spherical(function, factor=1):
    """Spherical function of a cylindrical one."""
    return lambda n, z: mp.sqrt(factor * mp.pi / (2 * z)) * function(n + mp.mpf(1) / 2, z)


def oscillation(order):
    """Size of a derivative of the spherical Hankel function, where it oscillates."""

    def scale(n, z):
        return abs(mp.diff(lambda t: spherical(mp.hankel1)(n, t), z, order)) if z > n + 1 else 0

    return scale


CASES = [
    Case(
        getattr(_ufuncs, f"_spherical_{letter}n{suffix}"),
        reference,
        (lambda rng, n: rng.integers(0, 21, n), log_uniform(1e-2, 300.0)),
        positions=(1,),
        partials={1: lambda n, z, reference=reference, order=order: mp.diff(lambda t: reference(n, t), z, order)},
        scale=oscillation(order) if letter in "jy" else None,
    )
    for letter, reference in (
        ("j", spherical(mp.besselj)),
        ("y", spherical(mp.bessely)),
        ("i", spherical(mp.besseli)),
        ("k", spherical(mp.besselk)),
    )
    for suffix, order in (("", 1), ("_d", 2))
]
