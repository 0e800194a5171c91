"""Twin of scipy.optimize.curve_fit."""

import warnings

import numpy as np
import pytest
from scipy import optimize

from dualnum import InputError, NoRuleError, grad, hessian, jacfwd, jacobian, jacrev, jvp
from dualnum.scipy.optimize import curve_fit, least_squares
from tests.implicit.extrapolated import MODES, extrapolated_jacobian
from tests.implicit.test_roots import newton

T = np.linspace(0.0, 4.0, 12)
Y = 2.5 * np.exp(-1.3 * T) + 0.5 + 0.1 * np.cos(np.arange(12.0) ** 2)
ERRORS = np.linspace(0.04, 0.06, 12)
COVARIANCE = np.diag(ERRORS**2) + 1e-3
P0 = (2.0, 1.0, 0.3)
TIGHT = {"ftol": 1e-14, "xtol": 1e-14, "gtol": 1e-14}


def decay(t, a, b, c):
    return a * np.exp(-b * t) + c


def slopes(t, a, b, c):
    return np.stack([np.exp(-b * t), -a * t * np.exp(-b * t), np.ones_like(t)], axis=1)


def cauchy(z):
    return np.stack([np.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2])


def fit(f, t, y, module=curve_fit, **options):
    popt, pcov = module(f, t, y, P0, **TIGHT | options)
    return np.concatenate([popt, np.ravel(pcov)])


def exact(t, y, sigma=None, absolute=False):
    """Parameters and covariance by Newton's iteration to round-off."""

    def residuals(p):
        r = decay(t, *p) - y
        if sigma is None or np.ndim(sigma) < 2:
            return r if sigma is None else r / sigma
        return np.linalg.solve(np.linalg.cholesky(sigma), r)

    p = newton(lambda p, _: grad(lambda p: np.sum(residuals(p) ** 2))(p), np.array([2.5, 1.3, 0.5]), None)
    r, J = residuals(p), jacfwd(residuals)(p)
    scale = 1 if absolute else r @ r / (len(r) - 3)
    return np.concatenate([p, np.ravel(scale * np.linalg.inv(J.T @ J))])


SIGMAS = {
    "none": {}, "errors": {"sigma": ERRORS}, "absolute errors": {"sigma": ERRORS, "absolute_sigma": True},
    "one error": {"sigma": 0.05}, "covariance": {"sigma": COVARIANCE},
    "absolute covariance": {"sigma": COVARIANCE, "absolute_sigma": True},
}  # fmt: skip


@pytest.mark.parametrize("name", SIGMAS)
def test_with_respect_to_the_data(name):
    options = SIGMAS[name]
    sigma, absolute = options.get("sigma"), options.get("absolute_sigma", False)
    for which, (t, y) in {"y": (lambda d: T, lambda d: d), "t": (lambda d: T + d, lambda d: Y)}.items():
        start = Y if which == "y" else np.zeros(12)
        expected = extrapolated_jacobian(lambda d: exact(t(d), y(d), sigma, absolute), start, step=0.05)  # noqa: B023
        for jac in MODES:
            J = jac(lambda d: fit(decay, t(d), y(d), **options))(start)  # noqa: B023
            np.testing.assert_allclose(J[:3], expected[:3], rtol=1e-6, atol=1e-7)
            np.testing.assert_allclose(J[3:], expected[3:], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("sigma", [ERRORS, np.float64(0.05), COVARIANCE])
def test_with_respect_to_errors(sigma):
    expected = extrapolated_jacobian(lambda s: exact(T, Y, s * sigma, True), np.ones(1))[:, 0]
    for transform in (lambda f: jacfwd(f)(1.0), lambda f: jacrev(f)(1.0)):
        found = transform(lambda s: fit(decay, T, Y, sigma=s * sigma, absolute_sigma=True))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-8)


def test_what_the_model_has_captured():
    def scaled(rate):
        return fit(lambda t, a, b, c: decay(t, a, b * rate, c), T, Y)

    expected = extrapolated_jacobian(lambda rate: [1, 1 / rate[0], 1] * exact(T, Y)[:3], np.ones(1))[:, 0]
    np.testing.assert_allclose(jacrev(scaled)(1.0)[:3], expected, atol=1e-8)
    H = hessian(lambda y: fit(decay, T, y)[1])(Y)
    np.testing.assert_allclose(H, jacfwd(jacrev(lambda y: fit(decay, T, y)[1]))(Y), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "options",
    [{}, {"sigma": ERRORS}, {"bounds": (0, [3, 2, 2])}, {"method": "dogbox", "loss": "linear"}, {"jac": slopes}],
)
def test_the_value_is_that_of_scipy(options):
    popt, pcov = optimize.curve_fit(decay, T, Y, P0, **options)
    for found in (curve_fit(decay, T, Y, P0, **options), curve_fit(decay, list(T), list(Y), P0, **options)):
        np.testing.assert_array_equal(found[0], popt)
        np.testing.assert_array_equal(found[1], pcov)
    value, _ = jvp(lambda y: fit(decay, T, y, **options), (Y,), (Y,))
    np.testing.assert_array_equal(value, fit(decay, T, Y, optimize.curve_fit, **options))
    np.testing.assert_array_equal(
        jvp(lambda y: curve_fit(decay, T, y)[0], (Y,), (Y,))[0], optimize.curve_fit(decay, T, Y)[0]
    )


def test_parameters_at_a_bound_follow_it():
    def rate(high, bounds):
        return curve_fit(decay, T, Y, P0, bounds=bounds(high))[0]

    for bounds in (
        lambda high: (0, [3.0, high, 2.0]),
        lambda high: optimize.Bounds([0, 0, 0], np.stack([3.0, high, 2.0])),
    ):
        found = jacobian(lambda high: rate(high, bounds))(1.1)  # noqa: B023
        assert found[1] == 1
        expected = (rate(1.1001, bounds) - rate(1.0999, bounds)) / 2e-4
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_as_many_parameters_as_data():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optimize.OptimizeWarning)
        J = jacfwd(lambda y: curve_fit(lambda t, a, b: a + b * t, [0.0, 1.0], y)[0])(np.array([1.0, 3.0]))
        np.testing.assert_allclose(J, [[1, 0], [-1, 1]], atol=1e-12)
        pcov = curve_fit(lambda t, a, b: a + b * t, [0.0, 1.0], [1.0, 3.0])[1]
        value, tangent = jvp(
            lambda y: curve_fit(lambda t, a, b: a + b * t, [0.0, 1.0], y)[1], (np.array([1.0, 3.0]),), (np.ones(2),)
        )
    np.testing.assert_array_equal(value, pcov)
    assert not np.any(tangent)


def test_what_is_refused():
    with pytest.raises(NoRuleError, match="full_output"):
        jacfwd(lambda y: curve_fit(decay, T, y, P0, full_output=True)[0])(Y)
    with pytest.raises(NoRuleError, match="nan_policy"):
        jacfwd(lambda y: curve_fit(decay, T, y, P0, nan_policy="omit")[0])(Y)
    with pytest.raises((InputError, TypeError, ValueError)):
        jacfwd(lambda y: curve_fit(decay, T, y[:5], P0)[0])(Y)
    assert len(curve_fit(decay, T, Y, P0, full_output=True)) == 5


@pytest.mark.parametrize("loss", ["soft_l1", "huber", "cauchy", "arctan", cauchy])
@pytest.mark.parametrize("scale", [0.08, 1.0])
def test_robust_losses(loss, scale):
    """The parameters are those of least_squares with that loss, and the covariance has its weights."""
    options = {"method": "trf", "loss": loss, "f_scale": scale}

    def by_least_squares(y):
        return least_squares(lambda p: decay(T, *p) - y, P0, **TIGHT | options).x

    found, expected = (
        jacobian(lambda y: curve_fit(decay, T, y, P0, **TIGHT | options)[0])(Y),
        jacobian(by_least_squares)(Y),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
    direction = np.cos(np.arange(12.0))
    value, slope = jvp(lambda y: fit(decay, T, y, **options), (Y,), (direction,))
    np.testing.assert_array_equal(value, fit(decay, T, Y, optimize.curve_fit, **options))
    ahead, behind = (fit(decay, T, Y + h * direction, optimize.curve_fit, **options) for h in (1e-4, -1e-4))
    np.testing.assert_allclose(slope, (ahead - behind) / 2e-4, rtol=2e-3, atol=2e-3 * np.abs(slope[3:]).max())
