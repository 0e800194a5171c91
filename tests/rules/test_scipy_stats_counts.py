"""Derivatives of discrete distributions against 50 digits of mpmath."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp

from dualnum import derivative, hessian, jvp
from dualnum.scipy import stats
from tests.rules.test_scipy_stats_accuracy import assert_close, exact, pushed

MASSES = {
    "poisson": lambda k, mu: mu**k * mp.exp(-mu) / mp.factorial(k),
    "bernoulli": lambda k, p: p if k == 1 else 1 - p,
    "geom": lambda k, p: p * (1 - p) ** (k - 1),
    "binom": lambda k, n, p: mp.binomial(n, k) * p**k * (1 - p) ** (n - k),
    "nbinom": lambda k, n, p: mp.binomial(k + n - 1, k) * p**n * (1 - p) ** k,
}

# Counts with parameters, column by column.
PLACES = {
    "poisson": [(0, 3, 17, 900, 2, 3), (0.4, 2.8, 40.0, 1000.0, 1e-9, 30.0)],
    "bernoulli": [(0, 1, 1), (0.3, 0.2, 1e-9)],
    "geom": [(1, 3, 40, 2), (0.4, 1e-5, 0.2, 0.9999)],
    "binom": [(0, 3, 35, 6), (5, 9, 50, 6), (0.3, 1e-5, 0.55, 0.9)],
    "nbinom": [(0, 3, 40, 700), (0.3, 2.5, 11.0, 900.0), (0.2, 0.9, 0.3, 0.55)],
}


def columns(name):
    return [np.array(column, float) for column in PLACES[name]]


def in_parameters(name):
    """Positions of the parameters that are real numbers."""
    return [2] if name == "binom" else range(1, len(PLACES[name]))


@pytest.mark.parametrize("name", sorted(MASSES))
def test_mass(name):
    args = columns(name)
    for i in in_parameters(name):
        by_log = exact(lambda *point: mp.log(MASSES[name](*point)), args, i)
        assert_close(pushed(getattr(stats, name).logpmf, args, i), by_log, 1e-13)
        by_mass = exact(MASSES[name], args, i)
        # SciPy computes the mass from its logarithm, or by series.
        assert_close(pushed(getattr(stats, name).pmf, args, i), by_mass, 3e-12)


@pytest.mark.parametrize("method", ["cdf", "sf", "logcdf", "logsf"])
@pytest.mark.parametrize("name", sorted(MASSES))
def test_sum(name, method):
    args = columns(name)
    if method == "logsf" and name in ("binom", "bernoulli"):
        top = 1.0 if name == "bernoulli" else args[1]
        args = [arg[args[0] < top] for arg in args]

    def total(k, *parameters):
        low = 1 if name == "geom" else 0
        value = mp.fsum(MASSES[name](j, *parameters) for j in range(low, int(k) + 1))
        value = 1 - value if method.endswith("sf") else value
        return mp.log(value) if method.startswith("log") else value

    for i in in_parameters(name):
        expected = exact(total, args, i)
        found = pushed(getattr(getattr(stats, name), method), args, i)
        noise = np.abs(expected) < 1e-40  # where the sum is 1
        assert np.all(found[noise] == 0)
        assert_close(found[~noise], expected[~noise], 1e-10)


def test_logarithms_that_scipy_has_lost():
    """There is no derivative of -inf, where it is not that of a probability that is always 0."""
    with np.errstate(all="ignore"):
        assert np.isnan(derivative(lambda mu: stats.poisson.logcdf(0, mu))(1e4))
        assert derivative(lambda p: stats.binom.logsf(5, 5, p))(0.4) == 0


EDGES = [
    (lambda k, mu: stats.poisson.pmf(k, mu), 0.0, lambda k, mu: mp.exp(-mu) * mu**k / mp.factorial(k)),
    (lambda k, p: stats.binom.pmf(k, 4, p), 0.0, lambda k, p: mp.binomial(4, k) * p**k * (1 - p) ** (4 - k)),
    (lambda k, p: stats.binom.pmf(k, 4, p), 1.0, lambda k, p: mp.binomial(4, k) * p**k * (1 - p) ** (4 - k)),
    (lambda k, p: stats.geom.pmf(k, p), 1.0, lambda k, p: p * (1 - p) ** (k - 1)),
    (
        lambda k, p: stats.nbinom.pmf(k, 2.5, p),
        1.0,
        lambda k, p: mp.rf(2.5, k) / mp.factorial(k) * p**2.5 * (1 - p) ** k,
    ),
]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize(("mass", "p", "formula"), EDGES)
def test_higher_derivatives_at_the_end_of_the_range_of_a_parameter(mass, p, formula, k):
    with mp.workdps(40):
        _, *expected = (
            float(mp.re(c) * mp.factorial(i)) for i, c in enumerate(mp.taylor(lambda t: formula(k, t), p, 3))
        )

    def derived(f):
        return lambda t: jvp(f, (t,), (1.0,))[1]

    with np.errstate(all="ignore"):
        first = derived(lambda t: mass(k, t))
        found = [first(p), derived(first)(p), derived(derived(first))(p)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_no_logarithm_of_a_count_that_is_sure():
    assert hessian(lambda mu: stats.poisson.logpmf(0, mu))(0.0) == 0.0


@pytest.mark.parametrize("f", [lambda p: stats.binom.ppf(0.5, 4, p), lambda p: stats.geom.isf(p, 0.5)])
def test_quantiles_of_invalid_arguments(f):
    y, y_dot = jvp(f, (1.5,), (1.0,))
    assert np.isnan(y) and np.isnan(y_dot)
