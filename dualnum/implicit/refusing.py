"""Solvers through which no derivatives are taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from dualnum.errors import NoRuleError
from dualnum.implicit.watching import Watched, holds_active

__all__ = ["refusing"]


class _LookedAt(Watched):
    """A function whose results may not be active."""

    def __init__(self, f: Callable[..., Any], error: Exception) -> None:
        super().__init__(f)
        self.error = error

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        y = super().__call__(*args, **kwargs)
        if self.active:
            raise self.error
        return y


def refusing(solver: Callable[..., Any], advice: str) -> Callable[..., Any]:
    """Make a solver say so when arguments, or what functions return to it, are active; else it is as ever."""
    error = NoRuleError(f"{solver.__module__.split('._')[0]}.{solver.__name__} has no derivatives in dualnum. {advice}")

    def looked_at(value: Any) -> Any:
        return _LookedAt(value, error) if callable(value) and not isinstance(value, type) else value

    @wraps(solver)
    def solve(*args: Any, **kwargs: Any) -> Any:
        if holds_active([args, kwargs]):
            raise error
        return solver(*map(looked_at, args), **{name: looked_at(value) for name, value in kwargs.items()})

    solve.advice = str(error)  # type: ignore[attr-defined]
    return solve
