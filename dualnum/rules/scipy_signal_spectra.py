"""Rows of the spectra of `scipy.signal` and of the responses of filters, by way of `dualnum.scipy.signal`."""

from __future__ import annotations

import numpy as np
from scipy import signal

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand, contains_active
from dualnum.primitives import scatter
from dualnum.rules.products import conj
from dualnum.rules.scipy_signal import ends
from dualnum.rules.scipy_signal_resampling import detrended
from dualnum.rules.scipy_signal_windows import window_of
from dualnum.rules.wrapped import register

# Spectra of the segments of a signal


def _zero_padded(x, n):
    return np.concatenate([x, np.zeros_like(x, shape=(*x.shape[:-1], n))], -1) if n > 0 else x


def _sizes(window, nperseg, noverlap, nfft, n):
    """Window, and the lengths of segments, of what they have in common, and of transforms."""
    if isinstance(window, (str, tuple)):
        nperseg = min(256 if nperseg is None else int(nperseg), n)
    window = window_of(window, nperseg)
    nperseg = len(window)
    return window, nperseg, nperseg // 2 if noverlap is None else int(noverlap), nperseg if nfft is None else int(nfft)


def _of_segments(x, window, noverlap, nfft, detrend, onesided):
    """Fourier transforms of segments, of shape ``(..., segments, frequencies)``."""
    if callable(detrend):
        raise NoRuleError(
            "scipy.signal: spectra with a function as detrend= have no derivative rule. Detrend the signal before."
        )
    size = len(window)
    starts = np.arange(0, x.shape[-1] - size + 1, size - noverlap)
    parts = x[..., starts[:, None] + np.arange(size)]
    if detrend:
        parts = detrended(parts, detrend)
    return (np.fft.rfft if onesided else np.fft.fft)(parts * window, nfft)


def _doubled(p, nfft):
    """Powers of both signs of each frequency."""
    k = np.arange(p.shape[-1])
    return p * np.where((k == 0) | (2 * k == nfft), 1.0, 2.0).astype(p.real.dtype)


def _frequencies(nfft, fs, onesided):
    return (np.fft.rfftfreq if onesided else np.fft.fftfreq)(nfft) * fs


def _power(window, fs, scaling):
    if scaling == "density":
        return 1.0 / (fs * np.sum(np.abs(window) ** 2 if window.dtype.kind == "c" else window * window))
    return 1.0 / np.abs(np.sum(window)) ** 2


def _last(x, axis):
    return np.moveaxis(as_operand(x), axis, -1)


def _median_bias(n):
    """Mean of the median of n exponential variables, as SciPy has it (Allen et al. 2012, appendix B)."""
    k = 2 * np.arange(1.0, (n - 1) // 2 + 1)
    return 1 + np.sum(1.0 / (k + 1) - 1.0 / k)


def _csd(x, y, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis, average="mean"):
    same, x = x is y, _last(x, axis)
    y = x if same else _last(y, axis)
    if not x.size or not y.size:
        return np.zeros(0), np.zeros(0)
    n = max(x.shape[-1], y.shape[-1])
    x, y = _zero_padded(x, n - x.shape[-1]), y if same else _zero_padded(y, n - y.shape[-1])
    window, nperseg, noverlap, nfft = _sizes(window, nperseg, noverlap, nfft, n)
    onesided = return_onesided and x.dtype.kind != "c" and y.dtype.kind != "c"
    first = _of_segments(x, window, noverlap, nfft, detrend, onesided)
    second = first if same else _of_segments(y, window, noverlap, nfft, detrend, onesided)
    p = conj(first) * second * _power(window, fs, scaling)
    p = _doubled(np.real(p) if same else p, nfft) if onesided else np.real(p) if same else p
    count = p.shape[-2]
    if average == "median" and count > 1:
        middle = np.median(np.real(p), -2)
        p = (middle if same else middle + 1j * np.median(np.imag(p), -2)) / _median_bias(count)
    else:
        p = np.mean(p, -2)
    return _frequencies(nfft, fs, onesided), np.moveaxis(p, -1, axis)


def _welch(x, **named):
    return _csd(x, x, **named)


def _periodogram(x, fs, window, nfft, detrend, return_onesided, scaling, axis):
    x = _last(x, axis)
    if nfft is not None and nfft < x.shape[-1]:
        x, nfft = x[..., :nfft], None
    n = x.shape[-1]
    named = {"detrend": detrend, "return_onesided": return_onesided, "scaling": scaling, "axis": -1}
    f, p = _csd(x, x, fs, "boxcar" if window is None else window, n, 0, nfft, **named)
    return f, np.moveaxis(p, -1, axis)


def _coherence(x, y, axis, **named):
    named |= {"axis": axis, "return_onesided": True, "scaling": "density"}
    (f, pxx), (_, pyy), (_, pxy) = _csd(x, x, **named), _csd(y, y, **named), _csd(x, y, **named)
    return f, (np.real(pxy) ** 2 + np.imag(pxy) ** 2) / pxx / pyy


register(signal.csd, _csd)
register(signal.welch, _welch)
register(signal.periodogram, _periodogram)
register(signal.coherence, _coherence)


# Over time


def _times(n, nperseg, noverlap, fs):
    return np.arange(nperseg / 2, n - nperseg / 2 + 1, nperseg - noverlap) / fs


def _to_place(z, axis):
    """Frequencies to the place of the axis, and segments behind all others."""
    return np.moveaxis(z, -1, axis - 1 if axis < 0 else axis)


def _spectrogram(x, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis, mode):
    x = _last(x, axis)
    window, nperseg, _, nfft = _sizes(window, nperseg, noverlap, nfft, x.shape[-1])
    noverlap = nperseg // 8 if noverlap is None else int(noverlap)
    onesided = return_onesided and x.dtype.kind != "c"
    z = _of_segments(x, window, noverlap, nfft, detrend, onesided)
    power = _power(window, fs, scaling)
    f, t = _frequencies(nfft, fs, onesided), _times(x.shape[-1], nperseg, noverlap, fs)
    if mode == "psd":
        p = (np.real(z) ** 2 + np.imag(z) ** 2) * power
        return f, t, _to_place(_doubled(p, nfft) if onesided else p, axis)
    z = _to_place(z * np.sqrt(power), axis)
    if mode == "complex":
        return f, t, z
    if mode == "magnitude":
        return f, t, np.abs(z)
    angle = np.angle(z)
    return f, t, np.unwrap(angle, axis=axis - 1 if axis < 0 else axis) if mode == "phase" else angle


def _stft(x, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, boundary, padded, axis, scaling="spectrum"):
    x = _last(x, axis)
    window, nperseg, noverlap, nfft = _sizes(window, nperseg, noverlap, nfft, x.shape[-1])
    if boundary == "zeros":
        x = np.concatenate([np.zeros_like(x, shape=(*x.shape[:-1], nperseg // 2)), _zero_padded(x, nperseg // 2)], -1)
    else:
        x = ends(x, nperseg // 2, boundary)
    if padded:
        x = _zero_padded(x, -(x.shape[-1] - nperseg) % (nperseg - noverlap) % nperseg)
    onesided = return_onesided and x.dtype.kind != "c"
    z = _of_segments(x, window, noverlap, nfft, detrend, onesided)
    z = z * np.sqrt(_power(window, fs, "density" if scaling == "psd" else "spectrum"))
    t = _times(x.shape[-1], nperseg, noverlap, fs)
    if boundary is not None:
        t = t - nperseg / 2 / fs
    return _frequencies(nfft, fs, onesided), t, _to_place(z, axis)


def _istft(
    Zxx, fs, window, nperseg, noverlap, nfft, input_onesided, boundary, time_axis, freq_axis, scaling="spectrum"
):
    z = as_operand(Zxx)
    after = (time_axis % z.ndim) - (freq_axis % z.ndim < time_axis % z.ndim)
    z = np.moveaxis(z, (freq_axis, time_axis), (-2, -1))
    count, n = z.shape[-1], z.shape[-2]
    default = 2 * (n - 1) if input_onesided else n
    nperseg = default if nperseg is None else int(nperseg)
    if nfft is None:
        nfft = nperseg if input_onesided and nperseg == default + 1 else default
    window = window_of(window, nperseg)
    step = nperseg - (nperseg // 2 if noverlap is None else int(noverlap))
    parts = (np.fft.irfft if input_onesided else np.fft.ifft)(z, int(nfft), -2)[..., :nperseg, :]
    parts = parts * (np.sum(window) if scaling == "spectrum" else np.sqrt(fs * np.sum(window**2))) * window[:, None]
    size = nperseg + (count - 1) * step
    places = (..., np.arange(nperseg)[:, None] + step * np.arange(count))
    x = scatter(parts, places, (*parts.shape[:-2], size))
    weight = scatter(np.broadcast_to((window**2)[:, None], (nperseg, count)), places, (size,))
    if boundary:
        x, weight = (a[..., nperseg // 2 : size - nperseg // 2] for a in (x, weight))
    x = x / np.where(primal_all(weight) > 1e-10, weight, 1.0)
    x = np.moveaxis(x, -1, after) if x.ndim > 1 else x
    return np.arange(x.shape[0]) / fs, x


register(signal.spectrogram, _spectrogram)
register(signal.stft, _stft)
register(signal.istft, _istft)


# Responses of filters


def _polynomial(z, coefficients):
    """Sum of the powers of z, which may have more axes; the first coefficient is the constant one."""
    total = coefficients[-1] + np.zeros(np.shape(z))
    for c in coefficients[-2::-1]:
        total = total * z + c
    return total


def _from_roots(z, roots):
    return np.prod(z - roots[:, None], 0)


def _angles(frequencies, whole, fs, include_nyquist=False):
    """Angular frequencies, for numbers of them or for themselves."""
    if frequencies is None or isinstance(frequencies, (int, np.integer)):
        n = 512 if frequencies is None else int(frequencies)
        return np.linspace(0, 2 * np.pi if whole else np.pi, n, endpoint=include_nyquist and not whole)
    given = as_operand(frequencies)
    if given.ndim == 0 and not contains_active(given) and float(given.real).is_integer() and given.dtype.kind in "iu":
        return _angles(int(given), whole, fs, include_nyquist)
    return 2 * np.pi * np.atleast_1d(given) / fs


def _response(b, a, w):
    z = np.exp(-1j * w)
    return _polynomial(z, np.atleast_1d(as_operand(b))) / _polynomial(z, np.atleast_1d(as_operand(a)))


def _freqz(b, a, worN, whole, plot, fs, include_nyquist=False):
    w = _angles(worN, whole, fs, include_nyquist)
    if plot is not None:
        raise NoRuleError("scipy.signal.freqz(plot=...) has no derivative rule. Plot what it returns.")
    return w * (fs / (2 * np.pi)), _response(b, a, w)


def _freqz_zpk(z, p, k, worN, whole, fs):
    w = _angles(worN, whole, fs)
    at = np.exp(1j * w)
    z, p = (np.atleast_1d(as_operand(roots)) for roots in (z, p))
    return w * (fs / (2 * np.pi)), k * _from_roots(at, z) / _from_roots(at, p)


def _freqz_sos(sos, worN=512, whole=False, fs=2 * np.pi):
    w, h = _angles(worN, whole, fs), 1.0
    for section in as_operand(sos):
        h = h * _response(section[:3], section[3:], w)
    return w * (fs / (2 * np.pi)), h


def _group_delay(system, w, whole, fs):
    b, a = (np.atleast_1d(as_operand(c)) for c in system)
    w = _angles(w, whole, fs)
    c, z = np.convolve(b, conj(np.flip(a))), np.exp(-1j * w)
    delay = np.real(_polynomial(z, c * np.arange(len(c))) / _polynomial(z, c)) - (len(a) - 1)
    return w * (fs / (2 * np.pi)), np.where(np.isfinite(primal_all(delay)), delay, 0.0)


def _at(worN, *system, **kind):
    """Frequencies of an analog filter; those that SciPy chooses are whole decades, which do not move with the filter."""
    if worN is None or isinstance(worN, (int, np.integer)):
        return signal.findfreqs(*map(primal_all, system), 200 if worN is None else worN, **kind)
    return np.atleast_1d(as_operand(worN))


def _freqs(b, a, worN, plot):
    b, a = (np.atleast_1d(as_operand(c)) for c in (b, a))
    if plot is not None:
        raise NoRuleError("scipy.signal.freqs(plot=...) has no derivative rule. Plot what it returns.")
    w = _at(worN, b, a)
    return w, _polynomial(1j * w, np.flip(b)) / _polynomial(1j * w, np.flip(a))


def _freqs_zpk(z, p, k, worN):
    z, p = (np.atleast_1d(as_operand(roots)) for roots in (z, p))
    w = _at(worN, z, p, kind="zp")
    return w, k * _from_roots(1j * w, z) / _from_roots(1j * w, p)


register(signal.freqz, _freqz)
register(signal.freqz_zpk, _freqz_zpk)
for _name in ("sosfreqz", "freqz_sos"):
    if hasattr(signal, _name):
        register(getattr(signal, _name), _freqz_sos)
register(signal.group_delay, _group_delay)
register(signal.freqs, _freqs)
register(signal.freqs_zpk, _freqs_zpk)
