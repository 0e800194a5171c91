"""Non-central distribution functions without non-centrality, at the ends, and where SciPy finds no solution."""

import numpy as np
import pytest
from scipy import special

from dualnum import NoRuleError, derivative


def test_without_noncentrality_they_are_central():
    found = derivative(lambda df: special.chndtr(2.5, df, 0.0))(3.0)
    assert found == pytest.approx(derivative(lambda df: special.chdtr(df, 2.5))(3.0), rel=1e-12)
    found = derivative(lambda df: special.nctdtr(df, 0.0, 1.3))(4.0)
    assert found == pytest.approx(derivative(lambda df: special.stdtr(df, 1.3))(4.0), rel=1e-11)
    found = derivative(lambda m: special.ncfdtr(m, 5.0, 0.0, 1.3))(4.0)
    assert found == pytest.approx(derivative(lambda m: special.fdtr(m, 5.0, 1.3))(4.0), rel=1e-11)


def test_slope_in_the_noncentrality_at_zero():
    """It is half the difference to two more degrees of freedom."""
    expected = (special.chdtr(5.0, 2.5) - special.chdtr(3.0, 2.5)) / 2
    assert derivative(lambda nc: special.chndtr(2.5, 3.0, nc))(0.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "function", [lambda x: special.chndtr(x, 3.0, 2.0), lambda f: special.ncfdtr(3.0, 4.0, 2.0, f)]
)
def test_at_zero(function):
    assert derivative(function)(0.0) == 0.0


def test_tails_keep_their_precision():
    """Far below, the density of chi-square is the first terms of the sum: exp(-(x + nc) / 2) times powers of x."""
    x, df, nc = 1e-8, 3.0, 2.0
    expected = np.exp(-(x + nc) / 2) * np.sqrt(x / (2 * np.pi)) * (1 + nc * x / 6)
    assert derivative(lambda x: special.chndtr(x, df, nc))(x) == pytest.approx(expected, rel=1e-12, abs=0)


def test_no_solution_has_no_derivative():
    assert np.isnan(derivative(lambda p: special.ncfdtridfn(p, 5.0, 2.0, 0.8))(0.7))


def test_too_many_terms_are_refused():
    with pytest.raises(NoRuleError, match="too large"):
        derivative(lambda nc: special.chndtr(1e9, 3.0, nc))(1e9)


@pytest.mark.parametrize(
    ("function", "args"),
    [(special.chndtrinc, (30.5, 0.99, 1e-100)), (special.chndtridf, (0.3, 1e-100, 200.0))],
)
def test_a_solution_that_is_none_in_the_far_tail(function, args):
    """SciPy takes the distribution for 1e-100 wherever it is below 1e-8 or so."""
    for i in range(3):
        found = derivative(lambda t, i=i: function(*args[:i], t, *args[i + 1 :]))(args[i])
        assert np.isnan(found)
