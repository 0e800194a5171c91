"""The benchmark of solvers measures the right things."""

import numpy as np
import pytest

import dualnum
from benchmarks import solvers
from benchmarks.solvers import SOLVES


@pytest.mark.parametrize("solve", SOLVES, ids=lambda solve: solve.name)
def test_derivatives_by_hand_are_right(solve):
    keywords = solve.solver.keywords
    state = np.array(keywords["y0"] if "y0" in keywords else keywords["x0"]) + 0.01
    arguments = (0.5, state) if "y0" in keywords else (state,)
    exact = dualnum.jacobian(solve.function, len(arguments) - 1)(*arguments)
    np.testing.assert_allclose(solve.by_hand(*arguments), exact, rtol=1e-12, atol=1e-12 * np.max(np.abs(exact)))


@pytest.mark.parametrize("solve", SOLVES, ids=lambda solve: solve.name)
def test_exact_derivatives_take_fewer_runs_and_lead_to_the_same_solution(solve):
    counts = solvers.count(solve)
    (by_differences, _), (exactly, found), (by_hand, wanted) = counts.values()
    assert by_hand <= exactly < by_differences
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)


def test_the_table_prints(capsys):
    solvers.main(["--problems", "osborne", "--repeat", "1"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| least_squares")]
    assert [row.split("|")[2].strip() for row in rows] == ["differences", "dualnum", "by hand"] * 2
