"""Pulls of linear rows: sums of cotangents that come before a product of matrices, where they would come after it."""

import numpy as np
import pytest

from dualnum import Tape, jacobian, vjp
from dualnum.table import TABLE
from dualnum.tape.plans import plan_for

RNG = np.random.default_rng(50)
POINTS, MATRIX, STACK = RNG.normal(size=(7, 3)), RNG.normal(size=(3, 5)), RNG.normal(size=(4, 3, 5))
BOTH = 1 + 1j

# A smaller array that is broadcast to an operand, the function of that operand, and whether the sum can come first.
PRODUCTS = {
    "first": ((3,), lambda mean: (POINTS - mean) @ MATRIX, True),
    "first, reflected": ((1, 3), lambda mean: (mean + POINTS) @ MATRIX, True),
    "second": ((3, 1), lambda mean: MATRIX.T @ (POINTS.T - mean), True),
    "stack of means": ((4, 1, 3), lambda mean: (POINTS - mean) @ STACK, True),
    "stack of matrices": ((3,), lambda mean: (POINTS - mean) @ STACK, True),
    "number": ((), lambda mean: (POINTS - mean) @ MATRIX, True),
    "other axis": ((7, 1), lambda mean: (POINTS - mean) @ MATRIX, False),
    "vector": ((3,), lambda mean: (POINTS - mean) @ MATRIX[:, 0], False),
    "stack and vector": ((3,), lambda mean: (STACK.mT - mean) @ MATRIX[:, 0], False),
    "other layout": ((3,), lambda mean: np.matmul(POINTS - mean, MATRIX.T, axes=[(0, 1), (1, 0), (0, 1)]), False),
    "factor": ((3,), lambda mean: (POINTS * mean) @ MATRIX, False),
    "used twice": (
        (3,),
        lambda mean: (lambda centred: np.sum(np.sin(centred)) + centred @ MATRIX)(POINTS - mean),
        True,
    ),
    "complex": ((3,), lambda mean: (BOTH * POINTS - mean) @ (BOTH * MATRIX), True),
}


@pytest.fixture()
def shapes(monkeypatch):
    """Shapes of the cotangents that the plans of matmul are given."""
    seen = []
    for position in (0, 1):
        plan = plan_for(TABLE[np.matmul], (position,))
        rule = plan.transposes[position]

        def transpose(out_bar, *args, rule=rule, **kwargs):
            seen.append(np.shape(out_bar))
            return rule(out_bar, *args, **kwargs)

        monkeypatch.setitem(plan.transposes, position, transpose)
    return seen


@pytest.mark.parametrize("name", PRODUCTS)
def test_sums_come_before_products(name, shapes):
    shape, function, first = PRODUCTS[name]
    mean = RNG.normal(size=shape)
    y, pullback = vjp(function, mean)
    y_bar = RNG.normal(size=y.shape)
    (mean_bar,) = pullback(y_bar)
    assert (1 in shapes[-1]) == first
    columns = jacobian(function, mode="forward")(mean)
    expected = np.real(np.tensordot(y_bar, columns, y_bar.ndim))
    np.testing.assert_allclose(mean_bar, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        pullback(np.stack([y_bar, 2 * y_bar]))[0], np.stack([expected, 2 * expected]), atol=1e-11
    )


def test_sums_that_overflow_come_later(shapes):
    _, pullback = vjp(lambda mean: (np.zeros((2, 1)) - mean) @ np.full((1, 1), 1e-300), np.zeros(1))
    assert pullback(np.full((2, 1), 1e308))[0] == pytest.approx([-2e8])
    assert shapes == [(2, 1)]


def test_a_tape_shows_the_adjoint_of_the_operand():
    with Tape() as tape:
        mean = tape.variable(np.zeros(3))
        centred = POINTS - mean
        y = np.sum(centred @ MATRIX)
    tape.backward(y)
    np.testing.assert_allclose(centred.adjoint, np.broadcast_to(MATRIX.sum(axis=1), (7, 3)), rtol=1e-14)
    np.testing.assert_allclose(mean.adjoint, -7 * MATRIX.sum(axis=1), rtol=1e-14)
