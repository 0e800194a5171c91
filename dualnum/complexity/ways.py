"""The ways to a Jacobian that `compare_modes` compares: each begins once, and then gives block after block.

All blocks of a way but the last cost the same. So a block tells what the whole takes, where the whole would take too long.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualnum.boundary import tangent_at
from dualnum.columns import run_block
from dualnum.dispatch import primal_all
from dualnum.jacobians import jacfwd, jacrev
from dualnum.lifting import lift
from dualnum.packing import ACTIVE_TYPES
from dualnum.runs import Run

__all__ = ["Columns", "Differences", "Rows", "Way"]

_WHERE = "compare_modes"


@dataclass(frozen=True)
class Way:
    """Base of the ways to the Jacobian of ``f``, which takes and gives one array, by `size` columns or rows at a time.

    ``begin(x)`` is what is done once, ``block(begun, x, k)`` the first k columns or rows. Both take counted arrays too.
    """

    f: Callable[[Any], Any]
    n: int
    m: int
    size: int

    mode = ""

    @property
    def total(self) -> int:
        """How many columns or rows there are."""
        return self.n

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.total // self.size)

    def begin(self, x: Any) -> Any:
        """Do what is done once."""
        return None

    def block(self, begun: Any, x: Any, k: int) -> Any:
        """Give the first k columns (as rows of an array) or rows."""
        raise NotImplementedError

    def whole(self, x: Any) -> Any:
        """Give the Jacobian, of shape (m, n)."""
        raise NotImplementedError

    def part(self, block: Any) -> Any:
        """Give a block as the upper left part of the Jacobian."""
        return np.reshape(block, (len(block), -1)).T


class Columns(Way):
    """Forward mode, by chunks of directions."""

    mode = "forward"

    def block(self, begun: Any, x: Any, k: int) -> Any:
        """Push k directions."""
        y, level = run_block(self.f, x.copy(), 0, k)
        return tangent_at(y, level, k).reshape(k, self.m)

    def whole(self, x: Any) -> Any:
        """By `jacfwd`."""
        return np.reshape(jacfwd(self.f, chunk=self.size)(x), (self.m, self.n))


class Rows(Way):
    """Reverse mode, by blocks of rows."""

    mode = "reverse"

    @property
    def total(self) -> int:
        """There is a row for each output."""
        return self.m

    def begin(self, x: Any) -> Any:
        """Record the tape."""
        return Run(self.f, [x], [0], {}, _WHERE)

    def block(self, begun: Any, x: Any, k: int) -> Any:
        """Pull k rows back."""
        seeds = np.eye(k, self.m, dtype=begun.dtypes[0]).reshape(k, *begun.shapes[0])
        if x.__class__ in ACTIVE_TYPES:
            seeds = lift(seeds, x)
        return begun.pull_leaves([(0, seeds)], k)[0]

    def whole(self, x: Any) -> Any:
        """By `jacrev`."""
        return np.reshape(jacrev(self.f, chunk=self.size)(x), (self.m, self.n))

    def part(self, block: Any) -> Any:
        """They are rows already."""
        return np.reshape(block, (len(block), -1))


class Differences(Way):
    """Central differences, column by column, with the step that balances truncation and round-off."""

    mode = "finite differences"

    def block(self, begun: Any, x: Any, k: int) -> Any:
        """Give the first k columns."""
        return np.stack([self._column(x, j) for j in range(k)])

    def whole(self, x: Any) -> Any:
        """Column by column."""
        return self.part(np.array([self._column(x, j) for j in range(self.n)]))

    def _column(self, x: Any, j: int) -> Any:
        place = np.unravel_index(j, x.shape)
        plain = primal_all(x)
        step = math.cbrt(np.finfo(plain.dtype).eps) * max(1.0, abs(float(plain[place])))
        there, back = x.copy(), x.copy()
        there[place] += step
        back[place] -= step
        return np.ravel(self.f(there) - self.f(back)) / (2 * step)
