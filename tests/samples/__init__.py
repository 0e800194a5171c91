"""Calls of differentiable functions, as data for the generic checks; one module for each module of rules."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

__all__ = ["Sample", "samples_by_module", "since"]


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


def since(version: str) -> bool:
    """Whether this NumPy is of a version or newer."""
    return bool(np.lib.NumpyVersion(np.__version__) >= version)


def samples_by_module() -> dict[str, list[Sample]]:
    """All samples, by the name of the module of rules."""
    prefix = f"{__name__}."
    names = sorted(m.name for m in pkgutil.walk_packages(__path__, prefix) if not m.ispkg)
    return {name.removeprefix(prefix): importlib.import_module(name).SAMPLES for name in names}
