"""Reductions: zeros in products, overflow and cancellation, and arguments that the generic checks do not try."""

import math
import re

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, jacobian, jvp, vjp


def gradient(f, x):
    return jacobian(f)(np.asarray(x, float))


class TestProducts:
    @pytest.mark.parametrize(
        ("x", "expected"),
        [
            ([2.0, 0.0, 3.0], [0.0, 6.0, 0.0]),
            ([0.0, 0.0, 3.0], [0.0, 0.0, 0.0]),
            ([0.0], [1.0]),
            ([], []),
        ],
    )
    def test_zeros(self, x, expected):
        assert np.array_equal(gradient(np.prod, x), expected)

    def test_second_derivatives_at_zeros(self):
        x = np.array([0.0, 0.0, 3.0])
        expected = [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        assert np.array_equal(jacobian(jacobian(np.prod))(x), expected)

    def test_underflow(self):
        # 1e-400 is 0, but its derivatives are not
        assert np.allclose(gradient(np.prod, [1e-200, 1e-200]), 1e-200, rtol=1e-15)

    def test_subnormal_result_has_accurate_derivatives(self):
        x = [3e-160, 7e-161]
        assert np.allclose(gradient(np.prod, x), x[::-1], rtol=1e-15)

    def test_overflow(self):
        with np.errstate(over="ignore"):
            assert np.allclose(gradient(np.prod, [1e200, 1e200]), 1e200, rtol=1e-15)

    def test_zero_direction_stays_zero_where_the_product_of_the_others_is_infinite(self):
        assert jvp(np.prod, (np.array([np.inf, 2.0]),), (np.array([1.0, 0.0]),))[1] == 2.0

    def test_initial_by_name(self):
        x = np.array([2.0, 0.0])
        _, slope = jvp(lambda x, i: np.prod(x, initial=i), (x, 3.0), (np.array([0.0, 1.0]), 10.0))
        assert slope == 6.0


class TestMoments:
    def test_std_is_flat_at_constant_input(self):
        assert np.array_equal(gradient(np.std, [4.0, 4.0, 4.0]), [0.0, 0.0, 0.0])

    def test_std_is_flat_in_constant_rows_alone(self):
        x = np.array([[4.0, 4.0], [1.0, 3.0]])
        expected = np.zeros((2, 2, 2))
        expected[1, 1] = [-0.5, 0.5]
        assert np.allclose(jacobian(lambda x: np.std(x, axis=1))(x), expected, rtol=1e-15)

    @pytest.mark.parametrize("scale", [1e-200, 1e200])
    def test_std_whose_squares_leave_the_range(self, scale):
        with np.errstate(over="ignore"):
            slopes = gradient(np.std, [scale, 3 * scale])
        assert np.allclose(slopes, [-0.5, 0.5], rtol=1e-15)

    @pytest.mark.parametrize("function", [np.var, np.std])
    def test_a_shift_changes_nothing_however_large(self, function):
        x = np.array([1.0, 2.0, 4.0]) + 2.0**40
        slopes = gradient(function, x)
        near = gradient(function, x - 2.0**40)
        assert np.allclose(slopes, near, rtol=1e-3)
        assert abs(jvp(function, (x,), (np.full(3, 1e9),))[1]) < 1e-6

    @pytest.mark.parametrize("function", [np.var, np.std, np.nanvar, np.nanstd])
    def test_a_mean_that_is_active(self, function):
        x = np.random.default_rng(1).uniform(size=(3, 4))

        def f(x):
            return function(x, axis=1, mean=np.mean(x, axis=1, keepdims=True), ddof=1)

        assert np.allclose(jacobian(f)(x), jacobian(lambda x: function(x, axis=1, ddof=1))(x), rtol=1e-12, atol=1e-14)

    def test_a_mean_that_alone_is_active(self):
        slope = gradient(lambda m: np.var(np.array([1.0, 2.0, 6.0]), mean=m), 2.0)
        assert math.isclose(slope, -2 * (-1 + 0 + 4) / 3)

    def test_complex_variance(self):
        z, z_dot = np.array([1 + 2j, -1j, 3.0]), np.array([1j, 2.0, 1 - 1j])
        h = 1e-6
        expected = (np.var(z + h * z_dot) - np.var(z - h * z_dot)) / (2 * h)
        slope = jvp(np.var, (z,), (z_dot,))[1]
        assert slope.dtype == float
        assert math.isclose(slope, expected, rel_tol=1e-8)

    def test_half_precision_is_added_up_in_single(self):
        x = np.full(4000, 60.0, np.float16)
        _, slope = jvp(np.mean, (x,), (x,))
        assert slope == np.float16(60)

    @pytest.mark.parametrize("function", [np.nanmean, np.nanvar, np.nanstd])
    def test_empty_slices_warn_as_often_as_in_numpy(self, function):
        x = np.array([[np.nan, np.nan], [1.0, 2.0]])
        with pytest.warns(RuntimeWarning) as expected:
            function(x, axis=1)
        with pytest.warns(RuntimeWarning) as caught:
            y = function(Dual(x, np.ones((2, 2))), axis=1)
        assert len(caught) == len(expected) == 1
        assert math.isclose(y.tangent[1], 1.0 if function is np.nanmean else 0.0)

    def test_average_by_weights_along_several_axes(self):
        x = np.arange(24.0).reshape(2, 3, 4)
        weights = np.random.default_rng(2).uniform(size=(4, 2))
        slopes = jacobian(lambda w: np.average(x, axis=(2, 0), weights=w))(weights)
        uniform = np.einsum("iaj,ji->aij", x, np.ones((4, 2)))  # derivatives of the numerator, axes of x
        expected = uniform.transpose(0, 2, 1) / weights.sum()
        expected = expected - np.average(x, axis=(2, 0), weights=weights)[:, np.newaxis, np.newaxis] / weights.sum()
        assert np.allclose(slopes, expected, rtol=1e-12)


class TestArguments:
    X = Dual(np.arange(6.0).reshape(2, 3), np.ones((2, 3)))

    @pytest.mark.parametrize(
        "function", [np.sum, np.prod, np.mean, np.var, np.std, np.max, np.ptp, np.average, np.nanvar]
    )
    def test_bad_axis_is_numpys_own_error(self, function):
        with pytest.raises(np.exceptions.AxisError) as expected:
            function(self.X.value, axis=2)
        with pytest.raises(np.exceptions.AxisError, match=re.escape(str(expected.value))):
            function(self.X, axis=2)

    def test_maximum_of_nothing(self):
        with pytest.raises(ValueError, match="zero-size"):
            np.max(Dual([], []))

    def test_weights_of_the_wrong_shape(self):
        with pytest.raises(TypeError, match="Axis must be specified"):
            np.average(self.X, weights=np.ones(3))

    def test_both_ddof_and_correction(self):
        with pytest.raises(ValueError, match="correction"):
            np.var(self.X, ddof=1, correction=1)

    def test_integer_results_are_plain(self):
        assert type(np.sum(self.X, dtype=int)) is np.int64
        assert type(np.prod(self.X, dtype=int)) is np.int64

    @pytest.mark.parametrize("function", [np.sum, np.mean, np.max, np.var, np.nansum])
    def test_out(self, function):
        out = np.zeros_like(self.X[0])
        result = function(self.X, axis=0, out=out)
        assert result is out
        assert np.array_equal(out.tangent, function(self.X, axis=0).tangent)
        with pytest.raises(DerivativeLostError, match="plain array"):
            function(self.X, axis=0, out=np.zeros(3))

    def test_methods(self):
        assert np.array_equal(self.X.sum(axis=-1, keepdims=True).tangent, [[3.0], [3.0]])
        assert self.X.mean().tangent == 1.0
        assert self.X.var(ddof=1).tangent == 0.0

    def test_results_do_not_share_memory_with_the_argument(self):
        x = Dual([[1.0, 2.0]], [[3.0, 4.0]])
        y = np.sum(x, axis=())
        y[0, 0] = 0.0
        assert x.tangent[0, 0] == 3.0


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("axis", [None, 0, -1, (2, 0), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_of_duals_inside_of_a_tape(axis, keepdims, order):
    # by a shorter way than outside
    rng = np.random.default_rng(6)
    x = Dual(
        np.asarray(rng.standard_normal((3, 4, 5)), order=order), np.asarray(rng.standard_normal((3, 4, 5)), order="C")
    )
    outside = np.sum(x, axis=axis, keepdims=keepdims)
    inside, pullback = vjp(lambda x: np.sum(x, axis=axis, keepdims=keepdims), x)
    assert inside.shape == outside.shape and inside.dtype == outside.dtype
    assert np.isscalar(inside) == np.isscalar(outside)
    np.testing.assert_array_equal(inside.value, outside.value)
    np.testing.assert_array_equal(inside.tangent, outside.tangent)
    if inside.ndim:
        long = np.array(inside.shape) > 1
        np.testing.assert_array_equal(np.array(inside.tangent.strides)[long], np.array(inside.value.strides)[long])
        inside[...] = 0.0  # memory of its own
        assert np.any(x.value) and np.any(x.tangent)
    (bar,) = pullback(outside)
    assert np.sum(bar * x).value == pytest.approx(np.sum(outside * outside).value)


def test_sums_of_infinite_tangents_inside_of_a_tape_do_not_warn():
    x = Dual(np.ones(3), np.array([np.inf, 0.0, -np.inf]))
    y, _ = vjp(np.sum, x)
    assert y.value == 3.0 and np.isnan(y.tangent)
