"""``python -m benchmarks NAME ...`` runs one benchmark; each lives in a module of that name with a ``main(argv)``."""

from __future__ import annotations

import os
import sys
from importlib import import_module

BENCHMARKS = {
    "forward": "value and Jacobian in forward mode, as ratios to the plain NumPy function",
    "reverse": "value and gradient in reverse mode, likewise, and peak memory with checkpoints",
    "second-order": "Hessians in every mode, and products with a vector, likewise",
    "solvers": "whole solves by SciPy's solvers, as ratios to those with SciPy's own differences",
    "mgh": "the 35 problems of Moré, Garbow and Hillstrom: minima reached, and evaluations",
    "parallel": "Jacobians on threads, processes and a dask cluster that loses a worker",
    "taylor": "Taylor coefficients to order 20, against nested derivatives",
    "sparse": "sparse Jacobians and Hessians: as matrices, as arrays, and by blocks of directions",
    "accuracy": "worst error of every elementwise partial derivative against 50-digit arithmetic",
    "special": "worst error of the derivatives of scipy.special against mpmath",
}


def main(argv: list[str]) -> int:
    """Hand the rest of the command line to the benchmark that is named first, importing no other."""
    if argv and argv[0] in BENCHMARKS:
        return import_module(f"benchmarks.{argv[0].replace('-', '_')}").main(argv[1:]) or 0
    print("usage: python -m benchmarks NAME [options]; NAME --help explains the options\n")
    for name, summary in BENCHMARKS.items():
        print(f"  {name:12} {summary}")
    return 0 if argv in (["-h"], ["--help"]) else 2


def use_one_core() -> None:
    """Keep this process, with all threads that libraries will start, on one core, where the system can.

    Thread pools of several libraries in one process wait for each other, and what they gain differs from machine to
    machine. It has to happen before NumPy is imported: libraries count the cores they may use when they are loaded.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    if sys.argv[1:2] != ["parallel"]:
        use_one_core()
    sys.exit(main(sys.argv[1:]))
