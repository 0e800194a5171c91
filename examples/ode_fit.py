"""Lynx and hares: a differential equation fitted to counts, with its uncertainty, and three ways to the gradient.

The Hudson's Bay Company counted the pelts that it bought each year. The model of Lotka and Volterra has four rates and two
first populations for them; all are positive, so their logarithms are fitted, to the logarithms of the counts.

- ``solve_ivp`` is SciPy's, imported from ``dualnum.scipy.integrate``, so that solutions have derivatives.
- ``least_squares(**residuals(misfit), ...)`` fits with the exact Jacobian.
- The inverse of the exact Hessian is the covariance of the unknowns, and `propagate` takes it to whatever is computed from
  them: the populations at equilibrium, and a band around the solution.

Then the three ways to the gradient are compared. Sensitivities to the unknowns are solved for together with the
state; the adjoint equation is solved once, back in time, however many unknowns there are; and differences solve the equation
again for each unknown. Differences are never better than the root of the rounding error, and worse where the solver changes
its steps. With six unknowns sensitivities are fast; how that changes is seen with the equation for a community of more
species. Run it with::

    python examples/ode_fit.py [--species N] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult, approx_fprime, least_squares

from dualnum import grad, objective, propagate, residuals
from dualnum.errors import MissingExtraError
from dualnum.scipy.integrate import solve_ivp

YEARS, *COUNTS = np.loadtxt(Path(__file__).parent / "data" / "lynx_hare.csv", delimiter=",", skiprows=1, unpack=True)
NAMES = ["hares' growth", "loss to a lynx", "lynx' gain from a hare", "lynx' decline", "hares in 1900", "lynx in 1900"]
UNITS = ["1/year", "1/year/thousand", "1/year/thousand", "1/year", "thousand", "thousand"]
START = np.log([0.5, 0.03, 0.03, 0.8, 30.0, 4.0])
FINE = {"method": "DOP853", "rtol": 1e-8, "atol": 1e-8}
TOLERANCES = np.logspace(-3, -10, 8)


def rates(t: float, y: Any, growth: Any, loss: Any, gain: Any, decline: Any) -> Any:
    """Changes per year of the populations of hares and lynx, (2,)."""
    hares, lynx = y
    return [hares * (growth - loss * lynx), lynx * (gain * hares - decline)]


def log_populations(x: Any, years: np.ndarray = YEARS, **options: Any) -> Any:
    """Logarithms of populations (2, years), from those of the unknowns (6,)."""
    p = np.exp(x)
    return np.log(solve_ivp(rates, (YEARS[0], YEARS[-1]), p[4:], t_eval=years, args=p[:4], **options).y)


def misfit(x: Any, **options: Any) -> Any:
    """Residuals (42,)."""
    return np.ravel(log_populations(x, **(options or FINE)) - np.log(COUNTS))


def fit() -> tuple[OptimizeResult, np.ndarray]:
    """The fit, and the covariance (6, 6) of the logarithms of the unknowns."""
    found = least_squares(**residuals(misfit), x0=START, xtol=1e-10, ftol=1e-10)
    variance = 2 * found.cost / (len(found.fun) - len(found.x))
    return found, variance * np.linalg.inv(objective(lambda x: np.sum(misfit(x) ** 2) / 2).hess(found.x))


def equilibrium(x: Any) -> Any:
    """Populations (2,) that do not change."""
    return np.exp([x[3] - x[2], x[0] - x[1]])


def community(x: Any, **options: Any) -> Any:
    """Sum over ten years of the squared populations of n species, each of which competes with all; n (n + 2) unknowns."""
    n = int(np.sqrt(len(x)))
    growth, first, competition = x[:n], x[n : 2 * n], x[2 * n :].reshape(n, n)
    solution = solve_ivp(
        lambda t, y, growth, competition: y * (growth - competition @ y),
        (0, 10), first, t_eval=np.arange(1, 11), args=(growth, competition), **options,
    )  # fmt: skip
    return np.sum(solution.y**2)


def by_sensitivities(f: Callable[..., Any], x: np.ndarray, **options: Any) -> np.ndarray:
    """Gradient of `f`."""
    return grad(f)(x, sensitivity="forward", **options)


def by_adjoint(f: Callable[..., Any], x: np.ndarray, **options: Any) -> np.ndarray:
    """Gradient of `f`."""
    return grad(f)(x, sensitivity="adjoint", **options)


def by_differences(f: Callable[..., Any], x: np.ndarray, **options: Any) -> np.ndarray:
    """Gradient of `f`, as SciPy's solvers approximate it."""
    return approx_fprime(x, lambda x: f(x, **options))


WAYS = {"sensitivities": by_sensitivities, "adjoint equation": by_adjoint, "differences": by_differences}


def errors() -> dict[str, list[float]]:
    """Greatest relative errors of the gradient of the sum of squares at the start, for each of `TOLERANCES`."""

    def gradient(way: Callable[..., np.ndarray], tolerance: float) -> np.ndarray:
        options = {"method": "DOP853", "rtol": tolerance, "atol": tolerance}
        return way(lambda x, **options: np.sum(misfit(x, **options) ** 2) / 2, START, **options)

    exact = gradient(by_sensitivities, 1e-13)
    size = np.max(np.abs(exact))
    return {
        name: [np.max(np.abs(gradient(way, tol) - exact)) / size for tol in TOLERANCES] for name, way in WAYS.items()
    }


def seconds(species: list[int]) -> dict[str, list[float]]:
    """Times of the gradient for communities of so many species."""
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for n in species:
        rng = np.random.default_rng(n)
        competition = np.eye(n) + rng.uniform(0, 1 / n, (n, n))
        x = np.concatenate([rng.uniform(0.5, 1, n), rng.uniform(0.1, 1, n), competition.ravel()])
        for name, way in WAYS.items():
            begin = time.perf_counter()
            way(community, x, rtol=1e-6, atol=1e-6)
            found[name].append(time.perf_counter() - begin)
    return found


def draw(x: np.ndarray, covariance: np.ndarray, species: list[int], wrong: Any, times: Any, path: Path) -> None:
    """Save a picture of the counts with the fit, of the errors of gradients and of their times."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplot_mosaic([["fit", "fit"], ["errors", "times"]])
    years = np.linspace(YEARS[0], YEARS[-1], 241)
    curves = propagate(lambda x: log_populations(x, years, **FINE), x, covariance)
    for name, colour, counts, curve, std in zip(
        ["hares", "lynx"], ["tab:orange", "tab:blue"], COUNTS, curves.value, curves.std, strict=True
    ):
        axes["fit"].plot(YEARS, counts, "o", color=colour, markersize=5, label=f"{name}, counted")
        axes["fit"].plot(years, np.exp(curve), color=colour, label=f"{name}, fitted, with 95 % band")
        band = np.exp(curve - 1.96 * std), np.exp(curve + 1.96 * std)
        axes["fit"].fill_between(years, *band, color=colour, alpha=0.2, linewidth=0)
    axes["fit"].set(title="Pelts at Hudson Bay, and the model of Lotka and Volterra", ylim=(0, None))
    axes["fit"].set(xlabel="year", ylabel="pelts (thousands)", xticks=YEARS[::2])
    axes["fit"].legend(loc="upper center", bbox_to_anchor=(0.43, 1))
    unknowns = [n * (n + 2) for n in species]
    for (name, values), marker in zip(wrong.items(), "o^s", strict=True):
        axes["errors"].loglog(TOLERANCES, values, marker=marker, label=name)
        axes["times"].loglog(unknowns, times[name], marker=marker, label=name)
    axes["errors"].set(title="Gradient with respect to the 6 unknowns", xlabel="tolerance of the solver")
    axes["errors"].set(ylabel="relative error")
    axes["times"].set(title="Gradient for a community of more species", xlabel="unknowns", ylabel="time (s)")
    for name in ("errors", "times"):
        axes[name].grid(alpha=0.3)
        axes[name].legend()
    figure.savefig(path, dpi=100)


def main() -> None:
    """Fit, compare, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--species", type=int, default=32, help="size of the largest community")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    found, covariance = fit()
    print(f"Fit from {found.nfev} solutions and {found.njev} Jacobians; the exact Hessian gives the uncertainties.\n")
    for name, unit, log, std in zip(NAMES, UNITS, found.x, np.sqrt(np.diag(covariance)), strict=True):
        print(f"{name:24}{np.exp(log):9.4f} {unit:16} +-{100 * std:5.1f} %")
    calm = propagate(equilibrium, found.x, covariance)
    for name, value, std in zip(["hares", "lynx"], calm.value, calm.std, strict=True):
        print(f"{name + ' at equilibrium':24}{value:9.4f} {'thousand':16} +-{100 * std / value:5.1f} %")
    wrong = errors()
    species = [n for n in (2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64) if n <= options.species]
    times = seconds(species)
    print(f"\nRelative error of the gradient\n{'tolerance':24}" + "".join(f"{name:>18}" for name in WAYS))
    for i, tolerance in enumerate(TOLERANCES):
        print(f"{tolerance:<24.0e}" + "".join(f"{wrong[name][i]:18.1e}" for name in WAYS))
    print("\nSeconds for the gradient of a community")
    for i, n in enumerate(species):
        print(f"{n} species, {n * (n + 2)} unknowns".ljust(24) + "".join(f"{times[name][i]:18.3f}" for name in WAYS))
    draw(found.x, covariance, species, wrong, times, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
