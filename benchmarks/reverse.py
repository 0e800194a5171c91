"""Value and gradient in reverse mode: dualnum, the gradient by hand and other libraries; and memory with checkpoints."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import dualnum
from benchmarks.comparison import (
    Adapter,
    Result,
    against,
    by_hand,
    compare,
    conclude,
    installed,
    introduce,
    markdown,
    number,
    parse,
)
from benchmarks.peers import REVERSE_PEERS, Contestant
from benchmarks.problems import Problem
from benchmarks.reverse_problems import HEAT, PROBLEMS, STEPS

__all__ = ["HEAT_OURS", "OURS", "main", "peak_memory"]

SNAPSHOTS = 10

# What checkpoints may take: of the peak memory and of the time without them.
MEMORY_BAR, TIME_BAR = 0.05, 4.0


def _dualnum(problem: Problem) -> Contestant:
    return Contestant.calling(partial(dualnum.value_and_grad(problem.function), *problem.primals, *problem.data))


def _checkpointed(problem: Problem) -> Contestant:
    def march(step: Callable[[Any], Any], state: Any) -> Any:
        return dualnum.checkpoint_scan(step, state, STEPS, memory=SNAPSHOTS)

    return _dualnum(replace(problem, function=partial(problem.function, march=march)))


OURS: dict[str, Adapter] = {"dualnum": _dualnum, "by hand": by_hand}
HEAT_OURS: dict[str, Adapter] = {**OURS, "dualnum cp": _checkpointed}


def peak_memory(call: Callable[[], object]) -> int:
    """Largest number of bytes, of Python's objects and NumPy's arrays, that a call holds at one time."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _with_peaks(problems: list[Problem], results: list[Result]) -> list[Result]:
    by_name = {problem.name: problem for problem in problems}

    def measured(result: Result) -> Result:
        if result.contestant not in HEAT_OURS or result.failure:
            return result
        return replace(result, peak=peak_memory(HEAT_OURS[result.contestant](by_name[result.problem]).results))

    return list(map(measured, results))


def _memory_table(results: list[Result]) -> str:
    """Write peaks and times, and their ratios to those of dualnum without checkpoints."""
    without = {r.problem: r for r in results if r.contestant == "dualnum"}
    rows = []
    for r in results:
        base = without[r.problem]
        if r.peak is None or r.ratio is None:
            continue
        row = [r.problem, r.contestant, f"{r.peak / 1e6:.3g}", number(r.ratio), "-", "-"]
        if base.peak is not None and base.ratio is not None:
            bars = (100 * MEMORY_BAR, TIME_BAR) if r.contestant == "dualnum cp" else (None, None)
            shares = 100 * r.peak / base.peak, r.ratio / base.ratio
            row[4:] = [against(share, bar) for share, bar in zip(shares, bars, strict=True)]
        rows.append(row)
    return markdown(["problem", "contestant", "peak MB", "time", "% of dualnum's peak", "of its time"], rows)


def main(argv: list[str]) -> int:
    """Run the benchmark; 1 if dualnum fails or is wrong on a problem, 2 on bad options."""
    options = parse(argv, "reverse", __doc__, [*PROBLEMS, *HEAT], REVERSE_PEERS)
    introduce("value and gradient together", options)
    results = compare([p for p in options.problems if p in PROBLEMS], OURS | installed(options.peers), options)
    if heat := [p for p in options.problems if p in HEAT]:
        stepped = _with_peaks(heat, compare(heat, HEAT_OURS, options))
        print(f"\n{STEPS:,} steps; dualnum cp: with {SNAPSHOTS} checkpoints", end=", ")
        print(f"which may take {MEMORY_BAR:.0%} of the peak memory and {TIME_BAR:g} times the time")
        print(_memory_table(stepped))
        results += stepped
    return conclude(results, options)
