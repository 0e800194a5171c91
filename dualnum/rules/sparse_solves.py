"""The row of linear systems with sparse matrices: the factors of the matrix serve for all derivatives."""

from __future__ import annotations

import numpy as np

from dualnum.matrices import matrix_product
from dualnum.patterns import solve_entries
from dualnum.rules.products import conj, fitted
from dualnum.rules.sparse_products import push_product
from dualnum.table import nonlinear


def _times(entries, x, pattern, trans):
    """Product of the matrix of these entries, which may have directions, and `x`."""
    if trans == "N":
        sums, factor = pattern.row_sums, x[pattern.columns]
    else:
        sums, factor = pattern.column_sums, x[pattern.rows]
        entries = conj(entries) if trans == "H" else entries
    products = (entries[..., None] if x.ndim > 1 else entries) * factor
    return (push_product if entries.ndim > 1 else matrix_product)(sums, products)


def _directions(entries, b, ndim, *how):
    """Solutions of right sides with directions, which become columns."""
    if b.ndim == ndim:
        return solve_entries(entries, b, *how)
    columns = np.moveaxis(b, 0, -1)
    x = solve_entries(entries, columns.reshape(len(columns), -1), *how)
    return np.moveaxis(x.reshape(columns.shape), -1, 0).copy()


def _solve(entries, b, pattern, trans, order):
    x = solve_entries(entries, b, pattern, trans, order)

    def push(entries_dot, b_dot):
        change = b_dot
        if entries_dot is not None:
            term = _times(entries_dot, x, pattern, trans)
            change = -term if change is None else change - term
        return _directions(entries, change, x.ndim, pattern, trans, order)

    return x, push


def _pull(x_bar, entries, b, pattern, trans, order):
    if trans == "T":
        b_bar = conj(solve_entries(entries, conj(x_bar), pattern, "N", order))
    else:
        b_bar = solve_entries(entries, x_bar, pattern, "H" if trans == "N" else "N", order)
    return fitted(b_bar, b)


nonlinear(solve_entries, _solve, positions=(0, 1), batched=True, transposes={1: _pull})
