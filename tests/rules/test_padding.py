import numpy as np
import pytest

from dualnum import Dual, NoRuleError, jacobian

X = np.array([0.5, -1.5, 2.0])
T = np.array([1.0, 2.0, 3.0])
MANY = np.arange(12.0).reshape(4, 3)


def test_corners_belong_to_the_axis_that_is_padded_last():
    def pad(c):
        return np.pad(np.ones((1, 1)) * c[0], 1, constant_values=((c[0], c[1]), (c[2], c[3])))

    j = jacobian(pad)(np.arange(4.0))
    assert np.array_equal(j @ np.arange(10.0, 14), [[12, 10, 13], [12, 10, 13], [12, 11, 13]])


def test_constant_padding_of_plain_arrays_with_duals_is_refused():
    with pytest.raises(TypeError):
        np.pad(X, 1, constant_values=Dual(1.0, 1.0))


def test_functions_as_mode_are_refused():
    def fill(vector, width, axis, kwargs):
        vector[: width[0]] = vector[width[0]]

    with pytest.raises(NoRuleError, match="join it"):
        np.pad(Dual(X, T), 1, fill)


@pytest.mark.parametrize("tangent", [T, MANY])
def test_empty_padding_has_zero_tangents(tangent):
    y = np.pad(Dual(X, tangent), (1, 2), "empty")
    assert np.array_equal(y.tangent, np.pad(tangent, [(0, 0)] * (tangent.ndim - 1) + [(1, 2)]))


@pytest.mark.parametrize("options", [{"mode": "nonsense"}, {"mode": "edge", "stat_length": 2}, {"pad_width": -1}])
def test_bad_arguments_give_numpys_own_error(options):
    options = {"pad_width": 1, **options}
    with pytest.raises(ValueError) as expected:
        np.pad(X, **options)
    with pytest.raises(ValueError) as found:
        np.pad(Dual(X, T), **options)
    assert str(found.value) == str(expected.value)


@pytest.mark.skipif("int, dict" not in np.pad.__doc__, reason="this NumPy does not take a dict")
def test_padding_of_named_axes():
    x = Dual(np.ones((2, 3)), np.arange(12.0).reshape(2, 2, 3))
    y = np.pad(x, {-1: (1, 2)})
    assert np.array_equal(y.tangent, np.pad(x.tangent, ((0, 0), (0, 0), (1, 2))))


def test_padding_by_nothing_is_a_copy():
    x = Dual(X, T)
    np.pad(x, 0)[...] = 7.0
    assert np.array_equal(x.value, X)
    assert np.array_equal(x.tangent, T)


def test_what_is_trimmed_is_a_view():
    x = Dual([0.0, 1.0, 2.0, 0.0], np.stack([np.ones(4), np.arange(4.0)]))
    y = np.trim_zeros(x)
    assert np.array_equal(y.tangent, [[1, 1], [1, 2]])
    y[0] = 5.0
    assert np.array_equal(x.value, [0, 5, 2, 0])
    assert np.array_equal(x.tangent, [[1, 0, 1, 1], [0, 0, 2, 3]])
