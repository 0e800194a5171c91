"""The figures of a scaling study, one for each of its questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum.pictures import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dualnum.complexity.study import ScalingStudy

__all__ = ["draw"]

# The colours are told apart by colour-blind readers too: M. Okabe and K. Ito, "Color Universal Design" (2008).
_STYLES = {
    "forward mode": "#0072b2 o -",
    "reverse mode": "#d55e00 s -",
    "reverse, sqrt checkpoints": "#009e73 ^ -",
    "reverse, log checkpoints": "#56b4e9 v -",
    "explicit, best order": "#cc79a7 D --",
    "finite differences": "#000000 x :",
    "nested": "#0072b2 o -",
    "hyper-dual": "#009e73 ^ -",
    "Taylor": "#d55e00 s -",
    "hyperdual": "#009e73 ^ -",
    "forward over reverse": "#d55e00 s -",
    "reverse over reverse": "#56b4e9 v -",
    "forward over forward": "#0072b2 o -",
    "differences of the gradient": "#cc79a7 x :",
}

_HOW_TO_READ = (
    "Medians with quartiles. Exponents with 95 % confidence intervals, of the sizes on grey ground; "
    "those of times are fitted to the least times"
)


def draw(study: ScalingStudy, directory: Path) -> list[Path]:
    """Save a picture for each question that the study has something about."""
    drawn = {run.sweep for run in study.runs}
    saved = []
    for name, needs, picture in _PICTURES:
        if needs & drawn or (name == "steps" and study.steps is not None):
            saved.append(directory / f"{name}.png")
            picture(study).savefig(saved[-1], dpi=100)
    return saved


def _panels(rows: int, columns: int, size: tuple[float, float], title: str, subtitle: str = "") -> tuple[Any, Any]:
    figure = new_figure(size)
    figure.suptitle(f"{title}\n{subtitle}" if subtitle else title)
    return figure, figure.subplots(rows, columns, squeeze=False)


def _directions(study: ScalingStudy) -> Any:
    figure, panels = _panels(
        2, 3, (12, 8), "Forward or reverse? The Jacobian of a chain of functions tanh(Wx)", _HOW_TO_READ
    )
    for column, name in zip(panels.T, ("inputs", "outputs", "crossover"), strict=True):
        _curves(column[0], study, name, "operations", "number of ")
        _curves(column[1], study, name, "seconds", "number of ")
    outputs = study.sweeps["crossover"].problem(1).dims[-1]
    for ax in panels[:, 2]:
        ax.axvline(outputs, color="black", lw=0.8)
        ax.annotate(
            "as many inputs\nas outputs", (outputs, 0.03), xycoords=("data", "axes fraction"), xytext=(4, 0),
            textcoords="offset points", size=9,
        )  # fmt: skip
    return figure


def _memory(study: ScalingStudy) -> Any:
    figure, panels = _panels(
        1, 3, (13, 5), "What depth costs: the Jacobian of a chain of functions tanh(Wx)", _HOW_TO_READ
    )
    for ax, quantity in zip(panels[0], ("counted_bytes", "peak_bytes", "seconds"), strict=True):
        _curves(ax, study, "depth", quantity)
    return figure


def _steps(study: ScalingStudy) -> Any:
    figure, panels = _panels(1, 1, (8, 5), "Finite differences of a chain against their step, and what has none")
    ax = panels[0, 0]
    assert study.steps is not None
    study.steps.plot(ax=ax)
    ax.axhline(study.rounding, color="black", lw=1.2, ls="--", label="reverse mode")
    ax.set_title("")
    ax.legend(loc="upper center", ncols=2)
    return figure


def _orders(study: ScalingStudy) -> Any:
    title = "Derivatives of higher order, of 10,000 results with respect to 1 input"
    figure, panels = _panels(1, 2, (11, 5), title, "Medians with quartiles")
    for ax, quantity in zip(panels[0], ("operations", "seconds"), strict=True):
        _curves(ax, study, "orders", quantity)
        ax.set_xscale("linear")
    return figure


def _hessian(study: ScalingStudy) -> Any:
    figure, panels = _panels(1, 3, (13, 5), "The Hessian of Rosenbrock's function", "Medians with quartiles")
    for ax, quantity in zip(panels[0], ("operations", "seconds", "counted_bytes"), strict=True):
        _curves(ax, study, "hessian", quantity, "number of ")
    return figure


def _chain(study: ScalingStudy) -> Any:
    runs = study.of("chain")[::-1]
    title = f"The Jacobian of the chain {study.sweeps['chain'].varies}"
    figure, panels = _panels(1, 3, (13, 3.5), title, "Medians with quartiles")
    for ax, quantity in zip(panels[0], ("operations", "peak_bytes", "seconds"), strict=True):
        costs = np.array([getattr(run, quantity) for run in runs])
        spread = np.abs(np.array([run.quartiles for run in runs]).T - costs) if quantity == "seconds" else None
        ax.errorbar(costs, [run.way for run in runs], xerr=spread, fmt="o", color="#0072b2", capsize=3.5)
        ax.set(xscale="log", xlabel=_LABELS[quantity])
        ax.grid(alpha=0.25)
        ax.tick_params(labelleft=quantity == "operations")
    return figure


_LABELS = {
    "operations": "operations, counted",
    "counted_bytes": "most bytes of arrays at once, counted",
    "peak_bytes": "peak of memory in bytes, measured",
    "seconds": "time in seconds",
}


def _curves(ax: Axes, study: ScalingStudy, name: str, quantity: str, of: str = "") -> None:
    """One curve for each way, with the quartiles of times and the exponents that were fitted."""
    sweep = study.sweeps[name]
    fits = {e.way: f": {e}" for e in study.exponents if (e.sweep, e.quantity) == (name, quantity)}
    for way in sweep.ways:
        runs = study.of(name, way)
        if not runs:
            continue
        colour, marker, line = _STYLES[way].split()
        costs = np.array([getattr(run, quantity) for run in runs])
        spread = np.abs(np.array([run.quartiles for run in runs]).T - costs) if quantity == "seconds" else None
        ax.errorbar(
            [run.size for run in runs], costs, spread, color=colour, marker=marker, ls=line, ms=4.5, lw=1.2, capsize=2.5,
            label=way + fits.get(way, ""),
        )  # fmt: skip
    if not study.of(name):
        return
    if sweep.fitted_from:
        ax.axvspan(sweep.fitted_from, sweep.sizes[-1], color="0.94", zorder=0)
    ax.set(yscale="log", xlabel=of + sweep.varies, ylabel=_LABELS[quantity])
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter("{x:g}")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * (high / low) ** 0.5)  # room for the legend
    ax.grid(alpha=0.25)
    ax.legend(fontsize=8.5, loc="upper left", title="exponents" if fits else None, title_fontsize=8.5)


_PICTURES: list[tuple[str, set[str], Callable[[ScalingStudy], Any]]] = [
    ("forward_or_reverse", {"inputs", "outputs", "crossover"}, _directions),
    ("memory", {"depth"}, _memory),
    ("steps", set(), _steps),
    ("orders", {"orders"}, _orders),
    ("hessian", {"hessian"}, _hessian),
    ("chain", {"chain"}, _chain),
]
