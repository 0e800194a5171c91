"""How rows of scipy.special are registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from dualnum.batching import aligned_to
from dualnum.table import elementwise, nonlinear
from dualnum.tangents import is_zero

__all__ = ["INTEGER", "Damped", "available", "register", "register_many", "times"]

#: The usual bound on the relative error of derivatives of special functions, in units in the last place: 1e-10.
_ULPS = 1e-10 / float(np.finfo(float).eps)

#: Why an integer argument has no derivative.
INTEGER = "it is an integer"


def available(*names: str) -> bool:
    """Whether the installed SciPy has these functions."""
    return all(hasattr(special, name) for name in names)


def _in_precision_of_result(partial: Any, integers: set[int]) -> Any:
    """Give a partial its arguments in the precision of the result, in which SciPy computes the value.

    So a float32 or a small integer beside a float64 costs no digits, and does not overflow. Some ufuncs take an integer and
    nothing else: arguments that must be integers stay as they are.
    """
    if not callable(partial):
        return partial

    @wraps(partial)
    def precise(out: Any, *args: Any) -> Any:
        char = (out[0] if isinstance(out, (tuple, list)) else out).dtype.char.lower()
        one = np.dtype(char).type(1)
        return partial(out, *(x if i in integers or _precision(x) == char else x * one for i, x in enumerate(args)))

    return precise


def _integers(partials: Any) -> set[int]:
    return {i for i, p in enumerate(partials) if p is INTEGER}


def _precision(x: Any) -> str:
    return x.dtype.char.lower() if hasattr(x, "dtype") and x.dtype.kind in "fc" else ""


class Damped(NamedTuple):
    """The partial of ``h(z) * exp(E(z))``, h holomorphic and E real: linear over the reals only.

    ``holomorphic`` is ``h'(z) * exp(E(z))``, and ``rate`` is the number g for which the tangent of E is ``Re(g * z_dot)``.
    """

    holomorphic: Any
    rate: Any


def times(tangent: Any, partial: Any) -> Any:
    """Multiply; a direction that is zero stays zero, whatever the partial is."""
    zero = is_zero(tangent)
    return np.where(zero, 0.0, tangent * np.where(zero, 1.0, partial)) if zero.any() else tangent * partial


def register(function: Any, *partials: Any, bound: float = 1e-10, note: str = "") -> None:
    """Register a ufunc with one result by its partials, as `elementwise` does.

    ``bound`` is the largest relative error of a derivative, and ``note`` says why it is not the usual one.
    """
    if function.nin > 1:
        partials = tuple(_in_precision_of_result(p, _integers(partials)) for p in partials)
    elementwise(function, *partials, ulps=_ULPS * bound / 1e-10, note=note)


def register_many(function: Any, *partials: Any, bound: float = 1e-10, note: str = "") -> None:
    """Register a ufunc with several results: ``partials[i](outs, *args)`` gives one partial per result.

    In place of a partial, a string says why there is none; None stands for 0 throughout. A partial may be `Damped`; for
    that, a ufunc with one result may be registered here too, and is given and gives lists of one.
    """
    known: dict[int, Callable[..., Any]] = {
        i: _in_precision_of_result(p, _integers(partials)) for i, p in enumerate(partials) if callable(p)
    }

    def rule(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        outs = result if isinstance(result, tuple) else (result,)

        def push(*tangents: Any) -> Any:
            totals: list[Any] = [None] * len(outs)
            for (i, partial), tangent in zip(known.items(), tangents, strict=True):
                if tangent is None:
                    continue
                tangent = aligned_to(tangent, args[i], np.ndim(outs[0]))
                for n, p in enumerate(partial(outs, *args)):
                    if isinstance(p, Damped):
                        term = times(tangent, p.holomorphic) + outs[n] * np.real(p.rate * tangent)
                    else:
                        term = times(tangent, p)
                    totals[n] = term if totals[n] is None else totals[n] + term
            return totals if isinstance(result, tuple) else totals[0]

        return result, push

    reasons = {i: p for i, p in enumerate(partials) if isinstance(p, str)}
    nonlinear(
        function,
        rule,
        positions=tuple(known),
        batched=True,
        reasons=reasons,
        ulps=_ULPS * bound / 1e-10,
        note=note,
    )
