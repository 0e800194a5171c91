"""Rows of what `scipy.signal` does beside filters: resampling, smoothing, trends, medians."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from scipy import signal

from dualnum.errors import NoRuleError
from dualnum.packing import as_operand, contains_active
from dualnum.rules.convolving import extended, full, is_plain_zero, kept, valid
from dualnum.rules.ranking import ranked
from dualnum.rules.scipy_signal import sosfilt, sosfiltfilt
from dualnum.rules.wrapped import register

__all__ = ["detrended"]

# Filters between changes of the rate


def _continued(x, reach, mode, cval):
    """Continue a signal at both ends of its last axis in one of the modes of `upfirdn`."""
    n, steps = x.shape[-1], np.arange(1, reach + 1)
    if mode in ("constant", "zero"):
        shape = (*x.shape[:-1], reach)
        end = np.broadcast_to(as_operand(cval), shape)
        return np.concatenate([end, x, end], -1)
    if mode in ("line", "smooth"):
        first, last = x[..., :1], x[..., -1:]
        if n == 1:
            rise = fall = np.zeros_like(first)
        elif mode == "line":
            rise = fall = (last - first) / (n - 1)
        else:
            rise, fall = x[..., 1:2] - first, last - x[..., -2:-1]
        return np.concatenate([first - rise * steps[::-1], x, last + fall * steps], -1)
    if mode == "antireflect":
        return np.pad(x, [(0, 0)] * (x.ndim - 1) + [(reach, reach)], "reflect", reflect_type="odd")
    if mode == "antisymmetric":
        signs = np.where(np.arange(-reach, n + reach) // n % 2, -1.0, 1.0).astype(x.real.dtype)
        return extended(x, -1, reach, reach, "symmetric") * signs
    return extended(x, -1, reach, reach, "mirror" if mode == "reflect" else mode)


def _upfirdn(h, x, up=1, down=1, axis=-1, mode="constant", cval=0):
    h, x = as_operand(h), np.moveaxis(as_operand(x), axis, -1)
    up, down, mode, shift = int(up), int(down), mode.lower(), 0
    size = ((x.shape[-1] - 1) * up + len(h) - 1) // down + 1
    if not (mode in ("constant", "zero") and not contains_active(cval) and cval == 0):
        # The signal goes on as far as the filter reaches; what was put in front is left out again.
        shift = -(-len(h) // up)
        x = _continued(x, shift, mode, cval)
    between = np.concatenate([x[..., None], np.zeros_like(x, shape=(*x.shape, up - 1))], -1)
    spread = np.reshape(between, (*x.shape[:-1], x.shape[-1] * up))
    y = full(h, spread, 1)[..., shift * up : shift * up + (size - 1) * down + 1 : down]
    return np.moveaxis(y, -1, axis)


_BACKGROUNDS = {"mean": np.mean, "median": np.median, "minimum": np.min, "maximum": np.max}


def _resample_poly(x, up, down, axis, window, padtype, cval):
    x = as_operand(x)
    common = math.gcd(int(up), int(down))
    up, down = int(up) // common, int(down) // common
    if up == down == 1:
        return np.copy(x)
    n = x.shape[axis]
    size = -(-n * up // down)
    if isinstance(window, (str, tuple)):
        rate = max(up, down)
        h = signal.firwin(20 * rate + 1, 1.0 / rate, window=window)
        h = h.astype(x.dtype) if x.dtype.kind in "fc" else h
    else:
        h = as_operand(window)
    half = (len(h) - 1) // 2
    before = down - half % down
    skipped = (half + before) // down
    h = np.concatenate([np.zeros(before, h.dtype), h * up])
    missing = (size + skipped - 1) * down + 1 - ((n - 1) * up + len(h))
    h = np.concatenate([h, np.zeros(max(missing, 0), h.dtype)])
    if padtype in _BACKGROUNDS:
        background = _BACKGROUNDS[padtype](x, axis=axis, keepdims=True)
        return kept(_upfirdn(h, x - background, up, down, axis), skipped, skipped + size, axis) + background
    y = _upfirdn(h, x, up, down, axis, padtype, 0 if cval is None else cval)
    return kept(y, skipped, skipped + size, axis)


def _decimate(x, q, n, ftype, axis, zero_phase):
    x, q = as_operand(x), int(q)
    dtype = x.dtype if x.dtype.kind in "fc" and x.dtype != np.float16 else np.dtype(float)
    if ftype == "fir":
        h = signal.firwin((20 * q if n is None else n) + 1, 1.0 / q, window="hamming").astype(dtype)
        if zero_phase:
            return _resample_poly(x, 1, q, axis, h, "constant", None)
        return kept(_upfirdn(h, x, 1, q, axis), None, -(-x.shape[axis] // q), axis)
    if not isinstance(ftype, str):
        raise NoRuleError(
            "scipy.signal.decimate has no derivative rule for systems. Take ftype='fir' or 'iir', or filter by sosfiltfilt."
        )
    sos = signal.cheby1(8 if n is None else n, 0.05, 0.8 / q, output="sos").astype(dtype)
    y = sosfiltfilt(sos, x, axis, "odd", None) if zero_phase else sosfilt(sos, x, axis, None)
    index = [slice(None)] * x.ndim
    index[axis] = slice(None, None, q)
    return y[tuple(index)]


register(signal.upfirdn, _upfirdn)
register(signal.resample_poly, _resample_poly)
register(signal.decimate, _decimate)


# By Fourier transforms

# Old versions of SciPy lose the one negative frequency that could come into two elements.
_LOSES_ONE = not np.any(signal.resample([0.0, 0.0, 0.0, 1.0 + 0j], 2, domain="freq"))


def _resample(x, num, t, axis, window, domain):
    x = np.moveaxis(as_operand(x), axis, -1)
    real, n = x.dtype.kind != "c", x.shape[-1]
    if domain == "freq" and real:
        raise NoRuleError(
            "scipy.signal.resample(domain='freq') of real numbers has no derivative rule. Give complex ones."
        )
    spectrum = np.fft.fft(x) if domain == "time" else x
    if window is not None:
        if callable(window):
            window = window(np.fft.fftfreq(n))
        elif contains_active(window) and isinstance(window, tuple):
            raise NoRuleError(
                "scipy.signal.resample has no derivative with respect to the parameters of window=(name, ...). Give the "
                "window as an array, in the order of numpy.fft.fftfreq."
            )
        elif not hasattr(window, "shape"):
            # As SciPy has it: in which order depends on the version.
            window = np.real(np.fft.fft(signal.resample(np.eye(1, n)[0] + 0j, n, window=window)))
        spectrum = spectrum * window
    # Frequencies that have a negative one beside them; an even number of them has one more, in the middle.
    common = min(num, n)
    pairs = (common - 1) // 2
    low, high = spectrum[..., : pairs + 1], spectrum[..., n - pairs :]
    middle = []
    if common % 2 == 0 and num < n:
        middle = [kept(spectrum, pairs + 1, pairs + 2)]
        if real or num > 2 or not _LOSES_ONE:
            middle[0] = middle[0] + kept(spectrum, n - pairs - 1, n - pairs)
    elif common % 2 == 0:
        both = kept(spectrum, pairs + 1, pairs + 2)
        middle = [both] if num == n else [both / 2, _nothing(both, num - n - 1), both / 2]
    else:
        middle = [_nothing(low, num - common)]
    y = np.fft.ifft(np.concatenate([low, *middle, high], -1)) * (num / n)
    y = np.moveaxis(np.real(y) if real else y, -1, axis)
    return y if t is None else (y, _new_times(t, num, n))


def _nothing(x, n):
    return np.zeros_like(x, shape=(*x.shape[:-1], n))


def _new_times(t, num, n):
    t = as_operand(t)
    return t[0] + (t[1] - t[0]) * (n / num) * np.arange(num)


def _analytic(x, n, axis):
    """Leave out negative frequencies along an axis, and take the positive ones twice."""
    spectrum = np.moveaxis(np.fft.fft(x, n, axis=axis), axis, -1)
    weights = np.zeros(n, spectrum.real.dtype)
    weights[0], weights[1 : (n + 1) // 2] = 1, 2
    if n % 2 == 0:
        weights[n // 2] = 1
    return np.moveaxis(np.fft.ifft(spectrum * weights), -1, axis)


def _hilbert(x, N, axis):
    x = as_operand(x)
    return _analytic(x, x.shape[axis] if N is None else N, axis)


register(signal.resample, _resample)
register(signal.hilbert, _hilbert)


# Smoothing, trends, order


def _savgol_filter(x, window_length, polyorder, deriv, delta, axis, mode, cval):
    x = np.moveaxis(as_operand(x), axis, -1)
    x = x if x.dtype in (np.float32, np.float64) else x.astype(float)
    kernel = np.flip(signal.savgol_coeffs(window_length, polyorder, deriv)).astype(x.dtype)
    before = (window_length - 1) // 2
    lifted = mode == "constant" and not is_plain_zero(cval)
    wide = extended(
        x - cval if lifted else x, -1, before, window_length - 1 - before, "constant" if mode == "interp" else mode
    )
    y = valid(wide, kernel, 1)
    if lifted:
        y = y + cval * np.sum(kernel)
    if mode == "interp":
        half, n = window_length // 2, x.shape[-1]
        edges = _fitted(window_length, polyorder, deriv).astype(x.dtype)
        first = np.matmul(x[..., :window_length], edges[:half].T)
        last = np.matmul(x[..., n - window_length :], edges[window_length - half :].T)
        y = np.concatenate([first, y[..., half : n - half], last], -1)
    return np.moveaxis(y / delta**deriv if deriv else y, -1, axis)


def _fitted(n, degree, deriv):
    """Matrix from n numbers to the derivatives, at their places, of the polynomial that is fitted to them."""
    coefficients = np.polyfit(np.arange(n), np.eye(n), degree)
    return np.stack([np.polyval(np.polyder(line, deriv), np.arange(n)) for line in coefficients.T], -1)


def detrended(x, type, bp=0):
    """Take the mean off the last axis, or straight lines between breaks."""
    if type in ("constant", "c"):
        return x - np.mean(x, -1, keepdims=True)
    n, parts = x.shape[-1], []
    breaks = np.unique(np.concatenate([[0], np.ravel(bp), [n]])).astype(int).tolist()
    for start, stop in pairwise(breaks):
        lines = np.stack([np.ones(stop - start), np.linspace(-1, 1, stop - start)], -1)[:, : stop - start]
        basis = np.linalg.qr(lines)[0].astype(x.real.dtype if x.dtype.kind in "fc" else float)
        part = x[..., start:stop]
        parts.append(part - np.matmul(np.matmul(part, basis), basis.T))
    return np.concatenate(parts, -1)


def _detrend(data, axis, type, bp, overwrite_data):
    return np.moveaxis(detrended(np.moveaxis(as_operand(data), axis, -1), type, bp), -1, axis)


def _ranked(x, footprint, rank):
    return ranked(x, footprint, ["constant"] * x.ndim, [0] * x.ndim, 0, rank)


def _median_filter(x, kernel_size):
    x = np.atleast_1d(as_operand(x))
    footprint = np.ones(np.broadcast_to(3 if kernel_size is None else kernel_size, x.ndim), bool)
    return _ranked(x, footprint, footprint.size // 2)


register(signal.savgol_filter, _savgol_filter)
register(signal.detrend, _detrend)
register(signal.medfilt, lambda volume, kernel_size: _median_filter(volume, kernel_size))
register(signal.medfilt2d, lambda input, kernel_size: _median_filter(input, kernel_size))
register(signal.order_filter, lambda a, domain, rank: _ranked(as_operand(a), np.asarray(domain) != 0, rank))
