"""Piecewise polynomials of dualnum.scipy.interpolate: cubic interpolators, PPoly and BPoly."""

import copy
import pickle

import numpy as np
import pytest
import scipy
from scipy import interpolate as scipys

from dualnum import Dual, InputError, NoRuleError, derivative, grad, jacobian, nth_derivative
from dualnum.scipy import interpolate
from tests.spline_checks import check

X = np.array([0.0, 0.7, 1.1, 2.0, 2.9, 3.3])
Y = np.random.default_rng(5).normal(size=(6, 2))
# Inside, near a knot, and beyond both ends.
T = np.array([0.1, 0.8, 1.1001, 2.5, 3.4, -0.2, 7.0])

ENDS = [
    "not-a-knot",
    "natural",
    "clamped",
    ("not-a-knot", "natural"),
    ("clamped", "not-a-knot"),
    ((2, np.array([0.1, 0.5])), (1, np.array([0.3, 0.2]))),
]


@pytest.mark.parametrize("n", [2, 3, 4, 6])
@pytest.mark.parametrize("ends", ENDS, ids=str)
def test_cubic_splines(ends, n):
    check(lambda m, x, y, t: m.CubicSpline(x[:n], y[:n], bc_type=ends)(t), X, Y, T)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_periodic_cubic_splines(n):
    def f(m, x, y, t):
        x = np.concatenate([x[: n - 1], x[-1:]])
        return m.CubicSpline(x, np.concatenate([y[: n - 1], y[:1]]), bc_type="periodic")(t, 1)

    check(f, X, Y, T)


def test_values_at_the_ends_of_cubic_splines_may_be_active():
    def f(m, ends, t):
        return m.CubicSpline(X, Y[:, 0], bc_type=((1, ends[0]), (2, ends[1])))(t)

    check(f, np.array([0.3, -1.0]), T)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_monotonic_interpolation(n):
    check(lambda m, x, y, t: m.PchipInterpolator(x[:n], y[:n])(t), X, Y, T)
    check(lambda m, x, y, t: m.PchipInterpolator(x[:n], np.cumsum(y[:n] ** 2, 0))(t, 1), X, Y, T)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
@pytest.mark.parametrize("name", ["CubicSpline", "PchipInterpolator", "Akima1DInterpolator", "make_interp_spline"])
def test_huge_and_tiny_ordinates(name, scale):
    if name == "Akima1DInterpolator" and scale > 1 and scipy.__version__ < "1.15":
        pytest.skip("this SciPy overflows")
    y = np.array([0.1, 0.3, 0.4, 0.8, 0.85, 0.2])
    found = derivative(lambda a: getattr(interpolate, name)(X, a * y)(0.5))(scale)
    assert found == pytest.approx(getattr(scipys, name)(X, y)(0.5), rel=1e-12)


@pytest.mark.parametrize("method", ["akima", "makima"])
@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_akima(method, n):
    if n == 2 and scipy.__version__ < "1.15":
        pytest.skip("this SciPy reads memory that nobody has written")
    check(lambda m, x, y, t: m.Akima1DInterpolator(x[:n], y[:n], method=method)(t), X, Y, T)
    check(lambda m, x, y, t: m.Akima1DInterpolator(x[:n], y[:n], method=method, extrapolate=True)(t), X, Y, T)


def test_akima_where_the_weights_are_zero():
    y = np.array([0.0, 1.0, 2.0, 2.0, 2.0, 2.0])  # of slopes 1, 1, 0, 0: the mean of the outer ones at the middle
    f = interpolate.Akima1DInterpolator
    found = jacobian(lambda t: f(X, y)(t))(X[2:3])
    np.testing.assert_array_equal(found, scipys.Akima1DInterpolator(X, y)(X[2:3], 1)[None])


def test_hermite_splines():
    check(lambda m, x, y, s, t: m.CubicHermiteSpline(x, y, s)(t, 1), X, Y, Y[::-1] ** 2, T)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, x, y, t: m.CubicSpline(x, y.T, axis=1)(t.reshape(7, 1), 1),
        lambda m, x, y, t: m.CubicSpline(x, y).derivative()(t),
        lambda m, x, y, t: m.CubicSpline(x, y).derivative(4)(t),
        lambda m, x, y, t: m.CubicSpline(x, y).antiderivative(2)(t),
        lambda m, x, y, t: m.CubicSpline(x, y)(t, extrapolate=False),
        lambda m, x, y, t: m.CubicSpline(x, y)(t, extrapolate="periodic"),
        lambda m, x, y, t: m.CubicSpline(x, y).integrate(t[0], t[3]),
        lambda m, x, y, t: m.CubicSpline(x, y).integrate(t[3], t[5]),
        lambda m, x, y, t: m.CubicSpline(x, y).integrate(t[5], t[6], extrapolate="periodic"),
        lambda m, x, y, t: m.PPoly(np.stack([y[1:], y[:-1] ** 2]), x)(t),
        lambda m, x, y, t: m.PPoly(np.stack([y[1:], y[:-1] ** 2]).transpose(2, 0, 1), x, axis=1)(t),
        lambda m, x, y, t: m.pchip_interpolate(x, y, t, der=1),
        lambda m, x, y, t: np.stack(m.pchip_interpolate(x, y, t, der=[0, 2])),
    ],
)
def test_what_else_piecewise_polynomials_do(f):
    check(f, X, Y, T)


@pytest.mark.parametrize(
    "f",
    [
        lambda p, t: p(t),
        lambda p, t: p(t, 2),
        lambda p, t: p(t, 3),
        lambda p, t: p(t, extrapolate=False),
        lambda p, t: p.derivative(2)(t),
        lambda p, t: p.antiderivative(2)(t),
        lambda p, t: p.integrate(t[0], t[3]),
        lambda p, t: p.integrate(t[5], t[6], extrapolate="periodic"),
    ],
)
def test_bernstein_polynomials(f):
    check(lambda m, x, y, t: f(m.BPoly(np.stack([y[1:], y[:-1], y[1:] ** 2]), x), t), X, Y, T)


def test_complex_ordinates():
    z = Y[:, 0] + 1j * Y[:, 1]
    spline = interpolate.CubicSpline(X, Dual(z, 1j * z))
    np.testing.assert_array_equal(spline(T).value, scipys.CubicSpline(X, z)(T))
    np.testing.assert_allclose(spline(T).tangent, 1j * scipys.CubicSpline(X, z)(T), rtol=1e-12)
    np.testing.assert_array_equal(
        interpolate.CubicSpline(X, z)(Dual(T, np.ones(7))).tangent, scipys.CubicSpline(X, z)(T, 1)
    )


def test_plain_data_give_objects_of_scipys_classes():
    for name, data in (
        ("CubicSpline", (X, Y)),
        ("PchipInterpolator", (X, Y)),
        ("Akima1DInterpolator", (X, Y)),
        ("CubicHermiteSpline", (X, Y, Y)),
        ("PPoly", (Y[None, :5], X)),
        ("BPoly", (np.stack([Y[:5], Y[1:], Y[:5], Y[1:]]), X)),
    ):
        of = getattr(scipys, name)
        found, expected = getattr(interpolate, name)(*data), of(*data)
        assert isinstance(found, of)
        np.testing.assert_array_equal(found.c, expected.c)
        for same in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), found.derivative()):
            assert type(same) is type(found)
        moved = jacobian(lambda t, found=found: found.derivative()(t))(0.3)
        np.testing.assert_allclose(moved, found(0.3, 2), rtol=1e-13, strict=True)


def test_all_derivatives_of_a_spline_are_those_of_scipy():
    spline = interpolate.CubicSpline(X, Y[:, 0])
    for n in range(1, 6):
        assert nth_derivative(spline, 0.3, n) == pytest.approx(scipys.CubicSpline(X, Y[:, 0])(0.3, n), rel=1e-13)


@pytest.mark.parametrize("x, left", [(X, 1.1), (X[::-1].copy(), 1.1)])
def test_at_a_common_end_the_interval_counts_that_scipy_takes(x, left):
    c = np.arange(10.0).reshape(2, 5)
    assert derivative(interpolate.PPoly(c, x))(left) == scipys.PPoly(c, x)(left, 1)
    assert derivative(interpolate.PPoly(c, x))(x[-1]) == scipys.PPoly(c, x)(x[-1], 1)


def test_roots_move_with_the_data():
    y = Y[:, 0]

    def f(m, x, y, level):
        return m.CubicSpline(x, y).solve(level[()], extrapolate=False)

    check(f, X, y, np.array(0.2))
    check(lambda m, x, y: m.CubicSpline(x, y).roots(), X, y)
    spline = interpolate.CubicSpline(X, y)
    assert derivative(lambda level: spline.solve(level)[0])(0.2) == pytest.approx(1 / spline(spline.solve(0.2)[0], 1))


def test_points_without_derivatives_are_refused():
    flat = np.array([0.0, 0, 0, 0, 1, 1])
    with pytest.raises(NoRuleError, match="constant on a whole interval"):
        grad(lambda y: np.sum(interpolate.PchipInterpolator(X, y).roots()))(flat)
    with pytest.raises(NoRuleError, match="root is multiple"):
        grad(lambda y: np.sum(interpolate.CubicSpline(X, y).roots()))((X - 2) ** 2)
    with pytest.raises(NoRuleError, match="jumps"):
        grad(lambda c: np.sum(interpolate.PPoly(c, X).roots()))(np.array([[1.0, 1, -1, -1, -1]]))
    with pytest.raises(NoRuleError, match="one by one"):
        jacobian(lambda y: interpolate.CubicSpline(X, y).roots())(Y)


def test_what_is_not_there_says_so():
    spline = interpolate.CubicSpline(X, Dual(Y, Y))
    with pytest.raises(NoRuleError, match=r"CubicSpline: extend of an interpolator"):
        spline.extend(Y[None], X)
    with pytest.raises(AttributeError, match="nothing"):
        spline.nothing  # noqa: B018
    with pytest.raises(NoRuleError, match="array cannot hold"):
        np.asarray(spline)
    with pytest.raises(ValueError, match="strictly increasing"):
        interpolate.CubicSpline(X[::-1], Dual(Y, Y))


def test_active_objects_can_be_copied():
    y = Dual(Y[:, 0], Y[:, 1])
    grid = Dual(np.outer(X, X), np.outer(X, X) ** 2)
    for found, point in (
        (interpolate.CubicSpline(X, y), 0.5),
        (interpolate.BPoly(y[None, :5], X), 0.5),
        (interpolate.make_interp_spline(X, y), 0.5),
        (interpolate.InterpolatedUnivariateSpline(X, y), 0.5),
        (interpolate.interp1d(X, y), 0.5),
        (interpolate.RegularGridInterpolator((X, X), grid), [[0.5, 0.6]]),
        (interpolate.NdBSpline((np.arange(8.0),), y[:4], 3), [[3.5]]),
    ):
        assert "carry derivatives" in repr(found)
        for same in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
            np.testing.assert_array_equal(same(point).tangent, found(point).tangent)
    spline = interpolate.RectBivariateSpline(X, X, grid)
    np.testing.assert_array_equal(copy.deepcopy(spline).ev(0.5, 0.6).tangent, spline.ev(0.5, 0.6).tangent)


@pytest.mark.parametrize("name", ["PPoly", "BPoly"])
def test_orders_of_derivatives(name):
    spline = getattr(interpolate, name)(Dual(Y[:3, None, :], Y[3:, None, :]), [0.0, 2.0])
    for same in (spline.derivative(0), spline.antiderivative(0), spline.antiderivative().derivative()):
        np.testing.assert_allclose(same(T).tangent, spline(T).tangent, rtol=1e-12)
    np.testing.assert_array_equal(spline.derivative(-1)(T).tangent, spline.antiderivative()(T).tangent)
    np.testing.assert_array_equal(spline.antiderivative(-1)(T).tangent, spline.derivative()(T).tangent)
    with pytest.raises(ValueError, match="negative"):
        spline(T, -1)
    with pytest.raises(NoRuleError, match="two numbers"):
        spline.integrate(T, 1.0)


def test_no_ordinates():
    y = np.zeros((6, 0))
    for make in (interpolate.CubicSpline, interpolate.make_interp_spline):
        assert make(X, Dual(y, y))(T).tangent.shape == (7, 0)


def test_complex_points_are_refused():
    for refused in (
        lambda z: interpolate.CubicSpline(X, Y)(z[0]),
        lambda z: interpolate.interp1d(X, Y[:, 0])(z[0]),
        lambda z: interpolate.make_interp_spline(X, Y)(z[0]),
        lambda z: interpolate.splev(z[0], interpolate.splrep(X, Y[:, 0])),
    ):
        with pytest.raises(InputError, match=r"np\.real"):
            refused(Dual(np.full(6, 0.5 + 0j), np.ones(6)))


def test_levels_do_not_mix():
    def inner(a):
        return derivative(lambda t: interpolate.CubicSpline(X, a * Y[:, 0])(t * a))(0.4)

    spline = scipys.CubicSpline(X, Y[:, 0])
    a = 1.5  # of a^2 s'(a t) in t; its derivative in a
    assert derivative(inner)(a) == pytest.approx(
        2 * a * spline(0.4 * a, 1) + a * a * 0.4 * spline(0.4 * a, 2), rel=1e-12
    )


def test_object_arrays_and_lists_of_active_numbers():
    spline = interpolate.CubicSpline(X, Y[:, 0])
    d = Dual(0.7, 1.0)
    for points in ([d, 1.0], np.array([d, 1.0], dtype=object), (d, 1.0)):
        np.testing.assert_array_equal(spline(points).tangent, [spline(0.7, 1), 0.0])
    changed = interpolate.CubicSpline(X, Y[:, 0])
    with pytest.raises(TypeError):
        changed.c = Dual(changed.c, changed.c)
        changed(0.3)


def test_outside_without_extrapolation_nothing_is_poisoned():
    def f(y, t):
        return np.sum(np.where(t < 3.3, interpolate.CubicSpline(X, y, extrapolate=False)(t)[:, 0], 0.0))

    for argnums in (0, 1):
        assert np.all(np.isfinite(grad(f, argnums=argnums)(Y, T[:5])))


@pytest.mark.parametrize("t", [0.3, [0.3, 1.0], np.float32(0.5), np.zeros((0, 2)), np.arange(4), np.array(2.0)])
def test_points_of_any_kind(t):
    spline = interpolate.CubicSpline(X, Dual(Y, Y**2))
    expected = scipys.CubicSpline(X, Y)(t)
    np.testing.assert_array_equal(spline(t).value, expected, strict=True)
    np.testing.assert_allclose(spline(t).tangent, scipys.CubicSpline(X, Y**2)(t), rtol=1e-12, atol=1e-14)


def test_data_of_any_kind():
    listed = [Dual(2.0, 1.0), 3.0, 1.0, Dual(0.0, 2.0)]
    spline = interpolate.CubicSpline([0, 1, 2, 3], listed)
    np.testing.assert_allclose(spline(1.5).tangent, scipys.CubicSpline(range(4), [1.0, 0, 0, 2])(1.5), rtol=1e-12)
    single = interpolate.CubicSpline(X, Dual(Y.astype(np.float32), np.float32(Y)))
    assert single(T).value.dtype == single(T).tangent.dtype == np.float64
    np.testing.assert_array_equal(single(T).value, scipys.CubicSpline(X, Y.astype(np.float32))(T))
    frozen = Y.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(interpolate.CubicSpline(X, Dual(frozen, Y)[:, ::-1])(T).tangent.shape, (7, 2))


def test_a_fit_of_ordinates_and_the_length_of_a_curve():
    t = np.linspace(0, 3.3, 40)
    target = np.sin(2 * t)
    found = scipy.optimize.least_squares(
        lambda y: interpolate.CubicSpline(X, y)(t) - target,
        np.zeros(6),
        jac=jacobian(lambda y: interpolate.CubicSpline(X, y)(t) - target),
    )
    assert found.nfev <= 3  # it is linear
    best = np.linalg.lstsq(scipys.CubicSpline(X, np.eye(6))(t), target, rcond=None)[0]
    np.testing.assert_allclose(found.x, best, rtol=1e-8)

    def length(m, points):
        curve = m.CubicSpline(X, points)
        nodes, weights = np.polynomial.legendre.leggauss(20)
        at = (X[:-1, None] + np.diff(X)[:, None] * (nodes + 1) / 2).ravel()
        weights = (np.diff(X)[:, None] * weights / 2).ravel()
        return np.sum(weights * np.linalg.norm(curve(at, 1), axis=-1))

    check(length, Y)


class Doubled(interpolate.CubicSpline):
    def __call__(self, t):
        return 2 * super().__call__(t)


def test_a_subclass_is_not_made_of_data_that_carry_derivatives():
    assert derivative(Doubled(X, Y[:, 0]))(1.3) == 2 * scipys.CubicSpline(X, Y[:, 0])(1.3, 1)
    with pytest.raises(NoRuleError, match="Doubled.* has a CubicSpline as an attribute"):
        grad(lambda y: Doubled(X, y)(1.3))(Y[:, 0])
