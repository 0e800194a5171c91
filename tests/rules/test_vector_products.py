"""outer, kron and cross: what the generic checks cannot say."""

import numpy as np
import pytest

from dualnum import Dual, jacobian
from dualnum.table import TABLE

X = np.array([1.0, 2.0, 4.0])


def test_outer_with_itself():
    expected = np.einsum("ik,j->ijk", np.eye(3), X) + np.einsum("jk,i->ijk", np.eye(3), X)
    np.testing.assert_array_equal(jacobian(lambda x: np.outer(x, x))(X), expected)


def test_kron_of_matrices_of_different_rank():
    x = Dual(np.ones((2, 2)), np.arange(8.0).reshape(2, 2, 2))
    out = np.kron(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), x)
    np.testing.assert_array_equal(out.tangent[1], np.kron([[[1.0, 2.0]], [[3.0, 4.0]]], x.tangent[1]))


def test_cross_with_itself_is_zero_in_every_direction():
    out = np.cross(Dual(X, np.eye(3)), Dual(X, np.eye(3)))
    np.testing.assert_array_equal(out.value, 0)
    np.testing.assert_array_equal(out.tangent, 0)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="NumPy has ended it")
@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
@pytest.mark.parametrize("axes", [{}, {"axis": 0}])
def test_cross_of_vectors_in_the_plane(axes):
    a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    if hasattr(np.cross(a, b), "ndim"):
        np.testing.assert_array_equal(jacobian(lambda a: np.cross(a, b, **axes))(a), [5.0, -3.0])
        np.testing.assert_array_equal(jacobian(lambda b: np.cross(a, b, **axes))(b), [-2.0, 1.0])
        np.testing.assert_array_equal(jacobian(lambda a: np.cross(a, X, **axes))(a), np.cross(np.eye(2, 3), X).T)
        of_a, of_b = (TABLE[np.cross].transposes[i](np.float64(2.0), a, b, **axes) for i in (0, 1))
        assert of_a.tolist() == [10.0, -6.0]
        assert of_b.tolist() == [-4.0, 2.0]


def test_no_directions_at_all():
    x = Dual(X, np.zeros((0, 3)))
    assert np.outer(x, X).tangent.shape == (0, 3, 3)
    assert np.kron(X, x).tangent.shape == (0, 9)
    assert np.cross(x, X).tangent.shape == (0, 3)
