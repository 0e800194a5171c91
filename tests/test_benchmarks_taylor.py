"""The benchmark of Taylor series measures the right things."""

import numpy as np

from benchmarks import taylor
from benchmarks.taylor import Costs, by_nesting, twenty_operations
from dualnum import Dual, nth_derivative
from dualnum.dispatch import OBSERVER


def test_the_function_has_twenty_operations():
    names = []
    token = OBSERVER.set(lambda row, args, out: names.append(row.name))
    try:
        twenty_operations(Dual(0.7, 1.0))
    finally:
        OBSERVER.reset(token)
    assert len(names) == 20


def test_both_ways_agree():
    for n in (1, 3, 6):
        nested = by_nesting(twenty_operations, n)(taylor.POINT)
        np.testing.assert_allclose(nth_derivative(twenty_operations, taylor.POINT, n), nested, rtol=1e-11)


def test_costs_are_extrapolated_by_the_last_factor():
    costs = Costs(1.0, {taylor.ORDER: 90.0}, {taylor.NESTED - 1: 10.0, taylor.NESTED: 30.0})
    assert costs.by_nesting(taylor.NESTED - 1) == 10
    assert costs.by_nesting(taylor.NESTED + 2) == 270
    assert costs.ratio == 90 / (30 * 3.0 ** (taylor.ORDER - taylor.NESTED))


def test_the_table_prints(monkeypatch, capsys):
    monkeypatch.setattr(taylor, "NESTED", 4)  # higher orders take seconds
    assert taylor.main(["--repeat", "1"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows[2:]] == [*map(str, range(1, taylor.NESTED + 1)), "20"]
