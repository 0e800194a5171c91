"""Tables, scattered data and polynomials of dualnum.scipy.interpolate."""

from inspect import signature

import numpy as np
import pytest
from scipy import interpolate as scipys
from scipy.sparse.linalg import spsolve

from dualnum import Dual, NoRuleError, derivative, grad, jacobian, jvp, primal
from dualnum.scipy import interpolate
from tests.spline_checks import check

rng = np.random.default_rng(7)
X = np.array([0.0, 0.7, 1.1, 2.0, 2.9, 3.3])
Y = rng.normal(size=(6, 2))
T = np.array([0.1, 0.8, 1.1001, 2.5, 3.2999, 0.5])
BEYOND = np.array([-0.3, 0.5, 3.9])
ORDER = [3, 0, 5, 1, 2, 4]
KINDS = ["linear", "nearest", "nearest-up", "previous", "next", "zero", "slinear", "quadratic", "cubic", 2, 5]


@pytest.mark.parametrize("fill", [np.nan, "extrapolate", (0.3, 0.5), 2.0, np.array([1.0, 2.0])], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_tables_with_one_axis(kind, fill):
    def f(m, x, y, t):
        bounds = None if isinstance(fill, str) else False
        return m.interp1d(x[ORDER], y[ORDER], kind, axis=0, fill_value=fill, bounds_error=bounds)(t)

    check(f, X, Y, T)
    check(f, X, Y, BEYOND)


@pytest.mark.parametrize("kind", KINDS)
def test_axes_of_tables(kind):
    def f(m, x, y, t):
        return m.interp1d(x, np.stack([y, y * 2]), kind, axis=1, fill_value="extrapolate")(t.reshape(3, 2))

    check(f, X, Y, T)


def test_values_beyond_the_ends_may_be_active():
    def f(m, fill, t):
        return m.interp1d(X, Y[:, 0], bounds_error=False, fill_value=(fill[0], fill[1]))(t)

    check(f, np.array([0.3, -1.0]), BEYOND)
    with pytest.raises(ValueError, match="below the interpolation range"):
        jacobian(interpolate.interp1d(X, Y[:, 0]))(BEYOND)


def test_at_a_knot_of_a_table_the_interval_on_the_right_counts():
    table = interpolate.interp1d([0.0, 1.0, 2.0], [0.0, 1.0, 4.0])
    assert [derivative(table)(t) for t in (0.0, 1.0, 2.0)] == [1.0, 3.0, 3.0]
    grid = interpolate.RegularGridInterpolator(([0.0, 1.0, 2.0],), [0.0, 1.0, 4.0])
    assert [float(jacobian(lambda t: grid([t]))(t)[0]) for t in (0.0, 1.0, 2.0)] == [1.0, 3.0, 3.0]


# --- grids ------------------------------------------------------------------------------------------------------------

FIRST, SECOND = np.array([0, 0.5, 1.2, 2, 3, 4]), np.array([5.0, 4, 2.5, 1, 0.5, -1])
VALUES = rng.normal(size=(6, 6, 2))
POINTS = np.array([[0.3, 0.2], [1.5, 3.3], [2.9, 4.4], [0.6, 1.7]])
# SciPy's own choice is an iteration that ends at a tolerance.
EXACT = {"solver": spsolve}


@pytest.mark.parametrize("method", ["linear", "nearest", "slinear", "cubic", "quintic"])
def test_tables_on_grids(method):
    options = {} if method in ("linear", "nearest") else EXACT

    def table(m, values, **others):
        return m.RegularGridInterpolator((FIRST, SECOND), values, method, **others, **options)

    beyond = {"bounds_error": False}
    check(lambda m, v, p: table(m, v)(p), VALUES, POINTS)
    check(lambda m, v, p: table(m, v[:, :, 0])((p[:, :1], p[:, 1])), VALUES, POINTS)
    check(lambda m, v, p: table(m, v, **beyond, fill_value=None)(p * 4 - 2.9), VALUES, POINTS)
    check(lambda m, v, p: table(m, v[:, :, 0], **beyond, fill_value=3.0)(p * 4 - 2.9), VALUES, POINTS)
    check(
        lambda m, v, p: m.RegularGridInterpolator((FIRST,), v, method, **beyond, **options)(p[:, 0] - 0.41),
        VALUES,
        POINTS,
    )


def test_derivatives_of_splines_on_grids():
    def f(m, v, p):
        return m.RegularGridInterpolator((FIRST, SECOND), v[:, :, 0], "cubic", **EXACT)(p, nu=(1, 0))

    check(f, VALUES, POINTS)
    table = interpolate.RegularGridInterpolator((FIRST, SECOND), VALUES)
    np.testing.assert_array_equal(
        jacobian(lambda p: table(p, "cubic"))(POINTS[0])[0, :, 0],
        scipys.RegularGridInterpolator((FIRST, SECOND), VALUES, "cubic")(POINTS[0], nu=(1, 0))[0],
    )


@pytest.mark.parametrize("method", ["linear", "nearest"])
def test_active_grids(method):
    check(lambda m, g, p: m.RegularGridInterpolator((g, SECOND), VALUES, method)(p), FIRST, POINTS)


@pytest.mark.parametrize("method", ["linear", "nearest", "slinear", "cubic"])
def test_interpn(method):
    check(lambda m, p: m.interpn((FIRST, SECOND), VALUES, p, method), POINTS)
    check(lambda m, v, p: m.interpn((FIRST, SECOND), v, (p[:, 0], p[:, 1]), "linear"), VALUES, POINTS)


def test_interpn_by_fitpack():
    def f(m, v, p, **options):
        return m.interpn((FIRST, SECOND[::-1]), v[:, :, 0], p, "splinef2d", **options)

    check(f, VALUES, POINTS)
    check(lambda m, v, p: f(m, v, 3 * p, bounds_error=False, fill_value=3.0), VALUES, POINTS)


def test_what_grids_refuse():
    v, p = Dual(VALUES, VALUES), Dual(POINTS, POINTS)
    for refused in (
        lambda: interpolate.RegularGridInterpolator((FIRST, SECOND), VALUES, "pchip")(p),
        lambda: interpolate.RegularGridInterpolator((FIRST, SECOND), v, "cubic_legacy")(POINTS),
        lambda: interpolate.RegularGridInterpolator((Dual(FIRST, FIRST), SECOND), VALUES, "cubic")(POINTS),
        lambda: interpolate.RegularGridInterpolator((FIRST, SECOND), v, fill_value=v[0, 0, 0]),
    ):
        with pytest.raises(NoRuleError, match="RegularGridInterpolator.* Take"):
            refused()
    with pytest.raises(ValueError, match="out of bounds in dimension 0"):
        interpolate.RegularGridInterpolator((FIRST, SECOND), VALUES)(9 * p)


@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_updates_of_the_values_are_seen_as_scipy_sees_them(method):
    def f(m, factor):
        values = VALUES[:, :, 0] * factor
        table = m.RegularGridInterpolator((FIRST, SECOND), values, method)
        values *= factor
        return table(POINTS)

    check(f, np.array(1.5), rtol=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda m, y: m.CubicSpline(X, y),
        lambda m, y: m.make_interp_spline(X, y),
        lambda m, y: m.interp1d(X, y, assume_sorted=True),
        lambda m, y: m.InterpolatedUnivariateSpline(X, y),
        lambda m, y: m.RBFInterpolator(X[:, None], y),
    ],
)
def test_others_keep_what_they_are_made_of(make):
    def f(m, factor):
        y = Y[:, 0] * factor
        found = make(m, y)
        y *= factor
        return found(T[:, None] if found.__class__.__name__.endswith(("RBF", "RBFInterpolator")) else T)

    check(f, np.array(1.5))


def test_single_precision_and_complex_values():
    for values in (VALUES.astype(np.float32), VALUES + 1j * VALUES[::-1]):
        for method in ("linear", "nearest"):
            check(lambda m, p, v=values, k=method: np.abs(m.RegularGridInterpolator((FIRST, SECOND), v, k)(p)), POINTS)
    table = interpolate.RegularGridInterpolator((FIRST, SECOND), Dual(np.float32(VALUES), np.float32(VALUES)))
    expected = scipys.RegularGridInterpolator((FIRST, SECOND), np.float32(VALUES))(POINTS)
    np.testing.assert_array_equal(table(POINTS).value, expected, strict=True)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "f",
    [
        lambda v, p: interpolate.RegularGridInterpolator((X, X), v, bounds_error=False)((p, p)),
        lambda v, p: interpolate.RegularGridInterpolator((X, X), v, "cubic", bounds_error=False)((p, p)),
        lambda v, p: interpolate.CubicSpline(X, v[1])(p),
        lambda v, p: interpolate.make_interp_spline(X, v[1])(p),
        lambda v, p: interpolate.BSpline(np.arange(8.0), v[1], 1, extrapolate=False)(p),
        lambda v, p: interpolate.interp1d(X, v[1], "cubic", bounds_error=False)(p),
        lambda v, p: interpolate.splev(p, interpolate.splrep(X, v[1])),
        lambda v, p: interpolate.KroghInterpolator(X, v[1])(p),
        lambda v, p: interpolate.BPoly(v[:3, :5], X, extrapolate=False)(p),
        lambda v, p: interpolate.LinearNDInterpolator(PLACES[:6], v[1])(p, p),
    ],
)
def test_points_that_are_nan_poison_nothing(f, mode):
    def used(v, p):
        out = f(v, p)
        return np.sum(np.where(np.isnan(primal(out)), 0.0, out))

    points, others = np.array([0.5, np.nan, 1.3]), np.array([0.5, 1.3])
    values = np.outer(X + 1, np.cos(X))
    np.testing.assert_allclose(
        jacobian(used, mode=mode)(values, points), jacobian(used, mode=mode)(values, others), rtol=1e-12, atol=1e-13
    )
    found = jacobian(used, argnums=1, mode=mode)(values, points)
    assert np.all(np.isfinite(found))
    assert found[1] == 0


# --- scattered data ---------------------------------------------------------------------------------------------------

PLACES, DATA, NEAR = rng.normal(size=(12, 2)), rng.normal(size=(12, 2)), rng.normal(size=(5, 2)) * 0.4


@pytest.mark.parametrize(
    "kernel",
    [
        "linear",
        "thin_plate_spline",
        "cubic",
        "quintic",
        "multiquadric",
        "inverse_multiquadric",
        "inverse_quadratic",
        "gaussian",
    ],
)
def test_radial_functions(kernel):
    def f(m, places, data, near):
        return m.RBFInterpolator(places, data, kernel=kernel, epsilon=1.3, smoothing=0.01)(near)

    check(f, PLACES, DATA, NEAR, second=kernel not in ("linear", "thin_plate_spline"))


def test_other_radial_functions():
    check(lambda m, p, d, x: m.RBFInterpolator(p, d[:, 0])(x), PLACES, DATA, NEAR, second=False)
    check(
        lambda m, e, d: m.RBFInterpolator(PLACES, d[:, 0], kernel="gaussian", epsilon=e[()])(NEAR), np.array(1.3), DATA
    )
    check(lambda m, p, d: m.RBFInterpolator(p, d, kernel="gaussian", epsilon=1.0, degree=-1)(NEAR), PLACES, DATA)
    with pytest.raises(NoRuleError, match="neighbors"):
        jacobian(interpolate.RBFInterpolator(PLACES, DATA, neighbors=5))(NEAR)
    with pytest.raises(NoRuleError, match="smoothing"):
        interpolate.RBFInterpolator(PLACES, DATA, smoothing=Dual(0.1, 1.0))


def test_radial_functions_whose_places_were_changed_are_those_of_scipy():
    places, step = PLACES.copy(), 1e-6
    table = interpolate.RBFInterpolator(places, DATA[:, 0])
    places[:2] += 0.1  # SciPy has the coefficients already, and looks at these places in each call
    value, slope = jvp(table, (NEAR,), (np.ones_like(NEAR),))
    np.testing.assert_array_equal(value, table(NEAR))
    np.testing.assert_allclose(slope, (table(NEAR + step) - table(NEAR - step)) / (2 * step), rtol=1e-5, atol=1e-6)


def test_radial_functions_are_solved_for_once(monkeypatch):
    solved = []
    monkeypatch.setattr(np.linalg, "solve", lambda *args, solve=np.linalg.solve: solved.append(args) or solve(*args))

    def count(shifts):
        solved.clear()

        def f(data):
            table = interpolate.RBFInterpolator(PLACES, data)
            return sum(np.sum(table(NEAR + shift)) for shift in shifts)

        grad(f)(DATA[:, 0])
        return len(solved)

    assert count([0, 1, 2]) == count([0])
    solved.clear()
    jvp(interpolate.RBFInterpolator(PLACES, DATA), (NEAR,), (NEAR,))
    assert not solved


@pytest.mark.parametrize(
    "f",
    [
        lambda m, d, x: m.LinearNDInterpolator(PLACES, d)(x),
        lambda m, d, x: m.LinearNDInterpolator(PLACES, d[:, 0], rescale=True)(x[:, 0], x[:, 1]),
        lambda m, d, x: m.LinearNDInterpolator(PLACES, d[:, 0], fill_value=3.0)((9 * x[:, 0], x[:, 1])),
        lambda m, d, x: m.griddata(PLACES, d, x),
        lambda m, d, x: m.griddata(PLACES[:, 0], d[:, 0], x[:, 0]),
        lambda m, d, x: m.griddata(PLACES[:, 0], d[:, 0], x[:, 0], "cubic"),
        lambda m, d, x: m.griddata(PLACES[:, 0], d[:, 0], x[:, 0], "nearest"),
        lambda m, d, x: m.griddata((PLACES[:, 0], PLACES[:, 1]), d[:, 0], (x[:, 0], x[:, 1]), rescale=True),
        lambda m, d, x: m.NdBSpline(
            (np.array([-3.0, -3, -1, 0, 2, 3, 3]), np.array([-2.0, -1, 1, 2])), d[:10].reshape(5, 2, 2), (1, 1)
        )(x),
    ],
)
def test_several_variables(f):
    check(f, DATA, NEAR)


def test_what_scattered_data_refuse():
    for refused in (
        lambda p: interpolate.LinearNDInterpolator(p, DATA)(NEAR),
        lambda p: interpolate.griddata(PLACES, DATA, p[:5] * 0.1, "nearest"),
        lambda p: interpolate.griddata(p, DATA, NEAR),
        lambda p: interpolate.NdBSpline((p[:, 0],), DATA, 1),
    ):
        with pytest.raises(NoRuleError):
            jacobian(refused)(PLACES)


# SciPy's weights are rounded in an order that is drawn.
SEED = {"rng" if "rng" in signature(scipys.BarycentricInterpolator).parameters else "random_state": 0}

# --- polynomials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda p, t: p(t),
        lambda p, t: p(t[0]),
        lambda p, t: p(t - t + X),
        lambda p, t: p.derivative(t, 2),
        lambda p, t: p.derivatives(t, 3),
    ],
)
def test_interpolating_polynomials(f):
    check(lambda m, y, t: f(m.KroghInterpolator(X, y), t), Y, T)
    check(lambda m, y, t: f(m.BarycentricInterpolator(X, y, **SEED), t), Y, T)


def test_axes_and_functions_of_polynomials():
    check(lambda m, y, t: m.KroghInterpolator(X, y.T, axis=1)(t.reshape(2, 3)), Y, T)
    check(lambda m, y, t: m.BarycentricInterpolator(X, y.T, axis=1, **SEED).derivatives(t.reshape(2, 3), 2), Y, T)
    check(lambda m, y, t: m.krogh_interpolate(X, y, t, [0, 2]), Y, T)
    check(lambda m, y, t: m.krogh_interpolate(X, y, t, 1), Y, T)
    found = jacobian(lambda t: interpolate.barycentric_interpolate(X, Y[:, 0], t))(0.3)
    np.testing.assert_allclose(found, scipys.barycentric_interpolate(X, Y[:, 0], 0.3, der=1), rtol=1e-12)


def test_what_polynomials_refuse():
    with pytest.raises(NoRuleError, match="nodes"):
        grad(lambda x: interpolate.KroghInterpolator(x, Y[:, 0])(0.3))(X)
    with pytest.raises(NoRuleError, match="set_yi"):
        interpolate.BarycentricInterpolator(X).set_yi(Dual(X, X))
    with pytest.raises(NoRuleError, match="repeated nodes"):
        derivative(interpolate.KroghInterpolator([0, 0, 1], [1.0, 2, 3]))(0.3)


def test_polynomials_of_many_nodes():
    nodes = np.cos(np.linspace(0, np.pi, 60))
    polynomial = interpolate.BarycentricInterpolator(nodes, np.exp(np.sin(5 * nodes)), **SEED)
    t = np.linspace(-0.99, 0.99, 20)
    found = np.diag(jacobian(polynomial)(t))
    np.testing.assert_allclose(found, 5 * np.cos(5 * t) * np.exp(np.sin(5 * t)), atol=1e-9)


@pytest.mark.parametrize("kind", ["linear", "previous", "next", "nearest", "zero", "slinear", "quadratic", "cubic"])
@pytest.mark.parametrize("copy", [True, False])
def test_data_that_are_changed_later_count_as_with_scipy(kind, copy):
    x, y = np.arange(6.0), np.sin(np.arange(6.0))

    def f(m, x, y):
        x, y = x * 1.0, y * 1.0
        table = m.interp1d(x, y, kind, copy=copy, assume_sorted=True)
        y[1:3] = y[1:3] * 3 + 1
        first = table(1.3)
        x[2] = x[2] + 0.2
        return np.stack([first, table(1.3)])

    check(f, x, y)

    def changed():
        y = np.sin(np.arange(6.0))
        table = interpolate.interp1d(x, y, kind, copy=copy, assume_sorted=True)
        y[1:3] += 5.0
        return table

    slope = (changed()(1.3001) - changed()(1.2999)) / 2e-4
    np.testing.assert_allclose(derivative(changed())(1.3), slope, rtol=1e-6, atol=1e-10)
