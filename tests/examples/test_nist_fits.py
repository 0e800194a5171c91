"""Fits of the NIST regressions: exact Jacobians need fewer runs, and lead to all digits that are certified."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))  # where Python itself finds the models when the script is run

import nist_fits
from nist_models import load

PROBLEMS = load()


@pytest.mark.parametrize("start", [1, 2])
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_the_certified_parameters_are_found_to_nine_digits_with_fewer_runs(problem, start):
    comparison = nist_fits.compare(problem, start)
    assert comparison.exact.converged
    assert comparison.exact.digits > 6
    # The residuals of Lanczos2 are a millionth of the data: the last digit depends on the order in which BLAS sums.
    assert comparison.polished > (8 if problem.name == "Lanczos2" else 9)
    assert comparison.exact.runs < comparison.differences.runs
    # What is beyond half of all digits is chance where sums of squares are compared.
    assert comparison.exact.digits > min(comparison.differences.digits, 7.5) - 0.5


def test_digits_are_those_of_the_worst_parameter():
    assert nist_fits.digits(np.array([1.0, 2.0 + 2e-5]), np.array([1.0, 2.0])) == pytest.approx(5)


def test_the_script_prints_a_row_per_fit_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("nist_fits.py", tmp_path)
    rows = [line.split()[0] for line in printed.splitlines() if line.startswith(tuple(PROBLEMS))]
    assert rows == [name for name in PROBLEMS for _ in range(2)]
    assert picture.startswith(b"\x89PNG")
