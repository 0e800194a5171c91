"""Scalars with one direction alone beside arrays: the same numbers as the general way gives."""

import operator
import pickle
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import dualnum
from dualnum import DerivativeLostError, Dual, NoRuleError, hessian, jacobian, jvp
from dualnum.dispatch import OBSERVER
from dualnum.dual_array import DualScalar
from dualnum.dual_operands import LONELY, make_dual
from dualnum.small import MOST_DIRECTIONS
from dualnum.table import TABLE, Elementwise
from tests.core_checks import UFUNCS

BINARY = [f for f in UFUNCS if isinstance(TABLE[f], Elementwise) and f.nin == 2]
SIZES = [3, MOST_DIRECTIONS + 3]
T = np.array([0.3, 0.5, 0.9, 1.7, 1.2])
#: Where partials are infinite or not defined.
HARD = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 5e-324])


def point(n):
    return np.random.default_rng(7).uniform(0.2, 1.8, n)


def densely(f, x):
    """The Jacobian with elements that have all directions."""

    def of_elements(x):
        return f([make_dual(e._value, np.array(e._tangent), e._level, e._k) for e in x])

    def alone(x):
        lonely = LONELY.copy()
        LONELY.clear()
        try:
            return of_elements(x)
        finally:
            LONELY.update(lonely)

    return jacobian(alone)(x)


def agree(f, x):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        found, expected = jacobian(f)(x), densely(f, x)
    # where a partial is nan, the general way has nan in directions that are zero
    zero = np.isnan(expected) & (found == 0)
    np.testing.assert_allclose(found, np.where(zero, 0, expected), rtol=3e-16, atol=0)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("ufunc", BINARY)
def test_any_function_of_two_arguments(ufunc, n):
    def active(x):
        return x[0] * T

    uses = [
        lambda x: ufunc(x[1], T),
        lambda x: ufunc(T, x[1]),
        lambda x: ufunc(x[1], active(x)),
        lambda x: ufunc(active(x), x[2]),
        lambda x: ufunc(active(x), -x[2] * -2.5),
    ]
    for use in uses:
        try:
            agree(use, point(n))
        except (NoRuleError, TypeError) as error:
            with pytest.raises(type(error)):
                densely(use, point(n))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
@pytest.mark.parametrize("element", [0.0, 1.0, np.inf, -2.0, 1e300])
def test_operators_where_partials_are_not_finite(op, element, n):
    x = point(n)
    x[1] = element
    for use in (lambda x: op(x[1], HARD), lambda x: op(HARD, x[1])):
        agree(use, x)
    agree(lambda x: op(HARD * x[0], x[1]), x)
    agree(lambda x: op(x[1], HARD * x[0]), x)


def test_warnings_are_those_of_the_values():
    def f(x):
        return x[3] * np.array([1e300, 1.0]) * (x[0] * np.array([1e300, 1.0]))

    with pytest.warns(RuntimeWarning, match="overflow") as caught:
        jacobian(f)(np.full(12, 2.0))
    assert len(caught) == 1
    # here the slope overflows, the value does not
    assert jacobian(lambda x: np.array([1e-10]) / x[3])(np.full(12, 1e-160))[0, 3] == -np.inf


@pytest.mark.parametrize("n", SIZES)
def test_arrays_with_more_axes_keep_their_order_in_memory(n):
    table = np.asfortranarray(np.arange(1.0, 7.0).reshape(2, 3))

    def f(x):
        y = x[1] * table - x[0]
        assert y.value.flags.f_contiguous
        y.T.reshape(-1)[1] = x[2]  # a view of value and tangent alike
        return y

    expected = np.zeros((2, 3, n))
    expected[..., 1], expected[..., 0] = table, -1
    expected[1, 0] = np.eye(n)[2]
    np.testing.assert_array_equal(jacobian(f)(point(n)), expected)


# Of more elements than MOST_DIRECTIONS, those of the input know that they are unit directions.

N = MOST_DIRECTIONS + 4


def first_written(x):
    x[2] = 5 * x[1]
    return x


def first_written_by_a_view(x):
    part = x[1:4]
    part *= 2
    return x


def first_given_out(x):
    x.tangent[2, 2] = 3
    return x


def first_updated(x):
    x += x[0]
    return x


@pytest.mark.parametrize("change", [first_written, first_written_by_a_view, first_given_out, first_updated])
def test_an_input_that_has_changed(change):
    slopes = jacobian(lambda x: change(x).copy())(point(N))
    for i in (2, -N + 3):
        taken = jacobian(lambda x, i=i: change(x)[i] * T)(point(N))
        np.testing.assert_array_equal(taken, T[:, None] * slopes[i])


def test_an_element_taken_before_the_input_changes():
    def f(x):
        element = x[2]
        x[2] = x[3] = x[0]
        return element * T + x[2]

    np.testing.assert_array_equal(jacobian(f)(point(N)), T[:, None] * np.eye(N)[2] + np.eye(N)[0])


def test_elements_are_scalars_like_others():
    seen = []

    def f(x):
        e, last = x[2], x[-1]
        assert isinstance(e, DualScalar)
        seen.append((float(e.value), e.tangent.tolist(), last.tangent.tolist(), repr(e), e.shape, e.dtype))
        assert e == e.value
        assert pickle.loads(pickle.dumps(e)).tangent.tolist() == e.tangent.tolist()
        with pytest.raises(DerivativeLostError):
            float(e)
        with pytest.raises(IndexError):
            x[N]
        return np.stack([e * last, np.exp(e), -e, e**2, np.sqrt(np.real(e)), abs(last)])

    x = point(N)
    found = jacobian(f)(x)
    np.testing.assert_allclose(
        found[:, [2, -1]],
        [[x[-1], x[2]], [np.exp(x[2]), 0], [-1, 0], [2 * x[2], 0], [0.5 / np.sqrt(x[2]), 0], [0, 1]],
        rtol=1e-15,
    )
    assert not np.delete(found, [2, N - 1], axis=1).any()
    unit = np.eye(N)
    assert seen[0][1:3] == (unit[2].tolist(), unit[-1].tolist())
    assert seen[0][3:] == (repr(Dual(x[2], unit[2])), (), np.dtype(float))


def test_one_derivative_inside_another():
    x = point(N)

    def f(x):
        return np.sum(x[1] * np.exp(-x[2] * T) * x[3])

    expected = hessian(f, mode="forward-over-reverse")(x)
    np.testing.assert_allclose(jacobian(jacobian(f))(x), expected, rtol=1e-13)

    def slope_of_element(x):
        inner = jvp(lambda e: np.sin(e * x[1]) * T, (x[0],), (1.0,))[1]
        return inner + jacobian(lambda y: y[4] * T)(x)[:, 4] * x[4]

    wanted = np.zeros((T.size, N))
    wanted[:, 0] = -(x[1] ** 2) * np.sin(x[0] * x[1]) * T
    wanted[:, 1] = (np.cos(x[0] * x[1]) - x[0] * x[1] * np.sin(x[0] * x[1])) * T
    wanted[:, 4] = T
    np.testing.assert_allclose(jacobian(slope_of_element)(x), wanted, rtol=1e-13)


def test_threads():
    turns = threading.Barrier(2)

    def f(x, first):
        turns.wait(20)
        if first:
            x[2] = x[0]
        turns.wait(20)
        return x[2] * T

    def slopes(first):
        return jacobian(f)(point(N), first)

    with ThreadPoolExecutor(2) as pool:
        changed, kept = pool.map(slopes, [True, False])
    np.testing.assert_array_equal(changed, T[:, None] * np.eye(N)[0])
    np.testing.assert_array_equal(kept, T[:, None] * np.eye(N)[2])


def test_the_counting_hook_sees_the_same():
    def f(x):
        return T / x[3] - x[1] * (T * x[2])

    def rows(x, change):
        seen = []
        token = OBSERVER.set(lambda row, args, out: seen.append((row.name, [np.shape(a) for a in args], out.shape)))
        try:
            jacobian(lambda x: f(change(x)))(x)
        finally:
            OBSERVER.reset(token)
        return seen

    def given_out(x):
        assert x.tangent.any()
        return x

    assert rows(point(N), lambda x: x) == rows(point(N), given_out)


def test_solvers_see_the_same_jacobian():
    def model(x):
        return x[0] * np.exp(-T * x[4]) + x[1] / (T - x[8]) ** 2

    x = point(N)
    r = dualnum.residuals(model)
    np.testing.assert_allclose(r.jac(x), jacobian(model, mode="reverse")(x), rtol=1e-13)
