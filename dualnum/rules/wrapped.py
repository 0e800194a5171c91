"""Registering functions of SciPy that have many arguments, and those that write into arrays of the caller."""

from __future__ import annotations

import inspect
from functools import wraps

import numpy as np

from dualnum.errors import DerivativeLostError, InputError, NoRuleError
from dualnum.packing import ACTIVE_TYPES, contains_active
from dualnum.table import composite, function_name
from dualnum.twins import TWINS, twin

__all__ = ["register"]


def _binder(function):
    """Make a function that gives the arguments by name, with SciPy's own defaults; they differ between its versions."""
    signature = inspect.signature(function)
    rest = [p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD]

    def bind(args, kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        named = dict(bound.arguments)
        for name in rest:
            named |= named.pop(name)
        return named

    return bind


# Arguments whose elements are no numbers to compute with.
_COUNTS = {"labels", "index", "footprint", "domain", "axes", "bp", "size", "kernel_size", "output_shape", "sections"}


def _in_floats(named):
    """Arguments in which constants have the precision of what carries derivatives, and small integers cannot overflow.

    SciPy computes in a common dtype too; which one that is, the value tells in the end.
    """
    wide = [np.float32]
    for x in named.values():
        wide += [x.dtype] if x.__class__ in ACTIVE_TYPES else [np.float64] if contains_active(x) else []
    wide = np.result_type(*wide)

    def converted(name, x):
        if x.__class__ is np.ndarray and name not in _COUNTS and x.dtype.kind in "iubfc":
            return x.astype(np.float64 if x.dtype.kind in "iub" else np.promote_types(x.dtype, _real(wide)), copy=False)
        if isinstance(x, np.generic) and x.dtype.kind in "iuf":
            return x.item()
        return x

    return {name: converted(name, x) for name, x in named.items()}


def _real(dtype):
    return np.zeros((), dtype).real.dtype


def register(function, body, *, module=None, constants=()):
    """Make the twin of a function, and its row: a composite whose body gets all arguments by name.

    Where there is an argument ``output``, arrays are refused there, and so are results of integers. In ``constants``,
    pairs of the name of an argument and the reason, active arguments are refused.
    """
    bind = _binder(function)
    made = twin(function)
    if module is not None:
        made.__module__ = module
    parameters = inspect.signature(function).parameters
    if any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):  # it hands all arguments to another one
        composite(made, body)
        return made
    composite(made, wraps(made)(lambda *args, **kwargs: body(**_in_floats(bind(args, kwargs)))))
    if "output" not in parameters and not constants:
        return made

    @wraps(made)
    def looked_at(*args, **kwargs):
        if contains_active(args) or contains_active(list(kwargs.values())):
            named = bind(args, kwargs)
            for name, reason in constants:
                if contains_active(named.get(name)):
                    raise NoRuleError(
                        f"{function_name(made)} has no derivative with respect to its argument {name!r}: {reason}. Pass "
                        f"primal({name}) if its derivative is not wanted."
                    )
            _refuse_output(function_name(made), named)
        return made(*args, **kwargs)

    TWINS[function] = looked_at
    return looked_at


def _refuse_output(name, named):
    output, image = named.get("output"), named.get("input")
    if output.__class__ in ACTIVE_TYPES:
        raise NoRuleError(f"{name}(..., output=x), where x is a Dual, has no rule: write x[...] = {name}(...).")
    if isinstance(output, np.ndarray):
        raise DerivativeLostError(
            f"{name}(..., output=plain) would write a Dual into a plain array and lose its derivative. Leave output= away, and "
            "take what the function returns."
        )
    if "output" not in named:
        return
    kind = np.dtype(output).kind if output is not None else _kind_of(image)
    if kind not in "fc":
        raise InputError(
            f"{name}: the result is of integers, as the input or output= says, and they have no derivatives. Give the input as "
            "floats, x.astype(float)."
        )


def _kind_of(image):
    return image.dtype.kind if hasattr(image, "dtype") and image.dtype.kind != "O" else (
        "f" if contains_active(image) else np.asarray(image).dtype.kind
    )  # fmt: skip
