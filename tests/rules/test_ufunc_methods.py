"""Methods of ufuncs: updates in place with repeated indices, what is plain, what is refused."""

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, MutationError, NoRuleError, jacobian, jvp

X = np.array([[1.0, 4.0, 2.0], [3.0, 0.5, 2.5]])


def active(x):
    return Dual(x, np.ones_like(x))


class TestReduce:
    @pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum, np.hypot, np.subtract])
    def test_the_axis_is_the_first_by_default(self, ufunc):
        y = ufunc.reduce(active(X))
        assert np.array_equal(y.value, ufunc.reduce(X))
        assert y.tangent.shape == (3,)

    def test_named_functions_take_what_the_methods_take(self):
        y = np.maximum.reduce(active(X), axis=None, dtype=None, initial=3.5, where=X < 3)
        assert (y.value, y.tangent) == (3.5, 0.0)
        y = np.add.reduce(active(X), 1, None, None, True)
        assert np.array_equal(y.tangent, [[3.0], [3.0]])

    def test_dtype_of_an_extremum(self):
        y = np.maximum.reduce(active(X), dtype=np.float32)
        assert y.dtype == y.tangent.dtype == np.float32
        assert np.array_equal(y.tangent, np.ones(3))

    def test_out(self):
        out = np.zeros_like(active(X)[0])
        assert np.add.reduce(active(X), out=out) is out
        assert np.array_equal(out.tangent, [2.0, 2.0, 2.0])
        assert np.hypot.reduce(X, out=out) is out
        assert np.array_equal(out.tangent, np.zeros(3))
        with pytest.raises(DerivativeLostError, match="plain array"):
            np.add.reduce(active(X), out=np.zeros(3))

    def test_of_nothing(self):
        assert np.hypot.reduce(active(np.zeros(0))).tangent == 0.0
        with pytest.raises(ValueError, match="no identity"):
            np.subtract.reduce(active(np.zeros(0)))

    def test_of_one_element_is_a_copy(self):
        x = active(X[:1])
        for ufunc in (np.subtract, np.hypot):
            ufunc.reduce(x)[0] = 9.0
            ufunc.accumulate(x)[0] = 9.0
            assert x.tangent[0, 0] == 1.0

    def test_booleans_are_plain(self):
        assert np.logical_and.reduce(active(X), axis=None) is np.True_
        assert type(np.logical_or.accumulate(active(X))) is np.ndarray

    def test_steps_are_constant(self):
        y = np.floor_divide.reduce(active(X))
        assert np.array_equal(y.tangent, np.zeros(3))

    def test_ties_of_all_that_is_not_nan(self):
        y = np.fmax.reduce(Dual([2.0, np.nan, 2.0, 1.0, 2.0], [3.0, 9.0, 6.0, 9.0, 9.0]))
        assert (y.value, y.tangent) == (2.0, 6.0)

    def test_log_of_a_sum_of_exponentials(self):
        x = np.array([-800.0, -801.0, 1.0, 1.5, np.log(2)])
        shares = np.exp(x) / np.exp(x).sum()
        assert np.allclose(jacobian(np.logaddexp.reduce)(x), shares, rtol=1e-14, atol=0)

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            (lambda x: np.subtract.reduce(x, axis=(0, 1)), ValueError),
            (lambda x: np.add.reduce(x, axis=2), np.exceptions.AxisError),
            (lambda x: np.sin.reduce(x), ValueError),
            (lambda x: np.matmul.reduce(x), RuntimeError),
            (lambda x: np.matmul.outer(x, x), TypeError),
            (lambda x: np.sin.outer(x, x), ValueError),
            (lambda x: np.divmod.accumulate(x), ValueError),
            (lambda x: np.add.reduceat(x, [0, 7]), IndexError),
            (lambda x: np.bitwise_and.reduce(x), TypeError),
        ],
    )
    def test_bad_arguments_are_numpys_own_errors(self, call, error):
        with pytest.raises(error):
            call(X)
        with pytest.raises(error):
            call(active(X))


class TestAccumulate:
    def test_running_maximum_keeps_the_place_where_it_was_found(self):
        slopes = jacobian(np.maximum.accumulate)(np.array([2.0, 1.0, 5.0, 4.0]))
        assert np.array_equal(slopes, np.eye(4)[[0, 0, 2, 2]])

    def test_running_maximum_with_ties(self):
        slopes = jacobian(np.maximum.accumulate)(np.array([2.0, 2.0, 1.0]))
        assert np.array_equal(slopes, [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])

    def test_running_maximum_of_numbers_after_nan(self):
        _, slopes = jvp(np.fmax.accumulate, (np.array([np.nan, 1.0, 3.0, np.nan]),), (np.array([1.0, 2.0, 3.0, 4.0]),))
        assert np.array_equal(slopes[1:], [2.0, 3.0, 3.0])

    def test_in_order(self):
        slopes = jacobian(np.divide.accumulate)(np.array([8.0, 2.0, 4.0]))
        assert np.array_equal(slopes, [[1.0, 0.0, 0.0], [0.5, -2.0, 0.0], [0.125, -0.5, -0.25]])


class TestReduceat:
    def test_segments_that_end_before_they_begin_are_single_elements(self):
        x = np.arange(5.0)
        for ufunc in (np.add, np.multiply, np.subtract):
            y = ufunc.reduceat(active(x), [3, 1, 4])
            assert np.array_equal(y.value, ufunc.reduceat(x, [3, 1, 4]))
        assert np.array_equal(np.add.reduceat(active(x), [3, 1, 4]).tangent, [1.0, 3.0, 1.0])


class TestOuter:
    def test_both_active(self):
        y = np.multiply.outer(Dual([2.0, 3.0], [1.0, 0.0]), Dual([5.0], [1.0]))
        assert np.array_equal(y.tangent, [[7.0], [3.0]])

    def test_out(self):
        out = np.zeros((2, 3), like=active(X))
        assert np.add.outer(X[:, 0], active(X)[0], out=out) is out
        assert np.array_equal(out.tangent, np.ones((2, 3)))

    def test_a_mask_is_refused(self):
        with pytest.raises(NoRuleError, match=r"np\.where"):
            np.add.outer(active(X[0]), X[0], where=np.eye(3, dtype=bool))


class TestAt:
    def test_repeated_indices_count_each_time(self):
        x = Dual([1.0, 2.0], [10.0, 20.0])
        np.add.at(x, [0, 0, 1], Dual([3.0, 4.0, 5.0], [1.0, 2.0, 4.0]))
        assert np.array_equal(x.value, [8.0, 7.0])
        assert np.array_equal(x.tangent, [13.0, 24.0])

    def test_products(self):
        x = Dual([2.0], [1.0])
        np.multiply.at(x, [0, 0], Dual([3.0, 5.0], [0.0, 1.0]))
        assert (x.value[0], x.tangent[0]) == (30.0, 15.0 + 6.0)

    def test_constant_operands(self):
        x = active(X)
        np.subtract.at(x, (0, [1, 1]), 0.5)
        assert x.value[0, 1] == 3.0
        assert np.array_equal(x.tangent, np.ones((2, 3)))

    def test_one_argument(self):
        x = Dual([2.0, 3.0], [1.0, 1.0])
        np.square.at(x, [0, 0])
        assert np.array_equal(x.value, [16.0, 3.0])
        assert np.array_equal(x.tangent, [32.0, 1.0])

    def test_views_see_the_update(self):
        x = active(X)
        np.add.at(x[:, 1], [1, 1], Dual(1.0, 3.0))
        assert np.array_equal(x.tangent, [[1.0, 1.0, 1.0], [1.0, 7.0, 1.0]])

    def test_no_axes(self):
        x = active(X[0, :1]).reshape(())
        np.add.at(x, (), Dual(1.0, 3.0))
        assert (x.value, x.tangent) == (2.0, 4.0)

    def test_directions(self):
        x = Dual([1.0, 2.0], np.eye(2))
        np.add.at(x, [1, 1], x[:1] * 3)
        assert np.array_equal(x.tangent, [[1.0, 6.0], [0.0, 1.0]])

    def test_the_operands_keep_their_tangents(self):
        x, y = active(X[0]), active(X[1])
        np.add.at(x, [0, 2, 0], y)
        assert np.array_equal(y.tangent, np.ones(3))

    def test_plain_arrays_are_refused(self):
        plain = np.zeros(2)
        with pytest.raises(DerivativeLostError, match=r"add\.at"):
            np.add.at(plain, [0], Dual(1.0, 1.0))
        assert np.array_equal(plain, [0.0, 0.0])

    def test_inner_derivatives_are_refused(self):
        outer = active(X[0])

        def f(y):
            np.add.at(outer, [0], y)
            return outer

        with pytest.raises(MutationError):
            jvp(f, (1.0,), (1.0,))
        assert np.array_equal(outer.value, X[0])

    @pytest.mark.parametrize(
        ("call", "error"),
        [
            (lambda x: np.add.at(x, [9], 1.0), IndexError),
            (lambda x: np.add.at(x, [0, 1], [1.0, 2.0, 3.0]), ValueError),
            (lambda x: np.add.at(x, [0]), ValueError),
            (lambda x: np.modf.at(x, [0]), ValueError),
        ],
    )
    def test_bad_arguments_are_numpys_own_errors(self, call, error):
        with pytest.raises(error):
            call(X[0].copy())
        x = active(X[0])
        with pytest.raises(error):
            call(x)
        assert np.array_equal(x.value, X[0])


def test_at_refuses_what_is_read_only():
    x = np.broadcast_to(Dual(2.0, 1.0), (1,))
    with pytest.raises(MutationError, match="read-only"):
        np.add.at(x, [0, 0], 2.0)
    assert x.value.tolist() == [2.0]


@pytest.mark.parametrize("subtracted", [np.array([3], np.uint8), np.array([1.0])])
def test_subtracting_at_places_is_no_addition(subtracted):
    """Unsigned integers have no negative, and the zero that is a number's imaginary part has one."""
    plain = np.array([complex(1.0, -0.0)])
    z = Dual(plain, [1.0])
    np.subtract.at(z, [0], subtracted)
    np.subtract.at(plain, [0], subtracted)
    assert z.value == plain
    assert np.signbit(z.value.imag) == np.signbit(plain.imag)
