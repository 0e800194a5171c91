"""Distribution functions of counts, and their inverses."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, Points, integers, log_uniform, uniform
from benchmarks.special_reference.distributions import proper
from benchmarks.special_reference.incomplete import beta_cdf, gamma_cdf, implicit

__all__ = ["CASES"]


def _binomial(k: Any, n: Any, p: Any) -> Any:
    return beta_cdf(n - k, k + 1, 1 - p, p)


def _pascal(k: Any, n: Any, p: Any) -> Any:
    return beta_cdf(n, k + 1, p, 1 - p)


def _poisson(k: Any, m: Any) -> Any:
    return -gamma_cdf(mp.floor(k) + 1, m)


def _poisson_real(k: Any, m: Any) -> Any:
    return -gamma_cdf(k + 1, m)


def _counts(low: int, high: int) -> Points:
    """Integers as such, for SciPy warns of others."""
    return lambda rng, n: rng.integers(low, high, n, endpoint=True)


P, SHARE = uniform(0.02, 0.98), uniform(0.01, 0.99)

CASES = [
    *(
        Case(f, reference, (integers(0, 60), _counts(61, 200), P), positions=(2,))
        for f, reference in (
            (special.bdtr, _binomial),
            (special.bdtrc, lambda *args: -_binomial(*args)),
            (special.nbdtr, _pascal),
            (special.nbdtrc, lambda *args: -_pascal(*args)),
        )
    ),
    Case(
        special.bdtri,
        special.bdtri,
        (integers(0, 60), _counts(61, 200), SHARE),
        positions=(2,),
        partials=implicit(special.bdtri, _binomial, 2, (0, 1, "p")),
    ),
    Case(
        special.nbdtri,
        special.nbdtri,
        (integers(0, 60), integers(1, 200), SHARE),
        positions=(2,),
        partials=implicit(special.nbdtri, _pascal, 2, (0, 1, "p")),
    ),
    *(
        Case(
            f,
            f,
            points,
            positions=(0, 1, 2),
            partials=implicit(f, forward, i, order),
            inside=lambda *args, f=f: 1e-6 < f(*args) < 1e6,
            bound=1e-8,
        )
        for f, forward, i, order, points in (
            (special.bdtrik, _binomial, 0, ("p", 1, 2), (SHARE, uniform(5, 200), P)),
            (special.bdtrin, _binomial, 1, (0, "p", 2), (uniform(0, 50), SHARE, P)),
            (special.nbdtrik, _pascal, 0, ("p", 1, 2), (SHARE, uniform(5, 200), P)),
            (special.nbdtrin, _pascal, 1, (0, "p", 2), (uniform(0, 50), SHARE, P)),
        )
    ),
    *(
        Case(
            f,
            reference,
            (uniform(0, 300), log_uniform(1e-1, 300)),
            positions=(1,),
            inside=proper(special.pdtr, special.pdtrc),
        )
        for f, reference in ((special.pdtr, _poisson), (special.pdtrc, lambda k, m: -_poisson(k, m)))
    ),
    Case(
        special.pdtri,
        special.pdtri,
        (integers(0, 300), SHARE),
        positions=(1,),
        partials=implicit(special.pdtri, _poisson_real, 1, (0, "p")),
    ),
    Case(
        special.pdtrik,
        special.pdtrik,
        (SHARE, log_uniform(0.5, 300)),
        positions=(0, 1),
        partials=implicit(special.pdtrik, _poisson_real, 0, ("p", 1)),
        inside=lambda *args: special.pdtrik(*args) > 1e-6,
    ),
]
