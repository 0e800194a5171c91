"""compare_modes: what the Jacobian of a function costs by either mode and by finite differences."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dualnum.boundary import Result
from dualnum.columns import chunk_size
from dualnum.complexity.counting import OperationCount, metered
from dualnum.complexity.measuring import Measurement, measure_all
from dualnum.complexity.units import aligned, duration, memory
from dualnum.complexity.ways import Columns, Differences, Rows, Way
from dualnum.differences.report import for_json
from dualnum.errors import InputError
from dualnum.inputs import as_input, describe_function
from dualnum.modes import choose_mode
from dualnum.pictures import Path, new_figure
from dualnum.transforms import check_real

__all__ = ["ModeCost", "ModesReport", "compare_modes"]

# Modes of which one is faster by less than this are called equally fast.
SIMILAR = 1.5

# Jacobians of more elements than this are not made, only parts of them.
_LARGEST = 1 << 26


@dataclass(frozen=True)
class ModeCost:
    """What a Jacobian takes by one way.

    Attributes
    ----------
    mode : str
        ``"forward"``, ``"reverse"`` or ``"finite differences"``.
    chunk : int
        Directions, rows or columns that are taken together.
    passes : int
        How many blocks of them there are.
    operations, calls : int
        Scalar operations and calls of primitives, as `count_operations` counts them.
    counted_bytes : int
        The most bytes of arrays alive at once, counted.
    times : tuple of float
        Seconds of a run, as often as it was measured.
    peak_bytes : int
        The most bytes held at once, measured.
    whole : bool
        Whether all of the Jacobian was computed; else time and memory are those of one block, times the number of blocks.
    difference : float
        Largest difference of what was computed from the reference, relative to the largest element of that.
    """

    mode: str
    chunk: int
    passes: int
    operations: int
    calls: int
    counted_bytes: int
    times: tuple[float, ...]
    peak_bytes: int
    whole: bool
    difference: float

    @property
    def measured(self) -> Measurement:
        """The times with their median and quartiles."""
        return Measurement(self.times, self.peak_bytes)

    @property
    def seconds(self) -> float:
        """Median of the times."""
        return self.measured.seconds

    @property
    def least(self) -> float:
        """The least of the times, which is the one that other programs have disturbed least."""
        return min(self.times)

    @property
    def name(self) -> str:
        """Name of the way, with the size of its blocks."""
        return self.mode if self.mode == "finite differences" else f"{self.mode}, {self.chunk} at a time"


@dataclass(frozen=True, repr=False)
class ModesReport:
    """The result of `compare_modes`; printed, it is a table with a recommendation.

    Attributes
    ----------
    name : str
        Name of the function.
    inputs, outputs : int
        Numbers of elements, n and m.
    function : OperationCount
        What the function itself takes.
    function_times : tuple of float
        Seconds of a run of the function itself.
    costs : tuple of ModeCost
        Forward mode by several chunk sizes, the default first; reverse mode; finite differences.
    automatic : str
        The mode that ``jacobian(f)`` takes unasked.
    """

    name: str
    inputs: int
    outputs: int
    function: OperationCount
    function_times: tuple[float, ...]
    costs: tuple[ModeCost, ...]
    automatic: str

    def cost_of(self, mode: str) -> ModeCost:
        """What a mode takes as ``jacobian(f, mode=...)`` does it, by chunks of the default size."""
        return next(cost for cost in self.costs if cost.mode == mode)

    @property
    def recommended(self) -> str:
        """The mode that was faster at best: ``"forward"`` or ``"reverse"``."""
        return min(("forward", "reverse"), key=lambda mode: self.cost_of(mode).least)

    @property
    def crossover(self) -> dict[str, float]:
        """Ratios n / m at which both modes would cost the same, if a direction and a row went on to cost what they do here.

        By ``"operations"`` and by ``"time"``: for fewer inputs per output forward mode costs less, for more reverse mode.
        """
        forward, reverse = self.cost_of("forward"), self.cost_of("reverse")
        shape = self.inputs / self.outputs
        return {
            "operations": shape * reverse.operations / forward.operations if forward.operations else float("nan"),
            "time": shape * reverse.least / forward.least,
        }

    @property
    def difference(self) -> float:
        """Largest relative difference between the modes; that of finite differences has their error in it."""
        return max(cost.difference for cost in self.costs if cost.mode != "finite differences")

    @property
    def reason(self) -> str:
        """Which mode to take and why, in a sentence."""
        taken, other = self.cost_of("forward"), self.cost_of("reverse")
        if self.recommended == "reverse":
            taken, other = other, taken
        counts = {"forward": _several(self.inputs, "direction"), "reverse": _several(self.outputs, "row")}
        factor = other.least / taken.least
        times = f"at best {duration(taken.least)} against {duration(other.least)}"
        share = taken.operations / max(other.operations, 1)
        if factor < SIMILAR:
            sentence = f"Take either mode: they are about as fast ({times}); {taken.mode} mode was faster here"
        else:
            sentence = (
                f"Take {taken.mode} mode: {counts[taken.mode]} took {times} for {counts[other.mode]} of the other"
            )
        if share > 1.1:
            sentence += (
                f", though with {share:.3g} times the operations, in {taken.calls:,} calls against {other.calls:,}"
            )
        else:
            sentence += f", with {share:.2g} times the operations"
        chunked = min((cost for cost in self.costs if cost.mode == "forward"), key=lambda cost: cost.least)
        if chunked.least * SIMILAR <= taken.least:
            sentence += f"; forward mode with chunk={chunked.chunk} took {duration(chunked.least)}"
        if factor >= SIMILAR and self.automatic != taken.mode:
            sentence += f'; jacobian(f) takes the other unasked, so say mode="{taken.mode}"'
        return sentence + "."

    def __str__(self) -> str:
        function = Measurement(self.function_times, self.function.peak_bytes)
        head = ("", "passes", "operations", "calls", "bytes, counted", "time", "quartiles", "memory", "difference")
        rows = [head, (
            "function", "1", f"{self.function.operations:,}", f"{self.function.calls:,}", memory(self.function.peak_bytes),
            duration(function.seconds), _spread(function), "", "",
        )]  # fmt: skip
        for cost in self.costs:
            about = "" if cost.whole else "~"
            rows.append((
                cost.name, f"{cost.passes:,}", f"{cost.operations:,}", f"{cost.calls:,}", memory(cost.counted_bytes),
                about + duration(cost.seconds), _spread(cost.measured), about + memory(cost.peak_bytes),
                f"{cost.difference:.1e}",
            ))  # fmt: skip
        lines = [f"Jacobian of {self.name}: n = {self.inputs} inputs, m = {self.outputs} outputs", aligned(rows)]
        if not all(cost.whole for cost in self.costs):
            lines.append("~ of one block, times their number")
        crossover = self.crossover
        lines.append(
            f"The modes would cost the same at n / m = {crossover['operations']:.3g} by operations, {crossover['time']:.3g} by "
            f"time; here it is {self.inputs / self.outputs:.3g}."
        )
        return "\n".join([*lines, self.reason])

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """All numbers, as what the module json can write."""
        return {
            "name": self.name,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "function": {**self.function.to_json(), "times": list(self.function_times)},
            "costs": [
                {
                    **vars(cost),
                    "difference": for_json(cost.difference),
                    "times": list(cost.times),
                    "seconds": cost.seconds,
                    "quartiles": list(cost.measured.quartiles),
                }
                for cost in self.costs
            ],
            "recommended": self.recommended,
            "automatic": self.automatic,
            "reason": self.reason,
            "crossover": {by: for_json(ratio) for by, ratio in self.crossover.items()},
            "difference": for_json(self.difference),
        }

    def plot(self, path: Path = None) -> Any:
        """Draw operations, time with its quartiles, and memory as bars.

        Parameters
        ----------
        path : path, optional
            Where to save the picture; its ending decides on the format.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        figure = new_figure((10, 1.6 + 0.35 * len(self.costs)), screen=path is None)
        from matplotlib.ticker import EngFormatter  # an optional extra; the line above says so where it is missing

        panels = figure.subplots(1, 3, sharey=True)
        names = [cost.name for cost in self.costs]
        colours = [_COLOURS[cost.mode] for cost in self.costs]
        seconds = np.array([cost.seconds for cost in self.costs])
        low, high = np.array([cost.measured.quartiles for cost in self.costs]).T
        panels[0].barh(names, [cost.operations for cost in self.costs], color=colours)
        panels[1].barh(names, seconds, color=colours, xerr=(seconds - low, high - seconds), capsize=3)
        panels[2].barh(names, [cost.peak_bytes for cost in self.costs], color=colours)
        labels = {"scalar operations, counted": "", "time: median and quartiles": "s", "peak memory, measured": "B"}
        for panel, (label, unit) in zip(panels, labels.items(), strict=True):
            lengths = [bar.get_width() for bar in panel.patches]
            panel.set(xlabel=label, xscale="log" if max(lengths) > 20 * min(lengths) > 0 else "linear")
            panel.xaxis.set_major_formatter(EngFormatter(unit))
            if panel.get_xscale() == "linear":
                panel.locator_params(axis="x", nbins=4)
            panel.tick_params(axis="x", which="minor", labelbottom=False)
            panel.grid(axis="x", alpha=0.3)
        panels[0].invert_yaxis()
        figure.suptitle(f"Jacobian of {self.name}: n = {self.inputs}, m = {self.outputs}")
        if path is not None:
            figure.savefig(path)
        return figure


_COLOURS = {"forward": "tab:blue", "reverse": "tab:orange", "finite differences": "tab:grey"}


def _several(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _spread(measured: Measurement) -> str:
    low, high = measured.quartiles
    return f"{duration(low)} - {duration(high)}"


def compare_modes(
    f: Callable[[Any], Any], x: Any, *, chunks: Sequence[int] = (1, 8, 64), repeat: int = 5, budget: float = 0.5
) -> ModesReport:
    """Compare what the Jacobian of a function takes: forward mode, reverse mode, finite differences.

    Operations are counted, time and memory measured. Where a way would take longer than `budget`, one block of it is measured
    and multiplied; the table marks that by ``~``.

    Parameters
    ----------
    f : callable
        Function of one array of real numbers; it returns a number, an array, or a list, tuple or dict of arrays.
    x : array_like
        The point, of any shape.
    chunks : sequence of int
        Numbers of directions that forward mode pushes together, besides the number that it takes by default.
    repeat : int
        How many times are taken.
    budget : float
        Seconds that one run may take.

    Returns
    -------
    ModesReport
        The numbers, and which mode to take; prints as a table, and has ``plot`` and ``to_json``.

    Raises
    ------
    InputError
        The argument is not real or is empty, or so is the result.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum.complexity import compare_modes
    >>> report = compare_modes(lambda x: np.sum(x**2), np.ones(2000))
    >>> report.recommended
    'reverse'
    """
    where = f"compare_modes({describe_function(f)})"
    x = as_input(x, where)
    check_real(x, False, where)
    g = partial(_of_array, f, x.ndim == 0, where)
    if not x.ndim:
        x = x.reshape(1)
    value = g(x.copy())
    if not x.size or not np.size(value):
        raise InputError(f"{where}: the Jacobian has no elements.")
    n, m = x.size, int(np.size(value))
    default = chunk_size(n, None)
    sizes = [default, *sorted({min(n, chunk) for chunk in chunks} - {default}, reverse=True)]
    ways: list[Way] = [
        *(Columns(g, n, m, size) for size in sizes),
        Rows(g, n, m, min(m, chunk_size(max(n, m), None))),
        Differences(g, n, m, 1),
    ]
    name = describe_function(f)
    function = metered(name, "function", lambda meter, f, args, *_: f(*args), g, (x,), (0,), {})
    trials = [_Trial(way, x, budget) for way in ways]
    calls = [lambda: g(x.copy()), *(trial.call for trial in trials)]
    plain, *measured = measure_all(calls, [repeat, *(repeat if trial.short else 1 for trial in trials)])
    costs = [trial.cost(times, trials[0].part) for trial, times in zip(trials, measured, strict=True)]
    return ModesReport(name, n, m, function, plain.times, tuple(costs), choose_mode(g, x).mode)


def _of_array(f: Callable[[Any], Any], scalar: bool, where: str, x: Any) -> Any:
    """Call a function with one array, or the number in it, and join its results to one."""
    leaves = Result(f(x[0] if scalar else x), where).leaves
    return leaves[0] if len(leaves) == 1 else np.concatenate([np.ravel(leaf) for leaf in leaves])


class _Trial:
    """A way that has been counted and tried: ``call`` is what is measured, ``part`` what it gives of the Jacobian."""

    def __init__(self, way: Way, x: Any, budget: float) -> None:
        self.way = way
        start = time.perf_counter()
        self.part = way.part(way.block(way.begin(x), x, way.size))
        seconds = time.perf_counter() - start
        self.short = seconds <= budget
        self.whole = seconds * way.blocks <= budget and way.n * way.m <= _LARGEST
        if self.whole:
            self.part = way.whole(x)
            self.call: Callable[[], Any] = lambda: way.whole(x)
        else:
            self.call = lambda: way.block(way.begin(x), x, way.size)
        last = way.total - (way.blocks - 1) * way.size
        self._full = _counted(way, x, way.size)
        self._last = self._full if last == way.size else _counted(way, x, last)
        self._begun = self._full if way.blocks == 1 else _counted(way, x, 0)

    def _total(self, quantity: Callable[[OperationCount], int]) -> int:
        """Count what all blocks take, where it begins once."""
        return (self.way.blocks - 1) * (quantity(self._full) - quantity(self._begun)) + quantity(self._last)

    def cost(self, measured: Measurement, reference: Any) -> ModeCost:
        """Put together what was counted and measured."""
        way = self.way
        factor, result = (1, 0) if self.whole else (way.blocks, 8 * way.n * way.m)
        rows, columns = (min(a, b) for a, b in zip(self.part.shape, reference.shape, strict=True))
        there = reference[:rows, :columns]
        return ModeCost(
            mode=way.mode,
            chunk=way.size,
            passes=way.blocks,
            operations=self._total(lambda count: count.operations),
            calls=self._total(lambda count: count.calls),
            counted_bytes=self._full.peak_bytes + (8 * way.n * way.m if way.blocks > 1 else 0),
            times=tuple(seconds * factor for seconds in measured.times),
            peak_bytes=measured.peak_bytes + result,
            whole=self.whole,
            difference=float(np.max(np.abs(self.part[:rows, :columns] - there)) / (np.max(np.abs(there)) or 1.0)),
        )


def _counted(way: Way, x: Any, k: int) -> OperationCount:
    """Count the beginning of a way, and a block of k columns or rows."""

    def run(meter: Any, f: Any, args: Any, *_: Any) -> Any:
        begun = way.begin(args[0])
        return way.block(begun, args[0], k) if k else begun

    return metered(way.mode, way.mode, run, way.f, (x,), (0,), {})
