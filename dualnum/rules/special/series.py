"""Polynomials and sums of which several families of special functions make their derivatives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all

__all__ = ["horner", "hurwitz"]


def horner(coefficients: Sequence[float], x: Any) -> Any:
    """Evaluate a polynomial; the constant term comes first."""
    total: Any = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * x + c
    return total


def _bernoulli(count: int) -> list[Fraction]:
    """Bernoulli numbers B(2), B(4), ..., by their recurrence (DLMF 24.5.3)."""
    numbers = [Fraction(1)]
    for n in range(1, 2 * count + 1):
        numbers.append(-sum((math.comb(n + 1, k) * numbers[k] for k in range(n)), Fraction(0)) / (n + 1))
    return numbers[2::2]


#: B(2), B(4), ...
BERNOULLI = [float(b) for b in _bernoulli(20)]


def hurwitz(s: Any, q: Any, shift: int = 12, terms: int = 12) -> tuple[Any, Any]:
    """Hurwitz's zeta function and its derivative in s, by Euler-Maclaurin summation (DLMF 25.11.5).

    For any s but 1 with Re s > -10, and for Re q >= 0; ``shift`` and ``terms`` should grow with the imaginary part of s, and
    suffice to 10. Unlike SciPy's function it takes complex numbers for both.
    """
    value: Any = 0.0
    slope: Any = 0.0
    for k in range(shift):
        power = (q + k) ** -s
        value = value + power
        slope = slope - power * np.log(q + k)
    end = q + shift
    power = end**-s
    # Where the power is 0, so is all that follows, but the factors below would overflow.
    ratio = np.where(primal_all(power) == 0, 0.0, 1.0 / end)
    # B(2j) / (2j)! s (s + 1) ... (s + 2j - 2) / end^(2j - 1), and its derivative
    factor, factor_slope = s * ratio / 12.0, ratio / 12.0
    total, total_slope = 0.5 + factor, factor_slope
    for j in range(2, terms + 1):
        growth = BERNOULLI[j - 1] / BERNOULLI[j - 2] / ((2 * j - 1) * (2 * j))
        a, b = (s + (2 * j - 3.0)) * ratio, (s + (2 * j - 2.0)) * ratio
        factor, factor_slope = growth * (factor * a * b), growth * (factor_slope * a * b + factor * ratio * (a + b))
        total, total_slope = total + factor, total_slope + factor_slope
    integral = end ** (1.0 - s) / (s - 1.0)  # not with the power, which is 0 for much longer
    value = value + integral + power * total
    slope = slope + power * total_slope - integral / (s - 1.0) - np.log(end) * (integral + power * total)
    return value, slope
