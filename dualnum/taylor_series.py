"""Recurrences for the coefficients of truncated Taylor series.

A series is an array with a leading axis of coefficients. What is written here works on any numbers that answer NumPy's
protocols, so the coefficients may carry derivatives themselves.

Each recurrence compares coefficients in a differential equation that the function solves, such as c' = c a' for
c = exp(a), and takes of the order of N² operations for N coefficients (Griewank & Walther, Evaluating Derivatives, 2nd ed.,
2008, section 13.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.application import top_of

__all__ = [
    "RECURRENCES",
    "integrated",
    "product",
    "quotient",
    "rates",
    "real_power",
    "reciprocal",
    "series_of",
    "solution",
    "variable_power",
    "whole_power",
]


def _column(n: int, ndim: int) -> Any:
    """1, 2, ..., n along the axis of coefficients."""
    return np.arange(1.0, n + 1).reshape(n, *(1,) * ndim)


def series_of(value: Any, higher: Any, ndim: int) -> Any:
    """Series of a value and its higher coefficients, with axes of length 1 up to a number of dimensions."""
    shape = np.shape(value)
    lead = (1,) * (ndim - len(shape))
    value = np.reshape(value, (1, *lead, *shape))
    return np.concatenate([value, np.reshape(higher, (higher.shape[0], *lead, *shape))])


def rates(higher: Any) -> Any:
    """Series of the derivative in t, of the coefficients but the first."""
    return higher * _column(len(higher), higher.ndim - 1).astype(higher.real.dtype)


def integrated(rate: Any) -> Any:
    """Coefficients but the first, of the series of the derivative."""
    return rate / _column(len(rate), rate.ndim - 1).astype(rate.real.dtype)


def _blank(first: Any, n: int, *series: Any) -> Any:
    """Series of n coefficients to be filled in, of which the first is given."""
    top = top_of((first, *series))
    shape = np.broadcast_shapes(np.shape(first), *(s.shape[1:] for s in series))
    dtype = np.result_type(first.dtype, *(s.dtype for s in series))
    c = np.empty((n, *shape), dtype) if top is None else np.zeros((n, *shape), dtype, like=top)
    c[0] = first
    return c


def _dot(a: Any, b: Any) -> Any:
    """Sum of the products of coefficients."""
    if a.__class__ is not np.ndarray or b.__class__ is not np.ndarray:
        return np.sum(a * b, axis=0)
    return np.dot(a, b) if a.ndim == b.ndim == 1 else np.add.reduce(a * b, 0)  # a fraction of the time on few numbers


def _tail(a: Any, b: Any, k: int) -> Any:
    """Sum of a_j b_(k-j) over j = 1, ..., k."""
    return _dot(a[1 : k + 1], b[k - 1 :: -1])


def product(a: Any, b: Any) -> Any:
    """Cauchy product."""
    c = _blank(a[0] * b[0], len(a), a, b)
    for k in range(1, len(a)):
        c[k] = _dot(a[: k + 1], b[k::-1])
    return c


def quotient(a: Any, b: Any) -> Any:
    """Series c with c b = a."""
    c = _blank(a[0] / b[0], len(a), a, b)
    for k in range(1, len(a)):
        c[k] = (a[k] - _tail(b, c, k)) / b[0]
    return c


def reciprocal(out: Any, b: Any) -> Any:
    """Series of a constant divided by `b`, of which the first coefficient is given."""
    c = _blank(out, len(b), b)
    for k in range(1, len(b)):
        c[k] = -_tail(b, c, k) / b[0]
    return c


def _weighted(a: Any) -> Any:
    """Series of j a_j, of t times the derivative."""
    return a * np.arange(len(a), dtype=a.real.dtype).reshape(len(a), *(1,) * (a.ndim - 1))


def _exp(out: Any, a: Any) -> Any:
    c, w = _blank(out, len(a), a), _weighted(a)
    for k in range(1, len(a)):
        c[k] = _tail(w, c, k) / k
    return c


def _log(out: Any, a: Any) -> Any:
    c = _blank(out, len(a), a)
    w = _blank(0 * out, len(a), a)  # of j c_j
    for k in range(1, len(a)):
        w[k] = (k * a[k] - _dot(w[1:k], a[k - 1 : 0 : -1])) / a[0]
        c[k] = w[k] / k
    return c


def _sqrt(out: Any, a: Any) -> Any:
    c = _blank(out, len(a), a)
    for k in range(1, len(a)):
        c[k] = (a[k] - _dot(c[1:k], c[k - 1 : 0 : -1])) / (2 * out)
    return c


def _pair(sign: int) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    """Series of two functions of `a`, where the derivative of the one is the other, and of the other sign times the one."""

    def both(first: Any, second: Any, a: Any) -> tuple[Any, Any]:
        s, c, w = _blank(first, len(a), a), _blank(second, len(a), a), _weighted(a)
        for k in range(1, len(a)):
            s[k] = _tail(w, c, k) / k
            c[k] = sign * _tail(w, s, k) / k
        return s, c

    return both


_circular, _hyperbolic = _pair(-1), _pair(1)


def _riccati(sign: int, slope: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Recurrence of c' = (1 + sign c²) a'; `slope` gives the first factor where 1 + sign c² would cancel."""

    def recurrence(out: Any, a: Any) -> Any:
        c, w = _blank(out, len(a), a), _weighted(a)
        factor = _blank(slope(a[0]), len(a), a)
        for k in range(1, len(a)):
            c[k] = _tail(w, factor, k) / k
            factor[k] = sign * _dot(c[: k + 1], c[k::-1])
        return c

    return recurrence


def _shifted(a: Any, shift: float) -> Any:
    b = a.copy()
    b[0] = b[0] + shift
    return b


def _arctan(out: Any, a: Any) -> Any:
    rate = quotient(rates(a[1:]), _shifted(product(a, a), 1)[:-1])
    return series_of(out, integrated(rate), a.ndim - 1)


def real_power(out: Any, a: Any, p: Any) -> Any:
    """Series of the power with a constant exponent: a c' = p c a'."""
    c, j = _blank(out, len(a), a), np.arange(len(a)).reshape(len(a), *(1,) * (a.ndim - 1))
    for k in range(1, len(a)):
        weights = (p + 1) * (j[1 : k + 1] / k) - 1
        c[k] = _dot(weights * a[1 : k + 1], c[k - 1 :: -1]) / a[0]
    return c


def variable_power(out: Any, log: Any, p: Any) -> Any:
    """Series of exp(p log a), of which `p` moves, and `log` may be a constant."""
    return _exp(out, p * log if np.ndim(log) < p.ndim else product(p, log))


def solution(a: Any, b: Any, n: int) -> Any:
    """First n coefficients of x with a x = b, of series of matrices; a constant has one coefficient."""
    x: list[Any] = []
    for k in range(n):
        known = sum(np.matmul(a[j], x[k - j]) for j in range(1, min(k + 1, len(a))))
        x.append(np.linalg.solve(a[0], (b[k] if k < len(b) else np.zeros_like(b[0])) - known))
    return np.stack(x)


def whole_power(a: Any, p: int) -> Any:
    """Series of a power with a positive integer exponent, by squaring: right at zero too."""
    result = None
    while True:
        if p & 1:
            result = a if result is None else product(result, a)
        p >>= 1
        if not p:
            return result
        a = product(a, a)


#: Ufunc of one argument -> recurrence, a function of the value and the series of the argument.
RECURRENCES: dict[Any, Callable[[Any, Any], Any]] = {
    np.square: lambda out, a: product(a, a),
    np.reciprocal: reciprocal,
    np.exp: _exp,
    np.exp2: lambda out, a: _exp(out, a * math.log(2)),
    np.expm1: lambda out, a: _exp(np.exp(a[0]), a),
    np.log: _log,
    np.log2: lambda out, a: _log(out, a) * math.log2(math.e),
    np.log10: lambda out, a: _log(out, a) * math.log10(math.e),
    np.log1p: lambda out, a: _log(out, _shifted(a, 1)),
    np.sqrt: _sqrt,
    np.sin: lambda out, a: _circular(out, np.cos(a[0]), a)[0],
    np.cos: lambda out, a: _circular(np.sin(a[0]), out, a)[1],
    np.sinh: lambda out, a: _hyperbolic(out, np.cosh(a[0]), a)[0],
    np.cosh: lambda out, a: _hyperbolic(np.sinh(a[0]), out, a)[1],
    np.tan: _riccati(1, lambda x: np.square(1 / np.cos(x))),
    np.tanh: _riccati(-1, lambda x: np.square(1 / np.cosh(x))),
    np.arctan: _arctan,
}
