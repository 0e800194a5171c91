"""The sweeps of a scaling study: chains that differ in one of their dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualnum.complexity.chains import chain_cost
from dualnum.complexity.layers import HESSIANS, HIGHER_ORDERS, WAYS, Chain, Derivation, Valley, Wave
from dualnum.errors import ShapeError

__all__ = ["Sweep", "chain_alone", "standard_sweeps"]

# Which ways are compared in which sweep.
_MODES = ("forward mode", "reverse mode", "explicit, best order", "finite differences")
_DEEP = ("forward mode", "reverse mode", "reverse, sqrt checkpoints", "reverse, log checkpoints", "finite differences")
_ONE_CHAIN = (*_MODES[:2], "explicit, forward order", "explicit, reverse order", *_MODES[2:])


@dataclass(frozen=True)
class Sweep:
    """Problems that differ in one number.

    Attributes
    ----------
    varies : str
        What that number is.
    sizes : sequence of int
        Its values.
    fitted_from : int
        Exponents are fitted to the sizes from this one on, where arithmetic dominates; 0 if none are.
    problem : callable
        Gives the function of a size, which has its ``point``.
    ways : dict of Derivation
        What is compared, by name.
    """

    varies: str
    sizes: Sequence[int]
    fitted_from: int
    problem: Callable[[int], Any] = field(repr=False)
    ways: dict[str, Derivation] = field(repr=False)


def standard_sweeps(largest: int, width: int, depth: int) -> dict[str, Sweep]:
    """Sweeps of inputs, outputs, width and depth, and of the order of a derivative; as in `scaling_study`."""
    inner = (width,) * (depth + 1)
    few = largest // 8
    coarse = _doubled(largest // 64, largest)
    large = largest // 4
    sizes = (*_doubled(largest // 64, few), *_doubled(large, largest, steps=2))
    return {
        "inputs": Sweep("inputs, for 1 output", sizes, large, lambda n: Chain((n, *inner, 1)), _ways(_MODES)),
        "outputs": Sweep("outputs, for 1 input", sizes, large, lambda n: Chain((1, *inner, n)), _ways(_MODES)),
        "crossover": Sweep(f"inputs, for {few} outputs", coarse, 0, lambda n: Chain((n, *inner, few)), _ways(_MODES)),
        "width": Sweep(
            f"width, for {few} inputs and outputs",
            (*_doubled(width // 16, width // 4), *_doubled(width // 2, 2 * width, steps=2)),
            width // 2,
            lambda n: Chain((few, *(n,) * (depth // 4 + 1), few)),
            _ways(_MODES),
        ),
        "depth": Sweep(
            "depth, for 1 input and 1 output",
            _doubled(depth // 2, 64 * depth),
            4 * depth,
            lambda n: Chain((1, *(width,) * (n + 1), 1)),
            _ways(_DEEP),
        ),
        "orders": Sweep("order of the derivative", tuple(range(1, 7)), 0, Wave, HIGHER_ORDERS),
        "hessian": Sweep("inputs", _doubled(2, large), 0, Valley, HESSIANS),
    }


def _doubled(first: int, last: int, steps: int = 1) -> list[int]:
    """Numbers from the first to the last that double in so many steps."""
    return sorted({round(first * 2 ** (i / steps)) for i in range(round(steps * math.log2(last / first)) + 1)})


def chain_alone(dims: Sequence[int]) -> Sweep:
    """Make a sweep of a single chain, whose only size is its length."""
    dims = chain_cost(dims).dims
    if not min(dims):
        raise ShapeError(f"scaling_study: every dimension must be positive; got {dims}")
    chain = Chain(dims)
    return Sweep(" -> ".join(map(str, chain.dims)), (len(chain.weights),), 0, lambda n: chain, _ways(_ONE_CHAIN))


def _ways(names: Sequence[str]) -> dict[str, Derivation]:
    return {name: WAYS[name] for name in names}
