"""Rows of the filters of `scipy.ndimage`, by way of `dualnum.scipy.ndimage`; values are SciPy's own.

A filter extends the image beyond its ends, in one of the modes, and correlates what comes of it with its weights: both
are functions of the table, and transposed by it.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.rules.convolving import extended, is_plain_zero, scalar, valid
from dualnum.rules.products import conj
from dualnum.rules.ranking import ranked
from dualnum.rules.wrapped import register

__all__ = ["for_each"]


def for_each(option, count):
    """An option for each of some axes; SciPy takes one for all of them, too."""
    return list(option) if np.iterable(option) and not isinstance(option, str) else [option] * count


def _axes_of(x, axes):
    return list(range(x.ndim)) if axes is None else [axis % x.ndim for axis in np.atleast_1d(axes).tolist()]


def _correlated(x, weights, axes, mode, cval, origins):
    """Correlate along some axes with weights that have these axes."""
    x = x if x.dtype.kind in "fc" else x.astype(float)
    weights = as_operand(weights)
    weights = weights.astype(np.result_type(x.dtype, weights.dtype if weights.dtype.kind == "c" else x.real.dtype))
    modes = for_each(mode, len(axes))
    # All modes extend constants by themselves, so that a constant can be taken away before and put there again.
    lifted = not is_plain_zero(cval) and any(m in ("constant", "grid-constant") for m in modes)
    if lifted:
        x = x - cval
    for axis, n, m, origin in zip(axes, weights.shape, modes, origins, strict=True):
        before = n // 2 + origin
        x = extended(x, axis, before, n - 1 - before, m)
    last = range(-len(axes), 0)
    y = np.moveaxis(valid(np.moveaxis(x, axes, last), weights, len(axes)), last, axes)
    return y + cval * np.sum(weights) if lifted else y


def _correlate1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    x, weights = as_operand(input), as_operand(weights)
    return _correlated(x, conj(weights), [axis % x.ndim], mode, cval, [origin])


def _convolve1d(input, weights, axis, output, mode, cval, origin):
    x, weights = as_operand(input), np.flip(as_operand(weights))
    return _correlated(x, weights, [axis % x.ndim], mode, cval, [-origin - (len(weights) % 2 == 0)])


def _placed(values, axes, ndim, default):
    """Options for all axes, of those for some; SciPy forgets the order of `axes` where all of them are named."""
    if len(axes) == ndim:
        return list(values)
    placed = [default] * ndim
    for axis, value in zip(axes, values, strict=True):
        placed[axis] = value
    return placed


def _correlate_all(x, weights, mode, cval, origins, axes):
    axes = _axes_of(x, axes)
    origins = _placed(origins, axes, x.ndim, 0)
    axes = sorted(axes)
    return _correlated(x, weights, axes, mode, cval, [origins[axis] for axis in axes])


def _correlate(input, weights, output, mode, cval, origin, axes=None):
    x, weights = as_operand(input), as_operand(weights)
    return _correlate_all(x, conj(weights), mode, cval, for_each(origin, weights.ndim), axes)


def _convolve(input, weights, output, mode, cval, origin, axes=None):
    x, weights = as_operand(input), np.flip(as_operand(weights))
    axes = _axes_of(x, axes)
    origins = _placed(for_each(origin, weights.ndim), axes, x.ndim, 0)
    for axis, n in zip(sorted(axes), weights.shape, strict=True):
        origins[axis] = -origins[axis] - (n % 2 == 0)
    return _correlate_all(x, weights, mode, cval, [origins[axis] for axis in sorted(axes)], sorted(axes))


register(ndimage.correlate1d, _correlate1d)
register(ndimage.convolve1d, _convolve1d)
register(ndimage.correlate, _correlate)
register(ndimage.convolve, _convolve)


# Gaussian filters, and derivatives


def _gaussian_weights(sigma, order, radius):
    """A Gaussian, normalised, times the polynomial that its derivative of some order is."""
    x = np.arange(-radius, radius + 1)
    # By the Hermite polynomials of the weights: each derivative is (q' - x q / sigma**2) times the Gaussian.
    phi = np.exp(-0.5 * (x / sigma) ** 2)
    phi = phi / np.sum(phi)
    q = [1.0]
    for _ in range(order):
        slope = [k * c for k, c in enumerate(q)][1:]
        drop = [0.0] + [-c / sigma**2 for c in q]
        q = [d + (slope[k] if k < len(slope) else 0.0) for k, d in enumerate(drop)]
    return phi * sum(c * x**k for k, c in enumerate(q))


def _gaussian_filter1d(input, sigma, axis, order, output, mode, cval, truncate, radius=None):
    sigma = scalar(sigma)
    radius = int(truncate * float(primal_all(sigma)) + 0.5) if radius is None else radius
    weights = np.flip(_gaussian_weights(sigma, order, radius))
    x = as_operand(input)
    return _correlated(x, weights, [axis % x.ndim], mode, cval, [0])


def _gaussian_filter(input, sigma, order, output, mode, cval, truncate, radius=None, axes=None):
    x = as_operand(input)
    axes = _axes_of(x, axes)
    options = [for_each(option, len(axes)) for option in (sigma, order, mode, radius)]
    for axis, s, o, m, r in zip(axes, *options, strict=True):
        if primal_all(as_operand(s)) > 1e-15:
            x = _gaussian_filter1d(x, s, axis, o, None, m, cval, truncate, r)
    return np.copy(x) if x is input else x


register(ndimage.gaussian_filter1d, _gaussian_filter1d)
gaussian_filter = register(ndimage.gaussian_filter, _gaussian_filter)


def _difference(smoothing):
    def body(input, axis, output, mode, cval):
        x = as_operand(input)
        axis, modes = axis % x.ndim, for_each(mode, x.ndim)
        x = _correlated(x, np.array([-1.0, 0.0, 1.0]), [axis], modes[axis], cval, [0])
        for other in range(x.ndim):
            if other != axis:
                x = _correlated(x, np.array(smoothing), [other], modes[other], cval, [0])
        return x

    return body


def _laplace(input, output, mode, cval, axes=None):
    x = as_operand(input)
    axes = _axes_of(x, axes)
    weights = np.array([1.0, -2.0, 1.0])
    terms = [
        _correlated(x, weights, [axis], m, cval, [0]) for axis, m in zip(axes, for_each(mode, len(axes)), strict=True)
    ]
    return sum(terms[1:], terms[0]) if terms else np.copy(x)


def _gaussian_parts(x, sigma, order, mode, cval, axes, options, spread):
    """Gaussian filters of an order along each of some axes."""
    axes, parts = _axes_of(x, axes), []
    if spread:  # sigma is for these axes, and the others are not filtered
        given = dict(zip(axes, for_each(sigma, len(axes)), strict=True))
        sigma = [given.get(axis, 0) for axis in range(x.ndim)]
    for axis, m in zip(axes, for_each(mode, len(axes)), strict=True):
        orders = [order if a == axis else 0 for a in range(x.ndim)]
        # With SciPy's own values: it matters whether all parts of a gradient are exactly zero.
        parts.append(gaussian_filter(x, sigma, orders, None, m, cval, **options))
    return parts


def _gaussian_laplace(input, sigma, output, mode, cval, axes=None, **options):
    x = as_operand(input)
    parts = _gaussian_parts(x, sigma, 2, mode, cval, axes, options, True)
    return sum(parts[1:], parts[0]) if parts else np.copy(x)


def _gaussian_gradient_magnitude(input, sigma, output, mode, cval, axes=None, **options):
    x = as_operand(input)
    parts = _gaussian_parts(x, sigma, 1, mode, cval, axes, options, False)
    return np.linalg.vector_norm(np.stack(parts), axis=0) if parts else np.copy(x)


register(ndimage.prewitt, _difference([1.0, 1.0, 1.0]))
register(ndimage.sobel, _difference([1.0, 2.0, 1.0]))
register(ndimage.laplace, _laplace)
register(ndimage.gaussian_laplace, _gaussian_laplace)
register(ndimage.gaussian_gradient_magnitude, _gaussian_gradient_magnitude)


# Means, and order


def _uniform_filter1d(input, size, axis, output, mode, cval, origin):
    x = as_operand(input)
    return _correlated(x, np.full(size, 1 / size), [axis % x.ndim], mode, cval, [origin])


def _uniform_filter(input, size, output, mode, cval, origin, axes=None):
    x = as_operand(input)
    axes = _axes_of(x, axes)
    options = [for_each(option, len(axes)) for option in (size, mode, origin)]
    for axis, n, m, o in zip(axes, *options, strict=True):
        if n > 1:
            x = _uniform_filter1d(x, int(n), axis, None, m, cval, o)
    return x


def _neighbourhood(x, size, footprint, axes, mode, origin, separable=False):
    """Footprint, modes and origins for all axes of an image."""
    axes = _axes_of(x, axes)
    footprint = np.ones(for_each(size, len(axes)), bool) if footprint is None else np.asarray(footprint, bool)
    modes, origins = (for_each(option, len(axes)) for option in (mode, origin))
    if separable and footprint.all():
        order = np.argsort(axes)
        footprint, axes = np.transpose(footprint, order), sorted(axes)
        modes, origins = ([option[i] for i in order] for option in (modes, origins))
    whole = [1] * x.ndim
    for axis, n in zip(sorted(axes), footprint.shape, strict=True):
        whole[axis] = n
    return footprint.reshape(whole), _placed(modes, axes, x.ndim, "reflect"), _placed(origins, axes, x.ndim, 0)


def _extreme(rank):
    def body(input, size, footprint, output, mode, cval, origin, axes=None):
        x = as_operand(input)
        return ranked(x, *_neighbourhood(x, size, footprint, axes, mode, origin, True), cval, rank)

    return body


def _extreme_1d(rank):
    def body(input, size, axis, output, mode, cval, origin):
        x = as_operand(input)
        return ranked(x, *_neighbourhood(x, size, None, axis, mode, origin), cval, rank)

    return body


def _ranked_by(rank_of):
    def body(input, rank=None, size=None, footprint=None, output=None, mode="reflect", cval=0.0, origin=0, axes=None,
             percentile=None):  # fmt: skip
        x = as_operand(input)
        near = _neighbourhood(x, size, footprint, axes, mode, origin)
        rank = rank_of(int(np.sum(near[0])), percentile if rank is None else rank)
        return ranked(x, *near, cval, rank)

    return body


def _rank_of_percentile(count, percentile):
    percentile = percentile + 100.0 if percentile < 0 else percentile
    return count - 1 if percentile == 100.0 else int(float(count) * percentile / 100.0)


_BY_VALUE = (("percentile", "it selects one of the elements around"),)

register(ndimage.uniform_filter1d, _uniform_filter1d)
register(ndimage.uniform_filter, _uniform_filter)
register(ndimage.minimum_filter, _extreme(0))
register(ndimage.maximum_filter, _extreme(-1))
register(ndimage.minimum_filter1d, _extreme_1d(0))
register(ndimage.maximum_filter1d, _extreme_1d(-1))
register(ndimage.rank_filter, _ranked_by(lambda count, rank: rank))
register(ndimage.median_filter, _ranked_by(lambda count, rank: count // 2))
register(ndimage.percentile_filter, _ranked_by(_rank_of_percentile), constants=_BY_VALUE)
