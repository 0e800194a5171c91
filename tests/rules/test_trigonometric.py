"""Slopes of sine and cosine by way of the tangent: accuracy, zeros and infinities."""

import numpy as np
import pytest
from mpmath import mp, mpf

import dualnum
from dualnum import jvp
from dualnum.rules.trigonometric import _cosine, _minus_sine

INF, NAN = np.inf, np.nan

# Zeros of sine and cosine, to the last digit and nearly, numbers of all sizes, and where tan overflows in most formulas.
ANGLES = np.concatenate(
    [
        np.outer(np.arange(1, 80) * np.pi / 2, 1 + np.array([0, 1e-16, -1e-12, 1e-8])).ravel(),
        np.random.default_rng(30).choice([-1, 1], 400) * 10 ** np.random.default_rng(31).uniform(-310, 6, 400),
    ]
)


@pytest.mark.parametrize(("partial", "function", "exact"), [(_cosine, np.sin, mp.cos), (_minus_sine, np.cos, mp.sin)])
def test_sine_and_cosine_of_many_angles_are_accurate(partial, function, exact):
    sign = -1 if partial is _minus_sine else 1
    with mp.workdps(50):
        wanted = [sign * exact(mpf(float(x))) for x in ANGLES]
        errors = [
            abs(mpf(float(y)) - w) / np.spacing(abs(float(w)))
            for y, w in zip(partial(function(ANGLES), ANGLES), wanted, strict=True)
        ]
    assert max(errors) < 3


def test_sine_and_cosine_of_many_angles_at_zero_and_infinity():
    x = np.concatenate([ANGLES, [0.0, -0.0, NAN]])
    with np.errstate(all="ignore", invalid="raise"):  # as in forward mode
        slopes = _cosine(np.sin(x), x)
    assert slopes[-3:-1].tolist() == [1, 1]
    assert np.isfinite(slopes[:-1]).all()
    assert np.isnan(slopes[-1])
    assert np.array_equal(np.signbit(_minus_sine(np.cos(x), x)[-3:-1]), [True, False])
    x[0] = INF
    with np.errstate(all="ignore"):
        assert np.isnan(_cosine(np.sin(x), x)[0])
        assert np.isnan(_minus_sine(np.cos(x), x)[0])


def test_gradient_through_many_angles_at_zero():
    x = np.append(ANGLES, 0.0)
    assert dualnum.grad(lambda x: np.sum(np.sin(x)))(x)[-1] == 1
    assert jvp(np.sin, (x,), (np.ones_like(x),))[1][-1] == 1
