"""Rows of the windows of `scipy.signal.windows` that have parameters, by way of `dualnum.scipy.signal.windows`."""

from __future__ import annotations

import inspect

import numpy as np
from scipy import signal, special
from scipy.signal import windows

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError
from dualnum.packing import as_operand, contains_active
from dualnum.rules.convolving import scalar
from dualnum.rules.wrapped import register

__all__ = ["window_of"]


def _window(formula):
    """Body of a function ``(M, ..., sym)``; those that are not symmetric lack the last element of one that is longer."""

    def body(M, *args, sym=True, xp=None, device=None, **named):
        if M <= 1:
            return np.ones(max(int(M), 0))
        size = M if sym else M + 1
        w = formula(np.arange(size, dtype=float), size, *args, **named)
        return w if sym else w[:-1]

    return body


def _gaussian(n, M, std):
    return np.exp(-0.5 * ((n - (M - 1) / 2) / std) ** 2)


def _general_gaussian(n, M, p, sig):
    distance = np.abs(n - (M - 1) / 2)
    middle = distance == 0  # where a power below 1 has an infinite derivative, of a base that does not move
    power = np.abs(np.where(middle, 1.0, distance) / sig) ** (2 * p)
    return np.exp(-0.5 * np.where(middle, 0.0, power))


def _exponential(n, M, center=None, tau=1.0):
    return np.exp(-np.abs(n - ((M - 1) / 2 if center is None else center)) / tau)


def _kaiser(n, M, beta):
    middle = (M - 1) / 2
    root = np.sqrt(1 - ((n - middle) / middle) ** 2)
    # Scaled functions, for those of a large beta overflow.
    return special.i0e(beta * root) / special.i0e(beta) * np.exp(np.abs(beta) * (root - 1))


def _kaiser_bessel_derived(M, beta, sym=True, xp=None, device=None):
    total = np.cumsum(_window(_kaiser)(M // 2 + 1, beta))
    half = np.sqrt(total[:-1] / total[-1])
    return np.concatenate([half, np.flip(half)])


def _tukey(n, M, alpha=0.5):
    plain = primal_all(as_operand(alpha))
    if plain <= 0:
        return np.ones(M)
    if plain >= 1:
        return windows.hann(M)
    width = int(np.floor(plain * (M - 1) / 2))
    left = 0.5 * (1 + np.cos(np.pi * (2 * n[: width + 1] / alpha / (M - 1) - 1)))
    right = 0.5 * (1 + np.cos(np.pi * (2 * n[M - width - 1 :] / alpha / (M - 1) - 2 / alpha + 1)))
    return np.concatenate([left, np.ones(M - 2 * width - 2), right])


def _general_cosine(n, M, a):
    angle = np.linspace(-np.pi, np.pi, M)
    return np.sum(np.cos(np.arange(len(a))[:, None] * angle) * as_operand(a)[:, None], 0)


def _general_hamming(n, M, alpha):
    return _general_cosine(n, M, np.stack([scalar(alpha), scalar(1 - alpha)]))


_BODIES = {
    "gaussian": _window(_gaussian),
    "general_gaussian": _window(_general_gaussian),
    "exponential": _window(_exponential),
    "kaiser": _window(_kaiser),
    "kaiser_bessel_derived": _kaiser_bessel_derived,
    "tukey": _window(_tukey),
    "general_cosine": _window(_general_cosine),
    "general_hamming": _window(_general_hamming),
}
for _name, _body in _BODIES.items():
    register(getattr(windows, _name), _body, module="scipy.signal.windows")

# What `get_window` calls them, too.
_NAMES = {
    **{name: name for name in _BODIES},
    **dict.fromkeys(("gauss", "gss"), "gaussian"),
    **dict.fromkeys(("general_gauss", "ggs"), "general_gaussian"),
    **{"poisson": "exponential", "ksr": "kaiser", "tuk": "tukey"},
}


def _get_window(window, Nx, fftbins=True, xp=None, device=None):
    name, *args = window if isinstance(window, tuple) else ("kaiser", window)
    sym = not fftbins
    for ending, symmetric in (("_symmetric", True), ("_periodic", False)):
        if name.endswith(ending):
            sym, name = symmetric, name.removesuffix(ending)
    name = _NAMES.get(name.replace(" ", "_"))
    if name is None:
        raise NoRuleError(
            f"scipy.signal.get_window({window[0]!r}) has no derivative rule with respect to its parameters."
        )
    parameters = list(inspect.signature(getattr(windows, name)).parameters)[1:]
    named = dict(zip(parameters, args, strict=False))
    return _BODIES[name](Nx, **named, **({} if name == "kaiser_bessel_derived" else {"sym": sym}))


get_window = register(signal.get_window, _get_window)


def window_of(window, n):
    """Window of a length, from what other functions take for one: its name, with parameters, or an array."""
    if isinstance(window, (str, tuple)):
        return get_window(window, n) if contains_active(window) else signal.get_window(window, n)
    return as_operand(window)
