"""Numbers with nested tangents as vectors of all their components, which is what solvers of plain numbers can take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.boundary import primal_at, tangent_at
from dualnum.dispatch import primal_all
from dualnum.dual import Dual
from dualnum.dual_operands import make_dual
from dualnum.errors import InputError
from dualnum.hyperdual import make_hyperdual
from dualnum.packing import ACTIVE_TYPES
from dualnum.taylor_numbers import Taylor, make_taylor

__all__ = ["Components", "kind_of", "not_seen", "opened", "relative_sizes"]

# With more elements that move than these, one of them says nothing about the others.
_MANY = 16

# What makes a number of its parts at a level, and the number of directions or of higher coefficients there, None for a
# single direction without an axis.
Kind = tuple[Callable[..., Any], int | None]
Level = tuple[int, Kind]


def opened(x: Any) -> Any:
    """A hyper-dual number as the Dual of Duals that it is; any other number itself."""
    return getattr(x, "_core", x)


def _make_hyperdual(value: Any, tangent: Any, level: int, k: int | None) -> Any:
    return make_hyperdual(make_dual(value, tangent, level, k))


def kind_of(x: Any) -> Kind:
    """What a number is at its level; of a hyper-dual one, the outer of the two."""
    make = make_taylor if isinstance(x, Taylor) else make_dual if isinstance(x, Dual) else _make_hyperdual
    return make, opened(x)._k


def not_seen(where: str) -> InputError:
    """The error for what could not be made an argument of a function."""
    return InputError(
        f"{where}: a function depends on an active number that is not seen, because an object holds it or it is global. Pass "
        "it in args, or use it in a function that has captured it directly."
    )


def _levels(x: Any, found: dict[int, Kind], where: str) -> None:
    if x.__class__ not in ACTIVE_TYPES:
        return
    if hasattr(x, "_tape"):
        raise not_seen(where)
    if not hasattr(opened(x), "_k"):
        raise InputError(f"{where}: {x._plural} cannot pass through this solver, which takes plain numbers.")
    found[x._level] = kind_of(x)
    for part in opened(x)._parts():
        _levels(part, found, where)


class Components:
    """Duals of some levels as vectors: the value, followed by the tangents, each of them in the same way.

    Coefficients of Taylor series take the place of tangents at their level.

    Parameters
    ----------
    numbers : sequence
        Numbers that have all the levels; none may be a variable.
    where : str
        For messages.
    """

    def __init__(self, numbers: Sequence[Any], where: str) -> None:
        found: dict[int, Kind] = {}
        for number in numbers:
            _levels(number, found, where)
        self._where = where
        self.levels: tuple[Level, ...] = tuple(sorted(found.items(), reverse=True))
        self.count = int(np.prod([1 + (k or 1) for _, (_, k) in self.levels]))

    def pack(self, x: Any) -> np.ndarray:
        """All components of a vector, plain, one after the other."""
        return self._blocks(x, self.levels).reshape(-1)

    def _blocks(self, x: Any, levels: Sequence[Level], lead: int = 0) -> np.ndarray:
        """Components of an array, with an axis for each level, after a number of axes that lead."""
        if hasattr(x, "_tape") or (not levels and x.__class__ in ACTIVE_TYPES):
            raise not_seen(self._where)  # and was not at the first time either
        if not levels:
            return np.asarray(x)
        (level, (_, k)), *inner = levels
        x = opened(x)
        tangent = tangent_at(x, level, k)
        value = self._blocks(primal_at(x, level), inner, lead)
        tangents = self._blocks(tangent[None] if k is None else tangent, inner, lead + 1)
        found = np.concatenate([value[None], tangents])
        return np.moveaxis(found, 0, lead) if lead else found

    def unpack(self, z: np.ndarray) -> Any:
        """The vector whose components these are."""
        return _joined(z.reshape(*(1 + (k or 1) for _, (_, k) in self.levels), -1), self.levels)

    def matrix(self, jacobian: Any) -> np.ndarray:
        """What a matrix does to the components of a vector that it multiplies."""
        return _matrix(jacobian, self.levels)

    def scales(self, numbers: Sequence[Any]) -> np.ndarray:
        """Size that each component of a number of size 1 may have, by the relative sizes of the tangents of some numbers."""
        rates = []
        for level, kind in self.levels:
            rates.append(relative_sizes(numbers, level, kind))
            numbers = [primal_at(opened(number), level) for number in numbers]
        sizes = np.ones(1)
        for rate in reversed(rates):
            sizes = np.concatenate([sizes, np.kron(rate, sizes)])
        return sizes


def _split(x: Any, level: int, k: int | None) -> tuple[Any, list[Any]]:
    x = opened(x)
    tangent = tangent_at(x, level, k)
    return primal_at(x, level), [tangent] if k is None else list(tangent)


def _joined(blocks: np.ndarray, levels: Sequence[Level], lead: int = 0) -> Any:
    """The array whose components these are, with an axis for each level after those that lead."""
    if not levels:
        return blocks.copy()
    (level, (make, k)), *inner = levels
    blocks = np.moveaxis(blocks, lead, 0) if lead else blocks
    tangent = _joined(blocks[1:], inner, lead + 1) if k is not None else _joined(blocks[1], inner, lead)
    return make(_joined(blocks[0], inner, lead), tangent, level, k)


def _matrix(jacobian: Any, levels: Sequence[Level]) -> np.ndarray:
    if not levels:
        return np.asarray(primal_all(jacobian))
    level, (make, k) = levels[0]
    value, tangents = _split(jacobian, level, k)
    parts = [_matrix(part, levels[1:]) for part in (value, *tangents)]
    zeros = np.zeros_like(parts[0])

    def block(i: int, j: int) -> np.ndarray:
        if j in (0, i):
            return parts[i - j]
        return parts[i - j] if j < i and make is make_taylor else zeros  # series are multiplied by Cauchy's product

    return np.block([[block(i, j) for j in range(len(parts))] for i in range(len(parts))])


def _largest(ratios: np.ndarray) -> float:
    moving = ratios[ratios > 0]
    return float(np.median(moving) if moving.size > _MANY else np.max(moving, initial=0.0))


def relative_sizes(numbers: Sequence[Any], level: int, kind: Kind) -> np.ndarray:
    """Size of each direction beside that of the numbers: the largest, element by element; absolute where these are zero.

    Among many elements some are near zero by chance, so that there it is the size that half of them have at least.

    Of series, that of each coefficient, if they grow from one to the next as fast as those of the numbers do at most.
    """
    make, k = kind
    ratios: list[list[np.ndarray]] = [[] for _ in range(k or 1)]
    for number in numbers:
        value, tangents = _split(number, level, k)
        value = np.abs(primal_all(value))
        value = np.where(value == 0, 1.0, value)
        for found, tangent in zip(ratios, tangents, strict=True):
            found.append(np.ravel(np.abs(primal_all(tangent)) / value))
    sizes = np.array([_largest(np.concatenate(found)) for found in ratios])
    if make is make_taylor:
        orders = np.arange(1, len(sizes) + 1)
        sizes = np.max(sizes ** (1 / orders)) ** orders
    return np.where(sizes == 0, 1.0, sizes)
