"""Two fleets: the controls lead where they should, and exact gradients get there while differences are under way."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import dualnum
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import optimal_control


def test_any_controls_end_at_rest_in_the_right_places():
    first, last = optimal_control.fleets(2)
    u = np.random.default_rng(0).normal(size=(12, *first.shape))
    position, velocity, acceleration = optimal_control.fly(u, first, last)
    np.testing.assert_allclose(position[-1], last, atol=1e-12)
    np.testing.assert_allclose(velocity[-1], 0, atol=1e-12)
    again = optimal_control.fly(acceleration, first, last)[2]
    np.testing.assert_allclose(again, acceleration, atol=1e-12)


def test_the_gradient_is_right():
    first, last = optimal_control.fleets(2)
    u = np.random.default_rng(0).normal(size=4 * first.size)
    report = dualnum.check_jacobian(lambda u: optimal_control.cost(u, first, last), u)
    assert report, str(report)


def test_the_script_solves_the_problem_with_fewer_runs_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("optimal_control.py", tmp_path, "--rows", "1", "--steps", "8", "--seconds", "60")
    rows = [line.rsplit(maxsplit=4) for line in printed.splitlines() if line.startswith(("    exact", "    diff"))]
    (_, exact, *_, exact_runs, _), (_, other, *_, other_runs, _) = rows
    assert float(exact) < 1.01 * float(other)
    assert int(exact_runs) < int(other_runs) / 20  # of 64 unknowns
    assert picture.startswith(b"\x89PNG")
