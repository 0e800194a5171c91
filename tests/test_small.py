"""Scalars with few directions: the same numbers as the general form gives, and the same values as NumPy's."""

import decimal
import fractions
import itertools
import operator
import warnings

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, DualnumError, ShapeError, jacobian, primal
from dualnum.dual_array import DualScalar
from dualnum.dual_operands import make_dual
from dualnum.small import MOST_DIRECTIONS, SmallDual, make_small
from dualnum.table import TABLE, Elementwise
from tests.core_checks import UFUNCS

DIRECTIONS = [None, *range(1, MOST_DIRECTIONS + 1)]
LEVEL = 1

#: Ordinary numbers, and those at which partials are infinite, zero or not defined.
VALUES = [1.5, -0.75, 0.3, 2.0, 1.0, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, 5e-324]
TANGENTS = [1.0, 0.0, -2.5, np.inf, np.nan, 1e300]


def tangent(first, k):
    rng = np.random.default_rng(0)
    return (first,) if k is None else (first, *rng.normal(size=k - 1))


def small(value, few, k):
    return make_small(np.float64(value), few, LEVEL, k)


def general(value, few, k):
    return make_dual(np.float64(value), np.float64(few[0]) if k is None else np.array(few), LEVEL, k)


def outcome(call, *args):
    """Result and warnings, or the class of the error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call(*args)
        except Exception as error:
            return type(error), None
    return result, {str(w.message).replace("scalar ", "").replace("double_", "") for w in caught}


def assert_agree(call, smalls, generals, plains):
    mine, my_warnings = outcome(call, *smalls)
    theirs, their_warnings = outcome(call, *generals)
    expected, plain_warnings = outcome(call, *plains)
    if isinstance(expected, type):
        assert mine is theirs is expected
        return
    if isinstance(theirs, type):
        assert mine is theirs
        assert issubclass(mine, TypeError)
        return
    assert my_warnings == their_warnings == plain_warnings
    for m, t, e in zip(*(r if isinstance(r, tuple) else (r,) for r in (mine, theirs, expected)), strict=True):
        if isinstance(t, Dual):
            assert isinstance(m, Dual)
            assert m._k == t._k
            assert m._level == t._level
            e = np.asarray(e)[()]  # of Python's own numbers too
            assert type(m.value) is type(t.value) is type(e)
            # Bit for bit, signs of zeros and all.
            assert bits(m.value) == bits(t.value) == bits(e)
            assert m.tangent.dtype == t.tangent.dtype
            assert m.tangent.shape == t.tangent.shape
            np.testing.assert_allclose(m.tangent, t.tangent, rtol=1e-15)
        else:
            assert type(m) is type(t)
            np.testing.assert_array_equal(m, t)
            np.testing.assert_array_equal(m, e)


OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv, divmod,
    operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
]  # fmt: skip
UNARY = [ufunc for ufunc in UFUNCS if ufunc.nin == 1]
BINARY = [ufunc for ufunc in UFUNCS if ufunc.nin == 2]
OTHER = [operator.neg, operator.pos, operator.abs, round, lambda x: round(x, 1), bool, lambda x: f"{x:.3f}", lambda x: x.real,
         lambda x: x.conjugate(), lambda x: x.item(), lambda x: x.sum(), lambda x: x.astype(np.float32), lambda x: x.imag,
         lambda x: x.astype(complex), lambda x: np.clip(x, -1, 1), lambda x: x.reshape(1)[0], lambda x: x.copy()]  # fmt: skip


def name(f):
    return getattr(f, "__name__", str(f))


def test_getting_one():
    for k in DIRECTIONS:
        x = Dual([1.0, 2.0], np.ones((2,) if k is None else (k, 2)))
        for s in (x[0], next(iter(x)), *x, x.item(1), x.flat[0]):
            assert isinstance(s, SmallDual)
            assert type(s) is type(x[1])
    for x in (
        Dual([1.0], np.ones((9, 1))),
        Dual(np.float32([1]), [1.0]),
        Dual([1j], [1.0]),
        Dual([1.0], np.ones((0, 1))),
    ):
        assert type(x[0]) is DualScalar
    outer = Dual(Dual([1.0], [1.0]), [1.0])
    assert type(outer[0]) is DualScalar
    assert isinstance(outer[0].value, SmallDual)


@pytest.mark.parametrize("ufunc", UNARY, ids=name)
def test_unary_ufuncs(ufunc):
    for k, value in itertools.product(DIRECTIONS, VALUES):
        for first in TANGENTS if k in (None, 2) else TANGENTS[:2]:
            few = tangent(first, k)
            assert_agree(ufunc, [small(value, few, k)], [general(value, few, k)], [np.float64(value)])


@pytest.mark.parametrize("call", OTHER, ids=range(len(OTHER)))
def test_other_operations(call):
    for k, value in itertools.product(DIRECTIONS, VALUES):
        few = tangent(1.0, k)
        assert_agree(call, [small(value, few, k)], [general(value, few, k)], [np.float64(value)])


@pytest.mark.parametrize("op", OPERATORS + BINARY, ids=name)
def test_two_duals(op):
    for k in (None, 1, 3, 8):
        pairs = itertools.product(VALUES, VALUES) if k in (None, 3) else itertools.product(VALUES[:3], VALUES[:3])
        for (a, b), (s, t) in zip(pairs, itertools.cycle(itertools.product(TANGENTS, TANGENTS[:4])), strict=False):
            few = tangent(s, k), tangent(t, k)
            assert_agree(
                op,
                [small(a, few[0], k), small(b, few[1], k)],
                [general(a, few[0], k), general(b, few[1], k)],
                [np.float64(a), np.float64(b)],
            )


CONSTANTS = [
    2, 0, -1, 3, 10**18, True, False, 2.0, 0.5, 0.0, -0.0, -1.5, np.inf, np.nan, np.float64(2.5), np.float32(1.5), np.int64(3),
    np.int8(2), np.bool(True), np.longdouble(2), np.float16(2), 1j, np.complex64(1 + 1j), np.array(2.0), np.array([1.0, 2.0]),
    np.array([[1, 2]]), [1.0, 2.0], np.float32([1, 2]), np.array([], float),
]  # fmt: skip


def bits(x):
    """Bytes of a value; those of a long double are in part padding, which may hold anything."""
    x = np.asarray(x)
    return x.tobytes() if x.dtype.char not in "gG" else repr(x.tolist())


def _keeps_float32(op, constant):
    """Whether this is the operator ** that NumPy 2.1 computes in float32 where its ufunc takes float64, for a float64 exponent."""
    old = np.lib.NumpyVersion(np.__version__) < "2.2.0"
    return old and op is operator.pow and getattr(constant, "dtype", None) == np.float32


@pytest.mark.parametrize("op", OPERATORS + BINARY, ids=name)
def test_with_constants(op):
    for k in (None, 1, 3, 8):
        for value, constant in itertools.product(VALUES[:6] if k in (None, 3) else VALUES[:2], CONSTANTS):
            if _keeps_float32(op, constant):
                continue
            few = tangent(1.0, k)
            x, y, plain = small(value, few, k), general(value, few, k), np.float64(value)
            if not isinstance(constant, list):  # which NumPy's scalars repeat
                assert_agree(op, [x, constant], [y, constant], [plain, constant])
                assert_agree(op, [constant, x], [constant, y], [constant, plain])
            else:
                as_array = np.array(constant)
                assert_agree(op, [x, constant], [y, constant], [plain, as_array])


@pytest.mark.parametrize("op", OPERATORS, ids=name)
def test_with_other_kinds_of_number(op):
    """Refused, or as NumPy's float64 computes with them; but never something else."""
    for k, other in itertools.product(
        (None, 3), (fractions.Fraction(1, 3), decimal.Decimal("1.5"), None, "a", 10**400, object())
    ):
        x, y, plain = small(1.5, tangent(1.0, k), k), general(1.5, tangent(1.0, k), k), np.float64(1.5)
        for order in (1, -1):
            mine, _ = outcome(op, *(x, other)[::order])
            theirs, _ = outcome(op, *(y, other)[::order])
            expected, _ = outcome(op, *(plain, other)[::order])
            if isinstance(mine, type):
                # Fractions ask a real number for its float; the small form is one by its class.
                assert issubclass(mine, theirs)
                assert issubclass(theirs, TypeError | OverflowError)
            elif isinstance(mine, Dual):
                assert mine.value == theirs.value == expected
                np.testing.assert_array_equal(mine.tangent, theirs.tangent)
                assert np.ravel(mine.tangent)[0] != 0
            else:
                assert mine == theirs == expected


def test_of_different_levels_and_forms():
    for k in DIRECTIONS:
        few = tangent(1.0, k)
        low, wide = small(1.5, few, k), Dual(np.float32(2.0), few[0] if k is None else few)
        high = Dual(0.5, 1.0) if k else Dual(Dual(0.5, 0.0), 1.0)
        high = make_dual(np.float64(0.5), np.float64(1.0), 2, None)
        tiny = make_small(np.float64(0.5), (1.0,), 2, None)
        for op in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, np.arctan2, np.hypot):
            for a, b in itertools.permutations((low, tiny), 2):
                mine = op(a, b)
                theirs = op(*(high if z is tiny else z for z in (a, b)))
                for result in (mine, theirs):
                    assert result._level == 2
                    assert result.value._level == 1
                for m, t in ((mine.value, theirs.value), (mine.tangent, theirs.tangent)):
                    np.testing.assert_array_equal(primal(m), primal(t))
                    if (op is not operator.add and op is not operator.sub) or m is mine.value:
                        np.testing.assert_allclose(m.tangent, t.tangent, rtol=1e-15)
            mixed = op(low, wide)
            expected = op(general(1.5, few, k), wide)
            assert mixed.dtype == expected.dtype == np.float64
            np.testing.assert_array_equal(mixed.tangent, expected.tangent)


def test_numbers_of_directions_must_agree():
    for a, b in itertools.permutations([None, 1, 2, 8], 2):
        for op in (operator.add, operator.mul, operator.pow, np.arctan2):
            with pytest.raises(ShapeError):
                op(small(1.0, tangent(1.0, a), a), small(1.0, tangent(1.0, b), b))


def test_zero_direction_times_infinite_partial():
    for k in (2, 8):
        few = (0.0, 1.0, *[0.0] * (k - 2))
        x = small(0.0, few, k)
        for call in (
            np.sqrt,
            np.cbrt,
            np.log,
            lambda x: x**0.5,
            lambda x: 1 / x,
            lambda x: x / 0,
            lambda x: x * np.inf,
            np.reciprocal,
        ):
            with np.errstate(all="ignore"):
                result = call(x)
            assert result.tangent[0] == 0
            assert not np.isfinite(result.tangent[1])
            assert (result.tangent[2:] == 0).all()


def test_division_by_pythons_zero():
    """NumPy's numbers give infinity, where Python's would raise."""
    for k in DIRECTIONS:
        for x in (
            small(2.0, tangent(1.0, k), k),
            general(2.0, tangent(1.0, k), k),
            Dual([2.0], np.ones((1,) if k is None else (k, 1))),
        ):
            for zero in (0, 0.0, False):
                with pytest.warns(RuntimeWarning, match="divide by zero"):
                    y = x / zero
                assert y.value == np.inf
                assert np.ravel(y.tangent)[0] == np.inf


def test_results_stay_small():
    x, y = small(1.5, (1.0, 2.0, 3.0), 3), small(2.5, (1.0, 0.0, 0.0), 3)
    for z in (x + y, x - y, x * y, x / y, x**y, x + 1, 2.0 * x, x**2, 1 - x, 2**x, x / 3, np.sin(x), np.exp(x), -x, +x,
              np.sqrt(x), np.hypot(x, y), np.multiply(x, 2), np.float64(2) * x, x * np.float64(2), x % 2.0):  # fmt: skip
        assert isinstance(z, SmallDual)
        assert type(z.value) is np.float64
        assert all(type(t) is float for t in z._few)


def test_refuses_what_loses_derivatives():
    for k in DIRECTIONS:
        x = small(1.5, tangent(1.0, k), k)
        for call in (
            float,
            int,
            complex,
            np.float64,
            lambda x: np.zeros(1).__setitem__(0, x),
            lambda x: np.array([x], float),
        ):
            with pytest.raises(DerivativeLostError):
                call(x)
        with pytest.raises(DualnumError):
            x.tobytes()
        with pytest.raises(AttributeError):
            x.nonsense  # noqa: B018
        with pytest.raises(AttributeError):
            x.value = 3.0
        with pytest.raises(TypeError):
            x[0]


def test_the_source_of_operators_is_that_of_the_rows(monkeypatch):
    """A changed row changes the operators that are written out for a number of directions not seen before."""
    from dualnum import small as module

    row = TABLE[np.divide]
    wrong = Elementwise(function=np.divide, partials=(lambda out, x, y: 7.0, lambda out, x, y: -9.0))
    monkeypatch.setitem(TABLE, np.divide, wrong)
    monkeypatch.setattr(module, "_classes", {})
    x = make_small(np.float64(1.0), (1.0, 0.0), LEVEL, 2)
    y = make_small(np.float64(2.0), (0.0, 1.0), LEVEL, 2)
    assert (x / y).tangent.tolist() == [7.0, -9.0]
    assert (x / 4).tangent.tolist() == [7.0, 0.0]
    assert (4 / y).tangent.tolist() == [0.0, -9.0]
    monkeypatch.undo()
    assert TABLE[np.divide] is row


def test_long_computations_agree():
    """A random program on scalars, with few directions and with many."""
    rng = np.random.default_rng(3)

    def f(v):
        v = list(v)
        draw = np.random.default_rng(4)
        for _ in range(200):
            i, j = draw.integers(len(v), size=2)
            v[i] = [
                lambda a, b: a * b + 1, lambda a, b: a - b / 3, lambda a, b: np.sin(a) + b, lambda a, b: a / (2 + b * b),
                lambda a, b: np.exp(-a * a), lambda a, b: np.hypot(a, b), lambda a, b: 2 ** np.tanh(a), lambda a, b: (a * a + 1) ** 0.5,
                lambda a, b: np.arctan2(a, b), lambda a, b: -a if a > b else +b, lambda a, b: (1 + a * a) ** (b / (1 + b * b)),
            ][draw.integers(11)](v[i], v[j])  # fmt: skip
        return v

    x = rng.normal(size=8)
    few = jacobian(f)(x)  # pushes 8 directions at once
    many = jacobian(lambda v: f(v[:8]))(np.concatenate([x, np.zeros(5)]))[:, :8]
    one = jacobian(f, chunk=1)(x)
    three = jacobian(f, chunk=3)(x)
    for other in (many, one, three):
        np.testing.assert_allclose(other, few, rtol=1e-12, atol=1e-14)
    assert np.abs(few).max() > 1e-3
