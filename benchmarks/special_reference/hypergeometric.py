"""Hypergeometric functions."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, choice, log_uniform, signed, uniform


def _size(f: Any) -> Any:
    return lambda *args: f(*args)


CASES = [
    Case(special.hyp0f1, mp.hyp0f1, (uniform(0.1, 20.0), uniform(-3.0, 50.0)), (0, 1), scale=_size(mp.hyp0f1)),
    Case(special.hyp0f1, mp.hyp0f1, (log_uniform(0.1, 100.0), log_uniform(1e-6, 1e4)), (0, 1)),
    Case(special.hyp1f1, mp.hyp1f1, (uniform(0.1, 5.0), uniform(5.0, 9.0), uniform(-50.0, 50.0)), (0, 1, 2)),
    Case(
        *(special.hyp1f1, mp.hyp1f1, (uniform(-3.0, 5.0), uniform(0.1, 9.0), signed(1e-6, 5.0)), (0, 1, 2)),
        scale=_size(mp.hyp1f1),
    ),
    Case(
        *(special.hyp2f1, mp.hyp2f1, (uniform(0.1, 3.0), uniform(0.1, 3.0), uniform(3.1, 9.0), uniform(-9.0, 0.9))),
        (0, 1, 2, 3),
    ),
    Case(
        *(special.hyp2f1, mp.hyp2f1, (uniform(-3, 3.0), uniform(-3, 3.0), uniform(0.1, 3.0), uniform(-2.0, 0.8))),
        (0, 1, 2, 3),
        scale=_size(mp.hyp2f1),
    ),
    *(
        Case(special.hyperu, mp.hyperu, (a, b, z), (0, 1), scale=_size(mp.hyperu))
        for a, b, z in (
            (uniform(0.01, 5.0), uniform(-5.0, 5.0), log_uniform(1e-3, 1e2)),
            (uniform(-6.0, 0.0), uniform(-5.0, 5.0), log_uniform(1e-3, 1e2)),
            (log_uniform(1.0, 100.0), uniform(-30.0, 30.0), log_uniform(1e-8, 1e4)),
            (choice(0.0, 1.0, -1.0, -2.0), choice(0.0, 1.0, 2.0, -1.0), log_uniform(1e-3, 1e2)),
        )
    ),
    Case(special.hyperu, mp.hyperu, (uniform(0.01, 5.0), uniform(-5.0, 5.0), log_uniform(1e-2, 1e2)), (2,)),
]
