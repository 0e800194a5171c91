"""The benchmark of reverse mode measures the right things: gradients by hand are right, the runner runs."""

import json

import numpy as np
import optree
import pytest

from benchmarks import __main__ as command_line
from benchmarks import reverse
from benchmarks.comparison import by_hand, deviation
from benchmarks.peers import REVERSE_PEERS, Contestant
from benchmarks.reverse_problems import HEAT, PROBLEMS, thousand_products, thousand_sines

ONE_ROUND = ["--peers", "--repeat", "1", "--batch", "1e-6"]
BY_NAME = {problem.name: problem for problem in [*PROBLEMS, *HEAT]}
# compiling a loop of a thousand steps takes JAX half a minute
WITHOUT_LOOPS = [p for p in PROBLEMS if not p.name.startswith(("1,000", "LSTM"))]


@pytest.mark.parametrize("problem", [*PROBLEMS, *HEAT], ids=lambda p: p.name)
def test_gradient_by_hand_equals_complex_step_along_a_direction_of_each_parameter(problem):
    rng, h = np.random.default_rng(3), 1e-30
    (parameters,) = problem.primals
    value, gradient = problem.by_hand(parameters, *problem.data)
    assert value == pytest.approx(problem.function(parameters, *problem.data), rel=1e-13)
    leaves, structure = optree.tree_flatten(parameters)
    partials, same_structure = optree.tree_flatten(gradient)
    assert structure == same_structure
    for i, (x, x_bar) in enumerate(zip(leaves, partials, strict=True)):
        x_dot = rng.standard_normal(x.shape)
        moved = structure.unflatten([*leaves[:i], x + 1j * h * x_dot, *leaves[i + 1 :]])
        along = problem.function(moved, *problem.data).imag / h
        assert abs(along - np.sum(x_bar * x_dot)) < 1e-13 * np.linalg.norm(x_bar) * np.linalg.norm(x_dot)


def test_by_hand_nothing_of_the_caller_is_changed():
    for problem in (*PROBLEMS, *HEAT):
        before = optree.tree_map(np.copy, (problem.primals, problem.data))
        problem.by_hand(*problem.primals, *problem.data)
        assert optree.tree_all(optree.tree_map(np.array_equal, before, (problem.primals, problem.data)))


@pytest.mark.parametrize("problem", [*PROBLEMS, *HEAT], ids=lambda p: p.name)
def test_dualnum_is_right(problem):
    assert deviation(problem, reverse.OURS["dualnum"](problem).results()) < 1e-13


@pytest.mark.parametrize("problem", HEAT, ids=lambda p: p.name)
def test_dualnum_with_checkpoints_is_right(problem):
    assert deviation(problem, reverse.HEAT_OURS["dualnum cp"](problem).results()) < 1e-13


@pytest.mark.parametrize("problem", WITHOUT_LOOPS, ids=lambda p: p.name)
@pytest.mark.parametrize("name", REVERSE_PEERS)
@pytest.mark.filterwarnings("ignore:::torch")  # what libraries warn of when imported is not ours to mend
def test_peers_are_right_where_installed(problem, name):
    if REVERSE_PEERS[name].version is None:
        pytest.skip(f"{name} is not installed")
    assert deviation(problem, REVERSE_PEERS[name].adapt(problem).results()) < 1e-13


def test_deviation_sees_an_error_in_one_parameter_of_a_tree():
    problem = BY_NAME["LSTM 1,024 steps"]
    value, gradient = problem.by_hand(*problem.primals, *problem.data)
    assert deviation(problem, (value, gradient)) == 0
    gradient[0][1][1][2] *= 1.5
    assert deviation(problem, (value, gradient)) == pytest.approx(0.5)


@pytest.mark.parametrize("function", [thousand_products, thousand_sines])
def test_a_thousand_operations_are_a_thousand(function):
    class Counting(np.ndarray):
        calls = 0

        def __array_ufunc__(self, ufunc, method, *args, **kwargs):
            Counting.calls += method == "__call__"
            args = [np.asarray(x) for x in args]
            return np.asarray(getattr(ufunc, method)(*args, **kwargs)).view(Counting)

    function(np.ones(10).view(Counting))
    assert Counting.calls == 1000


def test_peak_memory_is_that_of_one_moment():
    def two_arrays_of_a_megabyte_and_one():
        np.ones((2, 131_072))
        np.ones(131_072)

    assert reverse.peak_memory(two_arrays_of_a_megabyte_and_one) == pytest.approx(2 << 20, rel=0.02)


def test_command_line_prints_ratios_and_memory_and_writes_json(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(reverse.OURS, "dualnum", by_hand)
    monkeypatch.setitem(reverse.HEAT_OURS, "dualnum", by_hand)
    monkeypatch.setitem(reverse.HEAT_OURS, "dualnum cp", by_hand)
    file = tmp_path / "numbers.json"
    options = ["reverse", *ONE_ROUND, "--problems", "Rosenbrock", "nonlinear heat", "--json", str(file)]
    assert command_line.main(options) == 0
    printed = capsys.readouterr().out
    assert "| Rosenbrock n=100" in printed
    (scan,) = (line for line in printed.splitlines() if line.startswith("| nonlinear heat equation | dualnum cp "))
    assert "100 (over)" in scan  # it stores every state, where a twentieth may be stored
    results = json.loads(file.read_text())["results"]
    names = ["NumPy", "dualnum", "by hand"]
    assert [r["contestant"] for r in results] == [*names, *names, "dualnum cp"]
    assert all(r["peak"] > 1000 * 10_000 * 8 for r in results[4:])


def test_a_wrong_gradient_makes_the_benchmark_fail(monkeypatch, capsys):
    problem = BY_NAME["Rosenbrock n=100"]
    value, gradient = problem.by_hand(*problem.primals)
    monkeypatch.setitem(reverse.OURS, "dualnum", lambda problem: Contestant.calling(lambda: (value, 2 * gradient)))
    assert reverse.main([*ONE_ROUND, "--problems", problem.name]) == 1
    assert "WRONG" in capsys.readouterr().out
