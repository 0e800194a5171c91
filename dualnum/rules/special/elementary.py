"""Rows of functions made of powers, exponentials and logarithms, and of the inverses that these have.

They exist because the plain formula loses digits; so would the derivative of that formula.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from dualnum.dispatch import primal_all
from dualnum.rules.elementwise import power_base, power_exponent
from dualnum.rules.special.families import INTEGER, register
from dualnum.rules.special.series import horner
from dualnum.table import constant

#: Smaller than all numbers but 0. In place of 0, it makes 0 / 0 to 0, and 1 / 0 stays infinite when that is differentiated.
_TINY = 5e-324


# Exponentials

register(special.cbrt, lambda out, x: 1.0 / (3.0 * out * out))
register(special.exp2, lambda out, x: out * math.log(2))
register(special.exp10, lambda out, x: out * math.log(10))
register(special.expm1, lambda out, x: np.exp(x))
register(special.cosm1, lambda out, x: -np.sin(x))
register(
    special.powm1,
    lambda out, x, y: power_base(np.power(x, y), x, y),
    lambda out, x, y: power_exponent(np.power(x, y), x, y),
)

_EXPREL_SLOPE = [1.0 / (math.factorial(k) * (k + 2)) for k in range(20)]
_LOG_LARGEST = 709.0


def exprel_slope(x):
    """Compute the derivative of (exp(x) - 1) / x, which is 1/2 at 0."""
    small = np.abs(primal_all(x)) < 1
    y = np.where(small, 1.0, x)
    # At -inf, (y - 1) exp(y) would be inf * 0.
    far = np.where(
        primal_all(y) < -_LOG_LARGEST, 1.0 / y / y, ((y - 1.0) * np.exp(np.maximum(y, -_LOG_LARGEST)) + 1.0) / y / y
    )
    return np.where(small, horner(_EXPREL_SLOPE, np.where(small, x, 0.0)), far)


register(special.exprel, lambda out, x: exprel_slope(x))
register(special.expit, lambda out, x: out * special.expit(-x))
register(special.log_expit, lambda out, x: special.expit(-x))


# Logarithms

register(special.log1p, lambda out, x: 1.0 / (1.0 + x))
register(special.logit, lambda out, x: 1.0 / (x * (1.0 - x)))
register(_ufuncs._log1pmx, lambda out, x: -x / (1.0 + x))
if hasattr(_ufuncs, "_log1mexp"):
    register(_ufuncs._log1mexp, lambda out, x: -1.0 / np.expm1(-x))


def _quotient(x, y):
    """Compute x / y, but 0 / 0 = 0."""
    return x / np.where((primal_all(x) == 0) & (primal_all(y) == 0), _TINY, y)


register(special.xlogy, lambda out, x, y: np.log(y), lambda out, x, y: _quotient(x, y))
register(special.xlog1py, lambda out, x, y: np.log1p(y), lambda out, x, y: _quotient(x, 1.0 + y))
register(special.entr, lambda out, x: -np.log(x) - 1.0)


def _log_quotient(x, y):
    """Compute log(x / y), also where x / y leaves the range, and with all digits where it is close to 1."""
    ratio = primal_all(x / y)
    close = np.abs(ratio - 1) < 0.5
    safe = np.where(close, y, 1.0)
    return np.where(close, np.log1p((np.where(close, x, 1.0) - safe) / safe), np.log(x) - np.log(y))


def _where_finite(x, y, slope):
    """Give nan where the divergences are infinite by definition."""
    return np.where((primal_all(x) < 0) | (primal_all(y) < 0), np.nan, slope)


register(
    special.rel_entr,
    lambda out, x, y: _where_finite(x, y, _log_quotient(x, y) + 1.0),
    lambda out, x, y: _where_finite(x, y, -_quotient(x, y)),
)
register(
    special.kl_div,
    lambda out, x, y: _where_finite(x, y, _log_quotient(x, y)),
    lambda out, x, y: _where_finite(x, y, _quotient(y - x, y) + ((primal_all(x) == 0) & (primal_all(y) == 0))),
)


# Losses that grow like the square at first, and then like the modulus


def _huber_threshold(out, delta, r):
    return np.where(primal_all(delta) < 0, np.nan, np.maximum(np.abs(r) - delta, 0.0))


def _huber_residual(out, delta, r):
    return np.where(primal_all(delta) < 0, np.nan, np.clip(r, -delta, delta))


def _hypotenuse(delta, r):
    """Compute the hypotenuse, or 1 where it is 0."""
    nothing = (primal_all(delta) == 0) & (primal_all(r) == 0)
    return np.where(nothing, 1.0, np.hypot(np.where(nothing, 1.0, delta), r))


def _pseudo_huber_threshold(out, delta, r):
    # (h - delta)² / h, where h - delta would cancel
    h = _hypotenuse(delta, r)
    excess = r * (r / (h + delta))
    return np.where(primal_all(delta) < 0, np.nan, excess * (excess / h))


def _pseudo_huber_residual(out, delta, r):
    return np.where(primal_all(delta) < 0, np.nan, r * (delta / _hypotenuse(delta, r)))


register(special.huber, _huber_threshold, _huber_residual)
register(special.pseudo_huber, _pseudo_huber_threshold, _pseudo_huber_residual)


# Powers with a parameter (Box and Cox 1964), and their inverses


def _box_cox_parameter(log_x, parameter):
    """Derivative of (exp(log_x parameter) - 1) / parameter in the parameter."""
    z = log_x * parameter
    large = np.abs(primal_all(z)) > 1
    decayed = primal_all(z) < -2 * _LOG_LARGEST
    safe = np.where(large, parameter, 1.0)
    y = np.where(large & ~decayed, z, 1.0)
    growth = np.where(decayed, 0.0, (y - 1.0) * np.exp(y))
    return np.where(large, (growth + 1.0) / safe / safe, log_x * log_x * exprel_slope(np.where(large, 0.0, z)))


def _box_cox_1p_slope(out, x, parameter):
    """Compute (1 + x)**(parameter - 1), by the logarithm where 1 + x would be rounded."""
    small = np.abs(primal_all(x)) < 0.5
    by_log = np.exp((parameter - 1.0) * np.log1p(np.where(small, x, 0.0)))
    return np.where(small, by_log, np.power(1.0 + np.where(small, 1.0, x), parameter - 1.0))


register(
    special.boxcox,
    lambda out, x, lmbda: np.power(x, lmbda - 1.0),
    lambda out, x, lmbda: _box_cox_parameter(np.log(x), lmbda),
)
register(
    special.boxcox1p,
    _box_cox_1p_slope,
    lambda out, x, lmbda: _box_cox_parameter(np.log1p(x), lmbda),
)

# Of log(1 + u) / u for |u| < 0.01, and of (exp(-v) - 1 + v) / v² for |v| < 1
_LOG1P_RATIO = [(-1.0) ** k / (k + 1) for k in range(10)]
_EXPM1_REST = [(-1.0) ** k / math.factorial(k + 2) for k in range(20)]


def log_of_inverse(y, parameter):
    """Compute log(1 + parameter y), and that divided by the parameter: the logarithm of the inverse transformation."""
    product = parameter * y
    overflow = np.isinf(primal_all(product)) & np.isfinite(primal_all(y))
    u = np.where(overflow, 0.0, product)
    log = np.where(overflow, np.log(np.abs(y)) + np.log(np.abs(parameter)), np.log1p(u))
    small = np.abs(primal_all(product)) < 1e-2
    series = y * horner(_LOG1P_RATIO, np.where(small, product, 0.0))
    return log, np.where(small, series, log / np.where(small, 1.0, parameter))


def _edge(y, parameter):
    """Tell where the inverse is 0 to a power; give that 0, and the power that its derivative has."""
    edge = primal_all(parameter * y) == -1
    base = np.where(edge, 1.0 + parameter * y, 1.0)
    return edge, base, np.power(base, np.where(edge, 1.0 / np.where(edge, parameter, 1.0) - 1.0, 1.0))


def _inverse_box_cox_value(out, y, parameter):
    edge, _, power = _edge(y, parameter)
    _, exponent = log_of_inverse(np.where(edge, 0.0, y), parameter)
    return np.where(edge, power, np.exp(exponent * (1.0 - parameter)))


def _inverse_box_cox_parameter(out, y, parameter):
    """By the implicit rule: minus the derivative of the transformation in its parameter, by that in x."""
    edge, base, power = _edge(y, parameter)
    log, exponent = log_of_inverse(np.where(edge, 0.0, y), parameter)
    small = np.abs(primal_all(log)) < 1
    v = np.where(small, 1.0, log)
    safe = np.where(small & ~edge, 1.0, parameter)
    series = exponent * exponent * horner(_EXPM1_REST, np.where(small, log, 0.0))
    inner = -np.exp(exponent) * np.where(small, series, (np.exp(-v) - 1.0 + v) / safe / safe)
    return np.where(edge, (power * y - special.xlogy(base * power, base) / safe) / safe, inner)


for _inverse in (special.inv_boxcox, special.inv_boxcox1p):
    register(_inverse, _inverse_box_cox_value, _inverse_box_cox_parameter)


# Angles in degrees

_DEGREE = math.pi / 180

register(special.sindg, lambda out, x: _DEGREE * special.cosdg(x))
register(special.cosdg, lambda out, x: -_DEGREE * special.sindg(x))
# Not by 1 + tan²: near their poles, SciPy's tangents have no digits, but its sine and cosine have.
register(special.tandg, lambda out, x: _DEGREE / np.square(special.cosdg(x)))
register(special.cotdg, lambda out, x: -_DEGREE / np.square(special.sindg(x)))
register(special.radian, _DEGREE, _DEGREE / 60, _DEGREE / 3600)
constant(special.round)


# Inverses and means defined by equations


def _agm_slope(out, a, b):
    """Derivative of the arithmetic-geometric mean in a, by that of its iteration (DLMF 19.8.1); all terms are positive."""
    zero = (primal_all(a) == 0) | (primal_all(b) == 0)
    limit = np.where(primal_all(b) == 0, np.where(primal_all(a) == 0, np.nan, 0.0), np.inf)
    limit = limit + 0.0 * np.sqrt(a * b)  # no derivative there, rather than that of a constant
    a, b = np.where(zero, 1.0, np.abs(a)), np.where(zero, 1.0, np.abs(b))
    a_dot, b_dot = 1.0, 0.0
    for _ in range(_AGM_STEPS):
        root_a, root_b = np.sqrt(a), np.sqrt(b)
        ratio = root_a / root_b
        a_dot, b_dot = 0.5 * (a_dot + b_dot), 0.5 * (a_dot / ratio + b_dot * ratio)
        a, b = 0.5 * a + 0.5 * b, root_a * root_b
    return np.where(zero, limit, np.where(np.isnan(primal_all(out)), np.nan, a_dot))


#: As many as the most distant pair of floats takes to agree to the last digit.
_AGM_STEPS = 15
register(special.agm, _agm_slope, lambda out, a, b: _agm_slope(out, b, a))


def _omega_slope(out, z):
    infinite = primal_all(out) == np.inf
    omega = np.where(infinite, 1.0, out)
    return np.where(infinite, 1.0, omega / (1.0 + omega))


register(special.wrightomega, _omega_slope)
# DLMF 4.13.4; the form without exp(-W) is 0 / 0 at 0
register(_ufuncs._lambertw, lambda out, z, k, tol: np.exp(-out) / (1.0 + out), INTEGER, "it is a tolerance")
