"""The distribution function of Tukey's lambda distribution."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, choice, log_uniform, signed


def _probability(x, shape):
    """Solve for p by bisection, and then by Newton's method, for the logarithm of p."""
    left = -abs(x)

    def off(t):
        p, q = mp.exp(t), -mp.expm1(t)
        return (t - mp.log(q) if shape == 0 else (p**shape - q**shape) / shape) - left

    low, high = mp.mpf(-4000), mp.log(mp.mpf(1) / 2)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if off(middle) < 0 else (low, middle)
    for _ in range(5):
        p, q = mp.exp(high), -mp.expm1(high)
        high -= off(high) / (p**shape + q ** (shape - 1) * p)
    return mp.exp(high) if x < 0 else -mp.expm1(high)


def _by_x(x, shape):
    p = _probability(x, shape)
    return 1 / (p ** (shape - 1) + (1 - p) ** (shape - 1))


def _by_shape(x, shape):
    p = _probability(x, shape)
    q = 1 - p
    if shape == 0:
        return -_by_x(x, shape) * (mp.log(p) ** 2 - mp.log(q) ** 2) / 2
    a, b = shape * mp.log(p), shape * mp.log(q)
    return -_by_x(x, shape) * ((a - 1) * mp.exp(a) - (b - 1) * mp.exp(b)) / shape**2


PARTIALS = {0: _by_x, 1: _by_shape}

CASES = [
    Case(special.tklmbda, None, (signed(1e-9, 1e6), choice(-2.0, -0.7, -0.1)), (0, 1), PARTIALS, digits=60),
    Case(special.tklmbda, None, (signed(1e-9, 500), choice(-0.001, -1e-6, 0.0, 0.001)), (0, 1), PARTIALS, digits=280),
    Case(special.tklmbda, None, (signed(1e-9, 0.99), log_uniform(1e-6, 1)), (0, 1), PARTIALS, digits=60),
    Case(special.tklmbda, None, (signed(1e-9, 0.099), log_uniform(1, 10)), (0, 1), PARTIALS, digits=60),
    Case(special.tklmbda, None, (signed(1.0, 1.6), choice(0.3, 0.5, 0.6)), (0, 1), PARTIALS, digits=60),
]
