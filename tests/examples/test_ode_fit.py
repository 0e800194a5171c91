"""Lynx and hares: the fit is the minimum, and gradients are as exact as they should be."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.optimize import least_squares

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import ode_fit


def test_the_fit_is_that_of_scipy_alone():
    found, covariance = ode_fit.fit()
    by_differences = least_squares(ode_fit.misfit, ode_fit.START)
    np.testing.assert_allclose(found.x, by_differences.x, atol=1e-4)
    assert np.max(np.abs(found.grad)) < 1e-4  # of second derivatives of 100
    assert np.all(np.linalg.eigvalsh(covariance) > 0)


def test_exact_gradients_follow_the_tolerance_and_differences_do_not(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("ode_fit.py", tmp_path, "--species", "3")
    assert "hares at equilibrium      33.6" in printed
    sensitivities, adjoint, differences = np.array(
        [[float(x) for x in line.split()[1:]] for line in printed.splitlines() if line.startswith("1e-")]
    ).T
    for exact in (sensitivities, adjoint):
        assert exact[0] < differences[0]
        assert exact[-1] < 1e-8 < differences[-1]
    assert [line.split(",")[0] for line in printed.splitlines() if "unknowns" in line] == ["2 species", "3 species"]
    assert picture.startswith(b"\x89PNG")
