"""The exponential, sine, cosine and logarithmic integrals."""

from __future__ import annotations

from mpmath import mp
from scipy import special
from scipy.special import _ufuncs

from benchmarks.special_reference.case import Case, integers, log_uniform, signed

POSITIVE = log_uniform(1e-100, 600)


def _plane(real, imag):
    return lambda rng, n: real(rng, n) + 1j * imag(rng, n)


PLANE = _plane(signed(1e-5, 50), signed(1e-5, 50))


def _sine_slopes(x):
    return mp.sin(x) / x, mp.cos(x) / x


def _hyperbolic_slopes(x):
    return mp.sinh(x) / x, mp.cosh(x) / x


def _log_quotient(z):
    return mp.log(z) / (1 - z)


CASES = [
    Case(special.exp1, mp.e1, (POSITIVE,), partials={0: lambda x: -mp.exp(-x) / x}),
    Case(special.exp1, mp.e1, (PLANE,)),
    Case(special.expi, mp.ei, (signed(1e-100, 700),), partials={0: lambda x: mp.exp(x) / x}),
    Case(special.expi, mp.ei, (PLANE,)),
    Case(
        special.expn, mp.expint, (integers(0, 30), log_uniform(1e-6, 600)), (1,), {1: lambda n, x: -mp.expint(n - 1, x)}
    ),
    Case(_ufuncs._scaled_exp1, lambda x: x * mp.exp(x) * mp.e1(x), (log_uniform(1e-3, 1e9),), digits=60),
    Case(special.sici, mp.si, (signed(1e-100, 1e4),), partials={0: _sine_slopes}),
    Case(special.sici, lambda z: (mp.si(z), mp.ci(z)), (_plane(log_uniform(1e-5, 50), signed(1e-5, 50)),)),
    Case(special.shichi, mp.shi, (signed(1e-100, 700),), partials={0: _hyperbolic_slopes}),
    Case(special.shichi, lambda z: (mp.shi(z), mp.chi(z)), (_plane(log_uniform(1e-5, 50), signed(1e-5, 50)),)),
    Case(special.spence, lambda z: mp.polylog(2, 1 - z), (log_uniform(1e-100, 1e100),), partials={0: _log_quotient}),
    Case(special.spence, lambda z: mp.polylog(2, 1 - z), (PLANE,), partials={0: _log_quotient}),
]
