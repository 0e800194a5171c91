"""Jacobians of the 27 NIST nonlinear regressions: dualnum against finite differences and against certified results.

For each data set the script differentiates the residuals at both starting points and at the certified parameters,
compares with finite differences in units of *their own* error estimate, and computes the standard deviations ::

    sd = sqrt(diag(inv(J.T @ J)) * rss / (m - p))

of the p parameters, which NIST certifies to 11 digits: an outside judge of every column of J. Run it with::

    python examples/nist_jacobians.py [--output PATH]

What 11 certified digits allow. The residual sum of squares rss is computed from the data at the certified parameters:
these minimise it, so that their rounding changes it in second order only. The exception is Lanczos1, whose residuals
(1e-13) are smaller than what the rounding of its parameters does to the model (4e-11): rss from the data says nothing
there, and only NIST's own rss shows what J is worth. To sd the rounding matters in first order and limits the agreement
to 9 or 10 digits; one Gauss-Newton step with J restores the digits that were cut off, and with them the agreement.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nist_models import DataSet, load
from scipy.linalg import solve_triangular
from scipy.optimize import least_squares

import dualnum
from dualnum.errors import MissingExtraError

EPS = np.finfo(float).eps


def standard_deviations(jac: np.ndarray, rss: float) -> np.ndarray:
    """Standard deviations of p parameters from the Jacobian (m, p) of the residuals; shape (p,).

    With J = Q R S, S the norms of the columns, diag(inv(J.T J)) are the squared row norms of inv(R) over S**2. Forming
    J.T J would square a condition number that the units of the parameters alone push to 1e9 (Hahn1).
    """
    m, p = jac.shape
    scale = np.linalg.norm(jac, axis=0)
    inverse = solve_triangular(np.linalg.qr(jac / scale, mode="r"), np.eye(p))
    return np.linalg.norm(inverse, axis=1) / scale * np.sqrt(rss / (m - p))


def gauss_newton_step(jac: np.ndarray, residuals: np.ndarray) -> np.ndarray:
    """The change of parameters, shape (p,), that solves the linearised least-squares problem."""
    scale = np.linalg.norm(jac, axis=0)
    return np.linalg.lstsq(jac / scale, -residuals)[0] / scale


def digits(computed: np.ndarray | float, certified: np.ndarray | float) -> float:
    """Number of decimal digits to which the worst entry agrees."""
    error = np.max(np.abs(computed / certified - 1))
    return float(-np.log10(max(error, EPS)))


def by_dualnum(problem: DataSet) -> np.ndarray:
    """The exact Jacobian at the certified parameters."""
    return dualnum.jacobian(problem.residuals)(problem.certified)


def by_differences(method: str, step: float | None = None) -> Callable[[DataSet], np.ndarray]:
    """The Jacobian at the certified parameters that a fit with SciPy would use."""

    def jac(problem: DataSet) -> np.ndarray:
        return least_squares(problem.residuals, problem.certified, jac=method, diff_step=step, max_nfev=1).jac

    return jac


SOURCES = {  # label: (marker, colour, Jacobian at the certified parameters)
    "dualnum": ("o", "tab:blue", by_dualnum),
    "SciPy 3-point, steps relative to each parameter": ("^", "tab:green", by_differences("3-point", EPS ** (1 / 3))),
    "SciPy 3-point, its own steps": ("s", "tab:orange", by_differences("3-point")),
    "SciPy 2-point, the default of least_squares": ("X", "tab:red", by_differences("2-point")),
}


@dataclass(frozen=True)
class Result:
    """What came out for one data set. Numbers are digits of agreement with NIST."""

    problem: DataSet
    against_differences: tuple[str, ...]  # at start 1, start 2 and the certified parameters
    rss: float
    sd: float
    sd_after_step: float
    sd_by_source: dict[str, float]  # with NIST's rss: what the Jacobian alone is worth


def difference(problem: DataSet, b: np.ndarray) -> str:
    """The largest difference from finite differences, over their own error estimate."""
    report = dualnum.check_jacobian(problem.residuals, b)
    return f"{report.worst:.2g}"


def examine(problem: DataSet) -> Result:
    """Compare the Jacobians of one data set with finite differences and with the certified results."""

    def rss_and_sd(b: np.ndarray) -> tuple[float, float]:
        rss = np.sum(problem.residuals(b) ** 2)
        sd = standard_deviations(dualnum.jacobian(problem.residuals)(b), rss)
        return digits(rss, problem.certified_rss), digits(sd, problem.certified_sd)

    b = problem.certified
    against_differences = tuple(difference(problem, point) for point in (*problem.starts, b))
    rss, sd = rss_and_sd(b)
    _, sd_after_step = rss_and_sd(b + gauss_newton_step(by_dualnum(problem), problem.residuals(b)))
    sd_by_source = {
        label: digits(standard_deviations(jac(problem), problem.certified_rss), problem.certified_sd)
        for label, (_, _, jac) in SOURCES.items()
    }
    return Result(problem, against_differences, rss, sd, sd_after_step, sd_by_source)


def print_table(results: list[Result]) -> None:
    """One row per data set."""
    print("AD - FD: largest difference of dualnum from finite differences, in units of their own error estimate.")
    print("Digits that agree with NIST: of rss and of the standard deviations sd, from the data at the certified")
    print("parameters b*; of sd with NIST's rss, to judge the Jacobian alone; of sd after one Gauss-Newton step.\n")
    print(f"{'':18}|{'AD - FD at':^24}|{'':8}digits of agreement")
    print(f"{'data set':10}{'m':>4}{'p':>3} |{'start 1':>8}{'start 2':>8}{'b*':>7} |", end="")
    print(f"{'rss':>6}{'sd':>6}{'NIST rss':>10}{'step':>6}")
    for row in results:
        m, p, (start1, start2, end) = len(row.problem.response), len(row.problem.certified), row.against_differences
        print(f"{row.problem.name:10}{m:4}{p:3} |{start1:>8}{start2:>8}{end:>7} |", end="")
        print(f"{row.rss:6.1f}{row.sd:6.1f}{row.sd_by_source['dualnum']:10.1f}{row.sd_after_step:6.1f}")
    worst = min(row.sd for row in results if row.problem.name != "Lanczos1")
    print(
        f"\nThe standard deviations from the data agree to {worst:.1f} digits or more, but for Lanczos1: its residuals"
    )
    print("are smaller than what the rounding of b* to 11 digits changes. With NIST's rss its Jacobian proves right.")


def plot(results: list[Result], path: Path) -> None:
    """Save a picture of the error of the standard deviations, by the source of the Jacobian."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error

    names = [row.problem.name for row in results]
    errors = np.array([[10.0 ** -row.sd_by_source[label] for row in results] for label in SOURCES])
    figure = Figure(figsize=(9, 8.5), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(1e-12, 5e-11, color="0.93", zorder=0)
    axes.text(1.3e-12, -0.9, "below NIST's\n11 digits", color="0.4", va="center")
    axes.hlines(names, errors.min(axis=0), errors.max(axis=0), color="0.85", zorder=1)
    for error, (label, (marker, colour, _)) in zip(errors, SOURCES.items(), strict=True):
        face = colour if label == "dualnum" else "none"  # hollow, so that markers which coincide are both seen
        axes.scatter(error, names, s=50, marker=marker, facecolor=face, edgecolor=colour, linewidth=1.8, label=label)
    axes.set(xscale="log", xlim=(1e-12, 10), ylim=(len(names) - 0.5, -1.6))
    axes.set_title("Standard deviations of the parameters of 27 regressions, by source of the Jacobian")
    axes.set_xlabel("largest relative error, against the values certified by NIST (dimensionless)")
    axes.set_ylabel("NIST StRD data set")
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=100)


def main() -> None:
    """Examine all data sets, print the table and save the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    output = parser.parse_args().output
    results = [examine(problem) for problem in load().values()]
    print_table(results)
    plot(results, output)
    print(f"Picture: {output}")


if __name__ == "__main__":
    main()
