"""The 35 test problems of Moré, Garbow and Hillstrom, "Testing Unconstrained Optimization Software", ACM TOMS 7 (1981) 17-41.

Residuals are plain NumPy functions; the least sum of their squares is known. Nothing here knows about dualnum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["PROBLEMS", "LeastSquares"]

Array = np.ndarray


def rosenbrock(x: Array) -> Array:
    return np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def freudenstein_roth(x: Array) -> Array:
    a, b = x
    return np.stack([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def powell_badly_scaled(x: Array) -> Array:
    return np.stack([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])


def brown_badly_scaled(x: Array) -> Array:
    return np.stack([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def beale(x: Array) -> Array:
    return np.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** np.arange(1, 4))


def jennrich_sampson(x: Array) -> Array:
    i = np.arange(1.0, 11)
    return 2 + 2 * i - (np.exp(i * x[0]) + np.exp(i * x[1]))


def helical_valley(x: Array) -> Array:
    a, b, c = x
    turns = np.arctan(b / a) / (2 * np.pi) + (0.5 if a < 0 else 0.0)
    return np.stack([10 * (c - 10 * turns), 10 * (np.sqrt(a**2 + b**2) - 1), c])


def bard(x: Array) -> Array:
    y = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])
    u = np.arange(1.0, 16)
    v = 16 - u
    return y - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


def gaussian(x: Array) -> Array:
    half = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
    t = (8 - np.arange(1.0, 16)) / 2
    return x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2) - np.array([*half, 0.3989, *half[::-1]])


def meyer(x: Array) -> Array:
    y = np.array(
        [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872.0]
    )
    return x[0] * np.exp(x[1] / (45 + 5 * np.arange(1, 17) + x[2])) - y


def gulf(x: Array) -> Array:
    # The paper prints "y_i m i x_2"; what is meant, and has the minimum that it states, is y_i - x_2.
    t = np.arange(1, 100) / 100
    return np.exp(-(np.abs(25 + (-50 * np.log(t)) ** (2 / 3) - x[1]) ** x[2]) / x[0]) - t


def box(x: Array) -> Array:
    t = np.arange(1, 11) / 10
    return np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t))


def powell_singular(x: Array) -> Array:
    a, b, c, d = x
    return np.stack([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def wood(x: Array) -> Array:
    a, b, c, d = x
    return np.stack([10 * (b - a**2), 1 - a, 90**0.5 * (d - c**2), 1 - c, 10**0.5 * (b + d - 2), (b - d) / 10**0.5])


def kowalik_osborne(x: Array) -> Array:
    y = np.array([0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
    u = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    return y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x: Array) -> Array:
    t = np.arange(1, 21) / 5
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE_1 = np.array(
    [
        *[0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751],
        *[0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490],
        *[0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406],
    ]
)


def osborne_1(x: Array) -> Array:
    t = 10.0 * np.arange(33)
    return OSBORNE_1 - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))


def biggs_exp6(x: Array) -> Array:
    t = np.arange(1, 14) / 10
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4]) - y


OSBORNE_2 = np.array(
    [
        *[1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608],
        *[0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661],
        *[0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428],
        *[0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559],
        *[0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054],
    ]
)
OSBORNE_2_TIMES = np.arange(65) / 10


def osborne_2(x: Array) -> Array:
    t = OSBORNE_2_TIMES
    return OSBORNE_2 - (
        x[0] * np.exp(-t * x[4])
        + x[1] * np.exp(-((t - x[8]) ** 2) * x[5])
        + x[2] * np.exp(-((t - x[9]) ** 2) * x[6])
        + x[3] * np.exp(-((t - x[10]) ** 2) * x[7])
    )


def watson(x: Array) -> Array:
    j = np.arange(len(x))
    t = (np.arange(1, 30) / 29)[:, None]
    slope = (j[1:] * t ** j[:-1]) @ x[1:]
    return np.concatenate([slope - (t**j @ x) ** 2 - 1, x[:1], x[1:2] - x[:1] ** 2 - 1])


def extended_rosenbrock(x: Array) -> Array:
    odd, even = x[::2], x[1::2]
    return np.concatenate([10 * (even - odd**2), 1 - odd])


def extended_powell_singular(x: Array) -> Array:
    return np.concatenate(powell_singular(x.reshape(-1, 4).T))


def penalty_1(x: Array) -> Array:
    return np.append(1e-5**0.5 * (x - 1), np.sum(x**2) - 0.25)


def penalty_2(x: Array) -> Array:
    n = len(x)
    i = np.arange(2, n + 1)
    y = np.exp(i / 10) + np.exp((i - 1) / 10)
    e = np.exp(x / 10)
    middle = [1e-5**0.5 * (e[1:] + e[:-1] - y), 1e-5**0.5 * (e[1:] - np.exp(-0.1))]
    return np.append(np.concatenate([x[:1] - 0.2, *middle]), np.sum(np.arange(n, 0, -1) * x**2) - 1)


def variably_dimensioned(x: Array) -> Array:
    weighted = np.sum(np.arange(1, len(x) + 1) * (x - 1))
    return np.append(x - 1, np.stack([weighted, weighted**2]))


def trigonometric(x: Array) -> Array:
    n = len(x)
    return n - np.sum(np.cos(x)) + np.arange(1, n + 1) * (1 - np.cos(x)) - np.sin(x)


def brown_almost_linear(x: Array) -> Array:
    return np.append(x[:-1] + np.sum(x) - (len(x) + 1), np.prod(x) - 1)


def _grid(n: int) -> Array:
    return np.arange(1, n + 1) / (n + 1)


def discrete_boundary_value(x: Array) -> Array:
    n = len(x)
    padded = np.pad(x, 1)
    return 2 * x - padded[:-2] - padded[2:] + (x + _grid(n) + 1) ** 3 / (2 * (n + 1) ** 2)


def discrete_integral_equation(x: Array) -> Array:
    t = _grid(len(x))
    cubes = (x + t + 1) ** 3
    left, right = np.cumsum(t * cubes), (1 - t) * cubes
    return x + ((1 - t) * left + t * (np.sum(right) - np.cumsum(right))) / (2 * (len(x) + 1))


def broyden_tridiagonal(x: Array) -> Array:
    padded = np.pad(x, 1)
    return (3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1


def broyden_banded(x: Array) -> Array:
    n = len(x)
    i, j = np.ogrid[:n, :n]
    band = (j >= i - 5) & (j <= i + 1) & (j != i)
    return x * (2 + 5 * x**2) + 1 - band @ (x * (1 + x))


# The number of residuals of the linear problems.
_M = 20


def linear_full_rank(x: Array) -> Array:
    return np.pad(x, (0, _M - len(x))) - 2 / _M * np.sum(x) - 1


def linear_rank_1(x: Array) -> Array:
    return np.arange(1, _M + 1) * np.sum(np.arange(1, len(x) + 1) * x) - 1


def linear_rank_1_zeros(x: Array) -> Array:
    i = np.arange(_M)
    i[-1] = 0
    return i * np.sum(np.arange(2, len(x)) * x[1:-1]) - 1


def chebyquad(x: Array) -> Array:
    n = len(x)
    shifted = 2 * x - 1
    before, now, means = np.ones(n), shifted, []
    for _ in range(n):
        means.append(np.mean(now))
        before, now = now, 2 * shifted * now - before
    i = np.arange(1, n + 1)
    return np.stack(means) + np.where(i % 2, 0, 1 / np.where(i == 1, np.inf, i**2 - 1.0))


@dataclass(frozen=True)
class LeastSquares:
    """A problem: its number in the paper, residuals, starting point, and the known local minima of their sum of squares.

    The first is the least. Infima at infinity are among them.
    """

    number: int
    residuals: Callable[[Array], Array]
    start: Array
    minima: tuple[float, ...]

    @property
    def name(self) -> str:
        return f"{self.number} {self.residuals.__name__.replace('_', ' ')}, n={len(self.start)}"

    def misses(self, found: float) -> float:
        """By how much a value differs from the nearest minimum: relative, and absolute where that is zero."""
        return min(abs(found - minimum) / (minimum or 1.0) for minimum in self.minima)

    def sum_of_squares(self, x: Array) -> float:
        return np.sum(self.residuals(x) ** 2)


def _problems() -> list[LeastSquares]:
    j = np.arange(1.0, 11)
    boundary = _grid(10) * (_grid(10) - 1)
    return [
        LeastSquares(number, residuals, np.array(start, float), minima)
        for number, residuals, start, minima in (
            (1, rosenbrock, [-1.2, 1], (0.0,)),
            (2, freudenstein_roth, [0.5, -2], (0.0, 48.9842)),
            (3, powell_badly_scaled, [0, 1], (0.0,)),
            (4, brown_badly_scaled, [1, 1], (0.0,)),
            (5, beale, [1, 1], (0.0,)),
            (6, jennrich_sampson, [0.3, 0.4], (124.362,)),
            (7, helical_valley, [-1, 0, 0], (0.0,)),
            (8, bard, [1, 1, 1], (8.21487e-3, 17.4286)),
            (9, gaussian, [0.4, 1, 0], (1.12793e-8,)),
            (10, meyer, [0.02, 4000, 250], (87.9458,)),
            (11, gulf, [5, 2.5, 0.15], (0.0,)),
            (12, box, [0, 10, 20], (0.0,)),
            (13, powell_singular, [3, -1, 0, 1], (0.0,)),
            (14, wood, [-3, -1, -3, -1], (0.0,)),
            (15, kowalik_osborne, [0.25, 0.39, 0.415, 0.39], (3.07505e-4, 1.02734e-3)),
            (16, brown_dennis, [25, 5, -5, -1], (85822.2,)),
            (17, osborne_1, [0.5, 1.5, -1, 0.01, 0.02], (5.46489e-5,)),
            (18, biggs_exp6, [1, 2, 1, 1, 1, 1], (0.0, 5.65565e-3)),
            (19, osborne_2, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], (4.01377e-2,)),
            (20, watson, np.zeros(6), (2.28767e-3,)),
            (20, watson, np.zeros(9), (1.39976e-6,)),
            (20, watson, np.zeros(12), (4.72238e-10,)),
            (21, extended_rosenbrock, [-1.2, 1] * 5, (0.0,)),
            (22, extended_powell_singular, [3, -1, 0, 1] * 3, (0.0,)),
            (23, penalty_1, j[:4], (2.24997e-5,)),
            (23, penalty_1, j, (7.08765e-5,)),
            (24, penalty_2, [0.5] * 4, (9.37629e-6,)),
            (24, penalty_2, [0.5] * 10, (2.93660e-4,)),
            (25, variably_dimensioned, 1 - j / 10, (0.0,)),
            (26, trigonometric, [0.1] * 10, (0.0, 2.79506e-5)),
            (27, brown_almost_linear, [0.5] * 10, (0.0, 1.0)),
            (28, discrete_boundary_value, boundary, (0.0,)),
            (29, discrete_integral_equation, boundary, (0.0,)),
            (30, broyden_tridiagonal, [-1] * 10, (0.0,)),
            (31, broyden_banded, [-1] * 10, (0.0,)),
            (32, linear_full_rank, np.ones(10), (_M - 10.0,)),
            (33, linear_rank_1, np.ones(10), (_M * (_M - 1) / (2 * (2 * _M + 1)),)),
            (34, linear_rank_1_zeros, np.ones(10), ((_M**2 + 3 * _M - 6) / (2 * (2 * _M - 3)),)),
            (35, chebyquad, j[:7] / 8, (0.0,)),
            (35, chebyquad, j[:8] / 9, (3.51687e-3,)),
            (35, chebyquad, j[:9] / 10, (0.0,)),
            (35, chebyquad, j / 11, (4.77271e-3, 6.50395e-3)),  # the paper has the second
        )
    ]


PROBLEMS = _problems()
