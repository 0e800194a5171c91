"""The chain of beads: the gradient through its simulation is right, and what it learns makes fresh chains fold."""

import re

import pytest

from tests.examples.scripts import run_script


def test_chains_come_closer_to_the_target_when_they_have_learned(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("folding.py", tmp_path, "--iterations", "10", "--steps", "60")
    differences, gradient = (float(x) for x in re.findall(r"(?:differences|gradient) (\S+\d)", printed))
    assert gradient == pytest.approx(differences, rel=1e-5)
    deviations = {name: float(mean) for name, mean in re.findall(r"(\w+ \w+|learned): mean (\S+),", printed)}
    assert [*deviations] == ["random coils", "nothing learned", "learned"]
    assert deviations["learned"] < 0.7 * min(deviations["random coils"], deviations["nothing learned"])
    assert picture.startswith(b"\x89PNG")
