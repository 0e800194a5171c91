"""The NIST regressions: the models are right, their Jacobians are right, and the script runs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import dualnum
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))  # where Python itself finds the models when the script is run

from nist_jacobians import digits, gauss_newton_step, standard_deviations
from nist_models import MODELS, DataSet, load

SIZES = {  # observations and parameters, from NIST's list of the data sets
    "Bennett5": (154, 3), "BoxBOD": (6, 2), "Chwirut1": (214, 3), "Chwirut2": (54, 3), "DanWood": (6, 2),
    "ENSO": (168, 9), "Eckerle4": (35, 3), "Gauss1": (250, 8), "Gauss2": (250, 8), "Gauss3": (250, 8),
    "Hahn1": (236, 7), "Kirby2": (151, 5), "Lanczos1": (24, 6), "Lanczos2": (24, 6), "Lanczos3": (24, 6),
    "MGH09": (11, 4), "MGH10": (16, 3), "MGH17": (33, 5), "Misra1a": (14, 2), "Misra1b": (14, 2),
    "Misra1c": (14, 2), "Misra1d": (14, 2), "Nelson": (128, 3), "Rat42": (9, 3), "Rat43": (15, 4),
    "Roszman1": (25, 4), "Thurber": (37, 7),
}  # fmt: skip
PROBLEMS = load()

every_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
all_but_lanczos1 = pytest.mark.parametrize(
    "problem", [problem for name, problem in PROBLEMS.items() if name != "Lanczos1"], ids=lambda problem: problem.name
)
at_every_point = pytest.mark.parametrize("point", ["start1", "start2", "certified"])


def coordinates(problem: DataSet, point: str) -> np.ndarray:
    return dict(zip(["start1", "start2", "certified"], [*problem.starts, problem.certified], strict=True))[point]


def rss(problem: DataSet, b: np.ndarray) -> float:
    return np.sum(problem.residuals(b) ** 2)


def complex_step_jacobian(problem: DataSet, b: np.ndarray) -> np.ndarray:
    steps = 1e-30 * np.abs(b)
    columns = [
        problem.residuals(b + 1j * steps * axis).imag / step for axis, step in zip(np.eye(len(b)), steps, strict=True)
    ]
    return np.stack(columns, axis=1)


def refined_parameters(problem: DataSet) -> np.ndarray:
    """The certified parameters with the digits that were cut off from them."""
    b = problem.certified
    return b + gauss_newton_step(dualnum.jacobian(problem.residuals)(b), problem.residuals(b))


def test_the_copy_of_the_data_is_complete():
    assert {name: (len(p.response), len(p.certified)) for name, p in PROBLEMS.items()} == SIZES
    assert MODELS.keys() == SIZES.keys()


@every_problem
def test_the_parts_of_a_data_set_fit_together(problem):
    m, p = SIZES[problem.name]
    assert [x.shape for x in problem.regressors] == [(m,)] * (2 if problem.name == "Nelson" else 1)
    assert [b.shape for b in (*problem.starts, problem.certified_sd)] == [(p,)] * 3


@all_but_lanczos1
def test_the_model_reproduces_the_certified_residual_sum_of_squares(problem):
    assert rss(problem, problem.certified) == pytest.approx(problem.certified_rss, rel=1e-9)


def test_the_residuals_of_lanczos1_are_within_the_rounding_of_its_certified_parameters():
    problem = PROBLEMS["Lanczos1"]
    half_of_last_digit = 5 * 10.0 ** (np.floor(np.log10(np.abs(problem.certified))) - 11)
    rounding = np.abs(complex_step_jacobian(problem, problem.certified)) @ half_of_last_digit
    assert np.all(np.abs(problem.residuals(problem.certified)) <= rounding + 1e-12)
    # One step later only the rounding of double precision is left, 4e-16 in residuals of 9e-14.
    assert rss(problem, refined_parameters(problem)) == pytest.approx(problem.certified_rss, rel=0.01)


@every_problem
@at_every_point
def test_the_jacobian_is_that_of_the_complex_step(problem, point):
    b = coordinates(problem, point)
    jac, expected = dualnum.jacobian(problem.residuals)(b), complex_step_jacobian(problem, b)
    assert np.all(np.isfinite(jac))
    assert jac.shape == SIZES[problem.name]
    assert np.all(np.abs(jac - expected) <= 1e-13 * np.max(np.abs(expected), axis=0))


@every_problem
@at_every_point
def test_the_jacobian_agrees_with_finite_differences(problem, point):
    report = dualnum.check_jacobian(problem.residuals, coordinates(problem, point))
    assert report, str(report)


@all_but_lanczos1
def test_the_standard_deviations_from_the_data_are_the_certified_ones(problem):
    b = problem.certified
    sd = standard_deviations(dualnum.jacobian(problem.residuals)(b), rss(problem, b))
    np.testing.assert_allclose(sd, problem.certified_sd, rtol=1e-9)


@every_problem
def test_the_standard_deviations_with_the_certified_rss_are_the_certified_ones(problem):
    sd = standard_deviations(dualnum.jacobian(problem.residuals)(problem.certified), problem.certified_rss)
    np.testing.assert_allclose(sd, problem.certified_sd, rtol=1e-9)


@every_problem
def test_a_gauss_newton_step_restores_the_digits_that_were_cut_off(problem):
    b = refined_parameters(problem)
    sd = standard_deviations(dualnum.jacobian(problem.residuals)(b), rss(problem, b))
    np.testing.assert_allclose(b, problem.certified, rtol=5e-10)
    np.testing.assert_allclose(sd, problem.certified_sd, rtol=0.01 if problem.name == "Lanczos1" else 1e-10)


def test_a_wrong_column_shows_in_the_standard_deviations():
    problem = PROBLEMS["Thurber"]
    jac = complex_step_jacobian(problem, problem.certified)
    jac[:, 3] *= 1 + 1e-6
    assert digits(standard_deviations(jac, problem.certified_rss), problem.certified_sd) == pytest.approx(6, abs=0.1)


def test_standard_deviations_of_a_straight_line():
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    sd = standard_deviations(np.stack([np.ones(4), x], axis=1), rss=0.4)
    np.testing.assert_allclose(sd, np.sqrt(0.2 * np.array([1 / 4 + 0.5**2 / 5, 1 / 5])), rtol=1e-14)


def test_the_script_prints_a_row_per_data_set_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("nist_jacobians.py", tmp_path)
    assert [line.split()[0] for line in printed.splitlines() if line.startswith(tuple(SIZES))] == list(SIZES)
    assert picture.startswith(b"\x89PNG")
