"""Derivatives of scipy.special against mpmath; and that this comparison can fail."""

from dataclasses import replace

import numpy as np
import pytest
import scipy

from benchmarks.special import cases
from benchmarks.special_reference.case import exact, worst_error

CASES = [
    pytest.param(case, position, id=f"{family}-{case.name}-{i}-{position}")
    for i, (family, case) in enumerate(cases())
    for position in case.positions
]
SEED, POINTS = 3, 12


@pytest.mark.skipif(
    np.lib.NumpyVersion(scipy.__version__) < "1.17.0", reason="bounds are for the values of today's SciPy"
)
@pytest.mark.parametrize(("case", "position"), CASES)
def test_derivative_is_accurate(case, position):
    error, place = worst_error(case, position, SEED, POINTS)
    assert error <= case.bound, (error, place)


@pytest.mark.parametrize(("case", "position"), CASES[:5])
def test_a_wrong_derivative_is_found(case, position):
    def slightly_wrong(*args):
        return tuple(part * (1 + 1e-6) for part in exact(case, position, args))

    wrong = replace(case, partials={position: slightly_wrong})
    assert worst_error(wrong, position, SEED, POINTS)[0] > case.bound
