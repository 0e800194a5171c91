"""The 27 NIST nonlinear regressions, fitted by SciPy from both starting points: exact Jacobians against finite differences.

For each of the 54 fits the script counts the digits to which the worst parameter agrees with NIST's certified value, how
often the residuals were computed, and the time. Run it with::

    python examples/nist_fits.py [--output PATH]

No method that compares sums of squares can tell parameters apart that change the sum by less than its rounding, and this
is half of the digits: exact Jacobians do better than differences, but some fits stop after six digits. The gradient is
not so blind. Where it is zero is an equation, and `scipy.optimize.root` solves it from there, with the exact gradient and
the exact Hessian, to all digits that NIST certifies.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nist_models import DataSet, load
from scipy.optimize import OptimizeResult, least_squares, root

from dualnum import objective, residuals
from dualnum.errors import MissingExtraError

EPS = np.finfo(float).eps
OPTIONS = {"x_scale": "jac", "ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "max_nfev": 2000}


def exact_fit(problem: DataSet, start: np.ndarray, f: Callable) -> OptimizeResult:
    """Fit residuals `f` with their exact Jacobian."""
    return least_squares(**residuals(f), x0=start, **OPTIONS)


def fit_by_differences(problem: DataSet, start: np.ndarray, f: Callable) -> OptimizeResult:
    """Fit residuals `f` as SciPy does unasked."""
    return least_squares(f, start, **OPTIONS)


def polished(problem: DataSet, b: np.ndarray) -> np.ndarray:
    """Parameters near `b`, shape (p,), where the gradient of the sum of squares is zero.

    Parameters are counted in units of `b`, for they differ by up to ten powers of ten.
    """
    sum_of_squares = objective(lambda u: np.sum(problem.residuals(u * b) ** 2))
    return b * root(sum_of_squares.jac, np.ones_like(b), jac=sum_of_squares.hess, tol=1e-15).x


def digits(b: np.ndarray, certified: np.ndarray) -> float:
    """Number of decimal digits to which the worst parameter agrees."""
    return float(-np.log10(max(np.max(np.abs(b / certified - 1)), EPS)))


@dataclass(frozen=True)
class Fit:
    """What one fit came to."""

    b: np.ndarray
    converged: bool
    digits: float
    runs: int
    milliseconds: float


def run(fit: Callable[..., OptimizeResult], problem: DataSet, start: np.ndarray) -> Fit:
    """Fit once with a counter, and three times by the clock."""
    runs = 0

    def counted(b: np.ndarray) -> np.ndarray:
        nonlocal runs
        runs += 1
        return problem.residuals(b)

    with np.errstate(all="ignore"):  # models overflow where some steps lead
        result = fit(problem, start, counted)
        seconds = []
        for _ in range(3):
            begin = time.process_time()
            fit(problem, start, problem.residuals)
            seconds.append(time.process_time() - begin)
    return Fit(result.x, result.success, digits(result.x, problem.certified), runs, 1e3 * min(seconds))


@dataclass(frozen=True)
class Comparison:
    """Both fits of one data set from one starting point, and the digits after the gradient was made zero."""

    problem: DataSet
    start: int
    exact: Fit
    differences: Fit
    polished: float


def compare(problem: DataSet, start: int) -> Comparison:
    """Fit one data set from its starting point number 1 or 2."""
    exact = run(exact_fit, problem, problem.starts[start - 1])
    differences = run(fit_by_differences, problem, problem.starts[start - 1])
    return Comparison(problem, start, exact, differences, digits(polished(problem, exact.b), problem.certified))


def print_table(rows: list[Comparison]) -> None:
    """One row per fit, and the sums."""
    print(
        "digits: of the worst parameter, against NIST; runs: of the residuals; polished: digits after the gradient, which is"
    )
    print("exact, was made zero with the exact Hessian. A fit marked * did not converge by SciPy's own account.\n")
    print(f"{'':15}|{'exact Jacobians':^26}|{'differences':^26}|")
    print(
        f"{'data set':10}{'start':>5}|{'digits':>8}{'runs':>8}{'ms':>9} |{'digits':>8}{'runs':>8}{'ms':>9} | polished"
    )
    for row in rows:
        print(f"{row.problem.name:10}{row.start:5}|", end="")
        for fit in (row.exact, row.differences):
            print(f"{fit.digits:7.1f}{' ' if fit.converged else '*'}{fit.runs:8}{fit.milliseconds:9.1f} |", end="")
        print(f"{row.polished:9.1f}")
    print(f"{'least digits':15}|", end="")
    for fits in ([row.exact for row in rows], [row.differences for row in rows]):
        print(f"{min(fit.digits for fit in fits):7.1f} ", end="")
        print(f"{sum(fit.runs for fit in fits):8}{sum(fit.milliseconds for fit in fits):9.1f} |", end="")
    print(f"{min(row.polished for row in rows):9.1f}   (runs and ms: sums)")


def plot(rows: list[Comparison], path: Path) -> None:
    """Save a picture of the digits of all fits."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error

    names = [f"{row.problem.name}, {row.start}" for row in rows]
    sources = {  # label: (marker, colour, digits)
        "exact Jacobian, then gradient = 0 by exact Hessian": ("o", "tab:blue", [row.polished for row in rows]),
        "exact Jacobian": ("D", "tab:green", [row.exact.digits for row in rows]),
        "SciPy's differences": ("X", "tab:red", [row.differences.digits for row in rows]),
    }
    figure = Figure(figsize=(9, 12), layout="constrained")
    axes = figure.subplots()
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    for label, (marker, colour, values) in sources.items():
        face = colour if marker == "o" else "none"  # hollow, so that markers which coincide are both seen
        axes.scatter(values, names, s=45, marker=marker, facecolor=face, edgecolor=colour, linewidth=1.6, label=label)
    axes.set(xlim=(0, 14), ylim=(len(names) - 0.5, -0.5))
    axes.set_title("Parameters of the 27 NIST regressions, fitted from both starting points")
    axes.set_xlabel("agreement of the worst parameter with its certified value (decimal digits; NIST gives 11)")
    axes.set_ylabel("data set, starting point")
    figure.legend(loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=100)


def main() -> None:
    """Fit all data sets, print the table and save the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    output = parser.parse_args().output
    rows = [compare(problem, start) for problem in load().values() for start in (1, 2)]
    print_table(rows)
    plot(rows, output)
    print(f"Picture: {output}")


if __name__ == "__main__":
    main()
