"""Dual scalars with few directions: the tangents are Python floats in a tuple.

NumPy needs about as long for an array of three numbers as for one of a hundred, several times what Python needs for three
floats. Functions written on scalars (``y1, y2, y3 = y``) are common in ODE and optimisation code, and small; this form of
the scalar makes them several times faster. There is one class for each number of directions, whose operators are written
out by a template, without loops over the directions. The derivatives come from the same rows.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import numpy as np

from dualnum import floating
from dualnum.dispatch import OBSERVER
from dualnum.dual import Dual
from dualnum.dual_operands import CLASSES, LONELY, SCALARS, along_one
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.methods import ScalarMethods
from dualnum.packing import ACTIVE_TYPES
from dualnum.table import TABLE, Elementwise, first, second
from dualnum.tangents import FLOATS, NUMBERS

__all__ = ["MOST_DIRECTIONS", "UPDATES", "SmallDual", "iterate_small", "make_small"]

#: With more directions than this, tangents in an array are faster.
MOST_DIRECTIONS = 8

_LARGEST = float(np.finfo(float).max)
_new = object.__new__


class SmallDual(ScalarMethods, Dual):
    """Dual scalar whose value is a float64 and whose few tangents are Python floats."""

    __slots__ = ("_few",)
    _few: tuple[float, ...]

    @property
    def _tangent(self) -> Any:  # type: ignore[override]
        return np.float64(self._few[0]) if self._k is None else np.array(self._few)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        # NumPy's scalars leave no operation to the other side, as Python's do: they call the ufunc.
        if inputs[0].__class__ is np.float64 and ufunc in _OPERATORS and method == "__call__" and not kwargs:
            return getattr(self, f"__r{_OPERATORS[ufunc]}__")(inputs[0])
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def _unary(self, row: Elementwise, x: Any) -> Any:
        value = self._value
        out = row.function(value)
        if out.__class__ is not np.float64:
            return super()._unary(row, x)
        p = row.partials[0]
        if p.__class__ not in NUMBERS:
            token = floating.use(floating.SILENT)
            try:
                p = float(p(out, value))  # type: ignore[misc, operator]
            finally:
                floating.restore(token)
        if not -_LARGEST <= p <= _LARGEST:  # type: ignore[operator]
            return super()._unary(row, x)
        return self._finish(row, (self,), out, [p * t for t in self._few])

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        a_active, b_active = (x.__class__ is self.__class__ and x._level == self._level for x in (a, b))
        if not ((a_active or a.__class__ in FLOATS) and (b_active or b.__class__ in FLOATS)):
            result = along_one(row, op, a, b, 1 if b is self else 0)
            return super()._binary(row, op, a, b) if result is None else result
        x = a._value if a_active else a
        y = b._value if b_active else b
        out = op(x, y)
        if out.__class__ is not np.float64:
            return super()._binary(row, op, a, b)
        partials: list[Any] = [r if active else 0 for r, active in zip(row.partials, (a_active, b_active), strict=True)]
        token = floating.use(floating.SILENT)
        try:
            p, q = [float(r if r.__class__ in NUMBERS else r(out, x, y)) for r in partials]
        except TypeError:  # no partial there: the general way says so
            return super()._binary(row, op, a, b)
        finally:
            floating.restore(token)
        if not (-_LARGEST <= p <= _LARGEST and -_LARGEST <= q <= _LARGEST):
            return super()._binary(row, op, a, b)
        if not b_active:
            few = [p * t for t in a._few]
        elif not a_active:
            few = [q * t for t in b._few]
        else:
            few = [p * s + q * t for s, t in zip(a._few, b._few, strict=True)]
        return self._finish(row, (a, b), out, few)

    def _lone(self) -> tuple[int, float] | None:
        few = self._few
        if self._k is None or few.count(0.0) != len(few) - 1:
            return None
        return next((i, t) for i, t in enumerate(few) if t)

    def _changed_to(self, cls: type) -> Any:
        small: Any = _new(cls)
        small._value, small._few, small._level = self._value, self._few, self._level
        return small

    def _finish(self, row: Elementwise, args: Any, out: Any, few: list[float]) -> Any:
        small = make_small(out, tuple(few), self._level, self._k)
        observer = OBSERVER.get()
        if observer is not None:
            observer(row, args, small)
        return small


_OPERATOR = """
def {name}(self, other):
    cls = other.__class__
    {s}, = self._few
    if cls is Class and other._level == self._level:
        {t}, = other._few
        x, y = self._value, other._value
        out = x {sign} y
        {both}
    {shortcut}elif cls is float or cls is int or cls is float64:
        x, y = {pair}
        out = x {sign} y
        {constant}
    else:
        return general(self, other)
    small = new(Class)
    small._value = out
    small._few = few
    small._level = self._level
    observer = get_observer()
    if observer is not None:
        observer(row, ({pair_names}), small)
    return small
"""

# By the row of np.square: that of np.power is general, and takes several times as long.
_SQUARE = """elif cls is int and other == 2:
        x = self._value
        out = x**2
        p = square(out, float(x))
        if not ({check}):
            return general(self, other)
        few = {few}
    """

# The partials of the two arguments are evaluated quietly; where one is infinite or nan, the general way takes care.
_EVALUATE = """token = use(SILENT)
        try:
            {evaluate}
        finally:
            restore(token)
        if not ({check}):
            return general(self, other)
        few = {few}"""


def _source(row: Elementwise, sign: str, name: str, k: int, reflect: bool) -> str:
    """Write out an operator for k directions, in the simplest form that the partials of its row allow."""

    def unroll(template: str) -> str:
        return "(" + "".join(template.replace("#", str(i)) + ", " for i in range(k)) + ")"

    p, q = row.partials
    mine = q if reflect else p
    both_few, constant_few = unroll("p * s# + q * t#"), unroll("p * s#")
    in_range = "-largest <= {0} <= largest".format
    if p == 1 and q in (1, -1):
        both = f"few = {unroll(f's# {sign} t#')}"
        constant = "few = self._few" if mine == 1 else f"few = {unroll('-s#')}"
    elif (p, q) == (second, first):
        check = "if not ({}): return general(self, other)\n        few = {}"
        both = "p, q = float(y), float(x)\n        " + check.format(f"{in_range('p')} and {in_range('q')}", both_few)
        constant = "p = float(other)\n        " + check.format(in_range("p"), constant_few)
    else:
        both = _EVALUATE.format(
            evaluate="p, q = float(first(out, x, y)), float(second(out, x, y))",
            check=f"{in_range('p')} and {in_range('q')}",
            few=both_few,
        )
        constant = _EVALUATE.format(
            evaluate=f"p = float({'second' if reflect else 'first'}(out, x, y))", check=in_range("p"), few=constant_few
        )
    shortcut = _SQUARE.format(check=in_range("p"), few=constant_few) if name == "__pow__" else ""
    return _OPERATOR.format(
        name=name,
        shortcut=shortcut,
        sign=sign,
        s=", ".join(f"s{i}" for i in range(k)),
        t=", ".join(f"t{i}" for i in range(k)),
        pair="other, self._value" if reflect else "self._value, other",
        pair_names="other, self" if reflect else "self, other",
        both=both,
        constant=constant,
    )


_SIGNS = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}
_OPERATORS = {np.add: "add", np.subtract: "sub", np.multiply: "mul", np.divide: "truediv", np.power: "pow"}


def _make_class(k: int | None, *bases: type) -> type[SmallDual]:
    """Make the class of the scalars with k directions."""
    cls = type("Dual", bases, {"__slots__": (), "_k": k, "__module__": __name__})
    square = TABLE[np.square]
    for ufunc, sign in _SIGNS.items():
        row = TABLE[ufunc]
        assert isinstance(row, Elementwise)
        for reflect in (False, True):
            name = f"__{'r' if reflect else ''}{_OPERATORS[ufunc]}__"
            scope = {
                "Class": cls,
                "SILENT": floating.SILENT,
                "first": row.partials[0],
                "float64": np.float64,
                "general": getattr(Dual, name),
                "get_observer": OBSERVER.get,
                "largest": _LARGEST,
                "new": _new,
                "restore": floating.restore,
                "row": row,
                "second": row.partials[1],
                "square": square.partials[0],
                "use": floating.use,
            }
            exec(_source(row, sign, name, 1 if k is None else k, reflect), scope)
            setattr(cls, name, scope[name])
    ACTIVE_TYPES.add(cls)
    SCALARS.add(cls)
    LONELY.add(cls)
    CLASSES[cls] = CLASSES[np.float64]
    return cls


_classes: dict[int | None, type[SmallDual]] = {}
_lock = Lock()


def _class_of(k: int | None) -> type[SmallDual]:
    with _lock:
        if k not in _classes:
            plain = _make_class(k, SmallDual)
            ELEMENT_CLASSES[plain] = _make_class(k, ElementMethods, plain)
            _classes[k] = plain
    return _classes[k]


def make_small(value: Any, few: tuple[float, ...], level: int, k: int | None) -> Any:
    """Make a small Dual from parts that are known to fit."""
    small = _new(_classes.get(k) or _class_of(k))
    small._value = value
    small._few = few
    small._level = level
    return small


#: How often an array of Duals has been updated in place, by anybody.
UPDATES = [0]


def iterate_small(value: np.ndarray, tangent: np.ndarray, level: int, k: int) -> Iterator[Any]:
    """Iterate over the elements of an axis.

    They are taken out all at once, which is faster; but when the loop updates an array, then again, for NumPy reads each
    element when its turn comes.
    """
    cls = _classes.get(k) or _class_of(k)
    updates = UPDATES[0]
    for i, few in enumerate(zip(*tangent.tolist(), strict=True)):
        if UPDATES[0] != updates:
            few = tuple(tangent[:, i].tolist())
        small = _new(cls)
        small._value = value[i]
        small._few = few
        small._level = level
        yield small


numbers.Real.register(SmallDual)
