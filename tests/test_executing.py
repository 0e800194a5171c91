"""Derivatives in pieces: on threads, processes, loky and a dask cluster, with workers that fail, and into `out`."""

import functools
import math
import multiprocessing
import os
import pickle
import re
import sys
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from dualnum import (
    DerivativeLostError,
    Dual,
    ExecutionError,
    InputError,
    MissingExtraError,
    ShapeError,
    Tape,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacobian_columns,
    jacrev,
    propagate,
    value_and_jacobian,
)
from dualnum.executing import Piece, Plan

X = np.linspace(0.5, 1.5, 11)
MODES = ["forward", "reverse"]
HESSIANS = ["hyperdual", "forward-over-reverse", "reverse-over-reverse", "forward-over-forward"]


# Functions that go to other processes: by their names.


def vector(x, scale=1.0):
    return np.cumsum(np.sin(x) * scale) ** 2 + x[::-1]


def matrix(x):
    return np.stack([x**2, np.exp(-x) * np.sum(x)])


def scalar(x):
    return np.sum(np.sin(x) * np.roll(x, 1) ** 2)


def tree(t):
    return {"s": t["a"] * np.sum(t["b"] ** 2), "v": t["b"] ** 2 * t["a"]}


class Remembering:
    """Keeps what it has computed for the last point, as objectives that share a simulation do."""

    last = None

    def squares(self, x):
        if self.last is None or not np.array_equal(x, self.last):
            self.last, self.known = x.copy(), x**2
        return self.known

    def total(self, x):
        return np.sum(self.squares(x))


def squares(z):
    return z**2 * np.sum(z)


def with_aux(x):
    return x**2, "handed through"


def fails_at(index, x):
    """Raise where the directions of that element are in the piece, as a function may that fails for some directions."""
    if isinstance(x, Dual) and np.any(x.tangent[..., index]):
        raise ArithmeticError("nothing to be done")
    return x**2


def loses_on_workers(x):
    return math.sin(x[0]) if np.any(x.tangent) else x[0]


def kills_at(index, x):
    if isinstance(x, Dual) and np.any(x.tangent[..., index]):
        os._exit(1)
    return x**2


def kills_once(path, index, x):
    """End the process that takes this piece, the first time."""
    if isinstance(x, Dual) and np.any(x.tangent[..., index]) and not os.path.exists(path):
        with open(path, "w"):
            pass
        os._exit(1)
    return np.outer(np.arange(1.0, 41.0), x).sum(axis=0) * x


def divides(x):
    return x / (x - 1)


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture(scope="module")
def processes():
    # Not forked: threads of other executors may hold locks.
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.fixture(params=["threads", "processes"])
def executor(request):
    return request.getfixturevalue(request.param)


class Inline(Executor):
    """Does things at once, or when it is told to; and knows what it was asked for."""

    def __init__(self, workers=2, delayed=False):
        self._max_workers = workers
        self.delayed = delayed
        self.futures = []

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.futures.append(future)
        if not self.delayed:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:
                future.set_exception(error)
        return future


# The results


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", [vector, matrix])
def test_jacobians_are_the_same_bits(executor, mode, f):
    for chunk in (1, 4, 100):
        expected = jacobian(f, mode=mode, chunk=chunk)(X)
        out = np.full(expected.shape, np.nan)
        assert jacobian(f, mode=mode, chunk=chunk, executor=executor, out=out)(X) is out
        np.testing.assert_array_equal(out, expected)
        out[:] = np.nan
        assert jacobian(f, mode=mode, chunk=chunk, out=out)(X) is out  # and here, without an executor
        np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(jacobian(f, mode=mode, executor=executor)(X), expected, rtol=1e-14)


@pytest.mark.parametrize("mode", HESSIANS)
def test_hessians_are_the_same_bits(executor, mode):
    for f in (scalar, matrix):
        expected = hessian(f, mode=mode, chunk=3)(X)
        out = np.full(expected.shape, np.nan)
        assert hessian(f, mode=mode, chunk=3, executor=executor, out=out)(X) is out
        np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(hessian(scalar, mode=mode, executor=executor)(X), hessian(scalar)(X), atol=1e-14)


def test_columns_come_in_order(executor):
    expected = jacobian(matrix, mode="forward", chunk=2)(X)
    columns = list(jacobian_columns(matrix, X, chunk=2, executor=executor))
    np.testing.assert_array_equal(np.stack(columns, axis=-1), expected)
    out = np.full(expected.shape, np.nan)
    for j, column in enumerate(jacobian_columns(matrix, X, chunk=2, executor=executor, out=out)):
        assert np.shares_memory(column, out)
        np.testing.assert_array_equal(column, expected[..., j])
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(list(jacobian_columns(np.sin, 0.3, executor=executor)), [np.cos(0.3)])
    assert list(jacobian_columns(np.sin, [], executor=executor)) == []


@pytest.mark.parametrize("order", [1, 2])
def test_propagate(executor, order):
    covariance = np.diag(0.01 * X)
    expected = propagate(vector, X, covariance, order=order)
    out = np.full((11, 11), np.nan)
    found = propagate(vector, X, covariance, order=order, executor=executor, out=out)
    assert found.covariance is out
    np.testing.assert_allclose(out, expected.covariance, rtol=1e-12)
    np.testing.assert_allclose(found.value, expected.value, rtol=1e-14)
    found = propagate(vector, X, covariance, order=order, executor=executor)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_trees_several_arguments_and_what_is_handed_through(executor, mode):
    t = {"a": 2.0, "b": np.arange(3.0)}
    options = {"mode": mode, "chunk": 2}
    assert repr(jacobian(tree, executor=executor, **options)(t)) == repr(jacobian(tree, **options)(t))
    assert repr(hessian(tree, executor=executor)(t)) == repr(hessian(tree)(t))
    y, (J0, J1) = value_and_jacobian(np.multiply, (0, 1), mode=mode, executor=executor)(X, 3.0)
    np.testing.assert_array_equal(y, 3 * X)
    np.testing.assert_array_equal(J0, 3 * np.eye(11))
    np.testing.assert_array_equal(J1, X)
    J, aux = jacobian(with_aux, has_aux=True, executor=executor, **options)(X)
    assert aux == "handed through"
    np.testing.assert_array_equal(J, np.diag(2 * X))
    np.testing.assert_array_equal(hessian(with_aux, has_aux=True, executor=executor)([3.0])[0], [[[2.0]]])
    np.testing.assert_array_equal(
        jacobian(vector, executor=executor, **options)(X, scale=2.0), jacobian(vector, **options)(X, scale=2.0)
    )
    z = X[:3] + 1j
    np.testing.assert_array_equal(
        jacobian(squares, holomorphic=True, executor=executor, **options)(z),
        jacobian(squares, holomorphic=True, **options)(z),
    )
    J = jacobian(np.sin, mode=mode, executor=executor)(0.3)
    assert type(J) is np.float64 and np.cos(0.3) == J
    assert jacobian(vector, mode=mode, executor=executor)(np.ones((0,))).shape == (0, 0)
    assert jacobian(np.square, mode=mode, executor=executor)(np.float32([1, 2])).dtype == np.float32


@pytest.mark.parametrize("mode", MODES)
def test_arguments_are_not_touched(threads, mode):
    def in_place(x, y):
        x *= y
        y += 1
        return x

    x, y = X.copy(), X.copy()
    np.testing.assert_array_equal(jacobian(in_place, mode=mode, chunk=2, executor=threads)(x, y), np.diag(X))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, X)


def test_loky_sends_functions_by_their_code():
    a = 2.0
    executor = pytest.importorskip("loky").ProcessPoolExecutor(1)
    try:
        np.testing.assert_array_equal(jacobian(lambda x: a * x**2, executor=executor)(X), np.diag(2 * a * X))
    finally:
        executor.shutdown(kill_workers=True)


# How it is cut, and when it is sent


@pytest.mark.parametrize(
    ("n", "workers", "count"),
    [(5, 3, 3), (60, 3, 3), (500, 3, 8), (1500, 3, 12), (3, 8, 3), (2000, 2, 21)],
)
def test_every_worker_gets_pieces(n, workers, count):
    """One, and up to four as long as they stay large; never larger than without an executor."""
    for take in (jacfwd, jacrev):
        executor = Inline(workers)
        found = take(doubled, executor=executor)(np.ones(n))
        np.testing.assert_array_equal(found, 2 * np.eye(n))
        assert len(executor.futures) == count
    executor = Inline(workers)
    jacobian(doubled, chunk=n // 2 + 1, executor=executor)(np.ones(n))
    assert len(executor.futures) == 2


def doubled(x):
    return 2 * x


def test_results_do_not_pile_up():
    """Only some pieces are under way at a time, and they are cancelled when nobody takes the rest."""
    executor = Inline(2)
    columns = jacobian_columns(vector, X, chunk=1, executor=executor)
    assert len(executor.futures) == 0
    next(columns)
    assert len(executor.futures) == 6
    next(columns)
    assert len(executor.futures) == 7
    executor.delayed = True
    next(columns)
    columns.close()
    assert [future.cancelled() for future in executor.futures[-2:]] == [False, True]


def test_what_is_sent_is_small(processes):
    """The function, the point and where a piece begins; neither directions nor a tape."""
    sizes = []

    class Measuring(Inline):
        def submit(self, fn, /, *args):
            sizes.append(len(pickle.dumps((fn, args))))
            return super().submit(fn, *args)

    x = np.ones(1000)
    jacobian(vector, executor=Measuring())(x)
    assert max(sizes) < x.nbytes + 1000
    jacrev(vector, executor=Measuring())(x)
    assert max(sizes) < x.nbytes + 1000


def test_errstate_goes_along(executor):
    """Floating-point errors are handled there as they are here."""
    with np.errstate(all="ignore"):
        assert np.isinf(jacobian(divides, executor=executor)([1.0, 2.0])[0, 0])
    with np.errstate(divide="raise", invalid="raise"), pytest.raises(FloatingPointError):
        jacobian(divides, executor=executor)([1.0, 2.0])


# Where it is refused


def test_what_a_function_keeps_for_a_point_is_not_taken_for_a_constant(executor):
    for take in (
        lambda f: jacobian(f.squares, mode="forward", executor=executor)(X),
        lambda f: jacobian(f.squares, mode="forward", out=np.empty((11, 11)))(X),
        lambda f: jacobian(f.squares, mode="reverse", executor=executor)(X),
        lambda f: hessian(f.total, executor=executor)(X),
        lambda f: list(jacobian_columns(f.squares, X, executor=executor)),
        lambda f: propagate(f.squares, X, X, executor=executor),
    ):
        with pytest.raises((InputError, ExecutionError), match="earlier run"):
            take(Remembering())


class Drawing:
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __call__(self, x):
        return x**2 * self.rng.normal(size=np.shape(x))

    def total(self, x):
        return np.sum(self(x))


def test_a_function_that_changes_from_piece_to_piece_is_refused(executor):
    for take in (
        lambda f: jacobian(f, mode="forward", executor=executor)(X),
        lambda f: jacobian(f, mode="reverse", executor=executor)(X),
        lambda f: hessian(f.total, mode="hyperdual", executor=executor)(X),
        lambda f: list(jacobian_columns(f, X, executor=executor)),
    ):
        with pytest.raises((InputError, ExecutionError), match="run again"):
            take(Drawing())


def test_inside_of_another_derivative(threads):
    message = "outermost"
    with pytest.raises(InputError, match=message):
        jacobian(lambda x: jacobian(np.sin, executor=threads)(x))(X)
    with pytest.raises(InputError, match=message):
        grad(lambda x: np.sum(jacobian(np.sin, out=np.empty((11, 11)))(x)))(X)
    with pytest.raises(InputError, match=message):
        jacobian(np.sin, executor=threads)(Dual(2.0, 1.0))
    with pytest.raises(InputError, match=message), Tape():
        jacobian(np.sin, progress=True)(X)
    outside = Dual(2.0, 1.0)
    for take in (jacobian, hessian, lambda f, **options: lambda x: list(jacobian_columns(f, x, **options))):
        with pytest.raises(InputError, match=message):
            take(lambda x: outside * x[0] ** 2, executor=threads)(X[:2])
    with pytest.raises(InputError, match=message):
        propagate(lambda x: outside * x, X, X, out=np.empty((11, 11)))
    # On a worker of the same executor, too, which would else wait for itself.
    with pytest.raises(ExecutionError, match=message):
        here = threading.current_thread()
        jacobian(
            lambda x: np.diag(x) if threading.current_thread() is here else jacobian(np.sin, executor=threads)(x),
            executor=threads,
        )(X)
    # But derivatives may be taken on the workers.
    np.testing.assert_array_equal(jacobian(jacobian(np.square), executor=threads)([1.0, 2.0])[1], [[0, 0], [0, 2]])


def test_other_executors():
    class Client:
        def submit(self, fn, *args):
            raise AssertionError("asked to do something")

    with pytest.raises(InputError, match=r"got Client\. .*get_executor"):
        jacobian(vector, executor=Client())


@pytest.mark.parametrize("mode", MODES)
def test_out_is_checked_before(threads, mode):
    calls = []

    def f(x):
        calls.append(x)
        return np.outer(x**2, [1.0, 2.0, 3.0])

    x = np.ones((2, 2))
    good = np.zeros((4, 3, 2, 2))
    read_only = good.view()
    read_only.flags.writeable = False
    strided = np.zeros((4, 3, 2, 4))[..., ::2]
    torn = np.zeros((4, 3, 2, 2)).swapaxes(2, 3) if mode == "forward" else np.zeros((3, 4, 2, 2)).swapaxes(0, 1)
    for out, kind, message in [
        (np.zeros((4, 3, 4)), ShapeError, r"\(4, 3, 4\).*\(4, 3, 2, 2\)"),
        (np.zeros((4, 3, 2, 2), int), InputError, "int64"),
        (np.zeros((4, 3, 2, 2), object), InputError, "object"),
        (read_only, InputError, "read-only"),
        ([0.0], InputError, "list"),
        (torn, InputError, "contiguous"),
    ]:
        calls.clear()
        with pytest.raises(kind, match=message):
            jacobian(f, mode=mode, out=out, executor=threads)(x)
        assert len(calls) <= 1
        assert not np.any(out)
    jacobian(f, mode=mode, out=strided, executor=threads)(x)
    np.testing.assert_array_equal(strided, jacobian(f)(x))
    with pytest.raises(InputError, match="one array"):
        jacobian(tree, out=good)({"a": 1.0, "b": X})
    with pytest.raises(InputError, match="one array"):
        hessian(tree, mode="hyperdual", out=good)({"a": 1.0, "b": X})
    with pytest.raises(InputError, match="complex"):
        jacobian(squares, mode=mode, holomorphic=True, out=np.zeros((3, 3)))(X[:3] + 1j)


def test_out_may_have_less_precision(threads):
    out = np.zeros((11, 11), np.float32)
    jacobian(vector, executor=threads, out=out)(X)
    np.testing.assert_array_equal(out, jacobian(vector)(X).astype(np.float32))
    out = np.zeros((11, 11), np.float32)
    hessian(scalar, mode="hyperdual", executor=threads, out=out)(X)
    np.testing.assert_allclose(out, hessian(scalar)(X), rtol=1e-6, atol=1e-6)


def test_memmap(processes, tmp_path):
    out = np.memmap(tmp_path / "J", np.float64, "w+", shape=(11, 11), order="F")
    assert jacobian(vector, executor=processes, chunk=3, out=out)(X) is out
    again = np.memmap(tmp_path / "J", np.float64, "r", shape=(11, 11), order="F")
    np.testing.assert_array_equal(again, jacobian(vector, chunk=3)(X))


# What fails


def test_a_failing_function(executor):
    out = np.full((11, 11), np.nan)
    with pytest.raises(ExecutionError) as caught:
        jacobian(functools.partial(fails_at, 6), mode="forward", chunk=2, executor=executor, out=out)(X)
    error = caught.value
    assert isinstance(error.__cause__, ArithmeticError)
    assert "columns 6 to 7" in str(error) and "ArithmeticError: nothing to be done" in str(error)
    written = [j for each in error.written for j in each]
    assert 6 not in written and 7 not in written
    unwritten = [j for j in range(11) if j not in written]
    np.testing.assert_array_equal(out[:, written], np.diag(2 * X)[:, written])
    assert np.isnan(out[:, unwritten]).all()
    for each in error.written:
        name = f"columns {each.start} to {each.stop - 1}" if len(each) > 1 else f"column {each.start}"
        assert re.search(rf"Written into out: .*{name}", str(error))
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) and copy.written == error.written


def test_a_failing_function_without_executor():
    """Its own error, with a note on `out`."""
    out = np.full((11, 11), np.nan)
    with pytest.raises(ArithmeticError) as caught:
        jacobian(functools.partial(fails_at, 6), mode="forward", chunk=2, out=out)(X)
    assert "Written into out: columns 0 to 5. The rest of out is as it was." in caught.value.__notes__[0]
    np.testing.assert_array_equal(np.isnan(out).any(axis=0), np.arange(11) >= 6)
    with pytest.raises(ArithmeticError) as caught:
        jacobian(functools.partial(fails_at, 0), mode="forward", chunk=1, out=out)(X)
    assert "Written into out: nothing." in caught.value.__notes__[0]


def test_an_interrupted_write():
    """What may be half-written is named."""
    plan = Plan("jacobian(f)", Inline(), False, np.empty(3))

    def write(piece, result):
        if piece.start == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        list(plan.pieces(str, [Piece(0, 0, 2), Piece(0, 2, 2), Piece(0, 4, 2), Piece(0, 6, 1)], "row", write))
    assert caught.value.__notes__ == [
        "dualnum: jacobian(f): Written into out: rows 0 to 3. Perhaps in part: rows 4 to 5. The rest of out is as it was."
    ]


def test_rows_from_the_diagonal_on(threads):
    out = np.full((5, 5), np.nan)
    executor = Inline()
    with pytest.raises(ExecutionError, match=r"row 2\..*Written into out: rows 0 to 1 \(from the diagonal on"):
        hessian(fails_in_row_2, mode="hyperdual", chunk=1, executor=executor, out=out)(X[:5])
    assert np.isnan(out[2:, 2:]).all() and not np.isnan(out[:2]).any() and not np.isnan(out[:, :2]).any()


def fails_in_row_2(x):
    if hasattr(x, "e1") and np.any(x.e1[:, 2]):
        raise ArithmeticError("nothing to be done")
    return np.sum(x**3)


def test_errors_of_our_own_are_the_cause(executor):
    with pytest.raises(ExecutionError, match=r"DerivativeLostError: .*np\.sin") as caught:
        jacobian(loses_on_workers, mode="forward", executor=executor)(X[:1])
    assert isinstance(caught.value.__cause__, DerivativeLostError)


def test_a_worker_that_ends():
    out = np.full((11, 11), np.nan)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        with pytest.raises(ExecutionError, match="A worker process has ended.*Make a new executor") as caught:
            jacobian(functools.partial(kills_at, 6), mode="forward", chunk=2, executor=executor, out=out)(X)
        assert isinstance(caught.value.__cause__, BrokenProcessPool)
        written = [j for each in caught.value.written for j in each]
        np.testing.assert_array_equal(np.isnan(out).any(axis=0), [j not in written for j in range(11)])
        # A broken executor takes nothing more.
        with pytest.raises(ExecutionError, match="columns 0 to 10.*Make a new executor"):
            jacobian(np.sin, executor=executor)(X)


def test_what_cannot_be_pickled(processes):
    a = 2.0
    for f in (lambda x: a * x, grad(scalar)):
        with pytest.raises(ExecutionError, match="top level of a module.*functools.partial"):
            jacobian(f, executor=processes)(X)
    jacobian(vector, executor=processes)(X)  # this executor is not broken


def test_progress(threads, capsys):
    jacobian(vector, chunk=2, executor=threads, progress=True)(X)
    assert re.search(r"jacobian\(vector\): 100%.*11/11", capsys.readouterr().err)
    list(jacobian_columns(vector, X, chunk=2, progress=True))
    assert re.search(r"jacobian_columns\(vector\): 100%.*11/11", capsys.readouterr().err)
    hessian(scalar, mode="hyperdual", progress=True)(X)
    assert re.search(r"hessian\(scalar\): 100%.*11/11", capsys.readouterr().err)


def test_progress_without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    for take in (jacobian, hessian):
        with pytest.raises(MissingExtraError, match="extra 'progress'"):
            take(vector, progress=True)
