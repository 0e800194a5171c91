"""The gamma function and its relatives."""

from __future__ import annotations

import math

from mpmath import mp
from scipy import special
from scipy.special import _ufuncs

from benchmarks.special_reference.case import Case, choice, integers, log_uniform, signed, uniform


def _complex(real, imag):
    return lambda rng, n: real(rng, n) + 1j * imag(rng, n)


PLANE = _complex(uniform(-30, 60), signed(1e-2, 60))


def _log_gamma(x):
    return mp.re(mp.loggamma(x))


def _log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def _beta_first(a, b):
    return mp.beta(a, b) * (mp.psi(0, a) - mp.psi(0, a + b))


def _log_beta_first(a, b):
    return mp.psi(0, a) - mp.psi(0, a + b)


def _gamma_slope(x):
    return mp.gamma(x) * mp.psi(0, x)


def _zeta_slope(s):
    return mp.zeta(s, 1, 1)


CASES = [
    Case(special.gamma, mp.gamma, (log_uniform(1e-150, 160.0),), partials={0: _gamma_slope}, scale=mp.gamma),
    Case(special.gamma, mp.gamma, (uniform(-20, 0),), scale=mp.gamma),
    Case(special.gamma, mp.gamma, (PLANE,)),
    Case(special.rgamma, mp.rgamma, (log_uniform(1e-300, 170.0),), scale=mp.rgamma),
    Case(special.rgamma, mp.rgamma, (uniform(-150, 1),), scale=lambda x: mp.gamma(1 - x) * mp.log(2 - x)),
    Case(special.rgamma, mp.rgamma, (integers(-150, 0),)),
    Case(special.rgamma, mp.rgamma, (PLANE,)),
    Case(special.gammaln, _log_gamma, (log_uniform(1e-150, 1e300),), partials={0: lambda x: mp.psi(0, x)}),
    Case(special.gammaln, _log_gamma, (uniform(-50, 0),), partials={0: lambda x: mp.psi(0, x)}, scale=lambda x: 1),
    Case(special.loggamma, mp.loggamma, (PLANE,), partials={0: lambda z: mp.psi(0, z)}),
    Case(special.digamma, mp.digamma, (log_uniform(1e-150, 1e150),), partials={0: lambda x: mp.psi(1, x)}),
    Case(special.digamma, mp.digamma, (uniform(-1e3, 0),), partials={0: lambda x: mp.psi(1, x)}),
    Case(special.digamma, mp.digamma, (PLANE,), partials={0: lambda x: mp.psi(1, x)}),
    Case(_ufuncs._lgam1p, lambda x: mp.loggamma(1 + x), (log_uniform(1e-20, 1e9),)),
    Case(_ufuncs._factorial, mp.factorial, (log_uniform(1e-3, 160.0),)),
    Case(
        special.beta,
        mp.beta,
        (log_uniform(1e-9, 1e5), log_uniform(1e-9, 30)),
        (0, 1),
        {0: _beta_first, 1: lambda a, b: _beta_first(b, a)},
        bound=1e-9,  # SciPy's own values have lost as much
        digits=40,
    ),
    Case(special.beta, mp.beta, (uniform(-8, 5), uniform(-8, 5)), (0, 1), scale=mp.beta),
    Case(special.beta, mp.beta, (choice(-0.5, -3.5, 1.5), choice(-0.5, -2.5)), (0, 1)),
    Case(
        special.betaln,
        _log_beta,
        (log_uniform(1e-200, 1e20), log_uniform(1e-200, 1e20)),
        (0, 1),
        {0: _log_beta_first, 1: lambda a, b: _log_beta_first(b, a)},
        digits=480,
    ),
    Case(special.binom, mp.binomial, (uniform(-0.9, 30), uniform(-10, 50)), (0, 1), scale=mp.binomial),
    Case(special.binom, mp.binomial, (uniform(-12, -1), uniform(-5, 5)), (0, 1), scale=mp.binomial),
    Case(special.binom, mp.binomial, (integers(0, 30), integers(-20, 60)), (0, 1), scale=mp.binomial),
    Case(special.binom, mp.binomial, (log_uniform(1e-9, 1e6), integers(0, 6)), (0, 1), scale=mp.binomial),
    Case(special.poch, mp.rf, (uniform(-12, 12), uniform(-9, 20)), (0, 1), scale=mp.rf),
    Case(special.poch, mp.rf, (log_uniform(1e-9, 1e4), signed(1e-9, 20)), (0, 1), scale=mp.rf),
    Case(
        special.poch,
        mp.rf,
        (integers(-12, 0), integers(1, 20)),
        partials={0: lambda z, m: mp.diff(lambda t: mp.fprod(t + i for i in range(int(m))), z)},
    ),
    Case(special.zetac, mp.zeta, (log_uniform(1.001, 700),), partials={0: _zeta_slope}),
    Case(special.zetac, mp.zeta, (uniform(-100, 0.99),), partials={0: _zeta_slope}, scale=mp.zeta),
    Case(_ufuncs._riemann_zeta, mp.zeta, (_complex(uniform(-20, 20), uniform(-99, 99)),), scale=mp.zeta),
    Case(
        _ufuncs._zeta,
        mp.zeta,
        (log_uniform(1.001, 200), log_uniform(1e-1, 1e8)),
        (0, 1),
        scale=mp.zeta,
        inside=lambda s, q: (s + 1) * math.log10(q) < 300,
        digits=80,
    ),
    Case(_ufuncs._zeta, mp.zeta, (integers(2, 12), uniform(-9, 0)), (1,)),
]
