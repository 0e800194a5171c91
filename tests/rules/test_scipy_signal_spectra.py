"""Spectra, windows and responses of scipy.signal: what the generic checks cannot say."""

import numpy as np
import pytest
import scipy.signal
from scipy.signal import windows as scipys

from dualnum import Dual, derivative, grad, jacobian
from dualnum.scipy import signal
from dualnum.scipy.signal import windows
from tests.rules.test_scipy_signal import assert_value

RNG = np.random.default_rng(11)
X, Y = RNG.normal(size=(2, 3, 60))

OPTIONS = [
    {},
    {"nperseg": 16, "noverlap": 5},
    {"nperseg": 15, "detrend": "linear"},
    {"nperseg": 16, "nfft": 21, "detrend": False},
    {"nperseg": 16, "return_onesided": False},
    {"nperseg": 16, "scaling": "spectrum", "fs": 7.0},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("window", ["hann", ("kaiser", 2.0), RNG.normal(size=16) + 2])
def test_spectra(options, window):
    if not isinstance(window, (str, tuple)):
        options = options | {"nperseg": 16}
    else:
        options = {"nperseg": 32} | options
    for average in ("mean", "median"):
        assert_value(scipy.signal.welch, X, window=window, average=average, **options)
        assert_value(scipy.signal.csd, X, Y[:, :50], window=window, average=average, **options)
        assert_value(scipy.signal.welch, X.T, axis=0, window=window, average=average, **options)
    # Of two sides, some numbers are real, and their angles pi or -pi by rounding.
    for mode in ("psd", "complex", "magnitude") + (() if "return_onesided" in options else ("angle",)):
        assert_value(scipy.signal.spectrogram, X, window=window, mode=mode, **options)
    options = {name: value for name, value in options.items() if name != "scaling"}
    for boundary in ("zeros", "even", "odd", "constant", None):
        assert_value(scipy.signal.stft, X, window=window, boundary=boundary, **options)


def test_periodograms_and_coherence():
    for nfft in (None, 40, 60, 75):
        assert_value(scipy.signal.periodogram, X, nfft=nfft)
    assert_value(scipy.signal.coherence, X, Y, nperseg=16)
    f, p = signal.periodogram(Dual(X, X))
    assert type(f) is np.ndarray or not np.any(f.tangent)
    np.testing.assert_allclose(p.tangent, 2 * p.value, rtol=1e-11, atol=1e-20)  # it is a square


def test_back_from_short_time():
    _, _, z = scipy.signal.stft(X, nperseg=16)
    assert_value(scipy.signal.istft, z)
    assert_value(scipy.signal.istft, np.moveaxis(z, (1, 2), (2, 0)), time_axis=0, freq_axis=2)
    back = jacobian(lambda x: signal.istft(signal.stft(x, nperseg=8)[2], nperseg=8)[1])(X[0, :16])
    np.testing.assert_allclose(back, np.eye(16), atol=1e-14)


def test_energy_of_a_spectrum():
    """The sum of the power is the variance: Parseval's theorem, and its derivative."""

    def power(x):
        f, p = signal.periodogram(x)
        return np.sum(p) * f[1]

    np.testing.assert_allclose(grad(power)(X[0]), 2 * (X[0] - X[0].mean()) / 60, atol=1e-14)


@pytest.mark.parametrize("sym", [True, False])
@pytest.mark.parametrize("size", [0, 1, 2, 5, 8])
def test_windows(size, sym):
    for function, args in (
        (scipys.gaussian, (1.3,)),
        (scipys.general_gaussian, (0.7, 1.3)),
        (scipys.kaiser, (3.0,)),
        (scipys.tukey, (0.4,)),
        (scipys.tukey, (1.5,)),
        (scipys.tukey, (-1.0,)),
        (scipys.exponential, (None, 1.7)),
        (scipys.general_hamming, (0.6,)),
        (scipys.general_cosine, ([0.5, 0.3, 0.2],)),
    ):
        assert_value(function, size, *args, sym)


def test_windows_by_name():
    for window in (
        3.0,
        ("ksr", 3.0),
        ("gss", 2.0),
        ("poisson", None, 2.0),
        ("general cosine", [0.5, 0.5]),
        ("tuk", 0.3),
    ):
        for periodic in (True, False):
            assert_value(scipy.signal.get_window, window, 7, periodic)
    direct = derivative(lambda beta: windows.kaiser(8, beta, sym=False))(3.0)
    np.testing.assert_array_equal(derivative(lambda beta: signal.get_window(("kaiser", beta), 8))(3.0), direct)
    beta = 900.0  # I0 of that overflows, as SciPy's value does
    assert np.all(np.isfinite(derivative(lambda beta: windows.kaiser(8, beta))(600.0)))
    with np.errstate(all="ignore"):
        assert np.isnan(scipys.kaiser(8, beta)).any()


def test_responses():
    b, a = RNG.normal(size=4), np.r_[1.5, 0.2 * RNG.normal(size=2)]
    z, p = (RNG.normal(size=n) + 1j * RNG.normal(size=n) for n in (3, 2))
    sos = scipy.signal.butter(4, 0.3, output="sos")
    for frequencies in (None, 7, 16, np.linspace(0.1, 3, 5), [0.1, 0.2], 0.3):
        for whole in (False, True):
            assert_value(scipy.signal.freqz, b, a, frequencies, whole, fs=3.0)
            assert_value(scipy.signal.freqz, b, 1.3, frequencies, whole, include_nyquist=True)
            assert_value(scipy.signal.freqz, RNG.normal(size=(4, 3, 1)), 1, frequencies, whole)
            assert_value(scipy.signal.freqz_zpk, z, p, 1.3, frequencies, whole, fs=2.0)
            assert_value(scipy.signal.sosfreqz, sos, worN=frequencies, whole=whole)
            assert_value(scipy.signal.group_delay, (b, a), frequencies, whole)
        for function, system in ((scipy.signal.freqs, (b, a)), (scipy.signal.freqs_zpk, (z, p, 1.3))):
            assert_value(function, *system, 20 if frequencies is None else frequencies)


def test_the_delay_is_minus_the_slope_of_the_phase():
    b, a, w = [1.0, 0.4, 0.2], [1.0, -0.3], np.array([0.3, 1.1, 2.0])
    phase = [derivative(lambda w: np.angle(signal.freqz(b, a, w)[1])[0])(at) for at in w]
    np.testing.assert_allclose(-np.array(phase), scipy.signal.group_delay((b, a), w)[1], rtol=1e-12)
