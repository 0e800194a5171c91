"""The binomial schedule: every step reversed once, in order, with no more snapshots and steps than there must be."""

from functools import cache
from math import comb

import pytest

from dualnum.tape.schedule import evaluations, schedule


@cache
def fewest(n, memory):
    """The fewest steps that reverse n, by trying every place for the next snapshot."""
    if memory == 1:
        return n * (n - 1) // 2
    return min((m + fewest(n - m, memory - 1) + fewest(m, memory) for m in range(1, n)), default=0)


def run(n, memory):
    """Follow a schedule with a state that is the number of its step; give the steps advanced and the most snapshots."""
    state, stored, reversed_steps = 0, set(), []
    advanced = most = 0
    for kind, at, to in schedule(n, memory):
        if kind == "store":
            assert state == at not in stored
            stored.add(at)
            most = max(most, len(stored))
        elif kind == "advance":
            assert state == at < to <= n
            advanced += to - at
            state = to
        elif kind == "reverse":
            assert state == at
            reversed_steps.append(at)
            state = None  # a step may work in place
        else:
            assert at in stored
            state = at
            if kind == "take":
                stored.remove(at)
    assert reversed_steps == list(reversed(range(n)))
    assert not stored
    return advanced, most


@pytest.mark.parametrize("memory", range(1, 7))
def test_no_schedule_needs_fewer_steps(memory):
    for n in range(41):
        advanced, most = run(n, memory)
        assert advanced == evaluations(n, memory) == fewest(n, memory)
        assert most <= memory


@pytest.mark.parametrize(("n", "memory"), [(1000, 10), (1001, 10), (1002, 10), (999, 1), (5000, 2), (300, 1000)])
def test_long_schedules(n, memory):
    advanced, most = run(n, memory)
    assert advanced == evaluations(n, memory)
    assert most == min(memory, n - 1)


def test_repetitions_of_a_thousand_steps():
    # Griewank & Walther: with 10 snapshots, 4 repetitions reach 1,001 steps.
    assert comb(14, 4) == 1001
    assert evaluations(1000, 10) == 3636 < 4 * 1000
    assert evaluations(1001, 10) == 3640
    # The next step needs a fifth.
    assert evaluations(1002, 10) == 3645
    # Enough memory for every state: nothing is done twice.
    assert evaluations(1000, 1000) == 999
