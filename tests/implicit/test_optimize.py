"""Twins of scipy.optimize."""

from functools import partial
from inspect import signature

import numpy as np
import pytest
from scipy import optimize

import dualnum.scipy.optimize as twins
from dualnum import ConvergenceError, Dual, NoRuleError, grad, jacfwd, jacobian, jacrev, jvp, objective
from tests.implicit.extrapolated import MODES, check_all, extrapolated_jacobian
from tests.implicit.test_roots import lowest, newton, valley


def wave(x, a, b):
    return np.cos(a * x) - b * x


def curves(x, a, b):
    return [x[0] ** 2 + b * x[1] - a, np.exp(x[0]) - b * x[1] ** 3]


def valley_and_slope(x, p):
    return valley(x, p), grad(valley)(x, p)


P = np.array([1.3, 0.9])
SCALAR = {
    **{name: lambda p, name=name: getattr(twins, name)(wave, 0, 1.5, (p[0], p[1]), xtol=1e-15) for name in
       ("brentq", "brenth", "ridder", "bisect", "toms748")},
    "newton": lambda p: twins.newton(wave, 0.5, args=tuple(p), tol=1e-15),
    "root_scalar": lambda p: twins.root_scalar(wave, tuple(p), bracket=(0, 1.5), xtol=1e-15).root,
    "root_scalar, secant": lambda p: twins.root_scalar(wave, tuple(p), x0=0.5, x1=0.6, xtol=1e-15).root,
    "captured": lambda p: twins.brentq(lambda x: wave(x, p[0], p[1]), 0, 1.5, xtol=1e-15),
    "fixed_point": lambda p: twins.fixed_point(lambda x, a, b: np.cos(a * x) / b, 0.6, args=tuple(p), xtol=1e-15),
}  # fmt: skip


@pytest.mark.parametrize("name", SCALAR)
def test_roots_of_one_unknown(name):
    check_all(SCALAR[name], P, second=name in ("brentq", "captured"))
    np.testing.assert_allclose(jacrev(jacfwd(SCALAR[name]))(P), jacfwd(jacrev(SCALAR["brentq"]))(P), rtol=1e-9)


@pytest.mark.parametrize("kind", [list, lambda p: p])
def test_args_that_are_no_tuple_are_taken_as_scipy_takes_them(kind):
    start = np.array([1.0, 2.0])
    p = np.array([4.0, 9.0])
    solvers = {
        "newton": lambda p: twins.newton(lambda x, *p: x**2 - p[0], start, args=kind(p)),  # unpacked
        "fixed_point": lambda p: twins.fixed_point(lambda x, *p: (x + p[0] / x) / 2, start, args=kind(p)),
        "fsolve": lambda p: twins.fsolve(lambda x, p: x**2 - np.stack(p), start, args=kind(p)),  # one argument
    }
    for name, solve in solvers.items():
        J = jacfwd(solve)(p)
        expected = np.diag([1 / 4, 1 / 6]) if name == "fsolve" else [[1 / 4, 0], [1 / 4, 0]]
        np.testing.assert_allclose(J, expected, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("name", ["root", "fsolve"])
def test_systems(name):
    def solve(p):
        found = getattr(twins, name)(
            curves, np.ones(2), tuple(p), **({"tol": 1e-13} if name == "root" else {"xtol": 1e-13})
        )
        return found.x if name == "root" else found

    check_all(solve, [3.0, 2.0])


def test_minimum_and_its_value():
    def minimum(p):
        found = twins.minimize(valley, [0.8, 0.6], (p,), jac=grad(valley), hess=jacfwd(grad(valley)), method="trust-exact",
                               options={"gtol": 1e-9})  # fmt: skip
        return np.append(found.x, found.fun)

    def exact(p):
        x = lowest(p)
        return np.append(x, valley(x, p))

    p = np.array([1.0, 10.0])
    for outer in MODES:
        np.testing.assert_allclose(outer(minimum)(p), outer(exact)(p), rtol=1e-7)
        for inner in MODES:
            np.testing.assert_allclose(outer(inner(minimum))(p), outer(inner(exact))(p), rtol=1e-7)


@pytest.mark.parametrize("method", ["BFGS", "Nelder-Mead", "L-BFGS-B", "SLSQP", "Newton-CG"])
def test_every_method_finds_the_same_derivatives(method):
    def place(p, fun=valley, jac=None):
        return twins.minimize(fun, [0.5, 0.5], (p,), method=method, jac=jac, tol=1e-5).x

    p = np.array([1.0, 10.0])
    J = jacrev(lambda p: twins.minimize(lambda x: valley(x, p), [0.5, 0.5], tol=1e-10).x)(p)
    jac = objective(valley).jac if method == "Newton-CG" else None
    np.testing.assert_allclose(jacfwd(lambda p: place(p, jac=jac))(p), J, rtol=1e-10)
    if method != "Nelder-Mead":
        np.testing.assert_allclose(jacrev(lambda p: place(p, valley_and_slope, True))(p), J, rtol=1e-10)


@pytest.mark.parametrize("as_pairs", [True, False])
def test_bounds(as_pairs):
    def place(p):
        def bounded(x):
            return valley(x, p)

        bounds = [(None, p[2]), (0.0, None)] if as_pairs else optimize.Bounds([-np.inf, 0.0], [0.3, np.inf])
        return twins.minimize(bounded, [0.1, 0.2], bounds=bounds, tol=1e-14).x

    p = np.array([1.0, 10.0, 0.3])
    J = jacrev(place)(p)
    np.testing.assert_array_equal(J[0], [0.0, 0.0, 1.0 * as_pairs])
    y = place(p)[1]  # 2 b (y - c^2) + 0.4 y^3 = 0
    curvature = 20.0 + 1.2 * y**2
    np.testing.assert_allclose(J[1], [0.0, -2 * (y - 0.09) / curvature, as_pairs * 40 * 0.3 / curvature], atol=1e-8)


@pytest.mark.parametrize("method", ["L-BFGS-B", "TNC", "SLSQP", "Nelder-Mead", "Powell", "COBYLA", "trust-constr"])
def test_bounds_that_are_hardly_seen(method):
    # The free minimum is at (1.3, 1.69), so near that a solver stops between it and the bound, or Newton's steps lead there.
    def place(p):
        return twins.minimize(lambda x: (x[0] - p[0]) ** 2 + (x[1] - p[0] * x[0]) ** 2, [0.5, 0.5], method=method, tol=1e-9,
                              bounds=optimize.Bounds([0, -9], np.stack([p[1], 9 + 0 * p[1]]))).x  # fmt: skip

    np.testing.assert_allclose(jacfwd(place)([1.3, 1.2995]), [[0, 1], [1.2995, 1.3]], atol=1e-12)


@pytest.mark.parametrize("unit", [1e-6, 1e4])
def test_bounds_in_small_and_large_units(unit):
    def place(a, b):
        return twins.minimize(lambda x: (x[0] / unit - a) ** 2 + (x[1] / unit - a * x[0] / unit) ** 2, [unit / 2, unit],
                              bounds=[(0, b * unit), (0, None)], tol=1e-12).x[1] / unit  # fmt: skip

    np.testing.assert_allclose(grad(place, argnums=(0, 1))(1.3, 2.0), (2.6, 0), atol=1e-7)
    np.testing.assert_allclose(grad(place, argnums=(0, 1))(1.3, 1.0), (1, 1.3), atol=1e-7)
    np.testing.assert_allclose(
        grad(lambda b: twins.minimize(lambda x: x @ x, [b, 0], bounds=[(b, b), (None, None)]).fun)(1.5), 3.0
    )


def test_bound_of_one_unknown():
    def place(a, b):
        return twins.minimize_scalar(lambda x: (x - a) ** 2, bounds=(0, b), method="bounded").x

    assert grad(place, argnums=(0, 1))(1.3, 1.2999) == (0.0, 1.0)
    assert grad(place, argnums=(0, 1))(1.3, 1.4) == (1.0, 0.0)
    assert grad(lambda a: twins.fminbound(lambda x: (x - a) ** 2, 0, 1))(2.0) == 0
    with pytest.raises(ConvergenceError, match="kink"):
        grad(place)(1.3, 1.3)


def test_minimum_of_one_unknown():
    def place(p):
        return twins.minimize_scalar(lambda x: np.cos(p[0] * x) + p[1] * x**2, bounds=(0, 3), method="bounded").x

    def exact(p):
        return twins.brentq(lambda x: 2 * p[1] * x - p[0] * np.sin(p[0] * x), 0.5, 3)

    np.testing.assert_allclose(jacrev(place)([1.5, 0.2]), jacfwd(exact)([1.5, 0.2]), rtol=1e-10)


def test_plain_calls_are_scipys():
    assert twins.brentq(wave, 0, 1.5, (1.3, 0.9)) == optimize.brentq(wave, 0, 1.5, (1.3, 0.9))
    assert twins.approx_fprime is optimize.approx_fprime
    ours, theirs = (module.root(curves, [1.0, 1.0], (3.0, 2.0)) for module in (twins, optimize))
    np.testing.assert_array_equal(ours.x, theirs.x)
    assert ours.nfev == theirs.nfev
    active = twins.root(curves, [1.0, 1.0], (Dual(3.0, 1.0), 2.0))
    np.testing.assert_array_equal(active.x.value, theirs.x)
    assert active.nfev == theirs.nfev
    with pytest.raises(AttributeError, match="no_such"):
        twins.no_such  # noqa: B018


def test_full_output():
    def roots(a):
        x, report = twins.brentq(wave, 0, 1.5, (a, 0.9), full_output=True)
        assert report.converged
        several = twins.newton(wave, np.array([0.5, 0.6]), args=(a, 0.9), full_output=True)
        assert several.converged.all()
        y, info, flag, _ = twins.fsolve(wave, 0.5, (a, 0.9), full_output=True)
        assert flag == 1
        with pytest.raises(NoRuleError, match="'fjac' of a solver's result"):
            info["fjac"]
        with pytest.raises(KeyError, match="no_such"):
            info["no_such"]
        place, height, *_ = twins.brent(wave, (a, 0.9), full_output=True)
        return np.stack([x, report.root, several.root[0], y[0], info["fvec"][0] + x, height])

    J = jacrev(roots)(1.3)
    expected = grad(lambda a: twins.brentq(wave, 0, 1.5, (a, 0.9)))(1.3)
    np.testing.assert_allclose(J[:-1], expected, rtol=1e-9)
    place = optimize.brent(wave, (1.3, 0.9))
    np.testing.assert_allclose(J[-1], -place * np.sin(1.3 * place), rtol=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        "hybr",
        "lm",
        "broyden1",
        "broyden2",
        "anderson",
        "diagbroyden",
        "krylov",
        "df-sane",
        "newton_krylov",
        "broyden1 alone",
    ],
)
def test_every_method_for_systems(name):
    def solve(p):
        if name == "newton_krylov":
            return twins.newton_krylov(lambda x: np.stack(curves(x, *p)), np.ones(2))
        if name == "broyden1 alone":
            return twins.broyden1(lambda x: np.stack(curves(x, *p)), np.ones(2), f_tol=1e-5)
        return twins.root(lambda x, *p: np.stack(curves(x, *p)), [1.1, 1.1], tuple(p), method=name).x

    p = np.array([3.0, 2.0])
    for jac in MODES:
        J = jac(lambda p: twins.root(curves, np.ones(2), tuple(p), tol=1e-13).x)(p)
        np.testing.assert_allclose(jac(solve)(p), J, rtol=1e-9)


def test_least_squares():
    t = np.linspace(0.0, 3.0, 9)
    data = 2 * np.exp(-0.7 * t) + 0.1 * np.cos(9 * t)

    def misfit(p, weights, scale):
        return weights * (p[0] * np.exp(-p[1] * t) - scale * data)

    def cost(p, weights):
        return np.sum(misfit(p, weights, 2.0) ** 2) / 2

    def fit(weights):
        found = twins.least_squares(misfit, [1, 1], args=(weights,), kwargs={"scale": 2.0})
        return np.concatenate([found.x, found.fun, [found.cost]])

    def exact(weights):
        p = newton(grad(cost), np.array([4.0, 0.7]), weights)
        return np.concatenate([p, misfit(p, weights, 2.0), [cost(p, weights)]])

    weights = np.linspace(1, 2, 9)
    for jac in MODES:
        np.testing.assert_allclose(jac(fit)(weights), extrapolated_jacobian(exact, weights), rtol=1e-7, atol=1e-6)
    assert not np.any(jacrev(lambda b: twins.least_squares(lambda p: p - 3 + 0 * b, [0.5], bounds=(0, b)).x)(1.0) - 1)


def robust(z):
    return np.stack([np.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2])


LOSSES = {
    "soft_l1": lambda z: 2 * (np.sqrt(1 + z) - 1), "huber": lambda z: np.where(z <= 1, z, 2 * np.sqrt(z) - 1),
    "cauchy": np.log1p, "arctan": np.arctan, robust: np.log1p,
}  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
def test_robust_losses(loss):
    t, data = np.linspace(0, 3, 9), 2 * np.exp(-0.7 * np.linspace(0, 3, 9)) + 0.3 * np.cos(np.arange(9.0))

    def misfit(p, data):
        return p[0] * np.exp(-p[1] * t) - data

    def fit(data, scale, module=twins):
        found = module.least_squares(
            misfit, [2, 1], args=(data,), loss=loss, f_scale=scale, ftol=1e-14, xtol=1e-14, gtol=1e-14
        )
        return np.concatenate([found.x, found.fun, [found.cost]])

    def exact(data, scale):
        def cost(p):
            return 0.5 * scale**2 * np.sum(LOSSES[loss]((misfit(p, data) / scale) ** 2))

        p = newton(lambda p, _: grad(cost)(p), fit(data, scale, optimize)[:2], None)
        return np.concatenate([p, misfit(p, data), [cost(p)]])

    for jac in MODES:
        np.testing.assert_allclose(
            jac(lambda data: fit(data, 0.31))(data),
            extrapolated_jacobian(lambda data: exact(data, 0.31), data),
            atol=1e-6,
        )
    np.testing.assert_allclose(
        jacfwd(lambda scale: fit(data, scale))(0.31),
        extrapolated_jacobian(lambda scale: exact(data, scale[0]), np.array([0.31]))[:, 0],
        atol=1e-6,
    )
    np.testing.assert_array_equal(jvp(lambda data: fit(data, 0.31), (data,), (data,))[0], fit(data, 0.31, optimize))


def test_older_solvers():
    p, start = np.array([1.0, 10.0]), np.array([0.8, 0.6])
    expected = jacfwd(lambda p: twins.minimize(valley, start, (p,), tol=1e-9).x)(p)
    for name in ("fmin", "fmin_powell", "fmin_cg", "fmin_bfgs"):
        solver, original = getattr(twins, name), getattr(optimize, name)
        for jac in MODES:
            found = jac(lambda p: solver(valley, start, args=(p,), disp=False))(p)  # noqa: B023
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
        value = jvp(lambda p: solver(valley, start, args=(p,), disp=False), (p,), (p,))[0]  # noqa: B023
        np.testing.assert_array_equal(value, original(valley, start, args=(p,), disp=False))
        with pytest.raises(NoRuleError, match="retall"):
            jacfwd(lambda p: solver(valley, start, args=(p,), disp=False, retall=True)[0])(p)  # noqa: B023
    with pytest.raises(NoRuleError, match="full_output"):
        jacfwd(lambda p: twins.fmin_bfgs(valley, start, args=(p,), disp=False, full_output=True)[0])(p)
    box = [(-2.0, 2.0), (-2.0, 2.0)]
    for name in ("differential_evolution", "dual_annealing", "shgo"):
        options = (
            {} if name == "shgo" else {"rng" if "rng" in signature(getattr(optimize, name)).parameters else "seed": 1}
        )
        found = jacfwd(lambda p: getattr(twins, name)(valley, box, args=(p,), **options).x)(p)  # noqa: B023
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    with pytest.raises(NoRuleError, match="integrality"):
        jacfwd(lambda p: twins.differential_evolution(valley, box, (p,), integrality=[True, False], seed=1).x)(p)


def test_leastsq():
    def fit(a, **options):
        return twins.leastsq(lambda p, a: np.stack([p[0] - a, p[1] * a - 3, p[0] * p[1]]), [1.0, 1.0], (a,), **options)

    expected = jacfwd(
        lambda a: twins.least_squares(lambda p: np.stack([p[0] - a, p[1] * a - 3, p[0] * p[1]]), [1.0, 1.0]).x
    )(2.0)
    np.testing.assert_allclose(jacfwd(lambda a: fit(a)[0])(2.0), expected, rtol=1e-9)
    with pytest.raises(NoRuleError, match="full_output"):
        jacfwd(lambda a: fit(a, full_output=True)[0])(2.0)


def test_cost_of_least_squares_is_rounded_as_by_scipy():
    def cost(module, data):
        return module.least_squares(lambda p: np.concatenate([p - data, p**2]), np.full(5, 0.1)).cost

    for data in np.random.default_rng(3).uniform(0.3, 2, (9, 5)):
        assert jvp(partial(cost, twins), (data,), (data,))[0] == cost(optimize, data)


def test_what_is_not_differentiated_of_a_result_is_withheld():
    def found(p):
        return twins.minimize(valley, [0.8, 0.6], (p,))

    p = np.array([1.0, 10.0])
    assert "hess_inv" in found(p)
    for name in ("hess_inv", "jac"):
        with pytest.raises(NoRuleError, match=f"'{name}' of a solver's result"):
            jacrev(lambda p, name=name: found(p)[name])(p)
    assert grad(lambda p: float(found(p).nit) * p[0])(p)[0] == found(p).nit


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_failures_are_errors():
    with pytest.raises(ConvergenceError, match="away from the root"):
        jacfwd(
            lambda a: (
                twins.minimize(
                    lambda x: (x[0] - a) ** 2 + 9 * x[1] ** 2, [0, 5.0], method="CG", options={"maxiter": 1}
                ).x
            )
        )(1.0)
    with pytest.raises(ConvergenceError, match="singular"):
        grad(lambda a: twins.minimize(lambda x: (x[0] - a) ** 2, [0.0, 5.0]).fun)(1.0)
    with pytest.raises(RuntimeError, match="converge"):
        grad(lambda a: twins.newton(lambda x: x**2 + a, 0.3))(1.0)
    for solve in (twins.fmin_l_bfgs_b, twins.fmin_tnc, twins.basinhopping):
        with pytest.raises(NoRuleError, match="has no derivatives in dualnum"):
            grad(lambda a, solve=solve: solve(lambda x: a * x[0] ** 2, [1.0])[0][0])(1.0)
    assert twins.leastsq(lambda x: x - 1, [0.0])[0] == 1
    with pytest.raises(NoRuleError, match="constraints"):
        jacobian(
            lambda a: (
                twins.minimize(lambda x: a * x @ x, [1.0, 1.0], constraints={"type": "eq", "fun": lambda x: x[0] - 1}).x
            )
        )(1.0)


@pytest.mark.parametrize("high", [[5.0, 5.0], [5.0, 0.4]])
def test_bounds_of_least_squares_in_an_array(high):
    """A row of lower and one of upper bounds, which for two unknowns look like two pairs."""
    t = np.arange(4.0)

    def place(bounds):
        return jacobian(
            lambda y: twins.least_squares(lambda p: p[0] * np.exp(-p[1] * t) - y, [1.0, 0.2], bounds=bounds).x
        )(np.array([2.0, 1.2, 0.8, 0.5]))

    np.testing.assert_array_equal(place(np.array([[0.0, 0.0], high])), place(([0.0, 0.0], high)))
