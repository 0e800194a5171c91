"""Jacobians and Hessians of which most entries are zero: as sparse matrices, as arrays, and by blocks of directions."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import dualnum
from benchmarks.comparison import markdown, number
from benchmarks.problems import brusselator, rosenbrock
from benchmarks.timing import interleave, new_timer
from dualnum.columns import chunk_size

__all__ = ["CASES", "Case", "main"]

#: Up to so many inputs, the whole array is made too.
LARGEST_ARRAY = 2_000


@dataclass(frozen=True)
class Case:
    """A function, and how its derivative is asked for."""

    function: Callable[[Any], Any]
    point: Callable[[int], np.ndarray]
    derivative: Callable[..., Callable[[Any], Any]]

    def contestants(self, n: int) -> dict[str, Callable[[], Any]]:
        """Calls that give the derivative, by name."""
        x = self.point(n)
        ways = {"sparse": {"sparse": True}}
        if n <= LARGEST_ARRAY:
            # As many directions as are taken unasked; to say so is to want blocks.
            ways |= {"array": {}, "blocks": {"chunk": chunk_size(n, None)}}
        return {
            name: lambda options=options: self.derivative(self.function, **options)(x) for name, options in ways.items()
        }


def _loop(x: Any) -> list[Any]:
    """As somebody writes it who thinks in elements."""
    return [10 * (x[i + 1] - x[i] ** 2) for i in range(len(x) - 1)]


def _jacobian(f: Any, **options: Any) -> Any:
    return dualnum.jacobian(f, mode="forward", **options)


def _hessian(f: Any, **options: Any) -> Any:
    return dualnum.hessian(f, mode="forward-over-reverse", **options)


CASES = {
    "Brusselator, Jacobian": Case(brusselator, lambda n: np.repeat([1.5, 2.5], n // 2), _jacobian),
    "loop over elements, Jacobian": Case(_loop, lambda n: np.linspace(-1.0, 1.0, n), _jacobian),
    "Rosenbrock, Hessian": Case(rosenbrock, lambda n: np.linspace(-1.0, 1.0, n), _hessian),
}


def main(argv: list[str]) -> int:
    """Run the benchmark; 2 on bad options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sparse", description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="rounds (default %(default)s)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1_000, 10_000, 100_000], help="inputs")
    options = parser.parse_args(argv)
    print("time as a ratio to the plain function; the median over the rounds.\n")
    rows = []
    for name, case in CASES.items():
        for n in options.sizes:
            contestants = {way: new_timer(call) for way, call in case.contestants(n).items()}
            timings = interleave(contestants, new_timer(partial(case.function, case.point(n))), repeat=options.repeat)
            sparse = timings["sparse"]
            nonzero = case.derivative(case.function, sparse=True)(case.point(n)).nnz
            ratios = [number(timings[way].ratio) if way in timings else "" for way in ("sparse", "array", "blocks")]
            plain = f"{1e6 * sparse.time / sparse.ratio:,.0f}"
            rows.append([name, f"{n:,}", f"{nonzero:,}", plain, f"{1e3 * sparse.time:,.2f}", *ratios])
    print(markdown(["", "inputs", "not zero", "plain, µs", "sparse, ms", "sparse", "array", "blocks"], rows))
    return 0
