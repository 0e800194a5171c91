"""Parabolic cylinder functions."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, uniform


def _slopes(f: Any, equation: Any) -> Any:
    return lambda v, x: (mp.diff(lambda t: f(v, t), x).real, equation(v, x) * f(v, x).real)


def _size(f: Any) -> Any:
    return lambda v, x: max(abs(f(v, x)), abs(mp.diff(lambda t: f(v, t), x)))


def _v(v: Any, x: Any) -> Any:
    return mp.pcfv(-v - 0.5, x)


def _of_order(v: Any, x: Any) -> Any:
    return x * x / 4 - v - 0.5


CASES = [
    *(
        Case(
            f, None, (uniform(-5.0, 5.0), uniform(-4.0, 4.0)), (1,), {1: _slopes(g, e)}, _size(g), bound=1e-8, digits=20
        )
        for f, g, e in (
            (special.pbdv, mp.pcfd, _of_order),
            (special.pbvv, _v, _of_order),
            (special.pbwa, mp.pcfw, lambda a, x: a - x * x / 4),
        )
    ),
]
