"""Rows of histograms and of the statistics of pairs."""

from __future__ import annotations

import math

import numpy as np

from dualnum.dispatch import apply_function, primal_all
from dualnum.packing import as_operand
from dualnum.rules.reductions import cast
from dualnum.table import composite, linear

# Histograms


def _weighted_counts(x, weights, minlength):
    """Sum of the weights of each integer."""
    return np.bincount(x, weights, minlength)


def _weighted_counts_of_directions(x, weights_dot, minlength):
    size = max(int(np.max(x, initial=-1)) + 1, minlength)
    bins = np.arange(weights_dot.shape[0])[:, np.newaxis] * size + np.asarray(x, np.intp)
    counts = np.bincount(np.ravel(bins), np.ravel(weights_dot), weights_dot.shape[0] * size)
    return np.reshape(counts, (weights_dot.shape[0], size))


# A function of its own, for older NumPy does not tell at which position of bincount the weights are.
linear(
    _weighted_counts,
    None,
    lambda out_bar, x, weights, minlength: out_bar[np.asarray(x, np.intp)],
    batched={1: _weighted_counts_of_directions},
)


def _bincount(x, /, weights=None, minlength=0):
    return apply_function(_weighted_counts, (x, weights, minlength), {})


composite(np.bincount, _bincount, exact=True)


def _histogram_bin_edges(a, bins=10, range=None, weights=None):
    bins = bins if isinstance(bins, str) else as_operand(bins)
    if not isinstance(bins, str) and bins.ndim == 1:
        return bins
    a = as_operand(a)
    plain_range = range and tuple(primal_all(end) for end in range)
    n = len(np.histogram_bin_edges(primal_all(a), bins, plain_range, primal_all(weights))) - 1
    if range is None:
        range = (np.min(a), np.max(a)) if a.size else (0.0, 1.0)
    first, last = range
    if primal_all(first) == primal_all(last):
        first, last = first - 0.5, last + 0.5
    steps = np.arange(n + 1) / n
    return first * (1 - steps) + last * steps


composite(np.histogram_bin_edges, _histogram_bin_edges)


def _histogram(a, bins=10, range=None, density=None, weights=None):
    edges = np.histogram_bin_edges(a, bins, range, weights)
    plain, plain_edges = np.ravel(primal_all(as_operand(a))), primal_all(edges)
    index = np.searchsorted(plain_edges, plain, "right") - 1
    index = np.where(plain == plain_edges[-1], len(plain_edges) - 2, index)
    inside = (plain >= plain_edges[0]) & (plain <= plain_edges[-1])
    weights = None if weights is None else np.ravel(as_operand(weights))[inside]
    counts = np.bincount(index[inside], weights, len(plain_edges) - 1)
    return (counts / np.diff(edges) / np.sum(counts) if density else counts), edges


composite(np.histogram, _histogram)


def _grid_edges(sample, bins, range, ndim):
    """Edges of the bins along each axis, as histogramdd makes them of its arguments."""
    bins = bins if np.iterable(bins) else [bins] * ndim
    ranges = [None] * ndim if range is None else range
    return [np.histogram_bin_edges(sample[i], bins[i], ranges[i]) for i in np.arange(ndim)]


def _histogramdd(sample, bins=10, range=None, density=None, weights=None):
    # One row for each axis; a sequence is one already.
    is_array = not isinstance(sample, (list, tuple)) and np.ndim(sample) == 2
    sample = np.transpose(sample) if is_array else np.atleast_2d(as_operand(sample))
    edges = _grid_edges(sample, bins, range, len(sample))
    counts = [len(e) - 1 for e in edges]
    index, inside = 0, True
    for points, e, n in zip(primal_all(sample), map(primal_all, edges), counts, strict=True):
        place = np.where(points == e[-1], n - 1, np.searchsorted(e, points, "right") - 1)
        inside = inside & (place >= 0) & (place < n)
        index = index * n + place
    weights = None if weights is None else as_operand(weights)[inside]
    histogram = np.bincount(index[inside], weights, math.prod(counts)).reshape(counts)
    if density:
        histogram = histogram / np.sum(histogram)
        for axis, e in enumerate(edges):
            histogram = histogram / np.reshape(np.diff(e), [-1 if i == axis else 1 for i in np.arange(len(edges))])
    return histogram, tuple(edges)


def _histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    if np.iterable(bins) and len(bins) not in (1, 2):
        bins = [bins, bins]
    histogram, edges = _histogramdd([as_operand(x), as_operand(y)], bins, range, density, weights)
    return histogram, *edges


composite(np.histogramdd, _histogramdd)
composite(np.histogram2d, _histogram2d)


# Statistics of pairs


def _cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    x = cast(as_operand(m), dtype)
    x = np.transpose(x) if not rowvar and x.ndim == 2 else np.atleast_2d(x)
    if y is not None:
        y = np.atleast_2d(cast(as_operand(y), dtype))
        x = np.concatenate([x, np.transpose(y) if not rowvar and y.shape[0] != 1 else y], 0)
    ddof = int(not bias) if ddof is None else ddof
    weights = None
    for given in (fweights, aweights):
        if given is not None:
            weights = as_operand(given) if weights is None else weights * as_operand(given)
    x = x - np.average(x, axis=1, weights=weights, keepdims=True)
    if weights is None:
        weights, divisor = 1, x.shape[1] - ddof
    else:
        total = np.sum(weights)
        divisor = total - ddof * (1 if aweights is None else np.sum(weights * as_operand(aweights)) / total)
    return np.squeeze(np.dot(x * weights, np.conjugate(np.transpose(x))) / divisor)


def _corrcoef(x, y=None, rowvar=True, *, dtype=None):
    c = _cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    deviations = np.sqrt(np.real(np.diagonal(c)))
    return c / np.expand_dims(deviations, 1) / deviations


composite(np.cov, _cov)
composite(np.corrcoef, _corrcoef)
