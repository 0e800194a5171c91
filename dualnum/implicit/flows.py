"""Solutions of differential equations as functions of initial values and parameters.

The solver of ``ds/dt = field(t, s, p)`` takes plain numbers. But the derivatives of solutions are solutions too, of the
equation of s and its sensitivities S together, dS/dt = df/ds S + df/dp p_dot. So the same solver finds them, to the accuracy
that it controls (as CVODES does: A. Hindmarsh et al., "SUNDIALS", ACM Trans. Math. Softw. 31, 2005).

- Duals of any nesting, and Taylor series, are vectors of their components (`Components`), and the field of Duals is the field
  of all these.
- Variables of a tape are replaced by directions, one for each element, and what comes out is linear in the variables:
  ``s + S @ (p - primal(p))``. That is the way for few parameters; for many there is the adjoint equation.
- Where there are both, one level after the other is taken off, beginning with the outermost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import numpy as np

from dualnum.boundary import primal_at, tangent_at
from dualnum.dispatch import level_of, primal_all, top_of
from dualnum.errors import InputError, ShapeError
from dualnum.expanding import taylor
from dualnum.implicit.components import Components, kind_of, not_seen, opened, relative_sizes
from dualnum.jacobians import jacfwd
from dualnum.packing import ACTIVE_TYPES, as_operand
from dualnum.tape.variable import Variable
from dualnum.taylor_numbers import Taylor
from dualnum.transforms import jvp

__all__ = ["Field", "Problem", "Run", "flow"]

Field = Callable[..., Any]

# From a plain field, its Jacobian, a plain state and absolute tolerances to a pair: states at the times of output, of shape
# (times,) + state.shape, and a function that gives the state at any time (or None).
Run = Callable[
    [Callable[[float, np.ndarray], Any], Callable[[float, np.ndarray], np.ndarray], np.ndarray, np.ndarray], Any
]


class Problem:
    """What stays the same whatever the state consists of.

    Parameters
    ----------
    run : callable
        The solver.
    start : float
        The first time, for a look at what the field depends on.
    where : str
        For messages.
    adjoint : callable, optional
        What is called instead of `flow` for variables of one level, the outermost one; it is given the field, the state,
        `params` and `atol`.
    """

    def __init__(self, run: Run, start: float, where: str, adjoint: Callable[..., Any] | None = None) -> None:
        self.run = run
        self.start = start
        self.where = where
        self.adjoint = adjoint


def has_variables(numbers: Sequence[Any]) -> bool:
    """Whether any part of numbers is a variable of a tape."""
    return any(
        number.__class__ in ACTIVE_TYPES and (isinstance(number, Variable) or has_variables(number._parts()))
        for number in numbers
    )


def _value_of_constant(x: Any) -> Any:
    """Value of what is on a tape but does not depend on any variable there."""
    while isinstance(x, Variable) and x.node is None:
        x = x.value
    return x


def vector(field: Field, problem: Problem) -> Field:
    """Make sure that a field gives one vector, as long as the state."""

    def checked(t: Any, s: Any, *p: Any) -> Any:
        rate = np.reshape(as_operand(field(t, s, *p)), -1)
        if np.size(rate) != np.size(s):
            raise ShapeError(
                f"{problem.where}: the function gave {np.size(rate)} rates of change for a state of {np.size(s)} elements."
            )
        if np.result_type(primal_all(rate)).kind not in "biuf":
            raise InputError(
                f"{problem.where}: the function gave complex numbers, through which no derivatives are taken; write it with "
                "real and imaginary parts."
            )
        return rate

    return checked


def flow(
    problem: Problem, field: Field, state: Any, params: Sequence[Any], atol: np.ndarray, below: float = inf
) -> Any:
    """States at the times of output.

    Parameters
    ----------
    problem : Problem
        Solver and times.
    field : callable
        ``field(t, s, *params)`` gives the rate of change of a vector `s`, as a vector.
    state : array, Dual or variable
        The first state, a vector.
    params : sequence
        The active numbers on which the field depends. What else it has captured may be Duals, unless there are variables.
    atol : array
        Absolute tolerance of each element of the state.
    below : float
        A level; all Duals that the field has captured are at lower ones.

    Returns
    -------
    Array of shape (times, n), active at all levels that `state` and `params` have.
    """
    state, *params = map(_value_of_constant, (state, *params))
    if not has_variables([state, *params]):
        return along(problem, field, state, params, atol, below)[0]
    top: Any = top_of([state, *params])
    level = top._level
    numbers = [*map(opened, (state, *params))]
    values = [primal_at(x, level) for x in numbers]
    active = [level_of(x) == level for x in numbers]
    if not isinstance(top, Variable):
        below = min(below, level)
        make, k = kind_of(top)
        tangents = [tangent_at(x, level, k) for x in numbers]
        if k is None:
            tangents = [np.reshape(tangent, (1, *np.shape(tangent))) for tangent in tangents]
        scales = relative_sizes(numbers, level, (make, k))
    elif problem.adjoint is not None and not has_variables(values):
        return problem.adjoint(field, state, params, atol)
    else:
        tangents, scales = _identity(values, active)
    n, count = np.size(state), len(scales)

    def augmented(t: Any, z: Any, *p: Any) -> Any:
        half = len(p) // 2
        sensitivities = np.reshape(z[n:], (count, n))
        given = (z[:n], *p[:half]), (sensitivities, *p[half:])
        if isinstance(top, Taylor):
            return np.reshape(taylor(lambda sp: field(t, *sp), *given, count), -1)
        rate, rates = jvp(lambda s, *p: field(t, s, *p), *given)
        return np.concatenate([rate, np.reshape(rates, -1)])

    first = np.concatenate([values[0], np.reshape(tangents[0], -1)])
    tolerances = np.concatenate([atol, *(scale * atol for scale in scales)])
    found = flow(problem, augmented, first, [*values[1:], *tangents[1:]], tolerances, below)
    states = found[:, :n]
    sensitivities = np.reshape(found[:, n:], (len(found), count, n))
    if not isinstance(top, Variable):
        tangent = np.moveaxis(sensitivities, 1, 0)
        return make(states.copy(), (tangent if k is not None else tangent[0]).copy(), level, k)
    shifts = [np.reshape(x - v, -1) for x, v, is_active in zip(numbers, values, active, strict=True) if is_active]
    return states + np.moveaxis(sensitivities, 1, -1) @ np.concatenate(shifts)


def _identity(values: Sequence[Any], active: Sequence[bool]) -> tuple[list[Any], np.ndarray]:
    """One direction for each element of the active numbers; and how large sensitivities to them are, beside the state."""
    count = sum(np.size(value) for value, is_active in zip(values, active, strict=True) if is_active)
    tangents, scales, start = [], np.ones(count), 0
    for value, is_active in zip(values, active, strict=True):
        size = np.size(value)
        tangent = np.zeros((count, *np.shape(value)))
        if is_active:
            tangent.reshape(count, -1)[start : start + size] = np.eye(size)
            sizes = np.abs(primal_all(value)).reshape(-1)
            scales[start : start + size] = 1 / np.where(sizes == 0, 1.0, sizes)
            start += size
        tangents.append(tangent)
    return tangents, scales


def along(
    problem: Problem, field: Field, state: Any, params: Sequence[Any], atol: np.ndarray, below: float = inf
) -> tuple[Any, Callable[[float], Any]]:
    """States at the times of output, and at any time, where there are no variables."""
    seen = Components([state, *params, field(problem.start, state, *params)], problem.where)
    if seen.levels and seen.levels[0][0] >= below:
        raise not_seen(problem.where)

    def components(t: float, z: np.ndarray) -> np.ndarray:
        return seen.pack(field(t, seen.unpack(z), *params))

    def jacobian(t: float, z: np.ndarray) -> np.ndarray:
        return seen.matrix(jacfwd(lambda s: field(t, s, *params))(seen.unpack(z)))

    tolerances = np.kron(seen.scales([state, *params]), atol)
    found, dense = problem.run(components, jacobian, seen.pack(state), tolerances)
    return _stacked(found, seen), lambda t: seen.unpack(dense(t))


def _stacked(found: np.ndarray, components: Components) -> Any:
    """States, of which each row has the components."""
    blocks = found.reshape(len(found), components.count, -1)
    n = blocks.shape[2]
    return np.reshape(components.unpack(np.moveaxis(blocks, 1, 0).reshape(-1)), (len(found), n))
