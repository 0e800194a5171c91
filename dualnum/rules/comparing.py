"""Rows of array functions that look at values or dtypes alone, and give positions, truth values, dtypes or text."""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.packing import holds_objects
from dualnum.table import composite, constant

# Positions
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort)
constant(np.nonzero, np.argwhere, np.flatnonzero, np.searchsorted, np.digitize)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.unravel_index, np.ravel_multi_index)

# Dtypes and memory
constant(np.result_type, np.can_cast, np.min_scalar_type, np.shares_memory)


def _may_share_memory(a, b, /, max_work=None):
    # The object array that np.asarray makes of a Dual stands for its memory, and is closed to updates.
    if holds_objects(a) or holds_objects(b):
        return True
    return np.may_share_memory(primal_all(a), primal_all(b), max_work)


composite(np.may_share_memory, _may_share_memory, exact=True, in_place=True)
composite(np.common_type, lambda *arrays: np.common_type(*map(primal_all, arrays)), exact=True)

# Text: printing loses nothing
constant(np.array_repr, np.array_str, np.array2string)
