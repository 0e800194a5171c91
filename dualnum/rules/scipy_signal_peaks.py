"""Peaks of signals that carry derivatives: their indices are constants, and their properties follow the signal."""

from __future__ import annotations

import inspect
from functools import wraps

import numpy as np
from scipy import signal

from dualnum.dispatch import primal_all
from dualnum.packing import ACTIVE_TYPES, as_operand, contains_active
from dualnum.table import constant
from dualnum.twins import TWINS, twin


def _plain(x):
    """What an option is without derivatives."""
    if x.__class__ in (list, tuple):
        return x.__class__(_plain(item) for item in x)
    return primal_all(as_operand(x)) if contains_active(x) else x


def _with_value(y, value):
    """SciPy's own value, with the derivatives of `y`, which differs by rounding at most."""
    return y + (value - primal_all(y)) if y.__class__ in ACTIVE_TYPES else value


def _prominences(x, peaks, left, right):
    return x[peaks] - np.maximum(x[left], x[right])


def _crossing(x, height, place, step):
    """Where a signal crosses a height, on the way from a peak: between two elements, or at the end of what was looked at."""
    inner = np.ceil(place) if step < 0 else np.floor(place)
    inner = inner.astype(int)
    outer = np.where(inner == place, inner, inner + step)
    rise = x[inner] - x[outer]
    slanted = primal_all(rise) != 0
    share = (x[inner] - height) / np.where(slanted, rise, 1.0)
    return np.where(slanted, inner + step * share, place)


def _widths(x, heights, value):
    """Derivatives of widths and of both places, whose values SciPy has found."""
    _, _, left, right = value
    left, right = _crossing(x, heights, left, -1), _crossing(x, heights, right, 1)
    return tuple(_with_value(y, v) for y, v in zip((right - left, heights, left, right), value, strict=True))


def _find_peaks(x, *args, **kwargs):
    peaks, found = signal.find_peaks(_plain(x), *map(_plain, args), **{k: _plain(v) for k, v in kwargs.items()})
    x, given = as_operand(x), inspect.signature(signal.find_peaks).bind(x, *args, **kwargs).arguments
    if "peak_heights" in found:
        found["peak_heights"] = _with_value(x[peaks], found["peak_heights"])
    if "left_thresholds" in found:
        for name, step in (("left_thresholds", -1), ("right_thresholds", 1)):
            found[name] = _with_value(x[peaks] - x[peaks + step], found[name])
    if "prominences" in found:
        depth = _prominences(x, peaks, found["left_bases"], found["right_bases"])
        found["prominences"] = _with_value(depth, found["prominences"])
        if "widths" in found:
            names = ("widths", "width_heights", "left_ips", "right_ips")
            heights = x[peaks] - depth * given.get("rel_height", 0.5)
            found |= dict(zip(names, _widths(x, heights, [found[name] for name in names]), strict=True))
    return peaks, found


def _peak_prominences(x, peaks, wlen=None):
    depth, left, right = signal.peak_prominences(_plain(x), _plain(peaks), wlen)
    peaks = np.asarray(_plain(peaks))
    return _with_value(_prominences(as_operand(x), peaks, left, right), depth), left, right


def _peak_widths(x, peaks, rel_height=0.5, prominence_data=None, wlen=None):
    plain, peaks = _plain(x), np.asarray(_plain(peaks))
    if prominence_data is None:
        prominence_data = _peak_prominences(x, peaks, wlen)
    value = signal.peak_widths(plain, peaks, _plain(rel_height), tuple(map(_plain, prominence_data)), wlen)
    x = as_operand(x)
    return _widths(x, x[peaks] - as_operand(prominence_data[0]) * rel_height, value)


def _twin_of(function, body):
    @wraps(function)
    def dispatcher(*args, **kwargs):
        if any(map(contains_active, (*args, *kwargs.values()))):
            return body(*args, **kwargs)
        return function(*args, **kwargs)

    TWINS[function] = dispatcher


_twin_of(signal.find_peaks, _find_peaks)
_twin_of(signal.peak_prominences, _peak_prominences)
_twin_of(signal.peak_widths, _peak_widths)
constant(*(twin(function) for function in (signal.argrelextrema, signal.argrelmax, signal.argrelmin)))
