"""Sums of products, whichever way they are computed."""

from fractions import Fraction

import numpy as np
import pytest

from dualnum.tangents import scaled_sum, sum_of_products

RANGE = [0.0, 1e-300, 1e-160, 0.3, 1.0, 7.0, 1e160, 1e300]


@pytest.mark.parametrize("a", RANGE)
@pytest.mark.parametrize("b", RANGE)
def test_scaled_sum_is_exact_to_rounding(a, b):
    """Also where a / b, or a product with it, would leave the range."""
    x, y = (part.ravel() for part in np.meshgrid([-3.0, 0.0, 1e-170, 5e150], [2.0, 0.0, -1e-200, 1e5]))
    found = scaled_sum(np.float64(a), x, np.float64(b), y)
    for total, u, v in zip(found, x, y, strict=True):
        terms = Fraction(a) * Fraction(u), Fraction(b) * Fraction(v)
        size = sum(map(abs, terms))
        if size < Fraction(1e308):
            assert abs(Fraction(total) - sum(terms)) <= size * Fraction(1, 1 << 51) + Fraction(5e-324)


def test_it_leaves_the_arrays_alone():
    x, y = np.arange(3.0), np.ones(3)
    np.testing.assert_array_equal(scaled_sum(np.float64(2), x, np.float64(4), y), [4, 6, 8])
    np.testing.assert_array_equal(x, np.arange(3))
    np.testing.assert_array_equal(y, np.ones(3))


@pytest.mark.parametrize("function", [scaled_sum, sum_of_products])
def test_none_where_zero_meets_infinity(function):
    assert function(np.float64(0), np.array([np.inf]), np.float64(1), np.ones(1)) is None
    assert function(np.float64(1), np.ones(1), np.float64(0), np.array([np.inf])) is None
