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
from contextlib import contextmanager
from contextvars import ContextVar, Token

from dualnum.errors import InputError

__all__ = [
    "current_level",
    "enter_transform",
    "enter_two",
    "has_ended",
    "leave_transform",
    "levels_by_hand",
    "nothing_outside",
    "refuse_stray_mixture",
    "series_level_by_hand",
]

# Room between two transforms for the nesting of numbers made by hand inside the first.
_STRIDE = 1 << 10

# Between the levels of hyper-dual numbers made by hand, room for Duals that hold them.
_HYPER = 32

# Numbers made by hand outside of transforms have levels below all of theirs.
_FIRST = 1 << 40

_current: ContextVar[int] = ContextVar("dualnum_level", default=0)

# All levels below are of transforms that have nothing to do with what is being computed.
_outside: ContextVar[int] = ContextVar("dualnum_outside", default=0)


_fresh: Iterator[int]
_begun: int

# Levels of the transforms that are running, in any thread; and by the identity of their tokens, for tapes need not end in
# order.
_running: set[int] = set()
_by_token: dict[int, int] = {}


def _begin() -> None:
    """Begin to count, at a number that no other process has: numbers are sent from one to another (pickled)."""
    global _fresh, _begun
    # Only hands out distinct numbers (atomically); what a thread sees of the nesting is in the context variable.
    _begun = time.time_ns()
    _fresh = itertools.count(_begun, _STRIDE)


_begin()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin)


def current_level() -> int:
    """Level of the innermost transform around the caller, 0 outside of any."""
    return _current.get()


def enter_transform() -> tuple[int, Token[int]]:
    """Take a fresh level; give the token back to `leave_transform` when the function has returned."""
    level = next(_fresh)
    token = _current.set(level)
    _running.add(level)
    _by_token[id(token)] = level
    return level, token


def enter_two() -> tuple[tuple[int, int], Token[int]]:
    """Take two fresh levels at once, which nobody else can come between: of hyper-dual numbers, inner and outer."""
    level = next(_fresh)
    levels = level, level + _STRIDE // 2
    token = _current.set(levels[1])
    _running.add(level)
    _by_token[id(token)] = level
    return levels, token


def levels_by_hand(highest: int) -> tuple[int, int]:
    """Levels of a hyper-dual number that is made by hand of parts up to a level.

    They are never those of a Dual made by hand; nor, of hyper-dual numbers of different nesting depth, do some share one.
    """
    base = current_level()
    inner = base + _HYPER * (max(0, highest - base) // _HYPER + 1)
    return inner, inner + 1


def series_level_by_hand(highest: int) -> int:
    """Level of a Taylor series that is made by hand of coefficients up to a level; never that of another kind of number."""
    return levels_by_hand(highest)[0] + _HYPER // 2


def leave_transform(token: Token[int]) -> None:
    """End the transform whose token this is."""
    _current.reset(token)
    _running.discard(_by_token.pop(id(token)))


def _of_transform(level: int) -> int:
    """Level of the transform in which a number of a level was made."""
    return level - (level - _begun) % _STRIDE


def has_ended(level: int) -> bool:
    """Whether a level is that of a transform of this process which has ended, or of a number made by hand in one.

    Where nothing is outside, that of any transform which has begun before.
    """
    return _FIRST <= level < _outside.get() or (level >= _begun and _of_transform(level) not in _running)


@contextmanager
def nothing_outside() -> Iterator[None]:
    """Take a piece of an outermost derivative: what carries derivatives has been left by another run, of any process."""
    token = _outside.set(next(_fresh))
    try:
        yield
    finally:
        _outside.reset(token)


def refuse_stray_mixture(top: int, lower: int) -> None:
    """Raise where a number made by hand, of level `lower`, meets that of a transform which is not around the caller.

    The number may have been made inside the transform, in a thread that knows nothing of it, and should then have the
    higher level; nobody can tell.
    """
    if lower < _FIRST <= top and current_level() + _STRIDE <= top:
        raise InputError(
            "A Dual made by hand meets a number of a transform (jvp, jacobian, ...) that is not running in this thread: which "
            "derivative is inside the other cannot be known. Start the thread with contextvars.copy_context().run, use a "
            "transform in it instead of Dual(...), or pass primal(x) of a number that is left over from an earlier run."
        )
