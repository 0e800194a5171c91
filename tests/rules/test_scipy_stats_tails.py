"""Derivatives of distribution functions and quantiles against mpmath, in the tails."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp, mpf

from dualnum.scipy import stats
from tests.rules.test_scipy_stats_accuracy import assert_close, exact, pushed


def upper_gamma(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def lower_gamma(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def lower_beta(a, b, x):
    return mp.betainc(a, b, 0, x, regularized=True)


def lower_t(z, v):
    half = lower_beta(v / 2, mpf(1) / 2, v / (v + z * z)) / 2
    return half if z < 0 else 1 - half


# The distribution function and what is left of it to 1, each with all its digits.
SIDES = {
    "norm": (lambda z: mp.erfc(-z / mp.sqrt(2)) / 2, lambda z: mp.erfc(z / mp.sqrt(2)) / 2),
    "halfnorm": (lambda z: mp.erf(z / mp.sqrt(2)), lambda z: mp.erfc(z / mp.sqrt(2))),
    "logistic": (lambda z: 1 / (1 + mp.exp(-z)), lambda z: 1 / (1 + mp.exp(z))),
    "cauchy": (lambda z: mp.atan2(1, -z) / mp.pi, lambda z: mp.atan2(1, z) / mp.pi),
    "laplace": (
        lambda z: mp.exp(z) / 2 if z < 0 else 1 - mp.exp(-z) / 2,
        lambda z: 1 - mp.exp(z) / 2 if z < 0 else mp.exp(-z) / 2,
    ),
    "expon": (lambda z: -mp.expm1(-z), lambda z: mp.exp(-z)),
    "rayleigh": (lambda z: -mp.expm1(-z * z / 2), lambda z: mp.exp(-z * z / 2)),
    "gumbel_r": (lambda z: mp.exp(-mp.exp(-z)), lambda z: -mp.expm1(-mp.exp(-z))),
    "gumbel_l": (lambda z: -mp.expm1(-mp.exp(z)), lambda z: mp.exp(-mp.exp(z))),
    "weibull_min": (lambda z, c: -mp.expm1(-(z**c)), lambda z, c: mp.exp(-(z**c))),
    "pareto": (lambda z, b: -mp.expm1(-b * mp.log(z)), lambda z, b: z**-b),
    "lognorm": (
        lambda z, s: mp.erfc(-mp.log(z) / s / mp.sqrt(2)) / 2,
        lambda z, s: mp.erfc(mp.log(z) / s / mp.sqrt(2)) / 2,
    ),
    "gamma": (lambda z, a: lower_gamma(a, z), lambda z, a: upper_gamma(a, z)),
    "chi2": (lambda z, v: lower_gamma(v / 2, z / 2), lambda z, v: upper_gamma(v / 2, z / 2)),
    "invgamma": (lambda z, a: upper_gamma(a, 1 / z), lambda z, a: lower_gamma(a, 1 / z)),
    "beta": (lambda z, a, b: lower_beta(a, b, z), lambda z, a, b: lower_beta(b, a, 1 - z)),
    "t": (lower_t, lambda z, v: lower_t(-z, v)),
    "f": (
        lambda z, m, n: lower_beta(m / 2, n / 2, m * z / (n + m * z)),
        lambda z, m, n: lower_beta(n / 2, m / 2, n / (n + m * z)),
    ),
    "genextreme": (
        lambda z, c: mp.exp(-((1 - c * z) ** (1 / c))),
        lambda z, c: -mp.expm1(-((1 - c * z) ** (1 / c))),
    ),
    "truncnorm": (
        lambda z, a, b: (
            (mp.erf(z / mp.sqrt(2)) - mp.erf(a / mp.sqrt(2))) / (mp.erf(b / mp.sqrt(2)) - mp.erf(a / mp.sqrt(2)))
        ),
        lambda z, a, b: (
            (mp.erf(b / mp.sqrt(2)) - mp.erf(z / mp.sqrt(2))) / (mp.erf(b / mp.sqrt(2)) - mp.erf(a / mp.sqrt(2)))
        ),
    ),
}

# Points with shapes, column by column.
PLACES = {
    "norm": [(-40.0, -8.0, -0.3, 1e-9, 2.0, 35.0)],
    "halfnorm": [(1e-9, 0.3, 2.0, 35.0)],
    "logistic": [(-700.0, -8.0, 0.3, 30.0)],
    "cauchy": [(-1e9, -8.0, 0.3, 1e12)],
    "laplace": [(-700.0, -8.0, 0.3, 30.0, 800.0)],
    "expon": [(1e-9, 0.3, 30.0, 800.0)],
    "rayleigh": [(1e-9, 0.3, 3.0, 50.0)],
    "gumbel_r": [(-6.0, -0.3, 1.2, 30.0)],
    "gumbel_l": [(-30.0, -0.3, 1.2, 6.0)],
    "weibull_min": [(1e-5, 0.3, 1.4, 3.0), (2.5, 0.7, 1.9, 3.0)],
    "pareto": [(1.001, 2.5, 1e5), (2.2, 0.7, 3.1)],
    "lognorm": [(1e-20, 0.3, 1.7, 1e9), (1.4, 0.3, 0.8, 1.1)],
    "gamma": [(1e-9, 0.3, 4.0, 30.0, 150.0, 1e-3), (0.4, 2.5, 3.1, 12.0, 40.0, 1e-5)],
    "chi2": [(1e-9, 0.3, 4.0, 90.0), (0.4, 2.5, 3.1, 12.0)],
    "invgamma": [(0.01, 0.3, 4.0, 1e6), (2.4, 2.5, 3.1, 0.7)],
    "beta": [(1e-9, 0.3, 0.8, 0.98), (0.4, 2.5, 30.0, 2.2), (2.1, 0.6, 9.0, 3.5)],
    "t": [(-1e4, -30.0, -1.2, 0.4, 25.0, -9.0), (3.0, 8.0, 1e3, 2.2, 4.4, 1e6)],
    "f": [(1e-6, 0.3, 1.8, 60.0), (2.1, 5.0, 30.0, 3.2), (7.0, 2.0, 4.5, 9.0)],
    "genextreme": [(-2.0, 0.4, 3.1, 5.5), (0.2, -0.4, 1e-4, 0.15)],
    "truncnorm": [(-0.9, 0.4, 1.1), (-1.0, -2.5, 0.3), (0.5, 1.5, 2.2)],
}

#: Incomplete gamma and beta functions, of which mpmath and SciPy take series.
SEARCHED = {"beta", "chi2", "f", "gamma", "invgamma", "t"}

#: Relative errors, where SciPy's own value of a density or of a distribution function has them too.
ALLOWED = {"t": 1e-9, "f": 1e-10, "lognorm": 1e-12}


def of_method(method, lower, upper):
    """What a method computes, by mpmath."""
    side = upper if method.endswith("sf") else lower
    return (lambda *args: mp.log(side(*args))) if method.startswith("log") else side


@pytest.mark.parametrize("method", ["cdf", "sf", "logcdf", "logsf"])
@pytest.mark.parametrize("name", sorted(PLACES))
def test_distribution_function(name, method):
    args = [np.array(column) for column in PLACES[name]]
    values = getattr(getattr(stats, name), method)(*args)
    usable = np.isfinite(values) & (np.abs(values) > 1e-290)  # else there is nothing in double precision
    args = [arg[usable] for arg in args]
    function = of_method(method, *SIDES[name])
    one = np.ones(usable.sum())

    def scaled(z, *rest):
        *shapes, scale = rest
        return function(z / scale, *shapes)

    for i in range(len(args) + 1):
        expected = exact(scaled, [*args, one], i, 110 if name in SEARCHED else 400)
        found = pushed(getattr(getattr(stats, name), method), [*args, 0.0, one], i + (i == len(args)))
        assert_close(found, expected, ALLOWED.get(name, 3e-14))


QUANTILES = {
    "norm": (),
    "logistic": (),
    "gumbel_r": (),
    "genextreme": (0.2,),
    "weibull_min": (1.7,),
    "lognorm": (0.8,),
    "gamma": (2.5,),
    "beta": (2.2, 3.5),
    "t": (4.4,),
    "f": (3.2, 9.0),
    "truncnorm": (-1.0, 2.2),
}


@pytest.mark.parametrize("method", ["ppf", "isf"])
@pytest.mark.parametrize("name", sorted(QUANTILES))
def test_quantile(name, method):
    """By the implicit function theorem, at the root that mpmath finds next to SciPy's."""
    p = np.array([1e-60 if name in ("norm", "logistic") else 1e-3, 1e-6, 0.3, 0.6, 1 - 1e-6])
    shapes = [np.full(5, s) for s in QUANTILES[name]]
    distribution = getattr(stats, name)
    side = SIDES[name][method == "isf"]
    # Near its ends, what a quantile is from these has fewer digits than the quantile.
    tolerance = 1e-9 if name == "truncnorm" else 1e-10 if name in SEARCHED else 3e-13
    found = [pushed(getattr(distribution, method), [p, *shapes, 0.0, 1.0], i) for i in range(1 + len(shapes))]
    for k, point in enumerate(zip(p, *shapes, strict=True)):
        with mp.workdps(100 if p[0] < 1e-50 else 50):
            mine, *rest = [mpf(float(x)) for x in point]
            start = mpf(float(getattr(distribution, method)(*point)))
            q = start if name in SEARCHED else mp.findroot(lambda z, mine=mine, rest=rest: side(z, *rest) - mine, start)
            slope = mp.diff(lambda z, rest=rest: side(z, *rest), q)
            expected = [1 / slope]
            for i in range(len(rest)):
                along = mp.diff(lambda s, i=i, q=q, rest=rest: side(q, *rest[:i], s, *rest[i + 1 :]), rest[i])
                expected.append(-along / slope)
        for i, number in enumerate(expected):
            assert_close(found[i][k : k + 1], np.array([float(number)]), tolerance)


def test_quantile_beside_a_large_location():
    """What the location takes from the digits of the quantile does not reach the derivative in the scale."""
    assert pushed(stats.norm.ppf, [0.3, 1e12, np.ones(1)], 2) == stats.norm.ppf(0.3)
