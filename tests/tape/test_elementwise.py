"""Pulls of elementwise rows that divide by a divisor instead of multiplying by the partial."""

import mpmath
import numpy as np
import pytest

from dualnum import grad, jacfwd, jacrev, vjp
from dualnum.table import TABLE, Elementwise

TABLE.load()
DIVIDING = sorted(
    (ufunc for ufunc, row in TABLE.items() if isinstance(row, Elementwise) and row.divisor is not None),
    key=lambda ufunc: ufunc.__name__,
)


def test_there_are_such_rows():
    assert {np.log, np.log1p, np.arctan} <= set(DIVIDING)


@pytest.mark.parametrize("ufunc", DIVIDING)
def test_agrees_with_forward_mode(ufunc):
    x = np.linspace(0.1, 0.9, 7) + (ufunc is np.arccosh)
    weights = np.linspace(-1, 2, 7)
    slope = np.diagonal(jacfwd(ufunc)(x))
    np.testing.assert_allclose(vjp(ufunc, x)[1](weights)[0], weights * slope, rtol=1e-15)
    # several rows, which are multiplied
    np.testing.assert_allclose(vjp(ufunc, x)[1](np.diag(weights))[0], np.diag(weights * slope), rtol=1e-15)
    np.testing.assert_allclose(jacrev(ufunc)(x), np.diag(slope), rtol=1e-15)


@pytest.mark.parametrize("x", [354.0, 355.5, 360.0])
def test_partial_where_the_divisor_overflows(x):
    """cosh(x)**2 does where 1 / cosh(x)**2 is still above zero."""
    found = grad(lambda x: np.sum(1e300 * np.tanh(x)))(np.full(3, x))
    with mpmath.workdps(50):
        # the partial is subnormal, and has lost digits
        np.testing.assert_allclose(
            found, float(mpmath.mpf(1e300) / mpmath.cosh(x) ** 2), rtol=1e-9 if x < 355 else 1e-3
        )


def test_tiny_divisor():
    """The reciprocal would be infinite."""
    assert grad(lambda x: np.sum(1e-300 * np.log(x)))(np.full(3, 1e-310))[1] == 1e-300 / 1e-310


def test_cotangent_of_zero_stays_zero():
    f = lambda x: np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 0.0)), 0.0))  # noqa: E731
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(grad(f)(np.array([-1.0, 0.0, 2.0])), [0, 0, 0.5])


def test_values_that_are_kept_are_not_overwritten():
    x = np.array([0.5, 2.0, 3.0])
    y, pull = vjp(lambda x: np.log(x) * x, x)
    first, second = pull(np.ones(3))[0], pull(np.ones(3))[0]
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, np.log(x) + 1, rtol=1e-15)
    np.testing.assert_array_equal(x, [0.5, 2.0, 3.0])
