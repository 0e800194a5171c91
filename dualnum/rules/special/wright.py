"""Rows of Wright's generalised Bessel function (DLMF 10.46.1), the sum over k of x^k / (k! Gamma(a k + b)).

In x, the derivative is the same function with b + a in place of b. In a and b, the series is differentiated term by term;
the terms are all positive, but for few of the derivative, and form one hump, so that the sum is taken over the hump.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.rules.special.families import register

#: Numbers in one block of terms.
_BLOCK = 2**16

#: From here on, the logarithms of the terms have too few digits behind the point.
_LARGEST_INDEX = 1e9


def _log_term(a, b, x, k):
    """Logarithm of x^k / (k! Gamma(z + 1)), where z = a k + b: the term is z times its exponential, also for z = 0."""
    return special.xlogy(k, x) - special.gammaln(k + 1.0) - special.gammaln(a * k + b + 1.0)


def _hump(a, b, x):
    """Where the terms of the series count, for plain arguments: first index, step from one to the next, and their number.

    The step is larger than 1 where the hump is wide: a sum over every m-th term of so smooth a sequence is one m-th of the
    whole, to all digits (Poisson's summation formula).
    """
    low, high = np.zeros_like(x), np.log1p(x) + a + 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        k = np.expm1(middle)
        rising = np.log(x) > special.digamma(k + 1.0) + a * special.digamma(a * k + b + 1.0)
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    top = np.expm1(low)
    if np.any(top > _LARGEST_INDEX):
        raise NoRuleError(
            "scipy.special.log_wright_bessel has no derivative for arguments so large that the terms of its series from "
            f"number {_LARGEST_INDEX:.0e} on count."
        )
    width = 1.0 / np.sqrt(_trigamma(top + 1.0) + a * a * _trigamma(a * top + b + 1.0))
    reach = 10.0 * width + 45.0
    step = np.where(top > reach, np.maximum(np.floor(width / 2.0), 1.0), 1.0)
    start = np.floor(np.maximum(top - reach, 0.0))
    return start, step, int(np.max((top + reach - start) / step, initial=0.0)) + 1


def _trigamma(x):
    return special._ufuncs._zeta(2.0, x)


def _sums(a, b, x):
    """Scaled sums of the terms, of them times k, and of their derivatives in a and b; and the logarithm of the scale."""
    values = np.broadcast_arrays(*(np.asarray(primal_all(v), float) for v in (a, b, x)))
    valid = np.logical_and.reduce([np.isfinite(v) & (v >= 0) for v in values])
    a, b, x = (np.where(valid, v, 1.0) for v in (a, b, x))
    plain = [np.where(valid, v, 1.0) for v in values]
    start, step, count = _hump(*plain)
    middle = np.where(start > 0, start + step * ((count - 1) // 2), 0.0)
    scale = np.maximum(_log_term(*plain, middle), _log_term(*plain, start))
    block = max(1, _BLOCK // max(1, start.size))
    totals = [0.0] * 4
    for first in range(0, count, block):
        j = np.arange(first, min(first + block, count), dtype=float).reshape((-1,) + (1,) * start.ndim)
        k = start + step * j
        z = a * k + b
        size = np.exp(_log_term(a, b, x, k) - scale)
        decrease = (z * special.digamma(z + 1.0) - 1.0) * size
        parts = (z * size, k * z * size, -k * decrease, -decrease)
        totals = [total + np.sum(part, axis=0) for total, part in zip(totals, parts, strict=True)]
    return [np.where(valid, step * total, np.nan) for total in totals], scale


def _partial(index):
    def slope(out, a, b, x):
        totals, scale = _sums(a, b, x)
        return totals[index] * np.exp(scale)

    return slope


def _log_partial(index):
    def slope(out, a, b, x):
        totals, _ = _sums(a, b, x)
        return totals[index] / totals[0]

    return slope


def _log_slope(out, a, b, x):
    """Derivative in x: the mean of k, by x; not by the function itself, which SciPy 1.14 has wrong between 1 and 2."""
    origin = primal_all(x) == 0
    totals, _ = _sums(a, b, np.where(origin, 1.0, x))
    start = np.where(origin, x, 0.0)
    quotient = special.log_wright_bessel(a, a + b, start) - special.log_wright_bessel(a, b, start)
    return np.where(origin, np.exp(quotient), totals[1] / totals[0] / np.where(origin, 1.0, x))


register(
    special.wright_bessel,
    _partial(2),
    _partial(3),
    lambda out, a, b, x: special.wright_bessel(a, a + b, x),
)
register(special.log_wright_bessel, _log_partial(2), _log_partial(3), _log_slope)
