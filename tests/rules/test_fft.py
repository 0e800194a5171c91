"""Fourier transforms: what the generic checks cannot say."""

import numpy as np
import pytest

from dualnum import Dual, jacobian, jvp

RNG = np.random.default_rng(10)
X = RNG.normal(size=6)


def test_the_jacobian_is_the_matrix_of_the_transform():
    np.testing.assert_allclose(jacobian(np.fft.rfft)(X), np.fft.rfft(np.eye(6)).T, atol=1e-14)
    got = jacobian(np.fft.fft, holomorphic=True)(X + 0j)
    np.testing.assert_allclose(got, np.fft.fft(np.eye(6)).T, atol=1e-14)


def test_power_spectrum_and_parseval():
    got = jacobian(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2) / 6)(X)
    np.testing.assert_allclose(got, 2 * X, rtol=1e-13)


def test_there_and_back():
    _, x_dot = jvp(lambda x: np.fft.irfft(np.fft.rfft(x), 6), (X,), (X,))
    np.testing.assert_allclose(x_dot, X, rtol=1e-13)


def test_real_parts_that_irfft_ignores_have_no_derivative():
    spectrum = Dual(np.fft.rfft(X), np.array([[1j, 0, 0, 0], [0, 0, 0, 1j], [0, 1j, 0, 0]]))
    tangent = np.fft.irfft(spectrum).tangent
    np.testing.assert_array_equal(tangent[:2], 0)
    assert np.any(tangent[2])


def test_axes_that_are_named_twice():
    x = Dual(X.reshape(2, 3), RNG.normal(size=(4, 2, 3)))
    out = np.fft.fftn(x, axes=(1, 1))
    np.testing.assert_allclose(out.tangent, np.fft.fft(np.fft.fft(x.tangent)), atol=1e-14)
    np.testing.assert_array_equal(np.fft.fftshift(x, axes=(1, 1)).tangent, np.roll(x.tangent, 2, axis=2))


def test_single_precision_stays():
    out = np.fft.rfft(Dual(X.astype(np.float32), np.eye(6, dtype=np.float32)))
    assert out.value.dtype == out.tangent.dtype == np.complex64


def test_an_axis_that_does_not_exist_gives_numpys_own_error():
    with pytest.raises(IndexError) as plain:
        np.fft.fft(X, axis=1)
    with pytest.raises(IndexError) as active:
        np.fft.fft(Dual(X, np.eye(6)), axis=1)
    assert str(active.value) == str(plain.value)


def test_frequencies_are_plain():
    assert type(np.fft.fftfreq(6)) is np.ndarray
