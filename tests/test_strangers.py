"""Duals beside types of other libraries, subclasses of ndarray, and containers."""

import collections
import operator
import warnings

import numpy as np
import pytest

from dualnum import Dual, DualnumError, InputError, NoRuleError
from tests.core_checks import assert_same, dual


class Friend:
    """Has an ``__array_ufunc__`` of its own, as units and labelled arrays have; holds a Dual."""

    def __init__(self, held):
        self.held = held

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Friend(getattr(ufunc, method)(*(x.held if isinstance(x, Friend) else x for x in inputs), **kwargs))

    def __radd__(self, other):
        return Friend(other + self.held)

    __rmul__ = __rsub__ = __rmatmul__ = __rfloordiv__ = __rtruediv__ = __rpow__ = __rmod__ = lambda self, other: (
        "reflected"
    )
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
    for op in (
        operator.mul,
        operator.sub,
        operator.truediv,
        operator.pow,
        operator.mod,
        operator.matmul,
        operator.floordiv,
    ):
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
        if not isinstance(
            container, collections.UserList
        ):  # whose own operator hands the product on element by element
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


class Quantity(np.ndarray):
    """Treats others as the quantities of astropy do: whatever has a value is taken for that value."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        try:
            for x in inputs:
                getattr(x, "unit", None)
            values = [x.view(np.ndarray) if isinstance(x, Quantity) else getattr(x, "value", x) for x in inputs]
            return getattr(ufunc, method)(*values, **kwargs)
        except (TypeError, ValueError, AttributeError):
            return NotImplemented


def test_quantities_do_not_take_the_value():
    length = np.array([1.0, 2.0, 4.0]).view(Quantity)
    for x in (dual(), dual()[0], Dual(2.0, 1.0), Dual(2.0, np.ones(20))):
        for op in (operator.mul, operator.truediv, operator.add, np.multiply, np.arctan2, np.multiply.outer):
            with pytest.raises(DualnumError, match="quantity"):
                op(length, x)
            with pytest.raises(DualnumError, match="quantity|all returned NotImplemented"):
                op(x, length)


class Symbol:
    """Something that NumPy can multiply, but is no number."""

    def __mul__(self, other):
        return "product"

    __rmul__ = __mul__


def test_array_functions_of_strangers_are_refused():
    for x in (dual(), dual()[0], Dual(2.0, 1.0)):
        for function in (np.dot, np.inner, np.kron):
            for args in ((x, Symbol()), (Symbol(), x)):
                with pytest.raises((DualnumError, TypeError)):
                    function(*args)


def test_what_has_no_rule():
    x = dual()
    with pytest.raises(NoRuleError, match="no derivative rule"):
        np.frompyfunc(lambda a: a, 1, 1)(x)
    with pytest.raises(NoRuleError, match="savez"):
        np.savez("nowhere", x)
