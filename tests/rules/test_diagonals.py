import numpy as np

from dualnum import Dual


def test_diagonal_matrix_of_an_infinite_tangent_has_no_nan():
    y = np.diag(Dual([1.0, 2.0], [np.inf, 1.0]), 1)
    assert np.array_equal(y.tangent, [[0, np.inf, 0], [0, 0, 1], [0, 0, 0]])
    assert np.array_equal(np.triu(y).tangent, y.tangent)
