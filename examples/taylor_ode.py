"""An ordinary differential equation by its Taylor series: ten revolutions of a planet, in steps of order 20.

If y' = f(y) and y = c0 + c1 t + c2 t² + ..., then (k + 1) c(k+1) is coefficient k of f(y), which `dualnum.taylor` computes from
c0, ..., ck. So each coefficient gives the next, for any f that is written in NumPy; no derivative of f is derived by hand, and
the size of the last coefficients tells how far a step may go (Jorba & Zou, Experimental Mathematics 14, 2005).

After whole revolutions the planet is where it was, so the error is known. The script compares it with those of SciPy's
RK45 and DOP853 at several tolerances, prints steps, errors and times, and saves a picture. Run it with::

    python examples/taylor_ode.py [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

from dualnum import taylor
from dualnum.errors import MissingExtraError

ECCENTRICITY = 0.6
START = np.array([1 - ECCENTRICITY, 0.0, 0.0, np.sqrt((1 + ECCENTRICITY) / (1 - ECCENTRICITY))])
END = 10 * 2 * np.pi
ORDER = 20
TOLERANCES = [1e-5, 1e-8, 1e-11, 1e-14]
#: The smallest relative tolerance that SciPy takes is 100 times the precision of floats.
SMALLEST = 100 * np.finfo(float).eps


def kepler(y: np.ndarray) -> np.ndarray:
    """Velocity and acceleration (4,) of a planet with position and velocity `y`, shape (4,), in units of its orbit."""
    position, velocity = y[:2], y[2:]
    return np.concatenate([velocity, -position / np.sum(position**2) ** 1.5])


def series(f: Callable[[np.ndarray], np.ndarray], y: np.ndarray, order: int) -> np.ndarray:
    """Taylor coefficients ``(order + 1,) + y.shape`` of the solution of y' = f(y) through `y`."""
    c = np.zeros((order + 1, *y.shape))
    c[0], c[1] = y, f(y)
    for k in range(1, order):
        c[k + 1] = taylor(f, y, c[1 : k + 1], k)[k] / (k + 1)
    return c


def reach(c: np.ndarray, tolerance: float) -> float:
    """Step that the last two coefficients allow."""
    order = len(c) - 1
    return min((tolerance / np.max(np.abs(c[k]))) ** (1 / k) for k in (order - 1, order))


def integrate(f: Callable[[np.ndarray], np.ndarray], y: np.ndarray, end: float, tolerance: float) -> np.ndarray:
    """States (steps + 1, 4) from t = 0 to `end`."""
    states, t = [y], 0.0
    while t < end:
        c = series(f, y, ORDER)
        h = min(reach(c, tolerance), end - t)
        y = np.polynomial.polynomial.polyval(h, c)
        states.append(y)
        t += h
    return np.array(states)


def by_scipy(method: str, tolerance: float) -> np.ndarray:
    """States at the steps of one of SciPy's methods."""
    tolerance = max(tolerance, SMALLEST)
    return solve_ivp(lambda t, y: kepler(y), (0, END), START, method=method, rtol=tolerance, atol=tolerance).y.T


METHODS: dict[str, Callable[[float], np.ndarray]] = {
    "RK45": lambda tolerance: by_scipy("RK45", tolerance),
    "DOP853": lambda tolerance: by_scipy("DOP853", tolerance),
    f"Taylor, order {ORDER}": lambda tolerance: integrate(kepler, START, END, tolerance),
}


def compare() -> dict[str, list[tuple[int, float, float]]]:
    """Steps, errors and seconds of each method, by tolerance."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    for name, method in METHODS.items():
        for tolerance in TOLERANCES:
            begin = time.process_time()
            states = method(tolerance)
            seconds = time.process_time() - begin
            found.setdefault(name, []).append((len(states) - 1, float(np.max(np.abs(states[-1] - START))), seconds))
    return found


def draw(found: dict[str, list[tuple[int, float, float]]], path: Path) -> None:
    """Save a picture of the orbit with its steps, and of errors against steps."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    orbit, errors = figure.subplots(1, 2)
    fine = by_scipy("DOP853", 1e-12)
    orbit.plot(*fine[:, :2].T, color="0.75", linewidth=1, label="orbit")
    steps = integrate(kepler, START, 2 * np.pi, 1e-12)
    orbit.plot(*steps[:, :2].T, "o", markersize=4, label=f"{len(steps) - 1} Taylor steps")
    orbit.plot(0, 0, "*", color="tab:orange", markersize=12, label="sun")
    orbit.set(
        title="One revolution at tolerance 1e-12",
        xlabel="x / semi-major axis",
        ylabel="y / semi-major axis",
    )
    orbit.axis("equal")
    orbit.legend(loc=(0.2, 0.42))
    for (name, points), marker in zip(found.items(), "s^o", strict=True):
        counts, sizes, _ = zip(*points, strict=True)
        errors.loglog(counts, sizes, marker=marker, label=name)
    errors.set(
        title="After ten revolutions", xlabel="steps", ylabel="error (position and velocity, units of the orbit)"
    )
    errors.grid(alpha=0.3)
    errors.legend()
    figure.savefig(path)


def main() -> None:
    """Compare, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    output = parser.parse_args().output
    found = compare()
    print(f"{'method':17}{'tolerance':>10}{'steps':>8}{'error':>10}{'seconds':>9}")
    for name, points in found.items():
        for tolerance, (steps, error, seconds) in zip(TOLERANCES, points, strict=True):
            print(f"{name:17}{tolerance:10.0e}{steps:8}{error:10.1e}{seconds:9.2f}")
    draw(found, output)
    print(f"Picture: {output}")


if __name__ == "__main__":
    main()
