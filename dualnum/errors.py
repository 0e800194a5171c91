"""What can go wrong. Each class is also the built-in error that fits, and each message says what to do."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ConvergenceError",
    "DerivativeLostError",
    "DualnumError",
    "ExecutionError",
    "ForeignError",
    "InputError",
    "MissingExtraError",
    "MutationError",
    "NoRuleError",
    "ObjectArrayWarning",
    "ShapeError",
    "WrongDerivativeError",
    "foreign_error",
]


class DualnumError(Exception):
    """Base class of every error that dualnum raises on its own account."""


class DerivativeLostError(DualnumError, TypeError):
    """The operation would have thrown the derivative away (``float(x)``, ``plain[i] = x``, ...)."""


class NoRuleError(DualnumError, TypeError):
    """The function, or one of its arguments, has no derivative rule."""


class ShapeError(DualnumError, ValueError):
    """The shapes or the numbers of directions of value and tangent do not fit."""


class MutationError(DualnumError, ValueError):
    """An in-place update cannot be carried out on value and tangent alike."""


class InputError(DualnumError, TypeError):
    """An argument or a result has a kind of value that cannot be differentiated."""


class ConvergenceError(DualnumError, RuntimeError):
    """What a solver has found is no solution, or one whose derivatives do not exist."""


class ExecutionError(DualnumError, RuntimeError):
    """A piece of a derivative has failed on an executor; why is its ``__cause__``.

    Attributes
    ----------
    written : tuple of range
        The columns or rows that had been written into ``out`` by then.
    """

    def __init__(self, message: str, written: tuple[range, ...] = ()) -> None:
        super().__init__(message)
        self.written = written


class WrongDerivativeError(DualnumError, AssertionError):
    """A derivative that was checked does not agree with what it was compared with."""


class ForeignError(DualnumError):
    """Code that NumPy's protocols do not reach has failed on Duals; of the same built-in kind as its ``__cause__``."""

    kind: type[Exception]

    def __reduce__(self) -> Any:
        return foreign_error, (self.kind, *self.args)


_FOREIGN = {
    kind: type(
        "ForeignError", (ForeignError, kind), {"kind": kind, "__module__": __name__, "__doc__": ForeignError.__doc__}
    )
    for kind in (NotImplementedError, RuntimeError, SystemError, TypeError, ValueError, AttributeError)
}


def foreign_error(kind: type[BaseException], message: str) -> Exception | None:
    """Make a `ForeignError` that is also of a built-in kind; None where there is no such class."""
    return next((cls(message) for base, cls in _FOREIGN.items() if issubclass(kind, base)), None)


class MissingExtraError(DualnumError, ImportError):
    """A feature needs an optional package that is not installed."""


class ObjectArrayWarning(UserWarning):
    """NumPy put Duals into an object array: exact, but much slower than a Dual that holds an array."""
