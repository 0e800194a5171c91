"""The error function, the normal distribution and their relatives."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, choice, log_uniform, signed, uniform

ANY = signed(1e-20, 26)
PLANE_SIZE = signed(1e-5, 25)


def _plane(real, imag):
    return lambda rng, n: real(rng, n) + 1j * imag(rng, n)


PLANE = _plane(PLANE_SIZE, PLANE_SIZE)
#: Where exp(z²) stays in the range.
STRIP = _plane(PLANE_SIZE, signed(1e-5, 15))
ACROSS = _plane(signed(1e-5, 15), PLANE_SIZE)


def _scaled(z):
    return mp.exp(z * z) * mp.erfc(z)


def _faddeeva(z):
    return _scaled(-1j * z)


def _faddeeva_slope(z):
    return 2j / mp.sqrt(mp.pi) - 2 * z * _faddeeva(z)


def _dawson(z):
    return mp.sqrt(mp.pi) / 2 * mp.exp(-z * z) * mp.erfi(z)


def _normal_quantile(p):
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


def _density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _distribution(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _by_density(quantile):
    return lambda p: 1 / _density(quantile(p))


def _normal_quantile_far(p):
    """By Newton's method from SciPy's value: mpmath's erfinv takes no p that is close to 0."""
    x = mp.mpf(float(special.ndtri(float(p))))
    for _ in range(2):
        x -= (_distribution(x) - p) / _density(x)
    return x


def _quantile_of_log(y):
    x = mp.mpf(float(special.ndtri_exp(float(y))))
    for _ in range(2):
        x -= (mp.log(_distribution(x)) - y) * _distribution(x) / _density(x)
    return x


def _owens_t(h, a):
    return mp.quad(lambda t: mp.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * mp.pi)


def _modified(sign):
    def both(x):
        u = mp.expjpi(-sign * mp.mpf(1) / 4) * x
        return mp.sqrt(mp.pi) / 2 * mp.expjpi(sign * mp.mpf(1) / 4) * mp.erfc(u), _scaled(u) / 2

    def slopes(x):
        turn = mp.expjpi(-sign * mp.mpf(1) / 4)
        return -mp.expj(sign * x * x), turn * (turn * x * _scaled(turn * x) - 1 / mp.sqrt(mp.pi))

    return both, slopes


def _voigt(x, sigma, gamma):
    root = sigma * mp.sqrt(2)
    return mp.re(_faddeeva((x + 1j * gamma) / root)) / (root * mp.sqrt(mp.pi))


def _voigt_slopes(x, sigma, gamma):
    """In closed form, with the many digits that it takes to cancel."""
    z = (x + 1j * gamma) / (sigma * mp.sqrt(2))
    w = _faddeeva(z)
    slope = -2 * z * w + 2j / mp.sqrt(mp.pi)
    unit = 2 * mp.sqrt(mp.pi) * sigma**2
    return mp.re(slope) / unit, -mp.sqrt(2) * mp.re(w + z * slope) / unit, -mp.im(slope) / unit


VOIGT = {i: (lambda *args, i=i: _voigt_slopes(*args)[i]) for i in range(3)}
VOIGT_SCALE = {"scale": lambda x, sigma, gamma: 1e-3 * _voigt(x, sigma, gamma) / mp.hypot(mp.hypot(x, sigma), gamma)}


CASES = [
    Case(special.erf, mp.erf, (ANY,), digits=340),
    Case(special.erf, mp.erf, (_plane(signed(1e-5, 6), signed(1e-5, 15)),), digits=340),
    Case(special.erfc, mp.erfc, (ANY,), digits=340),
    Case(special.erfcx, _scaled, (signed(1e-9, 25),), digits=340),
    Case(
        special.erfcx,
        _scaled,
        (log_uniform(1, 1e100),),
        partials={0: lambda x: 2 * x * _scaled(x) - 2 / mp.sqrt(mp.pi)},
        digits=340,
    ),
    Case(special.erfcx, _scaled, (ACROSS,), digits=340),
    Case(special.erfi, mp.erfi, (ANY,), digits=40),
    Case(special.dawsn, _dawson, (signed(1e-9, 60),), digits=40, scale=lambda x: 0.1 / (1 + x * x)),
    Case(special.dawsn, _dawson, (STRIP,), digits=340, scale=lambda z: 0.1 / (1 + abs(z) ** 2)),
    Case(special.wofz, _faddeeva, (ACROSS,), partials={0: _faddeeva_slope}, digits=60),
    Case(
        special.erfinv,
        mp.erfinv,
        (uniform(-1, 1),),
        partials={0: lambda y: mp.sqrt(mp.pi) / 2 * mp.exp(mp.erfinv(y) ** 2)},
    ),
    Case(
        special.erfcinv,
        mp.erfinv,
        (log_uniform(1e-300, 1.9),),
        partials={0: lambda y: -_by_density(_normal_quantile_far)(y / 2) / (2 * mp.sqrt(2))},
        digits=40,
    ),
    Case(special.ndtr, _distribution, (signed(1e-9, 37),), digits=340),
    Case(special.log_ndtr, mp.log, (signed(1e-9, 37),), partials={0: lambda x: _density(x) / _distribution(x)}),
    Case(
        special.log_ndtr,
        mp.log,
        (lambda rng, n: -log_uniform(10, 1e9)(rng, n),),
        partials={0: lambda x: _density(x) / _distribution(x)},
    ),
    Case(
        special.ndtri,
        _normal_quantile,
        (log_uniform(1e-300, 0.999),),
        partials={0: _by_density(_normal_quantile_far)},
        digits=40,
    ),
    Case(
        special.ndtri_exp,
        _quantile_of_log,
        (lambda rng, n: -log_uniform(1e-280, 1e5)(rng, n),),
        partials={0: lambda y: mp.exp(y) / _density(_quantile_of_log(y))},
        digits=340,
    ),
    Case(
        special.nrdtrimn,
        lambda p, std, x: x - std * _normal_quantile(p),
        (uniform(0.001, 0.999), log_uniform(1e-5, 1e5), signed(1e-5, 1e5)),
        (0, 1, 2),
        digits=40,
    ),
    Case(
        special.nrdtrisd,
        lambda mean, p, x: (x - mean) / _normal_quantile(p),
        (uniform(-9, 0), uniform(0.51, 0.999), uniform(1, 9)),
        (0, 1, 2),
        digits=40,
    ),
    Case(
        special.owens_t,
        _owens_t,
        (signed(1e-5, 20), signed(1e-5, 20)),
        (1,),
        {1: lambda h, a: mp.exp(-h * h * (1 + a * a) / 2) / (2 * mp.pi * (1 + a * a))},
        inside=lambda h, a: abs(h * a) < 20,
    ),
    Case(
        special.owens_t,
        _owens_t,
        (signed(1e-5, 20), signed(1e-5, 1e5)),
        partials={0: lambda h, a: -_density(h) * mp.erf(a * h / mp.sqrt(2)) / 2},
    ),
    Case(special.fresnel, lambda z: (mp.fresnels(z), mp.fresnelc(z)), (signed(1e-9, 9),), digits=40),
    Case(
        special.fresnel,
        mp.fresnels,
        (signed(1, 1e9),),
        partials={0: lambda z: (mp.sinpi(z * z / 2), mp.cospi(z * z / 2))},
        digits=40,
        scale=lambda z: 1,
    ),
    Case(
        special.fresnel,
        lambda z: (mp.fresnels(z), mp.fresnelc(z)),
        (_plane(signed(1e-3, 5), signed(1e-3, 5)),),
        digits=40,
    ),
    *(
        Case(function, _modified(sign)[0], (log_uniform(1e-9, 1e4),), partials={0: _modified(sign)[1]}, digits=60)
        for function, sign in ((special.modfresnelp, 1), (special.modfresnelm, -1))
    ),
    Case(
        special.voigt_profile,
        _voigt,
        (signed(1e-3, 1e3), log_uniform(1e-2, 1e2), log_uniform(1e-2, 1e2)),
        (0, 1, 2),
        VOIGT,
        digits=60,
        **VOIGT_SCALE,
    ),
    Case(
        special.voigt_profile,
        _voigt,
        (signed(0.1, 30), choice(1.0), log_uniform(1e-20, 1)),
        (0, 1, 2),
        VOIGT,
        digits=450,
        **VOIGT_SCALE,
    ),
    Case(
        special.voigt_profile,
        _voigt,
        (signed(0.1, 30), choice(1.0), choice(0.0)),
        (0, 1),
        VOIGT,
        digits=450,
        **VOIGT_SCALE,
    ),
]
