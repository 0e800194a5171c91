"""Hyper-dual numbers: a value, two tangents, and the second derivative in both directions.

A hyper-dual number is a dual number whose parts are dual numbers of another epsilon (J. Fike and J. Alonso, "The
development of hyper-dual numbers for exact second-derivative calculations", 2011): ``value + e2 E2`` is its value and
``e1 + e12 E2`` its tangent. So it is kept as that, its core, and every row of the table serves it as it is. Whatever is done
to the number is done to its core.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dualnum.boundary import primal_at, tangent_at
from dualnum.dispatch import level_of
from dualnum.dual import as_inexact
from dualnum.dual_operands import SCALARS, make_dual
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.errors import InputError, MutationError, ShapeError
from dualnum.levels import levels_by_hand
from dualnum.methods import ArrayMethods, CommonMethods, Forms, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.table import Elementwise, Linear, Nonlinear
from dualnum.tangents import is_zero, match_kind, rebuild

__all__ = ["HyperDual", "make_hyperdual", "seeded"]

_new = object.__new__


class HyperDual(CommonMethods):
    """Hyper-dual number, or array of them: a value, tangents in two sets of directions, and the second derivatives in both.

    Parameters
    ----------
    value : array_like
        The point, of any shape; integers become float64. A copy is made. May itself hold Duals.
    e1 : array_like
        The first direction, of the shape of `value`, or K1 directions, of shape ``(K1,) + value.shape``.
    e2 : array_like
        The second direction, or K2 of them.
    e12 : array_like, optional
        The second derivative, of the shape of `value` with the leading axes of `e1` and `e2`: none, ``(K1,)``, ``(K2,)`` or
        ``(K1, K2)``. Zero by default, as it is for an independent variable.

    Raises
    ------
    ShapeError
        The shapes of the parts do not fit.
    InputError
        A part is not numeric, or complex where the value is real.

    Notes
    -----
    The second derivatives are exact, without subtraction (Fike & Alonso 2011). They come from the same rows as the first.

    Examples
    --------
    >>> from dualnum import HyperDual
    >>> x = HyperDual([1.0, 2.0], [1.0, 0.0], [0.0, 1.0])
    >>> y = x[0] ** 2 * x[1]
    >>> float(y.value), float(y.e1), float(y.e2), float(y.e12)
    (2.0, 4.0, 1.0, 2.0)
    """

    __slots__ = ("_core", "_level")
    _core: Any
    _level: int
    _pack: Any
    _plural = "HyperDuals"

    def __new__(cls, value: Any, e1: Any, e2: Any, e12: Any = None) -> HyperDual:
        """Make a hyper-dual number of its parts, as the class describes."""
        v = as_inexact(value, "HyperDual", "value")
        parts = [_part(part, v, name) for name, part in (("e1", e1), ("e2", e2))]
        (a, k1), (b, k2) = parts
        shape = (*(() if k1 is None else (k1,)), *(() if k2 is None else (k2,)), *v.shape)
        ab = np.zeros(shape, v.dtype) if e12 is None else _as_kind(e12, v, "e12")
        if ab.shape != shape:
            raise ShapeError(f"HyperDual(value, e1, e2, e12): e12 has shape {ab.shape}; with these e1 and e2, {shape}.")
        if k1 is not None and k2 is not None:
            ab = np.swapaxes(ab, 0, 1)
        levels = levels_by_hand(max(map(level_of, (v, a, b, ab))))
        return make_hyperdual(_joined(_contiguous(v), a, b, ab, levels, k1, k2))

    @property
    def value(self) -> Any:
        """The value, without its derivatives."""
        return self._core._value._value

    _value = value

    @property
    def e1(self) -> Any:
        """Tangent in the first direction: of the shape of the value, or with a leading axis of K1 directions."""
        return primal_at(self._core._tangent, self._core._value._level)

    @property
    def e2(self) -> Any:
        """Tangent in the second direction: of the shape of the value, or with a leading axis of K2 directions."""
        return self._core._value._tangent

    @property
    def e12(self) -> Any:
        """Second derivative in both directions, with the leading axes of `e1` and `e2`, in that order."""
        inner = self._core._value
        e12 = tangent_at(self._core._tangent, inner._level, inner._k)
        return np.swapaxes(e12, 0, 1) if self._core._k is not None and inner._k is not None else e12

    # The kinds of row

    def _unary(self, row: Elementwise, x: HyperDual) -> Any:
        return self._wrap(self._core._unary(row, x._core))

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        return self._wrap(self._core._binary(row, op, self._core_of(a), self._core_of(b)))

    def _elementwise(self, row: Elementwise, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return self._wrap(self._core._elementwise(row, *self._cores(args, kwargs)))

    def _linear(self, row: Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return self._wrap(self._core._linear(row, *self._cores(args, kwargs)))

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return self._wrap(self._core._nonlinear(row, *self._cores(args, kwargs)))

    def _constant(self, out: Any) -> Any:
        """Give a result derivatives that are zero, if it is of a kind that can have them."""
        return self._wrap(self._core._constant(self._core._value._constant(out)))

    def _with_value(self, traced: Any, value: Any, args: Sequence[Any]) -> Any:
        """Replace the value of what a composite body has computed from `args`, by NumPy's own."""
        if isinstance(value, (tuple, list)):
            return rebuild(value, [self._with_value(t, v, args) for t, v in zip(traced, value, strict=True)])
        if level_of(traced) != self._level:
            return self._constant(value)
        core = traced._core
        args, _ = self._cores(args, {})
        inner_args = [arg._value if level_of(arg) == self._level else arg for arg in args]
        inner = core._value._with_value(core._value, value, inner_args)
        return self._wrap(core._with_value(core, inner, args))

    def _cores(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        return [*map(self._core_of, args)], {name: self._core_of(value) for name, value in kwargs.items()}

    def _core_of(self, x: Any) -> Any:
        """Core of an argument of this level; lists and tuples are searched."""
        cls = x.__class__
        if cls in ACTIVE_TYPES:
            return x._core if x._level == self._level else x
        return cls([self._core_of(item) for item in x]) if cls is list or cls is tuple else x

    def _wrap(self, result: Any) -> Any:
        """Make hyper-dual numbers of results of the core."""
        if isinstance(result, (tuple, list)):
            return rebuild(result, [self._wrap(part) for part in result])
        return make_hyperdual(result) if level_of(result) == self._level else result

    def _zero_where(self, mask: Any) -> Any:
        """Set the derivatives to zero where an operation was masked out."""
        core = self._core._zero_where(mask)
        return make_hyperdual(core._with_parts(core._value._zero_where(mask), core._tangent))

    def _is_zero(self) -> Any:
        """Where the value is zero, with all its derivatives."""
        return is_zero(self._core)

    # What NumPy and Python ask of a value

    def _describe(self) -> str:
        return f"a HyperDual of shape {self.shape}"

    def _parts(self) -> tuple[Any, ...]:
        return (self._core,)

    def _with_parts(self, core: Any) -> Any:
        return make_hyperdual(core)

    def __repr__(self) -> str:
        parts = (("", self.value), ("e1=", self.e1), ("e2=", self.e2), ("e12=", self.e12))
        texts = [name + (str(part) if np.ndim(part) == 0 else repr(part)) for name, part in parts]
        return f"HyperDual({', '.join(texts)})"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        return make_hyperdual, (self._core,)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()


class HyperDualArray(ArrayMethods, HyperDual):
    """The hyper-dual numbers that hold an array."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        return make_hyperdual(self._core[index])

    def __iter__(self) -> Iterator[Any]:
        return map(make_hyperdual, self._core)

    def __setitem__(self, index: Any, new: Any) -> None:
        new = as_operand(new)
        if level_of(new) > self._level:
            raise MutationError(
                "x[...] = y: y belongs to a derivative that is taken inside the one x belongs to, and x cannot hold it. "
                "Allocate the array inside the inner function, with np.zeros_like(y), or build it with np.stack."
            )
        self._core[index] = self._core_of(new)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of_elements(self, dtype, copy)


class HyperDualScalar(ScalarMethods, HyperDual):
    """The hyper-dual numbers that hold a NumPy scalar."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return scalar_in_array(self, dtype)

    def _changed_to(self, cls: type) -> Any:
        scalar: Any = _new(cls)
        scalar._core, scalar._level = self._core, self._level
        return scalar


class _Element(ElementMethods, HyperDualScalar):
    __slots__ = ()


for _class in (HyperDualArray, HyperDualScalar, _Element):
    _class.__name__ = _class.__qualname__ = "HyperDual"  # what error messages of Python and NumPy call them

numbers.Number.register(HyperDualScalar)
ACTIVE_TYPES |= {HyperDualArray, HyperDualScalar, _Element}
SCALARS |= {HyperDualScalar, _Element}
ELEMENT_CLASSES[HyperDualScalar] = _Element

_forms = Forms()
_forms.array, _forms.scalar = HyperDualArray, HyperDualScalar


def make_hyperdual(core: Any) -> Any:
    """Make a hyper-dual number of a dual number whose value is a dual number."""
    number: Any = _new(_forms[core.__class__])
    number._core = core
    number._level = core._level
    return number


def seeded(x: Any, e1: Any, e2: Any, levels: tuple[int, int]) -> Any:
    """Make an independent hyper-dual variable at two levels, of directions of which each has a leading axis."""
    e12 = np.zeros((len(e2), *e1.shape), x.dtype)
    return make_hyperdual(_joined(x, e1, e2, e12, levels, len(e1), len(e2)))


def _joined(v: Any, e1: Any, e2: Any, e21: Any, levels: tuple[int, int], k1: int | None, k2: int | None) -> Any:
    """Core of parts that fit; `e21` has the axis of the second directions before that of the first."""
    inner, outer = levels
    e1, e2, e21 = map(_contiguous, (e1, e2, e21))
    if not v.ndim:  # the only direction of a 0-d array is an array too, that of a scalar a scalar
        e1 = e1 if k1 is not None else match_kind(v, e1)
        e2 = e2 if k2 is not None else match_kind(v, e2)
        e21 = e21 if e21.ndim else match_kind(v, e21)
    return make_dual(make_dual(v, e2, inner, k2), make_dual(e1, e21, inner, k2), outer, k1)


def _contiguous(x: Any) -> Any:
    """Copy an array in C order, so that all parts of a number lie in memory alike."""
    return x.copy() if x.ndim else x


def _as_kind(x: Any, value: Any, name: str) -> Any:
    x = as_inexact(x, "HyperDual", name)
    if x.dtype.kind == "c" and value.dtype.kind != "c":
        raise InputError(f"HyperDual(value, e1, e2, e12): a complex {name} needs a complex value; use value + 0j.")
    return x.astype(value.dtype) if x.dtype != value.dtype else x


def _part(x: Any, value: Any, name: str) -> tuple[Any, int | None]:
    """Directions, and their number; None for one without an axis."""
    x = _as_kind(x, value, name)
    if x.shape == value.shape:
        return x, None
    if x.ndim == value.ndim + 1 and x.shape[1:] == value.shape:
        return x, x.shape[0]
    raise ShapeError(
        f"HyperDual(value, e1, e2, e12): {name} has shape {x.shape}; it must be {value.shape}, the shape of the value (one "
        f"direction), or (K,) + {value.shape} (K directions)."
    )


def _pack(items: list[Any], shape: tuple[int, ...], level: int) -> Any:
    """Pack scalars whose highest level is that of hyper-dual numbers."""
    items = [item._core if level_of(item) == level else item for item in items]
    core = next(item for item in items if level_of(item) == level)
    return make_hyperdual(core._pack(items, shape, level))


HyperDual._pack = staticmethod(_pack)
