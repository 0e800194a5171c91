"""Distribution functions of chi-square, gamma, F, beta and Student's t, and their inverses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import special

from benchmarks.special_reference.case import Case, log_uniform, signed, uniform
from benchmarks.special_reference.incomplete import beta_cdf, gamma_cdf, implicit

__all__ = ["proper"]


def _chi_square(v: Any, x: Any) -> Any:
    return gamma_cdf(v / 2, x / 2)


def _gamma(a: Any, b: Any, x: Any) -> Any:
    return gamma_cdf(b, a * x)


def _f(m: Any, n: Any, x: Any) -> Any:
    return beta_cdf(m / 2, n / 2, m * x / (n + m * x), n / (n + m * x))


def _t(v: Any, t: Any) -> Any:
    half = beta_cdf(v / 2, 1 / type(v)(2), v / (v + t * t), t * t / (v + t * t)) / 2
    half = half + type(v)(1) / 2 if half < 0 else half
    return -half if t > 0 else half


def proper(*functions: Callable[..., Any], low: float = 1e-100) -> Callable[..., bool]:
    """Where these functions, of some of the arguments, are neither too small nor too large."""
    return lambda *args: all(low < f(*args) < 1 / low for f in functions)


SHAPE, SMALL, POINT, SHARE = (
    log_uniform(1e-2, 1e4),
    log_uniform(0.1, 300),
    log_uniform(1e-3, 1e3),
    uniform(0.001, 0.999),
)


def _mid(function: Any) -> Callable[..., bool]:
    """Where a distribution function is neither 0 nor 1, and a solution is an ordinary number."""
    return lambda *args: 1e-3 < function(*args) < 0.999


CASES = [
    *(
        Case(f, reference, (SHAPE, POINT), positions=(0, 1), inside=proper(special.chdtr, special.chdtrc))
        for f, reference in ((special.chdtr, _chi_square), (special.chdtrc, lambda v, x: -_chi_square(v, x)))
    ),
    Case(
        special.chdtri,
        special.chdtri,
        (log_uniform(0.1, 1e4), SHARE),
        positions=(0, 1),
        partials=implicit(special.chdtri, _chi_square, 1, (0, "q")),
        inside=proper(special.chdtri),
    ),
    Case(
        special.chdtriv,
        special.chdtriv,
        (SHARE, log_uniform(0.1, 1e3)),
        positions=(0, 1),
        partials=implicit(special.chdtriv, _chi_square, 0, ("p", 1)),
    ),
    *(
        Case(
            f,
            reference,
            (POINT, SHAPE, POINT),
            positions=(0, 1, 2),
            inside=proper(special.gdtr, special.gdtrc),
        )
        for f, reference in ((special.gdtr, _gamma), (special.gdtrc, lambda *args: -_gamma(*args)))
    ),
    *(
        Case(f, f, points, positions=(0, 1, 2), partials=implicit(f, _gamma, i, order), inside=proper(f, low=1e-50))
        for f, points, i, order in (
            (special.gdtria, (SHARE, SMALL, POINT), 0, ("p", 1, 2)),
            (special.gdtrib, (log_uniform(0.1, 10), SHARE, log_uniform(0.5, 100)), 1, (0, "p", 2)),
            (special.gdtrix, (POINT, SMALL, SHARE), 2, (0, 1, "p")),
        )
    ),
    *(
        Case(f, f, points, positions=(0, 1, 2), partials=implicit(f, beta_cdf, i, order), inside=proper(f, low=1e-3))
        for f, points, i, order in (
            (special.btdtria, (SHARE, SMALL, uniform(0.05, 0.95)), 0, ("p", 1, 2)),
            (special.btdtrib, (SMALL, SHARE, uniform(0.05, 0.95)), 1, (0, "p", 2)),
        )
    ),
    *(
        Case(f, reference, (SMALL, SMALL, log_uniform(0.02, 50)), positions=(0, 1, 2), inside=_mid(f))
        for f, reference in ((special.fdtr, _f), (special.fdtrc, lambda *args: -_f(*args)))
    ),
    Case(
        special.fdtri,
        special.fdtri,
        (SMALL, SMALL, SHARE),
        positions=(0, 1, 2),
        partials=implicit(special.fdtri, _f, 2, (0, 1, "p")),
        inside=proper(special.fdtri, low=1e-2),
    ),
    Case(
        special.fdtridfd,
        special.fdtridfd,
        (SMALL, uniform(0.55, 0.95), uniform(1.2, 3.0)),
        positions=(0, 1, 2),
        partials=implicit(special.fdtridfd, _f, 1, (0, "p", 2)),
        inside=lambda *args: 0.1 < special.fdtridfd(*args) < 1e3,
        bound=1e-8,
    ),
    Case(special.stdtr, _t, (log_uniform(0.1, 1e3), signed(1e-3, 1e2)), positions=(0, 1), inside=proper(special.stdtr)),
    Case(
        special.stdtrit,
        special.stdtrit,
        (log_uniform(0.3, 1e3), uniform(0.001, 0.499)),
        positions=(0, 1),
        partials=implicit(special.stdtrit, _t, 1, (0, "p")),
    ),
    Case(
        special.stdtridf,
        special.stdtridf,
        (uniform(0.05, 0.2), uniform(-3.0, -1.8)),
        positions=(0, 1),
        partials=implicit(special.stdtridf, _t, 0, ("p", 1)),
        inside=lambda *args: 0.1 < special.stdtridf(*args) < 1e3,
        bound=1e-8,
    ),
]
