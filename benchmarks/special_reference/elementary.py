"""Functions made of powers, exponentials and logarithms, and their inverses."""

from __future__ import annotations

import math

from mpmath import mp
from scipy import special
from scipy.special import _ufuncs

from benchmarks.special_reference.case import Case, choice, log_uniform, signed, uniform

POSITIVE = log_uniform(1e-200, 1e200)
ANY = signed(1e-20, 500.0)


def _near_one(rng, n):
    """Numbers that differ from 1 by little."""
    return 1 + signed(1e-12, 0.5)(rng, n)


def _pseudo_huber(delta, r):
    return delta**2 * (mp.sqrt(1 + (r / delta) ** 2) - 1)


def _huber(delta, r):
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


def _box_cox(x, lmbda):
    return mp.expm1(lmbda * mp.log(x)) / lmbda


def _inverse_box_cox(y, lmbda):
    return mp.exp(mp.log1p(lmbda * y) / lmbda)


def _omega(z):
    branch = int(mp.ceil((mp.im(z) - mp.pi) / (2 * mp.pi)))
    return mp.lambertw(mp.exp(z), branch)


def _omega_slope(z):
    omega = z - mp.log(z) if mp.re(z) > 100 else _omega(z)  # where exp(z) is too large, by Newton's method
    for _ in range(8 if mp.re(z) > 100 else 0):
        omega -= (omega + mp.log(omega) - z) / (1 + 1 / omega)
    return omega / (1 + omega)


def _plane(real, imag):
    return lambda rng, n: real(rng, n) + 1j * imag(rng, n)


PLANE = _plane(signed(1e-5, 20), signed(1e-5, 20))


def _degrees(function):
    return lambda x: function(mp.radians(x))


CASES = [
    Case(
        special.radian,
        lambda d, m, s: (d + m / 60 + s / 3600) * mp.pi / 180,
        (signed(1e-3, 1e3), signed(1e-3, 1e3), signed(1e-3, 1e3)),
        (0, 1, 2),
    ),
    Case(special.cbrt, mp.cbrt, (POSITIVE,), digits=240),
    Case(special.exp2, lambda x: mp.mpf(2) ** x, (ANY,)),
    Case(special.exp10, lambda x: mp.mpf(10) ** x, (uniform(-300, 300),)),
    Case(special.expm1, mp.expm1, (ANY,), digits=480),
    Case(special.expm1, mp.expm1, (PLANE,)),
    Case(special.log1p, mp.log1p, (log_uniform(1e-20, 1e200),), partials={0: lambda x: 1 / (1 + x)}),
    Case(special.log1p, mp.log1p, (PLANE,)),
    Case(special.cosm1, lambda x: mp.cos(x) - 1, (ANY,)),
    Case(special.powm1, lambda x, y: x**y - 1, (log_uniform(1e-20, 1e20), signed(1e-9, 15)), (0, 1), digits=350),
    Case(special.powm1, lambda x, y: x**y - 1, (_near_one, signed(1e-9, 15)), (0, 1)),
    Case(special.exprel, lambda x: mp.expm1(x) / x, (signed(1e-9, 700),), digits=60),
    Case(special.expit, lambda x: 1 / (1 + mp.exp(-x)), (signed(1e-9, 700),), digits=700),
    Case(special.logit, lambda p: mp.log(p / (1 - p)), (log_uniform(1e-200, 0.9),), digits=240),
    Case(
        special.logit, lambda p: mp.log(p / (1 - p)), (lambda rng, n: 1 - log_uniform(1e-15, 0.5)(rng, n),), digits=60
    ),
    Case(special.log_expit, lambda x: -mp.log1p(mp.exp(-x)), (signed(1e-9, 700),), digits=700),
    Case(_ufuncs._log1pmx, lambda x: mp.log1p(x) - x, (lambda rng, n: signed(1e-12, 0.9)(rng, n),), digits=60),
    Case(special.xlogy, lambda x, y: x * mp.log(y), (signed(1e-100, 1e100), POSITIVE), (0, 1), digits=240),
    Case(special.xlog1py, lambda x, y: x * mp.log1p(y), (ANY, log_uniform(1e-20, 1e100)), (0, 1), digits=140),
    Case(special.entr, lambda x: -x * mp.log(x), (POSITIVE,), digits=240),
    Case(
        special.rel_entr,
        lambda x, y: x * mp.log(x / y),
        (POSITIVE, POSITIVE),
        (0, 1),
        scale=lambda x, y: 1,
        inside=lambda x, y: abs(math.log10(x) - math.log10(y)) < 300,
        digits=240,
    ),
    Case(special.kl_div, lambda x, y: x * mp.log(x / y) - x + y, (_near_one, _near_one), (0, 1), digits=60),
    Case(special.kl_div, lambda x, y: x * mp.log(x / y) - x + y, (log_uniform(1e-20, 1e20),) * 2, (0, 1), digits=60),
    Case(special.huber, _huber, (log_uniform(1e-5, 1e5), signed(1e-5, 1e5)), (0, 1)),
    Case(special.pseudo_huber, _pseudo_huber, (log_uniform(1e-9, 1e9), signed(1e-9, 1e9)), (0, 1), digits=90),
    Case(special.boxcox, _box_cox, (log_uniform(1e-20, 1e20), signed(1e-9, 10)), (0, 1), digits=350),
    Case(special.boxcox, _box_cox, (_near_one, signed(1e-9, 50)), (0, 1), digits=60),
    Case(
        special.boxcox1p,
        lambda x, t: _box_cox(1 + x, t),
        (log_uniform(1e-20, 1e9), signed(1e-9, 9)),
        (0, 1),
        digits=350,
    ),
    Case(
        special.inv_boxcox,
        _inverse_box_cox,
        (signed(1e-9, 50), signed(1e-9, 9)),
        (0, 1),
        inside=lambda y, t: t * y > -0.9,
        digits=350,
    ),
    Case(
        special.inv_boxcox1p,
        lambda y, t: _inverse_box_cox(y, t) - 1,
        (signed(1e-9, 50), signed(1e-9, 9)),
        (0, 1),
        inside=lambda y, t: t * y > -0.9,
        digits=350,
    ),
    Case(special.sindg, _degrees(mp.sin), (ANY,)),
    Case(special.cosdg, _degrees(mp.cos), (ANY,)),
    Case(special.tandg, _degrees(mp.tan), (ANY,)),
    Case(special.cotdg, _degrees(mp.cot), (ANY,), digits=60),
    Case(special.agm, mp.agm, (log_uniform(1e-150, 1e150), log_uniform(1e-150, 1e150)), (0, 1), digits=330),
    Case(special.wrightomega, _omega, (signed(1e-9, 700),), partials={0: _omega_slope}),
    Case(special.wrightomega, _omega, (PLANE,), partials={0: _omega_slope}),
    Case(
        _ufuncs._lambertw,
        lambda z, k, tol: mp.lambertw(z, int(k)),
        (PLANE, choice(-2, -1, 0, 1, 2), choice(1e-14)),
    ),
]
