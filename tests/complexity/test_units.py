import pytest

from dualnum.complexity.units import aligned, duration, memory


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2 s"), (0.01234, "12.3 ms"), (5e-6, "5 us"), (4.2e-8, "42 ns"), (0.0, "0 ns")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (4096, "4.1 kB"), (2_345_678, "2.35 MB"), (3.2e9, "3.2 GB")]
)
def test_memory(count, text):
    assert memory(count) == text


def test_tables():
    assert aligned([["", "a", "bb"], ["left", "1", ""]]) == "      a  bb\nleft  1"
