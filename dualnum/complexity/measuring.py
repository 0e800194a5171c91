"""measure: how long something takes on this machine, and how much memory."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Measurement", "measure"]

# Runs that are shorter are repeated, so that the clock's resolution does not matter.
_SHORTEST = 1e-3


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

    It is called once to warm up, ``repeat`` times with the clock (several times in a row, if it is short), and once more with
    the allocations traced, which would slow down the others.

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
    start = time.perf_counter()
    call()
    number = max(1, int(_SHORTEST / max(time.perf_counter() - start, 1e-9)))
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        times = []
        for _ in range(repeat):
            start = time.perf_counter()
            for _ in range(number):
                call()
            times.append((time.perf_counter() - start) / number)
        return Measurement(tuple(times), _peak(call))
    finally:
        if collects:
            gc.enable()


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
