"""measure: how long something takes on this machine, and how much memory."""

from __future__ import annotations

import gc
import math
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Measurement", "measure", "measure_all"]

# Of calls that are shorter, one time is the least of so many as fit into that: the one that was disturbed least.
_ROUND = 5e-3


@dataclass(frozen=True)
class Measurement:
    """The result of `measure`.

    Attributes
    ----------
    times : tuple of float
        Seconds of a run, as often as it was measured.
    peak_bytes : int
        The most bytes that Python and NumPy held at once during a run, beyond what they held before.
    """

    times: tuple[float, ...]
    peak_bytes: int

    @property
    def seconds(self) -> float:
        """Median of the times."""
        return float(np.median(self.times))

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of the times."""
        low, high = np.percentile(self.times, [25, 75])
        return float(low), float(high)


def measure(call: Callable[[], Any], repeat: int = 5) -> Measurement:
    """Measure time and memory of a call.

    It is called once to warm up, ``repeat`` times with the clock (the least of several calls, if they are short), and once more
    with the allocations traced, which would slow down the others.

    Parameters
    ----------
    call : callable
        What is measured; it takes no arguments.
    repeat : int
        How many times are taken.

    Returns
    -------
    Measurement
        The times, with median and quartiles; the peak of memory.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum.complexity import measure
    >>> measure(lambda: np.ones(10_000)).peak_bytes >= 80_000
    True
    """
    return measure_all([call], [repeat])[0]


def measure_all(calls: Sequence[Callable[[], Any]], repeats: Sequence[int]) -> list[Measurement]:
    """Measure several calls in turn, so that what else the machine does at a time is no advantage to one of them.

    Parameters
    ----------
    calls : sequence of callable
        What is measured.
    repeats : sequence of int
        How many times are taken of each.
    """
    numbers = []
    for call in calls:
        start = time.perf_counter()
        call()
        numbers.append(max(1, int(_ROUND / max(time.perf_counter() - start, 1e-9))))
    times: list[list[float]] = [[] for _ in calls]
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for i in range(max(repeats)):
            for call, number, repeat, found in zip(calls, numbers, repeats, times, strict=True):
                if i < repeat:
                    found.append(_time(call, number))
        return [Measurement(tuple(found), _peak(call)) for call, found in zip(calls, times, strict=True)]
    finally:
        if collects:
            gc.enable()


def _time(call: Callable[[], Any], number: int) -> float:
    least = math.inf
    for _ in range(number):
        start = time.perf_counter()
        call()
        least = min(least, time.perf_counter() - start)
    return least


def _peak(call: Callable[[], Any]) -> int:
    """Most bytes held at once, beyond those before; whether somebody else traces allocations too."""
    traced = tracemalloc.is_tracing()
    if not traced:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call()
        return max(tracemalloc.get_traced_memory()[1] - before, 0)
    finally:
        if not traced:
            tracemalloc.stop()
