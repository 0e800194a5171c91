"""Rows of array functions that look at values or dtypes alone, and give positions, truth values, dtypes or text."""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.table import composite, constant

# Positions
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort)
constant(np.nonzero, np.argwhere, np.flatnonzero, np.searchsorted, np.digitize)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.unravel_index, np.ravel_multi_index)

# Truth values
constant(np.isin)

# Dtypes and memory
constant(np.result_type, np.can_cast, np.min_scalar_type, np.may_share_memory, np.shares_memory)
composite(np.common_type, lambda *arrays: np.common_type(*map(primal_all, arrays)), exact=True)

# Text: printing loses nothing
constant(np.array_repr, np.array_str, np.array2string)
