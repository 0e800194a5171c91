"""scaling_study: how the cost of a Jacobian grows with inputs, outputs, width and depth, by counts and by the clock."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from dualnum.complexity import figures
from dualnum.complexity.chains import ChainCost, chain_cost
from dualnum.complexity.layers import WAYS, Chain
from dualnum.complexity.measuring import measure
from dualnum.complexity.sweeps import Sweep, chain_alone, standard_sweeps
from dualnum.complexity.units import aligned, duration, memory
from dualnum.differences import StepSizeStudy, step_size_study
from dualnum.differences.report import for_json

__all__ = ["Exponent", "Run", "ScalingStudy", "scaling_study"]

#: What exponents are fitted to: name -> attribute of a run. Of times it is the least, for other programs can but add to it.
QUANTITIES = {
    "operations": "operations",
    "seconds": "least",
    "counted_bytes": "counted_bytes",
    "peak_bytes": "peak_bytes",
}

SHOWN_SIZES = 7


@dataclass(frozen=True)
class Run:
    """What one way to a derivative took at one size.

    Attributes
    ----------
    sweep, way, size : str, str, int
        Which run it is.
    operations, counted_bytes : int
        Operations, and the most bytes alive at once, as `count_operations` counts them.
    deviation : float
        Largest difference from the derivative by the first way of the sweep, relative to its largest element.
    times, peaks : list of float, list of int
        Seconds, and most bytes held at once, as often as they were measured.
    """

    sweep: str
    way: str
    size: int
    operations: int
    counted_bytes: int
    deviation: float
    times: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Median of the times."""
        return float(np.median(self.times))

    @property
    def least(self) -> float:
        """The least of the times, which other programs have disturbed least."""
        return min(self.times)

    @property
    def peak_bytes(self) -> int:
        """Median of the peaks of memory."""
        return int(np.median(self.peaks))

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between these lies half of the times."""
        low, high = np.percentile(self.times, [25, 75])
        return float(low), float(high)


@dataclass(frozen=True)
class Exponent:
    """The p of the law ``cost = c * size**p``, with its 95 % confidence interval; the latter is infinite for two sizes.

    It is fitted to logarithms by least squares, and the interval is that of Student's distribution.
    """

    sweep: str
    way: str
    quantity: str
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ± {self.high - self.value:.2f}"


@dataclass(repr=False)
class ScalingStudy:
    """The result of `scaling_study`: tables when printed.

    Attributes
    ----------
    sweeps : dict of Sweep
        What was varied, by name.
    runs : list of Run
        All that was counted and measured.
    steps : StepSizeStudy or None
        Errors of finite differences of the standard chain.
    rounding : float
        What the derivative of the same chain by reverse mode differs from that by forward mode, relative.
    theory : ChainCost or None
        Multiplications of a chain of one's own, by formula.
    complete : bool
        Whether the study came to its end, and was not interrupted.
    """

    sweeps: dict[str, Sweep]
    runs: list[Run] = field(default_factory=list)
    steps: StepSizeStudy | None = None
    rounding: float = float("nan")
    theory: ChainCost | None = None
    complete: bool = False

    def of(self, sweep: str, way: str | None = None) -> list[Run]:
        """Runs of a sweep, or of one way in it, by size."""
        return [run for run in self.runs if run.sweep == sweep and way in (None, run.way)]

    @property
    def exponents(self) -> list[Exponent]:
        """Exponents of all sweeps and ways for which there are two sizes at least."""
        found = []
        for name, sweep in self.sweeps.items():
            for way in sweep.ways:
                runs = [run for run in self.of(name, way) if run.size >= sweep.fitted_from > 0]
                if len(runs) > 1:
                    found += [_exponent(runs, quantity) for quantity in QUANTITIES]
        return found

    def exponent(self, sweep: str, way: str, quantity: str) -> Exponent:
        """One of them."""
        return next(e for e in self.exponents if (e.sweep, e.way, e.quantity) == (sweep, way, quantity))

    def __str__(self) -> str:
        parts = [_table(self, name, sweep) for name, sweep in self.sweeps.items() if self.of(name)]
        if self.theory is not None:
            parts.insert(0, str(self.theory))
        if self.steps is not None:
            parts.append("error of finite differences against their step\n" + str(self.steps))
        return "\n\n".join(parts)

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """All numbers, and the machine they are of, as what the module json can write."""
        return {
            "machine": {
                "system": f"{platform.system()} {platform.machine()}",
                "processors": os.cpu_count(),
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
            "complete": self.complete,
            "theory": asdict(self.theory) if self.theory else None,
            "runs": [asdict(run) for run in self.runs],
            "exponents": [{**asdict(e), "low": for_json(e.low), "high": for_json(e.high)} for e in self.exponents],
            "steps": self.steps.to_dict() if self.steps else None,
            "rounding": for_json(self.rounding),
        }

    def plot(self, directory: str | os.PathLike[str]) -> list[Path]:
        """Draw one figure for each question that there are runs for.

        Parameters
        ----------
        directory : path
            Where to save them; it is made if it is not there.

        Returns
        -------
        list of Path
            The pictures that were saved.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        Path(directory).mkdir(parents=True, exist_ok=True)
        return figures.draw(self, Path(directory))


def scaling_study(
    dims: Sequence[int] | None = None,
    *,
    largest: int = 512,
    width: int = 512,
    depth: int = 32,
    repeat: int = 5,
    progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> ScalingStudy:
    """Cost of the Jacobian of a chain, against its dimensions: counted and measured, by all ways to it.

    The chain consists of functions ``tanh(W x)``. Forward mode, reverse mode with and without checkpoints, the product of
    explicit Jacobians in the best order and finite differences are compared; then the errors of finite differences, and the
    cost of derivatives of higher order. Ctrl-C ends the study, with what was measured so far.

    Parameters
    ----------
    dims : sequence of int, optional
        A chain of one's own. The ways are compared on it, and nothing else is studied.
    largest : int
        The most inputs and outputs, at least 64.
    width, depth : int
        Dimension and number of the inner functions, where they are not varied; at least 16 and 4.
    repeat : int
        How often each run is measured.
    progress : callable, optional
        Is given the list of all runs and iterates through it: ``tqdm``, for instance.

    Returns
    -------
    ScalingStudy
        Prints as tables; ``plot`` draws the figures, ``to_json`` gives all numbers.

    Raises
    ------
    ShapeError
        The dimensions are those of no chain.
    ValueError
        There would be too little to compare.

    Notes
    -----
    Runs are measured in rounds through a whole sweep, and exponents are fitted to the least times: so they bear a machine
    that is busy now and then. They are fitted to large sizes alone, where arithmetic takes more time than Python does.

    Examples
    --------
    >>> from dualnum.complexity import scaling_study
    >>> study = scaling_study([40, 30, 20, 1], repeat=1)
    >>> {run.way: run.operations for run in study.runs if run.way.endswith("mode")}
    {'forward mode': 151382, 'reverse mode': 7433}
    """
    if min(largest / 64, width / 16, depth / 4, repeat) < 1:
        raise ValueError("scaling_study: needs largest >= 64, width >= 16, depth >= 4 and repeat >= 1")
    if dims is None:
        study = ScalingStudy(standard_sweeps(largest, width, depth))
    else:
        study = ScalingStudy({"chain": chain_alone(dims)}, theory=chain_cost(dims))
    known: dict[Any, Any] = {}
    tasks: list[Callable[[], None]] = []
    for name, sweep in study.sweeps.items():
        cases = [_Case(study, name, way, size, known) for size in sweep.sizes for way in sweep.ways]
        # In rounds: so a slow minute of the machine hits all sizes alike, and not the exponents.
        tasks += repeat * cases
    if dims is None:
        tasks.append(partial(_add_steps, study, Chain((largest // 8, width, width, 1))))
    try:
        for task in progress(tasks):
            task()
        study.complete = True
    except KeyboardInterrupt:
        pass
    return study


class _Case:
    """A way at a size, to be called again and again: it is counted for the first time, and measured each time."""

    def __init__(self, study: ScalingStudy, sweep: str, way: str, size: int, known: dict[Any, Any]) -> None:
        self.study, self.key, self.known = study, (sweep, way, size), known
        self.begun: tuple[Run, Callable[[], Any]] | None = None

    def __call__(self) -> None:
        run, call = self.begun or self._begin()
        measured = measure(call, repeat=1)
        run.times.extend(measured.times)
        run.peaks.append(measured.peak_bytes)
        if self.begun is None:
            self.begun = run, call
            self.study.runs.append(run)

    def _begin(self) -> tuple[Run, Callable[[], Any]]:
        name, way_name, size = self.key
        sweep = self.study.sweeps[name]
        problem, way = sweep.problem(size), sweep.ways[way_name]
        call = partial(way.derivative(problem), problem.point)
        found, counted = call(), way.count(problem)
        deviation = _deviation(found, self.known.setdefault((name, size), found))
        return Run(*self.key, counted.operations, counted.peak_bytes, deviation), call


def _add_steps(study: ScalingStudy, chain: Chain) -> None:
    """Study the step of finite differences, along the direction in which all inputs grow alike."""
    study.steps = step_size_study(chain, chain.point)
    by_rows = WAYS["reverse mode"].derivative(chain)(chain.point)
    study.rounding = _deviation(np.sum(by_rows, axis=-1), study.steps.reference)


def _deviation(found: Any, reference: Any) -> float:
    """Largest difference of arrays, relative to the largest element."""
    return float(np.max(np.abs(found - reference)) / np.max(np.abs(reference)))


def _exponent(runs: Sequence[Run], quantity: str) -> Exponent:
    x = np.log([run.size for run in runs])
    y = np.log([getattr(run, QUANTITIES[quantity]) for run in runs])
    x -= np.mean(x)
    y -= np.mean(y)
    slope = float(x @ y / (x @ x))
    freedom = len(runs) - 2
    error = np.sqrt(np.sum((y - slope * x) ** 2) / (x @ x) / freedom) if freedom else np.inf
    margin = float(error * special.stdtrit(max(freedom, 1), 0.975))
    first = runs[0]
    return Exponent(first.sweep, first.way, quantity, slope, slope - margin, slope + margin)


def _table(study: ScalingStudy, name: str, sweep: Sweep) -> str:
    """Times against sizes, and the exponents; of the only size of a chain, all that is known."""
    if name == "chain":
        head = ["", "operations", "time", "peak memory", "deviation"]
        rows = [
            [run.way, f"{run.operations:,}", duration(run.seconds), memory(run.peak_bytes), f"{run.deviation:.1e}"]
            for run in study.of(name)
        ]
        return f"Jacobian of the chain {sweep.varies}\n" + aligned([head, *rows])
    times = _against_sizes(study, name, "seconds", "time", "operations", duration)
    if name != "depth":
        return times
    return times + "\n\n" + _against_sizes(study, name, "peak_bytes", "peak memory", "counted_bytes", memory)


def _against_sizes(
    study: ScalingStudy, name: str, measured: str, title: str, counted: str, write: Callable[[float], str]
) -> str:
    """A measured quantity against some sizes, with its exponents, and those of what was counted."""
    sweep = study.sweeps[name]
    stride = -(-len(sweep.sizes) // SHOWN_SIZES)
    shown = list(sweep.sizes)[::-stride][::-1]
    exponents = {(e.way, e.quantity): str(e) for e in study.exponents if e.sweep == name}
    head = ["", *map(str, shown)]
    if exponents:
        head += [f"{title} ~ n^", f"{counted.replace('_', ' ')} ~ n^"]
    rows = []
    for way in sweep.ways:
        known = {run.size: write(getattr(run, measured)) for run in study.of(name, way)}
        row = [way, *(known.get(size, "") for size in shown)]
        rows.append(
            row + [exponents.get((way, quantity), "") for quantity in (measured, counted)][: len(head) - len(row)]
        )
    return f"{title} against the {sweep.varies}\n" + aligned([head, *rows])
