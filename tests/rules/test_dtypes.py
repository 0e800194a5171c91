import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual

X = np.arange(6.0).reshape(2, 3)
T = np.arange(10.0, 16.0).reshape(2, 3)


@pytest.mark.parametrize("dtype", [object, str, "S8", "datetime64[s]"])
def test_astype_of_what_has_no_derivative_is_refused(dtype):
    with pytest.raises(DerivativeLostError, match="astype"):
        np.astype(Dual(X, T), dtype)


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
def test_astype_integer_is_plain(dtype):
    y = np.astype(Dual(X, T), dtype)
    assert type(y) is np.ndarray
    assert y.dtype == dtype


def test_astype_without_copy_is_the_same_memory():
    x = Dual(X, T)
    np.astype(x, float, copy=False)[0, 0] = 7.0
    assert x.value[0, 0] == 7.0
    assert x.tangent[0, 0] == 0.0


def test_parts_of_complex_numbers_can_be_updated():
    x = Dual(X + 1j, T + 0j)
    np.real(x)[0] = 5.0
    assert np.array_equal(x.value[0], [5 + 1j] * 3)
    assert np.array_equal(x.tangent, [[0, 0, 0], [13, 14, 15]])
    x.imag = Dual(2.0, 3.0)
    assert np.array_equal(x.value[0], [5 + 2j] * 3)
    assert np.array_equal(x.tangent.imag, np.full((2, 3), 3.0))
