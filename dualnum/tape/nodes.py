"""Nodes of the graph: one for each instruction that was recorded, and where its adjoint is gathered."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import apply_function
from dualnum.packing import ACTIVE_TYPES, PLAIN_TYPES

__all__ = ["Node", "Sweep", "add_in_place", "fit", "new_node"]


_add: Any = np.add.reduce  # what np.sum does in twice the time


class Sweep:
    """One traversal back: how many rows of cotangents it carries, and with which care.

    With ``k`` rows every cotangent has a leading axis of that length. A ``careful`` sweep keeps a cotangent that is exactly
    zero at zero, whatever it is multiplied by. With ``keep``, all adjoints are there afterwards; else only those of
    variables, which have no parents. The nodes in ``valueless`` want of a cotangent that is a Dual nothing but the tangent.
    """

    __slots__ = ("careful", "k", "keep", "valueless")

    def __init__(self, k: int | None, careful: bool, keep: bool = False, valueless: Any = frozenset()) -> None:
        self.k = k
        self.careful = careful
        self.keep = keep
        self.valueless = valueless


def fit(bar: Any, shape: tuple[int, ...], dtype: np.dtype, k: int | None) -> Any:
    """Give a cotangent the shape and dtype of its argument: sum where that was broadcast, drop an imaginary part."""
    wanted = shape if k is None else (k, *shape)
    if not wanted and bar.__class__ is np.ndarray and bar.shape:
        bar = _add(bar, None)
    elif bar.shape != wanted:
        lead = 0 if k is None else 1
        missing = bar.ndim - len(wanted)
        axes = tuple(
            i for i in range(lead, bar.ndim) if i < missing + lead or (bar.shape[i] != 1 and wanted[i - missing] == 1)
        )
        if axes:
            keepdims = bar.ndim - len(axes) != len(wanted)
            if bar.__class__ is np.ndarray:
                bar = _add(bar, axes, None, None, keepdims)
            else:
                bar = apply_function(np.sum, (bar, axes if wanted else None), {"keepdims": True} if keepdims else {})
        if bar.shape != wanted:
            bar = bar.reshape(wanted)
    if bar.dtype is not dtype:
        if bar.dtype.kind == "c" and dtype.kind != "c":
            bar = np.real(bar)
        bar = bar.astype(dtype)
    return bar


def add_in_place(adjoint: Any, bar: Any) -> bool:
    """Add to an adjoint that nobody else holds, if it is an array of a class that can take it; say whether it did."""
    if adjoint.__class__ is not np.ndarray:
        take_in = getattr(adjoint, "_take_in", None)
        return take_in is not None and take_in(bar)
    if bar.__class__ is not np.ndarray:
        return False
    adjoint += bar
    return True


class Node:
    """One instruction of a tape: what was done, to which nodes, and what the way back needs of the values.

    ``saved`` is what the plan has asked for, and nothing else. ``adjoint`` is gathered during a sweep; ``owned`` says that
    nobody else holds it, so that it may be added to in place if its class allows that. A function with several results has
    lists of shapes, dtypes and adjoints. The only parent is ``origin``, the second of two ``second``, and more are a tuple in
    ``origin``: each object less is one less for the collector.
    """

    __slots__ = ("adjoint", "dtype", "origin", "owned", "plan", "saved", "second", "shape")
    adjoint: Any
    dtype: Any
    origin: Any
    owned: bool
    plan: Any
    saved: Any
    second: Any
    shape: Any

    @property
    def parents(self) -> tuple[Any, ...]:
        """Nodes of the arguments."""
        origin, second = self.origin, self.second
        return (origin, second) if second is not None else origin if origin.__class__ is tuple else (origin,)

    def receive(self, bar: Any, sweep: Sweep, owned: bool = False) -> None:
        """Add to the adjoint; with ``owned`` the caller gives the array away."""
        if bar.shape != self.shape or bar.dtype is not self.dtype:
            bar = fit(bar, self.shape, self.dtype, sweep.k)
        adjoint = self.adjoint
        if adjoint is None:
            self.adjoint = bar
            self.owned = owned
        elif adjoint.__class__ is np.float64:
            self.adjoint = adjoint + bar
        elif self.owned and add_in_place(adjoint, bar):
            pass
        elif owned and add_in_place(bar, adjoint):
            self.adjoint = bar
            self.owned = True
        else:
            self.adjoint = adjoint + bar
            self.owned = True

    def own(self, like: Any, sweep: Sweep) -> Any:
        """Adjoint that may be changed in place, zeros if nothing has arrived; None where it is active itself."""
        adjoint = self.adjoint
        if adjoint is None:
            shape = self.shape if sweep.k is None else (sweep.k, *self.shape)
            adjoint = np.zeros(shape, self.dtype, like=like if like.__class__ in ACTIVE_TYPES else None)
        elif adjoint.__class__ not in PLAIN_TYPES:
            return None
        elif not self.owned:
            adjoint = adjoint.copy()
        self.adjoint = adjoint
        self.owned = True
        return adjoint


def new_node(plan: Any, parents: tuple[Any, ...], saved: Any, shape: Any, dtype: Any) -> Node:
    """Make a node. What is done a thousand times sets the attributes itself, for a call would take as long."""
    node = Node()
    node.plan = plan
    if len(parents) == 2 and parents[1] is not None:
        node.origin, node.second = parents
    else:
        node.origin, node.second = parents[0] if len(parents) == 1 else parents, None
    node.saved = saved
    node.shape = shape
    node.dtype = dtype
    node.adjoint = None
    node.owned = False
    return node
