"""Which epsilon is which: every derivative that is being taken has a level, an integer.

A transform takes a fresh number, higher than all before it in the process, so that what it captures from outside (in
closures, generators or other threads) always has a lower one. A number made by hand takes one more than the highest level
inside it and than the transform around it; so hand-made numbers of one nesting depth share one epsilon.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextvars import ContextVar, Token

__all__ = ["current_level", "enter_transform", "leave_transform"]

# Room between two transforms for the nesting of numbers made by hand inside the first.
_STRIDE = 1 << 10

_current: ContextVar[int] = ContextVar("dualnum_level", default=0)


_fresh: Iterator[int]


def _begin() -> None:
    """Begin to count, at a number that no other process has: numbers are sent from one to another (pickled)."""
    global _fresh
    # Only hands out distinct numbers (atomically); what a thread sees of the nesting is in the context variable.
    _fresh = itertools.count(time.time_ns(), _STRIDE)


_begin()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin)


def current_level() -> int:
    """Level of the innermost transform around the caller, 0 outside of any."""
    return _current.get()


def enter_transform() -> tuple[int, Token[int]]:
    """Take a fresh level; give the token back to `leave_transform` when the function has returned."""
    level = next(_fresh)
    return level, _current.set(level)


def leave_transform(token: Token[int]) -> None:
    """End the transform whose token this is."""
    _current.reset(token)
