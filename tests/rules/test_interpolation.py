"""Functions on sampled data: kinks at bounds and nodes, updates in place, accuracy, exotic and bad arguments."""

import math

import numpy as np
import pytest
from mpmath import besseli, mp, mpf

from dualnum import DerivativeLostError, Dual, NoRuleError, jacobian, jvp

X = np.array([-2.0, 0.5, 1.0, 3.0])


def active(x):
    return Dual(x, np.ones_like(x))


class TestClip:
    def test_half_at_the_bounds(self):
        assert np.array_equal(np.clip(active(X), 0.5, 1.0).tangent, [0.0, 0.5, 0.5, 0.0])

    def test_bounds_share_the_other_half(self):
        lower, upper = (
            jvp(lambda lo: np.clip(X, lo, 1.0), (0.5,), (1.0,)),
            jvp(lambda hi: np.clip(X, 0.5, hi), (1.0,), (1.0,)),
        )
        assert np.array_equal(lower[1], [1.0, 0.5, 0.0, 0.0])
        assert np.array_equal(upper[1], [0.0, 0.0, 0.5, 1.0])

    def test_bounds_that_cross(self):
        # the upper bound wins, as in NumPy
        for argument, slope in ((0, 0.0), (1, 0.0), (2, 1.0)):
            args = [0.3, 5.0, 1.0]
            args[argument] = Dual(args[argument], 1.0)
            assert np.clip(*args).tangent == slope

    def test_active_bounds_by_name(self):
        y = np.clip(X, min=Dual(0.0, 1.0), max=Dual(2.0, 5.0))
        assert np.array_equal(y.tangent, [1.0, 0.0, 0.0, 5.0])

    def test_no_bounds(self):
        assert np.array_equal(np.clip(active(X), None, None).tangent, np.ones(4))

    def test_out(self):
        x = active(X)
        assert np.clip(x, 0.0, 2.0, out=x) is x
        assert np.array_equal(x.tangent, [0.0, 1.0, 1.0, 0.0])
        with pytest.raises(DerivativeLostError, match="plain array"):
            np.clip(active(X), 0.0, 2.0, out=np.zeros(4))

    def test_method(self):
        assert np.array_equal(active(X).clip(0.0, 2.0).tangent, [0.0, 1.0, 1.0, 0.0])

    def test_bad_arguments(self):
        with pytest.raises(TypeError, match="a_max"):
            np.clip(active(X), 0.0)
        with pytest.raises(TypeError, match="a_min"):
            np.clip(active(X), 0.0, 1.0, max=2.0)

    def test_a_mask_is_refused(self):
        with pytest.raises(NoRuleError, match=r"np\.where"):
            np.clip(active(X), 0.0, 1.0, out=active(X), where=X > 0)


class TestNanToNum:
    NUMBERS = np.array([np.nan, 2.0, np.inf])

    def test_what_is_replaced_is_constant(self):
        y = np.nan_to_num(active(self.NUMBERS), nan=7.0)
        assert np.array_equal(y.value, np.nan_to_num(self.NUMBERS, nan=7.0))
        assert np.array_equal(y.tangent, [0.0, 1.0, 0.0])

    def test_in_place(self):
        x = active(self.NUMBERS)
        view = x[::-1]
        assert np.nan_to_num(x, copy=False) is x
        assert np.array_equal(view.tangent, [0.0, 1.0, 0.0])
        assert np.isfinite(view.value).all()

    def test_complex_parts_are_replaced_on_their_own(self):
        z = np.array([complex(np.nan, 1.0)])
        assert np.nan_to_num(Dual(z, np.array([2 + 3j]))).tangent[0] == 3j

    def test_an_active_replacement_has_no_rule(self):
        with pytest.raises(NoRuleError, match="argument number 2"):
            np.nan_to_num(active(self.NUMBERS), nan=Dual(1.0, 1.0))


class TestSpecialFunctions:
    def test_sinc_near_zero_and_far_away(self):
        mp.dps = 50
        for x in [0.0, 1e-300, 1e-9, -1e-3, 0.3, 0.45, 0.9, -7.3, 1234.7, 1e8 + 0.25]:
            y = mp.pi * mpf(x)
            exact = mp.pi * (mp.cos(y) * y - mp.sin(y)) / y**2 if abs(x) > 1e-20 else -(mp.pi**2) * x / 3
            scale = abs(exact) if abs(x) < 0.5 else 1 / mpf(abs(x))
            assert abs(mpf(float(jacobian(np.sinc)(x))) - exact) <= 4e-16 * scale, x

    def test_second_derivative_of_sinc_at_zero(self):
        assert math.isclose(jacobian(jacobian(np.sinc))(0.0), -(math.pi**2) / 3)

    def test_i0(self):
        mp.dps = 50
        for x in [1e-12, 0.3, -2.0, 15.0, 120.0, -700.0]:
            assert math.isclose(jacobian(np.i0)(x), besseli(1, mpf(x)), rel_tol=1e-15 * (4 + abs(x) / 4)), x

    def test_higher_derivatives_of_i0_at_zero(self):
        second = jacobian(jacobian(np.i0))
        assert math.isclose(second(0.0), 0.5)
        assert math.isclose(jacobian(jacobian(second))(0.0), 0.375)

    def test_angle_of_real_numbers_is_constant(self):
        assert np.array_equal(np.angle(active(X), deg=True).tangent, np.zeros(4))

    def test_polynomial_with_active_coefficients_in_a_list(self):
        a = Dual(2.0, 1.0)
        assert np.polyval([a, 1.0, a], Dual(3.0, 0.0)).tangent == 10.0

    def test_unwrap_adds_whole_periods(self):
        y = np.unwrap(Dual([0.0, 5.0, 9.0], [0.1, 0.2, 0.3]), period=Dual(6.0, 1.0))
        assert np.array_equal(y.value, [0.0, -1.0, -3.0])
        assert np.allclose(y.tangent, [0.1, -0.8, -1.7])


class TestDifferences:
    def test_gradient_of_a_parabola_is_exact(self):
        nodes = np.array([0.0, 0.3, 1.0, 1.2, 2.0])
        slopes = jacobian(lambda c: np.gradient(c * nodes**2, nodes, edge_order=2))(1.0)
        assert np.allclose(slopes, 2 * nodes, rtol=0, atol=1e-14)

    def test_gradient_along_all_axes(self):
        f = active(np.arange(12.0).reshape(3, 4))
        slopes = np.gradient(f, Dual(2.0, 1.0), 0.5)
        assert isinstance(slopes, tuple)
        assert np.allclose(slopes[0].tangent, -4 / 2.0**2)
        assert np.allclose(slopes[1].tangent, 0.0)

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            (lambda x: np.diff(x, n=-1), ValueError),
            (lambda x: np.diff(x, axis=1), np.exceptions.AxisError),
            (lambda x: np.diff(x[0]), ValueError),
            (lambda x: np.gradient(x, 1.0, 2.0), TypeError),
            (lambda x: np.gradient(x[:1]), ValueError),
            (lambda x: np.gradient(x, edge_order=3), ValueError),
            (lambda x: np.trapezoid(x, x[1:]), ValueError),
            (lambda x: np.convolve(x, []), ValueError),
            (lambda x: np.correlate(x, x, mode="most"), ValueError),
            (lambda x: np.interp(x, [0.0, 1.0], [1.0]), ValueError),
            (lambda x: np.interp(x, [0.0, 1.0], [1.0, 2.0], period=0), ValueError),
        ],
    )
    def test_bad_arguments(self, call, error):
        with pytest.raises(error):
            call(X)
        with pytest.raises(error):
            call(active(X))

    def test_no_difference_is_the_argument_itself(self):
        x = active(X)
        assert np.diff(x, n=0) is x

    def test_more_differences_than_elements(self):
        assert np.diff(active(X), n=9).shape == (0,)


class TestInterpolation:
    NODES, VALUES = np.array([0.0, 1.0, 3.0]), np.array([5.0, 7.0, 1.0])

    @pytest.mark.parametrize(
        ("x", "slope"), [(-1.0, 0.0), (0.0, 2.0), (0.5, 2.0), (1.0, -3.0), (3.0, -3.0), (4.0, 0.0)]
    )
    def test_slopes(self, x, slope):
        # at a node, that of the interval on its right; at the last node, on its left
        assert jacobian(lambda x: np.interp(x, self.NODES, self.VALUES))(x) == slope

    def test_weights_of_the_values(self):
        slopes = jacobian(lambda v: np.interp(np.array([-1.0, 0.25, 3.0, 9.0]), self.NODES, v))(self.VALUES)
        assert np.array_equal(slopes, [[1.0, 0.0, 0.0], [0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])

    def test_moving_the_nodes_with_the_points_changes_nothing(self):
        y = jvp(lambda s: np.interp(np.array([0.3, 2.0]) + s, self.NODES + s, self.VALUES), (0.0,), (1.0,))
        assert np.allclose(y[1], 0.0, atol=1e-15)

    def test_active_ends(self):
        y = np.interp(Dual([-1.0, 0.5, 9.0], [1.0, 1.0, 1.0]), self.NODES, self.VALUES, left=Dual(0.0, 4.0), right=2.0)
        assert np.array_equal(y.tangent, [4.0, 2.0, 0.0])

    def test_period(self):
        slopes = jacobian(lambda x: np.interp(x, [0.0, 1.0, 3.0], [5.0, 7.0, 1.0], period=4.0))(
            np.array([3.5, 4.5, -0.5])
        )
        assert np.array_equal(np.diag(slopes), [4.0, 2.0, 4.0])

    def test_caller_keeps_unsorted_periodic_nodes(self):
        nodes = np.array([3.0, 0.0, 1.0])
        np.interp(Dual(0.5, 1.0), nodes, self.VALUES, period=4.0)
        assert np.array_equal(nodes, [3.0, 0.0, 1.0])


def test_no_difference_at_all():
    """NumPy returns the array as it was, whatever was to be appended."""
    assert np.array_equal(np.diff(active(X), 0, append=2.0).value, np.diff(X, 0, append=2.0))


def test_functions_that_give_arrays_without_axes():
    """``np.i0`` and ``np.sinc`` of a scalar are 0-d arrays, which can be updated in place."""
    y = np.i0(Dual(1.5, 1.0))
    y[...] = Dual(2.0, 3.0)
    assert (y.value, y.tangent) == (2.0, 3.0)
