"""What the filters of SciPy are made of: convolutions with their transposes, and edges."""

import numpy as np
import pytest
from scipy import signal

from dualnum import jacfwd, jacrev, jvp, vjp
from dualnum.rules.convolving import allpole, extended, full, valid

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("fft", [False, True])
@pytest.mark.parametrize(
    ("function", "a", "b", "ndim"),
    [
        (full, (5,), (3,), 1),
        (full, (3,), (5,), 1),
        (full, (2, 1, 4), (3, 2), 1),
        (full, (3, 4), (2, 2, 3), 2),
        (valid, (5,), (3,), 1),
        (valid, (7, 5), (2, 1, 3), 1),
        (valid, (5, 4), (4, 3), 2),
        (valid, (3, 4), (2, 3, 4), 2),
    ],
)
def test_both_operands_forward_and_backward(function, a, b, ndim, fft):
    a, b = (RNG.normal(size=shape) + 1j * RNG.normal(size=shape) for shape in (a, b))

    def f(a, b):
        return function(a, b, ndim, fft)

    a_dot, b_dot = (RNG.normal(size=x.shape) + 1j * RNG.normal(size=x.shape) for x in (a, b))
    y, y_dot = jvp(f, (a, b), (a_dot, b_dot))
    np.testing.assert_allclose(y_dot, f(a_dot, b) + f(a, b_dot), atol=1e-13)
    y_bar = RNG.normal(size=y.shape) + 1j * RNG.normal(size=y.shape)
    a_bar, b_bar = vjp(f, a, b)[1](y_bar)
    left = np.vdot(y_dot, y_bar).real
    assert abs(left - np.vdot(a_dot, a_bar).real - np.vdot(b_dot, b_bar).real) < 1e-12 * (1 + abs(left))


@pytest.mark.parametrize(
    ("function", "shapes"), [(full, ((0,), (3,))), (valid, ((2, 0), (2, 3))), (valid, ((0, 4), (1, 2)))]
)
def test_nothing_to_convolve(function, shapes):
    a, b = map(np.zeros, shapes)
    y, pullback = vjp(lambda a, b: function(a, b, 1), a, b)
    assert jvp(lambda a, b: function(a, b, 1), (a, b), (a, b))[1].shape == y.shape
    bars = pullback(np.zeros(y.shape))
    assert [bar.shape for bar in bars] == list(shapes) and not any(map(np.any, bars))


def test_sums_and_transforms_agree():
    a, b = RNG.normal(size=(2, 6, 5)), RNG.normal(size=(3, 2))
    for function in (full, valid):
        np.testing.assert_allclose(function(a, b, 2), function(a, b, 2, True), atol=1e-13)
    np.testing.assert_allclose(full(a[0], b, 2), signal.convolve(a[0], b), atol=1e-13)


def test_poles_undo_a_convolution():
    a, y = np.array([1.5, 0.4, -0.3]), RNG.normal(size=(2, 6))
    np.testing.assert_allclose(allpole(a, full(a, y, 1)[..., :6]), y, atol=1e-14)
    both = [mode(lambda a: allpole(a, y))(a) for mode in (jacfwd, jacrev)]
    np.testing.assert_allclose(*both, atol=1e-13)


@pytest.mark.parametrize(
    ("ours", "numpys"), [("reflect", "symmetric"), ("mirror", "reflect"), ("nearest", "edge"), ("wrap", "wrap")]
)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_edges_are_those_of_numpy(ours, numpys, n):
    x = RNG.normal(size=(n, 2))
    np.testing.assert_array_equal(extended(x, 0, 7, 4, ours), np.pad(x, ((7, 4), (0, 0)), numpys))
    np.testing.assert_array_equal(extended(x, 0, 1, 2, "constant"), np.pad(x, ((1, 2), (0, 0))))
    assert extended(x[:0], 0, 1, 2, ours).shape == (0, 2)
