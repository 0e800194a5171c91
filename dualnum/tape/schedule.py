"""Where to store snapshots of a long iteration, so that it can be traversed back with few of them.

The way back needs the states in reverse order. With `memory` snapshots beside the current state, the others are computed
again from the nearest snapshot before them. The binomial schedule does that with the least number of steps: Griewank and
Walther, Algorithm 799: revolve, ACM Trans. Math. Softw. 26 (2000), 19-45. With r repetitions, the last of
``binomial(memory + r, memory)`` steps can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import Literal, NamedTuple

__all__ = ["Action", "evaluations", "schedule"]


class Action(NamedTuple):
    """One action on the current state.

    ``store``: keep a copy of it, as the snapshot of step `at`. ``advance``: take the steps from `at` to `to`. ``restore``:
    go back to the snapshot of step `at`; ``take``: so for the last time, its memory is free then. ``reverse``: pull the
    cotangent back through step `at`, whose state is the current one.
    """

    kind: Literal["store", "advance", "restore", "take", "reverse"]
    at: int
    to: int = -1


def _repetitions(n: int, memory: int) -> int:
    """How often a step must be taken at most: the least r with ``binomial(memory + r, memory) >= n``."""
    r = 0
    reach = 1
    while reach < n:
        r += 1
        reach = reach * (memory + r) // r
    return r


def evaluations(n: int, memory: int) -> int:
    """Steps that a schedule advances: ``r n - binomial(memory + r, r - 1)`` with r repetitions; no schedule needs fewer.

    The reversed steps are not counted, each of which is computed once more, on a tape.
    """
    r = _repetitions(n, memory)
    return r * n - comb(memory + r, r - 1) if r else 0


def _advance(n: int, memory: int) -> int:
    """After how many of n > 1 steps to store the next of `memory` > 1 snapshots, of which the first is at the beginning.

    The steps before it are then reversed with `memory` snapshots and one repetition less, those after it with a snapshot
    less. This is the longest of the best: so the fewest are stored.
    """
    r = _repetitions(n, memory)
    return min(comb(memory + r - 1, memory), n - comb(memory + r - 2, memory - 1))


def schedule(n: int, memory: int) -> Iterator[Action]:
    """Give the actions that traverse n steps back, beginning and ending at the state before the first step.

    Parameters
    ----------
    n : int
        Number of steps.
    memory : int
        How many snapshots may be kept at once, at least 1: the first is of the beginning.
    """
    stored: list[int] = []
    here = 0
    if n > 1:
        yield Action("store", 0)
        stored.append(0)
    for last in reversed(range(n)):
        if here > last:
            here = stored[-1]
            if here == last:
                yield Action("take", stored.pop())
            else:
                yield Action("restore", here)
        while here < last:
            start, free = here, memory - len(stored)
            here = start + _advance(last + 1 - start, free + 1) if free else last
            yield Action("advance", start, here)
            if here < last:
                yield Action("store", here)
                stored.append(here)
        yield Action("reverse", last)
