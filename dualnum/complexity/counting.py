"""count_operations: what a function and its derivatives ask of NumPy, counted."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dualnum.complexity.counted import Meter
from dualnum.differences.report import for_json
from dualnum.errors import InputError, ShapeError
from dualnum.inputs import as_input, describe_function, flatten, unflatten
from dualnum.jacobians import jacfwd
from dualnum.levels import enter_transform, leave_transform
from dualnum.reverse import positions_of
from dualnum.rows import jacobians
from dualnum.runs import Run
from dualnum.transforms import jvp
from dualnum.trees import tree_map

__all__ = ["OperationCount", "PrimitiveCount", "count_operations"]

#: Griewank & Walther (2008), sections 3.2 and 3.3: one tangent, and one gradient, in units of the function.
BOUNDS = {"jvp": 2.5, "vjp": 4.0, "gradient": 4.0}


@dataclass(frozen=True)
class PrimitiveCount:
    """What was asked of one primitive.

    Attributes
    ----------
    calls, operations, bytes_written : int
        Calls; scalar operations by the model; bytes of fresh or overwritten memory (a view writes none).
    """

    calls: int
    operations: int
    bytes_written: int


@dataclass(frozen=True, repr=False)
class OperationCount:
    """The result of `count_operations`; printed, it is a table.

    Attributes
    ----------
    name, mode : str
        Name of the function, and what was run.
    primitives : dict of str to PrimitiveCount
        What each primitive was asked for.
    peak_bytes : int
        The most bytes that arrays were holding at once, the arguments and the result among them.
    function : OperationCount or None
        The count of the function itself, if something else was counted.
    """

    name: str
    mode: str
    primitives: dict[str, PrimitiveCount]
    peak_bytes: int
    function: OperationCount | None = field(default=None)

    @property
    def calls(self) -> int:
        """Calls of primitives in total."""
        return sum(count.calls for count in self.primitives.values())

    @property
    def operations(self) -> int:
        """Scalar operations in total."""
        return sum(count.operations for count in self.primitives.values())

    @property
    def bytes_written(self) -> int:
        """Bytes written in total."""
        return sum(count.bytes_written for count in self.primitives.values())

    @property
    def ratio(self) -> float:
        """Operations in units of the function's own, nan if that takes none."""
        plain = (self.function or self).operations
        return self.operations / plain if plain else float("nan")

    @property
    def bound(self) -> float | None:
        """What Griewank & Walther (2008) prove that `ratio` need not exceed by their measure; None for whole Jacobians."""
        return BOUNDS.get(self.mode)

    def to_json(self) -> dict[str, Any]:
        """All numbers, as what the module json can write."""
        return {
            "name": self.name,
            "mode": self.mode,
            "calls": self.calls,
            "operations": self.operations,
            "bytes_written": self.bytes_written,
            "peak_bytes": self.peak_bytes,
            "ratio": for_json(self.ratio),
            "bound": self.bound,
            "primitives": {name: vars(count) for name, count in self.primitives.items()},
        }

    def __str__(self) -> str:
        rows = sorted(self.primitives.items(), key=lambda item: (-item[1].operations, -item[1].calls, item[0]))
        total = PrimitiveCount(self.calls, self.operations, self.bytes_written)
        width = max(len("primitive"), *(len(name) for name in self.primitives), len("total"))
        lines = [
            f"{self.mode} of {self.name}" if self.function else self.name,
            f"{'primitive':{width}} {'calls':>9} {'operations':>14} {'bytes written':>15}",
            *(
                f"{name:{width}} {count.calls:>9,} {count.operations:>14,} {count.bytes_written:>15,}"
                for name, count in [*rows, ("total", total)]
            ),
            f"at most {self.peak_bytes:,} bytes alive at once",
        ]
        if self.function:
            bound = f" (Griewank & Walther's bound: {self.bound:g})" if self.bound else ""
            lines.append(f"{self.ratio:.2f} times the {self.function.operations:,} operations of the function{bound}")
        return "\n".join(lines)

    __repr__ = __str__


def count_operations(
    f: Callable[..., Any],
    *args: Any,
    mode: str = "function",
    argnums: int | Sequence[int] = 0,
    chunk: int | None = None,
    **kwargs: Any,
) -> OperationCount:
    """Count what a function, or a derivative of it, asks of NumPy.

    It is run once (and for a derivative the function itself once more) on arrays that count; so the operations of tangents
    and cotangents are counted as they are done, by the same steps that uncounted runs take.

    Parameters
    ----------
    f : callable
        The function.
    *args, **kwargs
        Its arguments.
    mode : {"function", "jvp", "vjp", "gradient", "forward", "reverse"}
        What to run: the function itself; with one direction (of ones); with one row (of ones) pulled back; the gradient of a
        scalar; the whole Jacobian by columns or by rows.
    argnums : int or sequence of int
        The arguments with respect to which it is differentiated.
    chunk : int, optional
        How many directions or rows are taken together, in whole Jacobians.

    Returns
    -------
    OperationCount
        Calls, operations, bytes written, by primitive and in total; the most bytes alive at once; the ratio to the function.

    Raises
    ------
    InputError
        There is no such mode.
    ShapeError
        The gradient is asked for, but the result is no scalar.

    Notes
    -----
    Operations are counted by a model (``dualnum.costs``): one for each element of an elementwise function or reduction, 2 m n k
    for a product, the textbooks' leading terms for factorisations, 5 N log2 N for a Fourier transform, none for moving data
    and comparing. Functions made of other functions (`np.var`) count as these. What does not depend on the arguments
    is not seen, nor what a primitive allocates inside of itself, nor what a rule of the user's does in compiled code. There is
    no clock in this: with the same versions, the numbers are the same on every machine.

    Griewank & Walther's bounds hold for a measure in which a nonlinear elementary function costs more than a product and
    includes its derivative; here each is one operation, so the ratio of a function made of exponentials alone exceeds them.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum.complexity import count_operations
    >>> count_operations(lambda x: x @ x, np.ones(100), mode="gradient").ratio
    2.5
    """
    where = f"count_operations({describe_function(f)})"
    if mode not in _RUNS:
        raise InputError(f"{where}: mode={mode!r}; it must be one of {', '.join(map(repr, _RUNS))}.")
    positions = positions_of(argnums, len(args), where)
    name = describe_function(f)
    function = None if mode == "function" else metered(name, "function", _function, f, args, positions, kwargs, where)
    return metered(name, mode, _RUNS[mode], f, args, positions, kwargs, where, chunk, function=function)


def metered(
    name: str, mode: str, action: Callable[..., Any], f: Any, args: Any, positions: Any, kwargs: Any, *options: Any,
    function: OperationCount | None = None,
) -> OperationCount:  # fmt: skip
    """Do something with a function and its arguments, made counted numbers, and tell what was counted."""
    # So that memory is given back by the counting of references alone, at the same moments in every run.
    collects = gc.isenabled()
    gc.disable()
    level, token = enter_transform()
    meter = Meter(level)
    try:
        counted = [_counted(arg, meter, i in positions) for i, arg in enumerate(args)]
        others = {key: _counted(value, meter, False) for key, value in kwargs.items()}
        result = action(meter, f, counted, positions, others, *options)
        del result
    finally:
        leave_transform(token)
        if collects:
            gc.enable()
    primitives = {
        key: PrimitiveCount(calls, meter.operations[key], meter.bytes_written[key])
        for key, calls in meter.calls.items()
    }
    return OperationCount(name, mode, primitives, meter.peak, function)


def _counted(arg: Any, meter: Meter, active: bool) -> Any:
    """Make counted numbers of the arrays of an argument; of one that is differentiated, of all its numbers."""
    if active:
        leaves, treedef = flatten(arg)
        return unflatten(treedef, [meter.take(as_input(leaf, "count_operations")) for leaf in leaves])
    return tree_map(
        lambda leaf: meter.take(leaf.copy()) if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc" else leaf,
        arg,
        none_is_leaf=True,
    )


def _ones(meter: Meter, shape: tuple[int, ...], dtype: Any) -> Any:
    return meter.take(np.ones(shape, dtype)[()] if not shape else np.ones(shape, dtype))


def _function(meter: Meter, f: Any, args: Any, positions: Any, kwargs: Any, *_: Any) -> Any:
    return f(*args, **kwargs)


def _one_direction(meter: Meter, f: Any, args: Any, positions: Any, kwargs: Any, *_: Any) -> Any:
    def of_positions(*primals: Any) -> Any:
        places = dict(zip(positions, primals, strict=True))
        return f(*(places.get(i, arg) for i, arg in enumerate(args)), **kwargs)

    primals = tuple(args[position] for position in positions)
    tangents = tuple(tree_map(lambda x: _ones(meter, x.shape, x.dtype), primal) for primal in primals)
    return jvp(of_positions, primals, tangents)


def _one_row(meter: Meter, f: Any, args: Any, positions: Any, kwargs: Any, where: str, *_: Any) -> Any:
    run = Run(f, args, positions, kwargs, where)
    kinds = zip(run.shapes, run.dtypes, strict=True)
    return run.pull_leaves([(i, _ones(meter, shape, dtype)) for i, (shape, dtype) in enumerate(kinds)], None)


def _gradient(meter: Meter, f: Any, args: Any, positions: Any, kwargs: Any, where: str, *_: Any) -> Any:
    run = Run(f, args, positions, kwargs, where)
    if run.shapes != [()]:
        raise ShapeError(f"{where}: a gradient is that of one number; the function returned shapes {run.shapes}.")
    return run.pull_leaves([(0, _ones(meter, (), run.dtypes[0]))], None)


def _by_columns(meter: Meter, f: Any, args: Any, positions: Any, kwargs: Any, where: str, chunk: int | None) -> Any:
    return jacfwd(f, positions, chunk=chunk)(*args, **kwargs)


def _by_rows(meter: Meter, f: Any, args: Any, positions: Any, kwargs: Any, where: str, chunk: int | None) -> Any:
    return jacobians(Run(f, args, positions, kwargs, where), chunk, meter.take)


_RUNS = {
    "function": _function,
    "jvp": _one_direction,
    "vjp": _one_row,
    "gradient": _gradient,
    "forward": _by_columns,
    "reverse": _by_rows,
}
