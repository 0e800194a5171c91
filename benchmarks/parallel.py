"""Jacobians on executors: speed-ups, the size of pieces, what is sent, and a dask cluster that loses a worker on the way."""

from __future__ import annotations

import argparse
import os
import pickle
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import dualnum
from benchmarks.comparison import markdown, number

__all__ = ["Killing", "Measuring", "diffusion", "large_case", "loop", "main"]


def diffusion(x: Any, snapshots: int = 10, steps: int = 20) -> Any:
    """States of a nonlinear diffusion, one after the other: long arrays, on which NumPy lets other threads run."""
    states = []
    for _ in range(snapshots):
        for _ in range(steps):
            left, right = np.roll(x, 1), np.roll(x, -1)
            x = x + 0.05 * ((x + right) * (right - x) - (x + left) * (x - left))
        states.append(x)
    return np.concatenate(states)


def loop(x: Any, steps: int = 10_000) -> Any:
    """Make many small operations, on which Python lets nobody else run."""
    y = x
    for _ in range(steps):
        y = y + 0.001 * np.sin(y)
    return y


def start(n: int) -> np.ndarray:
    """Where the derivatives are taken."""
    return 1.0 + 0.5 * np.sin(np.linspace(0.0, 2 * np.pi, n, endpoint=False))


#: Name -> function, number of inputs, mode.
PROBLEMS: dict[str, tuple[Callable[[Any], Any], int, str]] = {
    "diffusion, columns": (partial(diffusion, snapshots=2), 2_000, "forward"),
    "diffusion, rows": (partial(diffusion, snapshots=2), 1_000, "reverse"),
    "small operations": (loop, 200, "forward"),
}


class Measuring(Executor):
    """Does everything at once, and measures what another would have sent."""

    def __init__(self, workers: int) -> None:
        self._max_workers = workers
        self.sent: list[int] = []
        self.returned: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function."""
        self.sent.append(len(pickle.dumps((fn, args, kwargs))))
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        self.returned.append(len(pickle.dumps(future.result())))
        return future


class Killing(Executor):
    """Hands everything on to a dask cluster; at one of the pieces it kills a worker first."""

    def __init__(self, client: Any, at: int) -> None:
        self._executor, self._client, self._at = client.get_executor(), client, at
        self._max_workers = sum(client.nthreads().values())
        self.pieces = 0
        self.killed: int | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand on."""
        self.pieces += 1
        if self.pieces == self._at:
            self.killed = next(iter(self._client.run(os.getpid, on_error="ignore").values()))
            os.kill(self.killed, signal.SIGKILL)
        return self._executor.submit(fn, *args, **kwargs)


@contextmanager
def cluster(workers: int) -> Iterator[Any]:
    """Start a dask cluster on this machine."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=":0") as local,
        Client(local) as client,
    ):
        yield client


def executors(stack: ExitStack, workers: int) -> dict[str, Executor | None]:
    """Make those that are installed."""
    found: dict[str, Executor | None] = {
        "none": None,
        "threads": stack.enter_context(ThreadPoolExecutor(workers)),
        "processes": stack.enter_context(ProcessPoolExecutor(workers)),
    }
    with suppress(ImportError):
        import loky

        found["loky"] = stack.enter_context(loky.ProcessPoolExecutor(workers))
    with suppress(ImportError):
        found["dask"] = stack.enter_context(cluster(workers)).get_executor()
    return found


def seconds(take: Callable[[], Any]) -> float:
    """Time of one run on the clock on the wall, for several processes take part."""
    begin = time.perf_counter()
    take()
    return time.perf_counter() - begin


def fastest(runs: dict[Any, Callable[[], Any]], repeat: int) -> dict[Any, float]:
    """Shortest time of each, in turns, after one run for warm-up: what else the machine does only adds to it."""
    for run in runs.values():
        run()
    times: dict[Any, list[float]] = {name: [] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            times[name].append(seconds(run))
    return {name: min(values) for name, values in times.items()}


def speed_ups(workers: int, repeat: int) -> None:
    """Print times of whole Jacobians without an executor and with each."""
    rows = []
    with ExitStack() as stack:
        available = executors(stack, workers)
        for problem, (f, n, mode) in PROBLEMS.items():
            runs = {
                name: partial(dualnum.jacobian(f, mode=mode, executor=executor), start(n))
                for name, executor in available.items()
            }
            times = fastest(runs, repeat)
            rows.append(
                [problem, f"{times['none']:.2f} s", *(number(times["none"] / times[name]) for name in [*times][1:])]
            )
        print(markdown(["Jacobian", "without", *[*available][1:]], rows))


def piece_sizes(workers: int, repeat: int) -> None:
    """Print times by the number of pieces for each worker."""
    per_worker = (1, 2, 4, 8, 16)
    rows = []
    with ProcessPoolExecutor(workers) as executor:
        for problem, (f, n, mode) in PROBLEMS.items():
            x = start(n)
            count = n if mode == "forward" else f(x).size
            runs: dict[Any, Callable[[], Any]] = {"none": partial(dualnum.jacobian(f, mode=mode), x)}
            for c in per_worker:
                chunk = -(-count // (c * workers))
                runs[c] = partial(dualnum.jacobian(f, mode=mode, chunk=chunk, executor=executor), x)
            runs["default"] = partial(dualnum.jacobian(f, mode=mode, executor=executor), x)
            times = fastest(runs, repeat)
            rows.append([problem, *(number(times["none"] / times[name]) for name in [*times][1:])])
    print(markdown(["Jacobian", *(f"{c} per worker" for c in per_worker), "default"], rows))


def what_is_sent(workers: int) -> None:
    """Print bytes to and from workers."""
    rows = []
    for problem, (f, n, mode) in PROBLEMS.items():
        measuring = Measuring(workers)
        dualnum.jacobian(f, mode=mode, executor=measuring)(start(n))
        sizes = [start(n).nbytes, max(measuring.sent), max(measuring.returned)]
        rows.append([problem, str(len(measuring.sent)), *(f"{size:,}" for size in sizes)])
    print(markdown(["Jacobian", "pieces", "x, bytes", "sent for each, bytes", "returned, bytes"], rows))


def large_case(
    client: Any, folder: Path, n: int, *, snapshots: int = 10, steps: int = 20, kill: bool = True
) -> list[str]:
    """Write a Jacobian to a file through a dask cluster that loses a worker on the way; give a row of results.

    Raises
    ------
    AssertionError
        What is in the file is not bit for bit what is computed here without an executor.
    """
    f = partial(diffusion, snapshots=snapshots, steps=steps)
    x, shape = start(n), (n * snapshots, n)
    chunk = max(1, n // 40)
    out = np.memmap(folder / "jacobian", np.float64, "w+", shape=shape)
    executor = Killing(client, at=20 if kill else 0)
    elapsed = seconds(partial(dualnum.jacfwd(f, chunk=chunk, executor=executor, out=out), x))
    out.flush()
    del out
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    written = np.memmap(folder / "jacobian", np.float64, "r", shape=shape)
    for j, column in enumerate(dualnum.jacobian_columns(f, x, chunk=chunk)):
        assert np.array_equal(written[:, j], column), f"column {j} is wrong"
    return ["killed" if executor.killed else "whole", f"{elapsed:.1f} s", f"{peak:,.0f} MiB", f"{n:,} of {n:,} columns"]


def main(argv: list[str]) -> int:
    """Run the benchmark; 2 on bad options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks parallel", description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="(default %(default)s)")
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs, of which the shortest counts (default %(default)s)"
    )
    parser.add_argument("--cells", type=int, default=2_000, help="inputs of the large case (default %(default)s)")
    parser.add_argument("--only", choices=("speed", "pieces", "sent", "large"), help="one part")
    options = parser.parse_args(argv)
    print(f"{options.workers} workers, on {os.cpu_count()} cores\n")
    if options.only in (None, "speed"):
        print("Speed-up against the same Jacobian without an executor:\n")
        speed_ups(options.workers, options.repeat)
    if options.only in (None, "pieces"):
        print("\nSpeed-up by processes, by the number of pieces for each worker:\n")
        piece_sizes(options.workers, options.repeat)
    if options.only in (None, "sent"):
        print("\nWhat is sent to processes and comes back, for each piece:\n")
        what_is_sent(options.workers)
    if options.only in (None, "large"):
        n = options.cells
        print(f"\nJacobian of {10 * n:,} x {n:,} ({80e-6 * n * n:,.0f} MB) to a numpy.memmap through a dask cluster:\n")
        with cluster(options.workers) as client, tempfile.TemporaryDirectory() as folder:
            rows = [large_case(client, Path(folder), n, kill=kill) for kill in (False, True)]
        print(markdown(["workers", "time", "peak memory here", "right, bit for bit"], rows))
    return 0
