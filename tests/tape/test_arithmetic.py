"""The short ways of operators: the same is recorded as by the long ones, and nothing is overwritten that somebody else holds."""

import operator

import numpy as np
import pytest
from scipy import special

from dualnum import Tape, grad, jvp, vjp
from dualnum.errors import InputError

RNG = np.random.default_rng(7)
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("shapes", [((3,), (3,)), ((3,), (2, 3)), ((2, 1), (3,)), ((), (3,)), ((), ())])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_operators_of_variables_and_constants(op, shapes, dtype):
    x, y = (dtype(1) * RNG.uniform(0.5, 2.0, shape).astype(dtype) for shape in shapes)
    one = [lambda x: op(x, y), lambda x: op(y, x), lambda x: op(x, 2), lambda x: op(2.5, x), lambda x: op(x, x)]
    for f in one:
        seed = RNG.standard_normal(f(x).shape).astype(dtype)
        direction = RNG.standard_normal(x.shape).astype(dtype)
        value, pull = vjp(f, x)
        (x_bar,) = pull(seed)
        assert value.dtype == f(x).dtype
        np.testing.assert_array_equal(value, f(x))
        assert (x_bar.shape, x_bar.dtype) == (x.shape, x.dtype)
        forward = np.sum(seed * jvp(f, (x,), (direction,))[1], dtype=np.float64)
        scale = np.sum(np.abs(x_bar * direction), dtype=np.float64)
        assert abs(np.sum(x_bar * direction, dtype=np.float64) - forward) <= 50 * np.finfo(dtype).eps * (scale + 1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex64])
def test_a_bool_is_a_number(dtype):
    x = np.array([0.5, 2.0], dtype)
    for f in (lambda x: x * True, lambda x: True * x, lambda x: np.multiply(x, True)):
        (x_bar,) = vjp(f, x)[1](np.ones(2, dtype))
        assert x_bar.dtype == dtype and np.array_equal(x_bar, [1, 1])
        (x_bar,) = vjp(lambda x, f=f: vjp(f, x)[1](x)[0], x)[1](x)
        assert np.array_equal(x_bar, x)


@pytest.mark.parametrize("n", [3, 5000])
def test_cotangents_that_others_hold_are_not_overwritten(n):
    x, y, seed = RNG.uniform(0.5, 2.0, (3, n))

    def f(x, y):
        total = x + y  # both get its cotangent, and both multiply it
        return np.sin(total) * total + np.exp(x) * (y - x) + 3.0 - total

    copies = x.copy(), y.copy(), seed.copy()
    value, pull = vjp(f, x, y)
    first = pull(seed)
    kept = [bar.copy() for bar in first]
    second = pull(seed)
    sine = np.cos(x + y) * (x + y) + np.sin(x + y) - 1
    expected = seed * (sine + np.exp(x) * (y - x) - np.exp(x)), seed * (sine + np.exp(x))
    for bar, again, copy, right in zip(first, second, kept, expected, strict=True):
        np.testing.assert_array_equal(bar, copy)
        np.testing.assert_array_equal(bar, again)
        np.testing.assert_allclose(bar, right, rtol=1e-13, atol=1e-13)
    for array, copy in zip((x, y, seed), copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(value, f(x, y))


def test_adjoints_of_a_tape_stay_those_of_their_variables():
    with Tape() as tape:
        x = tape.variable(np.array([0.3, 0.7]))
        u = x * x
        v = u + 1.0
        w = v * x
        y = np.sum(w)
    tape.backward(y, retain=True)
    first = [part.adjoint for part in (x, u, v, w)]
    np.testing.assert_array_equal(first[3], [1.0, 1.0])
    np.testing.assert_array_equal(first[2], x.value)
    np.testing.assert_array_equal(first[1], x.value)
    np.testing.assert_allclose(first[0], 3 * x.value**2 + 1, rtol=1e-15)
    tape.backward(y)
    for part, adjoint in zip((x, u, v, w), first, strict=True):
        np.testing.assert_array_equal(part.adjoint, adjoint)


def test_nodes_hold_no_more_objects_than_they_need():
    with Tape() as tape:
        x = tape.variable(np.ones(3))
        results = [np.exp(x), x + x, x * 2.0, -x, np.sin(x)]
    exponential, total, double, negative, sine = (result.node for result in results)
    assert exponential.saved.__class__ is np.ndarray
    assert sine.saved is x._value
    assert (total.saved, double.saved, negative.saved) == (None, 2.0, None)
    assert total.parents == (tape.nodes[0], tape.nodes[0])
    assert all(node.shape is tape.nodes[0].shape for node in tape.nodes)


@pytest.mark.parametrize("size", [1, 255, 256, 1000])
@pytest.mark.parametrize(("function", "slope"), [(np.sin, np.cos), (np.cos, lambda x: -np.sin(x))])
def test_slopes_of_few_and_of_many_elements_are_those_of_one_row(function, slope, size):
    x = np.linspace(-4.0, 4.0, size)
    np.testing.assert_allclose(grad(lambda x: np.sum(function(x)))(x), slope(x), rtol=4e-15, atol=1e-300)


@pytest.mark.parametrize("use", [lambda x: x + x, lambda x: 2 * x, np.sin, operator.neg, lambda x: x[0], np.sum])
def test_a_tape_that_has_ended_takes_nothing_more(use):
    with Tape() as tape:
        x = tape.variable(np.ones(3))
    with pytest.raises(InputError, match="tape had ended"):
        use(x)
    assert len(tape) == 1


def test_squares_of_variables_of_an_outer_tape():
    third = grad(grad(grad(lambda x: x**2 * x + 1 / x - 2 * x)))
    np.testing.assert_allclose(third(0.5), 6 - 6 / 0.5**4, rtol=1e-14)


@pytest.mark.parametrize("active", [(0, 2), (1, 2), (0, 1), (0, 1, 2)])
def test_any_arguments_of_three_where_one_has_the_partial_1(active):
    """The mean of a normal distribution, of which a quantile is given: that is added."""
    args = [np.array([0.3, 0.7]), np.array([1.5, 2.0]), np.array([0.1, 0.2])]
    found = grad(lambda *args: np.sum(special.nrdtrimn(*args)), active)(*args)
    for i, bar in zip(active, found, strict=True):
        directions = [np.ones(2) if j == i else np.zeros(2) for j in range(3)]
        np.testing.assert_allclose(bar, jvp(special.nrdtrimn, args, directions)[1], rtol=1e-14)
