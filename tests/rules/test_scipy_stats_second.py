"""Distributions: second derivatives at points where a factor of a formula is zero, by differences of gradients beside them."""

from __future__ import annotations

import numpy as np
import pytest

from dualnum import grad, hessian
from dualnum.scipy import stats


def differences(gradient, p, h=1e-5):
    return np.stack([(gradient(p + h * e) - gradient(p - h * e)) / (2 * h) for e in np.eye(p.size)], axis=1)


def assert_hessian(f, p):
    p = np.array(p)
    found = hessian(f)(p)
    np.testing.assert_allclose(found, differences(grad(f), p), atol=2e-8, rtol=1e-6)
    np.testing.assert_allclose(found, found.T, atol=1e-13, rtol=1e-12)
    np.testing.assert_allclose(hessian(f, mode="forward-over-forward")(p), found, atol=1e-13, rtol=1e-12)


@pytest.mark.parametrize("method", ["cdf", "sf", "logcdf", "logsf"])
@pytest.mark.parametrize(
    ("distribution", "shapes"), [(stats.norm, ()), (stats.cauchy, ()), (stats.gumbel_r, ()), (stats.t, (3.0,))]
)
def test_distribution_functions_at_their_location(distribution, shapes, method):
    """The derivative in the scale is zero there, but not those of it."""
    n = len(shapes) + 1
    assert_hessian(lambda p: getattr(distribution, method)(p[0], *p[1:n], p[n], p[n + 1]), [0.4, *shapes, 0.4, 1.3])


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.5), (-1.5, 0.0)])
def test_variance_of_half_a_normal_distribution(a, b):
    f = stats.truncnorm.var
    p = np.array([a, b])
    h = 1e-5
    expected = [(f(*(p + h * e)) - f(*(p - h * e))) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(grad(lambda p: f(p[0], p[1]))(p), expected, rtol=1e-8)


@pytest.mark.parametrize("method", ["ppf", "isf"])
@pytest.mark.parametrize("loc", [0.0, 0.7])
@pytest.mark.parametrize(
    ("distribution", "shapes"), [(stats.norm, ()), (stats.gamma, (2.5,)), (stats.beta, (2.0, 3.0))]
)
def test_quantiles_without_a_location(distribution, shapes, loc, method):
    """The standardised quantile does not move with a location, also where that is 0."""
    n = len(shapes) + 1
    f = getattr(distribution, method)
    assert_hessian(lambda p: f(p[0], *p[1:n], p[n], p[n + 1]), [0.3, *shapes, loc, 1.3])


@pytest.mark.parametrize(
    ("distribution", "shapes", "bend"),
    [
        (stats.gamma, (1.0,), 0.0),
        (stats.chi2, (2.0,), 0.0),
        (stats.weibull_min, (1.0,), 0.0),
        (stats.f, (2.0, 4.0), 0.75),
        (stats.beta, (1.0, 3.0), -2.0),
    ],
)
def test_log_densities_at_the_end_of_the_support(distribution, shapes, bend):
    """Where the density there is finite but for its shape, with which its logarithm goes to infinity beside."""
    with np.errstate(all="ignore"):
        found = hessian(lambda p: distribution.logpdf(p[0], *p[1:]))(np.array([0.0, *shapes]))
    assert found[0, 0] == pytest.approx(bend, rel=1e-14)
    assert found[0, 1] == np.inf
