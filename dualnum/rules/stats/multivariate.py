"""Rows of distributions of vectors: the normal one, Student's t and Dirichlet's.

The quadratic form and the determinant come from Cholesky's factor; as SciPy does, that looks at the lower triangle.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special, stats

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import is_active
from dualnum.random_vectors import random_vector
from dualnum.rules.stats.families import double

_LOG_2_PI = math.log(2 * math.pi)


def _as_matrix(cov: Any, dim: int) -> Any:
    """The matrix that is meant by a number, by a diagonal, by a covariance of SciPy's."""
    if isinstance(cov, stats.Covariance):
        cov = cov.covariance
    cov = cov if is_active(cov) else np.asarray(1.0 if cov is None else cov, float)
    if dim == 1:
        return double(np.reshape(cov, (1, 1)))
    return double(cov * np.eye(dim) if cov.ndim == 0 else np.diag(cov) if cov.ndim == 1 else cov)


def _dimension(mean: Any, cov: Any) -> int:
    """As SciPy finds it: from the mean, if there is one."""
    if isinstance(cov, stats.Covariance):
        return int(cov.shape[-1])
    if mean is not None:
        return int(np.size(mean))
    return 1 if np.ndim(cov) < 2 else len(cov)


def _factor(name: str, cov: Any) -> Any:
    """Cholesky's factor; SciPy takes eigenvalues for zero that are 1e6 roundings beside the largest."""
    sizes = np.linalg.eigvalsh(primal_all(cov))
    if np.any(sizes <= 1e6 * np.finfo(float).eps * np.max(np.abs(sizes))):
        raise NoRuleError(
            f"scipy.stats.{name} has no derivative rule for a singular matrix, of which the derivative leaves the rank. Write "
            "the density of the components that vary."
        )
    return np.linalg.cholesky(cov)


def _half_log_det(factor: Any) -> Any:
    return np.sum(np.log(np.diagonal(factor)))


def _points(x: Any, dim: int) -> Any:
    """Points along the last axis, as SciPy understands arrays of fewer axes."""
    x = double(x if is_active(x) else np.asarray(x))
    if x.ndim == 0:
        return np.reshape(x, (1,))
    return np.reshape(x, (-1, 1) if dim == 1 else (1, -1)) if x.ndim == 1 else x


def _form(name: str, x: Any, mean: Any, cov: Any) -> tuple[int, Any, Any]:
    """Dimension, half the logarithm of the determinant, and the quadratic form."""
    dim = _dimension(mean, cov)
    factor = _factor(name, _as_matrix(cov, dim))
    x = _points(x, dim)
    away = x if mean is None else x - np.reshape(double(mean if is_active(mean) else np.asarray(mean)), (-1,))
    lead = np.shape(away)[:-1]
    white = np.linalg.solve(factor, np.transpose(np.reshape(away, (-1, dim))))
    return dim, _half_log_det(factor), np.reshape(np.sum(white * white, axis=0), lead)


def _normal(x: Any, mean: Any, cov: Any) -> Any:
    dim, half, form = _form("multivariate_normal", x, mean, cov)
    return -0.5 * (dim * _LOG_2_PI + form) - half


def _normal_logpdf(x: Any, mean: Any, cov: Any, allow_singular: Any) -> Any:
    return np.squeeze(_normal(x, mean, cov))


def _normal_pdf(x: Any, mean: Any, cov: Any, allow_singular: Any) -> Any:
    return np.exp(np.squeeze(_normal(x, mean, cov)))


def _normal_entropy(mean: Any, cov: Any) -> Any:
    dim = _dimension(mean, cov)
    factor = _factor("multivariate_normal", _as_matrix(cov, dim))
    return 0.5 * dim * (_LOG_2_PI + 1.0) + _half_log_det(factor)


random_vector(
    "multivariate_normal",
    stats.multivariate_normal,
    type(stats.multivariate_normal()),
    {"logpdf": _normal_logpdf, "pdf": _normal_pdf, "entropy": _normal_entropy},
    {"mean": "mean", "cov": "cov_object", "allow_singular": "allow_singular"},
)


def _t_logpdf(x: Any, loc: Any, shape: Any, df: Any) -> Any:
    df = np.float64(1.0) if df is None else double(df)
    if np.isinf(primal_all(df)):
        return _normal(x, loc, shape)  # of which SciPy keeps the axes of length 1
    dim, half, form = _form("multivariate_t", x, loc, shape)
    h, p = 0.5 * df, 0.5 * dim
    # The beta function in place of two gammas, which for many degrees of freedom are large and nearly equal.
    size = math.lgamma(p) - special.betaln(h, p) - p * np.log(df * math.pi) - half
    return np.squeeze(size - (h + p) * np.log1p(form / df))


def _t_pdf(x: Any, loc: Any, shape: Any, df: Any, allow_singular: Any) -> Any:
    return np.exp(_t_logpdf(x, loc, shape, df))


random_vector(
    "multivariate_t",
    stats.multivariate_t,
    type(stats.multivariate_t()),
    {"logpdf": _t_logpdf, "pdf": _t_pdf},
    {"loc": "loc", "shape": "shape", "df": "df", "allow_singular": "allow_singular"},
)


# Dirichlet


def _log_beta(alpha: Any) -> Any:
    return np.sum(special.gammaln(alpha)) - special.gammaln(np.sum(alpha))


def _dirichlet_logpdf(x: Any, alpha: Any) -> Any:
    x, alpha = (double(a if is_active(a) else np.asarray(a)) for a in (x, alpha))
    if len(x) < len(alpha):
        x = np.concatenate([x, np.expand_dims(1.0 - np.sum(x, axis=0), 0)])
    powers = np.reshape(alpha, (-1,) + (1,) * (x.ndim - 1)) - 1.0
    return np.squeeze(np.sum(special.xlogy(powers, x), axis=0) - _log_beta(alpha))


def _dirichlet_pdf(x: Any, alpha: Any) -> Any:
    return np.exp(_dirichlet_logpdf(x, alpha))


def _dirichlet_mean(alpha: Any) -> Any:
    alpha = double(alpha)
    return np.squeeze(alpha / np.sum(alpha))


def _dirichlet_var(alpha: Any) -> Any:
    alpha = double(alpha)
    total = np.sum(alpha)
    return np.squeeze(alpha * (total - alpha) / (total * total * (total + 1.0)))


def _dirichlet_entropy(alpha: Any) -> Any:
    alpha = double(alpha)
    total = np.sum(alpha)
    rest = np.sum((alpha - 1.0) * special.digamma(alpha))
    return _log_beta(alpha) + (total - len(alpha)) * special.digamma(total) - rest


random_vector(
    "dirichlet",
    stats.dirichlet,
    type(stats.dirichlet([1.0, 1.0])),
    {
        "logpdf": _dirichlet_logpdf,
        "pdf": _dirichlet_pdf,
        "mean": _dirichlet_mean,
        "var": _dirichlet_var,
        "entropy": _dirichlet_entropy,
    },
    {"alpha": "alpha"},
)
