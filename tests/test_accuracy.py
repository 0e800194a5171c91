"""Partial derivatives against 50 digits, at hard points; and that this comparison can fail."""

import json

import numpy as np
import pytest
import scipy.special
from mpmath import mp, mpf

from benchmarks import accuracy
from benchmarks.accuracy_reference import CASES, Exact, exact_partial, table_partial, ulps
from dualnum import jvp
from dualnum.table import TABLE, Elementwise
from tests.core_checks import UFUNCS

PARTIALS = [(name, i) for name, case in CASES.items() for i, formula in enumerate(case.partials) if formula is not None]
SEED, POINTS = 20, 60

# Moderate points at which every function that has them in its domain is smooth.
PLACES = [mpf("0.3"), mpf("0.7"), mpf("1.9"), mpf("-0.45"), mpf("-2.6")]


def worst_error(name, position, dtype=np.float64):
    case = CASES[name]
    args = case.sample(SEED, POINTS, dtype)
    with np.errstate(all="ignore"):
        result_dtype = getattr(np, name)(*args).dtype.type
    exact = exact_partial(case, position, args, result_dtype)
    assert exact.leading.size >= POINTS  # the sampler has not lost its points on the way
    return ulps(table_partial(name, position, args), exact).max()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "position"), PARTIALS)
def test_partial_is_accurate(name, position, dtype):
    assert worst_error(name, position, dtype) <= accuracy.bound(TABLE[getattr(np, name)])


@pytest.mark.parametrize("name", [name for name in CASES if getattr(TABLE[getattr(np, name)], "divisor", None)])
def test_tangent_that_is_divided_is_accurate(name):
    (x,) = CASES[name].sample(SEED, POINTS)
    one = np.ones(1)
    with np.errstate(all="ignore"):  # one by one: where something overflows, all go another way
        tangents = [jvp(getattr(np, name), (x[i : i + 1],), (one,))[1] for i in range(x.size)]
    error = ulps(np.concatenate(tangents), exact_partial(CASES[name], 0, (x,)))
    assert error.max() <= accuracy.bound(TABLE[getattr(np, name)])


@pytest.mark.parametrize(("function", "x"), [(np.arctan, 1e155), (np.tanh, -358.0)])
def test_divisor_overflows_where_the_slope_is_not_zero(function, x):
    x = np.full(3, x)
    slope = table_partial(function.__name__, 0, (x,))
    y_dot = jvp(function, (x,), (np.array([0.0, 1.0, 1e300]),))[1]
    assert slope.all()
    assert np.array_equal(y_dot, slope * [0.0, 1.0, 1e300])


def test_every_elementwise_ufunc_is_compared():
    rows = [TABLE[f] for f in UFUNCS if isinstance(TABLE[f], Elementwise)]
    with_partial = {(row.function.__name__, i) for row in rows for i, p in enumerate(row.partials) if p is not None}
    compared = {(getattr(np, name).__name__, i) for name, i in PARTIALS}
    assert compared - with_partial == {("absolute", 0)}
    assert with_partial <= compared


def test_a_wider_bound_is_explained():
    usual = [row.ulps for row in (TABLE[np.sin], TABLE[scipy.special.gamma])]
    assert all(row.note for row in TABLE.values() if row.ulps not in usual)


@pytest.mark.parametrize(("name", "position"), PARTIALS)
def test_reference_is_the_derivative_of_the_function(name, position):
    case = CASES[name]
    tried = 0
    for place in PLACES:
        args = [mpf("1.7")] * len(case.partials)
        args[position] = place
        if name == "ldexp":
            args[1] = 3

        def along(x, args=args):
            return case.function(*args[:position], x, *args[position + 1 :])

        with mp.workdps(60):
            if not all(isinstance(along(place + step), mpf) for step in (-0.1, 0, 0.1)):
                continue  # outside of the domain
            difference = mp.diff(along, place)
            assert abs(difference - case.partials[position](*args)) <= mpf(10) ** -20 * (1 + abs(difference))
        tried += 1
    assert tried >= 1


@pytest.mark.parametrize(
    ("function", "partials"),
    [
        (np.tanh, (lambda out, x: 1 - out * out,)),
        (np.expm1, (lambda out, x: out + 1,)),
        (np.arcsin, (lambda out, x: 1 / np.sqrt(1 - x * x),)),
        (np.arctan, (lambda out, x: 1 / (1 + x * x),)),
        (np.divide, (lambda out, x, y: 1 / y, lambda out, x, y: -x / (y * y))),
        (np.power, (lambda out, x, y: y * x ** (y - 1), lambda out, x, y: out * np.log(x))),
        (np.sin, (lambda out, x: np.cos(x) * (1 + 1e-14),)),
        (np.cos, (lambda out, x: np.sin(x),)),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_planted_errors_are_found(function, partials, monkeypatch):
    monkeypatch.setitem(TABLE, function, Elementwise(function=function, partials=partials))
    assert max(worst_error(function.__name__, i) for i in range(len(partials))) > 8


def test_ulps():
    exact = Exact(
        np.array([1.0, 1.0, 0.0, np.inf, np.inf, 2.0, np.nan]), np.array([0.0, 1e-17, 0.0, 0.0, 0.0, 0.0, 0.0])
    )
    approximate = np.array([1 + 2**-52, 1.0, 5e-324, np.inf, 1e308, np.nan, 3.0])
    assert ulps(approximate, exact) == pytest.approx([1, 1e-17 / 2**-52, 1, 0, np.inf, np.inf, 0])


def test_benchmark_prints_and_writes(capsys, tmp_path):
    path = tmp_path / "numbers.json"
    options = ["--functions", "tanh", "power", "--points", "5", "--peers", "--json", str(path)]
    assert accuracy.main(options) == 0
    printed = capsys.readouterr().out
    assert "tanh" in printed
    assert "power: Where" in printed
    results = json.loads(path.read_text())["results"]
    assert [(r["function"], r["argument"]) for r in results] == [("tanh", 0), ("power", 0), ("power", 1)]
    assert all(r["errors"]["dualnum"] <= r["bound"] for r in results)


def test_benchmark_reports_a_bound_that_is_exceeded(capsys, monkeypatch):
    wrong = Elementwise(function=np.tanh, partials=(lambda out, x: 1 - out * out,))
    monkeypatch.setitem(TABLE, np.tanh, wrong)
    assert accuracy.main(["--functions", "tanh", "--points", "5", "--peers"]) == 1
    assert "exceeds its bound: tanh" in capsys.readouterr().out


@pytest.mark.parametrize("peer", accuracy.PEERS)
@pytest.mark.filterwarnings("ignore:::torch")  # what libraries warn of when imported is not ours to mend
def test_peers_answer_where_installed(peer):
    pytest.importorskip(peer)
    (result,) = accuracy.run({peer: accuracy.PEERS[peer]()}, functions=["sin"], n=5, seed=0)
    assert result.errors[peer] < 8
