"""Orthogonal polynomials: degree 0 and negative, the ends of the interval, types of the degree."""

import numpy as np
import pytest
from scipy import special

from dualnum import Dual, NoRuleError

CHEBYSHEV = (special.eval_chebyt, special.eval_chebyu)


def slope(function, position, *args):
    active = Dual(args[position], np.ones_like(args[position], float))
    return function(*args[:position], active, *args[position + 1 :]).tangent


@pytest.mark.parametrize("x", [-1.0, 1.0])
@pytest.mark.parametrize("degree", [0, 1, 5, 5.0, np.int8(5), np.uint8(5)])
def test_ends_of_the_interval(x, degree):
    n = float(degree)
    sign = x ** (n + 1)
    assert np.isclose(slope(special.eval_chebyt, 1, degree, x), sign * n**2, rtol=1e-14)
    assert np.isclose(slope(special.eval_chebyu, 1, degree, x), sign * n * (n + 1) * (n + 2) / 3, rtol=1e-14)
    assert np.isclose(slope(special.eval_legendre, 1, degree, x), sign * n * (n + 1) / 2, rtol=1e-14)


@pytest.mark.parametrize("degree", [-1, -2, -5, -5.0])
def test_negative_degrees(degree):
    x = 0.3
    for function, mirrored, sign in (
        (special.eval_chebyt, -degree, 1),
        (special.eval_chebyu, -degree - 2, -1),
        (special.eval_legendre, -degree - 1, 1),
    ):
        assert np.isclose(slope(function, 1, degree, x), sign * slope(function, 1, mirrored, x), rtol=1e-14)


@pytest.mark.parametrize(
    "function",
    [special.eval_hermite, special.eval_hermitenorm, special.eval_laguerre, special.eval_sh_legendre],
)
@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_degree_zero(function, dtype):
    assert slope(function, 1, dtype(0), 0.3) == 0


def test_degree_zero_with_parameters():
    for function, parameters in ((special.eval_jacobi, (0.5, 1.5)), (special.eval_sh_jacobi, (2.5, 1.5))):
        assert [slope(function, i, 0, *parameters, 0.3) for i in (1, 2, 3)] == [0, 0, 0]


def test_large_degrees_given_as_floats():
    for function in (special.eval_legendre, *CHEBYSHEV):
        assert np.isclose(slope(function, 1, 500.0, 0.3), slope(function, 1, 500, 0.3), rtol=1e-12)


@pytest.mark.parametrize("x", [-0.999, 0.4, 1.0, 1.7])
def test_chebyshev_in_the_degree(x):
    angle = np.arccos(complex(x))
    assert np.isclose(
        slope(special.eval_chebyt, 0, 2.3, x), (-angle * np.sin(2.3 * angle)).real, rtol=1e-12, atol=1e-15
    )
    if x != 1:
        expected = angle * np.cos(3.3 * angle) / np.sin(angle)
        assert np.isclose(slope(special.eval_chebyu, 0, 2.3, x), expected.real, rtol=1e-12)
    else:
        assert slope(special.eval_chebyu, 0, 2.3, x) == 1


def test_gegenbauer_with_parameter_zero():
    # C_n of parameter 0 is 0, and its derivative there 2 T_n / n
    assert np.isclose(slope(special.eval_gegenbauer, 1, 3, 0.0, 0.3), 2 / 3 * special.eval_chebyt(3, 0.3), rtol=1e-14)


def test_hermite_has_integer_degrees():
    with pytest.raises((NoRuleError, TypeError)):
        slope(special.eval_hermite, 0, 3.0, 0.3)
