"""Losses of SciPy's `least_squares`, by which residuals count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dualnum.packing import as_operand

__all__ = ["cost", "costs"]


def _huber(z: Any) -> Any:
    return np.where(z <= 1, z, 2 * np.sqrt(np.where(z <= 1, 1.0, z)) - 1)


# Of the squares of residuals.
_LOSSES: dict[str, Callable[[Any], Any]] = {
    "soft_l1": lambda z: 2 * (np.sqrt(1 + z) - 1),
    "huber": _huber,
    "cauchy": np.log1p,
    "arctan": np.arctan,
}


def costs(residuals: Any, options: Mapping[str, Any]) -> Any:
    """What each residual adds to twice the cost, with the `loss` and the `f_scale` among the options."""
    loss = options.get("loss", "linear")
    if loss == "linear":
        return np.square(residuals)
    scale = options.get("f_scale", 1.0)
    z = (residuals / scale) ** 2
    return scale**2 * (as_operand(loss(z))[0] if callable(loss) else _LOSSES[loss](z))


def cost(residuals: Any, options: Mapping[str, Any]) -> Any:
    """What least_squares minimises."""
    r = np.atleast_1d(residuals)
    return 0.5 * (np.dot(r, r) if options.get("loss", "linear") == "linear" else np.sum(costs(r, options)))
