"""Reductions, order statistics, scans, sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.programs import Writer, literal
from tests.fuzz.steps.registry import step

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
