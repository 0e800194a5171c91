"""`scipy.integrate`, with integrals and solutions of differential equations that can be differentiated.

Called with plain numbers, all functions are SciPy's own. Where arguments carry derivatives, or what the integrand or the
right-hand side has captured, `quad` and `solve_ivp` give results of the same values, with the derivatives of the exact ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import integrate

from dualnum.dispatch import primal_all
from dualnum.errors import ConvergenceError, InputError, NoRuleError
from dualnum.implicit.closures import take_out
from dualnum.implicit.flows import Problem, flow, vector
from dualnum.implicit.refusing import refusing
from dualnum.implicit.roots import degree_of
from dualnum.implicit.trajectories import SENSITIVITIES, WHERE, Dense, Trajectory, watched_events
from dualnum.implicit.watching import Watched, holds_active, plain
from dualnum.packing import as_operand

__all__ = list(integrate.__all__)  # type: ignore[attr-defined]

# Error, of integrals of derivatives beside the size of the integral, that is asked for; and what is taken if it must be.
_FINE, _COARSE = 1e-11, 1e-7


def quad(func: Callable[..., Any], a: Any, b: Any, args: Any = (), *more: Any, **options: Any) -> Any:
    """Integrate a function of one variable, as `scipy.integrate.quad` does.

    Parameters
    ----------
    func : callable
        ``func(x, *args)`` returns a number.
    a, b : float
        Limits, which may be infinite.
    args : tuple
        Further arguments: numbers, arrays, trees of arrays.
    *more, **options
        As SciPy has them.

    Returns
    -------
    tuple
        As of SciPy. The integral, its first entry, has derivatives of any order with respect to `args`, to whatever `func` has
        captured, and to `a` and `b`.

    Raises
    ------
    ConvergenceError
        The integral of a derivative does not converge; or the integrand is infinite at a limit with respect to which is
        differentiated.
    NoRuleError
        With ``weight`` or ``complex_func`` there are no derivatives.
    InputError
        The integrand is complex; or it depends on something active that is not seen, because it is global or in a slot.

    Notes
    -----
    Derivatives of the integrand are integrated adaptively themselves, by `scipy.integrate.quad_vec`, to an error of 1e-11, or
    to what can be reached up to 1e-7. With respect to the limits, the derivative is the integrand (Leibniz's rule).

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import grad
    >>> from dualnum.scipy.integrate import quad
    >>> print(grad(lambda a: quad(lambda x: np.exp(-a * x), 0, np.inf)[0])(2.0))  # of 1 / a
    -0.25
    """
    others = args if isinstance(args, tuple) else (args,)
    given = dict(zip(("full_output", "epsabs", "epsrel", "limit", "points", "weight"), more, strict=False)) | options
    watched = Watched(func) if callable(func) else func  # compiled code that SciPy calls (LowLevelCallable)
    result = integrate.quad(watched, plain(a), plain(b), plain(args), *plain(more), **plain(options))
    if not getattr(watched, "active", False) and not holds_active([a, b, others, given.get("points")]):
        return result
    if not callable(func):
        raise NoRuleError(
            "dualnum.scipy.integrate.quad: there are no derivatives of compiled integrands; write it with NumPy."
        )
    if given.get("weight") is not None or given.get("complex_func"):
        raise NoRuleError(
            "dualnum.scipy.integrate.quad: with weight= or complex_func=True there are no derivatives. Write the weight into "
            "the integrand, and integrate real and imaginary parts."
        )
    if holds_active(given.get("points")):
        raise NoRuleError(
            "dualnum.scipy.integrate.quad: there are no derivatives with respect to points=. If the integrand jumps there, "
            "split the integral; if it has a pole or a kink, pass primal(points)."
        )
    value = result[0]
    inner = _integral(func, plain(a), plain(b), others, given)
    again = primal_all(inner)
    if not abs(again - value) <= 10 * result[1] + 1e-6 * max(1.0, abs(value)):
        raise ConvergenceError(
            f"dualnum.scipy.integrate.quad: the integral is {value}, but {again} together with those of the derivatives, which "
            "are then not to be trusted. Name singularities, jumps and narrow peaks of the integrand in points=."
        )
    value = value + (inner - again)
    for limit, sign in ((b, 1.0), (a, -1.0)):
        if holds_active(limit):
            value = value + sign * _beyond(func, as_operand(limit), others)
    return (value, *result[1:])


def _integral(func: Callable[..., Any], a: float, b: float, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    """Integral between plain limits: that of a flow whose rate does not depend on its state."""
    where = "dualnum.scipy.integrate.quad"
    params, rebuild = take_out([func, args])

    def field(x: Any, s: Any, *p: Any) -> Any:
        function, others = rebuild(p)
        return function(x, *others)

    def run(rate: Any, jacobian: Any, state: np.ndarray, sizes: np.ndarray) -> Any:
        found, error, report = integrate.quad_vec(
            lambda x: rate(x, state) / sizes, a, b, _FINE, _FINE, "max", points=given.get("points"), full_output=True
        )
        found, size = found * sizes, np.max(np.abs(found))
        if not np.all(np.isfinite(found)) or not (report.success or error <= _COARSE * max(1.0, size)):
            raise ConvergenceError(
                f"{where}: the integral of the derivative with respect to a parameter does not converge "
                f"({report.message.strip()}). Where the integrand has a singularity or a jump, name it in points=."
            )
        return found[None], None

    # Somewhere inside, for at a limit there may be a pole, and beyond it anything.
    left, right = (limit if np.isfinite(limit) else None for limit in (a, b))
    if left is None or right is None:
        inside = right - np.sign(b - a) if right is not None else left + np.sign(b - a) if left is not None else 0.0
    else:
        inside = left + 0.382 * (right - left)
    problem = Problem(run, inside, where)
    return flow(problem, vector(field, problem), np.zeros(1), params, np.ones(1))[0, 0]


def _beyond(func: Callable[..., Any], limit: Any, args: tuple[Any, ...]) -> Any:
    """Integral from the value of a limit to the limit, which differs from it by derivatives alone.

    Gauss's rule with m nodes is exact for the powers of this difference up to 2 m - 1, and all higher than its degree are zero.
    """
    at = primal_all(limit)
    if not np.isfinite(at):
        raise InputError(
            f"dualnum.scipy.integrate.quad: there is no derivative with respect to a limit of {at}; pass primal(limit)."
        )
    width = limit - at
    nodes, weights = np.polynomial.legendre.leggauss(degree_of(limit) // 2 + 1)
    total = 0.0
    for node, weight in zip(nodes, weights, strict=True):
        y = as_operand(func(at + width * ((1 + node) / 2), *args))
        if not np.isfinite(primal_all(y)):
            raise ConvergenceError(
                f"dualnum.scipy.integrate.quad: the integrand is {primal_all(y)} at the limit {at}, and that is the derivative "
                "with respect to the limit. Pass primal(limit) if it is not wanted."
            )
        total = total + weight / 2 * y
    return total * width


def solve_ivp(
    fun: Callable[..., Any], t_span: Any, y0: Any, method: Any = "RK45", t_eval: Any = None, dense_output: bool = False,
    events: Any = None, vectorized: bool = False, args: Any = None, *, sensitivity: str = "auto", **options: Any,
) -> Any:  # fmt: skip
    """Solve an initial value problem, as `scipy.integrate.solve_ivp` does.

    Parameters
    ----------
    fun : callable
        ``fun(t, y, *args)`` returns the rate of change of `y`, of shape (n,): an array or a list of numbers.
    t_span : pair of float
        First and last time.
    y0 : array_like, shape (n,)
        Initial values.
    method, t_eval, dense_output, events, vectorized, args, **options
        As SciPy has them.
    sensitivity : {"auto", "forward", "adjoint"}
        How reverse mode finds derivatives: by solving for the sensitivities to each of the m elements that are
        differentiated with respect to, together with the state, n (1 + m) equations; or by solving the adjoint equation back in
        time, n + m equations, for each row of the Jacobian. "auto" takes the second for 100 elements and more. Forward mode
        always takes sensitivities, to the directions that are pushed.

    Returns
    -------
    SciPy's result, whose ``y`` has derivatives of any order with respect to `y0`, `args`, both ends of `t_span`, `t_eval`, and
    whatever `fun` has captured. So has ``t``, with respect to `t_span` and `t_eval`, or where it ends with an event. So have
    ``t_events`` and ``y_events``, and what ``sol`` gives at times; it solves anew in each call.

    Raises
    ------
    ConvergenceError
        The solver has failed, for the problem itself or for the equations of the derivatives.
    NoRuleError
        For complex states there are no derivatives.
    InputError
        `fun` depends on something active that is not seen, because it is global or in a slot of an object.

    Notes
    -----
    The derivatives are those of the exact solution. The same solver finds them, with ``rtol`` and ``atol`` as given; for
    sensitivities, ``atol`` is divided by the size of the element of `y0` or `args` that they belong to. So derivatives are
    about as accurate as the solution: SciPy's own tolerances, 1e-3 and 1e-6, are not much; ask for smaller ones. Radau, BDF
    and LSODA get the exact Jacobian of these equations.

    Going back by the adjoint equation, states are those of the solver's interpolation. In place of BDF, Radau solves it.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import grad
    >>> from dualnum.scipy.integrate import solve_ivp
    >>> def at_the_end(k, y0):
    ...     return solve_ivp(lambda t, y: -k * y, (0, 1), [y0], rtol=1e-10, atol=1e-10).y[0, -1]
    >>> k_bar, y0_bar = grad(at_the_end, argnums=(0, 1))(0.5, 2.0)  # of y0 exp(-k)
    >>> print(f"{k_bar:.8f} {y0_bar:.8f}")
    -1.21306132 0.60653066
    """
    if sensitivity not in SENSITIVITIES:
        raise InputError(
            f"{WHERE}: sensitivity={sensitivity!r}; it must be one of {', '.join(map(repr, SENSITIVITIES))}."
        )
    watched, crossings = Watched(fun), watched_events(events)
    given = {name: Watched(value) if callable(value) else plain(value) for name, value in options.items()}
    result = integrate.solve_ivp(
        watched, plain(t_span), plain(y0), method, plain(t_eval), dense_output, crossings, vectorized, plain(args), **given
    )  # fmt: skip
    if not any(each.active for each in (watched, *(crossings or ()))) and not holds_active([t_span, y0, t_eval, args]):
        return result
    found = [(result.t, np.transpose(result.y)), *zip(result.t_events or (), result.y_events or (), strict=True)]
    found = [(times, states) for times, states in found if len(times)]
    if not found and not dense_output:
        raise InputError(f"{WHERE}: there is no time at which derivatives of the solution are wanted.")
    if not result.success:
        raise ConvergenceError(f"{WHERE}: the solver has failed, so there are no derivatives: {result.message}")
    others = () if args is None else tuple(args)  # SciPy unpacks whatever it is
    trajectory = Trajectory(fun, others, t_span, y0, method, sensitivity, given)
    if dense_output:
        result.sol = Dense(trajectory, result.sol)
    if not found:
        return result
    states = trajectory.along(*map(np.concatenate, zip(*found, strict=True)))
    count = len(result.t)
    start, stop = t_span
    stop = _put_events(result, trajectory, crossings or (), states[count:], stop)
    if not count:
        return result
    states, moving = states[:count], [start, stop] if t_eval is None else t_eval
    if holds_active(moving):
        times = [start, *result.t[1:-1], stop] if t_eval is None else list(as_operand(t_eval)[:count])
        moved = [trajectory.moved(t, y, to) for t, y, to in zip(result.t, states, times, strict=True)]
        states, result.t = np.stack(moved), np.stack(times)
    result.y = states.T
    return result


def _put_events(result: Any, trajectory: Trajectory, crossings: Any, states: Any, stop: Any) -> Any:
    """Give times and states of events their derivatives; return the last time, which may be that of one."""
    last, first = result.t[-1] if len(result.t) else None, 0
    for i, crossing in enumerate(crossings):
        count = len(result.t_events[i])
        if not count:
            continue
        pairs = zip(result.t_events[i], states[first : first + count], strict=True)
        times, moved = zip(*(trajectory.event(crossing.function, t, y) for t, y in pairs), strict=True)
        if result.status == 1 and getattr(crossing, "terminal", False) and result.t_events[i][-1] == last:
            stop, last = times[-1], None
        first += count
        result.t_events[i], result.y_events[i] = np.stack(times), np.stack(moved)
    return stop


_REFUSED = {
    name: refusing(getattr(integrate, name), advice)
    for names, advice in {
        ("odeint",): "Use solve_ivp of dualnum.scipy.integrate.",
        (
            "solve_bvp",
        ): "Use solve_ivp of dualnum.scipy.integrate, with the unknown initial values from optimize.root there.",
        ("dblquad", "tplquad", "nquad"): "Put quad of dualnum.scipy.integrate into the integrand of another quad.",
        ("quad_vec",): "Use quad of dualnum.scipy.integrate for each element.",
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    return _REFUSED.get(name) or getattr(integrate, name)


def __dir__() -> list[str]:
    return __all__
