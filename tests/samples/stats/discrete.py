"""Calls of discrete distributions; counts are integers, in which nothing is differentiated but sums, by zero."""

from __future__ import annotations

import numpy as np

from dualnum.distributions import KERNELS
from tests.samples import Sample
from tests.samples.stats import positions, rows

PLACES = {
    "poisson": ([0.0, 2.0, 5.0], (2.6,)),
    "binom": ([0.0, 3.0, 6.0], (7.0, 0.35)),
    "bernoulli": ([0.0, 1.0, 1.0], (0.35,)),
    "geom": ([1.0, 2.0, 4.0], (0.35,)),
    "nbinom": ([0.0, 3.0, 6.0], (2.7, 0.35)),
}


def samples(name: str, counts: list[float], parameters: tuple[float, ...]) -> list[Sample]:
    """Calls of all rows of a distribution."""
    found = []
    for method in rows(name):
        first = positions(name, method, len(parameters) + 2)
        if method in ("mean", "var", "std"):
            found.append(Sample(KERNELS[name, method], (*parameters, 0), active=tuple(range(len(parameters)))))
            continue
        at = np.array([0.21, 0.48, 0.77] if method in ("ppf", "isf") else counts)
        # Of counts nothing is tried but a zero, and steps between them.
        at = at + 0.3 if 0 in first and method not in ("ppf", "isf") else at
        column = [np.array([[p], [p]]) for p in parameters]
        for args in ((at, *parameters, 0), (at, *column, 0), (at[1], *parameters, 0)):
            found.append(Sample(KERNELS[name, method], args, active=first))
    return found


SAMPLES = [sample for name, (counts, parameters) in PLACES.items() for sample in samples(name, counts, parameters)]
