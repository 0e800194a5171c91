"""Rows of functions on sampled data: clipping, differences, quadrature, interpolation, convolution."""

from __future__ import annotations

import math

import numpy as np

from dualnum.batching import aligned_to, from_end
from dualnum.dispatch import apply_function, primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.reductions import NOT_GIVEN
from dualnum.table import composite, elementwise, linear, nonlinear

# Clipping, replacing


def _clipped(a, lower, upper, **kwargs):
    """Clip with the bounds in their positions."""
    return np.clip(a, lower, upper, **kwargs)


def _clipped_rule(a, lower, upper, **kwargs):
    out = np.clip(a, lower, upper, **kwargs)

    def push(a_dot, lower_dot, upper_dot):
        # How much of x, and then of the greater of x and the lower bound, is let through: all, nothing, or half of it
        # where both are equal.
        x = primal_all(a)
        above = below = True
        if lower is not None:
            above = _share(x > primal_all(lower), x == primal_all(lower))
            x = np.maximum(x, primal_all(lower))
        if upper is not None:
            below = _share(x < primal_all(upper), x == primal_all(upper))
        terms = []
        if a_dot is not None:
            terms.append(np.multiply(above, below) * aligned_to(a_dot, a, out.ndim))
        if lower_dot is not None:
            terms.append((1 - above) * below * aligned_to(lower_dot, lower, out.ndim))
        if upper_dot is not None:
            terms.append((1 - below) * aligned_to(upper_dot, upper, out.ndim))
        return sum(terms[1:], terms[0])

    return out, push


def _share(wins, equal):
    return np.where(equal, 0.5, wins) if equal.any() else wins


def _clip(a, a_min=NOT_GIVEN, a_max=NOT_GIVEN, out=None, *, min=NOT_GIVEN, max=NOT_GIVEN, where=True, **kwargs):
    by_position, by_name = [[x is not NOT_GIVEN for x in pair] for pair in ((a_min, a_max), (min, max))]
    if any(by_position) and (not all(by_position) or any(by_name)):
        raise TypeError("clip() takes both of a_min and a_max, or any of min and max")
    if where is not True:
        raise NoRuleError("numpy.clip(..., where=...) has no derivative rule in dualnum; use np.where on its result.")
    lower, upper = (None if x is NOT_GIVEN else x for x in ((a_min, a_max) if any(by_position) else (min, max)))
    return apply_function(_clipped, (as_operand(a), lower, upper), kwargs)


# The bounds can be active, but they may be arguments without positions, which only composites may have.
nonlinear(_clipped, _clipped_rule, positions=(0, 1, 2), batched=True, pointwise=True)
composite(np.clip, _clip, exact=True)


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
    if copy or not isinstance(primal_all(x), np.ndarray):
        return result
    x[...] = result
    return x


nonlinear(_replaced, _replaced_rule, batched=True, pointwise=True)
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
    note="The error is a few units in the last place of 1 / x, not of the derivative, which has zeros near n + 1/2.",
)


def _bessel_i1(out, x):
    # I1(x) = 2/pi times the integral of sinh(x cos t) cos t over a quarter turn (DLMF 10.32.2), all of one sign. For
    # periodic functions the midpoint rule converges exponentially; 64 nodes do for all x where I0 is finite.
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
    if n == 0:
        return a
    if a.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
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


def _as_floats(x):
    """Make an array of floats of integers, whose differences can leave their range (and always do if unsigned)."""
    x = as_operand(x)
    return x.astype(np.float64) if x.dtype.kind in "biu" else x


def _gradient_along(f, spacing, axis, edge_order):
    """Slopes between neighbours, averaged so that parabolas are differentiated exactly."""
    f = np.moveaxis(f, axis, -1)
    spacing = _as_floats(spacing)
    steps = np.diff(spacing) if spacing.ndim else spacing
    first = (f[..., 1:2] - f[..., :1]) / (steps[:1] if spacing.ndim else steps)
    last = (f[..., -1:] - f[..., -2:-1]) / (steps[-1:] if spacing.ndim else steps)
    if spacing.ndim:
        slopes = np.diff(f) / steps
        before, after = steps[:-1], steps[1:]
        inner = (after * slopes[..., :-1] + before * slopes[..., 1:]) / (before + after)
    else:
        inner = (f[..., 2:] - f[..., :-2]) / (2 * steps)
    if edge_order == 2:
        first, last = 2 * first - inner[..., :1], 2 * last - inner[..., -1:]
    return np.moveaxis(np.concatenate([first, inner, last], -1), -1, axis)


def _gradient(f, *varargs, axis=None, edge_order=1):
    f = _as_floats(f)
    axes = from_end(axis, f.ndim)
    axes = axes if isinstance(axes, tuple) else (axes,)
    if len(varargs) == 1:
        varargs = varargs * len(axes)
    spacings = varargs or (1.0,) * len(axes)
    slopes = tuple(_gradient_along(f, h, a, edge_order) for h, a in zip(spacings, axes, strict=True))
    return slopes if len(slopes) != 1 else slopes[0]


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


def _looked_up(x, xp, fp, left, right):
    """Interpolate without a period."""
    return np.interp(x, xp, fp, left, right)


def _looked_up_rule(x, xp, fp, left, right):
    out = _looked_up(x, xp, fp, left, right)
    at, nodes = primal_all(x), primal_all(xp)
    before, behind = at < nodes[0], at > nodes[-1]
    # At a node the interval on its right counts; at the last node, the one on its left.
    i = np.clip(np.searchsorted(nodes, at, "right") - 1, 0, max(nodes.size - 2, 0))
    j = np.minimum(i + 1, nodes.size - 1)
    width = xp[j] - xp[i] + (i == j)
    slope, weight = (fp[j] - fp[i]) / width, (x - xp[i]) / width

    def push(x_dot, xp_dot, fp_dot, left_dot, right_dot):
        def between(node_dot):
            return (1 - weight) * node_dot[..., i] + weight * node_dot[..., j]

        def at_end(end_dot, end, place):
            if end is None and fp_dot is not None:
                end_dot = fp_dot[..., place]
            return 0 if end_dot is None else aligned_to(end_dot, 0.0, at.ndim)

        move = 0 if x_dot is None else x_dot
        if xp_dot is not None:
            move = move - between(xp_dot)
        total = slope * move if fp_dot is None else slope * move + between(fp_dot)
        if before.any():
            total = np.where(before, at_end(left_dot, left, 0), total)
        if behind.any():
            total = np.where(behind, at_end(right_dot, right, -1), total)
        return total

    return out, push


def _in_double_precision(x):
    x = as_operand(x)
    return (
        x if x.dtype in (np.float64, np.complex128) else x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    )


def _interp(x, xp, fp, left=None, right=None, period=None):
    # As np.interp does it, whatever it is given.
    x, xp, fp = map(_in_double_precision, (x, xp, fp))
    if period is None:
        return apply_function(_looked_up, (x, xp, fp, left, right), {})
    if period == 0:
        raise ValueError("period must be a non-zero value")
    period = np.absolute(period)
    x, xp = x % period, xp % period
    order = np.argsort(primal_all(xp))
    xp, fp = xp[order], fp[order]
    xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
    fp = np.concatenate([fp[-1:], fp, fp[:1]])
    return np.interp(x, xp, fp)


nonlinear(_looked_up, _looked_up_rule, positions=(0, 1, 2, 3, 4), batched=True)
composite(np.interp, _interp, exact=True)


# Convolution


def _convolve_transpose(out_bar, u, v, round_up=False):
    """Cotangent of the argument `u` of a convolution, of which `v` is the other."""
    missing = np.size(u) + np.size(v) - 1 - out_bar.size
    # The modes "same" and "valid" leave out as many elements at either end, or one more at the one.
    start = (missing + round_up) // 2
    zeros = np.zeros(missing, out_bar.dtype)
    full = np.concatenate([zeros[:start], out_bar, zeros[start:]])
    return np.reshape(np.correlate(full, np.atleast_1d(v), "valid"), np.shape(u))


def _convolve_directions(u_dot, v, mode, round_up=False):
    """Convolve each direction of `u` with `v`, in one convolution: zeros between them keep them apart."""
    k, v = len(u_dot), np.atleast_1d(v)
    m, n = math.prod(u_dot.shape[1:]), v.size
    u_dot = np.reshape(u_dot, (k, m))
    gaps = np.zeros_like(u_dot, shape=(k, n - 1))
    flat = np.ravel(np.concatenate([u_dot, gaps], 1))
    full = np.reshape(np.convolve(flat, v)[: flat.size] if k else flat, (k, m + n - 1))
    # A mode can also be a number, and until NumPy 2.3 a letter.
    mode = str(mode)[0].lower()
    size = m + n - 1 if mode in "f2" else max(m, n) if mode in "s1" else abs(m - n) + 1
    start = (m + n - 1 - size + round_up) // 2
    return full[:, start : start + size]


def _mirrored(v):
    return np.conjugate(np.flip(np.atleast_1d(v)))


def _mirrored_directions(v_dot):
    return np.conjugate(np.flip(v_dot, -1)) if v_dot.ndim > 1 else np.conjugate(v_dot)


def _correlate_first(a_dot, v, mode="valid"):
    return _convolve_directions(a_dot, _mirrored(v), mode, math.prod(a_dot.shape[1:]) < np.size(v))


def _correlate_second(a, v_dot, mode="valid"):
    size = math.prod(v_dot.shape[1:])
    return _convolve_directions(_mirrored_directions(v_dot), a, mode, np.size(a) < size)


def _correlate_transpose_second(out_bar, a, v, mode="valid"):
    return np.reshape(
        _mirrored(_convolve_transpose(out_bar, np.atleast_1d(v), a, np.size(a) < np.size(v))), np.shape(v)
    )


linear(
    np.convolve,
    lambda out_bar, a, v, mode="full": _convolve_transpose(out_bar, a, v),
    lambda out_bar, a, v, mode="full": _convolve_transpose(out_bar, v, a),
    batched={
        0: lambda a_dot, v, mode="full": _convolve_directions(a_dot, v, mode),
        1: lambda a, v_dot, mode="full": _convolve_directions(v_dot, a, mode),
    },
)
linear(
    np.correlate,
    lambda out_bar, a, v, mode="valid": _convolve_transpose(out_bar, a, _mirrored(v), np.size(a) < np.size(v)),
    _correlate_transpose_second,
    batched={0: _correlate_first, 1: _correlate_second},
)
