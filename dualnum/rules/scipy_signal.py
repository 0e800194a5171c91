"""Rows of the convolutions and filters of `scipy.signal`, by way of `dualnum.scipy.signal`; values are SciPy's own.

A recursive filter is ``a * y = b * x`` with convolutions, so that its derivatives are filters too: with respect to x and b a
convolution with b or x and then the poles, with respect to a minus the convolution with y and then the poles.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand
from dualnum.rules.convolving import allpole, extended, full, is_plain_zero, kept, taken, valid
from dualnum.rules.products import conj
from dualnum.rules.wrapped import register

__all__ = ["ends", "filtered", "initial_state", "sosfilt", "sosfiltfilt"]


# Convolutions


def _cropped(y, first, second, mode, axes):
    """The part of a full convolution that a mode asks for, around its middle."""
    for axis in axes if mode != "full" else ():
        size = first[axis] if mode == "same" else abs(first[axis] - second[axis]) + 1
        start = (y.shape[axis] - size) // 2
        y = kept(y, start, start + size, axis)
    return y


def _convolved(in1, in2, mode, axes, fft):
    if not in1.size or not in2.size:
        return np.zeros(0)
    if not in1.ndim:
        return in1 * in2
    axes = range(in1.ndim) if axes is None else [int(axis) % in1.ndim for axis in np.atleast_1d(axes)]
    # An axis along which there is nothing to sum is one to broadcast.
    axes = [axis for axis in axes if in1.shape[axis] != 1 and in2.shape[axis] != 1] if fft else list(axes)
    last = range(-len(axes), 0)
    y = full(np.moveaxis(in1, axes, last), np.moveaxis(in2, axes, last), len(axes), fft) if axes else in1 * in2
    return _cropped(np.moveaxis(y, last, axes), in1.shape, in2.shape, mode, range(in1.ndim) if mode == "same" else axes)


def _chosen(in1, in2, mode, method):
    if method == "auto":
        if mode == "valid" and any(m < n for m, n in zip(in1.shape, in2.shape, strict=True)):
            in1, in2 = in2, in1
        method = signal.choose_conv_method(primal_all(in1), primal_all(in2), mode=mode)
    return method == "fft"


def _convolve(in1, in2, mode, method):
    in1, in2 = taken(in1, in2)
    return _convolved(in1, in2, mode, None, _chosen(in1, in2, mode, method))


def _reversed(x):
    return conj(np.flip(x))


def _correlate(in1, in2, mode, method):
    in1, in2 = taken(in1, in2)
    if not in1.ndim:
        return in1 * conj(in2)
    fft = _chosen(in1, _reversed(in2), mode, method)
    return _convolved(in1, _reversed(in2), mode, None, fft)


def _by_transforms(in1, in2, mode, axes):
    in1, in2 = taken(in1, in2)
    return _convolved(in1, in2, mode, axes, True)


register(signal.convolve, _convolve)
register(signal.correlate, _correlate)
for _function in (signal.fftconvolve, signal.oaconvolve):
    register(_function, _by_transforms)


def _in_plane(in1, in2, mode, boundary, fillvalue, correlating):
    in1, in2 = taken(in1, in2)
    swapped = mode == "valid" and any(m < n for m, n in zip(in1.shape, in2.shape, strict=True))
    if swapped:
        in1, in2 = in2, in1
    kernel = conj(in2) if correlating else np.flip(in2)
    constant = boundary in ("fill", "pad") and not is_plain_zero(fillvalue)
    image = in1 - fillvalue if constant else in1
    shape = [m if mode == "same" else m + n - 1 for m, n in zip(in1.shape, in2.shape, strict=True)]
    for axis, n in enumerate(in2.shape) if mode != "valid" else ():
        before = n - 1 if mode == "full" else (n - 1) // 2 if correlating else n // 2
        image = extended(image, axis, before, shape[axis] + n - 1 - in1.shape[axis] - before, boundary)
    out = valid(image, kernel, 2)
    if constant:
        out = out + fillvalue * np.sum(kernel)
    return np.flip(out) if swapped and correlating else out


register(signal.convolve2d, lambda **named: _in_plane(**named, correlating=False))
register(signal.correlate2d, lambda **named: _in_plane(**named, correlating=True))


# Recursive filters


def _to_last(x, axis):
    return np.moveaxis(x, axis, -1)


def _zeros_after(x, n):
    if n <= 0:
        return x
    return np.concatenate([x, np.zeros_like(x, shape=(*x.shape[:-1], n))], -1)


def filtered(b, a, x, zi=None):
    """Filter along the last axis, and give the final state if there is an initial one."""
    b, a, x = np.atleast_1d(as_operand(b)), np.atleast_1d(as_operand(a)), as_operand(x)
    if b.dtype.kind not in "fc":
        b = b.astype(float)
    n, order = x.shape[-1], max(len(a), len(b)) - 1
    forced = full(b, x, 1)
    if zi is None:
        forced = forced[..., :n]
        return allpole(a, forced) if len(a) > 1 else forced / a[0]
    zi = np.broadcast_to(zi, (*x.shape[:-1], order))
    forced = _zeros_after(forced, n + order - forced.shape[-1])
    forced = forced + _zeros_after(zi, n)[..., : n + order] * a[0]
    y = allpole(a, forced[..., :n])
    left = (forced - _zeros_after(full(a, y, 1), order + 1 - len(a)))[..., n : n + order]
    return y, left / a[0]


def _lfilter(b, a, x, axis, zi):
    x = as_operand(x)
    if zi is None:
        return np.moveaxis(filtered(b, a, _to_last(x, axis)), -1, axis)
    y, zf = filtered(b, a, _to_last(x, axis), _to_last(as_operand(zi), axis))
    return np.moveaxis(y, -1, axis), np.moveaxis(zf, -1, axis)


def initial_state(b, a):
    """State of a filter whose input has been 1 for ever (`scipy.signal.lfilter_zi`)."""
    b, a = (np.atleast_1d(as_operand(c)) for c in (b, a))
    while len(a) > 1 and primal_all(a)[0] == 0.0:
        a = a[1:]
    b, a = b / a[0], a / a[0]
    n = max(len(a), len(b))
    b, a = _zeros_after(b, n - len(b)), _zeros_after(a, n - len(a))
    # What is in the state at rest: each element is the one before it, less what has come in between.
    gain = np.sum(b) / np.sum(a)
    left = b[1:] - a[1:] * gain
    return np.flip(np.cumsum(np.flip(left)))


def _lfilter_zi(b, a):
    return initial_state(b, a)


def ends(x, edge, kind):
    """Extend a signal at both ends of its last axis."""
    if not kind or not edge:
        return x
    first, last, n = x[..., :1], x[..., -1:], x.shape[-1]
    if kind == "constant":
        shape = (*x.shape[:-1], edge)
        before, after = np.broadcast_to(first, shape), np.broadcast_to(last, shape)
    else:
        before, after = np.flip(x[..., 1 : edge + 1], -1), np.flip(x[..., n - edge - 1 : n - 1], -1)
    if kind == "odd":
        before, after = 2 * first - before, 2 * last - after
    return np.concatenate([before, x, after], -1)


def _both_ways(run, x, axis, edge, padtype):
    """Filter a signal to its end, and the result back; `run` starts at rest at the first element."""
    extended_x = ends(_to_last(x, axis), edge, padtype)
    y = run(np.flip(run(extended_x), -1))
    y = np.flip(y, -1)
    return np.moveaxis(y[..., edge : y.shape[-1] - edge], -1, axis)


def _edge(padtype, padlen, taps):
    return 0 if padtype is None else 3 * taps if padlen is None else padlen


def _filtfilt(b, a, x, axis, padtype, padlen, method, irlen):
    if method == "gust":
        raise NoRuleError("scipy.signal.filtfilt(method='gust') has no derivative rule. Take the method 'pad'.")
    b, a = (np.atleast_1d(as_operand(c)) for c in (b, a))
    state = initial_state(b, a)
    edge = _edge(padtype, padlen, max(len(a), len(b)))
    return _both_ways(lambda u: filtered(b, a, u, state * u[..., :1])[0], as_operand(x), axis, edge, padtype)


register(signal.lfilter, _lfilter)
register(signal.lfilter_zi, _lfilter_zi)
register(signal.filtfilt, _filtfilt)


# Sections of second order. SciPy wants the first coefficient of each denominator to be 1, and does not look at it then.


def _sections(sos):
    sos = as_operand(sos)
    one = np.ones(1, sos.dtype)
    return [(row[:3], np.concatenate([one, row[4:]])) for row in sos]


def sosfilt(sos, x, axis, zi):
    y = _to_last(as_operand(x), axis)
    if zi is None:
        for b, a in _sections(sos):
            y = filtered(b, a, y)
        return np.moveaxis(y, -1, axis)
    states = []
    for (b, a), state in zip(_sections(sos), as_operand(zi), strict=True):
        y, left = filtered(b, a, y, _to_last(state, axis))
        states.append(np.moveaxis(left, -1, axis))
    return np.moveaxis(y, -1, axis), np.stack(states) if states else as_operand(zi)


def _states(sos):
    found, scale = [], 1.0
    for b, a in _sections(sos):
        found.append(scale * initial_state(b, a))
        scale = scale * np.sum(b) / np.sum(a)
    return found


def sosfiltfilt(sos, x, axis, padtype, padlen):
    sections, states, plain = _sections(sos), _states(sos), primal_all(as_operand(sos))
    taps = 2 * len(plain) + 1 - min(int((plain[:, 2] == 0).sum()), int((plain[:, 5] == 0).sum()))

    def run(u):
        first = u[..., :1]
        for (b, a), state in zip(sections, states, strict=True):
            u = filtered(b, a, u, state * first)[0]
        return u

    return _both_ways(run, as_operand(x), axis, _edge(padtype, padlen, taps), padtype)


register(signal.sosfilt, sosfilt)
register(signal.sosfilt_zi, lambda sos: np.stack(_states(sos)))
register(signal.sosfiltfilt, sosfiltfilt)
