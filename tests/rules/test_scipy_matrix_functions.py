"""Functions of matrices and matrix equations of dualnum.scipy.linalg, against 50 digits and against their definitions."""

import mpmath
import numpy as np
import pytest
import scipy.linalg

from dualnum import ConvergenceError, Dual, DualnumError, NoRuleError, grad, hessian, jacobian, jvp
from dualnum.scipy import linalg
from tests.rules.test_scipy_linalg import POSITIVE, A, along
from tests.samples.products import makers
from tests.samples.scipy_matrix_functions import DESCRIPTOR, NEGATIVE

real, plane = makers(37)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 30.0])
@pytest.mark.parametrize("length", [1e-200, 1.0, 1e200])
def test_the_exponential_to_the_last_digits(scale, length):
    a, e = scale * A / np.linalg.norm(A), np.arange(9.0).reshape(3, 3) - 4
    with mpmath.workdps(60):
        step = mpmath.mpf("1e-20")
        ends = [mpmath.expm(mpmath.matrix(a) + sign * step * mpmath.matrix(e), method="taylor") for sign in (1, -1)]
        exact = np.array(((ends[0] - ends[1]) / (2 * step)).tolist(), dtype=float)
    found = jvp(linalg.expm, (a,), (e * length,))[1] / length
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=3e-13 * np.abs(exact).max())


def test_the_exponential_of_what_commutes_has_all_derivatives():
    def f(t):
        return linalg.expm(t * A)[0, 1]

    derivatives = [f]
    for _ in range(3):
        derivatives.append(grad(derivatives[-1]))
    power = np.eye(3)
    for derivative in derivatives:
        np.testing.assert_allclose(derivative(0.3), (power @ scipy.linalg.expm(0.3 * A))[0, 1], rtol=1e-12)
        power = power @ A
    assert linalg.expm(Dual(np.zeros((0, 0)), np.zeros((2, 0, 0)))).tangent.shape == (2, 0, 0)
    np.testing.assert_array_equal(jvp(linalg.expm, (A,), (0 * A,))[1], 0)


@pytest.mark.parametrize("name", ["sqrtm", "logm"])
@pytest.mark.parametrize("a", [1e-9 * A, A, NEGATIVE, 1e6 * POSITIVE, A + 2j * np.diag([1.0, -1.0, 0.5])])
def test_roots_and_logarithms_to_the_last_digits(name, a):
    a_dot = np.arange(9.0).reshape(3, 3) - 4 + (1j * A if np.iscomplexobj(a) else 0)
    with mpmath.workdps(60):
        step = mpmath.mpf("1e-18") * np.abs(a).max()
        ends = [getattr(mpmath, name)(mpmath.matrix(a) + sign * step * mpmath.matrix(a_dot)) for sign in (1, -1)]
        exact = np.array(((ends[0] - ends[1]) / (2 * step)).tolist(), dtype=complex)
        middle = np.array(ends[0].tolist(), dtype=complex)
    value, found = jvp(getattr(linalg, name), (a,), (a_dot,))
    np.testing.assert_array_equal(value, getattr(scipy.linalg, name)(a))
    if np.imag(value[0, 0]) * middle[0, 0].imag < 0:
        exact = exact.conj()  # on the cut, mpmath and SciPy choose different sides
    np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-12 * np.abs(exact).max())


def test_roots_and_logarithms_are_inverse_functions_to_second_order():
    def residual(a):
        root = linalg.sqrtm(a)
        return np.stack([root @ root - a, linalg.expm(linalg.logm(a)) - a, 2 * linalg.logm(root) - linalg.logm(a)])

    for derivative in along(residual, POSITIVE / 10, A):
        np.testing.assert_allclose(derivative, 0, atol=1e-11)


def test_the_trace_of_the_logarithm_is_that_of_the_determinant():
    def log_det(a):
        return np.trace(linalg.logm(a))

    np.testing.assert_allclose(grad(log_det)(A), np.linalg.inv(A).T, rtol=1e-12)
    np.testing.assert_allclose(
        hessian(log_det)(A), hessian(lambda a: np.linalg.slogdet(a)[1])(A), rtol=1e-10, atol=1e-13
    )


@pytest.mark.filterwarnings("ignore:.*(singular|inaccurate|ill-conditioned)")
@pytest.mark.parametrize("name", ["sqrtm", "logm"])
def test_where_principal_values_have_no_derivative(name):
    f = getattr(linalg, name)
    with pytest.raises(DualnumError, match="is singular"):
        f(Dual(np.diag([1.0, 0.0]), np.eye(2)))
    for a in (-np.eye(2), np.diag([-1.0, -1.0, 2.0]), np.diag([-1.0 + 0j, 2.0])):
        with pytest.raises(DualnumError, match="principal value jumps"):
            f(Dual(a, np.ones_like(a)))
    assert np.isfinite(f(Dual(np.diag([-1.0, -2.0]), np.eye(2))).tangent).all()
    for a in (np.ones(1), np.stack([A, A])):
        with pytest.raises((NoRuleError, ValueError)):
            f(Dual(a, a))
    with pytest.raises((NoRuleError, TypeError, DeprecationWarning)):
        f(Dual(A, A), disp=False)


@pytest.mark.parametrize("make", [real, plane])
def test_linear_equations_stay_solved_to_second_order(make):
    a, b, q, directions = 3 * np.eye(3) + make(3, 3) / 4, make(2, 2), make(3, 3), make(3, 3)

    def residual(a):
        x, y = linalg.solve_sylvester(a, b + a[0, 0], q[:, :2]), linalg.solve_continuous_lyapunov(a, q)
        small = a / 8
        z = linalg.solve_discrete_lyapunov(small, q)
        return np.concatenate(
            [
                a @ x + x @ (b + a[0, 0] * np.ones_like(b)) - q[:, :2],
                a @ y + y @ np.conj(a).T - q,
                small @ z @ np.conj(small).T - z + q,
            ],
            axis=1,
        )

    found = along(residual, a, directions) if make is real else jvp(residual, (a,), (directions,))
    for derivative in found:
        np.testing.assert_allclose(derivative, 0, atol=1e-11)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_sylvester_equations_without_one_solution(scale):
    a, b, q = scale * np.diag([1.0, 2.0]), scale * np.diag([-2.0, 5.0]), np.ones((2, 2))
    for transform in (lambda f: jvp(f, (q,), (q,)), lambda f: grad(lambda x: np.sum(f(x)))(q)):
        with pytest.raises(DualnumError, match="not determined"):
            transform(lambda x: linalg.solve_sylvester(a, b, x))
        assert np.all(np.isfinite(transform(lambda x: linalg.solve_sylvester(a, b / 4, x))))


@pytest.mark.parametrize("is_discrete", [False, True])
def test_riccati_equations_stay_solved_to_second_order(is_discrete):
    solver = linalg.solve_discrete_are if is_discrete else linalg.solve_continuous_are
    system = [DESCRIPTOR[0], np.array([[1.0], [-0.5]]), *DESCRIPTOR[2:]]
    directions = [real(*x.shape) for x in system]
    for i in (2, 3):
        directions[i] = directions[i] + directions[i].T

    def residual(t):
        a, b, q, r, e, s = (x + t * d for x, d in zip(system, directions, strict=True))
        q = q + q.T
        x = solver(a, b, q, r, e, s, balanced=False)
        if is_discrete:
            mixed = a.T @ x @ b + s
            return a.T @ x @ a - e.T @ x @ e - mixed @ np.linalg.solve(r + b.T @ x @ b, mixed.T) + q
        mixed = e.T @ x @ b + s
        return a.T @ x @ e + e.T @ x @ a - mixed @ np.linalg.solve(r, mixed.T) + q

    for derivative in (residual(0.0), jacobian(residual)(0.0), jacobian(jacobian(residual, mode="reverse"))(0.0)):
        np.testing.assert_allclose(derivative, 0, atol=1e-9)


def test_what_scipy_takes_for_a_solution_is_looked_at():
    """With balanced=True, and e given, SciPy 1.14 to 1.18 give a matrix that does not solve the equation."""
    a, b, q, r, e, _ = DESCRIPTOR
    x = scipy.linalg.solve_continuous_are(a, b, q + q.T, r, e)
    residual = a.T @ x @ e + e.T @ x @ a - e.T @ x @ b @ np.linalg.solve(r, b.T @ x @ e) + q + q.T
    if np.abs(residual).max() < 1e-6:
        pytest.skip("this SciPy solves it")
    with pytest.raises(ConvergenceError, match="balanced=False"):
        linalg.solve_continuous_are(Dual(a, a), b, q + q.T, r, e)


def test_the_gain_of_a_regulator_as_control_engineers_write_it():
    """A unit mass, with costs q of its position and r of the force: the gain is known in closed form."""

    def gain(p):
        a, b = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.0], [1.0]])
        x = linalg.solve_continuous_are(a, b, np.diag(np.stack([p[0], 0 * p[0]])), p[1])
        return (b.T @ x / p[1])[0]

    q, r = p = np.array([3.0, 0.7])
    position, speed = np.sqrt(q / r), np.sqrt(2 * np.sqrt(q / r))
    np.testing.assert_allclose(gain(p), [position, speed], rtol=1e-13)
    expected = [[position / 2 / q, -position / 2 / r], [speed / 4 / q, -speed / 4 / r]]
    np.testing.assert_allclose(jacobian(gain)(p), expected, rtol=1e-12)
    np.testing.assert_allclose(jacobian(gain, mode="reverse")(p), expected, rtol=1e-12)
    np.testing.assert_allclose(hessian(gain)(p)[1, 0, 0], -3 / 16 * speed / q**2, rtol=1e-11)
