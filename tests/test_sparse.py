"""Jacobians by terms are those by blocks of directions, whatever a function does, or they are left to these."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares
from scipy.sparse import issparse
from scipy.special import betainc

from dualnum import (
    DerivativeLostError,
    InputError,
    ShapeError,
    choose_mode,
    columns,
    grad,
    hessian,
    jacobian,
    jvp,
    primal,
    residuals,
    value_and_jacobian,
)
from dualnum.columns import jacobian_by_terms, jacobian_of
from dualnum.directions import Directions
from dualnum.sparse import SparseDual
from dualnum.table import TABLE
from tests.row_checks import arguments, assert_same_bits, call, leaves, tree_map
from tests.samples import Sample
from tests.test_rows import SAMPLES

X = np.linspace(-1.3, 2.1, 24)


@pytest.fixture(autouse=True)
def _few_are_enough(monkeypatch):
    monkeypatch.setattr(columns, "FEWEST", 1)


def by_blocks(f, x):
    return jacobian_of(f, x.copy("K"), max(1, x.size), False, "f")[:2]


def assert_agree(f, x, allow_none=False):
    """Value and Jacobian by terms are those by blocks of directions; whether there were any by terms."""
    before = x.copy()
    found = jacobian_by_terms(f, x, False, "f")
    assert_same_bits(x, before)
    if found is None and allow_none:
        return False
    assert found is not None
    values, jacobians = by_blocks(f, x)
    for value, block, *expected in zip(*map(leaves, (*found[:2], values, jacobians)), strict=True):
        assert_same_bits(value, expected[0])
        assert block.dtype == expected[1].dtype
        # Of what is not a number, derivatives along directions that it does not depend on may be 0 or nan.
        free = np.isnan(expected[1]) & (block == 0) | np.isnan(value)[(..., *[None] * x.ndim)]
        block, expected = (np.where(free, 0.0, part) for part in (block, expected[1]))
        scale = np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected))
        np.testing.assert_allclose(block, expected, rtol=1e-12, atol=1e-13 * scale)
    return True


# What is done by terms from the beginning to the end


def brusselator(y):
    u, v = y[: y.size // 2], y[y.size // 2 :]
    u_padded, v_padded = np.concatenate([[1.0], u, [1.0]]), np.concatenate([[3.0], v, [3.0]])
    reaction = u**2 * v
    u_dot = 1 + reaction - 4 * u + 0.02 * (u_padded[2:] - 2 * u + u_padded[:-2])
    return np.concatenate([u_dot, 3 * u - reaction + 0.02 * (v_padded[2:] - 2 * v + v_padded[:-2])])


def filled(x):
    """As much code fills an array."""
    out = np.empty_like(x)
    out[0], out[-1] = 2 * x[0], x[-2] * x[-1]
    out[1:-1] = x[2:] - 2 * x[1:-1] + x[:-2]
    out += 0.5 * x
    out[3] *= 7.0
    out[4:6] = 1.0
    out[[7, 9]] = x[[8, 8]] ** 2
    out[x > 2.0] = np.sin(x[x > 2.0])
    return out


def filled_by_shape(x):
    out = np.zeros((2, 12), like=x)
    out[1] = x[::2]
    out[:, 1:3] = x[5:7] * x[8]
    return out


def upwind(x):
    flux = np.where(x > 0, x * np.roll(x, 1), np.roll(x, -1))
    return np.where(flux > 1, 1.0, np.maximum(flux, np.abs(x) - 1)) + np.clip(x, -0.5, 0.5)


def limited(x):
    slope = np.diff(x, prepend=0.0)
    ratio = slope[:-1] / (slope[1:] ** 2 + 1e-3)
    return np.sign(ratio) * np.minimum(np.fabs(ratio), 2.0) + np.gradient(x)[1:]


def grid(x):
    u = x.reshape(4, 6)
    padded = np.pad(u, 1)
    inner = padded[1:-1, 2:] + padded[1:-1, :-2] + padded[2:, 1:-1] + padded[:-2, 1:-1] - 4 * u
    return np.exp(-u) * inner + np.tile(u[:1], (4, 1)) + u.T.reshape(4, 6) + np.stack([u[0]] * 4)


def summed(x):
    u = x.reshape(3, 8)
    return [(u**2).sum(axis=0), u.T.mean(axis=1, keepdims=True), u[:2].sum(0) * u[2], np.sum(x[:4])]


def by_matrices(x):
    second = np.diag(np.full(24, -2.0)) + np.diag(np.ones(23), 1) + np.diag(np.ones(23), -1)
    some = np.zeros((5, 6))
    some[0, 5], some[3, 1:3] = 2.0, -1.0
    grid = x.reshape(6, 4)
    return [
        second @ x,
        np.dot(x, second[:, :7]),
        some @ grid,
        grid.T @ some.T,
        some @ x[:6] ** 2,
        np.eye(4, dtype=int) @ x[:4],
    ]


def stepped(x):
    for _ in range(3):
        x = x + 0.1 * (np.roll(x, 1) - 2 * x + np.roll(x, -1)) * x
    return x


def broadcast(x):
    return (
        x[:2, None] * np.ones((2, 3)) + np.outer([1.0, 2.0], [1.0, 0.0, -1.0]) - np.broadcast_to(x[3:6], (2, 3)) / x[:3]
    )


def repeated(x):
    return x[[0, 0, 5, -1, 5]] * x[[0, 1, 5, 2, 4]] + np.repeat(x[:1], 5) - np.take(x, [1, 2, 3, 4, 5])


def reversed_and_split(x):
    a, b = np.split(x[::-1], 2)
    first, *rest = np.array_split(x, 5)
    return [a * b, np.hstack([first, *rest]) + x, x.copy(), 2.0 / x, x % 0.7, x - x]


def updated(x):
    u = x.reshape(4, 6)
    out = -4 * u
    out[1:] += u[:-1]
    out[:, :-1] *= u[:, 1:]
    for row in out:
        row -= u[0]
    padded = np.pad(u, 1)
    padded[0] = padded[2]
    padded[:, -1] = padded[:, -3]
    padded[1:-1, 1:-1] += padded[1:-1, :-2]
    np.multiply(out, 2.0, out=out)
    np.add(out, padded[1:-1, 2:], out)
    return [out, padded, betainc(1.5, 2.0, u**2 / 5)]


BY_TERMS = [
    by_matrices,
    updated, brusselator, filled, filled_by_shape, upwind, limited, grid, summed, stepped, broadcast, repeated, reversed_and_split
]  # fmt: skip


@pytest.mark.parametrize("f", BY_TERMS, ids=lambda f: f.__name__)
def test_by_terms(f, monkeypatch):
    monkeypatch.setattr(Directions, "admit", lambda *_: pytest.fail("made dense"))
    monkeypatch.setattr("dualnum.directions._FEW", 10)
    assert_agree(f, X)


@pytest.mark.parametrize("at", [0.0, -0.0, np.inf, np.nan, 1e300, 5e-324])
def test_where_partials_are_not_finite(at):
    x = X.copy()
    x[3:8] = at

    def f(x):
        padded = np.concatenate([[0.0], x, [0.0]])
        roots = np.sqrt(np.abs(padded)) + np.sqrt(np.roll(padded, 1) ** 2)
        return [
            roots,
            1 / padded[1:],
            np.log(np.abs(padded)) * padded,
            np.arctan2(x, np.flip(x)),
            x**0.5,
            padded * 1e200 * padded,
        ]

    with np.errstate(all="ignore"):
        assert_agree(f, x)


# What is made dense on the way


def test_few_numbers_are_made_dense():
    def f(x):
        matrix = np.sin(np.arange(x.size**2)).reshape(x.size, -1)
        norm = np.sqrt(np.sum(x**2))
        y = x / norm + matrix @ x
        return [y, np.cumsum(x), np.sort(x) * x, norm * x[3], np.max(x), np.fft.rfft(x).real, [t * x[0] for t in x]]

    assert_agree(f, X)


def test_terms_become_too_many():
    def f(x):
        for _ in range(12):
            x = np.concatenate([x[1:] * x[:-1], [1.0]]) + x
        return x

    assert_agree(f, 0.1 * X)


# What is left to blocks of directions


def test_what_takes_too_much_memory_is_left_to_blocks(monkeypatch):
    monkeypatch.setattr("dualnum.directions._MOST_DENSE", 100)
    assert jacobian_by_terms(np.cumsum, X, False, "f") is None
    assert jacobian_by_terms(lambda x: x[:3].cumsum(), X, False, "f") is not None
    monkeypatch.setattr("dualnum.directions._MOST_IN_ALL", 100)
    assert jacobian_by_terms(lambda x: [np.sum(x), np.sum(x), np.sum(x), np.sum(x)], X, False, "f") is not None
    assert jacobian_by_terms(lambda x: [np.sum(x), np.sum(x), np.sum(x), np.sum(x), np.sum(x)], X, False, "f") is None


def into_a_view(x):
    y = x * 2.0
    z = y[2:5]
    z[0] = x[7]
    return y


def into_what_has_views(x):
    y = x * 2.0
    z = y[2:5]
    y[3] = x[7]
    return z * y[2:5]


def through_a_view(x):
    y = x * 2.0
    z = y[2:5]
    z += x[:3]
    z[...] = z * x[7]
    return y


def into_one_of_two_views(x):
    y = x * 2.0
    z, same = y[2:5], y[2:5]
    z += x[:3]
    return same


def into_what_is_seen_as_dense(x):
    y = x * 2.0
    z = y[2:5]
    same = np.real(z)
    y[3] = x[7]
    return same


def into_what_windows_see(x):
    y = x * 2.0
    windows = np.lib.stride_tricks.sliding_window_view(y, 3)
    y[3] = x[7]
    return windows


def into_what_was_reshaped(x):
    y = x * 2.0
    z = y.reshape(4, 6).T
    y[3:] += x[:-3]
    y[0] = z[1, 1]
    return y


def stored_where_it_no_longer_is(x):
    y, start, end = x * 2.0, np.array(2), np.array(5)
    z = y[start:end]
    start += 1
    end += 1
    z += x[:3]
    return y


def what_is_overwritten(x):
    y = x * 2.0
    z = y[:4]
    y[:4] = x[4:8]
    y[4:8] = z
    y[0], y[1:3] = y[2], y[:2]
    return y


def into_the_argument(x):
    y = x.reshape(4, 6)
    x[1] = x[2] * 3
    return y


def into_a_view_of_dense(x):
    y = np.cumsum(x).reshape(4, 6)
    y[1] *= 2.0
    z = np.reshape(x, (4, 6), copy=False)
    z[2, 2] = 1.0
    return y + z + x.reshape(4, 6)


def by_at(x):
    y = np.zeros_like(x)
    np.add.at(y, [1, 1, 2], x[:3])
    np.put(y, [4, 5], x[:2])
    return y


def into_the_tangent(x):
    x.tangent[...] = 0.0
    return x * 2.0


def into_a_view_by_einsum(x):
    y = x * 2.0
    z = np.einsum("ii->i", y[:16].reshape(4, 4))
    z[:] = x[:4] ** 2
    return y


def into_what_is_said_to_be_writable(x):
    y = x.reshape(4, 6)
    x.setflags(write=True)
    y[0] = 1.0
    return x * 1.0


def into_its_own_part(x):
    y = x + 0.0
    y[1:] = y[:-1]
    z = np.zeros_like(y)
    z[2:] += y[2:]
    z[[1, 1]] = y[[3, 4]]
    return [y, z]


def as_objects(x):
    y = x * 1.0
    z = np.asarray(y)
    return [np.stack(list(z)), y[0] + z[1]]


UPDATES = [
    into_a_view,
    into_what_has_views,
    through_a_view,
    into_one_of_two_views,
    into_what_is_seen_as_dense,
    into_what_windows_see,
    into_what_was_reshaped,
    stored_where_it_no_longer_is,
    what_is_overwritten,
    into_the_argument,
    into_a_view_of_dense,
    into_the_tangent,
    into_a_view_by_einsum,
    into_what_is_said_to_be_writable,
    into_its_own_part,
    by_at,
    as_objects,
]


@pytest.mark.parametrize("f", UPDATES)
def test_updates(f):
    assert_agree(f, X, allow_none=True)
    np.testing.assert_equal(value_and_jacobian(f, mode="forward")(X), by_blocks(f, X))


@pytest.mark.parametrize("write", UPDATES)
def test_errors_that_the_function_catches(write):
    def f(x):
        try:
            return write(x)
        except Exception:
            return x * 0.0

    expected = by_blocks(f, X)
    found = jacobian_of(f, X.copy(), None, False, "f")[:2]
    np.testing.assert_equal(found, expected)


def test_errors_of_the_function_are_those_of_blocks():
    for f, error in (
        (lambda x: np.asarray(x, float), DerivativeLostError),
        (lambda x: x[:2] + x[:3], ValueError),
        (lambda x: {}[x.size], KeyError),
    ):
        with pytest.raises(error):
            jacobian(f, mode="forward")(X)


# Around it


def test_the_function_runs_once(monkeypatch):
    runs = []

    def f(x):
        runs.append(isinstance(x, SparseDual))
        return np.roll(x, 1) * x

    monkeypatch.setattr(columns, "FEWEST", 20)
    jacobian(f, mode="forward")(X)
    assert runs == [True]
    jacobian(f, mode="forward", chunk=5)(X)
    assert len(runs) == 6
    assert not any(runs[1:])


def test_auto_takes_terms_where_there_are_many_outputs(monkeypatch):
    monkeypatch.setattr(columns, "FEWEST", 20)
    kinds = []

    def f(x):
        kinds.append(isinstance(x, SparseDual))
        return np.sum(np.exp(x.reshape(40, 10)) ** 2, axis=axis)

    axis = 1
    x = np.linspace(0.0, 1.0, 400)
    choice = choose_mode(f, x)
    assert choice.by_terms and choice.reverse_cost < choice.forward_cost
    assert str(choice).startswith(
        "forward mode, of the derivatives that are not zero alone; else n = 400 directions take"
    )
    assert not choose_mode(lambda x: np.sort(np.exp(x)) @ np.ones((800, 40)), np.ones(800)).by_terms
    kinds.clear()
    both = value_and_jacobian(f)
    found = both(x)[1]
    assert kinds == [False, True]
    np.testing.assert_allclose(found, jacobian(f, mode="reverse")(x), rtol=1e-12, atol=1e-12)
    kinds.clear()
    both(x)
    assert kinds == [True]
    kinds.clear()
    axis = None
    jacobian(f)(x)
    assert not any(kinds)


def test_results_can_be_updated():
    value, found, aux = jacobian_by_terms(lambda x: (x.reshape(4, 6), {"x": x, "y": 2 * x, "n": "name"}), X, True, "f")
    assert aux["n"] == "name"
    for array in (value, found, aux["x"], aux["y"]):
        array[0] = 5.0
    assert np.all(value[1] == X[6:12])
    assert np.all(found[0] == 5.0)


def test_of_a_matrix():
    x = np.asfortranarray(X.reshape(4, 6))
    assert_agree(lambda x: [x[1:] * x[:-1], x.T[2] + x[:, 0].sum(), x.ravel(order="K")], x)


def test_derivatives_inside():
    def energy(u):
        return np.sum(np.cos(u[1:] - u[:-1]))

    def f(x):
        along = jvp(lambda u: u * np.roll(u, 1), (x,), (np.cos(x),))[1]
        return grad(energy)(x) + along + jacobian(lambda t: t * x[:2].sum() + x)(2.0)

    assert_agree(f, X)
    nested = jacobian(lambda x: jacobian(lambda y: y * x, mode="forward")(x * 2.0).sum(0), mode="forward")
    np.testing.assert_allclose(nested(X), np.eye(X.size), atol=1e-14)


def test_in_other_threads():
    def f(x):
        found = {}
        threads = [threading.Thread(target=lambda i=i: found.update({i: np.roll(x, i) * x})) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(found[i] for i in range(4))

    assert_agree(f, X)


def test_numbers_of_an_outer_derivative():
    inner = jacobian(lambda x: np.roll(x, 1) * x, mode="forward")
    outer = jacobian(lambda s: inner(s * X).sum(), mode="forward")
    np.testing.assert_allclose(outer(2.0), 2 * X.sum(), rtol=1e-13)


def test_places_that_are_no_more_are_forgotten():
    """A loop that fills an array makes new ones with each element."""
    known = []

    def f(x):
        out = np.zeros_like(x)
        for i in range(1, x.size - 1):
            out[i] = x[i - 1] - 2 * x[i] + x[i + 1]
        known.append(max(map(len, x._directions._known.values())))
        return out

    found = jacobian(f, sparse=True)(np.ones(200))
    assert found.nnz == 3 * 198
    assert known[0] < 10


def test_sums_are_no_way_round_the_limit(monkeypatch):
    monkeypatch.setattr("dualnum.directions._MOST_DENSE", 50)
    monkeypatch.setattr(Directions, "collect", lambda *_: pytest.fail("made dense"))
    assert jacobian_by_terms(lambda x: x.reshape(8, 3).sum(axis=0) * 2.0, X, False, "f") is None


# As a sparse matrix


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
            assert matrix.nnz == np.count_nonzero(matrix.toarray()) <= np.count_nonzero(block) + np.sum(block == 0)
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


# Every row


def of_vector(sample):
    """A sample as a function of one vector, that of its active arguments; mixed, so that there are several terms."""
    args = arguments(sample)
    parts = [x for i in sample.active for x in leaves(args[i])]
    ends = np.cumsum([0, *[np.size(x) for x in parts]])
    z = np.concatenate([np.real(np.ravel(x)).astype(float) for x in parts])

    def function(z):
        z = z + 0.25 * (np.roll(z, 1) - primal(np.roll(z, 1)))
        pieces = iter([z[a:b].reshape(np.shape(x)) for a, b, x in zip(ends, ends[1:], parts, strict=False)])
        given = [
            tree_map(lambda x: next(pieces)[()].astype(x.dtype), arg) if i in sample.active else arg
            for i, arg in enumerate(args)
        ]
        result = call(sample, given)
        return [y for y in leaves(result) if getattr(y, "dtype", np.dtype(object)).kind in "fc"]

    return function, z


def check_row(sample):
    """A few terms are allowed, and any number."""
    function, z = of_vector(sample)
    assert_agree(function, z, allow_none=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dualnum.directions._FEW", 10**6)
        assert_agree(function, z, allow_none=True)


@pytest.mark.parametrize("sample", [pytest.param(sample, id=label) for label, sample in SAMPLES])
def test_row(sample):
    check_row(sample)


@pytest.mark.parametrize(("function", "flag"), [(np.cumsum, "moves"), (np.sort, "pointwise")])
def test_rows_can_be_found_wrong(function, flag, monkeypatch):
    monkeypatch.setitem(TABLE, function, replace(TABLE[function], **{flag: True}))
    with pytest.raises(AssertionError):
        check_row(Sample(function, (np.array([3.0, 1.0]),)))
