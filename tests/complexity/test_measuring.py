"""Measured time and memory; of times only what no clock can change."""

import gc
import tracemalloc

import numpy as np
import pytest

from dualnum.complexity import Measurement, measure


def test_calls_and_memory():
    calls = []

    def call():
        calls.append(tracemalloc.is_tracing())
        return np.ones(100_000) + np.ones(100_000)

    measured = measure(call, repeat=3)
    assert len(measured.times) == 3 and min(measured.times) > 0.0
    assert calls[-1] and not any(calls[:-1]) and len(calls) >= 5  # only the last is traced
    assert 2 * 800_000 <= measured.peak_bytes < 5 * 800_000
    assert gc.isenabled() and not tracemalloc.is_tracing()


def test_memory_is_that_of_the_call():
    """What was there before does not count, nor is the tracing of somebody else ended."""
    tracemalloc.start()
    try:
        np.ones(5_000_000)  # gone already
        before = np.ones(1_000_000)
        assert measure(lambda: np.ones(1000), repeat=1).peak_bytes < before.nbytes
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def test_median_and_spread():
    measured = Measurement((5.0, 1.0, 2.0, 3.0, 4.0), 0)
    assert measured.seconds == 3.0 and measured.quartiles == (2.0, 4.0)


def test_the_collector_comes_back():
    with pytest.raises(ZeroDivisionError):
        measure(lambda: 1 // (len(gc.get_count()) - 3), repeat=1)
    assert gc.isenabled()


def test_of_short_calls_the_least_counts(monkeypatch):
    """Such a call is disturbed easily; after one of 1 ms to warm up, five make a round."""
    durations = iter([1e-3, 5.0, 1.0, 3.0, 2.0, 4.0])
    clock = [0.0]

    def call():
        clock[0] += next(durations, 0.0)

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    assert measure(call, repeat=1).times == (1.0,)
