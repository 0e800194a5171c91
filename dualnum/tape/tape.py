"""The tape, as the textbook has it: a list of instructions that is written forward and traversed back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum import floating
from dualnum.dispatch import ActiveArray
from dualnum.errors import InputError, ShapeError
from dualnum.inputs import as_input
from dualnum.packing import ACTIVE_TYPES
from dualnum.pictures import Path
from dualnum.tape import drawing
from dualnum.tape.listing import Instruction, instructions_of, listing
from dualnum.tape.nodes import Node, Sweep, new_node
from dualnum.tape.recording import Recorder
from dualnum.tape.rows import make_variable
from dualnum.tape.sweeping import sweep_back
from dualnum.tape.variable import Variable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Tape", "adjoints", "count_seeds", "new_leaf"]


_ONE_ROW = Sweep(None, careful=False)


def new_leaf(x: Any, recorder: Recorder) -> Any:
    """Make a variable that is not computed from others; `x` is not copied."""
    node = new_node(None, (), None, *recorder.form(x))
    recorder.nodes.append(node)
    return make_variable(x, recorder, node)


def _is_nan(bar: Any) -> bool:
    if bar.__class__ is np.ndarray and bar.size and bar.dtype.char in "fd":
        # Of more elements, BLAS hands out parts to threads: to wake them may take longer than the sum.
        if bar.size < 8192 and (bar.ndim == 1 or bar.flags.c_contiguous):
            flat = bar if bar.ndim == 1 else bar.reshape(-1)
            square = flat.dot(flat)  # nan if one of them is, and faster than to ask each
            return bool(square != square)
        largest = np.maximum.reduce(bar, None)  # nan if one of them is, without an array of answers
        return bool(largest != largest)
    if bar.__class__ in ACTIVE_TYPES:
        return any(map(_is_nan, bar._parts()))
    return bool(np.isnan(bar).any())


def adjoints(
    nodes: list[Node], outputs: list[tuple[Node, Any]], leaves: list[Node], k: int | None, keep: bool,
    back: Callable[..., None] = sweep_back,
) -> None:  # fmt: skip
    """Sweep back; where a nan has come out, again with care, for it may be of 0 * inf."""
    token = floating.use(floating.SILENT)
    try:
        back(nodes, outputs, _ONE_ROW if k is None and not keep else Sweep(k, False, keep))
        for node in nodes if keep else leaves:
            bar = node.adjoint
            if bar is not None and bar.__class__ is not list and _is_nan(bar):
                forget(nodes)
                back(nodes, outputs, Sweep(k, True, keep))
                break
    except BaseException:
        forget(nodes)
        raise
    finally:
        floating.restore(token)


def forget(nodes: list[Node]) -> None:
    """Drop all adjoints."""
    for node in nodes:
        node.adjoint, node.owned = None, False


class Tape(Recorder):
    """A tape, for explicit use: what is computed from its variables is recorded, and traversed back for their adjoints.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import Tape
    >>> with Tape() as tape:
    ...     x = tape.variable([1.0, 2.0])
    ...     u = x**2
    ...     y = np.sum(np.sin(u))
    >>> tape.backward(y)
    >>> u.adjoint  # the cosine of u
    array([ 0.54030231, -0.65364362])
    >>> x.adjoint
    array([ 1.08060461, -2.61457448])
    """

    def __init__(self) -> None:
        # The instructions are there to be looked at, so none is dropped.
        super().__init__(purges=False)
        self._names: dict[str, int] = {}
        # By identity, which holds as long as they are kept here.
        self._independent: dict[int, tuple[Any, Node]] = {}
        self._rows: int | None = None
        self._swept = False
        self._freed = False

    def __enter__(self) -> Tape:
        if self._tokens is not None or self.nodes:
            raise InputError("A tape is written once: make a new Tape() for each run.")
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def variable(self, value: Any, *, name: str | None = None) -> Any:
        """Make an independent variable.

        Parameters
        ----------
        value : array_like
            A copy is made; integers become float64. May itself be active, at an outer level. Where it is updated in place
            later on, it has no adjoint (`InputError`): update a copy.
        name : str, optional
            What listings and pictures of the tape call it; by default x1, x2, ...

        Raises
        ------
        InputError
            The tape is not being recorded, or the value is not numeric, or another variable has that name.
        """
        if self._tokens is None:
            raise InputError("Tape.variable(...): make variables inside of the `with Tape() as tape:` block.")
        x = as_input(value, "Tape.variable")
        if name is not None:
            if not isinstance(name, str) or not name.isprintable() or not name.strip() or name in self._names:
                raise InputError(
                    f"Tape.variable: the name must be a line of text that no other variable has; got {name!r}."
                )
            self._names[name] = len(self.nodes)
        made = new_leaf(x, self)
        self._independent[id(made)] = made, made.node
        return made

    def backward(self, y: Any, seed: Any = None, *, retain: bool = False) -> None:
        """Traverse the tape back from one or several outputs; then each variable has its `adjoint`.

        Parameters
        ----------
        y : Variable, or list or tuple of them
            The outputs.
        seed : array_like, or list or tuple of them, optional
            Cotangent of each output, of its shape; or K of them along a leading axis. By default 1, for scalars.
        retain : bool
            Keep what was saved, so that the tape can be traversed again.

        Raises
        ------
        ShapeError
            A seed has another shape, or is missing for an output that is no scalar.
        InputError
            An output is no variable of this tape, or the tape was traversed before without `retain`.
        """
        if self._freed:
            raise InputError(
                "Tape.backward: the tape was traversed before, and has let go of what it had saved. Say "
                "tape.backward(y, retain=True) in all calls but the last, or give several outputs or seeds at once."
            )
        ys = y if isinstance(y, (list, tuple)) else [y]
        seeds = seed if isinstance(y, (list, tuple)) and seed is not None else [seed] * len(ys)
        if len(seeds) != len(ys):
            raise ShapeError(f"Tape.backward: {len(ys)} outputs and {len(seeds)} seeds; give one for each.")
        checked = [self._seed(out, bar) for out, bar in zip(ys, seeds, strict=True)]
        ks = {k for _, _, k in checked}
        if len(ks) > 1:
            raise ShapeError(f"Tape.backward: all seeds must have the same number of rows; got {ks}.")
        forget(self.nodes)
        self._rows = ks.pop() if ks else None
        outputs = [(node, bar) for node, bar, _ in checked if node is not None]
        leaves = [node for node in self.nodes if node.plan is None]
        adjoints(self.nodes, outputs, leaves, self._rows, keep=True)
        self._swept = True
        if not retain:
            self._freed = True
            for node in self.nodes:
                node.saved = None

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """What was recorded, in the order of computation; ``print(tape)`` lists it."""
        return instructions_of(self.nodes, self._names)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Instruction]:
        return iter(self.instructions)

    def __repr__(self) -> str:
        return listing(self.instructions)

    def to_dot(self) -> str:
        """Write the graph of the tape in the DOT language, for graphviz and its like.

        Nodes are variables, edges run from arguments to results. Inputs have sharp corners and are blue; outputs, from
        which nothing is computed, have bold borders and are orange.
        """
        return drawing.to_dot(self.instructions)

    def _repr_svg_(self) -> str:
        return drawing.to_svg(self.instructions)

    def plot(self, path: Path = None, ax: Axes | None = None) -> Axes:
        """Draw the graph of the tape, as notebooks show it; of a long tape, the first 200 instructions.

        Parameters
        ----------
        path : path-like, optional
            File to write the picture to.
        ax : matplotlib.axes.Axes, optional
            Axes to draw in; by default new ones, of the size of the graph.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        return drawing.plot(self.instructions, path, ax)

    def _seed(self, y: Any, seed: Any) -> tuple[Node | None, Any, int | None]:
        """Node, cotangent and number of rows of an output."""
        if not isinstance(y, Variable) or y._tape is not self:
            raise InputError(
                f"Tape.backward: got {type(y).__name__}, which is no variable of this tape; it does not depend on its "
                "variables, or was computed on another tape."
            )
        shape, dtype = y.shape, y.dtype
        if seed is None:
            if shape:
                raise ShapeError(
                    f"Tape.backward: the output has shape {shape}; give a seed of that shape (the weights of its elements), "
                    "or several along a leading axis."
                )
            seed = dtype.type(1)
        seed = as_input(seed, "Tape.backward")
        if seed.dtype.kind == "c" and dtype.kind != "c":
            raise InputError("Tape.backward: a complex seed needs a complex output.")
        k = count_seeds(seed, shape, "Tape.backward")
        return y.node, seed.astype(dtype) if seed.dtype != dtype else seed, k

    def adjoint_of(self, variable: Variable) -> Any:
        """Adjoint of a variable, zeros if the outputs do not depend on it."""
        if not self._swept:
            raise InputError("x.adjoint: call tape.backward(y) first.")
        node = variable.node
        _, first = self._independent.get(id(variable), (None, node))
        if node is not first:
            raise InputError(
                "x.adjoint: x was updated in place after tape.variable had made it, so this would be the derivative with "
                "respect to what it holds now. Update a copy: y = x.copy(), or f(x.copy())."
            )
        if node is None or node.adjoint is None:
            rows = self._rows
            return np.zeros(variable.shape if rows is None else (rows, *variable.shape), variable.dtype)[()]
        adjoint = node.adjoint
        if isinstance(adjoint, np.ndarray) and not adjoint.ndim:
            return adjoint[()]
        return adjoint.copy() if isinstance(adjoint, (np.ndarray, ActiveArray)) else adjoint


def count_seeds(seed: Any, shape: tuple[int, ...], where: str) -> int | None:
    """Number of rows of cotangents, None for one without a leading axis."""
    if seed.shape == shape:
        return None
    if seed.ndim == len(shape) + 1 and seed.shape[1:] == shape:
        return seed.shape[0]
    raise ShapeError(
        f"{where}: the cotangent has shape {seed.shape}, the output {shape}; the cotangent must have the same shape, or "
        "(K,) + that shape for K rows."
    )
