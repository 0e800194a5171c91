"""What ``np.asarray(x)`` and the like get: object arrays of scalars that stay exact, or an error."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import numpy as np

from dualnum.aliasing import tear
from dualnum.dispatch import primal_all
from dualnum.elements import as_element
from dualnum.errors import DerivativeLostError, MutationError
from dualnum.matrices import answer_to, is_inside, lost
from dualnum.packing import warn_objects

__all__ = ["array_of_elements", "scalar_in_array"]


def array_of_elements(x: Any, dtype: Any, copy: bool | None) -> np.ndarray:
    """Answer of an active array to ``__array__(dtype, copy)``."""
    caller = sys._getframe(2)
    answer = answer_to(caller)
    if answer is not None:
        return answer
    if is_inside(caller):
        raise lost(x)
    _require_object(x, dtype, caller)
    _refuse_byte_copies(caller)
    if copy is False:
        raise MutationError(f"np.array(x, copy=False): an array of {x._plural} is always a copy of x; use x itself.")
    warn_objects()
    # In the order of the value, so that np.asfortranarray and the like copy it where they would have copied x.
    array = np.empty_like(primal_all(x), dtype=object)
    array.flat[:] = [as_element(item) for item in x.reshape(-1)]
    if not copy:
        # NumPy would have given x itself. So no update of the one may go unseen by the other: the copy is closed to
        # updates, and x for as long as the copy is in use.
        array.flags.writeable = False
        tear(primal_all(x), array, primal_all(x._parts()[-1]))
    return array


def scalar_in_array(x: Any, dtype: Any) -> np.ndarray:
    """Answer of an active scalar to ``__array__(dtype)``."""
    _require_object(x, dtype, sys._getframe(2))
    array = np.empty((), dtype=object)
    array[()] = as_element(x)
    return array


def _require_object(x: Any, dtype: Any, caller: Any) -> None:
    """Refuse a conversion to a plain array that would not stay exact."""
    if dtype is not None and np.dtype(dtype) != object:
        if is_inside(caller):
            raise lost(x)
        name = np.dtype(dtype).name
        raise DerivativeLostError(
            f"np.asarray(x, dtype={name}) or a store into a plain array would lose the derivative of {x._describe()}. Leave "
            f"the dtype away, or use x.astype({name}); allocate arrays that are to hold {x._plural} with np.zeros_like(x) or "
            "np.zeros(shape, like=x); or take primal(x)."
        )
    if x.dtype.kind == "c":
        raise DerivativeLostError(
            "np.asarray(x) or np.array([x, ...]) of complex numbers that carry derivatives: NumPy's object arrays get real and "
            "imaginary parts wrong. Use np.array([...], like=x), where x carries derivatives, np.stack or np.concatenate."
        )


def _refuse_byte_copies(caller: FrameType) -> None:
    """Refuse an object array to the one function of SciPy that would copy the bytes of the references in it."""
    if caller.f_code.co_name == "squareform" and caller.f_globals.get("__name__") == "scipy.spatial.distance":
        raise DerivativeLostError(
            "scipy.spatial.distance.squareform(x) copies the bytes of objects, and Python would crash. To make a vector of a "
            "matrix, use m[np.triu_indices(n, 1)]; to make a matrix of a vector, assign it to these indices of a matrix of "
            "zeros that np.zeros((n, n), like=x) gives, and add its transpose."
        )
