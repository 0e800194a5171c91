"""taylor: coefficients against nested derivatives and mpmath, on all samples; shapes, nesting, promises."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import special

from dualnum import DerivativeLostError, Dual, DualnumError, InputError, ShapeError, jacobian, jvp, taylor
from dualnum.dispatch import ActiveArray
from dualnum.levels import enter_transform, leave_transform
from dualnum.taylor_numbers import make_taylor
from tests import row_checks
from tests.test_rows import SAMPLES


def coefficients(y, level, order):
    if isinstance(y, ActiveArray) and y._level == level:
        return [y._value, *y._tangent]
    return [y, *np.zeros((order, *np.shape(y)))]


@pytest.mark.parametrize("sample", [pytest.param(sample, id=label) for label, sample in SAMPLES])
def test_agrees_with_nested_duals(sample):
    args = row_checks.arguments(sample)
    v = row_checks.directions(sample, args, 1)
    level, token = enter_transform()
    try:
        moving = [
            a
            if d is None
            else row_checks.tree_map(
                lambda x, t: make_taylor(x.copy(), np.stack([t, np.zeros_like(t)]), level, 2), a, d
            )
            for a, d in zip(args, v, strict=True)
        ]
        result = row_checks.call(sample, moving)
    finally:
        leave_transform(token)
    nested = row_checks.call(sample, row_checks.lifted(args, v, v))
    for y, z in zip(row_checks.leaves(result), row_checks.leaves(nested), strict=True):
        if row_checks.dtype_kind(row_checks.value_of(z)) not in "fcO" or not isinstance(z, Dual):
            continue
        outer = row_checks.tangent_of(z)
        expected = [z.value, outer.value if isinstance(outer, Dual) else outer, row_checks.tangent_of(outer) / 2]
        expected[0] = row_checks.value_of(expected[0])
        for found, e in zip(coefficients(y, level, 2), expected, strict=True):
            row_checks.assert_close(found, e, 1e-4 if e.dtype.char in "fF" else 1e-8)


def relative_error(f, reference, x, n=10):
    with mpmath.workdps(50):
        expected = [float(c) for c in mpmath.taylor(reference, x, n)]
    return np.max(np.abs(taylor(f, x, 1.0, n) / expected - 1))


def test_high_derivatives_agree_with_mpmath():
    assert relative_error(lambda x: np.exp(np.sin(x)), lambda x: mpmath.exp(mpmath.sin(x)), 0.7) < 1e-13
    assert relative_error(lambda x: 1 / (1 + 25 * x**2), lambda x: 1 / (1 + 25 * x**2), 0.3) < 1e-13
    assert relative_error(special.gamma, mpmath.gamma, 2.3) < 1e-13


@pytest.mark.parametrize(
    "name", "exp expm1 log log1p sqrt sin cos sinh cosh tan tanh arctan arcsin arctanh hypot power".split()
)
def test_recurrences_at_order_12(name):
    if name in ("hypot", "power"):
        f, g = (lambda x: getattr(np, name)(x, 1 + x)), getattr(mpmath, name)
        assert relative_error(f, lambda x: g(x, 1 + x), 0.4, 12) < 1e-11
        return
    reference = {"arcsin": "asin", "arctan": "atan", "arctanh": "atanh"}.get(name, name)
    assert relative_error(getattr(np, name), getattr(mpmath, reference), 0.4, 12) < 1e-11


def test_powers_at_zero():
    assert np.array_equal(taylor(lambda x: x**3, 0.0, 2.0, 4), [0, 0, 0, 8, 0])
    assert np.array_equal(taylor(lambda x: x**3.0 + x, np.zeros(2), np.ones(2), 3)[:, 1], [0, 1, 0, 1])
    assert np.array_equal(taylor(np.sqrt, np.zeros(1), np.zeros(1), 3), np.zeros((4, 1)))


def test_products_of_matrices():
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=(2, 3, 3))
    found = taylor(lambda a: a @ a @ a, x, v, 4)
    expected = [x @ x @ x, x @ x @ v + x @ v @ x + v @ x @ x, x @ v @ v + v @ x @ v + v @ v @ x, v @ v @ v, 0 * x]
    assert np.allclose(found, expected, rtol=0, atol=1e-13)
    assert np.allclose(taylor(lambda a: np.einsum("ij,jk,kl", a, a, a), x, v, 4), expected, rtol=0, atol=1e-13)
    # (x + t v) times its inverse is constant
    assert np.allclose(taylor(lambda a: a @ np.linalg.inv(a), x, v, 5), np.eye(3) * np.eye(6)[0][:, None, None])


def f(x):
    return np.sum(np.exp(x * np.roll(x, 1)) / (1 + x**2) ** 1.5)


def by_nesting(f, x, v, order):
    for _ in range(order):
        f = (lambda g: lambda x: jvp(g, (x,), (v,))[1])(f)
    return f(x)


X, V = np.array([0.3, -0.8, 1.1]), np.array([1.0, 0.5, -0.2])


def test_nested_in_other_modes():
    for mode in ("forward", "reverse"):
        found = jacobian(lambda x: taylor(f, x, V, 3)[3], mode=mode)(X)
        expected = jacobian(lambda x: by_nesting(f, x, V, 3) / 6, mode="forward")(X)
        assert np.allclose(found, expected, rtol=1e-11, atol=0)


def test_other_modes_nested_in_it():
    for mode in ("forward", "reverse"):
        found = taylor(jacobian(f, mode=mode), X, V, 3)[3]
        expected = by_nesting(jacobian(f, mode="forward"), X, V, 3) / 6
        assert np.allclose(found, expected, rtol=1e-11, atol=0)
    inner = taylor(lambda x: taylor(f, x, V, 2)[2], X, V, 2)[2]
    assert np.allclose(inner, by_nesting(f, X, V, 4) / 4, rtol=1e-11, atol=0)


def test_no_perturbation_confusion():
    found = taylor(lambda x: x * taylor(lambda y: x * y, 2.0, 1.0, 1)[1], 3.0, 1.0, 2)
    assert np.array_equal(found, [9, 6, 1])


def test_updates_and_views():
    def updated(x):
        y = np.zeros_like(x)
        y[1:] = x[:-1] ** 2
        view = y[::2]
        view *= 3
        y[0] = 5.0
        return y

    found = taylor(updated, X, V, 3)
    moving = [updated(X + t * V) for t in (0.0, 1.0, -1.0)]
    assert np.allclose(found[0], moving[0])
    assert np.allclose(found[:, 0], [5, 0, 0, 0])
    assert np.allclose(np.sum(found, axis=0), moving[1])
    assert np.allclose(found[0] - found[1] + found[2] - found[3], moving[2])


def test_results_of_other_kinds():
    a, b = taylor(lambda x: (x > 0, 7.0), X, V, 2)
    assert a.shape == (3, 3) and not np.any(a[1:])
    assert np.array_equal(b, [7, 0, 0])
    assert taylor(np.exp, np.float32(1), 1, 2).dtype == np.float32
    assert np.allclose(taylor(lambda x: np.array([x, 2 * x * x]), 1.0, 1.0, 2), [[1, 2], [1, 4], [0, 2]])


def test_refusals():
    with pytest.raises(InputError, match="order"):
        taylor(np.exp, 0.0, 1.0, 0)
    with pytest.raises(ShapeError, match="direction"):
        taylor(np.exp, X, V[:2], 2)
    with pytest.raises(InputError, match="complex direction"):
        taylor(np.exp, 0.0, 1j, 2)
    for lose in (float, lambda x: np.asarray(x, dtype=float), lambda x: np.exp(x, out=np.zeros(()))):
        with pytest.raises(DerivativeLostError):
            taylor(lose, 0.5, 1.0, 2)
    with pytest.raises(DualnumError):
        taylor(lambda x: Dual(x, 1.0), 0.5, 1.0, 2)
