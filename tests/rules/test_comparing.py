import numpy as np
import pytest

from dualnum import Dual

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.0, -4.0]])
T = np.arange(1.0, 7.0).reshape(2, 3)


@pytest.mark.parametrize(
    "function",
    [
        np.argmax,
        lambda x: np.argsort(x, axis=0),
        np.argwhere,
        np.flatnonzero,
        lambda x: np.isin(x, [0.5, 3.0]),
        lambda x: np.isin([0.5, 7.0], x),
        lambda x: np.digitize(x, [0.0, 1.0]),
        lambda x: np.searchsorted([0.0, 1.0], x),
        lambda x: np.unravel_index(np.argmax(x), x.shape),
        lambda x: np.lexsort((x[0], x[1])),
    ],
)
@pytest.mark.parametrize("levels", [1, 2])
def test_positions_and_truth_values_are_plain(function, levels):
    x = X
    for _ in range(levels):
        x = Dual(x, T)
    y = function(x)
    assert not isinstance(y, Dual)
    assert np.array_equal(y, function(X))


def test_text_shows_the_value():
    x = Dual(X, T)
    assert np.array2string(x, precision=1) == np.array2string(X, precision=1)
    assert np.array_repr(x) == repr(X)
    assert np.array_str(x) == str(X)


def test_dtypes_and_memory():
    x, y = Dual(X, T), Dual(X, T)
    assert np.result_type(x, np.float32) == np.float64
    assert np.common_type(x, np.ones(2, np.float32)) is np.float64
    assert np.shares_memory(x, x[0])
    assert np.may_share_memory(x[0], x[0, :2])
    assert not np.shares_memory(x, y)
    assert not np.shares_memory(x[0], x[1])
