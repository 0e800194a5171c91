import numpy as np
import pytest

from dualnum import Dual, jacobian

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]])


@pytest.mark.filterwarnings("ignore:NumPy has put Duals")
def test_function_that_gives_a_list():
    j = jacobian(lambda x: np.apply_along_axis(lambda line: [line[0] * line[1], np.sum(line)], 1, x))(X)
    assert np.array_equal(j[1, 0], [[0, 0, 0], [0.25, 3.0, 0]])
    assert np.array_equal(j[0, 1], [[1, 1, 1], [0, 0, 0]])


@pytest.mark.parametrize(
    "bad",
    [
        lambda x: np.apply_along_axis(np.sum, 5, x),
        lambda x: np.apply_along_axis(np.sum, 1, x[:0]),
        lambda x: np.apply_over_axes(np.sum, x, [0, 4]),
    ],
)
def test_bad_arguments_give_numpys_own_error(bad):
    with pytest.raises(Exception) as expected:
        bad(X)
    with pytest.raises(type(expected.value)) as found:
        bad(Dual(X, X))
    assert str(found.value) == str(expected.value)
