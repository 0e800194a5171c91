"""Minima that lie at bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds

from dualnum.dispatch import primal_all
from dualnum.errors import ConvergenceError, InputError
from dualnum.jacobians import value_and_jacobian
from dualnum.packing import as_operand
from dualnum.reverse import grad

__all__ = ["bounded", "pairs_of", "within"]

# Distances in which round-off and the tolerance of a solver leave nothing to decide by, relative to a bound or to 1.
_TINY = 1e-7


def bounded(gradient: Callable[[Any], Any], pairs: Sequence[Sequence[Any]], x: np.ndarray, where: str) -> Any:
    """Make a function that is zero at a minimum within bounds: the gradient, or where a bound stops it, the distance to that.

    Parameters
    ----------
    gradient : callable
        Of what is minimised.
    pairs : sequence
        Lower and upper bound of each unknown; None stands for no bound. They may be active.
    x : array
        What a solver has found.
    where : str
        For messages.

    Raises
    ------
    ConvergenceError
        An unknown is at its bound, but hardly pressed against it: to one side of this point it is free, to the other not.
    """
    slope, curvature = map(primal_all, value_and_jacobian(gradient)(x.copy()))
    limits: dict[int, Any] = {}
    for i, pair in enumerate(pairs):
        at, down, bend = x.reshape(-1)[i], -slope.reshape(-1)[i], curvature.reshape(x.size, x.size)[i, i]
        low, high = (
            side if limit is None else primal_all(limit) for limit, side in zip(pair, (-np.inf, np.inf), strict=True)
        )
        if low == high:
            limits[i] = pair[0]
            continue
        # How far it would go, if the others stayed where they are. A solver may have stopped on its way to the bound.
        step = down / bend if bend > 0 else np.sign(down) * np.inf if down else 0.0
        for limit, edge, outward in ((pair[0], low, -step), (pair[1], high, step)):
            gap = abs(edge - at)
            if gap == np.inf:
                continue
            if max(gap, abs(step)) <= _TINY * max(1.0, abs(edge)) or gap / 2 < outward < 2 * gap:
                raise ConvergenceError(
                    f"{where}: unknown number {i} is near its bound, and it cannot be told whether that stops it. If it would "
                    "be there without the bound too, the minimum has a kink as a function of its parameters; else ask the "
                    "solver for more accuracy."
                )
            if outward > gap:
                limits[i] = limit
    if not limits:
        return gradient
    stopped = np.isin(np.arange(x.size), list(limits)).reshape(x.shape)
    target = as_operand([limits.get(i, 0.0) for i in range(x.size)]).reshape(x.shape)
    return lambda x: np.where(stopped, x - target, gradient(x))


def within(objective: Callable[[Any], Any], limits: Any, x: np.ndarray, where: str) -> Callable[[Any], Any]:
    """Make the gradient of what is minimised, or what takes its place at bounds: pairs, SciPy's `Bounds`, or None."""
    gradient = grad(objective)
    if limits is None:
        return gradient
    pairs = pairs_of(limits.lb, limits.ub, x.size) if isinstance(limits, Bounds) else list(limits)
    if len(pairs) != x.size:
        raise InputError(f"{where}: there are {len(pairs)} pairs of bounds for {x.size} unknowns.")
    return bounded(gradient, pairs, x, where)


def pairs_of(low: Any, high: Any, n: int) -> list[tuple[Any, Any]]:
    """Bounds of each of n unknowns."""
    return list(zip(*(np.broadcast_to(as_operand(limit), n) for limit in (low, high)), strict=True))
