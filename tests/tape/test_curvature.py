"""Products with Hessians: what is left away on the way back changes nothing, by the derivative of the whole gradient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dualnum import checkpoint, custom_vjp, grad, hvp, jacobian, jvp

N = 3000  # from 2048 on, memory is used again

rng = np.random.default_rng(5)
X, V, W = rng.uniform(0.5, 1.5, N), rng.standard_normal(N), rng.standard_normal(N)
A = rng.standard_normal((3, N))


def assert_close(x, expected, atol):
    assert_allclose(x, expected, rtol=0, atol=atol)


def updated(x):
    y = x * 2.0
    y[1:] += x[:-1]
    y[::3] = np.sin(x[::3])
    return np.sum(y * x)


def updated_input(x):
    x[0] = x[1] * x[2]
    x *= x
    return np.sum(x)


@custom_vjp
def cubes(x):
    return x**3


cubes.defvjp(lambda x: (x**3, x), lambda x, y_bar: (3 * x**2 * y_bar,))

FUNCTIONS = {
    "log-sum-exp": lambda x: np.max(x) + np.log(np.sum(np.exp(x - np.max(x)))),
    "linear": lambda x: np.sum(W * x),
    "constant": lambda x: 3.0,
    "value and tangent arrive": lambda x: np.sum(x) + np.sum(x * x) + np.sum(np.exp(x)),
    "tangent and value arrive": lambda x: np.sum(np.exp(x)) + np.sum(x * x) + np.sum(x),
    "several products at one input": lambda x: np.sum(np.exp(x) * np.sin(x) * x),
    "products of sums": lambda x: np.sum(np.exp(x)) * np.sum(x),
    "elements": lambda x: x[0] * x[1] ** 2 + np.sum(x[1:] * x[:-1]) + x[[5, 5, 7]] @ x[2:5],
    "matrix": lambda x: np.sum(np.tanh(A @ x) ** 2),
    "mean": lambda x: np.var(x) + np.sum((x - np.mean(x)) ** 3),
    "broadcast": lambda x: np.sum(np.exp(x[:30, None] - x[:100]) * (2 * x[0])),
    "extremum of a difference": lambda x: np.max(np.abs(x - W)) ** 2 + np.min(3 - x) * x[4],
    "reshaped": lambda x: np.sum(x.reshape(3, -1).T[::-1] ** 2 * np.linspace(0, 1, 3)),
    "complex": lambda x: np.sum(np.abs(np.fft.fft(x * (1 + 2j))[:9]) ** 2),
    "complex factors": lambda x: np.sum(x * np.exp(1j * x).real) + np.sum(np.abs((1j * x) ** 2 + x)),
    "several results": lambda x: np.sum(np.frexp(np.sort(x))[0] ** 2) + np.sum(np.split(x, 3)[1] ** 2),
    "updates": updated,
    "updated input": updated_input,
    "checkpoint": lambda x: np.sum(checkpoint(lambda y: np.exp(y) * y)(x - 1.0)),
    "rule of its own": lambda x: np.sum(cubes(2 * x)) + np.sum(x),
    "gradient inside": lambda x: np.sum(grad(lambda y: np.sum(y**3) * y[0])(x) * x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("size", [N, 300])
def test_as_the_tangent_of_the_gradient(name, size):
    def f(x):
        return FUNCTIONS[name](np.concatenate([x, X[size:]]) if size < N else x)

    x, v = X[:size], V[:size]
    expected = jvp(grad(f), (x,), (v,))[1]
    assert_close(hvp(f, x, v), expected, 1e-14 * max(1.0, np.max(np.abs(expected))))


@pytest.mark.parametrize("size", [4, N])
@pytest.mark.parametrize(
    ("f", "second"),
    [
        (lambda x: np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, x, 0)), 0)), [0.0, -0.25, 0.0, -1 / 32]),
        (lambda x: np.sum(np.where(x > 0, np.sqrt(x) * np.exp(0 * x), x)), [0.0, -0.25, 0.0, -1 / 32]),
        (lambda x: np.sum(x**1.0 + x**2.0), [2.0, 2.0, 2.0, 2.0]),
        (lambda x: np.sum(np.where(x > 0, np.log(x) * x, x)), [0.0, 1.0, 0.0, 0.25]),
    ],
)
def test_zero_times_infinity(f, second, size):
    x, v = np.zeros(size), np.zeros(size)
    x[[1, 3]], v[1:4] = [1.0, 4.0], 1.0
    with np.errstate(all="ignore"):
        product = hvp(f, x, v)
        expected = jvp(grad(f), (x,), (v,))[1]
    assert np.array_equal(product[:4], v[:4] * second)
    assert np.array_equal(product, expected)


def test_trees_and_several_vectors():
    def f(p):
        return np.sum(np.exp(p["a"] - p["b"])) * p["b"] ** 2 + np.sum(p["a"])

    p, v = {"a": X, "b": 1.5}, {"a": V, "b": -0.5}
    expected = jvp(grad(f), (p,), (v,))[1]
    product = hvp(f, p, v)
    assert_close(product["a"], expected["a"], 1e-11)
    assert_close(product["b"], expected["b"], 1e-10)
    rows = hvp(f, p, {"a": np.stack([V, W]), "b": np.array([-0.5, 1.0])})
    assert_close(rows["a"][0], product["a"], 1e-11)
    assert hvp(lambda p: 1.0, {}, {}) == {}
    numbers, direction = [np.array(1.0), np.array(2.0)], [np.array(1.0), np.array(0.0)]
    product = hvp(lambda p: p[0] ** 2 * p[1], numbers, direction)
    assert [float(part) for part in product] == [4.0, 2.0]


def test_inside_of_other_derivatives():
    x, v = X[:4], V[:4]

    def f(x):
        return np.sum(np.exp(x - x[0]) * x**2)

    third = jacobian(lambda x: jvp(grad(f), (x,), (v,))[1])(x)
    for mode in ("forward", "reverse"):
        assert_close(jacobian(lambda x: hvp(f, x, v), mode=mode)(x), third, 1e-12)
        assert_close(jacobian(lambda v: hvp(f, x, v), mode=mode)(v), jacobian(grad(f))(x), 1e-12)
    assert_close(
        hvp(lambda z: hvp(f, x * z[0], v) @ x, x, v), jvp(grad(lambda z: hvp(f, x * z[0], v) @ x), (x,), (v,))[1], 1e-11
    )


def test_the_result_is_the_callers():
    x, v = X.copy(), V.copy()
    for f in (lambda x: np.sum(x * x), lambda x: np.sum(np.exp(x - 1.0)), lambda x: x @ (2 * x)):
        product = hvp(f, x, v)
        product += 1
        assert np.array_equal(x, X) and np.array_equal(v, V)
        assert not np.shares_memory(product, v)
