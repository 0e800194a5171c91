"""Changes of the rate, smoothing, order and peaks of scipy.signal: what the generic checks cannot say."""

import numpy as np
import pytest
import scipy.signal

from dualnum import Dual, grad, jacfwd, jacobian, jacrev
from dualnum.scipy import signal
from tests.rules.test_scipy_signal import assert_value

RNG = np.random.default_rng(10)
MODES = ("constant", "wrap", "edge", "smooth", "symmetric", "reflect", "antisymmetric", "antireflect", "line")


@pytest.mark.parametrize("mode", MODES)
def test_rates_in_all_modes(mode):
    for up, down, nh, n in ((1, 1, 3, 6), (2, 1, 5, 6), (3, 2, 7, 6), (2, 3, 4, 9), (3, 1, 2, 2)):
        assert_value(scipy.signal.upfirdn, RNG.normal(size=nh), RNG.normal(size=(n, 2)), up, down, 0, mode)
    for up, down in ((3, 2), (2, 3), (1, 4)):
        assert_value(scipy.signal.resample_poly, RNG.normal(size=11), up, down, padtype=mode)
        assert_value(scipy.signal.resample_poly, RNG.normal(size=11), up, down, window=RNG.normal(size=6), padtype=mode)


@pytest.mark.parametrize("n", range(1, 9))
def test_resampling_by_transforms(n):
    for num in range(1, 11):
        for x in (RNG.normal(size=n), RNG.normal(size=n) + 1j * RNG.normal(size=n)):
            for window in (None, ("kaiser", 3.0), RNG.normal(size=n)):
                assert_value(scipy.signal.resample, x, num, window=window)


@pytest.mark.parametrize("mode", ["mirror", "constant", "nearest", "interp", "wrap"])
def test_smoothing(mode):
    for width, degree in ((5, 2), (4, 2), (3, 0), (7, 3)):
        for deriv in (0, 1, 2, 4):
            assert_value(scipy.signal.savgol_filter, RNG.normal(size=(9, 2)), width, degree, deriv, 0.5, 0, mode, 0.3)


def test_trends_and_order():
    x = RNG.normal(size=(9, 2))
    for kind in ("linear", "constant"):
        for bp in (0, 4, [3, 5], [0, 1, 9]):
            assert_value(scipy.signal.detrend, x, 0, kind, bp)
    assert_value(scipy.signal.medfilt, RNG.normal(size=(5, 6)), [3, 5])
    assert_value(scipy.signal.medfilt2d, RNG.normal(size=(5, 6)))
    assert_value(scipy.signal.order_filter, RNG.normal(size=(5, 6)), np.eye(3), 1)
    # Medians of elements that tie share: here two of the three, beside the zero beyond the end.
    assert grad(lambda x: signal.medfilt(x)[0])(np.array([2.0, 2.0, 5.0])).tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize(("ftype", "zero_phase"), [("fir", True), ("fir", False), ("iir", True), ("iir", False)])
def test_decimation(ftype, zero_phase):
    assert_value(scipy.signal.decimate, RNG.normal(size=(90, 2)), 3, ftype=ftype, axis=0, zero_phase=zero_phase)


X = np.array([0.0, 1.0, 3.1, 2.0, 2.4, 0.3, 1.5, 4.2, 1.1, 0.7, 0.9, -1.0])


def properties(x):
    """Peaks of a signal, and all that is said of them, in one line."""
    _, found = signal.find_peaks(x, height=0.0, threshold=0.0, prominence=0.1, width=0.0, rel_height=0.4, distance=1)
    names = (
        "peak_heights",
        "left_thresholds",
        "right_thresholds",
        "prominences",
        "widths",
        "width_heights",
        "left_ips",
        "right_ips",
    )
    return np.concatenate([found[name] for name in names])


def test_properties_of_peaks_follow_the_signal():
    plain, slope = properties(X), jacobian(properties)(X)
    assert properties(Dual(X, X)).value.tobytes() == plain.tobytes()
    for i, h in enumerate(np.full((12, 12), 1e-6) * np.eye(12)):
        np.testing.assert_allclose(slope[:, i], (properties(X + h) - properties(X - h)) / 2e-6, atol=1e-8)
    np.testing.assert_allclose(jacrev(properties)(X), slope, atol=1e-14)
    hills = jacfwd(jacrev(properties))(X)
    np.testing.assert_allclose(hills, jacrev(jacfwd(properties))(X), atol=1e-13)


def test_widths_of_plain_peaks_follow_the_height_at_which_they_are_measured():
    x = np.array([0, 1, 0, 4, 1])  # integers, of which SciPy's properties are floats

    def properties(rel_height):
        return signal.find_peaks(x, height=0, threshold=0, width=0, rel_height=rel_height)[1]

    plain, found = properties(0.4), properties(Dual(0.4, 1.0))
    for name in ("peak_heights", "left_thresholds", "right_thresholds", "prominences"):
        np.testing.assert_array_equal(found[name], plain[name])
        assert found[name].dtype == plain[name].dtype
    np.testing.assert_array_equal(found["widths"].value, plain["widths"])
    np.testing.assert_allclose(found["width_heights"].tangent, [-1.0, -3.0])
    np.testing.assert_allclose(found["widths"].tangent, [2.0, 3 / 4 + 1])


def test_indices_of_peaks_are_constants():
    d = Dual(X, np.ones(12))
    peaks, found = signal.find_peaks(d, height=d[0])
    assert peaks.tolist() == scipy.signal.find_peaks(X, height=0.0)[0].tolist() and type(peaks) is np.ndarray
    assert signal.argrelmax(d)[0].tolist() == scipy.signal.argrelmax(X)[0].tolist()
    assert found["peak_heights"].tangent.tolist() == [1.0] * len(peaks)
    depth, left, right = signal.peak_prominences(d, peaks)
    assert not np.any(depth.tangent) and type(left) is type(right) is np.ndarray
    widths = signal.peak_widths(d, peaks, rel_height=Dual(0.5, 1.0))
    at, slope = widths[0].value, widths[0].tangent
    h = 1e-6
    moved = [scipy.signal.peak_widths(X, peaks, rel_height=0.5 + s)[0] for s in (h, -h)]
    np.testing.assert_allclose(slope, (moved[0] - moved[1]) / (2 * h), atol=1e-7)
    assert at.tobytes() == scipy.signal.peak_widths(X, peaks)[0].tobytes()
