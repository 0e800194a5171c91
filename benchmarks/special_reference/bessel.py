"""Bessel functions in the argument and in the order."""

from __future__ import annotations

import numpy as np
from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, integers, log_uniform, signed, uniform


def oscillation(order):
    """Size of the derivative without its zeros: that of the Hankel function, where it oscillates."""

    def scale(*args):
        v, z = (order, args[0]) if order is not None else args
        return abs(mp.diff(lambda t: mp.hankel1(v, t), z)) if mp.re(z) > abs(v) else 0

    return scale


def fixed(name, function, order, low=1e-6, high=500.0, oscillates=False, negative=False):
    """Case of a function with a given order."""
    points = (signed if negative else log_uniform)(low, high)
    size = oscillation(order) if oscillates else None
    scale = None if size is None else lambda z: size(abs(z))
    return Case(getattr(special, name), function, (points,), scale=scale)


def slope(function, turn):
    """Derivative of ``function(v, z) * exp(turn * z)`` in z."""
    return lambda v, z: mp.exp(turn * z) * (mp.diff(lambda t: function(v, t), z) + turn * function(v, z))


ARGUMENTS = log_uniform(1e-5, 400.0)
ORDERS = uniform(-20.0, 20.0)
TAILS = log_uniform(400.0, 1e7)


def plane(low, high, start=-3.0, end=3.0):
    """Complex points of all magnitudes between two, in a sector."""
    size = log_uniform(low, high)
    return lambda rng, n: size(rng, n) * np.exp(1j * rng.uniform(start, end, n))


def hankel(unit):
    """Hankel function, first for i and second for -i, where it is this multiple of K (DLMF 10.27.8)."""
    return lambda v, z: 2 / (mp.pi * unit) * mp.exp(-unit * mp.pi * v / 2) * mp.besselk(v, -unit * z)


def case(name, function, turn=0, orders=ORDERS, arguments=ARGUMENTS, **options):
    """Case of a function of order and argument, differentiated in the argument."""
    return Case(
        getattr(special, name),
        lambda v, z: function(v, z) * mp.exp(turn * z),
        (orders, arguments),
        positions=(1,),
        partials={1: slope(function, turn)},
        **options,
    )


CASES = [
    fixed("j0", lambda z: mp.besselj(0, z), 0, oscillates=True, negative=True),
    fixed("j1", lambda z: mp.besselj(1, z), 1, oscillates=True, negative=True),
    fixed("y0", lambda z: mp.bessely(0, z), 0, oscillates=True),
    fixed("y1", lambda z: mp.bessely(1, z), 1, oscillates=True),
    fixed("i0", lambda z: mp.besseli(0, z), 0, negative=True),
    fixed("i1", lambda z: mp.besseli(1, z), 1, negative=True),
    fixed("k0", lambda z: mp.besselk(0, z), 0),
    fixed("k1", lambda z: mp.besselk(1, z), 1),
    fixed("i0e", lambda z: mp.besseli(0, z) * mp.exp(-abs(z)), 0, high=1e9, negative=True),
    fixed("i1e", lambda z: mp.besseli(1, z) * mp.exp(-abs(z)), 1, high=1e9, negative=True),
    fixed("k0e", lambda z: mp.besselk(0, z) * mp.exp(z), 0, high=1e9),
    fixed("k1e", lambda z: mp.besselk(1, z) * mp.exp(z), 1, high=1e9),
    case("jv", mp.besselj, scale=oscillation(None)),
    case("jve", mp.besselj, scale=oscillation(None)),
    case("yv", mp.bessely, scale=oscillation(None)),
    case("yve", mp.bessely, scale=oscillation(None)),
    case("yn", mp.bessely, orders=integers(0, 20), scale=oscillation(None)),
    case("iv", mp.besseli),
    case("ive", mp.besseli, turn=-1),
    case("ive", mp.besseli, turn=-1, arguments=TAILS),
    case("kv", mp.besselk),
    case("kve", mp.besselk, turn=1),
    case("kve", mp.besselk, turn=1, arguments=TAILS),
    case("kn", mp.besselk, orders=integers(0, 20)),
    case("hankel1", mp.hankel1),
    case("hankel2", mp.hankel2),
    case("hankel1e", mp.hankel1, turn=-1j),
    case("hankel1e", mp.hankel1, turn=-1j, arguments=TAILS),
    case("hankel2e", mp.hankel2, turn=1j),
]


CASES += [
    case("jv", mp.besselj, arguments=plane(1e-3, 300.0)),
    case("yv", mp.bessely, arguments=plane(1e-3, 300.0)),
    case("iv", mp.besseli, arguments=plane(1e-3, 300.0)),
    case("kve", mp.besselk, turn=1, arguments=plane(1e-3, 1e5), orders=uniform(-10.0, 10.0), digits=40),
    case(
        "hankel1e", hankel(1j), turn=-1j, arguments=plane(1e-3, 1e5, -1.5, 3.0), orders=uniform(-10.0, 10.0), digits=40
    ),
    case(
        "hankel2e", hankel(-1j), turn=1j, arguments=plane(1e-3, 1e5, -3.0, 1.5), orders=uniform(-10.0, 10.0), digits=40
    ),
]

WIDE = {"orders": uniform(20.0, 300.0), "arguments": log_uniform(1e3, 1e6), "digits": 40}

CASES += [
    case("ive", mp.besseli, turn=-1, **WIDE),
    case("kve", mp.besselk, turn=1, **WIDE),
    case("hankel1e", mp.hankel1, turn=-1j, **WIDE),
    case("hankel2e", mp.hankel2, turn=1j, **WIDE),
]


def in_order(name, function, turn=0, orders=ORDERS, arguments=ARGUMENTS, oscillates=False):
    """Case of a function of order and argument, differentiated in the order."""

    def scale(v, z):
        return abs(mp.diff(lambda u: mp.hankel1(u, z), v)) if z > abs(v) else 0

    return Case(
        getattr(special, name),
        function,
        (orders, arguments),
        positions=(0,),
        partials={0: lambda v, z: mp.exp(turn * z) * mp.diff(lambda u: function(u, z), v)},
        scale=scale if oscillates else None,
        inside=lambda v, z: np.isfinite(special.yv(v, z)) and special.jv(v, z) != 0,
        digits=40,
    )


LARGE = {"orders": log_uniform(1e-3, 400.0), "arguments": log_uniform(1.0, 600.0)}

CASES += [
    in_order("jv", mp.besselj, oscillates=True),
    in_order("jv", mp.besselj, oscillates=True, **LARGE),
    in_order("jve", mp.besselj, oscillates=True),
    in_order("yv", mp.bessely, oscillates=True),
    in_order("yv", mp.bessely, oscillates=True, **LARGE),
    in_order("yve", mp.bessely, oscillates=True),
    in_order("iv", mp.besseli),
    in_order("ive", mp.besseli, turn=-1),
    in_order("ive", mp.besseli, turn=-1, **LARGE),
    in_order("kv", mp.besselk),
    in_order("kve", mp.besselk, turn=1),
    in_order("kve", mp.besselk, turn=1, **LARGE),
    in_order("hankel1", mp.hankel1),
    in_order("hankel2", mp.hankel2),
    in_order("hankel1e", mp.hankel1, turn=-1j),
    in_order("hankel1e", mp.hankel1, turn=-1j, **LARGE),
    in_order("hankel2e", mp.hankel2, turn=1j),
]
