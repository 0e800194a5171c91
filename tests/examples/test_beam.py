"""The stiffest beam: its gradient is the one by hand, and its displacements those of a beam."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from dualnum import grad
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import beam


def test_the_gradient_is_the_one_by_hand():
    problem = beam.make_beam(9, 4)
    density = np.random.default_rng(0).uniform(0.2, 1, 36)
    blurred = problem.blur @ density
    stiffness = beam.WEAKEST + (1 - beam.WEAKEST) * blurred**3
    entries = stiffness[:, None, None] * problem.stiffness
    places = np.broadcast_arrays(problem.unknowns[:, :, None], problem.unknowns[:, None, :])
    matrix = coo_array((entries.ravel(), [place.ravel() for place in places])).tocsc()
    moved = np.zeros(len(problem.load))
    moved[problem.free] = spsolve(matrix[problem.free][:, problem.free], problem.load[problem.free])
    work = np.einsum("ei,ij,ej->e", moved[problem.unknowns], problem.stiffness, moved[problem.unknowns])
    by_hand = problem.blur.T @ (-3 * (1 - beam.WEAKEST) * blurred**2 * work)
    np.testing.assert_allclose(grad(beam.compliance)(density, problem), by_hand, rtol=1e-9)


def test_an_element_resists_strain_alone():
    stiffness = beam.element()
    x, y = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])
    rigid = [np.tile([1, 0], 4), np.tile([0, 1], 4), np.stack([-y, x], axis=1).ravel()]
    np.testing.assert_allclose(stiffness @ np.transpose(rigid), 0, atol=1e-15)
    stretched = np.stack([x, -beam.POISSON * y], axis=1).ravel()  # by a force of 1 on the sides
    np.testing.assert_allclose(stretched @ stiffness @ stretched, 1, rtol=1e-14)
    assert np.linalg.matrix_rank(stiffness) == 5


def test_the_blur_is_a_mean():
    blur = beam.make_beam(6, 3).blur
    np.testing.assert_allclose(blur.sum(axis=1), 1, rtol=1e-14)
    assert blur[0, 0] > blur[0, 1] > 0
    np.testing.assert_allclose(blur[8, 8] / blur[8, 7], beam.RADIUS / (beam.RADIUS - 1))


def test_the_script_makes_the_beam_stiffer(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("beam.py", tmp_path, "--size", "10", "--steps", "15")
    assert "300 densities, 670 unknowns." in printed
    assert float(re.search(r"differs by (\S+) from", printed)[1]) < 1e-5
    before, after = map(float, re.search(r"falls from (\S+) to (\S+),", printed).groups())
    assert after < 0.3 * before
    assert float(re.search(r"with (\S+) % of", printed)[1]) == pytest.approx(50, abs=0.2)
    assert picture.startswith(b"\x89PNG")
