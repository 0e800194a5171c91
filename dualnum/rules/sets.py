"""Rows of unique elements and of sets.

NumPy says of unique elements that they are the first ones found; so are their tangents.
"""

from __future__ import annotations

import numpy as np

from dualnum.batching import from_end
from dualnum.dispatch import primal_all
from dualnum.rules.shape import as_array
from dualnum.table import composite, constant, nonlinear

# Unique elements


def _unique(function):
    """Rule of a function whose first result are the unique elements."""

    def rule(a, *args, **kwargs):
        out = function(a, *args, **kwargs)
        axis = args[3] if len(args) > 3 else kwargs.get("axis")
        x = primal_all(a)
        if axis is None:
            order = np.argsort(x, None, kind="stable")
            values = primal_all(out[0] if isinstance(out, tuple) else out)
            index = order[np.searchsorted(x.reshape(-1)[order], values)]
        else:
            index = np.unique(x, True, axis=axis, equal_nan=kwargs.get("equal_nan", True))[1]

        def push(a_dot):
            if axis is None:
                chosen = np.reshape(a_dot, (*a_dot.shape[: a_dot.ndim - x.ndim], x.size))[..., index]
            else:
                chosen = np.take(a_dot, index, from_end(axis, x.ndim))
            return [chosen] + [None] * (len(out) - 1) if isinstance(out, tuple) else chosen

        return out, push

    return rule


for _function in (np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values):
    nonlinear(_function, _unique(_function), batched=True)


# Sets: what is kept keeps its tangent, and of elements that are equal the first one is kept.


def _distinct(ar, assume_unique):
    return np.ravel(as_array(ar)) if assume_unique else np.unique(ar)


def _sorted_union(ar1, ar2, assume_unique):
    """Elements of both arrays in order, those of the first before equal ones of the second, and their plain values."""
    union = np.concatenate([_distinct(ar1, assume_unique), _distinct(ar2, assume_unique)])
    union = union[np.argsort(primal_all(union), kind="stable")]
    return union, primal_all(union)


def _intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    if return_indices:
        _, index1, index2 = np.intersect1d(primal_all(as_array(ar1)), primal_all(as_array(ar2)), assume_unique, True)
        return np.take(as_array(ar1), index1), index1, index2
    union, plain = _sorted_union(ar1, ar2, assume_unique)
    return union[:-1][plain[1:] == plain[:-1]]


def _setxor1d(ar1, ar2, assume_unique=False):
    union, plain = _sorted_union(ar1, ar2, assume_unique)
    changes = np.concatenate([[True], plain[1:] != plain[:-1], [True]])
    return union[changes[1:] & changes[:-1]]


def _setdiff1d(ar1, ar2, assume_unique=False):
    ar1 = _distinct(ar1, assume_unique)
    return ar1[np.isin(primal_all(ar1), primal_all(as_array(ar2)), assume_unique, invert=True)]


composite(np.union1d, lambda ar1, ar2: np.unique(np.concatenate((ar1, ar2), axis=None)), exact=True)
composite(np.intersect1d, _intersect1d, exact=True)
composite(np.setxor1d, _setxor1d, exact=True)
composite(np.setdiff1d, _setdiff1d, exact=True)
constant(np.isin, *(vars(np)[name] for name in ("in1d",) if hasattr(np, name)))  # until NumPy 2.3
