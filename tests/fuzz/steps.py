"""The grammar: what a line of a random program may be.

Each step writes one line or a few, or rejects itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dualnum.table import function_name
from tests.fuzz.programs import NAMES, Program, Rejected, Writer, literal
from tests.samples import Sample, samples_by_module

__all__ = ["STEPS", "programs"]

Step = Callable[[Writer], Any]

STEPS: list[Step] = []
TAPE = 600


def step(weight: int) -> Callable[[Step], Step]:
    """Register a step, as often as its weight says."""

    def register(function: Step) -> Step:
        STEPS.extend([function] * weight)
        return function

    return register


def programs(smooth: bool = True) -> st.SearchStrategy[Program]:
    """Random programs: with values that keep clear of kinks, or with special values.

    All choices come from one string of bytes: hypothesis writes it at once and can shorten it, while of some hundred small
    choices it would repeat many from one program to the next.
    """
    return st.binary(min_size=TAPE, max_size=TAPE).map(lambda tape: write(tape, smooth))


def write(tape: bytes, smooth: bool) -> Program:
    """Write the program that the choices lead to."""
    writer = Writer(tape, smooth)
    writer.start()
    for _ in range(writer.integer(2, 10)):
        try:
            writer.pick(STEPS)(writer)
        except Rejected:
            continue
    return writer.program()


# Elementwise functions, and the intervals inside which they are smooth

ANY = (-6.0, 6.0)
REAL = {
    **dict.fromkeys(["sin", "cos", "arctan", "arcsinh", "tanh", "sinc", "deg2rad", "degrees", "radians", "rad2deg"], ANY),
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


def target(w: Writer, shape: tuple[int, ...], kinds: str = "f") -> str:
    """An active array that can take a result."""
    names = [
        n
        for n in w.variables(kinds)
        if isinstance(w.scope[n], np.ndarray) and w.scope[n].shape == shape and w.scope[n].flags.writeable
    ]
    if names and w.chance(60):
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
    w.assign(w.pick([f"np.divmod({x}, {y})", f"divmod({x}, {y})", f"np.modf({x})", f"np.frexp({x})", f"np.ldexp({x}, 2)"]))


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


# Reductions and scans


def reduction_options(w: Writer, x: Any) -> str:
    """Source of axis and keepdims."""
    options = ""
    if x.ndim and w.chance(60):
        several = x.ndim > 1 and w.chance(30)
        axes = tuple(int(a) for a in w.rng().permutation(x.ndim)[:2])
        options += f", axis={axes if several else w.axis(x)}"
    return options + (", keepdims=True" if w.chance(25) else "")


@step(6)
def reduction(w: Writer) -> None:
    name = w.pick("sum prod mean var std max min amax nansum nanprod nanmean nanvar nanstd nanmax nanmin ptp".split())
    smooth_order = name in ("max", "min", "amax", "nanmax", "nanmin", "ptp")
    x = w.operand("f" if smooth_order or w.chance(70) else "fc")
    x = w.spread(x) if smooth_order else w.inside(x, -4.0, 4.0) if "prod" in name else x
    value = np.asarray(w.value(x))
    options = reduction_options(w, value)
    extra = w.integer(0, 5)
    plain = name.removeprefix("nan")
    if extra == 0 and plain in ("sum", "prod", "max", "min"):
        initial = w.pick(["0.75", "-1.5", w.operand_of((), "f")])
        options += f", initial={initial}" + (f", where={w.mask(value.shape)}" if w.chance(50) else "")
    elif extra == 0 and plain in ("mean", "std", "var") and value.ndim and value.size:
        mask = w.rng().random(value.shape) < 0.7
        mask[..., :1] = True
        options += f", where={literal(mask)}" if "axis=" not in options or "axis=-1" in options else ""
    elif extra == 1 and plain in ("var", "std"):
        options += w.pick([", ddof=1", ", correction=0.5"])
    elif extra == 2 and plain in ("sum", "prod", "mean"):
        options += w.pick([", dtype=np.float64", ", dtype=np.float32", ", dtype=complex"])
    method = name in ("sum", "prod", "mean", "var", "std", "max", "min") and isinstance(w.value(x), np.ndarray)
    w.assign(f"({x}).{name}({options.removeprefix(', ')})" if method and w.chance(40) else f"np.{name}({x}{options})")


@step(4)
def order_statistic(w: Writer) -> None:
    x = w.spread(w.operand("f"))
    value = np.asarray(w.value(x))
    options = reduction_options(w, value)
    choice = w.integer(0, 5)
    q = w.pick(["0.3", "[0.15, 0.6]", "0.87", "0.05", "[[0.41]]"])
    method = w.pick(["", *(f", method={m!r}" for m in METHODS)])
    if choice == 0:
        w.assign(f"np.{w.pick(['median', 'nanmedian'])}({x}{options})")
    elif choice == 1:
        w.assign(f"np.{w.pick(['quantile', 'nanquantile'])}({x}, {q}{options}{method})")
    elif choice == 2:
        w.assign(f"np.percentile({x}, 100 * np.array({q}){options}{method})")
    elif choice == 3:
        a = w.operand_of((), "f")
        w.assign(f"np.quantile({x}, (0.5 + 0.3 * np.tanh({a})){options})")
    elif choice == 4:
        axis = w.axis(value)
        weights = w.inside(w.operand_of(value.shape, "f"), 0.5, 3.0)
        w.assign(f"np.average({x}, axis={axis}, weights={w.pick([weights, 'np.abs(' + weights + ') + 0.5'])})")
    else:
        w.assign(f"np.average({x}{options})")


METHODS = ["linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "inverted_cdf"]


@step(4)
def scan(w: Writer) -> None:
    x = w.operand(least=1)
    value = w.value(x)
    axis = w.axis(value)
    choice = w.integer(0, 10)
    if choice < 4:
        small = w.inside(x, -2.0, 2.0)
        name = w.pick(["cumsum", "cumprod", "nancumsum", "nancumprod", "cumulative_sum", "cumulative_prod"])
        extra = w.pick(["", ", include_initial=True"]) if name.startswith("cumulative") else ""
        whole = ", axis=None" if w.chance(20) and not name.startswith("cumulative") else f", axis={axis}"
        w.assign(f"np.{name}({small}{whole}{extra})")
    elif choice == 4:
        pre = w.pick(["", ", prepend=0.5", ", append=2"])
        w.assign(f"np.diff({x}, {w.pick([0, 1, 1, 2])}, axis={axis}{pre})")
    elif choice == 5:
        w.assign(f"np.ediff1d({x}{w.pick(['', ', to_begin=1.5', ', to_end=[1.0, 2.0]'])})")
    elif choice == 6:
        w.assign(f"np.gradient({x}, {w.pick(['', '0.5, ', spacing(w, value, int(axis)) + ', '])}axis={axis})")
    elif choice == 7:
        w.assign(f"np.trapezoid({x}, {w.pick(['dx=0.5', 'x=' + spacing(w, value, int(axis))])}, axis={axis})")
    elif choice == 8:
        y = w.operand("fc", least=1)
        mode = w.pick(["full", "same", "valid"])
        w.assign(f"np.{w.pick(['convolve', 'correlate'])}(np.ravel({x}), np.ravel({y}), {mode!r})")
    elif choice == 9:
        w.assign(f"np.unwrap({w.real(x)}, axis={axis})")
    else:
        w.assign(f"np.apply_along_axis(lambda v: v * np.sum(v), {axis}, {x})")


def spacing(w: Writer, x: Any, axis: int) -> str:
    """Source of increasing positions along an axis, sometimes active."""
    n = x.shape[axis]
    knots = literal(np.cumsum(w.rng().uniform(0.4, 1.2, n).round(2)).round(2))
    return f"({knots} + 0.1 * np.tanh({w.operand_of((n,), 'f')}))" if n and w.chance(50) else knots


# Shapes


def factors(w: Writer, size: int) -> tuple[int, ...]:
    options = [(size,), (1, size), (size, 1), (-1,)]
    options += [(n, size // n) for n in (2, 3, 4) if size % n == 0 and size]
    options += [(2, 2, size // 4)] if size % 4 == 0 and size else []
    return w.pick(options)


@step(9)
def shape(w: Writer) -> None:
    x = w.operand()
    v = np.asarray(w.value(x))
    is_array = isinstance(w.value(x), np.ndarray)
    axes = tuple(int(a) for a in w.rng().permutation(v.ndim))
    one = w.pick([", 0", ", -1", ""]) if v.ndim else ""
    some = w.pick(["0", "-1", "(0, -1)"]) if v.ndim > 1 else "None"
    options = [
        *(f"np.reshape({x}, {factors(w, v.size)}{w.pick(['', ', order=' + repr('F'), ', order=' + repr('A')])})",) * 3,
        *(f"{x}.reshape({factors(w, v.size)})",) * (2 * is_array),
        f"np.transpose({x}, {axes})",
        f"{x}.T",
        f"np.ravel({x}, {w.pick('CFKA')!r})",
        f"{x}.flatten({w.pick('CF')!r})",
        f"np.flip({x}, {some})",
        f"np.roll({x}, {w.integer(-2, 3)}{one})",
        f"np.squeeze({x})",
        f"np.expand_dims({x}, {w.pick(['0', '-1', '(0, 2)', '1'])})",
        f"np.broadcast_to({x}, {(w.pick([1, 2]), *v.shape)})",
        f"np.atleast_{w.pick('123')}d({x})",
        f"np.tile({x}, {w.pick(['2', '(2, 1)', '(1, 2)'])})",
        f"np.repeat({x}, 2{one})",
        f"np.resize({x}, {(w.pick([1, 2, 3]), w.pick([1, 2, 3]))})",
        f"np.copy({x}, order={w.pick('CFKA')!r})",
        f"{x}.copy({w.pick('CFKA')!r})" if is_array else f"{x}.copy()",
        # NumPy asks nobody about these: object arrays, until they meet a Dual
        *(f"np.{name}({x}) * ({x})" for name in ["asfortranarray", "ascontiguousarray"] if v.dtype.kind == "f" and v.size),
        f"{x}.astype({w.pick(['np.float32', 'float', 'complex'])})" if v.dtype.kind == "f" else f"{x}.astype(complex)",
        f"np.pad({x}, 1, mode={w.pick(['constant', 'edge', 'reflect', 'symmetric', 'wrap', 'linear_ramp', 'mean'])!r})",
    ]
    if v.ndim == 1:
        options += [f"np.diag({x}, {w.integer(-1, 1)})", f"np.diagflat({x})"]
    if v.ndim >= 2:
        options += [
            f"np.swapaxes({x}, 0, -1)",
            f"np.moveaxis({x}, -1, 0)",
            f"np.rollaxis({x}, {v.ndim - 1})",
            f"np.rot90({x}, {w.integer(-1, 2)})",
            *(f"np.{name}({x})" for name in ("fliplr", "flipud", "matrix_transpose")),
            f"np.{w.pick(['diagonal', 'trace', 'tril', 'triu'])}({x}, {w.integer(-1, 1)})",
            f"np.linalg.{w.pick(['diagonal', 'trace', 'matrix_transpose'])}({x})",
            f"{x}.mT",
            f"np.linalg.diagonal({x}, offset={w.integer(-1, 1)})",
        ]
    w.assign(w.pick(options))


# Joining and splitting


@step(4)
def joining(w: Writer) -> None:
    x = w.operand()
    v = np.asarray(w.value(x))
    y = w.operand_of(v.shape) if v.size and w.chance(70) else w.constant(v.shape, "fi")
    axis = w.axis(v) if v.ndim else "0"
    pair = w.pick([f"[{x}, {y}]", f"({y}, {x})", f"[{x}, {y}, {x}]"])
    options = [
        f"np.concatenate({pair}, axis={w.pick([axis, 'None'])})",
        f"np.stack({pair}, axis={axis})",
        *(f"np.{name}({pair})" for name in ("vstack", "hstack", "dstack", "column_stack")),
        f"np.block([[{x}, {y}], [{y}, {x}]])",
        f"np.append({x}, {y}{w.pick(['', ', axis=' + axis])})",
        f"np.insert({x}, {w.pick([0, 1])}, {w.pick(['2.5', w.operand_of((), 'f')])}, axis={axis})",
        f"np.delete({x}, {w.pick([0, -1])}, axis={axis})",
        f"np.{w.pick(['split', 'array_split'])}({x}, {w.pick([1, 2, 3, [1]])}, axis={axis})",
        f"np.{w.pick(['vsplit', 'hsplit', 'dsplit'])}({x}, {w.pick([1, 2, [1]])})",
        f"np.unstack({x}, axis={axis})",
        f"np.meshgrid(np.ravel({x})[:3], np.ravel({y})[:2], indexing={w.pick(['ij', 'xy'])!r})",
        f"[v + 1 for v in np.broadcast_arrays({x}, {y}, 1.5)]",
        f"np.stack([v * np.sum({y}) for v in np.ravel({x})])",
        f"list(np.ravel({x})[:3])",
    ]
    if v.dtype.kind == "f" and v.size and np.asarray(w.value(y)).dtype.kind in "fi":
        a, b = w.operand_of((), "f"), w.operand_of((), "f")
        options += [f"np.array([{a}, {b}, 1.5]) * ({x}).ravel()[0]", f"np.stack([np.array([{a}, {b}, 0.5]), np.resize({x}, 3)])"]
    w.assign(w.pick(options))


# Indexing


def index(w: Writer, x: Any) -> str:
    """Source of an index."""
    items = []
    advanced = w.chance(40)
    count = w.pick([1, 1, 2]) if advanced else 0
    for n in x.shape[: w.integer(0, x.ndim)]:
        if n == 0:
            items.append(":")
        elif advanced and w.chance(60):
            places = w.rng().integers(-n, n, w.pick([(count,), (2, 1), (2,)]))
            kind = w.integer(0, 3)
            items.append(
                literal((w.rng().random(n) < 0.7).tolist()) if kind == 0
                else literal(places) if kind == 1
                else literal(places.tolist())
            )
        else:
            items.append(w.pick([":", "::-1", "1:", ":-1", "::2", str(w.integer(-n, n - 1)), str(w.integer(0, n - 1))]))
    if w.chance(20):
        items.insert(w.integer(0, len(items)), "...")
    if w.chance(15):
        items.insert(w.integer(0, len(items)), "None")
    return ", ".join(items) or w.pick(["...", "()"])


@step(7)
def getitem(w: Writer) -> None:
    x = w.operand(least=1)
    v = w.value(x)
    choice = w.integer(0, 11)
    if choice < 6:
        w.assign(f"{x}[{index(w, v)}]")
    elif choice == 6:
        w.assign(f"{x}[{w.mask(v.shape)}]")
    elif choice == 7 and v.size:
        places = w.rng().integers(0, v.size, w.pick([(2,), (2, 2), (3,)])).tolist()
        w.assign(f"np.take({x}, {places}{w.pick(['', ', mode=' + repr('wrap'), ', axis=0, mode=' + repr('clip')])})")
    elif choice == 8:
        axis = w.axis(v)
        w.assign(f"np.take_along_axis({x}, np.argsort({w.spread(w.real(x))}, axis={axis}), axis={axis})")
    elif choice == 9:
        keep = literal((w.rng().random(v.shape[0]) < 0.7).tolist())
        w.assign(w.pick([f"np.compress({keep}, {x}, axis=0)", f"np.extract({w.mask(v.shape)}, {x})"]))
    elif choice == 10:
        w.assign(w.pick([f"{x}.item({w.integer(0, max(v.size - 1, 0))})", f"{x}.ravel()[-1]", f"{x}.flat[0]", f"{x}.flat[::2]"]))
    else:
        w.assign(w.pick([f"sliding_window_view({x}, 2, axis=0)", f"np.einsum('i...->...i', {x})", f"np.nonzero({x})"]))


# Updates in place


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
    options += [f"np.swapaxes({x}, 0, 1)", f"{x}[:, 0]", f"{x}[0]", f"np.diagonal({x})"] if v.ndim > 1 else []
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
            w.statement(f"{x}[{i}] {w.pick(['+', '-', '*'])}= {value}")
    elif choice < 7:
        symbol = w.pick(["+", "-", "*", "*", "/", "**"])
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
        name = w.pick(["add", "add", "subtract", "multiply", "maximum", "negative"])
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
        w.statement(f"np.{w.pick(['add', 'multiply', 'subtract'])}({x}, {other}, out={x})")
    elif choice == 13:
        if not (w.smooth and v.size > 1 and np.min(np.diff(np.sort(v, axis=None))) < 0.02):
            w.statement(f"{x}.{w.pick(['sort()', 'partition(0)'])}")
    elif choice == 14:
        w.statement(f"{x}.flat[{w.integer(0, v.size - 1)}] = {w.operand_of((), 'f')}")
    else:
        axis = w.axis(v)
        places = np.sort(w.rng().random(v.shape), axis=int(axis)).argsort(axis=int(axis))
        w.statement(f"np.put_along_axis({x}, {literal(places)}, {stored(w, v.shape, kind)}, {axis})")


# Sorting and choosing


@step(3)
def sorting(w: Writer) -> None:
    x = w.spread(w.operand("f", least=1))
    v = w.value(x)
    axis = w.axis(v)
    n = v.shape[int(axis)]
    w.assign(
        w.pick(
            [
                f"np.sort({x}, axis={axis})",
                f"np.sort({x}, axis=None)",
                f"np.partition({x}, {max(n - 1, 0) // 2}, axis={axis})",
                f"np.unique({x})",
                f"np.{w.pick(['argsort', 'argmax', 'argmin'])}({x}, axis={axis})",
                f"({x})[np.argsort({x}[..., 0] if {x}.ndim > 1 else {x})]",
                f"np.sort_complex({x})",
                f"np.searchsorted(np.sort({x}, axis=None), 0.123)",
                f"np.union1d({x}, {x})",
                f"max(np.ravel({x}))",
                f"sorted(np.ravel({x})[:3])",
            ]
        )
    )


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
        w.assign(f"np.select([{mask}, {w.mask(v.shape)}], [{x}, {y}], default={w.pick(['0.5', w.operand_of((), 'f')])})")
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


# Products and linear algebra


@step(5)
def product(w: Writer) -> None:
    x = w.operand(least=1)
    v = w.value(x)
    n = v.shape[-1]
    vector = w.operand_of((n,)) if n else literal(np.zeros(0))
    matrix = w.operand_of((n, w.pick([1, 2, n]))) if n and w.chance(70) else w.constant((n, 2), "fi")
    same = w.operand_of(v.shape) if v.size else x
    options = [
        f"{x} @ {vector}", f"{x} @ {matrix}", f"np.matmul({x}, {matrix})", f"np.dot({x}, {vector})", f"np.dot({x}, {matrix})",
        f"({x}).dot({matrix})", f"np.inner({x}, {vector})", f"np.vdot({x}, {same})", f"np.tensordot({x}, {matrix}, 1)",
        f"np.tensordot({x}, {same}, axes=([-1], [-1]))", f"np.outer({x}, {vector})", f"np.kron({x}, {vector})",
        f"np.einsum('...i,i', {x}, {vector})", f"np.einsum('...i,ij->...j', {x}, {matrix})",
        f"np.einsum('...i,...i->...', {x}, {same})", f"np.einsum('i,j->ij', {vector}, {vector})",
        f"np.vecdot({x}, {vector})", f"np.linalg.vecdot({x}, {same})", f"np.linalg.outer({vector}, {vector})",
        f"np.matvec({matrix}.T, {vector})", f"np.vecmat({vector}, {matrix})",
        f"{vector} @ {matrix}", f"np.linalg.matmul({matrix}.T, {matrix})",
        f"np.linalg.multi_dot([{matrix}.T, {matrix}, {matrix}.T])",
    ]  # fmt: skip
    if n == 3:
        options += [f"np.cross({x}, {vector})", f"np.linalg.cross({x}, {vector})"]
    w.assign(w.pick(options))


@step(5)
def linear_algebra(w: Writer) -> None:
    n = w.pick([1, 2, 3])
    kinds = "f" if w.chance(80) else "fc"
    lead = (2,) if w.chance(25) else ()
    m = w.operand_of((*lead, n, n), kinds)
    transposed = f"np.swapaxes({m}, -1, -2)" if lead else f"({m}).T"
    (a,) = w.assign(f"0.3 * ({m}) @ np.conj({transposed}) + np.diag([1.5, 3.0, 5.5][:{n}])")
    (b,) = w.assign(f"0.4 * np.tanh({w.real(m)}) + {literal(np.diag([1.5, 3.0, -2.0][:n]))}")
    vector, tall = w.operand_of((n,), kinds), w.operand_of((n, 2), kinds)
    wide = f"(0.3 * np.tanh({w.real(w.operand_of((n + 1, n), kinds))}) + np.eye({n + 1}, {n}) * {list(range(2, n + 2))})"
    options = [
        f"np.linalg.inv({a})", f"np.linalg.inv({b})", f"np.linalg.solve({a}, {tall})", f"np.linalg.det({b})",
        f"np.linalg.solve({b}, {tall})", f"np.linalg.solve({b}, {vector})", f"np.linalg.slogdet({a})",
        f"np.linalg.slogdet({b})", f"np.linalg.cholesky({a})", f"np.linalg.cholesky({a}, upper=True)",
        f"np.linalg.qr({b})", f"np.linalg.qr({wide})", f"np.linalg.qr({b}, mode='r')", f"np.linalg.svdvals({wide})",
        f"np.linalg.svd({wide}, compute_uv=False)", f"np.linalg.svd({wide}, full_matrices=False)",
        f"np.linalg.svd({b}, full_matrices=False)", f"np.linalg.eigh({a})", f"np.linalg.eigvalsh({a})",
        f"np.linalg.eigh({a}, UPLO='U')", f"np.linalg.eig({b})", f"np.linalg.eigvals({b})", f"np.linalg.pinv({wide})",
        f"np.linalg.lstsq({wide}, {w.operand_of((n + 1,), 'f')})[0]", f"np.linalg.matrix_power({b}, {w.pick([-1, 0, 2, 3])})",
        f"np.linalg.norm({b}, {w.pick(['None', repr('fro'), repr('nuc'), '2', '1', 'inf', '-2'])}{', axis=(-2, -1)' if lead else ''})",
        f"np.linalg.norm({vector} + 3, {w.pick(['None', '1', '2', '3', 'inf', '0.5', '-1'])})",
        f"np.linalg.vector_norm({b} + 3, axis=-1)", f"np.linalg.matrix_norm({b})", f"np.linalg.cond({b})",
        f"np.linalg.tensorsolve({b}, {vector})", f"np.linalg.tensorinv({b}, 1)", f"np.cov({tall} + {tall})",
        f"np.linalg.matrix_rank({b})",
    ]  # fmt: skip
    w.assign(w.pick(options))


@step(2)
def fourier(w: Writer) -> None:
    name = w.pick(["fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifft2", "rfftn", "irfft2", "fftshift", "rfft2"])
    x = w.operand("f" if name in ("rfft", "ihfft", "rfftn", "rfft2") else "fc", least=2 if "2" in name else 1)
    options = w.pick(["", ", norm='ortho'", ", norm='forward'"]) if "shift" not in name else ""
    if not name.endswith(("2", "n", "shift")):
        options += w.pick(["", f", n={w.pick([2, 3, 5])}", f", axis={w.axis(w.value(x))}"])
    (y,) = w.assign(f"np.fft.{name}({x}{options})")
    if w.chance(60) and w.scope[y].dtype.kind == "c":
        w.assign(w.pick([f"{y}.real", f"{y}.imag", f"np.abs({y}) ** 2", f"np.real({y} * np.conj({y}))"]))


@step(2)
def calculus(w: Writer) -> None:
    x = w.operand("f")
    small = w.inside(x, -1.5, 1.5)
    n = w.pick([2, 3])
    coefficients = w.operand_of((n,), "f")
    value = np.ravel(w.value(x))
    bins = literal(np.array([-50.0, w.threshold(value), 60.0]))
    options = [
        f"np.polyval({coefficients}, {small})",
        f"np.linspace({small}, {w.number()}, 3)",
        f"np.bincount({literal(w.rng().integers(0, 3, value.size))}, weights=np.ravel({x}), minlength=4)",
        f"np.histogram({literal(w.rng().uniform(-2, 2, value.shape).round(2))}, {bins}, weights=np.ravel({x}))[0]",
        f"np.cov(np.ravel({x}))",
        f"np.corrcoef({w.operand_of((2, 3), 'f')} + np.array([[1.0, 2.0, 4.5], [3.0, -2.0, 1.0]]))",
        f"np.full_like({x}, {w.operand_of((), 'f')})",
        f"np.logspace({w.inside(small, -1, 1)}, 0.5, 3)",
        f"np.geomspace({w.inside(x, 0.5, 2.0)}, 3.0, 3)",
        f"np.angle({small} + 2.5j)",
        f"sum(np.ravel({x})[:3])",
        f"abs({w.inside(x, 0.2, 5.0)})",
        f"np.trim_zeros(np.ravel({x}))",
    ]
    w.assign(w.pick(options))


@step(1)
def inner_derivative(w: Writer) -> None:
    """A derivative inside the program, whose function closes over outer variables."""
    x = w.operand("f")
    y = w.operand_of(np.shape(w.value(x)), "f")
    z = w.operand("f")
    body = w.pick([f"np.sin(v) * {y}", f"v * v * np.sum({z})", f"np.exp(-v ** 2) + {y}", f"np.tanh(v * {y})", "np.sort(v) * 2"])
    if "sort" in body:
        x = w.spread(x)
    w.assign(f"jvp(lambda v: {body}, ({x},), ({y},))[{w.pick([0, 1, 1])}]")


# Calls from the samples of the generic checks: special functions, and all that has no step of its own


def public_name(function: Any) -> str | None:
    """How a program names a function, if it can."""
    name = function_name(function).replace("numpy.", "np.", 1).replace("scipy.special.", "special.", 1)
    try:
        return name if eval(name, dict(NAMES)) is function else None
    except (SyntaxError, NameError, AttributeError):
        return None


@cache
def calls(smooth: bool) -> list[list[tuple[str, Sample]]]:
    """Samples whose function has a public name, by function."""
    by_name: dict[str, list[tuple[str, Sample]]] = {}
    for samples in samples_by_module().values():
        for sample in samples:
            name = public_name(sample.function) if sample.smooth or not smooth else None
            if name is not None:
                by_name.setdefault(name, []).append((name, sample))
    return [by_name[name] for name in sorted(by_name)]


def varied(w: Writer, argument: Any) -> str:
    """Source of an argument that varies a little with an active variable, around that of a sample."""
    if isinstance(argument, (list, tuple)):
        items = "".join(f"{varied(w, item)}, " for item in argument)
        return f"[{items}]" if isinstance(argument, list) else f"({items})"
    argument = argument if isinstance(argument, np.ndarray) else np.asarray(argument)[()]
    if argument.dtype.kind not in "fc":
        argument = argument.astype(float)
    if not argument.size or w.chance(20):
        return literal(argument)
    return f"({literal(argument)} * (1 + 0.02 * np.tanh({w.operand_of(argument.shape, 'f')})))"


@step(8)
def sampled(w: Writer) -> None:
    choices = calls(w.smooth)
    kinds = [c for c in choices if c[0][0].startswith("special.")]
    name, sample = w.pick(w.pick(kinds if kinds and w.chance(40) else choices))
    arguments = [varied(w, a) if i in sample.active else literal(a) for i, a in enumerate(sample.args)]
    options = [f"{key}={literal(value)}" for key, value in sample.kwargs.items()]
    w.assign(f"{name}({', '.join([*arguments, *options])})")
