"""A plate that casts a picture: its rays obey Snell's law, and the fit brings the picture out."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import dualnum
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import caustic


def test_rays_obey_snells_law():
    u = np.random.default_rng(0).normal(scale=0.2, size=16)
    height, slope = caustic.plate(u, 12)
    start = np.stack(np.meshgrid(caustic.middles(12), caustic.middles(12), indexing="ij"))
    way = caustic.WIDTH * (caustic.screen(u, 12) - start)
    inside = np.arctan(np.hypot(*slope))
    outside = inside + np.arctan(np.hypot(*way) / (caustic.DISTANCE - height))
    np.testing.assert_allclose(np.sin(outside), caustic.INDEX * np.sin(inside), rtol=1e-12)
    assert np.all(np.sum(way * slope, axis=0) > 0)  # towards the thicker glass


def test_slopes_are_those_of_the_heights_and_the_gradient_is_right():
    u = np.random.default_rng(0).normal(scale=0.2, size=16)
    n = 2000
    height, slope = caustic.plate(u, n)
    for axis in (0, 1):
        inside = (slice(1, -1),) * 2
        np.testing.assert_allclose(
            np.gradient(height, caustic.WIDTH / n, axis=axis)[inside], slope[axis][inside], atol=1e-6
        )
    report = dualnum.check_jacobian(lambda u: caustic.loss(u, np.eye(4), 6), u)
    assert report, str(report)


def test_the_script_brings_the_picture_out(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("caustic.py", tmp_path, "--waves", "12", "--rays", "24", "--steps", "40")
    before, after = printed.split("The loss falls from ")[1].split(".\n")[0].split(" to ")
    assert float(after) < float(before) / 100
    assert float(printed.split("with the picture is ")[1].split(",")[0]) > 0.5
    assert picture.startswith(b"\x89PNG")
