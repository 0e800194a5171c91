"""Interleaved timing: every batch of a contestant is paired with a batch of the reference right before it.

On a machine with other work, clock speed and cache drift by more than the differences of interest. Ratios are therefore
taken within a pair, and contestants take turns, so that a slow second hits all of them; medians and quartiles of the
ratios are reported, never the best run. Where the process can be kept on one core (see `__main__`),
its CPU time is taken: this is the elapsed time without the intervals that the core gave to others.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from timeit import Timer

import numpy as np

__all__ = ["Timing", "interleave", "new_timer"]

new_timer = partial(Timer, timer=time.process_time if hasattr(os, "sched_setaffinity") else time.perf_counter)


@dataclass
class Timing:
    """The batches of one contestant: seconds per run, and the ratios to the reference's batch next to each."""

    seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    @property
    def time(self) -> float:
        """Median seconds of one run."""
        return float(np.median(self.seconds))

    @property
    def ratio(self) -> float:
        """Median ratio to the reference."""
        return float(np.median(self.ratios))

    @property
    def spread(self) -> tuple[float, float]:
        """Lower and upper quartile of the ratios."""
        low, high = np.percentile(self.ratios, [25, 75])
        return float(low), float(high)


def interleave(
    contestants: Mapping[str, Timer], reference: Timer, *, repeat: int = 21, batch: float = 0.004, budget: float = 1.5
) -> dict[str, Timing]:
    """Time the contestants in turns.

    Parameters
    ----------
    contestants
        Name -> timer. Each is run for warm-up first, which is also where compilers do their work.
    reference
        What the ratios refer to.
    repeat
        Number of rounds; in each, every contestant runs one batch.
    batch
        Seconds that a batch should last (a single run, if that takes longer).
    budget
        Seconds after which a contestant is left out of further rounds; each runs in the first.

    Returns
    -------
    dict
        Name -> Timing.
    """
    reference_runs = _runs_per_batch(reference, batch)
    runs = {name: _runs_per_batch(timer, batch) for name, timer in contestants.items()}
    timings = {name: Timing() for name in contestants}
    spent = dict.fromkeys(contestants, 0.0)
    for _ in range(repeat):
        for name, timer in contestants.items():
            if spent[name] > budget:
                continue
            base = reference.timeit(reference_runs) / reference_runs
            total = timer.timeit(runs[name])
            spent[name] += total
            timings[name].seconds.append(total / runs[name])
            timings[name].ratios.append(total / runs[name] / base)
    return timings


def _runs_per_batch(timer: Timer, batch: float) -> int:
    """Warm up with as many runs as fill a batch, and return how many these are."""
    timer.timeit(1)
    runs = 1
    while (elapsed := timer.timeit(runs)) < batch / 2:
        runs = max(2 * runs, int(runs * batch / max(elapsed, 1e-9)) // 2)
    return max(1, round(runs * batch / elapsed))
