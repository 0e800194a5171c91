"""Derivatives on a dask cluster on this machine, whose workers are killed on the way."""

import os
import signal
from concurrent.futures import Executor
from functools import partial

import numpy as np
import pytest

from dualnum import Dual, ExecutionError, hessian, jacobian, jacobian_columns, propagate

distributed = pytest.importorskip("distributed")

X = np.linspace(0.5, 1.5, 40)


def diffused(x):
    """Five states of a nonlinear diffusion, one after the other: 40 inputs, 200 outputs."""
    states = []
    for _ in range(5):
        for _ in range(4):
            x = x + 0.1 * x * (np.roll(x, 1) - 2 * x + np.roll(x, -1))
        states.append(x)
    return np.concatenate(states)


def energy(x):
    return np.sum(np.sin(x) * np.roll(x, 1) ** 2)


def kills_always(x):
    if isinstance(x, Dual) and np.any(x.tangent[..., 20]):
        os._exit(1)
    return diffused(x)


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


class Killing(Executor):
    """Hands on what it gets; at one of the pieces it kills one of the worker processes first."""

    def __init__(self, client, at):
        self._executor, self._at, self._client = client.get_executor(), at, client

    def submit(self, fn, /, *args):
        self._at -= 1
        if self._at == 0:
            # One that was killed before may still be thought alive.
            os.kill(next(iter(self._client.run(os.getpid, on_error="ignore").values())), signal.SIGKILL)
        return self._executor.submit(fn, *args)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_everything_goes_there(client, mode):
    executor = client.get_executor()
    expected = jacobian(diffused, mode=mode, chunk=7)(X)
    np.testing.assert_array_equal(jacobian(diffused, mode=mode, chunk=7, executor=executor)(X), expected)
    columns = jacobian_columns(diffused, X, chunk=7, executor=executor)
    np.testing.assert_allclose(np.stack(list(columns), axis=-1), expected, atol=1e-14)
    np.testing.assert_allclose(hessian(energy, executor=executor)(X), hessian(energy)(X), atol=1e-14)
    found = propagate(diffused, X, 0.01 * X, mode=mode, executor=executor)
    np.testing.assert_allclose(found.covariance, propagate(diffused, X, 0.01 * X).covariance, atol=1e-14)


def scaled(path, x):
    return float(path.read_text()) * x


def test_no_result_of_an_earlier_call_is_taken(client, tmp_path):
    """As dask would, where a function and its arguments look the same to it."""
    executor = client.get_executor()
    held = []

    class Holding(Executor):
        def submit(self, fn, /, *args):
            held.append(executor.submit(fn, *args))
            return held[-1]

    for scale in (2.0, 3.0):
        (tmp_path / "scale").write_text(str(scale))
        assert jacobian(partial(scaled, tmp_path / "scale"), executor=Holding())(1.0) == scale


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_killed_worker(client, tmp_path, mode):
    """Its pieces are computed once more by another, and the result is right."""
    expected = jacobian(diffused, mode=mode, chunk=3)(X)
    out = np.memmap(tmp_path / "J", np.float64, "w+", shape=(200, 40))
    out[:] = np.nan
    jacobian(diffused, mode=mode, chunk=3, executor=Killing(client, at=9), out=out)(X)
    again = np.memmap(tmp_path / "J", np.float64, "r", shape=(200, 40))
    np.testing.assert_array_equal(again, expected)


def test_a_function_that_kills_every_worker(client):
    """It is given up, and what is written is right and named."""
    expected = jacobian(diffused, mode="forward", chunk=3)(X)
    out = np.full((200, 40), np.nan)
    with pytest.raises(ExecutionError, match="columns 18 to 20.*KilledWorker.*A worker process has ended") as caught:
        jacobian(kills_always, mode="forward", chunk=3, executor=client.get_executor(), out=out)(X)
    written = np.zeros(40, bool)
    for each in caught.value.written:
        written[each.start : each.stop] = True
    assert not written[20]
    np.testing.assert_array_equal(np.isnan(out), np.broadcast_to(~written, out.shape))
    np.testing.assert_array_equal(out[:, written], expected[:, written])
