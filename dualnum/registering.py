"""register: rows of the table for functions of the user's, or of other libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import inf, isnan
from typing import Any

import numpy as np

from dualnum.calls import as_result, guarded
from dualnum.custom_rules import JVP, VJP, Linearised, check_count, positional, ruled, signature_of, with_defaults
from dualnum.dispatch import apply_function
from dualnum.errors import InputError, NoRuleError, ShapeError
from dualnum.packing import contains_active
from dualnum.table import TABLE, Composite, Elementwise, Function, Linear, Row, function_name
from dualnum.tangents import rebuild
from dualnum.twins import dispatching

__all__ = ["register"]

Pair = tuple[Function, Function]


def register(
    f: Function,
    *,
    partials: Sequence[Any] | None = None,
    transposes: Sequence[Function | None] | None = None,
    rule: Function | None = None,
    jvp: Function | None = None,
    vjp: Pair | None = None,
) -> Any:
    """Give a function that exists already, of one's own or of another library, a row in the table of derivatives.

    Exactly one of the options says how the function is linearised.

    Parameters
    ----------
    f : callable
        Called with plain values only, so it may be compiled code.
    partials : sequence
        For a function that acts on each element: the partial derivative in each argument, as a function of
        ``(out, *args)``; or a number, where it is constant; or None, where there is none (an active argument is refused).
        Options of the function are not seen by partials, and so refused.
    transposes : sequence
        For a function that is linear in each of its first arguments: ``transposes[i](out_bar, *args, **kwargs)``, the
        cotangent of argument i, of which it may look at shape and dtype only. None where it is not linear.
    rule : callable
        ``rule(*args, **options) -> (out, push)``; ``push(*tangents)`` is the tangent of `out`, and gets one for each
        positional argument, None for one that is constant.
    jvp : callable
        ``jvp(primals, tangents, **options) -> (out, out_dot)``, as in `custom_jvp`.
    vjp : pair of callables
        ``forward(*args, **options) -> (out, residuals)`` and ``backward(residuals, out_bar) -> cotangents``, as in
        `custom_vjp`.

    Returns
    -------
    callable
        A function to be called instead of `f`: plain arguments lead to `f`, active ones to its rule. If `f` is a NumPy
        ufunc (of `numpy.frompyfunc`, `numba.vectorize` with signatures, ...), it is `f` itself: NumPy finds the row, and calls
        that exist need not be changed.

    Raises
    ------
    InputError
        `f` has a row already; not exactly one option is given; or a rule does not take as many arguments as it must.
    ShapeError, NoRuleError, MutationError
        When the function is differentiated: as in `custom_jvp`.

    See Also
    --------
    custom_jvp, custom_vjp : the same for a function that is being written.
    check_derivatives : finds out whether a rule is right.

    Examples
    --------
    >>> import math
    >>> import numpy as np
    >>> from dualnum import derivative, register
    >>> erf = register(math.erf, partials=[lambda out, x: 2 / np.sqrt(np.pi) * np.exp(-(x**2))])
    >>> round(float(derivative(erf)(0.5)), 12)
    0.878782578935
    """
    name = function_name(f) if callable(f) else repr(f)
    if not callable(f):
        raise InputError(f"register: expected a function; got {type(f).__name__}.")
    given = {"partials": partials, "transposes": transposes, "rule": rule, "jvp": jvp, "vjp": vjp}
    names = [key for key, value in given.items() if value is not None]
    if len(names) != 1:
        raise InputError(f"register({name}): give exactly one of {', '.join(given)}; got {', '.join(names) or 'none'}.")
    if TABLE[f] is not None:
        raise InputError(
            f"register({name}): the function has a row already ({type(TABLE[f]).__name__}); each has exactly one."
        )
    if partials is not None:
        return _register_elementwise(f, name, partials)
    if transposes is not None:
        return _register_linear(f, name, transposes)
    rules: Any
    if rule is not None:
        rules = Linearised(f)
        rules.take(rule)
    elif jvp is not None:
        rules = JVP(f)
        rules.take(jvp)
    else:
        if not isinstance(vjp, (tuple, list)) or len(vjp) != 2:
            raise InputError(f"register({name}): vjp must be a pair (forward, backward).")
        rules = VJP(f)
        rules.take(*vjp)
    custom = ruled(rules)
    return _enter(f, custom, Composite(function=custom, body=custom, exact=True))


def _enter(f: Function, made: Function, row: Row) -> Function:
    """Put a row into the table, for the function and for what is called instead."""
    TABLE[f] = TABLE[made] = row
    return f if isinstance(f, np.ufunc) else made


def _evaluating(f: Function, name: str, outer: Function) -> Function:
    """Make what a row calls for the value: what it gives are NumPy's numbers, whatever `f` returns.

    `outer` is called where values are active at other levels.
    """

    @wraps(f)
    def evaluate(*args: Any, **kwargs: Any) -> Any:
        if contains_active(args):
            return outer(*args, **kwargs)
        out = guarded(name, f, *args, **kwargs)
        if isinstance(out, (tuple, list)):
            return rebuild(out, [as_result(name, part, args) for part in out])
        return as_result(name, out, args)

    return evaluate


def _register_elementwise(f: Any, name: str, partials: Sequence[Any]) -> Any:
    count = len(partials)
    if isinstance(f, np.ufunc) and (f.nout != 1 or f.signature is not None):
        raise InputError(
            f"register({name}): partials are for functions of elements with one result; use rule= or jvp=."
        )
    least, most = positional(f)
    if not (count and (count == most or isnan(most) or (most == inf and count >= least))):
        raise InputError(
            f"register({name}): there must be one partial for each positional parameter (None for options); got {count}."
        )
    checked = tuple(_checked_partial(partial, i, count, name) for i, partial in enumerate(partials))
    if isinstance(f, np.ufunc):
        return _enter(f, f, Elementwise(function=_of_elements(f, name, f), partials=checked))
    made = _with_all_arguments(f, name, count)
    return _enter(f, made, Elementwise(function=_of_elements(f, name, made), partials=checked))


def _with_all_arguments(f: Function, name: str, count: int) -> Function:
    """Make a function that leads active arguments to the row, with as many of them as there are partials."""
    signature = signature_of(f)

    @wraps(f)
    def made(*args: Any, **kwargs: Any) -> Any:
        if not contains_active(args) and not contains_active(list(kwargs.values())):
            return f(*args, **kwargs)
        args, kwargs = with_defaults(signature, args, kwargs)
        if kwargs or len(args) != count:
            raise NoRuleError(
                f"{name} was registered by {count} partials, which see no other arguments; got {len(args)} positional ones and "
                f"{', '.join(kwargs) or 'no keywords'}. Register it by rule=, jvp= or vjp=, which do."
            )
        return apply_function(made, args, {})

    return made


def _of_elements(f: Function, name: str, outer: Function) -> Function:
    """Make what an elementwise row calls: it makes sure that the function acts on elements."""
    evaluate = _evaluating(f, name, outer)

    @wraps(f)
    def of_elements(*args: Any, **kwargs: Any) -> Any:
        out = evaluate(*args, **kwargs)
        shape = np.broadcast_shapes(*map(np.shape, args))
        if np.shape(out) != shape or getattr(out, "dtype", None) is None:
            raise ShapeError(
                f"{name} was registered by partials, as a function of elements, but of arguments of the joint shape {shape} "
                f"it made {type(out).__name__} of shape {np.shape(out)}. Register it by rule=, jvp= or vjp=."
            )
        return out

    return of_elements


def _checked_partial(partial: Any, i: int, count: int, name: str) -> Any:
    """Look at a partial derivative; make sure that it will be one of elements."""
    if partial is None:
        return None
    if isinstance(partial, (int, float, np.integer, np.floating)):
        return float(partial)
    if not callable(partial):
        raise InputError(f"register({name}): partial {i} must be a function of (out, *args), a real number or None.")
    check_count(partial, 1 + count, f"register({name})", f"partial {i}, a function of (out, *args),")

    @wraps(partial)
    def checked(*args: Any) -> Any:
        p = partial(*args)
        # What a partial does not look at is None here: it was not kept.
        shape = np.broadcast_shapes(*(np.shape(arg) for arg in args if arg is not None))
        try:
            fits = np.broadcast_shapes(np.shape(p), shape) == shape
        except ValueError:
            fits = False
        if not fits:
            raise ShapeError(f"{name}: its partial {i} has shape {np.shape(p)}, where the elements have shape {shape}.")
        return p

    checked.checks = partial  # type: ignore[attr-defined]
    return checked


def _register_linear(f: Any, name: str, transposes: Sequence[Any]) -> Any:
    least, most = positional(f)
    if not len(transposes) > 0 or len(transposes) > most or all(transpose is None for transpose in transposes):
        raise InputError(
            f"register({name}): transposes has {len(transposes)} entries; give one for each leading argument in which the "
            "function is linear (None for others)."
        )
    checked = {}
    for i, transpose in enumerate(transposes):
        if transpose is not None:
            if least == most:
                check_count(
                    transpose, 1 + least, f"register({name})", f"transpose {i}, a function of (out_bar, *args),"
                )
            elif not callable(transpose):
                raise InputError(
                    f"register({name}): transpose {i} must be a function of (out_bar, *args, **kwargs) or None."
                )
            checked[i] = _checked_transpose(transpose, i, name)
    made = f if isinstance(f, np.ufunc) else dispatching(f)
    return _enter(f, made, Linear(function=_evaluating(f, name, made), transposes=checked, view=True))


def _checked_transpose(transpose: Callable[..., Any], i: int, name: str) -> Function:
    """Make sure that a cotangent will have the shape of its argument."""

    @wraps(transpose)
    def checked(out_bar: Any, *args: Any, **kwargs: Any) -> Any:
        bar = transpose(out_bar, *args, **kwargs)
        if np.shape(bar) != np.shape(args[i]):
            raise ShapeError(
                f"{name}: transpose {i} gave a cotangent of shape {np.shape(bar)}; argument {i} has shape {np.shape(args[i])}."
            )
        return bar

    checked.checks = transpose  # type: ignore[attr-defined]
    return checked
