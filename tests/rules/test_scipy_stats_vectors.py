"""Distributions of vectors: derivatives against mpmath, frozen ones, values, and likelihoods from end to end."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from mpmath import mp
from scipy.optimize import minimize

from dualnum import Dual, NoRuleError, grad, hessian, jacobian, objective
from dualnum.scipy import stats
from tests.row_checks import assert_same_bits

MEAN = np.array([0.3, -0.2])
COV = np.array([[2.0, 0.6], [0.6, 0.5]])
X = np.array([[0.4, 1.3], [-2.5, 0.1], [30.0, -40.0]])


def quadratic(dim, x, mean, cov):
    """The quadratic form and the determinant, by mpmath."""
    d = mp.matrix([mp.mpf(a) - mp.mpf(b) for a, b in zip(x, mean, strict=True)])
    c = mp.matrix(cov.tolist())
    return (d.T * mp.inverse(c) * d)[0], c, mp.inverse(c), d


def test_normal_against_mpmath():
    """The gradients are those of the formula (Petersen & Pedersen 2012, 8.1.1), with the lower triangle for the matrix."""
    f = stats.multivariate_normal.logpdf
    for x in X:
        with mp.workdps(50):
            _, _, inverse, d = quadratic(2, x, MEAN, COV)
            by_x = -inverse * d
            by_cov = (by_x * by_x.T - inverse) / 2
            by_lower = np.array([[by_cov[0, 0], 0], [2 * by_cov[1, 0], by_cov[1, 1]]], float)
        assert np.allclose(grad(lambda x: f(x, MEAN, COV))(x), np.array(by_x, float).ravel(), rtol=1e-13, atol=0)
        assert np.allclose(grad(lambda m, x=x: f(x, m, COV))(MEAN), -np.array(by_x, float).ravel(), rtol=1e-13, atol=0)
        assert np.allclose(grad(lambda c, x=x: f(x, MEAN, c))(COV), by_lower, rtol=1e-12, atol=0)


def test_symmetric_matrices_of_parameters():
    """However the symmetric matrix is made of its parameters, the gradient in them is the same."""

    def likelihood(p, build):
        return stats.multivariate_normal.logpdf(X, MEAN, build(p)).sum()

    builds = [
        lambda p: np.array([[p[0], p[1]], [p[1], p[2]]], like=p),
        lambda p: np.stack([np.stack([p[0], p[1]]), np.stack([p[1], p[2]])]),
        lambda p: np.array([[p[0], 0 * p[1]], [p[1], p[2]]], like=p),  # SciPy does not look above the diagonal
    ]
    found = [grad(lambda p, b=b: likelihood(p, b))([2.0, 0.6, 0.5]) for b in builds]
    assert np.allclose(found[0], found[1], rtol=1e-14)
    assert np.allclose(found[0], found[2], rtol=1e-14)
    h = 1e-5
    expected = [
        (
            likelihood(np.array([2.0, 0.6, 0.5]) + h * e, builds[0])
            - likelihood(np.array([2.0, 0.6, 0.5]) - h * e, builds[0])
        )
        / (2 * h)
        for e in np.eye(3)
    ]
    assert np.allclose(found[0], expected, rtol=1e-7)


@pytest.mark.parametrize("df", [0.3, 4.0, 1e3, 1e6])
def test_student_against_mpmath(df):
    f = stats.multivariate_t.logpdf
    for x in X:
        with mp.workdps(60):
            form, *_ = quadratic(2, x, MEAN, COV)
            by_df = mp.diff(
                lambda v, form=form: (
                    mp.loggamma((v + 2) / 2) - mp.loggamma(v / 2) - mp.log(v) - (v + 2) / 2 * mp.log1p(form / v)
                ),
                mp.mpf(df),
            )
        assert grad(lambda v, x=x: f(x, MEAN, COV, v))(df) == pytest.approx(float(by_df), rel=max(1e-12, 1e-14 * df))


def test_infinitely_many_degrees_of_freedom():
    """Student's distribution is then the normal one, also as SciPy freezes it; SciPy 1.14 fails where it is not frozen."""
    expected = grad(lambda x: stats.multivariate_normal.logpdf(x, MEAN, COV))(X[0])
    assert np.allclose(grad(stats.multivariate_t(MEAN, COV, np.inf).logpdf)(X[0]), expected, rtol=1e-14)
    if scipy.__version__ >= "1.17":
        limit = grad(lambda x: np.sum(stats.multivariate_t.logpdf(x, MEAN, COV, np.inf)))(X[0])
        assert np.allclose(limit, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "x", "parameters"),
    [
        ("multivariate_normal", X, (MEAN, COV)),
        ("multivariate_normal", X[0], (None, COV)),
        ("multivariate_normal", 0.7, ()),
        ("multivariate_normal", X, (MEAN, scipy.stats.Covariance.from_cholesky(np.linalg.cholesky(COV)))),
        ("multivariate_t", X, (MEAN, COV, 3.0)),
        ("dirichlet", np.array([0.2, 0.3, 0.5]), (np.array([1.0, 2.5, 3.0]),)),
    ],
)
def test_frozen_or_not(name, x, parameters):
    """The same values and derivatives, frozen and not, with active points and with active parameters."""
    mine, scipys = getattr(stats, name), getattr(scipy.stats, name)
    for method in ("logpdf", "pdf"):
        expected = getattr(scipys, method)(x, *parameters)
        assert_same_bits(getattr(mine(*parameters), method)(x), getattr(scipys(*parameters), method)(x))
        plain = getattr(mine, method)(Dual(x, np.ones_like(x)), *parameters)
        frozen = getattr(mine(*parameters), method)(Dual(x, np.ones_like(x)))
        assert_same_bits(plain.value, expected)
        assert_same_bits(frozen.value, expected)
        assert np.allclose(plain.tangent, frozen.tangent, rtol=1e-12)
        for i, parameter in enumerate(parameters):
            if isinstance(parameter, np.ndarray):
                moved = [Dual(p, np.ones_like(p)) if i == j else p for j, p in enumerate(parameters)]
                of_frozen = getattr(mine(*moved), method)(x)
                assert_same_bits(of_frozen.value, getattr(scipys(*parameters), method)(x))
                assert np.array_equal(of_frozen.tangent, getattr(mine, method)(x, *moved).tangent)


def test_frozen_ones_are_scipys():
    frozen = stats.multivariate_normal(MEAN, COV, seed=3)
    assert isinstance(frozen, type(scipy.stats.multivariate_normal()))
    assert np.array_equal(frozen.rvs(4), scipy.stats.multivariate_normal(MEAN, COV, seed=3).rvs(4))
    assert np.array_equal(frozen.mean, MEAN)
    with pytest.raises(AttributeError):
        frozen.nothing  # noqa: B018
    with pytest.raises(NoRuleError, match="cdf has no derivative"):
        jacobian(frozen.cdf)(X[0])
    with pytest.raises(NoRuleError, match="another distribution"):
        grad(lambda m: stats.multivariate_t(m, COV, np.inf).logpdf(X[0]))(MEAN)
    changed = stats.dirichlet([1.0, 2.0])
    changed.alpha = np.array([3.0, 4.0])
    assert np.array_equal(
        jacobian(changed.logpdf)([0.25, 0.75]), jacobian(stats.dirichlet([3.0, 4.0]).logpdf)([0.25, 0.75])
    )


def test_moments_of_dirichlet():
    alpha = np.array([1.3, 2.0, 0.7])
    for method, formula in (
        ("mean", lambda a: a / np.sum(a)),
        ("var", lambda a: a * (np.sum(a) - a) / np.sum(a) ** 2 / (np.sum(a) + 1)),
    ):
        expected = jacobian(formula)(alpha)
        assert np.allclose(jacobian(getattr(stats.dirichlet, method))(alpha), expected, rtol=1e-13)
        assert np.allclose(jacobian(lambda a, m=method: getattr(stats.dirichlet(a), m)())(alpha), expected, rtol=1e-13)
    assert np.allclose(
        grad(lambda c: stats.multivariate_normal.entropy(MEAN, c))(COV),
        [
            [0.5 * COV[1, 1] / np.linalg.det(COV), 0],
            [-COV[1, 0] / np.linalg.det(COV), 0.5 * COV[0, 0] / np.linalg.det(COV)],
        ],
    )


def test_singular_matrices_are_refused():
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda m: stats.multivariate_normal.logpdf(X[0], m, np.ones((2, 2))))(MEAN)
    with pytest.raises(NoRuleError, match="singular"):
        grad(lambda m: stats.multivariate_normal.logpdf(X[0], m, np.ones((2, 2)), allow_singular=True))(MEAN)


# From end to end


def student_regression():
    rng = np.random.default_rng(11)
    x = np.linspace(0, 4, 60)
    return x, 0.7 + 1.3 * x + 0.4 * rng.standard_t(3.5, x.size)


def minus_log_likelihood(p, x, y):
    """Of a straight line with errors of Student's distribution; the parameters of which are given by their logarithms."""
    return -np.sum(stats.t.logpdf(y, np.exp(p[3]), loc=p[0] + p[1] * x, scale=np.exp(p[2])))


def test_maximum_likelihood_of_a_regression():
    x, y = student_regression()
    start = np.array([0.0, 0.0, 0.0, 1.0])
    fit = minimize(minus_log_likelihood, start, args=(x, y), jac=grad(minus_log_likelihood), method="BFGS")
    assert np.max(np.abs(grad(minus_log_likelihood)(fit.x, x, y))) < 1e-4
    exact = minimize(**objective(minus_log_likelihood, hess=True), x0=fit.x, args=(x, y), method="trust-exact")
    assert np.max(np.abs(grad(minus_log_likelihood)(exact.x, x, y))) < 1e-5
    assert np.allclose(exact.x[:2], [0.7, 1.3], atol=0.2)
    information = hessian(minus_log_likelihood)(exact.x, x, y)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert np.all((errors[:2] > 0.02) & (errors[:2] < 0.2))


def test_fisher_information_is_the_known_one():
    """Of n draws from a normal distribution: n / s² for the mean, and 2 n / s² for s at the estimate; of a Poisson rate, n / mean."""
    data = np.array([0.3, 1.9, -0.4, 2.2, 1.1])
    m, s = np.mean(data), np.std(data)
    information = -hessian(lambda p: np.sum(stats.norm.logpdf(data, *p)))([m, s])
    assert np.allclose(information, np.diag([5 / s**2, 10 / s**2]), rtol=1e-13, atol=1e-12)
    counts = np.array([3, 1, 4, 1, 5])
    rate = np.mean(counts)
    assert -hessian(lambda r: np.sum(stats.poisson.logpmf(counts, r)))(rate) == pytest.approx(5 / rate, rel=1e-14)


def test_censored_data():
    """Those still alive at the end count with sf; for the exponential distribution the estimate is known."""
    times, dead = np.array([1.2, 0.4, 3.0, 3.0, 2.1]), np.array([1, 1, 0, 0, 1], bool)

    def minus(rate):
        law = stats.expon(scale=1 / rate)
        return -np.sum(np.where(dead, law.logpdf(times), law.logsf(times)))

    assert grad(minus)(dead.sum() / times.sum()) == pytest.approx(0, abs=1e-14)
