"""Rows of functions that copy an array, give it another dtype, or take real and imaginary parts."""

from __future__ import annotations

import math

import numpy as np

from dualnum.dispatch import ActiveArray, apply_function
from dualnum.errors import DerivativeLostError
from dualnum.table import linear, nonlinear

__all__ = ["without_imaginary"]


def _as_dtype_of(out_bar, x):
    return (out_bar if x.dtype.kind == "c" else np.real(out_bar)).astype(x.dtype)


def _astype(x, dtype, /, *, copy=True, device=None):
    kind = np.dtype(dtype).kind
    if kind not in "biufc":
        raise DerivativeLostError(
            f"np.astype(x, {dtype!r}) would lose the derivative of x. Use np.astype(primal(x), {dtype!r})."
        )

    def push(x_dot):
        if kind in "biu":
            return None
        return (np.real(x_dot) if kind == "f" else x_dot).astype(dtype, copy=copy)

    return x.astype(dtype, copy=copy), push


def without_imaginary(x):
    """Real part of the tangent of something that is real, as NumPy has found out by looking at its values.

    A function with a row of its own, so that tangents of tangents are looked at too.
    """
    if isinstance(x, ActiveArray):
        return apply_function(without_imaginary, (x,), {})
    parts = np.abs(x.imag)
    if np.any(parts > math.sqrt(np.finfo(parts.dtype).eps) * np.max(np.abs(x), initial=0)):
        raise DerivativeLostError(
            "A result is real, and NumPy has made it so, but in this direction it would become complex: the imaginary part "
            "of its derivative would get lost. Keep it complex (np.real_if_close and np.poly look at the values alone)."
        )
    return x.real.copy()


def _real_if_close(a, tol=100):
    out = np.real_if_close(a, tol)
    return out, lambda a_dot: a_dot if out.dtype.kind == a.dtype.kind else without_imaginary(a_dot)


linear(
    np.copy,
    lambda out_bar, a, order="K", subok=False: out_bar,
    batched=lambda a_dot, order="K", subok=False: np.copy(a_dot),
    moves=True,
)
nonlinear(
    np.astype,
    _astype,
    batched=True,
    pointwise=True,
    transposes={0: lambda out_bar, x, *_, **kwargs: _as_dtype_of(out_bar, x)},
)
nonlinear(np.real_if_close, _real_if_close, batched=True)
linear(without_imaginary, lambda out_bar, x: _as_dtype_of(out_bar, x), batched=without_imaginary)
linear(np.real, lambda out_bar, val: _as_dtype_of(out_bar, val), batched=np.real, view=True, moves=True)  # if real
linear(np.imag, lambda out_bar, val: _as_dtype_of(np.multiply(1j, out_bar), val), batched=np.imag, view=True)
