"""Rows of functions on sampled data: differences, quadrature, interpolation, convolution, histograms, statistics of pairs."""

from __future__ import annotations

import math

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import apply_function, primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.reductions import NOT_GIVEN
from dualnum.table import composite, elementwise, linear, nonlinear

# Clipping, replacing


def _clip(a, a_min=NOT_GIVEN, a_max=NOT_GIVEN, out=None, *, min=NOT_GIVEN, max=NOT_GIVEN, where=True, **kwargs):
    if where is not True:
        raise NoRuleError(
            "numpy.clip(..., where=...) has no derivative rule in dualnum; use np.where(where, np.clip(...), x)."
        )
    for lower in (a_min, min):
        if lower is not NOT_GIVEN and lower is not None:
            a = np.maximum(a, lower)
    for upper in (a_max, max):
        if upper is not NOT_GIVEN and upper is not None:
            a = np.minimum(a, upper)
    return a


composite(np.clip, _clip)


def _replaced(x, nan, posinf, neginf):
    """Apply nan_to_num to a copy."""
    return np.nan_to_num(x, True, nan, posinf, neginf)


def _replaced_rule(x, nan, posinf, neginf):
    plain = primal_all(x)

    def push(x_dot):
        if plain.dtype.kind != "c":
            return np.where(np.isfinite(plain), x_dot, np.zeros((), x_dot.dtype))
        real = np.where(np.isfinite(plain.real), np.real(x_dot), 0)
        return real + 1j * np.where(np.isfinite(plain.imag), np.imag(x_dot), 0)

    return _replaced(x, nan, posinf, neginf), push


def _nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    result = apply_function(_replaced, (x, nan, posinf, neginf), {})
    if copy:
        return result
    x[...] = result
    return x


nonlinear(_replaced, _replaced_rule, batched=True)
composite(np.nan_to_num, _nan_to_num, exact=True)


# Special functions that are not ufuncs


def _sinc(out, x):
    # The formula cancels near 0, where the power series serves.
    y2 = np.square(math.pi * x)
    near = np.absolute(y2) < 2
    series = np.zeros_like(y2)
    for k in range(11, 0, -1):
        series = (-1) ** k * 2 * k / math.factorial(2 * k + 1) + y2 * series
    # The cosine of what is left of x after whole turns is exact, that of pi x is not.
    turns = x - 2 * np.rint(np.real(x) / 2)
    far = (np.cos(math.pi * turns) - out) / np.where(near, 1, x)
    return np.where(near, math.pi**2 * x * series, far)


elementwise(
    np.sinc,
    _sinc,
    ulps=math.inf,
    note="The error is some units in the last place of 1 / x, not of the derivative, which has a zero in every half turn.",
)


def _bessel_i1(out, x):
    # I1(x) = 2/pi times the integral of sinh(x cos t) cos t over a quarter turn (DLMF 10.32.2), all of one sign. For periodic
    # functions the midpoint rule converges exponentially; 64 nodes do for all x where I0 is finite.
    nodes = np.cos((np.arange(64) + 0.5) * (math.pi / 128))
    return np.mean(np.sinh(np.expand_dims(x, -1) * nodes) * nodes, axis=-1)


elementwise(
    np.i0, _bessel_i1, ulps=400, note="The error grows with |x|, for that of x cos t is magnified by the exponential."
)


def _angle(z, deg=False):
    if z.dtype.kind == "c":
        angle = np.arctan2(np.imag(z), np.real(z))
    else:
        angle = np.arctan2(0, z)
    return angle * (180 / math.pi) if deg else angle


composite(np.angle, _angle, exact=True)


def _unwrap(p, discont=None, axis=-1, *, period=2 * math.pi):
    plain, plain_period = primal_all(p), primal_all(period)
    turns = np.rint((np.unwrap(plain, discont, axis, period=plain_period) - plain) / plain_period)
    return p + turns * period


composite(np.unwrap, _unwrap)


def _polyval(p, x):
    x = as_operand(x)
    y = np.zeros(x.shape, x.dtype)
    for coefficient in as_operand(p):
        y = y * x + coefficient
    return y


composite(np.polyval, _polyval, exact=True)


# Differences and quadrature


def _without_ends(ndim, axis):
    """Indices that leave out the last, and the first, element along an axis counted from the end."""
    rest = (slice(None),) * (-1 - axis)
    return (..., slice(None, -1), *rest), (..., slice(1, None), *rest)


def _like_slice(x, a, axis):
    """Operand to be joined to `a` along an axis; a scalar stands for one slice."""
    x = as_operand(x)
    return x if x.ndim else np.broadcast_to(x, a.shape[:axis] + (1,) + a.shape[axis:][1:])


def _diff(a, n=1, axis=-1, prepend=NOT_GIVEN, append=NOT_GIVEN):
    a = as_operand(a)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    axis = from_end(axis, a.ndim)
    parts = [x if x is a else _like_slice(x, a, axis) for x in (prepend, a, append) if x is not NOT_GIVEN]
    if len(parts) > 1:
        a = np.concatenate(parts, axis)
    front, back = _without_ends(a.ndim, axis)
    for _ in range(n):
        a = a[back] - a[front]
    return a


composite(np.diff, _diff, exact=True)


def _ediff1d(ary, to_end=None, to_begin=None):
    ary = np.ravel(as_operand(ary))
    parts = (to_begin, ary[1:] - ary[:-1], to_end)
    return np.concatenate([np.ravel(as_operand(part)) for part in parts if part is not None])


composite(np.ediff1d, _ediff1d)


def _gradient_along(f, spacing, axis, edge_order):
    """Slopes between neighbours, averaged so that parabolas are differentiated exactly."""
    f = np.moveaxis(f, axis, -1)
    spacing = as_operand(spacing)
    steps = np.diff(spacing) if spacing.ndim else np.broadcast_to(spacing, (f.shape[-1] - 1,))
    slopes = np.diff(f) / steps
    before, after = steps[:-1], steps[1:]
    inner = (after * slopes[..., :-1] + before * slopes[..., 1:]) / (before + after)
    first, last = slopes[..., :1], slopes[..., -1:]
    if edge_order == 2:
        first = 2 * first - inner[..., :1] if inner.shape[-1] else first
        last = 2 * last - inner[..., -1:] if inner.shape[-1] else last
    return np.moveaxis(np.concatenate([first, inner, last], -1), -1, axis)


def _gradient(f, *varargs, axis=None, edge_order=1):
    f = as_operand(f)
    axes = from_end(axis, f.ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    if len(varargs) == 1:
        varargs = varargs * len(axes)
    spacings = varargs or (1.0,) * len(axes)
    slopes = tuple(_gradient_along(f, h, a, edge_order) for h, a in zip(spacings, axes, strict=True))
    return slopes if len(slopes) > 1 else slopes[0]


composite(np.gradient, _gradient)


def _trapezoid(y, x=None, dx=1.0, axis=-1):
    y = as_operand(y)
    axis = from_end(axis, y.ndim)
    widths = dx
    if x is not None:
        x = as_operand(x)
        widths = np.diff(x) if x.ndim == 1 else np.diff(x, axis=axis)
        if x.ndim == 1:
            widths = np.reshape(widths, (-1,) + (1,) * (-1 - axis))
    front, back = _without_ends(y.ndim, axis)
    return np.sum(widths * (y[back] + y[front]) / 2.0, axis)


composite(np.trapezoid, _trapezoid, exact=True)


# Interpolation


def _interp(x, xp, fp, left=None, right=None, period=None):
    x, xp, fp = as_operand(x), as_operand(xp), as_operand(fp)
    if period is not None:
        period = np.absolute(period)
        x, xp = x % period, xp % period
        order = np.argsort(primal_all(xp))
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    at, nodes = primal_all(x), primal_all(xp)
    if nodes.size > 1:
        # At a node the interval on its right counts; at the last node, the one on its left.
        i = np.clip(np.searchsorted(nodes, at, "right") - 1, 0, nodes.size - 2)
        inside = (x - xp[i]) * ((fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i])) + fp[i]
    else:
        inside = fp[0]
    right = fp[-1] if right is None else right
    left = fp[0] if left is None else left
    return np.where(at < nodes[0], left, np.where(at > nodes[-1], right, inside))


composite(np.interp, _interp)


# Convolution


def _convolve_transpose(out_bar, u, v, round_up=False):
    """Cotangent of the argument `u` of a convolution, of which `v` is the other."""
    missing = np.size(u) + np.size(v) - 1 - out_bar.size
    # The modes "same" and "valid" leave out as many elements at either end, or one more at the one.
    start = (missing + round_up) // 2
    zeros = np.zeros(missing, out_bar.dtype)
    full = np.concatenate([zeros[:start], out_bar, zeros[start:]])
    return np.reshape(np.correlate(full, np.atleast_1d(v), "valid"), np.shape(u))


def _mirrored(v):
    return np.conjugate(np.flip(np.atleast_1d(v)))


def _correlate_transpose_second(out_bar, a, v, mode="valid"):
    return np.reshape(
        _mirrored(_convolve_transpose(out_bar, np.atleast_1d(v), a, np.size(a) < np.size(v))), np.shape(v)
    )


linear(
    np.convolve,
    lambda out_bar, a, v, mode="full": _convolve_transpose(out_bar, a, v),
    lambda out_bar, a, v, mode="full": _convolve_transpose(out_bar, v, a),
)
linear(
    np.correlate,
    lambda out_bar, a, v, mode="valid": _convolve_transpose(out_bar, a, _mirrored(v), np.size(a) < np.size(v)),
    _correlate_transpose_second,
)


# Histograms


def _bincount_of_directions(x, weights_dot, minlength=0):
    size = max(int(np.max(x, initial=-1)) + 1, minlength)
    bins = np.arange(weights_dot.shape[0])[:, np.newaxis] * size + np.asarray(x, np.intp)
    counts = np.bincount(np.ravel(bins), np.ravel(weights_dot), weights_dot.shape[0] * size)
    return np.reshape(counts, (weights_dot.shape[0], size))


linear(
    np.bincount,
    None,
    lambda out_bar, x, weights, minlength=0: out_bar[np.asarray(x, np.intp)],
    batched={1: _bincount_of_directions},
)


def _histogram_bin_edges(a, bins=10, range=None, weights=None):
    bins = bins if isinstance(bins, str) else as_operand(bins)
    if not isinstance(bins, str) and bins.ndim == 1:
        return bins
    a = as_operand(a)
    plain_range = range and tuple(primal_all(end) for end in range)
    n = len(np.histogram_bin_edges(primal_all(a), bins, plain_range, primal_all(weights))) - 1
    if range is None:
        range = (np.min(a), np.max(a)) if a.size else (0.0, 1.0)
    first, last = range
    if primal_all(first) == primal_all(last):
        first, last = first - 0.5, last + 0.5
    steps = np.arange(n + 1) / n
    return first * (1 - steps) + last * steps


composite(np.histogram_bin_edges, _histogram_bin_edges)


def _histogram(a, bins=10, range=None, density=None, weights=None):
    edges = np.histogram_bin_edges(a, bins, range, weights)
    plain, plain_edges = np.ravel(primal_all(as_operand(a))), primal_all(edges)
    index = np.searchsorted(plain_edges, plain, "right") - 1
    index = np.where(plain == plain_edges[-1], len(plain_edges) - 2, index)
    inside = (plain >= plain_edges[0]) & (plain <= plain_edges[-1])
    weights = None if weights is None else np.ravel(as_operand(weights))[inside]
    counts = np.bincount(index[inside], weights, len(plain_edges) - 1)
    return (counts / np.diff(edges) / np.sum(counts) if density else counts), edges


composite(np.histogram, _histogram)


# Statistics of pairs


def _cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    x = as_operand(m)
    x = np.transpose(x) if not rowvar and x.ndim == 2 else np.atleast_2d(x)
    if y is not None:
        y = np.atleast_2d(as_operand(y))
        x = np.concatenate([x, np.transpose(y) if not rowvar and y.shape[0] != 1 else y], 0)
    ddof = int(not bias) if ddof is None else ddof
    weights = None
    for given in (fweights, aweights):
        if given is not None:
            weights = as_operand(given) if weights is None else weights * as_operand(given)
    x = x - np.average(x, axis=1, weights=weights, keepdims=True)
    if weights is None:
        weights, divisor = 1, x.shape[1] - ddof
    else:
        total = np.sum(weights)
        divisor = total - ddof * (1 if aweights is None else np.sum(weights * as_operand(aweights)) / total)
    return np.squeeze(np.dot(x * weights, np.conjugate(np.transpose(x))) / divisor)


def _corrcoef(x, y=None, rowvar=True, *, dtype=None):
    c = np.cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    deviations = np.sqrt(np.real(np.diagonal(c)))
    return c / np.expand_dims(deviations, 1) / deviations


composite(np.cov, _cov)
composite(np.corrcoef, _corrcoef)
