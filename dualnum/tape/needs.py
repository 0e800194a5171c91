"""Which arguments a rule of the table looks at: only those have to be kept for the way back."""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import cache, lru_cache
from types import FunctionType
from typing import Any

import numpy as np

from dualnum.packing import ACTIVE_TYPES

__all__ = ["like", "parameters_used", "stand_in"]


@cache
def parameters_used(rule: Callable[..., Any]) -> frozenset[int] | None:
    """Positions of the parameters that a rule uses; None if that can't be told, so that it may be all.

    A rule that does nothing but check what another gives, or divide by it, names that as its attribute ``checks``.
    """
    rule = getattr(rule, "checks", rule)
    if not isinstance(rule, FunctionType) or rule.__code__.co_flags & (0x04 | 0x08):  # *args or **kwargs
        return None
    code = rule.__code__
    names = code.co_varnames[: code.co_argcount]
    used: set[str] = set()
    for instruction in dis.get_instructions(code):
        # Newer Pythons load two variables by one instruction.
        if instruction.opname.startswith(("LOAD_", "STORE_FAST_LOAD", "MAKE_CELL")):
            value = instruction.argval
            used.update(value if isinstance(value, tuple) else (str(value),))
    return frozenset(i for i, name in enumerate(names) if name in used)


@lru_cache(1024)
def stand_in(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Array of that shape and dtype without memory of its own, for rules that ask for these alone."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def like(value: Any) -> Any:
    """What a rule may know of an argument whose values are not needed."""
    if value.__class__ is list or value.__class__ is tuple:
        return value.__class__([like(item) for item in value])
    plain = value
    while plain.__class__ in ACTIVE_TYPES:  # whose own properties take longer
        plain = plain._value
    if plain.__class__ is np.ndarray and plain.ndim:
        return stand_in(plain.shape, plain.dtype)
    return value
