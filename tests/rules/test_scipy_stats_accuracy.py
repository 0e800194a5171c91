"""Derivatives of distributions against 50 digits of mpmath, in the tails and for extreme shapes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from mpmath import mp, mpf

from dualnum import Dual, derivative
from dualnum.scipy import stats

LOG_DENSITIES = {
    "norm": lambda z: -z * z / 2 - mp.log(2 * mp.pi) / 2,
    "halfnorm": lambda z: -z * z / 2 + mp.log(2 / mp.pi) / 2,
    "t": lambda z, v: (
        mp.loggamma((v + 1) / 2) - mp.loggamma(v / 2) - mp.log(v * mp.pi) / 2 - (v + 1) / 2 * mp.log1p(z * z / v)
    ),
    "cauchy": lambda z: -mp.log(mp.pi) - mp.log1p(z * z),
    "logistic": lambda z: -z - 2 * mp.log1p(mp.exp(-z)),
    "laplace": lambda z: -abs(z) - mp.log(2),
    "uniform": lambda z: mpf(0),
    "vonmises": lambda z, k: k * mp.cos(z) - mp.log(2 * mp.pi * mp.besseli(0, k)),
    "truncnorm": lambda z, a, b: (
        -z * z / 2 - mp.log(2 * mp.pi) / 2 - mp.log((mp.erf(b / mp.sqrt(2)) - mp.erf(a / mp.sqrt(2))) / 2)
    ),
    "gamma": lambda z, a: (a - 1) * mp.log(z) - z - mp.loggamma(a),
    "chi2": lambda z, v: (v / 2 - 1) * mp.log(z) - z / 2 - v / 2 * mp.log(2) - mp.loggamma(v / 2),
    "invgamma": lambda z, a: -(a + 1) * mp.log(z) - 1 / z - mp.loggamma(a),
    "expon": lambda z: -z,
    "beta": lambda z, a, b: (a - 1) * mp.log(z) + (b - 1) * mp.log1p(-z) - mp.log(mp.beta(a, b)),
    "f": lambda z, m, n: (
        m / 2 * mp.log(m / n)
        + (m / 2 - 1) * mp.log(z)
        - (m + n) / 2 * mp.log1p(m * z / n)
        - mp.log(mp.beta(m / 2, n / 2))
    ),
    "lognorm": lambda z, s: -mp.log(z * s) - mp.log(2 * mp.pi) / 2 - (mp.log(z) / s) ** 2 / 2,
    "rayleigh": lambda z: mp.log(z) - z * z / 2,
    "pareto": lambda z, b: mp.log(b) - (b + 1) * mp.log(z),
    "gumbel_r": lambda z: -z - mp.exp(-z),
    "gumbel_l": lambda z: z - mp.exp(z),
    "weibull_min": lambda z, c: mp.log(c) + (c - 1) * mp.log(z) - z**c,
    "genextreme": lambda z, c: -z - mp.exp(-z) if c == 0 else (1 / c - 1) * mp.log1p(-c * z) - (1 - c * z) ** (1 / c),
}

# Standardised points, and shapes; several of each, all combined.
PLACES = {
    "norm": ([-40.0, -3.0, 1e-9, 0.7, 30.0], []),
    "halfnorm": ([1e-9, 0.7, 30.0], []),
    "t": ([-1e8, -40.0, -2.5, 1e-6, 0.4, 3e3], [0.01, 0.7, 3.0, 40.0, 49.9, 51.0, 1e4, 1e8, 1e12]),
    "cauchy": ([-1e180, -40.0, 1e-9, 0.7, 3e5], []),
    "logistic": ([-700.0, -3.0, 1e-9, 0.7, 40.0], []),
    "laplace": ([-700.0, -3.0, 1e-9, 0.7, 40.0], []),
    "uniform": ([1e-9, 0.3, 0.999], []),
    "vonmises": ([-3.0, -0.5, 1e-5, 2.0], [1e-3, 1.5, 20.0, 29.0, 31.0, 500.0, 1e6]),
    "gamma": ([1e-200, 1e-6, 0.3, 5.0, 800.0], [1e-8, 0.2, 0.999, 3.3, 9.9, 40.0, 1e5, 1e9]),
    "chi2": ([1e-200, 1e-6, 0.3, 5.0, 800.0], [1e-8, 0.2, 3.3, 40.0, 1e5]),
    "invgamma": ([1e-3, 0.35, 4.0, 1e10], [1e-8, 0.2, 3.3, 40.0, 1e5]),
    "expon": ([1e-9, 0.7, 500.0], []),
    "beta": ([1e-100, 1e-5, 0.3, 0.9, 1 - 2.0**-30], [1e-6, 0.3, 2.4, 300.0, 1e7]),
    "f": ([1e-100, 1e-5, 0.3, 2.0, 1e6], [0.01, 0.7, 3.4, 50.0, 1e4]),
    "lognorm": ([1e-100, 1e-3, 0.3, 5.0, 1e50], [0.01, 0.6, 3.0]),
    "rayleigh": ([1e-9, 0.3, 2.0, 40.0], []),
    "pareto": ([1.0, 1.3, 1e9], [0.01, 1.1, 40.0]),
    "gumbel_r": ([-6.0, -0.7, 1e-9, 0.3, 40.0, 700.0], []),
    "gumbel_l": ([-700.0, -0.7, 1e-9, 0.3, 6.0], []),
    "weibull_min": ([1e-50, 1e-3, 0.3, 0.999, 2.0], [0.1, 0.9, 2.0, 40.0]),
    "genextreme": ([-2.0, -0.5, 1e-5, 0.7, 3.0], [-0.3, -1e-3, -1e-12, 1e-12, 1e-5, 0.05, 0.2]),
}


def combined(name):
    """All points with all shapes."""
    points, shapes = PLACES[name]
    count = {"beta": 2, "f": 2}.get(name, 1 if shapes else 0)
    grids = np.meshgrid(np.array(points), *[np.array(shapes)] * count, indexing="ij")
    return [grid.ravel() for grid in grids]


def pushed(method, args, i):
    """Derivative of a method in one argument, at many points."""
    args = list(args)
    args[i] = Dual(args[i], np.ones_like(args[i]))
    with np.errstate(all="ignore"):
        return method(*args).tangent


def exact(function, args, i, digits=110):
    """Partial derivative of a function of mpmath, at many points."""
    found = []
    with mp.workdps(digits):
        for point in zip(*args, strict=True):
            numbers = [mpf(float(x)) for x in point]
            step = (abs(numbers[i]) or mpf(1)) * mpf(10) ** -25
            above, below = list(numbers), list(numbers)
            above[i], below[i] = numbers[i] + step, numbers[i] - step
            found.append(float((function(*above) - function(*below)) / (2 * step)))
    return np.array(found)


#: Relative errors: of differences of terms that are much larger, at the places above.
ALLOWED = {"f": 1e-11, "genextreme": 1e-10, "beta": 1e-13}


def assert_close(found, expected, allowed):
    """Relative errors are small; nothing is nan, and zero is zero."""
    error = np.abs(found - expected)
    worst = np.argmax(error - allowed * np.abs(expected))
    assert np.all(error <= allowed * np.abs(expected)), (found[worst], expected[worst])


@pytest.mark.parametrize("name", sorted(PLACES))
def test_log_density(name):
    args = combined(name)
    one, function, method = np.ones_like(args[0]), LOG_DENSITIES[name], getattr(stats, name).logpdf

    def scaled(z, *rest):
        *shapes, scale = rest
        return function(z / scale, *shapes) - mp.log(scale)

    for i in range(len(args) + 1):
        expected = exact(scaled, [*args, one], i)
        found = pushed(method, [*args, 0.0, one], i + (i == len(args)))
        assert_close(found, expected, ALLOWED.get(name, 2e-14))
    assert np.array_equal(pushed(method, [*args, 0.0 * one], len(args)), -pushed(method, args, 0))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (0.0, 1.0),
        (5.0, 6.0),
        (30.0, 40.0),
        (0.0, 1e-4),
        (30.0, 30.001),
        (-40.0, -38.0),
        (-8.0, 8.0),
        (-1.2, 3.0),
        (2.0, 14.0),
    ],
)
def test_moments_of_the_truncated_normal_distribution(a, b):
    """Of a tail and of a short interval, in which SciPy's own values lose up to all of their digits."""

    def moments(a, b):
        mass = mp.ncdf(-a) - mp.ncdf(-b) if a > 0 else mp.ncdf(b) - mp.ncdf(a)
        low, high = mp.npdf(a) / mass, mp.npdf(b) / mass
        return {"mean": low - high, "var": 1 + a * low - b * high - (low - high) ** 2}

    for name in ("mean", "var"):
        for i, (end, held) in enumerate([(a, (lambda t: (t, b))), (b, (lambda t: (a, t)))]):
            exactly = partial(lambda held, name, t: moments(*map(mpf, held(t)))[name], held, name)
            with mp.workdps(400):
                expected = mp.diff(exactly, mpf(end))
            moment = partial(lambda held, name, t: getattr(stats.truncnorm, name)(*held(t)), held, name)
            assert derivative(moment)(end) == pytest.approx(float(expected), rel=2e-12, abs=0), (i, name)
