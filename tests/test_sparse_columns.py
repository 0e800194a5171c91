"""Jacobians and Hessians as sparse matrices, and solvers that take them."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares
from scipy.sparse import issparse

from dualnum import (
    InputError,
    ShapeError,
    hessian,
    jacobian,
    jvp,
    residuals,
    value_and_jacobian,
)
from dualnum.directions import Directions
from tests.row_checks import assert_same_bits, leaves
from tests.sparse_checks import BY_TERMS, X, brusselator, by_blocks

pytestmark = pytest.mark.usefixtures("few_are_enough")


def mixed(x):
    return [np.cumsum(x), x[3] * x[0], 1.0, np.zeros((2, 0)), [t * x[1] for t in x[:3]], x.reshape(4, 6) ** 2]


@pytest.mark.parametrize("f", [*BY_TERMS, mixed], ids=lambda f: f.__name__)
def test_sparse(f):
    for chunk in (None, 5):
        value, found = value_and_jacobian(f, sparse=True, chunk=chunk)(X)
        values, expected = by_blocks(f, X)
        for one, matrix, other, block in zip(*map(leaves, (value, found, values, expected)), strict=True):
            assert_same_bits(one, other)
            assert matrix.format == "csr"
            assert matrix.nnz == np.count_nonzero(matrix.toarray())
            np.testing.assert_allclose(matrix.toarray(), np.reshape(block, (-1, X.size)), rtol=1e-12, atol=1e-13)


def test_sparse_without_zeros():
    found, aux = jacobian(lambda x, a: (a * x[1:] - x[:-1], x), sparse=True, has_aux=True)(X, 0.0)
    assert found.nnz == X.size - 1
    np.testing.assert_array_equal(aux, X)
    assert jacobian(lambda a, x: a * x, argnums=1, sparse=True)(3.0, 2).toarray() == [[3.0]]
    assert jacobian(np.cumsum, sparse=True)(np.arange(3, dtype=np.float32)).dtype == np.float32


def test_sparse_of_many():
    x = np.linspace(0.0, 1.0, 100_000)
    found = jacobian(brusselator, sparse=True)(x)
    v = np.cos(np.arange(x.size))
    np.testing.assert_allclose(found @ v, jvp(brusselator, (x,), (v,))[1], rtol=1e-12, atol=1e-12)


def energy(x):
    return np.sum(np.sqrt(1 + (x[2:] - x[:-2]) ** 2)) + np.dot(np.diff(x) ** 2, x[1:]) + np.sum(x.reshape(4, 6)[1] ** 3)


def test_hessians(monkeypatch):
    expected = hessian(energy, mode="hyperdual")(X)
    np.testing.assert_allclose(hessian(energy, sparse=True)(X).toarray(), expected, rtol=1e-12, atol=1e-12)
    monkeypatch.setattr(Directions, "admit", lambda self, value: value.ndim and pytest.fail("made dense"))
    monkeypatch.setattr("dualnum.directions._FEW", 12)
    found, aux = hessian(lambda x: (energy(x), 2.0), sparse=True, has_aux=True)(X)
    assert aux == 2.0
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(hessian(energy, mode="forward-over-reverse")(X), expected, rtol=1e-12, atol=1e-12)
    with pytest.raises(InputError, match="forward-over-reverse"):
        hessian(energy, mode="hyperdual", sparse=True)
    with pytest.raises(ShapeError):
        hessian(lambda x: x[:2], sparse=True)(X)


def test_solvers():
    n = 300
    start = np.concatenate([1 + np.sin(2 * np.pi * np.linspace(0, 1, n)), np.full(n, 3.0)])
    options = {"t_span": (0.0, 0.5), "y0": start, "method": "BDF", "rtol": 1e-8, "atol": 1e-8}
    sparse = residuals(lambda t, y: brusselator(y), argnums=1, sparse=True)
    assert issparse(sparse.jac(0.0, start))
    found = solve_ivp(**sparse, **options)
    reference = solve_ivp(**residuals(lambda t, y: brusselator(y), argnums=1, mode="reverse"), **options)
    np.testing.assert_allclose(found.y[:, -1], reference.y[:, -1], rtol=1e-9)

    def banded(x):
        return (3 - 2 * x) * x + 1 - np.concatenate([[0.0], x[:-1]]) - 2 * np.concatenate([x[1:], [0.0]])

    root = least_squares(**residuals(banded, sparse=True), x0=-np.ones(n), method="trf", xtol=1e-14)
    np.testing.assert_allclose(banded(root.x), 0.0, atol=1e-9)


def test_sparse_where_it_does_not_fit():
    for options in ({"mode": "reverse"}, {"argnums": (0, 1)}, {"out": np.zeros(3)}, {"progress": True}):
        with pytest.raises(InputError, match="sparse=True"):
            jacobian(np.sin, sparse=True, **options)
    with pytest.raises(InputError, match="one array"):
        jacobian(lambda x: x["a"], sparse=True)({"a": X})
    with pytest.raises(InputError, match="outermost"):
        jacobian(lambda s: jacobian(lambda x: s * x, sparse=True)(X), mode="forward")(2.0)
