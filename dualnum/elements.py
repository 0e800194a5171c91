"""The scalars that stand in object arrays which ``np.asarray(x)`` has made.

NumPy takes the imaginary part of an object array for zero, whatever is in it, and asks nobody. So these scalars, and all
that is computed from them, refuse to become complex. Maxima, sorting and the like compare objects with Python's ``<``, by
which nan gets lost where NumPy's own numbers would hand it on; so they refuse to be compared with nan, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import DerivativeLostError
from dualnum.packing import ACTIVE_TYPES, as_operand

__all__ = ["ELEMENT_CLASSES", "ElementMethods", "as_element"]

#: Class of a scalar -> class of such a scalar in an object array; filled in where the classes are defined.
ELEMENT_CLASSES: dict[type, type] = {}


def as_element(x: Any) -> Any:
    """Make a scalar, or a tuple of them, that refuses to become complex; what has axes stays what it is."""
    if x.__class__ is tuple:
        return tuple(map(as_element, x))
    if x.__class__ not in ACTIVE_TYPES or x._is_array() or isinstance(x, ElementMethods):
        return x
    if x.dtype.kind == "c":
        raise DerivativeLostError(
            "A complex number was computed in an object array of Duals, which np.asarray(x) or np.array(x) has made: "
            "NumPy takes the imaginary part of such an array for zero. Leave np.asarray away, or join with np.stack or "
            "np.concatenate."
        )
    return x._changed_to(ELEMENT_CLASSES[x.__class__])


def _comparison(name: str) -> Any:
    def compare(self: Any, other: Any) -> Any:
        if np.any(np.isnan(primal_all(self))) or np.any(np.isnan(primal_all(as_operand(other)))):
            raise DerivativeLostError(
                "nan was compared in an object array of Duals, which np.asarray(x) or np.array(x) has made: there, maxima and "
                "sorting would drop it. Leave np.asarray away, or join with np.stack or np.concatenate."
            )
        return getattr(super(ElementMethods, self), name)(other)

    compare.__name__ = name
    return compare


class ElementMethods:
    """What such scalars do otherwise: their results are such scalars too."""

    __slots__ = ()

    __lt__ = _comparison("__lt__")
    __le__ = _comparison("__le__")
    __gt__ = _comparison("__gt__")
    __ge__ = _comparison("__ge__")

    # Of their own, so that Python asks them before the operator of the class that they are derived from.
    def __radd__(self, other: Any) -> Any:
        return super().__radd__(other)  # type: ignore[misc]

    def __rsub__(self, other: Any) -> Any:
        return super().__rsub__(other)  # type: ignore[misc]

    def __rmul__(self, other: Any) -> Any:
        return super().__rmul__(other)  # type: ignore[misc]

    def __rtruediv__(self, other: Any) -> Any:
        return super().__rtruediv__(other)  # type: ignore[misc]

    def __rpow__(self, other: Any) -> Any:
        return super().__rpow__(other)  # type: ignore[misc]

    def _unary(self, *args: Any) -> Any:
        return as_element(super()._unary(*args))  # type: ignore[misc]

    def _binary(self, *args: Any) -> Any:
        return as_element(super()._binary(*args))  # type: ignore[misc]

    def _elementwise(self, *args: Any) -> Any:
        return as_element(super()._elementwise(*args))  # type: ignore[misc]

    def _linear(self, *args: Any) -> Any:
        return as_element(super()._linear(*args))  # type: ignore[misc]

    def _nonlinear(self, *args: Any) -> Any:
        return as_element(super()._nonlinear(*args))  # type: ignore[misc]

    def _constant(self, *args: Any) -> Any:
        return as_element(super()._constant(*args))  # type: ignore[misc]

    def _with_value(self, *args: Any) -> Any:
        return as_element(super()._with_value(*args))  # type: ignore[misc]
