"""The twins of scipy.signal: what the generic checks cannot say."""

import inspect

import numpy as np
import pytest
import scipy.signal

from dualnum import Dual, HyperDual, NoRuleError, grad, hessian, jacfwd, jacobian, jacrev, primal, taylor
from dualnum.complexity import count_operations
from dualnum.scipy import signal
from dualnum.scipy.optimize import least_squares
from dualnum.scipy.signal import windows
from dualnum.table import TABLE
from dualnum.twins import TWINS

RNG = np.random.default_rng(9)
X, B, A = RNG.normal(size=20), np.array([0.3, 0.2, -0.1]), np.array([1.3, -0.4, 0.2])
SOS = scipy.signal.butter(4, 0.3, output="sos")


def body_of(function):
    """Body of the row of a function of SciPy's, which computes the value in its own way."""
    twin = TWINS[function]
    while twin not in TABLE:
        twin = twin.__wrapped__
    return TABLE[twin].body


def assert_value(function, *args, **kwargs):
    """The body of the row gives what SciPy gives, up to rounding: so it is the derivative of that."""
    theirs, mine = function(*args, **kwargs), body_of(function)(*args, **kwargs)
    for a, b in zip(*((y if isinstance(y, tuple) else (y,)) for y in (theirs, mine)), strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-11)


def test_names_are_those_of_scipy():
    assert set(dir(signal)) == set(scipy.signal.__all__)
    assert set(dir(windows)) == set(scipy.signal.windows.__all__)
    assert signal.windows is windows
    assert signal.unit_impulse is scipy.signal.unit_impulse and windows.hann is scipy.signal.windows.hann
    assert inspect.signature(signal.lfilter) == inspect.signature(scipy.signal.lfilter)
    with pytest.raises(AttributeError, match="nothing"):
        signal.nothing  # noqa: B018


def test_plain_arguments_give_scipys_results():
    for name, args in (
        ("lfilter", (B, A, X)),
        ("welch", (X, 2.0, "hann", 8)),
        ("find_peaks", (X,)),
        ("butter", (2, 0.3)),
    ):
        mine, theirs = getattr(signal, name)(*args), getattr(scipy.signal, name)(*args)
        np.testing.assert_equal(mine, theirs)
        assert type(mine) is type(theirs)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("method", ["auto", "direct", "fft"])
def test_convolutions(mode, method):
    for m, n in (
        ((5,), (3,)),
        ((3,), (6,)),
        ((6,), (4,)),
        ((4, 5), (2, 3)),
        ((2, 3), (4, 5)),
        ((3, 4, 2), (2, 2, 2)),
        ((), ()),
    ):
        for function in (scipy.signal.convolve, scipy.signal.correlate):
            assert_value(function, RNG.normal(size=m), RNG.normal(size=n), mode, method)
            assert_value(function, RNG.normal(size=m) + 1j, 1j * RNG.normal(size=n), mode, method)
    for function in (scipy.signal.fftconvolve, scipy.signal.oaconvolve):
        assert_value(function, RNG.normal(size=(300,)), X[:7], mode)
        assert_value(function, RNG.normal(size=(3, 5, 2)), RNG.normal(size=(2, 1, 2)), mode, axes=0)
        assert_value(function, RNG.normal(size=(3, 5)), RNG.normal(size=(1, 3)), mode, axes=[-1])
    if mode == "same":
        assert_value(scipy.signal.fftconvolve, RNG.normal(size=(1, 4)), RNG.normal(size=(2, 3)), mode)


@pytest.mark.parametrize("boundary", ["fill", "wrap", "symm"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolutions_in_the_plane(mode, boundary):
    for m, n in ((5, 6), (2, 3)), ((5, 6), (4, 2)), ((3, 2), (5, 4)), ((2, 3), (7, 9)):
        for function in (scipy.signal.convolve2d, scipy.signal.correlate2d):
            assert_value(function, RNG.normal(size=m), RNG.normal(size=n), mode, boundary, 0.7)


@pytest.mark.parametrize(("nb", "na"), [(3, 3), (1, 3), (4, 2), (3, 1), (1, 1)])
def test_filters(nb, na):
    b, a, order = RNG.normal(size=nb), np.r_[2.0, 0.3 * RNG.normal(size=na - 1)], max(nb, na) - 1
    for n in (1, 2, 6):
        assert_value(scipy.signal.lfilter, b, a, RNG.normal(size=(n, 2)), 0)
        assert_value(scipy.signal.lfilter, b, a, RNG.normal(size=(2, n)), zi=RNG.normal(size=(2, order)))
    if order:
        assert_value(scipy.signal.lfilter_zi, b, a)
        for padtype in ("odd", "even", "constant", None):
            assert_value(scipy.signal.filtfilt, b, a, RNG.normal(size=(20, 2)), 0, padtype)


def test_an_empty_signal_has_no_derivative_and_no_trouble():
    y = signal.lfilter(Dual(B, B), A, np.zeros(0))
    assert y.shape == (0,) and y.tangent.shape == (0,)
    assert jacrev(lambda b: signal.lfilter(b, A, np.zeros(0)))(B).shape == (0, 3)
    assert signal.fftconvolve(Dual(X, X), np.zeros(0)).shape == (0,)


def test_sections_are_the_filter_that_they_make():
    """The same derivative by lfilter, with respect to all that SciPy looks at."""

    def by_sections(p):
        rows = [np.concatenate([row[:3], [1.0], row[3:]]) for row in p.reshape(2, 5)]
        return signal.sosfilt(np.stack(rows), X)

    def by_lfilter(p):
        y = X
        for row in p.reshape(2, 5):
            y = signal.lfilter(row[:3], np.concatenate([[1.0], row[3:]]), y)
        return y

    free = SOS[:, [0, 1, 2, 4, 5]].ravel()
    np.testing.assert_allclose(jacobian(by_sections)(free), jacobian(by_lfilter)(free), atol=1e-13)
    # It does not look at the first coefficient of a denominator, which must be 1.
    assert not np.any(jacobian(lambda sos: signal.sosfilt(sos, X))(SOS)[..., 3])


def test_sections_both_ways_and_at_rest():
    for padtype in ("odd", "even", "constant", None):
        assert_value(scipy.signal.sosfiltfilt, SOS, RNG.normal(size=(30, 2)), 0, padtype)
    assert_value(scipy.signal.sosfilt_zi, SOS)
    step = jacobian(lambda sos: signal.sosfilt(sos, np.ones(9), zi=signal.sosfilt_zi(sos))[0])(SOS)
    np.testing.assert_allclose(step, np.broadcast_to(step[:1], step.shape), atol=1e-12)  # it stays at rest


def test_all_modes_agree_to_second_and_third_order():
    def cost(p):
        return np.sum(signal.filtfilt(p[:3], p[3:], X, padlen=4) ** 3)

    p, v = np.r_[B, A], RNG.normal(size=6)
    second = hessian(cost)(p)
    for other in (jacfwd(grad(cost)), jacrev(jacrev(cost)), jacrev(jacfwd(cost))):
        np.testing.assert_allclose(other(p), second, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cost(HyperDual(p, v, v, 0 * p)).e12, v @ second @ v, rtol=1e-10)
    series = taylor(cost, p, v, 3)
    np.testing.assert_allclose(2 * series[2], v @ second @ v, rtol=1e-10)
    third = jacobian(lambda t: v @ hessian(cost)(p + t * v) @ v)(0.0)
    np.testing.assert_allclose(6 * series[3], third, rtol=1e-8)


def test_lists_objects_and_keywords():
    d = Dual(X, np.ones(20))
    expected = signal.lfilter(B, A, d)
    for x in (list(d), tuple(d), np.asarray(d)):
        np.testing.assert_array_equal(signal.lfilter(b=list(B), a=list(A), x=x).tangent, expected.tangent)
    y = signal.lfilter([d[0], 0.5], [1.0, d[1]], X)
    assert y.value.tobytes() == scipy.signal.lfilter([X[0], 0.5], [1.0, X[1]], X).tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_single_precision_stays(dtype):
    x, b = X.astype(dtype), B.astype(dtype)
    for function, args in ((signal.lfilter, (b, b + 1)), (signal.convolve, (b,)), (signal.detrend, ())):
        y = function(*args, Dual(x, x))
        plain = function.__wrapped__(*args, x)
        assert y.value.tobytes() == plain.tobytes() and y.tangent.dtype == plain.dtype


def test_a_filter_is_identified_by_least_squares():
    u = RNG.normal(size=200)
    y = scipy.signal.lfilter([0.5, 0.2], [1.0, -0.7, 0.1], u)
    fit = least_squares(
        lambda p: signal.lfilter(p[:2], np.concatenate([[1.0], p[2:]]), u) - y, np.zeros(4), x_scale=1.0
    )
    np.testing.assert_allclose(fit.x, [0.5, 0.2, -0.7, 0.1], atol=1e-8)


def test_what_has_no_derivative_says_what_to_do():
    x = Dual(X, X)
    for call, advice in (
        (lambda: signal.butter(2, Dual(0.2, 1.0)), "coefficients"),
        (lambda: signal.firwin(5, Dual(0.2, 1.0)), "sinc"),
        (lambda: signal.tf2zpk(x, A), "np.roots"),
        (lambda: signal.lsim((B, A), x, np.arange(20)), "solve_ivp"),
        (lambda: signal.filtfilt(B, A, x, method="gust"), "'pad'"),
        (lambda: signal.resample(x, 5, domain="freq"), "complex"),
        (lambda: signal.resample(X, 5, window=("kaiser", Dual(2.0, 1.0))), "fftfreq"),
        (lambda: signal.welch(x, nperseg=5, detrend=lambda part: part), "before"),
        (lambda: windows.chebwin(5, Dual(50.0, 1.0)), "kaiser"),
        (lambda: signal.get_window(("chebwin", Dual(50.0, 1.0)), 5), "chebwin"),
    ):
        with pytest.raises(NoRuleError, match=advice):
            call()


def test_errors_are_scipys():
    x = Dual(X, X)
    with pytest.raises(ValueError, match="a\\[0\\]"):
        signal.lfilter(B, [0.0, 1.0], x)
    with pytest.raises(ValueError, match="dimensionality"):
        signal.convolve(x, np.ones((2, 2)))
    with pytest.raises(TypeError, match="unexpected"):
        signal.lfilter(B, A, x, nothing=1)


def test_levels_are_kept_apart():
    """The derivative, at 2, of c times the derivative of a filter of c x with respect to x."""
    inner = jacobian(lambda c: c * jacobian(lambda x: signal.lfilter([c], [1.0, 0.5], x * c))(np.ones(2))[1, 0])(2.0)
    np.testing.assert_allclose(inner, -0.5 * 3 * 2.0**2)
    assert primal(signal.lfilter([Dual(1.0, 1.0)], [1.0], X)).tobytes() == X.tobytes()


def test_operations_are_counted():
    def energy(x):
        return np.sum(signal.lfilter(B, A, x) ** 2)

    u = np.ones(1000)
    counts = {mode: count_operations(energy, u, mode=mode).operations for mode in ("function", "jvp", "gradient")}
    assert counts["function"] > 2 * 6 * 1000 * 0.9
    assert counts["function"] < counts["gradient"] < 4 * counts["function"]
    blurred = [count_operations(lambda x, m=m: np.sum(signal.convolve(x, m)), u).operations for m in (B, X)]
    assert blurred[1] - blurred[0] >= 2 * 1000 * (20 - 3)


def test_what_is_advised_for_a_cutoff_is_scipys_filter():
    def design(c, m=9):
        n = np.arange(m) - (m - 1) / 2
        h = scipy.signal.windows.hamming(m) * np.sinc(c * n)
        return h / np.sum(h)

    np.testing.assert_allclose(design(0.3), scipy.signal.firwin(9, 0.3), rtol=1e-12)
    h = 1e-6
    slope = (scipy.signal.firwin(9, 0.3 + h) - scipy.signal.firwin(9, 0.3 - h)) / (2 * h)
    np.testing.assert_allclose(jacobian(design)(0.3), slope, atol=1e-8)


def test_the_middle_of_a_pointed_window_does_not_move_with_its_width():
    def f(x):
        return windows.general_gaussian(5, x[0], x[1])  # exp(-(n / sig) ** (2 p) / 2), with a cusp for p < 1/2

    x = np.array([0.3, 2.0])
    forward, reverse = (jacobian(f, mode=mode)(x) for mode in ("forward", "reverse"))
    np.testing.assert_array_equal(reverse[2], [0.0, 0.0])
    np.testing.assert_allclose(reverse, forward, rtol=1e-14)
    assert np.isfinite(hessian(lambda x: np.sum(f(x)), mode="forward-over-reverse")(x)).all()
