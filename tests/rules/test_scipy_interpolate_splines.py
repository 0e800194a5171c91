"""B-splines of dualnum.scipy.interpolate, and those of FITPACK."""

import copy
import pickle

import numpy as np
import pytest
import scipy
from scipy import interpolate as scipys

from dualnum import Dual, NoRuleError, derivative, grad, jacobian
from dualnum.scipy import interpolate
from dualnum.scipy.interpolate.shared import plain
from tests.spline_checks import check

rng = np.random.default_rng(6)
X = np.array([0.0, 0.7, 1.1, 2.0, 2.9, 3.3])
Y = rng.normal(size=(6, 2))
T = np.array([0.1, 0.8, 1.1001, 2.5, 3.4, -0.2])
INSIDE = np.array([0.1, 0.8, 1.1001, 2.5, 3.2999, 0.5])
MANY = np.sort(rng.uniform(0, 3.3, 20))
NOISE = rng.normal(size=20)
KNOTS = np.array([-0.3, -0.2, -0.1, 0, 1.0, 2, 3.4, 3.5, 3.6, 3.8])
EVEN = pytest.param(4, marks=pytest.mark.skipif(scipy.__version__ < "1.15", reason="SciPy has these since 1.15"))


@pytest.mark.parametrize("k", [0, 1, 2, 3, EVEN, 5])
def test_interpolating_splines(k):
    check(lambda m, x, y, t: m.make_interp_spline(x, y, k)(t), X, Y, T)


@pytest.mark.parametrize("k", [2, 3, EVEN, 5])
def test_periodic_splines(k):
    def f(m, x, y, t):
        return m.make_interp_spline(x, np.concatenate([y[:-1], y[:1]]), k, bc_type="periodic")(t)

    check(f, X, Y, T)


@pytest.mark.parametrize(
    "ends",
    [
        "natural",
        "clamped",
        "not-a-knot",
        ([(1, [0.3, 0.2])], [(2, [0.1, 0.5])]),
        ([(2, [0.0, 0.0]), (3, [0.0, 0.0])], None),
    ],
)
def test_ends_of_splines(ends):
    check(lambda m, x, y, t: m.make_interp_spline(x, y, bc_type=ends)(t, 1), X, Y, T)


def test_values_at_the_ends_of_splines_may_be_active():
    def f(m, ends, y):
        return m.make_interp_spline(X, y[:, 0], bc_type=([(1, ends[0])], [(2, ends[1])]))(T)

    check(f, np.array([0.3, -1.0]), Y)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, x, y, t: m.make_interp_spline(x, y, 5).derivative(2)(t),
        lambda m, x, y, t: m.make_interp_spline(x, y).antiderivative(2)(t),
        lambda m, x, y, t: m.make_interp_spline(x, y).derivative(-1)(t),
        lambda m, x, y, t: m.make_interp_spline(x, y).integrate(t[3], t[0]),
        lambda m, x, y, t: m.make_interp_spline(x, y).integrate(t[0] - 1, t[3] + 5, extrapolate=False),
        lambda m, x, y, t: m.make_interp_spline(x, y[:, 0]).integrate(t[0] - 1, t[3] + 5, extrapolate="periodic"),
        lambda m, x, y, t: m.make_interp_spline(x, y.T, axis=1)(t.reshape(6, 1), 1),
        lambda m, x, y, t: m.make_interp_spline(x, y)(t, extrapolate=False),
        lambda m, x, y, t: m.make_interp_spline(x, y)(t, extrapolate="periodic"),
        lambda m, x, y, t: m.make_interp_spline(x, y)(t, 4),
    ],
)
def test_what_else_splines_do(f):
    check(f, X, Y, T)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, x, y, t, w: m.make_lsq_spline(x, y, t, w=w)(INSIDE),
        lambda m, x, y, t, w: m.make_lsq_spline(x, np.stack([y, y * y], 1), t, 3, w)(INSIDE),
    ],
)
def test_splines_of_least_squares(f):
    check(f, MANY, NOISE, KNOTS, np.linspace(1, 2, 20))


@pytest.mark.parametrize(
    "f",
    [
        lambda m, x, c, t: m.BSpline(t, c[:6], 3)(x),
        lambda m, x, c, t: m.BSpline(t, c[:6], 3)(x, 2),
        lambda m, x, c, t: m.BSpline(t, c[:8], 3)(x),
        lambda m, x, c, t: m.BSpline(t, c[:6], 3, extrapolate=False)(x),
        lambda m, x, c, t: m.BSpline(t, c[:6], 3).derivative()(x),
        lambda m, x, c, t: m.BSpline(t, c[:6], 3).antiderivative()(x),
        lambda m, x, c, t: m.BSpline(t, c[:6], 3).integrate(x[2], x[9]),
    ],
)
def test_coefficients_and_knots(f):
    check(f, MANY, NOISE, KNOTS)


def test_plain_data_give_splines_of_scipys_class():
    for name, data in (
        ("make_interp_spline", (X, Y)),
        ("make_lsq_spline", (MANY, NOISE, KNOTS)),
        ("make_smoothing_spline", (MANY, NOISE)),
        ("BSpline", (KNOTS, NOISE[:6], 3)),
        *([("make_splrep", (MANY, NOISE))] if hasattr(scipys, "make_splrep") else []),
    ):
        found, expected = getattr(interpolate, name)(*data), getattr(scipys, name)(*data)
        assert isinstance(found, scipys.BSpline)
        np.testing.assert_array_equal(found.c, expected.c)
        for same in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), found.derivative()):
            assert type(same) is type(found)
        np.testing.assert_array_equal(jacobian(found)(0.3), expected(0.3, 1), strict=True)


def test_what_chooses_knots_takes_plain_data_alone():
    y = Dual(NOISE, NOISE)
    for refused in (
        lambda: interpolate.make_smoothing_spline(MANY, y),
        lambda: interpolate.UnivariateSpline(MANY, y),
        lambda: interpolate.splrep(MANY, y, s=1.0),
        lambda: interpolate.splrep(MANY, y, w=np.ones(20)),
        lambda: interpolate.InterpolatedUnivariateSpline(Dual(MANY, MANY), NOISE),
        lambda: interpolate.splrep(MANY, y, per=1),
    ):
        with pytest.raises(NoRuleError, match="make_"):
            refused()


# --- FITPACK ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ext", [0, 1, 3])
@pytest.mark.parametrize("der", [0, 1, 3])
def test_evaluation_by_fitpack(der, ext):
    for points in (INSIDE, T[::-1].reshape(2, 3)):
        check(lambda m, y, t: m.splev(t, m.splrep(X, y), der, ext), Y[:, 0], points)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_interpolation_by_fitpack(k):
    check(lambda m, y, t: m.splev(t, m.splrep(X, y, k=k)), Y[:, 0], T)
    check(lambda m, y, t: m.InterpolatedUnivariateSpline(X, y, k=k, ext=3)(t), Y[:, 0], T)
    check(lambda m, y, t: m.UnivariateSpline(X, y, k=k, s=0, bbox=[-1, 4])(t), Y[:, 0], T)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, y, t: m.InterpolatedUnivariateSpline(X, y, k=4).derivative()(t),
        lambda m, y, t: m.InterpolatedUnivariateSpline(X, y).antiderivative(2)(t),
        lambda m, y, t: np.float64(1.0) * m.InterpolatedUnivariateSpline(X, y).integral(t[0], t[3]),
        lambda m, y, t: m.InterpolatedUnivariateSpline(X, y).derivatives(t[1]),
        lambda m, y, t: m.InterpolatedUnivariateSpline(X, y)(t, 1, "zeros"),
        lambda m, y, t: m.splev(t, m.splder(m.splrep(X, y))),
        lambda m, y, t: m.splev(t, m.splantider(m.splrep(X, y), 2)),
        lambda m, y, t: np.float64(1.0) * m.splint(t[5], t[3], m.splrep(X, y)),
        lambda m, y, t: np.stack(m.splev(t, (*m.splrep(X, y)[:1], [m.splrep(X, y)[1], m.splrep(X, y)[1] ** 2], 3))),
        lambda m, y, t: m.splev(t, m.make_interp_spline(X, y)),
        lambda m, y, t: m.spalde(t[0], m.splrep(X, y)),
        lambda m, y, t: m.sproot(m.splrep(X, y)) * t[0],
        lambda m, y, t: 1.0 * m.splint(t[5], t[3], m.make_interp_spline(X, y)),
    ],
)
def test_what_else_fitpack_does(f):
    check(f, Y[:, 0], T)


def test_least_squares_by_fitpack():
    w = np.linspace(1, 2, 20)
    check(lambda m, y, t: m.LSQUnivariateSpline(MANY, y, [1.0, 2.0])(t), NOISE, INSIDE)
    check(lambda m, y, t: m.LSQUnivariateSpline(MANY, y, [1.0, 2.0], w=w)(t), NOISE, INSIDE)
    check(lambda m, y, t: m.splev(t, m.splrep(MANY, y, t=[1.0, 2.0], w=w)), NOISE, INSIDE)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, tck: m.splev(INSIDE, tck),
        lambda m, tck: m.splev(T, tck, 2),
        lambda m, tck: m.splev(T + 0.05, tck, 0, 3),
        lambda m, tck: 1.0 * m.splint(0.1, 3.0, tck),
        lambda m, tck: 1.0 * m.splint(-3.0, 9.0, tck),
        lambda m, tck: m.splev(INSIDE, m.splder(tck)),
        lambda m, tck: m.splev(INSIDE, m.splantider(tck)),
        lambda m, tck: np.asarray(m.spalde(0.7, tck)),
        lambda m, tck: m.sproot(tck),
        lambda m, tck: m.PPoly.from_spline(tck)(T),
    ],
)
def test_knots_and_coefficients_by_fitpack(f):
    c = np.array([0.5, -1.0, 0.3, 0.8, -0.2, 1.1, 0, 0, 0, 0])
    check(lambda m, t, c: f(m, (t, c, 3)), KNOTS, c)


def test_small_things_of_fitpack():
    y = Dual(Y[:, 0], Y[:, 1])
    active, plain = interpolate.splrep(X, y), scipys.splrep(X, Y[:, 0])
    for mine, theirs in zip(interpolate.splder(active, -1), scipys.splantider(plain), strict=True):
        np.testing.assert_array_equal(mine.value if isinstance(mine, Dual) else mine, theirs)
    for mine, theirs in zip(interpolate.splantider(active, -1), scipys.splder(plain), strict=True):
        np.testing.assert_array_equal(mine.value if isinstance(mine, Dual) else mine, theirs)
    spline = interpolate.make_interp_spline(X, y)
    assert isinstance(interpolate.splder(spline), type(spline))
    assert isinstance(interpolate.splantider(spline), type(spline))
    for name, arguments in (("splder", ()), ("splantider", ()), ("sproot", ())):
        for mine, theirs in zip(
            getattr(interpolate, name)(plain, *arguments), getattr(scipys, name)(plain, *arguments), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)
    both = interpolate.splint(0.1, 2.0, (plain[0], [active[1], active[1] ** 2], 3))
    assert both[0].value == scipys.splint(0.1, 2.0, plain)
    found, expected = interpolate.InterpolatedUnivariateSpline(X, y), scipys.InterpolatedUnivariateSpline(X, Y[:, 0])
    np.testing.assert_array_equal(found.get_coeffs().value, expected.get_coeffs())
    np.testing.assert_array_equal(found.get_knots(), expected.get_knots())
    assert found([]).shape == (0,)
    with pytest.raises(ValueError, match="Unknown extrapolation mode"):
        found(0.5, ext="other")
    with pytest.raises(NoRuleError, match="full_output"):
        interpolate.splint(0.1, 2.0, active, full_output=1)
    with pytest.raises(NoRuleError, match="two numbers"):
        spline.integrate([0.1, 0.2], 1.0)
    with pytest.raises(ValueError, match="negative"):
        spline(0.5, -1)
    rectangle = interpolate.RectBivariateSpline(*GRID, Dual(Z, Z))
    np.testing.assert_array_equal(rectangle.get_coeffs().value, scipys.RectBivariateSpline(*GRID, Z).get_coeffs())
    assert len(rectangle.get_knots()) == 2


def test_piecewise_polynomials_of_splines():
    check(lambda m, x, y, t: m.PPoly.from_spline(m.make_interp_spline(x, y[:, 0]))(t), X, Y, T)
    assert type(interpolate.PPoly.from_spline(scipys.splrep(X, Y[:, 0]))) is interpolate.PPoly


def test_roots_by_fitpack():
    check(lambda m, y: m.InterpolatedUnivariateSpline(X, y).roots(), Y[:, 0])
    with pytest.raises(NotImplementedError, match="non-cubic"):
        interpolate.InterpolatedUnivariateSpline(X, Dual(Y[:, 0], Y[:, 1]), k=4).roots()


def test_smoothing_splines_of_plain_data():
    spline = interpolate.UnivariateSpline(MANY, NOISE)
    assert isinstance(spline, scipys.UnivariateSpline)
    assert derivative(spline)(0.4) == pytest.approx(scipys.UnivariateSpline(MANY, NOISE)(0.4, 1), rel=1e-13)
    assert derivative(spline.derivative())(0.4) == pytest.approx(spline(0.4, 2), rel=1e-13)
    assert derivative(lambda b: spline.integral(0.1, b))(0.4) == pytest.approx(spline(0.4), rel=1e-13)
    assert derivative(spline.antiderivative())(0.4) == pytest.approx(spline(0.4), rel=1e-13)
    curve, _ = scipys.splprep([MANY, NOISE])
    for i, slope in enumerate(scipys.splev(0.4, curve, 1)):
        assert derivative(lambda t, i=i: interpolate.splev(t, curve)[i])(0.4) == pytest.approx(float(slope), rel=1e-13)
    with pytest.raises(ValueError, match="not in the domain"):
        derivative(lambda t: interpolate.splev(t, interpolate.splrep(X, Y[:, 0]), ext=2))(5.0)


# --- two variables ----------------------------------------------------------------------------------------------------

GRID = (np.array([0, 0.5, 1.2, 2, 3, 3.3, 4]), np.array([-1, 0, 0.5, 1, 2.5, 4, 5.0]))
Z = rng.normal(size=(7, 7))
POINTS = np.array([[0.3, 0.2], [1.5, 3.3], [2.9, 4.4], [0.6, 1.7]])
STEPS = np.array([0.21, 1.1, 1.3, 2.6])


@pytest.mark.parametrize("kx, ky", [(3, 3), (1, 2), (4, 5)])
def test_splines_on_rectangles(kx, ky):
    def spline(m, z):
        return m.RectBivariateSpline(*GRID, z, kx=kx, ky=ky)

    check(lambda m, z, p: spline(m, z).ev(p[:, 0], p[:, 1]), Z, POINTS)
    check(lambda m, z, p: spline(m, z).ev(p[:, 0] * 3 - 1.1, p[:, 1:] * 4 - 3), Z, POINTS)
    check(lambda m, z, p: spline(m, z)(p[0, 0] + STEPS, p[1, 1] + STEPS), Z, POINTS)
    check(lambda m, z, p: 1.0 * spline(m, z).integral(p[0, 0], p[1, 0], p[0, 1], p[1, 1]), Z, POINTS)
    if kx > 1:
        check(lambda m, p: spline(m, Z).partial_derivative(1, 0)(p[0, 0], p[0, 1]), POINTS)
        check(lambda m, z, p: spline(m, z)(p[0, 0] + STEPS, p[1, 1] + STEPS, dx=1, dy=1), Z, POINTS)


def test_at_the_border_of_a_rectangle_the_derivative_is_that_inside():
    spline = interpolate.RectBivariateSpline(*GRID, Z)
    for corner in ((0.0, -1.0), (4.0, 5.0)):
        found = grad(lambda p: spline.ev(p[0], p[1]))(np.array(corner))
        np.testing.assert_allclose(found, [spline.ev(*corner, dx=1), spline.ev(*corner, dy=1)], rtol=1e-12)


def test_bivariate_splines_of_scattered_data():
    x, y = np.repeat(GRID[0], 7), np.tile(GRID[1], 7)
    tck = scipys.bisplrep(x, y, Z.ravel(), s=30)
    check(lambda m, p: m.bisplev(p[0, 0] + STEPS, p[1, 1] + STEPS, tck), POINTS)
    check(lambda m, p: m.bisplev(p[0, 0], p[1, 1], tck, dx=1), POINTS)
    check(lambda m, p: m.SmoothBivariateSpline(x, y, Z.ravel(), s=30).ev(p[:, 0], p[:, 1]), POINTS)
    with pytest.raises(NoRuleError, match="SmoothBivariateSpline"):
        interpolate.SmoothBivariateSpline(x, y, Dual(Z.ravel(), Z.ravel()))
    for refused in (lambda z: (GRID[0] * z[0, 0], GRID[1], Z), lambda z: (*GRID, z, [None] * 4, 3, 3, 1.0)):
        with pytest.raises(NoRuleError, match="s=0"):
            grad(lambda z, refused=refused: interpolate.RectBivariateSpline(*refused(z)).ev(1.0, 1.0))(Z + 3)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, t, x, y: m.CubicSpline(x, y, extrapolate="periodic")(t),
        lambda m, t, x, y: m.make_interp_spline(x, y)(t, extrapolate="periodic"),
        lambda m, t, x, y: m.make_interp_spline(x, y)(t),
        lambda m, t, x, y: m.BPoly(y[None, :5], x)(t),
        lambda m, t, x, y: m.BPoly(np.stack([y[1:], y[:5]]), x, extrapolate=False)(t),
        lambda m, t, x, y: m.interp1d(x, y)(t),
        lambda m, t, x, y: m.interp1d(x, y, "cubic")(t),
        lambda m, t, x, y: m.interp1d(x, y, "previous")(t),
        lambda m, t, x, y: m.RBFInterpolator(x[:, None], y)(t[:, None]),
    ],
)
def test_points_that_are_nan_spoil_no_derivatives(f):
    x, y = np.array([0.0, 0.7, 1.1, 2.0, 2.9, 3.3]), np.sin(np.arange(6.0))
    check(f, np.array([0.3, np.nan, 2.5]), x, y)


def test_plain_sequences_go_to_scipy_as_they_are():
    x = [[0.0, 1.0], (2.0, 3.0)]
    assert plain(x) is x and plain([x, Dual(1.0, 2.0)]) == [x, 1.0]
