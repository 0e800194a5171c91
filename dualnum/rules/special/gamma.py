"""Rows of the gamma function and its relatives, and of zeta functions (DLMF chapters 5 and 25).

Nothing here is computed as 0 * inf: at the zeros of 1 / gamma, of binomial coefficients and of Pochhammer's symbol, where
digamma has poles, the reflection formula (DLMF 5.5.3) serves. Differences of digammas keep their digits when the arguments
are close.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.families import register
from dualnum.rules.special.series import BERNOULLI, hurwitz
from dualnum.table import constant

_PI = math.pi
_sinpi, _cospi = _ufuncs._sinpi, _ufuncs._cospi

register(_sinpi, lambda out, x: _PI * _cospi(x))
register(_cospi, lambda out, x: -_PI * _sinpi(x))


# One argument


def _trigamma(out, z):
    """Derivative of digamma; left of 0 by reflection (DLMF 5.15.6)."""
    left = np.real(primal_all(z)) < 0
    right = np.where(left, 1.0 - z, z)
    # SciPy's zeta function is for real q alone.
    folded = hurwitz(2.0, right)[0] if out.dtype.kind == "c" else _ufuncs._zeta(2.0, right)
    # Far from the real axis 1 / sin(pi z) is 0, and the sine would overflow.
    near = left & (np.abs(np.imag(primal_all(z))) < 100)
    poles = np.where(near, np.square(_PI / _sinpi(np.where(near, z, 0.5))), 0.0)
    return np.where(left, poles - folded, folded)


def rgamma_slope(out, z):
    """Derivative of 1 / gamma: -digamma(z) / gamma(z), and by reflection around its zeros."""
    near = (np.real(primal_all(z)) < 0.5) & (np.abs(np.imag(primal_all(z))) <= 0.5)
    w = np.where(near, z, 0.25)
    reflected = special.gamma(1.0 - w) * (_cospi(w) - special.digamma(1.0 - w) * (_sinpi(w) / _PI))
    return np.where(near, reflected, -out * special.digamma(np.where(near | (primal_all(z) == np.inf), 1.0, z)))


register(special.gamma, lambda out, z: out * special.digamma(z))
register(special.gammaln, lambda out, x: special.digamma(x))
register(special.loggamma, lambda out, z: special.digamma(z))
register(special.rgamma, rgamma_slope)
register(special.digamma, _trigamma)
if special.psi is not special.digamma:
    register(special.psi, _trigamma)
register(_ufuncs._lgam1p, lambda out, x: special.digamma(1.0 + x))
register(_ufuncs._factorial, lambda out, x: np.where(x < 0, 0.0, out * special.digamma(np.where(x < 0, 1.0, x) + 1.0)))
constant(special.gammasgn)


# Two arguments

_SHIFT = 10


def digamma_difference(a, b):
    """Compute digamma(a + b) - digamma(a) to full precision, however small b is.

    By the recurrence (DLMF 5.5.2) and then the asymptotic series (DLMF 5.11.2), each term as one difference; by reflection
    where both arguments are negative, and as it stands where they are on different sides.
    """
    low, high = np.minimum(primal_all(a), primal_all(a + b)), np.maximum(primal_all(a), primal_all(a + b))
    left = (low <= 0) & (high < 0.5)
    x, y = np.where(left, 1.0 - a, a), np.where(left, -b, b)
    apart = (primal_all(x) <= 0) | (primal_all(x + y) <= 0)
    result = _positive_difference(np.where(apart, 1.0, x), np.where(apart, 1.0, y))
    if np.any(left):
        # pi cot(pi a) - pi cot(pi (a + b)), which is 0 for all a if b is an integer, so that the poles cancel
        sine = np.where(left, _sinpi(b), 0.0)
        pole = _is_pole(a) | _is_pole(a + b)  # the latter also where only rounding has made it one
        cancel = (primal_all(sine) == 0) & (pole | ~left)
        poles = _sinpi(np.where(cancel, 0.5, a)) * _sinpi(np.where(cancel, 0.5, a + b))
        result = result + _PI * sine / poles
    if np.any(apart):
        result = np.where(apart, special.digamma(a + b) - special.digamma(a), result)
    return result


def _positive_difference(a, b):
    result = 0.0
    for k in range(_SHIFT):
        result = result + b / (a + b + k) / (a + k)
    start, end = a + _SHIFT, a + b + _SHIFT
    ratio = b / start
    # log(end / start)
    close = np.abs(primal_all(ratio)) < 0.5
    log = np.where(close, np.log1p(np.where(close, ratio, 0.0)), np.log(end) - np.log(start))
    result = result + log + ratio / end / 2.0
    for j in range(1, 9):
        result = result - BERNOULLI[j - 1] / (2 * j) * start ** (-2.0 * j) * np.expm1(-2.0 * j * log)
    return result


def _is_pole(x):
    x = primal_all(x)
    return (x <= 0) & (x == np.floor(x))


def _beta_slope(out, a, b):
    """Derivative in a; where a + b is a pole of gamma, beta is 0 and its derivative is not."""
    zero = _is_pole(a + b) & ~_is_pole(a)
    slope = -out * digamma_difference(np.where(zero, 1.0, a), np.where(zero, 1.0, b))
    if np.any(zero):
        a, b = np.where(zero, a, 0.5), np.where(zero, b, -0.5)
        by_sum = special.digamma(a) * special.rgamma(a + b) + rgamma_slope(0.0, a + b)
        slope = np.where(zero, special.gamma(a) * special.gamma(b) * by_sum, slope)
    return slope


_LOG_GAMMA = (
    "SciPy computes the value from logarithms of gamma: where these are large, it has lost digits, also for us."
)
register(special.beta, _beta_slope, lambda out, a, b: _beta_slope(out, b, a), bound=1e-9, note=_LOG_GAMMA)
register(
    special.betaln,
    lambda out, a, b: -digamma_difference(a, b),
    lambda out, a, b: -digamma_difference(b, a),
)


def _past_the_end(n, k):
    """Derivatives of the binomial coefficient in n and in k, for k > n > -1, where it has zeros.

    There it is B(n + 1, k - n) sin(pi (n - k + 1)) / pi.
    """
    sine, cosine = _sinpi(n - k + 1.0) / _PI, _cospi(n - k + 1.0)
    size = special.beta(n + 1.0, k - n)
    return (
        size * (cosine - sine * digamma_difference(n + 1.0, k - 2.0 * n - 1.0)),
        size * (-cosine - sine * digamma_difference(k - n, n + 1.0)),
    )


def _left_of_zero(n, k):
    """Derivatives of the binomial coefficient in n and in k, as of -B(n + 1, -k) sin(pi k) / pi."""
    sine, size, end = _sinpi(k) / _PI, special.beta(n + 1.0, -k), special.digamma(n - k + 1.0)
    by_n = size * sine * (end - special.digamma(n + 1.0))
    return by_n, size * (sine * (special.digamma(-k) - end) - _cospi(k))


def _binom_slopes(out, n, k):
    """Derivatives in n and in k; k and n - k are exchanged where k is negative."""
    usable = primal_all(n) > -1
    after = usable & (primal_all(n - k) < -0.5)
    before = usable & ~after & (primal_all(k) < -0.5)
    inside = ~(after | before)
    m = np.where(inside, n, 0.5)
    j = np.where(inside, k, 0.0)
    by_n = out * digamma_difference(m - j + 1.0, j)
    by_k = out * digamma_difference(j + 1.0, m - 2.0 * j)
    if not np.all(inside):
        m = np.where(inside, 0.5, n)
        j = np.where(inside, 2.0, np.where(before, n - k, k))
        past_n, past_k = _past_the_end(m, j)
        by_n = np.where(after, past_n, np.where(before, past_n + past_k, by_n))
        by_k = np.where(after, past_k, np.where(before, -past_k, by_k))
    for other, rest in ((k, n - k), (n - k, k)):
        # For n < -1 and not an integer, the zeros are where k or n - k is a negative integer.
        zero = ~usable & _is_pole(other + 1.0) & ~_is_pole(rest + 1.0)
        if np.any(zero):
            by_top, by_other = _left_of_zero(np.where(zero, n, -1.5), np.where(zero, other, -2.0))
            mirrored = other is not k
            by_n = np.where(zero, by_top + by_other if mirrored else by_top, by_n)
            by_k = np.where(zero, -by_other if mirrored else by_other, by_k)
    return by_n, by_k


register(
    special.binom,
    lambda out, n, k: _binom_slopes(out, n, k)[0],
    lambda out, n, k: _binom_slopes(out, n, k)[1],
)


def _poch_slope(out, z, m):
    """Derivative in z; where z is negative and z + m is not, there are zeros between the poles of digamma."""
    across = (primal_all(z) < 0.5) & (primal_all(z + m) >= 0.5)
    slope = out * digamma_difference(np.where(across, 1.0, z), np.where(across, 1.0, m))
    if np.any(across):
        w, end = np.where(across, z, 0.0), np.where(across, z + m, 1.0)
        size = special.gamma(end) * special.gamma(1.0 - w)
        difference = special.digamma(end) - special.digamma(1.0 - w)
        slope = np.where(across, size * (_cospi(w) + _sinpi(w) / _PI * difference), slope)
    zero = _is_pole(z) & ~across & ~_is_pole(z + m)
    if np.any(zero):
        # By reflection of both, at the zeros.
        w, end = 1.0 - np.where(zero, z, -1.0), 1.0 - np.where(zero, z + m, -0.5)
        rise, sine = special.gamma(w) * special.rgamma(end), _sinpi(end)
        difference = special.digamma(w) - special.digamma(end) + _PI * _cospi(end) / -sine
        slope = np.where(zero, rise / sine * (-_PI * _cospi(w) - _sinpi(w) * difference), slope)
    return slope


register(special.poch, _poch_slope, lambda out, z, m: out * special.digamma(z + m), bound=1e-9, note=_LOG_GAMMA)


# Zeta functions

#: Up to this imaginary part the summation below is good to 1e-12.
_HIGHEST = 100


def _riemann_slope(out, s):
    """Derivative of Riemann's zeta function; left of -1 by the functional equation (DLMF 25.4.1)."""
    effort = {}
    if out.dtype.kind == "c":
        if np.any(np.abs(np.imag(primal_all(s))) > _HIGHEST):
            raise NoRuleError(f"Riemann's zeta function has a derivative only up to an imaginary part of {_HIGHEST}.")
        effort = {"shift": 40, "terms": 20}
    s = np.where(primal_all(s) == np.inf, 1e4, s)  # where the function is as flat
    left = np.real(primal_all(s)) < -1
    value, slope = hurwitz(np.where(left, 1.0 - s, s), 1.0, **effort)
    if not np.any(left):
        return slope
    t = np.where(left, s, -1.5)
    log_period = math.log(2 * _PI)
    size = 2.0 * np.exp(special.loggamma(1.0 - t) + (t - 1.0) * log_period)
    sine, cosine = _sinpi(t / 2.0), _cospi(t / 2.0)
    growth = log_period - special.digamma(1.0 - t)
    return np.where(left, size * ((growth * sine + _PI / 2 * cosine) * value - sine * slope), slope)


register(_ufuncs._riemann_zeta, _riemann_slope)
register(special.zetac, _riemann_slope)


def _zeta_order(out, s, q):
    if np.any(np.abs(np.imag(primal_all(s))) > _HIGHEST):
        raise NoRuleError(f"Hurwitz's zeta function has a derivative only up to an imaginary part of {_HIGHEST}.")
    effort = {"shift": 40, "terms": 20} if out.dtype.kind == "c" else {}
    inside = (primal_all(q) >= 0) & (primal_all(q) < np.inf)
    end = np.where(primal_all(q) == np.inf, 0.0, np.nan)
    return np.where(inside, hurwitz(s, np.where(inside, q, 1.0), **effort)[1], end)


register(_ufuncs._zeta, _zeta_order, lambda out, s, q: -(s * _ufuncs._zeta(s + 1.0, q)))
