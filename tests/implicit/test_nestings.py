"""All kinds of number, and each inside each other, through all solvers, against closed forms."""

import itertools
import math

import numpy as np
import pytest

from dualnum import (
    DerivativeLostError,
    NoRuleError,
    derivative,
    grad,
    hessian,
    implicit_fixed_point,
    implicit_root,
    taylor,
)
from dualnum.scipy import integrate, optimize

A = 1.3


def decayed(first, rate, method="DOP853", until=1.0, **options):
    tolerances = {"rtol": 1e-8, "atol": 1e-10}
    return integrate.solve_ivp(
        lambda t, y, k: -k * y, (0, until), [first], method, args=(rate,), **tolerances, **options
    ).y[0, -1]


SOLVERS = {
    "implicit_root": (lambda a: implicit_root(lambda x, a: x**3 - a, np.cbrt)(a), np.cbrt),
    "implicit_fixed_point": (lambda a: implicit_fixed_point(lambda x, a: (x + a / x) / 2, np.sqrt)(a), np.sqrt),
    "brentq": (lambda a: optimize.brentq(lambda x: x**3 - a, 0, 10), np.cbrt),
    "root": (
        lambda a: optimize.root(lambda x: [x[0] ** 3 - a, x[1] - x[0] * a], [1, 1]).x[1],
        lambda a: np.cbrt(a) * a,
    ),
    "minimize": (
        lambda a: optimize.minimize(lambda x: (x[0] - a**3) ** 2 + (x[1] - a) ** 2 + x[0] * x[1], [1, 1]).x[1],
        lambda a: (4 * a - 2 * a**3) / 3,
    ),
    "quad": (lambda a: integrate.quad(lambda x: np.exp(a * x), 0, a)[0], lambda a: (np.exp(a * a) - 1) / a),
    "solve_ivp": (lambda a: decayed(a, a), lambda a: a * np.exp(-a)),
    "solve_ivp, stiff": (lambda a: decayed(1.0, a**2, "LSODA"), lambda a: np.exp(-(a**2))),
    "solve_ivp, adjoint": (lambda a: decayed(1.0, a, sensitivity="adjoint"), lambda a: np.exp(-a)),
    "solve_ivp, times": (lambda a: decayed(1.0, 1.0, until=a), lambda a: np.exp(-a)),
}
WAYS = {
    "forward": derivative,
    "reverse": grad,
    "hyper-dual": lambda f: hessian(f, mode="hyperdual"),
    "series": lambda f: lambda x: taylor(f, x, 1.0, 2)[2],
}


@pytest.mark.parametrize("name", SOLVERS)
def test_every_kind_of_number_inside_every_other(name):
    f, exact = SOLVERS[name]
    for outer, inner in itertools.product(WAYS, WAYS):
        ours, theirs = (WAYS[outer](WAYS[inner](function))(A) for function in (f, exact))
        np.testing.assert_allclose(ours, theirs, atol=2e-6 * abs(theirs) + 1e-7, err_msg=f"{outer} of {inner}")


@pytest.mark.parametrize("name", SOLVERS)
def test_series(name):
    f, exact = SOLVERS[name]
    order = 4 if name == "solve_ivp, times" else 6
    np.testing.assert_allclose(taylor(f, A, 0.5, order), taylor(exact, A, 0.5, order), rtol=1e-5, atol=1e-7)


def test_series_of_stiff_equations():
    # The matrix of a system of series has the coefficients of the Jacobian below its diagonal, not in the first column alone.
    def place(a):
        return integrate.solve_ivp(
            lambda t, y: -1e3 * a * (y - np.cos(t)), (0, 1.0), [1.0], "Radau", rtol=1e-9, atol=1e-12
        ).y[0, -1]

    exact = taylor(lambda a: 1e3 * a * (1e3 * a * math.cos(1) + math.sin(1)) / (1 + (1e3 * a) ** 2), A, 1.0, 3)
    np.testing.assert_allclose(taylor(place, A, 1.0, 3), exact, rtol=1e-6, atol=1e-12)


def test_series_in_times_of_high_order_are_refused():
    with pytest.raises(NoRuleError, match="up to the fourth"):
        taylor(lambda a: decayed(1.0, 1.0, until=a), A, 1.0, 5)


@pytest.mark.parametrize("name", WAYS)
def test_time_of_an_event(name):
    def half_life(k):
        return optimize.brentq(lambda t: decayed(1.0, k, until=t) - 0.5, 0.1, 5.0)

    ours, theirs = (WAYS[name](f)(A) for f in (half_life, lambda k: math.log(2) / k))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def filled(x, a):
    r = np.empty_like(x)
    r[0], r[1] = x[0] ** 3 - a, x[1] - x[0] * a
    return r


@pytest.mark.parametrize("name", WAYS)
def test_functions_that_fill_an_array_like_their_argument(name):
    # Which is plain, when they are called first, though what they put into it is not.
    solvers = [
        lambda a: optimize.root(filled, [1.0, 1.0], (a,)).x[1],
        lambda a: optimize.root(lambda x: filled(x, a), [1.0, 1.0]).x[1],
        lambda a: implicit_root(filled, lambda a: np.stack([np.cbrt(a), np.cbrt(a) * a]))(a)[1],
    ]
    way = WAYS[name]
    for solver in solvers:
        np.testing.assert_allclose(way(solver)(A), way(lambda a: np.cbrt(a) * a)(A), rtol=1e-9)

    def place(a):  # x0' = a, x1' = x0 a
        def rate(t, x):
            return -filled(x, a) + [x[0] ** 3, x[1]]

        return integrate.solve_ivp(rate, (0, 1), [0.0, 0.0], rtol=1e-9, atol=1e-9).y[1, -1]

    np.testing.assert_allclose(way(place)(A), way(lambda a: a**2 / 2)(A), rtol=1e-7)
    with pytest.raises(DerivativeLostError, match="zeros_like"):
        way(lambda a: optimize.root(lambda x: filled(np.zeros(2), a), [1.0, 1.0]).x[0])(A)
