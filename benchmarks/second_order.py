"""Second derivatives: dualnum's Hessians and Hessian-vector products, by hand and by other libraries."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import dualnum
from benchmarks.comparison import Adapter, by_hand, compare, conclude, installed, introduce, parse
from benchmarks.peers import SECOND_ORDER_PEERS, Contestant
from benchmarks.problems import Array, Problem, rosenbrock
from benchmarks.reverse_problems import log_sum_exp

__all__ = ["HESSIANS", "MODES", "PROBLEMS", "PRODUCTS", "main"]

MODES = ("hyperdual", "forward-over-reverse", "reverse-over-reverse", "forward-over-forward")


# --- the energy of a mixture of fluids by the equation of state of Peng and Robinson: the Helmholtz function of ADOL-C ---

PLUS, MINUS = 1 + 2**0.5, 1 - 2**0.5


def helmholtz(x: Array, a: Array, b: Array) -> Any:
    volume = b @ x
    ideal = np.sum(x * np.log(x / (1 - volume)))
    return ideal - x @ a @ x / (8**0.5 * volume) * np.log((1 + PLUS * volume) / (1 + MINUS * volume))


def helmholtz_by_hand(x: Array, a: Array, b: Array) -> Array:
    """Hessian, for a symmetric `a`: with L the last logarithm and s = b·x, the energy is ideal - x·ax L / (s sqrt(8))."""
    s = b @ x
    p, m = PLUS / (1 + PLUS * s), MINUS / (1 + MINUS * s)
    log, slope, curvature = np.log((1 + PLUS * s) / (1 + MINUS * s)), p - m, m * m - p * p
    g, g1 = log / s, slope / s - log / s**2
    g2 = curvature / s - 2 * slope / s**2 + 2 * log / s**3
    ax = a @ x
    scale = 1 / 8**0.5
    mixed = np.outer(1 / (1 - s) - 2 * scale * g1 * ax, b)
    hessian = mixed + mixed.T
    hessian += np.outer((np.sum(x) / (1 - s) ** 2 - scale * g2 * (x @ ax)) * b, b)
    hessian -= (2 * scale * g) * a
    hessian[np.diag_indices(len(x))] += 1 / x
    return hessian


def _mixture(n: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    a = rng.uniform(0, 1, (n, n))
    return rng.uniform(0.5, 1.5, n) / n, a + a.T, rng.uniform(0.1, 0.9, n)


def rosenbrock_hessian(x: Array) -> Array:
    diagonal = np.full_like(x, 200)
    diagonal[0] = 0
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    return np.diag(diagonal) - np.diag(400 * x[:-1], 1) - np.diag(400 * x[:-1], -1)


def log_sum_exp_product(x: Array, v: Array) -> Array:
    p = np.exp(x - np.max(x))
    p /= np.sum(p)
    mean = p @ v
    p *= v - mean
    return p


def _problems() -> list[Problem]:
    x, a, b = _mixture(100)
    rng = np.random.default_rng(1)
    return [
        Problem(
            name="Helmholtz n=100", function=helmholtz, by_hand=helmholtz_by_hand, primals=(x,), data=(a, b), bar=120
        ),
        Problem(
            name="Rosenbrock n=100",
            function=rosenbrock,
            by_hand=rosenbrock_hessian,
            primals=(np.linspace(-1.2, 1.2, 100),),
            bar=100,
        ),
        Problem(
            name="log-sum-exp product n=100000",
            function=log_sum_exp,
            by_hand=log_sum_exp_product,
            primals=(rng.standard_normal(100_000),),
            tangents=(rng.standard_normal(100_000),),
            bar=3.5,
        ),
    ]


PROBLEMS = _problems()


def _hessian(problem: Problem, mode: str = "auto") -> Contestant:
    call = partial(dualnum.hessian(problem.function, mode=mode), *problem.primals, *problem.data)
    return Contestant.calling(call, np.asarray)


def _product(problem: Problem) -> Contestant:
    call = partial(dualnum.hvp, problem.function, *problem.primals, *problem.tangents)
    return Contestant.calling(call, np.asarray)


HESSIANS: dict[str, Adapter] = {
    "dualnum": _hessian,
    **{f"dualnum {mode}": partial(_hessian, mode=mode) for mode in MODES},
    "by hand": by_hand,
}
PRODUCTS: dict[str, Adapter] = {"dualnum": _product, "by hand": by_hand}


def main(argv: list[str]) -> int:
    """Run the benchmark; 1 if dualnum fails or is wrong on a problem, 2 on bad options."""
    options = parse(argv, "second-order", __doc__, PROBLEMS, SECOND_ORDER_PEERS)
    introduce("Hessian, or its product with a vector", options)
    peers = installed(options.peers)
    results = compare([problem for problem in options.problems if not problem.tangents], HESSIANS | peers, options)
    results += compare([problem for problem in options.problems if problem.tangents], PRODUCTS | peers, options)
    return conclude(results, options)
