"""Solutions of initial value problems as functions of time, where they carry derivatives: at plain times, at times that do
themselves, and at those of events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import integrate

from dualnum.dispatch import primal_all
from dualnum.errors import ConvergenceError, InputError, NoRuleError
from dualnum.implicit.adjoints import adjoint
from dualnum.implicit.closures import take_out
from dualnum.implicit.flows import Problem, flow, vector
from dualnum.implicit.roots import degree_of, root_of
from dualnum.implicit.watching import Watched, call_with_room, holds_active
from dualnum.packing import as_operand
from dualnum.transforms import derivative

__all__ = ["SENSITIVITIES", "WHERE", "Dense", "Trajectory", "watched_events"]

WHERE = "dualnum.scipy.integrate.solve_ivp"
SENSITIVITIES = ("auto", "forward", "adjoint")

# From so many variables on, the adjoint equation is solved: for fewer, sensitivities are faster, and more accurate.
_MANY = 100

# How far from the zero of an event, in time, its place may be: relative to the time since the start, and the tolerance of
# SciPy's search.
_NEAR, _NEAREST = 1e-6, 1e-14

_IMPLICIT = {"Radau": integrate.Radau, "BDF": integrate.BDF, "LSODA": integrate.LSODA}


class Trajectory:
    """A solution that SciPy has found, of which the derivatives are wanted.

    Parameters
    ----------
    fun, args, t_span, y0, method, sensitivity
        As given to `solve_ivp`.
    given : dict
        Its other options, plain.
    """

    def __init__(
        self, fun: Callable[..., Any], args: tuple[Any, ...], t_span: Any, y0: Any, method: Any, sensitivity: str,
        given: dict[str, Any],
    ) -> None:  # fmt: skip
        self._fun = fun
        self._args = args
        self._method = method
        self._sensitivity = sensitivity
        self._given = given
        start, stop = t_span
        self._start = primal_all(start)
        self._backwards = primal_all(stop) < self._start
        state = as_operand(y0)
        state = np.reshape(state if state.dtype.kind in "fc" else state.astype(float), -1)
        if np.result_type(primal_all(state)).kind == "c":
            raise NoRuleError(f"{WHERE}: complex states have no derivatives here; solve for real and imaginary parts.")
        self._state = self.moved(start, state, self._start)

    def _rate(self, t: Any, y: Any) -> Any:
        return np.reshape(as_operand(call_with_room(self._fun, t, y, *self._args)), -1)

    def moved(self, t: Any, y: Any, to: Any) -> Any:
        """State at a time that differs from another by derivatives alone, as one of the two is their value.

        One step of Runge and Kutta's method is exact but for the fifth power of its length, which is zero up to degree four.
        """
        step = to - t
        if not holds_active(step):
            return y
        if degree_of(step) > 4:
            raise NoRuleError(f"{WHERE}: derivatives with respect to times are known up to the fourth.")
        k1 = self._rate(t, y)
        k2 = self._rate(t + step / 2, y + step / 2 * k1)
        k3 = self._rate(t + step / 2, y + step / 2 * k2)
        k4 = self._rate(t + step, y + step * k3)
        return y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    def along(self, times: np.ndarray, states: np.ndarray) -> Any:
        """Give states at plain times, in any order, their derivatives; (times, n)."""
        wanted, numbers = np.unique(times, return_inverse=True)
        if self._backwards:
            wanted, numbers = wanted[::-1], len(wanted) - 1 - numbers
        found = self._solved(wanted)
        return states + (found - primal_all(found))[numbers]

    def event(self, function: Callable[..., Any], t: float, y: Any) -> Any:
        """Time at which a function of time and state is zero, and the state then; they have been found, but for derivatives."""

        def crossing(t: Any, y: Any) -> Any:
            return np.reshape(as_operand(call_with_room(function, t, y, *self._args)), ())

        remainder = primal_all(crossing(t, y))  # SciPy has found the zero of its interpolation, and its place stays

        def after(step: Any) -> Any:
            return crossing(t + step, self.moved(t, y, t + step)) - remainder

        slope = abs(primal_all(derivative(after)(0.0)))
        # A function that jumps may depend on nothing there, or on something that does not say when it jumps.
        if not slope or not abs(remainder) <= slope * (_NEAR * abs(t - self._start) + _NEAREST):
            raise ConvergenceError(
                f"{WHERE}: the event at {t:g} has no derivative: its function jumps there, or only touches zero. Return what "
                "goes through zero, such as y[0] - level, and not its sign."
            )
        step = root_of(after, 0.0, f"{WHERE}, events")
        return t + step, self.moved(t, y, t + step)

    def _solved(self, times: np.ndarray) -> Any:
        """States at plain times, in their order; (times, n)."""
        given, method = self._given, self._method
        params, rebuild = take_out([self._fun, self._args])
        kept = {name: given[name] for name in ("max_step", "min_step", "first_step", "rtol") if name in given}
        implicit = method in _IMPLICIT or (isinstance(method, type) and issubclass(method, tuple(_IMPLICIT.values())))

        def field(t: Any, y: Any, *p: Any) -> Any:
            function, others = rebuild(p)
            return call_with_room(function, t, y, *others)

        count = sum(map(np.size, (self._state, *params)))
        many = self._sensitivity == "adjoint" or (self._sensitivity == "auto" and count >= _MANY)
        if many and method in ("BDF", integrate.BDF):
            method = "Radau"  # a multistep method does not take kinks, and each step of the interpolation ends with one

        def over(start: float, times: Any, dense: bool, adjoint: Any = None) -> Problem:
            def run(rate: Any, jacobian: Any, state: np.ndarray, atol: np.ndarray) -> Any:
                if times[-1] == start:
                    return np.repeat(state[None], len(times), axis=0), lambda t: state
                matrix = {"jac": jacobian} if implicit else {}
                solution = integrate.solve_ivp(
                    rate, (start, times[-1]), state, method, times, dense, atol=atol, **kept, **matrix
                )
                if not solution.success or not np.all(np.isfinite(solution.y)):
                    raise ConvergenceError(
                        f"{WHERE}: the equations of the derivatives could not be solved: {solution.message}"
                    )
                return solution.y.T, solution.sol

            return Problem(run, start, WHERE, adjoint)

        def by_adjoint(field: Any, state: Any, params: Any, atol: np.ndarray) -> Any:
            return adjoint(over, self._start, times, field, state, params, atol, given.get("rtol", 1e-3))

        problem = over(self._start, times, False, by_adjoint if many else None)
        atol = np.broadcast_to(np.asarray(given.get("atol", 1e-6), float), np.shape(self._state))
        return flow(problem, vector(field, problem), self._state, params, atol)


class Dense:
    """A solution at any time, as SciPy gives it with ``dense_output=True``; each call solves for the derivatives anew.

    Parameters
    ----------
    trajectory : Trajectory
    solution : scipy.integrate.OdeSolution
    """

    def __init__(self, trajectory: Trajectory, solution: Any) -> None:
        self._trajectory = trajectory
        self._solution = solution

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "interpolants":
            raise AttributeError(
                f"{name} of a solution that carries derivatives; call it with the times that are wanted"
            )
        return getattr(self._solution, name)

    def __call__(self, t: Any) -> Any:
        """States at a time, (n,), or at several in any order, (n, times)."""
        t = as_operand(t)
        times = np.atleast_1d(primal_all(t)).astype(float)
        if times.size and not (self.t_min <= times.min() and times.max() <= self.t_max):
            raise InputError(
                f"{WHERE}: the solution is known from {self.t_min:g} to {self.t_max:g}; there are no derivatives beyond."
            )
        states = self._trajectory.along(times, self._solution(times).T)
        if holds_active(t):
            to = np.atleast_1d(t)
            states = np.stack([self._trajectory.moved(times[i], states[i], to[i]) for i in range(len(times))])
        return states.T if t.ndim else states[0]


class _Event(Watched):
    """An event function for SciPy, which looks at two attributes of it."""

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f)
        self.function = f
        for name in ("terminal", "direction"):
            if hasattr(f, name):
                setattr(self, name, getattr(f, name))


def watched_events(events: Any) -> Sequence[_Event] | None:
    """Event functions whose results are made plain; None if there are none."""
    return None if events is None else [_Event(event) for event in ([events] if callable(events) else events)]
