"""Rows of the interpolation of `scipy.ndimage`, by way of `dualnum.scipy.ndimage`; values are SciPy's own.

An image is a spline: a sum of B-splines around the points of the grid, whose coefficients a recursive filter finds. It
is linear in the image, and smooth in the coordinates: both derivatives come from the sum.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage, special

from dualnum.batching import from_end
from dualnum.dispatch import primal_all
from dualnum.packing import as_operand
from dualnum.rules.convolving import extended, folded, is_plain_zero, scalar
from dualnum.rules.products import fitted
from dualnum.rules.scipy_ndimage_filters import for_each
from dualnum.rules.wrapped import register
from dualnum.table import linear
from dualnum.twins import dispatching

# Coefficients


def _coefficients(x, order, axis, mode):
    return ndimage.spline_filter1d(x, order, axis, np.result_type(x.dtype, np.float64), mode)


#: ``coefficients(x, order, axis, mode)`` of the splines along an axis that go through the elements of `x`.
coefficients = dispatching(_coefficients)
coefficients.__name__ = "splines.coefficients"  # by which it is counted


# Modes in which SciPy's filter starts with an error, one that is beyond the last digit of lines that are not short.
_MIRRORED_BETWEEN, _SHORT = ("reflect", "grid-mirror", "nearest"), 32


def _coefficients_push(x_dot, order, axis, mode):
    return coefficients(x_dot, order, from_end(axis, x_dot.ndim - 1), mode)


def _coefficients_pull(out_bar, x, order, axis, mode):
    """Transpose of the filter: that of the inverse of a matrix of samples of B-splines.

    Where the ends are mirrored between elements, and where they wrap, that matrix is symmetric. Where they are mirrored at
    the last elements, these stand in it once and the others twice: it is symmetric up to a factor 1/2 in its first and last
    columns.
    """
    n = x.shape[axis]
    if mode in _MIRRORED_BETWEEN and n < _SHORT:
        matrix = ndimage.spline_filter1d(np.eye(n), order, 0, mode=mode).T
        return fitted(np.moveaxis(np.tensordot(matrix, out_bar, (1, axis)), 0, axis), x)
    if mode in (*_MIRRORED_BETWEEN, "grid-wrap") or n < 2:
        return fitted(coefficients(out_bar, order, axis, mode), x)
    weights = np.ones(n)
    weights[[0, -1]] = 0.5
    weights = np.reshape(weights, [n if i == axis % x.ndim else 1 for i in range(x.ndim)])
    return fitted(coefficients(out_bar / weights, order, axis, mode) * weights, x)


linear(coefficients, _coefficients_pull, batched=_coefficients_push)


def _all_coefficients(x, order, axes, mode):
    if order > 1:
        for axis in axes:
            x = coefficients(x, order, axis, mode)
    return x


def _floating(x):
    x = as_operand(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


register(
    ndimage.spline_filter1d,
    lambda input, order, axis, output, mode: _all_coefficients(_floating(input), order, [axis], mode) + 0.0,
)
register(
    ndimage.spline_filter,
    lambda input, order, output, mode: _all_coefficients(_floating(input), order, range(np.ndim(input)), mode) + 0.0,
)


# Splines at coordinates

# Beyond the ends SciPy pads images in some modes by that many elements, and has the coefficients of the others mirrored so.
_PADDED = 12
_COEFFICIENTS_BEYOND = {"constant": "mirror", "wrap": "mirror", "grid-constant": "nearest"}


def _b_splines(t, order):
    """The B-splines that are not zero at a place between two knots, from the left; all terms are positive (de Boor 1972)."""
    weights = [np.ones_like(t)]
    for k in range(1, order + 1):
        last = [None, *weights, None]
        weights = []
        for j in range(k + 1):
            left, right = last[j], last[j + 1]
            terms = [(t + (k - j)) * left] if left is not None else []
            terms += [((1 + j) - t) * right] if right is not None else []
            weights.append(sum(terms[1:], terms[0]) / k)
    return weights


def _along(cc, n, order, mode):
    """Indices and weights of the coefficients around each coordinate, along a new first axis.

    And which coordinates, and which coefficients, are outside of the image, in the modes in which that matters.
    """
    at = np.nan_to_num(np.asarray(primal_all(cc), float))
    outside = (at < 0) | (at > n - 1) if mode == "constant" else None
    if mode == "wrap" and n > 1:
        # The period is that from the first element to the last one.
        turns = np.where((at < 0) | (at > n - 1), np.floor(at / (n - 1)), 0.0)
        cc, at = cc - turns * (n - 1), at - turns * (n - 1)
    shift = 0.0 if order % 2 else 0.5
    start = np.floor(at + shift)
    if order == 1 and mode == "constant":
        start = np.where(at == n - 1, start - 1, start)  # no slope leads on from the last element
    weights = np.stack(_b_splines(cc - (start - shift), order)) if order else None
    places = start.astype(int) - order // 2
    beyond = _COEFFICIENTS_BEYOND.get(mode, mode)
    near = places + np.reshape(np.arange(order + 1), [order + 1] + [1] * places.ndim)
    missing = (near < 0) | (near >= n) if mode == "grid-constant" else None
    return folded(beyond, near, n), weights, outside, missing


def _prepared(x, axes, coordinates, order, mode, cval, prefilter):
    """Coefficients along some axes, and where to look them up."""
    x = _floating(x)
    if prefilter and order > 1:
        if mode in ("nearest", "grid-constant"):
            coordinates = [cc + _PADDED for cc in coordinates]
            for axis in axes:
                x = _padded(x, axis, mode, cval)
        x = _all_coefficients(x, order, axes, mode)
    return x, [_along(cc, x.shape[axis], order, mode) for cc, axis in zip(coordinates, axes, strict=True)]


def _interpolated(x, coordinates, order, mode, cval, prefilter):
    """Values at coordinates, one array for each of the last axes of `x`; they have the same shape."""
    count = len(coordinates)
    axes = range(np.ndim(x) - count, np.ndim(x))
    x, parts = _prepared(x, axes, coordinates, order, mode, cval, prefilter)
    indices, weights, outside, missing = zip(*parts, strict=True)
    # All coefficients around each place, along one axis for each of those that are interpolated.
    y = x[(..., *(_apart(near, i, count) for i, near in enumerate(indices)))]
    if mode == "grid-constant":
        y = np.where(_any([_apart(mask, i, count) for i, mask in enumerate(missing)]), cval, y)
    for i in range(count - 1, -1, -1):
        y = np.sum(y * weights[i], x.ndim - count + i) if order else np.squeeze(y, x.ndim - count + i)
    return np.where(_any(outside), cval, y) if mode == "constant" else y


def _apart(a, i, count):
    """Make the first axis of an array the one of number `i` among several, which stand before its others."""
    return np.reshape(a, [*[1] * i, len(a), *[1] * (count - 1 - i), *a.shape[1:]])


def _interpolated_on_grid(x, coordinates, order, mode, cval, prefilter):
    """Values on a grid, of which the coordinates along each axis are given: one axis after the other, which is faster."""
    axes = range(np.ndim(x))
    # All splines of a constant are that constant.
    lifted = mode == "grid-constant" and not is_plain_zero(cval)
    if lifted:
        x = _floating(x) - cval
    y, parts = _prepared(x, axes, coordinates, order, mode, 0.0, prefilter)
    outside = None
    for axis, (indices, weights, beyond, missing) in enumerate(parts):
        y = np.take(y, indices, axis)
        if missing is not None:
            y = np.where(_along_axis(missing, axis, y.ndim), 0.0, y)
        y = np.sum(y * _along_axis(weights, axis, y.ndim), axis) if order else np.squeeze(y, axis)
        if beyond is not None:
            mask = _along_axis(beyond, axis, y.ndim)
            outside = mask if outside is None else outside | mask
    if lifted:
        y = y + cval
    return y if outside is None else np.where(outside, cval, y)


def _along_axis(a, axis, ndim):
    """Put axes of length 1 behind those of an array, so that its first one is that of number `axis` from the left."""
    return np.reshape(a, [*a.shape, *[1] * (ndim - axis - a.ndim)])


def _any(masks):
    found = masks[0]
    for mask in masks[1:]:
        found = found | mask
    return found


def _padded(x, axis, mode, cval):
    if mode == "nearest" or is_plain_zero(cval):
        return extended(x, axis, _PADDED, _PADDED, mode)
    return extended(x - cval, axis, _PADDED, _PADDED, mode) + cval


def _map_coordinates(input, coordinates, output, order, mode, cval, prefilter):
    coordinates = as_operand(coordinates)
    return _interpolated(input, [coordinates[i] for i in range(np.ndim(input))], order, mode, cval, prefilter)


def _grid(shape):
    """Indices of the elements of an array, axis by axis, that broadcast together."""
    return [
        np.reshape(np.arange(n), [n if i == axis else 1 for i in range(len(shape))]) for axis, n in enumerate(shape)
    ]


def _shift(input, shift, output, order, mode, cval, prefilter):
    x = as_operand(input)
    shifts = for_each(as_operand(shift) if np.iterable(shift) else shift, x.ndim)
    coordinates = [np.arange(n) - s for n, s in zip(x.shape, shifts, strict=True)]
    return _interpolated_on_grid(x, coordinates, order, mode, cval, prefilter)


# New versions of SciPy give a copy where nothing is to be zoomed.
_COPIES = bool(np.all(ndimage.zoom([1.0, 0.0], 1, order=5, mode="grid-mirror") == [1.0, 0.0]))


def _zoom(input, zoom, output, order, mode, cval, prefilter, grid_mode=False):
    x = as_operand(input)
    factors = for_each(zoom, x.ndim)
    shape = [round(n * factor) for n, factor in zip(x.shape, factors, strict=True)]
    if _COPIES and prefilter and all(factor == 1 for factor in factors):
        return np.copy(x)
    coordinates = []
    for n, m in zip(x.shape, shape, strict=True):
        k = np.arange(m)
        if grid_mode:
            coordinates.append((k + 0.5) * (n / m if m else 1.0) - 0.5)
        else:
            coordinates.append(k * ((n - 1) / (m - 1) if m != 1 else 1.0))
    return _interpolated_on_grid(x, coordinates, order, mode, cval, prefilter)


def _moved(shape, matrix, offsets):
    """Coordinates of the elements of an array, moved; added in SciPy's order, for on the grid the last bit counts."""
    grid, coordinates = _grid(shape), []
    for i, offset in enumerate(offsets):
        cc = offset + np.zeros(shape)
        for j, k in enumerate(grid):
            cc = cc + k * matrix[i, j]
        coordinates.append(cc)
    return coordinates


def _affine_transform(input, matrix, offset, output_shape, output, order, mode, cval, prefilter):
    x, matrix = as_operand(input), as_operand(matrix)
    shape = x.shape if output_shape is None else tuple(np.atleast_1d(output_shape).tolist())
    if matrix.ndim == 2 and matrix.shape[1] == x.ndim + 1:
        offset, matrix = matrix[: x.ndim, x.ndim], matrix[: x.ndim, : x.ndim]
    offsets = for_each(as_operand(offset) if np.iterable(offset) else offset, x.ndim)
    if matrix.ndim == 1:
        coordinates = [
            (np.arange(n) + o / factor) * factor for n, factor, o in zip(shape, matrix, offsets, strict=True)
        ]
        return _interpolated_on_grid(x, coordinates, order, mode, cval, prefilter)
    return _interpolated(x, _moved(shape, matrix, offsets), order, mode, cval, prefilter)


def _rotate(input, angle, axes, reshape, output, order, mode, cval, prefilter):
    x = as_operand(input)
    axes = sorted(int(axis) % x.ndim for axis in axes)
    angle = scalar(angle)
    c, s = special.cosdg(angle), special.sindg(angle)
    size = np.array([x.shape[axis] for axis in axes])
    plain = ndimage.rotate(np.empty(size), primal_all(angle), reshape=reshape, order=0)
    matrix = np.stack([np.stack([c, s]), np.stack([-s, c])])
    offset = (size - 1) / 2 - np.matmul(matrix, (np.array(plain.shape) - 1) / 2)
    coordinates = _moved(plain.shape, matrix, offset)
    y = _interpolated(np.moveaxis(x, axes, (-2, -1)), coordinates, order, mode, cval, prefilter)
    return np.moveaxis(y, (-2, -1), axes)


register(ndimage.map_coordinates, _map_coordinates)
register(ndimage.shift, _shift)
register(ndimage.zoom, _zoom, constants=(("zoom", "it decides on the number of elements alone"),))
register(ndimage.affine_transform, _affine_transform)
register(ndimage.rotate, _rotate)
