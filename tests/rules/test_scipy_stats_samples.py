"""Functions of a sample: values, results with active numbers, closed forms, and what is refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.stats

from dualnum import NoRuleError, grad, hessian, jacobian, jvp
from dualnum.scipy import stats

X = np.array([0.3, 1.1, 1.9, 3.2, 4.0])
Y = np.array([1.2, 0.7, 2.9, 2.6, 4.4])


def test_plain_arguments_are_given_to_scipy():
    assert stats.gmean(X) == scipy.stats.gmean(X)
    assert stats.linregress(X, Y) == scipy.stats.linregress(X, Y)
    assert type(stats.pearsonr(X, Y)) is type(scipy.stats.pearsonr(X, Y))
    assert stats.rankdata is scipy.stats.rankdata


def test_the_straight_line():
    """The slope is linear in y; the residuals do not change the line."""
    weights = (X - X.mean()) / np.sum((X - X.mean()) ** 2)
    assert np.allclose(grad(lambda y: stats.linregress(X, y).slope)(Y), weights, rtol=1e-14)
    assert np.allclose(grad(lambda y: stats.linregress(X, y).intercept)(Y), 1 / 5 - X.mean() * weights, rtol=1e-14)
    result = scipy.stats.linregress(X, Y)
    residual = Y - result.slope * X - result.intercept
    by_formula = residual / (3 * result.stderr * np.sum((X - X.mean()) ** 2))
    assert np.allclose(grad(lambda y: stats.linregress(X, y).stderr)(Y), by_formula, rtol=1e-13)
    assert np.allclose(hessian(lambda y: stats.linregress(X, y).slope)(Y), 0.0)


def test_correlation():
    unit = [(a - a.mean()) / np.linalg.norm(a - a.mean()) for a in (X, Y)]
    r = unit[0] @ unit[1]
    expected = (unit[0] - r * unit[1]) / np.linalg.norm(Y - Y.mean())
    assert np.allclose(grad(lambda y: stats.pearsonr(X, y).statistic)(Y), expected, rtol=1e-13)
    assert np.allclose(grad(lambda y: stats.pearsonr(X, y)[0])(Y), expected, rtol=1e-13)

    def significance(y):
        r = stats.pearsonr(X, y).statistic
        return 2 * stats.t.sf(np.abs(r) * np.sqrt(3 / (1 - r * r)), 3)

    assert np.allclose(grad(lambda y: stats.pearsonr(X, y).pvalue)(Y), grad(significance)(Y), rtol=1e-12)


def test_scores_have_mean_zero_and_length_one():
    z = scipy.stats.zscore(X)
    slopes = jacobian(stats.zscore)(X)
    assert np.allclose(slopes.sum(axis=0), 0, atol=1e-15)
    assert np.allclose(z @ slopes, 0, atol=1e-15)


def test_lists_and_integers():
    expected = grad(stats.gmean)(np.array([1.0, 2.0, 4.0]))
    assert np.allclose(expected, [2 / 3, 1 / 3, 1 / 6])
    assert np.allclose(grad(lambda x: stats.gmean([x[0], 2, x[1]]))([1.0, 4.0]), [2 / 3, 1 / 6])
    assert np.allclose(grad(lambda w: stats.gmean([1, 2, 4], weights=w))([1.0, 1.0, 1.0]).sum(), 0, atol=1e-15)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: stats.gmean(x, nan_policy="omit"),
        lambda x: stats.pmean(X, x[0]),
        lambda x: stats.moment(x, [1, 2]),
        lambda x: stats.linregress(np.stack([x, X])),
        lambda x: stats.linregress(X, x, alternative="less").slope,
        lambda x: stats.linregress(x[:2], X[:2]).slope,
        lambda x: stats.pearsonr(X, x, alternative="less").statistic,
        lambda x: stats.pearsonr(np.stack([x, x]), np.stack([x, X]), axis=1).statistic,
    ],
)
def test_refused(call):
    with pytest.raises(NoRuleError):
        jacobian(call)(Y)


def test_confidence_intervals_of_correlations_are_refused():
    with pytest.raises(NoRuleError, match="np.tanh"):
        jacobian(lambda y: stats.pearsonr(X, y).confidence_interval().low)(Y)


@pytest.mark.parametrize(
    "function", [stats.gmean, stats.hmean, stats.skew, stats.variation, lambda x: stats.pmean(x, 3)]
)
def test_a_number_is_a_sample_of_one(function):
    x = np.float64(2.0)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the sample is small
        of_number, of_array = (jvp(function, (v,), (np.ones_like(v),)) for v in (x, np.array([x])))
    np.testing.assert_array_equal(of_number, of_array)


@pytest.mark.parametrize("function", [stats.hmean, lambda x: stats.pmean(x, 2), lambda x: stats.sem(x[:1], ddof=0)])
def test_samples_that_give_nan_have_no_derivatives(function):
    x = np.array([-1.0, 2.0, 3.0])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function(x)
        except ValueError:
            pytest.skip("an error of older versions of SciPy")
        y, y_dot = jvp(function, (x,), (np.ones(3),))
    assert np.isnan(y) and np.isnan(y_dot)
