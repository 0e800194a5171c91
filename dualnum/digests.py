"""A function that is run again for its derivative: whether it is still the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dualnum import floating
from dualnum.dispatch import primal_all
from dualnum.errors import InputError, ShapeError

__all__ = ["Same", "digest", "refuse_changed", "shape_and_dtype"]


def shape_and_dtype(leaf: Any) -> tuple[tuple[int, ...], np.dtype]:
    """What results must have in common that are computed twice."""
    value = primal_all(leaf)
    return np.shape(value), np.result_type(value)


def digest(outs: Sequence[Any]) -> list[tuple[complex, ...]]:
    """A few sums over each result, by which others can be told from those that are computed again."""
    token = floating.use(floating.SILENT)
    try:
        return [_sums(np.asarray(primal_all(out)).reshape(-1)) for out in outs]
    finally:
        floating.restore(token)


class Same:
    """Results of one run after the other of a function, one for each block of directions, that must be the same.

    Parameters
    ----------
    where : str
        For messages.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._first: Any = None

    def check(self, result: Any) -> None:
        """Raise if a result is not that of the first run."""
        found = [shape_and_dtype(leaf) for leaf in result.leaves]
        if self._first is None:
            self._first = found, digest(result.leaves)
            return
        kinds, before = self._first
        if found != kinds:
            raise ShapeError(
                f"{self._where}: run again for other directions, the function gave results of another shape or dtype than "
                "before."
            )
        refuse_changed(before, result.leaves, self._where)


def _sums(flat: np.ndarray) -> tuple[complex, ...]:
    flat = flat.astype(complex if flat.dtype.kind == "c" else float, copy=False)
    return complex(np.vdot(flat, flat)), *(complex(np.add.reduce(flat[i::3])) for i in range(3))


def refuse_changed(before: Sequence[tuple[complex, ...]], outs: Sequence[Any], where: str) -> None:
    """Raise if results differ from those that had this digest, by more than round-off in another order of summation."""
    for old, new, out in zip(before, digest(outs), outs, strict=True):
        if new != old and not _is_near(old, new, *shape_and_dtype(out)):
            raise InputError(
                f"{where}: when run again for its derivative, the function gave other results than before, so that this "
                "would be that of another function. What it uses has changed meanwhile: a loop variable or an array that it "
                "has captured, or a random generator. Pass these as arguments."
            )


def _is_near(old: Sequence[complex], new: Sequence[complex], shape: tuple[int, ...], dtype: np.dtype) -> bool:
    square = abs(old[0])
    if not math.isfinite(square):
        return not math.isfinite(abs(new[0]))
    rounding = math.sqrt(np.finfo(dtype if dtype.kind in "fc" else float).eps)
    bounds = [square, *3 * [math.sqrt(square * math.prod(shape))]]
    return all(abs(a - b) <= rounding * bound for a, b, bound in zip(old, new, bounds, strict=True))
