"""Fixed rules of quadrature for partials that are integrals; what is integrated may hold Duals.

The nodes lie along a new first axis, and their number and place depend on values only, so that an integral is a weighted
sum that is differentiable in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from dualnum.dispatch import primal_all

__all__ = ["Rule", "blocks", "gauss", "integral", "tanh_sinh"]

#: Numbers in one block of nodes times values, so that temporary arrays stay in cache.
_BLOCK = 1 << 15


class Rule(NamedTuple):
    """Nodes and weights; ``rest`` is the distance of the nodes from the upper end, without cancellation."""

    nodes: np.ndarray
    weights: np.ndarray
    rest: np.ndarray


def _rule(nodes: np.ndarray, weights: np.ndarray, rest: np.ndarray) -> Rule:
    for part in (nodes, weights, rest):
        part.flags.writeable = False  # it is shared by all callers
    return Rule(nodes, weights, rest)


@cache
def gauss(n: int) -> Rule:
    """Gauss's rule with `n` nodes in (0, 1), for smooth integrands."""
    x, w = np.polynomial.legendre.leggauss(n)
    return _rule((1 + x) / 2, w / 2, (1 - x) / 2)


@cache
def tanh_sinh(step: float = 0.1, end: float = 3.3) -> Rule:
    """Rule on (0, 1) for integrands with singularities at the ends (Takahasi & Mori 1974).

    By default 67 nodes, the outermost 1e-18 away from the ends. An integrand that is singular at 1 should be written in
    terms of ``rest``.
    """
    t = np.arange(-round(end / step), round(end / step) + 1) * step
    u = np.pi * np.sinh(t)
    nodes, rest = 1 / (1 + np.exp(-u)), 1 / (1 + np.exp(u))
    return _rule(nodes, step * np.pi * np.cosh(t) * nodes * rest, rest)


def blocks(count: int, shape: tuple[int, ...]) -> list[slice]:
    """Divide `count` nodes so that a block of them times values of this shape is not too large."""
    step = max(1, _BLOCK // max(1, int(np.prod(shape))))
    return [slice(i, i + step) for i in range(0, count, step)]


def integral(integrand: Callable[..., Any], rule: Rule, *values: Any, rest: bool = False) -> Any:
    """Sum of weight times ``integrand(nodes, *values)``, over a new first axis.

    Parameters
    ----------
    integrand : callable
        Of nodes (shape ``(m, 1, ..., 1)``) and the values. With ``rest`` it is called as
        ``integrand(nodes, rest, *values)``.
    rule : Rule
        Nodes and weights.
    *values : array_like or Dual
        What the integrand depends on; their shapes broadcast.
    rest : bool
        Whether the integrand also wants the nodes' distances from the upper end.

    Returns
    -------
    array or Dual
        Of the shape of the values together.
    """
    shape = np.broadcast_shapes(*(np.shape(primal_all(v)) for v in values))
    total: Any = None
    for block in blocks(rule.nodes.size, shape):
        nodes, weights, others = (part[block].reshape(-1, *(1 for _ in shape)) for part in rule)
        term = np.sum(weights * integrand(nodes, *((others,) if rest else ()), *values), axis=0)
        total = term if total is None else total + term
    return total
