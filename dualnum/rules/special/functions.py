"""Rows of the functions of scipy.special that are no ufuncs, by way of their twins."""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.families import INTEGER, available
from dualnum.table import composite, nonlinear, unsupported
from dualnum.twins import twin


def _register(function, body, *integers):
    """Register the twin of a function of arrays, which may also be given as lists; some arguments must be integers."""
    composite(twin(function), body, reasons=dict.fromkeys(integers, INTEGER), nesting=0)


# Sums of exponentials


def _largest(a, axis):
    """Largest elements along axes, where they are finite, as constants to subtract before exp."""
    a = primal_all(a)
    largest = np.max(np.real(a), axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(largest), largest, 0.0).astype(np.real(a).dtype)


def _logsumexp(a, axis=None, b=None, keepdims=False, return_sign=False):
    if b is not None:
        a = a.astype(np.result_type(primal_all(a), primal_all(b)))  # as SciPy does before it takes exp
    largest = _largest(a if b is None else np.where(np.not_equal(primal_all(b), 0), primal_all(a), -np.inf), axis)
    terms = np.exp(a - largest)
    if b is not None:
        terms = np.where(np.equal(primal_all(b), 0) & np.isinf(primal_all(terms)), 0.0, terms) * b
    total = np.sum(terms, axis=axis, keepdims=True)
    sign = np.sign(total)
    out = np.log(np.abs(total) if return_sign else total) + largest
    plain = primal_all(a)
    if plain.size and plain.dtype.kind != "c":
        highest = np.max(plain, axis=axis, keepdims=True)
        infinite = np.isinf(highest) if b is None else np.equal(highest, -np.inf)
        if np.any(
            infinite
        ):  # the slope of the logarithm is infinite or zero there, but equal elements share, as in logaddexp
            out = np.where(infinite, np.max(a, axis=axis, keepdims=True), out)
    if not keepdims:
        out, sign = np.squeeze(out, axis), np.squeeze(sign, axis)
    return (out, sign) if return_sign else out


def _softmax(x, axis=None):
    terms = np.exp(x - _largest(x, axis))
    return terms / np.sum(terms, axis=axis, keepdims=True)


def _log_softmax(x, axis=None):
    shifted = x - _largest(x, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


_register(special.logsumexp, _logsumexp)
_register(special.softmax, _softmax)
_register(special.log_softmax, _log_softmax)
if hasattr(special, "softplus"):
    _register(special.softplus, lambda x, **kwargs: np.logaddexp(x.dtype.type(0), x, **kwargs))


# Gamma functions of integers and of several variables


def _polygamma(n, x):
    n = np.asarray(n, float)
    # The order that np.where does not take must be a valid one too.
    order = np.where(n == 0, 1.0, n)
    higher = (-1.0) ** (order + 1.0) * special.gamma(order + 1.0) * special.zeta(order + 1.0, x)
    return np.where(n == 0, special.digamma(x), higher)


def _multigammaln(a, d):
    # Muirhead (1982), theorem 2.1.12
    return np.sum(np.stack([special.gammaln(a - j / 2) for j in range(d)]), axis=0)


def _of_integers(name, exact):
    if exact:
        raise NoRuleError(
            f"scipy.special.{name}(..., exact=True) counts in integers and has no derivative. Leave exact=True away."
        )


def _comb(N, k, *, exact=False, repetition=False):
    _of_integers("comb", exact)
    n, count = primal_all(N), primal_all(k)
    if repetition:
        none = np.equal(count, 0) & np.greater_equal(n, 0)
        return np.where(none, 1.0, special.binom(N + k - 1.0, k))
    return np.where(
        np.less_equal(count, n) & np.greater_equal(n, 0) & np.greater_equal(count, 0), special.binom(N, k), 0.0
    )


def _perm(N, k, exact=False):
    _of_integers("perm", exact)
    n, count = primal_all(N), primal_all(k)
    inside = np.less_equal(count, n) & np.greater_equal(n, 0) & np.greater_equal(count, 0)
    return np.where(inside, special.poch(N - k + 1.0, k), 0.0)


def _factorial(n, exact=False, extend="zero"):
    _of_integers("factorial", exact)
    values = special.gamma(n + 1.0)
    return values if extend == "complex" else np.where(np.less(primal_all(n), 0), 0.0, values)


_register(special.polygamma, _polygamma, 0)
_register(special.multigammaln, _multigammaln, 1)
_register(special.comb, _comb)
_register(special.perm, _perm)
_register(special.factorial, _factorial)
unsupported("it is a function of integers", *map(twin, (special.factorial2, special.factorialk, special.stirling2)))
unsupported("it is a sequence of numbers, as many as an integer says", *map(twin, (special.bernoulli, special.euler)))


def _diric(x, n):
    n = np.asarray(n, float)
    # sin(n y) / sin(y) is a polynomial in cos(y), which has no poles (DLMF 18.5.2)
    return special.eval_chebyu(n - 1.0, np.cos(x / 2.0)) / n


_register(special.diric, _diric, 1)


# Legendre functions, each with its derivatives up to the order diff_n along a first axis


def _register_with_derivatives(function, position):
    """Register the twin of a function whose derivatives in one argument SciPy gives on request, up to the second."""
    dispatching = twin(function)

    def rule(*args, diff_n=0, **kwargs):
        out = dispatching(*args, diff_n=diff_n, **kwargs)

        def push(z_dot):
            if diff_n >= 2:
                raise NoRuleError(f"scipy.special.{function.__name__} has no derivatives beyond the second.")
            slopes = dispatching(*args, diff_n=diff_n + 1, **kwargs)[1:]
            return slopes * z_dot  # one direction: several take their turns

        return out, push

    integers = {i: INTEGER for i in range(position)}
    nonlinear(dispatching, rule, positions=(position,), reasons=integers)
    return dispatching


if available("sph_harm_y"):  # from SciPy 1.15 on
    _register_with_derivatives(special.legendre_p, 1)
    _register_with_derivatives(special.assoc_legendre_p, 2)
    _sph_legendre_p = _register_with_derivatives(special.sph_legendre_p, 2)

    def _sph_harm_y(n, m, theta, phi, *, diff_n=0):
        if diff_n:
            raise NoRuleError(
                "scipy.special.sph_harm_y(..., diff_n=...) of Duals: leave diff_n away, and differentiate."
            )
        one = np.result_type(primal_all(theta), primal_all(phi)).type(1)  # SciPy computes in their common precision
        return _sph_legendre_p(n, m, theta * one)[0] * np.exp(1j * m * (phi * one))

    _register(special.sph_harm_y, _sph_harm_y, 0, 1)
    unsupported(
        "it gives functions of all degrees at once; take the one without _all for each",
        *map(
            twin,
            (special.legendre_p_all, special.assoc_legendre_p_all, special.sph_legendre_p_all, special.sph_harm_y_all),
        ),
    )


# Derivatives of Bessel functions (DLMF 10.6.7, 10.29.5)


def _bessel_derivative(function, sign, outer=1.0):
    def body(v, z, n=1):
        terms, weight = [], 0.5**n
        for i in range(n + 1):
            terms.append(weight * function(v - n + 2.0 * i, z))
            weight = weight * sign * (n - i) / (i + 1)
        return outer**n * sum(terms)

    return body


for _function, _derivative, _sign, _outer in (
    (special.jv, special.jvp, -1.0, 1.0),
    (special.yv, special.yvp, -1.0, 1.0),
    (special.hankel1, special.h1vp, -1.0, 1.0),
    (special.hankel2, special.h2vp, -1.0, 1.0),
    (special.iv, special.ivp, 1.0, 1.0),
    (special.kv, special.kvp, 1.0, -1.0),
):
    _register(_derivative, _bessel_derivative(_function, _sign, _outer), 2)
