"""Struve functions in the argument and in the order, and their integrals."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform, signed, uniform


def slope(function):
    """Derivative in the argument."""
    return lambda v, x: mp.diff(lambda t: function(v, t), x)


def oscillation(v, x):
    """Size of the part of the Struve function that oscillates."""
    return abs(mp.hankel1(v, x)) if x > abs(v) else 0


ORDERS, ARGUMENTS = uniform(-9.0, 20.0), log_uniform(1e-3, 200.0)

CASES = [
    Case(special.struve, mp.struveh, (ORDERS, ARGUMENTS), (1,), {1: slope(mp.struveh)}, scale=oscillation),
    Case(special.modstruve, mp.struvel, (ORDERS, ARGUMENTS), (1,), {1: slope(mp.struvel)}),
    Case(
        special.itstruve0,
        mp.struveh,
        (signed(1e-4, 100.0),),
        partials={0: lambda x: mp.struveh(0, x)},
        scale=lambda x: min(1, 1 / mp.sqrt(abs(x))) if abs(x) > 1 else 0,
    ),
    Case(
        special.it2struve0,
        mp.struveh,
        (signed(1e-4, 100.0),),
        partials={0: lambda x: -mp.struveh(0, x) / x},
        scale=lambda x: min(1, abs(x) ** -1.5),
    ),
    Case(special.itmodstruve0, mp.struvel, (signed(1e-4, 100.0),), partials={0: lambda x: mp.struvel(0, x)}),
]


def in_order(function, reference, orders, arguments, **options):
    """Case of a function differentiated in the order."""
    return Case(
        function,
        reference,
        (orders, arguments),
        partials={0: lambda v, x: mp.diff(lambda u: reference(u, x), v)},
        digits=40,
        **options,
    )


CASES += (
    [
        in_order(special.struve, mp.struveh, uniform(-1.44, 1.0), log_uniform(1e-4, 30.0)),
        in_order(special.modstruve, mp.struvel, uniform(-1.44, 1.0), log_uniform(1e-4, 30.0)),
    ]
    + [
        in_order(
            special.struve,
            mp.struveh,
            orders,
            arguments,
            scale=lambda v, x: abs(mp.diff(lambda u: mp.hankel1(u, x), v)) if x > abs(v) else 0,
            inside=lambda v, x: x < 30 or v < 1.2 * x or x * x < 36 * v,
        )
        for orders, arguments in (
            (uniform(-1.44, 20.0), log_uniform(1e-4, 60.0)),
            (uniform(0.0, 90.0), uniform(5.0, 150.0)),
        )
    ]
    + [
        in_order(special.modstruve, mp.struvel, orders, arguments)
        for orders, arguments in (
            (uniform(-1.44, 20.0), log_uniform(1e-4, 60.0)),
            (uniform(0.0, 90.0), uniform(5.0, 150.0)),
        )
    ]
)
