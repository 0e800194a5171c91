"""Rows of the measurements of `scipy.ndimage`, by way of `dualnum.scipy.ndimage`; values are SciPy's own."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from dualnum.dispatch import primal_all
from dualnum.errors import InputError
from dualnum.packing import as_operand
from dualnum.primitives import scatter
from dualnum.rules.products import conj
from dualnum.rules.wrapped import register
from dualnum.table import constant
from dualnum.twins import twin


class _Groups:
    """Elements of an image by the labels that are asked for, as one line each."""

    def __init__(self, image, labels, index):
        self.image = as_operand(image)
        if labels is not None:
            labels = np.asarray(labels)
            self.image = np.broadcast_to(self.image, np.broadcast_shapes(self.image.shape, labels.shape))
            labels = np.broadcast_to(labels, self.image.shape)
        self.single = labels is None or index is None or np.ndim(index) == 0
        wanted = np.zeros(1, int) if self.single else np.ravel(index)
        if labels is None:
            mask, place = np.ones(self.image.shape, bool), np.zeros(self.image.size, int)
        elif self.single:
            mask = labels > 0 if index is None else labels == index
            place = np.zeros(np.count_nonzero(mask), int)
        else:
            known, self.back = np.unique(wanted, return_inverse=True)
            place = np.minimum(np.searchsorted(known, labels), len(known) - 1)
            mask = known[place] == labels
            place = place[mask]
        self.where, self.place = np.nonzero(mask), place
        self.count = 1 if self.single else len(known)
        self.shape = () if self.single else np.shape(index)

    def line(self, image):
        """The elements, one after the other, of an array of the shape of the image."""
        return image[self.where]

    def sums(self, line):
        """Sum of what belongs to each group."""
        return np.sum(line, keepdims=True) if self.single else scatter(line, (self.place,), (self.count,))

    def sizes(self):
        return np.bincount(self.place, minlength=self.count)

    def asked(self, values):
        """What was computed for each group, as it was asked for."""
        return values[0] if self.single else np.reshape(values[np.ravel(self.back)], self.shape)


def _sum(input, labels, index):
    groups = _Groups(input, labels, index)
    return groups.asked(groups.sums(groups.line(groups.image)))


def _mean(input, labels, index):
    groups = _Groups(input, labels, index)
    return groups.asked(groups.sums(groups.line(groups.image)) / groups.sizes())


def _variance(input, labels, index):
    groups = _Groups(input, labels, index)
    line = groups.line(groups.image)
    centred = line - (groups.sums(line) / groups.sizes())[groups.place]
    return groups.asked(np.real(groups.sums(centred * conj(centred))) / groups.sizes())


def _standard_deviation(input, labels, index):
    variance = _variance(input, labels, index)
    # Where all elements are equal, the derivative is zero by convention.
    safe = primal_all(variance) != 0
    return np.where(safe, np.sqrt(np.where(safe, variance, 1.0)), 0.0)


def _centre(input, labels, index):
    groups = _Groups(input, labels, index)
    image, whole = groups.image, groups.sums(groups.line(groups.image))
    places = [groups.sums(groups.line(image * k)) / whole for k in np.indices(image.shape, float)]
    places = [groups.asked(place) for place in places]
    if groups.single:
        return tuple(places)
    return [tuple(place[i] for place in places) for i in range(len(places[0]))]


def _extreme(function):
    """Extremes by group: the average of the elements that tie."""

    def body(input, labels, index):
        groups = _Groups(input, labels, index)
        line = groups.line(groups.image)
        plain = primal_all(line)
        found = np.full(groups.count, np.inf if function is np.minimum else -np.inf, plain.dtype)
        function.at(found, groups.place, plain)
        ties = ((plain == found[groups.place]) | np.isnan(plain)).astype(plain.dtype)
        counts = np.maximum(np.bincount(groups.place, ties, groups.count), 1)
        return groups.asked(groups.sums(line * ties) / counts.astype(plain.dtype))

    return body


def _median(input, labels, index):
    groups = _Groups(input, labels, index)
    line = groups.line(groups.image)
    if not np.all(groups.sizes()):
        raise InputError("scipy.ndimage.median: a label of index is not among the labels, and has no median.")
    return groups.asked(np.stack([np.median(line[groups.place == i]) for i in range(groups.count)]))


register(ndimage.sum_labels, _sum)
register(ndimage.sum, _sum)
register(ndimage.mean, _mean)
register(ndimage.variance, _variance)
register(ndimage.standard_deviation, _standard_deviation)
register(ndimage.center_of_mass, _centre)
register(ndimage.minimum, _extreme(np.minimum))
register(ndimage.maximum, _extreme(np.maximum))
register(ndimage.median, _median)
constant(
    *(
        twin(function)
        for function in (ndimage.label, ndimage.minimum_position, ndimage.maximum_position, ndimage.histogram)
    )
)
