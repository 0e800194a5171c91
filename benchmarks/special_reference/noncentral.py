"""Non-central distribution functions, and their inverses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform, uniform
from benchmarks.special_reference.incomplete import beta_cdf, gamma_cdf, implicit

__all__ = ["CASES"]


def _average(
    rate: Any, weight: Any, fall: Callable[[int], Any], value: Any, step: Any, ratio: Callable[[int], Any]
) -> Any:
    """Sum of weight times value over all j, where ``value(j) = value(j + 1) + step(j)``.

    ``fall`` and ``ratio`` take weight and step from j + 1 to j.
    """
    j = int(rate + 12 * mp.sqrt(rate) + 60)
    weight, step, share = weight(j), step(j), value(j)
    total = weight * share
    while j:
        j -= 1
        step *= ratio(j)
        weight *= fall(j)
        share += step
        total += weight * share
    return total


def _poisson(rate: Any) -> tuple[Callable[[int], Any], Callable[[int], Any]]:
    return lambda j: mp.exp(j * mp.log(rate) - rate - mp.loggamma(j + 1)), lambda j: (j + 1) / rate


def _chi_square(x: Any, df: Any, nc: Any) -> Any:
    a, z = df / 2, x / 2

    def step(j: int) -> Any:
        return mp.exp((a + j) * mp.log(z) - z - mp.loggamma(a + j + 1))

    weights = _poisson(nc / 2)
    return _average(max(nc / 2, z - a), *weights, lambda j: gamma_cdf(a + j, z), step, lambda j: (a + j + 1) / z)


def _beta(rate: Any, weights: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    def step(j: int) -> Any:
        power = (a + j) * mp.log(x) + b * mp.log(y)
        return mp.exp(power + mp.loggamma(a + b + j) - mp.loggamma(a + j + 1) - mp.loggamma(b))

    def ratio(j: int) -> Any:
        return (a + j + 1) / (x * (a + b + j))

    return _average(max(rate, b * x / y - a), *weights, lambda j: beta_cdf(a + j, b, x, y), step, ratio)


def _f(m: Any, n: Any, nc: Any, f: Any) -> Any:
    return _beta(nc / 2, _poisson(nc / 2), m / 2, n / 2, m * f / (n + m * f), n / (n + m * f))


def _t(v: Any, d: Any, t: Any) -> Any:
    """Johnson, Kotz & Balakrishnan (1995), section 31.5."""
    if t < 0:
        return 1 - _t(v, -d, -t)
    y, half = t * t / (v + t * t), d * d / 2

    def odd(j: int) -> Any:
        return d * mp.exp(-half) * half**j / (mp.sqrt(2) * mp.gamma(j + mp.mpf(3) / 2))

    even = _beta(half, _poisson(half), mp.mpf(1) / 2, v / 2, y, 1 - y)
    rest = _beta(half, (odd, lambda j: (j + mp.mpf(3) / 2) / half), mp.mpf(1), v / 2, y, 1 - y)
    return mp.ncdf(-d) + (even + rest) / 2


DEGREES, SHARE = log_uniform(1, 20), uniform(0.05, 0.95)
CHI = (log_uniform(0.1, 100), DEGREES, log_uniform(0.01, 50))
F = (DEGREES, DEGREES, log_uniform(0.01, 8), log_uniform(0.2, 3))
#: Where the share depends on the degrees of freedom of the denominator enough to tell them.
F_LOW = (uniform(2, 12), DEGREES, uniform(1.5, 3.0), uniform(1.1, 1.4))
T = (DEGREES, uniform(-2, 2), uniform(-3, 3))


def _mid(function: Any, low: float = 1e-3, high: float = 0.999) -> Callable[..., bool]:
    return lambda *args: low < function(*args) < high


def _solutions(
    forward: Callable[..., Any], points: Any, i: int, bound: float, *names: str, share: Any = None
) -> Iterator[Case]:
    """Yield a case for each function that solves for an argument, the first of which has the position `i`."""
    for position, name in enumerate(names, i):
        f = getattr(special, name)
        order = (*range(position), "p", *range(position + 1, len(points)))
        if name in _FIRST:
            order = ("p", *(j for j in range(len(points)) if j != position))
        places = [SHARE if role == "p" else points[role] for role in order]
        yield Case(
            f,
            f,
            tuple(places),
            positions=tuple(range(len(points))),
            partials=implicit(f, forward, position, order, 2),
            inside=_mid(f, -4.0 if name in ("nctdtrit", "nctdtrinc") else 0.3, 100.0),
            bound=bound,
            digits=20,
        )


#: Functions that take the share first, not in the place of the solution.
_FIRST = ("chndtrix", "ncfdtridfn", "nctdtridf")

CASES = [
    Case(special.chndtr, _chi_square, CHI, positions=(0, 1, 2), inside=_mid(special.chndtr, 1e-15)),
    Case(special.ncfdtr, _f, F, positions=(0, 1, 2, 3), inside=_mid(special.ncfdtr)),
    Case(special.nctdtr, _t, T, positions=(0, 1, 2), inside=_mid(special.nctdtr)),
    *_solutions(_chi_square, CHI, 0, 1e-8, "chndtrix", "chndtridf", "chndtrinc"),
    *_solutions(_f, F, 3, 1e-8, "ncfdtri"),
    *_solutions(_f, F, 0, 1e-6, "ncfdtridfn"),
    *_solutions(_f, F, 2, 1e-6, "ncfdtrinc"),
    *_solutions(
        _f,
        (uniform(2, 12), None, uniform(1.5, 3.0), uniform(1.1, 1.4)),
        1,
        1e-6,
        "ncfdtridfd",
        share=uniform(0.3, 0.42),
    ),
    *_solutions(_t, T, 2, 1e-8, "nctdtrit"),
    *_solutions(_t, T, 0, 1e-6, "nctdtridf", "nctdtrinc"),
]
