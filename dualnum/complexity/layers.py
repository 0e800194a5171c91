"""The textbook's chain as a function to be differentiated, and the ways to its Jacobian that are compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from dualnum.checkpointing import checkpoint_scan
from dualnum.columns import chunk_size
from dualnum.complexity.chains import accumulate
from dualnum.complexity.counting import OperationCount, count_operations
from dualnum.expanding import nth_derivative
from dualnum.hessians import HESSIAN_MODES, hessian, second_derivative
from dualnum.jacobians import jacobian
from dualnum.reverse import grad
from dualnum.transforms import derivative

__all__ = ["HESSIANS", "HIGHER_ORDERS", "WAYS", "Chain", "Derivation", "Valley", "Wave"]


@lru_cache(maxsize=64)
def _weights(m: int, n: int) -> np.ndarray:
    """Weights of a layer from n to m numbers, the same whenever they are asked for, and in the processor's cache."""
    weights = np.random.default_rng([m, n]).normal(size=(m, n)) / math.sqrt(n)
    weights.flags.writeable = False  # a tape copies constants that somebody could change
    return weights


def _layer(weights: np.ndarray, x: Any) -> Any:
    return np.tanh(weights @ x)


class Chain:
    """A chain of functions ``x -> tanh(W x)`` with the dimensions n_0, ..., n_t.

    Functions of the same dimensions are the same one, so that a deep chain stays in the processor's cache.
    """

    def __init__(self, dims: Sequence[int]) -> None:
        self.dims = tuple(dims)
        self.weights = [_weights(m, n) for n, m in pairwise(dims)]
        self.point = np.random.default_rng(0).normal(size=dims[0])
        self.depth = len(dims) - 3  # of the functions between the first and the last

    def __call__(self, x: Any) -> Any:
        """Apply the functions, one after the other."""
        for weights in self.weights:
            x = _layer(weights, x)
        return x

    def checkpointed(self, memory: int) -> Callable[[Any], Any]:
        """The same function, whose inner functions are all alike, with so many states stored for the way back."""
        first, inner, last = self.weights[0], self.weights[1], self.weights[-1]

        def f(x: Any) -> Any:
            x = checkpoint_scan(lambda x: _layer(inner, x), _layer(first, x), self.depth, memory=memory)
            return _layer(last, x)

        return f

    def jacobians(self, x: Any) -> list[Any]:
        """Jacobians of the single functions."""
        found = []
        for weights in self.weights:
            x = _layer(weights, x)
            found.append((1 - x**2)[:, None] * weights)
        return found


# --- ways to the Jacobian of a chain ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Derivation:
    """A way to a derivative: a mode of differentiation, or a function that gives the derivative by itself.

    Attributes
    ----------
    function : callable
        Gives the function of a problem that is differentiated, or that gives the derivative.
    mode : str
        ``"forward"``, ``"reverse"``, or ``"function"`` in the second case.
    """

    function: Callable[[Any], Callable[[Any], Any]]
    mode: str = "function"

    def derivative(self, problem: Any) -> Callable[[Any], Any]:
        """Give the function that is measured."""
        f = self.function(problem)
        if self.mode == "function":
            return f
        # To say how many directions are taken unasked is to want them all, for they are what is counted.
        chunk = chunk_size(problem.point.size, None) if self.mode == "forward" else None
        return jacobian(f, mode=self.mode, chunk=chunk)

    def count(self, problem: Any) -> OperationCount:
        """Count what it does at the problem's point."""
        return count_operations(self.function(problem), problem.point, mode=self.mode)


def _explicit(order: str) -> Derivation:
    return Derivation(lambda chain: lambda x: accumulate(chain.jacobians(x), order).jacobian)


def _differences(chain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    step = math.sqrt(np.finfo(float).eps)

    def by_columns(x: Any) -> Any:
        y = chain(x)
        columns = []
        for j in range(len(x)):
            moved = x.copy()
            moved[j] += step
            columns.append((chain(moved) - y) / step)
        return np.stack(columns, axis=1)

    return by_columns


WAYS = {
    "forward mode": Derivation(lambda chain: chain, "forward"),
    "reverse mode": Derivation(lambda chain: chain, "reverse"),
    "reverse, sqrt checkpoints": Derivation(lambda chain: chain.checkpointed(math.isqrt(chain.depth) + 1), "reverse"),
    "reverse, log checkpoints": Derivation(lambda chain: chain.checkpointed(chain.depth.bit_length()), "reverse"),
    "explicit, forward order": _explicit("forward"),
    "explicit, reverse order": _explicit("reverse"),
    "explicit, best order": _explicit("best"),
    "finite differences": Derivation(_differences),
}


# --- derivatives of higher order --------------------------------------------------------------------------------------


class Wave:
    """A curve ``exp(x) * sin(c * x)`` with 10,000 frequencies c, of which the derivative of some order is wanted."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.frequencies = np.linspace(0.0, 1.0, 10_000)
        self.point = np.float64(0.5)

    def __call__(self, x: Any) -> Any:
        """Position on the curve, of shape (10_000,)."""
        return np.exp(x) * np.sin(self.frequencies * x)


def _nested(wave: Wave) -> Callable[[Any], Any]:
    f: Callable[[Any], Any] = wave
    for _ in range(wave.order):
        f = derivative(f)
    return f


def _by_pairs(wave: Wave) -> Callable[[Any], Any]:
    """Two orders at a time by hyper-dual numbers, the first of an odd number by dual numbers."""
    f: Callable[[Any], Any] = derivative(wave) if wave.order % 2 else wave
    for _ in range(wave.order // 2):
        f = second_derivative(f)
    return f


HIGHER_ORDERS = {
    "nested": Derivation(_nested),
    "hyper-dual": Derivation(_by_pairs),
    "Taylor": Derivation(lambda wave: lambda x: nth_derivative(wave, x, wave.order)),
}


# --- Hessians ---------------------------------------------------------------------------------------------------------


class Valley:
    """Rosenbrock's function of n numbers, of which the Hessian is wanted."""

    def __init__(self, n: int) -> None:
        self.point = np.random.default_rng(0).normal(size=n)

    def __call__(self, x: Any) -> Any:
        """Height at a point."""
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _by_mode(mode: str) -> Derivation:
    return Derivation(lambda valley: hessian(valley, mode=mode))


HESSIANS = {
    **{mode.replace("-", " "): _by_mode(mode) for mode in HESSIAN_MODES},
    "differences of the gradient": Derivation(lambda valley: _differences(grad(valley))),
}
