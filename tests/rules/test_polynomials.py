"""Polynomials: poly1d, multiple roots, complex directions of real results, far and near roots, bad arguments."""

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Polynomial

from dualnum import DerivativeLostError, Dual, DualnumError, jacobian, jvp

P = np.array([2.0, -3.0, 1.0])
V = np.array([0.3, 1.2, -0.5])


@pytest.mark.parametrize("function", [np.polyadd, np.polysub, np.polymul, np.polydiv])
def test_arithmetic_with_poly1d_gives_poly1d(function):
    results = function(Dual(P, V), np.poly1d([1.0, 2.0]))
    expected = function(Dual(P, V), np.array([1.0, 2.0]))
    results, expected = (r if isinstance(r, tuple) else (r,) for r in (results, expected))
    for result, y in zip(results, expected, strict=True):
        assert isinstance(result, np.poly1d)
        assert np.array_equal(result.coeffs.value, y.value)
        assert np.array_equal(result.coeffs.tangent, y.tangent)


def test_poly1d_of_duals():
    p, x = np.poly1d(Dual(P, V)), 1.5
    for function in (p, lambda x: np.polyval(p, x)):
        assert function(x).value == np.polyval(P, x)
        assert function(x).tangent == np.polyval(V, x)
    assert np.array_equal(p.deriv().coeffs.tangent, np.polyder(V))
    assert np.array_equal(p.integ().coeffs.tangent, np.polyint(V))
    assert np.array_equal((p * p).coeffs.tangent, 2 * np.polymul(P, V))


@pytest.mark.parametrize("function", [lambda c: np.poly1d(c)(2.0), lambda c: np.polymul([3.0, 1.0], c)])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_leading_zeros_are_not_left_away_with_their_derivatives(function, mode):
    c = np.array([0.0, 1.0, 2.0])
    with pytest.raises(DualnumError, match=r"np\.polyval"):
        jacobian(function, mode=mode)(c)
    y, y_dot = jvp(function, (c,), (np.array([0.0, 1.0, 0.5]),))
    np.testing.assert_array_equal(y, function(c), strict=True)
    np.testing.assert_array_equal(y_dot, function(np.array([1.0, 0.5])))


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "function",
    [
        *(lambda c: (Polynomial(c) * Polynomial([1.0, 2.0]))(2.0), lambda c: (Polynomial(c) + 1)(2.0)),
        *(lambda c: Chebyshev(c).convert(kind=Polynomial)(0.3), lambda c: Polynomial(c[2:]).integ()(2.0)),
    ],
)
def test_numpy_polynomial_keeps_highest_coefficients_that_are_zero_but_have_derivatives(function, mode):
    # All of these are linear in the coefficients.
    expected = [function(row) - function(np.zeros(3)) for row in np.eye(3)]
    for c in (np.zeros(3), np.array([1.0, 2.0, 0.0])):
        np.testing.assert_allclose(jacobian(function, mode=mode)(c), expected, atol=1e-15)


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
def test_numpy_polynomial_leaves_zeros_without_derivatives_away():
    assert len((Polynomial(Dual(P, [1.0, 1.0, 0.0])) - Polynomial([0.0, 0.0, 1.0])).coef) == 2
    assert Dual(0.0, 1.0) == 0
    assert (Dual(0.0, 1.0) != 0) is np.False_


def test_polyval_of_a_polynomial_is_composition():
    composed = np.polyval(Dual(P, V), np.poly1d([1.0, 1.0]))
    expected = np.polyval(V, np.poly1d([1.0, 1.0]))
    assert np.array_equal(composed.coeffs.tangent, expected.coeffs)


def test_active_constants_of_integration_alone():
    y, y_dot = jvp(lambda k: np.polyint(P, 2, k), (np.array([1.0, 2.0]),), (np.array([0.5, 0.25]),))
    assert np.array_equal(y, np.polyint(P, 2, [1.0, 2.0]))
    assert np.array_equal(y_dot, [0.0, 0.0, 0.0, 0.5, 0.25])


@pytest.mark.parametrize("function", [np.polyder, np.polyint])
def test_negative_order_is_refused(function):
    with pytest.raises(ValueError, match="positive"):
        function(Dual(P, V), -1)


def test_too_few_constants_of_integration():
    with pytest.raises(ValueError, match="rank-1"):
        np.polyint(Dual(P, V), 3, [1.0, 2.0])


class TestRoots:
    def test_of_a_quadratic(self):
        # (x - 1) (x - 1/2): p'(1) = 1, p'(1/2) = -1
        slopes = jacobian(np.roots)(P)
        assert np.allclose(slopes, [[-1, -1, -1], [0.25, 0.5, 1]], rtol=1e-14)

    def test_far_roots_do_not_overflow(self):
        # (x - 1e8) (x^39 - 1), where 1e8^40 would
        p = np.zeros(41)
        p[[0, 1, -2, -1]] = 1, -1e8, -1, 1e8
        roots, slopes = np.roots(p), jacobian(np.roots)(p)
        far = np.argmax(np.abs(roots))
        assert np.allclose(slopes[far, :3], [-1e8, -1, -1e-8], rtol=1e-12)
        assert np.isfinite(slopes).all()

    @pytest.mark.parametrize("p", [[1.0, -2.0, 1.0], [1.0, 0.0, 0.0], np.poly([3.0, 3.0, 3.0, 1.0])])
    def test_multiple_roots_are_refused(self, p):
        with pytest.raises(DualnumError, match="multiple"):
            np.roots(Dual(p, np.ones(len(p))))
        assert np.array_equal(np.roots(Dual(p, np.zeros(len(p)))).tangent, np.zeros(len(p) - 1))

    def test_a_direction_that_parts_roots_at_0_is_refused(self):
        # x³ - x² + t x has the roots 0 and, near t = 0, t and 1 - t
        with pytest.raises(DualnumError, match="multiple"):
            np.roots(Dual([1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]))

    def test_a_direction_that_parts_roots_is_refused(self):
        # (x - 1)(x - 1 - t)
        with pytest.raises(DualnumError, match="multiple"):
            np.roots(Dual([1.0, -2.0, 1.0], [0.0, -1.0, 1.0]))

    def test_simple_roots_beside_multiple_ones_are_not(self):
        # x² (x - 1), in the direction of x² (x - 2)
        y = np.roots(Dual([1.0, -1.0, 0.0, 0.0], [1.0, -2.0, 0.0, 0.0]))
        assert np.allclose(y.tangent, [1, 0, 0])

    def test_close_roots_are_told_apart(self):
        zeros = np.array([1.0, 1.0 + 1e-4])
        slopes = jacobian(np.roots)(np.poly(zeros))
        assert np.allclose(np.sort(np.abs(slopes[:, 2])), 1e4, rtol=1e-6)


class TestPoly:
    def test_undoes_roots(self):
        zeros = np.array([0.5, -2.0, 3.0])
        order = np.argsort(np.roots(np.poly(zeros)))
        assert np.allclose(jacobian(lambda z: np.roots(np.poly(z))[order])(zeros)[[1, 0, 2]], np.eye(3), atol=1e-12)

    def test_of_a_matrix_is_the_derivative_of_its_invariants(self):
        a = np.array([[1.0, 2.0, 0.5], [-1.0, 0.3, 2.0], [0.7, 1.1, -0.4]])
        slopes = jacobian(np.poly)(a)
        assert np.allclose(slopes[1], -np.eye(3), rtol=1e-12)
        assert np.allclose(slopes[3], -np.linalg.det(a) * np.linalg.inv(a).T, rtol=1e-10)

    def test_equal_eigenvalues_are_no_obstacle(self):
        slopes = jacobian(np.poly)(np.eye(2))
        assert np.allclose(slopes[1:], [-np.eye(2), np.eye(2)])

    def test_a_direction_that_would_make_the_result_complex(self):
        zeros = np.array([1 + 1j, 1 - 1j])
        y = np.poly(Dual(zeros, np.array([0.5 + 2j, 0.5 - 2j])))
        assert y.dtype == np.float64
        assert np.allclose(y.tangent, [0, -1, 5])
        with pytest.raises(DerivativeLostError, match="become complex"):
            np.poly(Dual(zeros, np.array([1j, 0.0])))

    def test_of_nothing(self):
        assert np.poly(Dual(np.zeros(0), np.zeros(0))) == 1.0


def test_polyfit_through_all_points_is_interpolation():
    x = np.array([0.0, 1.0, 3.0])
    slopes = jacobian(lambda y: np.polyval(np.polyfit(x, y, 2), x))(P)
    assert np.allclose(slopes, np.eye(3), atol=1e-12)


def test_polyfit_warns_once_of_a_poor_condition():
    x = np.array([1.0, 1.0, 2.0])
    with pytest.warns(np.exceptions.RankWarning) as warnings:
        np.polyfit(x, Dual(P, V), 2)
    assert len(warnings) == 1


def test_polynomials_keep_the_order_in_memory():
    x = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    y = np.polyval([1.0, 2.0], Dual(x, x))
    assert y.value.strides == y.tangent.strides == x.strides
