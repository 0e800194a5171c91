"""What the counterparts of the classes of `scipy.interpolate` have in common.

With plain data, an object is one of SciPy's own, of a subclass that hands calls with active arguments on. With data that
carry derivatives it is one of a class of ours, which does with NumPy's functions and the rows of the table what SciPy's does:
it is no subclass of that, so that no method of SciPy's can overlook the derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import InputError, NoRuleError
from dualnum.matrices import matrix_product
from dualnum.packing import as_operand, contains_active
from dualnum.patterns import arranged, solve_entries

__all__ = [
    "Active",
    "columns_of",
    "floats",
    "handed_on",
    "is_given",
    "laid_out",
    "no_rule",
    "placed",
    "plain",
    "reals",
    "solved",
    "twin_class",
]


def floats(x: Any) -> Any:
    """Array in the precision in which SciPy interpolates."""
    x = as_operand(x)
    dtype = np.complex128 if x.dtype.kind == "c" else np.float64
    return x if x.dtype == dtype else x.astype(dtype)


def reals(x: Any) -> Any:
    """Real array in double precision: points, and places of data.

    Raises
    ------
    InputError
        `x` is complex.
    """
    x = floats(x)
    if x.dtype.kind == "c":
        raise InputError("Points, knots and places of data are real numbers; take np.real of complex ones.")
    return x


def plain(x: Any) -> Any:
    """Values alone, of arrays and of what sequences hold."""
    if not contains_active(x):
        return x
    if x.__class__ in (list, tuple):
        return type(x)(map(plain, x))
    return primal_all(as_operand(x))


def no_rule(name: str, instead: str) -> Callable[..., Any]:
    """Make what is called in place of a class or function whose data may not carry derivatives."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NoRuleError(
            f"dualnum.scipy.interpolate.{name}: the data carry derivatives, for which there is no rule. {instead}"
        )

    return refuse


def is_given(args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether something that carries derivatives is among arguments."""
    return contains_active(args) or contains_active(list(kwargs.values()))


class Active:
    """Base of interpolators whose data carry derivatives."""

    #: SciPy's class, for which this stands.
    _of: type

    def __getattr__(self, name: str) -> Any:
        found = None if name.startswith("_") else getattr(self._of, name, None)
        if not callable(found):
            raise AttributeError(
                f"{self._of.__name__} of data that carry derivatives has no attribute {name!r} in dualnum"
            )

        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise NoRuleError(
                f"dualnum.scipy.interpolate.{self._of.__name__}: {name} of an interpolator whose data carry derivatives is not "
                "there. Take primal(y) for the data where no derivative is wanted."
            )

        return refuse

    def __repr__(self) -> str:
        return f"<{self._of.__name__} of data that carry derivatives>"

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise NoRuleError(f"An array cannot hold a {self._of.__name__} whose data carry derivatives.")


def handed_on(name: str) -> Callable[..., Any]:
    """Make a method that is SciPy's own, but for arguments that carry derivatives."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if is_given(args, kwargs):
            return getattr(self._active(), name)(*args, **kwargs)
        return getattr(super(self._twin, self), name)(*args, **kwargs)

    method.__name__ = name
    return method


def twin_class(of: type, active: Callable[..., Any], lifted: Callable[[Any], Any], *methods: str, **more: Any) -> Any:
    """Make the subclass of one of SciPy's classes whose objects take arguments that carry derivatives.

    Parameters
    ----------
    of : type
        SciPy's.
    active : callable
        Called in place of the class, with the same arguments, where some of them carry derivatives.
    lifted : callable
        Makes of an object with plain data one that takes arguments that carry derivatives.
    *methods : str
        Names of methods, beside ``__call__``, that take such arguments.
    **more : callable or classmethod
        Other methods.
    """

    def make(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_given(args, kwargs):
            return object.__new__(cls)
        if cls is not cls._twin:
            # What is made instead would be none of its objects, and lack what the subclass says.
            raise NoRuleError(
                f"{cls.__name__}: an object of a subclass of dualnum.scipy.interpolate.{of.__name__} cannot hold data that "
                f"carry derivatives. Make a class that has a {of.__name__} as an attribute instead."
            )
        return active(*args, **kwargs)

    namespace: dict[str, Any] = {
        "__new__": make,
        "__module__": "dualnum.scipy.interpolate",
        "__doc__": of.__doc__,
        "_active": lambda self: lifted(self),
        **{name: handed_on(name) for name in ("__call__", *methods)},
        **more,
    }
    twin: Any = type(of.__name__, (of,), namespace)
    twin._twin = twin
    twin.advice = (
        f"scipy.interpolate.{of.__name__} does not take Duals; make it by dualnum.scipy.interpolate.{of.__name__}, which does, "
        "of plain data too."
    )
    for name in ("__call__", *methods):
        getattr(twin, name).__doc__ = getattr(of, name).__doc__
    return twin


def columns_of(y: Any) -> Any:
    """Flatten all axes but the first."""
    return np.reshape(y, (y.shape[0], math.prod(y.shape[1:])))


def laid_out(out: Any, shape: tuple[int, ...], rest: tuple[int, ...], axis: int) -> Any:
    """Give values (n, r) the shape of the points, at the axis along which was interpolated, and that of the rest."""
    out = np.reshape(out, shape + rest)
    if axis:
        before = range(len(shape), len(shape) + axis)
        after = range(len(shape) + axis, out.ndim)
        out = np.transpose(out, [*before, *range(len(shape)), *after])
    return out


def placed(values: Any, first: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    """Rows, columns and elements of a matrix of which each row has some elements next to each other, from a column on."""
    n, width = values.shape
    columns = np.asarray(first)[:, None] + np.arange(width)
    return np.repeat(np.arange(n), width), columns.ravel(), np.ravel(values)


def solved(n: int, rows: Any, columns: Any, elements: Any, b: Any) -> Any:
    """Solve a sparse system of n equations, given by the places of its elements, for a right side (n, ...)."""
    pattern, change = arranged((n, n), rows, columns)
    if change is not None:
        elements = elements[change] if isinstance(change, np.ndarray) else matrix_product(change, elements)
    return np.reshape(solve_entries(elements, columns_of(b), pattern), b.shape)
