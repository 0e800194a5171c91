"""Jacobians by columns and by rows: both give the same, in every structure."""

import numpy as np
import pytest

from dualnum import (
    InputError,
    grad,
    jacfwd,
    jacobian,
    jacrev,
    value_and_jacobian,
)

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
X = RNG.normal(size=3)

FUNCTIONS = {
    "vector": (lambda x: np.stack([np.sum(x**2), np.prod(x), x[0], np.sin(x[2])]), X),
    "scalar": (lambda x: np.sum(np.exp(x)), X),
    "list": (lambda x: [x[0] * x[1], np.sin(x[0])], X),
    "of a number": (lambda x: np.stack([x, x**2]), 3.0),
    "number of a number": (np.sin, 0.5),
    "matrix": (lambda a: np.linalg.inv(a) @ a.T, A),
    "tree of results": (lambda a: {"inverse": np.linalg.inv(a), "rest": (np.linalg.det(a), np.linalg.eigvalsh(a + a.T))}, A),
    "empty result": (lambda x: x[:0], X),
    "empty argument": (lambda x: np.stack([np.sum(x), 1.0 + np.sum(x)]), np.zeros(0)),
    "float32": (lambda x: x * x, X.astype(np.float32)),
    "transform": (lambda x: np.abs(np.fft.rfft(x)) ** 2, X),
    "complex result": (lambda x: np.fft.fft(x) * 1j, X),
    "constant": (lambda x: np.ones(2), X),
    "selection": (lambda x: np.sort(x)[::-1], X),
}  # fmt: skip


def assert_same_tree(a, b, tolerance=1e-13):
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same_tree(a[key], b[key])
    elif isinstance(a, (list, tuple)):
        assert type(a) is type(b)
        for x, y in zip(a, b, strict=True):
            assert_same_tree(x, y)
    else:
        assert type(a) is type(b)
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_modes_agree(name):
    function, x = FUNCTIONS[name]
    value, expected = value_and_jacobian(function, mode="forward")(x)
    for mode, chunk in (("reverse", None), ("reverse", 1), ("reverse", 2), ("auto", None)):
        also, found = value_and_jacobian(function, mode=mode, chunk=chunk)(x)
        assert_same_tree(found, expected)
        assert_same_tree(also, value)
    assert_same_tree(jacrev(function)(x), jacfwd(function)(x))


def test_trees_of_arguments():
    def f(p, q):
        return {"s": p["a"] * p["b"][0] * q, "t": np.sum(p["b"][1]) * q[0]}

    p, q = {"a": np.array([1.0, 2.0]), "b": [np.array(3.0), np.array([4.0, 5.0, 6.0])]}, np.array([2.0, 7.0])
    forward, reverse = jacfwd(f, (0, 1))(p, q), jacrev(f, (0, 1))(p, q)
    assert_same_tree(forward, reverse)
    assert forward[0]["s"]["b"][1].shape == (2, 3)
    np.testing.assert_array_equal(forward[0]["t"]["b"][1], [2, 2, 2])
    np.testing.assert_array_equal(forward[1]["t"], [15, 0])
    np.testing.assert_array_equal(jacobian(f, -1, mode="reverse")(p, q)["t"], [15, 0])


def test_keywords_and_aux():
    def f(x, c, *, power):
        return c * x**power, {"x": x, "power": power}

    for mode in ("forward", "reverse", "auto"):
        found, aux = jacobian(f, mode=mode, has_aux=True)(X, 2.0, power=3)
        np.testing.assert_allclose(found, np.diag(6 * X**2), rtol=1e-15)
        assert aux["power"] == 3
        np.testing.assert_array_equal(aux["x"], X)
        (value, _), _ = value_and_jacobian(f, mode=mode, has_aux=True)(X, 2.0, power=3)
        np.testing.assert_array_equal(value, 2 * X**3)


def test_holomorphic_functions():
    z = np.array([1 + 2j, 0.5 - 1j])
    for function in (lambda z: z**2 * z[0], np.fft.fft, lambda z: np.stack([np.prod(z), np.exp(z[1])])):
        expected = jacfwd(function, holomorphic=True)(z)
        np.testing.assert_allclose(jacrev(function, holomorphic=True)(z), expected, rtol=1e-14)
    with pytest.raises(InputError, match="holomorphic=True"):
        jacrev(np.abs)(z)


def test_lists_of_nested_numbers_are_no_slow_path():
    second = jacfwd(jacfwd(lambda x: [x[0] ** 2 * x[1], x[1]]))(np.array([3.0, 2.0]))  # a warning would be an error
    np.testing.assert_array_equal(second, [[[4.0, 6.0], [6.0, 0.0]], np.zeros((2, 2))])


def test_nested_jacobians():
    def f(x):
        return np.stack([np.sum(x**3), x[0] * x[1] * x[2]])

    expected = jacfwd(jacfwd(f))(X)
    for outer, inner in ((jacrev, jacrev), (jacfwd, jacrev), (jacrev, jacfwd)):
        np.testing.assert_allclose(outer(inner(f))(X), expected, rtol=1e-13, atol=1e-13)
    hessian = jacrev(grad(lambda x: f(x)[0]))(X)
    np.testing.assert_allclose(hessian, np.diag(6 * X), rtol=1e-14)


def test_arguments_are_not_modified():
    def f(x):
        x *= 2
        return x**2

    for mode in ("forward", "reverse", "auto"):
        x = np.ones(40)
        np.testing.assert_array_equal(jacobian(f, mode=mode)(x), 8 * np.eye(40))
        np.testing.assert_array_equal(x, np.ones(40))


def test_what_a_tape_refuses_forward_mode_may_do():
    def f(x):
        return np.sum(x.tangent if hasattr(x, "tangent") else x.no_such_thing) * x[:1]

    assert jacobian(f)(np.ones(40)).shape == (1, 40)
    with pytest.raises(AttributeError):
        jacobian(f, mode="reverse")(np.ones(40))


def test_what_is_refused():
    for options in ({"mode": "backward"}, {"argnums": ()}):
        with pytest.raises(InputError):
            jacobian(np.sin, **options)
    with pytest.raises(InputError, match="argnums=1"):
        jacobian(np.sin, 1)(X)
    with pytest.raises(InputError, match="no arrays"):
        jacobian(lambda p: 1.0, mode="forward")({})
    for mode in ("forward", "reverse"):
        with pytest.raises(ValueError, match="chunk"):
            jacobian(np.sin, mode=mode, chunk=0)(X)
