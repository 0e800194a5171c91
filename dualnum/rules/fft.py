"""Rows of numpy.fft: discrete Fourier transforms and shifts, all linear.

The matrix of a complex transform is symmetric, so its adjoint is conj(F conj(g)) with the same normalisation; cropping
and padding of the input are adjoint to each other. The real transforms are linear over the reals, and one half of the
spectrum stands for all of it: in the adjoint of `irfft`, the terms that stand for two count twice.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from dualnum.batching import from_end
from dualnum.rules.products import conj, fitted
from dualnum.table import linear

_SWAPPED: dict[str | None, Any] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _resized(x, size, axis):
    """Crop an axis or pad it with zeros."""
    missing = size - x.shape[axis]
    if missing < 0:
        return np.take(x, range(size), axis=axis)
    width = [(0, 0)] * x.ndim
    width[axis] = (0, missing)
    return np.pad(x, width) if missing else x


# Adjoints along one axis, on which the input had `size` elements and was cropped or padded to `n` (None: was not).


def _adjoint(transform, g, size, n, axis, norm):
    return _resized(conj(transform(conj(g), axis=axis, norm=norm)), size, axis)


def _rfft_adjoint(g, size, n, axis, norm):
    n = size if n is None else n
    return _resized(np.real(np.fft.fft(_resized(conj(g), n, axis), axis=axis, norm=norm)), size, axis)


def _irfft_adjoint(g, size, n, axis, norm):
    n = g.shape[axis]
    halves = np.fft.rfft(g, axis=axis, norm=_SWAPPED[norm])
    k = np.arange(n // 2 + 1).reshape([-1] + [1] * (g.ndim - 1 - axis % g.ndim))
    weights = np.where((k == 0) | (2 * k == n), 1, 2).astype(g.dtype)
    return _resized(weights * halves, size, axis)


def _hfft_adjoint(g, size, n, axis, norm):
    return conj(_irfft_adjoint(g, size, n, axis, _SWAPPED[norm]))


def _ihfft_adjoint(g, size, n, axis, norm):
    return _rfft_adjoint(conj(g), size, n, axis, _SWAPPED[norm])


_fft_adjoint = partial(_adjoint, np.fft.fft)
_ifft_adjoint = partial(_adjoint, np.fft.ifft)


# One axis


def transform(function, adjoint):
    """Register a transform along one axis, which takes ``(a, n, axis, norm)``."""

    def push(a, n=None, axis=-1, norm=None):
        return function(a, n, from_end(axis, a.ndim - 1), norm)

    def pull(out_bar, a, n=None, axis=-1, norm=None):
        return fitted(adjoint(out_bar, a.shape[axis], n, axis, norm), a)

    linear(function, pull, batched=push)


ADJOINTS = {
    "fft": _fft_adjoint,
    "ifft": _ifft_adjoint,
    "rfft": _rfft_adjoint,
    "irfft": _irfft_adjoint,
    "hfft": _hfft_adjoint,
    "ihfft": _ihfft_adjoint,
}
for _name, _of_name in ADJOINTS.items():
    transform(getattr(np.fft, _name), _of_name)


# Several axes, one after the other; NumPy allows an axis to be named more than once.


def _axes(ndim, s, axes):
    if axes is None:
        return range(-(ndim if s is None else len(s)), 0)
    return [from_end(axis, ndim) for axis in np.atleast_1d(axes).tolist()]


def _sizes(a, s, axes, last_is_half):
    """To how many elements each axis is cropped or padded, in order of `axes`."""
    if s is None:
        sizes = [a.shape[axis] for axis in axes]
        return sizes[:-1] + [2 * (sizes[-1] - 1)] if last_is_half and sizes else sizes
    return [a.shape[axis] if n in (-1, None) else n for n, axis in zip(s, axes, strict=True)]


def transforms(function, adjoint, first=None, last=None, default_axes=None):
    """Register a transform over several axes, given the adjoint along one.

    ``first`` replaces it for the axis that a real transform takes first, ``last`` for the one that an inverse real
    transform takes last; both are the last of `axes`.
    """

    def push(a, s=None, axes=default_axes, norm=None):
        return function(a, s, _axes(a.ndim - 1, s, axes), norm)

    def pull(out_bar, a, s=None, axes=default_axes, norm=None):
        axes = list(_axes(a.ndim, s, axes))
        steps = list(zip(axes, _sizes(a, s, axes, last is not None), [adjoint] * len(axes), strict=True))
        if steps and (first or last):
            steps[-1] = (*steps[-1][:2], first or last)
        if last is None:
            steps.reverse()
        shape, adjoints = list(a.shape), []
        for axis, n, adjoint_of_step in steps:
            adjoints.append(partial(adjoint_of_step, size=shape[axis], n=n, axis=axis, norm=norm))
            shape[axis] = n // 2 + 1 if adjoint_of_step is first else n
        for adjoint_of_step in reversed(adjoints):
            out_bar = adjoint_of_step(out_bar)
        return fitted(out_bar, a)

    linear(function, pull, batched=push)


SEVERAL: dict[str, dict[str, Any]] = {
    "fftn": {"adjoint": _fft_adjoint},
    "ifftn": {"adjoint": _ifft_adjoint},
    "rfftn": {"adjoint": _fft_adjoint, "first": _rfft_adjoint},
    "irfftn": {"adjoint": _ifft_adjoint, "last": _irfft_adjoint},
}
SEVERAL |= {f"{name[:-1]}2": options | {"default_axes": (-2, -1)} for name, options in SEVERAL.items()}
for _name, _options in SEVERAL.items():
    transforms(getattr(np.fft, _name), **_options)


# Shifts


def _shift(function, inverse):
    def push(x, axes=None):
        return function(x, tuple(_axes(x.ndim - 1, None, axes)))

    linear(function, lambda out_bar, x, axes=None: inverse(out_bar, axes), batched=push)


_shift(np.fft.fftshift, np.fft.ifftshift)
_shift(np.fft.ifftshift, np.fft.fftshift)
