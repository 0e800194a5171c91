"""Rules of one's own for functions of one's own: custom_jvp and custom_vjp."""

from __future__ import annotations

from typing import Any

from dualnum.custom_rules import JVP, VJP, ruled
from dualnum.table import Function

__all__ = ["custom_jvp", "custom_vjp"]


def custom_jvp(f: Function) -> Any:
    """Give a function a derivative rule of its own, written for tangents (forward mode).

    Parameters
    ----------
    f : callable
        Function of arrays, numbers, or lists, tuples and dicts of them; it returns the same kinds. As it is only called
        with plain values, it may do what no derivative passes through (``float(x)``, compiled code, ...). Positional
        parameters are differentiable, keyword-only ones are options.

    Returns
    -------
    callable
        `f` with its rule, which ``defjvp(rule)`` takes: ``rule(primals, tangents, **options) -> (out, out_dot)``.
        `primals` are all positional arguments, with defaults filled in; `tangents` has their structure and shapes, with
        zeros for what is constant and None for what is no number. `out_dot` has the structure and shapes of `out`, and is
        linear in the tangents; None stands for zero.

    Raises
    ------
    NoRuleError
        The function is differentiated before it was given a rule, or with respect to a keyword-only argument.
    ShapeError
        A tangent has another shape than the result, or there are more or fewer.
    InputError
        The rule does not return a pair; or `f` depends on active values that are not among its arguments.
    MutationError
        `f` or its rule changes its arguments in place.

    Notes
    -----
    Reverse mode transposes the rule's map of tangents, so the rule computes with these in NumPy functions. Higher
    derivatives differentiate the rule: then it computes with the primals in NumPy functions too, or an error is raised.
    The value is always that of `f` itself; so `f` runs once, and the rule once for each direction.

    See Also
    --------
    custom_vjp : a rule written for cotangents.
    register : rules for functions that already exist.
    check_derivatives : finds out whether a rule is right.

    Examples
    --------
    >>> import math
    >>> import numpy as np
    >>> from dualnum import custom_jvp, derivative
    >>> @custom_jvp
    ... def sinc(x):
    ...     return math.sin(x) / x if x else 1.0
    >>> @sinc.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     out = sinc(x)
    ...     return out, (np.cos(x) - out) / x * x_dot
    >>> round(float(derivative(derivative(sinc))(np.pi / 2)), 9)
    -0.120595221
    """
    rules = JVP(f)
    custom = ruled(rules)

    def defjvp(rule: Function) -> Function:
        """Take the rule: ``rule(primals, tangents, **options) -> (out, out_dot)``."""
        rules.take(rule)
        return rule

    custom.defjvp = defjvp
    return custom


def custom_vjp(f: Function) -> Any:
    """Give a function a derivative rule of its own, written for cotangents (reverse mode).

    Parameters
    ----------
    f : callable
        As in `custom_jvp`.

    Returns
    -------
    callable
        `f` with its rule, which ``defvjp(forward, backward)`` takes. ``forward(*args, **options) -> (out, residuals)`` has
        the arguments of `f`; `residuals` is what `backward` needs, in lists, tuples and dicts.
        ``backward(residuals, out_bar)`` gives a tuple of cotangents, one for each positional argument, of its structure and
        shapes; None stands for zero. `out_bar` has the structure and shapes of `out`.

    Raises
    ------
    NoRuleError, InputError, MutationError
        As in `custom_jvp`.
    ShapeError
        A cotangent has another shape than its argument, or there are more or fewer than positional arguments.

    Notes
    -----
    Of a complex argument the cotangent is that of the inner product <u, v> = Re sum(conj(u) v), as `dualnum.grad` gives it.

    Forward mode transposes `backward`, so this computes with `out_bar` in NumPy functions. Higher derivatives differentiate
    `forward` and `backward`: these compute with all values in NumPy functions then, or an error is raised. If `forward` calls
    `f`, the derivative of that is its rule's again. Where it iterates itself, second derivatives are those of the iteration.

    A cotangent that is zero times a factor that is infinite is nan in `backward`, as it is in NumPy; use `np.where` there.

    See Also
    --------
    custom_jvp : a rule written for tangents, and what `f` may be.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import custom_vjp, grad
    >>> @custom_vjp
    ... def square_root(a):  # by Newton's iteration, whose steps need not be recorded
    ...     x = np.ones_like(a)
    ...     while np.any(np.abs(x * x - a) > 1e-12 * a):
    ...         x = (x + a / x) / 2
    ...     return x
    >>> def forward(a):
    ...     x = square_root(a)
    ...     return x, x
    >>> def backward(x, x_bar):
    ...     return (x_bar / (2 * x),)
    >>> square_root.defvjp(forward, backward)
    >>> grad(lambda a: np.sum(square_root(a)))(np.array([4.0, 16.0]))
    array([0.25 , 0.125])
    """
    rules = VJP(f)
    custom = ruled(rules)

    def defvjp(forward: Function, backward: Function) -> None:
        """Take the rule: ``forward(*args, **options) -> (out, residuals)``, ``backward(residuals, out_bar) -> cotangents``."""
        rules.take(forward, backward)

    custom.defvjp = defvjp
    return custom
