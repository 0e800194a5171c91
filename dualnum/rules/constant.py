"""Rows of functions whose derivative is zero wherever it exists: they count, compare, round, or look at the shape."""

from __future__ import annotations

import numpy as np
from numpy._core import umath

from dualnum.table import constant

# Ufuncs: rounding, where the steps have no derivative
constant(np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.spacing)
constant(umath._ones_like)  # type: ignore[attr-defined]

# Ufuncs: comparison and classification
constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
constant(np.isfinite, np.isinf, np.isnan, np.isnat, np.signbit)

# Ufuncs: integers
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.bitwise_count)
constant(np.gcd, np.lcm)

# Array functions: rounding, comparison and classification
constant(np.round, np.around, np.fix)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv)
constant(np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj, np.isneginf, np.isposinf)
constant(np.all, np.any, np.count_nonzero)

# Array functions: shapes
constant(np.shape, np.ndim, np.size)

# Array functions: bits
constant(np.packbits, np.unpackbits)
