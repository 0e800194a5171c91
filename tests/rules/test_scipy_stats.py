"""Distributions: values are SciPy's, also where there is nothing; ways to call them; what is refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import scipy.stats

from dualnum import Dual, DualnumError, HyperDual, NoRuleError, derivative, grad, hessian, jacobian, jvp, taylor
from dualnum.scipy import stats
from tests.row_checks import assert_same_bits

CONTINUOUS = {
    **dict.fromkeys(("norm", "halfnorm", "cauchy", "logistic", "laplace", "uniform", "expon", "rayleigh"), 0),
    **dict.fromkeys(("gumbel_r", "gumbel_l"), 0),
    **dict.fromkeys(
        ("t", "vonmises", "gamma", "chi2", "invgamma", "lognorm", "pareto", "weibull_min", "genextreme"), 1
    ),
    **dict.fromkeys(("truncnorm", "beta", "f"), 2),
}
DISCRETE = {"poisson": 1, "bernoulli": 1, "geom": 1, "binom": 2, "nbinom": 2}
POINT = ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf")


def active(x):
    return Dual(x, np.ones_like(x))


def value(x):
    return x.value if isinstance(x, Dual) else x


@pytest.mark.parametrize("method", POINT)
@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_values_are_scipys(name, method):
    """Inside of the support and outside of it, at its ends, for invalid parameters, for infinity and nan."""
    if name == "vonmises" and method in ("ppf", "isf"):
        pytest.skip("refused")
    rng = np.random.default_rng(len(name) + 100 * POINT.index(method))
    quantile = method in ("ppf", "isf")
    points = [0.0, 1.0, 0.5, 1e-300, -0.5, np.nan] if quantile else [0.0, 1.0, -1.0, 1e9, -np.inf, np.inf, np.nan]
    x = np.concatenate([points, rng.uniform(0, 1, 30) if quantile else rng.normal(scale=2.0, size=30)])
    shapes = [rng.uniform(0.2, 3.0, x.size) for _ in range(CONTINUOUS[name])]
    loc, scale = rng.choice([0.0, 0.4], x.size), rng.choice([1.0, 1.7, 0.0, -1.0], x.size, p=[0.4, 0.4, 0.1, 0.1])
    args = (x, *shapes, loc, scale)
    with np.errstate(all="ignore"):
        expected = getattr(getattr(scipy.stats, name), method)(*args)
        for i in range(len(args)):
            if name == "vonmises" and i == 1 and not method.endswith("pdf"):
                continue  # refused
            mixed = [active(a) if i == j else a for j, a in enumerate(args)]
            found = getattr(getattr(stats, name), method)(*mixed)
            assert_same_bits(found.value, expected)
            invalid = np.isnan(expected)
            assert np.all(np.isnan(found.tangent[invalid]))
            inside = (np.abs(expected) < 1e100) & np.isfinite(x)
            assert not np.any(np.isnan(found.tangent[inside]))


@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_nothing_outside_of_the_support(name):
    shapes = (2.5, 3.5)[: CONTINUOUS[name]]
    low, high = getattr(scipy.stats, name).support(*shapes, 0.3, 1.4)
    outside = [x for x in (low - 1.0, high + 1.0) if np.isfinite(x)]
    for x in outside:
        args = (x, *shapes, 0.3, 1.4)
        for method in ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf"):
            for i in range(len(args)):
                mixed = [active(a) if i == j else a for j, a in enumerate(args)]
                assert getattr(getattr(stats, name), method)(*mixed).tangent == 0


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (stats.expon.logpdf, 0.0, -1.0),
        (stats.expon.pdf, 0.0, -1.0),
        (stats.expon.cdf, 0.0, 1.0),
        (stats.uniform.logpdf, 1.0, 0.0),
        (stats.uniform.cdf, 1.0, 1.0),
        (lambda x: stats.gamma.pdf(x, 2.0), 0.0, 0.0),
        (lambda x: stats.gamma.logpdf(x, 1.0), 0.0, -1.0),
        (lambda x: stats.gamma.logpdf(x, 2.0), 0.0, 0.0),
        (lambda x: stats.gamma.logpdf(x, 0.5), 0.0, -np.inf),
        (lambda x: stats.chi2.logpdf(x, 2.0), 0.0, -0.5),
        (lambda x: stats.beta.logpdf(x, 1.0, 3.0), 0.0, -2.0),
        (lambda x: stats.f.logpdf(x, 2.0, 4.0), 0.0, -1.5),
        (lambda x: stats.weibull_min.logpdf(x, 1.0), 0.0, -1.0),
        (lambda x: stats.pareto.logpdf(x, 3.0), 1.0, -4.0),
        (stats.laplace.logpdf, 0.0, 0.0),
        (stats.norm.ppf, 0.0, np.inf),
        (stats.norm.isf, 0.0, -np.inf),
        (stats.expon.ppf, 0.0, 1.0),
        (stats.expon.ppf, 1.0, np.inf),
        (lambda x: stats.gamma.ppf(x, 0.5), 0.0, 0.0),
        (lambda v: stats.t.logpdf(0.7, v), np.inf, 0.0),
        (lambda c: stats.genextreme.logpdf(0.7, c), 0.0, 0.7 + np.expm1(-0.7) * 0.245),
    ],
)
def test_at_the_ends(function, x, expected):
    with np.errstate(all="ignore"):
        assert derivative(function)(x) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda mu: stats.poisson.pmf(1, mu), 0.0, 1.0),
        (lambda mu: stats.poisson.pmf(0, mu), 0.0, -1.0),
        (lambda mu: stats.poisson.pmf(2, mu), 0.0, 0.0),
        (lambda mu: stats.poisson.logpmf(0, mu), 0.0, -1.0),
        (lambda p: stats.binom.pmf([0, 1, 2, 5], 5, p).sum(), 0.0, 0.0),
        (lambda p: stats.binom.pmf(0, 5, p), 0.0, -5.0),
        (lambda p: stats.binom.pmf(1, 5, p), 0.0, 5.0),
        (lambda p: stats.binom.pmf(4, 5, p), 1.0, -5.0),
        (lambda p: stats.binom.pmf(5, 5, p), 1.0, 5.0),
        (lambda p: stats.binom.logpmf(5, 5, p), 1.0, 5.0),
        (lambda p: stats.bernoulli.pmf(1, p), 0.0, 1.0),
        (lambda p: stats.geom.pmf(1, p), 1.0, 1.0),
        (lambda p: stats.geom.pmf(2, p), 1.0, -1.0),
        (lambda p: stats.geom.logpmf(1, p), 1.0, 1.0),
        (lambda p: stats.nbinom.pmf(0, 2.5, p), 1.0, 2.5),
        (lambda p: stats.nbinom.pmf(1, 2.5, p), 1.0, -2.5),
        (lambda mu: stats.poisson.pmf([-1, 0.5], mu).sum(), 2.0, 0.0),
        (lambda mu: stats.poisson.logpmf(-1, mu), 2.0, 0.0),
        (lambda mu: stats.poisson.cdf(-1, mu), 2.0, 0.0),
        (lambda p: stats.binom.cdf(5, 5, p), 0.4, 0.0),
        (lambda p: stats.binom.logsf(-1, 5, p), 0.4, 0.0),
        (lambda k: stats.poisson.cdf(k, 2.0), 3.0, 0.0),
        (lambda mu: stats.poisson.ppf(0.3, mu), 2.0, 0.0),
        (lambda mu: stats.poisson.median(mu), 2.0, 0.0),
    ],
)
def test_counts_at_the_ends(function, x, expected):
    with np.errstate(all="ignore"):
        assert derivative(function)(x) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", sorted(DISCRETE))
def test_values_of_counts_are_scipys(name):
    rng = np.random.default_rng(5)
    k = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 7.0, 2.5, np.inf])
    shapes = (
        [rng.integers(0, 6, 8).astype(float)] if name == "binom" else [rng.uniform(0.5, 9.0, 8)] * (name == "nbinom")
    )
    last = rng.uniform(0.0, 9.0, 8) if name == "poisson" else np.array([0.0, 1.0, 0.3, 0.4, 0.5, 0.9, -0.1, 0.2])
    for method in ("pmf", "logpmf", "cdf", "sf", "logcdf", "logsf"):
        with np.errstate(all="ignore"):
            expected = getattr(getattr(scipy.stats, name), method)(k, *shapes, last, 0)
            found = getattr(getattr(stats, name), method)(k, *shapes, active(last), 0)
        assert_same_bits(found.value, expected)
        assert np.all(np.isnan(found.tangent[np.isnan(expected)]))
        assert not np.any(np.isnan(found.tangent[np.isfinite(expected)]))


# Ways to call


def test_arguments_by_name_and_from_lists():
    expected = jacobian(lambda p: stats.gamma.logpdf(np.array([1.0, 2.0]), p[0], p[1], p[2]))([2.0, -0.5, 1.5])
    for f in (
        lambda p: stats.gamma.logpdf(x=[1.0, 2.0], a=p[0], loc=p[1], scale=p[2]),
        lambda p: stats.gamma.logpdf([1, 2], p[0], scale=p[2], loc=p[1]),
        lambda p: stats.gamma.logpdf((1.0, 2.0), *p),
        lambda p: stats.gamma(p[0], p[1], scale=p[2]).logpdf(np.array([1, 2], np.int8)),
        lambda p: stats.gamma(p[0], p[1], p[2]).logpdf(np.array([1.0, 2.0], np.float32)),
        lambda p: stats.gamma.logpdf([1.0, 2.0], *np.asarray(p)),
        lambda p: np.stack([stats.gamma(*p).logpdf(k) for k in (1, 2)]),
    ):
        assert np.allclose(jacobian(f)([2.0, -0.5, 1.5]), expected, rtol=1e-14, atol=0)
    of_data = jacobian(lambda x: stats.gamma(2.0, -0.25, 1.5).logpdf([x[0], 1.0, x[1]]))([1.0, 2.0])
    assert np.array_equal(of_data != 0, [[True, False], [False, False], [False, True]])


def test_wrong_arguments_are_scipys_errors():
    x = active(1.0)
    for call in (
        lambda: stats.norm.logpdf(loc=x),
        lambda: stats.gamma.logpdf(x),
        lambda: stats.norm.logpdf(x, 1, 2, 3),
        lambda: stats.norm.logpdf(x, sigma=2),
        lambda: stats.norm.logpdf(1.0, x=x),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError, match="between 0 and 1"):
        stats.norm.interval(1.5, x)


def test_frozen_ones_and_the_object_are_scipys():
    assert isinstance(stats.norm, type(scipy.stats.norm))
    assert isinstance(stats.norm(), scipy.stats.distributions.rv_frozen)
    assert repr(stats.norm).startswith("<scipy.stats._continuous_distns.norm_gen")
    assert stats.norm.__doc__ == scipy.stats.norm.__doc__
    assert stats.norm is stats.norm
    assert stats.gamma.numargs == 1
    assert stats.gamma.shapes == "a"
    assert scipy.stats.kstest([0.1, 0.4], stats.uniform.cdf) == scipy.stats.kstest([0.1, 0.4], "uniform")


@pytest.mark.parametrize("seed", [0, 7])
def test_random_numbers_and_fits_are_scipys(seed):
    np.random.seed(seed)  # noqa: NPY002
    mine = stats.gamma.rvs(2.0, size=5)
    np.random.seed(seed)  # noqa: NPY002
    assert np.array_equal(mine, scipy.stats.gamma.rvs(2.0, size=5))
    assert stats.norm.fit(mine) == scipy.stats.norm.fit(mine)
    assert stats.norm(1.0, 2.0).expect(np.square) == scipy.stats.norm(1.0, 2.0).expect(np.square)
    assert stats.poisson(2.0).interval(0.9) == scipy.stats.poisson(2.0).interval(0.9)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_and_pickles(clone):
    for x in (stats.t, stats.poisson, stats.multivariate_normal, stats.skewnorm):
        assert type(clone(x)) is type(x)
    assert derivative(clone(stats.norm(1.0, 2.0)).logpdf)(3.0) == -0.5
    assert derivative(lambda m: clone(stats.norm(m, 2.0)).logpdf(3.0))(1.0) == 0.5
    vector = clone(stats.multivariate_normal([1.0, 2.0]))
    assert np.array_equal(grad(vector.logpdf)([2.0, 4.0]), [-1.0, -2.0])


def test_intervals_medians_and_moments():
    x = [0.4, 1.7]
    for f, g in (
        (lambda p: stats.norm.median(*p), lambda p: p[0]),
        (lambda p: stats.norm(*p).std(), lambda p: p[1]),
        (lambda p: np.stack(stats.norm.stats(*p)), lambda p: np.stack([p[0], p[1] ** 2])),
        (lambda p: stats.norm(*p).stats(moments="v"), lambda p: p[1] ** 2),
        (
            lambda p: np.stack(stats.uniform.interval(0.5, *p)),
            lambda p: np.stack([p[0] + p[1] / 4, p[0] + 0.75 * p[1]]),
        ),
        (lambda p: stats.expon.entropy(*p), lambda p: 1 + np.log(p[1])),
    ):
        assert np.allclose(jacobian(f)(x), jacobian(g)(x), rtol=1e-14, atol=1e-300)
    assert derivative(lambda c: stats.uniform.interval(c)[1])(0.5) == 0.5


# Modes


def model(p):
    x = np.array([-0.5, 0.3, 1.8])
    return np.sum(stats.t.logpdf(x, p[0], p[1], p[2])) + np.sum(
        stats.gamma.logcdf(np.array([0.2, 3.0]), p[0], scale=p[2])
    )


def test_all_modes_agree():
    p, v = np.array([3.2, 0.4, 1.3]), np.array([0.3, -0.2, 0.5])
    first, second = jacobian(model, mode="forward")(p), hessian(model)(p)
    assert np.allclose(grad(model)(p), first, rtol=1e-13)
    assert np.allclose(jacobian(grad(model), mode="forward")(p), second, rtol=1e-10)
    assert np.allclose(jacobian(grad(model), mode="reverse")(p), second, rtol=1e-10)
    assert np.allclose(jacobian(jacobian(model, mode="forward"), mode="forward")(p), second, rtol=1e-10)
    series = taylor(model, p, v, 3)
    assert np.allclose([series[1], 2 * series[2]], [first @ v, v @ second @ v], rtol=1e-10)
    third = jvp(lambda q: v @ hessian(model)(q) @ v, (p,), (v,))[1]
    assert series[3] == pytest.approx(third / 6, rel=1e-8)
    by_hand = model(HyperDual(p, v, v, np.zeros(3)))
    assert by_hand.e12 == pytest.approx(v @ second @ v, rel=1e-10)


# Refused


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: stats.norm.rvs(x, size=3), "rvs has no derivative .* loc \\+ scale \\* z"),
        (lambda x: stats.norm(x).rvs(3), "rvs has no derivative"),
        (lambda x: stats.norm.fit([x, 1.0, 2.0]), "dualnum.scipy.optimize.minimize"),
        (lambda x: stats.norm.expect(loc=x), "dualnum.scipy.integrate.quad"),
        (lambda x: stats.norm(x).expect(np.square), "expect has no derivative"),
        (lambda x: stats.norm.moment(2, loc=x), "moment has no derivative"),
        (lambda x: stats.norm.stats(x, moments="mvs"), "moments='mv'"),
        (lambda x: stats.norm.nnlf([x, 1.0], [1.0, 2.0]), "logpdf"),
        (lambda x: stats.uniform.support(x), "support has no derivative"),
        (lambda x: stats.vonmises.cdf(0.3, x), "in kappa"),
        (lambda x: stats.vonmises.ppf(0.3, x), "ppf has no derivative"),
        (lambda x: stats.poisson.pmf(x, 2.0), "count"),
        (lambda x: stats.poisson.logpmf(2, 2.0, x), "places"),
        (lambda x: stats.binom.pmf(1, x, 0.5), "number of trials"),
        (lambda x: stats.skewnorm.logpdf(x, 1.0), "skewnorm.logpdf has no derivative .* scipy.special"),
        (lambda x: stats.skewnorm(x).logpdf(1.0), "skewnorm.logpdf has no derivative"),
        (lambda x: stats.maxwell.moment(2, loc=0 * x), "maxwell.moment has no derivative"),
        (lambda x: stats.norm.logpdf(x * 1j), "real numbers"),
        (lambda x: stats.multivariate_normal.rvs([x, 1.0]), "rvs has no derivative"),
        (lambda x: stats.multivariate_normal([x, 1.0]).rvs(), "rvs has no derivative"),
        (lambda x: stats.multivariate_normal([x, 1.0]).mean, "use the parameters"),
        (lambda x: stats.multivariate_normal([x, 1.0]).cdf([0.0, 1.0]), "cdf has no derivative"),
        (lambda x: stats.multivariate_normal.logpdf([x, 1.0], cov=np.ones((2, 2)), allow_singular=True), "singular"),
        (lambda x: stats.gaussian_kde([x, 1.0, 2.0]), ""),
        (lambda x: stats.multinomial.logpmf([1, 2], 3, [x, 1 - x]), ""),
        (lambda x: stats.wishart.logpdf(1.0, 3, x), ""),
    ],
)
def test_refused(call, text):
    with pytest.raises((DualnumError, TypeError, ValueError), match=text or None) as caught:
        derivative(call)(0.4)
    if text:
        assert isinstance(caught.value, NoRuleError)


@pytest.mark.parametrize(
    ("moment", "p"),
    [
        (stats.norm.mean, [0.0, -1.0]),
        (stats.gamma.var, [-2.0, 0.0, 1.0]),
        (stats.beta.entropy, [2.0, 3.0, 0.0, 0.0]),
        (stats.f.mean, [3.0, 1.5]),
        (stats.invgamma.var, [1.5]),
        (stats.pareto.mean, [0.5]),
        (stats.t.std, [1.5]),
        (stats.lognorm.var, [60.0]),
        (stats.bernoulli.mean, [1.5]),
        (stats.poisson.var, [-1.0]),
    ],
)
def test_moments_that_are_no_numbers(moment, p):
    """Infinite ones and those of invalid parameters have no derivatives, though a formula would give some."""
    with np.errstate(all="ignore"):
        assert not np.isfinite(moment(*p))
        gradient = grad(lambda p: moment(*p))(np.array(p))
    assert np.all(np.isnan(gradient))


def test_moments_beside_those_that_are_no_numbers():
    np.testing.assert_array_equal(
        grad(lambda b: np.sum(stats.pareto.mean(b)[1:]))(np.array([0.5, 2.0, 3.0])), [0, -1, -0.25]
    )


@pytest.mark.parametrize(
    ("function", "p", "expected"),
    [
        (stats.lognorm.logsf, [0.0, 0.8, 0.0, 1.5], [0.0, 0.0, 0.0, 0.0]),
        (stats.lognorm.logsf, [1.0, 0.8, 1.0, 1.5], [0.0, 0.0, 0.0, 0.0]),
        (stats.genextreme.logcdf, [2.0, 0.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
        (stats.gumbel_r.cdf, [-np.inf, 0.3, 1.5], [0.0, 0.0, 0.0]),
        (stats.gumbel_r.logsf, [-np.inf, 0.3, 1.5], [0.0, 0.0, 0.0]),
        (stats.vonmises.sf, [-np.inf, 2.0, 0.3, 1.5], [0.0, None, 0.0, 0.0]),
        (stats.invgamma.pdf, [1e-200, 2.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_nothing_moves_at_the_ends(function, p, expected):
    """Where a density has vanished, as a censoring time of 0 or an infinite end of an interval may find it."""
    for i, slope in enumerate(expected):
        with np.errstate(all="ignore"):
            if slope is not None:
                assert derivative(lambda x, i=i: function(*p[:i], x, *p[i + 1 :]))(p[i]) == slope
