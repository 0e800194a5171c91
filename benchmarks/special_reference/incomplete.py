"""The incomplete gamma and beta functions and their inverses."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from mpmath import mp, mpf
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform, uniform

__all__ = ["beta_cdf", "gamma_cdf", "implicit"]


def _hypergeometric(ratio: Callable[[int], Any]) -> Any:
    """Sum a series of positive terms that begins with 1, by the ratios of successive terms."""
    total = term = mpf(1)
    n = 0
    while term > total * mp.eps:
        term *= ratio(n)
        total += term
        n += 1
    return total


def gamma_cdf(a: Any, x: Any) -> Any:
    """P(a, x), minus 1 where x is large, so that its derivatives keep their digits."""
    tail = max(0, int(x - a - a * mp.log(x / a))) if x > a + 1 else 0  # of the digits that 1 will take away
    with mp.workdps(mp.dps + int(tail / 2.3) + 5):
        share = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * _hypergeometric(lambda n: x / (a + 1 + n))
        return share - 1 if x > a + 1 else share


def beta_cdf(a: Any, b: Any, x: Any, y: Any = None) -> Any:
    """I_x(a, b), minus 1 where x is large; y = 1 - x."""
    y = 1 - x if y is None else y
    if x * (a + b) > a:
        return -beta_cdf(b, a, y, x)
    power = a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a + 1) - mp.loggamma(b)
    return mp.exp(power) * _hypergeometric(lambda n: x * (a + b + n) / (a + 1 + n))


def implicit(
    function: Any, forward: Callable[..., Any], position: int, order: tuple[Any, ...], steps: int = 3
) -> dict[int, Any]:
    """Exact partials of the inverse of `forward` in its argument at `position`.

    ``order`` tells for each argument of `function` which argument of `forward` it is, or "p" for the value, or "q" for 1
    minus the value. Newton's method takes so many steps from SciPy's solution.
    """

    @cache
    def solved(args: tuple[Any, ...]) -> tuple[Any, ...]:
        point: list[Any] = [None] * len(order)
        for role, arg in zip(order, args, strict=True):
            if role not in ("p", "q"):
                point[role] = arg
            else:
                share = arg if role == "p" else 1 - arg
        point[position] = mpf(float(function(*(int(a) if a == int(a) else float(a) for a in args))))
        for _ in range(steps):
            value = forward(*point)
            off = value - share
            step = (off + 1 if value < 0 else off) / slope(tuple(point), position)
            start = point[position]
            point[position] = start * mp.exp(-step / start) if start > 0 else start - step
        return tuple(point)

    @cache
    def slope(point: tuple[Any, ...], i: int) -> Any:
        unit = point[i] or mpf(1)  # a step in proportion, for the point can be tiny
        return mp.diff(lambda t: forward(*point[:i], point[i] + unit * t, *point[i + 1 :]), 0) / unit

    def partial(role: Any) -> Callable[..., Any]:
        def exact(*args: Any) -> Any:
            point = solved(args)
            change = {"p": mpf(1), "q": mpf(-1)}.get(role) or -slope(point, role)
            return change / slope(point, position)

        return exact

    return {i: partial(role) for i, role in enumerate(order)}


def _gamma_inside(a: float, x: float) -> bool:
    return min(special.gammainc(a, x), special.gammaincc(a, x)) > 1e-290


def _beta_inside(a: float, b: float, x: float) -> bool:
    """Where the function does not underflow, and its series does not need too many terms."""
    low, high = special.betainc(a, b, x), special.betainc(b, a, 1 - x)
    return min(low, high) > 1e-290 and (1 - x if x * (a + b) < a else x) > 0.1


def _solvable(function: Any, inside: Callable[..., bool]) -> Callable[..., bool]:
    """Where that holds of the solution, and this is not too close to 1."""
    return lambda *args: (
        1e-290 < function(*args) < (0.999 if len(args) == 3 else 1e10) and inside(*args[:-1], function(*args))
    )


CASES = [
    *(
        Case(f, reference, (log_uniform(1e-3, 1e5), x), positions=(0, 1), inside=_gamma_inside)
        for f, reference in ((special.gammainc, gamma_cdf), (special.gammaincc, lambda a, x: -gamma_cdf(a, x)))
        for x in (log_uniform(1e-10, 300), log_uniform(30, 1e5))
    ),
    *(
        Case(
            f,
            f,
            (log_uniform(1e-3, 1e5), p),
            positions=(0, 1),
            partials=implicit(f, gamma_cdf, 1, (0, role)),
            inside=_solvable(f, _gamma_inside),
        )
        for f, role in ((special.gammaincinv, "p"), (special.gammainccinv, "q"))
        for p in (log_uniform(1e-10, 1), uniform(0, 1))
    ),
    *(
        Case(f, reference, (a, a, x), positions=(0, 1, 2), inside=_beta_inside)
        for f, reference in (
            (special.betainc, beta_cdf),
            (special.betaincc, lambda a, b, x: -beta_cdf(a, b, x)),
        )
        for a, x in ((log_uniform(1e-3, 1e5), uniform(0, 1)), (log_uniform(1e-3, 1e3), log_uniform(1e-10, 1)))
    ),
    *(
        Case(
            f,
            f,
            (log_uniform(1e-2, 1e3), log_uniform(1e-2, 1e3), p),
            positions=(0, 1, 2),
            partials=implicit(f, beta_cdf, 2, (0, 1, role)),
            inside=_solvable(f, _beta_inside),
        )
        for f, role in ((special.betaincinv, "p"), (special.betainccinv, "q"))
        for p in (log_uniform(1e-10, 1), uniform(0, 1))
    ),
]
