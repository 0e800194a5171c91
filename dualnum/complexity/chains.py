"""What the Jacobian of a chain of functions costs: by formula, and by multiplying explicit Jacobians."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

from dualnum.errors import InputError, ShapeError
from dualnum.packing import as_operand

__all__ = ["Accumulation", "ChainCost", "accumulate", "chain_cost"]

#: An order of the products: the number of a Jacobian, counted from 1, or the pair of what stands left and right of a product.
Bracketing = int | tuple[Any, Any]


@dataclass(frozen=True)
class ChainCost:
    """Multiplications of numbers that the Jacobian of a chain of functions takes; printed, a table.

    Attributes
    ----------
    dims : tuple of int
        The dimensions n_0, ..., n_t.
    forward : int
        In the order of forward mode, from the right: the first function's Jacobian is multiplied by the second's, and so on.
    reverse : int
        In the order of reverse mode, from the left.
    best : int
        In the best of all orders.
    bracketing : int or tuple
        That order: the number of a Jacobian, counted from 1 in the order of the functions, or the pair of the left and the
        right factor of a product. ``((4, 3), (2, 1))`` is (J4 J3)(J2 J1).
    """

    dims: tuple[int, ...]
    forward: int
    reverse: int
    best: int
    bracketing: Bracketing

    def __str__(self) -> str:
        rows = [
            ("forward", self.forward, "from the right"),
            ("reverse", self.reverse, "from the left"),
            ("best", self.best, _written(self.bracketing)),
        ]
        width = max(len(f"{cost:,}") for _, cost, _ in rows)
        lines = [f"{name:7}  {cost:>{width},} multiplications  {order}" for name, cost, order in rows]
        return "\n".join([" -> ".join(map(str, self.dims)), *lines])


@dataclass(frozen=True)
class Accumulation:
    """A Jacobian that was multiplied together from those of a chain's functions.

    Attributes
    ----------
    jacobian : ndarray, shape (n_t, n_0)
        The product.
    multiplications : int
        How many numbers were multiplied.
    """

    jacobian: Any
    multiplications: int


def chain_cost(dims: Sequence[int]) -> ChainCost:
    """Multiplications that the Jacobian of a chain of functions takes, in both modes and in the best order.

    Parameters
    ----------
    dims : sequence of int
        The dimensions n_0, ..., n_t of a chain of t functions, the k-th of which maps n_{k-1} numbers to n_k.

    Returns
    -------
    ChainCost

    Raises
    ------
    ShapeError
        There are fewer than two dimensions, or one is negative.

    Notes
    -----
    A product of matrices of shapes (l, m) and (m, n) takes l m n multiplications. So forward mode takes
    ``n_0 * sum(n_k * n_{k+1} for k = 1..t-1)`` of them and reverse mode ``n_t * sum(n_k * n_{k+1} for k = 0..t-2)`` [1]_. The
    best order is found by dynamic programming over all of them [2]_, in time that grows with the cube of t.

    References
    ----------
    .. [1] A. Griewank and A. Walther, "Evaluating Derivatives", 2nd edition, SIAM (2008), section 10.1.
    .. [2] S. S. Godbole, "On efficient computation of matrix chain products", IEEE Trans. Comput. C-22 (1973), 864-866.

    Examples
    --------
    >>> from dualnum.complexity import chain_cost
    >>> print(chain_cost([1000, 300, 100, 10, 1]))
    1000 -> 300 -> 100 -> 10 -> 1
    forward  31,010,000 multiplications  from the right
    reverse     331,000 multiplications  from the left
    best        331,000 multiplications  ((J4 J3) J2) J1
    >>> chain_cost([100, 100, 1, 100, 100]).bracketing
    ((4, 3), (2, 1))
    """
    n = tuple(map(operator.index, dims))
    if len(n) < 2 or min(n) < 0:
        raise ShapeError(f"chain_cost: a chain has at least two dimensions, none of them negative; got {list(dims)}")
    products = [a * b for a, b in pairwise(n)]
    best, bracketing = _best(n)
    return ChainCost(n, n[0] * sum(products[1:]), n[-1] * sum(products[:-1]), best, bracketing)


def accumulate(jacobians: Sequence[Any], order: str | Bracketing = "best") -> Accumulation:
    """Multiply the Jacobians of a chain's functions, in an order of one's choice, and count the multiplications.

    Parameters
    ----------
    jacobians : sequence of array_like, of shapes (n_1, n_0), (n_2, n_1), ..., (n_t, n_{t-1})
        In the order in which the functions are applied.
    order : {"best", "forward", "reverse"} or int or tuple
        "forward" multiplies from the right, as forward mode does, "reverse" from the left, "best" as `chain_cost` says.
        A bracketing, as in `ChainCost`, says it product by product.

    Returns
    -------
    Accumulation

    Raises
    ------
    ShapeError
        The Jacobians are not matrices whose shapes fit.
    InputError
        The order is none of the above, or does not have every Jacobian once, the last on the left.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum.complexity import accumulate
    >>> chain = [np.ones((30, 1000)), np.ones((20, 30)), np.ones((1, 20))]
    >>> [accumulate(chain, order).multiplications for order in ("forward", "reverse", ((3, 2), 1))]
    [620000, 30600, 30600]
    """
    matrices = [as_operand(jacobian) for jacobian in jacobians]
    shapes = [matrix.shape for matrix in matrices]
    if not shapes or any(len(shape) != 2 for shape in shapes) or any(a[0] != b[1] for a, b in pairwise(shapes)):
        raise ShapeError(f"accumulate: expected Jacobians of shapes (n_1, n_0), (n_2, n_1), ...; got shapes {shapes}")
    count = 0

    def times(left: Any, right: Any) -> Any:
        nonlocal count
        count += left.shape[0] * left.shape[1] * right.shape[1]
        return left @ right

    def product(part: Bracketing) -> Any:
        return times(*map(product, part)) if isinstance(part, tuple) else matrices[part - 1]

    if order == "forward":
        jacobian = reduce(lambda right, left: times(left, right), matrices)
    elif order == "reverse":
        jacobian = reduce(times, reversed(matrices))
    else:
        best = _best([shapes[0][1], *(shape[0] for shape in shapes)])[1] if order == "best" else order
        expected = list(range(len(matrices), 0, -1))
        if isinstance(best, str) or list(_numbers(best)) != expected:
            raise InputError(
                f"accumulate: order={order!r}; it must be 'best', 'forward' or 'reverse', or pairs of pairs of the numbers of "
                f"the Jacobians, which are {expected} from left to right"
            )
        jacobian = product(best)
    return Accumulation(jacobian, count)


def _best(n: Sequence[int]) -> tuple[int, Bracketing]:
    """Least cost of all orders, and the order."""
    t = len(n) - 1
    # Of the functions i+1 to j: the cost of the product of their Jacobians, and its order.
    cost = [[0] * (t + 1) for _ in range(t + 1)]
    order: list[list[Bracketing]] = [list(range(t + 1)) for _ in range(t + 1)]
    for length in range(2, t + 1):
        for i in range(t + 1 - length):
            j = i + length
            # Of several that are equally good, the first: it multiplies from the left, as reverse mode does.
            cost[i][j], k = min((cost[i][k] + cost[k][j] + n[i] * n[k] * n[j], k) for k in range(i + 1, j))
            order[i][j] = order[k][j], order[i][k]
    return cost[0][t], order[0][t]


def _numbers(order: Any) -> Iterator[Any]:
    """Numbers in a bracketing from left to right; something else where it is none."""
    if isinstance(order, tuple) and len(order) == 2:
        for part in order:
            yield from _numbers(part)
    else:
        yield order


def _written(bracketing: Bracketing) -> str:
    """Write a bracketing as a formula."""
    if not isinstance(bracketing, tuple):
        return f"J{bracketing}"
    return " ".join(f"({_written(part)})" if isinstance(part, tuple) else _written(part) for part in bracketing)
