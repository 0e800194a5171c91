"""taylor: work that grows as a power of the order, not by a factor with each order; counted, not timed."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import special

from dualnum import taylor
from dualnum.dispatch import OBSERVER
from tests.test_taylor import V, X, by_nesting, relative_error


def operations(f, x, v, order):
    """Number of primitives that are applied to series."""
    count = 0

    def observe(row, args, out):
        nonlocal count
        count += 1

    token = OBSERVER.set(observe)
    try:
        taylor(f, x, v, order)
    finally:
        OBSERVER.reset(token)
    return count


MATRIX = np.diag([2.0, 3.0, 4.0]) + np.outer(X, V)
#: Functions whose partials call each other, or the function itself several times.
TANGLED = {
    "expit": special.expit,
    "log_expit": special.log_expit,
    "logaddexp": lambda x: np.logaddexp(x, x * x),
    "j0": special.j0,
    "jv": lambda x: special.jv(2.5, 1 + x * x),
    "kv": lambda x: special.kv(1.3, 1 + x * x),
    "power": lambda x: (1 + x * x) ** x,
    "float_power": lambda x: np.float_power(1 + x * x, x),
    "where": lambda x: np.where(x > 0, np.sin(x), x),
    "jve": lambda x: special.jve(1.2, 1 + x * x),
    "absolute": lambda x: np.abs(x + 1j * x * x),
    "inv": lambda x: np.linalg.inv(MATRIX * x),
    "det": lambda x: np.linalg.det(MATRIX * x),
    "cholesky": lambda x: np.linalg.cholesky(MATRIX @ MATRIX.T + np.diag(x * x)),
    "eigh": lambda x: np.linalg.eigh(MATRIX + MATRIX.T + np.diag(x * x)),
    "solve": lambda x: np.linalg.solve(MATRIX * x, x),
}


@pytest.mark.parametrize("name", TANGLED)
def test_twice_the_order_takes_at_most_ten_times_the_work(name):
    few, many = (operations(TANGLED[name], X, V, order) for order in (5, 10))
    assert 0 < many <= 10 * few


@pytest.mark.parametrize(
    ("f", "reference"),
    [
        (special.expit, lambda x: 1 / (1 + mpmath.exp(-x))),
        (lambda x: np.logaddexp(x, x * x), lambda x: mpmath.log(mpmath.exp(x) + mpmath.exp(x * x))),
        (lambda x: special.jv(2.5, x), lambda x: mpmath.besselj(2.5, x)),
        (lambda x: special.kv(1.5, x), lambda x: mpmath.besselk(1.5, x)),
        (lambda x: (1 + x) ** x, lambda x: (1 + x) ** x),
        (lambda x: 2**x, lambda x: mpmath.power(2, x)),
    ],
)
def test_what_is_remembered_is_right(f, reference):
    assert relative_error(f, reference, 0.7) < 1e-11


def test_remembers_series_by_all_their_coefficients():
    """Two arguments with the same value and the same velocity, but not the same acceleration."""

    def both(t):
        return np.logaddexp(special.expit(t + t * t), special.expit(t))

    found = taylor(both, 0.0, 1.0, 4)
    expected = [by_nesting(both, np.zeros(1), np.ones(1), n)[0] / np.prod(np.arange(1.0, n + 1)) for n in range(1, 5)]
    assert np.allclose(found[1:], expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("moving", ["both", "matrix", "vector"])
@pytest.mark.parametrize("shape", [(3,), (3, 2), (2, 3, 2)])
def test_linear_systems(moving, shape):
    rng = np.random.default_rng(3)
    a, a_dot = MATRIX, rng.normal(size=(3, 3)) * (moving != "vector")
    b, b_dot = rng.normal(size=(2, *shape)) * np.array([1, moving != "matrix"]).reshape(2, *(1,) * len(shape))

    def solved(t):
        return np.linalg.solve(a + t * a_dot if moving != "vector" else a, b + t * b_dot if moving != "matrix" else b)

    found = taylor(solved, 0.0, 1.0, 6)
    assert found.shape == (7, *shape)
    columns = found[..., None] if len(shape) == 1 else found
    product = a @ columns
    product[1:] += a_dot @ columns[:-1]
    expected = np.zeros_like(found)
    expected[:2] = b, b_dot
    assert np.allclose(product.reshape(expected.shape), expected, rtol=0, atol=1e-12)
