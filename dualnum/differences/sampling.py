"""Plain evaluations of a function around a point, for the methods that take differences."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from dualnum.errors import InputError, ShapeError

__all__ = ["EPS", "FIRST_STEP", "Sampler", "real_array", "result_array"]

EPS = float(np.finfo(np.float64).eps)
FIRST_STEP = 0.1
NOISE_STEP, NOISE_POINTS = 1e-9, 7


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

    def near(self, x: np.ndarray) -> np.ndarray:
        """``f`` at another point; nan if it is not defined there."""
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

    def at(self, j: int, abscissa: complex) -> np.ndarray:
        """``f`` with element j (in flat order) of ``x`` set to ``abscissa``."""
        x = self.x.astype(np.result_type(self.x, abscissa), order="C")
        x.flat[j] = abscissa
        return self.near(x)

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

    @cached_property
    def noise(self) -> np.ndarray:
        """Standard deviation of the noise in ``f`` around ``x``.

        It can be far more than the round-off of the result: that of 100.25 - 100 is the round-off of 100. Along so
        short a line a smooth function is a parabola, and what deviates from one is noise. The points are irregular,
        because numbers that are rounded at regular points often make a regular pattern.
        """
        rng = np.random.default_rng(0)
        lengths = np.reshape([self.typical(j) for j in range(self.x.size)], self.x.shape)
        line = NOISE_STEP * lengths * rng.uniform(0.5, 1.0, self.x.shape) * rng.choice([-1.0, 1.0], self.x.shape)
        positions = rng.uniform(-1.0, 1.0, NOISE_POINTS)
        parabolas = np.linalg.qr(np.vander(positions, 3))[0]
        with np.errstate(all="ignore"):
            changes = np.array([self.near(self.x + t * line) - self.value for t in positions])
            rest = changes - parabolas @ (parabolas.T @ changes)
            noise = np.sqrt(np.sum(np.abs(rest) ** 2, axis=0) / (NOISE_POINTS - 3))
        return np.where(np.isfinite(noise), noise, 0.0)

    def round_off(self, *values: np.ndarray) -> np.ndarray:
        """The error of values of ``f``: the noise, and at least a rounding of the largest, or of 1 if all are 0."""
        size = np.maximum.reduce([np.abs(value) for value in values])
        return np.maximum(self.noise, self.eps * np.where(size == 0.0, 1.0, size))


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
