"""Hessians in all modes, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special
from scipy.optimize import rosen_hess

from dualnum import (
    InputError,
    ShapeError,
    derivative,
    gauss_newton_product,
    grad,
    hessian,
    hessian_diagonal,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    laplacian,
    partial_derivative,
    second_derivative,
    vhp,
    vjp,
)
from dualnum.application import OBSERVER

MODES = ("hyperdual", "forward-over-reverse", "reverse-over-reverse", "forward-over-forward", "auto")
each_mode = pytest.mark.parametrize("mode", MODES)


def rosen(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@each_mode
@pytest.mark.parametrize("chunk", [None, 1, 3])
def test_rosenbrock(mode, chunk):
    x = np.linspace(-1.2, 1.5, 8)
    expected = rosen_hess(x)
    np.testing.assert_allclose(hessian(rosen, mode=mode, chunk=chunk)(x), expected, rtol=1e-13, atol=1e-13 * 800)


A = np.array([[4.0, 1.0, 0.3], [1.0, 3.0, -0.4], [0.3, -0.4, 2.0]])
SHIFT = np.array([0.3, -0.2, 0.5])
FUNCTIONS = {
    "solve": lambda x: np.sum(np.linalg.solve(A + np.outer(x, x), x)),
    "det": lambda x: np.linalg.det(A + np.outer(x, SHIFT) + np.diag(x**2)),
    "eigh": lambda x: np.linalg.eigh(A + np.diag(x**2))[0][1] * np.sum(np.linalg.eigh(A + np.diag(x))[1][:, 2] ** 3),
    "fft": lambda x: np.sum(np.abs(np.fft.fft(x**3)) ** 2),
    "sort": lambda x: np.sum(np.sort(x**2) * np.arange(3.0) * x),
    "logsumexp": lambda x: np.log(np.sum(np.exp(x - np.max(x)))) + np.max(x),
    "gammaln": lambda x: np.sum(special.gammaln(x + 2.0) * x),
    "vector": lambda x: np.outer(np.sin(x), x**2),
}


@each_mode
@pytest.mark.parametrize("name", FUNCTIONS)
def test_against_forward_over_reverse(mode, name):
    f = FUNCTIONS[name]
    x = np.array([0.7, -0.4, 1.3])
    expected = jacfwd(jacrev(f))(x)
    assert expected.any()
    found = hessian(f, mode=mode)(x)
    assert found.shape == expected.shape == np.shape(f(x)) + (3, 3)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * np.max(np.abs(expected)))
    h = 1e-5
    steps = np.stack([(jacfwd(f)(x + h * e) - jacfwd(f)(x - h * e)) / (2 * h) for e in np.eye(3)], axis=-1)
    np.testing.assert_allclose(found, steps, rtol=1e-6, atol=1e-7 * np.max(np.abs(expected)))


@each_mode
def test_trees_and_argnums(mode):
    def f(p, s, scale=1.0):
        return scale * np.sum(p["a"] ** 2 * s[:, None] * p["b"]), {"seen": s.sum()}

    p, s = {"a": np.arange(6.0).reshape(2, 3) + 1, "b": 2.0}, np.array([3.0, 4.0])
    blocks, aux = hessian(f, (0, 1), mode=mode, has_aux=True)(p, s, scale=2.0)
    assert aux == {"seen": 7.0}
    (pp, ps), (sp, ss) = blocks
    expected = np.einsum("ij,i,ik,jl->ijkl", np.full((2, 3), 8.0), s, np.eye(2), np.eye(3))
    np.testing.assert_allclose(pp["a"]["a"], expected)
    np.testing.assert_allclose(pp["a"]["b"], 4 * p["a"] * s[:, None])
    np.testing.assert_allclose(pp["b"]["a"], 4 * p["a"] * s[:, None])
    assert pp["b"]["b"] == 0
    np.testing.assert_allclose(ps["a"], np.einsum("ij,ik->ijk", 8 * p["a"], np.eye(2)))
    np.testing.assert_allclose(sp["a"], np.moveaxis(ps["a"], -1, 0))
    np.testing.assert_allclose(ps["b"], 2 * np.sum(p["a"] ** 2, axis=1))
    np.testing.assert_array_equal(ss, np.zeros((2, 2)))


@each_mode
def test_scalars_matrices_and_empty_arrays(mode):
    assert hessian(lambda x: x**3, mode=mode)(2.0) == 12.0
    assert hessian(lambda x: x**3, mode=mode)(2) == 12.0
    assert hessian(lambda x, y: x * y**2, (0, 1), mode=mode)(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = hessian(np.linalg.det, mode=mode)(x)
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    np.testing.assert_allclose(found, expected, atol=1e-14)
    assert hessian(lambda x: np.sum(x**2), mode=mode)(np.zeros(0)).shape == (0, 0)
    np.testing.assert_array_equal(hessian(lambda x: 3.0, mode=mode)(np.ones(2)), np.zeros((2, 2)))
    np.testing.assert_array_equal(hessian(np.sum, mode=mode)(np.ones(2)), np.zeros((2, 2)))


@each_mode
def test_results_that_are_trees(mode):
    found = hessian(lambda x: {"cube": x**3, "sum": [np.sum(x**2), x[0] * x]}, mode=mode)(np.array([1.0, 2.0]))
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0], expected[1, 1, 1] = 6, 12
    np.testing.assert_array_equal(found["cube"], expected)
    np.testing.assert_array_equal(found["sum"][0], 2 * np.eye(2))
    np.testing.assert_array_equal(found["sum"][1], [[[2, 0], [0, 0]], [[0, 1], [1, 0]]])


@each_mode
def test_inside_other_derivatives(mode):
    assert derivative(lambda z: hessian(lambda x: x**3 * z, mode=mode)(z))(5.0) == 60.0
    assert grad(lambda z: hessian(lambda x: x**3 * z, mode=mode)(z))(5.0) == 60.0
    third = jacobian(lambda x: hessian(lambda y: np.sum(y**3 * x), mode=mode)(x))(np.array([1.0, 2.0]))
    np.testing.assert_allclose(third, np.einsum("ij,jk->ijk", 12 * np.diag([1.0, 2.0]), np.eye(2)))


@each_mode
def test_the_callers_arrays_are_left_alone(mode):
    def f(x, c):
        x *= c
        c += 1
        return np.sum(x**2)

    x, c = np.ones(8), np.full(8, 2.0)
    np.testing.assert_array_equal(hessian(f, mode=mode)(x, c), 8 * np.eye(8))
    np.testing.assert_array_equal([x, c], [np.ones(8), np.full(8, 2.0)])


@each_mode
def test_holomorphic(mode):
    with pytest.raises(InputError, match="holomorphic"):
        hessian(lambda z: z**3, mode=mode)(1j)
    assert hessian(lambda z: z**3, mode=mode, holomorphic=True)(1j) == 6j


def test_bad_input():
    with pytest.raises(InputError, match="mode"):
        hessian(np.sum, mode="backward")
    with pytest.raises(ValueError, match="chunk"):
        hessian(np.sum, mode="hyperdual", chunk=0)(np.ones(2))
    with pytest.raises(InputError):
        hessian(lambda x: "text", mode="hyperdual")(np.ones(2))
    with pytest.raises(InputError, match="no arrays"):
        hessian(lambda x: 1.0, mode="hyperdual")({})
    with pytest.raises(InputError, match="positional"):
        hessian(np.sum, 2)(np.ones(2))


@pytest.mark.parametrize(("n", "chunk"), [(6, 1), (6, 2), (7, 3), (5, 5)])
def test_pairs_are_pushed_in_one_order_only(n, chunk):
    """With blocks of one direction there are n (n + 1) / 2 pairs, else a little more."""
    seen = []
    token = OBSERVER.set(lambda row, args, out: None)
    try:

        def f(x):
            seen.append(x.e12[..., 0].size)
            return np.sum(x**2)

        hessian(f, mode="hyperdual", chunk=chunk)(np.ones(n))
    finally:
        OBSERVER.reset(token)
    assert n * (n + 1) // 2 <= sum(seen) <= n * (n + chunk) // 2
    if chunk == 1:
        assert sum(seen) == n * (n + 1) // 2
    assert max(seen) <= chunk**2


def test_diagonal_and_laplacian():
    x = np.linspace(-1.0, 1.0, 7)
    for chunk in (None, 2):
        np.testing.assert_allclose(hessian_diagonal(rosen, chunk=chunk)(x), np.diag(rosen_hess(x)), rtol=1e-13)
        np.testing.assert_allclose(laplacian(rosen, chunk=chunk)(x), np.trace(rosen_hess(x)), rtol=1e-13)
    matrix = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(hessian_diagonal(lambda x: np.sum(x**4))(matrix), 12 * matrix**2)
    assert hessian_diagonal(lambda x: x**3)(2.0) == 12.0
    assert hessian_diagonal(lambda x: np.sum(x**2))(np.zeros(0)).shape == (0,)
    assert grad(lambda z: laplacian(lambda x: np.sum(x**3) * z)(np.array([1.0, 2.0]) * z))(2.0) == 72.0
    with pytest.raises(ShapeError, match="one number"):
        hessian_diagonal(lambda x: x)(x)


def test_products():
    x, v = np.linspace(-1.0, 1.0, 5), np.arange(5.0)
    expected = rosen_hess(x) @ v
    np.testing.assert_allclose(vhp(rosen, x, v), expected, rtol=1e-13)
    np.testing.assert_allclose(vhp(rosen, x, np.stack([v, 2 * v])), [expected, 2 * expected], rtol=1e-13)
    np.testing.assert_allclose(hvp(rosen, x, v), expected, rtol=1e-13)


def many_uses(x):
    """Of an array that gets cotangents of all kinds: of it as it is, of parts, of elements, twice the same."""
    y = np.sin(x)
    total = np.sum(y * x) + np.sum(y[1:] * y[:-1]) + y[-1] ** 3 + np.max(y) * np.min(x)
    return total + np.sum(np.exp(y - np.max(y))) * y[2:3][0] + y @ y + np.sum(x[[0, 1, 1]] * y[::2]) + np.sum(y + y)


@pytest.mark.parametrize("k", [None, 1, 3])
def test_cotangents_gathered_in_place(k):
    rng = np.random.default_rng(5)
    x, v = rng.normal(size=6), rng.normal(size=(6,) if k is None else (k, 6))
    expected = v @ hessian(many_uses, mode="forward-over-forward")(x)
    np.testing.assert_allclose(hvp(many_uses, x, v), expected, rtol=1e-13)

    def twice(x):  # what a pullback has given, and the tape has saved, is not changed by the next
        _, pullback = vjp(many_uses, x)
        (first,) = pullback(1.0)
        copy = first.copy()
        first += 1
        (second,) = pullback(1.0)
        return copy, second

    for products in jvp(twice, (x,), (v,))[1]:
        np.testing.assert_allclose(products, expected, rtol=1e-13)


def test_a_product_leaves_the_callers_arrays_alone():
    def f(x):
        x[0] *= 3
        x -= 1
        return np.sum(x**3)

    x, v = np.array([1.0, 2.0]), np.array([1.0, 5.0])
    np.testing.assert_array_equal(hvp(f, x, v), [108, 30])
    assert x.tolist() == [1, 2]
    assert v.tolist() == [1, 5]


def test_a_product_of_what_takes_in_outer_derivatives():
    def outer(c):
        def f(x):
            x[0] = c
            return np.sum(x**2 * x[1] ** 2)

        return hvp(f, np.ones(2), np.ones(2))

    np.testing.assert_array_equal(outer(2.0), [0, 20])
    np.testing.assert_array_equal(derivative(outer)(2.0), [0, 8])


def test_extrema_of_a_line_are_elements_of_it():
    names = []
    token = OBSERVER.set(lambda row, args, out: names.append(row.name))
    try:
        product = hvp(lambda x: np.max(x) ** 3, np.array([0.5, 2.0, 1.0]), np.ones(3))
    finally:
        OBSERVER.reset(token)
    np.testing.assert_array_equal(product, [0, 12, 0])
    assert names.count("numpy.max") == 1
    np.testing.assert_array_equal(hvp(lambda x: np.max(x) ** 3, np.array([2.0, 2.0]), np.ones(2)), [6, 6])
    np.testing.assert_array_equal(hvp(lambda x: np.max(x) ** 2, np.array([1.0, np.nan]), np.ones(2)), [0, 2])


def test_gauss_newton():
    def f(x):
        return np.stack([x[0] * x[1], np.sin(x[0]), x[1] ** 3])

    def loss(y):
        return np.sum(y**4)

    x, v = np.array([0.5, 1.5]), np.array([1.0, -2.0])
    j = jacobian(f)(x)
    np.testing.assert_allclose(gauss_newton_product(f, x, v), j.T @ j @ v, rtol=1e-14)
    np.testing.assert_allclose(gauss_newton_product(f, x, np.eye(2)), j.T @ j, rtol=1e-14)
    np.testing.assert_allclose(
        gauss_newton_product(f, x, v, loss=loss), j.T @ np.diag(12 * f(x) ** 2) @ j @ v, rtol=1e-14
    )


def test_second_derivative():
    assert second_derivative(lambda x, a: a * x**3)(2.0, 5.0) == 60.0
    np.testing.assert_array_equal(second_derivative(lambda x: np.stack([x**2, x**3]))(2.0), [2, 12])
    with pytest.raises(ShapeError, match="scalar"):
        second_derivative(np.sin)(np.ones(2))


def test_partial_derivatives():
    def f(x):
        return x[0] ** 3 * x[2] ** 2 * np.sin(x[1])

    x = np.array([1.0, 0.5, 2.0])
    assert partial_derivative(f, x, (2, 0, 1)) == pytest.approx(24 * np.sin(0.5), rel=1e-14)
    assert partial_derivative(f, x, (1, 3, 2)) == pytest.approx(-6 * np.cos(0.5), rel=1e-14)
    assert partial_derivative(f, x, (0, 0, 0)) == f(x)
    assert partial_derivative(lambda x: x**5, 1.0, 4) == 120.0
    with pytest.raises(ShapeError, match="orders"):
        partial_derivative(f, x, (1, 2))
    with pytest.raises(InputError, match="orders"):
        partial_derivative(f, x, (1, -1, 0))
    with pytest.raises(InputError, match="orders"):
        partial_derivative(f, x, (1.0, 1.0, 0.0))
