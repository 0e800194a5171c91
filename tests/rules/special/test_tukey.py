"""Tukey's lambda distribution where it is a simpler one, and at the ends of its support."""

from math import exp

import numpy as np
import pytest
from scipy import special

from dualnum import Dual


def gradient(x, shape):
    return special.tklmbda(Dual(x, np.array([1.0, 0.0])), Dual(shape, np.array([0.0, 1.0]))).tangent


@pytest.mark.parametrize("x", [0.0, -2.0, -600.0])
def test_it_is_logistic_for_shape_zero(x):
    by_x, by_shape = gradient(x, 0.0)
    assert by_x == pytest.approx(exp(x) / (1 + exp(x)) ** 2, rel=1e-12)
    log_p, log_q = x - np.log1p(exp(x)), -np.log1p(exp(x))
    assert by_shape == pytest.approx(-by_x * (log_p**2 - log_q**2) / 2, rel=1e-12)


@pytest.mark.parametrize(("shape", "density"), [(1.0, 0.5), (2.0, 1.0)])
def test_it_is_uniform_for_shapes_one_and_two(shape, density):
    assert gradient(0.3, shape)[0] == pytest.approx(density, rel=1e-14)


def test_it_is_flat_outside_its_support_and_at_the_end():
    for x in (2.0, 5.0, -2.0):
        np.testing.assert_array_equal(gradient(x, 0.5), 0)


def test_it_is_symmetric():
    np.testing.assert_array_equal(gradient(-0.7, 0.3), [1, -1] * gradient(0.7, 0.3))
