"""Checkpoints: what is computed between them is not stored for the way back, but computed again there.

A part of a program is run on plain values, as if nothing were to be differentiated, and becomes one instruction of the
tape, which has saved its inputs alone. On the way back it is run again on a tape of its own, and that is swept.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial, wraps
from itertools import dropwhile, takewhile
from typing import Any

import numpy as np

from dualnum.digests import digest, refuse_changed, shape_and_dtype
from dualnum.dispatch import ActiveArray, strip
from dualnum.errors import InputError, MutationError, ShapeError
from dualnum.inputs import describe_function
from dualnum.packing import ACTIVE_TYPES
from dualnum.recomputing import (
    GENERATORS,
    apart,
    as_number,
    copies,
    generator_copied,
    hand_over_adjoint,
    highest,
    kept,
    packed,
    pull_again,
    recorded,
    refuse_captured,
    same_errors,
)
from dualnum.tape.nodes import Node, Sweep
from dualnum.tape.plans import Plan
from dualnum.tape.schedule import Action, schedule
from dualnum.tape.variable import Variable
from dualnum.trees import tree_flatten, tree_unflatten

__all__ = ["checkpoint", "checkpoint_scan"]


class _CheckpointPlan(Plan):
    """A function that is run again on the way back; ``saved`` are the leaves of its arguments."""

    def __init__(self, call: Callable[[list[Any]], Any], active: Sequence[int], where: str) -> None:
        self.name = where
        self.call = call
        self.active = active
        self.errors = same_errors()
        self.treedef: Any = None
        self.digest: list[tuple[complex, ...]] = []

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Run the function again, on variables, and hand over what comes back."""

        def call(leaves: list[Any]) -> list[Any]:
            outs, treedef = self.call(leaves)
            found = [shape_and_dtype(out) for out in outs]
            if treedef != self.treedef or found != list(zip(node.shape, node.dtype, strict=True)):
                raise ShapeError(
                    f"{self.name}: when run again on the way back, the function gave results of another structure, shape or "
                    "dtype than before. It must give the same whenever it is run with the same arguments; pass random "
                    "numbers, and what else changes, as arguments."
                )
            refuse_changed(self.digest, outs, self.name)
            return outs

        values = [generator_copied(leaf) for leaf in copies(node.saved)]
        with np.errstate(**self.errors):
            inputs = pull_again(call, values, self.active, out_bar, sweep.k)
        for parent, leaf in zip(node.parents, inputs, strict=True):
            hand_over_adjoint(leaf, parent, sweep)


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function store nothing but its arguments for reverse mode, and compute the rest again on the way back.

    Memory is bought with time: what happens inside of `f` takes none until the way back, but is computed twice.

    Parameters
    ----------
    f : callable
        Function of numbers, arrays and trees (lists, tuples, dicts, ...) of them, as positional or keyword arguments; it
        returns the like. It must give the same results whenever it is run with the same arguments, and may only use
        variables that are among these.

    Returns
    -------
    callable
        Computes the same as `f`. It gives `f` copies of its arguments, and no two arrays of the result share memory.

    Raises
    ------
    InputError
        In reverse mode: `f` has used a variable that is not among its arguments, or has returned something else than
        numbers and arrays. On the way back: it has given other results than before.
    ShapeError
        On the way back: `f` has not given results of the same structure, shapes and dtypes again.

    Notes
    -----
    A NumPy random generator that is an argument gives the same numbers again on the way back; one that is captured, or
    `numpy.random.seed`, does not, nor does what else is captured and changes meanwhile: a loop variable above all. Sums over
    the results tell, and raise. Values that `f` stores elsewhere (in a list outside, an attribute) are constants in
    reverse mode: return them instead.

    In forward mode nothing has to be stored, and `f` is just called. Where reverse mode is nested in reverse mode,
    the outer one stores everything; take forward over reverse for second derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import checkpoint, grad
    >>> block = checkpoint(lambda x: np.sin(np.exp(x)) ** 2)
    >>> x = np.array([0.0, 0.5])
    >>> np.array_equal(grad(lambda x: np.sum(block(x)))(x), grad(lambda x: np.sum(np.sin(np.exp(x)) ** 2))(x))
    True
    """
    where = f"checkpoint({describe_function(f)})"

    @wraps(f, updated=())
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        tree: Any = (args, kwargs)
        leaves, arguments = tree_flatten(tree)
        leaves = packed(leaves)

        def call(leaves: list[Any]) -> tuple[list[Any], Any]:
            args, kwargs = tree_unflatten(arguments, leaves)
            outs, treedef = tree_flatten(f(*args, **kwargs))
            return [as_number(out, where) for out in outs], treedef

        top, level = highest(leaves)
        if top is None:
            tree = tree_unflatten(arguments, copies(leaves))
            outs, treedef = tree_flatten(f(*tree[0], **tree[1]))
            outs = packed(outs)
            refuse_captured(outs, level + 1, Variable, where)
            return tree_unflatten(treedef, apart(outs))
        nodes = [top._node_of(leaf) for leaf in leaves]
        active = [i for i, node in enumerate(nodes) if node is not None]
        plan = _CheckpointPlan(call, active, where)
        saved = [kept(leaf, top) for leaf in leaves]
        outs, plan.treedef = call(copies([strip(leaf, level) for leaf in leaves]))
        refuse_captured(outs, level, ActiveArray, where)
        plan.digest = digest(outs)
        return tree_unflatten(plan.treedef, recorded(top, plan, [nodes[i] for i in active], saved, apart(outs)))

    return checkpointed


def _locked(leaf: Any) -> Any:
    """Give an argument to a step, which must find it the same each time: an array for reading only, or a copy."""
    if isinstance(leaf, np.ndarray) and leaf.flags.writeable:
        leaf = leaf.view()
        leaf.flags.writeable = False
        return leaf
    return leaf.copy(order="K") if leaf.__class__ in ACTIVE_TYPES else leaf


def _is_forward(action: Action) -> bool:
    return action.kind != "reverse"


class _ScanPlan(Plan):
    """A step that is taken many times.

    ``saved`` is ``(constants, snapshots, state)``: the leaves of `args`; the states before some steps, among them the
    first; and that before the last step, from where the way back begins. That consumes the states but the first; if there
    is another way back, they are made again.
    """

    def __init__(
        self, step: Callable[[int, list[Any]], Any], state: Sequence[Any], treedef: Any, n: int, memory: int, where: str
    ) -> None:  # fmt: skip
        self.name = where
        self.step = step
        self.treedef = treedef
        self.signature = [shape_and_dtype(leaf) for leaf in state]
        self.n = n
        self.memory = memory
        self.too_high: tuple[int, type] = 0, Variable
        self.active: list[int] = []
        self.errors = same_errors()
        self.digest: list[tuple[complex, ...]] = []

    def take(self, leaves: list[Any], i: int) -> list[Any]:
        """Take step i, from the leaves of a state and of `args` to those of the next state."""
        outs, treedef = tree_flatten(self.step(i, leaves))
        if treedef != self.treedef:
            raise ShapeError(
                f"{self.name}: a step must keep the structure of the state, {self.treedef}; got {treedef}."
            )
        outs = [as_number(out, self.name) for out in outs]
        found = [shape_and_dtype(out) for out in outs]
        if found != self.signature:
            raise ShapeError(
                f"{self.name}: a step must keep the shapes and dtypes of the state, {_listed(self.signature)}; got "
                f"{_listed(found)}. Begin with a state of the kind that a step gives."
            )
        return outs

    def again(self, leaves: list[Any], i: int) -> list[Any]:
        """Take step i once more; what it gives must be the same, which is looked at for the last of all."""
        outs = self.take(leaves, i)
        if i == self.n - 1:
            refuse_changed(self.digest, outs, self.name)
        return outs

    def advance(self, state: list[Any], constants: Sequence[Any], start: int, stop: int) -> list[Any]:
        """Take steps without a tape; they may overwrite the state."""
        for i in range(start, stop):
            try:
                state = self.take([*state, *map(_locked, constants)], i)
            except ValueError as error:
                if "read-only" not in str(error):
                    raise
                raise MutationError(
                    f"{self.name}: {error}. A step must not update its args in place: update a copy, or make them parts of "
                    "the state."
                ) from error
            refuse_captured(state, *self.too_high, self.name)
            state = apart(state)
        return state

    def act(self, action: Action, state: list[Any], constants: Sequence[Any], snapshots: dict[int, Any]) -> list[Any]:
        """Do what the schedule says, but for reversing."""
        kind, at, to = action
        if kind == "advance":
            return self.advance(state, constants, at, to)
        if kind == "store":
            snapshots[at] = copies(state)
            return state
        return copies(snapshots.pop(at) if kind == "take" and at else snapshots[at])

    def forward(self, first: list[Any], constants: Sequence[Any]) -> tuple[dict[int, Any], list[Any]]:
        """Give snapshots, and the state before the last step."""
        snapshots = {0: first}
        state = copies(first)
        for action in takewhile(_is_forward, schedule(self.n, self.memory)):
            if action != ("store", 0, -1):
                state = self.act(action, state, constants, snapshots)
        return snapshots, state

    def pull(self, node: Node, out_bar: Any, sweep: Sweep) -> None:
        """Reverse the steps, the last one first."""
        constants, snapshots, state = node.saved
        count = len(self.signature)
        bars = out_bar
        with np.errstate(**self.errors):
            if state is None:
                snapshots, state = self.forward(snapshots[0], constants)
            node.saved = constants, {0: snapshots[0]}, None
            for action in dropwhile(_is_forward, schedule(self.n, self.memory)):
                if action.kind != "reverse":
                    state = self.act(action, state, constants, snapshots)
                    continue
                values = [*state, *map(_locked, constants)]
                inputs = pull_again(partial(self.again, i=action.at), values, self.active, bars, sweep.k)
                bars = [None] * count
                for i, leaf in zip(self.active, inputs, strict=True):
                    if i < count:
                        bars[i] = leaf.adjoint
                    else:
                        hand_over_adjoint(leaf, node.parents[i], sweep)
        for parent, bar in zip(node.parents, bars, strict=False):
            if parent is not None and bar is not None:
                parent.receive(bar, sweep)


def _listed(signature: Sequence[tuple[tuple[int, ...], np.dtype]]) -> str:
    return ", ".join(f"{dtype}{list(shape)}" for shape, dtype in signature)


def _count(x: Any, least: int, name: str) -> int:
    count = operator.index(x)
    if count < least:
        raise ValueError(f"{name} must be at least {least}, got {x}")
    return count


def checkpoint_scan(
    step: Callable[..., Any], state: Any, n_steps: int, *, memory: int = 10, args: Sequence[Any] = (), index: bool = False
) -> Any:  # fmt: skip
    """Take a step many times, and keep only some of the states for reverse mode.

    Computes ``for i in range(n_steps): state = step(state, *args)``. A tape of all steps would take memory for each of
    them. Here only `memory` states are kept at any time, and those between are computed again on the way back, as seldom as
    possible: with the default, every step of 1,000 is taken less than four times more than without.

    Parameters
    ----------
    step : callable
        ``step(state, *args)``, or ``step(i, state, *args)`` with `index`, gives the next state. It may overwrite the state,
        but not `args`, and may only use variables that are among these. It must give the same whenever it is run with
        the same arguments.
    state : array_like or tree of them
        The first state. A step must keep the structure, shapes and dtypes.
    n_steps : int
        How many steps to take.
    memory : int
        How many states to keep, at least 1.
    args : tuple or list
        Further arguments of `step`, the same in all steps: numbers, arrays, trees, or anything else.
    index : bool
        Whether `step` is given the number of the step, counted from 0, as its first argument.

    Returns
    -------
    The last state. Derivatives flow to `state` and to `args`.

    Raises
    ------
    ShapeError
        A step has not kept the structure, shapes and dtypes of the state.
    MutationError
        A step has updated one of `args` in place.
    InputError
        The state does not consist of numbers; `args` hold a random number generator; or, in reverse mode, `step` has used
        a variable that it was not given, or the last step has given another state on the way back than before.
    ValueError
        `n_steps` is negative, or `memory` is not positive.

    Notes
    -----
    The schedule is the binomial one, which is the best there is [1]_: if ``binomial(memory + r, memory) >= n_steps`` and r
    is the least such number, then ``r * n_steps - binomial(memory + r, r - 1)`` steps are computed on plain values, one
    more for the result, and `n_steps` on a tape that holds a single step.

    References
    ----------
    .. [1] A. Griewank and A. Walther, "Algorithm 799: revolve: an implementation of checkpointing for the reverse or adjoint
       mode of computational differentiation", ACM Trans. Math. Softw. 26 (2000), 19-45.

    Examples
    --------
    The heat equation on a rod whose ends are kept at 0, and the derivative of the warmth of its first half:

    >>> import numpy as np
    >>> from dualnum import checkpoint_scan, grad
    >>> def step(u, c):
    ...     v = np.zeros_like(u)
    ...     v[1:-1] = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2])
    ...     return v
    >>> def warmth(u, c):
    ...     return np.sum(checkpoint_scan(step, u, 100, memory=5, args=(c,))[:5])
    >>> u = np.sin(np.linspace(0, np.pi, 11))
    >>> u_bar, c_bar = grad(warmth, argnums=(0, 1))(u, 0.1)
    >>> float(c_bar)  # it cools
    -9.82...
    """
    where = f"checkpoint_scan({describe_function(step)})"
    n_steps = _count(n_steps, 0, "n_steps")
    memory = _count(memory, 1, "memory")
    if not isinstance(args, (tuple, list)):
        raise InputError(f"{where}: args must be a tuple or a list; write args=(x,) for one.")
    leaves, treedef = tree_flatten(state)
    leaves = [as_number(leaf, where) for leaf in leaves]
    tree: Any = tuple(args)
    constants, arguments = tree_flatten(tree)
    constants = packed(constants)
    if any(isinstance(leaf, GENERATORS) for leaf in constants):
        raise InputError(
            f"{where}: args hold a random number generator, which would give other numbers when steps are taken again. Make "
            "one in each step: np.random.default_rng([seed, i]), with index=True."
        )
    count = len(leaves)

    def take(i: int, leaves: list[Any]) -> Any:
        state = tree_unflatten(treedef, leaves[:count])
        args = tree_unflatten(arguments, leaves[count:])
        return step(i, state, *args) if index else step(state, *args)

    plan = _ScanPlan(take, leaves, treedef, n_steps, memory, where)
    top, level = highest([*leaves, *constants])
    plan.too_high = (level + 1, Variable) if top is None else (level, ActiveArray)
    if top is None or not n_steps:
        return tree_unflatten(treedef, plan.advance(copies(leaves), constants, 0, n_steps))
    nodes = [top._node_of(leaf) for leaf in [*leaves, *constants]]
    plan.active = [i for i, (_, dtype) in enumerate(plan.signature) if dtype.kind in "fc"]
    plan.active += [i for i, node in enumerate(nodes) if i >= count and node is not None]
    saved = [kept(leaf, top) for leaf in constants]
    snapshots, last = plan.forward([kept(leaf, top) for leaf in leaves], saved)
    outs = plan.advance(copies(last), saved, n_steps - 1, n_steps)
    plan.digest = digest(outs)
    return tree_unflatten(treedef, recorded(top, plan, nodes, (saved, snapshots, last), outs))
