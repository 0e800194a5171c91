"""Wright's generalised Bessel function."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, choice, log_uniform, uniform


def _sums(a, b, x):
    """The function and its derivatives in a, b, and x."""
    totals = [mp.mpf(0)] * 4
    k = 0
    power = mp.mpf(1)
    while True:
        z = a * k + b
        size = power * mp.rgamma(z)
        slope = -power * mp.rgamma(z) * mp.psi(0, z) if z > 0 else power
        parts = size, k * slope, slope, k * size / x
        totals = [t + p for t, p in zip(totals, parts, strict=True)]
        if k > 20 and all(abs(p) <= abs(t) * mp.eps for p, t in zip(parts, totals, strict=True)):
            return totals
        k += 1
        power = power * x / k


def _slope(index):
    return lambda *args: _sums(*args)[index]


def _log_slope(index):
    def slope(*args):
        totals = _sums(*args)
        return totals[index] / totals[0]

    return slope


VALUE = {i: _slope(i + 1) for i in range(3)}
LOG = {i: _log_slope(i + 1) for i in range(3)}
PLACES = (log_uniform(1e-3, 5), log_uniform(1e-3, 20), log_uniform(1e-5, 200))
LARGE = (uniform(0.5, 2), uniform(0, 5), log_uniform(1e3, 6e3))

CASES = [
    Case(special.wright_bessel, None, PLACES, (0, 1, 2), VALUE, scale=lambda *args: _sums(*args)[0]),
    Case(special.wright_bessel, None, (choice(0.0, 0.5), choice(0.0, 1.0), uniform(0.1, 9)), (0, 1, 2), VALUE),
    Case(special.log_wright_bessel, None, PLACES, (0, 1, 2), LOG, scale=lambda *args: 1),
    Case(special.log_wright_bessel, None, LARGE, (0, 1, 2), LOG),
]
