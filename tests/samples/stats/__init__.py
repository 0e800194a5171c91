"""Calls of the rows of `scipy.stats`."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.distributions import KERNELS
from dualnum.scipy import stats
from dualnum.table import TABLE
from tests.samples import Sample

__all__ = ["continuous_samples", "positions", "rows"]

SHARES = np.array([0.07, 0.45, 0.9])
MOMENTS = ("mean", "var", "std", "entropy")


def rows(name: str) -> list[str]:
    """Methods of a distribution that have rows."""
    assert getattr(stats, name).name == name  # with the first, all rows are loaded
    return [method for n, method in KERNELS if n == name]


def positions(name: str, method: str, count: int) -> tuple[int, ...]:
    """Positions of the arguments in which a method has a derivative."""
    partials: Any = getattr(TABLE[KERNELS[name, method]], "partials", (1,) * count)
    return tuple(i for i, p in enumerate(partials) if not isinstance(p, str))


def continuous_samples(name: str, *shapes: float) -> list[Sample]:
    """Calls of all rows of a distribution, at a point in each tail; with locations and scales along other axes."""
    found = []
    loc, scale = np.array([[0.3], [-1.2]]), 1.7
    for method in rows(name):
        calls: list[tuple] = [(*shapes, 0.4, 1.3), (*shapes, loc, np.array([0.8, 2.5]))]
        if method not in MOMENTS:
            x = SHARES if method in ("ppf", "isf") else getattr(stats, name).ppf(SHARES, *shapes, loc, scale)
            calls = [(x, *shapes, loc, scale), (x.ravel()[1], *shapes, 0.3, scale)]
            calls.append((x.ravel()[2:3], *(np.array([s]) for s in shapes), loc[0], np.array([scale])))
        active = positions(name, method, len(calls[0]))
        smooth = name != "t" or method not in MOMENTS  # SciPy refuses shapes of single precision there
        found += [Sample(KERNELS[name, method], args, active=active, smooth=smooth) for args in calls]
    return found
