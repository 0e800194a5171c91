"""Minima that lie at bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import ConvergenceError
from dualnum.jacobians import value_and_jacobian
from dualnum.packing import as_operand

__all__ = ["bounded"]

# How near to a bound a solver may have stopped that has come to it from inside; and how near to it a free minimum is in doubt.
# Both relative to the bound or to 1.
_NEAR, _DOUBTFUL = 1e-3, 1e-5


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
        for limit, outward in zip(pair, (-1.0, 1.0), strict=True):
            edge = np.inf if limit is None else primal_all(limit)
            size = max(1.0, abs(edge))
            if not np.isfinite(edge) or abs(at - edge) > _NEAR * size:
                continue
            # How far beyond the bound it would be, if the others stayed where they are.
            beyond = outward * (at + down / bend - edge if bend > 0 else down * np.inf)
            if abs(beyond) <= _DOUBTFUL * size:
                raise ConvergenceError(
                    f"{where}: unknown number {i} is at its bound, and would be there without it: the minimum has a kink as a "
                    "function of its parameters, and no derivatives."
                )
            if beyond > 0:
                limits[i] = limit
    if not limits:
        return gradient
    stopped = np.isin(np.arange(x.size), list(limits)).reshape(x.shape)
    target = as_operand([limits.get(i, 0.0) for i in range(x.size)]).reshape(x.shape)
    return lambda x: np.where(stopped, x - target, gradient(x))
