"""Row of the distribution function of Tukey's lambda distribution.

Its inverse is Q(p) = (p^lambda - (1 - p)^lambda) / lambda, so both derivatives follow by the implicit rule. SciPy's value is
good to 1e-14 absolutely, which is not enough in the tails: the equation is solved to the last digit first, for the
logit s = log(p / (1 - p)), which says how far p is from 0, from 1/2 and from 1.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.rules.special.elementary import log_of_inverse
from dualnum.rules.special.families import register
from dualnum.rules.special.series import horner
from dualnum.table import elementwise

# Of sinh(y) / y, and of its derivative by y, in y² for |y| < 1/2
_SINHC = [1.0 / math.factorial(2 * k + 1) for k in range(10)]
_SINHC_SLOPE = [(2.0 * k + 2.0) / math.factorial(2 * k + 3) for k in range(10)]

_STEPS = 8


def _parts(s, shape):
    """Logarithms of p and 1 - p, their multiples by the shape parameter, and which formula for Q is good."""
    log_p, log_q = special.log_expit(s), special.log_expit(-s)
    close = np.abs(primal_all(s * shape)) < 1
    return log_p, log_q, shape * log_p, shape * log_q, close


def _quantile(s, shape):
    """Compute Q; where the two powers are close, by the hyperbolic sine of half the difference of their logarithms."""
    _, _, a, b, close = _parts(s, shape)
    half = np.where(close, 0.5 * s * shape, 0.0)
    centred = np.exp(0.5 * (a + b)) * s * horner(_SINHC, half * half)
    return np.where(close, centred, (np.exp(a) - np.exp(b)) / np.where(close, 1.0, shape))


def _quantile_by_s(s, shape):
    log_p, log_q, a, b, _ = _parts(s, shape)
    return np.exp(a + log_q) + np.exp(b + log_p)


def _quantile_by_shape(s, shape):
    log_p, log_q, a, b, close = _parts(s, shape)
    half = np.where(close, 0.5 * s * shape, 0.0)
    bend = 0.5 * s * s * half * horner(_SINHC_SLOPE, half * half)
    centred = np.exp(0.5 * (a + b)) * (0.5 * (log_p + log_q) * s * horner(_SINHC, half * half) + bend)
    safe = np.where(close, 1.0, shape)
    return np.where(close, centred, ((a - 1.0) * np.exp(a) - (b - 1.0) * np.exp(b)) / safe / safe)


def _logit(x, shape):
    """Solve Q = x for the logit of p, by Newton's method; a function with a row of its own, for the next derivatives."""
    if isinstance(x, ActiveArray) or isinstance(shape, ActiveArray):
        return apply_function(_logit, (x, shape), {})
    left = -np.abs(x)
    p = special.tklmbda(left, shape)
    # Far on the left the other tail counts little; not so for the shapes that end there with a jump.
    tail = (p < 1e-6) & (shape < 1)
    s = np.where(tail, log_of_inverse(left, shape)[1], special.logit(np.maximum(p, 1e-18)))
    for _ in range(_STEPS):
        slope = _quantile_by_s(s, shape)
        s = s - np.where(slope > 0, (_quantile(s, shape) - left) / np.where(slope > 0, slope, 1.0), 0.0)
    return -np.sign(x) * s


elementwise(
    _logit,
    lambda out, x, shape: 1.0 / _quantile_by_s(out, shape),
    lambda out, x, shape: -_quantile_by_shape(out, shape) / _quantile_by_s(out, shape),
)


def _partial(numerator):
    """Make a partial of p: that of its logit times p (1 - p), and 0 where p is 0 or 1."""

    def slope(out, x, shape):
        outside = (primal_all(shape) > 0) & (np.abs(primal_all(x)) * primal_all(shape) >= 1)
        x, shape = np.where(outside, 0.0, x), np.where(outside, 1.0, shape)
        s = _logit(x, shape)
        density = special.expit(s) * special.expit(-s) / _quantile_by_s(s, shape)
        return np.where(outside, 0.0, density * numerator(s, shape))

    return slope


register(special.tklmbda, _partial(lambda s, shape: 1.0), _partial(lambda s, shape: -_quantile_by_shape(s, shape)))
