"""Each of SciPy's solvers takes the objects, runs the function less often than with differences, and is as accurate."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import (
    NonlinearConstraint,
    approx_fprime,
    curve_fit,
    least_squares,
    minimize,
    newton_krylov,
    root,
)

from dualnum import objective, residuals
from dualnum.errors import InputError


class Counted:
    """A function that counts how often it is run."""

    def __init__(self, f):
        self.f = f
        self.runs = 0

    def __call__(self, *args, **kwargs):
        self.runs += 1
        return self.f(*args, **kwargs)


def valley(x, steepness=100.0):
    return np.sum(steepness * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def factors(x, steepness=10.0, *, offset=1.0):
    return np.concatenate([steepness * (x[1:] - x[:-1] ** 2), offset - x])


START = np.array([-1.2, 1.0, 0.8])
FIRST_ORDER = ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP", "trust-constr"]
HESS = ["Newton-CG", "trust-exact", "trust-ncg", "trust-krylov", "dogleg", "trust-constr"]
HESSP = ["Newton-CG", "trust-ncg", "trust-krylov", "trust-constr"]


def compare(solve_with_differences, solve_exactly, error):
    """Solve with a counted function twice; SciPy's differences must run it more often and be no more accurate."""
    by_differences, exactly = Counted(None), Counted(None)
    reference = solve_with_differences(by_differences)
    found = solve_exactly(exactly)
    assert exactly.runs < by_differences.runs
    assert error(found) <= max(error(reference), 1e-9)
    return found


def counting(counted, f):
    counted.f = f
    return counted


def from_ones(result):
    return np.max(np.abs(result.x - 1))


@pytest.mark.parametrize("method", FIRST_ORDER)
def test_minimize_by_gradients(method):
    compare(
        lambda f: minimize(counting(f, valley), START, (50.0,), method, tol=1e-10),
        lambda f: minimize(**objective(counting(f, valley)), x0=START, args=(50.0,), method=method, tol=1e-10),
        from_ones,
    )


@pytest.mark.parametrize(("method", "second"), [(m, "hess") for m in HESS] + [(m, "hessp") for m in HESSP])
def test_minimize_by_hessians(method, second):
    options = {
        "args": (0.05 if method == "dogleg" else 100.0,),
        "method": method,
        "tol": 1e-10,
    }  # dogleg needs convexity

    def by_differences(counted):
        f = counting(counted, valley)

        def gradient(x, steepness):
            return approx_fprime(x, f, 1.5e-8, steepness)

        return minimize(
            f, START, jac=gradient, hess=lambda x, steepness: approx_fprime(x, gradient, 1e-5, steepness), **options
        )

    # trust-krylov multiplies what its memory held before by zero, by derivatives of any kind: infinity, nan, anything
    with np.errstate(invalid="ignore", over="ignore"):
        found = compare(
            by_differences,
            lambda f: minimize(**objective(counting(f, valley), **{second: True}), x0=START, **options),
            from_ones,
        )
    assert from_ones(found) < 1e-7


def ring(x):
    return x[0] ** 2 + x[1] ** 2


def test_constraints_of_slsqp():
    """The Jacobians of the constraints are exact too; the minimum of the sum on a ring is known."""

    def from_solution(result):
        return np.max(np.abs(result.x + 1))

    def with_differences(counted):
        constraint = {"type": "ineq", "fun": counting(counted, lambda x, r: r**2 - ring(x)), "args": (2**0.5,)}
        return minimize(np.sum, [0.5, -1.0], jac=np.ones_like, method="SLSQP", constraints=constraint, tol=1e-9)

    def exactly(counted):
        constraint = {"type": "ineq", **residuals(counting(counted, lambda x, r: r**2 - ring(x))), "args": (2**0.5,)}
        return minimize(**objective(np.sum), x0=[0.5, -1.0], method="SLSQP", constraints=constraint, tol=1e-9)

    compare(with_differences, exactly, from_solution)


@pytest.mark.parametrize("f", [ring, lambda x: [ring(x)]])
def test_nonlinear_constraint_with_hessian(f):
    def from_solution(result):
        return np.max(np.abs(result.x + 1))

    def exactly(counted):
        constraint = NonlinearConstraint(**residuals(counting(counted, f), hess=True), lb=-np.inf, ub=2.0)
        return minimize(**objective(np.sum, hess=True), x0=[0.5, -1.0], method="trust-constr", constraints=constraint)

    def with_differences(counted):
        constraint = NonlinearConstraint(counting(counted, f), -np.inf, 2.0, jac="2-point")
        return minimize(**objective(np.sum, hess=True), x0=[0.5, -1.0], method="trust-constr", constraints=constraint)

    assert from_solution(compare(with_differences, exactly, lambda result: 0.0)) < 1e-4


@pytest.mark.parametrize(
    ("method", "loss"),
    [("lm", "linear"), ("trf", "linear"), ("trf", "soft_l1"), ("dogbox", "linear"), ("dogbox", "soft_l1")],
)
def test_least_squares(method, loss):
    options = {"method": method, "loss": loss, "args": (8.0,), "kwargs": {"offset": 1.0}, "xtol": 1e-12}
    compare(
        lambda f: least_squares(counting(f, factors), START[:2], **options),
        lambda f: least_squares(**residuals(counting(f, factors)), x0=START[:2], **options),
        from_ones,
    )


TIMES = np.linspace(0.0, 4.0, 30)


def decay(t, height, rate, offset):
    return height * np.exp(-rate * t) + offset


@pytest.mark.parametrize("sigma", [None, np.full(30, 0.1), 0.01 * np.eye(30)])
@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
def test_curve_fit(method, sigma):
    truth = np.array([2.0, 0.7, 0.3])
    data = decay(TIMES, *truth)

    def exactly(counted):
        f = residuals(counting(counted, decay), (1, ...))
        return curve_fit(f, TIMES, data, [1.0, 1.0, 1.0], sigma, method=method, jac=f.jac)

    compare(
        lambda f: curve_fit(counting(f, decay), TIMES, data, [1.0, 1.0, 1.0], sigma, method=method),
        exactly,
        lambda found: np.max(np.abs(found[0] - truth)),
    )


def test_curve_fit_counts_the_parameters_of_the_signature():
    f = residuals(decay, (1, ...))
    found, _ = curve_fit(f, TIMES, decay(TIMES, 2.0, 0.7, 0.3), jac=f.jac)
    np.testing.assert_allclose(found, [2.0, 0.7, 0.3], rtol=1e-7)


def equations(x, rate):
    return np.array([x[0] * np.cos(x[1]) - 4 * rate, x[0] * x[1] - x[1] - 5 * rate])


@pytest.mark.parametrize("method", ["hybr", "lm"])
def test_root(method):
    options = {"args": (1.0,), "method": method}
    solution = root(**residuals(equations), x0=[6.5, 0.9], tol=1e-15, **options).x
    assert np.max(np.abs(equations(solution, 1.0))) < 1e-14
    compare(
        lambda f: root(counting(f, equations), [1.0, 1.0], **options),
        lambda f: root(**residuals(counting(f, equations)), x0=[1.0, 1.0], **options),
        lambda result: np.max(np.abs(result.x - solution)),
    )


def bratu(u):
    """Diffusion with a source that grows with u, on a square, zero at its edges: `u` has shape (n, n)."""
    padded = np.pad(u, 1)
    laplacian = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2] - 4 * u
    return (u.shape[0] + 1) ** 2 * laplacian + 5 * np.exp(u)


def test_newton_krylov():
    def exactly(counted):
        f = residuals(counting(counted, bratu))
        return newton_krylov(f, np.zeros((8, 8)), method=f.krylov, f_tol=1e-10)

    compare(
        lambda f: newton_krylov(counting(f, bratu), np.zeros((8, 8)), f_tol=1e-10),
        exactly,
        lambda u: np.max(np.abs(bratu(u))),
    )


def test_root_by_krylov():
    f = residuals(bratu)
    found = root(f, np.zeros((8, 8)), method="krylov", tol=1e-10, options={"jac_options": {"method": f.krylov}})
    assert found.success
    assert np.max(np.abs(bratu(found.x))) < 1e-9


def robertson(t, y, fast):
    a, b, c = y
    return [-0.04 * a + 1e4 * b * c, 0.04 * a - 1e4 * b * c - fast * b**2, fast * b**2]


# At t = 40, by Radau with a tolerance of 1e-13.
AT_40 = np.array([0.7158270687194146, 9.185534764557e-6, 0.2841637457458208])


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_solve_ivp(method):
    options = {"method": method, "rtol": 1e-6, "atol": 1e-10, "args": (3e7,)}
    found = compare(
        lambda f: solve_ivp(counting(f, robertson), (0, 40), [1.0, 0, 0], **options),
        lambda f: solve_ivp(**residuals(counting(f, robertson), 1), t_span=(0, 40), y0=[1.0, 0, 0], **options),
        lambda result: 0.0,
    )
    np.testing.assert_allclose(found.y[:, -1], AT_40, rtol=2e-5)


def test_solve_ivp_of_complex_states():
    """A rotation that shrinks; the solution is known."""
    exact = residuals(lambda t, z: (2j - 1) * z, 1, holomorphic=True)
    found = solve_ivp(**exact, t_span=(0, 2), y0=[1.0 + 0j], method="BDF", rtol=1e-8, atol=1e-10)
    assert abs(found.y[0, -1] - np.exp(2 * (2j - 1))) < 1e-6
    with pytest.raises(InputError, match="holomorphic=True"):
        solve_ivp(**residuals(lambda t, z: np.conj(z), 1), t_span=(0, 2), y0=[1.0 + 0j], method="BDF")
