"""Derivatives of functions by reverse mode: vjp, grad, value_and_grad, and the rows of Jacobians."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from functools import partial, wraps
from threading import Lock
from typing import Any

import numpy as np

from dualnum.boundary import Result, aux_at
from dualnum.dispatch import level_of, primal_all
from dualnum.dual_array import make_dual
from dualnum.errors import InputError, ShapeError
from dualnum.explaining import explain
from dualnum.inputs import as_input, copied, copied_one, describe_function, flatten, unflatten
from dualnum.levels import current_level
from dualnum.memory import LARGE, settle_allocator
from dualnum.packing import ACTIVE_TYPES, contains_active, is_active
from dualnum.tape.curvature import tangents_back
from dualnum.tape.needs import stand_in
from dualnum.tape.recording import Recorder
from dualnum.tape.sweeping import sweep_back
from dualnum.tape.tape import adjoints, count_seeds, new_leaf
from dualnum.transforms import push_list
from dualnum.trees import tree_flatten, tree_map

__all__ = ["Run", "check_argnums", "grad", "hvp", "positions_of", "value_and_grad", "vjp"]


_FLOAT64 = np.dtype(np.float64)
_ONE = np.float64(1)
_ARRAYS: Any = frozenset({np.ndarray, np.float64})


class Run:
    """A function that was run on a tape: its inputs and outputs there.

    The inputs are the leaves of all arguments, one after the other. With ``fresh`` the arguments were made for this run, by a
    transform around it, and are not copied.
    """

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], positions: Sequence[int], kwargs: dict[str, Any], where: str,
        has_aux: bool = False, strict: bool = False, fresh: bool = False,
    ) -> None:  # fmt: skip
        self.where = where
        self.recorder = recorder = Recorder()
        args = list(args)
        self.groups: list[tuple[Any, int]] = []
        leaves: list[Any] = []
        for position in positions:
            raw, treedef = (_flatten_active if fresh else flatten)(args[position])
            self.groups.append((treedef, len(raw)))
            for leaf in raw:
                leaves.append(leaf if fresh else _as_parameter(leaf, where, strict))
        recorder.start()
        try:
            variables = [new_leaf(x, recorder) for x in leaves]
            self.inputs = recorder.nodes.copy()
            for position, tree in zip(positions, self.regrouped(variables), strict=True):
                args[position] = tree
            del variables, leaves
            raw, leaf, tree = [], None, None
            y = f(*args, **kwargs)
            extra: Any = None
            if has_aux:
                if not isinstance(y, tuple) or len(y) != 2:
                    raise InputError(f"{where}: with has_aux=True the function must return a pair (result, aux).")
                y, extra = y
            self._take(y)
        except Exception as error:
            recorder.clear()
            explain(error)
            raise
        finally:
            recorder.stop()
        self.aux: Any = None
        if has_aux:
            strip_aux: Any = partial(aux_at, level=recorder.level)
            self.aux = tree_map(strip_aux, extra, none_is_leaf=True)

    @classmethod
    def after(cls, recorder: Recorder, y: Any, where: str) -> Run:
        """The run of a function of one array that has just returned `y`: recording has not ended yet."""
        run = cls.__new__(cls)
        run.where, run.recorder, run.inputs, run.groups = where, recorder, recorder.nodes[:1], [(None, 1)]
        run._take(y)
        return run

    def _take(self, y: Any) -> None:
        """Take what the function has returned, as long as the tape is written.

        The node of a view of what was updated is only made now. What is known of the outputs is noted; their values need not be
        kept.
        """
        level = self.recorder.level
        self.result = Result(y, self.where)
        self.outputs = [(y.node if level_of(y) == level else None) for y in self.result.leaves]
        self.shapes, self.dtypes, values = [], [], []
        for y in self.result.leaves:
            value = y
            if y.__class__ in ACTIVE_TYPES and y._level >= level:
                if y._level > level:
                    raise InputError(
                        f"{self.where}: the function returned a Dual, or a variable of a tape, that it made itself. Return "
                        "its value, its tangent or its adjoint; or make it outside of the function."
                    )
                value = y._value
            plain = primal_all(value)
            if plain.__class__ not in _ARRAYS:
                plain = np.asarray(plain)
            self.shapes.append(plain.shape)
            self.dtypes.append(plain.dtype)
            values.append(value)
        self.value = self.result.rebuild(values)
        self.result.leaves = []

    def pull(self, bars: Sequence[Any], k: int | None) -> list[Any]:
        """Cotangents of the arguments, each in its structure, of cotangents of all leaves of the result."""
        return self.regrouped(self.pull_leaves(list(enumerate(bars)), k))

    def pull_leaves(
        self, bars: Sequence[tuple[int, Any]], k: int | None, back: Callable[..., None] = sweep_back
    ) -> list[Any]:
        """Cotangents of all leaves of the arguments, of those of some leaves of the result, by their numbers."""
        pairs = [(node, bar) for i, bar in bars if (node := self.outputs[i]) is not None]
        adjoints(self.recorder.nodes, pairs, self.inputs, k, False, back)
        return [_taken(node, k) for node in self.inputs]

    def regrouped(self, items: Sequence[Any]) -> list[Any]:
        """Put what belongs to the inputs into the structures of the arguments."""
        if len(self.groups) == 1:
            return [unflatten(self.groups[0][0], items)]
        found = iter(items)
        return [unflatten(treedef, [next(found) for _ in range(count)]) for treedef, count in self.groups]


def _flatten_active(tree: Any) -> tuple[list[Any], Any]:
    """Active leaves of a tree, and its structure; a list of them is never one array, as a list of numbers is."""
    return ([tree], None) if is_active(tree) else tree_flatten(tree, is_leaf=is_active)


def _as_parameter(leaf: Any, where: str, strict: bool) -> Any:
    if strict and not contains_active(leaf) and np.asarray(leaf).dtype.kind in "biu":
        raise InputError(f"{where}: an input holds integers, which have no derivative; pass floats (x * 1.0).")
    x = as_input(leaf, where)
    if x.size > LARGE:
        settle_allocator()
    return x


def _taken(node: Any, k: int | None) -> Any:
    """Adjoint of an input, which is the caller's from now on."""
    adjoint, owned = node.adjoint, node.owned
    node.adjoint, node.owned = None, False
    if adjoint is None:
        return np.zeros(node.shape if k is None else (k, *node.shape), node.dtype)[()]
    if adjoint.__class__ is not np.ndarray:
        return adjoint
    if not adjoint.ndim:
        return adjoint[()]
    return adjoint if owned else adjoint.copy()


def _gradients(run: Run) -> list[Any]:
    """Gradients with respect to the arguments of a run, which is over then."""
    _require_scalar(run, "grad")
    bars = run.pull([run.dtypes[0].type(1)], None)
    run.recorder.clear()
    return bars


def _pulled(recorder: Recorder, output: Any, back: Callable[..., None]) -> Any:
    """Gradient of the number that has come out, with respect to the only input of a tape, which is over then."""
    nodes = recorder.nodes
    leaf = nodes[0]
    if output is not None:
        adjoints(nodes, [(output, _ONE)], [leaf], None, False, back)
    recorder.clear()
    return _taken(leaf, None)


def _number(f: Callable[[Any], Any], inputs: list[Any], where: str) -> tuple[Recorder, Any, Any, Run | None]:
    """Run a function of one array, which is taken out of a list, on a tape: in fewer steps than a `Run`, for most functions.

    Returns the recorder and the node of the array; if a float64 came out the node of that, which may be None, and its value;
    else the run.
    """
    recorder = Recorder()
    recorder.start()
    try:
        y = f(new_leaf(inputs.pop(), recorder))
        value = y
        while value.__class__ in ACTIVE_TYPES:
            value = value._value
        if value.__class__ is np.float64 and level_of(y) == recorder.level:
            return recorder, y.node, y._value, None
        return recorder, None, None, Run.after(recorder, y, where)
    except Exception as error:
        recorder.clear()
        explain(error)
        raise
    finally:
        recorder.stop()


def _require_scalar(run: Run, what: str) -> None:
    """Raise unless the only output is one real number."""
    where = run.where
    if len(run.outputs) != 1 or run.shapes[0] != ():
        shapes = run.shapes[0] if len(run.shapes) == 1 else run.shapes
        raise ShapeError(
            f"{where}: the function must return one number, but returned shape {shapes}. Use jacobian for all derivatives of "
            "an array, vjp for a weighted sum of them, or sum the result; or has_aux=True if it returns (number, what else)."
        )
    kind = run.dtypes[0].kind
    if kind == "c":
        raise InputError(
            f"{where}: the function returned a complex number; a gradient is of real functions. Take the real part, the "
            "imaginary part or np.abs(y)**2, or use vjp."
        )
    if kind != "f":
        raise InputError(f"{where}: the function returned an integer or a boolean, which has no derivative.")


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
            recorder, output, value, run = _number(of_x, [_as_parameter(x, where, False)], where)
            if run is None:
                return value, _pulled(recorder, output, sweep_back)
            return run.value, _gradients(run)[0]
        positions = positions_of(argnums, len(args), where)
        run = Run(f, copied(args, positions), positions, others, where, has_aux, strict)
        bars = _gradients(run)
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
            recorder, output, _, run = _number(f, args, where)
            if run is None:
                return _without_value(_pulled(recorder, output, tangents_back(level)), level)
        else:
            leaves = _flatten_active(args[0])[0]
            k = leaves.pop()._k if leaves else 1
            del leaves
            run = Run(f, [args.pop()], (0,), {}, where, fresh=True)
            if k is not None:
                return _gradients(run)[0]
        _require_scalar(run, "grad")
        tangents = run.pull_leaves([(0, run.dtypes[0].type(1))], None, tangents_back(level))
        run.recorder.clear()
        return run.regrouped([_without_value(t, level) for t in tangents])[0]

    return push_list(gradient, (x,), (v,), f"jvp({name})")[1]
