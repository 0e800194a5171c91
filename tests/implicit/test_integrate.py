"""Twins of scipy.integrate."""

import ctypes
import math
from functools import partial

import numpy as np
import pytest
from scipy import LowLevelCallable, integrate

import dualnum.scipy.integrate as twins
from dualnum import (
    ConvergenceError,
    Dual,
    InputError,
    NoRuleError,
    derivative,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jvp,
)
from tests.implicit.extrapolated import MODES, check_all, extrapolated_jacobian

FINE = {"epsabs": 1e-13, "epsrel": 1e-13}


def damped(x, a, b):
    return np.exp(-a * x) * np.cos(b * x)


INTEGRALS = {
    "parameters and limits": (lambda p: twins.quad(damped, p[2], p[3], (p[0], p[1]), **FINE)[0], [0.7, 1.3, 0.2, 2.5]),
    "captured": (lambda p: twins.quad(lambda x: damped(x, *p), 0, 2, **FINE)[0], [0.7, 1.3]),
    "to infinity": (
        lambda p: twins.quad(lambda x: np.exp(-p[0] * (x - p[1]) ** 2), -np.inf, np.inf, **FINE)[0],
        [1.3, 0.4],
    ),
    "with a pole": (lambda p: twins.quad(lambda x: np.exp(-p[0] * x) * np.log(x), 0, p[1], **FINE)[0], [1.3, 0.8]),
    "backwards": (lambda p: twins.quad(damped, p[2], 0, (p[0], p[1]), **FINE)[0], [0.7, 1.3, 1.1]),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals(name):
    check_all(*INTEGRALS[name], levels=3, second=name != "with a pole")


def test_third_derivatives_of_integrals():
    def f(p):
        return twins.quad(lambda x: np.exp(p[0] * x), 0, p[1])[0]

    def exact(p):
        return (np.exp(p[0] * p[1]) - 1) / p[0]

    for ways in ([grad, jacfwd, jacrev], [jacfwd, jacrev, jacfwd], [jacrev, jacfwd, jacrev]):
        ours, theirs = f, exact
        for way in ways:
            ours, theirs = way(ours), way(theirs)
        np.testing.assert_allclose(ours([1.5, 0.8]), theirs([1.5, 0.8]), rtol=1e-9)


def test_integrand_that_is_zero_where_its_derivative_is_not():
    sharp = derivative(lambda a: twins.quad(lambda x: a * np.exp(-(((x - 0.3) / 0.01) ** 2)), 0, 1)[0])(0.0)
    np.testing.assert_allclose(sharp, 0.01 * math.sqrt(math.pi), rtol=1e-9)


def test_plain_integrals_are_scipys():
    assert twins.quad(damped, 0, 2, (0.7, 1.3)) == integrate.quad(damped, 0, 2, (0.7, 1.3))
    active = twins.quad(damped, 0, 2, (Dual(0.7, 1.0), 1.3), full_output=True)
    plain = integrate.quad(damped, 0, 2, (0.7, 1.3), full_output=True)
    assert (active[0].value, active[1]) == plain[:2]
    assert active[2]["neval"] == plain[2]["neval"]
    assert twins.simpson is integrate.simpson


def test_compiled_integrands():
    sine = LowLevelCallable(ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(math.sin))
    assert twins.quad(sine, 0, 1) == integrate.quad(sine, 0, 1)
    with pytest.raises(NoRuleError, match="compiled"):
        grad(lambda b: twins.quad(sine, 0, b)[0])(1.0)


@pytest.mark.filterwarnings("ignore")
def test_integrals_that_have_no_derivative():
    with pytest.raises(ConvergenceError, match="at the limit"):
        derivative(lambda a: twins.quad(lambda x: 1 / np.sqrt(x), a, 1)[0])(0.0)
    with pytest.raises(InputError, match="limit of inf"):
        derivative(lambda a: twins.quad(lambda x: np.exp(-x), 0, a)[0])(np.inf)
    with pytest.raises(ConvergenceError, match="does not converge"):
        derivative(lambda a: twins.quad(lambda x: x**a, 0, 1)[0])(-0.9999)
    with pytest.raises(NoRuleError, match="weight"):
        derivative(lambda a: twins.quad(lambda x: a * x, 0, 1, weight="cos", wvar=3.0)[0])(1.0)
    with pytest.raises(NoRuleError, match="points"):
        derivative(lambda a: twins.quad(lambda x: np.where(x < a, 1.0, 2.0), 0, 2, points=[a])[0])(1.0)
    with pytest.raises(NoRuleError, match="of another quad"):
        derivative(lambda a: twins.dblquad(lambda x, y: a * x * y, 0, 1, 0, 1)[0])(1.0)
    with pytest.raises(InputError, match="complex"):
        derivative(lambda a: twins.quad(lambda x: abs(a * x * 1j) + a * x * 0j, 0, 1)[0])(1.0)


def prey(t, y, a, b, c, d):
    return [a * y[0] - b * y[0] * y[1], -c * y[1] + d * y[0] * y[1]]


def populations(p, method="DOP853", **options):
    """At two times; p are four rates and two initial values."""
    tight = {"rtol": 1e-10, "atol": 1e-12} | options
    return twins.solve_ivp(prey, (0, 4.0), p[4:], method, [1.5, 4.0], args=tuple(p[:4]), **tight).y


RATES = np.array([1.1, 0.4, 0.9, 0.3, 2.0, 1.0])


def test_initial_values_and_parameters():
    check_all(populations, RATES, levels=3)


@pytest.mark.parametrize("kind", [tuple, list, lambda p: p])
def test_args_are_unpacked_as_scipy_does(kind):
    def final(p):
        return np.sum(twins.solve_ivp(lambda t, y, *p: -p[0] * y, (0, 1), [1.0, 2.0], args=kind(p), rtol=1e-8).y[:, -1])

    for jac in MODES:
        np.testing.assert_allclose(jac(final)(np.array([0.5, 0.7])), [-3 * np.exp(-0.5), 0], rtol=1e-5)


@pytest.mark.parametrize("method", ["RK45", "Radau", "BDF", "LSODA"])
def test_every_method_finds_the_same_sensitivities(method):
    J = jacfwd(populations)(RATES)
    tolerances = {"rtol": 1e-8, "atol": 1e-10}
    for jac in MODES:
        np.testing.assert_allclose(jac(lambda p: populations(p, method, **tolerances))(RATES), J, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("outer", MODES)
@pytest.mark.parametrize("inner", MODES)
def test_adjoint_agrees_with_sensitivities(outer, inner):
    def final(p, sensitivity):
        return populations(p, sensitivity=sensitivity, rtol=1e-8, atol=1e-10)[0, 0]

    ours, theirs = (partial(final, sensitivity=name) for name in ("adjoint", "forward"))
    np.testing.assert_allclose(inner(ours)(RATES), inner(theirs)(RATES), rtol=1e-7)
    np.testing.assert_allclose(outer(inner(ours))(RATES), outer(inner(theirs))(RATES), rtol=2e-6, atol=1e-7)


def test_adjoint_takes_no_more_equations_for_many_parameters():
    def sizes(sensitivity):
        seen = []

        def rate(t, y, w):
            seen.append(np.size(w))
            return np.tanh(w.reshape(4, 4) @ y)

        def loss(w):
            return np.sum(
                twins.solve_ivp(rate, (0, 1), np.ones(4), args=(w,), sensitivity=sensitivity, rtol=1e-8, atol=1e-10).y[
                    :, -1
                ]
            )

        return grad(loss)(np.linspace(-1, 1, 16)), len(seen)

    (by_adjoint, evaluations), (by_sensitivities, _) = map(sizes, ("adjoint", "forward"))
    np.testing.assert_allclose(by_adjoint, by_sensitivities, rtol=1e-6, atol=1e-8)
    assert evaluations < 1000  # plain, with its interpolation, and back: all of them with 4 to 20 equations


def robertson(t, y, k):
    a, b, c = k[0] * y[0], k[1] * y[1] ** 2, k[2] * y[1] * y[2]
    return np.stack([c - a, a - b - c, b])


def concentrations(k, method, tolerance=1e-9, **options):
    """At t = 40; those of the second substance are near 1e-5."""
    atol = tolerance * np.array([1e-2, 1e-6, 1e-2])
    return twins.solve_ivp(
        robertson, (0, 40.0), [1.0, 0, 0], method, [40.0], args=(k,), rtol=tolerance, atol=atol, **options
    ).y[:, 0]


def test_stiff_equations():
    k = np.array([0.04, 3e7, 1e4])
    size = np.abs(concentrations(k, "Radau"))[:, None] / k

    expected = extrapolated_jacobian(lambda k: concentrations(k, "LSODA", 1e-12), k, step=0.05) / size
    for method in ("Radau", "BDF", "LSODA"):
        for jac in MODES:
            np.testing.assert_allclose(jac(partial(concentrations, method=method))(k) / size, expected, atol=1e-7)
    by_adjoint = jacrev(partial(concentrations, method="BDF", tolerance=1e-7, sensitivity="adjoint"))(k)
    np.testing.assert_allclose(by_adjoint / size, expected, atol=1e-6)


@pytest.mark.parametrize("mode", ["hyperdual", "forward-over-reverse", "reverse-over-reverse", "forward-over-forward"])
@pytest.mark.parametrize("method", ["BDF", "LSODA"])
def test_second_derivatives_of_stiff_equations(method, mode):
    def relaxed(p):  # y = (y0 - c) exp(-k t) + c, with a rate that is stiff
        return twins.solve_ivp(
            lambda t, y: -p[0] * (y - p[1]), (0, 1.0), p[2:], method, [2e-3, 1.0], rtol=1e-10, atol=1e-12
        ).y[0]

    def exact(p):
        return (p[2] - p[1]) * np.exp(-p[0] * np.array([2e-3, 1.0])) + p[1]

    p = np.array([1e3, 0.5, 2.0])
    units = np.outer(p, p)
    found, expected = (hessian(f, mode=mode)(p) * units for f in (relaxed, exact))
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.max(np.abs(expected)))


def test_times():
    def swing(p, t_eval=None):  # y = a sin(w (t - t0)) + ..., from t0 to t1
        span = (p[2], p[3])
        return twins.solve_ivp(
            lambda t, y: [y[1], -p[0] * y[0]], span, [p[1], 0.5], "DOP853", t_eval, rtol=1e-11, atol=1e-12
        )

    def exact(p, t):
        w = np.sqrt(p[0])
        return p[1] * np.cos(w * (t - p[2])) + 0.5 / w * np.sin(w * (t - p[2]))

    p = np.array([2.0, 0.7, 0.3, 2.5])
    for f, g in [
        (lambda p: swing(p).y[0, -1], lambda p: exact(p, p[3])),
        (
            lambda p: swing(p, [1.0, p[3] - 1, p[3]]).y[0],
            lambda p: exact(p, np.stack([1.0 + 0 * p[3], p[3] - 1, p[3]])),
        ),
        (lambda p: swing(p, p[3] - np.array([1.2, 0.1])).y[0], lambda p: exact(p, p[3] - np.array([1.2, 0.1]))),
    ]:
        for outer in MODES:
            np.testing.assert_allclose(outer(f)(p), outer(g)(p), atol=1e-9)
            for inner in MODES:
                np.testing.assert_allclose(outer(inner(f))(p), outer(inner(g))(p), atol=1e-8)
    np.testing.assert_allclose(derivative(lambda s: swing(np.array([2.0, 0.7, 0.3, 1.0]) * s).t[-1])(2.5), 1.0)


def test_integrals_of_integrals():
    def f(p):
        return twins.quad(lambda y: twins.quad(lambda x: p[0] * x * y * np.exp(p[0] * y), 0, y)[0], 0, p[1])[0]

    p = np.array([0.7, 1.1])
    inner = twins.quad(lambda y: y**3 / 2 * (1 + p[0] * y) * np.exp(p[0] * y), 0, p[1])[0]
    for jac in MODES:
        np.testing.assert_allclose(jac(f)(p), [inner, p[0] * p[1] ** 3 / 2 * np.exp(p[0] * p[1])], rtol=1e-9)


def test_first_time():
    def states(a, stop=0.0, t_eval=None):
        return twins.solve_ivp(lambda t, y: -2 * y, (0, stop), [a], t_eval=t_eval).y[0]

    for jac in MODES:
        np.testing.assert_array_equal(jac(states)(1.5), [1, 1])
        np.testing.assert_array_equal(jac(lambda a: states(a, 1.0, [0.0]))(1.5), [1])
        np.testing.assert_array_equal(jac(lambda stop: states(1.5, stop))(0.0), [0, -3])

    def first(p, **options):
        found = twins.solve_ivp(lambda t, y: -2 * t * y, (p[0], p[1]), [p[2]], **options)
        return np.stack([found.t[0], found.y[0, 0]])

    for jac in MODES:  # where it begins, the state is the initial value, whenever that is
        np.testing.assert_allclose(jac(first)([0.7, 1.5, 3.0]), [[1, 0, 0], [0, 0, 1]], atol=1e-15)
        for inner in MODES:
            np.testing.assert_allclose(jac(inner(first))([0.7, 1.5, 3.0]), np.zeros((2, 3, 3)), atol=1e-14)
        fixed = jac(lambda start: first([start, 1.5, 3.0], t_eval=[0.7, 1.5])[1])(0.7)  # at this time, not at the first
        np.testing.assert_allclose(fixed, 2 * 0.7 * 3.0, rtol=1e-13)
        assert jac(lambda start: first([start, 1.5, 3.0])[0])(0.7) == 1.0
    with pytest.raises(InputError, match="no time"):
        derivative(lambda a: states(a, 1.0, []))(1.5)


@pytest.mark.parametrize("jac", MODES)
def test_args_as_a_list_or_an_array(jac):
    def final(p):
        return twins.solve_ivp(lambda t, y, a, b: -a * b * y, (0, 1.0), [1.0], args=p, rtol=1e-9, atol=1e-9).y[0, -1]

    for kind in (list, lambda p: p):
        np.testing.assert_allclose(
            jac(lambda p, kind=kind: final(kind(p)))([0.5, 2.0]), [-2 / math.e, -0.5 / math.e], rtol=1e-7
        )


def test_what_is_captured():
    def total(p):
        rates = {"k": p["k"]}

        def rate(t, y, scale=p["scale"]):
            def inner(y):
                return -rates["k"] * y * scale

            return inner(y)

        return np.sum(twins.solve_ivp(rate, (0, 1.0), p["y0"], rtol=1e-9, atol=1e-11).y[:, -1])

    p = {"k": 0.7, "scale": 1.5, "y0": np.array([1.0, 2.0])}
    bars = grad(total)(p)
    factor = math.exp(-1.05)
    np.testing.assert_allclose([bars["k"], bars["scale"]], [-1.5 * 3 * factor, -0.7 * 3 * factor], rtol=1e-7)
    np.testing.assert_allclose(bars["y0"], factor, rtol=1e-7)


class Held:
    def __init__(self, k):
        self.more = {"k": k, "itself": self}

    def __call__(self, t, y):
        return -self.more["k"] * y

    def rate(self, t, y):
        return self(t, y) if t > 0.5 else 0 * y


@pytest.mark.parametrize("way", [derivative, grad])
def test_what_objects_hold(way):
    def final(k, of_object):
        return twins.solve_ivp(of_object(Held(k)), (0, 1.0), [1.0], rtol=1e-9, atol=1e-11).y[0, -1]

    for of_object, time in [(lambda h: h, 1.0), (lambda h: lambda t, y: h(t, y), 1.0), (lambda h: h.rate, 0.5)]:
        f = partial(final, of_object=of_object)
        np.testing.assert_allclose(way(f)(0.7), -time * math.exp(-0.7 * time), rtol=1e-6)
        np.testing.assert_allclose(derivative(way(f))(0.7), time**2 * math.exp(-0.7 * time), rtol=1e-6)


@pytest.mark.parametrize("way", [jacfwd, jacrev])
def test_methods_of_what_carries_derivatives(way):
    def final(p, of_matrix):
        apply = of_matrix(np.stack([p[:2], p[1:]]))
        return twins.solve_ivp(lambda t, y: -apply(y), (0, 1), [1.0, 2.0], rtol=1e-10, atol=1e-11).y[:, -1]

    p = np.array([0.7, 0.3, 0.4])
    for of_matrix, direct in [
        (lambda A: A.dot, lambda A: lambda y: A @ y),
        (lambda A: A[0].__mul__, lambda A: lambda y: A[0] * y),
    ]:
        J = way(partial(final, of_matrix=direct))(p)
        np.testing.assert_allclose(way(partial(final, of_matrix=of_matrix))(p), J, rtol=1e-9, atol=1e-12)


class Slotted:
    __slots__ = ("begin", "k")

    def __init__(self, k, begin):
        self.k, self.begin = k, begin

    def __call__(self, t, y=1.0):
        return -self.k * y if t >= self.begin else -y


def test_what_is_not_seen_is_refused():
    def final(k, begin=0.0, y0=1.0):
        return twins.solve_ivp(Slotted(k, begin), (0, 1.0), [y0], rtol=1e-9, atol=1e-11).y[0, -1]

    np.testing.assert_allclose(derivative(derivative(final))(0.7), math.exp(-0.7), rtol=1e-7)
    for lost in (
        lambda: grad(final)(0.7),
        lambda: grad(final)(0.7, 0.5),
        lambda: derivative(final)(0.7, 0.5),
        lambda: derivative(grad(lambda k: final(k, 0.5, k)))(0.7),
        lambda: derivative(lambda k: twins.quad(Slotted(k, 0.5), 0, 1)[0])(0.7),
    ):
        with pytest.raises(InputError, match="not seen"):
            lost()


def test_equilibrium_is_no_excuse():
    # The solution is 0, and takes a few large steps; its derivative oscillates.
    def final(y0):
        return twins.solve_ivp(lambda t, y: [y[1], -100 * y[0]], (0, 3.0), [y0, 0 * y0], rtol=1e-8, atol=1e-10).y[0, -1]

    for way in (derivative, grad):
        np.testing.assert_allclose(way(final)(0.0), math.cos(30.0), atol=1e-6)


def test_plain_solutions_are_scipys():
    args = ((0, 4.0), RATES[4:], "RK45", [1.0, 4.0])
    ours, theirs = (module.solve_ivp(prey, *args, args=tuple(RATES[:4])) for module in (twins, integrate))
    np.testing.assert_array_equal(ours.y, theirs.y)
    y, _ = jvp(lambda p: twins.solve_ivp(prey, *args[:1], p[4:], *args[2:], args=tuple(p[:4])).y, (RATES,), (RATES,))
    np.testing.assert_array_equal(y, theirs.y)


def test_jacobian_of_the_users():
    def final(k):
        return twins.solve_ivp(
            lambda t, y: -k * y, (0, 1.0), [1.0], "BDF", jac=lambda t, y: [[-k]], rtol=1e-9, atol=1e-12
        ).y[0, -1]

    for way in (derivative, grad):
        np.testing.assert_allclose(way(final)(50.0), -math.exp(-50.0), atol=1e-9)


def test_solutions_that_have_no_derivative():
    def solve(a, fun=lambda t, y: y, **options):
        return twins.solve_ivp(fun, (0, 1.0), [a], **options).y[0, -1]

    with pytest.raises(ConvergenceError, match="failed"):
        derivative(partial(solve, fun=lambda t, y: 9 * y**2))(1.0)
    with pytest.raises(NoRuleError, match="complex"):
        derivative(lambda a: solve(a + 1j).real)(1.0)
    with pytest.raises(InputError, match="sensitivity"):
        solve(1.0, sensitivity="backward")
