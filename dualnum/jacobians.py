"""Jacobians of functions, by columns or by rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import wraps
from math import prod
from typing import Any

import numpy as np

from dualnum.boundary import Result
from dualnum.columns import jacobian_by_terms, jacobian_of
from dualnum.digests import Same
from dualnum.errors import InputError
from dualnum.executing import Plan
from dualnum.inputs import copied, copied_one, describe_function
from dualnum.modes import MANY_OUTPUTS, choice_for, is_small
from dualnum.pieces import Argument, in_pieces
from dualnum.reverse import check_argnums, positions_of
from dualnum.rows import jacobians
from dualnum.runs import Run
from dualnum.sparse_columns import sparse_jacobian_of
from dualnum.transforms import with_others

__all__ = ["jacfwd", "jacobian", "jacobian_at", "jacrev", "value_and_jacobian"]

_MODES = ("auto", "forward", "reverse")
_FLOAT64 = np.dtype(np.float64)


def value_and_jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    mode: str = "auto",
    has_aux: bool = False,
    chunk: int | None = None,
    holomorphic: bool = False,
    sparse: bool = False,
    executor: Executor | None = None,
    progress: bool = False,
    out: np.ndarray | None = None,
) -> Callable[..., Any]:
    """Value and Jacobian of a function, in one go.

    Parameters
    ----------
    f, argnums, mode, has_aux, chunk, holomorphic, sparse, executor, progress, out
        As in `jacobian`.

    Returns
    -------
    callable
        ``value_and_jacobian(f)(*args, **kwargs)`` is ``(y, J)``, with `has_aux` ``((y, aux), J)``.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import value_and_jacobian
    >>> y, J = value_and_jacobian(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(y), J
    (5.0, array([2., 4.]))
    """
    single = not isinstance(argnums, (tuple, list))
    where = f"jacobian({describe_function(f)})"
    check_argnums(argnums, where)
    if mode not in _MODES:
        raise InputError(f"{where}: mode={mode!r}; it must be one of {', '.join(map(repr, _MODES))}.")
    if sparse and (not single or mode == "reverse" or executor is not None or progress or out is not None):
        raise InputError(
            f"{where}: sparse=True gives the Jacobian with respect to one argument, by forward mode, and does not go with "
            "executor=, progress= and out=."
        )
    plan = Plan(where, executor, progress, out) if executor is not None or progress or out is not None else None
    # What was chosen for inputs of some shapes: a matter of speed alone, so it does not matter who writes it first.
    remembered: dict[Any, str] = {}
    usual = argnums.__class__ is int and argnums == 0 and plan is None and mode != "reverse" and not sparse

    @wraps(f, updated=())
    def value_and_jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        if usual and len(args) == 1 and not kwargs:
            (x,) = args
            # The usual case, in short: solvers ask for small Jacobians, of one array, thousands of times.
            if (
                x.__class__ is np.ndarray
                and x.dtype is _FLOAT64
                and (mode == "forward" or is_small(x.size) or remembered.get((x.shape,)) == "forward")
            ):
                value, found, aux = jacobian_of(f, x.copy("K"), chunk, has_aux, where)
                return ((value, aux) if has_aux else value), found
        positions = positions_of(argnums, len(args), where)
        trees = [Argument(args[position], holomorphic, where) for position in positions]
        result = None
        if sparse:
            if not trees[0].is_array:
                raise InputError(
                    f"{where}: sparse=True needs one array; the argument is a {type(args[positions[0]]).__name__}."
                )
            of_one = f if len(args) == 1 and not kwargs else with_others(f, args, positions[0], kwargs)
            value, found, aux = sparse_jacobian_of(of_one, trees[0].leaves[0], chunk, has_aux, where)
            return ((value, aux) if has_aux else value), found
        if plan is not None:
            result = in_pieces(f, args, kwargs, positions, trees, mode, has_aux, chunk, plan)
        elif mode == "reverse" or (mode == "auto" and not is_small(sum(tree.size for tree in trees))):
            key = tuple([leaf.shape for tree in trees for leaf in tree.leaves])
            if mode == "reverse" or remembered.get(key) != "forward":
                result = _by_rows(args, kwargs, positions, trees, remembered if mode == "auto" else None, key)
        if result is None:
            result = _by_columns(args, kwargs, positions, trees)
        value, aux, found = result
        return ((value, aux) if has_aux else value), (found[0] if single else tuple(found))

    def _by_rows(args: Any, kwargs: Any, positions: Any, trees: Any, remembered: Any, key: Any) -> Any:
        """Value, auxiliary result and Jacobians by reverse mode; None where forward mode takes less."""
        others = {name: copied_one(value) for name, value in kwargs.items()}
        try:
            run = Run(f, copied(args, positions), positions, others, where, has_aux)
        except Exception:
            if remembered is None:
                raise
            remembered[key] = "forward"
            return None  # what a tape refuses, forward mode may still do; and if not, it says why
        if remembered is not None:
            remembered[key] = choice_for(run).mode
            if remembered[key] == "reverse" and sum(map(prod, run.shapes)) >= MANY_OUTPUTS and chunk is None:
                found = _by_terms(args, kwargs, positions, trees)
                if found is not None:
                    remembered[key] = "forward"
                    return found
            if remembered[key] == "forward":
                return None
        return run.value, run.aux, jacobians(run, chunk)

    def _by_terms(args: Any, kwargs: Any, positions: Any, trees: Any) -> Any:
        """The same with respect to one array, if few of the derivatives are not zero; else None."""
        if len(trees) > 1 or not trees[0].is_array:
            return None
        of_one = f if len(args) == 1 and not kwargs else with_others(f, args, positions[0], kwargs)
        found = jacobian_by_terms(of_one, trees[0].leaves[0], has_aux, where)
        return None if found is None else (found[0], found[2], [found[1]])

    def _by_columns(args: Any, kwargs: Any, positions: Any, trees: Any) -> Any:
        """Value, auxiliary result and Jacobians by forward mode."""
        found = []
        value = aux = None
        same = Same(where) if sum(len(tree.leaves) for tree in trees) > 1 else None
        for position, tree in zip(positions, trees, strict=True):
            of_one = f if len(args) == 1 and not kwargs else with_others(f, args, position, kwargs)
            blocks = []
            for i, leaf in enumerate(tree.leaves):
                value, block, aux = jacobian_of(tree.function_of(of_one, i), leaf, chunk, has_aux, where)
                if same is not None:
                    same.check(Result(value, where))
                blocks.append(block)
            found.append(tree.join(blocks, value))
        return value, aux, found

    return value_and_jacobian_of_f


def jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    mode: str = "auto",
    has_aux: bool = False,
    chunk: int | None = None,
    holomorphic: bool = False,
    sparse: bool = False,
    executor: Executor | None = None,
    progress: bool = False,
    out: np.ndarray | None = None,
) -> Callable[..., Any]:
    """Jacobian of a function, by columns (forward mode) or by rows (reverse mode).

    Parameters
    ----------
    f : callable
        Function of arrays (or numbers, lists of numbers, trees of arrays); it returns a number, an array of any shape, a list
        or tuple of numbers (which counts as an array), or a list, tuple or dict of arrays.
    argnums : int or sequence of int
        Which positional argument to differentiate with respect to; with a sequence, a tuple of Jacobians is given.
    mode : {"auto", "forward", "reverse"}
        "auto" takes forward mode for few inputs, and else what should take less time, by the operations and calls of
        either mode: `choose_mode` says which, and why.
        For that, `f` is run on a tape, the first time that it meets inputs of some shapes.
    has_aux : bool
        `f` returns a pair ``(result, aux)``; `aux` is handed through without being differentiated.
    chunk : int, optional
        How many directions or rows are taken together; by default as many as fit a core's cache.
    holomorphic : bool
        Promise that `f` is holomorphic, for a complex argument.
    sparse : bool
        Give the Jacobian with respect to one array as a `scipy.sparse.csr_array` of shape ``(y.size, x.size)``, without
        zeros, by forward mode. Where each element of the result depends on a few elements of the argument, as in
        discretised equations, neither time nor memory grow with their product.
    executor : concurrent.futures.Executor, optional
        Threads, processes, loky, ``dask.distributed.Client.get_executor()``, `mpi4py.futures`: chunks of columns (forward
        mode) or rows (reverse mode) are computed there. Unless `chunk` says otherwise, there is at least one for each worker,
        and up to four of them where the operations on a chunk stay large.
    progress : bool
        Show a progress bar, by tqdm.
    out : ndarray or numpy.memmap, optional
        Where the Jacobian is written, chunk by chunk, and what is returned: of one array with respect to one array. It may
        have less precision.

    Returns
    -------
    callable
        ``jacobian(f)(*args, **kwargs)``, an array of shape ``y.shape + x.shape``; for trees, in the structure of the result
        that of the argument. With `has_aux` the pair ``(J, aux)``.

    Raises
    ------
    InputError
        The argument is not numeric, or complex without `holomorphic`; or the result is not numeric; or `out` cannot take it, or
        this is taken inside of another derivative with `executor`, `progress`, `out` or `sparse`; or `sparse` goes with another
        mode or one of these, or with a tree.
    ShapeError
        `out` has another shape than the Jacobian.
    ExecutionError
        The function, or a worker, has failed on the executor.
    MissingExtraError
        ``progress=True`` without tqdm.

    Notes
    -----
    From 192 inputs on, forward mode first pushes for each element only the derivatives that are not zero, however many
    directions there are (an element of a discretised equation depends on its neighbours), and goes over to blocks of
    directions where the function does what that is no gain for. Then `f` has been run once more, as far as that.

    With `executor`, `progress` or `out`, `f` is first run once as it is, here, for its value and shape.

    The argument and other arrays are copied before each run of `f`: the caller's are not modified, whatever `f` does.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import jacobian
    >>> jacobian(lambda x: [x[0] * x[1], np.sin(x[0])])([0.0, 3.0])
    array([[3., 0.],
           [1., 0.]])
    >>> jacobian(lambda x: x[1:] - x[:-1], sparse=True)(np.zeros(1_000_000)).nnz
    1999998
    """
    both = value_and_jacobian(
        f, argnums, mode=mode, has_aux=has_aux, chunk=chunk, holomorphic=holomorphic, sparse=sparse,
        executor=executor, progress=progress, out=out,
    )  # fmt: skip

    @wraps(f, updated=())
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return jacobian_of_f


def jacobian_at(f: Callable[..., Any], argnums: Any, options: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
    """Jacobian at a point. With `functools.partial` a function that can be sent to other processes."""
    return jacobian(f, argnums, **options)(*args, **kwargs)


def jacfwd(f: Callable[..., Any], argnums: int | Sequence[int] = 0, **options: Any) -> Callable[..., Any]:
    """Jacobian by forward mode: ``jacobian(f, argnums, mode="forward", ...)``.

    Examples
    --------
    >>> from dualnum import jacfwd
    >>> jacfwd(lambda x: x**2)([1.0, 2.0])
    array([[2., 0.],
           [0., 4.]])
    """
    return jacobian(f, argnums, mode="forward", **options)


def jacrev(f: Callable[..., Any], argnums: int | Sequence[int] = 0, **options: Any) -> Callable[..., Any]:
    """Jacobian by reverse mode: ``jacobian(f, argnums, mode="reverse", ...)``.

    Examples
    --------
    >>> from dualnum import jacrev
    >>> jacrev(lambda x: x**2)([1.0, 2.0])
    array([[2., 0.],
           [0., 4.]])
    """
    return jacobian(f, argnums, mode="reverse", **options)
