"""Updates in place, and the keywords ``out``, ``where`` and ``dtype`` of ufuncs."""

import operator

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, MutationError, ShapeError, primal
from tests.core_checks import DIRECTIONS, assert_same, dual

# In place


IN_PLACE = [
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow, operator.imod, operator.ifloordiv,
]  # fmt: skip
NOT_IN_PLACE = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.mod,
    operator.floordiv,
]


@pytest.mark.parametrize(("update", "op"), list(zip(IN_PLACE, NOT_IN_PLACE, strict=True)))
@pytest.mark.parametrize("k", DIRECTIONS)
def test_in_place_operators(update, op, k):
    x, y = dual((2, 3), k), dual((3,), k, seed=1)
    for other in (
        y,
        y[0],
        y.value,
        2.5,
        2,
        np.float32(2),
        [1.0, 2.0, 3.0],
        np.arange(1, 4),
        np.asarray(y) if k != 20 else y,
    ):
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
    np.testing.assert_allclose(z.tangent**2, -1 / 3, rtol=1e-15)


def test_other_keywords_of_ufuncs():
    x = dual((2, 3))
    expected = x + 1
    for kwargs in (
        {"casting": "same_kind"},
        {"order": "F"},
        {"subok": False},
        {"dtype": None},
        {"where": True},
        {"out": None},
    ):
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


def test_nested_arrays_without_axes_are_updated_in_place():
    """Sums of 0-d arrays are scalars, which cannot be; that must not happen to the parts of a Dual."""
    x = Dual(Dual(np.array(2.0), 1.0), 1.0)
    x *= Dual(Dual(3.0, 1.0), 1.0)
    assert (x.value.value, x.tangent.value, x.tangent.tangent) == (6.0, 5.0, 2.0)
    x = Dual(np.array(2.0), Dual(1.0, 5.0))
    x[...] = Dual(3.0, Dual(4.0, 6.0))
    assert (x.tangent.value, x.tangent.tangent) == (4.0, 6.0)


def test_sums_of_terms_without_axes_are_updated_in_place():
    """The tangent of a 0-d array has to be one too, though the sum of two is a scalar."""
    x = Dual([1.0, 2.0], [1.0, 1.0])
    y = np.tensordot(x, x, axes=([0], [0]))
    y *= 2.0
    assert (y.value, y.tangent) == (10.0, 12.0)


def test_tangents_that_do_not_fit_do_not_warn():
    x = np.zeros_like(Dual(np.ones(1, np.float32), np.ones(1)))
    x[...] = Dual([1.0], [1e300])
    assert np.array_equal(x.tangent, [np.inf])
