"""One function of scipy.special in mpmath, where to try it, and how far the library's derivative is from the exact one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from mpmath import mp, mpc, mpf

from dualnum import Dual, NoRuleError

__all__ = ["Case", "Points", "choice", "exact", "integers", "log_uniform", "signed", "uniform", "worst_error"]

Points = Callable[[np.random.Generator, int], np.ndarray]


def uniform(low: float, high: float) -> Points:
    """Points of an interval."""
    return lambda rng, n: rng.uniform(low, high, n)


def log_uniform(low: float, high: float) -> Points:
    """Positive points of all magnitudes between two."""
    return lambda rng, n: np.exp(rng.uniform(np.log(low), np.log(high), n))


def signed(low: float, high: float) -> Points:
    """Points of all magnitudes between two, of either sign."""
    magnitude = log_uniform(low, high)
    return lambda rng, n: magnitude(rng, n) * rng.choice([-1.0, 1.0], n)


def integers(low: int, high: int) -> Points:
    """Integers from ``low`` to ``high``, both included, as floats."""
    return lambda rng, n: rng.integers(low, high, n, endpoint=True).astype(float)


def choice(*values: Any) -> Points:
    """Some of the given values."""
    return lambda rng, n: rng.choice(values, n)


@dataclass(frozen=True)
class Case:
    """A function, the same in mpmath, and points to try its derivatives at.

    ``reference(*args)`` takes mpmath numbers and gives one, or a tuple for a function with several results. ``points`` has
    one source for each argument, and ``inside(*args)`` says which points count. Derivatives are taken with respect to the
    arguments in ``positions``: those of ``reference`` numerically, with digits enough, or ``partials[i](*args)`` where that
    is faster. Errors are relative to the derivative, or to ``scale(*args)`` where that is larger: near the zeros of an
    oscillating derivative, nobody can have more than the size of the oscillation times the rounding error. ``bound``
    is the largest error allowed.
    """

    function: Any
    reference: Callable[..., Any]
    points: tuple[Points, ...]
    positions: tuple[int, ...] = (0,)
    partials: Mapping[int, Callable[..., Any]] = field(default_factory=lambda: MappingProxyType({}))
    scale: Callable[..., Any] | None = None
    inside: Callable[..., Any] | None = None
    bound: float = 1e-10
    digits: int = 30

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.function.__name__

    def sample(self, seed: int, n: int) -> tuple[np.ndarray, ...]:
        """At most ``n`` points, the same for the same seed."""
        rng = np.random.default_rng(seed)
        args = tuple(points(rng, 4 * n) for points in self.points)
        if self.inside is not None:
            usable = np.array([bool(self.inside(*place)) for place in zip(*args, strict=True)])
            args = tuple(a[usable] for a in args)
        return tuple(a[:n] for a in args)


def exact(case: Case, position: int, place: tuple[Any, ...]) -> list[Any]:
    """Exact derivatives of all results at one point."""
    with mp.workdps(case.digits):
        args = [mpc(a) if isinstance(a, (complex, mpc)) else mpf(float(a)) for a in place]
        if position in case.partials:
            found = case.partials[position](*args)
            return list(found) if isinstance(found, tuple) else [found]

        def along(t: Any, result: int | None) -> Any:
            value = case.reference(*args[:position], t, *args[position + 1 :])
            return value if result is None else value[result]

        first = case.reference(*args)
        results = range(len(first)) if isinstance(first, tuple) else [None]
        return [mp.diff(lambda t, result=result: along(t, result), args[position]) for result in results]


def _tangents(case: Case, position: int, args: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    x = args[position]
    with np.errstate(all="ignore"):
        active = Dual(x, np.ones_like(x))
        out = case.function(*args[:position], active, *args[position + 1 :])
    return [o.tangent for o in (out if isinstance(out, tuple) else (out,))]


def _served(case: Case, position: int, args: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Leave out the points at which the row refuses; most it must serve."""

    def serves(*part: np.ndarray) -> bool:
        try:
            _tangents(case, position, part)
        except NoRuleError:
            return False
        return True

    if serves(*args):
        return args
    kept = np.array([serves(*(a[j : j + 1] for a in args)) for j in range(args[0].size)])
    if 2 * np.sum(kept) < kept.size:
        raise ValueError(f"{case.name} refuses most points in its argument number {position + 1}")
    return tuple(a[kept] for a in args)


def worst_error(case: Case, position: int, seed: int, n: int) -> tuple[float, tuple[float, ...]]:
    """Largest relative error of the derivative in one argument, and where it is; a nan counts as infinite."""
    args = case.sample(seed, n)
    if not args[0].size:
        raise ValueError(f"{case.name}: no point is inside the domain")
    args = _served(case, position, args)
    tangents = _tangents(case, position, args)
    worst, worst_at = -1.0, ()
    for j, place in enumerate(zip(*args, strict=True)):
        place = tuple(a.item() for a in place)
        with mp.workdps(case.digits):
            # What is subnormal has lost digits.
            scale = mpf(np.finfo(float).tiny)
            if case.scale is not None:
                scale = max(scale, abs(case.scale(*place)))
            for tangent, correct in zip(tangents, exact(case, position, place), strict=True):
                found = tangent[j].item()
                off = abs((mpc(found) if isinstance(found, complex) else mpf(found)) - correct)
                error = float(off / max(abs(correct), scale)) if off else 0.0
                error = np.inf if np.isnan(error) else error
                if error > worst:
                    worst, worst_at = error, place
    return worst, worst_at
