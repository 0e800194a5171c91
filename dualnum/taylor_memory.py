"""Memory of the series that are found while one function is expanded.

Rules call functions whose rules call the first again (``expit(x)`` and ``expit(-x)``, the Bessel functions of neighbouring
orders), with one coefficient less each time. Found anew at each call, the number of series would double with each order;
remembered, each function is expanded once to each order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import numpy as np

from dualnum.table import Row

__all__ = ["remembered"]

_memory: ContextVar[dict[Any, list[Found]] | None] = ContextVar("dualnum_taylor_memory", default=None)

_OPTIONS = frozenset({bool, int, float, complex, str, type(None)})


class _Unknown(Exception):
    """What cannot be compared: numbers that carry derivatives, and options of kinds that functions seldom have."""


class Found:
    """The coefficients but the first that are known of one function of certain arguments, and how many these are."""

    def __init__(self, higher: Any) -> None:
        self.higher = higher
        self.order = 0
        self.coefficients: Any = None

    def keep(self, higher: Any, order: int, coefficients: Any) -> None:
        """Take the coefficients for arguments with these series, if they are more than were known."""
        if order > self.order:
            self.higher, self.order, self.coefficients = higher, order, coefficients


def _fingerprint(x: Any) -> Any:
    if x.__class__ is np.ndarray or isinstance(x, np.generic):
        return x.shape, x.dtype.char, x.tobytes()
    if x.__class__ in _OPTIONS:
        return x.__class__, repr(x)
    if x.__class__ is tuple or x.__class__ is list:
        return x.__class__, *map(_fingerprint, x)
    raise _Unknown


def _agree(a: Any, b: Any) -> bool:
    """Whether two (nested) sequences of series are the same, as far as both go."""
    if a.__class__ is bytes and b.__class__ is bytes:
        return a.startswith(b) or b.startswith(a)
    if a.__class__ is tuple and b.__class__ is tuple:
        return len(a) == len(b) and all(map(_agree, a, b))
    return a is b


def _series(higher: Any) -> Any:
    """Bytes of coefficients: those of fewer are the beginning of those of more."""
    if higher.__class__ is tuple or higher.__class__ is list:
        return tuple(map(_series, higher))
    if higher is None:
        return None
    if higher.__class__ is not np.ndarray:
        raise _Unknown
    return higher.tobytes()


@contextmanager
def remembered(
    row: Row, values: Sequence[Any], options: Mapping[str, Any], higher: Sequence[Any]
) -> Iterator[tuple[Found, Callable[[int, Any], None]]]:
    """What is known of a function of arguments with these series, and what takes more: ``keep(order, coefficients)``.

    The outermost call begins, and forgets, the memory. Nothing is known where coefficients carry derivatives themselves.
    """
    memory, token = _memory.get(), None
    if memory is None:
        token = _memory.set(memory := {})
    try:
        try:
            key = row.function, *map(_fingerprint, values), *((name, _fingerprint(x)) for name, x in options.items())
            series = _series(higher)
            entries = memory.setdefault(key, [])
        except _Unknown:
            series, entries = None, []
        found = next((entry for entry in entries if _agree(entry.higher, series)), None)
        if found is None:
            entries.append(found := Found(series))
        yield found, partial(found.keep, series)
    finally:
        if token is not None:
            _memory.reset(token)
