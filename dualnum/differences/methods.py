"""Finite differences that say how far they can be trusted: each comes with an estimate of its own error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from dualnum.differences.sampling import EPS, FIRST_STEP, Sampler
from dualnum.errors import InputError, MissingExtraError

__all__ = ["METHODS", "SAFETY", "Estimate", "estimate_column", "finite_difference_jacobian"]

SAFETY = 10.0  # an error estimate is one of magnitude: the true error may be this many times as large
ROWS, DEPTH = 28, 7
# Steps shrink by this ratio and not by 2: if the last of steps that are multiples of each other is nearly a multiple of
# the period of sin(200 x), then so are the others, the function looks slow, and a wrong derivative looks converged.
RATIO = 1.93
CONVERGED, USEFUL = 1e-10, 1e-6
SMALL = 1e-3
COMPLEX_STEPS = (1e-20, 3.7e-12)  # the ratio is no power of two, so that the two results are rounded differently


@dataclass
class Estimate:
    """One column of the Jacobian by differences; flat arrays, with one element per element of ``f(x)``.

    ``error`` estimates the error of ``value``, and is inf where nothing is known. ``scale`` is `Sampler.scale`.
    """

    value: np.ndarray
    error: np.ndarray
    scale: np.ndarray

    @classmethod
    def unknown(cls, sampler: Sampler, scale: np.ndarray) -> Estimate:
        """What is known before any difference was taken."""
        dtype = np.result_type(sampler.value, np.float64)
        return cls(np.full(sampler.value.shape, np.nan, dtype), np.full(sampler.value.shape, np.inf), scale)

    def take(self, better: np.ndarray, value: np.ndarray, error: np.ndarray) -> None:
        """Use ``value`` and ``error`` where ``better``."""
        self.value = np.where(better, value, self.value)
        self.error = np.where(better, error, self.error)

    @property
    def size(self) -> np.ndarray:
        """What an error is to be compared with."""
        return np.fmax(np.abs(self.value), self.scale)


Row = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass
class Candidate:
    """An entry of the tableau for each element of ``f(x)``, from ``age`` rows ago.

    ``noise`` is the round-off in it, and ``smooth`` whether the slopes to the left and the right approached each other.
    """

    value: np.ndarray
    error: np.ndarray
    noise: np.ndarray
    smooth: np.ndarray
    age: np.ndarray

    def meet(self, later: np.ndarray) -> None:
        """Count as error what a later row disagrees by, scaled back to this step: noise beyond round-off shows so."""
        self.age = self.age + 1
        self.error = np.fmax(self.error, np.abs(later - self.value) / RATIO**self.age)

    def yield_to(self, other: Candidate) -> None:
        """Become the other one where that is better."""
        better = other.error < self.error
        for name, mine in vars(self).items():
            setattr(self, name, np.where(better, getattr(other, name), mine))


def extrapolate(rows: Iterator[Row], power: int, scale: np.ndarray, wanted: np.ndarray) -> Estimate:
    """Richardson extrapolation of difference quotients whose step shrinks from row to row (Ridders 1982).

    A row is (quotient, noise, unevenness): the quotient; the least error that round-off leaves in it; and by how much
    the slopes to the left and to the right of x differ. The error of a quotient is a series in the step to the
    ``power`` 2 for central and 1 for one-sided differences. Rows are taken until every ``wanted`` element has converged
    or gets no better.

    An entry of the tableau counts only together with two neighbours, one from the same steps and one from larger ones,
    since two numbers are sometimes equal by chance. Its error is the larger of the distances to them, and at least that
    of round-off. If the unevenness grows while the step shrinks, then x lies beside a feature far narrower than the
    step, which these differences do not see; there the unevenness counts as error. And a row in which nothing changes
    at all does not take the place of a smooth derivative that larger steps have found: there the change is lost in
    round-off inside the function.
    """
    settled = ~wanted
    nothing, never = np.full(scale.shape, np.nan), np.full(scale.shape, np.inf)
    best = Candidate(nothing, never, never, np.zeros(scale.shape, bool), np.zeros(scale.shape, int))
    latest, uneven_before = best, never
    previous: list[np.ndarray] = []
    for quotient, noise, uneven in rows:
        row = [quotient]
        for order, coarser in enumerate(previous[: DEPTH - 1], start=1):
            row.append(row[-1] + (row[-1] - coarser) / (RATIO ** (power * order) - 1))
        best.meet(row[-1])
        latest.meet(row[-1])
        best.yield_to(latest)  # not before it has met a later row: noise makes good candidates that are worth nothing

        smooth = uneven <= 0.75 * uneven_before + 8 * noise
        unseen = np.where(uneven > 1.2 * uneven_before + 8 * noise, uneven, 0.0)
        lost = (quotient == 0) & (uneven == 0) & best.smooth & (np.abs(best.value) > SAFETY * best.error)
        least = np.maximum(noise, np.where(lost, np.inf, unseen))
        latest = Candidate(nothing, never, noise, smooth, np.zeros(scale.shape, int))
        for order in range(1, len(previous)):
            distance = np.maximum(np.abs(row[order] - row[order - 1]), np.abs(row[order] - previous[order]))
            latest.yield_to(replace(latest, value=row[order], error=np.maximum(distance, least)))

        settled |= np.isfinite(best.error) & (best.error <= np.fmax(CONVERGED * np.abs(best.value), 4 * best.noise))
        settled |= (best.age >= 4) & (best.error <= USEFUL * np.fmax(np.abs(best.value), scale))
        if np.all(settled):
            break
        previous, uneven_before = row, uneven
    return Estimate(best.value, best.error, scale)


def central_rows(sampler: Sampler, j: int, step: float) -> Iterator[Row]:
    """Central differences with steps that shrink from ``step`` on."""
    position, middle = sampler.position(j), sampler.value
    for k in range(ROWS):
        right, left = position + step / RATIO**k, position - step / RATIO**k
        after, before = sampler.at(j, right), sampler.at(j, left)
        width = right - left  # not 2 * step, of which some digits were lost in position + step
        noise = 4 * sampler.round_off(after, before, middle) / width
        yield (after - before) / width, noise, 2 * np.abs((after - middle) - (middle - before)) / width


def one_sided_rows(sampler: Sampler, j: int, step: float) -> Iterator[Row]:
    """Differences to the right, or to the left if ``step`` is negative."""
    position, value = sampler.position(j), sampler.value
    for k in range(ROWS):
        end = position + step / RATIO**k
        there, width = sampler.at(j, end), end - position
        noise = 2 * sampler.round_off(there, value) / abs(width)
        yield (there - value) / width, noise, np.zeros(value.shape)


def with_lengths(sampler: Sampler, j: int, attempt: Callable[[float, np.ndarray, np.ndarray], Estimate]) -> Estimate:
    """Try steps on the scale of x, and larger ones where x is so small that all is lost in round-off: exp(x) at 1e-20.

    The larger steps are believed if they agree with the smaller ones within the error of those.
    ``attempt(length, wanted, scale)`` estimates the ``wanted`` elements of column j.
    """
    best = Estimate.unknown(sampler, sampler.scale(j))
    typical = sampler.typical(j)
    for length in (typical, 1.0) if typical < SMALL else (typical,):
        wanted = np.isfinite(sampler.value) & ~(best.error <= USEFUL * best.size)
        if np.any(wanted):
            found = attempt(length, wanted, best.scale)
            consistent = np.isinf(best.error) | (np.abs(found.value - best.value) <= SAFETY * best.error)
            best.take(consistent & (found.error < best.error), found.value, found.error)
    return best


def central(sampler: Sampler, j: int) -> Estimate:
    """Extrapolated central differences; one-sided ones for elements that have no value on both sides of x."""

    def attempt(length: float, wanted: np.ndarray, scale: np.ndarray) -> Estimate:
        step = FIRST_STEP * length
        best = extrapolate(central_rows(sampler, j, step), 2, scale, wanted)
        for side in (1.0, -1.0):
            lacking = wanted & np.isinf(best.error)
            if np.any(lacking):
                found = extrapolate(one_sided_rows(sampler, j, side * step), 1, scale, lacking)
                best.take(lacking, found.value, found.error)
        return best

    return with_lengths(sampler, j, attempt)


def forward(sampler: Sampler, j: int) -> Estimate:
    """Forward differences with three steps; the spread between them bounds the truncation, and shows most of the noise.

    Elements that have no value to the right of x get backward differences.
    """

    def attempt(length: float, wanted: np.ndarray, scale: np.ndarray) -> Estimate:
        best = Estimate.unknown(sampler, scale)
        for side in (1.0, -1.0):
            lacking = wanted & np.isinf(best.error)
            if np.any(lacking):
                rows = one_sided_rows(sampler, j, side * np.sqrt(sampler.eps) * length)
                quotients, noises, _ = zip(*islice(rows, 3), strict=True)
                spread = np.max(np.abs(np.subtract(quotients, quotients[-1])), axis=0)
                error = np.maximum(2 * spread, noises[-1])
                best.take(lacking & np.isfinite(error), quotients[-1], error)
        return best

    return with_lengths(sampler, j, attempt)


def complex_step(sampler: Sampler, j: int) -> Estimate:
    """The imaginary part of ``f(x + ih)`` over h, for two steps (Squire & Trapp 1998).

    No digits cancel, but ``f`` must be analytic all the way: if it drops the imaginary part somewhere (``abs``,
    ``.real``, ``conj``), the result is wrong. Forward differences show where that has happened.
    """
    if np.iscomplexobj(sampler.value):
        raise InputError("the complex step needs a function with a real result; use method='central'")
    wide, narrow = (imaginary_quotient(sampler, j, step * sampler.typical(j)) for step in reversed(COMPLEX_STEPS))
    check = forward(sampler, j)
    limit = 100 * check.error + 1e-3 * np.fmax(np.abs(narrow), np.abs(check.value))
    wrong = np.abs(narrow - check.value) > limit
    if np.any(wrong):
        entry = np.argmax(wrong)
        raise InputError(
            "the complex step cannot be used: the function loses imaginary parts (abs, conj, real?), for along element "
            f"{j} of x it gives {narrow[entry]:.6g} where forward differences give {check.value[entry]:.6g}; "
            "use method='central'"
        )
    error = np.abs(wide - narrow) + 4 * EPS * np.abs(narrow)
    return Estimate(narrow, np.where(np.isfinite(error), error, np.inf), check.scale)


def imaginary_quotient(sampler: Sampler, j: int, step: float) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ComplexWarning)
            value = sampler.at(j, complex(sampler.position(j), step))
    except (TypeError, ComplexWarning) as error:
        raise InputError(
            f"the complex step cannot be used: the function does not take complex numbers ({error}); "
            "use method='central'"
        ) from error
    if value.size and not np.iscomplexobj(value) and np.any(np.isfinite(value)):
        raise InputError(
            "the complex step cannot be used: the function's result is real although x is complex, so it loses "
            "imaginary parts (abs, real?); use method='central'"
        )
    with np.errstate(all="ignore"):
        return np.imag(value) / step if np.iscomplexobj(value) else np.full(value.shape, np.nan)


def scipy_central(sampler: Sampler, j: int) -> Estimate:
    """`scipy.differentiate.derivative`: central differences of order 8, of which each element chooses its own step."""
    try:
        from scipy.differentiate import derivative
    except ImportError as error:
        raise MissingExtraError("method='scipy' needs SciPy 1.15 or later; method='central' does without") from error
    if np.iscomplexobj(sampler.value):
        raise InputError("scipy.differentiate needs a function with a real result; use method='central'")

    def along_element(points: np.ndarray) -> np.ndarray:
        # shape (m,) or (m, number of abscissae), and all m rows are the same: one call of f serves them all
        return np.stack([sampler.at(j, p) for p in np.ravel(points[0])], axis=-1).reshape(points.shape)

    def attempt(length: float, wanted: np.ndarray, scale: np.ndarray) -> Estimate:
        step, points = FIRST_STEP * length, np.full(sampler.value.shape, sampler.position(j))
        found = derivative(along_element, points, initial_step=step, preserve_shape=True)
        best = Estimate.unknown(sampler, scale)
        known = np.isfinite(found.df) & np.isfinite(found.error)
        best.take(known, found.df, np.maximum(found.error, 2 * sampler.round_off(sampler.value) / step))
        return best

    return with_lengths(sampler, j, attempt)


METHODS: dict[str, Callable[[Sampler, int], Estimate]] = {
    "central": central,
    "forward": forward,
    "complex-step": complex_step,
    "scipy": scipy_central,
}


def method_named(name: str) -> Callable[[Sampler, int], Estimate]:
    """The function that estimates column j, in the flat order of ``x``."""
    if name not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {name!r}")
    return METHODS[name]


def estimate_column(sampler: Sampler, j: int, method: str) -> Estimate:
    """Column j by the method of that name."""
    with np.errstate(all="ignore"):
        return method_named(method)(sampler, j)


def finite_difference_jacobian(
    f: Callable[[Any], Any], x: Any, *, method: str = "central"
) -> tuple[np.ndarray, np.ndarray]:
    """Jacobian of ``f`` at ``x`` by finite differences, and an estimate of its error.

    ``f`` is called at one point at a time, with plain float64 arrays of the shape of ``x`` (complex128 for the complex
    step). `scipy.differentiate` is made for elementwise functions, which it evaluates at many points in one call, and
    exists from SciPy 1.15 on only; so it is one of the methods, and the default one is our own.

    Parameters
    ----------
    f : callable
        Takes ``x`` and returns a number, a list of numbers or an array.
    x : array_like
        The point, finite and real, of any shape.
    method : {"central", "forward", "complex-step", "scipy"}
        ``"central"``: central differences, extrapolated to step 0; usually 10 to 20 calls of ``f`` per element of x.
        ``"forward"``: forward differences; 4 calls, about 8 digits. ``"complex-step"``: all digits, for functions that
        take complex numbers and are analytic. ``"scipy"``: `scipy.differentiate.derivative`.

    Returns
    -------
    jacobian : ndarray, shape ``f(x).shape + x.shape``
        nan where the differences found nothing.
    error : ndarray, of the same shape
        Estimated absolute error; inf where the differences found nothing.

    Raises
    ------
    InputError
        If ``x`` or the result is no array of numbers, or ``f`` is not fit for the complex step.
    ShapeError
        If the shape of the result changes from point to point.
    MissingExtraError
        If ``method="scipy"`` and SciPy is older than 1.15.

    References
    ----------
    C. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982).
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998).
    """
    sampler = Sampler(f, x)
    columns = [estimate_column(sampler, j, method) for j in range(sampler.x.size)]
    shape = sampler.shape + sampler.x.shape
    if not columns:
        return np.zeros(shape), np.zeros(shape)
    jacobian = np.stack([column.value for column in columns], axis=-1)
    error = np.stack([column.error for column in columns], axis=-1)
    return jacobian.reshape(shape), error.reshape(shape)
