"""pinv and lstsq: rank, tolerances, errors."""

import numpy as np
import pytest

from dualnum import Dual, jacobian, jvp
from dualnum.errors import DualnumError

RNG = np.random.default_rng(9)
LEFT, RIGHT = RNG.normal(size=(5, 2)), RNG.normal(size=(2, 4))
LEFT_DOT, RIGHT_DOT = RNG.normal(size=(5, 2)), RNG.normal(size=(2, 4))
A = LEFT @ RIGHT
A_DOT = LEFT_DOT @ RIGHT + LEFT @ RIGHT_DOT
B = RNG.normal(size=5)


def along(function, h):
    return function((LEFT + h * LEFT_DOT) @ (RIGHT + h * RIGHT_DOT))


def difference(function, h=1e-3):
    coarse, fine = ((along(function, step) - along(function, -step)) / (2 * step) for step in (h, h / 2))
    return (4 * fine - coarse) / 3


def test_directions_that_keep_a_low_rank():
    np.testing.assert_allclose(np.linalg.pinv(Dual(A, A_DOT)).tangent, difference(np.linalg.pinv), atol=1e-8)
    x = np.linalg.lstsq(Dual(A, A_DOT), B)[0]
    np.testing.assert_allclose(x.tangent, difference(lambda a: np.linalg.lstsq(a, B)[0]), atol=1e-8)


def test_other_directions_fall_below_the_tolerance():
    other = RNG.normal(size=A.shape)
    h = 1e-6
    expected = (np.linalg.pinv(A + h * other, 1e-3) - np.linalg.pinv(A - h * other, 1e-3)) / (2 * h)
    np.testing.assert_allclose(np.linalg.pinv(Dual(A, other), 1e-3).tangent, expected, atol=1e-7)


@pytest.mark.parametrize("function", [np.linalg.pinv, lambda a, rcond: np.linalg.lstsq(a, np.ones(3), rcond)])
def test_cutting_off_singular_values_that_are_not_zero_raises(function):
    a = Dual(np.diag([1.0, 0.1, 0.01]), np.ones((3, 3)))
    with pytest.raises(DualnumError, match="tolerance"):
        function(a, rcond=0.05)


def test_the_pseudo_inverse_of_a_regular_matrix_is_the_inverse():
    a = RNG.normal(size=(3, 3))
    np.testing.assert_allclose(jacobian(np.linalg.pinv)(a), jacobian(np.linalg.inv)(a), rtol=1e-9, atol=1e-10)


def test_least_squares_give_what_the_normal_equations_give():
    a = RNG.normal(size=(6, 3))
    b = RNG.normal(size=6)

    def normal(a, b):
        return np.linalg.solve(a.T @ a, a.T @ b)

    for i in (0, 1):
        ours = jacobian(lambda a, b: np.linalg.lstsq(a, b)[0], i)(a, b)
        np.testing.assert_allclose(ours, jacobian(normal, i)(a, b), rtol=1e-10, atol=1e-12)


def test_residuals_and_rank():
    a, b = RNG.normal(size=(6, 3)), RNG.normal(size=6)
    x, residuals, rank, s = np.linalg.lstsq(a, Dual(b, np.eye(6)))
    np.testing.assert_allclose(residuals.tangent[:, 0], 2 * (b - a @ x.value), rtol=1e-10, atol=1e-12)
    assert rank == 3 and not isinstance(rank, Dual)
    np.testing.assert_array_equal(s.tangent, 0)


def test_the_rank_is_plain():
    assert type(np.linalg.matrix_rank(Dual(A, A_DOT))) is type(np.linalg.matrix_rank(A))


def test_second_derivatives_of_least_squares():
    b = RNG.normal(size=4)
    a = RNG.normal(size=(4, 2))
    a_dot = RNG.normal(size=(4, 2))
    ours = jvp(lambda a: jvp(lambda a: np.linalg.lstsq(a, b)[0], (a,), (a_dot,))[1], (a,), (a_dot,))[1]
    other = jvp(lambda a: jvp(lambda a: np.linalg.pinv(a) @ b, (a,), (a_dot,))[1], (a,), (a_dot,))[1]
    np.testing.assert_allclose(ours, other, rtol=1e-9)
