"""Errors of foreign code on Duals: which are explained, which get a note, and which are left alone."""

import functools
import math
import pickle
import re

import numpy as np
import pytest
from scipy import fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, spatial, special, stats

from dualnum import DerivativeLostError, DualnumError, ForeignError, jacobian, jacobian_columns, jacrev, jvp
from dualnum.scipy import interpolate as splines

POINT = np.array([0.6, 1.4, 0.3])


class OwnError(Exception):
    """An error class of a user's."""


def jacobian_by_jvp(f):
    return lambda x: jvp(f, (x,), (np.ones_like(x),))


def jacobian_by_columns(f):
    return lambda x: list(jacobian_columns(f, x))


@pytest.mark.parametrize("transform", [jacobian, jacobian_by_jvp, jacobian_by_columns])
@pytest.mark.parametrize(
    ("f", "kind", "text"),
    [
        (
            stats.norm.logpdf,
            TypeError,
            r"In scipy.stats._distn_infrastructure.*logpdf.*'x' was an object array of Duals\. "
            r"scipy.stats.rv_continuous.logpdf takes plain numbers alone: take the same name from dualnum.scipy.stats",
        ),
        (lambda x: linalg.inv(np.diag(x)), ValueError, "dualnum.scipy.linalg.inv does"),
        (lambda x: linalg.svdvals(np.diag(x)), ValueError, "dualnum.scipy.linalg.svdvals does"),  # and not svd
        (lambda x: np.linalg.det(np.array([[x[0], 1.0], [x[1], x[2]]])), TypeError, "by np.array.*like=x"),
        (
            lambda x: spatial.distance.pdist(x[:, None]),
            ValueError,
            "scipy.spatial.distance.*pdist takes plain .*triu_indices",
        ),
        (lambda x: special.polygamma(2, np.asarray(x)), TypeError, "dualnum.scipy.special.polygamma does"),
    ],
)
def test_object_arrays_are_named(transform, f, kind, text):
    with pytest.raises(ForeignError, match=text) as caught:
        transform(f)(POINT)
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value, DualnumError)
    assert isinstance(caught.value.__cause__, kind)
    assert not isinstance(caught.value.__cause__, DualnumError)


def test_what_dualnum_has_said_is_repeated():
    def compiled(x):
        """Fails as compiled code does that has called back."""
        try:
            return float(x)
        except TypeError as error:
            raise SystemError("returned a result with an exception set") from error

    with pytest.raises(ForeignError, match="come of DerivativeLostError: float") as caught:
        jacobian(lambda x: compiled(x[0]))(POINT)
    assert isinstance(caught.value, SystemError)
    with pytest.raises(DerivativeLostError) as caught:
        jacobian(lambda x: jacobian(lambda y: float(y[0]) + x[0])(x))(POINT)
    assert type(caught.value) is DerivativeLostError


def test_arrays_of_duals_and_floats_that_nobody_has_named():
    with pytest.raises(TypeError) as caught:
        jacobian(lambda x: np.sqrt(np.array([x[0], 4.0])))(POINT)
    assert "make it by np.array([...], like=x)" in caught.value.__notes__[0]


def said(f):
    """All that the error says which a Jacobian raises, and its notes."""
    try:
        f(POINT)
    except Exception as error:
        return str(error), getattr(error, "__notes__", [])
    pytest.fail("there was no error")


def interpolated(x):
    return interpolate.CubicSpline([0.0, 1.0, 2.0], [0.0, 1.0, 4.0])(x)


@pytest.mark.parametrize("transform", [jacobian, jacrev])
@pytest.mark.parametrize(
    ("f", "text"),
    [
        (
            lambda x: optimize.minimize(lambda z: (z[0] - x[0]) ** 2, [0.0]).x,
            r"; dualnum.scipy.optimize.minimize does\.",
        ),
        (lambda x: optimize.brentq(lambda z: z - x[0], 0, 9), r"; dualnum.scipy.optimize.brentq does\."),
        (lambda x: optimize.root(lambda z: z - x[0], [1.0]).x, r"; dualnum.scipy.optimize.root does\."),
        (lambda x: integrate.quad(lambda s: s * x[0], 0, 1)[0], r"; dualnum.scipy.integrate.quad does\."),
        (
            lambda x: integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1]).y[0],
            r"; dualnum.scipy.integrate.solve_ivp does\.",
        ),
        (special.logsumexp, r"; dualnum.scipy.special.logsumexp does\."),
        (interpolated, r"make it by dualnum.scipy.interpolate.CubicSpline, which does, of plain data too"),
        (lambda x: interpolated(x[0]), r"make it by dualnum.scipy.interpolate.CubicSpline, which"),
        (
            lambda x: interpolate.CubicSpline([0.0, 1, 2], x)(0.5),
            r"make it by dualnum.scipy.interpolate.CubicSpline, which",
        ),
        (
            lambda x: interpolate.make_interp_spline([0.0, 1, 2], [0.0, 1, 4], 1)(x),
            r"dualnum.scipy.interpolate.BSpline, which",
        ),
        (lambda x: interpolate.interp1d([0.0, 1, 2], [0.0, 1, 4])(x), r"dualnum.scipy.interpolate.interp1d, which"),
        (
            lambda x: interpolate.RegularGridInterpolator(([0.0, 1, 2],), [0.0, 1, 4])(x[:, None]),
            r"dualnum.scipy.interpolate.RegularGridInterpolator, which",
        ),
        (
            lambda x: interpolate.splev(x, interpolate.splrep([0.0, 1, 2, 3], [0.0, 1, 4, 9])),
            r"; dualnum.scipy.interpolate.splev does\.",
        ),
        (
            lambda x: interpolate.NearestNDInterpolator(np.eye(3, 2), [1.0, 2, 3])(x[:2]),
            r"inside of scipy.interpolate.*from dualnum.scipy.interpolate \(CubicSpline",
        ),
        (signal.hilbert, r"; dualnum.scipy.signal.hilbert does\."),
        (lambda x: ndimage.gaussian_filter(x, 1.0), r"; dualnum.scipy.ndimage.gaussian_filter does\."),
        (lambda x: ndimage.grey_erosion(x, 3), "ndimage.grey_erosion has no derivatives .* Take maximum_filter"),
        (fft.rfft, r"; dualnum.scipy.fft.rfft does\."),
        (fft.dct, r"inside of scipy.fft.*: dualnum.scipy.fft has .* take dct\(np.eye"),
        (lambda x: sparse.diags_array(x), r"inside of scipy.sparse.diags_array, .* from dualnum.scipy.sparse,"),
        (
            lambda x: integrate.odeint(lambda y, t: -y, x, [0, 1])[1],
            "integrate.odeint has no derivatives .* Use solve_ivp",
        ),
    ],
)
def test_what_to_do_where_scipy_has_met_duals(transform, f, text):
    message, notes = said(transform(f))
    assert len(re.findall(text, "\n".join([message, *notes]))) == 1
    message, notes = said(transform(lambda x: transform(f)(x)))
    assert len(notes) <= 1


def test_of_twins_whose_arguments_are_wrong_no_twin_is_named():
    _, notes = said(jacobian(lambda x: splines.BSpline([0.0, 1, 2, 3], x[:1], 1)(0.5)))
    assert not any("make it by" in note for note in notes)


def test_what_is_advised_is_the_same():
    i, j = np.triu_indices(len(POINT), 1)
    a = np.outer(POINT, [1.0, 2.0])
    np.testing.assert_allclose(np.linalg.norm(a[i] - a[j], axis=-1), spatial.distance.pdist(a), rtol=1e-13)
    np.testing.assert_allclose(np.linalg.norm(a[:, None] - a, axis=-1), spatial.distance.cdist(a, a), rtol=1e-13)
    m, s = 0.4, 1.7
    z = (POINT - m) / s
    np.testing.assert_allclose(-0.5 * z**2 - np.log(s * np.sqrt(2 * np.pi)), stats.norm.logpdf(POINT, m, s), rtol=1e-13)
    np.testing.assert_allclose(special.ndtr(z), stats.norm.cdf(POINT, m, s), rtol=1e-13)


def test_nothing_is_said_of_scipy_where_the_fault_is_in_a_function_that_it_calls():
    with pytest.raises(DerivativeLostError) as caught:
        jacobian(lambda x: optimize.minimize(lambda z: math.sin(x[0]) * z[0], [0.0]).x)(POINT)
    assert not hasattr(caught.value, "__notes__")


def raising(error, convert):
    def f(values):
        if convert:
            values = np.asarray(values)
        raise error

    return f


@pytest.mark.parametrize("convert", [False, True])
@pytest.mark.parametrize("error", [ValueError("must be negative"), TypeError("no"), KeyError("x"), OwnError("no")])
def test_errors_about_other_things_stay(error, convert):
    with pytest.raises(type(error)) as caught:
        jacobian(raising(error, convert))(POINT)
    assert caught.value is error
    notes = getattr(error, "__notes__", [])
    assert len(notes) == convert
    assert all("'values' was an object array" in note for note in notes)


@pytest.mark.parametrize("transform", [jacobian, jacrev])
def test_caches(transform):
    cached = functools.lru_cache(lambda x: x**2)
    for f in (lambda x: cached(x[0]), lambda x: {x[0]: 1.0}, lambda x: sum({x[0], x[1]})):
        with pytest.raises(TypeError) as caught:
            transform(f)(POINT)
        assert "f.__wrapped__" in caught.value.__notes__[0]
    with pytest.raises(TypeError) as caught:
        transform(lambda x: {[1]: x[0]})(POINT)
    assert not hasattr(caught.value, "__notes__")
    np.testing.assert_allclose(transform(lambda x: cached.__wrapped__(x[0]))(POINT), [1.2, 0.0, 0.0], rtol=1e-15)


def test_notes_where_no_array_was_found_or_the_kind_is_unknown():
    for error in (
        RuntimeError("array of dtype object_"),
        OwnError("array of floats expected"),
        TypeError("inputs must be scalars"),
    ):
        with pytest.raises(type(error)) as caught:
            jacobian(raising(error, False))(POINT)
        assert "Perhaps a test of the type" in caught.value.__notes__[0]


def test_foreign_errors_can_be_sent_to_other_processes():
    with pytest.raises(ForeignError) as caught:
        jacobian(stats.norm.logpdf)(POINT)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)


def test_functions_that_have_no_twin_in_stats_are_not_sent_there_again():
    with pytest.raises(
        ForeignError, match="If this is from there already, it is not among them: write it as a formula"
    ):
        jacobian(stats.entropy)(np.array([0.2, 0.8]))
