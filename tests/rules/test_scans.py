"""Scans: zeros, underflow, infinities, and their arguments."""

import numpy as np
import pytest

from dualnum import Dual, jacobian, jvp


def exclusive_products(x):
    """Jacobian of the cumulative product, element by element."""
    n = len(x)
    return np.array(
        [[np.prod(np.delete(x[: k + 1], i)) if i <= k else 0.0 for i in range(n)] for k in range(n)]
    ).reshape(n, n)


class TestCumulativeProducts:
    @pytest.mark.parametrize(
        "x",
        [
            [2.0, 0.0, 3.0, -1.0],
            [0.0, 5.0, 0.0, 2.0, 3.0],
            [0.0, 0.0, 0.0],
            [0.0],
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0],
            [1e-200, 1e-200, 1e200],  # underflows on the way
            [3e-160, 7e-161, 2.0],  # subnormal on the way
            [1e-300, 1e300, 1e300],  # does not overflow when taken in order
        ],
    )
    def test_jacobian(self, x):
        x = np.array(x)
        with np.errstate(over="ignore"):
            expected = exclusive_products(x)
            assert np.allclose(jacobian(np.cumprod)(x), expected, rtol=1e-14, atol=0)

    def test_second_derivatives_at_zero(self):
        x = np.array([2.0, 0.0, 3.0])
        last = jacobian(jacobian(np.cumprod))(x)[-1]
        assert np.array_equal(last, [[0.0, 3.0, 0.0], [3.0, 0.0, 2.0], [0.0, 2.0, 0.0]])

    def test_zero_directions_stay_zero(self):
        _, slopes = jvp(np.cumprod, (np.array([2.0, np.inf, 3.0]),), (np.array([0.0, 0.0, 0.0]),))
        assert np.array_equal(slopes, [0.0, 0.0, 0.0])

    def test_a_single_element_is_copied(self):
        x = Dual([0.0], [2.0])
        np.cumprod(x)[0] = 7.0
        assert x.tangent[0] == 2.0


class TestArguments:
    X = Dual(np.arange(6.0).reshape(2, 3), np.ones((2, 3)))

    @pytest.mark.parametrize("function", [np.cumsum, np.cumprod, np.nancumsum])
    def test_bad_axis_is_numpys_own_error(self, function):
        with pytest.raises(np.exceptions.AxisError, match="axis 2 is out of bounds"):
            function(self.X, axis=2)

    @pytest.mark.parametrize("function", [np.cumulative_sum, np.cumulative_prod])
    def test_array_api_form_needs_an_axis(self, function):
        with pytest.raises(ValueError, match="axis"):
            function(self.X)

    def test_out(self):
        out = np.zeros_like(self.X)
        assert np.cumsum(self.X, axis=1, out=out) is out
        assert np.array_equal(out.tangent, [[1.0, 2.0, 3.0]] * 2)

    def test_methods(self):
        assert np.array_equal(self.X.cumsum().tangent, np.arange(1.0, 7.0))
        assert np.array_equal((self.X + 1).cumprod(axis=0).tangent[1], [5.0, 7.0, 9.0])

    def test_integer_results_are_plain(self):
        assert type(np.cumsum(self.X, dtype=int)) is np.ndarray
