"""Variables: values whose operations are recorded."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.application import apply_row, top_of
from dualnum.dispatch import OBSERVER, level_of, primal_all, strip
from dualnum.elements import ELEMENT_CLASSES, ElementMethods
from dualnum.errors import InputError
from dualnum.indexing import is_basic, settled
from dualnum.levels import refuse_stray_mixture
from dualnum.methods import ArrayMethods, CommonMethods, Forms, ScalarMethods
from dualnum.object_arrays import array_of_elements, scalar_in_array
from dualnum.packing import ACTIVE_TYPES, LEAVES, as_operand
from dualnum.primitives import getitem
from dualnum.table import TABLE, Elementwise, Linear, Nonlinear, Row
from dualnum.tangents import hidden_numbers, is_zero, rebuild
from dualnum.tape.arithmetic import write_operators
from dualnum.tape.elementwise import BINARY, squares
from dualnum.tape.needs import like
from dualnum.tape.nodes import Node, new_node
from dualnum.tape.plans import BASIC_GETITEM, GETITEM, MaskPlan, PackPlan, PartPlan, plan_for
from dualnum.tape.updates import View, assign, fresh_node, view_of

__all__ = ["Variable", "make_variable"]

_observer = OBSERVER.get
_new = object.__new__
_part_plan = PartPlan()
_mask_plan = MaskPlan()
_pack_plan = PackPlan()


class Variable(CommonMethods):
    """A value on a tape: what is computed from it is recorded, to be traversed back.

    Made by `Tape.variable`; functions of variables give variables. After `Tape.backward` each has its `adjoint`.
    """

    __slots__ = ("_level", "_node", "_tape", "_value", "_view")
    _level: int
    _node: Any
    _tape: Any
    _value: Any
    _view: Any
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

    # The kinds of row

    def _unary(self, row: Elementwise, x: Variable) -> Any:
        return self._elementwise(row, (x,), {})

    def _binary(self, row: Elementwise, op: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
        level, tape = self._level, self._tape
        x, y = strip(a, level), strip(b, level)
        nodes = self._node_of(a), self._node_of(b)
        out = op(x, y)
        if out.__class__ is complex:
            out = np.complex128(out)  # Python's complex took a float64 for a float
        active = tuple([node for node in nodes if node is not None])
        node = None
        if active:
            choice = 2 if len(active) == 2 else 0 if nodes[1] is None else 1
            if choice == 0 and y.__class__ is int and y == 2 and row.function is np.power:
                plan = squares()
            else:
                plan = BINARY.plan(row, choice)
            _, keep_x, keep_y = plan.keeps
            if keep_x and x is a:
                x = tape.freeze(x)
            if keep_y and y is b:
                y = tape.freeze(y)
            node = new_node(plan, active, plan.saved((out, x, y)), *tape.form(out))
            tape.record(node)
        return _finish(row, (a, b), make_variable(out, tape, node))

    def _elementwise(self, row: Elementwise, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        values = [strip(arg, self._level) for arg in args]
        out = row.function(*values, **{name: strip(value, self._level) for name, value in kwargs.items()})
        nodes = [self._node_of(arg) for arg in args]
        active = tuple([i for i, node in enumerate(nodes) if node is not None])
        node = None
        if active:
            plan = plan_for(row, active)
            freeze = self._tape.freeze
            kept = [out]
            for value, arg, keep in zip(values, args, plan.keeps[1:], strict=True):
                kept.append(freeze(value) if keep and value is arg else value)
            node = new_node(plan, tuple([nodes[i] for i in active]), plan.saved(kept), *self._tape.form(out))
            self._tape.record(node)
        return _finish(row, args, make_variable(out, self._tape, node))

    def _linear(self, row: Linear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        level = self._level
        values = [strip(arg, level) if arg.__class__ in _STRIPPED else arg for arg in args]
        top = top_of(values) if self._value.__class__ in ACTIVE_TYPES else None
        out = row.function(*values, **kwargs) if top is None else apply_row(row, values, kwargs, top)
        return self._record(row, args, values, kwargs, out, None)

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        level, freeze = self._level, self._tape.freeze
        values = []
        for arg in args:
            value = arg._value if arg is self else strip(arg, level)
            values.append(freeze(value) if value is arg else value)  # beforehand, for the push captures it
        out, push = (row.rule if row.pull is None else row.pull)(*values, **kwargs)
        if out.__class__ is np.float64 and len(args) == 1 and args[0] is self and not kwargs:
            # In short, for most functions that are differentiated end so: np.sum(x).
            origin = self.node
            if origin is not None:
                plan = plan_for(row, (0,))
                kept = values[0] if plan.keeps(1)[0] else like(values[0])
                node = new_node(plan, (origin,), ((kept,), kwargs, push if plan.indirect else None), (), out.dtype)
                self._tape.record(node)
                return _finish(row, args, make_variable(out, self._tape, node))
        return self._record(row, args, values, kwargs, out, push)

    def _record(
        self, row: Any, args: Sequence[Any], values: list[Any], kwargs: dict[str, Any], out: Any, push: Any
    ) -> Any:
        """Make the node of a linear or nonlinear row, and the variables of its results."""
        tape, node = self._tape, None
        nodes, active = [], []
        for i, arg in enumerate(args):
            if arg.__class__ in _STRIPPED:
                part = arg._node if arg is self and arg._view is None else self._node_of(arg)
                if part is not None:
                    nodes.append(part)
                    active.append(i)
        several = isinstance(out, (tuple, list))
        if nodes and (several or _is_inexact(out, self._level)):
            plan = plan_for(row, tuple(active))
            freeze = tape.freeze
            kept = []
            keeps = plan.keeps(len(values))
            for i, value in enumerate(values):
                if keeps[i]:
                    # What a push has captured was copied before.
                    kept.append(freeze(value) if push is None and value is args[i] else value)
                else:
                    kept.append(value if value.__class__ in LEAVES else like(value))
            if kwargs:
                kwargs = {name: freeze(value) for name, value in kwargs.items()}
            saved = tuple(kept), kwargs, push if plan.indirect else None
            shape, dtype = (None, None) if several else tape.form(out)
            node = new_node(plan, tuple(nodes), saved, shape, dtype)
            tape.record(node)
        result = self._wrap(out, node) if several or node is None else make_variable(out, tape, node)
        if out.__class__ is not np.float64:
            self._link(args, result)
        return _finish(row, args, result)

    def _constant(self, out: Any) -> Any:
        """Wrap a result that depends on nothing, if it is of a kind that can."""
        return self._wrap(out, None)

    def _with_value(self, traced: Any, value: Any, args: Sequence[Any]) -> Any:
        """Replace the value of what a composite body has computed from `args`, by NumPy's own."""
        if isinstance(value, (tuple, list)):
            return rebuild(value, [self._with_value(t, v, args) for t, v in zip(traced, value, strict=True)])
        if level_of(traced) != self._level:
            return self._wrap(value, None)
        if traced.shape != value.shape:
            traced = np.broadcast_to(traced, value.shape)
        if traced.dtype != value.dtype:
            traced = traced.astype(value.dtype)
        result = make_variable(value, self._tape, traced.node)
        self._link(args, result)
        return result

    def _wrap(self, out: Any, node: Any) -> Any:
        """Make variables of results."""
        if not isinstance(out, (tuple, list)):
            if not _is_inexact(out, self._level):
                return out
            if node is not None:  # of a function that gives its results in a list, one or several
                node.shape, node.dtype = self._tape.form(out)
            return make_variable(out, self._tape, node)
        if node is None:
            return rebuild(out, [self._wrap(part, None) for part in out])
        plain = [np.asarray(primal_all(part)) for part in out]
        node.shape = [part.shape for part in plain]
        node.dtype = [part.dtype for part in plain]
        results = []
        for i, part in enumerate(out):
            if _is_inexact(part, self._level):
                part_node = new_node(_part_plan, (node,), i, part.shape, part.dtype)
                self._tape.record(part_node)
                part = make_variable(part, self._tape, part_node)
            results.append(part)
        return rebuild(out, results)

    def _link(self, args: Sequence[Any], result: Any) -> None:
        """Remember which argument a result is a view of, so that updates of the one are seen by the other."""
        for part in result if isinstance(result, (tuple, list)) else (result,):
            if part.__class__ in ACTIVE_TYPES and part._is_array():
                value = primal_all(part)
                for arg in args:
                    for source in arg if arg.__class__ in (list, tuple) else (arg,):
                        if source.__class__ not in ACTIVE_TYPES or source._level != self._level or source is part:
                            continue
                        # np.squeeze and others may give the array itself, which is no view by its base.
                        if value.base is not None or value is primal_all(source):
                            view_of(part, source)

    def _node_of(self, arg: Any) -> Any:
        """Node of an argument at this level, or None; of a sequence, the list of its nodes."""
        cls = arg.__class__
        if cls in ACTIVE_TYPES:
            if arg._level != self._level:
                refuse_stray_mixture(self._level, arg._level)
                return None
            return arg.node
        if cls is list or cls is tuple:
            nodes = [self._node_of(item) for item in arg]
            return nodes if any(node is not None for node in nodes) else None
        return None

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
_SEQUENCES: Any = frozenset({list, tuple})
_STRIPPED: Any = ACTIVE_TYPES | _SEQUENCES


_forms = Forms()
_forms.array, _forms.scalar = VariableArray, VariableScalar
write_operators(VariableArray, VariableScalar, _forms, _Element)


def make_variable(value: Any, tape: Any, node: Any) -> Any:
    """Make a variable of a value that is known to fit, without copying it."""
    variable: Any = _new(_forms[value.__class__])
    variable._value = value
    variable._level = tape.level
    variable._tape = tape
    variable._node = node
    variable._view = None
    return variable


def _finish(row: Row, args: Sequence[Any], result: Any) -> Any:
    """Tell the counting hook, if there is one."""
    observer = _observer()
    if observer is not None:
        observer(row, args, result)
    return result


def _is_inexact(out: Any, level: int) -> bool:
    """Whether a result can depend on something; what holds numbers of this level already can't be wrapped."""
    if out.__class__ is np.float64:
        return True
    dtype = getattr(out, "dtype", None)
    if dtype is None or dtype.kind not in "fc":
        if dtype is not None and dtype.kind == "O":
            raise hidden_numbers()
        return False
    if level_of(out) >= level:
        raise hidden_numbers()
    return True


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
