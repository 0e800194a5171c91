"""What partial derivatives are, to 50 digits, and points that are hard for them: for the benchmark and for the tests.

The formulas are the textbook's, in mpmath, and share nothing with the table: where they cancel, the precision is raised
until two precisions agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

from dualnum.table import TABLE, Elementwise, Nonlinear

__all__ = ["CASES", "Case", "Exact", "exact_partial", "table_partial", "ulps"]

Array = np.ndarray
Points = Callable[["Sampler"], tuple[Array, ...]]

DIGITS = 50


# --- points -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sampler:
    """Random points of one dtype; ``n`` of each kind that a case asks for."""

    rng: np.random.Generator
    n: int
    dtype: Any = np.float64

    @property
    def decades(self) -> int:
        """Largest power of ten, a few short of overflow: 300 in double precision."""
        return int(np.log10(float(np.finfo(self.dtype).max))) - (8 if self.dtype == np.float64 else 1)

    @property
    def exponents(self) -> float:
        """Where exp has overflowed for good."""
        return 1.1 * float(np.log(np.finfo(self.dtype).max))

    def cast(self, x: Any) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(x).astype(self.dtype)

    def signs(self) -> Array:
        return self.rng.choice([-1.0, 1.0], self.n)

    def uniform(self, low: float, high: float) -> Array:
        return self.cast(self.rng.uniform(low, high, self.n))

    def log_uniform(self, low: float, high: float) -> Array:
        return self.cast(10.0 ** self.rng.uniform(low, high, self.n))

    def positive(self) -> Array:
        return self.log_uniform(-self.decades, self.decades)

    def signed(self) -> Array:
        return self.cast(self.signs() * self.positive())

    def near(self, *centres: float) -> Array:
        """Points on both sides of the centres, at distances down to the last digit."""
        digits = np.finfo(self.dtype).precision + 2
        return self.cast(self.rng.choice(centres, self.n) + self.signs() * 10.0 ** self.rng.uniform(-digits, 1, self.n))

    def edges(self) -> Array:
        """Points next to the subnormal numbers and next to overflow, and points whose squares are; of either sign."""
        limits = np.finfo(self.dtype)
        smallest, largest = float(limits.tiny), float(limits.max)
        spread = limits.precision / 2
        kinds = [
            smallest * 10.0 ** self.rng.uniform(0, spread, self.n),
            largest * 10.0 ** self.rng.uniform(-spread, 0, self.n),
            smallest**0.5 * 10.0 ** self.rng.uniform(-spread, spread, self.n),
            largest**0.5 * 10.0 ** self.rng.uniform(-spread, spread, self.n),
        ]
        return self.cast(self.signs() * np.choose(self.rng.integers(0, len(kinds), self.n), kinds))


def _line(low: float = -np.inf, high: float = np.inf, *centres: float) -> Points:
    """Points of an open interval: of all magnitudes, near its finite ends and the centres, and where exp is finite."""
    hard = [c for c in (low, high, *centres) if np.isfinite(c)] or [0.0]

    def points(s: Sampler) -> tuple[Array, ...]:
        kinds = s.signed(), s.near(*hard), s.uniform(-10, 10), s.uniform(-s.exponents, s.exponents), s.edges()
        x = np.concatenate(kinds)
        return (x[(x > low) & (x < high) & (x != 0)],)

    return points


def _plane(s: Sampler) -> tuple[Array, ...]:
    """Pairs: independent of each other, of like magnitude, almost equal, and of everyday size."""
    scale, ratio = s.signed(), s.log_uniform(-8, 8)
    with np.errstate(all="ignore"):
        pairs = [
            (s.signed(), s.signed()),
            (scale, s.cast(scale * ratio * s.signs())),
            (scale, s.cast(scale * (1 + s.near(0.0)))),
            (s.uniform(-10, 10), s.uniform(-10, 10)),
        ]
    x, y = (np.concatenate(column) for column in zip(*pairs, strict=True))
    usable = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0) & (x != y)
    return x[usable], y[usable]


def _powers(s: Sampler) -> tuple[Array, ...]:
    """Bases and exponents whose power is a normal number: of all magnitudes, and those that people write."""
    limits = np.finfo(s.dtype)
    base = np.concatenate([s.positive(), s.near(1.0), s.uniform(0, 10)])
    base = base[(base > 0) & (base != 1)]
    log_of_power = s.rng.uniform(np.log(float(limits.tiny)), np.log(float(limits.max)), base.size)
    common = np.array([-3, -2, -1.5, -1, -0.5, 0.1, 1 / 3, 0.5, 2 / 3, 1, 1.5, 2, 3, 4, 7.3])
    negative = -s.positive()
    x = np.concatenate([base, base, negative])
    y = np.concatenate([log_of_power / np.log(base), s.rng.choice(common, base.size), s.rng.integers(-5, 6, s.n)])
    x, y = s.cast(x), s.cast(y)
    with np.errstate(all="ignore"):
        size = np.abs(np.power(x, y))
    usable = (size > limits.tiny) & (size < limits.max)
    return x[usable], y[usable]


def _exponents(s: Sampler) -> tuple[Array, ...]:
    """Pairs of exponents of which neither makes the other negligible, beside pairs of all magnitudes."""
    x = np.concatenate([s.signed(), s.cast(s.signs() * s.log_uniform(-3, 5)), s.uniform(-10, 10)])
    difference = np.concatenate([s.signed(), s.uniform(-s.exponents, s.exponents), s.uniform(-40, 40)])
    return s.cast(x), s.cast(x + difference)


def _scalings(s: Sampler) -> tuple[Array, ...]:
    return s.signed(), s.rng.integers(np.finfo(s.dtype).minexp, np.finfo(s.dtype).maxexp, s.n)


# --- derivatives ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A function in mpmath, its partial derivatives (None where there is none), and points to try them at."""

    function: Callable[..., Any]
    partials: tuple[Callable[..., Any] | None, ...]
    points: Points

    def sample(self, seed: int, n: int, dtype: Any = np.float64) -> tuple[Array, ...]:
        """Arguments, the same for the same seed."""
        return self.points(Sampler(np.random.default_rng(seed), n, dtype))


def _case(function: Callable[..., Any], *partials: Callable[..., Any] | None, points: Points | None = None) -> Case:
    return Case(function, partials, points or (_line() if len(partials) == 1 else _plane))


def _cube_root(x: Any) -> Any:
    return mp.sign(x) * mp.cbrt(abs(x))


def _power(x: Any, y: Any) -> Any:
    return mp.power(x, y) if x > 0 else mp.power(-x, y) * (-1) ** int(y)


def _power_exponent(x: Any, y: Any) -> Any:
    return mp.power(x, y) * mp.log(x) if x > 0 else mp.nan


_turns = _line(-np.inf, np.inf, *(k * np.pi / 2 for k in (-3, -2, -1, 0, 1, 2, 3, 1001, 10**6 + 1)))
_one = lambda *args: mpf(1)  # noqa: E731
_zero = lambda *args: mpf(0)  # noqa: E731

_MINIMUM = _case(lambda x, y: min(x, y), lambda x, y: mpf(x < y), lambda x, y: mpf(y < x))
_MAXIMUM = _case(lambda x, y: max(x, y), lambda x, y: mpf(x > y), lambda x, y: mpf(y > x))
_MAGNITUDE = _case(abs, mp.sign)
_TO_RADIANS = _case(lambda x: x * mp.pi / 180, lambda x: mp.pi / 180)
_TO_DEGREES = _case(lambda x: x * 180 / mp.pi, lambda x: 180 / mp.pi)
_POWER = _case(_power, lambda x, y: y * _power(x, y) / x, _power_exponent, points=_powers)

#: By the name that NumPy has for the function.
CASES: dict[str, Case] = {
    "add": _case(lambda x, y: x + y, _one, _one),
    "subtract": _case(lambda x, y: x - y, _one, lambda x, y: mpf(-1)),
    "multiply": _case(lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "divide": _case(lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "negative": _case(lambda x: -x, lambda x: mpf(-1)),
    "positive": _case(lambda x: x, _one),
    "reciprocal": _case(lambda x: 1 / x, lambda x: -1 / x**2),
    "square": _case(lambda x: x**2, lambda x: 2 * x),
    "sqrt": _case(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), points=_line(0)),
    "cbrt": _case(_cube_root, lambda x: 1 / (3 * mp.cbrt(x**2))),
    "nextafter": _case(lambda x, y: x, _one, _zero),
    "fmod": _case(
        lambda x, y: x - y * (mp.floor(x / y) if x / y > 0 else mp.ceil(x / y)),
        _one,
        lambda x, y: -(mp.floor(x / y) if x / y > 0 else mp.ceil(x / y)),
    ),
    "remainder": _case(lambda x, y: x - y * mp.floor(x / y), _one, lambda x, y: -mp.floor(x / y)),
    "ldexp": _case(lambda x, n: x * mpf(2) ** int(n), lambda x, n: mpf(2) ** int(n), None, points=_scalings),
    "power": _POWER,
    "float_power": _POWER,
    "exp": _case(mp.exp, mp.exp),
    "exp2": _case(lambda x: mpf(2) ** x, lambda x: mp.log(2) * mpf(2) ** x),
    "expm1": _case(mp.expm1, mp.exp),
    "log": _case(mp.log, lambda x: 1 / x, points=_line(0)),
    "log2": _case(lambda x: mp.log(x, 2), lambda x: 1 / (x * mp.log(2)), points=_line(0)),
    "log10": _case(mp.log10, lambda x: 1 / (x * mp.log(10)), points=_line(0)),
    "log1p": _case(mp.log1p, lambda x: 1 / (1 + x), points=_line(-1)),
    "logaddexp": _case(
        lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
        lambda x, y: 1 / (1 + mp.exp(y - x)),
        lambda x, y: 1 / (1 + mp.exp(x - y)),
        points=_exponents,
    ),
    "logaddexp2": _case(
        lambda x, y: mp.log(mpf(2) ** x + mpf(2) ** y, 2),
        lambda x, y: 1 / (1 + mpf(2) ** (y - x)),
        lambda x, y: 1 / (1 + mpf(2) ** (x - y)),
        points=_exponents,
    ),
    "sin": _case(mp.sin, mp.cos, points=_turns),
    "cos": _case(mp.cos, lambda x: -mp.sin(x), points=_turns),
    "tan": _case(mp.tan, lambda x: mp.sec(x) ** 2, points=_turns),
    "arcsin": _case(mp.asin, lambda x: 1 / mp.sqrt(1 - x**2), points=_line(-1, 1)),
    "arccos": _case(mp.acos, lambda x: -1 / mp.sqrt(1 - x**2), points=_line(-1, 1)),
    "arctan": _case(mp.atan, lambda x: 1 / (1 + x**2)),
    "arctan2": _case(mp.atan2, lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
    "sinh": _case(mp.sinh, mp.cosh),
    "cosh": _case(mp.cosh, mp.sinh),
    "tanh": _case(mp.tanh, lambda x: mp.sech(x) ** 2),
    "arcsinh": _case(mp.asinh, lambda x: 1 / mp.sqrt(x**2 + 1)),
    "arccosh": _case(mp.acosh, lambda x: 1 / mp.sqrt(x**2 - 1), points=_line(1)),
    "arctanh": _case(mp.atanh, lambda x: 1 / (1 - x**2), points=_line(-1, 1)),
    "deg2rad": _TO_RADIANS,
    "radians": _TO_RADIANS,
    "rad2deg": _TO_DEGREES,
    "degrees": _TO_DEGREES,
    "hypot": _case(mp.hypot, lambda x, y: x / mp.sqrt(x**2 + y**2), lambda x, y: y / mp.sqrt(x**2 + y**2)),
    "absolute": _MAGNITUDE,
    "fabs": _MAGNITUDE,
    "copysign": _case(lambda x, y: abs(x) * mp.sign(y), lambda x, y: mp.sign(x) * mp.sign(y), _zero),
    "heaviside": _case(lambda x, y: mpf(x > 0), _zero, _zero),
    "maximum": _MAXIMUM,
    "minimum": _MINIMUM,
    "fmax": _MAXIMUM,
    "fmin": _MINIMUM,
}


# --- errors -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exact:
    """Numbers to twice the working precision: the sum of a leading part, to full precision, and a rest."""

    leading: Array
    rest: Array


def _settle(formula: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Evaluate a formula with ever more digits until 50 of them stay."""
    digits, last = 2 * DIGITS, None
    while True:
        with mp.workdps(digits):
            value = formula(*args)
            if mp.isnan(value) or (value == 0 and digits > 1000):
                return value
            if last is not None and value != 0 and abs(value - last) <= abs(value) * mpf(10) ** -DIGITS:
                return value
        digits, last = 2 * digits, value


def _to_float(value: Any) -> float:
    if mp.isnan(value):
        return np.nan
    # Exponents far outside the range of floats can have thousands of digits themselves.
    if value == 0 or mp.mag(value) < -1200:
        return 0.0
    return float(mp.sign(value) * mp.inf) if mp.mag(value) > 1100 else float(value)


def exact_partial(case: Case, position: int, args: tuple[Array, ...], dtype: Any = np.float64) -> Exact:
    """Evaluate a partial derivative at points, to at least 50 digits before it is split in two floats of a dtype."""
    formula = case.partials[position]
    assert formula is not None
    leading, rest = [], []
    for point in zip(*(a.tolist() for a in args), strict=True):
        value = _settle(formula, tuple(mpf(c) for c in point))
        with np.errstate(over="ignore"):
            nearest = dtype(_to_float(value))
        leading.append(nearest)
        rest.append(_to_float(value - mpf(float(nearest))) if np.isfinite(nearest) else 0.0)
    return Exact(np.array(leading), np.array(rest))


def ulps(approximate: Any, exact: Exact) -> Array:
    """Errors in units in the last place of the exact numbers (the least subnormal number is the smallest unit).

    Infinite for a nan and for an infinity that is not one; an exact nan takes anything.
    """
    leading = exact.leading
    approximate = np.broadcast_to(approximate, leading.shape)
    with np.errstate(all="ignore"):
        unit = np.spacing(np.abs(leading)).astype(np.float64)
        difference = approximate.astype(np.float64) - leading.astype(np.float64)
        error = np.abs(difference - exact.rest) / unit
    error = np.where(np.isinf(leading), np.where(approximate == leading, 0.0, np.inf), error)
    return np.where(np.isnan(leading), 0.0, np.where(np.isnan(error), np.inf, error))


def table_partial(name: str, position: int, args: tuple[Array, ...]) -> Any:
    """Evaluate a partial derivative as the table has it."""
    row = TABLE[getattr(np, name)]
    with np.errstate(all="ignore"):
        if isinstance(row, Nonlinear):
            return row.rule(*args)[1](np.ones_like(args[0]))
        assert isinstance(row, Elementwise)
        partial = row.partials[position]
        return partial(row.function(*args), *args) if callable(partial) else partial
