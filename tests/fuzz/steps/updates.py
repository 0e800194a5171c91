"""Updates in place, often of views."""

from __future__ import annotations

import numpy as np

from tests.fuzz.programs import Rejected, Writer, literal
from tests.fuzz.steps.arrays import index
from tests.fuzz.steps.registry import step


def place(w: Writer) -> str:
    """An expression that is an active array, often a view of a variable."""
    names = [n for n in w.variables() if isinstance(w.scope[n], np.ndarray) and w.scope[n].size]
    if not names:
        raise Rejected
    x = w.pick(names)
    v = w.scope[x]
    if w.chance(55):
        return x
    options = [f"{x}.T", f"{x}[...]", f"{x}.reshape(-1)", f"np.ravel({x})"]
    options += [f"{x}[::-1]", f"{x}[1:]", f"{x}[-1:]", f"{x}[..., ::2]", f"np.flip({x})"] if v.ndim else []
    options += [f"np.swapaxes({x}, 0, 1)", f"{x}[:, 0]", f"{x}[0]"] if v.ndim > 1 else []
    return w.pick(options)


def stored(w: Writer, shape: tuple[int, ...], kind: str) -> str:
    """Something to store: it broadcasts to the shape."""
    kinds = "fc" if kind == "c" else "f"
    choice = w.integer(0, 5)
    if choice == 0:
        return w.number()
    if choice == 1:
        return w.constant(w.broadcasting(shape), "fiF")
    return w.operand_of(w.broadcasting(shape), kinds)


@step(12)
def update(w: Writer) -> None:
    x = place(w)
    v = w.value(x)
    kind = v.dtype.kind
    if v.size == 0:
        raise Rejected
    choice = w.integer(0, 15)
    if choice < 4:
        i = w.pick([index(w, v), "...", w.mask(v.shape), ":" if v.ndim else "..."])
        part = np.shape(w.value(f"{x}[{i}]"))
        value = stored(w, part, kind)
        if choice < 2:
            w.statement(f"{x}[{i}] = {value}")
        else:
            w.statement(f"{x}[{i}] {w.pick('+-*' if kind == 'f' else '+-')}= {value}")
    elif choice < 7:
        symbol = w.pick(["+", "-", "*", "*", "/", "**"] if kind == "f" else ["+", "-"])
        value = stored(w, v.shape, kind)
        if symbol == "/":
            value = w.inside(value, 0.5, 3.0)
        if symbol == "**":
            value = "2"
        if not x.startswith("np.") and not x.endswith((")", ".T")):
            w.statement(f"{x} {symbol}= {value}")
    elif choice == 7:
        n = v.shape[0] if v.ndim else 0
        if n == 0:
            raise Rejected
        places = w.rng().integers(0, n, 3).tolist()
        name = w.pick(["add", "subtract", "negative", "multiply", "maximum"][: 5 if kind == "f" else 3])
        value = "" if name == "negative" else f", {stored(w, (3, *v.shape[1:]), kind)}"
        w.statement(f"np.{name}.at({x}, {places}{value})")
    elif choice == 8:
        w.statement(f"np.put({x}, {w.rng().integers(0, v.size, 2).tolist()}, {stored(w, (2,), kind)})")
    elif choice == 9:
        w.statement(f"np.copyto({x}, {stored(w, v.shape, kind)}{w.pick(['', f', where={w.mask(v.shape)}'])})")
    elif choice == 10:
        name = w.pick(["place", "putmask"])
        w.statement(f"np.{name}({x}, {w.mask(v.shape)}, {w.operand_of((2,), 'fc' if kind == 'c' else 'f')})")
    elif choice == 11:
        value = w.operand_of((), "fc" if kind == "c" else "f")
        w.statement(f"{x}.fill({value})" if w.chance(60) else f"np.fill_diagonal({x}, {value})")
    elif choice == 12:
        other = w.operand_of(v.shape, "fc" if kind == "c" else "f")
        w.statement(f"np.{w.pick(['add', 'subtract', 'multiply'][: 3 if kind == 'f' else 2])}({x}, {other}, out={x})")
    elif choice == 13:
        if not (w.smooth and v.size > 1 and np.min(np.diff(np.sort(v, axis=None))) < 0.02):
            w.statement(f"{x}.{w.pick(['sort()', 'partition(0)'])}")
    elif choice == 14:
        w.statement(f"{x}.flat[{w.integer(0, v.size - 1)}] = {w.operand_of((), 'f')}")
    else:
        axis = w.axis(v)
        places = np.sort(w.rng().random(v.shape), axis=int(axis)).argsort(axis=int(axis))
        w.statement(f"np.put_along_axis({x}, {literal(places)}, {stored(w, v.shape, kind)}, {axis})")
