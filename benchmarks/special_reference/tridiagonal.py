"""Eigenvalues of symmetric tridiagonal matrices, to many digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpmath import mp, mpf

__all__ = ["eigenpair"]


def eigenpair(diagonal: Sequence[Any], beside: Sequence[Any], near: Any) -> tuple[Any, list[Any]]:
    """Eigenvalue next to a number, and its eigenvector of length 1, by inverse iteration with Rayleigh's quotient."""
    value, vector = mpf(near) * (1 + mpf(10) ** -9) + mpf(10) ** -9, [mpf(1)] * len(diagonal)
    for _ in range(6):
        pivots, right = [diagonal[0] - value], list(vector)
        for k in range(1, len(diagonal)):
            factor = beside[k - 1] / pivots[-1]
            pivots.append(diagonal[k] - value - factor * beside[k - 1])
            right[k] -= factor * right[k - 1]
        vector = [right[-1] / pivots[-1]]
        for k in reversed(range(len(diagonal) - 1)):
            vector.insert(0, (right[k] - beside[k] * vector[0]) / pivots[k])
        norm = mp.sqrt(sum(v * v for v in vector))
        vector = [v / norm for v in vector]
        change = 1 / norm
        value = sum(d * v * v for d, v in zip(diagonal, vector, strict=True))
        value += 2 * sum(b * v * w for b, v, w in zip(beside, vector, vector[1:], strict=False))
        if change < mpf(10) ** (-mp.dps // 2):
            break
    return value, vector
