"""Shapes, joining and splitting, indexing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.programs import Writer, literal
from tests.fuzz.steps.registry import step

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
        *(
            f"np.{name}({x}) * ({x})"
            for name in ["asfortranarray", "ascontiguousarray"]
            if v.dtype.kind == "f" and v.size
        ),
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
        f"[v + 1 for v in np.broadcast_arrays({x}, {x}[..., :1] if np.ndim({x}) else 1 * {x})]",
        f"np.stack([v * np.sum({y}) for v in np.ravel({x})])",
        f"list(np.ravel({x})[:3])",
    ]
    if v.dtype.kind == "f" and v.size and np.asarray(w.value(y)).dtype.kind in "fi":
        a, b = w.operand_of((), "f"), w.operand_of((), "f")
        options += [
            f"np.array([{a}, {b}, 1.5]) * ({x}).ravel()[0]",
            f"np.stack([np.array([{a}, {b}, 0.5]), np.resize({x}, 3)])",
        ]
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
                literal((w.rng().random(n) < 0.7).tolist())
                if kind == 0
                else literal(places)
                if kind == 1
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
        # For NumPy an item is a Python float, for dualnum a scalar of the dtype that the array has.
        item = (
            f".item({w.integer(0, max(v.size - 1, 0))}) + np.float64(0.5)" if v.dtype == np.float64 else ".ravel()[0]"
        )
        w.assign(x + w.pick([item, ".ravel()[-1]", ".flat[0]", ".flat[::2]"]))
    else:
        w.assign(w.pick([f"sliding_window_view({x}, 2, axis=0)", f"np.einsum('i...->...i', {x})", f"np.nonzero({x})"]))
