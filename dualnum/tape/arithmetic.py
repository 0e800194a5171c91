"""Operators of variables, and ufuncs of one argument, by the shortest way.

Programs of many small operations spend their time in Python's own steps. So these are written out by a template for the usual
cases: two variables of one tape, or a variable and a number. Whatever is unusual goes the way of all numbers that carry
derivatives, by which the same is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dualnum.asking import refuse_asking
from dualnum.dispatch import OBSERVER, ActiveArray
from dualnum.table import TABLE
from dualnum.tangents import FLOATS
from dualnum.tape.elementwise import BINARY, FLOAT64, UNARY, ElementwisePlan, squares
from dualnum.tape.nodes import Node
from dualnum.tape.updates import fresh_node

__all__ = ["write_operators"]

_OPERATORS = {
    "add": (np.add, "+"), "sub": (np.subtract, "-"), "mul": (np.multiply, "*"), "truediv": (np.divide, "/"),
    "pow": (np.power, "**"),
}  # fmt: skip

# A variable whose node is None depends on nothing. Nodes of one shape share the tuple, which is cheaper than to ask NumPy.
_NODE = "{0}._node if view is None or view.root._node is view.seen else fresh_node({0})"
_BINARY = f"""
def operate(self, other):
    cls = other.__class__
    tape = self._tape
    view = self._view
    node = {_NODE.format("self")}
    x = self._value
    if (cls is Array or cls is Scalar) and other._tape is tape:
        view = other._view
        second = {_NODE.format("other")}
        if node is None or second is None:
            return general(self, other)
        y = other._value
        out = x {{symbol}} y
        plan = both
        saved = {{saved_both}}
        shape, dtype = node.shape, node.dtype
        if shape is not second.shape or dtype is not FLOAT64 or second.dtype is not FLOAT64:
            shape, dtype = tape.form(out)
    elif node is not None and (cls in FLOATS or cls is ndarray and other.dtype.char != "O"):
        y = other
        out = x {{symbol}} y
        second = None
        plan = {{plan}}
        {{freeze}}
        saved = {{saved}}
        shape, dtype = node.shape, node.dtype
        if dtype is not FLOAT64 or out.__class__ is not x.__class__ or cls is ndarray:
            shape, dtype = tape.form(out)
    else:
        return general(self, other)
"""
_REFLECTED = f"""
def operate(self, other):
    view = self._view
    node = {_NODE.format("self")}
    cls = other.__class__
    if node is None or cls not in FLOATS and (cls is not ndarray or other.dtype.char == "O"):
        return general(self, other)
    tape = self._tape
    x, y = other, self._value
    out = x {{symbol}} y
    second = None
    {{freeze}}
    saved = {{saved}}
    shape, dtype = node.shape, node.dtype
    if dtype is not FLOAT64 or out.__class__ is not y.__class__ or cls is ndarray:
        shape, dtype = tape.form(out)
"""
_UNARY = f"""
    view = self._view
    node = {_NODE.format("self")}
    if node is None:
        return general({{args}})
    tape = self._tape
    x = self._value
    out = {{out}}
    second = None
    keeps_out, keeps_x = plan.keeps
    if keeps_out and keeps_x and x.size < plan.few:
        plan = plan.on_few
        keeps_out, keeps_x = plan.keeps
    saved = ((out, x) if keeps_x else out) if keeps_out else x if keeps_x else None
    shape, dtype = node.shape, node.dtype
    if dtype is not FLOAT64 or out.__class__ is not x.__class__:
        shape, dtype = tape.form(out)
"""
_NEGATIVE = """
def operate(self):
    plan = plans[negative]
""" + _UNARY.format(out="-x", args="self")
_UFUNC = """
def operate(self, ufunc, method, first, *others, **kwargs):
    if others or kwargs or method != "__call__":
        if len(others) == 1 and others[0] is self and first.__class__ is ndarray and ufunc in reflected and not kwargs:
            if method == "__call__":  # NumPy has tried the array's own operator before
                refuse_asking()
                return getattr(self, reflected[ufunc])(first)
        return general(self, ufunc, method, first, *others, **kwargs)
    plan = plans[ufunc]
    if plan is None:
        return general(self, ufunc, method, first)
""" + _UNARY.format(out="ufunc(x)", args="self, ufunc, method, first")
_RECORD = """
    origin, node = node, Node()
    node.plan = plan
    node.origin = origin
    node.second = second
    node.saved = saved
    node.shape = shape
    node.dtype = dtype
    node.adjoint = None
    nodes = tape.nodes
    nodes.append(node)
    if len(nodes) > tape.limit:
        tape.overflow()
    result = Array() if out.__class__ is ndarray else new(forms[out.__class__])
    result._value = out
    result._level = tape.level
    result._tape = tape
    result._node = node
    result._view = None
    observer = observe()
    if observer is not None:
        observer(plan.row, {args}, result)
    return result
"""


def write_operators(array: type, scalar: type, forms: Any, elements: type) -> None:
    """Give the classes of variables their operators; `elements`, the scalars of object arrays, keep those of all numbers.

    Each is written when it is first used, for then the rows are there.
    """
    scope = {
        "Array": array,
        "FLOAT64": FLOAT64,
        "FLOATS": FLOATS,
        "Node": Node,
        "Scalar": scalar,
        "forms": forms,
        "negative": np.negative,
        "fresh_node": fresh_node,
        "ndarray": np.ndarray,
        "new": object.__new__,
        "observe": OBSERVER.get,
        "refuse_asking": refuse_asking,
        "plans": UNARY,
        "reflected": {ufunc: f"__r{name}__" for name, (ufunc, _) in _OPERATORS.items()},
    }
    methods = {
        "__neg__": partial(_written, _NEGATIVE, "(self,)"),
        "__array_ufunc__": partial(_written, _UFUNC, "(self,)"),
    }
    for name, (ufunc, symbol) in _OPERATORS.items():
        methods[f"__{name}__"] = partial(_forward, ufunc, symbol)
        methods[f"__r{name}__"] = partial(_reflected, ufunc, symbol)
    for name, write in methods.items():
        general = getattr(ActiveArray, name)
        setattr(elements, name, general)
        _install(name, (array, scalar), partial(write, {**scope, "general": general}))


def _install(name: str, classes: tuple[type, ...], write: Callable[[], Callable[..., Any]]) -> None:
    """Put a method into classes that replaces itself by the one that is written when it is first called."""

    def first_time(self: Any, *args: Any, **kwargs: Any) -> Any:
        method = write()
        for cls in classes:
            setattr(cls, name, method)
        return method(self, *args, **kwargs)

    for cls in classes:
        setattr(cls, name, first_time)


def _written(source: str, args: str, scope: dict[str, Any]) -> Callable[..., Any]:
    exec(source + _RECORD.format(args=args), scope)
    return scope["operate"]


def _plan(ufunc: np.ufunc, choice: int) -> tuple[ElementwisePlan, str, str]:
    """Plan of a function for a choice of active arguments, the expression of what it saves, and what copies a constant."""
    plan = BINARY.plan(TABLE[ufunc], choice)
    kept = [name for name, keep in zip(("out", "x", "y"), plan.keeps, strict=True) if keep]
    constant = "y" if choice == 0 else "x"
    freeze = f"if cls is ndarray: {constant} = tape.freeze({constant})" if constant in kept else ""
    return plan, ", ".join(kept) or "None", freeze


def _forward(ufunc: np.ufunc, symbol: str, scope: dict[str, Any]) -> Callable[..., Any]:
    both, saved_both, _ = _plan(ufunc, 2)
    first, saved, freeze = _plan(ufunc, 0)
    plan = "first"
    if ufunc is np.power:
        plan, saved = "squares if cls is int and other == 2 else first", f"x if plan is squares else ({saved})"
    source = _BINARY.format(symbol=symbol, plan=plan, saved=saved, freeze=freeze, saved_both=saved_both)
    return _written(source, "(self, other)", {**scope, "both": both, "first": first, "squares": squares()})


def _reflected(ufunc: np.ufunc, symbol: str, scope: dict[str, Any]) -> Callable[..., Any]:
    plan, saved, freeze = _plan(ufunc, 1)
    return _written(
        _REFLECTED.format(symbol=symbol, saved=saved, freeze=freeze), "(other, self)", {**scope, "plan": plan}
    )
