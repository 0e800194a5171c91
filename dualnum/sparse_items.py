"""Sparse matrices whose items are being set: what each place holds is settled when all of the matrix is wanted."""

from __future__ import annotations

from bisect import bisect
from typing import Any

import numpy as np

from dualnum.errors import DerivativeLostError
from dualnum.packing import ACTIVE_TYPES

__all__ = ["Updates"]


class Updates:
    """Positions of entries as SciPy's list of lists, that takes them one by one, and pieces of entries that they count.

    Parameters
    ----------
    positions : scipy.sparse matrix
        From 1 on, of `entries`.
    entries : Dual, Variable, ..., shape (n,)
    """

    def __init__(self, positions: Any, entries: Any) -> None:
        self.positions = positions.tolil()
        self.pieces = [entries]
        self.ends = [len(entries)]

    def __getitem__(self, index: tuple[int, int]) -> Any:
        position, first = int(self.positions[index]), self.pieces[0]
        piece = bisect(self.ends, position - 1)
        start = self.ends[piece - 1] if piece else 0
        item = self.pieces[piece][position - 1 - start] if position else first.dtype.type(0)
        return item if item.__class__ in ACTIVE_TYPES else np.array(item, like=first)[()]

    def set(self, index: Any, value: Any) -> None:
        """Set what an index names to a number or array; SciPy broadcasts the positions of what that holds."""
        if value.__class__ not in ACTIVE_TYPES and not np.any(value):
            self.positions[index] = np.zeros(value.shape)[()]  # takes entries away
        else:
            first = self._add(value.flatten())  # a copy, that sees no later updates
            self.positions[index] = np.arange(first + 1.0, first + 1 + value.size).reshape(value.shape)[()]

    def set_matrix(self, index: Any, positions: Any, entries: Any) -> None:
        """Set what an index names to a sparse matrix, given by the positions of its entries."""
        positions.data += self._add(entries)
        self.positions[index] = positions.toarray()

    def _add(self, entries: Any) -> int:
        """Add a piece; what is in front of it."""
        first, dtype = self.ends[-1], self.pieces[0].dtype
        if entries.__class__ in ACTIVE_TYPES and dtype.kind in "iub":
            raise DerivativeLostError(
                f"A sparse matrix of {dtype} takes whole numbers, without derivatives. Make it of floats: A.astype(float)."
            )
        self.pieces.append(entries if entries.dtype.kind == "c" else entries.astype(dtype))  # as SciPy does
        self.ends.append(first + len(entries))
        return first

    def entries(self) -> Any:
        """All of them."""
        return np.concatenate(self.pieces)
