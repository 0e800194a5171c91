"""vjp, grad, value_and_grad, hvp: values, structures, levels, and what they refuse."""

import threading
from typing import NamedTuple

import numpy as np
import optree
import pytest
from scipy.special import digamma, gammaln

import dualnum.scipy.special as special
from dualnum import (
    DerivativeLostError,
    Dual,
    InputError,
    NoRuleError,
    ShapeError,
    Variable,
    derivative,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    primal,
    value_and_grad,
    value_and_jacobian,
    vjp,
)
from dualnum.levels import current_level

X = np.array([1.0, 2.0, 3.0])


class Layer(NamedTuple):
    weights: np.ndarray
    bias: float


# The programs of the lecture


def predict(params, inputs):
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs


def loss_fun(params, inputs, targets):
    return np.mean((predict(params, inputs) - targets) ** 2)


def test_gradient_of_the_lectures_network():
    rng = np.random.default_rng(0)
    params = [(rng.normal(size=(3, 4)), rng.normal(size=4)), (rng.normal(size=(4, 2)), rng.normal(size=2))]
    inputs, targets = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    gradient = grad(loss_fun)(params, inputs, targets)
    assert [[x.shape for x in pair] for pair in gradient] == [[(3, 4), (4,)], [(4, 2), (2,)]]
    for layer in range(2):
        for part in range(2):

            def of_one(x, layer=layer, part=part):
                changed = [list(pair) for pair in params]
                changed[layer][part] = x
                return loss_fun(changed, inputs, targets)

            np.testing.assert_allclose(gradient[layer][part], jacfwd(of_one)(params[layer][part]), rtol=1e-13)


def test_derivatives_of_the_lectures_tanh():
    def tanh(x):
        y = np.exp(-2 * x)
        return (1 - y) / (1 + y)

    t = np.tanh(0.5)
    expected = [1 - t**2, -2 * t * (1 - t**2), (6 * t**2 - 2) * (1 - t**2), (16 * t - 24 * t**3) * (1 - t**2)]
    function = tanh
    for value in expected:
        function = grad(function)
        assert float(function(0.5)) == pytest.approx(value, rel=1e-13)


# Structures


def test_trees_and_argnums():
    def f(p, q, *, power=2):
        return np.sum(p["a"] ** power) * p["b"][0] + np.sum(q.weights) * q.bias

    p, q = {"a": X, "b": (2.0, [1.0, 2.0])}, Layer(np.ones((2, 2)), 3.0)
    dp, dq = grad(f, (0, 1))(p, q, power=3)
    np.testing.assert_array_equal(dp["a"], 6 * X**2)
    assert dp["b"][0] == 36
    np.testing.assert_array_equal(dp["b"][1], [0, 0])
    assert isinstance(dq, Layer)
    np.testing.assert_array_equal(dq.weights, np.full((2, 2), 3.0))
    assert dq.bias == 4
    np.testing.assert_array_equal(grad(f, -2)(p, q)["a"], 4 * X)
    (value, aux), gradient = value_and_grad(lambda x: (np.sum(x), {"square": x**2, "name": "y"}), has_aux=True)(X)
    assert value == 6
    assert aux["name"] == "y"
    np.testing.assert_array_equal(aux["square"], X**2)
    np.testing.assert_array_equal(gradient, [1, 1, 1])
    gradient, aux = grad(lambda x: (np.sum(x), x[0]), has_aux=True)(X)
    assert isinstance(aux, float)


def test_dataclasses_registered_with_optree():
    @optree.dataclasses.dataclass(namespace="dualnum")
    class Point:
        x: np.ndarray
        y: float

    gradient = grad(lambda p: np.sum(p.x) * p.y)(Point(X, 2.0))
    assert isinstance(gradient, Point)
    np.testing.assert_array_equal(gradient.x, [2, 2, 2])
    assert gradient.y == 6


def test_pullback():
    y, pullback = vjp(lambda x, c: {"product": x * c, "sum": np.sum(x)}, X, 2.0)
    assert set(y) == {"product", "sum"}
    x_bar, c_bar = pullback({"product": np.ones(3), "sum": 10.0})
    np.testing.assert_array_equal(x_bar, [12, 12, 12])
    assert c_bar == 6
    x_bar, c_bar = pullback({"product": np.eye(3)[:2], "sum": np.zeros(2)})
    np.testing.assert_array_equal(x_bar, 2 * np.eye(3)[:2])
    np.testing.assert_array_equal(c_bar, [1, 2])
    x_bar, c_bar = pullback({"product": np.zeros((0, 3)), "sum": np.zeros(0)})
    assert (x_bar.shape, c_bar.shape) == ((0, 3), (0,))
    _, _, aux = vjp(lambda x: (x, "aux"), X, has_aux=True)
    assert aux == "aux"


def test_pullbacks_results_are_the_callers():
    _, pullback = vjp(lambda x, y: x + y, X, X)
    x_bar, y_bar = pullback(X)
    x_bar[0] = 100
    np.testing.assert_array_equal(y_bar, X)
    np.testing.assert_array_equal(pullback(X)[0], X)


def test_pullback_in_threads():
    _, pullback = vjp(lambda x: np.sin(x) * x, np.linspace(0, 1, 1000))
    expected = [pullback(np.full(1000, float(i)))[0] for i in range(8)]
    results = {}
    threads = [
        threading.Thread(target=lambda i=i: results.update({i: pullback(np.full(1000, float(i)))[0]})) for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(8):
        np.testing.assert_array_equal(results[i], expected[i])


def test_inputs_are_not_modified():
    def f(x, c):
        x *= c
        c += 1
        return np.sum(x)

    x, c = X.copy(), np.ones(3)
    np.testing.assert_array_equal(grad(f)(x, c), [1, 1, 1])
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(c, np.ones(3))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128])
def test_dtypes_are_kept(dtype):
    x = np.array([1, 2], dtype)
    value, gradient = value_and_grad(lambda x: np.sum(np.abs(x) ** 2))(x)
    assert gradient.dtype == dtype
    assert value.dtype == np.abs(x).dtype
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-3)


def test_shapes():
    for x in (np.array(3.0), 3.0, np.zeros((0, 2)), np.arange(6.0).reshape(2, 3).T[::-1], [1.0, 2.0], [[1, 2], [3, 4]]):
        gradient = grad(lambda x: np.sum(x**2))(x)
        assert np.shape(gradient) == np.shape(x)
        np.testing.assert_array_equal(gradient, 2 * np.asarray(x, float))


# What it means


def test_zero_cotangents_stay_zero():
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(x), 0.0))

    x = np.array([0.0, -1.0, 4.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(grad(f)(x), [0, 0, 0.25])
        np.testing.assert_array_equal(hvp(f, x, np.ones(3)), [0, 0, -1 / 32])
        np.testing.assert_array_equal(grad(lambda x: np.sum(grad(f)(x)))(x), [0, 0, -1 / 32])
    np.testing.assert_array_equal(grad(lambda x: np.linalg.norm(x) ** 2)(np.zeros(2)), [0, 0])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(grad(lambda x: np.sum(np.log(x)[1:]))(np.array([0.0, 1.0])), [0, 1])
        # In matrices and in what is done by transposing a push too.
        np.testing.assert_array_equal(grad(lambda x: np.sort(1 / x)[0] * 0)(np.array([0.0, 1.0])), [0, 0])


def test_nan_is_not_hidden():
    np.testing.assert_array_equal(grad(lambda x: np.sum(x**2))([np.nan, 1.0]), [np.nan, 2])
    with np.errstate(invalid="ignore"):
        assert np.isnan(grad(np.sqrt)(-1.0))


def test_no_warning_comes_of_the_way_back():
    np.testing.assert_array_equal(grad(lambda x: np.sum(x * 1e308))(np.array([1e-300, 1.0])), [1e308, 1e308])
    assert grad(np.sqrt)(0.0) == np.inf


def test_gradient_of_complex_arguments_points_uphill():
    z = np.array([1 + 2j, 3 - 1j])
    np.testing.assert_allclose(grad(lambda z: np.sum(np.abs(z) ** 2))(z), 2 * z, rtol=1e-15)
    np.testing.assert_allclose(grad(lambda z: np.sum((z**2).real))(z), 2 * np.conj(z), rtol=1e-15)
    np.testing.assert_allclose(grad(lambda z: np.sum(np.angle(z)))(z), 1j * z / np.abs(z) ** 2, rtol=1e-14)
    np.testing.assert_allclose(grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(X), 6 * X, rtol=1e-14)


def test_nothing_depends_on_the_input():
    np.testing.assert_array_equal(grad(lambda x: 3.0)(X), [0, 0, 0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.zeros_like(x)))(X), [0, 0, 0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(primal(x) ** 2))(X), [0, 0, 0])
    assert hvp(lambda x: 3.0, X, X).tolist() == [0, 0, 0]


def test_without_arguments():
    y, pullback = vjp(lambda: 3.0)
    assert (y, pullback(1.0)) == (3.0, ())
    assert jvp(lambda: 3.0, (), ()) == (3.0, 0.0)


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1
    assert grad(lambda x: x * jvp(lambda y: x * y, (1.0,), (1.0,))[1])(3.0) == 6
    assert jvp(lambda x: x * grad(lambda y: x * y * y)(2.0), (3.0,), (1.0,)) == (36, 24)
    assert grad(lambda x: derivative(lambda y: x * y**3)(x))(2.0) == 9 * 4
    assert grad(lambda x: vjp(lambda y: x * y * y, x)[1](x)[0])(2.0) == 6 * 4
    factor = Dual(3.0, 1.0)
    dual = grad(lambda y: y * y * factor)(2.0)
    assert (dual.value, dual.tangent) == (12, 4)
    assert grad(lambda y: (y * y * Dual(3.0, 1.0)).tangent)(2.0) == 4
    with pytest.raises(InputError, match="that it made itself"):
        grad(lambda y: y * y * Dual(3.0, 1.0))(2.0)


def test_a_pullback_is_differentiated():
    _, pullback = vjp(np.sin, 0.5)
    assert grad(lambda y_bar: pullback(y_bar)[0] ** 2)(3.0) == pytest.approx(6 * np.cos(0.5) ** 2, rel=1e-15)
    assert jvp(lambda y_bar: pullback(y_bar)[0], (3.0,), (1.0,))[1] == np.cos(0.5)


def test_special_functions():
    x = np.array([0.5, 1.5])
    np.testing.assert_allclose(grad(special.logsumexp)(x), special.softmax(x), rtol=1e-14)
    np.testing.assert_allclose(grad(lambda x: np.sum(gammaln(x)))(x), digamma(x), rtol=1e-14)


# What is refused


@pytest.mark.parametrize(
    ("function", "error", "match"),
    [
        (lambda x: x * 2, ShapeError, "one number"), (lambda x: (x[0], x[1]), ShapeError, "one number"), (lambda x: {}, ShapeError, "one number"),
        (lambda x: x[0] * 1j, InputError, "complex"), (lambda x: np.argmax(x), InputError, "integer or a boolean"),
        (lambda x: x[0] > 0, InputError, "integer or a boolean"), (lambda x: "text", InputError, "returned str"), (lambda x: None, InputError, "NoneType"),
        (lambda x: float(x[0]), DerivativeLostError, "np.sin"), (lambda x: np.asarray(x, float)[0], DerivativeLostError, "astype"),
        (lambda x: np.add(x, 1, out=np.zeros(3)), DerivativeLostError, "out="),
        (lambda x: np.busday_count(x, x), NoRuleError, "no derivative rule"),
    ],
)  # fmt: skip
def test_refused_results(function, error, match):
    with pytest.raises(error, match=match):
        grad(function)(X)
    assert current_level() == 0


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, value_and_jacobian, jacrev, hessian])
def test_a_point_in_place_of_argnums_is_refused_at_once(transform):
    for point in (X, [0.5, 1.0], 2.0):
        with pytest.raises(
            InputError, match=r"argnums must be an integer.*the point is the argument of that.*\(f\)\(x\)"
        ):
            transform(np.sum, point)


def test_refused_arguments():
    for bad in ("text", np.array(["a"]), object(), [1.0, "a"], np.ma.array([1.0], mask=[1])):
        with pytest.raises(InputError):
            grad(lambda x: 1.0)(bad)
    with pytest.raises(InputError, match="integers"):
        grad(np.sum, strict=True)([1, 2])
    with pytest.raises(InputError, match="integers"):
        grad(lambda p: np.sum(p["a"]), strict=True)({"a": np.array([1, 2])})
    assert grad(np.sum, strict=True)([1.0, 2.0]).tolist() == [1, 1]
    for argnums in (1, -2, (0, 5)):
        with pytest.raises(InputError, match="argnums"):
            grad(np.sum, argnums)(X)
    with pytest.raises(InputError, match="0 positional arguments. Pass .* by position"):
        grad(np.sum)(a=X)
    with pytest.raises(InputError, match="empty"):
        grad(np.sum, ())(X)
    for transform in (grad, jacobian, hessian):
        with pytest.raises(InputError, match=r"argnums=\(0, -2\) names an argument twice"):
            transform(lambda x, y: x * y, (0, -2))(2.0, 3.0)
    with pytest.raises(ShapeError, match=r"has_aux=True"):
        grad(lambda x: (np.sum(x), x))(X)
    with pytest.raises(InputError, match="pair"):
        grad(np.sum, has_aux=True)(X)


def test_refused_cotangents():
    _, pullback = vjp(lambda x: (x, {"a": x[0]}), X)
    for bad in (X, (X, X), (X, {"b": 1.0}), (X, {"a": 1.0}, X)):
        with pytest.raises((ShapeError, InputError)):
            pullback(bad)
    _, pullback = vjp(np.sin, X)
    for bad in (1.0, np.ones(2), np.ones((2, 2, 3))):
        with pytest.raises(ShapeError):
            pullback(bad)
    with pytest.raises(InputError, match="complex"):
        pullback(X * 1j)
    np.testing.assert_array_equal(pullback(X)[0], X * np.cos(X))


def test_an_error_within_leaves_no_trace():
    _, pullback = vjp(lambda x: np.linalg.inv(x), np.eye(2))
    with pytest.raises(ShapeError):
        pullback(np.ones(3))
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / 0)(X)
    assert current_level() == 0
    np.testing.assert_array_equal(pullback(np.eye(2))[0], -np.eye(2))


def test_variables_that_leave_their_function():
    leaked = []

    def f(x):
        leaked.append(x)
        return np.sum(x**2)

    grad(f)(X)
    assert isinstance(leaked[0], Variable)
    with pytest.raises(InputError, match="after its tape had ended"):
        leaked[0] + 1
    np.testing.assert_array_equal(primal(leaked[0]), X)


SHORT = {
    "number": lambda x: np.sum(np.exp(x[1:]) * x[:-1]),
    "element": lambda x: x[2],
    "0-d array": lambda x: np.sum(x**2, keepdims=True)[0, ...],
    "without derivative": lambda x: np.float64(3.0),
    "Python's": lambda x: 3.0,
    "object array": lambda x: np.array(x[0] * x[1]),
    "updated in place": lambda x: (x.__setitem__(0, x[1] * x[2]), np.sum(x[:2] ** 2))[1],
    "of an outer level": lambda x: jacobian(lambda y: y * np.sum(x**2))(2.0) * x[0],
}


@pytest.mark.parametrize("name", SHORT)
def test_a_function_of_one_array_is_run_in_fewer_steps(name):
    f, x = SHORT[name], np.array([0.5, -1.0, 2.0])
    value, gradient = value_and_grad(f)(x)
    (expected,), expected_value = grad(lambda x: (f(x), 0), (0,), has_aux=True)(x)[0], f(x.copy())
    assert gradient.shape == (3,)
    np.testing.assert_array_equal(gradient, expected)
    assert float(value) == float(expected_value)
    np.testing.assert_array_equal(x, [0.5, -1.0, 2.0])
    np.testing.assert_array_equal(value_and_grad(lambda x, y, z: f(x) + y[0] * z)(x, np.zeros(2), z=2.0)[1], expected)


@pytest.mark.parametrize("f", [lambda x: x, lambda x: (x[0], x[1]), lambda x: 1j * x[0], lambda x: 1, lambda x: "no"])
def test_what_is_no_number_is_refused_there_too(f):
    with pytest.raises((InputError, ShapeError)):
        grad(f)(np.ones(3))


def test_products_with_the_hessian_of_a_function_that_returns_something_else():
    x, v = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, -1.0])
    expected = np.array([2 * v[1], 2 * v[0], 6 * v[2]])
    for wrap in (lambda y: y, lambda y: y + np.zeros(()), lambda y: np.reshape(y, ()), lambda y: np.array(y)):
        np.testing.assert_array_equal(hvp(lambda x: wrap(2 * x[0] * x[1] + 3 * x[2] ** 2), x, v), expected)  # noqa: B023
    np.testing.assert_array_equal(hvp(lambda x: np.float64(3.0), x, v), np.zeros(3))
    with pytest.raises(ShapeError):
        hvp(lambda x: x, x, v)
