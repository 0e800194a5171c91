"""Newton's method on a cluster: digits double, and what changes nothing has no frequency."""

import numpy as np
import pytest

from tests.examples.scripts import run_script


def test_the_script_shows_what_half_of_the_digits_are_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("newton.py", tmp_path, "--steps", "7")
    lines = printed.splitlines()
    forces = np.array([[float(x) for x in line.split()[1:]] for line in lines if line[:1].isdecimal()])
    exact, _, of_energy = forces.T
    assert np.all(exact[4:6] < 0.1 * exact[3:5] ** 1.5)  # of order 2 it is, with a factor
    assert exact[-1] < 1e-12
    assert of_energy[-1] > 1e-9
    zeros = next(line for line in lines if line.startswith("greatest of six")).split()[-3:]
    assert float(zeros[0]) < 1e-11
    assert min(map(float, zeros[1:])) > 1e-7
    assert "The energy is -44.326801;" in printed
    assert picture.startswith(b"\x89PNG")
