"""Dual, the number: what it is made of, what it answers Python and NumPy, and how it is updated in place."""

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

from dualnum import DerivativeLostError, Dual, DualnumError, InputError, ShapeError, primal
from dualnum.dual_operands import make_dual
from dualnum.packing import as_operand
from tests.core_checks import DIRECTIONS, UFUNCS, assert_same, dual

DTYPES = [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128]


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
    assert Dual(2.0, 1.0).value.__class__ is np.float64
    assert Dual(np.array(2.0), 1.0).value.__class__ is Dual(np.array(2.0), 1.0).tangent.__class__ is np.ndarray


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


@pytest.mark.parametrize("bad", ["a", None, {}, [None], np.array(["2020-01-01"], "M8[D]"), object(), {1.0}, [object()]])
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
    for x in (
        Dual(3.14159, 1.0),
        Dual(np.float32(3.14159), 1.0),
        Dual(3.14159, np.ones(20)),
        Dual(Dual(3.14159, 1.0), 1.0),
    ):
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
        # The truth value of an empty array is an error from NumPy 2.2 on, and a warning before.
        with pytest.raises((ValueError, DeprecationWarning), match="truth value"):
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


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), np.copy, lambda x: x.copy()]
)
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


# Warnings


def test_derivative_arithmetic_does_not_warn():
    """Only values warn, and as NumPy's do; here they stay finite while derivatives leave the range."""
    for big in (1e308, np.inf, np.nan):
        for k in DIRECTIONS:
            x = Dual([1.0, 1.0], np.full((2,) if k is None else (k, 2), big))
            for y in (x, x[0], x.astype(np.float32) if big != 1e308 else x):
                results = [
                    y * 100,
                    100 * y,
                    y * np.float64(100),
                    y * np.full(2, 100.0),
                    y + y,
                    y - y,
                    y * 0,
                    y / 0.01,
                    y * y * y,
                ]
                results += [
                    y**100,
                    np.sin(y),
                    np.exp(y * 3),
                    np.add(y, y),
                    np.multiply(y, 100.0),
                    -y * 3,
                    np.arctan2(y, y),
                ]
                results += [y / y, y % 0.3, np.sqrt(y), np.hypot(y, 2 * y), np.maximum(y, y), np.sum(y + y), np.abs(y)]
                assert all(np.isfinite(r.value).all() for r in results)
    with np.errstate(all="raise"):
        x = Dual([1.0, 0.0], [1e300, 1.0])
        y = [x * 1e300, x * x, x**0.5, np.sqrt(x), x[0] * 1e300, np.sqrt(x[1]), x[1] ** 0.5, np.cbrt(x), np.arcsin(x)]
    assert not np.isfinite(y[0].tangent[0])


def test_values_warn_as_numpys_do():
    for x in (Dual([0.0], np.ones(1)), Dual(0.0, 1.0), Dual(0.0, np.ones(3)), Dual(np.float32(0), 1.0)):
        for f, match in (
            (lambda x: 1 / x, "divide by zero"),
            (np.log, "divide by zero"),
            (lambda x: np.inf * x, "invalid"),
        ):
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


def directed(ks):
    return [dual((3,), k) for k in ks]


def test_numbers_of_directions_must_agree():
    for a, b in itertools.permutations(directed([None, 1, 2, 20]), 2):
        for call in (
            operator.add,
            operator.mul,
            np.arctan2,
            np.matmul,
            lambda a, b: np.stack([a, b]),
            lambda a, b: a[0] * b[0],
        ):
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


@pytest.mark.parametrize("number", [2, -3.5, True, 2**53 + 1, -(2**60) - 1, 10**30, np.inf, np.nan])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_products_with_numbers_of_python(number, dtype):
    for shape, k in itertools.product([(), (3,), (2, 3)], [None, 2]):
        x = dual(shape, k, dtype)
        for product in (x * number, number * x):
            np.testing.assert_array_equal(product.value, x.value * number, strict=True)
            np.testing.assert_array_equal(product.tangent, x.tangent * number)
            assert type(product.value) is type(x.value * number)
            assert product.tangent.dtype == product.value.dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [2, 2.0, True, 3])
def test_powers_with_numbers_of_python(number, dtype):
    for shape, k in itertools.product([(), (3,), (2, 3)], [None, 2]):
        x = dual(shape, k, dtype)
        power, plain = x**number, x.value**number
        np.testing.assert_array_equal(power.value, plain, strict=True)
        assert type(power.value) is type(plain)
        assert power.tangent.dtype == plain.dtype
        slope = number * x.value ** (number - 1)
        np.testing.assert_allclose(power.tangent, x.tangent * slope, rtol=4 * np.finfo(dtype).eps)


def test_zero_tangents_stay_zero_beside_infinity():
    huge = Dual([-np.inf, np.inf], [[0.0, 1.0], [0.0, 0.0]]) ** 2
    assert np.array_equal(huge.tangent, [[0, np.inf], [0, 0]])
    x = Dual([1.0, 2.0], [0.0, 1.0])
    assert np.array_equal((x * np.inf).tangent, [0, np.inf])
    assert np.array_equal((float("-inf") * x).tangent, [0, -np.inf])


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


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_dtypes_and_shapes_of_all_ufuncs(ufunc):
    """Value as NumPy's, with its dtype, shape and kind; the tangent with the same dtype and fitting shape."""
    operands = []
    for dtype, shape in itertools.product([*DTYPES, np.int64, np.int8, bool], [(), (3,), (2, 3)]):
        value = np.full(shape, 0.5).astype(dtype) if shape else np.dtype(dtype).type(0.5)
        operands.append((value, [value]))
        if value.dtype.kind in "fc":
            operands[-1][1].extend(Dual(value, np.ones(shape if k is None else (k, *shape))) for k in (None, 2, 9))
    if ufunc.nin == 2:
        operands = [(both[0], both[1]) for both in itertools.product(operands, operands[::2])]
    for operand in operands:
        plain = [value for value, _ in operand] if ufunc.nin == 2 else [operand[0]]
        try:
            expected = ufunc(*plain)
        except TypeError:
            continue
        for args in (
            itertools.product(*(duals for _, duals in operand)) if ufunc.nin == 2 else zip(operand[1], strict=True)
        ):
            ks = {arg._k for arg in args if isinstance(arg, Dual)}
            if len(ks) != 1:
                continue
            results = ufunc(*args)
            for mine, theirs in zip(*(r if isinstance(r, tuple) else (r,) for r in (results, expected)), strict=True):
                np.testing.assert_array_equal(primal(mine), theirs)
                assert type(primal(mine)) is type(theirs)
                assert np.asarray(primal(mine)).dtype == np.asarray(theirs).dtype
                assert isinstance(mine, Dual) == (np.asarray(theirs).dtype.kind in "fc")
                if isinstance(mine, Dual):
                    (k,) = ks
                    assert mine.tangent.dtype == mine.value.dtype
                    assert mine.tangent.shape == (theirs.shape if k is None else (k, *theirs.shape))


def nested(shape, k, low_k, active, seed):
    """A Dual with directions of two levels; `active` says at which of them, lower and higher."""
    rng = np.random.default_rng(seed)
    lead, low_lead = (() if k is None else (k,)), (() if low_k is None else (low_k,))
    value, tangent = rng.uniform(1, 2, (*shape, 1))[..., 0], rng.normal(size=(*lead, *shape, 1))[..., 0]
    if active[0]:
        value = Dual(value, rng.normal(size=(*low_lead, *shape, 1))[..., 0])
        tangent = Dual(tangent, rng.normal(size=(*low_lead, *lead, *shape, 1))[..., 0])
    return make_dual(value, tangent, 2, k) if active[1] else value


def of_one_direction(x, j, low_j):
    """Direction `j` of the higher level, and `low_j` of the lower one, of a nested Dual."""

    def low(part):
        return (
            Dual(part.value, part.tangent if low_j is None else part.tangent[low_j]) if isinstance(part, Dual) else part
        )

    if not isinstance(x, Dual) or x._level == 1:
        return low(x)
    tangent = x.tangent if j is None else x.tangent[j]
    return make_dual(low(x.value), low(tangent), 2, None)


@pytest.mark.parametrize(("k", "low_k"), [(3, None), (None, 3), (3, 3), (2, 9), (9, 2)])
def test_broadcasting_of_nested(k, low_k):
    """Against the loops over directions of both levels."""
    ops = [
        operator.mul,
        operator.sub,
        operator.truediv,
        np.arctan2,
        np.maximum,
        lambda a, b: np.sin(a) * b + np.sqrt(a),
    ]
    forms = [(True, True), (False, True), (True, False), (False, False)]
    for i, (a, b) in enumerate(itertools.product([(), (3,), (1,), (2, 3), (2, 1)], repeat=2)):
        for left, right in itertools.product(forms, forms):
            if not (left[1] or right[1]):
                continue
            x, y = nested(a, k, low_k, left, 2 * i), nested(b, k, low_k, right, 2 * i + 1)
            op = ops[(i + sum(left) + 2 * sum(right)) % len(ops)]
            result = op(x, y)
            for j in [None] if k is None else (0, k - 1):
                for low_j in [None] if low_k is None else (0, low_k - 1):
                    alone = op(of_one_direction(x, j, low_j), of_one_direction(y, j, low_j))
                    mine = of_one_direction(result, j, low_j)
                    for part, expected in ((mine.value, alone.value), (mine.tangent, alone.tangent)):
                        np.testing.assert_allclose(primal(part), primal(expected), rtol=1e-13, atol=1e-15)
                        if isinstance(expected, Dual):
                            np.testing.assert_allclose(part.tangent, expected.tangent, rtol=1e-12, atol=1e-14)
