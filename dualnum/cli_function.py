"""The function that the command line is given: how it is found, and who is to blame for what it raises."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from dualnum.errors import DualnumError, ObjectArrayWarning

__all__ = ["OBJECTS", "BadInput", "blame", "find_function", "noticing_objects"]

OBJECTS = """\
note: the function puts its argument into np.asarray or the like, which makes object arrays of Duals:
      the derivatives are exact, but this way is slow."""


class BadInput(Exception):
    """What is wrong with the user's input, in one line."""


def find_function(name: str) -> Callable[[Any], Any]:
    """The function of that name, in MODULE:FUNCTION notation."""
    module_name, colon, path = name.partition(":")
    if not (module_name and colon and path):
        raise BadInput(f"{name!r} must have the form MODULE:FUNCTION, for example scipy.optimize:rosen")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)  # as python -m does
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # a script may do anything when it is imported
        raise BadInput(f"cannot import {module_name}: {_named(error)}") from error
    for part in path.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, dir(found), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadInput(f"{module_name} has no {path}{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise BadInput(f"{name} is not a function, but of type {type(found).__name__}")
    try:
        signature = inspect.signature(found)
    except ValueError:  # not all compiled functions have one
        return found
    try:
        signature.bind(None)
    except TypeError as error:
        raise BadInput(f"{name} must take one vector, but its signature is {signature}") from error
    return found


@contextlib.contextmanager
def noticing_objects() -> Iterator[list[Any]]:
    """Keep warnings of object arrays in a list, which is filled at the end; others are given later."""
    noticed: list[Any] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ObjectArrayWarning)
        yield noticed
    for warning in caught:
        if warning.category is ObjectArrayWarning:
            noticed.append(warning)
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


@contextlib.contextmanager
def blame(name: str) -> Iterator[None]:
    """Turn whatever the function raises into a BadInput that names it."""
    try:
        yield
    except DualnumError as error:
        raise BadInput("\n".join([f"{name}: {error}", *getattr(error, "__notes__", [])])) from error
    except (Exception, SystemExit) as error:
        raise BadInput(f"{name} raised {_named(error)}") from error


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
