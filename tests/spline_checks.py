"""What is asked of every function of `dualnum.scipy.interpolate`.

A function ``f(module, *args)`` takes from the module what it needs, so that SciPy's own can be asked for values and differences.
"""

from __future__ import annotations

import numpy as np
from scipy import interpolate as scipys

from dualnum import HyperDual, grad, hvp, jacobian, jvp, taylor
from dualnum.scipy import interpolate

STEP = 1e-5


def differences(f, args, i):
    """Jacobian of SciPy's function by central differences; of nan zero."""
    columns = []
    for place in np.ndindex(args[i].shape):
        change = np.zeros(args[i].shape)
        change[place] = STEP
        after, before = (f(scipys, *args[:i], args[i] + s * change, *args[i + 1 :]) for s in (1, -1))
        columns.append(np.nan_to_num(np.asarray(after - before) / (2 * STEP)))
    return np.stack(columns, -1).reshape(columns[0].shape + args[i].shape)


def check(f, *args, active=None, rtol=1e-6, second=True):
    """Check values, both modes and second derivatives with respect to the arguments at some positions."""
    expected = f(scipys, *args)
    plain = f(interpolate, *args)
    np.testing.assert_array_equal(plain, expected)
    assert np.asarray(plain).dtype == np.asarray(expected).dtype
    for i in range(len(args)) if active is None else active:

        def moved(x, i=i):
            return f(interpolate, *args[:i], x, *args[i + 1 :])

        x, v = args[i], np.cos(1.0 + np.arange(args[i].size)).reshape(args[i].shape)
        value, change = jvp(moved, (x,), (v,))
        np.testing.assert_array_equal(value, expected)
        assert np.shape(value) == np.shape(expected)
        assert value.dtype == np.asarray(expected).dtype
        forward, reverse = (jacobian(moved, mode=mode)(x) for mode in ("forward", "reverse"))
        size = max(1.0, np.max(np.abs(forward), initial=0.0))
        np.testing.assert_allclose(reverse, forward, rtol=1e-9, atol=1e-10 * size)
        np.testing.assert_allclose(np.tensordot(forward, v, v.ndim), change, rtol=1e-9, atol=1e-10 * size)
        np.testing.assert_allclose(forward, differences(f, args, i), rtol=rtol, atol=rtol * size)
        if second and np.all(np.isfinite(expected)):
            check_second(moved, x, v)


def check_second(moved, x, v):
    """Second derivatives along a direction: by hyper-dual numbers, by series, and of both modes."""

    def square(x):
        return np.sum(moved(x) ** 2)

    first, curvature = jvp(lambda x: jvp(square, (x,), (v,))[1], (x,), (v,))
    size = max(1.0, abs(first), abs(curvature))
    hyper = square(HyperDual(x, v, v))
    np.testing.assert_allclose(hyper.e12, curvature, rtol=1e-8, atol=1e-9 * size)
    np.testing.assert_allclose(taylor(square, x, v, 2)[2] * 2, curvature, rtol=1e-8, atol=1e-9 * size)
    np.testing.assert_allclose(np.sum(hvp(square, x, v) * v), curvature, rtol=1e-8, atol=1e-9 * size)
    np.testing.assert_allclose(np.sum(grad(square)(x) * v), first, rtol=1e-8, atol=1e-9 * size)
