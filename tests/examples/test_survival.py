"""Survival: the model is the published one, and the influence of a patient is that of fitting again."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.optimize import minimize

from dualnum import grad
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import survival


def test_the_weibull_model_is_that_of_survreg():
    """Venables & Ripley (2002), section 13.2, give an effect of 1.267 with an error of 0.311, and a log scale of -0.312."""
    p, covariance = survival.estimate("Weibull")
    assert p == pytest.approx([2.249, 1.267, -0.312], abs=2e-3)
    assert np.sqrt(np.diag(covariance))[1:] == pytest.approx([0.311, 0.147], abs=2e-3)
    assert survival.minus_log_likelihood(p, survival.WEEKS, "Weibull") == pytest.approx(106.6, abs=0.05)


def refitted(family, weeks):
    jac = grad(survival.minus_log_likelihood)
    start = survival.estimate(family)[0]
    return minimize(survival.minus_log_likelihood, start, args=(weeks, family), jac=jac, options={"gtol": 1e-9}).x[1]


@pytest.mark.parametrize("family", survival.FAMILIES)
@pytest.mark.parametrize("patient", [0, 41])
def test_influence_is_that_of_fitting_again(family, patient):
    slope = survival.influence(family)[patient]
    step = np.eye(42)[patient] * 1e-3
    difference = (refitted(family, survival.WEEKS + step) - refitted(family, survival.WEEKS - step)) / 2e-3
    assert slope == pytest.approx(difference, rel=1e-4)


def test_the_curve_without_a_model_is_the_known_one():
    weeks, share = survival.kaplan_meier(1.0)
    assert list(weeks) == [6, 7, 10, 13, 16, 22, 23]
    assert share.round(3).tolist() == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]


def test_the_script_prints_the_families_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("survival.py", tmp_path)
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == list(survival.FAMILIES)
    assert "3.55 (1.93 to 6.53)" in lines[1]
    assert picture.startswith(b"\x89PNG")
