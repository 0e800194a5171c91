"""Differences of a function of a vector, extrapolated; and all ways to the derivatives that they check."""

import numpy as np

from dualnum import hessian, hvp, jacfwd, jacrev, jvp, vjp

MODES = (jacfwd, jacrev)


def extrapolated_jacobian(f, x, step=0.02, levels=4):
    """Jacobian of a smooth function: central differences with halved steps, extrapolated by Richardson's scheme."""
    x = np.asarray(x, float)
    columns = []
    for i in range(x.size):
        e = np.zeros(x.size)
        e[i] = step * max(abs(x[i]), 0.1)
        row = []
        for k in range(levels):
            h = e / 2**k
            new = [(np.asarray(f(x + h)) - np.asarray(f(x - h))) / (2 * h[i])]
            for j, previous in enumerate(row):
                new.append(new[j] + (new[j] - previous) / (4 ** (j + 1) - 1))
            row = new
        columns.append(row[-1])
    return np.stack(columns, axis=-1)


def check_all(f, x, *, second=True, rtol=1e-7, **options):
    """First and second derivatives in both modes and all their nestings against extrapolated differences.

    Those of the second order are differences of first derivatives, which have been checked by then.
    """
    x = np.asarray(x, float)
    expected = extrapolated_jacobian(f, x, **options)
    value = f(x)
    units = 1 / np.maximum(np.abs(x), 0.1)
    least = 1e-3 * np.max(np.abs(value)) * units  # of what may be zero
    scale = np.maximum(np.max(np.abs(expected), axis=tuple(range(expected.ndim - 1))), least)
    for jac in MODES:
        found = jac(f)(x)
        np.testing.assert_array_less(np.abs(found - expected) / scale, rtol)
    direction = np.cos(np.arange(x.size)) * np.abs(x)
    y, y_dot = jvp(f, (x,), (direction,))
    np.testing.assert_array_equal(y, value)
    np.testing.assert_allclose(
        y_dot, expected @ direction, rtol=10 * rtol, atol=rtol * np.max(scale * np.abs(direction))
    )
    np.testing.assert_array_equal(vjp(f, x)[0], value)
    if not second:
        return
    expected = extrapolated_jacobian(jacfwd(f), x, **options)
    scale = np.maximum(np.max(np.abs(expected), axis=tuple(range(expected.ndim - 2))), np.outer(least, units))
    ways = {f"{outer.__name__} of {inner.__name__}": outer(inner(f)) for outer in MODES for inner in MODES}
    for name, way in (ways | {"hyperdual": hessian(f, mode="hyperdual")}).items():
        np.testing.assert_array_less(np.abs(way(x) - expected) / scale, rtol, err_msg=name)
    total = hvp(lambda x: np.sum(f(x)), x, direction)
    sums = expected.reshape(-1, x.size, x.size).sum(axis=0)
    np.testing.assert_allclose(total, sums @ direction, atol=10 * rtol * np.max(np.abs(sums) @ np.abs(direction)))
