"""How costs grow: what is counted follows the theory, and the study shows it and survives an interruption."""

import json

import numpy as np
import pytest
from scipy import stats

from dualnum import ShapeError
from dualnum.complexity import Run, ScalingStudy, chain_cost, scaling_study
from dualnum.complexity.sweeps import standard_sweeps

SWEEPS = standard_sweeps(512, 512, 32)
SMALL = {"largest": 64, "width": 16, "depth": 4, "repeat": 1}


def counted(name, way, sizes=None):
    """Counts of a way in a standard sweep, at the sizes to which exponents are fitted."""
    sweep = SWEEPS[name]
    sizes = [n for n in sweep.sizes if n >= sweep.fitted_from] if sizes is None else sizes
    return sizes, [sweep.ways[way].count(sweep.problem(n)) for n in sizes]


def interrupting(after):
    def progress(tasks):
        yield from tasks[:after]
        raise KeyboardInterrupt

    return progress


@pytest.fixture(scope="module")
def small():
    return scaling_study(**SMALL)


@pytest.mark.parametrize(
    ("name", "way", "expected"),
    [
        ("inputs", "forward mode", 1),
        ("inputs", "reverse mode", 0),
        ("outputs", "forward mode", 0),
        ("outputs", "reverse mode", 1),
    ],
)
def test_counted_costs_have_the_exponents_of_the_theory(name, way, expected):
    sizes, counts = counted(name, way)
    slope = np.polyfit(np.log(sizes), np.log([count.operations for count in counts]), 1)[0]
    assert slope == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("way", "expected"),
    [("hyperdual", 2.57), ("forward over forward", 3), ("forward over reverse", 2), ("reverse over reverse", 2)],
)
def test_counted_costs_of_hessians(way, expected):
    sizes, counts = counted("hessian", way, [64, 91, 128])
    slope = np.polyfit(np.log(sizes), np.log([count.operations for count in counts]), 1)[0]
    assert slope == pytest.approx(expected, abs=0.02)  # of pairs in blocks, between 2 and 3


def test_taylor_series_grow_with_the_square_of_the_order_and_nesting_by_a_factor():
    orders, counts = counted("orders", "Taylor")
    operations = [count.operations for count in counts]
    assert np.diff(operations, 3).tolist() == pytest.approx([0, 0, 0], abs=0.001 * operations[-1])
    assert np.diff(operations, 2).min() > 0
    for way in ("nested", "hyper-dual"):
        _, counts = counted("orders", way)
        ratios = np.divide([count.operations for count in counts[1:]], [count.operations for count in counts[:-1]])
        assert np.all(ratios > 2.8)


def test_the_modes_cost_the_same_where_there_are_as_many_inputs_as_outputs():
    sizes, columns = counted("crossover", "forward mode")
    _, rows = counted("crossover", "reverse mode")
    ratios = [column.operations / row.operations for column, row in zip(columns, rows, strict=True)]
    assert ratios[sizes.index(64)] == pytest.approx(1, rel=0.02)
    assert ratios == pytest.approx([n / 64 for n in sizes], rel=0.15)


def test_memory_against_depth():
    depths = [16, 32, 64]
    peaks = {way: [count.peak_bytes for count in counted("depth", way, depths)[1]] for way in SWEEPS["depth"].ways}
    state = 512 * 8
    assert len(set(peaks["forward mode"])) == 1
    assert np.diff(peaks["reverse mode"]).tolist() == [16 * state, 32 * state]
    # 5, 6 and 9 checkpoints; and 5, 6 and 7
    assert np.diff(peaks["reverse, sqrt checkpoints"]).tolist() == [state, 3 * state]
    assert np.diff(peaks["reverse, log checkpoints"]).tolist() == [state, state]


def test_explicit_jacobians_take_two_operations_for_a_multiplication():
    dims = [100, 30, 10, 20, 50]
    study = scaling_study(dims, repeat=1)
    found = {run.way.removeprefix("explicit, "): run.operations for run in study.runs}
    cost = chain_cost(dims)
    assert cost.best < cost.forward < cost.reverse
    assert found["forward order"] - found["best order"] == 2 * (cost.forward - cost.best)
    assert found["reverse order"] - found["best order"] == 2 * (cost.reverse - cost.best)


def test_all_ways_give_the_same_derivative(small):
    assert small.complete
    expected = sum(len(sweep.sizes) * len(sweep.ways) for sweep in small.sweeps.values())
    assert len({(run.sweep, run.way, run.size) for run in small.runs}) == len(small.runs) == expected
    for run in small.runs:
        assert run.deviation < (1e-4 if "differences" in run.way else 1e-12)
        assert len(run.times) == len(run.peaks) == 1
        assert run.operations > 0 and run.counted_bytes > 0
    # how good the best difference is depends on the machine: on the order in which its linear algebra sums
    assert small.rounding < 1e-14 < small.steps.best["central"][1]


def test_the_fit_is_that_of_a_regression():
    rng = np.random.default_rng(0)
    study = ScalingStudy({"inputs": SWEEPS["inputs"]})
    sizes = [n for n in SWEEPS["inputs"].sizes if n >= 128]
    costs = [5 * n**1.5 * np.exp(rng.normal(scale=0.1)) for n in sizes]
    study.runs = [
        Run("inputs", "forward mode", n, 1, 1, 0.0, [2 * t, t, 3 * t], [1]) for n, t in zip(sizes, costs, strict=True)
    ]
    study.runs.append(Run("inputs", "forward mode", 8, 1, 1, 0.0, [1e9], [1]))  # too small to be fitted
    line = stats.linregress(np.log(sizes), np.log(costs))
    margin = line.stderr * stats.t.ppf(0.975, len(sizes) - 2)
    found = study.exponent("inputs", "forward mode", "seconds")
    np.testing.assert_allclose([found.value, found.low, found.high], line.slope + margin * np.array([0, -1, 1]))
    assert str(found) == f"{line.slope:.2f} ± {margin:.2f}"
    assert study.exponent("inputs", "forward mode", "peak_bytes").high == pytest.approx(0, abs=1e-12)


def test_medians_and_quartiles():
    run = Run("inputs", "forward mode", 8, 1, 1, 0.0, [1.0, 2.0, 3.0, 4.0, 100.0], [10, 30, 20])
    assert (run.seconds, run.quartiles, run.least, run.peak_bytes) == (3.0, (2.0, 4.0), 1.0, 20)


def test_it_prints_tables(small):
    text = str(small)
    for sweep in small.sweeps.values():
        assert f"time against the {sweep.varies}" in text
    assert "counted bytes ~ n^" in text
    # of 9 sizes every other, with the largest
    assert text.splitlines()[1].split()[:5] == ["1", "4", "16", "32", "64"]
    assert "best central: error" in text
    theory, chain = str(scaling_study([5, 4, 3], repeat=1)).split("\n\n")
    assert theory == str(chain_cost([5, 4, 3]))
    chain = chain.splitlines()
    assert chain[0] == "Jacobian of the chain 5 -> 4 -> 3"
    assert chain[1].split() == ["operations", "time", "peak", "memory", "deviation"]
    assert [line.split()[0] for line in chain[2:]] == [
        "forward",
        "reverse",
        "explicit,",
        "explicit,",
        "explicit,",
        "finite",
    ]


def test_json(small):
    read = json.loads(json.dumps(small.to_json(), allow_nan=False))
    assert read["runs"][0]["times"] == small.runs[0].times
    assert {e["quantity"] for e in read["exponents"]} == {"operations", "counted_bytes", "peak_bytes", "seconds"}


def test_a_figure_for_each_question(small, tmp_path):
    pytest.importorskip("matplotlib")
    saved = small.plot(tmp_path / "figures")
    assert [path.name for path in saved] == [
        *("forward_or_reverse.png", "memory.png", "steps.png", "orders.png", "hessian.png")
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in saved)


def test_what_was_measured_before_an_interruption_stays(tmp_path):
    study = scaling_study(**SMALL | {"repeat": 2}, progress=interrupting(5))
    assert not study.complete
    assert len(study.runs) == 5
    assert "time against the inputs" in str(study) and "depth" not in str(study)
    assert study.to_json()["complete"] is False
    json.dumps(study.to_json(), allow_nan=False)
    pytest.importorskip("matplotlib")
    assert [path.name for path in study.plot(tmp_path)] == ["forward_or_reverse.png"]


def test_an_interruption_before_anything_was_measured():
    study = scaling_study(**SMALL, progress=interrupting(0))
    assert (study.runs, study.exponents, str(study)) == ([], [], "")


@pytest.mark.parametrize("option", [{"largest": 32}, {"width": 8}, {"depth": 3}, {"repeat": 0}])
def test_studies_too_small(option):
    with pytest.raises(ValueError, match="largest >= 64"):
        scaling_study(**SMALL | option)


@pytest.mark.parametrize("dims", [[3], [3, 0, 2]])
def test_chains_that_are_none(dims):
    with pytest.raises(ShapeError, match="dimension"):
        scaling_study(dims)


def test_a_single_function_is_a_chain():
    explicit = [run.operations for run in scaling_study([5, 3], repeat=1).runs if run.way.startswith("explicit")]
    assert len(explicit) == 3 and len(set(explicit)) == 1
