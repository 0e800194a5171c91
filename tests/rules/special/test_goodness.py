"""The distributions of Kolmogorov and Smirnov where one series takes over from another, and at the ends."""

import numpy as np
import pytest
from scipy import special

from dualnum import NoRuleError, derivative


def test_the_two_series_meet():
    below, above = (derivative(special.kolmogorov)(x) for x in (1.0, np.nextafter(1.0, 2.0)))
    assert below == pytest.approx(above, rel=1e-14)


@pytest.mark.parametrize("x", [0.0, 1e-3, 50.0])
def test_kolmogorov_is_flat_at_its_ends(x):
    assert derivative(special.kolmogorov)(x) == 0.0


def test_one_observation():
    """Its distribution is uniform."""
    assert derivative(lambda d: special.smirnov(1, d))(0.3) == -1.0
    assert derivative(lambda p: special.smirnovi(1, p))(0.3) == -1.0


def test_two_observations_in_second_order():
    """Above 1/2, the share is (1 - d)**2."""
    assert derivative(derivative(lambda d: special.smirnov(2, d)))(0.7) == pytest.approx(2.0, rel=1e-12)


def test_second_derivatives_are_sums_of_n_terms():
    with pytest.raises(NoRuleError, match="n = 20000"):
        derivative(derivative(lambda d: special.smirnov(10**6, d)))(0.001)
