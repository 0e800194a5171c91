"""Modules named like SciPy's, whose functions take Duals where SciPy's own cannot see them coming."""

from importlib import import_module
from typing import Any

__all__ = ["fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal", "sparse", "special", "stats"]


def __getattr__(name: str) -> Any:
    """Import a module when it is first asked for, as SciPy does."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return __all__
