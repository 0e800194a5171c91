"""Derivatives of scipy.special against mpmath; and that this comparison can fail."""

import re
from dataclasses import replace

import numpy as np
import pytest
import scipy.special

from benchmarks.special import cases
from benchmarks.special_reference.case import exact, worst_error
from dualnum.table import TABLE, Elementwise, Nonlinear

CASES = [
    pytest.param(case, position, id=f"{family}-{case.name}-{i}-{position}")
    for i, (family, case) in enumerate(cases())
    for position in case.positions
]
SEED, POINTS = 3, 12

# mpmath has none of these, or (sph_harm) SciPy's newest has not. In x, their derivative is SciPy's own second result, and the derivative of that is given by the
# differential equation.
WITHOUT_REFERENCE = re.compile("mathieu_mod|(pro|obl)_(ang|rad)|sph_harm$")


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


def active_arguments(row):
    if isinstance(row, Elementwise):
        return {i for i, p in enumerate(row.partials) if p is not None and not isinstance(p, str)}
    return set(row.positions) if isinstance(row, Nonlinear) else set()


def test_every_argument_is_compared():
    compared = {}
    for _, case in cases():
        compared.setdefault(case.function, set()).update(case.positions)
    ufuncs = {f for f in vars(scipy.special).values() if isinstance(f, np.ufunc)}
    missing = {f.__name__ for f in ufuncs if not active_arguments(TABLE[f]) <= compared.get(f, set())}
    assert {name for name in missing if not WITHOUT_REFERENCE.match(name)} == set()


def test_nearly_every_function_is_differentiable():
    ufuncs = {f for f in vars(scipy.special).values() if isinstance(f, np.ufunc)}
    assert sum(bool(active_arguments(TABLE[f])) for f in ufuncs) >= 215
