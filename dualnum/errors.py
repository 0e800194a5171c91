"""What can go wrong. Each class is also the built-in error that fits, and each message says what to do."""

from __future__ import annotations

__all__ = [
    "DerivativeLostError",
    "DualnumError",
    "InputError",
    "MissingExtraError",
    "MutationError",
    "NoRuleError",
    "ObjectArrayWarning",
    "ShapeError",
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


class MissingExtraError(DualnumError, ImportError):
    """A feature needs an optional package that is not installed."""


class ObjectArrayWarning(UserWarning):
    """NumPy put Duals into an object array: exact, but much slower than a Dual that holds an array."""
