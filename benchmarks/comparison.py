"""The comparison itself: contestants take turns at each problem, are held to the result by hand, and go into tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optree
import scipy

from benchmarks.peers import Contestant, Peer
from benchmarks.problems import Problem
from benchmarks.timing import interleave, new_timer

__all__ = [
    "Adapter",
    "Result",
    "against",
    "by_hand",
    "compare",
    "conclude",
    "deviation",
    "installed",
    "introduce",
    "markdown",
    "number",
    "parse",
    "run",
]

Adapter = Callable[[Problem], Contestant]

# Beyond this, a derivative that claims to be exact is wrong; differences are not held to it.
TOLERANCE = 1e-10
# Of the names of contestants.
_WIDTH = 28


@dataclass(frozen=True)
class Result:
    """What one contestant did on one problem; ``failure`` says why there are no numbers, ``peak`` is in bytes."""

    problem: str
    contestant: str
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    seconds: float | None = None
    batches: int = 0
    deviation: float | None = None
    failure: str = ""
    peak: int | None = None


def by_hand(problem: Problem) -> Contestant:
    """Make the contestant that is the floor of all others."""
    return Contestant.calling(partial(problem.by_hand, *problem.primals, *problem.tangents, *problem.data))


def deviation(problem: Problem, results: Any) -> float:
    """Largest relative deviation from value and derivative by hand; these may be trees of arrays.

    Each row of the Jacobian, and the value as a whole, is measured on the scale of its largest entry, because entries
    that are zero, or nearly so by cancellation, have no scale of their own.
    """
    wanted = problem.by_hand(*problem.primals, *problem.tangents, *problem.data)
    wants, structure = optree.tree_flatten(wanted)
    return float(np.max([_relative(*pair) for pair in zip(structure.flatten_up_to(results), wants, strict=True)]))


def _relative(got: Any, want: Any) -> float:
    got = np.asarray(got, float).reshape(np.shape(want))
    scale = np.max(np.abs(want), axis=-1, keepdims=True, initial=0.0) if np.ndim(want) else np.abs(want)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(got == want, 0.0, np.abs(got - want) / scale)
    return float(np.max(relative))


def run(problem: Problem, adapters: Mapping[str, Adapter], **timing: Any) -> list[Result]:
    """Let the contestants do one problem in turns; the first result is plain NumPy's.

    ``timing`` goes to `interleave`.
    """
    arguments = (*problem.primals, *problem.data)
    if problem.statement is None:
        plain = new_timer(partial(problem.function, *arguments))
    else:
        plain = new_timer(problem.statement, globals={"np": np, **dict(zip("ab", arguments, strict=False))})
    timers, results = {"NumPy": plain}, []
    checked: dict[str, float | None] = {"NumPy": None}
    for name, adapt in adapters.items():
        try:
            contestant = adapt(problem)
            checked[name] = deviation(problem, contestant.results())
            timers[name] = contestant.timer
        except Exception as error:  # whatever a library says when it cannot do a problem belongs in the report
            failure = f"{type(error).__name__}: {error}".partition("\n")[0]
            results.append(Result(problem.name, name, failure=failure))
    timings = interleave(timers, plain, **timing)
    timed = [
        Result(problem.name, name, t.ratio, t.spread, t.time, len(t.ratios), checked[name])
        for name, t in timings.items()
    ]
    return timed + results


def number(x: float) -> str:
    """Write three digits, without an exponent."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def against(x: float, bar: float | None) -> str:
    """Write a number, and whether it misses its bar."""
    return number(x) + " (over)" * (bar is not None and x > bar)


def _print_problem(problem: Problem, results: list[Result]) -> None:
    bar = f"   (bar: {problem.bar:g})" if problem.bar else ""
    print(
        f"\n{problem.name}{bar}\n  {'':{_WIDTH}}{'ratio':>9}  {'quartiles':^19}{'µs':>13}{'batches':>9}  {'deviation':>9}"
    )
    for r in results:
        if r.ratio is None or r.spread is None or r.seconds is None:
            print(f"  {r.contestant:{_WIDTH}}{'-':>9}  {r.failure[:90]}")
            continue
        low, high = map(number, r.spread)
        checked = "" if r.deviation is None else f"{r.deviation:.1e}"
        wrong = "  WRONG" if _is_wrong(r) else ""
        ratios = f"{number(r.ratio):>9}  {low:>8} - {high:<8}"
        print(f"  {r.contestant:{_WIDTH}}{ratios}{1e6 * r.seconds:>13,.2f}{r.batches:>9}  {checked:>9}{wrong}")
    sys.stdout.flush()


def _is_wrong(result: Result) -> bool:
    exact = result.contestant != "differences"
    return exact and result.deviation is not None and not result.deviation < TOLERANCE


def _summary(problems: list[Problem], results: list[Result], names: list[str]) -> str:
    """Write the ratios as one Markdown table."""
    by_key = {(r.problem, r.contestant): r for r in results}
    head = ["problem", "NumPy µs", "dualnum µs", "bar", "deviation", *names]
    rows = []
    for problem in problems:
        ratios = []
        for name in names:
            r = by_key[problem.name, name]
            bar = problem.bar if name == "dualnum" else None
            ratios.append("-" if r.ratio is None else against(r.ratio, bar) + " (wrong)" * _is_wrong(r))
        plain, ours = by_key[problem.name, "NumPy"], by_key[problem.name, "dualnum"]
        micros = ["-" if r.seconds is None else number(1e6 * r.seconds) for r in (plain, ours)]
        checked = "-" if ours.deviation is None else f"{ours.deviation:.0e}"
        rows.append([problem.name, *micros, f"{problem.bar:g}" if problem.bar else "", checked, *ratios])
    return markdown(head, rows)


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Write a table."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def _machine(peers: Mapping[str, str | None]) -> dict[str, Any]:
    """Find out what the numbers depend on."""
    cpuinfo = Path("/proc/cpuinfo")
    models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line] if cpuinfo.exists() else []
    return {
        "processor": models[0].partition(":")[2].strip() if models else platform.processor() or platform.machine(),
        "cores used": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "of": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "SciPy": scipy.__version__,
        **{name: version for name, version in peers.items() if version is not None},
    }


def _chosen(problems: Iterable[Problem], wanted: list[str]) -> list[Problem]:
    """Select the problems with one of these names, or else with one of these texts in their names."""
    exact = [p for p in problems if p.name in wanted]
    rest = [text.lower() for text in wanted if text not in {p.name for p in exact}]
    return [p for p in problems if p in exact or any(text in p.name.lower() for text in rest)]


def parse(argv: list[str], name: str, description: str, problems: list[Problem], peers: Mapping[str, Peer]) -> Any:
    """Read the options of a benchmark: what `problems` and `peers` there are is chosen from; bad options exit with 2."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=description)
    parser.add_argument("--problems", nargs="+", metavar="NAME", help="full names, or texts that occur in names")
    parser.add_argument(
        "--peers", nargs="*", choices=peers, metavar="NAME", help=f"some (or none) of {', '.join(peers)}"
    )
    parser.add_argument("--repeat", type=int, default=21, help="rounds (default %(default)s)")
    parser.add_argument("--batch", type=float, default=0.004, help="seconds per batch (default %(default)s)")
    parser.add_argument("--budget", type=float, default=1.5, help="seconds per contestant and problem (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there")
    options = parser.parse_args(argv)
    options.problems = _chosen(problems, options.problems) if options.problems else problems
    if not options.problems or options.repeat < 1:
        parser.error("no problem has such a name" if not options.problems else "--repeat must be at least 1")
    options.peers = {name: peers[name] for name in (peers if options.peers is None else options.peers)}
    return options


def introduce(headline: str, options: Any) -> None:
    """Print what is measured, where, and which libraries are missing."""
    options.machine = _machine({name: peer.version for name, peer in options.peers.items()})
    print(f"{headline}, time as a ratio to the plain NumPy function")
    print(", ".join(f"{key} {value}" for key, value in options.machine.items()))
    if missing := [name for name, peer in options.peers.items() if peer.version is None]:
        print(f"not installed: {', '.join(missing)}")


def installed(peers: Mapping[str, Peer]) -> dict[str, Adapter]:
    """Return the adapters of the libraries that are there."""
    return {name: peer.adapt for name, peer in peers.items() if peer.version is not None}


def compare(problems: list[Problem], adapters: Mapping[str, Adapter], options: Any) -> list[Result]:
    """Let the contestants do the problems, and print a block for each and one table."""
    results: list[Result] = []
    for problem in problems:
        found = run(problem, adapters, repeat=options.repeat, batch=options.batch, budget=options.budget)
        _print_problem(problem, found)
        results += found
    if problems:
        print("\n" + _summary(problems, results, list(adapters)))
    return results


def conclude(results: list[Result], options: Any) -> int:
    """Write the numbers to a file if that is wanted; 1 if dualnum fails or is wrong on a problem."""
    if options.json:
        numbers = {"machine": options.machine, "results": [asdict(r) for r in results]}
        options.json.write_text(json.dumps(numbers, indent=1))
    return int(any(r.failure or _is_wrong(r) for r in results if r.contestant.startswith("dualnum")))
