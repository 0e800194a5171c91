"""Rows of functions of a sample: means, moments, scores, correlation and the straight line."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from dualnum.dispatch import primal_all
from dualnum.distributions import KERNELS
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.stats.families import double
from dualnum.table import composite
from dualnum.twins import dispatching, twin


def _array(name: str, a: Any, nan_policy: str, weights: Any = None) -> Any:
    """The sample, in double precision if it is of integers, or if its weights are not of single precision."""
    if nan_policy != "propagate":
        raise NoRuleError(
            f"scipy.stats.{name} has a derivative with nan_policy='propagate' only; take the nan out of the data."
        )
    a = as_operand(a)
    a = a if a.ndim else np.reshape(a, (1,))
    if weights is not None and as_operand(weights).dtype != np.float32:
        return double(a)
    return a if a.dtype.kind in "fc" else double(a)


def _mean(a: Any, axis: Any, weights: Any = None) -> Any:
    """The mean, with its axes kept."""
    if weights is None:
        return np.mean(a, axis=axis, keepdims=True)
    weights = double(as_operand(weights))
    weights = weights if weights.ndim else np.reshape(weights, (1,))
    return np.average(a, axis=axis, weights=weights, keepdims=True)


def _of_positive(a: Any) -> Any:
    """The sample; nan in place of negative elements, with which SciPy gives nan."""
    negative = primal_all(a) < 0
    return a * np.where(negative, a.dtype.type(np.nan), a.dtype.type(1)) if np.any(negative) else a


def _finished(out: Any, axis: Any, keepdims: bool) -> Any:
    return out if keepdims else np.squeeze(out, axis)


def _count(a: Any, axis: Any) -> int:
    axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([a.shape[i] for i in axes]))


# Means


def _gmean(a, axis=0, dtype=None, weights=None, *, nan_policy="propagate", keepdims=False):
    a = _array("gmean", a, nan_policy, weights)
    return _finished(np.exp(_mean(np.log(a), axis, weights)), axis, keepdims)


def _hmean(a, axis=0, dtype=None, *, weights=None, nan_policy="propagate", keepdims=False):
    a = _of_positive(_array("hmean", a, nan_policy, weights))
    return _finished(1.0 / _mean(1.0 / a, axis, weights), axis, keepdims)


def _pmean(a, p, *, axis=0, dtype=None, weights=None, nan_policy="propagate", keepdims=False):
    if p == 0:
        return _gmean(a, axis, dtype, weights, nan_policy=nan_policy, keepdims=keepdims)
    a = _of_positive(_array("pmean", a, nan_policy, weights))
    return _finished(_mean(a**p, axis, weights) ** (1.0 / p), axis, keepdims)


composite(twin(stats.gmean), _gmean, nesting=0)
composite(twin(stats.hmean), _hmean, nesting=0)
composite(twin(stats.pmean), _pmean, nesting=0, reasons={1: "it is an exponent that SciPy compares with whole numbers"})


# Moments


def _central(a: Any, order: int, axis: Any) -> Any:
    return _mean((a - _mean(a, axis)) ** order, axis)


def _moment(a, order=1, axis=0, nan_policy="propagate", *, center=None, keepdims=False):
    a = _array("moment", a, nan_policy)
    if np.ndim(order):
        raise NoRuleError("scipy.stats.moment of several orders has no derivative rule; take one order at a time.")
    if order == 0 or (order == 1 and center is None):
        return _finished(0.0 * _mean(a, axis), axis, keepdims)
    center = _mean(a, axis) if center is None else center
    return _finished(_mean((a - center) ** order, axis), axis, keepdims)


def _skew(a, axis=0, bias=True, nan_policy="propagate", *, keepdims=False):
    a = _array("skew", a, nan_policy)
    n = _count(a, axis)
    out = _central(a, 3, axis) / _central(a, 2, axis) ** 1.5
    if not bias and n > 2:
        out = np.sqrt((n - 1.0) * n) / (n - 2.0) * out
    return _finished(out, axis, keepdims)


def _kurtosis(a, axis=0, fisher=True, bias=True, nan_policy="propagate", *, keepdims=False):
    a = _array("kurtosis", a, nan_policy)
    n = _count(a, axis)
    out = _central(a, 4, axis) / np.square(_central(a, 2, axis))
    if not bias and n > 3:
        out = (n * n - 1.0) / (n - 2.0) / (n - 3.0) * out
    return _finished(out, axis, keepdims)  # whatever is subtracted


def _sem(a, axis=0, ddof=1, nan_policy="propagate", *, keepdims=False):
    a = _array("sem", a, nan_policy)
    a = a if _count(a, axis) > 1 else a * np.nan  # of fewer there is none, whatever ddof is
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.sqrt(_count(a, axis))


def _variation(a, axis=0, nan_policy="propagate", ddof=0, *, keepdims=False):
    a = _array("variation", a, nan_policy)
    return np.std(a, axis=axis, ddof=ddof, keepdims=keepdims) / np.mean(a, axis=axis, keepdims=keepdims)


def _zscore(a, axis=0, ddof=0, nan_policy="propagate"):
    shape, a = np.shape(a), _array("zscore", a, nan_policy)
    return np.reshape((a - _mean(a, axis)) / np.std(a, axis=axis, ddof=ddof, keepdims=True), shape)


for _function, _body in (
    (stats.moment, _moment),
    (stats.skew, _skew),
    (stats.kurtosis, _kurtosis),
    (stats.sem, _sem),
    (stats.variation, _variation),
    (stats.zscore, _zscore),
):
    composite(twin(_function), _body, nesting=0)


# Correlation and the straight line: SciPy's results hold active numbers


def _vectors(name: str, *arrays: Any) -> list[Any]:
    """Arrays of one axis, of one precision."""
    found = [_array(name, a, "propagate") for a in arrays]
    if any(a.ndim != 1 for a in found):
        raise NoRuleError(f"scipy.stats.{name} has a derivative rule for arrays of one axis only.")
    return found if len({a.dtype for a in found}) == 1 else [double(a) for a in found]


def _pearson_numbers(x: Any, y: Any) -> Any:
    result = stats.pearsonr(x, y)
    return result.statistic, result.pvalue


def _pearson_formula(x: Any, y: Any) -> Any:
    dx, dy = x - np.mean(x), y - np.mean(y)
    r = np.sum(dx * dy) / (np.linalg.norm(dx) * np.linalg.norm(dy))
    half = len(dx) / 2 - 1.0
    return r, 2.0 * KERNELS["beta", "sf"](np.abs(r), half, half, -1.0, 2.0)


_pearson = dispatching(_pearson_numbers)
composite(_pearson, _pearson_formula)


def _pearsonr(x, y, *, alternative="two-sided", method=None, axis=0):
    x, y = _vectors("pearsonr", x, y)
    if alternative != "two-sided" or method is not None or len(x) < 3:
        raise NoRuleError(
            "scipy.stats.pearsonr has a derivative rule for alternative='two-sided' and method=None, and from three points on."
        )
    result = stats.pearsonr(primal_all(x), primal_all(y))
    statistic, pvalue = _pearson(x, y)
    options = {"alternative": alternative, "n": len(x), "x": x, "y": y, "axis": axis}
    found = type(result)(statistic=statistic, pvalue=pvalue, **options)
    found.confidence_interval = _no_interval
    return found


def _no_interval(*args, **kwargs):
    raise NoRuleError(
        "scipy.stats.pearsonr(...).confidence_interval has no derivative rule. Write "
        "np.tanh(np.arctanh(r) + z / np.sqrt(n - 3)) with the quantiles z of the normal distribution."
    )


def _line_numbers(x: Any, y: Any) -> Any:
    result = stats.linregress(x, y)
    return tuple(np.asarray(number)[()] for number in (*result, result.intercept_stderr))


def _line_formula(x: Any, y: Any) -> Any:
    n = len(x)
    x_mean, y_mean = np.mean(x), np.mean(y)
    dx, dy = x - x_mean, y - y_mean
    sxx, sxy, syy = np.mean(dx * dx), np.mean(dx * dy), np.mean(dy * dy)
    slope = sxy / sxx
    r = sxy / np.sqrt(sxx * syy)
    rest = np.mean(np.square(dy - slope * dx))  # not as a difference, for it may be small
    error = np.sqrt(rest / sxx / (n - 2))
    p = 2.0 * KERNELS["t", "sf"](np.abs(slope / error), n - 2.0, 0.0, 1.0)
    return slope, y_mean - slope * x_mean, r, p, error, error * np.sqrt(sxx + x_mean * x_mean)


_line = dispatching(_line_numbers)
composite(_line, _line_formula)


def _linregress(x, y=None, alternative="two-sided", *, axis=0, nan_policy="propagate", keepdims=False):
    if y is None or alternative != "two-sided" or nan_policy != "propagate":
        raise NoRuleError(
            "scipy.stats.linregress has a derivative rule for x and y, alternative='two-sided' and nan_policy='propagate'."
        )
    x, y = _vectors("linregress", x, y)
    if len(x) < 3:
        raise NoRuleError("scipy.stats.linregress has a derivative rule from three points on.")
    result = stats.linregress(primal_all(x), primal_all(y))
    *numbers, last = _line(x, y)
    return type(result)(*numbers, intercept_stderr=last)


composite(twin(stats.pearsonr), _pearsonr, exact=True, nesting=0)
composite(twin(stats.linregress), _linregress, exact=True, nesting=0)
