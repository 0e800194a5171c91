"""Errors of code that NumPy's protocols do not reach, explained.

SciPy and others call ``np.asarray``, and then something that knows floats alone: ``np.isnan``, a ufunc of `scipy.special`,
compiled code. The error that comes of it (``object arrays are not supported``) says nothing of Duals.
"""

from __future__ import annotations

import re
from types import FrameType

from dualnum.errors import DualnumError, foreign_error
from dualnum.packing import contains_active, holds_objects
from dualnum.twins import TWINS

__all__ = ["explain"]

# What errors say that come of arrays of objects; others may be a function's own opinion of the values. The second is for
# errors of which nothing else is known.
_ON_TYPES = re.compile(r"object|type|support|numeric|real numbers|signature|ndarray")
_ON_INPUT = re.compile(
    r"object_|object array|not supported|data type|dtype|real numbers|ndarray|array of floats|instance of|must be scalar"
)


def explain(error: Exception) -> None:
    """Say more about an error that has escaped from a function of Duals.

    Parameters
    ----------
    error : Exception
        Gets a note, if it may be about Duals.

    Raises
    ------
    ForeignError
        Instead of an error that certainly is about them; it is also of the built-in kind of that error, its cause.
    """
    if isinstance(error, DualnumError):
        return
    own = _own_cause(error)
    if own is not None:
        reason, certain = f"It has come of {type(own).__name__}: {own}", True
    else:
        text, place = str(error), _find_objects(error)
        if place is None and (_ON_INPUT.search(text) is None or "Dual" in text):
            return
        reason, certain = _describe(error, place), place is not None and _ON_TYPES.search(text) is not None
    foreign = foreign_error(type(error), f"{type(error).__name__}: {error}\n{reason}") if certain else None
    if foreign is not None:
        raise foreign from error
    error.add_note(f"dualnum: {reason}")


def _own_cause(error: BaseException) -> DualnumError | None:
    """What dualnum has said, if another error was made of it (as NumPy and compiled code do)."""
    cause = error.__cause__
    while cause is not None and not isinstance(cause, DualnumError):
        cause = cause.__cause__
    return cause


def _frames(error: Exception) -> list[tuple[FrameType, int]]:
    """Where the error has come by, the innermost frame first, without dualnum's own."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        if not traceback.tb_frame.f_globals.get("__name__", "").startswith("dualnum."):
            frames.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return frames[::-1]


def _find_objects(error: Exception) -> tuple[FrameType, int, str] | None:
    """Find the innermost variable that is an object array of Duals."""
    for frame, line in _frames(error):
        for name, value in frame.f_locals.items():
            if holds_objects(value) and contains_active(value):
                return frame, line, name
    return None


def _describe(error: Exception, place: tuple[FrameType, int, str] | None) -> str:
    """Say where there was an object array of Duals, and what to do instead."""
    twins = {twin.__name__: twin for twin in TWINS.values()}
    for frame, _ in _frames(error):
        twin = twins.get(frame.f_code.co_name)
        if twin is not None and frame.f_globals.get("__name__", "").startswith(twin.__module__):
            return f"{twin.__module__}.{twin.__name__} does not take Duals; dualnum.{twin.__module__}.{twin.__name__} does."
    if place is None:
        found = (
            "Perhaps a test of the type has refused Duals there (they are no np.ndarray, float or np.number), or they were in "
            "an object array"
        )
    else:
        frame, line, name = place
        code = frame.f_code
        found = (
            f"In {frame.f_globals.get('__name__')}.{code.co_qualname} ({code.co_filename}, line {line}), {name!r} was an "
            "object array of Duals"
        )
    return (
        f"{found}: np.asarray, np.array and the like make one, for they ask nobody. It has NumPy's arithmetic, but compiled "
        "code, np.isnan, the ufuncs of scipy.special and questions for its dtype do not take it. Use functions that leave "
        "np.asarray away (dualnum.scipy.special has those of scipy.special), write the formula with NumPy's functions, or "
        "pass primal(x) where no derivative is wanted."
    )
