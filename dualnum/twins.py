"""Functions that NumPy's protocols do not reach, made to dispatch.

`scipy.special.logsumexp` and most of SciPy call ``np.asarray`` before anything else. A twin looks at its arguments first:
active ones lead to its row in the table, plain ones to SciPy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from dualnum.dispatch import apply_function
from dualnum.packing import contains_active
from dualnum.table import Function

__all__ = ["TWINS", "dispatching", "twin", "twins_in"]

#: Function -> its twin.
TWINS: dict[Function, Function] = {}


def dispatching(function: Function) -> Function:
    """Make a function that leads active arguments to the row of which it is the key, and plain ones to `function`."""

    @wraps(function)
    def dispatcher(*args: Any, **kwargs: Any) -> Any:
        if contains_active(args) or contains_active(list(kwargs.values())):
            return apply_function(dispatcher, args, kwargs)
        return function(*args, **kwargs)

    return dispatcher


def twin(function: Function, plain: Function | None = None) -> Function:
    """Make the twin of a function; its row has the twin for a key, so that rules can call it on active values.

    ``plain`` is called in place of the function, with plain arguments.
    """
    made = dispatching(plain or function)
    made.__module__ = ".".join(function.__module__.split(".")[:2])  # where users import it from
    TWINS[function] = made
    return made


def twins_in(module: ModuleType) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a module that has the names of another, with twins where there are any."""

    def attribute(name: str) -> Any:
        found = getattr(module, name)
        return TWINS.get(found, found) if callable(found) else found

    return attribute
