"""Histories: memory that is overwritten after it was used, views of views, what is dropped, derivatives taken inside.

They are hard for a tape, which has to remember values as they were.
"""

from __future__ import annotations

import numpy as np

from tests.fuzz.programs import Rejected, Writer, literal
from tests.fuzz.steps.arrays import index
from tests.fuzz.steps.registry import step
from tests.fuzz.steps.updates import stored

#: Functions that keep their argument, their result, or something else for the way back; of values from -0.9 to 0.9.
USES = """np.exp({x})|np.sin({x})|{x} * {x}|{x} * {y}|{y} / (2 + {x})|{x} ** 2|np.max({x} + {order})|np.sort({x} + {order})
np.cumprod({x})|np.prod({x} + 2)|np.std({x} + {order})|np.linalg.norm({x} + 2)|np.tanh({x}).sum() * {x}|np.dot({x}, {y})
np.inner({x}, {y})|np.outer({x}, {y})|np.einsum('i,i->i', {x}, {y})|np.where({x} > {level}, {x} * {y}, {y})|np.hypot({x} + 2, {y})
np.linalg.inv(np.outer({x}, {x}) + np.diag({x} + 3))|np.linalg.solve(np.outer({x}, {x}) + np.diag({x} + 3), {y})
np.convolve({x}, {y})|np.interp({x}, [-2.0, 2.0], [0.5, 1.5])|np.median({x} + {order})|np.quantile({x} + {order}, 0.3)
np.multiply.outer({x}, {y})|np.multiply.reduce({x} + 2)|np.polyval({x}, {y})|np.maximum({x}, {y} + 2)|np.var({x})
np.linalg.multi_dot([{x}, np.diag({y} + 2), {y}])|np.clip({x}, -2.0, {y} + 2)|np.arctan2({x} + 2, {y})|np.fft.fft({x}).real
np.linalg.eigvalsh(np.diag({order}) + 0.05 * np.outer({x}, {x}))|np.apply_along_axis(lambda v: v * v * {y}, 0, {x})
np.select([{x} > {level}], [{x} * {y}], {x})|np.piecewise({x}, [{x} > {level}], [lambda v: v * v, lambda v: 2 * v])"""


def vector(w: Writer, n: int | None = None) -> str:
    """A new active vector of small numbers, of which no two are close."""
    x = w.spread(w.operand("f", least=1)) if n is None else w.operand_of((n,), "f")
    (name,) = w.assign(f"0.5 * np.tanh(np.ravel({x})) + {literal(np.linspace(-0.3, 0.3, n or np.size(w.value(x))))}")
    if not w.scope[name].size or not isinstance(w.scope[name], np.ndarray):
        raise Rejected
    return name


def overwrite(w: Writer, x: str) -> None:
    """Update an array, or a part of it, so that values stay small."""
    shape = w.scope[x].shape
    value = stored(w, shape, "f") if x in w.active else literal(w.numbers(shape, "float64", -0.9, 0.9))
    i = index(w, w.scope[x])
    w.statement(
        w.pick(
            [f"{x} *= 0.5", f"{x} += 0.25", f"{x}[...] = np.tanh({value})", f"{x}[{i}] = 0.125", f"{x}[{i}] *= -0.5"]
            + [f"np.negative({x}, out={x})", f"{x}.fill(0.3)", f"{x}.sort()", f"np.add({x}, 0.1, {x})"]
        )
    )


@step(4)
def used_then_overwritten(w: Writer) -> None:
    """What a function has looked at, or has given, is overwritten, and used again."""
    x = vector(w)
    n = w.scope[x].size
    y = vector(w, n) if w.chance(60) else w.assign(literal(w.numbers((n,), "float64", -0.9, 0.9)))[0]
    order = literal(np.arange(n) * 3.0)
    form = w.pick(USES.replace("\n", "|").split("|")).format(x=x, y=y, order=order, level=w.threshold(w.scope[x]))
    (out,) = w.assign(form)
    for name in (x, y, out):
        if isinstance(w.scope[name], np.ndarray) and w.scope[name].ndim and w.chance(60):
            overwrite(w, name)
    w.assign(f"{x} * {y} + np.sum({out})")


@step(3)
def workspace(w: Writer) -> None:
    """Plain arrays of numbers, of places and of choices, that are used, overwritten and used again."""
    x = vector(w)
    n = w.scope[x].size
    (numbers,) = w.assign(literal(w.numbers((n,), "float64", -1.5, 1.5)))
    (places,) = w.assign(literal(w.rng().integers(0, n, n)))
    (choice,) = w.assign(literal(w.rng().random(n) < 0.5))
    uses = [
        f"{x} * {numbers}", f"{x}[{places}]", f"np.where({choice}, {x}, {numbers})", f"np.take({x}, {places})", f"{x}[{choice}]",
        f"np.dot({x}, {numbers})", f"np.choose({choice}, [{x}, {numbers}])", f"np.select([{choice}], [{x}], 0.5)",
        f"np.interp({x}, np.sort({numbers}) + np.arange({n}), {numbers})", f"np.sum({x}, where={choice})",
        f"np.bincount({places}, {x}, {n})", f"np.average({x}, weights={numbers} + 3)", f"np.einsum('i,i', {numbers}, {x})",
        f"np.linalg.multi_dot([{numbers}, np.outer({x}, {x}), {numbers}])", f"np.broadcast_arrays({x}, {numbers})[1] * {x}",
        f"np.take_along_axis({x}, {places}, 0)", f"{x} ** {places}", f"np.multiply({x}, {numbers}, where={choice}, out={x} + 1)",
        f"np.apply_along_axis(lambda v: v * v * {numbers}, 0, {x})", f"np.compress({choice}, {x})", f"np.polyval({numbers}, {x})",
        f"np.piecewise({x}, [{choice}], [lambda v: v * v, 0.5])", f"np.convolve({x}, {numbers})", f"np.copysign({x}, {numbers})",
    ]  # fmt: skip
    updates = [
        f"{x}[{places}] = {numbers} * {x}", f"np.add.at({x}, {places}, {numbers} * {x})", f"{x}[{choice}] = 0.25 * {x}[{choice}]",
        f"np.put({x}, {places}, {numbers} * {x})", f"np.copyto({x}, {numbers} * {x}, where={choice})",
        f"np.multiply({x}, {numbers}, out={x})", f"{x} *= {numbers}", f"np.multiply.at({x}, {places}, {numbers})",
        f"np.put_along_axis({x}, {places}, {numbers} * {x}, 0)", f"{x}[{places}] *= 0.5", f"{x}.flat[{places}] = {numbers} * {x}",
    ]  # fmt: skip
    changes = [f"{numbers} *= -0.5", f"{numbers}[0] = 0.75", f"{places}[:] = {places}[::-1].copy()", f"{places}[:] = 0"]
    changes += [f"{choice}[:] = ~{choice}", f"np.logical_not({choice}, out={choice})", f"{numbers}.fill(1.5)"]
    for _ in range(w.pick([1, 2, 3])):
        if w.chance(60):
            w.assign(w.pick(uses))
        else:
            w.statement(w.pick(updates))
        w.statement(w.pick(changes))
    w.assign(w.pick(uses))


@step(4)
def views_of_views(w: Writer) -> None:
    """Views of views, each updated at times, and read at others."""
    x = vector(w) if w.chance(50) else w.operand("f", least=1)
    if not isinstance(w.value(x), np.ndarray) or not w.value(x).size:
        raise Rejected
    (x,) = w.assign(f"np.copy({x})")
    names = [x]
    for _ in range(w.pick([1, 2, 2, 3])):
        v = w.pick(names)
        a = w.scope[v]
        forms = [
            f"{v}[...]",
            f"{v}[::-1]",
            f"{v}[None]",
            f"{v}.T",
            f"{v}.reshape(-1)",
            f"np.ravel({v})",
            f"np.squeeze({v})",
        ]
        forms += [
            f"{v}[1:]",
            f"{v}[..., ::2]",
            f"np.flip({v})",
            f"np.atleast_2d({v})",
            f"{v}[:2]",
            f"np.expand_dims({v}, 1)",
        ]
        forms += [
            f"{v}[{index(w, a)}]",
            f"np.split({v}, 1)[0]",
            f"np.real({v})",
            f"np.broadcast_to({v}, (2, *{a.shape}))",
        ]
        forms += [f"sliding_window_view({v}, 1, axis=0)", f"np.swapaxes({v}, 0, -1)", f"np.moveaxis({v}, 0, -1)"]
        if isinstance(a, np.ndarray):
            names += w.assign(w.pick(forms if a.ndim else forms[:7]))
    for _ in range(w.pick([2, 3, 4])):
        v = w.pick(names)
        a = w.scope[v]
        other = w.pick(names)
        if isinstance(a, np.ndarray) and a.size and a.flags.writeable and w.chance(75):
            shape = a.shape
            value = f"np.sin({w.operand_of(shape, 'f')})"
            w.statement(
                w.pick([f"{v} *= 0.5", f"{v}[...] = {value}", f"{v} -= {value}", f"{v}[{index(w, a)}] *= 1.25"])
                if other == v or np.shape(w.scope[other]) != shape
                else w.pick([f"{v}[...] = {other}", f"{v} += {other}", f"np.multiply({v}, 0.5, out={v})"])
            )
        else:
            w.assign(f"np.cos({v}) * {w.number()}")
    w.assign(f"np.sum({x}) * {w.pick(names)}")


@step(2)
def dropped(w: Writer) -> None:
    """Branches that nobody needs: results that are thrown away, names that are given to something else."""
    x = vector(w)
    y = w.assign(f"{x}[{w.pick(['1:', ':', '::-1', '...'])}]")[0]
    w.statement(
        w.pick(
            [f"np.exp({x}) * np.sort({y})", f"np.sin({y})[...] = 0.5", f"{x}[:1].sort()", f"np.cumsum({x})[0] += 2"]
            + [f"{y} = None or np.tanh({x})", f"{y} = {y}[..., None][..., 0]", f"{x} = {x} * {x}", f"{x} = {x}[::-1]"]
        )
    )
    overwrite(w, w.pick([x, y]))
    w.assign(f"np.sum({x} * {x}) * {y}")


#: Functions of v, with an outer y and z.
BODIES = ["np.sin(v) * {y}", "v * v * {y}", "np.exp(-v ** 2) + {y} * v", "np.tanh(v * {y})", "np.cumprod(v + 2) * {y}"]
BODIES += ["np.linalg.solve(np.outer(v, {y}) + 3 * np.eye({n}), {y} + v)", "np.max(v * {y} + {order}) * v", "{y}"]


@step(4)
def derivative_inside(w: Writer) -> None:
    """A derivative of a function that closes over outer variables, which may be updated before the way back."""
    if not w.smooth:
        raise Rejected  # the sign of a zero that is a derivative means nothing
    x = vector(w)
    n = w.scope[x].size
    y, bar = vector(w, n), vector(w, n)
    body = w.pick(BODIES).format(y=y, n=n, order=literal(np.arange(n) * 3.0))
    number = w.count  # names that are no results begin otherwise
    form = w.integer(0, 5)
    if form == 0:
        w.assign(f"grad(lambda v: np.sum({body}))({x})")
    elif form == 1:
        w.assign(f"jvp(grad(lambda v: np.sum({body})), ({x},), ({bar},))[1]")
    elif form == 2:
        w.assign(f"grad(lambda v: np.sum({bar} * grad(lambda v: np.sum({body}))(v)))({x})")
    elif form == 3:
        w.assign(f"grad(lambda v: np.sum(jvp(lambda v: {body}, (v,), ({bar},))[1]))({x})")
    elif form == 4:
        w.statement(f"y{number}, pull{number} = vjp(lambda v: {body}, {x})")
        w.statement(w.pick([f"y{number}[...] = 0.5", f"{y} *= 0.5", f"{x} += 0.1", f"{bar}.fill(0.5)"]))
        w.assign(f"pull{number}({bar})[0]")
    else:
        w.statement(f"with Tape() as tape{number}: v = tape{number}.variable({x}); y{number} = {body}")
        w.statement(w.pick([f"{y} *= 0.5", f"{x} += 0.1", f"{bar}.fill(0.5)"]))
        if "v" in body:
            w.statement(f"tape{number}.backward(y{number}, {bar})")
            w.assign("v.adjoint")
