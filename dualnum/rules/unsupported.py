"""Rows of functions that can have no rule, and why."""

from __future__ import annotations

import numpy as np
from numpy._core import umath

from dualnum.table import unsupported

# Some of NumPy's ufuncs of strings have no public name; those that have one are in np.strings.
_STRING_UFUNCS = """
    _center _expandtabs _expandtabs_length _ljust _lstrip_chars _lstrip_whitespace _partition _partition_index _replace
    _rjust _rpartition _rpartition_index _rstrip_chars _rstrip_whitespace _slice _strip_chars _strip_whitespace _zfill
    count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle isupper rfind rindex
    startswith str_len
"""

unsupported(
    "it works on strings",
    *(getattr(umath, name) for name in _STRING_UFUNCS.split() if hasattr(umath, name)),
)

# From NumPy 2.5 on; np.real and np.imag, which have rows, call them for classes of numbers that NumPy does not know.
unsupported(
    "np.real and np.imag are meant",
    *(getattr(umath, name) for name in ("real", "imag") if hasattr(umath, name)),
)

unsupported(
    "what it writes holds no derivatives; write x.value and x.tangent, or pickle x",
    *(np.save, np.savez, np.savez_compressed, np.savetxt),
)
