"""Dual numbers: a value and its tangent, pushed forward together."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.batching import spread_number
from dualnum.dispatch import OBSERVER, level_of
from dualnum.dual_operands import make_dual
from dualnum.dual_rows import DualRows
from dualnum.errors import InputError, ShapeError
from dualnum.levels import current_level
from dualnum.memory import LARGE, settle_allocator
from dualnum.packing import ACTIVE_TYPES, as_operand, refuse_foreign_array
from dualnum.tangents import is_zero, match_kind, match_layout

__all__ = ["SEED", "Dual", "as_inexact"]

_observer = OBSERVER.get

#: Tangent of the array that is differentiated: the unit directions, in order, as long as nobody can have written to it.
SEED: list[Any] = [None]


class Dual(DualRows):
    """Dual number, or array of dual numbers: a value and one tangent, or K tangents, that travel with it.

    Parameters
    ----------
    value : array_like
        The point, of any shape; integers become float64. A copy is made. May itself hold Duals.
    tangent : array_like
        The direction, of the shape of `value`, or K directions, of shape ``(K,) + value.shape``.

    Raises
    ------
    ShapeError
        The shape of the tangent is neither of the two.
    InputError
        Value or tangent is not numeric, or the tangent is complex where the value is real.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import Dual
    >>> x = Dual([1.0, 2.0], [1.0, 0.0])
    >>> y = np.sum(x**2)
    >>> float(y.value), float(y.tangent)
    (5.0, 2.0)
    """

    __slots__ = ("_k", "_level", "_tangent", "_value")
    _pack: Any
    _plural = "Duals"

    def __new__(cls, value: Any, tangent: Any) -> Dual:
        """Make a Dual of its two parts, as the class describes."""
        v, t = as_inexact(value, "Dual", "value"), as_inexact(tangent, "Dual", "tangent")
        if t.dtype != v.dtype:
            if t.dtype.kind == "c" and v.dtype.kind != "c":
                raise InputError("Dual(value, tangent): a complex tangent needs a complex value; use value + 0j.")
            t = t.astype(v.dtype)
        if t.shape == v.shape:
            k = None
        elif t.ndim == v.ndim + 1 and t.shape[1:] == v.shape:
            k = t.shape[0]
        else:
            raise ShapeError(
                f"Dual(value, tangent): the tangent has shape {t.shape}; it must be {v.shape}, the shape of the value (one "
                f"direction), or (K,) + {v.shape} (K directions)."
            )
        if t.size > LARGE:
            settle_allocator()
        t = match_layout(v, t) if v.ndim > 1 else t if v.ndim else match_kind(v, t)
        return make_dual(v, t, 1 + max(current_level(), level_of(v), level_of(t)), k)

    @property
    def value(self) -> Any:
        """The value, without the tangent."""
        return self._value

    @property
    def tangent(self) -> Any:
        """The tangent: of the shape of the value, or with a leading axis of K directions."""
        SEED[0] = None  # who has got the array may write to it
        return self._tangent

    def _zero_where(self, mask: Any) -> Dual:
        """Set the tangent to zero where an operation was masked out."""
        tangent = np.where(mask, np.zeros((), self.dtype), self._tangent)
        return make_dual(self._value, tangent, self._level, self._k)

    def _spread(self, shape: tuple[int, ...]) -> Any:
        if self._k is not None or _observer() is not None:
            return None
        value, tangent = self._value, self._tangent
        if isinstance(value, np.generic) and isinstance(tangent, np.generic):
            return make_dual(spread_number(value, shape), spread_number(tangent, shape), self._level, None)
        return None

    def _is_zero(self) -> Any:
        """Where the value and the tangent are zero, with all their derivatives."""
        inner = is_zero(self._tangent)
        return np.logical_and(is_zero(self._value), inner if self._k is None else inner.all(axis=0))

    # What NumPy and Python ask of a value

    def _describe(self) -> str:
        return f"a Dual of shape {self.shape}"

    def _parts(self) -> tuple[Any, ...]:
        return self._value, self._tangent

    def _with_parts(self, value: Any, tangent: Any) -> Dual:
        return make_dual(value, tangent, self._level, self._k)

    def __repr__(self) -> str:
        value, tangent = (str(part) if np.ndim(part) == 0 else repr(part) for part in (self._value, self._tangent))
        return f"Dual({value}, tangent={tangent})"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        return make_dual, (self._value, self._tangent, self._level, self._k)

    def __copy__(self) -> Dual:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Dual:
        return self.copy()


def as_inexact(x: Any, kind: str, name: str) -> Any:
    """Copy a part of a number of some kind; integers become float64."""
    refuse_foreign_array(x)
    is_array = isinstance(x, np.ndarray)
    x = as_operand(x)
    if x.__class__ in ACTIVE_TYPES:
        return x.copy(order="K")
    x = np.array(x)
    if x.dtype.kind in "biu":
        x = x.astype(np.float64)
    elif x.dtype.kind not in "fc":
        raise InputError(f"{kind}(value, ...): the {name} must be numeric; it has dtype {x.dtype}.")
    return x if x.ndim or is_array else x[()]
