"""Sorting: ties, the ends of quantiles, arguments that overwrite, unique elements."""

import numpy as np
import pytest

from dualnum import Dual, NoRuleError, jacobian, jvp

TIED = np.array([3.0, 1.0, 3.0, 2.0, 3.0])
THIRD = 1 / 3


class TestSorting:
    def test_equal_elements_share_their_tangents(self):
        expected = np.zeros((5, 5))
        expected[0, 1] = expected[1, 3] = 1.0
        expected[2:, [0, 2, 4]] = THIRD
        assert np.allclose(jacobian(np.sort)(TIED), expected, rtol=1e-15)
        assert np.allclose(jacobian(lambda x: np.partition(x, 1))(TIED), expected, rtol=1e-15)

    def test_ties_in_one_row_leave_others_alone(self):
        x = np.array([[2.0, 2.0], [5.0, 4.0]])
        x_dot = np.array([[1.0, 3.0], [10.0, 20.0]])
        assert np.array_equal(jvp(np.sort, (x,), (x_dot,))[1], [[2.0, 2.0], [20.0, 10.0]])

    def test_agrees_with_the_extrema(self):
        assert np.allclose(jacobian(np.sort)(TIED)[[0, -1]], [jacobian(np.min)(TIED), jacobian(np.max)(TIED)])

    def test_nan_comes_last_with_its_own_tangent(self):
        y = np.sort(Dual([np.nan, 1.0, np.nan], [5.0, 6.0, 7.0]))
        assert np.array_equal(y.tangent, [6.0, 5.0, 7.0])

    def test_partition_arranges_tangents_as_values(self):
        rng = np.random.default_rng(3)
        x = rng.permutation(np.arange(500.0))
        y = np.partition(Dual(x, 10 * x), [17, 250, 400])
        assert np.array_equal(y.tangent, 10 * y.value)

    def test_in_place(self):
        x = Dual([[3.0, 1.0], [2.0, 5.0]], [[1.0, 2.0], [3.0, 4.0]])
        x.sort(axis=0)
        assert np.array_equal(x.tangent, [[3.0, 2.0], [1.0, 4.0]])
        x.partition(0, axis=1)
        assert np.array_equal(x.value, [[1.0, 2.0], [3.0, 5.0]])
        assert np.array_equal(x.tangent, [[2.0, 3.0], [1.0, 4.0]])

    def test_a_single_element_is_copied(self):
        x = Dual([1.0], [2.0])
        np.sort(x)[0] = 7.0
        assert x.tangent[0] == 2.0

    def test_bad_arguments(self):
        with pytest.raises(np.exceptions.AxisError, match="axis 1"):
            np.sort(Dual(TIED, TIED), axis=1)
        with pytest.raises(ValueError, match="kth"):
            np.partition(Dual(TIED, TIED), 9)


class TestQuantiles:
    def test_ties(self):
        expected = [THIRD, 0.0, THIRD, 0.0, THIRD]
        assert np.allclose(jacobian(np.median)(TIED), expected, rtol=1e-15)
        assert np.allclose(jacobian(lambda x: np.percentile(x, 100))(TIED), expected, rtol=1e-15)

    @pytest.mark.parametrize(("q", "slope"), [(0.0, 2.0), (0.25, 2.0), (0.5, 4.0), (1.0, 12.0)])
    def test_slope_in_q_at_data_points_is_one_sided(self, q, slope):
        # on the right of each point, but for the last
        x = np.array([1.0, 1.5, 2.0, 3.0, 6.0])
        assert jacobian(lambda q: np.quantile(x, q))(q) == slope

    def test_slope_in_q_is_zero_where_the_method_extrapolates_constants(self):
        x = np.array([1.0, 2.0, 4.0])
        assert jacobian(lambda q: np.quantile(x, q, method="hazen"))(0.05) == 0.0
        assert jacobian(lambda q: np.quantile(x, q, method="lower"))(0.3) == 0.0

    def test_percentiles_are_quantiles_of_a_hundredth(self):
        x = np.array([1.0, 2.0, 4.0])
        assert np.isclose(jacobian(lambda q: np.percentile(x, q))(60.0), 0.04)

    @pytest.mark.parametrize("function", [np.median, np.nanmedian, lambda x, **kw: np.quantile(x, 0.3, **kw)])
    def test_overwriting_is_not_taken_literally(self, function):
        # The value may be overwritten, but the tangent would not follow.
        values = np.array([5.0, 1.0, 4.0, 2.0, 3.0])
        x = Dual(values, 10 * values)
        y = function(x, overwrite_input=True)
        assert np.isclose(y.tangent, 10 * y.value)
        assert np.array_equal(x.value, values)

    def test_weighted(self):
        x, weights = np.array([4.0, 1.0, 2.0]), np.array([0.1, 1.0, 1.0])
        slopes = jacobian(lambda x: np.quantile(x, 0.9, weights=weights, method="inverted_cdf"))(x)
        assert np.array_equal(slopes, [0.0, 0.0, 1.0])

    def test_of_nothing(self):
        with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning, match="empty"):
            y = np.median(Dual([], []))
        assert np.isnan(y.value)

    def test_mixed_up_axes_of_numpy_are_refused(self):
        x = Dual(np.zeros((2, 3, 4)), np.zeros((2, 3, 4)))
        with pytest.raises(NoRuleError, match="ravel"):
            np.nanquantile(x, np.full((2, 3), 0.5), axis=(0, 2))

    def test_bad_arguments(self):
        with pytest.raises(ValueError, match="range"):
            np.quantile(Dual(TIED, TIED), 1.5)
        with pytest.raises(ValueError, match="is not a valid method"):
            np.quantile(Dual(TIED, TIED), 0.5, method="guess")


class TestUnique:
    def test_first_occurrences(self):
        x = Dual([2.0, 1.0, 2.0, 1.0], [10.0, 20.0, 30.0, 40.0])
        assert np.array_equal(np.unique(x).tangent, [20.0, 10.0])
        values, index, inverse, counts = np.unique_all(x)
        assert np.array_equal(values.tangent, x.tangent[index])
        assert type(index) is type(inverse) is type(counts) is np.ndarray

    def test_nan(self):
        x = Dual([np.nan, 1.0, np.nan], [1.0, 2.0, 3.0])
        assert np.array_equal(np.unique(x).tangent, [2.0, 1.0])
        assert np.unique(x, equal_nan=False).shape == (3,)

    def test_rows(self):
        x = Dual([[2.0, 1.0], [0.0, 1.0], [2.0, 1.0]], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        assert np.array_equal(np.unique(x, axis=0).tangent, [[3.0, 4.0], [1.0, 2.0]])


@pytest.mark.parametrize("function", [np.quantile, np.percentile, np.nanquantile])
@pytest.mark.parametrize("q", [0.25, 1, np.float64(0.25), [0.25]])
def test_quantiles_of_float32_have_the_dtype_of_numpy(function, q):
    x = np.array([3.0, 1.0, 2.0], np.float32)
    y = function(Dual(x, x), q)
    assert y.dtype == y.tangent.dtype == function(x, q).dtype


def test_level_without_a_direction_beside_infinity():
    with np.errstate(invalid="ignore"):
        y = np.quantile(np.array([1.0, 2.0, np.inf]), Dual(0.75, [0.0, 1.0]))
    assert np.array_equal(y.tangent, [0.0, np.inf])
