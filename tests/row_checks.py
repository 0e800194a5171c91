"""What every row of the table must stand, as functions of a sample; each raises an AssertionError where it does not.

`tests/test_rows.py` runs them on all samples, and shows for each that it can fail.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, MutationError
from dualnum.dual_operands import make_dual
from dualnum.table import TABLE

__all__ = ["CHECKS"]

# Trees: arguments and results are arrays, or (nested) lists and tuples of them.


def tree_map(function, *trees):
    """Apply a function to the leaves of trees of one structure."""
    first = trees[0]
    if not isinstance(first, (list, tuple)):
        return function(*trees)
    assert all(type(tree) is type(first) and len(tree) == len(first) for tree in trees), trees
    items = [tree_map(function, *parts) for parts in zip(*trees, strict=True)]
    return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)


def leaves(tree):
    found = []
    tree_map(found.append, tree)
    return found


def dtype_kind(x):
    return x.dtype.kind if isinstance(x, (np.ndarray, np.generic, Dual)) else "O"


def copied(tree):
    return tree_map(lambda x: x.copy() if isinstance(x, np.ndarray) else x, tree)


# Samples: arguments, their directions, and calls with Duals.


def arguments(sample, convert=lambda x: x):
    """Arguments of a sample; active ones and other arrays of floats are converted."""

    def as_active(x):
        x = np.asarray(x)
        return convert((x if x.dtype.kind in "fc" else x.astype(float)).copy()[()])

    def as_constant(x):
        return convert(x.copy()) if isinstance(x, np.ndarray) and dtype_kind(x) in "fc" else x

    return [tree_map(as_active if i in sample.active else as_constant, arg) for i, arg in enumerate(sample.args)]


def random_like(x, rng, lead=()):
    """Random numbers of the shape and dtype of an array."""
    shape = (*lead, *x.shape)
    numbers = rng.uniform(-1, 1, shape)
    if x.dtype.kind == "c":
        numbers = numbers + 1j * rng.uniform(-1, 1, shape)
    return np.asarray(numbers, x.dtype)[()]


def directions(sample, args, seed=0, lead=()):
    """Random directions of the active arguments, None for the others."""
    rng = np.random.default_rng(seed)
    return [
        tree_map(lambda x: random_like(x, rng, lead), arg) if i in sample.active else None for i, arg in enumerate(args)
    ]


def lifted(args, *tangents):
    """Arguments as Duals, nested as often as there are tangents; None stands for a constant."""
    for tangent in tangents:
        args = [a if t is None else tree_map(Dual, a, t) for a, t in zip(args, tangent, strict=True)]
    return args


def only(tangents, *positions):
    """Directions of some arguments; the others are constant."""
    return [t if i in positions else None for i, t in enumerate(tangents)]


def taken(tangents, index):
    """Some of the directions along the leading axis."""
    return [None if t is None else tree_map(lambda d: d[index], t) for t in tangents]


def choices(sample, tangents):
    """All arguments active together, and each alone; with the way to call the function."""
    yield tangents, call
    for i in sample.active if len(sample.active) > 1 else ():
        yield only(tangents, i), call_if_asked


def call(sample, args):
    with np.errstate(all="ignore"):
        return sample.function(*args, **{name: copied(value) for name, value in sample.kwargs.items()})


#: NumPy does not ask us when only ``initial`` or the table of ``interp`` is active; and ``at`` updates a plain array.
MAY_REFUSE = {"sum", "prod", "max", "min", "amax", "amin", "nansum", "nanprod", "nanmax", "nanmin", "interp", "updated"}


def call_if_asked(sample, args):
    """Call a function with only some arguments active; None where it refuses, and may."""
    try:
        return call(sample, args)
    except (DerivativeLostError, MutationError):
        if sample.function.__name__ not in MAY_REFUSE:
            raise
        return None


def value_of(y):
    return y.value if isinstance(y, Dual) else y


def tangent_of(y, k=None):
    if isinstance(y, Dual):
        return y.tangent
    return np.zeros(np.shape(y) if k is None else (k, *np.shape(y)))


def tangents_of(result, k=None):
    """Tangents of what a call gives, floating-point results only."""
    return [tangent_of(y, k) for y in leaves(result) if dtype_kind(y) in "fc"]


# Comparisons


def assert_same_bits(x, y):
    """Class, dtype, shape and every bit agree; all nan are one."""
    assert type(x) is type(y), (type(x), type(y))
    if dtype_kind(x) not in "fc":
        assert np.array_equal(x, y), (x, y)
        return
    assert x.dtype == y.dtype, (x.dtype, y.dtype)
    assert x.shape == y.shape, (x.shape, y.shape)
    parts = (lambda z: z.real, lambda z: z.imag) if x.dtype.kind == "c" else (lambda z: z,)
    for part in parts:
        a, b = (np.where(np.isnan(part(z)), 0, part(z)) for z in (x, y))
        assert np.array_equal(np.isnan(part(x)), np.isnan(part(y)))
        assert np.array_equal(a, b), (x, y)
        assert np.array_equal(np.signbit(a), np.signbit(b)), (x, y)


def assert_close(x, y, tolerance=1e-9):
    """Agreement relative to the size of the array."""
    assert np.shape(x) == np.shape(y), (np.shape(x), np.shape(y))
    finite = np.isfinite(y)
    scale = 1 + np.max(np.abs(y), initial=0, where=finite)
    with np.errstate(all="ignore"):
        off = np.abs(np.subtract(x, y))
    assert np.all((off <= tolerance * scale) | ~finite), (x, y)  # a tangent may differ where the function is not finite


def differentiated(function):
    """Derivatives at 0 by central differences, extrapolated (Richardson), each with an estimate of its error."""
    steps = 0.01 * 0.5 ** np.arange(6)
    ends = [(function(h), function(-h)) for h in steps]
    results = []
    for n in range(len(ends[0][0])):
        with np.errstate(all="ignore"):
            row = [(np.asarray(plus[n]) - minus[n]) / (2 * h) for h, (plus, minus) in zip(steps, ends, strict=True)]
            best, error = row[0], np.full(np.shape(row[0]), np.inf)
            for order in range(1, len(steps)):
                finer = [b + (b - a) / (4**order - 1) for a, b in itertools.pairwise(row)]
                for a, b, c in zip(row, row[1:], finer, strict=False):
                    estimate = np.maximum(np.abs(c - a), np.abs(c - b))
                    better = estimate < error
                    best, error = np.where(better, c, best), np.where(better, estimate, error)
                row = finer
        results.append((best, error))
    return results


def assert_agrees(tangents, differences, values):
    """Tangents agree with differences within the error of these, wherever the function is finite."""
    assert len(tangents) == len(differences) == len(values)
    for tangent, (best, error), value in zip(tangents, differences, values, strict=True):
        assert np.shape(tangent) == np.shape(best), (np.shape(tangent), np.shape(best))
        finite = np.isfinite(best) & np.isfinite(value)
        scale = 1 + np.abs(best)
        assert np.all((error <= 1e-5 * scale)[finite]), "differences too noisy to tell"
        with np.errstate(all="ignore"):
            off = np.abs(tangent - best)
        assert np.all((off <= 10 * error + 1e-8 * scale)[finite]), (tangent, best, error)


def moved(args, tangents, h):
    return [a if t is None else tree_map(lambda x, d: x + h * d, a, t) for a, t in zip(args, tangents, strict=True)]


# The checks


def check_value(sample):
    """The value is NumPy's, bit for bit and of the same structure; no argument is modified."""
    args = arguments(sample)
    expected = call(sample, copied(args))
    for lead in ((), (2,)):
        tangents = directions(sample, args, lead=lead)
        active = lifted(args, tangents)
        plain = [copied(a) for a in args]
        result = call(sample, [x if t is not None else p for x, t, p in zip(active, tangents, plain, strict=True)])
        tree_map(assert_same_bits, tree_map(value_of, result), expected)
        assert all(dtype_kind(y) in "fc" for y in leaves(result) if isinstance(y, Dual))
        for x, t, p, a in zip(active, tangents, plain, args, strict=True):
            if t is None:
                tree_map(lambda p, a: p is a or assert_same_bits(p, a), p, a)
            else:
                tree_map(lambda x, a, t: (assert_same_bits(x.value, a), assert_same_bits(x.tangent, t)), x, a, t)


def check_tangent(sample):
    """Tangents agree with finite differences, for each argument alone and for all together."""
    if not sample.smooth:
        return
    for convert in variants(sample):
        args = arguments(sample, convert)
        for tangents, call_with in choices(sample, directions(sample, args)):
            result = call_with(sample, lifted(args, tangents))
            if result is None:
                continue
            values = [v for v in leaves(tree_map(value_of, result)) if dtype_kind(v) in "fc"]
            differences = differentiated(
                lambda h, args=args, tangents=tangents: [
                    y for y in leaves(call(sample, moved(args, tangents, h))) if dtype_kind(y) in "fc"
                ]
            )
            assert_agrees(tangents_of(result), differences, values)


def variants(sample):
    """The arguments as they are, and with imaginary parts where the function is holomorphic."""
    yield lambda x: x
    if sample.complex_ok:
        yield lambda x: x if dtype_kind(x) == "c" else x + 1j * np.cos(np.arange(np.size(x))).reshape(np.shape(x)) / 8


def check_directions(sample):
    """K directions together give what they give one by one; K is also the length of an axis, 1 and 0."""
    args = arguments(sample)
    short = {n for x in leaves(args[sample.active[0]]) for n in np.shape(x) if n <= 6}
    ks = {0, 1, 2, *short}
    for tangents, call_with in choices(sample, directions(sample, args, lead=(max(ks),))):
        single = [call_with(sample, lifted(args, taken(tangents, i))) for i in range(max(ks))]
        if any(result is None for result in single):
            continue
        for k in ks if call_with is call else [max(ks)]:
            together = tangents_of(call(sample, lifted(args, taken(tangents, slice(k)))), k)
            assert all(len(tangent) == k for tangent in together)
            for i in range(k):
                for tangent, expected in zip(together, tangents_of(single[i]), strict=True):
                    assert_close(tangent[i], expected)


def check_nested(sample):
    """The tangent of a tangent agrees with differences of the tangent; directions of both levels together too."""
    args = arguments(sample)
    inner, outer = directions(sample, args, 1), directions(sample, args, 2)
    result = call(sample, lifted(args, inner, outer))
    second = [tangent_of(t) for t in tangents_of(result)]
    if sample.smooth:
        differences = differentiated(lambda h: tangents_of(call(sample, lifted(moved(args, inner, h), outer))))
        values = [value_of(t) for t in tangents_of(result)]
        assert_agrees(second, differences, values)
    inner, outer = directions(sample, args, 3, (3,)), directions(sample, args, 4, (2,))
    together = [tangent_of(t, 3) for t in tangents_of(call(sample, lifted(args, inner, outer)), 2)]
    for i, j in ((0, 1), (2, 0)):
        single = tangents_of(call(sample, lifted(args, taken(inner, i), taken(outer, j))))
        for all_of_them, one in zip(together, single, strict=True):
            assert_close(all_of_them[i, j], tangent_of(one), 1e-8)


def check_float32(sample):
    """float32 stays float32, and its tangents are roughly those of float64."""
    args64 = arguments(sample)
    if not sample.smooth or any(dtype_kind(x) == "c" for x in leaves(args64)):
        return
    args32 = arguments(sample, np.float32)
    tangents = directions(sample, args64)
    tangents32 = [None if t is None else tree_map(np.float32, t) for t in tangents]
    expected = call(sample, copied(args32))
    result = call(sample, lifted(args32, tangents32))
    tree_map(assert_same_bits, tree_map(value_of, result), expected)
    for t32, t64 in zip(tangents_of(result), tangents_of(call(sample, lifted(args64, tangents))), strict=True):
        assert_close(t32, t64, 1e-2)
    assert all(y.tangent.dtype == y.dtype for y in leaves(result) if isinstance(y, Dual))


def check_levels(sample):
    """An active argument of a lower level is a constant, and keeps its own derivative."""
    args = arguments(sample)
    tangents = directions(sample, args)
    for i in sample.active if len(sample.active) > 1 else ():
        above, below = only(tangents, i), only(tangents, *set(sample.active) - {i})
        raised = [
            x if t is None else tree_map(lambda x, t: make_dual(x, t, 99, None), x, t)
            for x, t in zip(args, above, strict=True)
        ]
        mixed = call_if_asked(sample, lifted(raised, below))
        if mixed is None:
            continue
        for choice, level in ((above, 99), (below, 1)):
            alone = call_if_asked(sample, lifted(args, choice))
            for y, expected in zip(leaves(mixed), leaves(alone), strict=True) if alone is not None else ():
                assert_close(tangent_at(y, level), tangent_of(expected))


def tangent_at(y, level):
    """Tangent of a level without those of the others."""
    while isinstance(y, Dual):
        if y._level == level:
            return value_of(y.tangent)
        y = y.value
    return np.zeros(np.shape(y))


def check_transposes(sample):
    """Each transpose is the adjoint of the push: <push(u), v> = <u, transpose(v)>, where <a, b> = Re sum(conj(a) b)."""
    row = TABLE.get(sample.function)
    transposes = getattr(row, "transposes", {})
    for convert in variants(sample) if transposes else ():
        args, kwargs = arguments(sample, convert), dict(sample.kwargs)
        if getattr(row, "settle", None) is not None:
            args, kwargs = row.settle(*args, **kwargs)
        tangents = directions(sample, args)
        for i in set(transposes) & set(sample.active):
            result = call_if_asked(replace(sample, kwargs=kwargs), lifted(args, only(tangents, i)))
            if result is None or any(dtype_kind(y) not in "fc" for y in leaves(result)):
                continue  # a result that has no derivative has no cotangent either
            rng = np.random.default_rng(5)
            out_bar = tree_map(lambda y, rng=rng: random_like(y, rng), result)
            arg_bar = transposes[i](out_bar, *args, **kwargs)
            assert [bar.shape for bar in leaves(arg_bar)] == [x.shape for x in leaves(args[i])]
            left = inner_product(tangents_of(result), leaves(out_bar))
            right = inner_product(leaves(tangents[i]), leaves(arg_bar))
            single = any(y.dtype == np.float32 for y in leaves(out_bar))
            assert abs(left - right) <= (1e-5 if single else 1e-10) * (1 + abs(left)), (left, right)


def inner_product(us, vs):
    return sum(np.sum(np.conj(u) * v).real for u, v in zip(us, vs, strict=True))


def check_aliasing(sample):
    """Updates of a result show in the argument, and the other way round, exactly where NumPy's arrays share memory."""
    args = arguments(sample)
    if not (0 in sample.active and isinstance(args[0], np.ndarray) and args[0].size):
        return
    count = len(leaves(call(sample, copied(args))))
    for lead, n, backwards in itertools.product(((), (2,)), range(min(count, 3)), (False, True)):
        tangents = only(directions(sample, args, lead=lead), 0)
        plain, active = copied(args), lifted(copied(args), tangents)
        p, d = leaves(call(sample, plain))[n], leaves(call(sample, active))[n]
        if not isinstance(d, Dual):
            continue
        if not backwards and not isinstance(p, np.ndarray):
            continue
        if backwards:
            update, mirror, see, image = active[0], plain[0], d, p
        else:
            update, mirror, see, image = d, p, active[0], plain[0]
        shares = np.shares_memory(p, plain[0])
        before = see.value.copy(), see.tangent.copy()
        unit = 1 + 1j if dtype_kind(mirror) == "c" else 1.0
        value, tangent = 1234.5 * unit, 5 * unit
        try:
            mirror[...] = value
        except (ValueError, Warning):
            with pytest.raises(ValueError):
                update[...] = value
            continue
        try:
            update[...] = Dual(value, np.full(lead, tangent)[()])
        except MutationError:
            assert shares
            assert np.array_equal(see.value, before[0], equal_nan=True), "half an update"
            assert np.array_equal(see.tangent, before[1]), "half an update"
            continue
        assert np.array_equal(see.value, image, equal_nan=True), (see.value, image)
        for part in (np.real, np.imag) if dtype_kind(image) == "c" else (np.real,):
            changed = np.broadcast_to(np.equal(part(image), 1234.5), see.tangent.shape)
            assert np.array_equal(part(see.tangent), np.where(changed, 5, part(before[1]))), (see.tangent, changed)


CHECKS = (
    *(check_value, check_tangent, check_directions, check_nested),
    *(check_float32, check_levels, check_transposes, check_aliasing),
)
