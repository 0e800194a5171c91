"""Other libraries, each by the calls its own documentation recommends, and in the mode that needs fewer passes.

An adapter takes a problem and returns a `Contestant`. Every library gets its arguments in its own arrays and may leave
its results in them. The problem's source is the same for all: where a library brings its own array module, this module
takes the place of ``np`` in it. What a library cannot do raises whatever error it has for that.
"""

from __future__ import annotations

import dis
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from timeit import Timer
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import optree

from benchmarks.problems import Problem
from benchmarks.timing import new_timer

__all__ = ["PEERS", "REVERSE_PEERS", "SECOND_ORDER_PEERS", "Contestant", "Peer", "by_operators"]

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Contestant:
    """``timer`` measures the work of getting value and derivative; ``results()`` does it once and returns the two."""

    timer: Timer
    results: Callable[[], Pair]

    @classmethod
    def calling(cls, call: Callable[[], Any], unpack: Callable[[Any], Pair] = tuple) -> Contestant:
        """Make the contestant whose work is one call."""
        return cls(new_timer(call), lambda: unpack(call()))

    @classmethod
    def evaluating(cls, problem: Problem, numbers: list[Any], unpack: Callable[[Any], Pair]) -> Contestant:
        """Make the contestant that overloads operators, given its numbers: the work is the problem's bare statement."""
        scope = {"np": np, **dict(zip("ab", numbers, strict=False))}
        return cls(new_timer(problem.statement, globals=scope), lambda: unpack(problem.function(*numbers)))


@dataclass(frozen=True)
class Peer:
    """A library: the distribution to install, and how to make contestants."""

    distribution: str
    adapt: Callable[[Problem], Contestant]

    @property
    def version(self) -> str | None:
        """The installed version, found without importing the library; None if there is none."""
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return None


def _with_value(function: Callable[..., Any]) -> Callable[..., Pair]:
    """Return the result twice: with ``has_aux``, transforms then give the value beside the Jacobian."""

    def result_twice(*args: Any) -> Pair:
        result = function(*args)
        return result, result

    return result_twice


def _value_last(pair: Pair) -> Pair:
    """Put value and derivative in order where a transform returns the derivative first."""
    return pair[1], pair[0]


def _with_module(function: Any, module: Any) -> Callable[..., Any]:
    """Give the function, and those of ours that it calls, another module under the name np."""
    scope = {**function.__globals__, "np": module}
    for step in dis.get_instructions(function):
        called = scope.get(step.argval) if step.opname == "LOAD_GLOBAL" else None
        if isinstance(called, FunctionType) and called.__module__.startswith("benchmarks."):
            scope[step.argval] = _with_module(called, module)
    return FunctionType(function.__code__, scope, function.__name__)


def _replacing(module: ModuleType, **replacements: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(module), **replacements})


def _autograd(problem: Problem) -> Contestant:
    import autograd
    import autograd.numpy

    function = _with_module(problem.function, autograd.numpy)
    if problem.tangents:
        several = len(problem.primals) > 1
        push = autograd.make_jvp(function, tuple(range(len(problem.primals))) if several else 0)
        tangents = problem.tangents if several else problem.tangents[0]
        return Contestant.calling(lambda: push(*problem.primals)(tangents))
    if problem.outputs == ():
        value_and_grad = autograd.value_and_grad(function)
        return Contestant.calling(lambda: value_and_grad(*problem.primals, *problem.data))
    (x,) = problem.primals

    def of_x(x: Any) -> Any:
        return function(x, *problem.data)

    def columns() -> Pair:
        push = autograd.make_jvp(of_x)(x)
        pairs = [push(direction) for direction in np.eye(x.size)]
        return pairs[0][0], np.stack([column for _, column in pairs], axis=-1)

    def rows() -> Pair:
        pull, value = autograd.make_vjp(of_x)(x)
        return value, np.stack([pull(row) for row in np.eye(value.size)])

    # forward mode runs the function anew for each column, reverse mode once for all rows
    return Contestant.calling(columns if x.size < problem.outputs[0] else rows)


def _jax(problem: Problem, *, jit: bool) -> Contestant:
    if jit and problem.unrolled:
        raise NotImplementedError("compiling the unrolled loop takes many minutes")
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def concatenate(arrays: list[Any], axis: int = 0) -> Any:
        return jnp.concatenate([jnp.asarray(array) for array in arrays], axis)

    function = _with_module(problem.function, _replacing(jnp, concatenate=concatenate))
    primals, tangents, data = _converted(problem, jnp.asarray)
    unpack: Callable[[Any], Pair] = tuple
    if problem.tangents:
        transform, arguments = partial(jax.jvp, function), (primals, tangents)
    elif problem.outputs == ():
        transform, arguments = jax.value_and_grad(function), (*primals, *data)
    else:
        transform, arguments = jax.jacfwd(_with_value(function), has_aux=True), (*primals, *data)
        unpack = _value_last
    transform = jax.jit(transform) if jit else transform
    return Contestant.calling(lambda: jax.block_until_ready(transform(*arguments)), unpack)


def _torch_function(function: Any) -> Callable[..., Any]:
    import torch

    def concatenate(arrays: list[Any], axis: int = 0) -> torch.Tensor:
        return torch.cat([torch.as_tensor(array, dtype=torch.float64) for array in arrays], axis)

    return _with_module(function, _replacing(torch, array=torch.stack, concatenate=concatenate, max=torch.amax))


def _torch_func(problem: Problem) -> Contestant:
    import torch

    function = _torch_function(problem.function)
    primals, tangents, data = _converted(problem, torch.as_tensor)
    if problem.tangents:
        return Contestant.calling(lambda: torch.func.jvp(function, primals, tangents))
    if problem.outputs == ():
        transform = torch.func.grad_and_value(function)
    else:
        transform = torch.func.jacfwd(_with_value(function), has_aux=True)
    return Contestant.calling(lambda: transform(*primals, *data), _value_last)


def _torch(problem: Problem) -> Contestant:
    import torch

    function = _torch_function(problem.function)
    primals, _, data = _converted(problem, torch.as_tensor)
    leaves, structure = optree.tree_flatten(primals)
    for leaf in leaves:
        leaf.requires_grad_()

    def value_and_gradient() -> Pair:
        value = function(*primals, *data)
        return value.detach(), structure.unflatten(torch.autograd.grad(value, leaves))[0]

    return Contestant.calling(value_and_gradient)


def _converted(problem: Problem, convert: Callable[[Any], Any]) -> Any:
    return optree.tree_map(convert, (problem.primals, problem.tangents, problem.data))


def _casadi(problem: Problem) -> Contestant:
    import casadi

    # SX is CasADi's choice for scalar formulas, MX, with one node per array operation, for large ones
    kind = casadi.MX if problem.large else casadi.SX
    symbols = [kind.sym(name, x.size) for name, x in zip("ab", problem.primals, strict=False)]
    seeds = [kind.sym(f"{name}_dot", x.size) for name, x in zip("ab", problem.tangents, strict=False)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # CasADi announces a change of what NumPy functions return
        arguments = symbols if problem.large else [np.array(casadi.vertsplit(symbol)) for symbol in symbols]
        value = problem.function(*arguments, *problem.data)
    value = value if isinstance(value, kind) else casadi.vertcat(*value)
    if seeds:
        derivative = casadi.jtimes(value, casadi.vertcat(*symbols), casadi.vertcat(*seeds))
    else:
        derivative = casadi.densify(casadi.jacobian(value, symbols[0]))
    compiled = casadi.Function("value_and_derivative", [*symbols, *seeds], [value, derivative])
    arguments = [casadi.DM(array) for array in (*problem.primals, *problem.tangents)]
    return Contestant.calling(lambda: compiled(*arguments))


def _num_dual(problem: Problem) -> Contestant:
    import num_dual

    if problem.tangents:
        pairs = zip(problem.primals, problem.tangents, strict=True)
        numbers = [
            np.array([num_dual.Dual64(*xv) for xv in zip(x.tolist(), v.tolist(), strict=True)]) for x, v in pairs
        ]

        def parts(result: Any) -> Pair:
            return [y.value for y in result], [y.first_derivative for y in result]

        return by_operators(problem, numbers, parts)
    x = problem.primals[0].tolist()
    if problem.outputs == ():
        return Contestant.calling(lambda: num_dual.gradient(lambda xs: problem.function(np.array(xs)), x))

    def listed(xs: list[Any]) -> list[Any]:
        return list(problem.function(np.array(xs), *problem.data))

    return Contestant.calling(lambda: num_dual.jacobian(listed, x))


def _dualpy(problem: Problem) -> Contestant:
    import dualpy
    from dualpy.core import DualArray

    if problem.tangents:
        numbers = [DualArray(x, v) for x, v in zip(problem.primals, problem.tangents, strict=True)]
        return by_operators(problem, numbers, lambda result: (result.primal, result.tangent))
    transform = (dualpy.gradient if problem.outputs == () else dualpy.jacobian)(problem.function)
    warnings.filterwarnings("ignore", "Function returned a plain NumPy object array")
    arguments = (*problem.primals, *problem.data)
    return Contestant.calling(lambda: (problem.function(*arguments), transform(*arguments)))


def by_operators(problem: Problem, numbers: list[Any], unpack: Callable[[Any], Pair]) -> Contestant:
    """Make the contestant that gets its own numbers for one direction; making these is not in the time."""
    if problem.statement is not None:
        return Contestant.evaluating(problem, numbers, unpack)
    return Contestant.calling(partial(problem.function, *numbers), unpack)


PEERS = {
    "autograd": Peer("autograd", _autograd),
    "JAX jit": Peer("jax", partial(_jax, jit=True)),
    "JAX": Peer("jax", partial(_jax, jit=False)),
    "torch.func": Peer("torch", _torch_func),
    "CasADi": Peer("casadi", _casadi),
    "num-dual": Peer("num-dual", _num_dual),
    "dualpy": Peer("dualpy", _dualpy),
}

# Those that go backward; torch by its own tape, which costs less than the transforms that trace functions.
REVERSE_PEERS = {name: PEERS[name] for name in ("autograd", "JAX jit")} | {"torch": Peer("torch", _torch)}


# Second order: the Hessian, or with a tangent its product with a vector. Results are these alone, without the value.


def _autograd_second(problem: Problem) -> Contestant:
    import autograd
    import autograd.numpy

    function = _with_module(problem.function, autograd.numpy)
    if problem.tangents:
        product = autograd.hessian_vector_product(function)
        return Contestant.calling(partial(product, *problem.primals, *problem.tangents), np.asarray)
    return Contestant.calling(partial(autograd.hessian(function), *problem.primals, *problem.data), np.asarray)


def _jax_second(problem: Problem) -> Contestant:
    import jax

    jax.config.update("jax_enable_x64", True)
    function = _with_module(problem.function, jax.numpy)
    primals, tangents, data = _converted(problem, jax.numpy.asarray)

    def product(x: Any, v: Any) -> Any:
        return jax.jvp(jax.grad(function), (x,), (v,))[1]

    transform = jax.jit(product if tangents else jax.hessian(function))
    return Contestant.calling(lambda: jax.block_until_ready(transform(*primals, *tangents, *data)), np.asarray)


def _torch_second(problem: Problem) -> Contestant:
    import torch

    function = _torch_function(problem.function)
    primals, tangents, data = _converted(problem, torch.as_tensor)
    if tangents:
        gradient = torch.func.grad(function)
        return Contestant.calling(lambda: torch.func.jvp(gradient, primals, tangents)[1], np.asarray)
    return Contestant.calling(lambda: torch.func.hessian(function)(*primals, *data), np.asarray)


def _num_dual_second(problem: Problem) -> Contestant:
    import num_dual

    if problem.tangents:
        raise NotImplementedError("num-dual has no product with a vector")
    x = problem.primals[0].tolist()
    return Contestant.calling(
        lambda: num_dual.hessian(lambda xs: problem.function(np.array(xs), *problem.data), x)[2], np.asarray
    )


SECOND_ORDER_PEERS = {
    "autograd": Peer("autograd", _autograd_second),
    "JAX jit": Peer("jax", _jax_second),
    "torch.func": Peer("torch", _torch_second),
    "num-dual": Peer("num-dual", _num_dual_second),
}
