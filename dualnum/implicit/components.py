"""Numbers with nested tangents as vectors of all their components, which is what solvers of plain numbers can take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dualnum.boundary import primal_at, tangent_at
from dualnum.dispatch import primal_all
from dualnum.dual import Dual, make_dual
from dualnum.errors import InputError
from dualnum.packing import ACTIVE_TYPES

__all__ = ["Components", "relative_sizes"]

# A level and its number of directions, None for a single one without an axis.
Level = tuple[int, int | None]


def _levels(x: Any, found: dict[int, int | None], where: str) -> None:
    if x.__class__ not in ACTIVE_TYPES:
        return
    if isinstance(x, Dual):
        found[x._level] = x._k
    elif hasattr(x, "_tape"):
        raise InputError(
            f"{where}: a function depends on a variable that is not seen, because it is held by an object or is global. Pass "
            "it in args, or use it in a function that has captured it directly."
        )
    for part in x._parts():
        _levels(part, found, where)


class Components:
    """Duals of some levels as vectors: the value, followed by the tangents, each of them in the same way.

    Parameters
    ----------
    numbers : sequence
        Numbers that have all the levels; none may be a variable.
    where : str
        For messages.
    """

    def __init__(self, numbers: Sequence[Any], where: str) -> None:
        found: dict[int, int | None] = {}
        for number in numbers:
            _levels(number, found, where)
        self.levels: tuple[Level, ...] = tuple(sorted(found.items(), reverse=True))
        self.count = int(np.prod([1 + (k or 1) for _, k in self.levels]))

    def pack(self, x: Any) -> np.ndarray:
        """All components of a vector, plain, one after the other."""
        return np.concatenate(_parts(x, self.levels))

    def unpack(self, z: np.ndarray) -> Any:
        """The vector whose components these are."""
        return _joined(z, self.levels)

    def matrix(self, jacobian: Any) -> np.ndarray:
        """What a matrix does to the components of a vector that it multiplies."""
        return _matrix(jacobian, self.levels)

    def scales(self, numbers: Sequence[Any]) -> np.ndarray:
        """Size that each component of a number of size 1 may have, by the relative sizes of the tangents of some numbers."""
        sizes = np.ones(1)
        for level, k in reversed(self.levels):
            sizes = np.concatenate([sizes, *(rate * sizes for rate in relative_sizes(numbers, level, k))])
        return sizes


def _split(x: Any, level: int, k: int | None) -> tuple[Any, list[Any]]:
    tangent = tangent_at(x, level, k)
    return primal_at(x, level), [tangent] if k is None else list(tangent)


def _parts(x: Any, levels: Sequence[Level]) -> list[np.ndarray]:
    if not levels:
        return [np.asarray(primal_all(x)).reshape(-1)]
    value, tangents = _split(x, *levels[0])
    return [part for each in (value, *tangents) for part in _parts(each, levels[1:])]


def _joined(z: np.ndarray, levels: Sequence[Level]) -> Any:
    if not levels:
        return z.copy()
    level, k = levels[0]
    value, *tangents = (_joined(part, levels[1:]) for part in np.split(z, 1 + (k or 1)))
    return make_dual(value, tangents[0] if k is None else np.stack(tangents), level, k)


def _matrix(jacobian: Any, levels: Sequence[Level]) -> np.ndarray:
    if not levels:
        return np.asarray(primal_all(jacobian))
    value, tangents = _split(jacobian, *levels[0])
    diagonal = _matrix(value, levels[1:])
    first = np.concatenate([_matrix(tangent, levels[1:]) for tangent in tangents])
    rest = np.kron(np.eye(len(tangents)), diagonal)
    return np.block([[diagonal, np.zeros((len(diagonal), rest.shape[1]))], [first, rest]])


def relative_sizes(numbers: Sequence[Any], level: int, k: int | None) -> list[float]:
    """Size of each direction beside that of the numbers: the largest, element by element; absolute where these are zero."""
    sizes = [0.0] * (k or 1)
    for number in numbers:
        value, tangents = _split(number, level, k)
        value = np.abs(primal_all(value))
        for j, tangent in enumerate(tangents):
            found = np.abs(primal_all(tangent)) / np.where(value == 0, 1.0, value)
            sizes[j] = max(sizes[j], float(np.max(found, initial=0.0)))
    return [size or 1.0 for size in sizes]
