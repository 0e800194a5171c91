"""The adjoint of a differential equation: derivatives with respect to many parameters for one solution back in time.

Cotangents of states are pulled back from the last output to the first time by d(lambda)/dt = -(df/ds)^T lambda, and
meanwhile those of the parameters gather: dq/dt = -(df/dp)^T lambda (Y. Cao, S. Li, L. Petzold and R. Serban, "Adjoint
sensitivity analysis for differential-algebraic equations", SIAM J. Sci. Comput. 24, 2003). The states on the way are those
that the solver's interpolation gives: to solve for them back in time would be unstable where the equation is stiff.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualnum.custom import custom_vjp
from dualnum.dispatch import primal_all
from dualnum.dual import Dual
from dualnum.implicit.flows import Field, Problem, along, flow
from dualnum.packing import ACTIVE_TYPES
from dualnum.reverse import vjp

__all__ = ["adjoint"]

# What makes the problem of a first time, and of times of output; and whether states are wanted at any time.
Over = Callable[[float, Any, bool], Problem]


def adjoint(
    over: Over, start: float, times: np.ndarray, field: Field, state: Any, params: Sequence[Any], atol: np.ndarray,
    rtol: float,
) -> Any:  # fmt: skip
    """States at the times of output, as `flow` gives them, with cotangents by the adjoint equation.

    Parameters
    ----------
    over : callable
        What makes the problem of an interval.
    start : float
        The first time.
    times : array
        Those of output.
    field, state, params, atol
        As for `flow`. Variables are at the outermost level alone.
    rtol : float
        Relative tolerance. That of cotangents is absolute too, for they have other units than the state.
    """
    problem = over(start, times, True)

    @custom_vjp
    def states_of(state: Any, *params: Any) -> Any:
        return along(problem, field, state, params, atol)[0]

    def forward(state: Any, *params: Any) -> Any:
        found, dense = along(problem, field, state, params, atol)
        return found, [dense, state, *params]

    def backward(residuals: Any, found_bar: Any) -> Any:
        dense, state, *params = residuals
        n, sizes = len(state), [np.size(param) for param in params]

        def adjoint_field(t: float, z: Any) -> Any:
            bars = vjp(lambda s, *p: field(t, s, *p), dense(t), *params)[1](z[:n])
            return np.concatenate([-np.reshape(bar, -1) for bar in bars])

        z: Any = np.zeros(n + sum(sizes))
        gathered = np.zeros(sum(sizes))
        tolerances = _tolerances(found_bar, n, params) * (1e-3 * rtol)
        at = None
        for t, bar in reversed([(start, None), *zip(times, found_bar, strict=True)]):
            if bar is not None and _vanishes(bar):
                continue
            if at is not None and at != t:
                z = flow(over(at, [t], False), adjoint_field, z, (), tolerances)[-1]
            if bar is not None:
                z = z + np.concatenate([bar, gathered])
                at = t
        bars = np.split(z, np.cumsum([n, *sizes])[:-1])
        return bars[0], *(np.reshape(bar, np.shape(p)) for bar, p in zip(bars[1:], params, strict=True))

    states_of.defvjp(forward, backward)
    return states_of(state, *params)


def _vanishes(x: Any) -> bool:
    """Whether a cotangent is zero, with all its derivatives."""
    if x.__class__ in ACTIVE_TYPES:
        return isinstance(x, Dual) and all(map(_vanishes, x._parts()))
    return not np.any(x)


def _tolerances(found_bar: Any, n: int, params: Sequence[Any]) -> np.ndarray:
    """Absolute tolerances of cotangents, beside those of the state: by the sizes of what they belong to."""
    values = [np.abs(primal_all(param)).reshape(-1) for param in params]
    sizes = [1 / np.where(value == 0, 1.0, value) for value in values]
    return np.concatenate([np.ones(n), *sizes]) * (float(np.max(np.abs(primal_all(found_bar)))) or 1.0)
