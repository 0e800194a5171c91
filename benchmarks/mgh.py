"""The 35 problems of Moré, Garbow and Hillstrom by SciPy's solvers: with exact derivatives, and with SciPy's differences."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import least_squares, minimize

import dualnum
from benchmarks.comparison import markdown
from benchmarks.mgh_problems import PROBLEMS, LeastSquares

__all__ = ["SOLVERS", "TOLERANCE", "Outcome", "main", "solve"]

# The minima are published with six digits, or are zero.
TOLERANCE = 1e-5

_TIGHT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "x_scale": "jac"}

# Name: the solver; what it takes beside the gradient, or None if it takes residuals; its options.
SOLVERS: dict[str, tuple[Callable[..., Any], dict[str, Any] | None, dict[str, Any]]] = {
    "lm": (partial(least_squares, method="lm", max_nfev=100_000), None, _TIGHT),
    "trf": (partial(least_squares, method="trf", max_nfev=10_000), None, _TIGHT),
    "BFGS": (minimize, {}, {"method": "BFGS", "options": {"gtol": 1e-10, "maxiter": 5000}}),
    "trust-exact": (minimize, {"hess": True}, {"method": "trust-exact", "options": {"gtol": 1e-8, "maxiter": 5000}}),
}


@dataclass(frozen=True)
class Outcome:
    """The sum of squares that was found, and how often the residuals were computed for it."""

    found: float
    runs: int


def solve(problem: LeastSquares, name: str, *, exactly: bool) -> Outcome:
    """Solve a problem; the differences are SciPy's own."""
    runs = 0

    def residuals(x: Any) -> Any:
        nonlocal runs
        runs += 1
        return problem.residuals(x)

    solver, order, options = SOLVERS[name]
    if order is None:
        given = dualnum.residuals(residuals) if exactly else {"fun": residuals}
    else:
        given = {"fun": lambda x: np.sum(residuals(x) ** 2)}
        if exactly:
            given = dualnum.objective(given["fun"], **order)
    with np.errstate(all="ignore"), warnings.catch_warnings():  # trial points may be far outside
        warnings.simplefilter("ignore", RuntimeWarning)
        x = solver(**given, x0=problem.start, **options).x
    return Outcome(float(problem.sum_of_squares(x)), runs)


def _has_differences(name: str) -> bool:
    """Whether SciPy makes differences for a solver, which it does for first derivatives."""
    return not SOLVERS[name][1]


def _cells(problem: LeastSquares, name: str) -> list[str]:
    cells = []
    for exactly in (True, False) if _has_differences(name) else (True,):
        outcome = solve(problem, name, exactly=exactly)
        miss = problem.misses(outcome.found)
        cells += [f"{miss:.0e}" + " (far)" * (not miss < TOLERANCE), str(outcome.runs)]
    return cells


def main(argv: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks mgh", description=__doc__)
    parser.add_argument("--numbers", nargs="+", type=int, metavar="N", help="numbers of problems, as in the paper")
    numbers = parser.parse_args(argv).numbers
    print(
        "For each solver: by how much it misses the nearest known minimum (relative, where that is not zero), and how often the"
    )
    print(f"residuals were computed; (far): by more than {TOLERANCE:g}. diff: with SciPy's own differences.\n")
    head, rows = ["problem", "least sum of squares"], []
    for name in SOLVERS:
        head += [f"{name}: miss", "runs"] + ["diff: miss", "runs"] * _has_differences(name)
    for problem in PROBLEMS:
        if not numbers or problem.number in numbers:
            cells = [cell for name in SOLVERS for cell in _cells(problem, name)]
            rows.append([problem.name, f"{problem.minima[0]:.6g}", *cells])
    print(markdown(head, rows))
