"""Survival: how long a drug keeps leukaemia away, from patients of whom some were still well when the study ended.

In the trial of Freireich et al. (Blood 21, 1963), 42 children in remission got 6-mercaptopurine or a placebo. The weeks until
a relapse are known of 30 of them; the other 12 had none when they were last seen, so that of them only the probability to
stay well for longer is known: `sf` in place of `pdf`. The likelihood is written with `scipy.stats` as it stands in textbooks.

Its derivatives are used four times. The gradient and the Hessian find the maximum; the Hessian gives standard errors;
derivatives of `ppf` and of `logsf` carry these over to the medians and to the curves; and those of the estimate itself, through
the maximisation, tell which patient it depends on. Run it with::

    python examples/survival.py [--output PATH]

The data are those of R's `MASS::gehan`, with which `survreg` finds the same Weibull model.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from dualnum import hessian, jacobian, objective
from dualnum.errors import MissingExtraError
from dualnum.scipy import optimize, stats

RELAPSED = {
    "placebo": [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23],
    "6-MP": [6, 6, 6, 7, 10, 13, 16, 22, 23],
}
STILL_WELL = {"placebo": [], "6-MP": [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]}
GROUPS = list(RELAPSED)

WEEKS = np.array([week for group in GROUPS for week in RELAPSED[group] + STILL_WELL[group]], float)
RELAPSE = np.array([known for g in GROUPS for known in [True] * len(RELAPSED[g]) + [False] * len(STILL_WELL[g])])
DRUG = np.array([float(g == "6-MP") for g in GROUPS for _ in RELAPSED[g] + STILL_WELL[g]])

#: Families of distributions, by the parameters p = (log of the scale, effect of the drug on it, log of the spread).
FAMILIES = {
    "Weibull": lambda p, drug: stats.weibull_min(np.exp(-p[2]), scale=np.exp(p[0] + p[1] * drug)),
    "lognormal": lambda p, drug: stats.lognorm(np.exp(p[2]), scale=np.exp(p[0] + p[1] * drug)),
    "gamma": lambda p, drug: stats.gamma(np.exp(-p[2]), scale=np.exp(p[0] + p[1] * drug)),
}


def minus_log_likelihood(p: Any, weeks: Any, family: str) -> Any:
    """Of all patients: the density where the relapse was seen, else the probability to stay well for longer."""
    law = FAMILIES[family](p, DRUG)
    return -np.sum(np.where(RELAPSE, law.logpdf(weeks), law.logsf(weeks)))


def estimate(family: str) -> tuple[np.ndarray, np.ndarray]:
    """Parameters (3,) of the largest likelihood, and their covariance (3, 3): the inverse of the observed information."""
    fun = objective(minus_log_likelihood, hess=True)
    p = minimize(**fun, x0=[2.0, 0.0, 0.0], args=(WEEKS, family), method="trust-exact").x
    return p, np.linalg.inv(hessian(minus_log_likelihood)(p, WEEKS, family))


def carried_over(f: Any, p: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of a function of the parameters, and their standard errors, to first order."""
    slopes = jacobian(f)(p)
    return f(p), np.sqrt(np.einsum("...i,ij,...j->...", slopes, covariance, slopes))


def medians(p: Any, family: str) -> Any:
    """Logarithms of the median weeks of both groups."""
    return np.stack([np.log(FAMILIES[family](p, drug).median()) for drug in (0.0, 1.0)])


def complementary(p: Any, weeks: np.ndarray, drug: float, family: str) -> Any:
    """log(-log S) of the share S of patients that stay well; on which scale the bands stay between 0 and 1."""
    return np.log(-FAMILIES[family](p, drug).logsf(weeks))


def influence(family: str) -> np.ndarray:
    """How the effect of the drug changes with the weeks of each patient (42,), through the maximisation."""

    def effect(weeks: Any) -> Any:
        return optimize.minimize(minus_log_likelihood, [2.0, 1.0, 0.0], args=(weeks, family)).x[1]

    return jacobian(effect)(WEEKS)


def kaplan_meier(drug: float) -> tuple[np.ndarray, np.ndarray]:
    """Weeks, and the share that is still well after them, without any model."""
    weeks, relapse = WEEKS[drug == DRUG], RELAPSE[drug == DRUG]
    at = np.unique(weeks[relapse])
    return at, np.cumprod([1 - np.sum(relapse & (weeks == t)) / np.sum(weeks >= t) for t in at])


def draw(family: str, p: np.ndarray, covariance: np.ndarray, output: Path) -> None:
    """Save a picture of the curves with their bands, and of the influence of each patient."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    curves, patients = figure.subplots(1, 2)
    weeks = np.linspace(0.2, 36, 200)
    for drug, (group, color) in enumerate(zip(GROUPS, ("C1", "C0"), strict=True)):
        value, error = carried_over(lambda q, d=drug: complementary(q, weeks, float(d), family), p, covariance)
        low, middle, high = (np.exp(-np.exp(value + k * error)) for k in (1.96, 0.0, -1.96))
        curves.plot(weeks, middle, color=color, label=f"{group}: {family}")
        curves.fill_between(weeks, low, high, color=color, alpha=0.2, label=f"{group}: 95 % band")
        at, share = kaplan_meier(float(drug))
        curves.step(
            np.r_[0, at, 36], np.r_[1, share, share[-1]], ":", where="post", color=color, label=f"{group}: data"
        )
    curves.set(title="Time without a relapse", xlabel="weeks", ylabel="share of patients still in remission")
    curves.set(xlim=(0, 36), ylim=(0, 1.02))
    slopes = influence(family)
    for drug, (group, color) in enumerate(zip(GROUPS, ("C1", "C0"), strict=True)):
        for seen, marker, name in ((True, "o", "relapse"), (False, "^", "still in remission")):
            chosen = (drug == DRUG) & (seen == RELAPSE)
            if np.any(chosen):
                label = f"{group}: {name}"
                patients.plot(WEEKS[chosen], slopes[chosen], marker, color=color, alpha=0.7, label=label)
    patients.axhline(0, color="gray", linewidth=0.8)
    title = "What one more week of a patient changes"
    patients.set(title=title, xlabel="weeks until relapse or last visit", ylabel="change of the log effect, per week")
    for axes in (curves, patients):
        axes.legend(fontsize="small")
        axes.grid(alpha=0.3)
    figure.savefig(output, dpi=120)


def main() -> None:
    """Fit the families, print what they say, and draw the likeliest."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    found = {family: estimate(family) for family in FAMILIES}
    likelihoods = {family: -minus_log_likelihood(p, WEEKS, family) for family, (p, _) in found.items()}
    print("            log likelihood   times longer with the drug   median weeks with placebo, with the drug (95 %)")
    for family, (p, covariance) in found.items():
        error = np.sqrt(covariance[1, 1])
        ratio = np.exp(p[1] + 1.96 * error * np.array([0.0, -1.0, 1.0]))
        logs, errors = carried_over(lambda q, family=family: medians(q, family), p, covariance)
        ranges = [np.exp(m + 1.96 * e * np.array([0.0, -1.0, 1.0])) for m, e in zip(logs, errors, strict=True)]
        texts = ["{:5.2f} ({:.2f} to {:.2f})".format(*numbers) for numbers in (ratio, *ranges)]
        print(f"{family:10s}  {likelihoods[family]:14.2f}   {texts[0]:26s}   {texts[1]:24s} {texts[2]}")
    best = max(likelihoods, key=lambda family: likelihoods[family])
    draw(best, *found[best], options.output)
    print(f"the picture of the {best} model is in {options.output}")


if __name__ == "__main__":
    main()
