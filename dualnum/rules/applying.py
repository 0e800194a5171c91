"""Rows of functions that apply a function given by the user along the axes of an array."""

from __future__ import annotations

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualnum.rules.shape import as_array
from dualnum.table import composite


def _apply_along_axis(func1d, axis, arr, *args, **kwargs):
    arr = as_array(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    lines = np.moveaxis(arr, axis, -1)
    lead = lines.shape[:-1]
    if not all(lead):
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    results = np.stack([as_array(func1d(lines[index], *args, **kwargs)) for index in np.ndindex(lead)])
    shape = results.shape[1:]
    # The axes of what the function gives stand where the axis was.
    return np.moveaxis(
        results.reshape(lead + shape), range(len(lead), len(lead) + len(shape)), range(axis, axis + len(shape))
    )


def _apply_over_axes(func, a, axes):
    result = as_array(a)
    for axis in np.atleast_1d(axes).tolist():
        axis = normalize_axis_index(axis, np.ndim(a))
        reduced = func(result, axis)
        result = reduced if reduced.ndim == result.ndim else np.expand_dims(reduced, axis)
    return result


composite(np.apply_along_axis, _apply_along_axis, exact=True)
composite(np.apply_over_axes, _apply_over_axes, exact=True)
