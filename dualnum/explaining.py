"""Errors of code that NumPy's protocols do not reach, explained.

SciPy and others call ``np.asarray``, and then something that knows floats alone: ``np.isnan``, a ufunc of `scipy.special`,
compiled code. The error that comes of it (``object arrays are not supported``) says nothing of Duals.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from itertools import takewhile
from types import FrameType

from dualnum.errors import DualnumError, foreign_error
from dualnum.packing import ACTIVE_TYPES, contains_active, holds_objects

__all__ = ["explain"]

# What errors say that come of arrays of objects; others may be a function's own opinion of the values. The second is for
# errors of which nothing else is known.
_ON_TYPES = re.compile(r"object|type|support|numeric|real numbers|signature|ndarray")
_ON_INPUT = re.compile(
    r"object_|object array|not supported|data type|dtype|real numbers|ndarray|array of floats|instance of|must be scalar"
    "|loop of ufunc"
)


# Modules with twins; they stand above this one, so they are only looked into when there is an error to explain.
_WITH_TWINS = tuple(
    f"scipy.{name}" for name in "fft integrate interpolate linalg ndimage optimize signal special stats".split()
)

_INSTEAD = (
    "write the formula with functions that leave np.asarray away (those of np.linalg and np.fft, np.interp, "
    "dualnum.scipy.special), give the function that calls it a rule (dualnum.custom_jvp), or pass primal(x) where no "
    "derivative is wanted."
)

# The same for modules of which more can be said.
_INSTEAD_OF = {
    "scipy.fft": "dualnum.scipy.fft has the Fourier transforms; for dct(x) take dct(np.eye(len(x)), axis=0) @ x.",
    "scipy.interpolate": "take splines and tables from dualnum.scipy.interpolate (CubicSpline, make_interp_spline, interp1d, "
    "RegularGridInterpolator, splev, ...). Of others the derivative may be known: write a rule (dualnum.custom_jvp).",
    "scipy.ndimage": "dualnum.scipy.ndimage has filters, interpolation and measurements. To other linear functions give "
    "their transposes by dualnum.register(function, transposes=[...]).",
    "scipy.signal": "dualnum.scipy.signal has convolutions, filters, changes of the rate and spectra. To other linear "
    "functions give their transposes by dualnum.register(function, transposes=[...]).",
    "scipy.sparse": "take the same name from dualnum.scipy.sparse, and spsolve, splu and factorized from "
    "dualnum.scipy.sparse.linalg.",
    "scipy.spatial": "take np.linalg.norm(a[:, None] - b, axis=-1) for cdist(a, b), and np.linalg.norm(a[i] - a[j], axis=-1) "
    "with i, j = np.triu_indices(len(a), 1) for pdist(a); give other functions a rule (dualnum.custom_jvp).",
    "scipy.stats": "take the same name from dualnum.scipy.stats, which has derivatives of the usual distributions and of "
    "some functions of a sample (gmean, skew, zscore, pearsonr, linregress, ...). If this is from there already, it is not "
    "among them: write it as a formula, with NumPy and the ufuncs of scipy.special, which take Duals.",
}


# What functools.lru_cache says, sets and dictionaries (Python 3.14 has more words).
_UNHASHABLE = re.compile("unhashable type: '(.*?)'")
_ON_HASHES = (
    "dualnum: numbers that carry derivatives have no hash, so they are no keys of dictionaries, sets or functools.lru_cache: "
    "their derivatives belong to one run. Leave the cache away (f.__wrapped__ is the function under lru_cache), or take "
    "primal(x) for a key where no derivative is wanted."
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
    if any(note.startswith("dualnum: ") for note in getattr(error, "__notes__", [])):
        return  # by an inner transform
    if isinstance(error, DualnumError):
        advice = _in_scipy(error)
        if advice is not None:
            error.add_note(f"dualnum: {advice}")
        return
    own = _own_cause(error)
    if own is not None:
        reason = "\n".join(filter(None, [f"It has come of {type(own).__name__}: {own}", _twin(error)]))
        certain = True
    else:
        text, place = str(error), _find_objects(error)
        unhashable = _UNHASHABLE.search(text)
        if unhashable and unhashable[1] in {cls.__name__ for cls in ACTIVE_TYPES}:
            error.add_note(_ON_HASHES)
            return
        if place is None and (_ON_INPUT.search(text) is None or "Dual" in text):
            # SciPy's compiled solvers go on after an error, and it is a matter of luck what they say then.
            if twin := _twin(error):
                error.add_note(f"dualnum: If a function there gives Duals: {twin}")
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
        if not _module(traceback.tb_frame).startswith("dualnum."):
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


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _package(name: str) -> str:
    """Where users import it from: ``scipy.linalg`` of ``scipy.linalg._decomp.eigh``."""
    return ".".join(name.split(".")[:2])


def _twin(error: Exception) -> str | None:
    """Name the twin of the innermost function that has one, or of that of SciPy that has called it for its own ends."""
    found = None
    for frame, _ in _frames(error):
        module, name = _package(_module(frame)), _name(frame)
        if found is not None and not module.startswith(("scipy.", "numpy.")):
            break
        if module in _WITH_TWINS:
            twins = import_module(f"dualnum.{module}")
            if name in twins.__all__ and (twin := getattr(twins, name)) is not getattr(sys.modules[module], name):
                if frame.f_back is not None and _module(frame.f_back).startswith("dualnum.scipy."):
                    return None  # the twin has called it, with plain numbers
                found = getattr(twin, "advice", f"{module}.{name} does not take Duals; dualnum.{module}.{name} does.")
    return found


def _name(frame: FrameType) -> str:
    """Name of a function, or of the class that users take whose method it is."""
    cls = type(frame.f_locals.get("self"))
    named = (base.__name__ for base in cls.__mro__ if base.__module__.startswith("scipy.") and base.__name__[0] != "_")
    if cls.__module__.startswith("scipy.") and "." in frame.f_code.co_qualname:
        return next(named, frame.f_code.co_name)
    return frame.f_code.co_name


def _called(error: Exception) -> str:
    """Name the function of SciPy, if any, whose own code has met Duals; a function of the user's is called by none."""
    frames = [frame for frame, _ in _frames(error)]
    within = takewhile(lambda frame: _module(frame).startswith(("scipy.", "numpy.")), frames)
    # What was called, without the decorators around it, and without the names of private modules.
    called = [
        f"{_module(frame).partition('._')[0]}.{frame.f_code.co_qualname}"
        for frame in within
        if _module(frame).startswith("scipy.") and "<locals>" not in frame.f_code.co_qualname
    ]
    return called[-1] if called else ""


def _in_scipy(error: Exception) -> str | None:
    """Say what to do where it was SciPy's own code that has met Duals."""
    called = _called(error)
    if not called:
        return None
    instead = _INSTEAD_OF.get(_package(called), _INSTEAD)
    return _twin(error) or f"This was inside of {called}, which takes plain numbers alone: {instead}"


def _describe(error: Exception, place: tuple[FrameType, int, str] | None) -> str:
    """Say where there was an object array of Duals, and what to do instead."""
    twin = _twin(error)
    if twin is not None:
        return twin
    if place is None:
        found = (
            "Perhaps a test of the type has refused Duals there (they are no np.ndarray, float or np.number), or they were in "
            "an object array"
        )
    else:
        frame, line, name = place
        code = frame.f_code
        found = (
            f"In {_module(frame)}.{code.co_qualname} ({code.co_filename}, line {line}), {name!r} was an "
            "object array of Duals"
        )
    called = _called(error)
    if _package(called) in _INSTEAD_OF:
        return f"{found}. {called} takes plain numbers alone: {_INSTEAD_OF[_package(called)]}"
    return (
        f"{found}: np.asarray, np.array and the like make one, for they ask nobody. It has NumPy's arithmetic, but compiled "
        "code, np.isnan, the ufuncs of scipy.special and questions for its dtype do not take it. If the array was made in code "
        "of yours, make it by np.array([...], like=x), with an argument x that carries derivatives, or by np.stack; otherwise "
        f"{_INSTEAD}"
    )
