"""Whole solves by SciPy's solvers: with exact derivatives, with SciPy's own differences, and with derivatives by hand."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares, minimize

import dualnum
from benchmarks import problems
from benchmarks.comparison import against, markdown, number
from benchmarks.mgh_problems import OSBORNE_2_TIMES, osborne_2
from benchmarks.timing import interleave, new_timer

__all__ = ["SOLVES", "Solve", "count", "main"]

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Solve:
    """A solver with its options, ``solver(fun=..., jac=...)``, and what it is given.

    ``exact(f)`` is what dualnum makes of the function, ``solution(result)`` the vector that was wanted, and ``bar`` the ratio
    to the time with SciPy's differences that dualnum promises to stay under.
    """

    name: str
    solver: Callable[..., Any]
    function: Callable[..., Any]
    by_hand: Callable[..., Any]
    exact: Callable[[Callable[..., Any]], Any]
    solution: Callable[[Any], Array]
    bar: float | None = None

    def contestants(self, function: Callable[..., Any]) -> dict[str, Callable[[], Any]]:
        """Solves by all that is compared, of a function that may count."""
        return {
            "differences": partial(self.solver, fun=function),
            "dualnum": partial(self.solver, **self.exact(function)),
            "by hand": partial(self.solver, fun=function, jac=self.by_hand),
        }


def _at_end(result: Any) -> Array:
    return result.y[:, -1]


def _minimum(result: Any) -> Array:
    return result.x


def _osborne_2_by_hand(x: Array) -> Array:
    t = OSBORNE_2_TIMES
    jacobian = np.empty((len(t), 11))
    decay = np.exp(-t * x[4])
    jacobian[:, 0], jacobian[:, 4] = -decay, x[0] * t * decay
    away = t[:, None] - x[8:]
    bumps = np.exp(-(away**2) * x[5:8])
    jacobian[:, 1:4] = -bumps
    jacobian[:, 5:8] = x[1:4] * away**2 * bumps
    jacobian[:, 8:] = -2 * x[1:4] * x[5:8] * away * bumps
    return jacobian


def _robertson(t: float, y: Array) -> Array:
    return problems.robertson(y)


def _brusselator(t: float, y: Array) -> Array:
    return problems.brusselator(y)


def _solves() -> list[Solve]:
    start = np.array([-1.2, 1.0] * 5)
    osborne_start = np.array([1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5])
    x = np.arange(1, 51) / 51
    waves = np.concatenate([1 + np.sin(2 * np.pi * x), np.full(50, 3.0)])
    of_state = partial(dualnum.residuals, argnums=1)
    osborne = {
        "function": osborne_2, "by_hand": _osborne_2_by_hand, "exact": dualnum.residuals, "solution": _minimum,
    }  # fmt: skip
    return [
        Solve(
            name="minimize(BFGS), Rosenbrock n=10",
            solver=partial(minimize, x0=start, method="BFGS"),
            function=problems.rosenbrock,
            by_hand=lambda x: problems.rosenbrock_by_hand(x)[1],
            exact=dualnum.objective,
            solution=_minimum,
            bar=0.5,
        ),
        Solve(
            name="least_squares(lm), Osborne 2",
            solver=partial(least_squares, x0=osborne_start, method="lm"),
            bar=0.6,
            **osborne,
        ),
        Solve(
            name="least_squares(trf), Osborne 2",
            solver=partial(least_squares, x0=osborne_start, method="trf"),
            **osborne,
        ),
        Solve(
            name="solve_ivp(Radau), Robertson",
            solver=partial(solve_ivp, t_span=(0, 1e5), y0=[1.0, 0.0, 0.0], method="Radau", rtol=1e-6, atol=1e-10),
            function=_robertson,
            by_hand=lambda t, y: problems.robertson_by_hand(y)[1],
            exact=of_state,
            solution=_at_end,
            bar=1.0,
        ),
        Solve(
            name="solve_ivp(BDF), Brusselator N=50",
            solver=partial(solve_ivp, t_span=(0, 10), y0=waves, method="BDF", rtol=1e-4, atol=1e-7),
            function=_brusselator,
            by_hand=lambda t, y: problems.brusselator_by_hand(y)[1],
            exact=of_state,
            solution=_at_end,
            bar=1.0,
        ),
    ]


SOLVES = _solves()


def count(solve: Solve) -> dict[str, tuple[int, Array]]:
    """Runs of the function in one solve by each contestant, and what it finds."""
    runs = 0

    def counted(*args: Any) -> Any:
        nonlocal runs
        runs += 1
        return solve.function(*args)

    found = {}
    for name, call in solve.contestants(counted).items():
        runs = 0
        solution = solve.solution(call())
        found[name] = runs, solution
    return found


def _rows(solve: Solve, repeat: int) -> list[list[str]]:
    counts = count(solve)
    _, wanted = counts["by hand"]
    timers = {name: new_timer(call) for name, call in solve.contestants(solve.function).items()}
    rows = []
    for name, timing in interleave(timers, timers["differences"], repeat=repeat, batch=0.05, budget=10.0).items():
        runs, found = counts[name]
        bar = solve.bar if name == "dualnum" else None
        low, high = map(number, timing.spread)
        rows.append(
            [
                solve.name,
                name,
                f"{bar:g}" if bar else "",
                f"{against(timing.ratio, bar)} ({low} - {high})",
                f"{1e3 * timing.time:.2f}",
                str(runs),
                f"{np.max(np.abs(found - wanted)) / np.max(np.abs(wanted)):.0e}",
            ]
        )
    return rows


def main(argv: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks solvers", description=__doc__)
    parser.add_argument("--problems", nargs="+", default=[""], metavar="NAME", help="texts that occur in names")
    parser.add_argument("--repeat", type=int, default=21, help="rounds (default %(default)s)")
    options = parser.parse_args(argv)
    print("time: of a whole solve, as a ratio to that with SciPy's own differences; the median and, in brackets, the")
    print("quartiles over the rounds. ms: the median. runs: of the function. deviation: from the solution by hand.\n")
    chosen = [solve for solve in SOLVES if any(text.lower() in solve.name.lower() for text in options.problems)]
    rows = [row for solve in chosen for row in _rows(solve, options.repeat)]
    print(markdown(["solve", "derivatives", "bar", "time", "ms", "runs", "deviation"], rows))
