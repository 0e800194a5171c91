"""How rows of the table are applied to variables: the result is computed, and what the way back needs is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.application import apply_row, top_of
from dualnum.dispatch import OBSERVER, level_of, primal_all, strip
from dualnum.levels import refuse_stray_mixture
from dualnum.methods import CommonMethods, Forms
from dualnum.packing import ACTIVE_TYPES, LEAVES
from dualnum.table import Elementwise, Linear, Nonlinear, Row
from dualnum.tangents import hidden_numbers, rebuild
from dualnum.tape.elementwise import BINARY, squares
from dualnum.tape.needs import like
from dualnum.tape.nodes import new_node
from dualnum.tape.plans import PartPlan, plan_for
from dualnum.tape.updates import view_of

__all__ = ["FORMS", "STRIPPED", "VariableRows", "make_variable"]

_observer = OBSERVER.get
_new = object.__new__
_part_plan = PartPlan()
_FIRST = (0,)

#: Classes of variables, by those of their values.
FORMS = Forms()
#: Classes of arguments that may be, or hold, variables; those of the numbers are added when they are there.
STRIPPED: Any = {list, tuple}


class VariableRows(CommonMethods):
    """Base of variables: what each kind of row makes of them."""

    __slots__ = ()
    _level: int
    _node: Any
    _tape: Any
    _value: Any
    _view: Any
    node: Any

    def _unary(self, row: Elementwise, x: Any) -> Any:
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
        values = [strip(arg, level) if arg.__class__ in STRIPPED else arg for arg in args]
        top = top_of(values) if self._value.__class__ in ACTIVE_TYPES else None
        out = row.function(*values, **kwargs) if top is None else apply_row(row, values, kwargs, top)
        return self._record(row, args, values, kwargs, out, None)

    def _nonlinear(self, row: Nonlinear, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        level, tape, rule = self._level, self._tape, row.rule if row.pull is None else row.pull
        if len(args) != 1 or args[0] is not self:
            # Beforehand, for the push captures it.
            values = [_kept(arg, strip(arg, level), tape.freeze) for arg in args]
            out, push = rule(*values, **kwargs)
            return self._record(row, args, values, kwargs, out, push)
        x = self._value
        out, push = rule(x, **kwargs)
        dtype = _dtype_of_number(out, level)
        origin = self._node if self._view is None else self.node
        if dtype is None or origin is None or (kwargs and not LEAVES.issuperset(map(type, kwargs.values()))):
            return self._record(row, args, [x], kwargs, out, push)
        # In short, for most functions that are differentiated end so: np.sum(x).
        plan = row.plans.get(_FIRST) or plan_for(row, _FIRST)
        saved = (x if plan.keeps(1)[0] else like(x),), kwargs, push if plan.indirect else None
        node = new_node(plan, (origin,), saved, (), dtype)
        tape.record(node)
        return _finish(row, args, make_variable(out, tape, node))

    def _record(
        self, row: Any, args: Sequence[Any], values: list[Any], kwargs: dict[str, Any], out: Any, push: Any
    ) -> Any:
        """Make the node of a linear or nonlinear row, and the variables of its results."""
        tape, node = self._tape, None
        nodes, active = [], []
        for i, arg in enumerate(args):
            if arg.__class__ in STRIPPED:
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
                    kept.append(_kept(args[i], value, freeze) if push is None else value)
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


def make_variable(value: Any, tape: Any, node: Any) -> Any:
    """Make a variable of a value that is known to fit, without copying it."""
    variable: Any = _new(FORMS[value.__class__])
    variable._value = value
    variable._level = tape.level
    variable._tape = tape
    variable._node = node
    variable._view = None
    return variable


def _kept(arg: Any, value: Any, freeze: Callable[[Any], Any]) -> Any:
    """Value of an argument with copies of what was plain before, in lists and tuples too."""
    if value is arg:
        return freeze(value)
    if arg.__class__ is list or arg.__class__ is tuple:
        return arg.__class__([_kept(a, v, freeze) for a, v in zip(arg, value, strict=True)])
    return value


def _finish(row: Row, args: Sequence[Any], result: Any) -> Any:
    """Tell the counting hook, if there is one."""
    observer = _observer()
    if observer is not None:
        observer(row, args, result)
    return result


def _dtype_of_number(out: Any, level: int) -> Any:
    """Dtype of a NumPy float, or of an active one of a lower level; None of anything else."""
    if out.__class__ in ACTIVE_TYPES and out._level < level:
        out = primal_all(out)
    return out.dtype if out.__class__ is np.float64 else None


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
