"""The wing: its gradient is that of differences, with and without checkpoints, and it leads to lift at little drag."""

import re

import pytest

from tests.examples.scripts import run_script


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
