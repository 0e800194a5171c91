"""Rows of the distribution functions of chi-square, gamma, F, beta and Student's t, and of their inverses.

They are incomplete gamma and beta functions (DLMF 8.2, 8.17) of other arguments. An inverse function follows the implicit
rule, in every argument.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.rules.special.densities import (
    beta_density,
    beta_slope,
    gamma_density,
    log_beta_peak,
    log_t_peak,
    nothing,
    register,
    register_solved,
)
from dualnum.rules.special.incomplete import (
    betainc_in_a,
    betainc_shift,
    gammainc_in_a,
    gammainc_shift,
    inverse_gamma_density,
)

_LARGE = "up to a million degrees of freedom; beyond, what they change is lost in the rounding of larger effects"

# Chi-square: P(v / 2, x / 2).

register(
    special.chdtr,
    lambda out, v, x: 0.5 * gammainc_in_a(0.5 * v, 0.5 * x),
    lambda out, v, x: 0.5 * gamma_density(0.5 * v, 0.5 * x),
)
register(
    special.chdtrc,
    lambda out, v, x: -0.5 * gammainc_in_a(0.5 * v, 0.5 * x),
    lambda out, v, x: -0.5 * gamma_density(0.5 * v, 0.5 * x),
)
register(
    special.chdtri,
    lambda out, v, p: gammainc_shift(0.5 * v, 0.5 * out),
    lambda out, v, p: -2.0 * inverse_gamma_density(0.5 * v, 0.5 * out, p),
)
register(
    special.chdtriv,
    lambda out, p, x: 2.0 / gammainc_in_a(0.5 * out, 0.5 * x),
    lambda out, p, x: 1.0 / gammainc_shift(0.5 * out, 0.5 * x),
)

# Gamma, with the rate a and the shape b: P(b, a x).

register(
    special.gdtr,
    lambda out, a, b, x: x * gamma_density(b, a * x),
    lambda out, a, b, x: gammainc_in_a(b, a * x),
    lambda out, a, b, x: a * gamma_density(b, a * x),
)
register(
    special.gdtrc,
    lambda out, a, b, x: -x * gamma_density(b, a * x),
    lambda out, a, b, x: -gammainc_in_a(b, a * x),
    lambda out, a, b, x: -a * gamma_density(b, a * x),
)
register(
    special.gdtria,
    lambda out, p, b, x: inverse_gamma_density(b, out * x, p) / x,
    lambda out, p, b, x: gammainc_shift(b, out * x) / x,
    lambda out, p, b, x: -out / x,
)
register(
    special.gdtrib,
    lambda out, a, p, x: x / gammainc_shift(out, a * x),
    lambda out, a, p, x: 1.0 / gammainc_in_a(out, a * x),
    lambda out, a, p, x: a / gammainc_shift(out, a * x),
)
register(
    special.gdtrix,
    lambda out, a, b, p: -out / a,
    lambda out, a, b, p: gammainc_shift(b, a * out) / a,
    lambda out, a, b, p: inverse_gamma_density(b, a * out, p) / a,
)

# Beta: I_x(a, b).

register(
    special.btdtria,
    lambda out, p, b, x: 1.0 / betainc_in_a(out, b, x, 1.0 - x),
    lambda out, p, b, x: beta_slope(b, out, 1.0 - x, x) / beta_slope(out, b, x, 1.0 - x),
    lambda out, p, b, x: 1.0 / betainc_shift(out, b, x, 1.0 - x),
)
register(
    special.btdtrib,
    lambda out, a, p, x: beta_slope(a, out, x, 1.0 - x) / beta_slope(out, a, 1.0 - x, x),
    lambda out, a, p, x: -1.0 / betainc_in_a(out, a, 1.0 - x, x),
    lambda out, a, p, x: -1.0 / betainc_shift(out, a, 1.0 - x, x),
)

# F: I_w(m / 2, n / 2), where w / (1 - w) = m x / n.


def _f_arguments(m: Any, n: Any, x: Any) -> tuple[Any, Any, Any, Any]:
    ratio = m * x / n
    w = np.where(primal_all(ratio) < np.inf, ratio, 0.0) / (1.0 + np.where(primal_all(ratio) < np.inf, ratio, 0.0))
    return 0.5 * m, 0.5 * n, np.where(primal_all(ratio) < np.inf, w, 1.0), 1.0 / (1.0 + ratio)


def _f_density(m: Any, n: Any, x: Any) -> Any:
    a, b, w, y = _f_arguments(m, n, x)
    return beta_density(a, b, w, y) * y * y * (m / n)


def _f_slope(m: Any, n: Any, x: Any, i: int) -> Any:
    """Derivative in m or n over ``w**a (1 - w)**b / B(a, b)``, twice."""
    a, b, w, y = _f_arguments(m, n, x)
    return beta_slope(a, b, w, y) + 1.0 / a if i == 0 else -beta_slope(b, a, y, w) - 1.0 / b


def _f_inside(x: Any) -> tuple[Any, Any]:
    inside = (primal_all(x) > 0) & (primal_all(x) < np.inf)
    return inside, np.where(inside, x, 1.0)


def _f_in(m: Any, n: Any, x: Any, i: int) -> Any:
    """Derivative in m or n."""
    inside, t = _f_inside(x)
    end = nothing(x, (primal_all(x) == 0) & (primal_all(m) <= 2))
    return np.where(inside, 0.5 * np.exp(log_beta_peak(*_f_arguments(m, n, t))) * _f_slope(m, n, t, i), end)


def f_shift(m: Any, n: Any, x: Any, i: int) -> Any:
    """How fast x must move with m or n."""
    inside, t = _f_inside(x)
    return np.where(inside, -0.5 * t * _f_slope(m, n, t, i), np.where(primal_all(x) == 0, nothing(x, ~inside), np.nan))


register(
    special.fdtr,
    lambda out, m, n, x: _f_in(m, n, x, 0),
    lambda out, m, n, x: _f_in(m, n, x, 1),
    lambda out, m, n, x: _f_density(m, n, x),
    note=_LARGE,
)
register(
    special.fdtrc,
    lambda out, m, n, x: -_f_in(m, n, x, 0),
    lambda out, m, n, x: -_f_in(m, n, x, 1),
    lambda out, m, n, x: -_f_density(m, n, x),
    note=_LARGE,
)
register(
    special.fdtri,
    lambda out, m, n, p: f_shift(m, n, out, 0),
    lambda out, m, n, p: f_shift(m, n, out, 1),
    lambda out, m, n, p: 1.0 / _f_density(m, n, out),
    note=_LARGE,
)


def _f_all(i: int, m: Any, n: Any, x: Any) -> Any:
    return _f_density(m, n, x) if i == 2 else _f_in(m, n, x, i)


register_solved(special.fdtridfd, _f_all, 0, "p", 2, forward=special.fdtr)

# Student's t: with w = v / (v + t**2), half of I_w(v / 2, 1 / 2) at negative t.


def t_density(v: Any, t: Any) -> Any:
    v = np.where(primal_all(v) < 1e200, v, 1e200)  # the normal density
    r = t / np.sqrt(v)
    return np.exp(log_t_peak(0.5 * v) - (0.5 * v + 0.5) * np.log1p(r * r))


def t_shift(v: Any, t: Any) -> Any:
    """How fast t must move with v."""
    size = np.abs(primal_all(t))
    usable = size < 1e150
    s = np.where(usable, np.where(size > 1e-100, t, 1e-100), 1.0)  # near 0 it is proportional to t
    r = s * s / v
    rate = 0.25 * (beta_slope(0.5 * v, 0.5, 1.0 / (1.0 + r), r / (1.0 + r)) + 2.0 / v)
    return np.where(usable, t * rate, np.where(size == np.inf, -t, np.nan))


def _t_in_v(v: Any, t: Any) -> Any:
    inside = (np.abs(primal_all(t)) < 1e150) & (primal_all(v) < np.inf)
    s, v = np.where(inside, t, 0.0), np.where(inside, v, 1.0)
    return np.where(inside, -t_density(v, s) * t_shift(v, s), 0.0)


register(special.stdtr, lambda out, v, t: _t_in_v(v, t), lambda out, v, t: t_density(v, t), note=_LARGE)
register(special.stdtrit, lambda out, v, p: t_shift(v, out), lambda out, v, p: 1.0 / t_density(v, out), note=_LARGE)
register_solved(
    special.stdtridf, lambda i, v, t: t_density(v, t) if i else _t_in_v(v, t), "p", 1, forward=special.stdtr
)
