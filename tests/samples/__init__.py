"""Calls of differentiable functions, as data for the generic checks; one module for each module of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["Sample"]


@dataclass(frozen=True)
class Sample:
    """One call, ``function(*args, **kwargs)``, with arguments inside the domain of the function."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    #: Positions of the arguments in which it is differentiated.
    active: tuple[int, ...] = (0,)
    #: Whether the arguments keep clear of kinks and jumps, so that finite differences apply.
    smooth: bool = True
    #: Whether the function is holomorphic, so that it can be tried with complex arguments too.
    complex_ok: bool = False

    def __str__(self) -> str:
        shapes = ", ".join(str(getattr(arg, "shape", arg)) for arg in self.args)
        return f"{getattr(self.function, '__name__', self.function)}({shapes})"
