"""Elementwise functions, methods of ufuncs, and choices between elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.programs import Rejected, Writer, literal
from tests.fuzz.steps.registry import step

# Elementwise functions, and the intervals inside which they are smooth

ANY = (-6.0, 6.0)
REAL = {
    **dict.fromkeys(
        ["sin", "cos", "arctan", "arcsinh", "tanh", "sinc", "deg2rad", "degrees", "radians", "rad2deg"], ANY
    ),
    **dict.fromkeys(["exp", "exp2", "expm1", "sinh", "cosh", "i0", "square", "negative", "positive"], (-3.0, 3.0)),
    **dict.fromkeys(["sqrt", "log", "log2", "log10", "reciprocal", "cbrt"], (0.2, 6.0)),
    **dict.fromkeys(["abs", "fabs", "absolute", "sign", "nan_to_num"], (0.2, 6.0)),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], (-0.9, 0.9)),
    **dict.fromkeys(["floor", "ceil", "trunc", "rint", "round", "spacing"], (0.1, 0.4)),
    **dict.fromkeys(["conjugate", "conj", "real", "angle", "real_if_close"], (0.2, 6.0)),
    **{"tan": (-1.2, 1.2), "log1p": (-0.7, 6.0), "arccosh": (1.2, 6.0)},
}
COMPLEX = [
    *["sin", "cos", "exp", "sinh", "cosh", "tanh", "sqrt", "log", "square", "reciprocal", "arctan", "arcsinh", "log1p"],
    *["conjugate", "abs", "real", "imag", "angle", "negative", "expm1", "log2", "arccosh", "sign"],
]
#: Intervals of both arguments; the second may be that of constants only.
BINARY = {
    **dict.fromkeys(["add", "subtract", "multiply"], (ANY, ANY)),
    **dict.fromkeys(["divide", "true_divide"], (ANY, (0.4, 4.0))),
    **dict.fromkeys(["power", "float_power"], ((0.3, 3.0), (-2.0, 3.0))),
    **dict.fromkeys(["arctan2", "hypot", "logaddexp", "logaddexp2"], ((0.3, 3.0), (-3.0, 3.0))),
    **dict.fromkeys(["maximum", "minimum", "fmax", "fmin"], ((-3.0, 0.0), (0.1, 2.0))),
    **dict.fromkeys(["fmod", "remainder", "floor_divide"], ((0.1, 0.9), (1.1, 3.0))),
    **{"copysign": ((0.3, 3.0), (-3.0, -0.2)), "heaviside": ((0.3, 3.0), (0.0, 1.0)), "nextafter": (ANY, ANY)},
}
OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "%": "remainder", "//": "fmod"}
UFUNCS = {name for name in (*REAL, *COMPLEX, *BINARY) if isinstance(getattr(np, name), np.ufunc)}


def target(w: Writer, shape: tuple[int, ...], kinds: str) -> str:
    """An active array that can take a result."""
    names = [
        n
        for n in w.variables(kinds)
        if isinstance(w.scope[n], np.ndarray) and w.scope[n].shape == shape and w.scope[n].flags.writeable
    ]
    if names and kinds == "f" and w.chance(60):  # NumPy rounds complex products otherwise where they overwrite a factor
        return w.pick(names)
    like = w.pick([n for n in w.variables(kinds) if isinstance(w.scope[n], np.ndarray)] or [None])
    if like is None:
        raise Rejected
    return w.assign(f"np.{w.pick(['zeros_like', 'ones_like'])}({like}, shape={shape})")[0]


def call_ufunc(w: Writer, name: str, arguments: str, result: Any) -> None:
    """Write a call of a ufunc, with some of its options."""
    kind = "c" if np.asarray(result).dtype.kind == "c" else "f"
    option = w.integer(0, 19) if name in UFUNCS and isinstance(result, np.ndarray) else 19
    if option == 0:
        w.statement(f"np.{name}({arguments}, out={target(w, result.shape, kind)})")
    elif option == 1:
        w.statement(f"np.{name}({arguments}, {target(w, result.shape, kind)})")
    elif option == 2:
        w.statement(f"np.{name}({arguments}, out={target(w, result.shape, kind)}, where={w.mask(result.shape)})")
    elif option == 3 and kind == "f":
        w.assign(f"np.{name}({arguments}, dtype={w.pick(['np.float32', 'np.float64', 'float'])}, casting='same_kind')")
    else:
        w.assign(f"np.{name}({arguments})")


@step(8)
def unary(w: Writer) -> None:
    x = w.operand()
    if w.value(f"np.asarray({x})").dtype.kind == "c":
        name, x = w.pick(COMPLEX), w.inside(x, 0.5, 3.0)
    else:
        name = w.pick(list(REAL))
        x = w.inside(x, *REAL[name])
    call_ufunc(w, name, x, w.value(f"np.{name}({x})"))


def partner(w: Writer, x: str) -> str:
    """A second argument that broadcasts against the first: active, constant, or a Python number."""
    shape = np.shape(w.value(x))
    choice = w.integer(0, 9)
    if choice < 2:
        return w.number()
    if choice < 4:
        return w.constant(w.broadcasting(shape), "ffiFc")
    if choice < 5:
        return w.constant((w.pick([1, 2, 3]), *([1] if w.chance(50) else []), *shape))
    names = []
    for name in w.variables(active=False):
        try:
            np.broadcast_shapes(shape, np.shape(w.scope[name]))
        except ValueError:
            continue
        names.append(name)
    return w.pick(names) if names and choice < 9 else w.operand_of(w.broadcasting(shape))


@step(8)
def binary(w: Writer) -> None:
    name = w.pick(list(BINARY) + ["add", "subtract", "multiply", "divide", "power"] * 3)
    kinds = "fc" if name in ("add", "subtract", "multiply", "divide", "power", "true_divide") else "f"
    x = w.operand(kinds)
    y = w.real(partner(w, x), kinds)
    if w.chance(40):
        x, y = y, x
    if name == "power" and w.chance(40):
        y = w.pick(["2", "3", "-1", "0.5", "0", "1", "-2.0", "np.int8(2)", "np.array(3)"])
    first, second = BINARY[name]
    if first is not ANY:
        x = w.inside(x, *first)
    if second is not ANY:
        y = w.inside(y, *second)
    symbol = next((s for s, n in OPERATORS.items() if n == name), None)
    if symbol and w.chance(70):
        w.assign(f"({x}) {symbol} ({y})")
    else:
        call_ufunc(w, name, f"{x}, {y}", w.value(f"np.{name}({x}, {y})"))


@step(1)
def several_results(w: Writer) -> None:
    x = w.inside(w.operand("f"), 1.1, 1.9)
    y = w.inside(w.real(partner(w, x)), 2.1, 3.0)
    w.assign(
        w.pick([f"np.divmod({x}, {y})", f"divmod({x}, {y})", f"np.modf({x})", f"np.frexp({x})", f"np.ldexp({x}, 2)"])
    )


@step(2)
def ufunc_method(w: Writer) -> None:
    name, low, high = w.pick(
        [("add", *ANY), ("multiply", -2.0, 2.0), ("maximum", *ANY), ("minimum", *ANY), ("logaddexp", -3.0, 3.0)]
        + [("hypot", 0.3, 3.0), ("subtract", *ANY), ("fmin", *ANY)]
    )
    x = w.inside(w.operand("f", least=1), low, high)
    if "m" in name and name != "multiply":
        x = w.spread(x)
    value = w.value(x)
    axis = w.axis(value)
    form = w.integer(0, 3)
    if form == 0 and name not in ("subtract", "hypot"):
        extra = w.pick(["", ", keepdims=True", ", initial=0.5", f", where={w.mask(value.shape)}, initial=1.5"])
        w.assign(f"np.{name}.reduce({x}, axis={axis}{extra})")
    elif form == 1:
        w.assign(f"np.{name}.accumulate({x}, axis={axis})")
    elif form == 2:
        n = value.shape[int(axis)]
        if n == 0:
            raise Rejected
        w.assign(f"np.{name}.reduceat({x}, {literal(w.rng().integers(0, n, w.pick([1, 2, 3])).tolist())}, axis={axis})")
    else:
        y = w.inside(w.real(partner(w, x)), low, high)
        w.assign(f"np.{name}.outer({x}, {y})")


@step(5)
def choosing(w: Writer) -> None:
    x = w.operand("f")
    v = np.asarray(w.value(x))
    y = w.pick([w.number(), w.operand_of(v.shape, "f"), w.constant(w.broadcasting(v.shape))]) if v.size else "1.0"
    mask = w.mask(v.shape)
    choice = w.integer(0, 8)
    if choice < 3:
        w.assign(f"np.where({mask}, {x}, {y})" if w.chance(70) else f"np.where({mask}, {y}, {x})")
    elif choice == 3:
        low = w.inside(w.operand_of(w.broadcasting(v.shape), "f"), -3.0, -2.0)
        high = w.inside(w.operand_of((), "f"), 2.2, 3.0)
        form = w.pick(["np.clip({}, {}, {})", "({}).clip({}, {})", "np.clip({}, min={}, max={})"])
        w.assign(form.format(w.inside(x, *w.pick([(-1.5, 1.5), (3.1, 4.0)])), low, high))
    elif choice == 4:
        w.assign(
            f"np.select([{mask}, {w.mask(v.shape)}], [{x}, {y}], default={w.pick(['0.5', w.operand_of((), 'f')])})"
        )
    elif choice == 5:
        w.assign(f"np.choose({literal(w.rng().integers(0, 2, v.shape))}, [{x}, {y}])")
    elif choice == 6:
        if isinstance(w.value(x), np.ndarray):
            w.assign(f"np.piecewise({x}, [{mask}], [lambda v: v * v, {w.pick(['lambda v: np.sin(v)', '1.5'])}])")
    elif choice == 7:
        w.assign(f"np.nan_to_num({x})")
    else:
        n = w.pick([2, 3, 4])
        knots = f"({literal(np.arange(n) * 1.5 - 2.2)} + 0.1 * np.tanh({w.operand_of((n,), 'f')}))"
        at = w.inside(x, *w.pick([(-3.9, -2.5), (-1.9, -1.0)]))
        w.assign(f"np.interp({at}, {w.pick([knots, literal(np.arange(n) * 1.5 - 2.2)])}, {w.operand_of((n,), 'f')})")
