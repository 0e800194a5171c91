"""Dual, the number: what it is made of, what it answers Python and NumPy, and how it is updated in place."""

import collections
import copy
import decimal
import fractions
import itertools
import numbers
import operator
import pickle
import warnings

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, DualnumError, InputError, MutationError, NoRuleError, ShapeError, primal
from dualnum.packing import as_operand

DIRECTIONS = [None, 1, 3, 20]
DTYPES = [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128]


@pytest.fixture(autouse=True)
def _object_arrays_have_been_warned_of(monkeypatch):
    monkeypatch.setattr("dualnum.packing._warned", True)


def dual(shape=(3,), k=None, dtype=float, seed=0):
    rng = np.random.default_rng(seed)
    lead = () if k is None else (k,)
    return Dual((rng.normal(size=shape) + 3).astype(dtype), rng.normal(size=lead + shape).astype(dtype))


def assert_same(x, value, tangent):
    assert isinstance(x, Dual)
    np.testing.assert_array_equal(x.value, value, strict=True)
    np.testing.assert_array_equal(x.tangent, tangent)
    assert x.tangent.dtype == x.value.dtype


# Construction


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1,), (0,), (2, 0)])
@pytest.mark.parametrize("k", [*DIRECTIONS, 0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_parts(shape, k, dtype):
    x = dual(shape, k, dtype)
    assert x.shape == np.shape(x.value) == shape
    assert x.tangent.shape == (shape if k is None else (k, *shape))
    assert x.dtype == x.value.dtype == x.tangent.dtype == dtype
    assert (type(x.value) is np.ndarray) == bool(shape)
    assert primal(x) is x.value
    assert (x.size, x.ndim, x.itemsize) == (x.value.size, x.value.ndim, x.value.itemsize)


def test_integers_become_floats_and_lists_arrays():
    x = Dual([1, 2], [1, 0])
    assert x.dtype == x.tangent.dtype == np.float64
    assert Dual(1, 1).dtype == np.float64
    assert Dual(True, False).dtype == np.float64
    assert Dual((1, 2), [[1, 0], [0, 1]]).tangent.shape == (2, 2)
    assert Dual(np.array(2.0), np.array(1.0)).value.__class__ is np.float64


def test_tangent_takes_the_dtype_of_the_value():
    assert Dual(np.float32([1, 2]), [0.1, 0.2]).tangent.dtype == np.float32
    assert Dual([1.0, 2.0], np.float32([1, 2])).tangent.dtype == np.float64
    assert Dual([1j, 2.0], [0.1, 0.2]).tangent.dtype == np.complex128


def test_parts_are_copies():
    value, tangent = np.ones(3), np.ones(3)
    x = Dual(value, tangent)
    value[0] = tangent[0] = 5
    x[1] = 7.0
    assert_same(x, [1.0, 7.0, 1.0], [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(value, [5, 1, 1])
    inner = Dual([1.0, 2.0], [3.0, 4.0])
    outer = Dual(inner, inner)
    inner[0] = 9.0
    assert_same(outer.value, [1.0, 2.0], [3.0, 4.0])
    assert_same(outer.tangent, [1.0, 2.0], [3.0, 4.0])


@pytest.mark.parametrize(
    ("value", "tangent"),
    [
        (np.ones(3), np.ones(2)),
        (np.ones(3), 1.0),
        (1.0, np.ones((2, 2))),
        (np.ones((2, 3)), np.ones(3)),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones((2, 3)), np.ones((4, 3, 2))),
        (np.ones(3), np.ones((1, 1, 3))),
        (np.ones(3), np.ones((3, 2))),
    ],
)
def test_shapes_that_do_not_fit(value, tangent):
    with pytest.raises(ShapeError, match="tangent has shape"):
        Dual(value, tangent)


@pytest.mark.parametrize(
    "bad", ["a", None, {}, [None], np.array(["2020-01-01"], "M8[D]"), object(), {1.0}, [object()]]
)
def test_what_is_not_numeric(bad):
    for value, tangent in ((bad, 1.0), (1.0, bad)):
        with pytest.raises((InputError, ShapeError)):
            Dual(value, tangent)


def test_ragged_parts():
    with pytest.raises(ValueError, match="inhomogeneous"):
        Dual([[1.0], [1.0, 2.0]], 1.0)


def test_complex_tangent_needs_complex_value():
    with pytest.raises(InputError, match=r"0j"):
        Dual([1.0], [1j])
    with pytest.raises(TypeError):
        Dual(1.0)
    with pytest.raises(TypeError):
        Dual()


def test_nested_and_mixed_parts():
    inner = Dual(2.0, 3.0)
    x = Dual([inner, 1.0], [1.0, inner])
    np.testing.assert_array_equal(x.value.value, [2.0, 1.0])
    np.testing.assert_array_equal(x.value.tangent, [3.0, 0.0])
    np.testing.assert_array_equal(x.tangent.value, [1.0, 2.0])
    np.testing.assert_array_equal(x.tangent.tangent, [0.0, 3.0])


@pytest.mark.parametrize("foreign", [np.ma.array([1.0, 2.0], mask=[0, 1]), np.rec.array([(1.0,), (2.0,)])], ids=type)
def test_foreign_arrays_are_refused(foreign):
    with pytest.raises(InputError):
        Dual(foreign, np.ones(2))
    with pytest.raises(InputError):
        Dual(np.ones(2), foreign)


def test_read_only_and_memory_mapped_values(tmp_path):
    frozen = np.ones(3)
    frozen.flags.writeable = False
    x = Dual(frozen, frozen)
    x[0] = 5.0
    assert frozen[0] == 1.0
    mapped = np.memmap(tmp_path / "numbers", float, "w+", shape=3)
    mapped[:] = [1, 2, 3]
    x = Dual(mapped, mapped)
    for y in (x * mapped, mapped * x, np.multiply(mapped, x)):
        assert_same(y, np.array([1.0, 4.0, 9.0]), [1.0, 4.0, 9.0])
    with pytest.raises(DerivativeLostError):
        mapped += x


# What Python asks


def test_repr_can_be_read():
    assert repr(Dual(1.5, 2.0)) == str(Dual(1.5, 2.0)) == "Dual(1.5, tangent=2.0)"
    assert repr(Dual([1.0, 2.0], [0.0, 1.0])) == "Dual(array([1., 2.]), tangent=array([0., 1.]))"
    assert repr(Dual(1.0, [1.0, 2.0])) == "Dual(1.0, tangent=array([1., 2.]))"
    assert repr(Dual(Dual(1.0, 2.0), 3.0)) == "Dual(Dual(1.0, tangent=2.0), tangent=3.0)"
    assert "float32" in repr(Dual(np.float32([1]), [1]))
    x = Dual([1.0, -0.0], [[1e300, np.nan]])
    again = eval(repr(x), {"Dual": Dual, "array": np.array, "nan": np.nan})
    assert_same(again, x.value, x.tangent)


def test_printing_loses_nothing():
    for x in (Dual(3.14159, 1.0), Dual(np.float32(3.14159), 1.0), Dual(3.14159, np.ones(20)), Dual(Dual(3.14159, 1.0), 1.0)):
        assert f"{x:.3f}" == "3.142"
        assert format(x, "8.2e") == "3.14e+00"
        assert f"{x}" == str(x)
    with pytest.raises(TypeError):
        format(Dual([1.0], [1.0]), ".3f")


def test_never_hashable():
    for x in (Dual(1.0, 1.0), Dual([1.0], [1.0]), Dual(np.float32(1), 1.0), Dual(Dual(1.0, 1.0), 1.0)):
        with pytest.raises(TypeError, match="unhashable"):
            hash(x)


def test_len_bool_contains():
    assert len(dual((4, 2))) == 4
    assert len(dual((0, 2))) == 0
    for x in (Dual(1.0, 1.0), dual((1,))[...][0, ...]):
        with pytest.raises(TypeError):
            len(x)
        with pytest.raises(TypeError):
            iter(x)
    assert bool(Dual(0.5, 0.0))
    assert not Dual(0.0, 1.0)
    assert Dual([2.0], [0.0])
    assert not Dual([[0.0]], [[1.0]])
    for size in (0, 2):
        with pytest.raises(ValueError, match="truth value"):
            bool(dual((size,)))
    assert 2.0 in Dual([1.0, 2.0], [0.0, 0.0])
    assert Dual(2.0, 7.0) in Dual([1.0, 2.0], [0.0, 0.0])
    assert 3.0 not in Dual([1.0, 2.0], [3.0, 3.0])


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
COMPARING_UFUNCS = [np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal]


@pytest.mark.parametrize(("op", "ufunc"), list(zip(COMPARISONS, COMPARING_UFUNCS, strict=True)))
def test_comparisons_look_at_values_and_are_plain(op, ufunc):
    v, w = np.array([1.0, 2.0, -1.0]), np.array([1.0, 1.0, 3.0])
    x, y = Dual(v, [9.0, 8.0, 7.0]), Dual(w, [1.0, 2.0, 3.0])
    nested = Dual(Dual(v, v), v)
    objects = np.asarray(x)
    for a, b in itertools.product((v, x, nested, objects), (w, y, 1.0, np.float32(1), [1.0, 1.0, 3.0], Dual(1.0, 5.0))):
        if not isinstance(a, Dual) and not isinstance(b, Dual) and a is not objects:
            continue
        expected = op(v, primal(b))
        for result in (op(a, b), ufunc(a, b)):
            assert type(result) is np.ndarray
            assert result.dtype == bool
            np.testing.assert_array_equal(result, expected)
    for a, b in ((x[0], 1), (1, x[0]), (x[0], y[0]), (x[1], nested[1]), (x[0], np.float64(1))):
        result = op(a, b)
        assert result == op(primal(primal(a)), primal(primal(b)))
        assert isinstance(result, bool | np.bool)


def test_comparison_with_other_types():
    x = Dual(1.0, 1.0)
    assert not (x == "a")
    assert x != None  # noqa: E711
    assert x != {}
    assert x == fractions.Fraction(1)
    assert x < decimal.Decimal(2)
    assert (Dual([1.0, 2.0], [0.0, 0.0]) == None).tolist() == [False, False]  # noqa: E711
    with pytest.raises(TypeError):
        x < "a"  # noqa: B015
    with pytest.raises(TypeError):
        x >= None  # noqa: B015


def test_scalars_count_as_scalars_where_numpys_do():
    scalars = [
        Dual(1.0, 1.0), Dual(1.0, [1.0, 2.0]), Dual(np.float32(1), 1.0), Dual(1j, 1.0), Dual(1.0, np.ones(20)),
        Dual(Dual(1.0, 1.0), 1.0), dual()[0], dual().sum(), np.sum(dual((2, 2), 3)), np.sin(dual()[0]), dual((2,)) @ dual((2,)),
    ]  # fmt: skip
    for x in scalars:
        assert np.isscalar(x)
        assert isinstance(x, numbers.Number)
        assert not np.iterable(x)
        assert type(primal(primal(x))).__module__ == "numpy"
        assert (x.shape, x.ndim, x.size) == ((), 0, 1)
    for x in (dual(), dual((1,)), dual((0,)), dual((2, 2), 3), dual()[0, ...]):
        assert not np.isscalar(x)
        assert not isinstance(x, numbers.Number)


ATTRIBUTES = ["shape", "ndim", "size", "dtype", "itemsize", "nbytes", "T", "mT", "real", "imag", "flags", "device"]


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("dtype", [float, np.float32, complex])
def test_attributes(name, dtype):
    for shape, k in itertools.product([(2, 3), (2, 1, 3)], DIRECTIONS):
        x = dual(shape, k, dtype)
        mine, theirs = getattr(x, name), getattr(x.value, name)
        if name in ("T", "mT", "real", "imag"):
            assert_same(mine, theirs, getattr(x.tangent, name) if name != "T" else moved(x.tangent, k, np.transpose))
        elif name == "flags":
            assert (mine.c_contiguous, mine.writeable) == (theirs.c_contiguous, theirs.writeable)
        else:
            assert mine == theirs


def moved(tangent, k, function):
    return function(tangent) if k is None else np.stack([function(t) for t in tangent])


METHODS = {
    "all": (), "any": (), "argmax": (1,), "argmin": (0,), "argsort": (1,), "clip": (2.5, 3.5), "conj": (), "conjugate": (),
    "copy": ("F",), "cumprod": (1,), "cumsum": (0,), "diagonal": (1,), "dot": (np.arange(3.0),), "flatten": ("F",),
    "max": (0,), "mean": (1,), "min": (), "nonzero": (), "prod": (0,), "ravel": ("F",), "repeat": (2, 1), "reshape": (3, 2),
    "round": (1,), "squeeze": (), "std": (0,), "sum": (1,), "swapaxes": (0, 1), "take": ([0, 2], 1), "trace": (),
    "transpose": (1, 0), "var": (0,), "view": (), "tolist": (), "astype": (np.float32,), "compress": ([True, False, True], 1),
    "item": (1, 2), "choose": None, "put": None, "searchsorted": None, "argpartition": (1,), "to_device": ("cpu",),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, args in METHODS.items() if args is not None])
def test_methods(name):
    """As NumPy's, with NumPy's positional arguments."""
    for k in DIRECTIONS:
        x = dual((2, 3), k)
        args = METHODS[name]
        mine, theirs = getattr(x, name)(*args), getattr(x.value, name)(*args)
        if name == "tolist":
            mine, theirs = np.array(mine), np.array(theirs)
        if isinstance(theirs, tuple):
            np.testing.assert_array_equal(mine, theirs)
            continue
        if np.asarray(theirs).dtype.kind in "bi":
            assert type(mine) is type(theirs)
            np.testing.assert_array_equal(mine, theirs)
            continue
        if isinstance(mine, np.ndarray):
            mine = as_operand(mine)
        np.testing.assert_array_equal(mine.value, theirs)
        assert mine.dtype == np.asarray(theirs).dtype

        def shifted(t):
            z = getattr(x.value + 1e-30j * t, name)  # noqa: B023
            return np.imag(z(*args) if name != "astype" else (x.value + 1e-30j * t).astype(np.complex64)) / 1e-30  # noqa: B023

        if name in ("max", "min", "clip", "std", "var", "round", "conj", "conjugate", "astype", "to_device"):
            continue  # no functions of complex numbers; the rows have tests of their own
        for mine_dot, t in zip([mine.tangent] if k is None else mine.tangent, [x.tangent] if k is None else x.tangent, strict=True):
            np.testing.assert_allclose(mine_dot, shifted(t), rtol=1e-12)


def test_every_method_of_ndarray_is_there_or_not_by_decision():
    left_out = {"base", "ctypes", "data"}
    names = {name for name in dir(np.ndarray) if not name.startswith("_")}
    assert {name for name in names if not hasattr(Dual, name) and not hasattr(type(dual()), name)} == left_out
    with pytest.raises(DerivativeLostError):
        dual().strides  # noqa: B018


def test_methods_in_place():
    for k in DIRECTIONS:
        x = Dual([3.0, 1.0, 2.0], np.arange(3.0) if k is None else np.ones((k, 1)) * np.arange(3.0))
        same = x
        x.sort()
        np.testing.assert_array_equal(x.value, [1.0, 2.0, 3.0])
        assert (x.tangent == [1.0, 2.0, 0.0]).all()
        x.fill(x[1])
        assert (x.value == 2).all()
        assert (x.tangent == 2).all()
        x.put([0], [5.0])
        assert x.value[0] == 5
        assert not x.tangent[..., 0].any()
        x.partition(1)
        assert x.value[0] == 2
        assert same is x
    with pytest.raises(MutationError, match="resize"):
        x.resize(2)
    with pytest.raises(MutationError, match="reshape"):
        x.shape = (3, 1)


def test_real_and_imag_can_be_set():
    z = Dual(np.array([1 + 2j, 3 + 4j]), np.array([1j, 1.0]))
    z.real = Dual([5.0, 6.0], [7.0, 8.0])
    assert_same(z, [5 + 2j, 6 + 4j], [7 + 1j, 8 + 0j])
    z.imag = 0
    assert_same(z, [5 + 0j, 6 + 0j], [7 + 0j, 8 + 0j])
    x = Dual([1.0], [1.0])
    x.real = 4.0
    assert_same(x, [4.0], [0.0])
    with pytest.raises(TypeError, match="imaginary"):
        x.imag = 1.0


def test_setflags():
    x = dual()
    view = x[1:]
    x.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1.0
    x.setflags(write=True)
    x[0] = 1.0
    view[0] = 2.0
    assert_same(x[:2], [1.0, 2.0], [0.0, 0.0])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), np.copy, lambda x: x.copy()])
def test_copies(copied):
    for k, dtype in itertools.product(DIRECTIONS, (np.float32, float, complex)):
        for shape in ((), (3,), (2, 2)):
            x = dual(shape, k, dtype)
            y = copied(x)
            assert_same(y, x.value, x.tangent)
            assert type(y) is type(x) or copied is np.copy
            z = x * y  # they belong together
            assert z.tangent.shape == x.tangent.shape
            if shape:
                before = x.copy()
                y[...] = 0.0
                assert_same(x, before.value, before.tangent)
    nested = Dual(dual(), dual(seed=1))
    again = copied(nested)
    assert_same(again.value, nested.value.value, nested.value.tangent)
    assert_same(again.tangent, nested.tangent.value, nested.tangent.tangent)


def test_deepcopy_of_containers():
    x = dual()
    copied = copy.deepcopy({"a": [x, 1.0]})
    copied["a"][0][0] = 0.0
    assert x.value[0] != 0


# In place


IN_PLACE = [
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow, operator.imod, operator.ifloordiv,
]  # fmt: skip
NOT_IN_PLACE = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]


@pytest.mark.parametrize(("update", "op"), list(zip(IN_PLACE, NOT_IN_PLACE, strict=True)))
@pytest.mark.parametrize("k", DIRECTIONS)
def test_in_place_operators(update, op, k):
    x, y = dual((2, 3), k), dual((3,), k, seed=1)
    for other in (y, y[0], y.value, 2.5, 2, np.float32(2), [1.0, 2.0, 3.0], np.arange(1, 4), np.asarray(y) if k != 20 else y):
        z = same = x.copy()
        view = z[:, 1:]
        expected = op(x, other)
        z = update(z, other)
        assert z is same
        assert_same(z, expected.value, expected.tangent)
        assert_same(view, expected.value[:, 1:], expected.tangent[..., 1:])
    s = before = x[0, 0]
    value = float(primal(s))
    s = update(s, y[1])
    assert s is not before
    assert before.value == value
    expected = op(x[0, 0], y[1])
    assert_same(s, expected.value, expected.tangent)


def test_in_place_matmul():
    for k in DIRECTIONS:
        a, b = dual((2, 2), k), dual((2, 2), k, seed=1)
        expected = a @ b
        same = a
        a @= b
        assert a is same
        assert_same(a, expected.value, expected.tangent)


def test_in_place_is_refused_where_numpy_refuses():
    x = dual()
    before = x.copy()
    for bad in (np.ones((2, 3)), np.ones(2)):
        with pytest.raises(ValueError, match="shape|broadcast"):
            x += bad
    with pytest.raises(TypeError, match="cast"):
        x += 1j
    with pytest.raises(TypeError):
        x += "a"
    y = dual(dtype=np.float32)
    y += np.float64(1)  # same kind
    assert y.dtype == y.tangent.dtype == np.float32
    assert_same(x, before.value, before.tangent)
    frozen = dual()
    frozen.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        frozen += 1


def test_in_place_with_itself():
    x = Dual([2.0, 3.0], [1.0, 10.0])
    x *= x
    assert_same(x, [4.0, 9.0], [4.0, 60.0])
    x += x[0]
    assert_same(x, [8.0, 13.0], [8.0, 64.0])
    x[...] = x[::-1]
    assert_same(x, [13.0, 8.0], [64.0, 8.0])
    x[1:] += x[:-1]
    assert_same(x, [13.0, 21.0], [64.0, 72.0])


def test_levels_of_in_place_operands():
    inner = Dual(dual(), np.ones(3))
    outer = dual()
    with pytest.raises(MutationError, match="zeros_like"):
        outer += inner
    inner += outer
    np.testing.assert_array_equal(inner.value.value, 2 * outer.value)
    np.testing.assert_array_equal(inner.value.tangent, 2 * outer.tangent)
    np.testing.assert_array_equal(inner.tangent, np.ones(3))


@pytest.mark.parametrize("k", DIRECTIONS)
def test_out(k):
    x, y = dual((2, 3), k), dual((3,), k, seed=1)
    for call in (
        lambda out: np.multiply(x, y, out=out),
        lambda out: np.multiply(x, y, out),
        lambda out: np.multiply(x, y, out=(out,)),
    ):
        out = np.empty_like(x)
        view = out[1]
        assert call(out) is out
        assert_same(out, (x * y).value, (x * y).tangent)
        assert_same(view, (x * y).value[1], (x * y).tangent[..., 1, :])
    out = dual((2, 3), k, seed=5)
    assert np.add(x.value, 1.0, out=out) is out
    assert_same(out, x.value + 1, np.zeros_like(x.tangent))
    z = x.copy()
    np.sin(z[:, 1:], out=z[:, :-1])
    assert_same(z[:, :-1], np.sin(x.value[:, 1:]), np.cos(x.value[:, 1:]) * x.tangent[..., 1:])
    whole, part = np.empty_like(x), np.empty_like(x)
    result = np.modf(x, out=(part, whole))
    assert result[0] is part
    assert result[1] is whole
    assert_same(part, np.modf(x.value)[0], x.tangent)
    out = np.empty_like(y)
    assert np.sum(x, axis=0, out=out) is out
    assert_same(out, x.value.sum(0), x.tangent.sum(-2))
    assert x.sum(0, None, out) is out
    assert np.add.reduce(x, out=out) is out
    assert np.less(x, 1, out=np.zeros((2, 3), bool)).dtype == bool


def test_out_that_does_not_fit():
    x = dual((2, 3))
    for shape in ((3, 2), (3,), (2, 3, 1), ()):
        with pytest.raises((ValueError, TypeError)):
            np.add(x, 1, out=np.zeros(shape, like=x))
    with pytest.raises(TypeError, match="cast"):
        np.add(x, 1j, out=np.zeros_like(x))
    with pytest.raises(DerivativeLostError):
        np.add(x, x, out=np.zeros((2, 3), int))
    with pytest.raises(ShapeError, match="directions"):
        np.add(x, 1, out=dual((2, 3), 4))
    with pytest.raises(MutationError):
        np.add(x, Dual(x, x.value), out=np.zeros_like(x))
    big = np.zeros((4, 2, 3), like=x)
    with pytest.raises(ValueError, match="shape"):
        np.add(x, 1, out=big)


WHERE = np.array([True, False, True])
UFUNCS = [np.add, np.multiply, np.arctan2, np.divmod, np.maximum, np.power, np.fmod, np.floor_divide]
UNARY = [np.sin, np.exp, np.absolute, np.sign, np.conjugate, np.floor, np.modf, np.sqrt, np.negative, np.square]


@pytest.mark.parametrize("ufunc", UFUNCS + UNARY)
@pytest.mark.parametrize("k", DIRECTIONS)
def test_where(ufunc, k):
    """What is masked out keeps the value and tangent of `out`; without `out`, it has the tangent zero."""
    x, y = dual((2, 3), k), dual((3,), k, seed=1)
    inputs = (x, y)[: ufunc.nin]
    plain = ufunc(*inputs)
    plain = plain if isinstance(plain, tuple) else (plain,)
    for where in (WHERE, list(WHERE), np.ones((2, 1), bool), Dual([0.0, 1.0, 2.0], np.zeros(3)) > 0.5):
        outs = tuple(dual((2, 3), k, seed=7 + i) for i in range(ufunc.nout))
        before = tuple(out.copy() for out in outs)
        results = ufunc(*inputs, out=outs, where=where)
        results = results if isinstance(results, tuple) else (results,)
        for result, out, old, full in zip(results, outs, before, plain, strict=True):
            assert result is out
            assert_same(out, np.where(where, full.value, old.value), np.where(where, full.tangent, old.tangent))
    results = ufunc(*inputs, where=WHERE, out=(None,) * ufunc.nout)
    for result, full in zip(results if isinstance(results, tuple) else (results,), plain, strict=True):
        np.testing.assert_array_equal(result.value[:, WHERE], full.value[:, WHERE])
        np.testing.assert_array_equal(result.tangent, np.where(WHERE, full.tangent, 0))


def test_where_keeps_out_the_bad_points():
    x = Dual([-1.0, 4.0, 0.0], [1.0, 1.0, 1.0])
    y = np.sqrt(x, where=x > 0, out=np.zeros_like(x))
    assert_same(y, [0.0, 2.0, 0.0], [0.0, 0.25, 0.0])
    y = np.divide(1.0, x, where=x != 0, out=np.full_like(x, 7.0))
    assert_same(y, [-1.0, 0.25, 7.0], [-1.0, -1 / 16, 0.0])
    nested = Dual(x, np.ones(3))
    y = np.log(nested, where=x > 0, out=np.zeros_like(nested))
    np.testing.assert_array_equal(y.tangent.value, [0.0, 0.25, 0.0])
    np.testing.assert_array_equal(y.tangent.tangent, [0.0, -1 / 16, 0.0])


@pytest.mark.parametrize("ufunc", UFUNCS + UNARY)
@pytest.mark.parametrize("k", DIRECTIONS)
def test_dtype(ufunc, k):
    x, y = dual((2, 3), k, np.float32), dual((3,), k, np.float32, seed=1)
    wide = [Dual(z.value.astype(float), z.tangent.astype(float)) for z in (x, y)]
    for dtype in (float, "f8", np.dtype(np.float64)):
        results = ufunc(*(x, y)[: ufunc.nin], dtype=dtype)
        expected = ufunc(*wide[: ufunc.nin])
        both = zip(*(r if isinstance(r, tuple) else (r,) for r in (results, expected)), strict=True)
        for result, full in both:
            assert_same(result, full.value, full.tangent)
    narrow = ufunc(*wide[: ufunc.nin], dtype=np.float32)
    for result in narrow if isinstance(narrow, tuple) else (narrow,):
        assert result.dtype == result.tangent.dtype == np.float32
    with pytest.raises(TypeError):
        ufunc(*wide[: ufunc.nin], dtype=int)


def test_dtype_is_that_of_the_partials_too():
    """The square of 1e20 leaves float32, though not float64."""
    x = Dual(np.float32([1e20]), np.float32([1]))
    y = np.power(x, np.float32(3), dtype=float)
    np.testing.assert_allclose(y.tangent, [3e40], rtol=1e-6)
    z = np.arcsin(Dual([2.0], [1.0]), dtype=complex)
    np.testing.assert_allclose(z.tangent ** 2, -1 / 3, rtol=1e-15)


def test_other_keywords_of_ufuncs():
    x = dual((2, 3))
    expected = x + 1
    for kwargs in ({"casting": "same_kind"}, {"order": "F"}, {"subok": False}, {"dtype": None}, {"where": True}, {"out": None}):
        assert_same(np.add(x, 1, **kwargs), expected.value, expected.tangent)
        assert_same(np.absolute(x, **kwargs), x.value, x.tangent)
    with pytest.raises(TypeError):
        np.add(x, 1, casting="no", dtype=np.float32)
    with pytest.raises(TypeError):
        np.add(x, 1, nonsense=True)
    with pytest.raises(TypeError):
        np.add(x)
    with pytest.raises(TypeError, match="bool"):
        np.add(x, 1, where=x)


def test_comparisons_with_keywords():
    x = dual((2, 3))
    np.testing.assert_array_equal(np.less(x, 3, dtype=bool), x.value < 3)
    out = np.zeros((2, 3), bool)
    assert np.less(x, 3, out=out, where=WHERE) is out
    np.testing.assert_array_equal(out, (x.value < 3) & WHERE)


# Warnings


def test_derivative_arithmetic_does_not_warn():
    """Only values warn, and as NumPy's do; here they stay finite while derivatives leave the range."""
    for big in (1e308, np.inf, np.nan):
        for k in DIRECTIONS:
            x = Dual([1.0, 1.0], np.full((2,) if k is None else (k, 2), big))
            for y in (x, x[0], x.astype(np.float32) if big != 1e308 else x):
                results = [y * 100, 100 * y, y * np.float64(100), y * np.full(2, 100.0), y + y, y - y, y * 0, y / 0.01, y * y * y]
                results += [y**100, np.sin(y), np.exp(y * 3), np.add(y, y), np.multiply(y, 100.0), -y * 3, np.arctan2(y, y)]
                results += [y / y, y % 0.3, np.sqrt(y), np.hypot(y, 2 * y), np.maximum(y, y), np.sum(y + y), np.abs(y)]
                assert all(np.isfinite(r.value).all() for r in results)
    with np.errstate(all="raise"):
        x = Dual([1.0, 0.0], [1e300, 1.0])
        y = [x * 1e300, x * x, x**0.5, np.sqrt(x), x[0] * 1e300, np.sqrt(x[1]), x[1] ** 0.5, np.cbrt(x), np.arcsin(x)]
    assert not np.isfinite(y[0].tangent[0])


def test_values_warn_as_numpys_do():
    for x in (Dual([0.0], np.ones(1)), Dual(0.0, 1.0), Dual(0.0, np.ones(3)), Dual(np.float32(0), 1.0)):
        for f, match in ((lambda x: 1 / x, "divide by zero"), (np.log, "divide by zero"), (lambda x: np.inf * x, "invalid")):
            with pytest.warns(RuntimeWarning, match=match):
                f(x)
            with np.errstate(all="ignore"):
                f(x)
            with np.errstate(all="raise"), pytest.raises(FloatingPointError):
                f(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.sqrt(Dual([0.0], [1.0]))


def test_error_state_is_given_back():
    before = np.geterr()
    for x in (Dual([0.0], [1.0]), Dual(0.0, 1.0), Dual(Dual(0.0, 1.0), 1.0)):
        np.sqrt(x)
        x**0.5
        with pytest.raises(TypeError):
            x + "a"
        with pytest.raises(DualnumError):
            float(x)
    assert np.geterr() == before


def test_zero_times_infinity():
    """A zero direction stays zero where a partial is infinite."""
    x = Dual([0.0, 4.0], [[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(np.sqrt(x).tangent, [[np.inf, 0.0], [0.0, 0.25]])
    np.testing.assert_array_equal((x**0.5).tangent, [[np.inf, 0.0], [0.0, 0.25]])
    with np.errstate(all="ignore"):
        y = np.where(x > 0, np.log(x), 0)
    np.testing.assert_array_equal(y.tangent, [[0.0, 0.0], [0.0, 0.25]])
    np.testing.assert_array_equal(np.where(x > 0, np.sqrt(x), 0).tangent, [[0.0, 0.0], [0.0, 0.25]])


# Other types


class Friend:
    """Has an ``__array_ufunc__`` of its own, as units and labelled arrays have; holds a Dual."""

    def __init__(self, held):
        self.held = held

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Friend(getattr(ufunc, method)(*(x.held if isinstance(x, Friend) else x for x in inputs), **kwargs))

    def __radd__(self, other):
        return Friend(other + self.held)

    __rmul__ = __rsub__ = __rmatmul__ = __rfloordiv__ = __rtruediv__ = __rpow__ = __rmod__ = lambda self, other: "reflected"
    __lt__ = __gt__ = __eq__ = lambda self, other: "compared"
    __hash__ = None


class Opaque:
    """Says that it does not want ufuncs."""

    __array_ufunc__ = None

    def __radd__(self, other):
        return "opaque"

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("must not be asked")


class Convertible:
    """Can only be made an array."""

    def __array__(self, dtype=None, copy=None):
        return np.array([10.0, 20.0, 30.0])


class Unit(np.ndarray):
    """A subclass of ndarray that knows how to deal with others."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return "unit"


def test_types_with_array_ufunc_are_asked():
    x = dual()
    for held in (x, 2.0):
        sums = [x + Friend(held), np.add(x, Friend(held)), np.add(Friend(held), x)]
        for s in sums:
            assert_same(s.held, (x + held).value, (x + held).tangent)
        s = x[0] + Friend(held)
        assert isinstance(s, Friend)
        assert np.add.outer(x, Friend(np.ones(2))).held.shape == (3, 2)
    for op in (operator.mul, operator.sub, operator.truediv, operator.pow, operator.mod, operator.matmul, operator.floordiv):
        assert op(x, Friend(1.0)) == "reflected"
        assert op(x[0], Friend(1.0)) == "reflected"
    for op in (operator.lt, operator.gt, operator.eq):
        assert op(x, Friend(1.0)) == "compared"


def test_types_that_do_not_want_ufuncs():
    x = dual()
    assert x + Opaque() == "opaque"
    assert x[0] + Opaque() == "opaque"
    with pytest.raises(TypeError):
        np.add(x, Opaque())
    with pytest.raises(TypeError):
        x - Opaque()
    with pytest.raises(TypeError):
        Opaque() + x


def test_types_that_can_be_made_arrays():
    x = dual()
    plain = np.array([10.0, 20.0, 30.0])
    for y in (x * Convertible(), Convertible() * x, np.multiply(x, Convertible()), np.multiply(Convertible(), x)):
        assert_same(y, x.value * plain, x.tangent * plain)
    assert_same(np.concatenate([x, Convertible()]), np.concatenate([x.value, plain]), [*x.tangent, 0, 0, 0])


def test_containers_of_duals():
    x = Dual([2.0, 3.0], [1.0, 10.0])
    pair = collections.namedtuple("pair", "a b")
    for container in (pair(*x), collections.deque(x), collections.UserList(x), type("Own", (list,), {})(x)):
        products = [x * container, np.multiply(x, container), np.multiply(container, x)]
        if not isinstance(container, collections.UserList):  # whose own operator hands the product on element by element
            products.append(container * x)
        for y in products:
            assert_same(y, [4.0, 9.0], [4.0, 60.0])
        assert_same(np.stack(container), [2.0, 3.0], [1.0, 10.0])
        y = np.dot(x, container)
        assert (y.value, y.tangent) == (13.0, 64.0)
        assert_same(np.dot(x, [container, container]), [10.0, 15.0], [27.0, 83.0])


class Holder:
    """A foreign container, which hides Duals until NumPy makes an array of it."""

    def __init__(self, *items):
        self.items = items

    def __array__(self, dtype=None, copy=None):
        return np.array(self.items)


def test_hidden_duals_are_counted_once_or_refused():
    x = Dual([2.0, 3.0], [1.0, 10.0])
    holder = Holder(*x)
    for y in (x * holder, holder * x, np.multiply(x, holder)):
        assert_same(y, [4.0, 9.0], [4.0, 60.0])
    for call in (lambda: np.dot(x, holder), lambda: np.matmul(x, holder), lambda: np.einsum("i,i", x, holder)):
        try:
            y = call()
        except InputError:
            continue
        assert (y.value, y.tangent) == (13.0, 64.0)


def test_subclasses_of_ndarray():
    x = dual()
    masked = np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    for op in (operator.add, operator.mul, operator.sub, operator.truediv, operator.pow, operator.matmul, operator.mod):
        with pytest.raises(InputError, match="MaskedArray"):
            op(x, masked)
        with pytest.raises(InputError, match="MaskedArray"):
            op(x[0], masked)
    for call in (
        lambda: np.add(x, masked),
        lambda: np.add(masked, x),
        lambda: x * np.matrix([[1.0], [2.0], [3.0]]),
        lambda: np.matrix([[1.0], [2.0], [3.0]]) * x,
        lambda: np.matrix([1.0, 2.0, 3.0]) + x,
        lambda: np.add(x, np.rec.array([(1.0,)])),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            with pytest.raises(InputError, match="asarray"):
                call()
    with pytest.raises(TypeError):
        np.concatenate([x, masked])
    unit = np.ones(3).view(Unit)
    assert np.add(x, unit) == "unit"
    assert np.add(unit, x) == "unit"
    assert unit + x == "unit"


def test_what_has_no_rule():
    x = dual()
    with pytest.raises(NoRuleError, match="no derivative rule"):
        np.frompyfunc(lambda a: a, 1, 1)(x)
    with pytest.raises(NoRuleError, match="savez"):
        np.savez("nowhere", x)


# The array-API standard


def test_array_namespace():
    x = dual((2, 3))
    xp = x.__array_namespace__()
    assert x.__array_namespace__(api_version="2024.12") is xp
    assert xp.float64 is np.float64
    assert xp.asarray(x) is x
    assert xp.asarray(x, copy=True) is not x
    assert_same(xp.asarray(x, dtype=np.float32), x.value.astype(np.float32), x.tangent.astype(np.float32))
    assert_same(xp.asarray([x[0, 0], 1.0]), [x.value[0, 0], 1.0], [x.tangent[0, 0], 0.0])
    assert type(xp.asarray([1.0, 2.0])) is np.ndarray
    assert xp.asarray([1, 2], dtype=xp.float32).dtype == np.float32
    assert_same(xp.sum(xp.sin(x), axis=0), np.sin(x.value).sum(0), (np.cos(x.value) * x.tangent).sum(0))
    assert_same(xp.permute_dims(x, (1, 0)), x.value.T, x.tangent.T)
    assert "NumPy" in repr(xp)
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    with pytest.raises(ValueError, match="cpu"):
        x.to_device("gpu")


def directed(ks):
    return [dual((3,), k) for k in ks]


def test_numbers_of_directions_must_agree():
    for a, b in itertools.permutations(directed([None, 1, 2, 20]), 2):
        for call in (operator.add, operator.mul, np.arctan2, np.matmul, lambda a, b: np.stack([a, b]), lambda a, b: a[0] * b[0]):
            with pytest.raises(ShapeError, match="direction"):
                call(a, b)
        with pytest.raises(ShapeError, match="direction"):
            as_operand(np.array([a[0], b[0]]))


def test_mixed_dtypes():
    for a, b in itertools.product(DTYPES, DTYPES):
        for k in (None, 3):
            x, y = dual((3,), k, a), dual((3,), k, b, seed=1)
            for op in (operator.add, operator.mul, operator.truediv, operator.sub):
                for left, right in ((x, y), (x, y.value), (x.value, y), (x[0], y), (x, y[0]), (x[0], y[0])):
                    result = op(left, right)
                    expected = op(primal(left), primal(right))
                    assert result.dtype == result.tangent.dtype == expected.dtype
                    np.testing.assert_array_equal(result.value, expected)


SHAPES = [(), (3,), (1,), (2, 3), (2, 1), (1, 1), (4, 1, 3), (0,), (2, 0)]


@pytest.mark.parametrize("k", [None, 0, 1, 2, 3, 20])
def test_broadcasting(k):
    """Against the loop over directions; K also equals lengths of axes."""
    ops = [operator.add, operator.sub, operator.mul, operator.truediv, np.arctan2, np.maximum, np.logaddexp]
    for a, b in itertools.product(SHAPES, SHAPES):
        try:
            shape = np.broadcast_shapes(a, b)
        except ValueError:
            continue
        x, y = dual(a, k), dual(b, k, seed=1)
        for op, (left, right) in itertools.product(ops, ((x, y), (x, y.value), (x.value, y))):
            if not isinstance(left, Dual) and not isinstance(right, Dual):
                continue
            result = op(left, right)
            expected = op(primal(left), primal(right))
            np.testing.assert_array_equal(result.value, expected)
            assert type(result.value) is type(expected)
            assert result.tangent.shape == (shape if k is None else (k, *shape))
            for j in range(k or 0):
                alone = [Dual(z.value, z.tangent[j]) if isinstance(z, Dual) else z for z in (left, right)]
                np.testing.assert_allclose(result.tangent[j], op(*alone).tangent, rtol=1e-15)
