"""Functions that are run on a tape, and pulled back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from dualnum.boundary import Result, aux_at, refuse_left_over
from dualnum.dispatch import level_of, primal_all
from dualnum.errors import InputError, ShapeError
from dualnum.explaining import explain
from dualnum.inputs import as_input, flatten, unflatten
from dualnum.memory import LARGE, settle_allocator
from dualnum.packing import ACTIVE_TYPES, contains_active, is_active
from dualnum.tape.recording import Recorder
from dualnum.tape.sweeping import sweep_back
from dualnum.tape.tape import adjoints, new_leaf
from dualnum.trees import tree_flatten, tree_map

__all__ = ["Run", "as_parameter", "flatten_active", "gradients", "pulled", "require_scalar", "run_for_number"]


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
            raw, treedef = (flatten_active if fresh else flatten)(args[position])
            self.groups.append((treedef, len(raw)))
            for leaf in raw:
                leaves.append(leaf if fresh else as_parameter(leaf, where, strict))
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
            if value.__class__ in ACTIVE_TYPES:
                refuse_left_over(value)
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


def flatten_active(tree: Any) -> tuple[list[Any], Any]:
    """Active leaves of a tree, and its structure; a list of them is never one array, as a list of numbers is."""
    return ([tree], None) if is_active(tree) else tree_flatten(tree, is_leaf=is_active)


def as_parameter(leaf: Any, where: str, strict: bool) -> Any:
    """Copy an array that is differentiated; with `strict`, integers are refused."""
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


def gradients(run: Run) -> list[Any]:
    """Gradients with respect to the arguments of a run, which is over then."""
    require_scalar(run, "grad")
    bars = run.pull([run.dtypes[0].type(1)], None)
    run.recorder.clear()
    return bars


def pulled(recorder: Recorder, output: Any, back: Callable[..., None]) -> Any:
    """Gradient of the number that has come out, with respect to the only input of a tape, which is over then."""
    nodes = recorder.nodes
    leaf = nodes[0]
    if output is not None:
        adjoints(nodes, [(output, _ONE)], [leaf], None, False, back)
    recorder.clear()
    return _taken(leaf, None)


def run_for_number(f: Callable[[Any], Any], inputs: list[Any], where: str) -> tuple[Recorder, Any, Any, Run | None]:
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
            if y._value is not value:
                refuse_left_over(y._value)
            return recorder, y.node, y._value, None
        return recorder, None, None, Run.after(recorder, y, where)
    except Exception as error:
        recorder.clear()
        explain(error)
        raise
    finally:
        recorder.stop()


def require_scalar(run: Run, what: str) -> None:
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
