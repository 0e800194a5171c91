"""Taylor coefficients of a scalar function of twenty operations: `dualnum.taylor` against nested derivatives."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import dualnum
from benchmarks.comparison import against, markdown, number
from benchmarks.timing import interleave, new_timer

__all__ = ["BAR", "ORDER", "Costs", "by_nesting", "main", "measure", "twenty_operations"]

ORDER = 20
#: What the coefficients to order 20 may take, as a part of the time of nested derivatives.
BAR = 0.01
#: The highest order to which derivatives are nested: each doubles the time, and 20 would take minutes.
NESTED = 9
POINT = 0.7


def twenty_operations(x: Any) -> Any:
    """Function of one number: twenty operations, of which eight are transcendental or powers, and one is a quotient."""
    a = np.sin(x) * np.exp(-0.5 * x)
    b = (1.5 + x * x) ** 1.5
    c = np.log(b + a) / (2.0 + np.cos(3.0 * x))
    d = np.tanh(c - a) + np.arctan(b)
    return d * c - np.cosh(a)


def by_nesting(f: Callable[[Any], Any], n: int) -> Callable[[Any], Any]:
    """Derivative of order n, by forward mode over forward mode."""
    for _ in range(n):
        f = dualnum.derivative(f)
    return f


@dataclass(frozen=True)
class Costs:
    """Times as ratios to the plain function, by order; `growth` is the factor by which nesting costs more with each."""

    plain: float
    taylor: dict[int, float]
    nested: dict[int, float]

    @property
    def growth(self) -> float:
        """Of the last two orders that were measured."""
        return self.nested[NESTED] / self.nested[NESTED - 1]

    def by_nesting(self, order: int) -> float:
        """Measured, or beyond that extrapolated with the growth that was."""
        return self.nested.get(order) or self.nested[NESTED] * self.growth ** (order - NESTED)

    @property
    def ratio(self) -> float:
        """Time to order 20, to that of nested derivatives."""
        return self.taylor[ORDER] / self.by_nesting(ORDER)


def measure(repeat: int = 11) -> Costs:
    """Time both in turns, the nested derivatives up to the order that they reach."""
    orders = [*range(1, NESTED + 1), ORDER]
    contestants = {("taylor", n): partial(dualnum.taylor, twenty_operations, POINT, 1.0, n) for n in orders}
    contestants |= {("nested", n): partial(by_nesting(twenty_operations, n), POINT) for n in orders[:-1]}
    plain = partial(twenty_operations, np.float64(POINT))
    timings = interleave(
        {f"{kind} {n}": new_timer(call) for (kind, n), call in contestants.items()}, new_timer(plain), repeat=repeat
    )
    ratios = {
        kind: {n: timings[f"{kind} {n}"].ratio for k, n in contestants if k == kind} for kind in ("taylor", "nested")
    }
    return Costs(timings["taylor 1"].time / timings["taylor 1"].ratio, ratios["taylor"], ratios["nested"])


def main(argv: list[str]) -> int:
    """Run the benchmark; 2 on bad options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks taylor", description=__doc__)
    parser.add_argument("--repeat", type=int, default=11, help="rounds (default %(default)s)")
    costs = measure(parser.parse_args(argv).repeat)
    print(
        f"time: as a ratio to the plain function, which takes {1e6 * costs.plain:.1f} µs; the median over the rounds."
    )
    print(
        "all coefficients up to the order by one run of taylor; the one derivative of that order by nested forward mode.\n"
    )
    rows = []
    for n, ours in costs.taylor.items():
        nested = costs.by_nesting(n)
        bar = BAR if n == ORDER else None
        part = against(ours / nested, bar)
        rows.append([str(n), number(ours), number(nested) if n in costs.nested else f"{nested:.1e}", part])
    print(markdown(["order", "taylor", "nested", "part"], rows))
    print(f"\nNested beyond order {NESTED}: extrapolated, by the factor {costs.growth:.2f} of the last order measured.")
    return 0
