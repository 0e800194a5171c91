"""Jacobians by terms are those by blocks of directions, whatever a function does, or they are left to these."""

import threading

import numpy as np
import pytest

from dualnum import (
    DerivativeLostError,
    MutationError,
    NoRuleError,
    choose_mode,
    columns,
    grad,
    jacobian,
    jvp,
    value_and_jacobian,
)
from dualnum.columns import jacobian_by_terms
from dualnum.directions import Directions
from dualnum.sparse import SparseDual
from tests.sparse_checks import BY_TERMS, X, assert_agree

pytestmark = pytest.mark.usefixtures("few_are_enough")


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


def test_sums_are_no_way_round_the_limit(monkeypatch):
    monkeypatch.setattr("dualnum.directions._MOST_DENSE", 50)
    monkeypatch.setattr(Directions, "collect", lambda *_: pytest.fail("made dense"))
    assert jacobian_by_terms(lambda x: x.reshape(8, 3).sum(axis=0) * 2.0, X, False, "f") is None


def into_what_an_object_array_shows(x):
    y = x * 1.0
    elements = np.asarray(y)
    y[0] = 5.0
    return elements[:2]


def test_errors_of_the_function_are_those_of_blocks():
    for f, error in (
        (lambda x: np.asarray(x, float), DerivativeLostError),
        (lambda x: x[:2] + x[:3], ValueError),
        (lambda x: {}[x.size], KeyError),
        (lambda x: np.nan_to_num(np.nan * x, nan=x[0]), NoRuleError),
        (into_what_an_object_array_shows, MutationError),
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


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_convolutions_with_a_few_weights_are_sums_of_moved_copies(mode, count):
    x, weights = np.sin(np.arange(300.0)), np.cos(np.arange(count))
    for f in (
        lambda x: np.convolve(x**2, weights, mode),
        lambda x: np.convolve(weights.tolist(), x, mode=mode) * 2,
        lambda x: np.correlate(x, weights, mode),
        lambda x: np.correlate(weights, np.exp(x), mode=mode),
    ):
        results = []
        value, found, _ = jacobian_by_terms(
            lambda x, f=f, results=results: results.append(f(x)) or results[0], x, False, "f"
        )
        assert len(results[0]._terms) <= count
        np.testing.assert_array_equal(value, f(x))
        np.testing.assert_allclose(found, jacobian(f, mode="reverse")(x), rtol=1e-14, atol=1e-15)
    infinite = np.array([1.0, np.inf])
    assert jacobian_by_terms(lambda x: np.convolve(x, infinite), np.ones(600), False, "f") is None
