"""Object arrays of Duals: what NumPy computes on them is exact, and they are packed again."""

import decimal
import fractions
import warnings

import numpy as np
import pytest
import scipy.linalg

from dualnum import (
    DerivativeLostError,
    Dual,
    InputError,
    MutationError,
    ObjectArrayWarning,
    ShapeError,
    derivative,
    jacobian,
    jvp,
)
from dualnum.dual_array import DualArray
from dualnum.packing import as_operand, contains_active, holds_objects, is_active

DIRECTIONS = [None, 1, 3, 8, 20]


def dual(shape=(4,), k=None, dtype=float, seed=0):
    rng = np.random.default_rng(seed)
    lead = () if k is None else (k,)
    return Dual(rng.normal(size=shape).astype(dtype), rng.normal(size=lead + shape).astype(dtype))


def assert_same(x, y):
    assert type(x) is type(y)
    np.testing.assert_array_equal(x.value, y.value, strict=True)
    np.testing.assert_array_equal(x.tangent, y.tangent, strict=True)
    assert (x._level, x._k) == (y._level, y._k)


@pytest.mark.parametrize("k", DIRECTIONS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble])
@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 1, 3), (1,), (1, 1)])
def test_there_and_back(shape, dtype, k):
    x = dual(shape, k, dtype)
    o = np.asarray(x)
    assert holds_objects(o)
    assert o.shape == shape
    assert all(is_active(item) and np.ndim(item) == 0 for item in o.flat)
    assert_same(as_operand(o), x)
    assert_same(as_operand(np.array(x.tolist())), x)
    assert_same(as_operand(x.tolist()), x)
    assert_same(as_operand(np.array([*x])), x)
    assert_same(as_operand(o.T), x.T.copy())
    assert_same(as_operand(o[::-1]), x[::-1].copy())


def test_memory_order_is_kept():
    x = dual((2, 3), None)
    assert np.asarray(x).flags.c_contiguous
    y = np.asfortranarray(x.T)  # of arrays, x.T itself
    assert not y.flags.writeable
    with pytest.raises(MutationError, match="still in use"):
        x[0] = 1


@pytest.mark.parametrize("k", DIRECTIONS)
def test_there_and_back_nested(k):
    x = Dual(dual((3,), k), dual((3,), k, seed=1))
    y = as_operand(np.asarray(x))
    assert_same(y.value, x.value)
    assert_same(y.tangent, x.tangent)
    assert y._level == x._level


def test_scalars():
    d = Dual(2.0, 3.0)
    o = np.asarray(d)
    assert o.shape == ()
    assert o.dtype == object
    assert (o[()].value, o[()].tangent) == (2.0, 3.0)
    assert_same(as_operand(o) * 1.0, d * 1.0)
    assert_same(as_operand(np.full((3,), d)), np.stack([d, d, d]))
    packed = as_operand(np.full((), d))
    assert packed.shape == ()
    assert_same(d * o, d * d)


@pytest.mark.parametrize("k", DIRECTIONS)
def test_with_plain_numbers(k):
    x = dual((2,), k)
    plain = [1, 2.5, np.float32(0.5), np.int64(3), True, np.bool(False), np.array(4.0)[()], fractions.Fraction(1, 4)]
    o = np.array([x[0], *plain, x[1]], dtype=object)
    y = as_operand(o)
    np.testing.assert_array_equal(y.value, [x.value[0], 1, 2.5, 0.5, 3, 1, 0, 4, 0.25, x.value[1]])
    assert not y.tangent[..., 1:-1].any()
    np.testing.assert_array_equal(y.tangent[..., [0, -1]], x.tangent)


@pytest.mark.parametrize("k", DIRECTIONS)
def test_constants_beside_infinite_tangents(k):
    for dtype in (float, np.float32):
        x = Dual(np.ones(2, dtype), np.full((2,) if k is None else (k, 2), np.inf))
        y = as_operand(np.array([x[0], 1.0, x[1], 2], dtype=object))
        np.testing.assert_array_equal(y.tangent, np.broadcast_to([np.inf, 0, np.inf, 0], y.tangent.shape))


def test_mixed_dtypes():
    a, b = Dual(np.float32(1), 2.0), Dual(3.0, 4.0)
    assert as_operand(np.array([a, a])).dtype == np.float32
    for o in (np.array([a, b]), np.array([a, 1.0]), np.array([b, np.float32(1)])):
        y = as_operand(o)
        assert y.dtype == y.tangent.dtype == np.float64
    y = as_operand(np.array([b, 1j, a], dtype=object))
    assert y.dtype == complex
    np.testing.assert_array_equal(y.tangent, [4, 0, 2])


def test_mixed_levels():
    low = Dual([2.0, 3.0], [[1.0, 0.0], [0.0, 1.0]])
    high = Dual(low[0], 1.0)
    for o in (np.array([low[0], high, 1.0, low[1]]), np.array([1.0, low[0], low[1], high])[[1, 3, 0, 2]]):
        y = as_operand(o)
        assert y._level == 2
        np.testing.assert_array_equal(y.tangent, [0.0, 1.0, 0.0, 0.0])
        np.testing.assert_array_equal(y.value.value, [2.0, 2.0, 1.0, 3.0])
        np.testing.assert_array_equal(y.value.tangent, [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


def test_mixed_levels_in_a_transform():
    def f(x):
        inner = jacobian(lambda y: np.array([y[0] * x, x * x, y[0] * y[1], 1.0]))
        return inner(np.array([x, 2.0]))

    y, y_dot = jvp(f, (3.0,), (1.0,))
    np.testing.assert_array_equal(y, [[3, 0], [0, 0], [2, 3], [0, 0]])
    np.testing.assert_array_equal(y_dot, [[1, 0], [0, 0], [0, 1], [0, 0]])


def test_numbers_of_directions_must_agree():
    for a, b in ((None, 2), (2, 3), (3, 20), (20, None), (1, None)):
        for o in ([dual((1,), a)[0], dual((1,), b)[0]], [1.0, dual((1,), a)[0], dual((1,), b, np.float32)[0]]):
            with pytest.raises(ShapeError, match="direction"):
                as_operand(np.array(o))
            with pytest.raises(ShapeError, match="direction"):
                np.stack(o)


def test_what_is_not_a_number():
    d = Dual(1.0, 1.0)
    for bad in (None, "a", {}, decimal.Decimal(1), object(), np.datetime64("2020-01-01")):
        for k_d in (d, Dual(1.0, np.ones(20)), Dual(np.float32(1), 1.0)):
            o = np.array([k_d, bad, 2.0], dtype=object)
            for call in (
                as_operand,
                lambda o: dual((3,)) * o,
                lambda o: o + dual((3,)),
                lambda o: np.dot(dual((3,)), o),
            ):
                with pytest.raises((InputError, ShapeError)):
                    call(o)
    with pytest.raises(InputError, match="array"):
        as_operand(np.array([d, np.ones(2)], dtype=object))
    for bad in (None, "a", decimal.Decimal(1)):
        for op in (np.add, lambda a, b: a + b, lambda a, b: b * a):
            with pytest.raises((InputError, TypeError)):
                op(dual((2,)), np.array([1.0, bad], dtype=object))


def test_object_arrays_of_plain_numbers():
    """They count as floats, for arithmetic with object arrays would be lost on Duals."""
    x = dual((3,))
    for numbers in ([1.0, 2, True], [fractions.Fraction(1, 2), 3, 0.5], [np.float32(1), np.int8(2), np.bool(True)]):
        o = np.array(numbers, dtype=object)
        floats = np.array([float(number) for number in numbers])
        for mine, theirs in ((x * o, x * floats), (o - x, floats - x), (np.divide(x, o), x / floats)):
            assert_same(mine, theirs)
        np.testing.assert_array_equal(np.concatenate([x, o]).value, [*x.value, *floats])
        assert_same(np.dot(x, o) * 1.0, np.dot(x, floats) * 1.0)
        y = x.copy()
        y[...] = o
        np.testing.assert_array_equal(y.value, floats)
    z = x * np.array([1j, 2, 3.0], dtype=object)
    assert z.dtype == complex


def test_complex_is_refused():
    z = dual((2,), dtype=complex)
    for call in (
        lambda: np.asarray(z),
        lambda: np.array(z),
        lambda: np.array([z[0], z[1]]),
        lambda: np.array([z[0], 1.0]),
        lambda: np.r_[z, z],
        lambda: np.ones(2).dot(z),
        lambda: np.ones(2).dot(z[0]),
        lambda: np.full(2, z[0]),
        lambda: np.array([[z[0]], [z[1]]]),
        lambda: np.vectorize(lambda a: a * a)(z),
    ):
        with pytest.raises(DerivativeLostError, match="stack"):
            call()
    assert_same(np.stack([z[0], z[1]]), z)


@pytest.mark.parametrize("k", DIRECTIONS)
def test_nested_lists_of_complex_numbers(k):
    """An admittance matrix, for instance: where NumPy can be asked first, no object array is made of it."""
    z, x = dual((2,), k, complex), dual((2,), k)
    expected = np.stack([np.stack([z[0], 1j * x[0]]), np.stack([np.ones_like(z[0]), 2j * z[1]])])
    assert_same(np.array([[z[0], 1j * x[0]], [1, 2j * z[1]]], like=x), expected)
    assert_same(np.array([[x[0], 1j], [z[1], 0]], like=x), np.stack([np.stack([x[0] + 0j, 1j]), np.stack([z[1], 0])]))
    assert_same(np.array([z, (z[1], x[0])], like=x), np.stack([z, np.stack([z[1], x[0]])]))
    assert_same(np.array([[[z[0]]], [[x[0]]]], like=x), np.stack([z[0], x[0]]).reshape(2, 1, 1))
    with pytest.raises(ValueError, match="same shape"):
        np.array([[z[0], 1.0], [z[1]]], like=x)


# NumPy's functions on object arrays; the reference is the same function on the packed array

FUNCTIONS = [
    np.sort, np.cumsum, np.cumprod, np.sum, np.prod, np.max, np.min, np.ptp, np.abs, np.exp, np.sqrt, np.log, np.log2, np.log10,
    np.log1p, np.expm1, np.exp2, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh,
    np.arctanh, np.square, np.cbrt, np.reciprocal, np.negative, np.positive, np.degrees, np.radians, np.deg2rad, np.rad2deg,
    np.fabs, np.rint, np.real, np.conj, np.nan_to_num, np.diff, np.ediff1d, np.trapezoid, np.linalg.norm, np.flip, np.ravel,
    np.unique, np.nansum, np.sinc,
    lambda x: np.arccosh(x + 1),
    lambda x: np.dot(x, x),
    lambda x: np.dot(x, np.arange(4.0)),
    lambda x: np.vdot(x, x),
    lambda x: np.inner(x, x),
    lambda x: np.outer(x, x),
    lambda x: x @ x,
    lambda x: np.arange(8.0).reshape(2, 4) @ x,
    lambda x: np.convolve(x, x),
    lambda x: np.correlate(x, np.arange(2.0)),
    lambda x: np.kron(x, x),
    lambda x: np.cross(x[:3], x[1:]),
    lambda x: np.einsum("i,i", x, x),
    lambda x: np.einsum("i,j->ij", x, np.arange(3.0)),
    lambda x: np.tensordot(x, x, 1),
    lambda x: np.arctan2(x, x[::-1]),
    lambda x: np.hypot(x, 1.0),
    lambda x: np.maximum(x, 0.4),
    lambda x: np.minimum(x, x[::-1] * 2),
    lambda x: np.fmax(x, 0.4),
    lambda x: np.fmod(x, 0.3),
    lambda x: np.power(x, 2),
    lambda x: np.power(2, x),
    lambda x: x**x,
    lambda x: x % 0.3,
    lambda x: np.add(x, x),
    lambda x: np.subtract(1, x),
    lambda x: np.multiply(x, 3),
    lambda x: np.divide(x, x[::-1]),
    lambda x: np.where(x > 0.4, x, 1.0),
    lambda x: np.where(np.arange(4) > 1, 2.0, x),
    lambda x: np.clip(x, 0.3, 0.6),
    lambda x: np.clip(x, None, x[0]),
    lambda x: np.select([x > 0.4], [x * x], 5.0),
    lambda x: np.concatenate([x, np.arange(2.0)]),
    lambda x: np.stack([x, x], axis=1),
    lambda x: np.hstack([x, 1.0]),
    lambda x: np.vstack([x, x]),
    lambda x: np.append(x, 1.0),
    lambda x: np.insert(x, 1, 2.0),
    lambda x: np.tile(x, 2),
    lambda x: np.repeat(x, 2),
    lambda x: np.roll(x, 1),
    lambda x: np.take(x, [0, 2]),
    lambda x: np.pad(x, 1),
    lambda x: np.reshape(x, (2, 2)).T,
    lambda x: np.diag(np.diag(x)),
    lambda x: np.trace(np.outer(x, x)),
    lambda x: np.tril(np.outer(x, x)),
    lambda x: np.split(x, 2)[1],
    lambda x: np.polyval([1.0, 2.0, 3.0], x),
    lambda x: np.polyval(x, 2.0),
    lambda x: np.add.reduce(x),
    lambda x: np.multiply.reduce(x),
    lambda x: np.maximum.reduce(x),
    lambda x: np.add.accumulate(x),
    lambda x: np.add.outer(x, x),
    lambda x: np.mean(np.reshape(x, (2, 2)), axis=0),
    lambda x: np.std(np.reshape(x, (2, 2)), axis=1),
    lambda x: np.var(np.reshape(x, (2, 2)), axis=0, ddof=1),
    lambda x: np.partition(x, 1)[:1],
    lambda x: x[np.argsort(x)],
    lambda x: x[np.argmax(x)],
    lambda x: x[x > 0.4],
    lambda x: x.sum() * x.prod() + x.max() - x.min(),
    lambda x: x.cumsum()[::2],
    lambda x: x.clip(0.3, 0.6),
    lambda x: x.dot(x),
    lambda x: x.round(),
    lambda x: x.repeat(2),
    lambda x: x.copy().reshape(2, -1).sum(axis=0),
    lambda x: -x + 2 * x - x / 3 + x**2 - 1 / x,
    lambda x: np.apply_along_axis(lambda row: row * row[0], 0, x) if x.dtype == object else x * x[0],
]  # fmt: skip


def function_name(f):
    return (
        f.__name__
        if f.__name__ != "<lambda>"
        else str(f.__code__.co_firstlineno - FUNCTIONS[-1].__code__.co_firstlineno)
    )


@pytest.mark.parametrize("f", FUNCTIONS, ids=function_name)
def test_functions_of_object_arrays_are_exact(f):
    value = np.array([0.35, 0.8, 0.55, 0.2])
    for k in DIRECTIONS:
        x = Dual(value, np.random.default_rng(0).normal(size=(4,) if k is None else (k, 4)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # comparing objects with NumPy's way of finding nan
            mine = f(np.asarray(x))
        mine, theirs = as_operand(mine), f(x)
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine.value, theirs.value, rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(mine.value, f(value), rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(mine.tangent, theirs.tangent, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    "f",
    [
        np.mean,
        np.std,
        np.var,
        np.median,
        np.average,
        lambda x: x.mean(),
        lambda x: x.std(),
        lambda x: np.quantile(x, 0.3),
    ],
)
def test_statistics_of_object_arrays_are_exact_or_refused(f):
    """NumPy converts their results with ``float64(...)`` where all axes are reduced."""
    value = np.array([0.35, 0.8, 0.55, 0.2])
    for k in DIRECTIONS:
        x = Dual(value, np.random.default_rng(0).normal(size=(4,) if k is None else (k, 4)))
        try:
            y = f(np.asarray(x))
        except DerivativeLostError:
            continue
        np.testing.assert_allclose(y.tangent, f(x).tangent, rtol=1e-13)


@pytest.mark.parametrize("f", [np.argmax, np.argsort, np.sign, np.floor, np.all, np.any, np.count_nonzero, np.isreal])
def test_plain_results_of_object_arrays(f):
    value = np.array([0.35, -0.8, 0.55, 0.2])
    for k in DIRECTIONS:
        x = Dual(value, np.ones((4,) if k is None else (k, 4)))
        y = f(np.asarray(x))
        assert not contains_active(y)
        np.testing.assert_array_equal(y, f(value))


# Packed again


@pytest.mark.parametrize("k", DIRECTIONS)
def test_packed_when_they_meet_duals_and_functions(k):
    x = dual((4,), k)
    o = np.asarray(x)
    for y, expected in (
        (x + o, x + x), (o + x, x + x), (x - o, x * 0), (o * x[0], x * x[0]), (np.multiply(x, o), x * x), (np.add(o, x[0]), x + x[0]),
        (np.concatenate([x, o]), np.concatenate([x, x])), (np.stack([o, x]), np.stack([x, x])), (np.where(x > 0, o, x), x * 1),
        (np.dot(x, o), np.dot(x, x)), (np.maximum(x, o), x * 1), (np.linspace(x, o, 3), np.linspace(x, x, 3)),
        (np.einsum("i,i->i", o, x), x * x), (x @ o, x @ x), (o @ x, x @ x), (np.full_like(x, o), x * 1), (x / o[0], x / x[0]),
        (np.linalg.norm(np.stack([x, o])), np.linalg.norm(np.stack([x, x]))),
    ):  # fmt: skip
        assert isinstance(y, Dual)
        np.testing.assert_allclose(y.value, expected.value, rtol=1e-15)
        np.testing.assert_allclose(y.tangent, expected.tangent, rtol=1e-15)
    y = x.copy()
    y[1:] = o[:-1]
    assert_same(y[1:].copy(), x[:-1].copy())
    y = x.copy()
    y += o
    assert_same(y, x + x)
    np.testing.assert_array_equal(x == o, True)
    np.testing.assert_array_equal(o < x * 2, x.value < x.value * 2)


def test_packed_at_the_end_of_a_function():
    x = np.array([0.3, -1.2, 2.0])
    expected = np.array([[0.0, 2.0, -1.2], [2.0 * 0.3, 0.0, 0.0]])
    for f in (
        lambda x: np.array([x[1] * x[2], x[0] ** 2]),
        lambda x: np.asarray([x[1] * x[2], x[0] ** 2]),
        lambda x: [x[1] * x[2], x[0] ** 2],
        lambda x: (x[1] * x[2], x[0] ** 2),
        lambda x: np.r_[x[1] * x[2], x[0] ** 2],
        lambda x: np.asarray(np.stack([x[1] * x[2], x[0] ** 2])),
    ):
        j = jacobian(f)(x)
        assert j.dtype == float
        np.testing.assert_allclose(j, expected, rtol=1e-15)
    assert derivative(lambda t: np.array(t * t))(3.0) == 6.0
    j = jacobian(lambda x: {"a": np.array([x[0], 1.0]), "b": np.asarray(x)})(x)
    np.testing.assert_array_equal(j["a"], [[1, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(j["b"], np.eye(3))


def test_second_derivatives_through_object_arrays():
    def f(x):
        a = np.array([[x[0], x[1]], [x[1], 1.0]])
        return (a.dot(a) * np.sin(a + x[0])).sum()

    def packed(x):
        a = np.stack([np.stack([x[0], x[1]]), np.stack([x[1], x[0] * 0 + 1.0])])
        return np.sum(a @ a * np.sin(a + x[0]))

    x = np.array([0.4, 0.9])
    np.testing.assert_allclose(jacobian(jacobian(f))(x), jacobian(jacobian(packed))(x), rtol=1e-13)


# The warning


def test_warned_once(monkeypatch):
    monkeypatch.setattr("dualnum.packing._warned", False)
    x = dual()
    with pytest.warns(ObjectArrayWarning, match="slow") as caught:
        np.asarray(x)
    assert caught[0].filename == __file__  # the caller's line, not ours
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.asarray(x)
        np.array(dual((2, 2)))
        np.ones(4).dot(x)


@pytest.mark.filterwarnings("ignore:Calling norm with arguments of dtype=object:DeprecationWarning")  # SciPy 1.18
def test_warned_in_other_peoples_code(monkeypatch):
    monkeypatch.setattr("dualnum.packing._warned", False)
    with pytest.warns(ObjectArrayWarning):
        jacobian(lambda x: scipy.linalg.norm(x))(np.ones(3))


def test_not_warned_where_nothing_is_slow(monkeypatch):
    monkeypatch.setattr("dualnum.packing._warned", False)
    x = dual()
    for y in (np.stack([x[0], x[1]]), np.concatenate([x, x]), x + [x[0], 1.0, 2.0, 3.0], as_operand([x[0], 1.0])):
        assert isinstance(y, DualArray)
    jacobian(lambda x: [x[0], x[1] * 2])(np.ones(2))


def test_what_is_active():
    d = Dual(1.0, 1.0)
    for x in (d, [d], (1.0, [d]), np.array([d]), [np.array([1.0, d])], Dual([1.0], [1.0])):
        assert contains_active(x)
    for x in (1.0, None, [], [1.0, [2.0]], np.ones(3), np.array([1.0, None]), "a", np.zeros((0,), object), {"a": d}):
        assert not contains_active(x)
    assert is_active(d)
    assert not is_active([d])
    assert as_operand(np.ones(2)).dtype == float
    assert as_operand([1, 2]).dtype == int


@pytest.mark.parametrize("k", DIRECTIONS)
def test_only_some_tangents_are_active_themselves(k):
    x = dual(k=k)
    x = Dual(Dual(x.value, np.ones(4)), x.tangent)
    scalars = [x[1], np.sin(x[0]), 0.5]
    packed, expected = as_operand(np.array(scalars)), np.stack(scalars)
    assert np.array_equal(packed.tangent.value, expected.tangent.value)
    assert np.array_equal(packed.tangent.tangent, expected.tangent.tangent)


def test_arrays_without_axes():
    packed = as_operand(np.array([Dual(np.array(1.5), 1.0), 2.5], object))
    nested = as_operand([Dual(np.array(1.5), 1.0), Dual(Dual(2.5, 1.0), 1.0)])
    assert np.array_equal(packed.tangent, [1.0, 0.0])
    assert np.array_equal(nested.value.value, [1.5, 2.5])
