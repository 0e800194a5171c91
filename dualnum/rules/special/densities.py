"""Densities of the gamma and beta distributions, and how their integrals change with the shape parameters.

The incomplete gamma function P(a, x) is the integral of a density with logarithm ``a log t - t - log Gamma(a)`` in log t, so
its derivative in a is that of the density times ``log t - psi(a)``, from 0 to x, or its negative from x upwards. That
factor changes its sign once, near the mean; on the right side of it nothing cancels. Both integrals are taken in units of
the density at x, which is what the inverse functions need too. The same holds of the incomplete beta function, in the
logit of t (DLMF 8.2, 8.17).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.families import register as elementwise_row
from dualnum.rules.special.quadrature import gauss, integral
from dualnum.rules.special.series import horner

__all__ = [
    "beta_density",
    "beta_slope",
    "gamma_density",
    "gamma_slope",
    "log_beta_peak",
    "log_gamma_peak",
    "log_t_peak",
    "not_too_small",
    "nothing",
    "register",
    "register_solved",
    "two_sided",
]

#: Where an integrand has fallen to exp(-42), 1e-18 of its beginning, it ends.
_DECAY = 42.0
#: Why the derivative of a solution can be less precise.
_SEARCHED = "SciPy searches for the solution, and stops at about ten digits"
#: Nothing beside 1, and far from underflow.
_TINY = 1e-30
# Of log(1 + u) / u
_LOG_RATIO = [1.0, -1 / 2, 1 / 3, -1 / 4, 1 / 5, -1 / 6]
#: From here on, the first term of the uniform expansion for large a has ten digits (DLMF 8.12).
_HUGE = 1e10


def _in_double(partial: Callable[..., Any]) -> Callable[..., Any]:
    """Compute a partial in double precision, also where the function is of single precision."""

    def computed(out: Any, *args: Any) -> Any:
        if out.dtype == np.float32:
            one = np.float64(1.0)
            return partial(out * one, *(arg * one for arg in args)).astype(np.float32)
        return partial(out, *args)

    return computed


def register(function: Any, *partials: Any, bound: float = 1e-10, note: str = "") -> None:
    """Register a ufunc by partials that are computed in double precision."""
    elementwise_row(function, *(_in_double(p) if callable(p) else p for p in partials), bound=bound, note=note)


def register_solved(
    function: Any,
    slope: Callable[..., Any],
    *order: Any,
    bounded: bool = False,
    forward: Any = None,
    bound: float = 1e-8,
    note: str = _SEARCHED,
) -> None:
    """Register what solves ``forward(*point) = p`` for one argument of `forward`, by the implicit rule.

    ``slope(i, *point)`` is the derivative of `forward` in its argument i, and ``order`` tells for each argument of
    `function` which argument of `forward` it is, or "p". The one that is missing is the solution. With ``bounded``, a
    solution that would be negative is 0, and does not move. With `forward`, a step of Newton's method makes SciPy's
    solution more precise, and the derivative is nan where it is none.
    """
    (position,) = set(range(len(order))) - set(order)

    def partial(role: Any) -> Callable[..., Any]:
        def computed(out: Any, *args: Any) -> Any:
            point = list(args)
            for r, arg in zip(order, args, strict=True):
                if r != "p":
                    point[r] = arg
            stuck = bounded & (primal_all(out) <= 0)
            point[position] = np.where(stuck, 1.0, out) if bounded else out
            unsolved = np.False_
            if forward is not None:
                p = args[order.index("p")]
                off = forward(*point) - p
                # The step squares the error, which is relative to the smaller of the two tails.
                tail = np.minimum(primal_all(p), 1.0 - primal_all(p))
                unsolved = ~(np.abs(primal_all(off)) <= np.sqrt(bound) * tail)
                point[position] = np.where(unsolved, out, out - off / slope(position, *point))
            change = 1.0 if role == "p" else -slope(role, *point)
            return np.where(stuck, 0.0, np.where(unsolved, np.nan, change / slope(position, *point)))

        return computed

    register(function, *(partial(role) for role in order), bound=bound, note=note)


def _inside(x: Any, inside: Any) -> Any:
    """Put 0.5 where x is not inside, so that formulas for the inside give no nan."""
    return np.where(inside, x, 0.5)


def positive(a: Any) -> Any:
    """Put a tiny number in place of 0."""
    return a + np.where(primal_all(a) == 0, 1e-290, 0.0)


def not_too_small(a: Any, beside: Any = 1.0) -> Any:
    """Put a number that is tiny beside another in place of 0 and of all that is smaller, where limits at 0 are finite."""
    tiny = _TINY * np.minimum(primal_all(beside), 1.0)
    small = (primal_all(a) >= 0) & (primal_all(a) < tiny)
    return np.where(small, tiny + nothing(a, small), a) if np.any(small) else a


def nothing(x: Any, where: Any) -> Any:
    """Make a 0 that has no derivative in x at some places, where only the first derivative of a function is known."""
    return 0.0 * np.sqrt(np.where(where, x - np.where(where, primal_all(x), 0.0), 1.0))


def _deviance(ratio: Any) -> Any:
    """``ratio - 1 - log(ratio)``: that the ratio is rounded does no harm near 1, where its two parts cancel."""
    return ratio - 1.0 - np.log(ratio)


def _log_ratio(ratio: Any) -> Any:
    """``log(ratio) / (ratio - 1)``, which is 1 at 1."""
    near = np.abs(primal_all(ratio) - 1.0) < 1e-3
    off = np.where(near, ratio - 1.0, 0.0)
    far = np.where(near, 2.0, np.maximum(ratio, 1e-300))
    return np.where(near, horner(_LOG_RATIO, off), np.log(far) / (far - 1.0))


def _stirling_rest(a: Any) -> Any:
    """Logarithm of Gamma(a) over Stirling's formula (DLMF 5.11.1)."""
    large = primal_all(a) >= 10.0
    r = 1.0 / np.where(large, a, 10.0)
    q = r * r
    series = r * (1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q * (1 / 1188 - q * (691 / 360360))))))
    small = np.where(large, 1.0, a)
    rest = np.log(special.gamma(small)) - (small - 0.5) * np.log(small) + small - 0.5 * np.log(2 * np.pi)
    return np.where(large, series, rest)


def log_gamma_peak(a: Any, x: Any) -> Any:
    """Logarithm of ``x**a exp(-x) / Gamma(a)``, for positive a and x; relative error of its exponential 1e-11 up to a = 1e5."""
    return 0.5 * np.log(a / (2 * np.pi)) - _stirling_rest(a) - a * _deviance(x / a)


def gamma_density(a: Any, x: Any) -> Any:
    """Derivative of P(a, x) in x (DLMF 8.8.13)."""
    v = primal_all(x)
    inside = (v > 0) & (v < 1e100) & (primal_all(a) < np.inf) & (primal_all(a) != 0)
    t, b = _inside(x, inside), np.where(inside, a, 1.0)
    density = np.where(inside, np.exp(log_gamma_peak(b, t) - np.log(t)), 0.0)
    end = (v == 0) & (primal_all(a) > 0)
    if np.any(end):
        # Beyond a = 3 two derivatives are 0, too.
        t, b = np.where(end, x, 1.0), np.where(end, np.minimum(a, 4.0), 1.0)
        density = np.where(end, np.power(t, b - 1.0) * np.exp(-t) * special.rgamma(b), density)
    return _unless_zero(density, a)


def _unless_zero(density: Any, a: Any) -> Any:
    """For a parameter that is 0 there is no density, and no derivative of that in the parameter."""
    zero = primal_all(a) == 0
    return np.where(zero, nothing(a, zero), density) if np.any(zero) else density


def _cutoff(decay: Any, low: Any, high: Any, steps: int = 14) -> Any:
    """Find, to some percent, where an increasing function reaches the end; only plain numbers go in and come out."""
    for _ in range(steps):
        middle = np.sqrt(low) * np.sqrt(high)
        beyond = decay(middle) > _DECAY
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return high


def _laplace(integrand: Any, end: Any, n: int, *values: Any) -> Any:
    """Integrate from 0 to `end`, with more nodes near 0, where the decay may change its speed."""

    def graded(v: Any, end: Any, *values: Any) -> Any:
        return 3.0 * end * v * v * integrand(end * v**3, *values)

    return integral(graded, gauss(n), end, *values)


def two_sided(integrand: Any, peak: Any, *values: Any) -> Any:
    """Integrate over the real line what decays on both sides of its peak like an exponential or faster.

    ``integrand(u, *values)`` gives the logarithm of a positive factor, and another factor.
    """
    plain = [primal_all(v) for v in values]
    top = integrand(peak, *plain)[0]
    total: Any = 0.0
    for sign in (-1.0, 1.0):

        def decay(s: Any, sign: float = sign) -> Any:
            return top - integrand(peak + sign * s, *plain)[0]

        def term(s: Any, peak: Any, *values: Any, sign: float = sign) -> Any:
            log, factor = integrand(peak + sign * s, *values)
            return np.exp(log) * factor

        end = _cutoff(decay, np.full(np.shape(top), 1e-5), np.full(np.shape(top), 1e5))
        total = total + _laplace(term, end, 100, peak, *values)
    return total


def gamma_slope(a: Any, x: Any) -> Any:
    """Derivative of P(a, x) in a over ``x**a exp(-x) / Gamma(a)``, for x > 0; it is negative.

    Below x = 1 by the power series (DLMF 8.7.1), beyond by one of the two integrals; for huge a from what P depends on then,
    which is a (r - 1 - log(r)) with r = x / a.
    """
    huge = primal_all(a) >= _HUGE
    if np.any(huge):
        plain = np.where(huge, 1.0, a)
        rest = gamma_slope(plain, np.where(huge, 1.0, x))
        a, x = np.where(huge, a, _HUGE), np.where(huge, x, _HUGE)
        return np.where(huge, -_log_ratio(x / a) / a, rest)
    a = positive(a)
    v, p = np.broadcast_arrays(primal_all(x), primal_all(a))
    small, psi = v < 1.0, special.digamma(a)
    result: Any = 0.0
    if small.any():
        result = np.where(small, _gamma_series(a, np.where(small, x, 0.5), special.digamma(a + 1.0)), result)
    lower = ~small & (v < np.exp(special.digamma(np.where(p > 0, p, 1.0))))
    if lower.any():
        t, b = np.where(lower, x, 2.0), np.where(lower, a, 3.0)
        result = np.where(lower, _gamma_integral(b, t, np.where(lower, psi, np.log(3.0)), -1.0), result)
    upper = ~(small | lower) & (v < np.inf)
    if upper.any():
        t, b = np.where(upper, x, 3.0), np.where(upper, a, 2.0)
        result = np.where(upper, -_gamma_integral(b, t, np.where(upper, psi, 0.0), 1.0), result)
    return result


def _gamma_series(a: Any, x: Any, psi: Any) -> Any:
    """``psi`` is that of a + 1."""
    total, slope, power = 1.0, 0.0, 1.0
    for n in range(1, 21):
        power = power * (-x / n)
        q = 1.0 / (a + n)
        total, slope = total + a * power * q, slope + n * power * q * q
    return np.exp(x) / a * ((np.log(x) - psi) * total + slope)


def _gamma_integral(a: Any, x: Any, psi: Any, sign: float) -> Any:
    """Integrate over ``log(t / x)``, below 0 or above."""

    def decay(s: Any, a: Any, x: Any) -> Any:
        return -sign * (a * s) + x * np.expm1(sign * s)

    def integrand(s: Any, a: Any, x: Any, log: Any) -> Any:
        return (log + sign * s) * np.exp(-decay(s, a, x))

    v, p = primal_all(x), primal_all(a)
    low, high = (_DECAY / p, (_DECAY + v) / p) if sign < 0 else (np.log1p(_DECAY / v), np.sqrt(2 * _DECAY / v) + 1 / v)
    end = _cutoff(lambda s: decay(s, p, v), low, high)
    return _laplace(integrand, end, 48, a, x, np.log(x) - psi)


def digamma_step(a: Any, b: Any) -> Any:
    """``psi(a + b) - psi(a)`` without cancellation, for positive numbers (DLMF 5.5.2, 5.11.2)."""
    total: Any = 0.0
    for k in range(10):
        total = total + b / ((a + k) * (a + b + k))
    a = a + 10.0
    c = a + b
    log, q, r = np.log1p(b / a), 1.0 / (c * c), 1.0 / (a * a)
    # Of each term of the asymptotic series, the difference at a and a + b.
    total = total + log + b / (2.0 * a * c)
    for k, coefficient in enumerate((1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760), 1):
        total = total + coefficient * np.where(primal_all(log) < 1.0, q**k * np.expm1(2 * k * log), r**k - q**k)
    return total


def log_beta_peak(a: Any, b: Any, x: Any, y: Any) -> Any:
    """Logarithm of ``x**a y**b / B(a, b)`` with y = 1 - x, for positive numbers; as precise as `log_gamma_peak`."""
    n = a + b
    rest = _stirling_rest(n) - _stirling_rest(a) - _stirling_rest(b)
    return 0.5 * np.log(a / (2 * np.pi) * (b / n)) + rest - a * _deviance(x * n / a) - b * _deviance(y * n / b)


def beta_density(a: Any, b: Any, x: Any, y: Any) -> Any:
    """Derivative of I_x(a, b) in x, where y = 1 - x (DLMF 8.17.21)."""
    v, w = primal_all(x), primal_all(y)
    p, q = primal_all(a), primal_all(b)
    inside = (v > 0) & (w > 0) & (p < np.inf) & (q < np.inf) & (p != 0) & (q != 0)
    t, u = _inside(x, inside), _inside(y, inside)
    c, d = np.where(inside, a, 1.0), np.where(inside, b, 1.0)
    density = np.where(inside, np.exp(log_beta_peak(c, d, t, u) - np.log(t) - np.log(u)), 0.0)
    for near, far, e, f in ((x, y, a, b), (y, x, b, a)):
        end = (primal_all(near) == 0) & (primal_all(e) > 0) & (primal_all(f) > 0)
        if np.any(end):
            t, u = np.where(end, near, 1.0), np.where(end, far, 1.0)
            c, d = np.where(end, np.minimum(e, 4.0), 1.0), np.where(end, f, 1.0)
            density = np.where(end, np.power(t, c - 1.0) * np.power(u, d - 1.0) / special.beta(c, d), density)
    return _unless_zero(_unless_zero(density, a), b)


def log_t_peak(a: Any) -> Any:
    """Logarithm of the density of Student's distribution with 2 a degrees of freedom at 0, for positive a."""
    return a * np.log1p(0.5 / a) - 0.5 * np.log(2 * np.pi * np.e) + _stirling_rest(a + 0.5) - _stirling_rest(a)


def _log(x: Any, y: Any) -> Any:
    """Logarithm of x = 1 - y, from whichever is known better."""
    near = primal_all(x) > 0.5
    return np.where(near, np.log1p(-np.where(near, y, 0.5)), np.log(np.where(near, 0.5, x)))


def beta_slope(a: Any, b: Any, x: Any, y: Any) -> Any:
    """Derivative of I_x(a, b) in a over ``x**a y**b / B(a, b)``, where y = 1 - x, for 0 < x < 1; it is negative.

    That in b is ``-beta_slope(b, a, y, x)``. For small x by the power series (DLMF 8.17.7), else by one of two integrals.
    """
    a, b = positive(a), positive(b)
    q, v = primal_all(b), primal_all(x)
    # The part of psi(a + b) - psi(a) that grows like 1 / a as a goes to 0 cancels in the series.
    log = _log(x, y) + digamma_step(a + 1.0, b)
    pole = b / (a * (a + b))
    small = (v < 0.25) & (v * q < 1.0)
    result: Any = 0.0
    if small.any():
        t = np.where(small, x, 0.2)
        c, d = np.where(small, a, 1.0), np.where(small, b, 1.0)
        result = np.where(small, _beta_series(c, d, t, np.where(small, log, 0.0) - 1.0 / (c + d)), result)
    log = log + pole
    for mask, sign in ((~small & (primal_all(log) < 0), 1.0), (~small & ~(primal_all(log) < 0), -1.0)):
        if mask.any():
            inputs = [np.where(mask, z, s) for z, s in ((a, 1.0), (b, 1.0), (x, 0.5), (y, 0.5), (log, 0.0))]
            result = np.where(mask, sign * _beta_integral(*inputs, lower=sign > 0), result)
    return result


def _beta_series(a: Any, b: Any, x: Any, log: Any) -> Any:
    """``log`` is ``log(x) + psi(a + b) - psi(a + 1)``."""
    total, slope, power = 1.0, 0.0, 1.0
    for n in range(1, 31):
        power = power * ((n - b) / n) * x
        q = 1.0 / (a + n)
        total, slope = total + a * power * q, slope + n * power * q * q
    return np.exp(-b * np.log1p(-x)) / a * (log * total + slope)


def _beta_integral(a: Any, b: Any, x: Any, y: Any, log: Any, *, lower: bool) -> Any:
    """Integrate over the distance of the logits of t and x, below 0 or above."""
    if not lower:
        a, b, x, y = b, a, y, x

    def decay(s: Any, a: Any, b: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
        """``log(x / t)``, ``log((1 - t) / y)`` and the exponent, each without cancellation."""
        near = (primal_all(x) > 0.5) & (s < 30.0)
        nearby = np.log1p(np.where(near, y, 0.5) * np.expm1(np.where(near, s, 1.0)))
        far = np.log1p(np.where(near, 0.5, x) * np.expm1(-s))
        exponent = np.where(near, (a + b) * nearby - b * s, a * s + (a + b) * far)
        return np.where(near, nearby, s + far), np.where(near, s - nearby, -far), exponent

    def integrand(s: Any, a: Any, b: Any, x: Any, y: Any, log: Any) -> Any:
        fall, rise, exponent = decay(s, a, b, x, y)
        return (log - fall if lower else log + rise) * np.exp(-exponent)

    p, q, v, w = np.broadcast_arrays(*(primal_all(z) for z in (a, b, x, y)))
    high = (_DECAY - (p + q) * np.log(np.maximum(w, 1e-300))) / p
    slope = p - (p + q) * v
    high = np.where(slope > 0, np.minimum(high, _DECAY / np.where(slope > 0, slope, 1.0)), high)
    end = _cutoff(lambda s: decay(s, p, q, v, w)[2], _DECAY / p, high)
    return _laplace(integrand, end, 100, a, b, x, y, log)
