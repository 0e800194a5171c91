"""Orthogonal polynomials: degree 0 and negative, the ends of the interval, types of the degree."""

import numpy as np
import pytest
from mpmath import mp
from scipy import special

from dualnum import Dual, NoRuleError, derivative

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


@pytest.mark.parametrize("function", [*CHEBYSHEV, special.eval_legendre, special.eval_laguerre])
@pytest.mark.parametrize("position", [0, 1])
def test_a_degree_does_not_depend_on_its_neighbours(function, position):
    n, x = np.array([10.0, 0.5, 2.0, 3.0]), np.array([-0.9, 0.3, 0.5, -0.99])
    together = slope(function, position, n, x)
    alone = [slope(function, position, *place) for place in zip(n, x, strict=True)]
    assert np.allclose(together, alone, rtol=1e-13)


def test_mixed_degrees_beyond_the_interval():
    found = slope(special.eval_chebyt, 1, np.array([2.0, 0.5, 1.0]), np.array([-50.0, 0.3, -1.0]))
    assert found[0] == -200.0
    assert found[2] == 1.0


def second(function, n, x, first_position):
    """Derivative in x of a derivative."""

    def first(x):
        return derivative(lambda t: function(*((t, x) if first_position == 0 else (n, t))))(
            n if first_position == 0 else x
        )

    return derivative(first)(x)


def test_second_derivatives_of_chebyshev_functions():
    for n in (0.25, 1.5, 3.0):
        # T_n'' is n^2 (n^2 - 1) / 3 at 1; at 0, T_n is cos(n pi / 2 - n x + ...)
        assert second(special.eval_chebyt, n, 1.0, 1) == pytest.approx(n**2 * (n**2 - 1) / 3, rel=1e-10)
        mixed = np.sin(n * np.pi / 2) + n * np.pi / 2 * np.cos(n * np.pi / 2)
        assert second(special.eval_chebyt, n, 0.0, 0) == pytest.approx(mixed, rel=1e-12)


@pytest.mark.parametrize("n", [-1.0, 0.3, 1.5, 7.0])
@pytest.mark.parametrize("x", [2.0, -2.0, 5.0, -0.5])
def test_complex_arguments_on_the_real_axis(n, x):
    """SciPy's values beyond -1 are those from below."""
    for point in (complex(x, 0.0), complex(x, -0.0)):
        for function, shifted in zip(CHEBYSHEV, (special.eval_sh_chebyt, special.eval_sh_chebyu), strict=True):
            for position in (0, 1):
                found = slope(function, position, n, np.complex128(point))
                below = slope(function, position, n, np.complex128(complex(x, -1e-9)))
                assert np.isclose(found, below, rtol=1e-7, atol=1e-7)
                factor = (1.0, 2.0)[position]
                assert np.isclose(
                    slope(shifted, position, n, (np.complex128(point) + 1) / 2), factor * found, rtol=1e-10
                )


def test_a_large_degree_of_complex_arguments():
    """U_n' = ((n + 1) T_(n+1) - x U_n) / (x^2 - 1)."""
    x = np.complex128(2 - 0.5j)
    expected = (201 * special.eval_chebyt(201, x) - x * special.eval_chebyu(200, x)) / (x * x - 1)
    assert np.isclose(slope(special.eval_chebyu, 1, 200, x), expected, rtol=1e-8)


def test_nan_stays_alone():
    n = np.array([1.0, np.nan, 2.5])
    for found in (slope(special.eval_legendre, 0, n, 0.3), slope(special.eval_jacobi, 0, n, 0.3, 0.3, 0.2)):
        assert list(np.isnan(found)) == [False, True, False]


@pytest.mark.parametrize(("n", "x"), [(100.5, 0.5), (100.5, 0.999), (0.3, -0.99), (2.3, -0.9), (-40.2, 0.6)])
def test_legendre_functions_inside_the_interval(n, x):
    with mp.workdps(60):
        expected = float(mp.diff(lambda t: mp.hyp2f1(-mp.mpf(n), mp.mpf(n) + 1, 1, (1 - t) / 2), mp.mpf(x)))
    assert slope(special.eval_legendre, 1, n, x) == pytest.approx(expected, rel=1e-11)
