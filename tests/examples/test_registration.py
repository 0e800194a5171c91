"""The registration: its gradient is that of differences, and it finds most of the deformation."""

import re
import sys

import numpy as np
import pytest

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import registration


def test_the_pictures_come_to_lie_on_each_other(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("registration.py", tmp_path, "--iterations", "25")
    assert "agrees with differences: True" in printed
    before, after = map(float, re.search(r"pictures: (\S+) before, (\S+) after", printed).groups())
    assert after < before / 3
    before, after = map(float, re.search(r"displacement: (\S+) pixels before, (\S+) pixels", printed).groups())
    assert after < before / 2
    assert picture.startswith(b"\x89PNG")


def test_without_a_deformation_nothing_is_to_be_done():
    scene = registration.scene()
    still = np.zeros((2, registration.COARSE, registration.COARSE))
    np.testing.assert_allclose(registration.looked_up(scene, still), scene, atol=1e-12)
    assert registration.mismatch(still, scene, scene, 1.0) < 1e-24
    # A displacement that is the same everywhere, zoomed, is still the same.
    np.testing.assert_allclose(registration.displacement(still + 1.5), 1.5, rtol=1e-12)
