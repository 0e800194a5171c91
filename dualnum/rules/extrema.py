"""Rows of the largest and smallest elements.

Where several are equal, each has the same share.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import primal_all
from dualnum.packing import ACTIVE_TYPES, PLAIN_TYPES
from dualnum.rules.reductions import NOT_GIVEN, flags, with_initial
from dualnum.table import composite, nonlinear

# Classes of the numbers of an axis.
_AXIS: Any = frozenset({int, type(None)})


class Picking:
    """Push of a function that picks one element of an axis; ``picked`` tells reverse mode which."""

    __slots__ = ("picked",)

    def __init__(self, picked):
        self.picked = picked

    def __call__(self, a_dot, initial_dot):
        """Give the tangent of the element."""
        return a_dot.take(self.picked, -1)


def _only(x, axis, function, first):
    """Number of the element of an axis of floats that is largest or smallest, if it is the only one; else None.

    The first such element is beyond all that come before, so only those behind it are looked at again.
    """
    if x.__class__ is not np.ndarray or x.dtype.kind != "f" or not x.size or axis.__class__ not in _AXIS:
        return None
    picked = first(x, axis)
    best, rest = x[picked], x[picked + 1 :]
    return picked if best == best and not (rest.size and function(rest, None) == best) else None


def _extremum(function, first=None):
    """Rule of the largest or smallest element: the average over the elements that are equal to it.

    ``first`` gives the number of the first of these.
    """

    def rule(a, axis=None, out=None, keepdims=False, initial=NOT_GIVEN, where=True):
        keepdims, where = flags(keepdims, where)
        plain = a
        # Without levels: in their operations only those who count them are interested.
        while plain.__class__ in ACTIVE_TYPES and plain.__class__ not in PLAIN_TYPES:
            plain = plain._value
        one_of_line = plain.ndim == 1 and where is True and initial is NOT_GIVEN and not keepdims
        # Mostly one element is picked: then that is the value, with all its derivatives, and numbers alone are compared.
        if not one_of_line:
            plain = a
        elif first is not None:
            picked = _only(plain, axis, function, first)
            if picked is not None:
                return a[picked], Picking(picked)
        value = function(plain, axis, None, keepdims, initial, where)
        x, best = primal_all(a), primal_all(value)
        if one_of_line:
            chosen = x == best
            if np.count_nonzero(chosen) == 1:
                picked = chosen.argmax()
                return (value if plain is a else a[picked]), Picking(picked)
            if plain is not a:
                value = function(a, axis, None, keepdims, initial, where)
        axes = from_end(axis, a.ndim)
        compared = best if keepdims or best.ndim == 0 else np.expand_dims(best, axes)
        chosen = x == compared
        if where is not True:
            chosen &= where
        # Counted in the dtype of the result: an integer would turn float32 into float64.
        count = np.add.reduce(chosen, axes, best.dtype, None, keepdims)
        # Of the dtype in which it was compared, or it would not be found again.
        from_initial = 0 if initial is NOT_GIVEN else best == np.asarray(primal_all(initial)).astype(best.dtype)
        count = count + from_initial
        if not count.all():  # nan is equal to nothing, but it was chosen
            chosen |= np.isnan(x) & np.isnan(compared) & where
            count = np.maximum(np.add.reduce(chosen, axes, best.dtype, None, keepdims), 1)

        def push(a_dot, initial_dot):
            total = None
            if a_dot is not None:
                total = np.add.reduce(a_dot, axes, None, None, keepdims, NOT_GIVEN, chosen) / count
            return with_initial(total, initial_dot, from_initial / count, best.ndim)

        return value, push

    return rule


_max = _extremum(lambda a, axis, *others: np.maximum.reduce(a, axis, None, *others), np.ndarray.argmax)
_min = _extremum(lambda a, axis, *others: np.minimum.reduce(a, axis, None, *others), np.ndarray.argmin)
_function: Any
for _function, _rule in (
    (np.max, _max),
    (np.amax, _max),
    (np.min, _min),
    (np.amin, _min),
    (np.nanmax, _extremum(np.nanmax)),
    (np.nanmin, _extremum(np.nanmin)),
):
    nonlinear(_function, _rule, positions=(0, 4), batched=True)


def _ptp(a, axis=None, out=None, keepdims=False):
    return np.max(a, axis, None, keepdims) - np.min(a, axis, None, keepdims)


composite(np.ptp, _ptp, exact=True)
