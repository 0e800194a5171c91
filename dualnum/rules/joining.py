"""Rows of functions that join arrays or split them."""

from __future__ import annotations

import numpy as np

from dualnum.batching import axes_from_end, from_end
from dualnum.dispatch import primal_all
from dualnum.rules.shape import as_array, transpose_of_selection
from dualnum.table import composite, linear

# Joining along one axis: each function gives its parts a certain shape, and then concatenates them.


def _joining(function, plan):
    """Register a function of a sequence; ``plan(shapes, ...)`` gives the shapes to concatenate, and the axis."""

    def of_directions(arrays_dot, *args, **kwargs):
        parts = arrays_dot if isinstance(arrays_dot, list) else list(np.swapaxes(arrays_dot, 0, 1))
        if function is np.concatenate and not args and not kwargs:
            return np.concatenate(parts, 1)  # the usual case, in short
        shapes, axis = plan([part.shape[1:] for part in parts], *args, **kwargs)
        planned = [
            part if len(shape) == part.ndim - 1 else part.reshape(part.shape[0], *shape)
            for part, shape in zip(parts, shapes, strict=True)
        ]
        return np.concatenate(planned, axis + 1)

    def transpose(out_bar, arrays, *args, **kwargs):
        old = [np.shape(array) for array in arrays]
        shapes, axis = plan(old, *args, **kwargs)
        ends = np.cumsum([shape[axis] for shape in shapes])
        pieces = [np.reshape(p, shape) for p, shape in zip(np.split(out_bar, ends[:-1], axis), old, strict=True)]
        return pieces if isinstance(arrays, (list, tuple)) else np.stack(pieces)

    linear(function, transpose, batched=of_directions, moves=True, nesting=1)


def _plan_concatenate(shapes, axis=0, out=None, *, dtype=None, casting=None):
    if axis is None:
        return [(int(np.prod(shape)),) for shape in shapes], 0
    return shapes, axis if axis >= 0 else axis + len(shapes[0])


def _plan_stack(shapes, axis=0, out=None, *, dtype=None, casting=None):
    axis = from_end(axis, len(shapes[0]) + 1) + len(shapes[0]) + 1
    return [(*shape[:axis], 1, *shape[axis:]) for shape in shapes], axis


def _plan_vstack(shapes, *, dtype=None, casting=None):
    return [(1,) * (2 - len(shape)) + shape for shape in shapes], 0


def _plan_hstack(shapes, *, dtype=None, casting=None):
    return [shape or (1,) for shape in shapes], 0 if len(shapes[0]) < 2 else 1


def _plan_dstack(shapes):
    return [shape if len(shape) > 2 else ((1,) * (2 - len(shape)) + shape + (1,)) for shape in shapes], 2


def _plan_column_stack(shapes):
    return [shape if len(shape) > 1 else (shape or (1,)) + (1,) for shape in shapes], 1


_joining(np.concatenate, _plan_concatenate)
_joining(np.stack, _plan_stack)
_joining(np.vstack, _plan_vstack)
_joining(np.hstack, _plan_hstack)
_joining(np.dstack, _plan_dstack)
_joining(np.column_stack, _plan_column_stack)


def _append(arr, values, axis=None):
    if axis is None:
        return np.concatenate([np.ravel(as_array(arr)), np.ravel(as_array(values))])
    return np.concatenate([as_array(arr), as_array(values)], axis)


def _leaves(nested):
    return [leaf for item in nested for leaf in _leaves(item)] if isinstance(nested, list) else [as_array(nested)]


def _block(arrays):
    depth, first = 0, arrays
    while isinstance(first, list):
        depth, first = depth + 1, first[0]
    ndim = max(depth, *(leaf.ndim for leaf in _leaves(arrays)))

    def join(item, axis):
        if isinstance(item, list):
            return np.concatenate([join(part, axis + 1) for part in item], axis)
        item = as_array(item)
        return item.reshape((1,) * (ndim - item.ndim) + item.shape)

    return join(arrays, -depth) if depth else as_array(arrays).copy()


composite(np.append, _append, exact=True)
composite(np.block, _block)


# Splitting


def _split_directions(function):
    return lambda ary_dot, indices_or_sections, axis=0: function(
        ary_dot, indices_or_sections, axes_from_end(axis, ary_dot)
    )


def _split_along(axis):
    return lambda ary_dot, indices_or_sections: np.split(ary_dot, indices_or_sections, axis)


def _hsplit_directions(ary_dot, indices_or_sections):
    return np.split(ary_dot, indices_or_sections, 2 if ary_dot.ndim > 2 else 1)


def _unstack_directions(x_dot, /, *, axis=0):
    return np.unstack(x_dot, axis=axes_from_end(axis, x_dot))


for _function, _batched in (
    (np.split, _split_directions(np.split)),
    (np.array_split, _split_directions(np.array_split)),
    (np.vsplit, _split_along(1)),
    (np.hsplit, _hsplit_directions),
    (np.dsplit, _split_along(3)),
):
    linear(_function, transpose_of_selection(_function), batched=_batched, view=True, moves=True)
linear(
    np.unstack,
    lambda out_bar, x, /, *, axis=0: np.stack(out_bar, axis),
    batched=_unstack_directions,
    view=True,
    moves=True,
)


# Grids


def _meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    np.meshgrid(indexing=indexing)  # which knows what is a valid one
    n = len(xi)
    axes = list(range(n))
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    grids = [
        x.reshape((1,) * axis + (x.size,) + (1,) * (n - 1 - axis))
        for x, axis in zip(map(as_array, xi), axes, strict=True)
    ]
    if not sparse:
        grids = np.broadcast_arrays(*grids)
    if copy:
        return tuple(grid.copy() for grid in grids)
    return _OPEN_GRIDS(grids) if sparse else grids


# A list before NumPy 2.5.
_OPEN_GRIDS = type(np.meshgrid([0.0], copy=False, sparse=True))

composite(np.meshgrid, _meshgrid, exact=True)


# Inserting and deleting: NumPy does it to the numbers of the elements, and these are then taken.


def _numbers(array, start=0):
    return np.arange(start, start + array.size).reshape(array.shape)


def _insert(arr, obj, values, axis=None):
    arr, values = as_array(arr), as_array(values)
    numbers = np.insert(_numbers(arr), primal_all(obj), _numbers(values, arr.size), axis)
    return np.take(np.concatenate([np.ravel(arr), np.ravel(values).astype(arr.dtype)]), numbers)


def _delete(arr, obj, axis=None):
    return np.take(np.ravel(arr), np.delete(_numbers(arr), primal_all(obj), axis))


# Not exact: NumPy also keeps the order in memory, on which depends what is a view of the result.
composite(np.insert, _insert)
composite(np.delete, _delete)
