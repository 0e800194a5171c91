"""Orthogonal polynomials, and the functions that they are for real degrees."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, choice, integers, log_uniform, uniform

WHOLE, REAL = integers(0, 40), uniform(0.0, 8.0)
SMALL = uniform(0.0, 4.0)
INTERVAL, UNIT = uniform(-1.0, 1.0), uniform(0.0, 1.0)
COUNTED = choice(*range(40))  # for functions that take no floats
ENDS = choice(-1.0, 1.0, 0.0, 1.0 - 1e-9, 1e-9 - 1.0)


def _shifted(f: Any) -> Any:
    return lambda n, x: f(n, 2 * x - 1)


def _halved(f: Any, factor: int = 1) -> Any:
    return lambda n, x: factor * f(n, x / 2)


def _chebyt(n: Any, x: Any) -> Any:
    return mp.cos(n * mp.acos(x)).real


def _chebyu(n: Any, x: Any) -> Any:
    t = mp.acos(x)
    return (mp.sin((n + 1) * t) / mp.sin(t)).real if abs(x) != 1 else (n + 1) * x ** int(n)


def _sh_jacobi(n: Any, p: Any, q: Any, x: Any) -> Any:
    return mp.jacobi(n, p - q, q - 1, 2 * x - 1) / mp.binomial(2 * n + p - 1, n)


def _hermitenorm(n: Any, x: Any) -> Any:
    return mp.hermite(n, x / mp.sqrt(2)) / mp.sqrt(2) ** n


def _size(f: Any) -> Any:
    """How large the derivative gets in the interval, for functions that oscillate there."""
    return lambda n, *rest: (n + 1) * max(abs(f(n, *rest)), abs(f(n + 1, *rest)))


CHEBYSHEV: Any = (
    (special.eval_chebyt, _chebyt, INTERVAL),
    (special.eval_chebyu, _chebyu, INTERVAL),
    (special.eval_chebyc, _halved(_chebyt, 2), uniform(-2.0, 2.0)),
    (special.eval_chebys, _halved(_chebyu), uniform(-2.0, 2.0)),
    (special.eval_sh_chebyt, _shifted(_chebyt), UNIT),
    (special.eval_sh_chebyu, _shifted(_chebyu), UNIT),
)
OTHERS: Any = (
    (special.eval_legendre, mp.legendre, INTERVAL),
    (special.eval_sh_legendre, _shifted(mp.legendre), UNIT),
)

CASES = [
    *(Case(f, g, (WHOLE, x), (1,), scale=_size(g)) for f, g, x in (*CHEBYSHEV, *OTHERS)),
    *(Case(f, g, (WHOLE, ENDS), (1,), scale=_size(g)) for f, g in ((special.eval_legendre, mp.legendre),)),
    Case(special.eval_chebyu, _chebyu, (WHOLE, ENDS), (1,), scale=_size(_chebyu)),
    *(Case(f, g, (REAL, x), (1,), scale=_size(g)) for f, g, x in ((f, g, UNIT) for f, g, _ in (*CHEBYSHEV, *OTHERS))),
    *(Case(f, g, (REAL, UNIT), (0,), scale=_size(g)) for f, g, _ in (*CHEBYSHEV, *OTHERS)),
    Case(special.eval_chebyt, _chebyt, (REAL, INTERVAL), (0, 1), scale=_size(_chebyt)),
    Case(special.eval_chebyu, _chebyu, (REAL, INTERVAL), (0, 1), scale=_size(_chebyu)),
    Case(special.eval_legendre, mp.legendre, (uniform(-5.0, 50.0), uniform(-0.99, 1.0)), (0,), scale=mp.legendre),
    Case(special.eval_legendre, mp.legendre, (uniform(0.0, 30.0), INTERVAL), (1,), scale=_size(mp.legendre)),
    Case(special.eval_legendre, mp.legendre, (uniform(0.0, 20.0), log_uniform(1.0, 50.0)), (0,)),
    Case(special.eval_chebyt, _chebyt, (REAL, log_uniform(1.0, 1e3)), (0, 1)),
    Case(
        special.eval_laguerre,
        lambda n, x: mp.laguerre(n, 0, x),
        (WHOLE, uniform(0.0, 30.0)),
        (1,),
        scale=_size(lambda n, x: mp.exp(x / 2) * (x + 1) ** -0.25),
    ),
    Case(
        special.eval_laguerre,
        lambda n, x: mp.laguerre(n, 0, x),
        (REAL, UNIT),
        (0, 1),
        scale=_size(lambda n, x: mp.laguerre(n, 0, x)),
    ),
    Case(
        special.eval_genlaguerre,
        mp.laguerre,
        (WHOLE, uniform(-0.9, 5.0), uniform(0.0, 30.0)),
        (1, 2),
        scale=_size(mp.laguerre),
    ),
    Case(special.eval_genlaguerre, mp.laguerre, (REAL, uniform(-0.9, 5.0), UNIT), (0, 1, 2), scale=_size(mp.laguerre)),
    Case(special.eval_hermite, mp.hermite, (COUNTED, uniform(-5.0, 5.0)), (1,), scale=_size(mp.hermite)),
    Case(special.eval_hermitenorm, _hermitenorm, (COUNTED, uniform(-5.0, 5.0)), (1,), scale=_size(_hermitenorm)),
    Case(
        special.eval_gegenbauer,
        mp.gegenbauer,
        (WHOLE, uniform(-0.4, 5.0), INTERVAL),
        (1, 2),
        scale=_size(mp.gegenbauer),
    ),
    Case(
        special.eval_gegenbauer, mp.gegenbauer, (SMALL, uniform(0.1, 5.0), UNIT), (0, 1, 2), scale=_size(mp.gegenbauer)
    ),
    Case(
        special.eval_jacobi,
        mp.jacobi,
        (WHOLE, uniform(-0.9, 5.0), uniform(-0.9, 5.0), INTERVAL),
        (1, 2, 3),
        scale=_size(mp.jacobi),
    ),
    Case(
        special.eval_jacobi,
        mp.jacobi,
        (SMALL, uniform(-0.9, 5.0), uniform(-0.9, 5.0), UNIT),
        (0, 1, 2, 3),
        scale=_size(mp.jacobi),
    ),
    Case(
        special.eval_sh_jacobi,
        _sh_jacobi,
        (WHOLE, uniform(2.0, 5.0), uniform(0.1, 2.0), UNIT),
        (1, 2, 3),
        scale=_size(_sh_jacobi),
    ),
    Case(
        special.eval_sh_jacobi,
        _sh_jacobi,
        (SMALL, uniform(2.0, 5.0), uniform(0.1, 2.0), uniform(0.5, 1.0)),
        (0, 1, 2, 3),
        scale=_size(_sh_jacobi),
    ),
]
