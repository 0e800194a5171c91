"""Tangents along all unit directions of an input, as terms.

Of each term, every element of an array has one number, and the direction that it belongs to: its place. What several terms
say of one direction adds up. Terms are never updated in place, so they can be shared.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from math import prod
from typing import Any

import numpy as np

from dualnum import floating
from dualnum.table import Elementwise
from dualnum.tangents import NUMBERS, combine, match_layout

__all__ = ["Directions", "Places", "Refused", "Stale", "Terms", "add_terms", "joined", "moved", "scaled", "transposed"]

# Numbers in the tangents of one array, up to which they are made dense where there is no other way; and in all of them.
_MOST_DENSE = 3 << 16
_MOST_IN_ALL = 1 << 22

# Of terms that have few elements, these many cost less than one array of all directions.
_FEW = 4

# From so many on, views that are no more are forgotten now and then.
_MANY_VIEWS = 64

_ONE = 1


class Refused(Exception):
    """Something was met that is better done with blocks of directions."""


class Places:
    """The directions that the numbers of a term belong to; there is one object for each array of them."""

    __slots__ = ("__weakref__", "array", "content")

    def __init__(self, array: Any, content: bytes) -> None:
        self.array, self.content = array, content


class Stale:
    """In place of the terms of a view whose memory was updated by another way: they cannot be used any more."""

    __slots__ = ("_directions",)

    def __init__(self, directions: Directions) -> None:
        self._directions = directions

    def __getattr__(self, name: str) -> Any:
        raise self._directions.refuse()

    def __len__(self) -> int:
        raise self._directions.refuse()

    def __iter__(self) -> Any:
        raise self._directions.refuse()


#: Numbers of each term, by their places.
Terms = dict[Places, Any]


class Directions:
    """The unit directions of one input, for one run of a function."""

    def __init__(self, k: int) -> None:
        self.k = k
        #: Whether something was refused; the function may have caught the exception.
        self.refused = False
        #: Terms of an array; with one more, an array of all directions is better.
        self.most_terms = max(_FEW, k // 4)
        #: By shape and ends, those in use: a loop that fills an array makes new ones with each element.
        self._known: dict[Any, list[weakref.ref[Places]]] = {}
        self._dense_numbers = 0
        #: Views by the id of the array whose memory they see.
        self._views: dict[int, list[weakref.ref[Any]]] = {}

    def places(self, array: Any) -> Places:
        """Find the object for these places; so terms that belong together are known to."""
        content = array.tobytes()
        key = array.shape, content[:8], content[-8:]
        alive = []
        for ref in self._known.get(key, ()):
            candidate = ref()
            if candidate is not None:
                if candidate.content == content:
                    return candidate
                alive.append(ref)
        places = Places(array, content)
        alive.append(weakref.ref(places))
        self._known[key] = alive
        return places

    def watch(self, view: Any, owner: np.ndarray) -> None:
        """Remember a Dual whose value is a view of an array."""
        refs = self._views.setdefault(id(owner), [])
        refs.append(weakref.ref(view))
        if len(refs) >= _MANY_VIEWS and not len(refs) & (len(refs) - 1):  # a power of two
            refs[:] = [ref for ref in refs if ref() is not None]

    def views(self, owner: np.ndarray) -> list[Any]:
        """Duals in use whose values are views of an array."""
        found = [view for ref in self._views.get(id(owner), ()) if (view := ref()) is not None]
        found = [view for view in found if view._value.base is owner]  # and not of one that had the same id
        self._views[id(owner)] = [weakref.ref(view) for view in found]
        return found

    def refuse(self) -> Refused:
        """Make the error, and remember it."""
        self.refused = True
        return Refused("this needs blocks of directions")

    def admit(self, value: Any) -> None:
        """Refuse what would take too much memory as an array of all directions."""
        size = value.size * self.k
        self._dense_numbers += size
        if (value.ndim and size > _MOST_DENSE) or self._dense_numbers > _MOST_IN_ALL:
            raise self.refuse()

    def dense(self, terms: Terms, value: Any) -> np.ndarray:
        """Tangents of all directions, along a leading axis."""
        self.admit(value)
        return self.as_tangent(self.rows(terms, value.shape), value)

    def as_tangent(self, rows: np.ndarray, value: Any) -> np.ndarray:
        """Derivatives of each element as the tangent of a value."""
        if value.ndim < 2:
            return rows.T if value.ndim else rows[0]
        return match_layout(value, np.moveaxis(rows.reshape(*value.shape, self.k), -1, 0))

    def rows(self, terms: Terms, shape: tuple[int, ...]) -> np.ndarray:
        """Derivatives of each element, in C order, along all directions."""
        size = prod(shape)
        start = np.arange(0, size * self.k, self.k) if terms else None
        return self.collect([(start + places.array.reshape(-1), numbers) for places, numbers in terms.items()], size)

    def collect(self, numbers: list[tuple[np.ndarray, np.ndarray]], size: int) -> np.ndarray:
        """Add numbers up, each at its index into the derivatives of some elements along all directions."""
        if not numbers or not size:
            return np.zeros((size, self.k))  # of nothing, NumPy's counts are integers
        index, weights = (np.concatenate([np.ravel(part) for part in parts]) for parts in zip(*numbers, strict=True))
        return np.bincount(index, weights, size * self.k).reshape(size, self.k)

    def summed(
        self, terms: Terms, shape: tuple[int, ...], axes: tuple[int, ...], factor: float, out: Any
    ) -> Terms | np.ndarray:
        """Terms of a sum along some axes of an array; or its derivatives, as `rows` gives them, if these are too many.

        ``out`` is the sum of the values; ``factor`` that of its derivatives, for a mean.
        """
        kept = tuple(n for i, n in enumerate(shape) if i not in axes)
        count = prod(shape[i] for i in axes)

        def in_front(array: np.ndarray) -> np.ndarray:
            return np.moveaxis(array, axes, range(len(axes))).reshape(count, *kept)

        parts = [(in_front(places.array), in_front(numbers) * factor) for places, numbers in terms.items()]
        if count * len(terms) <= self.most_terms:
            total: Terms = {}
            for many, numbers in parts:
                for one, summand in zip(many, numbers, strict=True):
                    add_terms(total, {self.places(one): summand})
            return total
        self.admit(out)
        size = prod(kept)
        start = np.arange(0, size * self.k, self.k).reshape(kept)
        return self.collect([(start + many, numbers) for many, numbers in parts], size)

    def spread(self, terms: Terms, shape: tuple[int, ...]) -> Terms:
        """Give terms the shape of a result that has more elements than the argument."""
        result: Terms = {}
        for places, numbers in terms.items():
            if numbers.shape != shape:
                numbers = np.broadcast_to(numbers, shape)
            if places.array.shape != shape:
                places = self.places(np.broadcast_to(places.array, shape))
            add_terms(result, {places: numbers})
        return result

    def combined(self, matrix: Any, terms: Terms, shape: tuple[int, ...]) -> Terms | None:
        """Terms of the product of a matrix with an array of one or two axes; None where these are too many to be a gain."""
        if matrix.__class__ is np.ndarray:
            if np.count_nonzero(matrix[:1]) * len(terms) > self.most_terms:
                return None  # at the first glance
            counts = np.count_nonzero(matrix, axis=1)
        else:
            matrix = matrix.astype(np.float64).tocsr()  # where entries are named twice, they are added up
            counts = np.diff(matrix.indptr)
        most = int(counts.max(initial=0))
        if most * len(terms) > self.most_terms:
            return None
        elements = np.repeat(np.arange(len(counts)), counts)
        if matrix.__class__ is np.ndarray:
            indices = np.nonzero(matrix)[1]
            entries = matrix[elements, indices]
        else:
            indices, entries = matrix.indices, matrix.data
        if not np.isfinite(entries).all():
            return None
        slots = np.arange(elements.size) - np.repeat(np.cumsum(counts) - counts, counts)
        taken = np.zeros((most, len(counts)), np.intp)
        factors = np.zeros((most, len(counts), *(1,) * (len(shape) - 1)))
        taken[slots, elements] = indices
        factors[slots, elements] = entries.reshape(-1, *factors.shape[2:])
        result: Terms = {}
        for index, factor in zip(taken, factors, strict=True):
            for places, numbers in terms.items():
                add_terms(result, {self.places(places.array[index]): numbers[index] * factor})
        return result

    def stored(self, old: Terms, shape: tuple[int, ...], index: Any, new: Terms) -> Terms:
        """Terms of an array after others were assigned to some of its elements."""
        result: Terms = {}
        for before, after in zip_longest(old.items(), new.items()):
            numbers = np.zeros(shape) if before is None else before[1].copy()
            places = np.zeros(shape, np.intp) if before is None else before[0].array
            numbers[index] = 0.0 if after is None else after[1]
            if after is not None:
                places = places.copy()
                places[index] = after[0].array
            add_terms(result, {self.places(places): numbers})
        return result


def add_terms(terms: Terms, more: Terms) -> None:
    """Add terms to others, which are changed."""
    for places, numbers in more.items():
        known = terms.get(places)
        terms[places] = numbers if known is None else known + numbers


def scaled(terms: Terms, row: Elementwise, i: int, out: Any, values: tuple[Any, ...]) -> Terms:
    """Terms of argument `i` times its partial."""
    partial = row.partials[i]
    if partial is _ONE:
        return terms.copy()
    token = floating.use(floating.STRICT)
    try:
        factor = partial if partial.__class__ in NUMBERS else partial(out, *values)
        return {places: numbers * factor for places, numbers in terms.items()}
    except (FloatingPointError, TypeError):
        tangents = [None] * len(values)
        result = {}
        for places, tangents[i] in terms.items():
            result[places] = combine(row, out, values, tangents, None)
        return result
    finally:
        floating.restore(token)


def moved(terms: Terms, index: Any, directions: Directions) -> Terms:
    """Terms of some elements of an array."""
    result: Terms = {}
    for places, numbers in terms.items():
        add_terms(result, {directions.places(places.array[index]): numbers[index]})
    return result


def transposed(terms: Terms, directions: Directions) -> Terms:
    """Terms of an array with its axes in reversed order."""
    return {directions.places(places.array.T): numbers.T for places, numbers in terms.items()}


def joined(columns: Sequence[Terms], shapes: Sequence[tuple[int, ...]]) -> Iterator[tuple[list[Any], list[Any]]]:
    """Places and numbers of several arrays, one term of each after the other."""
    nothing = [(np.zeros(shape, np.intp), np.zeros(shape)) for shape in shapes]
    for parts in zip_longest(*[terms.items() for terms in columns]):
        pairs = [zero if part is None else (part[0].array, part[1]) for part, zero in zip(parts, nothing, strict=True)]
        yield [places for places, _ in pairs], [numbers for _, numbers in pairs]
