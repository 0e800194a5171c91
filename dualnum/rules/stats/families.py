"""How distributions are registered: from a few derivatives of the standardised one, the rows of all methods.

With z = (x - loc) / scale, a distribution is known by its log density in z and its shape parameters. Of its distribution
function F only this is needed: how fast z must move with a shape parameter for F(z) to stay as it is. Then all of cdf, sf,
logcdf, logsf, ppf and isf follow, as a point moves with ``dx - dloc - z dscale - scale * shift * dshape``, and F changes by
the density times that. Values, and the density, are SciPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial as bound
from typing import Any

import numpy as np
from scipy import special

from dualnum.dispatch import primal_all
from dualnum.distributions import KERNELS, distribution, kernel
from dualnum.table import TABLE, composite, elementwise

__all__ = ["ULPS", "continuous", "double", "less_digamma", "over", "power_score", "where_finite", "zero_or_product"]

Slope = Callable[..., Any]
Slopes = Sequence[Slope | str]

#: Far from underflow: of a smaller number, not all digits are there.
_SMALL = 1e-290

#: The smallest number that is not 0.
_LEAST = 5e-324

#: What the derivatives are accurate to, as those of scipy.special are.
ULPS = float(TABLE[special.gamma].ulps)


# Parts of formulas


def double(x: Any) -> Any:
    """Put an argument into double precision, in which SciPy computes."""
    return x if getattr(x, "dtype", None) == np.float64 else x * np.float64(1.0)


def zero_or_product(factor: Any, other: Any) -> Any:
    """Multiply; 0 times infinity or nan is 0. Of other zeros the product has derivatives."""
    product = factor * other
    none = np.isnan(primal_all(product)) & ((primal_all(factor) == 0) | (primal_all(other) == 0))
    return np.where(none, 0.0, product) if np.any(none) else product


def over(m: Any, z: Any) -> Any:
    """Compute m / z, but 0 for 0 / 0, with the infinite derivative in m that it has beside."""
    both = (primal_all(m) == 0) & (primal_all(z) == 0)
    return m / np.where(both, _LEAST, z) if np.any(both) else m / z


def power_score(m: Any, z: Any, rest: Any) -> Any:
    """Compute ``m / z + rest / z``, the derivative of ``m log(z) + ...``, where ``rest`` goes to 0 with z.

    As one fraction, in which nothing is rounded before it cancels.
    """
    origin = primal_all(z) == 0
    whole = (m + rest) / np.where(origin, 1.0, z)
    return np.where(origin, over(m, z), whole) if np.any(origin) else whole


def where_finite(original: Any, method: str, formula: Slope) -> Slope:
    """Make nan of the derivatives of a moment where SciPy's is no number: there the formula says nothing."""
    moment = getattr(original, method)

    def body(*args: Any) -> Any:
        known = np.isfinite(moment(*map(primal_all, args)))
        out = formula(*map(double, args))
        return out if np.all(known) else out * np.where(known, 1.0, np.nan)

    return body


def less_digamma(a: Any) -> Any:
    """Compute log(a) - digamma(a) for positive a; for large ones by its asymptotic series (DLMF 5.11.2)."""
    large = primal_all(a) >= 15.0
    r = 1.0 / np.where(large, a, 15.0)
    q = r * r
    series = 0.5 * r + q * (1 / 12 - q * (1 / 120 - q * (1 / 252 - q * (1 / 240 - q * (1 / 132 - q * 691 / 32760)))))
    small = np.where(large, 1.0, a)
    return np.where(large, series, np.log(small) - special.digamma(small))


# What is done once for all distributions


def _parts(args: Sequence[Any]) -> tuple[Any, list[Any], Any]:
    """The standardised point, the shapes and the scale."""
    x, *shapes, loc, scale = map(double, args)
    return (x - loc) / scale, shapes, scale


def _where_inside(
    original: Any, value: Any, out: Any, z: Any, shapes: Sequence[Any], empty: float | None = None
) -> Any:
    """0 outside of the support, and at its ends where there is nothing (`empty`) or infinitely far; nan where the value is."""
    low, high = original._get_support(*map(primal_all, shapes))
    z, out = primal_all(z), primal_all(out)
    inside = (low < z) & (z < high)
    if not np.all(inside):
        inside = inside | (((z == low) | (z == high)) & (out != empty) & (np.isfinite(z) | np.isinf(out)))
    inside = inside & ~np.isnan(out)
    if np.all(inside):
        return value
    return np.where(inside, value, np.where(np.isnan(out), np.nan, 0.0))


def _of_log_density(original: Any, score: Slope, stretch: Slope, slopes: Slopes, as_log: bool) -> list[Any]:
    """Partials of logpdf, or of pdf."""
    weights: list[Any] = [
        lambda z, shapes, scale: score(z, *shapes) / scale,
        *(s if isinstance(s, str) else bound(lambda s, z, shapes, scale: s(z, *shapes), s) for s in slopes),
        lambda z, shapes, scale: -score(z, *shapes) / scale,
        lambda z, shapes, scale: -stretch(z, *shapes) / scale,
    ]

    def partial(weight: Any) -> Any:
        def computed(out: Any, *args: Any) -> Any:
            z, shapes, scale = _parts(args)
            value = weight(z, shapes, scale)
            value = value if as_log else zero_or_product(out, value)
            return _where_inside(original, value, out, z, shapes, -np.inf if as_log else 0.0)

        return computed

    return [w if isinstance(w, str) else partial(w) for w in weights]


def _weights(shifts: Slopes) -> list[Any]:
    """How far the point moves with each argument, in units of x."""
    return [
        lambda z, shapes, scale: 1.0,
        *(s if isinstance(s, str) else bound(lambda s, z, shapes, scale: -scale * s(z, *shapes), s) for s in shifts),
        lambda z, shapes, scale: -1.0,
        lambda z, shapes, scale: -z,
    ]


def _hazard(name: str, method: str, given: Slope | None, out: Any, args: Sequence[Any]) -> Any:
    """Density by distribution: derivative of logcdf in x, and that of -logsf."""
    if given is not None:
        z, shapes, scale = _parts(args)
        return given(z, *shapes) / scale
    args = [double(arg) for arg in args]
    top, whole = KERNELS[name, "pdf"](*args), KERNELS[name, method.removeprefix("log")](*args)
    usable = (primal_all(top) > _SMALL) & (primal_all(whole) > _SMALL)
    if np.all(usable):
        return top / whole
    ratio = top / np.where(usable, whole, 1.0)
    return np.where(usable, ratio, np.exp(KERNELS[name, "logpdf"](*args) - out))


def _of_distribution(
    original: Any, method: str, shifts: Slopes, log_cdf: Slope | None, log_sf: Slope | None, density: Slope | None
) -> list[Any]:
    """Partials of cdf, sf, logcdf and logsf."""
    sign = -1.0 if method.endswith("sf") else 1.0
    given = log_sf if method.endswith("sf") else log_cdf

    def partial(weight: Any) -> Any:
        def computed(out: Any, *args: Any) -> Any:
            z, shapes, scale = _parts(args)
            if method.startswith("log"):
                rate = _hazard(original.name, method, given, out, args)
            elif density is not None:
                rate = density(z, *shapes) / scale
            else:
                rate = KERNELS[original.name, "pdf"](*map(double, args))
            value = zero_or_product(weight(z, shapes, scale), sign * rate)
            return _where_inside(original, value, out, z, shapes)

        return computed

    return [w if isinstance(w, str) else partial(w) for w in _weights(shifts)]


def _of_quantile(original: Any, method: str, shifts: Slopes, log_cdf: Slope | None, log_sf: Slope | None) -> list[Any]:
    """Partials of ppf and isf."""
    name = original.name
    near, far = (log_cdf, log_sf) if method == "ppf" else (log_sf, log_cdf)

    def quantile(out: Any, args: Sequence[Any]) -> tuple[Any, list[Any], Any]:
        p, *shapes, loc, scale = map(double, args)
        if not np.any(primal_all(loc)):
            return (out - loc) / scale, shapes, scale  # loc is 0, but may be active
        return KERNELS[name, method](p, *shapes, 0.0, 1.0), shapes, scale  # of which no location has taken digits

    def slope(p: Any, z: Any, shapes: Sequence[Any]) -> Any:
        """Derivative of z in p, up to the sign: from the tail, which knows it better than the density does."""
        q = primal_all(p)
        low, end = q <= 0.5, (q == 0) | (q == 1)
        if near is None or (far is None and not np.all(low)):
            return 1.0 / KERNELS[name, "pdf"](z, *shapes, 0.0, 1.0)
        rate = p * near(z, *shapes)
        if far is not None:
            rate = np.where(low, rate, (1.0 - p) * far(z, *shapes))
        return 1.0 / (np.where(end, KERNELS[name, "pdf"](z, *shapes, 0.0, 1.0), rate) if np.any(end) else rate)

    def in_p(out: Any, *args: Any) -> Any:
        z, shapes, scale = quantile(out, args)
        p = double(args[0])
        low, high = original._get_support(*map(primal_all, shapes))
        rate = slope(p, z, shapes)
        # At an end that is infinite, so is the derivative.
        rate = np.where(np.isinf(primal_all(z)) & ((low == primal_all(z)) | (high == primal_all(z))), np.inf, rate)
        rate = zero_or_product(scale, rate)
        return np.where(np.isnan(primal_all(out)), np.nan, rate if method == "ppf" else -rate)

    def of_shape(shift: Slope) -> Any:
        def computed(out: Any, *args: Any) -> Any:
            z, shapes, scale = quantile(out, args)
            return np.where(np.isnan(primal_all(out)), np.nan, scale * shift(z, *shapes))

        return computed

    def in_loc(out: Any, *args: Any) -> Any:
        return np.where(np.isnan(primal_all(out)), np.nan, 1.0)

    def in_scale(out: Any, *args: Any) -> Any:
        return np.where(np.isnan(primal_all(out)), np.nan, quantile(out, args)[0])

    return [in_p, *(s if isinstance(s, str) else of_shape(s) for s in shifts), in_loc, in_scale]


def _moments(original: Any, names: Sequence[str], mean: Slope | None, var: Slope | None, entropy: Slope | None) -> None:
    """Rows of the moments, from those of the standardised distribution."""

    def of(formula: Slope, join: Slope) -> Any:
        def body(*args: Any) -> Any:
            *shapes, loc, scale = args
            return join(formula(*shapes), loc, scale)

        return body

    bodies: dict[str, Any] = {}
    if mean is not None:
        bodies["mean"] = of(mean, lambda m, loc, scale: loc + scale * m)
    if var is not None:
        bodies["var"] = of(var, lambda v, loc, scale: scale * scale * v + 0.0 * loc)
        bodies["std"] = of(var, lambda v, loc, scale: scale * np.sqrt(v) + 0.0 * loc)
    if entropy is not None:
        bodies["entropy"] = of(entropy, lambda h, loc, scale: h + np.log(scale) + 0.0 * loc)
    for method, body in bodies.items():
        row = kernel(original.name, method, names, getattr(original, method))
        composite(row, where_finite(original, method, body))


def continuous(
    original: Any,
    score: Slope,
    stretch: Slope,
    *,
    shapes: Slopes = (),
    shifts: Slopes = (),
    log_cdf: Slope | None = None,
    log_sf: Slope | None = None,
    density: Slope | None = None,
    mean: Slope | None = None,
    var: Slope | None = None,
    entropy: Slope | None = None,
    methods: Sequence[str] = ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf"),
) -> None:
    """Register a continuous distribution, and make its twin.

    Parameters
    ----------
    original : scipy.stats.rv_continuous
        SciPy's object.
    score : callable
        ``score(z, *shapes)`` is the derivative of the standardised log density in z.
    stretch : callable
        ``1 + z * score``, without cancellation: minus the derivative in the logarithm of the scale.
    shapes : sequence of callable or str
        Derivatives of the log density in the shape parameters, or why there is none.
    shifts : sequence of callable or str
        How fast z must move with each shape parameter for the distribution function to stay as it is.
    log_cdf, log_sf : callable, optional
        Density by distribution function, and by what is left of it to 1; else they are made of SciPy's values.
    density : callable, optional
        The density, where SciPy's has fewer digits.
    mean, var, entropy : callable, optional
        Functions of the shape parameters.
    methods : sequence of str
        Those of a point that have derivatives.
    """
    given = [name.strip() for name in original.shapes.split(",")] if original.shapes else []
    for method in methods:
        if method.endswith("pdf"):
            partials = _of_log_density(original, score, stretch, shapes, method == "logpdf")
        elif method in ("ppf", "isf"):
            partials = _of_quantile(original, method, shifts, log_cdf, log_sf)
        else:
            partials = _of_distribution(original, method, shifts, log_cdf, log_sf, density)
        point = "q" if method in ("ppf", "isf") else "x"
        row = kernel(original.name, method, [point, *given, "loc", "scale"], getattr(original, method))
        elementwise(row, *partials, ulps=ULPS)
    _moments(original, [*given, "loc", "scale"], mean, var, entropy)
    distribution(original)
