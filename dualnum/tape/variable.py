"""Variables: values whose operations are recorded."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from dualnum.dispatch import OBSERVER, level_of
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.errors import InputError
from dualnum.indexing import is_basic, settled
from dualnum.methods import ArrayMethods, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.primitives import getitem
from dualnum.table import TABLE
from dualnum.tangents import is_zero
from dualnum.tape.arithmetic import write_operators
from dualnum.tape.nodes import Node, new_node
from dualnum.tape.plans import BASIC_GETITEM, GETITEM, MaskPlan, PackPlan
from dualnum.tape.rows import FORMS, STRIPPED, VariableRows, make_variable
from dualnum.tape.updates import View, assign, fresh_node

__all__ = ["Variable"]

_observer = OBSERVER.get
_new = object.__new__
_mask_plan = MaskPlan()
_pack_plan = PackPlan()


class Variable(VariableRows):
    """A value on a tape: what is computed from it is recorded, to be traversed back.

    Made by `Tape.variable`; functions of variables give variables. After `Tape.backward` each has its `adjoint`.
    """

    __slots__ = ("_level", "_node", "_tape", "_value", "_view")
    _plural = "variables"

    @property
    def value(self) -> Any:
        """The value, for reading only: what the tape has saved shares its memory."""
        value = self._value
        if value.__class__ is np.ndarray:
            value = value[...]
            value.flags.writeable = False
        elif value.__class__ in ACTIVE_TYPES:
            value = value.copy()
        return value

    @property
    def node(self) -> Any:
        """Node of the graph, None for what does not depend on any variable."""
        return self._node if self._view is None else fresh_node(self)

    @property
    def adjoint(self) -> Any:
        """Derivative of what `Tape.backward` was called with: of the shape of the value, or with a leading axis of K seeds.

        Zero where that does not depend on this variable.
        """
        return self._tape.adjoint_of(self)

    def _zero_where(self, mask: Any) -> Any:
        """Cut the dependence where an operation was masked out."""
        node = self.node
        if node is not None:
            node = new_node(_mask_plan, (node,), self._tape.freeze(mask), self.shape, self.dtype)
            self._tape.record(node)
        return make_variable(self._value, self._tape, node)

    def _is_zero(self) -> Any:
        """Where the value is zero and depends on nothing."""
        return is_zero(self._value) if self.node is None else np.zeros(self.shape, np.bool_)

    # What NumPy and Python ask of a value

    def _describe(self) -> str:
        return f"a tape variable of shape {self.shape}"

    def _parts(self) -> tuple[Any, ...]:
        return (self._value,)

    def _with_parts(self, value: Any) -> Any:
        return make_variable(value, self._tape, self.node)

    def __repr__(self) -> str:
        return f"Variable({self._value if self.ndim == 0 else repr(self._value)})"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise InputError(
            "A tape variable cannot be pickled or sent to another process: its tape stays here. Send x.value."
        )

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()


#: Classes of the ends of most slices, which need not be settled.
_ENDS: Any = frozenset({int, type(None)})


class VariableArray(ArrayMethods, Variable):
    """The variables that hold an array."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        value = self._value[index]
        tape, view = self._tape, self._view
        node = self._node if view is None or view.root._node is view.seen else fresh_node(self)
        cls = index.__class__
        basic = cls is int or cls is slice or is_basic(index)
        if (
            basic
            and cls is not int
            and not (cls is slice and index.start.__class__ in _ENDS and index.stop.__class__ in _ENDS)
        ):
            index = settled(index)  # what is not basic is frozen below
        if node is not None:
            parent, node = node, Node()
            node.origin = parent
            node.second = None
            if basic:
                node.plan = BASIC_GETITEM
                node.saved = index
            else:
                node.plan = GETITEM
                node.saved = tape.freeze(index)
            shape = value.shape
            node.shape = tape.shapes.setdefault(shape, shape)
            node.dtype = parent.dtype
            node.adjoint = None
            nodes = tape.nodes
            nodes.append(node)
            if len(nodes) > tape.limit:
                tape.overflow()
        if value.__class__ is np.ndarray:
            result: Any = VariableArray()
            result._value = value
            result._level = tape.level
            result._tape = tape
            result._node = node
            result._view = View(self, index) if basic else None
        else:
            result = make_variable(value, tape, node)
            if basic and result._is_array():
                result._view = View(self, index)
        observer = _observer()
        if observer is not None:
            observer(TABLE[getitem], (self, index), result)
        return result

    def __iter__(self) -> Any:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, new: Any) -> None:
        assign(self, index, new)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of_elements(self, dtype, copy)


class VariableScalar(ScalarMethods, Variable):
    """The variables that hold a NumPy scalar."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return scalar_in_array(self, dtype)

    def _changed_to(self, cls: type) -> Any:
        scalar: Any = _new(cls)
        scalar._value, scalar._level, scalar._tape = self._value, self._level, self._tape
        scalar._node, scalar._view = self._node, None
        return scalar


class _Element(ElementMethods, VariableScalar):
    __slots__ = ()


for _class in (VariableArray, VariableScalar, _Element):
    _class.__name__ = _class.__qualname__ = "Variable"  # what error messages of Python and NumPy call them

numbers.Number.register(VariableScalar)
ACTIVE_TYPES |= {VariableArray, VariableScalar, _Element}
ELEMENT_CLASSES[VariableScalar] = _Element
STRIPPED |= ACTIVE_TYPES
FORMS.array, FORMS.scalar = VariableArray, VariableScalar
write_operators(VariableArray, VariableScalar, FORMS, _Element)


def _pack(items: list[Any], shape: tuple[int, ...], level: int) -> Any:
    """Pack scalars whose highest level is that of variables."""
    active = [level_of(item) == level for item in items]
    value = as_operand([item._value if is_active else item for item, is_active in zip(items, active, strict=True)])
    if value.dtype.kind not in "fc":
        raise InputError(
            f"an object array of variables and {value.dtype} cannot be differentiated; it must hold numbers alone"
        )
    value = value.reshape(shape)
    tapes = {item._tape for item, is_active in zip(items, active, strict=True) if is_active}
    tape = tapes.pop()
    nodes = tuple([item.node if is_active else None for item, is_active in zip(items, active, strict=True)])
    node = None
    if any(part is not None for part in nodes):
        node = new_node(_pack_plan, nodes, None, value.shape, value.dtype)
        tape.record(node)
    return make_variable(value, tape, node)


Variable._pack = staticmethod(_pack)  # type: ignore[attr-defined]
