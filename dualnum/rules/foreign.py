"""Rows of whole modules that work on other things than numbers, and why nothing can be differentiated there.

Loaded late, as NumPy loads these modules.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy._core import defchararray, strings
from numpy.lib import recfunctions

from dualnum.table import TABLE, unsupported


def _unsupported_module(reason: str, module: ModuleType) -> None:
    """Register all functions of a module that NumPy dispatches."""
    functions = {f for f in vars(module).values() if hasattr(f, "_implementation") and f not in TABLE}
    unsupported(reason, *functions)


_unsupported_module("it works on strings", strings)
_unsupported_module("it works on strings", defchararray)
_unsupported_module("it works on structured arrays, which cannot hold derivatives", recfunctions)
unsupported(
    "it works on dates",
    *(np.busday_count, np.busday_offset, np.datetime_as_string, np.is_busday),
)
