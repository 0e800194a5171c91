"""The comparison of the modes: what was counted exactly; of times only what no clock can change."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dualnum import InputError, MissingExtraError
from dualnum.complexity import compare_modes, count_operations
from dualnum.dispatch import primal_all

RNG = np.random.default_rng(8)
FIRST, SECOND = RNG.normal(size=(6, 20)), RNG.normal(size=(3, 6))
X = RNG.normal(size=20)


def network(x):
    return SECOND @ np.tanh(FIRST @ x)


@pytest.fixture(scope="module")
def report():
    return compare_modes(network, X, chunks=(1, 8, 50), repeat=2, budget=np.inf)


def test_ways(report):
    assert (report.name, report.inputs, report.outputs) == ("network", 20, 3)
    assert [(cost.mode, cost.chunk, cost.passes) for cost in report.costs] == [
        ("forward", 20, 1),
        ("forward", 8, 3),
        ("forward", 1, 20),
        ("reverse", 3, 1),
        ("finite differences", 1, 20),
    ]
    assert all(cost.whole and len(cost.times) == 2 and cost.peak_bytes > 20 * 3 * 8 for cost in report.costs)
    assert len(report.function_times) == 2


def test_operations_are_those_of_the_whole(report):
    """They are put together from those of a block, the last block, and the beginning."""
    function = count_operations(network, X).operations
    assert report.function.operations == function
    for cost in report.costs[:4]:
        counted = count_operations(network, X, mode=cost.mode, chunk=cost.chunk)
        assert cost.operations == counted.operations
    # Two values, their difference by the step; and the step added and subtracted.
    assert report.costs[4].operations == 20 * (2 * function + 2 * 3 + 2)


def test_reverse_in_blocks():
    """The tape is recorded once, whatever the number of blocks; the last block has fewer rows."""
    report = compare_modes(lambda x: np.outer(x, x), np.ones(60), chunks=(), repeat=1)
    cost = report.cost_of("reverse")
    assert cost.passes > 1 and 60 * 60 % cost.chunk
    assert cost.operations == count_operations(lambda x: np.outer(x, x), np.ones(60), mode="reverse").operations


def test_agreement(report):
    assert report.difference < 1e-14
    assert 0.0 < report.costs[4].difference < 1e-8
    wrong = compare_modes(lambda x: np.abs(np.sin(x * 1e6)), X, chunks=(), repeat=1)  # too steep for the step
    assert wrong.difference < 1e-14 < 1e-3 < wrong.costs[-1].difference


def timed(report, forward, reverse):
    """Replace what was measured."""
    times = {"forward": forward, "reverse": reverse, "finite differences": 1.0}
    costs = tuple(replace(cost, times=(times[cost.mode], 2 * times[cost.mode])) for cost in report.costs)
    return replace(report, costs=costs)


def test_recommendation(report):
    slow = timed(report, 4.0, 1.0)
    assert slow.recommended == "reverse"
    assert slow.reason.startswith(
        "Take reverse mode: 3 rows took at best 1 s against 4 s for 20 directions of the other, with 0."
    )
    assert slow.reason.endswith('; jacobian(f) takes the other unasked, so say mode="reverse".')
    fast = timed(report, 1.0, 4.0)
    assert (
        fast.recommended == "forward"
        and " times the operations, in 9 calls against 8" in fast.reason
        and "unasked" not in fast.reason
    )
    close = timed(report, 1.0, 1.2)
    assert close.recommended == "forward" and close.reason.startswith("Take either mode: they are about as fast")
    assert slow.automatic == "forward"


def test_a_better_chunk(report):
    costs = list(timed(report, 8.0, 9.0).costs)
    costs[1] = replace(costs[1], times=(2.0,))
    assert "; forward mode with chunk=8 took 2 s" in replace(report, costs=tuple(costs)).reason


def test_crossover(report):
    """By operations nearly at n = m; by time where the ratio of the costs says."""
    assert 1.0 <= report.crossover["operations"] <= 1.3
    assert timed(report, 4.0, 1.0).crossover["time"] == pytest.approx(20 / 3 / 4)
    free = compare_modes(lambda x: x.T, X, chunks=(), repeat=1)
    assert np.isnan(free.crossover["operations"]) and free.to_json()["crossover"]["operations"] == "nan"


def test_what_would_take_too_long_is_measured_in_part():
    report = compare_modes(lambda x: np.sum(np.sin(x) ** 2), np.linspace(0, 1, 50), chunks=(5,), repeat=1, budget=0.0)
    assert not any(cost.whole for cost in report.costs)
    assert report.costs[1].operations == count_operations(
        lambda x: np.sum(np.sin(x) ** 2), np.ones(50), mode="forward", chunk=5
    ).operations  # fmt: skip
    assert all(len(cost.times) == 1 for cost in report.costs)
    assert report.difference < 1e-14  # of those columns that there are
    assert "~ of one block, times their number" in str(report)


@pytest.mark.parametrize(
    ("f", "x", "shape"),
    [
        (np.sin, 0.5, (1, 1)),
        (lambda t: [np.sin(t), t * t], 2, (1, 2)),
        (lambda x: {"a": np.sum(x), "b": [x[0] * x, x[1]]}, np.ones((2, 3)), (6, 10)),
        (lambda x: x @ x, np.ones((3, 3), np.float32), (9, 9)),
    ],
)
def test_shapes(f, x, shape):
    report = compare_modes(f, x, chunks=(2,), repeat=1)
    assert (report.inputs, report.outputs) == shape
    assert report.difference < 1e-5 and report.costs[-1].difference < 0.1


def test_the_function_may_overwrite_its_argument():
    points = []

    def f(x):
        points.append(primal_all(x).copy())
        x *= x
        return x

    x = X.copy()
    report = compare_modes(f, x, chunks=(3,), repeat=1)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_allclose(
        points, np.broadcast_to(X, (len(points), 20)), atol=1e-4
    )  # but for the steps of differences
    assert report.difference == 0.0 and report.costs[-1].difference < 1e-8


def test_table_and_json(report):
    lines = str(report).splitlines()
    assert lines[0] == "Jacobian of network: n = 20 inputs, m = 3 outputs"
    assert len(lines) == 1 + 2 + len(report.costs) + 2
    assert lines[-1] == report.reason
    found = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert found["costs"][3]["operations"] == report.costs[3].operations
    assert found["recommended"] == report.recommended and found["function"]["operations"] == report.function.operations


def test_picture(report, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    figure = report.plot(tmp_path / "modes.png")
    assert (tmp_path / "modes.png").stat().st_size > 0
    assert [panel.get_xlabel() for panel in figure.axes] == [
        "scalar operations, counted",
        "time: median and quartiles",
        "peak memory, measured",
    ]
    assert [len(panel.patches) for panel in figure.axes] == 3 * [len(report.costs)]
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtraError):
        report.plot()


def test_errors():
    with pytest.raises(InputError, match="complex"):
        compare_modes(np.sin, 1j)
    with pytest.raises(InputError, match="no elements"):
        compare_modes(lambda x: x[:0], X)
