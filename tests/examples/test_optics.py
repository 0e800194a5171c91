"""A lens by tracing rays: the rays obey Snell's law, and exact Jacobians find the lens in any units."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import optics


def test_rays_obey_snells_law():
    a = np.array([1e-4, -1e-6])
    points = optics.pupil()
    ray = np.array([0, np.sin(0.1), np.cos(0.1)])[:, None, None] + np.zeros_like(points)
    at, behind = optics.refract(points, ray, 0.0, (1 / 25, a), 1 / 1.5)
    np.testing.assert_allclose(at[2], optics.shape(at[0] ** 2 + at[1] ** 2, 1 / 25, a)[0], atol=1e-13)
    step = 1e-6
    slope = [
        (optics.shape((at[0] + dx) ** 2 + (at[1] + dy) ** 2, 1 / 25, a)[0] - at[2]) / step
        for dx, dy in ((step, 0), (0, step))
    ]
    normal = np.stack([-slope[0], -slope[1], np.ones_like(slope[0])])
    before, after = (np.cross(normal, v, axis=0) for v in (ray, behind))
    np.testing.assert_allclose(before, 1.5 * after, atol=1e-6)


def test_thin_rays_meet_in_the_focus_of_the_lensmakers_formula():
    front, back, thickness, n = 1 / 25, -1 / 27, optics.THICKNESS, optics.INDEX
    power = (n - 1) * (front - back + (n - 1) * thickness * front * back / n)
    distance = (1 - (n - 1) * thickness * front / n) / power
    thin = np.array([[0.0, 0.0], [1e-4, -1e-4], [-4.0, -4.0]])[:, None]
    image = optics.trace(np.concatenate([[front, back, distance], np.zeros(10)]), thin)[-1]
    np.testing.assert_allclose(image[1, 0], 0, atol=1e-12)


def test_the_script_shows_that_exact_jacobians_find_the_lens_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("optics.py", tmp_path)
    before = float(printed.split(" µm")[0].rsplit(maxsplit=1)[1])
    rows = [line.rsplit(maxsplit=3) for line in printed.splitlines() if line.startswith(("exact", "differences"))]
    (_, exact, traces, _), (_, by_differences, _, _), (_, in_units, more_traces, _) = rows
    assert by_differences == "fails"
    assert float(exact) < before / 30
    assert float(exact) < 1.001 * float(in_units)
    assert int(traces) < int(more_traces) / 5
    assert picture.startswith(b"\x89PNG")
