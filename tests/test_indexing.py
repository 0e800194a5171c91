"""Indexing and assignment: every kind of index, against the loop over directions and against plain NumPy."""

import functools
import inspect

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, InputError, MutationError, ShapeError

SHAPE = (3, 4, 5)
MASK = np.arange(60).reshape(SHAPE) % 7 < 3

# (shape, index): basic, fancy, boolean, newaxis, Ellipsis, and mixtures in which NumPy moves axes to the front.
INDICES = {
    "int": 1,
    "negative": -1,
    "np.int64": np.int64(2),
    "np.uint8": np.uint8(1),
    "0-d array": np.array(1),
    "ints": (0, 1, 2),
    "too few ints": (0, 1),
    "slice": slice(1, None),
    "backwards": slice(None, None, -2),
    "empty slice": slice(2, 2),
    "slices": (slice(None), slice(1, 3), slice(None, None, 2)),
    "int and slice": (1, slice(None, 2)),
    "slice and int": (slice(None), 2),
    "ellipsis": Ellipsis,
    "ellipsis alone in tuple": (Ellipsis,),
    "empty tuple": (),
    "ellipsis first": (Ellipsis, 0),
    "ellipsis last": (0, Ellipsis),
    "ellipsis between": (0, Ellipsis, 1),
    "ellipsis for nothing": (0, Ellipsis, 1, 2),
    "newaxis": None,
    "newaxes": (None, slice(None), None, 1, Ellipsis, None),
    "list": [0, 2],
    "list, repeated": [1, 1, 0],
    "empty list": [],
    "array": np.array([[0, 1], [2, 0]]),
    "array at second axis": (slice(None), [0, 3]),
    "array at last axis": (Ellipsis, [0, 3, 1]),
    "array behind int": (1, [0, 3]),
    "arrays": ([0, 2], [1, 3]),
    "arrays that broadcast": (np.array([[0], [2]]), np.array([1, 3, 0])),
    "arrays adjacent, in the middle": (slice(None), [0, 2], [1, 3]),
    "arrays separated by slice": ([0, 2], slice(None), [1, 3]),
    "arrays separated by ellipsis": ([0, 2], Ellipsis, [1, 3]),
    "arrays separated by newaxis": ([0, 2], None, [1, 3]),
    "int separated from array": (0, slice(None), [1, 3, 2]),
    "array separated from int": ([0, 2], slice(None), 1),
    "array, slice, newaxis": ([0, 2], slice(1, 3), None),
    "newaxis, array": (None, [0, 2]),
    "all three arrays": ([0, 1], [2, 3], [4, 0]),
    "mask": MASK,
    "mask of nothing": np.zeros(SHAPE, bool),
    "mask of first axis": np.array([True, False, True]),
    "mask of two axes": MASK[:, :, 0],
    "mask of last two axes": (slice(None), MASK[0]),
    "mask of last axis": (Ellipsis, MASK[0, 0]),
    "mask and array": (np.array([True, False, True]), [1, 2]),
    "mask, slice, array": (np.array([True, False, True]), slice(None), [1, 2]),
    "mask and int": (np.array([True, False, True]), 1),
    "True": True,
    "False": False,
    "np.True_": np.True_,
    "np.ix_": np.ix_([0, 2], [1, 3], [0, 4]),
}

# One direction, K directions, and K equal to the length of each axis, where a misplaced axis would go unseen.
DIRECTIONS = [None, 0, 1, 2, 3, 4, 5]

indices = pytest.mark.parametrize("index", INDICES.values(), ids=INDICES.keys())


def directions(test):
    """Run a test for each number of directions: in a loop, for thousands of tests take longer to collect than to run."""

    @functools.wraps(test)
    def looped(**kwargs):
        for k in DIRECTIONS:
            test(k=k, **kwargs)

    parameters = inspect.signature(test).parameters.values()
    looped.__signature__ = inspect.Signature([p for p in parameters if p.name != "k"])
    return looped


def dual(rng, k, shape=SHAPE, dtype=float):
    lead = () if k is None else (k,)
    return Dual(rng.normal(size=shape).astype(dtype), rng.normal(size=lead + shape).astype(dtype))


def rows(tangent, k):
    return [tangent] if k is None else list(tangent)


def assert_same(result, value, tangents, k):
    """`tangents` is the loop: what NumPy gives for each direction."""
    assert type(result.value) is type(value)
    assert result.dtype == value.dtype
    np.testing.assert_array_equal(result.value, value, strict=True)
    assert result.tangent.shape == (value.shape if k is None else (k, *value.shape))
    for mine, theirs in zip(rows(result.tangent, k), tangents, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@indices
@directions
@pytest.mark.parametrize("dtype", [float, np.float32, complex])
def test_get(index, k, dtype):
    x = dual(np.random.default_rng(1), k, dtype=dtype)
    assert_same(x[index], x.value[index], [t[index] for t in rows(x.tangent, k)], k)


@indices
@directions
def test_get_nested(index, k):
    rng = np.random.default_rng(2)
    lead = () if k is None else (k,)
    x = Dual(dual(rng, k), dual(rng, k, lead + SHAPE))
    y = x[index]
    plain = x.value.value[index]
    for outer, inner, axes in (
        ("value", "value", 0),
        ("value", "tangent", 1),
        ("tangent", "value", 1),
        ("tangent", "tangent", 2),
    ):
        part, result = (getattr(getattr(number, outer), inner) for number in (x, y))
        assert result.shape == lead * axes + plain.shape
        for i in np.ndindex(lead * axes):
            np.testing.assert_array_equal(result[i], part[i][index])


@indices
@directions
def test_get_aliases_as_numpy_does(index, k):
    x = dual(np.random.default_rng(3), k)
    y, plain = x[index], x.value[index]
    if isinstance(plain, np.ndarray):
        shared = np.may_share_memory(plain, x.value)
        assert np.may_share_memory(y.value, x.value) == shared
        if k != 0:
            assert np.may_share_memory(y.tangent, x.tangent) == shared
        before = x.copy()
        y[...] = 7.0
        changed = x.value != before.value
        for mine, theirs in zip(rows(x.tangent, k), rows(before.tangent, k), strict=True):
            np.testing.assert_array_equal(mine, np.where(changed, 0, theirs))
        assert changed.any() == (shared and plain.size > 0)


@indices
@directions
def test_set_constant(index, k):
    x = dual(np.random.default_rng(4), k)
    plain, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
    for part in (plain, *tangents):
        part[index] = 9 if part is plain else 0
    x[index] = 9
    assert_same(x, plain, tangents, k)


@indices
@directions
@pytest.mark.parametrize("stretch", ["full", "scalar", "last axis", "extra axis", "ones"])
def test_set_dual(index, k, stretch):
    rng = np.random.default_rng(5)
    x = dual(rng, k)
    shape = x.value[index].shape
    shape = {
        "full": shape,
        "scalar": (),
        "last axis": shape[-1:],
        "extra axis": (1, *shape),
        "ones": tuple(1 for _ in shape),
    }[stretch]
    y = dual(rng, k, shape)
    plain, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
    try:
        plain[index] = y.value
    except (TypeError, ValueError) as refusal:  # as NumPy refuses the shape, so do we, and nothing is changed
        before = x.copy()
        with pytest.raises(type(refusal)):
            x[index] = y
        return assert_same(x, before.value, rows(before.tangent, k), k)
    for old, new in zip(tangents, rows(y.tangent, k), strict=True):
        old[index] = new
    x[index] = y
    return assert_same(x, plain, tangents, k)


@indices
@directions
def test_set_plain_array(index, k):
    x = dual(np.random.default_rng(6), k)
    new = np.random.default_rng(7).normal(size=x.value[index].shape)
    plain, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
    plain[index] = new
    for old in tangents:
        old[index] = 0
    x[index] = new
    assert_same(x, plain, tangents, k)


@indices
@directions
def test_in_place_at_index(index, k):
    rng = np.random.default_rng(8)
    x = dual(rng, k)
    y = dual(rng, k, x.value[index].shape)
    plain, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
    old = plain[index].copy()
    for part, new in zip(tangents, rows(y.tangent, k), strict=True):
        part[index] = part[index] * y.value + old * new
    plain[index] *= y.value
    x[index] *= y
    np.testing.assert_array_equal(x.value, plain)
    for mine, theirs in zip(rows(x.tangent, k), tangents, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)


@directions
def test_set_list_of_scalars(k):
    x = dual(np.random.default_rng(9), k, (4,))
    y = x.copy()
    y[1:] = [x[0], 5.0, x[1] * 2]
    plain = np.array([x.value[0], x.value[0], 5.0, x.value[1] * 2])
    assert_same(y, plain, [np.array([t[0], t[0], 0, 2 * t[1]]) for t in rows(x.tangent, k)], k)


@directions
def test_overlapping_assignment(k):
    x = dual(np.random.default_rng(10), k, (6,))
    plain, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
    for part in (plain, *tangents):
        part[1:] = part[:-1].copy()
    x[1:] = x[:-1]
    assert_same(x, plain, tangents, k)
    for part in (plain, *tangents):
        part[...] = part[::-1].copy()
    x[...] = x[::-1]
    assert_same(x, plain, tangents, k)


@directions
@pytest.mark.parametrize("index", [np.False_, np.True_])
def test_overlapping_assignment_of_numbers(k, index):
    x = dual(np.random.default_rng(10), k, ())
    before = x.copy()
    x[index] = x
    assert_same(x, before.value, rows(before.tangent, k), k)


@directions
def test_repeated_index_keeps_the_last(k):
    x = dual(np.random.default_rng(11), k, (3,))
    y = dual(np.random.default_rng(12), k, (3,))
    x[[1, 1, 1]] = y
    assert x.value[1] == y.value[2]
    for mine, theirs in zip(rows(x.tangent, k), rows(y.tangent, k), strict=True):
        assert mine[1] == theirs[2]


@directions
@pytest.mark.parametrize("index", [3, (0, 4), (0, 0, 0, 0), [3], "name", 1.5, None, (0, [0, 1], [0, 1, 2])], ids=str)
def test_bad_index_is_numpys_own_error(k, index):
    x = dual(np.random.default_rng(13), k)
    before = x.copy()
    if index is None:
        index = np.ones(4, bool)
    with pytest.raises(IndexError) as theirs:
        x.value[index]
    with pytest.raises(IndexError) as ours:
        x[index]
    assert str(ours.value) == str(theirs.value)
    with pytest.raises(IndexError):
        x[index] = 1.0
    with pytest.raises(IndexError):
        x[index] = dual(np.random.default_rng(14), k, ())
    assert_same(x, before.value, rows(before.tangent, k), k)


def test_an_active_index_is_refused():
    x = dual(np.random.default_rng(15), None)
    for index in (dual(np.random.default_rng(16), None, (2,)), Dual(1.0, 1.0), (0, Dual(1.0, 1.0))):
        with pytest.raises((IndexError, DerivativeLostError)):
            x[index]
        with pytest.raises((IndexError, DerivativeLostError)):
            x.value[index]


def test_comparison_as_mask():
    x = Dual([1.0, -2.0, 3.0], [1.0, 10.0, 100.0])
    np.testing.assert_array_equal(x[x > 0].tangent, [1.0, 100.0])
    x[x < 0] = 0
    np.testing.assert_array_equal(x.tangent, [1.0, 0.0, 100.0])
    x[x > 2] *= 2
    np.testing.assert_array_equal(x.value, [1.0, 0.0, 6.0])
    np.testing.assert_array_equal(x.tangent, [1.0, 0.0, 200.0])


def test_directions_must_agree():
    x = dual(np.random.default_rng(17), 3)
    before = x.copy()
    for k in (None, 2, 4):
        with pytest.raises(ShapeError, match="direction"):
            x[0] = dual(np.random.default_rng(18), k, (4, 5))
    assert_same(x, before.value, before.tangent, 3)


def test_an_inner_derivative_does_not_fit():
    x = dual(np.random.default_rng(19), None, (2,))
    inner = Dual(x[0], 1.0)
    with pytest.raises(MutationError, match="zeros_like"):
        x[0] = inner


@directions
def test_an_outer_derivative_is_taken_up(k):
    """A Dual of a higher level is assigned what depends on a lower one."""
    rng = np.random.default_rng(20)
    low = dual(rng, k, (2,))
    high = Dual(Dual(np.ones(3), np.zeros((3,) if k is None else (k, 3))), np.ones(3))
    high[1:] = low
    assert_same(high.value, np.array([1.0, *low.value]), [np.array([0.0, *t]) for t in rows(low.tangent, k)], k)
    np.testing.assert_array_equal(high.tangent.value if isinstance(high.tangent, Dual) else high.tangent, [1, 0, 0])


def test_an_outer_derivative_is_taken_up_or_refused_by_plain_parts():
    low = Dual([3.0, 4.0], [5.0, 6.0])
    high = Dual(Dual(np.ones(3), np.ones(3)), np.ones(3))  # level 2
    alone = high.value.value * np.zeros_like(high)  # level 2 too; its parts came from a constant
    alone[1:] = low
    np.testing.assert_array_equal(alone.value.tangent, [0.0, 5.0, 6.0])
    np.testing.assert_array_equal(alone.value.value, [0.0, 3.0, 4.0])


def test_structured_and_string_dtypes_are_refused():
    for bad in (np.array(["a"]), np.zeros(2, [("a", float)]), np.array(["2020-01-01"], "M8[D]"), np.array([None])):
        with pytest.raises(InputError):
            Dual(bad, bad)


@directions
def test_iteration_is_indexing(k):
    for shape in ((3,), (3, 2), (0,), (0, 2), (2, 0)):
        x = dual(np.random.default_rng(21), k, shape)
        items = list(x)
        assert len(items) == len(x) == shape[0]
        for i, item in enumerate(items):
            assert_same(item, x.value[i], [t[i] for t in rows(x.tangent, k)], k)


@directions
def test_iteration_sees_updates(k):
    """NumPy iterates lazily: what the loop writes ahead of itself is read later on."""

    def running_sum(x):
        for i, item in enumerate(x):
            if i + 1 < len(x):
                x[i + 1] = x[i + 1] + item
        return x

    x = dual(np.random.default_rng(22), k, (5,))
    expected, tangents = running_sum(x.value.copy()), [running_sum(t.copy()) for t in rows(x.tangent, k)]
    assert_same(running_sum(x), expected, tangents, k)


@directions
def test_iteration_over_rows_gives_views(k):
    x = dual(np.random.default_rng(23), k, (3, 2))
    for row in x:
        row[0] = 0
    assert not x.value[:, 0].any()
    assert not x.tangent[..., 0].any()
    assert x.value[:, 1].all()


@directions
def test_scalars_are_no_views(k):
    x = dual(np.random.default_rng(24), k, (3,))
    first, value = x[0], x.value[0]
    tangents = [t[0] for t in rows(x.tangent.copy(), k)]
    x[0] = 0.0
    x *= 5
    assert_same(first, value, tangents, k)


@directions
@pytest.mark.parametrize("order", ["C", "F"])
def test_flat(k, order):
    x = dual(np.random.default_rng(26), k, (2, 3))
    if order == "F":
        x = x.T
    assert len(x.flat) == 6
    for index in (0, -1, slice(1, 4), [0, 5, 0], np.arange(6) % 2 == 0):
        assert_same(x.flat[index], x.value.flat[index], [t.flat[index] for t in rows(x.tangent, k)], k)
        plain, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
        plain.flat[index] = 4.0
        for part in tangents:
            part.flat[index] = 0
        y = x.copy()
        y.flat[index] = 4.0
        assert_same(y, plain, tangents, k)
    taken, before = x.flat[1:3], x.copy()
    taken[...] = 0.0  # a copy, as NumPy's is
    assert_same(x, before.value, rows(before.tangent, k), k)
    x.flat = x[0, 0] * 2
    assert (x.value == x.value[0, 0]).all()
    assert (x.tangent == x.tangent[..., :1, :1]).all()


@directions
def test_item(k):
    x = dual(np.random.default_rng(27), k, (2, 3))
    for index in ((4,), (-1,), (1, 2), ((1, 2),)):
        assert_same(x.item(*index), np.float64(x.value.item(*index)), [t.item(*index) for t in rows(x.tangent, k)], k)
    assert_same(x[:1, :1].item(), x.value[0, 0], [t[0, 0] for t in rows(x.tangent, k)], k)
    with pytest.raises(ValueError, match="size 1"):
        x.item()
    with pytest.raises(IndexError):
        x.item(6)


def programs(x, steps, rng):
    """Run random views and in-place updates; give the array, the live views and what was read on the way."""
    views, read = [x], []
    for _ in range(steps):
        view = views[rng.integers(len(views))]
        other = views[rng.integers(len(views))]
        action = rng.integers(9)
        if action == 0 and view.ndim:
            start = int(rng.integers(2))
            views.append(view[start:] if len(view) > 1 else view[...])
        elif action == 1:
            views.append(view.T)
        elif action == 2 and view.ndim > 1:
            views.append(view[int(rng.integers(len(view)))])
        elif action == 3:
            views.append(view.reshape(-1))
        elif action == 4 and view.ndim:
            i = int(rng.integers(len(view)))
            view[i] = view[-1] * 0.5 + 1
        elif action == 5:
            view *= 1.5
        elif action == 6 and view.ndim:
            view[::2] += np.sin(other).sum()
        elif action == 7:
            views.append(view[[-1, 0]] if view.ndim else view)
        elif action == 8:
            view[...] = np.flip(view, 0).copy() if view.ndim else view * 2
        read.append(np.sum(view * view))
    return views, read


def begin(x, seed):
    """Arrays with their axes in different orders in memory, some of them only by chance of how they were computed."""
    return [
        lambda x: x * 1,
        lambda x: x.T.copy(),
        lambda x: np.ones(x.shape) + x.T.copy().T,
        lambda x: np.asfortranarray(np.ones(x.shape)) * x[..., :1],
        lambda x: x[[0, 1]],
        lambda x: x[..., [1, 0, 1]],
        lambda x: x[0] * np.ones(x.shape, order="F") if x.ndim > 1 else x[0] * np.ones((2, 2), order="F"),
        lambda x: np.exp(x.T).T,
    ][seed % 8](x)


@pytest.mark.parametrize("k", [None, 2, 3])
@pytest.mark.parametrize("seed", range(48))
def test_random_programs_of_views_and_updates(seed, k):
    """Values against plain NumPy, derivatives against the complex step, which knows nothing of our aliasing."""
    x = dual(np.random.default_rng([28, seed]), k, [(6,), (3, 4), (2, 3, 2)][seed // 8 % 3])

    def run(x):
        views, read = programs(begin(x, seed), 25, np.random.default_rng([29, seed]))
        return views + read

    value, tangents = x.value.copy(), [t.copy() for t in rows(x.tangent, k)]
    results = run(x)
    for mine, theirs in zip(results, run(value.copy()), strict=True):
        np.testing.assert_array_equal(mine.value, theirs)
    for j, tangent in enumerate(tangents):
        for mine, theirs in zip(results, run(value + 1e-30j * tangent), strict=True):
            mine = mine.tangent if k is None else mine.tangent[j]
            np.testing.assert_allclose(mine, np.imag(theirs) / 1e-30, rtol=1e-9, atol=1e-9)


def test_a_view_whose_tangent_is_none_is_not_updated():
    """Where the layouts in memory differ after all, reading is right and updates are refused, in every view."""
    x = Dual(np.ones((2, 3)), np.arange(6.0).reshape(2, 3))
    x._tangent = np.asfortranarray(x._tangent)
    row = x[0]
    flat = x.reshape(-1)
    np.testing.assert_array_equal(flat.tangent, np.arange(6.0))
    for view in (x, row, flat, flat[1:], x.T):
        with pytest.raises(MutationError, match="copy"):
            view[0] = 5.0
        with pytest.raises(MutationError, match="copy"):
            view *= 2.0
    assert (x.value == 1).all()
    part = flat[2:4]
    del flat, view
    with pytest.raises(MutationError):
        row[0] = 5.0
    del part  # the last that saw the copied tangent
    row[0] = 5.0
    np.testing.assert_array_equal(x.value[0], [5.0, 1.0, 1.0])
    np.testing.assert_array_equal(x.tangent[0], [0.0, 1.0, 2.0])


def test_assignment_from_overlapping_memory_goes_as_in_numpy():
    """NumPy reads what it has just written; with directions along, it would do so in another order."""
    x, t = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = Dual(x, t)
    np.flip(y)[np.array([True, True, True])] = y
    for plain, part in zip((x, *t), (y.value, *y.tangent), strict=True):
        np.flip(plain)[np.array([True, True, True])] = plain
        assert np.array_equal(part, plain)
