"""The twins of scipy.fft: what the generic checks cannot say."""

import numpy as np
import pytest
import scipy.fft

from dualnum import Dual, grad, jacobian
from dualnum.complexity import count_operations
from dualnum.scipy import fft

X = np.random.default_rng(12).normal(size=7)


def test_names_are_those_of_scipy():
    assert set(dir(fft)) == set(scipy.fft.__all__)
    assert fft.dct is scipy.fft.dct
    assert fft.rfft is not scipy.fft.rfft
    np.testing.assert_array_equal(fft.rfft(X, workers=2), scipy.fft.rfft(X))


@pytest.mark.parametrize("name", ["fft", "rfft", "irfft", "hfft", "fftn", "irfftn", "rfft2"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_are_those_of_scipy_to_the_last_bit(name, dtype):
    x = np.arange(12.0).reshape(3, 4).astype(dtype) ** 1.5
    y = getattr(fft, name)(Dual(x, x))
    np.testing.assert_array_equal(y.value, getattr(scipy.fft, name)(x), strict=True)
    assert y.tangent.dtype == y.value.dtype


def test_power_spectrum_and_parseval():
    np.testing.assert_allclose(grad(lambda x: np.sum(np.abs(fft.fft(x)) ** 2) / 7)(X), 2 * X, rtol=1e-13)


@pytest.mark.parametrize("mode", ["function", "jvp", "gradient"])
def test_operations_are_counted_as_those_of_numpy(mode):
    def power(rfft):
        return lambda x: np.sum(np.abs(rfft(x)) ** 2)

    mine, numpys = (count_operations(power(rfft), np.ones(1024), mode=mode) for rfft in (fft.rfft, np.fft.rfft))
    assert mine.operations == numpys.operations > 25_000


def test_the_advice_for_cosine_transforms():
    matrix = jacobian(lambda x: scipy.fft.dct(np.eye(7), axis=0) @ x)(X)
    np.testing.assert_allclose(matrix @ X, scipy.fft.dct(X), rtol=1e-13)


def test_what_is_overwritten():
    x = Dual(X + 0j, X)
    before = x.value.copy()
    fft.fft(x, overwrite_x=True)
    np.testing.assert_array_equal(x.value, before)


def test_complex_numbers_are_no_real_ones():
    with pytest.raises(TypeError, match="real"):
        fft.rfft(Dual(X + 0j, X))
