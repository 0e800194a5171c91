"""Distribution functions of counts: arguments that SciPy rounds, and the ends of the domain."""

import pytest
from scipy import special

from dualnum import NoRuleError, derivative


@pytest.mark.parametrize("function", [special.bdtr, special.bdtrc, special.nbdtr, special.nbdtrc])
def test_counts_are_refused(function):
    with pytest.raises(NoRuleError, match="integer"):
        derivative(lambda k: function(k, 8, 0.3))(3.0)


def test_a_count_of_events_is_refused():
    with pytest.raises(NoRuleError, match="rounded down"):
        derivative(lambda k: special.pdtr(k, 2.0))(3.0)


def test_what_is_rounded_is_rounded_in_the_derivative():
    at = [derivative(lambda m, k=k: special.pdtr(k, m))(2.5) for k in (3.0, 3.7)]
    assert at[0] == at[1] != 0


def test_ends():
    assert derivative(lambda p: special.bdtr(10, 10, p))(0.3) == 0.0
    assert derivative(lambda p: special.bdtr(0, 10, p))(0.0) == pytest.approx(-10.0)
    assert derivative(lambda p: special.bdtr(9, 10, p))(1.0) == pytest.approx(-10.0)
    assert derivative(lambda m: special.pdtr(0, m))(0.0) == -1.0


def test_a_count_that_would_be_negative_stays_zero():
    assert special.pdtrik(0.01, 3.3) == 0.0
    assert derivative(lambda m: special.pdtrik(0.01, m))(3.3) == 0.0
    assert derivative(lambda p: special.bdtrik(p, 10.0, 0.3))(0.01) == 0.0


@pytest.mark.parametrize("p", [0.3, 1.0])
def test_numbers_of_trials_are_cut_down(p):
    for function, n in ((special.bdtr, 2.5), (special.nbdtr, 2.5)):
        with pytest.warns((RuntimeWarning, DeprecationWarning)):
            found = derivative(lambda p, f=function, n=n: f(1.0, n, p))(p)
        assert found == derivative(lambda p, f=function: f(1, 2, p))(p)


def test_counts_of_pdtri_are_cut_down():
    with pytest.warns(RuntimeWarning, match="truncated"):
        assert derivative(lambda y: special.pdtri(-0.75, y))(0.25) == pytest.approx(-4.0)
