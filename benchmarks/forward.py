"""Value and Jacobian in forward mode: dualnum, the Jacobian by hand, finite differences and other libraries."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import approx_fprime

import dualnum
from benchmarks.comparison import Adapter, by_hand, compare, conclude, installed, introduce, parse
from benchmarks.peers import PEERS, Contestant, by_operators
from benchmarks.problems import PROBLEMS, Problem

__all__ = ["OURS", "main"]

# SciPy's own default, which has to be spelled out when arguments follow it.
STEP = np.finfo(float).eps ** 0.5


def _dualnum(problem: Problem) -> Contestant:
    if problem.statement is not None:
        numbers = [dualnum.Dual(x, v) for x, v in zip(problem.primals, problem.tangents, strict=True)]
        return by_operators(problem, numbers, lambda result: (result.value, result.tangent))
    if problem.tangents:
        return Contestant.calling(partial(dualnum.jvp, problem.function, problem.primals, problem.tangents))
    # Powell and the like return np.array([...]) as users do; that this path is slow is for the numbers to say
    warnings.filterwarnings("ignore", category=dualnum.ObjectArrayWarning)
    transform = dualnum.value_and_jacobian(problem.function)
    return Contestant.calling(partial(transform, *problem.primals, *problem.data))


def _differences(problem: Problem) -> Contestant:
    function, primals, data = problem.function, problem.primals, problem.data
    if not problem.tangents:
        (x,) = primals
        return Contestant.calling(lambda: (function(x, *data), approx_fprime(x, function, STEP, *data)))

    def along(step: Any) -> Any:
        return function(*(x + step * v for x, v in zip(primals, problem.tangents, strict=True)))

    return Contestant.calling(lambda: (function(*primals), approx_fprime(np.zeros(1), along, STEP)))


OURS: dict[str, Adapter] = {"dualnum": _dualnum, "by hand": by_hand, "differences": _differences}


def main(argv: list[str]) -> int:
    """Run the benchmark; 1 if dualnum fails or is wrong on a problem, 2 on bad options."""
    options = parse(argv, "forward", __doc__, PROBLEMS, PEERS)
    introduce("value and Jacobian together", options)
    return conclude(compare(options.problems, OURS | installed(options.peers), options), options)
