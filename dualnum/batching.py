"""Leading a block of directions past arguments that count axes without it.

The tangent of an array has its K directions along a new first axis. Axes counted from the end mean the same with and
without it, so the batched forms of rows count from the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

__all__ = [
    "ALONG_DIRECTIONS",
    "aligned",
    "aligned_to",
    "along_directions",
    "axes_from_end",
    "from_end",
    "spread_number",
]


def from_end(axis: Any, ndim: int) -> Any:
    """Count axes from the end of an array with `ndim` of them; None stands for all axes.

    Of a scalar, NumPy's reductions take 0 and -1 for axes too.
    """
    if axis.__class__ is int and ndim:
        return normalize_axis_index(axis, ndim) - ndim
    if axis is None or (ndim == 0 and not isinstance(axis, Iterable) and axis in (0, -1)):
        return tuple(range(-ndim, 0))
    if isinstance(axis, Iterable):
        return tuple(a - ndim for a in normalize_axis_tuple(axis, ndim))
    return normalize_axis_index(axis, ndim) - ndim


def axes_from_end(axis: Any, tangent: Any) -> Any:
    """Count the axes of an argument from the end, given its tangent with directions; None stands for all axes."""
    return from_end(axis, np.ndim(tangent) - 1)


def aligned(tangent: Any, ndim: int) -> Any:
    """Put axes of length 1 behind the axis of directions, so that `ndim` axes follow it (or more, as before).

    An operand with fewer axes than the other broadcasts against it from the end; its directions must stay in front.
    """
    shape = tangent.shape
    missing = ndim + 1 - len(shape)
    return tangent.reshape(shape[:1] + (1,) * missing + shape[1:]) if missing > 0 else tangent


def aligned_to(tangent: Any, x: Any, ndim: int) -> Any:
    """Make a tangent of `x`, with directions or without, broadcast as `x` does against an array with `ndim` axes."""
    own = np.ndim(x)
    lead, shape = tangent.shape[: tangent.ndim - own], tangent.shape[tangent.ndim - own :]
    return np.reshape(tangent, lead + (1,) * (ndim - own) + shape) if lead and own < ndim else tangent


def spread_number(x: Any, shape: tuple[int, ...]) -> np.ndarray:
    """What `numpy.broadcast_to` gives of a NumPy scalar, in a tenth of its time."""
    return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))


#: How a linear function is applied along a leading axis; filled in where Duals are defined, for they carry directions.
ALONG_DIRECTIONS: list[Callable[[Callable[[Any], Any], Any], Any]] = []


def along_directions(function: Callable[[Any], Any], directions: Any) -> Any:
    """Apply a linear function, made of functions of the table, to K arrays (or lists of arrays) along a leading axis.

    No function has a form of its own for that: the arrays travel as the tangents of a Dual.
    """
    return ALONG_DIRECTIONS[0](function, directions)
