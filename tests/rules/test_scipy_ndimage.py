"""The twins of scipy.ndimage: what the generic checks cannot say."""

import inspect

import numpy as np
import pytest
import scipy.ndimage
from scipy import ndimage as scipys

from dualnum import (
    DerivativeLostError,
    Dual,
    HyperDual,
    InputError,
    NoRuleError,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    taylor,
)
from dualnum.scipy import ndimage
from dualnum.scipy.optimize import least_squares
from tests.rules.test_scipy_signal import assert_value

RNG = np.random.default_rng(12)
IMAGE, WEIGHTS = RNG.normal(size=(6, 5)), RNG.normal(size=(3, 2))
MODES = ("reflect", "constant", "nearest", "mirror", "wrap", "grid-mirror", "grid-constant", "grid-wrap")
HAS_AXES = "axes" in inspect.signature(scipys.correlate).parameters


def normal(*shape):
    return RNG.normal(size=shape)


def test_names_are_those_of_scipy():
    assert set(dir(ndimage)) == set(scipy.ndimage.__all__)
    assert ndimage.find_objects is scipy.ndimage.find_objects
    assert inspect.signature(ndimage.zoom) == inspect.signature(scipy.ndimage.zoom)
    np.testing.assert_array_equal(ndimage.sobel(IMAGE), scipy.ndimage.sobel(IMAGE))


# Filters


@pytest.mark.parametrize("mode", MODES)
def test_filters_along_an_axis(mode):
    for n in (1, 2, 3, 4, 9, 15):
        for origin in range(-(n // 2), (n - 1) // 2 + 1):
            for function in (scipys.correlate1d, scipys.convolve1d):
                for size in (1, 2, 6):
                    assert_value(function, normal(size, 2), normal(n), 0, mode=mode, origin=origin, cval=0.3)
                assert_value(function, normal(4) + 1j, normal(n) * 1j, mode=mode, origin=origin, cval=0.3 + 1j)
            for function in (scipys.uniform_filter1d, scipys.minimum_filter1d, scipys.maximum_filter1d):
                assert_value(function, normal(5, 2), n, 0, mode=mode, origin=origin, cval=0.3)


@pytest.mark.parametrize("mode", MODES)
def test_filters_of_several_axes(mode):
    for function in (scipys.correlate, scipys.convolve):
        for shape in ((3, 3), (2, 3), (4, 1), (7, 9)):
            assert_value(function, IMAGE, normal(*shape), mode=mode, cval=0.3, origin=(-1, 0))
        if HAS_AXES:
            assert_value(function, normal(3, 4, 2), normal(2, 3), mode=mode, axes=(2, 0), origin=(0, -1))
            assert_value(function, normal(3, 4), normal(3, 2), mode=mode, axes=(1, 0), origin=(1, 0))
    for order in range(4):
        assert_value(scipys.gaussian_filter, IMAGE, (1.3, 0.7), order, mode=(mode, "wrap"), cval=0.3)
        assert_value(scipys.gaussian_filter1d, IMAGE, 1.3, 0, order, mode=mode, radius=2)
    assert_value(scipys.gaussian_filter, normal(6, 5, 3), (1.3, 0.5), mode=mode, axes=(2, 0))
    for function in (scipys.sobel, scipys.prewitt):
        assert_value(function, normal(4, 5, 3), 1, mode=(mode, "wrap", "nearest"), cval=0.3)
    for function in (scipys.gaussian_laplace, scipys.gaussian_gradient_magnitude):
        assert_value(function, IMAGE, (1.2, 0.7), mode=mode, cval=0.3)
    assert_value(scipys.laplace, IMAGE, mode=(mode, "mirror"), cval=0.3)
    assert_value(scipys.uniform_filter, IMAGE, (4, 1), mode=mode, origin=(1, 0))


@pytest.mark.parametrize("mode", MODES)
def test_filters_that_order(mode):
    for function in (scipys.minimum_filter, scipys.maximum_filter, scipys.median_filter):
        assert_value(function, IMAGE, 3, mode=mode, cval=0.3)
        assert_value(function, IMAGE, (2, 5), mode=mode, cval=0.3, origin=(-1, 1))
        assert_value(function, IMAGE, footprint=[[1, 0, 1], [0, 1, 1]], mode=mode, origin=(-1, 1))
        assert_value(function, normal(7), 11, mode=mode, cval=0.2)
        assert_value(function, normal(6, 5, 3), (2, 3), mode=mode, axes=(0, 2))
    if HAS_AXES:
        assert_value(scipys.maximum_filter, normal(6, 5, 4), (2, 4), axes=(2, 0), mode=("wrap", mode), origin=(0, 1))
    for rank in (0, 2, -1, -3):
        assert_value(scipys.rank_filter, IMAGE, rank, 3, mode=mode, cval=0.3)
    for percentile in (0, 30, -20, 100):
        assert_value(scipys.percentile_filter, IMAGE, percentile, (3, 2), mode=mode)


def test_neighbours_that_tie_share():
    slopes = jacobian(lambda x: ndimage.maximum_filter(x, 3))(np.array([1.0, 1.0, 0.0]))
    # The first element is mirrored, and stands there twice.
    np.testing.assert_allclose(slopes, [[2 / 3, 1 / 3, 0], [1 / 2, 1 / 2, 0], [0, 1, 0]])


def test_the_gradient_of_nothing_has_no_slope():
    flat = grad(lambda x: np.sum(ndimage.gaussian_gradient_magnitude(x, 1.0)))(np.ones((4, 4)))
    assert not np.any(flat)


def test_a_constant_beyond_the_ends_is_an_argument():
    y, slope = jvp(lambda c: ndimage.correlate1d(np.ones(3), [1.0, 2.0, 4.0], mode="constant", cval=c), (5.0,), (1.0,))
    assert y.tolist() == [11.0, 7.0, 23.0] and slope.tolist() == [1.0, 0.0, 4.0]


def test_a_picture_is_sharpened_by_its_gradient():
    """The least squares of a blurred picture have the gradient blur^T (blur x - y), by any mode at the ends."""
    y = scipys.gaussian_filter(IMAGE, 1.0, mode="mirror")
    x = np.zeros_like(IMAGE)
    slope = grad(lambda x: 0.5 * np.sum((ndimage.gaussian_filter(x, 1.0, mode="mirror") - y) ** 2))
    matrix = np.reshape(jacobian(lambda x: ndimage.gaussian_filter(x, 1.0, mode="mirror"))(x), (30, 30))
    np.testing.assert_allclose(np.ravel(slope(x)), -matrix.T @ np.ravel(y), atol=1e-14)
    fit = least_squares(lambda s: np.ravel(ndimage.gaussian_filter(IMAGE, s[0], mode="mirror") - y), 0.8)
    np.testing.assert_allclose(fit.x, 1.0, rtol=1e-8)


def test_empty_images():
    for shape in ((0, 3), (3, 0)):
        x = np.zeros(shape)
        for f in (
            lambda x: ndimage.gaussian_filter(x, 1.0),
            lambda x: ndimage.median_filter(x, 3),
            lambda x: ndimage.shift(x, 1.0),
        ):
            assert f(Dual(x, x)).tangent.shape == shape
            assert jacrev(f)(x).shape == jacfwd(f)(x).shape == 2 * shape
        assert not np.any(jacrev(lambda w, x=x: ndimage.correlate1d(x, w))(np.ones(3)))


# Interpolation


@pytest.mark.filterwarnings("ignore:The behavior of affine_transform")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(6))
def test_interpolation(order, mode):
    options = {"order": order, "mode": mode, "cval": 0.3}
    for n in (1, 2, 7):
        assert_value(scipys.map_coordinates, normal(n, 5), RNG.uniform(-14, 17, (2, 40)), **options)
        assert_value(scipys.map_coordinates, normal(n, 5), RNG.uniform(-2, 6, (2, 40)), **options, prefilter=False)
    assert_value(scipys.map_coordinates, normal(4, 5), np.indices((6, 7)) - 1, **options)
    assert_value(scipys.map_coordinates, normal(5) + 1j * normal(5), RNG.uniform(-60, 60, (1, 4, 5)), **options)
    assert_value(scipys.shift, IMAGE, (1.3, -0.7), **options)
    assert_value(scipys.zoom, IMAGE, (1.7, 0.6), **options)
    for matrix in (normal(2, 2), normal(2, 3), np.vstack([normal(2, 3), [0, 0, 1]]), [0.7, 1.3]):
        assert_value(scipys.affine_transform, IMAGE, matrix, 0.4, (4, 7), **options)
    assert_value(scipys.rotate, IMAGE, 33.0, **options)
    assert_value(scipys.rotate, IMAGE, 90.0, **options)
    assert_value(scipys.rotate, normal(4, 5, 3), -20, (2, 0), False, **options)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_transposes_of_filters_for_splines(order, mode):
    for n in (1, 2, 3, 7, 31, 32, 40):
        matrix = jacfwd(lambda x: ndimage.spline_filter1d(x, order, mode=mode))(np.zeros(n))
        np.testing.assert_array_equal(matrix, scipys.spline_filter1d(np.eye(n), order, 0, mode=mode))
        np.testing.assert_allclose(
            jacrev(lambda x: ndimage.spline_filter1d(x, order, mode=mode))(np.zeros(n)), matrix, atol=1e-13
        )


def test_slopes_at_the_grid():
    """Those of the interval to the right, and at the last element to the left, as of np.interp."""
    x = np.array([0.0, 1.0, 4.0, 9.0])
    places = np.arange(4.0)
    slopes = jvp(lambda t: ndimage.map_coordinates(x, [t], order=1), (places,), (np.ones(4),))[1]
    assert slopes.tolist() == [1.0, 3.0, 5.0, 5.0]
    outside = jvp(lambda t: ndimage.map_coordinates(x, [t], order=1), (np.array([-0.5, 3.5]),), (np.ones(2),))[1]
    assert outside.tolist() == [0.0, 0.0]
    # A quarter of a turn leads from the grid to the grid, and nothing gets lost at the borders by rounding.
    turned = jacobian(lambda x: ndimage.rotate(x, 90.0, order=1))(IMAGE)
    np.testing.assert_array_equal(np.tensordot(turned, IMAGE, 2), scipys.rotate(IMAGE, 90.0, order=1))
    assert np.all(np.sum(turned, axis=(2, 3)) == 1)


@pytest.mark.filterwarnings("ignore:The behavior of affine_transform")
def test_a_matrix_by_its_diagonal():
    def moved(m, o):
        return ndimage.affine_transform(IMAGE, m, o, order=3, mode="mirror")

    m, o = np.array([0.9, 0.7]), np.array([0.43, 0.21])
    for argnums in (0, 1):
        mine = jacobian(moved, argnums)(m, o)
        theirs = jacobian(lambda m, o: moved(np.diag(m), o), argnums)(m, o)
        np.testing.assert_allclose(mine, theirs, atol=1e-12)


def test_pictures_are_registered():
    rows, columns = np.indices((20, 24))
    fixed = np.exp(-((rows - 8) ** 2 + (columns - 12) ** 2) / 30)
    moving = scipys.affine_transform(fixed, [[1.02, 0.05], [-0.04, 0.99]], [0.4, -0.6], mode="nearest")

    def residuals(p):
        return np.ravel(ndimage.affine_transform(fixed, p[:4].reshape(2, 2), p[4:], mode="nearest") - moving)

    fit = least_squares(residuals, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    np.testing.assert_allclose(fit.x, [1.02, 0.05, -0.04, 0.99, 0.4, -0.6], atol=1e-7)


def test_all_modes_agree_to_second_and_third_order():
    def cost(p):
        moved = ndimage.map_coordinates(IMAGE, np.indices((3, 4)) + p[:2].reshape(2, 1, 1), mode="mirror")
        return np.sum(ndimage.gaussian_filter(moved, p[2:]) ** 2)

    p, v = np.array([0.3, 0.4, 1.1, 0.7]), RNG.normal(size=4)
    second = hessian(cost)(p)
    for other in (jacfwd(grad(cost)), jacrev(jacrev(cost)), jacrev(jacfwd(cost))):
        np.testing.assert_allclose(other(p), second, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(cost(HyperDual(p, v, v, 0 * p)).e12, v @ second @ v, rtol=1e-10)
    series = taylor(cost, p, v, 3)
    np.testing.assert_allclose(2 * series[2], v @ second @ v, rtol=1e-10)
    np.testing.assert_allclose(6 * series[3], jacobian(lambda t: v @ hessian(cost)(p + t * v) @ v)(0.0), rtol=1e-8)


# Measurements


LABELS = RNG.integers(0, 4, (6, 5))
FUNCTIONS = (
    *(scipys.sum_labels, scipys.sum, scipys.mean, scipys.variance, scipys.standard_deviation),
    *(scipys.minimum, scipys.maximum, scipys.median),
)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_measurements(function):
    for more in (
        (),
        (LABELS,),
        (LABELS, 2),
        (LABELS, [3, 1, 1, 0]),
        (LABELS, np.array([[1, 2], [3, 0]])),
        (LABELS > 1,),
    ):
        assert_value(function, IMAGE, *more)
    for labels, index in (
        (LABELS * 1000 - 3, [997, -3, 1997]),
        (LABELS / 2, [0.5, 1]),
        (np.array([0, 1, 1, 2, 0]), [2, 1]),
    ):
        assert_value(function, IMAGE, labels, index)


def test_centres_of_mass():
    assert_value(scipys.center_of_mass, IMAGE + 3, LABELS)
    theirs, mine = (f(IMAGE + 3, LABELS, [1, 3]) for f in (scipys.center_of_mass, jacobian_of_centre))
    np.testing.assert_allclose(mine, theirs)


def jacobian_of_centre(image, labels, index):
    """The centres, whose structure is a list of tuples, from Duals."""
    centres = ndimage.center_of_mass(Dual(image, image), labels, index)
    assert type(centres) is list and type(centres[0]) is tuple
    np.testing.assert_allclose([[c.tangent for c in centre] for centre in centres], 0, atol=1e-14)  # it has no size
    return [[c.value for c in centre] for centre in centres]


def test_labels_that_are_not_there():
    d = Dual(IMAGE, IMAGE)
    assert ndimage.sum_labels(d, LABELS, [1, 17]).tangent[1] == 0
    assert ndimage.maximum(d, LABELS, [1, 17]).tangent[1] == 0
    with pytest.raises(InputError, match="no median"):
        ndimage.median(d, LABELS, [1, 17])


def test_places_and_labels_are_constants():
    d = Dual(IMAGE, IMAGE)
    assert ndimage.maximum_position(d) == scipys.maximum_position(IMAGE)
    found, count = ndimage.label(d > 0)
    assert count == scipys.label(IMAGE > 0)[1] and type(found) is np.ndarray


# What is refused


def test_output():
    d = Dual(IMAGE, IMAGE)
    plain = np.zeros_like(IMAGE)
    with pytest.raises(DerivativeLostError, match="output"):
        ndimage.gaussian_filter(d, 1.0, output=plain)
    assert not np.any(plain)
    with pytest.raises(NoRuleError, match="x\\[...\\] ="):
        ndimage.gaussian_filter(IMAGE, 1.0, output=Dual(plain, plain))
    for output in (np.float32, "f4", np.dtype(np.float32)):
        y = ndimage.gaussian_filter(d, 1.0, output=output)
        assert y.dtype == y.tangent.dtype == np.float32
        assert y.value.tobytes() == scipys.gaussian_filter(IMAGE, 1.0, output=output).tobytes()


def test_results_of_integers():
    image = np.arange(30).reshape(6, 5)
    for call in (
        lambda: ndimage.correlate(image, Dual(WEIGHTS, WEIGHTS)),
        lambda: ndimage.shift(image, Dual(0.5, 1.0)),
        lambda: ndimage.sobel(Dual(IMAGE, IMAGE), output=int),
    ):
        with pytest.raises(InputError, match="integers"):
            call()
    y = ndimage.shift(image, Dual(0.5, 1.0), output=float, order=1)
    assert y.value.tobytes() == scipys.shift(image, 0.5, output=float, order=1).tobytes() and y.tangent[3, 3] == -6


def test_what_has_no_derivative_says_what_to_do():
    d = Dual(IMAGE, IMAGE)
    for call, advice in (
        (lambda: ndimage.zoom(IMAGE, Dual(2.0, 1.0)), "number of elements"),
        (lambda: ndimage.percentile_filter(IMAGE, Dual(2.0, 1.0), 3), "selects"),
        (lambda: ndimage.distance_transform_edt(d), "threshold"),
        (lambda: ndimage.grey_dilation(d, 3), "maximum_filter"),
        (lambda: ndimage.geometric_transform(d, lambda c: c), "map_coordinates"),
        (lambda: ndimage.fourier_gaussian(d, 1.0), "product"),
        (lambda: ndimage.extrema(d), "minimum_position"),
    ):
        with pytest.raises(NoRuleError, match=advice):
            call()
