import importlib.util
import math

import numpy as np
import pytest
from scipy import special

from dualnum.differences import finite_difference_jacobian
from dualnum.differences.methods import SAFETY, estimate_column
from dualnum.differences.sampling import Sampler
from dualnum.errors import InputError, MissingExtraError, ShapeError

with_scipy_differentiate = pytest.mark.skipif(
    importlib.util.find_spec("scipy.differentiate") is None, reason="scipy.differentiate exists from SciPy 1.15 on"
)
METHODS = ["central", "forward", "complex-step", pytest.param("scipy", marks=with_scipy_differentiate)]
REAL_METHODS = [method for method in METHODS if method != "complex-step"]
# What the relative error estimate must be at most, for a smooth function on the scale of x.
USEFUL = {"central": 1e-9, "forward": 1e-5, "complex-step": 1e-14, "scipy": 1e-9}

SMOOTH = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2)),
    "polynomial": (lambda x: x**7 - 3 * x**2 + 1, lambda x: 7 * x**6 - 6 * x),
}


def elementwise(f, x, method):
    """Derivative and error estimate of a function of one number."""
    jacobian, error = finite_difference_jacobian(f, x, method=method)
    return float(jacobian), float(error)


def noise(x):
    """Deterministic, and without any slope."""
    return np.trunc(1e6 * np.sin(1e9 * x)) / 1e6


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_error_estimate_covers_the_error_and_is_small(name, method):
    f, derivative = SMOOTH[name]
    for x in np.random.default_rng(0).uniform(0.1, 4.0, 25):
        value, error = elementwise(f, x, method)
        exact = derivative(x)
        assert abs(value - exact) <= SAFETY * error + 4e-16 * abs(exact)
        assert error <= USEFUL[method] * max(abs(exact), abs(f(x)) / x)


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e5, 1e12])
@pytest.mark.parametrize("name", ["log", "sqrt", "reciprocal"])
def test_steps_follow_the_scale_of_x(name, scale):
    f, derivative = SMOOTH[name]
    value, error = elementwise(f, 1.3 * scale, "central")
    assert abs(value - derivative(1.3 * scale)) <= SAFETY * error
    assert error <= 1e-9 * abs(derivative(1.3 * scale))


def test_a_step_that_is_lost_beside_one_is_made_larger():
    value, error = elementwise(np.exp, 1e-20, "central")
    assert abs(value - 1.0) <= SAFETY * error
    assert error < 1e-9


@pytest.mark.parametrize("method", REAL_METHODS)
def test_an_input_of_tiny_unit_keeps_tiny_steps(method):
    boltzmann, energy = 1.380649e-23, 4e-21

    def occupation(k):
        return np.exp(-energy / (k * 300.0))

    exact = occupation(boltzmann) * energy / (300.0 * boltzmann**2)
    value, error = elementwise(occupation, boltzmann, method)
    assert abs(value - exact) <= SAFETY * error
    assert error <= 1e-5 * exact


@pytest.mark.parametrize("x", [1.0, 1.29265, 2.6004267791435804, 10.277177241398116, 46.484595292263975])
def test_fast_oscillations_are_not_taken_for_slow_ones(x):
    omega = 128 * np.pi
    value, error = elementwise(lambda x: np.sin(omega * x), x, "central")
    assert abs(value - omega * np.cos(omega * x)) <= SAFETY * error + 1e-8 * omega
    assert error < 1e-6 * omega


@pytest.mark.parametrize("distance", [-1e-5, 3e-5, 1e-4])
def test_a_feature_narrower_than_the_first_steps_is_found(distance):
    width = 1e-4
    value, error = elementwise(lambda x: np.exp(-(((x - 1) / width) ** 2)), 1 + distance, "central")
    exact = -2 * distance / width**2 * np.exp(-((distance / width) ** 2))
    assert abs(value - exact) <= SAFETY * error + 1e-8 * abs(exact)
    assert error < 1e-5 * abs(exact)


@pytest.mark.parametrize("kink", [1.01, 1 - 1e-4, 1 + 1e-6])
def test_a_kink_nearby_is_left_outside(kink):
    value, error = elementwise(lambda x: np.abs(x - kink) + x**2, 1.0, "central")
    assert abs(value - (np.sign(1 - kink) + 2)) <= SAFETY * error
    assert error < 1e-6


def test_a_plateau_is_flat():
    value, _ = elementwise(lambda x: np.maximum(x - 1.0001, 0.0), 1.0, "central")
    assert value == 0.0


def test_a_change_lost_in_round_off_is_not_taken_for_a_plateau():
    x = 2e-3
    value, error = elementwise(lambda x: np.log(np.cos(4 * x**2)), x, "central")
    exact = -8 * x * np.tan(4 * x**2)
    assert value != 0.0
    assert abs(value - exact) <= SAFETY * error


@pytest.mark.parametrize("level", [1e-3, 1e-6, 1e-9])
def test_noise_shows_in_the_error_estimate(level):
    for x in np.random.default_rng(1).uniform(0.5, 3.0, 20):
        value, error = elementwise(lambda x: x**2 + level * noise(x), x, "central")
        assert abs(value - 2 * x) <= SAFETY * error + 1e-8
        assert 1e-3 * level < error < 1e3 * level


def test_round_off_inside_of_the_function_counts():
    def residual(x):
        return (100.0 + x[0]) - (100.2 - 1e-14 * x[1])

    assert 1e-15 < Sampler(residual, [0.2, 3.0]).noise[0] < 1e-13
    jacobian, error = finite_difference_jacobian(residual, [0.2, 3.0])
    assert np.all(np.abs(jacobian - [1.0, 1e-14]) <= SAFETY * error)


def test_a_function_without_noise_has_none():
    assert Sampler(lambda x: 2.0 * x, [1.0, 0.0]).noise == pytest.approx(0.0, abs=1e-15)
    assert Sampler(lambda x: np.ones(3), 1.0).noise.tolist() == [0.0, 0.0, 0.0]


def test_single_precision_shows_in_the_error_estimate():
    value, error = elementwise(lambda x: np.sin(np.float32(x)), 0.7, "central")
    assert abs(value - np.cos(0.7)) <= SAFETY * error
    assert 1e-8 < error < 1e-4


@pytest.mark.parametrize("method", ["central", "forward"])
@pytest.mark.parametrize("side", [1, -1])
def test_at_the_border_of_the_domain_differences_are_one_sided(method, side):
    value, error = elementwise(lambda x: np.where(side * (x - 2) >= 0, x**3, np.nan), 2.0, method)
    assert abs(value - 12.0) <= SAFETY * error
    assert error < 1e-5


@pytest.mark.parametrize("sqrt", [np.sqrt, math.sqrt], ids=["nan outside", "raises outside"])
def test_near_the_border_of_the_domain_steps_are_small(sqrt):
    x = 1 + 1e-6
    value, error = elementwise(lambda x: sqrt(x - 1), x, "central")
    exact = 0.5 / np.sqrt(x - 1)
    assert abs(value - exact) <= SAFETY * error
    assert error < 1e-6 * exact


def test_an_infinite_derivative_has_no_digit():
    value, error = elementwise(np.sqrt, 0.0, "central")
    assert error > 0.1 * value


def test_where_the_function_is_nan_nothing_is_known_and_the_rest_is_unharmed():
    with np.errstate(invalid="ignore"):
        jacobian, error = finite_difference_jacobian(lambda x: [np.log(-x), x**2], 3.0)
    assert np.isnan(jacobian[0]) and np.isinf(error[0])
    assert jacobian[1] == pytest.approx(6.0, rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("x_shape", [(), (1,), (3,), (2, 3)])
@pytest.mark.parametrize("y_shape", [(), (2,), (2, 2), (0,)])
def test_shapes(method, x_shape, y_shape):
    rng = np.random.default_rng(2)
    x, matrix = rng.normal(size=x_shape), rng.normal(size=y_shape + x_shape)

    def linear(x):
        return np.tensordot(matrix, x, axes=np.ndim(x))

    jacobian, error = finite_difference_jacobian(linear, x, method=method)
    assert jacobian.shape == error.shape == y_shape + x_shape
    np.testing.assert_allclose(jacobian, matrix, rtol=1e-6, atol=1e-6)


def test_an_empty_point_has_an_empty_jacobian():
    jacobian, error = finite_difference_jacobian(lambda x: np.ones(2), np.empty((0, 3)))
    assert jacobian.shape == error.shape == (2, 0, 3)


def test_lists_count_as_arrays():
    jacobian, _ = finite_difference_jacobian(lambda x: [x[0] * x[1], [x[0]][0]], [2, 3])
    np.testing.assert_allclose(jacobian, [[3, 2], [1, 0]], rtol=1e-9, atol=1e-12)


def test_complex_results():
    jacobian, error = finite_difference_jacobian(lambda x: np.exp(1j * x), 0.4)
    assert abs(jacobian - 1j * np.exp(0.4j)) <= SAFETY * error
    jacobian, error = finite_difference_jacobian(lambda x: np.exp(1j * x), 0.4, method="forward")
    assert abs(jacobian - 1j * np.exp(0.4j)) <= SAFETY * error


@pytest.mark.parametrize("method", METHODS)
def test_a_function_that_overwrites_its_argument_does_no_harm(method):
    x = np.array([1.0, 2.0])

    def overwrites(x):
        x *= x
        return x

    jacobian, _ = finite_difference_jacobian(overwrites, x, method=method)
    np.testing.assert_allclose(jacobian, [[2, 0], [0, 4]], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_smooth_functions_take_few_calls():
    sampler = Sampler(special.j0, 1.7)
    estimate_column(sampler, 0, "central")
    assert sampler.calls <= 25


@pytest.mark.parametrize(
    "f",
    [np.abs, np.real, lambda x: (x * np.conj(x)) + 0j * x, lambda x: np.abs(x) + 0 * x],
    ids=["abs", "real", "conj", "abs hidden in a sum"],
)
def test_functions_that_lose_imaginary_parts_are_refused_by_the_complex_step(f):
    with pytest.raises(InputError, match="imaginary parts"):
        finite_difference_jacobian(
            lambda x: np.sum(f(x)) if np.iscomplexobj(x) else np.sum(np.real(f(x))), [1.5, 2.0], method="complex-step"
        )


def into_a_real_array(x):
    y = np.zeros(2)
    y[:] = x
    return y


@pytest.mark.parametrize("f", [lambda x: math.sin(x[0]), into_a_real_array], ids=["math.sin", "real array"])
def test_functions_without_complex_numbers_are_refused_by_the_complex_step(f):
    with pytest.raises(InputError, match="does not take complex numbers"):
        finite_difference_jacobian(f, [1.5, 2.0], method="complex-step")


@pytest.mark.parametrize("method", ["complex-step", pytest.param("scipy", marks=with_scipy_differentiate)])
def test_complex_results_are_refused_by_methods_for_real_ones(method):
    with pytest.raises(InputError, match="real result"):
        finite_difference_jacobian(lambda x: 1j * x, 1.0, method=method)


def test_an_old_scipy_is_a_missing_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.differentiate", None)
    with pytest.raises(MissingExtraError, match=r"SciPy 1\.15"):
        finite_difference_jacobian(np.sin, 1.0, method="scipy")


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="central, forward, complex-step, scipy"):
        finite_difference_jacobian(np.sin, 1.0, method="backward")


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.nan, "finite"),
        ([1.0, np.inf], "finite"),
        (1j, "complex128"),
        ("1.0", "real numbers"),
        ([[1.0], [1.0, 2.0]], "array of numbers"),
        ({"a": 1.0}, "real numbers"),
    ],
)
def test_points_that_are_none(x, message):
    with pytest.raises(InputError, match=message):
        finite_difference_jacobian(np.sin, x)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "NoneType"),
        ("text", "must return"),
        ({"a": 1.0}, "dict"),
        ((np.ones(2), np.ones(2)), "tuple of arrays"),
    ],
)
def test_results_that_are_no_array(result, message):
    with pytest.raises(InputError, match=message):
        finite_difference_jacobian(lambda x: result, 1.0)


def test_a_result_whose_shape_changes_is_refused():
    with pytest.raises(ShapeError, match=r"\(2,\) at x but \(1,\)"):
        finite_difference_jacobian(lambda x: np.zeros(1 + (x == 1.0)), 1.0)


def test_other_errors_of_the_function_are_its_own():
    def fails_nearby(x):
        return {1.0: 2.0}[float(x)]

    with pytest.raises(KeyError):
        finite_difference_jacobian(fails_nearby, 1.0)
