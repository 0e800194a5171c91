"""Derivatives of characteristic values: eigenvalues of symmetric tridiagonal matrices that depend on a parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError

__all__ = ["eigenvalue_slope"]

_TINY = 1e-290

Entries = Callable[[int], tuple[Any, Any]]


def eigenvalue_slope(name: str, value: Any, index: Any, size: int, diagonal: Entries, beside: Entries) -> Any:
    """Derivative of an eigenvalue, v' dM v / v' v, with its eigenvector v.

    The vector comes from the twisted factorisation (Dhillon & Parlett 2004): from both ends to the row in which the two
    halves differ least, which keeps its small entries accurate too.

    Parameters
    ----------
    name : str
        Of the function, for errors.
    value, index : array_like
        The eigenvalue, and its number, counted from 0.
    size : int
        Number of rows that count.
    diagonal, beside : callable
        The entries ``(k, k)`` and ``(k, k + 1)`` of the matrix and their derivatives, given k.

    Raises
    ------
    NoRuleError
        ``value`` is not that eigenvalue: SciPy's iteration has gone elsewhere.
    """
    rows = [diagonal(k) for k in range(size)]
    sides = [beside(k) for k in range(size - 1)]
    _check(name, value, index, rows, sides)
    shifted = [d - value for d, _ in rows]
    down, up = [shifted[0]], [shifted[-1]]
    for k in range(1, size):
        down.append(shifted[k] - sides[k - 1][0] ** 2 / _nonzero(down[-1]))
        up.append(shifted[-1 - k] - sides[-k][0] ** 2 / _nonzero(up[-1]))
    up.reverse()
    gaps = [abs(primal_all(p + r - s)) for p, r, s in zip(down, up, shifted, strict=True)]
    twist = np.argmin(np.stack(np.broadcast_arrays(*gaps)), axis=0)
    vector: list[Any] = [0.0] * size
    for k in range(size):
        before = -sides[k - 1][0] * vector[k - 1] / _nonzero(up[k]) if k else 0.0
        vector[k] = np.where(twist == k, 1.0, np.where(twist < k, before, 0.0))
    for k in reversed(range(size - 1)):
        after = -sides[k][0] * vector[k + 1] / _nonzero(down[k])
        vector[k] = np.where(twist > k, after, vector[k])
    slope, norm = 0.0, 0.0
    for k in range(size):
        slope = slope + rows[k][1] * vector[k] ** 2
        norm = norm + vector[k] ** 2
        if k:
            slope = slope + 2.0 * (sides[k - 1][1] * vector[k - 1] * vector[k])
    return slope / norm


def _nonzero(x: Any) -> Any:
    return np.where(primal_all(x) == 0, _TINY, x)


def _check(name: str, value: Any, index: Any, rows: list[Any], sides: list[Any]) -> None:
    """Count the eigenvalues below and above a narrow interval about the value (Sturm)."""
    value = primal_all(value)
    width = 1e-7 * (1.0 + abs(value))
    for end, wrong in ((value - width, np.greater), (value + width, np.less_equal)):
        count, pivot = 0, 1.0
        for k, (d, _) in enumerate(rows):
            square = primal_all(sides[k - 1][0]) ** 2 if k else 0.0
            pivot = primal_all(d) - end - square / np.where(pivot == 0, _TINY, pivot)
            count = count + (pivot < 0)
        if np.any(wrong(count, index) & np.isfinite(value)):
            raise NoRuleError(
                f"scipy.special.{name} has no derivative here: SciPy's value is not that of this order, so that it jumps."
            )
