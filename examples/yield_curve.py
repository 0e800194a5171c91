"""Interest rates of all terms from nine quotes, and what each of them depends on.

A bank quotes fixed rates for loans of 1 to 30 years. The rate for money of each term (the zero rate) is a spline through nine
unknown ordinates, such that all quoted loans are worth their price: nine equations, which `root` solves with an exact Jacobian,
through the spline. What follows from the curve is then a function of the quotes: the forward rates, for which the curve is
differentiated in the term, and the value of any other loan. Its derivatives with respect to the quotes, through the spline and
the solution of the equations, say how much of which quoted loan hedges it.

There it shows what the choice of a spline does. When the quote of 10 years moves, forward rates move around that term if the
curve is monotonic between the knots (PCHIP), and swing up to the longest term if it is a cubic spline, as practitioners know
(Hagan and West, Applied Mathematical Finance 13, 2006). Run it with::

    python examples/yield_curve.py [--output PATH]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dualnum import hessian, jacobian
from dualnum.errors import MissingExtraError
from dualnum.scipy.interpolate import CubicSpline, PchipInterpolator
from dualnum.scipy.optimize import root

# Years, and rates per year that are paid every year until then: made up, with a hump as they often have.
TERMS = np.array([1.0, 2, 3, 5, 7, 10, 15, 20, 30])
QUOTES = np.array([2.10, 2.55, 2.95, 3.40, 3.60, 3.75, 3.70, 3.55, 3.30]) / 100
YEARS = np.arange(1.0, 31.0)
LAST = TERMS.astype(int) - 1  # where in YEARS the quoted loans end

SPLINES: dict[str, Callable[..., Any]] = {"cubic spline": CubicSpline, "PCHIP": PchipInterpolator}
BUMPED = 5  # the quote that moves in the picture: 10 years
BASIS_POINT = 1e-4


def discounts(spline: Any) -> Any:
    """What one paid at the end of each year is worth today."""
    return np.exp(-spline(YEARS) * YEARS)


def mispricing(zeros: Any, quotes: Any, interpolator: Callable[..., Any]) -> Any:
    """What the quoted loans are worth above their price, if the zero rates go through these ordinates."""
    worth = discounts(interpolator(TERMS, zeros))
    return quotes * np.cumsum(worth)[LAST] + worth[LAST] - 1


def curve(quotes: Any, interpolator: Callable[..., Any]) -> Any:
    """Spline of the zero rates that gives all quoted loans their price."""
    equations = partial(mispricing, interpolator=interpolator)
    zeros = root(equations, QUOTES, (quotes,), jac=jacobian(equations), tol=1e-13).x
    return interpolator(TERMS, zeros)


def forwards(quotes: Any, terms: np.ndarray, interpolator: Callable[..., Any]) -> Any:
    """Rates for a moment at these terms: minus the logarithmic derivative of the discount."""
    spline = curve(quotes, interpolator)
    return spline(terms) + terms * spline(terms, 1)


def loan(quotes: Any, interpolator: Callable[..., Any]) -> Any:
    """Worth today of 100 lent for 12 years at 4 %, of a term that is not quoted."""
    worth = discounts(curve(quotes, interpolator))[:12]
    return 4 * np.sum(worth) + 100 * worth[-1]


def draw(terms: np.ndarray, rates: dict[str, np.ndarray], moves: dict[str, np.ndarray], path: Path) -> None:
    """Save a picture of the curves, and of how forward rates move with one quote."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(TERMS, 100 * QUOTES, "ko", label="quotes")
    for (name, rate), colour in zip(rates.items(), ["tab:blue", "tab:orange"], strict=True):
        left.plot(terms, 100 * rate, color=colour, label=f"forward rates, {name}")
        right.plot(terms, moves[name], color=colour, label=name)
    for term in TERMS:
        right.axvline(term, color="0.9", zorder=0)
    right.axvline(TERMS[BUMPED], color="k", linestyle=":")
    right.axhline(0, color="0.6", linewidth=0.8)
    left.set(title="Nine quotes, and rates of all terms", xlabel="term (years)", ylabel="rate per year (%)")
    right.set(
        title=f"How forward rates move with the quote of {TERMS[BUMPED]:.0f} years",
        xlabel="term (years)",
        ylabel="derivative of the forward rate",
    )
    for axes in (left, right):
        axes.legend()
    figure.savefig(path, dpi=100)


def main() -> None:
    """Calibrate, differentiate, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    terms = np.linspace(1, 30, 400)
    rates, moves = {}, {}
    print(
        "100 lent for 12 years at 4 %, by the curve of each spline; change of its worth with each quote, per basis point"
    )
    print(f"{'':14}{'worth':>9}  " + "".join(f"{term:>8.0f}y" for term in TERMS) + f"{'differences':>14}")
    for name, spline in SPLINES.items():
        rates[name] = forwards(QUOTES, terms, spline)
        moves[name] = jacobian(partial(forwards, terms=terms, interpolator=spline))(QUOTES)[:, BUMPED]
        worth = partial(loan, interpolator=spline)
        deltas = jacobian(worth)(QUOTES) * BASIS_POINT
        step = 1e-7  # of central differences, with which these are compared
        again = [(worth(QUOTES + h) - worth(QUOTES - h)) / (2 * step) for h in np.eye(len(TERMS)) * step]
        error = np.max(np.abs(deltas - np.array(again) * BASIS_POINT))
        print(f"{name:14}{worth(QUOTES):9.4f}  " + "".join(f"{d:9.5f}" for d in deltas) + f"{error:14.0e}")
    gammas = hessian(partial(loan, interpolator=CubicSpline))(QUOTES)
    shift = np.full(len(TERMS), 100 * BASIS_POINT)
    change = loan(QUOTES + shift, CubicSpline) - loan(QUOTES, CubicSpline)
    first = jacobian(partial(loan, interpolator=CubicSpline))(QUOTES) @ shift
    print("\nIf all quotes rise by a whole percent, the loan with the cubic spline")
    print(f"    loses                          {-change:8.4f}")
    print(f"    by first derivatives           {-first:8.4f}")
    print(f"    by first and second ones       {-first - shift @ gammas @ shift / 2:8.4f}")
    draw(terms, rates, moves, options.output)
    print(f"\nPicture: {options.output}")


if __name__ == "__main__":
    main()
