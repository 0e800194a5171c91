"""The yield curve: quoted loans have their price, and derivatives through the spline and the solver are those of differences."""

import re
import sys
from functools import partial

import numpy as np
import pytest

from dualnum import jacobian
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import yield_curve


@pytest.mark.parametrize("spline", yield_curve.SPLINES.values())
def test_quoted_loans_have_their_price(spline):
    zeros = yield_curve.curve(yield_curve.QUOTES, spline)(yield_curve.TERMS)
    np.testing.assert_allclose(yield_curve.mispricing(zeros, yield_curve.QUOTES, spline), 0, atol=1e-12)


def test_a_flat_curve_is_the_same_at_all_terms():
    flat = np.full(len(yield_curve.TERMS), 0.03)
    for spline in yield_curve.SPLINES.values():
        found = yield_curve.forwards(flat, np.linspace(1, 30, 7), spline)
        np.testing.assert_allclose(found, np.log(1.03), rtol=1e-9)


def test_what_a_quoted_loan_depends_on_is_its_own_quote():
    quoted = 5  # 10 years

    def worth(quotes):
        discounts = yield_curve.discounts(yield_curve.curve(quotes, yield_curve.CubicSpline))[:10]
        return yield_curve.QUOTES[quoted] * np.sum(discounts) + discounts[-1]

    found = jacobian(worth)(yield_curve.QUOTES)
    np.testing.assert_allclose(np.delete(found, quoted), 0, atol=1e-10)
    assert found[quoted] < -8


def test_monotonic_curves_move_locally():
    terms = np.array([2.5, 9.0, 29.0])
    moves = {
        name: jacobian(partial(yield_curve.forwards, terms=terms, interpolator=spline))(yield_curve.QUOTES)[:, 5]
        for name, spline in yield_curve.SPLINES.items()
    }
    assert np.max(np.abs(moves["PCHIP"][[0, 2]])) < 0.1 < 1 < moves["PCHIP"][1]
    assert abs(moves["cubic spline"][2]) > 10


def test_the_script(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("yield_curve.py", tmp_path)
    differences = [float(x) for x in re.findall(r"(\de-\d+)$", printed, re.MULTILINE)]
    assert len(differences) == 2
    assert max(differences) < 1e-9
    loses, first, second = (float(x) for x in re.findall(r"(?:loses|first derivatives|second ones) +(\S+)", printed))
    assert abs(second - loses) < abs(first - loses) / 10
    assert picture.startswith(b"\x89PNG")
