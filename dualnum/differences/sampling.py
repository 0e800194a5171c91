"""Plain evaluations of a function around a point, for the methods that take differences."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.errors import InputError, ShapeError

__all__ = ["EPS", "FIRST_STEP", "Sampler", "real_array", "result_array"]

EPS = float(np.finfo(np.float64).eps)
FIRST_STEP = 0.1


class Sampler:
    """Evaluates ``f`` near ``x``, along one element of ``x`` at a time, and counts and times the calls.

    Every call gets a fresh array, so that a function which writes into its argument does no harm. All columns and
    values are flat arrays with one element per element of ``f(x)``; ``shape`` is the shape of ``f(x)``.
    """

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        self.function = f
        self.x = real_array(x)
        self.calls = 0
        self.seconds = 0.0
        value = self.evaluate(self.x)
        self.shape = value.shape
        self.value = value.ravel()
        self.eps = max(EPS, float(np.finfo(value.dtype).eps)) if value.dtype.kind in "fc" else EPS

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """``f(x)`` as an array of numbers."""
        argument = x.copy() if x.ndim else x[()]
        start = time.perf_counter()
        result = self.function(argument)
        self.seconds += time.perf_counter() - start
        self.calls += 1
        return result_array(result)

    def at(self, j: int, abscissa: complex) -> np.ndarray:
        """``f`` with element j (in flat order) of ``x`` set to ``abscissa``; nan if ``f`` is not defined there."""
        x = self.x.astype(np.result_type(self.x, abscissa), order="C")
        x.flat[j] = abscissa
        try:
            with np.errstate(all="ignore"):
                value = self.evaluate(x)
        except (ArithmeticError, ValueError):  # x + h may be outside the domain although x is not
            return np.full(self.value.shape, np.nan)
        if value.shape != self.shape:
            raise ShapeError(
                f"the function's result has the shape {self.shape} at x but {value.shape} nearby: it has no Jacobian"
            )
        return value.ravel()

    def position(self, j: int) -> float:
        """Element j of ``x``, in flat order."""
        return float(self.x.flat[j])

    def typical(self, j: int) -> float:
        """A length against which a step along element j is large or small."""
        return abs(self.position(j)) or float(np.max(np.abs(self.x), initial=0.0)) or 1.0

    def scale(self, j: int) -> np.ndarray:
        """The slope over a coarse step, or the size of ``f`` over the size of ``x`` if that is larger.

        A derivative that happens to be zero is known well if its error is small beside this. Where both are zero, ``f``
        is taken to be of order 1 on the way, as in log(tanh(20)).
        """
        position = self.position(j)
        width = (position + FIRST_STEP * self.typical(j)) - position
        with np.errstate(all="ignore"):
            slope = np.abs(self.at(j, position + width) - self.value) / width
            size = np.abs(self.value) / max(abs(position), 1.0)
        scale = np.fmax(np.where(np.isfinite(slope), slope, 0.0), np.where(np.isfinite(size), size, 0.0))
        return np.where(scale == 0.0, 1.0 / self.typical(j), scale)

    def round_off(self, *values: np.ndarray) -> np.ndarray:
        """What rounding does at least to the largest of these values of ``f``, or to 1 if all are zero."""
        size = np.maximum.reduce([np.abs(value) for value in values])
        return self.eps * np.where(size == 0.0, 1.0, size)


def real_array(x: Any) -> np.ndarray:
    """The point ``x`` as a new float64 array, or an InputError that says why it is not a point."""
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise InputError(f"x must be a number or an array of numbers: {error}") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"x must be made of real numbers, not of {array.dtype}")
    if not np.all(np.isfinite(array)):
        raise InputError("x must be finite: there are no differences at nan or infinity")
    return np.array(array, dtype=np.float64, order="C")


def result_array(result: Any) -> np.ndarray:
    """What a function returned as an array of numbers, or an InputError."""
    if isinstance(result, (list, tuple)) and any(isinstance(entry, np.ndarray) and entry.ndim for entry in result):
        raise InputError(
            f"the function returns a {type(result).__name__} of arrays, but only one array can be checked at a time: "
            "check lambda x: f(x)[0], and so on"
        )
    value = np.asarray(result)
    if value.dtype.kind not in "biufc":
        kind = type(result).__name__ if value.dtype == object else value.dtype
        raise InputError(f"the function must return a number or an array of numbers, not {kind}")
    return value if value.dtype.kind in "fc" else value.astype(np.float64)
