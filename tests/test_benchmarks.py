"""The benchmarks measure the right things: Jacobians by hand are right, the runner runs. No timing is asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from timeit import Timer

import numpy as np
import pytest

from benchmarks import __main__ as command_line
from benchmarks import comparison, forward
from benchmarks.peers import PEERS, Contestant
from benchmarks.problems import PROBLEMS, Problem
from benchmarks.timing import Timing, interleave

SHORT = {"repeat": 2, "batch": 1e-6, "budget": 1.0}
BY_NAME = {problem.name: problem for problem in PROBLEMS}
SMALL = [p for p in PROBLEMS if p.primals[0].size <= 100]


def complex_step(problem: Problem):
    """Value and derivative from the function alone; without cancellation, hence right to the last digits."""
    h = 1e-30
    if problem.tangents:
        moved = [x + 1j * h * v for x, v in zip(problem.primals, problem.tangents, strict=True)]
        result = problem.function(*moved)
        return result.real, result.imag / h
    (x,) = problem.primals
    columns = [problem.function(x + 1j * h * e, *problem.data).imag / h for e in np.eye(x.size)]
    return problem.function(x, *problem.data), np.stack(columns, axis=-1)


def with_results(results):
    return lambda problem: Contestant.calling(lambda: results)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_jacobian_by_hand_equals_complex_step(problem):
    assert comparison.deviation(problem, complex_step(problem)) < 1e-13


@pytest.mark.parametrize("problem", SMALL, ids=lambda p: p.name)
def test_a_statement_is_the_body_of_its_function(problem):
    if problem.statement is None:
        assert not problem.tangents
        return
    value = eval(problem.statement, {"np": np, **dict(zip("ab", problem.primals, strict=False))})
    assert np.array_equal(value, problem.function(*problem.primals))


@pytest.mark.parametrize("problem", SMALL, ids=lambda p: p.name)
@pytest.mark.parametrize("name", forward.OURS)
def test_our_own_contestants_are_right(problem, name):
    bound = 1e-2 if name == "differences" else 1e-14
    assert comparison.deviation(problem, forward.OURS[name](problem).results()) < bound


@pytest.mark.parametrize("problem", SMALL, ids=lambda p: p.name)
@pytest.mark.parametrize("name", PEERS)
@pytest.mark.filterwarnings("ignore:::torch")  # what libraries warn of when imported is not ours to mend
def test_peers_are_right_where_installed(problem, name):
    if PEERS[name].version is None:
        pytest.skip(f"{name} is not installed")
    assert comparison.deviation(problem, PEERS[name].adapt(problem).results()) < 1e-13


def test_deviation_sees_an_error_in_a_small_row():
    problem = BY_NAME["Robertson"]
    value, jacobian = problem.by_hand(*problem.primals)
    assert comparison.deviation(problem, (value, jacobian)) == 0
    jacobian[0, 0] *= 1 + 1e-3
    assert 1e-8 < comparison.deviation(problem, (value, jacobian)) < 1e-3
    assert comparison.deviation(problem, (value * 1.5, jacobian)) == pytest.approx(0.5)
    assert np.isnan(comparison.deviation(problem, (value, jacobian * np.nan)))


def test_failures_and_wrong_results_are_reported():
    problem = BY_NAME["Lotka-Volterra"]
    value, jacobian = problem.by_hand(*problem.primals)

    def hopeless(problem):
        raise NotImplementedError("no such thing\nand more")

    adapters = {"hopeless": hopeless, "wrong": with_results((value, 2 * jacobian)), "right": forward.OURS["by hand"]}
    results = {r.contestant: r for r in comparison.run(problem, adapters, **SHORT)}
    assert list(results) == ["NumPy", "wrong", "right", "hopeless"]
    assert results["hopeless"].failure == "NotImplementedError: no such thing"
    assert results["hopeless"].ratio is None
    assert results["wrong"].deviation == pytest.approx(1.0)
    assert results["right"].deviation == 0
    assert results["right"].ratio > 0


def test_a_wrong_dualnum_makes_the_benchmark_fail(monkeypatch, capsys):
    problem = BY_NAME["Lotka-Volterra"]
    value, jacobian = problem.by_hand(*problem.primals)
    monkeypatch.setitem(forward.OURS, "dualnum", with_results((value, jacobian + 1)))
    options = ["--problems", problem.name, "--peers", "--repeat", "1", "--batch", "1e-6"]
    assert forward.main(options) == 1
    assert "WRONG" in capsys.readouterr().out


def test_every_contestant_takes_part_in_the_first_round_and_stops_when_its_budget_is_spent():
    idle = Timer(lambda: None)
    timings = interleave({"a": idle, "b": idle}, idle, repeat=5, batch=1e-6, budget=0.0)
    assert [len(timing.ratios) for timing in timings.values()] == [1, 1]
    timings = interleave({"a": idle}, idle, repeat=5, batch=1e-6, budget=60.0)
    assert len(timings["a"].seconds) == len(timings["a"].ratios) == 5


def test_timing_takes_medians_and_quartiles():
    timing = Timing(seconds=[1.0, 3.0, 100.0], ratios=[1.0, 2.0, 3.0, 4.0, 500.0])
    assert (timing.time, timing.ratio, timing.spread) == (3.0, 3.0, (2.0, 4.0))


def test_command_line_prints_a_table_and_writes_json(tmp_path, capsys):
    file = tmp_path / "numbers.json"
    options = ["forward", "--peers", "--repeat", "1", "--batch", "1e-6", "--problems", "Powell"]
    assert command_line.main([*options, "a * b n=10", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "| Powell singular" in printed
    assert "| a * b n=10 " in printed
    assert "a * b n=1000" not in printed  # a full name is not a pattern
    numbers = json.loads(file.read_text())
    assert numbers["machine"]["NumPy"] == np.__version__
    assert {r["contestant"] for r in numbers["results"]} == {"NumPy", "dualnum", "by hand", "differences"}
    assert all(r["ratio"] > 0 for r in numbers["results"])


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot bind a process to a core")
def test_as_a_program_it_stays_on_one_core():
    command = [sys.executable, "-m", "benchmarks", "forward", "--problems", "a + b n=1", "--peers", "--repeat", "1"]
    root = Path(command_line.__file__).parents[1]
    program = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert (program.returncode, program.stderr) == (0, "")
    assert "cores used 1" in program.stdout


def test_peers_that_are_not_installed_are_named(monkeypatch, capsys):
    monkeypatch.setitem(
        PEERS, "dualpy", PEERS["dualpy"].__class__("no-distribution-has-this-name", PEERS["dualpy"].adapt)
    )
    options = ["--problems", "Powell", "--peers", "dualpy", "--repeat", "1", "--batch", "1e-6"]
    assert forward.main(options) == 0
    assert "not installed: dualpy" in capsys.readouterr().out


@pytest.mark.parametrize("options", [["--problems", "no such problem"], ["--repeat", "0"], ["--peers", "no such peer"]])
def test_bad_options_exit_with_2(options, capsys):
    with pytest.raises(SystemExit) as exit_info:
        forward.main(options)
    assert exit_info.value.code == 2
    assert "error" in capsys.readouterr().err


def test_the_command_line_lists_the_benchmarks(capsys):
    assert command_line.main([]) == 2
    assert command_line.main(["--help"]) == 0
    assert "forward" in capsys.readouterr().out
