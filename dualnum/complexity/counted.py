"""Numbers that count: values whose operations are metered, in the place of plain arrays at the bottom of all levels.

What a derivative costs is what NumPy is asked for on its behalf. So the function, or its derivative, is run on counted
arrays in place of plain ones: they answer NumPy's protocols as the numbers that carry derivatives do, but all that they do
is to compute the plain result and to tell their `Meter`. Forward mode then has duals of counted arrays, and the
operations of tangents are counted like those of values; so it is with cotangents on the tape.
"""

from __future__ import annotations

import numbers
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.aliasing import owner_of
from dualnum.costs import operations
from dualnum.dispatch import strip
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.methods import ArrayMethods, CommonMethods, Forms, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES, PLAIN_TYPES, as_operand
from dualnum.primitives import getitem
from dualnum.table import TABLE, Constant, Elementwise, Linear, Nonlinear, Row
from dualnum.tangents import hidden_numbers, rebuild

__all__ = ["Counted", "Meter"]


class Meter:
    """What was done with the counted numbers of one level, and how much memory they have taken.

    Attributes
    ----------
    calls, operations, bytes_written : dict of str to int
        By the name of the primitive.
    alive, peak : int
        Bytes that counted numbers hold: now, and at most so far.
    """

    def __init__(self, level: int) -> None:
        self.level = level
        self.calls: dict[str, int] = defaultdict(int)
        self.operations: dict[str, int] = defaultdict(int)
        self.bytes_written: dict[str, int] = defaultdict(int)
        self.alive = self.peak = 0
        self._holders: dict[int, int] = {}

    def record(self, name: str, operations: int, written: int) -> None:
        """Note a call."""
        self.calls[name] += 1
        self.operations[name] += operations
        self.bytes_written[name] += written

    def hold(self, memory: Any) -> None:
        """Note that a number holds memory, perhaps together with others."""
        key = id(memory)
        count = self._holders.get(key, 0)
        self._holders[key] = count + 1
        if not count:
            self.alive += memory.nbytes
            self.peak = max(self.peak, self.alive)

    def release(self, memory: Any) -> None:
        """Note that a number is gone."""
        key = id(memory)
        self._holders[key] -= 1
        if not self._holders[key]:
            del self._holders[key]
            self.alive -= memory.nbytes

    def take(self, value: Any) -> Any:
        """Make a counted number of a plain array or NumPy scalar, without copying it."""
        number: Any = object.__new__(_forms[value.__class__])
        number._value, number._level, number._meter = value, self.level, self
        number._memory = owner_of(value) if value.__class__ is np.ndarray else value
        self.hold(number._memory)
        return number


class Counted(CommonMethods):
    """A plain value whose operations are counted."""

    __slots__ = ("_level", "_memory", "_meter", "_value")
    _level: int
    _memory: Any
    _meter: Meter
    _value: Any
    _plural = "counted numbers"

    def __del__(self) -> None:
        self._meter.release(self._memory)

    # The kinds of row

    def _unary(self, row: Elementwise, x: Any) -> Any:
        return self._count(row, (x._value,), {}, row.function(x._value))

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        values = strip(a, self._level), strip(b, self._level)
        out = op(*values)
        return self._count(row, values, {}, np.complex128(out) if out.__class__ is complex else out)

    def _elementwise(self, row: Elementwise | Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values, plain = self._stripped(args, kwargs)
        return self._count(row, values, plain, row.function(*values, **plain))

    _linear = _elementwise

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values, plain = self._stripped(args, kwargs)
        return self._count(row, values, plain, row.rule(*values, **plain)[0])

    def _flat(self, row: Constant, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values, plain = self._stripped(args, kwargs)
        return self._count(row, values, plain, row.function(*values, **plain))

    def _stripped(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        level = self._level
        return [strip(arg, level) for arg in args], {name: strip(value, level) for name, value in kwargs.items()}

    def _constant(self, out: Any) -> Any:
        """Wrap results that hold real or complex numbers; booleans and integers are not counted on."""
        if isinstance(out, (tuple, list)):
            return rebuild(out, [self._constant(part) for part in out])
        dtype = getattr(out, "dtype", None)
        if dtype is not None and dtype.kind == "O":
            raise hidden_numbers()
        return self._meter.take(out) if dtype is not None and dtype.kind in "fc" else out

    def _with_value(self, traced: Any, value: Any, args: Sequence[Any]) -> Any:
        """Take NumPy's own value for that of the body of a composite, whose operations were counted."""
        return self._constant(value)

    def _count(self, row: Row, args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> Any:
        """Tell the meter of a call, and wrap its result."""
        parts = out if isinstance(out, (tuple, list)) else (out,)
        arrays = [part for part in parts if isinstance(part, (np.ndarray, np.generic))]
        if arrays or not isinstance(row, Constant):
            owners = {id(owner_of(arg)) for arg in args if isinstance(arg, np.ndarray)}
            fresh = [part for part in map(owner_of, arrays) if id(part) not in owners]
            written = sum(part.nbytes for part in {id(part): part for part in fresh}.values())
            self._meter.record(row.name, operations(row, args, kwargs, out), written)
        return self._constant(out)

    # What the library asks of a number

    @property
    def value(self) -> Any:
        """The number itself: it stands for a plain one, of which no level can be taken off."""
        return self

    def _zero_where(self, mask: Any) -> Any:
        return self

    def _is_zero(self) -> Any:
        return self._value == 0

    def _describe(self) -> str:
        return f"a counted array of shape {self.shape}"

    def _parts(self) -> tuple[Any, ...]:
        return (self._value,)

    def _with_parts(self, value: Any) -> Any:
        return self._meter.take(value)

    def __repr__(self) -> str:
        return f"Counted({self._value!r})"


class CountedArray(ArrayMethods, Counted):
    """The counted numbers that hold an array."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at":  # in place, where the numbers that carry derivatives make a new array
            x, index, *others = (strip(x, self._level) for x in inputs)
            ufunc.at(x, index, *others)
            touched = x[index]
            self._meter.record(f"numpy.{ufunc.__name__}.at", touched.size, touched.nbytes)
            return None
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __getitem__(self, index: Any) -> Any:
        return self._count(TABLE[getitem], (self._value,), {}, self._value[index])

    def __setitem__(self, index: Any, new: Any) -> None:
        self._value[index] = strip(as_operand(new), self._level)
        self._meter.record("setitem", 0, self._value[index].nbytes)

    def __iter__(self) -> Any:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of_elements(self, dtype, copy)


def _in_place(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    def update(self: Any, other: Any) -> Any:
        value = strip(as_operand(other), self._level)
        ufunc(self._value, value, out=self._value)
        self._meter.record(f"numpy.{ufunc.__name__}", self.size, self.nbytes)
        return self

    return update


for _operator, _ufunc in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide}.items():
    setattr(CountedArray, f"__i{_operator}__", _in_place(_ufunc))


class CountedScalar(ScalarMethods, Counted):
    """The counted numbers that hold a NumPy scalar."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return scalar_in_array(self, dtype)

    def _changed_to(self, cls: type) -> Any:
        scalar: Any = object.__new__(cls)
        scalar._value, scalar._level, scalar._meter, scalar._memory = (
            self._value,
            self._level,
            self._meter,
            self._memory,
        )
        self._meter.hold(self._memory)
        return scalar


class _Element(ElementMethods, CountedScalar):
    __slots__ = ()


numbers.Number.register(CountedScalar)
_classes = {CountedArray, CountedScalar, _Element}
ACTIVE_TYPES |= _classes
PLAIN_TYPES |= _classes
ELEMENT_CLASSES[CountedScalar] = _Element
_forms = Forms()
_forms.array, _forms.scalar = CountedArray, CountedScalar


def _pack(items: list[Any], shape: tuple[int, ...], level: int) -> Any:
    """Pack scalars of which the highest are counted."""
    meter = next(item._meter for item in items if isinstance(item, Counted))
    value = np.array([strip(item, level) for item in items]).reshape(shape)
    meter.record("pack", 0, value.nbytes)
    return meter.take(value)


Counted._pack = staticmethod(_pack)  # type: ignore[attr-defined]
