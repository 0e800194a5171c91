"""What a tape keeps, and that nothing is left of it."""

import gc
import tracemalloc

import numpy as np
import pytest

from dualnum import Tape, grad, vjp
from dualnum.tape.recording import Recorder
from dualnum.tape.tape import new_leaf


def held(function, *values):
    """Bytes that the nodes of a function hold, beside its arguments."""
    with Tape() as tape:
        xs = [tape.variable(value) for value in values]
        function(*xs)
        own = {id(x._value) for x in xs}
    arrays = {}
    for node in tape.nodes:
        for array in node.plan.arrays(node.saved) if node.plan is not None else ():
            if id(array) not in own and any(array.strides):
                arrays[id(array)] = array
    return sum(array.nbytes for array in arrays.values())


X = np.linspace(1.0, 2.0, 100)
GRID = X.reshape(10, 10)


@pytest.mark.parametrize(
    ("function", "arrays"),
    [
        (lambda x: x + x, 0), (lambda x: -x, 0), (lambda x: x - 3, 0), (lambda x: 2 * x, 0), (np.sum, 0), (np.mean, 0), (lambda x: x[2:], 0),
        (lambda x: x.reshape(10, 10).T, 0), (lambda x: np.concatenate([x, x]), 0), (np.cumsum, 0), (np.sinh, 0), (lambda x: x**2, 0),
        (np.exp, 1), (np.sqrt, 1), (lambda x: x / 2, 0), (lambda x: np.exp(np.exp(x)), 2), (np.diff, 0), (lambda x: x * x, 0),
        (lambda x: np.where(np.arange(100) > 50, x, 0.0), 0.125), (lambda x: np.ones(100) * x, 1), (lambda x: np.ones(100) + x, 0),
    ],
)  # fmt: skip
def test_nothing_is_kept_that_is_not_needed(function, arrays):
    assert held(function, X) == arrays * X.nbytes


def test_products_keep_the_other_factor():
    assert held(lambda a: a @ np.ones((10, 10)), GRID) == GRID.nbytes  # a copy, for a plain array can change unseen
    assert held(lambda a: np.ones((10, 10)) @ a, GRID) == GRID.nbytes
    assert held(lambda a, b: a @ b, GRID, GRID + 1) == 0  # both are arguments


def test_long_chains_need_no_stack_and_leave_nothing():
    def chain(x):
        for i in range(100_000):
            x = x + 1e-6 if i % 2 else x * 1.000001
        return x

    expected = 1.000001**50_000
    grad(chain)(1.0)
    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        assert grad(chain)(1.0) == pytest.approx(expected, rel=1e-10)
        after, peak = tracemalloc.get_traced_memory()
        assert peak - before > 1e7
        assert after - before < 3e5  # the tuples that Python keeps for reuse
        assert gc.collect() == 0
    finally:
        tracemalloc.stop()
        gc.enable()


def test_long_chains_of_views():
    with Tape() as tape:
        x = tape.variable(np.ones(2)).copy()
        y = x
        for _ in range(20_000):
            y = y.T[:]
        x[0] = 5.0
        total = np.sum(y * y)
    tape.backward(total)
    np.testing.assert_array_equal(x.adjoint, [10, 2])


def test_branches_that_nobody_uses_are_dropped():
    recorder = Recorder()
    recorder.start()
    try:
        x = new_leaf(np.ones(3), recorder)
        y = x
        for _ in range(10_000):
            np.exp(np.sin(x) * 2)
            y = y * 1.0001
        assert len(recorder.nodes) < 30_000
        assert sum(node.plan is not None and node.plan.name == "numpy.multiply" for node in recorder.nodes) >= 10_000
    finally:
        recorder.stop()


def test_dropping_branches_keeps_what_is_used():
    def f(x):
        y, kept = x, []
        for i in range(6_000):
            z = np.sin(x) * 1e-3
            if i % 10 == 0:
                kept.append(z)
            y = y + z if i % 3 == 0 else y * 1.0001
        return np.sum(y) + np.sum(sum(kept))

    x = np.array([0.3, 0.7])
    h = 1e-6
    slope = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(grad(f)(x), slope, rtol=1e-8)


def test_pullback_frees_its_tape():
    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        _, pullback = vjp(lambda x: np.sum(np.exp(np.sin(x))), np.ones(100_000))
        pullback(1.0)
        assert tracemalloc.get_traced_memory()[0] > 1.5e6
        del pullback
        assert tracemalloc.get_traced_memory()[0] < 1e5
    finally:
        tracemalloc.stop()
        gc.enable()


def test_a_function_that_fails_leaves_nothing():
    def f(x):
        np.exp(np.sin(x))
        raise RuntimeError("no")

    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(3):
            with pytest.raises(RuntimeError):
                grad(f)(np.ones(100_000))
        gc.collect()  # an exception and its traceback refer to each other
        assert tracemalloc.get_traced_memory()[0] < 1e6
    finally:
        tracemalloc.stop()
    assert grad(np.sum)(np.ones(2)).tolist() == [1, 1]


def iterated(matrix, change=None, steps=4):
    """Result of some steps with a matrix that may change between them, bytes that the tape holds, and the gradient."""

    def step_by_step(u):
        for i in range(steps):
            u = matrix @ u
            if change is not None:
                change(matrix, i)
        return np.sum(u)

    u = np.linspace(1.0, 2.0, matrix.shape[1])
    before = matrix.copy()
    bytes_held = held(step_by_step, u)
    matrix[...] = before
    gradient = grad(step_by_step)(u)
    matrix[...] = before
    matrices = []
    for i in range(steps):
        matrices.append(matrix.copy())
        if change is not None:
            change(matrix, i)
    expected = np.ones(len(matrix))
    for a in reversed(matrices):
        expected = a.T @ expected
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)
    return bytes_held // matrix.nbytes


def test_a_constant_that_is_saved_again_is_kept_once():
    matrix = np.random.default_rng(60).normal(size=(64, 64)) / 8
    assert iterated(matrix) == 1
    assert iterated(matrix.T) == 1  # a view, made once
    assert held(lambda u: np.sum((matrix.T @ u) * (matrix.T @ u)), np.ones(64)) // matrix.nbytes == 1
    bits = np.full((64, 64), np.nan)
    assert held(lambda u: bits @ (bits @ u), np.ones(64)) // bits.nbytes == 1
    waves = matrix + 1j * matrix
    assert held(lambda u: waves[:, ::-1] @ (waves[:, ::-1] @ u), np.ones(64)) // waves.nbytes == 1


def scaled(matrix, i):
    matrix *= 1.5


def changed_at_the_end(matrix, i):
    matrix[-1, -1] += 1


def changed_once(matrix, i):
    if i == 1:
        matrix[3, 5] = -matrix[3, 5]


@pytest.mark.parametrize(("change", "copies"), [(scaled, 4), (changed_at_the_end, 4), (changed_once, 2)])
def test_a_constant_that_changes_is_copied_again(change, copies):
    assert iterated(np.random.default_rng(61).normal(size=(64, 64)) / 8, change) == copies


def test_the_sign_of_a_zero_counts_in_constants():
    zeros = np.zeros(5000)

    with Tape() as tape:
        x = tape.variable(np.ones(5000))
        x * zeros
        zeros[7] = -0.0
        x * zeros
    assert [bool(np.signbit(node.saved[7])) for node in tape.nodes[1:]] == [False, True]


@pytest.mark.parametrize(
    "function", [lambda x, c: np.sum(x * c), lambda x, c: c @ x, lambda x, c: np.convolve(x, c)[3]]
)
def test_constants_in_files_are_copied(function, tmp_path):
    c = np.memmap(tmp_path / "constants", float, "w+", shape=(3,))
    c[:] = [1.0, 2.0, 4.0]
    x = np.array([0.5, 0.25, 2.0])
    expected = grad(function)(x, np.array(c))
    pullback = vjp(lambda x: function(x, c), x)[1]
    c[:] = 0.0
    np.testing.assert_array_equal(pullback(1.0)[0], expected)


def test_indices_in_files_are_copied(tmp_path):
    i = np.memmap(tmp_path / "indices", np.int64, "w+", shape=(2,))
    i[:] = [0, 2]
    pulled = [vjp(f, np.arange(3.0))[1] for f in (lambda x: x[i], lambda x: np.take(x, i), lambda x: x[None][0, i])]
    i[:] = 1
    for pullback in pulled:
        np.testing.assert_array_equal(pullback(np.ones(2))[0], [1.0, 0.0, 1.0])
