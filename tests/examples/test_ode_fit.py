"""Lynx and hares: the fit is a minimum, its unknowns are known values, and gradients agree where they should."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import ode_fit


def test_the_fit_is_close_to_that_of_the_literature():
    found, covariance = ode_fit.fit()
    # Means that B. Carpenter, "Predator-prey population dynamics" (Stan case study, 2018), finds for the same data.
    np.testing.assert_allclose(np.exp(found.x), [0.55, 0.028, 0.024, 0.80, 33.9, 5.9], rtol=0.05)
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
