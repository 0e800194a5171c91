"""Derivatives of functions by reverse mode: vjp, grad, value_and_grad, hvp."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from functools import wraps
from threading import Lock
from typing import Any

import numpy as np

from dualnum.dual_array import make_dual
from dualnum.errors import InputError, ShapeError
from dualnum.inputs import as_input, copied, copied_one, describe_function
from dualnum.levels import current_level
from dualnum.packing import ACTIVE_TYPES
from dualnum.runs import Run, as_parameter, flatten_active, gradients, pulled, require_scalar, run_for_number
from dualnum.tape.curvature import tangents_back
from dualnum.tape.needs import stand_in
from dualnum.tape.sweeping import sweep_back
from dualnum.tape.tape import count_seeds
from dualnum.transforms import push_list
from dualnum.trees import tree_map

__all__ = ["check_argnums", "grad", "hvp", "positions_of", "value_and_grad", "vjp"]

_FLOAT64 = np.dtype(np.float64)


def check_argnums(argnums: int | Sequence[int], where: str) -> tuple[int, ...]:
    """Refuse what is no number of an argument: the point, given where it does not belong, above all."""
    positions = tuple(argnums) if isinstance(argnums, (tuple, list)) else (argnums,)
    if not positions:
        raise InputError(f"{where}: argnums is empty; name at least one argument.")
    for position in positions:
        if not isinstance(position, (int, np.integer)):
            transform = where.partition("(")[0]
            raise InputError(
                f"{where}: argnums must be an integer or several, got {reprlib.repr(argnums)}. {transform}(f) returns a "
                f"function, and the point is the argument of that: {transform}(f)(x)."
            )
    return positions


def positions_of(argnums: int | Sequence[int], count: int, where: str) -> tuple[int, ...]:
    """Positional arguments that are meant, counted from the front."""
    if argnums.__class__ is int and 0 <= argnums < count:
        return (argnums,)
    for position in (positions := check_argnums(argnums, where)):
        if not -count <= position < count:
            raise InputError(
                f"{where}: argnums={position}, but the function was called with {count} positional arguments. Pass "
                "what it is differentiated with respect to by position, not by name."
            )
    counted = tuple(position % count for position in positions)
    if len(set(counted)) < len(counted):
        # of one argument given twice each derivative would be a part
        raise InputError(f"{where}: argnums={reprlib.repr(argnums)} names an argument twice.")
    return counted


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False, strict: bool = False
) -> Callable[..., Any]:
    """Value and gradient of a function, in one run and one traversal back.

    Parameters
    ----------
    f, argnums, has_aux, strict
        As in `grad`.

    Returns
    -------
    callable
        ``value_and_grad(f)(*args, **kwargs)`` is ``(y, gradient)``, with `has_aux` ``((y, aux), gradient)``.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import value_and_grad
    >>> y, gradient = value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(y), gradient
    (5.0, array([2., 4.]))
    """
    where = f"grad({describe_function(f)})"
    several = len(check_argnums(argnums, where)) > 1 or isinstance(argnums, (tuple, list))

    @wraps(f, updated=())
    def value_and_grad_of_f(*args: Any, **kwargs: Any) -> Any:
        others = {name: copied_one(value) for name, value in kwargs.items()} if kwargs else kwargs
        x = args[0] if args and not (several or has_aux) and argnums == 0 else None
        if x.__class__ is np.ndarray and x.dtype is _FLOAT64:
            rest = [copied_one(arg) for arg in args[1:]]
            of_x = (lambda x: f(x, *rest, **others)) if rest or others else f
            recorder, output, value, run = run_for_number(of_x, [as_parameter(x, where, False)], where)
            if run is None:
                return value, pulled(recorder, output, sweep_back)
            return run.value, gradients(run)[0]
        positions = positions_of(argnums, len(args), where)
        run = Run(f, copied(args, positions), positions, others, where, has_aux, strict)
        bars = gradients(run)
        gradient = tuple(bars) if several else bars[0]
        return ((run.value, run.aux) if has_aux else run.value), gradient

    return value_and_grad_of_f


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False, strict: bool = False
) -> Callable[..., Any]:
    """Gradient of a function that returns one real number, by reverse mode.

    Parameters
    ----------
    f : callable
        Function of arrays, numbers, or trees (lists, tuples, dicts, ...) of them.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to; with a sequence, a tuple of gradients is given.
    has_aux : bool
        `f` returns a pair ``(result, aux)``; `aux` is handed through without being differentiated.
    strict : bool
        Refuse integers, which are otherwise taken for floats.

    Returns
    -------
    callable
        ``grad(f)(*args, **kwargs)`` has the structure and the shapes of the argument, with `has_aux` it is ``(gradient, aux)``.

    Raises
    ------
    ShapeError
        The result of `f` is not one number.
    InputError
        The result is complex, an integer or a boolean; or an argument is not numeric.

    Notes
    -----
    Of a complex argument z = a + ib, the gradient is df/da + i df/db, by the inner product <u, v> = Re sum(conj(u) v): the
    direction of steepest ascent.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import grad
    >>> grad(lambda p: np.sum(p["a"] * p["b"]))({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])})
    {'a': array([3., 4.]), 'b': array([1., 2.])}
    """
    both = value_and_grad(f, argnums, has_aux=has_aux, strict=strict)

    @wraps(f, updated=())
    def grad_of_f(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return grad_of_f


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Value of a function, and its pullback: the map of cotangents of the result to cotangents of the arguments.

    Parameters
    ----------
    f : callable
        Function of ``len(primals)`` arguments.
    *primals
        The arguments: numbers, arrays of any shape, or trees of arrays.
    has_aux : bool
        `f` returns a pair ``(result, aux)``.

    Returns
    -------
    y
        ``f(*primals)``.
    pullback : callable
        ``pullback(y_bar)`` is the tuple of cotangents of the arguments, each of the structure and shapes of its argument;
        with K rows along a leading axis of `y_bar`, they have one too. May be called again and again.
    aux
        With `has_aux` only.

    Raises
    ------
    ShapeError
        The cotangent does not fit the result.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import vjp
    >>> y, pullback = vjp(np.multiply, np.array([1.0, 2.0]), 3.0)
    >>> x_bar, c_bar = pullback(np.ones(2))
    >>> x_bar, float(c_bar)
    (array([3., 3.]), 3.0)
    """
    where = f"vjp({describe_function(f)})"
    run = Run(f, list(primals), range(len(primals)), {}, where, has_aux)
    expected = run.result
    lock = Lock()

    def pullback(y_bar: Any) -> tuple[Any, ...]:
        bars = expected.flatten_like(y_bar, where)
        checked = []
        ks = set()
        for bar, shape, dtype in zip(bars, run.shapes, run.dtypes, strict=True):
            bar = as_input(bar, where)
            if bar.dtype.kind == "c" and dtype.kind != "c":
                raise InputError(f"{where}: a complex cotangent needs a complex result.")
            ks.add(count_seeds(bar, shape, where))
            checked.append(bar.astype(dtype) if dtype.kind in "fc" and bar.dtype != dtype else bar)
        if len(ks) > 1:
            raise ShapeError(f"{where}: all cotangents must have the same number of rows; got {ks}.")
        with lock:  # adjoints are gathered on the nodes
            return tuple(run.pull(checked, ks.pop() if ks else None))

    # Copies, for the tape may have saved these arrays, and nobody sees what the caller does with them.
    results: Any = run.value, run.aux
    value, aux = tree_map(copied_one, results, none_is_leaf=True)
    return (value, pullback, aux) if has_aux else (value, pullback)


def _without_value(tangent: Any, level: int) -> Any:
    """A Dual of which nobody asks for the value: a part of a gradient, where only its tangent is wanted."""
    return make_dual(stand_in(tangent.shape, tangent.dtype), tangent, level, None)


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """Product of the Hessian of a function with a vector, by forward mode over reverse mode.

    Parameters
    ----------
    f : callable
        Function of one argument that returns one real number.
    x : array_like or tree
        The point.
    v : array_like or tree
        The vector, of the structure and shapes of `x`; or K vectors along a leading axis.

    Returns
    -------
    The derivative of the gradient at `x` in the direction `v`, of the structure and shapes of `v`.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import hvp
    >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]), np.array([1.0, 0.0]))
    array([6., 2.])
    """
    name = describe_function(f)

    def gradient(args: list[Any]) -> Any:
        level = current_level()
        where = f"grad({name})"
        # The input is taken out of the list, so that its memory serves for what is computed on the way back.
        if args[0].__class__ in ACTIVE_TYPES and args[0]._k is None:
            recorder, output, _, run = run_for_number(f, args, where)
            if run is None:
                return _without_value(pulled(recorder, output, tangents_back(level)), level)
        else:
            leaves = flatten_active(args[0])[0]
            k = leaves.pop()._k if leaves else 1
            del leaves
            run = Run(f, [args.pop()], (0,), {}, where, fresh=True)
            if k is not None:
                return gradients(run)[0]
        require_scalar(run, "grad")
        tangents = run.pull_leaves([(0, run.dtypes[0].type(1))], None, tangents_back(level))
        run.recorder.clear()
        return run.regrouped([_without_value(t, level) for t in tangents])[0]

    return push_list(gradient, (x,), (v,), f"jvp({name})")[1]
