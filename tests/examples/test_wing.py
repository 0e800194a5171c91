"""The wing: its gradient is that of differences, with and without checkpoints, and it leads to lift at little drag."""

import re
import sys

import numpy as np
import pytest

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import wing


def test_lift_over_drag_rises_and_checkpoints_save_memory(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("wing.py", tmp_path, "--iterations", "3", "--steps", "20")
    differences, checkpoints, tape = (float(x) for x in re.findall(r"(?:slope|differences:) (\S+\d)", printed))
    assert checkpoints == tape == pytest.approx(differences, rel=1e-5)
    small, large = (float(x) for x in re.findall(r"(\d+) MB", printed))
    assert small < large / 4
    forces = [[float(x) for x in line.split()[1:]] for line in printed.splitlines() if re.match(r" +\d", line)]
    ratios = [ratio for _, _, ratio in forces]
    assert len(ratios) == 4
    assert abs(ratios[0]) < 0.01
    assert ratios[-1] > 1
    assert ratios == sorted(ratios)
    assert picture.startswith(b"\x89PNG")


def test_the_force_on_the_wing_is_the_momentum_that_the_stream_has_lost():
    state = wing.STREAM, np.zeros_like(wing.STREAM), np.zeros(2)
    solid = wing.occupancy(np.zeros(2 * wing.CHORD))
    for _ in range(160):
        before = state
        state = wing.step(before, solid)
    drag, lift = state[2] - before[2]
    restored = np.sum(wing.FRINGE * (wing.STREAM - wing.advect(before[0])), axis=(1, 2))
    np.testing.assert_allclose([drag, lift], restored, rtol=0.1, atol=0.01)
    assert drag > 0


def test_any_wing_has_the_area_that_is_given():
    parameters = np.random.default_rng(0).normal(size=2 * wing.CHORD)
    assert np.sum(wing.occupancy(parameters)) == pytest.approx(wing.AREA, rel=0.01)
